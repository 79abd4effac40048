use wire::Writer;

/// `sizeof(struct virgl_renderer_capset_venus)`, bytes.
pub const CAPSET_SIZE: usize = 40 * 4;

/// What the guest's driver is told before it makes a context
/// (`virgl_renderer_capset_venus` in virglrenderer's `src/venus_hw.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capset {
    /// `VK_HEADER_VERSION` packed as a Vulkan version.
    pub vk_xml_version: u32,
    /// `VK_EXT_command_serialization`'s revision.
    pub command_serialization_version: u32,
    /// `VK_MESA_venus_protocol`'s revision.
    pub venus_protocol_version: u32,
    /// Blob id 0 makes plain shared memory.
    pub blob_id_0: bool,
    /// Extensions of the protocol: bit N is extension number N; bit 0 says that the mask counts.
    pub extension_mask: [u32; 32],
    /// Blocking waits may be sent: each ring has a thread of its own.
    pub allow_wait_syncs: bool,
    /// Each queue may have its own timeline.
    pub multiple_timelines: bool,
    /// The guest must allocate blobs from its own memory.
    pub guest_vram: bool,
}

impl Capset {
    /// The wire format that this crate speaks.
    pub const WIRE_FORMAT_VERSION: u32 = 1;

    /// Makes the mask from extension numbers; numbers past 1023 have no bit.
    pub fn mask(numbers: impl IntoIterator<Item = u32>) -> [u32; 32] {
        let mut mask = [0; 32];
        for number in std::iter::once(0).chain(numbers) {
            if let Some(word) = mask.get_mut(number as usize / 32) {
                *word |= 1 << (number % 32);
            }
        }
        mask
    }

    /// Its bytes, [`CAPSET_SIZE`] of them.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(CAPSET_SIZE);
        writer
            .u32(Self::WIRE_FORMAT_VERSION)
            .u32(self.vk_xml_version)
            .u32(self.command_serialization_version)
            .u32(self.venus_protocol_version)
            .u32(self.blob_id_0.into());
        for word in self.extension_mask {
            writer.u32(word);
        }
        writer
            .u32(self.allow_wait_syncs.into())
            .u32(self.multiple_timelines.into())
            .u32(self.guest_vram.into());
        writer.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_is_that_of_the_header() {
        let capset = Capset {
            vk_xml_version: 7,
            command_serialization_version: 8,
            venus_protocol_version: 9,
            blob_id_0: true,
            extension_mask: Capset::mask([1, 385, 1023, 5000]),
            allow_wait_syncs: true,
            multiple_timelines: true,
            guest_vram: false,
        };
        let bytes = capset.to_bytes();
        assert_eq!(bytes.len(), CAPSET_SIZE);
        let word = |at: usize| u32::from_le_bytes(bytes[at * 4..at * 4 + 4].try_into().unwrap());
        assert_eq!(
            [word(0), word(1), word(2), word(3), word(4)],
            [1, 7, 8, 9, 1]
        );
        assert_eq!(
            [word(5), word(5 + 385 / 32), word(5 + 31)],
            [3, 1 << (385 % 32), 1 << 31]
        );
        assert_eq!([word(37), word(38), word(39)], [1, 1, 0]);
    }
}
