//! Pictures of screens: read, compared, and written as PNG.

use std::fs::{self, File};
use std::io::{BufWriter, Cursor};
use std::path::Path;

use crate::error::{Error, Result};

/// A picture of 8 bits each of red, green and blue, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgb: Vec<u8>,
}

/// What comes of showing the same thing natively and through Paravane.
pub(crate) enum Verdict {
    /// Both showed this, byte for byte.
    Same(Picture),
    /// Of what each showed, these two are closest; so many pixels differ.
    Different {
        native: Picture,
        through: Picture,
        pixels: usize,
    },
}

/// How like each other two pictures are; of those that differ, in how many pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    Same,
    /// By one of 255 steps in very few pixels: something was rounded otherwise on the way.
    Rounded(usize),
    Different(usize),
}

impl Verdict {
    /// Compares everything shown natively with everything shown through Paravane; `None`
    /// if one of them showed nothing.
    pub(crate) fn of(native: &[Picture], through: &[Picture]) -> Option<Self> {
        let pairs = native
            .iter()
            .flat_map(|one| through.iter().map(move |two| (one, two)));
        let measured = pairs.map(|(one, two)| (one.differing_pixels(two), one, two));
        let (pixels, native, through) = measured.min_by_key(|(pixels, ..)| *pixels)?;
        Some(if pixels == 0 {
            Self::Same(native.clone())
        } else {
            Self::Different {
                native: native.clone(),
                through: through.clone(),
                pixels,
            }
        })
    }

    /// Writes the picture, or both where they differ, as PNGs called `name`.
    pub(crate) fn write_pngs(&self, folder: &Path, name: &str) -> Result<()> {
        match self {
            Self::Same(picture) => picture.write_png(&folder.join(format!("{name}.png"))),
            Self::Different {
                native, through, ..
            } => {
                native.write_png(&folder.join(format!("{name}-native.png")))?;
                through.write_png(&folder.join(format!("{name}-paravane.png")))
            }
        }
    }

    pub(crate) fn likeness(&self) -> Likeness {
        match self {
            Self::Same(_) => Likeness::Same,
            Self::Different {
                native,
                through,
                pixels,
            } if native.is_close_to(through) => Likeness::Rounded(*pixels),
            Self::Different { pixels, .. } => Likeness::Different(*pixels),
        }
    }
}

/// The fields used here of an X window dump's header (X11/XWDFile.h), by word.
mod field {
    pub(super) const HEADER_SIZE: usize = 0;
    pub(super) const VERSION: usize = 1;
    pub(super) const WIDTH: usize = 4;
    pub(super) const HEIGHT: usize = 5;
    pub(super) const BYTE_ORDER: usize = 7;
    pub(super) const BITS_PER_PIXEL: usize = 11;
    pub(super) const BYTES_PER_LINE: usize = 12;
    pub(super) const RED_MASK: usize = 14;
    pub(super) const GREEN_MASK: usize = 15;
    pub(super) const BLUE_MASK: usize = 16;
    pub(super) const COLOURS: usize = 19;
}

/// The only version there has been since X11.
const XWD_VERSION: u32 = 7;
/// An entry of the colour map between header and pixels (`XWDColor`), in bytes.
const COLOUR_SIZE: usize = 12;

impl Picture {
    /// Reads an X window dump, which is what Xvfb's frame-buffer file is.
    ///
    /// `None` if it is cut short (the server is just starting), or of a depth other
    /// than the 24-in-32 bits, least byte first, that the session asks for.
    pub(crate) fn of_xwd(bytes: &[u8]) -> Option<Self> {
        let word = |index: usize| {
            let word = bytes.get(index * 4..index * 4 + 4)?;
            Some(u32::from_be_bytes(word.try_into().ok()?))
        };
        let masks = [
            word(field::RED_MASK)?,
            word(field::GREEN_MASK)?,
            word(field::BLUE_MASK)?,
        ];
        let known = word(field::VERSION)? == XWD_VERSION
            && word(field::BYTE_ORDER)? == 0
            && word(field::BITS_PER_PIXEL)? == 32
            && masks == [0xff_0000, 0xff00, 0xff];
        if !known {
            return None;
        }
        let (width, height) = (word(field::WIDTH)?, word(field::HEIGHT)?);
        let size = |index| usize::try_from(word(index)?).ok();
        let start = size(field::HEADER_SIZE)? + size(field::COLOURS)? * COLOUR_SIZE;
        let pixels = bytes.get(start..)?;
        let line = size(field::BYTES_PER_LINE)?;
        Some(Self {
            width,
            height,
            rgb: rgb(pixels, line, width, height)?,
        })
    }

