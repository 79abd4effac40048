use crate::enums as gl;

/// How pixels lie in memory: a format and a type of GL, of which it is known how many bytes
/// a pixel takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PixelFormat {
    format: u32,
    kind: u32,
    bytes: u32,
}

impl PixelFormat {
    /// Pixels of `format` (`GL_RGBA`) and `kind` (`GL_UNSIGNED_BYTE`). None if the pair has
    /// no size.
    pub const fn new(format: u32, kind: u32) -> Option<Self> {
        match bytes(format, kind) {
            Some(bytes) => Some(Self {
                format,
                kind,
                bytes,
            }),
            None => None,
        }
    }

    /// The format.
    pub const fn format(self) -> u32 {
        self.format
    }

    /// The type.
    pub const fn kind(self) -> u32 {
        self.kind
    }

    /// Bytes of a pixel.
    pub const fn bytes(self) -> u32 {
        self.bytes
    }

    /// Bytes of an image without gaps. None if the number does not fit.
    pub fn image_bytes(self, width: u32, height: u32, depth: u32) -> Option<u64> {
        let pixels = u64::from(width)
            .checked_mul(height.into())?
            .checked_mul(depth.into())?;
        pixels.checked_mul(self.bytes.into())
    }
}

/// The sizes of "Pixel Transfer Operations" in the OpenGL specification, tables 8.2 to 8.5.
const fn bytes(format: u32, kind: u32) -> Option<u32> {
    let packed = match kind {
        gl::UNSIGNED_BYTE_3_3_2 | gl::UNSIGNED_BYTE_2_3_3_REV => 1,
        gl::UNSIGNED_SHORT_5_6_5
        | gl::UNSIGNED_SHORT_5_6_5_REV
        | gl::UNSIGNED_SHORT_4_4_4_4
        | gl::UNSIGNED_SHORT_4_4_4_4_REV
        | gl::UNSIGNED_SHORT_5_5_5_1
        | gl::UNSIGNED_SHORT_1_5_5_5_REV => 2,
        gl::UNSIGNED_INT_8_8_8_8
        | gl::UNSIGNED_INT_8_8_8_8_REV
        | gl::UNSIGNED_INT_10_10_10_2
        | gl::UNSIGNED_INT_2_10_10_10_REV
        | gl::INT_2_10_10_10_REV
        | gl::UNSIGNED_INT_24_8
        | gl::UNSIGNED_INT_10F_11F_11F_REV
        | gl::UNSIGNED_INT_5_9_9_9_REV => 4,
        gl::FLOAT_32_UNSIGNED_INT_24_8_REV => 8,
        _ => 0,
    };
    if packed != 0 {
        return Some(packed);
    }
    let channel = match kind {
        gl::BYTE | gl::UNSIGNED_BYTE => 1,
        gl::SHORT | gl::UNSIGNED_SHORT | gl::HALF_FLOAT => 2,
        gl::INT | gl::UNSIGNED_INT | gl::FLOAT => 4,
        _ => return None,
    };
    let channels = match format {
        gl::RED
        | gl::GREEN
        | gl::BLUE
        | gl::ALPHA
        | gl::LUMINANCE
        | gl::RED_INTEGER
        | gl::GREEN_INTEGER
        | gl::BLUE_INTEGER
        | gl::DEPTH_COMPONENT
        | gl::STENCIL_INDEX => 1,
        gl::RG | gl::RG_INTEGER | gl::LUMINANCE_ALPHA => 2,
        gl::RGB | gl::BGR | gl::RGB_INTEGER | gl::BGR_INTEGER => 3,
        gl::RGBA | gl::BGRA | gl::RGBA_INTEGER | gl::BGRA_INTEGER => 4,
        _ => return None,
    };
    Some(channels * channel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let size = |format, kind| PixelFormat::new(format, kind).map(PixelFormat::bytes);
        assert_eq!(size(gl::RGBA, gl::UNSIGNED_BYTE), Some(4));
        assert_eq!(size(gl::RGB, gl::HALF_FLOAT), Some(6));
        assert_eq!(size(gl::RGB, gl::UNSIGNED_SHORT_5_6_5), Some(2));
        assert_eq!(size(gl::DEPTH_STENCIL, gl::UNSIGNED_INT_24_8), Some(4));
        assert_eq!(size(gl::DEPTH_STENCIL, gl::UNSIGNED_BYTE), None);
        assert_eq!(size(gl::RGBA, gl::RGBA), None);
    }

    #[test]
    fn an_image_too_large_to_count_has_no_size() {
        let rgba = PixelFormat::new(gl::RGBA, gl::FLOAT).unwrap();
        assert_eq!(rgba.image_bytes(3, 5, 2), Some(480));
        assert_eq!(rgba.image_bytes(u32::MAX, u32::MAX, u32::MAX), None);
    }
}
