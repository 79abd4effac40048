//! How texels lie in memory.

use crate::texture::{Box3, Texels, extent};
use crate::{Current, Error, Texture, enums as gl};

/// How rows and layers of texels follow each other in memory, in the words of GL's pixel store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pitch {
    /// Texels from row to row; 0 is no gap.
    row_length: i32,
    /// Rows from layer to layer; 0 is no gap.
    image_height: i32,
}

/// In bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strides {
    pub(crate) row: u64,
    pub(crate) layer: u64,
    /// From the first texel to the last.
    pub(crate) all: u64,
}

impl Pitch {
    /// No gaps.
    pub const TIGHT: Self = Self {
        row_length: 0,
        image_height: 0,
    };
}

impl Texture {
    /// Of a part of the texture whose rows are `row` bytes apart, and its layers `layer` bytes.
    /// None if GL has no words for that: rows apart by no whole number of texels, layers by no
    /// whole number of rows, blocks; nor if it is more than GL's numbers count.
    pub fn pitch(&self, region: &Box3, row: u64, layer: u64) -> Option<Pitch> {
        let target = self.desc().target;
        let [width, height, depth] = extent(target, region.size).ok()?;
        let Texels::Pixels(pixel) = self.desc().texels else {
            return None;
        };
        // Lines of an array are apart as layers are, and so are layers of one row each.
        let is_lines = target == gl::TEXTURE_1D_ARRAY || height <= 1;
        let row = if is_lines { layer } else { row };
        let row_length = match (height, depth) {
            (..=1, ..=1) => width,
            _ => whole(row, pixel.bytes().into())?,
        };
        let image_height = match depth {
            ..=1 => height,
            _ => whole(layer, row)?,
        };
        let pitch = Pitch {
            row_length: gap(row_length, width)?,
            image_height: gap(image_height, height)?,
        };
        // Drivers count bytes in as many bits.
        let all = self.strides(region, pitch)?.all;
        i32::try_from(all).is_ok().then_some(pitch)
    }

    /// None if the numbers do not fit.
    pub(crate) fn strides(&self, region: &Box3, pitch: Pitch) -> Option<Strides> {
        let tight = region.bytes(self.desc().texels)?;
        let Texels::Pixels(pixel) = self.desc().texels else {
            return (pitch == Pitch::TIGHT).then_some(Strides {
                row: 0,
                layer: tight.checked_div(region.size[2].into()).unwrap_or(0),
                all: tight,
            });
        };
        let size = extent(self.desc().target, region.size).ok()?;
        let [width, height, depth] = size.map(|size| u64::try_from(size).unwrap_or(0));
        let given = |number: i32, tight: u64| match u64::try_from(number) {
            Ok(0) | Err(_) => tight,
            Ok(number) => number,
        };
        let bytes = u64::from(pixel.bytes());
        let row = given(pitch.row_length, width).checked_mul(bytes)?;
        let layer = given(pitch.image_height, height).checked_mul(row)?;
        let behind = |count: u64, stride: u64| count.saturating_sub(1).checked_mul(stride);
        let all = match tight {
            0 => 0,
            _ => behind(depth, layer)?
                .checked_add(behind(height, row)?)?
                .checked_add(width.checked_mul(bytes)?)?,
        };
        Some(Strides { row, layer, all })
    }
}

/// 0 where there is no gap; none if things would overlap.
fn gap(given: i32, tight: i32) -> Option<i32> {
    match given.checked_sub(tight)? {
        0 => Some(0),
        1.. => Some(given),
        _ => None,
    }
}

/// How many units, if the stride is so many exactly.
fn whole(stride: u64, unit: u64) -> Option<i32> {
    let is_whole = unit != 0 && stride.is_multiple_of(unit);
    let number = is_whole.then_some(stride.checked_div(unit)?)?;
    i32::try_from(number).ok()
}

impl Current<'_> {
    /// Runs `work` while texels are taken from memory as `pitch` says.
    pub(crate) fn unpacking<R>(&self, pitch: Pitch, work: impl FnOnce() -> R) -> R {
        let names = [gl::UNPACK_ROW_LENGTH, gl::UNPACK_IMAGE_HEIGHT];
        self.storing(names, pitch, work)
    }

    /// Runs `work` while texels are put into memory as `pitch` says.
    pub(crate) fn packing<R>(&self, pitch: Pitch, work: impl FnOnce() -> R) -> R {
        let names = [gl::PACK_ROW_LENGTH, gl::PACK_IMAGE_HEIGHT];
        self.storing(names, pitch, work)
    }

    /// OpenGL ES knows no height of images that are read, and reads none.
    fn storing<R>(&self, names: [u32; 2], pitch: Pitch, work: impl FnOnce() -> R) -> R {
        let [row_length, image_height] = names;
        let has_height = image_height == gl::UNPACK_IMAGE_HEIGHT || !self.caps().api.is_es();
        let set = |pitch: Pitch| {
            self.gl_pixel_storei(row_length, pitch.row_length);
            if has_height {
                self.gl_pixel_storei(image_height, pitch.image_height);
            }
        };
        if pitch == Pitch::TIGHT {
            return work();
        }
        set(pitch);
        let done = work();
        set(Pitch::TIGHT);
        done
    }
}

/// What a part of the texture takes in memory, if there is as much.
pub(crate) fn checked(
    texture: &Texture,
    region: &Box3,
    pitch: Pitch,
    len: usize,
) -> Result<Strides, Error> {
    let strides = texture.strides(region, pitch);
    let strides = strides.filter(|strides| strides.all <= len as u64);
    strides.ok_or(Error::OutOfRange {
        what: "texels",
        offset: 0,
        size: region.bytes(texture.desc().texels).unwrap_or(u64::MAX),
        len: len as u64,
    })
}
