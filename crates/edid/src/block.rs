/// Bytes of a block: the base, or an extension.
pub(crate) const BLOCK_SIZE: usize = 128;

/// A block under construction. What goes past its end is left out, and the last byte is the
/// checksum's.
pub(crate) struct Block {
    bytes: [u8; BLOCK_SIZE],
    position: usize,
}

impl Block {
    /// All zero.
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; BLOCK_SIZE],
            position: 0,
        }
    }

    /// Puts bytes behind those that are there.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> &mut Self {
        let free = self.bytes.get_mut(self.position..).unwrap_or_default();
        for (to, from) in free.iter_mut().zip(bytes) {
            *to = *from;
        }
        self.position = self.position.saturating_add(bytes.len());
        self
    }

    /// The checksum of the bytes from `start` on: with it, they add up to 0.
    pub(crate) fn checksum_from(&self, start: usize) -> u8 {
        let bytes = self.bytes.get(start..).unwrap_or_default();
        checksum(bytes)
    }

    /// Puts a byte in front of the block's own checksum.
    pub(crate) fn put_last_but_one(&mut self, byte: u8) {
        let [.., to, _] = &mut self.bytes;
        *to = byte;
    }

    /// The block with its checksum as the last byte.
    pub(crate) fn finish(mut self) -> [u8; BLOCK_SIZE] {
        if let Some((last, bytes)) = self.bytes.split_last_mut() {
            *last = checksum(bytes);
        }
        self.bytes
    }
}

fn checksum(bytes: &[u8]) -> u8 {
    let sum = bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    sum.wrapping_neg()
}
