use crate::{Format, ImageAspectFlags};

/// How one aspect of an image lies in linear memory ("Format Definition", "Copying Data
/// Between Buffers and Images").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TexelBlock {
    /// Bytes of a block.
    pub bytes: u32,
    /// Texels of a block: width, height, depth.
    pub extent: [u32; 3],
    pub(crate) depth_bits: u32,
    pub(crate) stencil_bits: u32,
}

impl Format {
    /// The block that a copy of one aspect is made of; none for an aspect that the format
    /// lacks, and for formats that the registry does not describe.
    pub fn block_of(self, aspect: ImageAspectFlags) -> Option<TexelBlock> {
        let planes = self.planes();
        if !planes.is_empty() {
            let index = match aspect {
                ImageAspectFlags::PLANE_0 => 0,
                ImageAspectFlags::PLANE_1 => 1,
                ImageAspectFlags::PLANE_2 => 2,
                _ => return None,
            };
            return planes.get(index)?.registered_block();
        }
        let block = self.registered_block()?;
        let color = block.depth_bits == 0 && block.stencil_bits == 0;
        match aspect {
            ImageAspectFlags::COLOR if color => Some(block),
            // 24-bit depth is copied in words of 32 bits.
            ImageAspectFlags::DEPTH if block.depth_bits == 16 => {
                Some(TexelBlock { bytes: 2, ..block })
            }
            ImageAspectFlags::DEPTH if block.depth_bits != 0 => {
                Some(TexelBlock { bytes: 4, ..block })
            }
            ImageAspectFlags::STENCIL if block.stencil_bits != 0 => {
                Some(TexelBlock { bytes: 1, ..block })
            }
            _ => None,
        }
    }
}

impl TexelBlock {
    /// Bytes from the first to past the last block of a copy: rows of `row_length` texels,
    /// slices of `image_height` rows (0 for those of `extent`). None when that overflows.
    pub fn copy_size(
        self,
        extent: [u32; 3],
        layers: u32,
        row_length: u32,
        image_height: u32,
    ) -> Option<u64> {
        let blocks = |texels: u32, at: usize| {
            u64::from(texels).div_ceil(u64::from(self.extent.get(at).copied().unwrap_or(1).max(1)))
        };
        let [width, height, depth] = extent;
        if width == 0 || height == 0 || depth == 0 || layers == 0 {
            return Some(0);
        }
        let row = blocks(if row_length == 0 { width } else { row_length }, 0);
        let rows = blocks(
            if image_height == 0 {
                height
            } else {
                image_height
            },
            1,
        );
        let slices = blocks(depth, 2).checked_mul(layers.into())?;
        let before = (slices - 1)
            .checked_mul(rows)?
            .checked_add(blocks(height, 1) - 1)?
            .checked_mul(row)?;
        before
            .checked_add(blocks(width, 0))?
            .checked_mul(self.bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_copies() {
        let rgba = Format::R8G8B8A8_UNORM
            .block_of(ImageAspectFlags::COLOR)
            .unwrap();
        assert_eq!(rgba.copy_size([4, 4, 1], 1, 0, 0), Some(64));
        assert_eq!(
            rgba.copy_size([4, 4, 1], 2, 8, 5),
            Some(((5 + 3) * 8 + 4) * 4)
        );
        let bc1 = Format::BC1_RGB_UNORM_BLOCK
            .block_of(ImageAspectFlags::COLOR)
            .unwrap();
        assert_eq!(bc1.copy_size([5, 5, 1], 1, 0, 0), Some(4 * 8));
        assert_eq!(
            rgba.copy_size([u32::MAX; 3], u32::MAX, u32::MAX, u32::MAX),
            None
        );
    }

    #[test]
    fn aspects_have_blocks_of_their_own() {
        let depth_stencil = Format::D24_UNORM_S8_UINT;
        assert_eq!(
            depth_stencil
                .block_of(ImageAspectFlags::DEPTH)
                .unwrap()
                .bytes,
            4
        );
        assert_eq!(
            depth_stencil
                .block_of(ImageAspectFlags::STENCIL)
                .unwrap()
                .bytes,
            1
        );
        assert_eq!(depth_stencil.block_of(ImageAspectFlags::COLOR), None);
        let planar = Format::G8_B8R8_2PLANE_420_UNORM;
        assert_eq!(planar.block_of(ImageAspectFlags::PLANE_1).unwrap().bytes, 2);
        assert_eq!(planar.block_of(ImageAspectFlags::PLANE_2), None);
    }
}
