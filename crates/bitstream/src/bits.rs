/// Appends bits to bytes, the highest bit first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Bits of the last byte that are not written yet; below 8.
    free: u32,
}

impl BitWriter {
    /// No bits.
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            free: 0,
        }
    }

    /// Appends a bit.
    pub fn bit(&mut self, bit: bool) -> &mut Self {
        if self.free == 0 {
            self.bytes.push(0);
            self.free = 8;
        }
        self.free = self.free.saturating_sub(1);
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << self.free;
        }
        self
    }

    /// Appends the `width` lowest bits of a value, `u(width)` in the specifications.
    pub fn bits(&mut self, value: impl Into<u64>, width: u32) -> &mut Self {
        let value = value.into();
        for at in (0..width).rev() {
            self.bit(value.checked_shr(at).is_some_and(|value| value & 1 != 0));
        }
        self
    }

    /// Appends an unsigned Exp-Golomb code, `ue(v)` (ITU-T H.264, 9.1).
    pub fn ue(&mut self, value: impl Into<u32>) -> &mut Self {
        let code = u64::from(value.into()).saturating_add(1);
        let width = u64::BITS.saturating_sub(code.leading_zeros());
        self.bits(0u32, width.saturating_sub(1)).bits(code, width)
    }

    /// Appends a signed Exp-Golomb code, `se(v)` (ITU-T H.264, 9.1.1). The least `i32` has
    /// none and is written as its successor.
    pub fn se(&mut self, value: impl Into<i32>) -> &mut Self {
        let value = value.into();
        let twice = value.unsigned_abs().saturating_mul(2);
        self.ue(match value > 0 {
            true => twice.saturating_sub(1),
            false => twice.min(u32::MAX - 1),
        })
    }

    /// Appends bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        for byte in bytes {
            self.bits(*byte, 8);
        }
        self
    }

    /// Fills the last byte with zeros.
    pub fn align(&mut self) -> &mut Self {
        self.free = 0;
        self
    }

    /// Ends a raw byte sequence payload: a one, and zeros to the end of the byte
    /// (`rbsp_trailing_bits` in ITU-T H.264, 7.3.2.11).
    pub fn trailing_bits(&mut self) -> &mut Self {
        self.bit(true).align()
    }

    /// Hands the bytes over.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::BitWriter;

    fn written(write: impl Fn(&mut BitWriter) -> &mut BitWriter) -> Vec<u8> {
        let mut writer = BitWriter::new();
        write(&mut writer);
        writer.into_bytes()
    }

    #[test]
    fn bits_fill_bytes_from_the_top() {
        let bytes = written(|w| {
            w.bit(true).bits(0b0110u32, 4).bits(0xabcu32, 12).align();
            w.bytes(&[7])
        });
        assert_eq!(bytes, [0b1011_0101, 0b0101_1110, 0, 7]);
        assert_eq!(written(|w| w.trailing_bits()), [0x80]);
    }

    /// Tables 9-2 and 9-3 of ITU-T H.264.
    #[test]
    fn exp_golomb_codes() {
        let ue = |value: u32| written(|w| w.ue(value).trailing_bits());
        assert_eq!(ue(0), [0b1100_0000]);
        assert_eq!(ue(1), [0b0101_0000]);
        assert_eq!(ue(2), [0b0111_0000]);
        assert_eq!(ue(9), [0b0001_0101]);
        assert_eq!(ue(u32::MAX).len(), 9);
        let se = |value: i32| written(|w| w.se(value).trailing_bits());
        assert_eq!([0, 1, -1, 2, -2].map(se), [0, 1, 2, 3, 4].map(ue));
        assert_eq!(se(i32::MIN), se(i32::MIN + 1));
        assert_eq!(se(i32::MAX), ue(u32::MAX - 2));
    }
}