    /// Reads a PNG or a binary PPM, both of 8 bits a channel; how opaque it is, is passed over.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(Error::io("read", path))?;
        let picture = if bytes.starts_with(b"P6") {
            Self::of_ppm(&bytes)
        } else {
            Self::of_png(&bytes)
        };
        let text = || format!("{} is no PNG or PPM that is known here", path.display());
        picture.ok_or_else(|| Error::Missing(text()))
    }

    fn of_png(bytes: &[u8]) -> Option<Self> {
        let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().ok()?;
        let mut buffer = vec![0; reader.output_buffer_size()?];
        let frame = reader.next_frame(&mut buffer).ok()?;
        let pixels = buffer.get(..frame.buffer_size())?;
        let rgb = match (frame.bit_depth, frame.color_type) {
            (png::BitDepth::Eight, png::ColorType::Rgb) => pixels.to_vec(),
            (png::BitDepth::Eight, png::ColorType::Rgba) => {
                let pixels = pixels.chunks_exact(4);
                pixels
                    .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
                    .collect()
            }
            _ => return None,
        };
        let (width, height) = (frame.width, frame.height);
        Some(Self { width, height, rgb })
    }

    /// Of one whose header has no comments.
    fn of_ppm(bytes: &[u8]) -> Option<Self> {
        let mut parts = bytes.splitn(4, |byte| *byte == b'\n');
        let (magic, size) = (parts.next()?, parts.next()?);
        let (depth, rgb) = (parts.next()?, parts.next()?);
        let (width, height) = std::str::from_utf8(size).ok()?.split_once(' ')?;
        let (width, height) = (width.parse::<u32>().ok()?, height.parse::<u32>().ok()?);
        let length = u64::from(width) * u64::from(height) * 3;
        let sound = magic == b"P6" && depth == b"255" && rgb.len() as u64 == length;
        let rgb = rgb.to_vec();
        sound.then_some(Self { width, height, rgb })
    }

    /// How many pixels differ; all of them if the sizes do.
    pub(crate) fn differing_pixels(&self, other: &Self) -> usize {
        if (self.width, self.height) != (other.width, other.height) {
            return self.rgb.len() / 3;
        }
        let pairs = self.rgb.chunks_exact(3).zip(other.rgb.chunks_exact(3));
        pairs.filter(|(one, two)| one != two).count()
    }

    /// Whether at most one pixel in a thousand differs, and none by more than one step.
    fn is_close_to(&self, other: &Self) -> bool {
        let few = self.differing_pixels(other) <= self.rgb.len() / 3 / 1000;
        let mut pairs = self.rgb.iter().zip(&other.rgb);
        few && pairs.all(|(one, two)| one.abs_diff(*two) <= 1)
    }

    pub(crate) fn write_png(&self, path: &Path) -> Result<()> {
        let file = File::create(path).map_err(Error::io("create", path))?;
        let mut encoder = png::Encoder::new(BufWriter::new(file), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let written = encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.rgb))
            .map_err(std::io::Error::from);
        written.map_err(Error::io("write", path))
    }
}

fn rgb(pixels: &[u8], line: usize, width: u32, height: u32) -> Option<Vec<u8>> {
    let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    let mut rgb = Vec::with_capacity(width * height * 3);
    for row in pixels.chunks(line.max(1)).take(height) {
        for pixel in row.get(..width * 4)?.chunks_exact(4) {
            rgb.extend([pixel[2], pixel[1], pixel[0]]);
        }
    }
    (rgb.len() == width * height * 3).then_some(rgb)
}

#[cfg(test)]
mod tests {
    use super::{Likeness, Picture, Verdict};

    /// Two pixels wide, one high, with a colour map of one entry and padding in the row.
    fn dump() -> Vec<u8> {
        let words: [u32; 25] = [
            100, 7, 2, 24, 2, 1, 0, 0, 32, 0, 32, 32, 12, 4, 0xff_0000, 0xff00, 0xff, 8, 256, 1, 2,
            1, 0, 0, 0,
        ];
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.extend([0; 12]);
        bytes.extend([3, 2, 1, 0, 6, 5, 4, 0, 9, 9, 9, 9]);
        bytes
    }

    #[test]
    fn a_dump_is_read() {
        let picture = Picture::of_xwd(&dump()).expect("sound");
        let expected = Picture {
            width: 2,
            height: 1,
            rgb: vec![1, 2, 3, 4, 5, 6],
        };
        assert_eq!(picture, expected);
    }

    #[test]
    fn one_common_picture_is_enough() {
        let one = Picture {
            width: 1,
            height: 1,
            rgb: vec![1, 2, 3],
        };
        let two = Picture {
            width: 1,
            height: 1,
            rgb: vec![1, 2, 4],
        };
        let both = [one.clone(), two.clone()];
        let same = Verdict::of(&both, std::slice::from_ref(&two)).expect("both showed something");
        assert!(matches!(same, Verdict::Same(picture) if picture == two));
        let different = Verdict::of(std::slice::from_ref(&one), std::slice::from_ref(&two));
        assert!(matches!(
            different,
            Some(Verdict::Different { pixels: 1, .. })
        ));
        assert!(Verdict::of(&both, &[]).is_none());
    }

    #[test]
    fn rounding_is_told_from_a_difference() {
        let grey = |change: &[(usize, u8)]| {
            let mut rgb = vec![128; 3 * 2000];
            change.iter().for_each(|(at, value)| rgb[*at] = *value);
            let (width, height) = (2000, 1);
            Picture { width, height, rgb }
        };
        let likeness = |change: &[(usize, u8)]| {
            let verdict = Verdict::of(&[grey(&[])], &[grey(change)]);
            verdict.expect("both showed something").likeness()
        };
        assert_eq!(likeness(&[]), Likeness::Same);
        assert_eq!(likeness(&[(0, 127), (9, 129)]), Likeness::Rounded(2));
        assert_eq!(likeness(&[(0, 126)]), Likeness::Different(1));
        let three = [(0, 127), (9, 129), (18, 127)];
        assert_eq!(likeness(&three), Likeness::Different(3));
    }

    #[test]
    fn a_cut_dump_is_none() {
        let whole = dump();
        for length in 0..whole.len() - 4 {
            assert_eq!(Picture::of_xwd(&whole[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn differences_are_counted() {
        let one = Picture {
            width: 2,
            height: 1,
            rgb: vec![1, 2, 3, 4, 5, 6],
        };
        let two = Picture {
            width: 2,
            height: 1,
            rgb: vec![1, 2, 3, 4, 5, 7],
        };
        assert_eq!(one.differing_pixels(&one), 0);
        assert_eq!(one.differing_pixels(&two), 1);
        let tall = Picture {
            width: 1,
            height: 2,
            rgb: two.rgb.clone(),
        };
        assert_eq!(one.differing_pixels(&tall), 2);
    }
}
