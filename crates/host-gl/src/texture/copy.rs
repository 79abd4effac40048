//! Copies between textures.

use crate::texture::{Box3, Texels, Texture, extent, int, origin};
use crate::{Current, Error};

impl Current<'_> {
    /// Copies texels without conversion.
    ///
    /// # Errors
    /// [`Error::OutsideTexture`]; [`Error::Refused`] for pairs of formats that don't go
    /// together.
    pub fn copy_texture(
        &self,
        (from, from_level, region): (&Texture, u32, &Box3),
        (to, to_level, to_origin): (&Texture, u32, [u32; 3]),
    ) -> Result<(), Error> {
        from.check(from_level, region)?;
        check_copy((from, from_level, region), (to, to_level, to_origin))?;
        let [x, y, z] = origin(from.desc.target, region.origin)?;
        let [to_x, to_y, to_z] = origin(to.desc.target, to_origin)?;
        let [width, height, depth] = extent(from.desc.target, region.size)?;
        self.clear_errors();
        self.gl_copy_image_sub_data(
            self.name(&from.handle),
            from.desc.target,
            int(from_level)?,
            x,
            y,
            z,
            self.name(&to.handle),
            to.desc.target,
            int(to_level)?,
            to_x,
            to_y,
            to_z,
            width,
            height,
            depth,
        );
        self.check()
    }
}

/// Not every driver looks whether a copy's target is inside its level, whether blocks are as
/// large, and whether the parts of one texture overlap.
fn check_copy(
    (from, from_level, region): (&Texture, u32, &Box3),
    (to, to_level, to_origin): (&Texture, u32, [u32; 3]),
) -> Result<(), Error> {
    let outside = Error::OutsideTexture("the target of a copy");
    let (block, bytes) = block_of(from.desc.texels);
    let (to_block, to_bytes) = block_of(to.desc.texels);
    let level = to.level_size(to_level).ok_or(outside.clone())?;
    let fits = |axis: usize| {
        let size = region.size[axis]
            .div_ceil(block[axis])
            .checked_mul(to_block[axis]);
        let end = size.and_then(|size| size.checked_add(to_origin[axis]));
        let all = level[axis].checked_next_multiple_of(to_block[axis]);
        let is_aligned = region.origin[axis].is_multiple_of(block[axis])
            && to_origin[axis].is_multiple_of(to_block[axis]);
        is_aligned && end.is_some_and(|end| all.is_some_and(|all| end <= all))
    };
    let apart = |axis: usize| region.origin[axis].abs_diff(to_origin[axis]) >= region.size[axis];
    let is_same = from.handle.name() == to.handle.name() && from_level == to_level;
    let samples = |texture: &Texture| texture.desc.samples.max(1);
    let is_legal = bytes == to_bytes
        && samples(from) == samples(to)
        && [0, 1, 2].into_iter().all(fits)
        && (!is_same || [0, 1, 2].into_iter().any(apart));
    if is_legal { Ok(()) } else { Err(outside) }
}

/// The size of a block in texels, and its bytes.
fn block_of(texels: Texels) -> ([u32; 3], u32) {
    match texels {
        Texels::Pixels(pixel) => ([1; 3], pixel.bytes()),
        Texels::Blocks([x, y, z, bytes]) => ([x, y, z].map(|size| size.max(1)), bytes),
    }
}
