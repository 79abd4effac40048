//! How many bytes images take when rows are packed tightly.

use crate::Format;
use crate::description::Plane;

impl Format {
    /// Planes that an image has, each with its own stride.
    pub fn plane_count(self) -> usize {
        self.description().planes.len().max(1)
    }

    /// Bytes of one row of blocks in plane `plane` of an image `width` pixels wide.
    ///
    /// None if there is no such plane, or the number does not fit.
    pub fn row_bytes(self, plane: usize, width: u32) -> Option<u32> {
        let description = self.description();
        let (blocks, bytes) = match description.planes {
            [] if plane == 0 => {
                let block = description.block;
                (width.div_ceil(block.width.into()), block.bytes)
            }
            planes => {
                let plane = planes.get(plane)?;
                (plane.blocks(width), plane.block_bytes)
            }
        };
        blocks.checked_mul(bytes.into())
    }

    /// Rows of blocks in plane `plane` of an image `height` pixels high.
    ///
    /// None if there is no such plane.
    pub fn block_rows(self, plane: usize, height: u32) -> Option<u32> {
        let description = self.description();
        match description.planes {
            [] if plane == 0 => Some(height.div_ceil(description.block.height.into())),
            planes => Some(height.div_ceil(planes.get(plane)?.height_divisor.into())),
        }
    }

    /// Slices of blocks in an image `depth` pixels deep.
    pub fn block_slices(self, depth: u32) -> u32 {
        depth.div_ceil(self.description().block.depth.into())
    }

    /// Bytes of one mip level, all planes together, with rows packed tightly. `width`,
    /// `height` and `depth` are the level's, in pixels; layers count as depth for formats
    /// whose blocks are one pixel deep.
    ///
    /// None if the number does not fit.
    pub fn level_size(self, width: u32, height: u32, depth: u32) -> Option<u64> {
        let slices = u64::from(self.block_slices(depth));
        (0..self.plane_count()).try_fold(0u64, |sum, plane| {
            let row = u64::from(self.row_bytes(plane, width)?);
            let rows = u64::from(self.block_rows(plane, height)?);
            sum.checked_add(row.checked_mul(rows)?.checked_mul(slices)?)
        })
    }

    /// Bytes from the first to the last that a level touches when rows of blocks lie
    /// `stride` bytes apart and slices `layer_stride` bytes: the last row and the last
    /// slice count only as far as they are used. 0 for an empty level.
    ///
    /// None if the number does not fit, and for planar formats, whose planes have strides
    /// of their own.
    pub fn strided_size(
        self,
        (width, height, depth): (u32, u32, u32),
        stride: u32,
        layer_stride: u64,
    ) -> Option<u64> {
        if !self.description().planes.is_empty() {
            return None;
        }
        let row = u64::from(self.row_bytes(0, width)?);
        let (rows, slices) = (self.block_rows(0, height)?, self.block_slices(depth));
        if row == 0 || rows == 0 || slices == 0 {
            return Some(0);
        }
        let rows_before = u64::from(rows.checked_sub(1)?).checked_mul(stride.into())?;
        let slices_before = u64::from(slices.checked_sub(1)?).checked_mul(layer_stride)?;
        slices_before.checked_add(rows_before)?.checked_add(row)
    }
}

impl Plane {
    /// Blocks in a row of the plane of an image `width` pixels wide.
    fn blocks(&self, width: u32) -> u32 {
        let samples = width.div_ceil(self.width_divisor.into());
        samples.div_ceil(self.block_width.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::Format;

    #[test]
    fn sizes_of_known_images() {
        let cases = [
            (Format::B8G8R8A8_UNORM, (640, 480, 1), 640 * 480 * 4),
            (Format::R8G8B8_UNORM, (3, 3, 3), 81),
            (Format::DXT1_RGB, (5, 5, 1), 4 * 8),
            (Format::DXT5_RGBA, (4, 4, 6), 6 * 16),
            (Format::BPTC_RGBA_UNORM, (1, 1, 1), 16),
            (Format::ASTC_12X12, (25, 13, 1), 3 * 2 * 16),
            (Format::ASTC_4X4X4, (8, 8, 5), 2 * 2 * 2 * 16),
            (
                Format::Y8_U8V8_420_UNORM,
                (1920, 1080, 1),
                1920 * 1080 * 3 / 2,
            ),
            (Format::Y8_V8_U8_420_UNORM, (5, 5, 1), 25 + 9 + 9),
            (Format::X6Y10_X6U10X6V10_420_UNORM, (4, 4, 1), 32 + 16),
            (Format::Y10_U10V10_420_UNORM, (8, 2, 1), 20 + 10),
            (Format::Y8U8Y8V8_422_UNORM, (6, 2, 1), 24),
            (Format::R1_UNORM, (9, 2, 1), 4),
            (Format::Z32_FLOAT_S8X24_UINT, (2, 2, 1), 32),
            (Format::R8_UNORM, (0, 7, 1), 0),
        ];
        for (format, (width, height, depth), size) in cases {
            assert_eq!(
                format.level_size(width, height, depth),
                Some(size),
                "{format}"
            );
        }
    }

    #[test]
    fn what_does_not_fit_has_no_size() {
        let wide = Format::R32G32B32A32_FLOAT;
        assert_eq!(wide.row_bytes(0, u32::MAX), None);
        assert_eq!(wide.level_size(u32::MAX, 1, 1), None);
        assert_eq!(
            Format::R8_UNORM.level_size(u32::MAX, u32::MAX, u32::MAX),
            None
        );
        let level = (1, u32::MAX, u32::MAX);
        assert_eq!(wide.strided_size(level, u32::MAX, u64::MAX), None);
        assert_eq!(wide.row_bytes(1, 4), None);
        assert_eq!(
            Format::Y8_U8V8_420_UNORM.strided_size((2, 2, 1), 2, 6),
            None
        );
    }

    proptest! {
        #[test]
        fn tight_strides_give_the_level_size(
            number in 1..=Format::LAST,
            extent in (1u32..300, 1u32..300, 1u32..20),
        ) {
            let Some(format) = Format::from_wire(number) else { return Ok(()) };
            let (width, height, depth) = extent;
            let size = format.level_size(width, height, depth).expect("small");
            prop_assert!(size > 0);
            if format.plane_count() == 1 {
                let stride = format.row_bytes(0, width).expect("small");
                let rows = format.block_rows(0, height).expect("plane 0");
                let layer = u64::from(stride) * u64::from(rows);
                prop_assert_eq!(format.strided_size(extent, stride, layer), Some(size));
            }
        }

        #[test]
        fn no_extent_panics(number: u32, extent: (u32, u32, u32), stride: u32, layer: u64) {
            for format in [Format::from_wire(number), Format::from_wire(number % 481)] {
                let Some(format) = format else { continue };
                let (width, height, depth) = extent;
                let _ = format.level_size(width, height, depth);
                let _ = format.strided_size(extent, stride, layer);
            }
        }
    }
}
