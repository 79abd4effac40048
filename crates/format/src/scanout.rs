//! The formats that a screen can show.

use crate::Format;

impl Format {
    /// What virtio's GPU shows, and makes 2D resources of (`enum virtio_gpu_formats`, virtio 1.4,
    /// 5.7.6.8): four bytes a pixel, one a channel.
    pub const SCANOUT: [Self; 8] = [
        Self::B8G8R8A8_UNORM,
        Self::B8G8R8X8_UNORM,
        Self::A8R8G8B8_UNORM,
        Self::X8R8G8B8_UNORM,
        Self::R8G8B8A8_UNORM,
        Self::X8B8G8R8_UNORM,
        Self::A8B8G8R8_UNORM,
        Self::R8G8B8X8_UNORM,
    ];

    /// Where a pixel's channels lie, if the format is one that a screen can show.
    pub fn scanout_pixel(self) -> Option<ScanoutPixel> {
        if !Self::SCANOUT.contains(&self) {
            return None;
        }
        let [red, green, blue, alpha] = self.description().swizzle.map(|it| it.channel());
        Some(ScanoutPixel {
            red: red?,
            green: green?,
            blue: blue?,
            alpha,
        })
    }
}

/// Which of a pixel's four bytes is which channel, from the lowest address up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScanoutPixel {
    /// From 0 to 3.
    pub red: usize,
    /// From 0 to 3.
    pub green: usize,
    /// From 0 to 3.
    pub blue: usize,
    /// From 0 to 3; none if the fourth byte means nothing.
    pub alpha: Option<usize>,
}

impl ScanoutPixel {
    /// Bytes of a pixel.
    pub const BYTES: u32 = 4;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name says which channel is the byte at the lowest address.
    #[test]
    fn bytes_lie_as_the_name_says() {
        for format in Format::SCANOUT {
            let pixel = format.scanout_pixel().expect("a scan-out format");
            let order: Vec<char> = format
                .name()
                .chars()
                .filter(|c| "ARGBX".contains(*c))
                .collect();
            let at = |channel| order.iter().position(|c| *c == channel);
            assert_eq!(at('R'), Some(pixel.red), "{format}");
            assert_eq!(at('G'), Some(pixel.green), "{format}");
            assert_eq!(at('B'), Some(pixel.blue), "{format}");
            assert_eq!(at('A'), pixel.alpha, "{format}");
        }
    }

    #[test]
    fn numbers_are_those_of_virtio() {
        let numbers = Format::SCANOUT.map(Format::to_wire);
        assert_eq!(numbers, [1, 2, 3, 4, 67, 68, 121, 134]);
        assert_eq!(Format::R8G8B8_UNORM.scanout_pixel(), None);
        assert_eq!(Format::B8G8R8A8_SRGB.scanout_pixel(), None);
    }
}
