//! Copies without conversion.

use format::Format;
use host_gl::{Box3, Texels, Texture};
use wire_virgl::ResourceCopyRegion;

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::resource::{Resource, Storage};
use crate::twin::Use;

impl Scope<'_> {
    pub(crate) fn resource_copy_region(&mut self, copy: &ResourceCopyRegion) -> Result<()> {
        let (to, from) = (self.resource(copy.dst)?, self.resource(copy.src)?);
        let region = &copy.src_box;
        match (&from.storage, &to.storage) {
            (Storage::Buffer(source), Storage::Buffer(target)) => {
                let [to_offset, ..] = copy.dst_origin;
                let size = region.width.into();
                let end = u64::from(to_offset).saturating_add(size);
                self.prepare(&from, Use::Reads)?;
                self.prepare(&to, Use::Writes(to_offset.into()..end))?;
                let (from, to) = ((&**source, region.x.into()), (&**target, to_offset.into()));
                Ok(self.gl.copy_buffer(from, to, size)?)
            }
            (Storage::Texture(_), Storage::Texture(_)) => {
                let region = Box3 {
                    origin: [region.x, region.y, region.z],
                    size: [region.width, region.height, region.depth],
                };
                let from = (&*from, copy.src_level, &region);
                self.copy_texels(from, (&to, copy.dst_level, copy.dst_origin))
            }
            _ => Err(Error::Misbehaved("a copy between a buffer and a texture")),
        }
    }

    /// GL's copy if it has one for the pair of formats, or else by way of memory.
    pub(crate) fn copy_texels(
        &self,
        (from, from_level, region): (&Resource, u32, &Box3),
        (to, to_level, to_origin): (&Resource, u32, [u32; 3]),
    ) -> Result<()> {
        let (source, target) = (from.texture()?, to.texture()?);
        if self.gl.caps().features.copy_image && self.is_same_order(from, to) {
            let to = (&**target, to_level, to_origin);
            if self
                .gl
                .copy_texture((source, from_level, region), to)
                .is_ok()
            {
                return Ok(());
            }
        }
        let formats = (from.spec.format, to.spec.format);
        let (Some(from_format), Some(to_format)) = formats else {
            return Err(Error::Misbehaved("a copy of a texture without a format"));
        };
        self.copy_by_memory(
            (source, from_level, region, from_format),
            (target, to_level, to_origin, to_format),
        )
    }

    /// Whether bits of the one are in the same places in the other.
    fn is_same_order(&self, from: &Resource, to: &Resource) -> bool {
        let host = |resource: &Resource| {
            let format = resource.spec.format?;
            let gl = self.formats().of(format)?.gl;
            Some((gl.format, gl.kind, gl.conversion))
        };
        let is_same = from.spec.format == to.spec.format;
        let blocks = |resource: &Resource| {
            let texture = resource.texture();
            texture.is_ok_and(|texture| matches!(texture.desc().texels, Texels::Blocks(_)))
        };
        is_same || blocks(from) || blocks(to) || host(from) == host(to)
    }

    fn copy_by_memory(
        &self,
        (from, from_level, region, from_format): (&Texture, u32, &Box3, Format),
        (to, to_level, to_origin, to_format): (&Texture, u32, [u32; 3], Format),
    ) -> Result<()> {
        let [width, height, depth] = region.size;
        let (own, other) = (
            from_format.description().block,
            to_format.description().block,
        );
        if own != other {
            return Err(Error::Unsupported(
                "a copy between blocks of different sizes",
            ));
        }
        let level = from
            .level_size(from_level)
            .ok_or(Error::Outside("a level"))?;
        let end = |axis: usize| region.origin[axis].checked_add(region.size[axis]);
        if !(0..3).all(|axis| end(axis).is_some_and(|end| end <= level[axis])) {
            return Err(Error::Outside("a copy"));
        }
        let size = from_format.level_size(width, height, depth);
        let size = size.and_then(|size| usize::try_from(size).ok());
        let mut pixels = vec![0; size.ok_or(Error::Outside("a copy"))?];
        self.gl
            .read_texture(from, from_level, region, &mut pixels)?;
        if let Some(host) = self.formats().of(from_format) {
            host.gl.conversion.to_virgl(&mut pixels);
        }
        if let Some(host) = self.formats().of(to_format) {
            host.gl.conversion.to_gl(&mut pixels);
        }
        let target = Box3 {
            origin: to_origin,
            size: region.size,
        };
        Ok(self.gl.upload(to, to_level, &target, &pixels)?)
    }
}
