//! What shaders load from and store to: images, storage buffers and atomic counters.

use std::sync::Arc;

use format::Format;
use host_gl::{IndexedTarget, Texture, TextureDesc, enums as gl};
use shader::ir::ImageFormat;
use wire_virgl::{BufferSlot, ImageAccess, ImageView, Slots, StageSlots};

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::resource::{Resource, Storage};
use crate::sampler::place;
use crate::sub_context::Dirty;
use crate::twin::Use;

/// A resource as an image.
#[derive(Debug)]
pub(crate) struct Image {
    texture: Arc<Texture>,
    /// Of a buffer's.
    pub(crate) buffer: Option<Arc<Resource>>,
    level: u32,
    /// None for all.
    layer: Option<u32>,
    access: u32,
    format: u32,
    /// As shaders say it.
    pub(crate) in_text: Option<ImageFormat>,
}

/// A part of a buffer.
#[derive(Clone, Debug)]
pub(crate) struct BufferPart {
    pub(crate) resource: Arc<Resource>,
    offset: u64,
    length: u64,
}

impl Image {
    pub(crate) fn bind(&self, current: &host_gl::Current<'_>, unit: u32) {
        let (level, layer) = (self.level, self.layer);
        current.bind_image(unit, &self.texture, level, layer, self.access, self.format);
    }
}

impl BufferPart {
    /// What a shader that writes to it may change.
    pub(crate) fn written(&self) -> Use {
        Use::Writes(self.offset..self.offset.saturating_add(self.length))
    }

    /// Binds what of it is inside the buffer.
    pub(crate) fn bind(
        &self,
        current: &host_gl::Current<'_>,
        target: IndexedTarget,
        index: u32,
    ) -> Result<()> {
        let buffer = self.resource.buffer()?;
        let length = self.length.min(buffer.size().saturating_sub(self.offset));
        Ok(current.bind_buffer_range(target, index, buffer, self.offset, length)?)
    }
}

impl Scope<'_> {
    pub(crate) fn set_shader_images(&mut self, set: &StageSlots<ImageView>) -> Result<()> {
        if !self.gl.caps().features.shader_image_load_store {
            return Err(Error::Unsupported("images"));
        }
        let images = set.slots.values.iter().map(|view| self.new_image(view));
        let images = images.collect::<Result<Vec<_>>>()?;
        let stage = self.state.stage_mut(set.stage);
        place(&mut stage.images, set.slots.start, images);
        self.state.dirty |= Dirty::RESOURCES | Dirty::PROGRAM;
        Ok(())
    }

    pub(crate) fn set_shader_buffers(&mut self, set: &StageSlots<BufferSlot>) -> Result<()> {
        let parts = self.buffer_parts(&set.slots)?;
        place(
            &mut self.state.stage_mut(set.stage).storage,
            set.slots.start,
            parts,
        );
        self.state.dirty |= Dirty::RESOURCES;
        Ok(())
    }

    pub(crate) fn set_atomic_buffers(&mut self, slots: &Slots<BufferSlot>) -> Result<()> {
        let parts = self.buffer_parts(slots)?;
        place(&mut self.state.counters, slots.start, parts);
        self.state.dirty |= Dirty::RESOURCES;
        Ok(())
    }

    fn buffer_parts(&self, slots: &Slots<BufferSlot>) -> Result<Vec<Option<BufferPart>>> {
        let parts = slots.values.iter().map(|slot| {
            let Some(id) = slot.resource else {
                return Ok(None);
            };
            let resource = self.resource(id)?;
            resource.buffer()?;
            let (offset, length) = (slot.offset.into(), slot.length.into());
            Ok(Some(BufferPart {
                resource,
                offset,
                length,
            }))
        });
        parts.collect()
    }

    fn new_image(&self, view: &ImageView) -> Result<Option<Image>> {
        let Some(id) = view.resource else {
            return Ok(None);
        };
        let resource = self.resource(id)?;
        let format = Format::from_wire(view.format.number());
        let format = format.ok_or(Error::Misbehaved("an image's format is unknown"))?;
        let host = self
            .formats()
            .of(format)
            .ok_or(Error::Unsupported("an image's format"))?;
        let access = match (
            view.access.contains(ImageAccess::READ),
            view.access.contains(ImageAccess::WRITE),
        ) {
            (true, false) => gl::READ_ONLY,
            (false, true) => gl::WRITE_ONLY,
            _ => gl::READ_WRITE,
        };
        let (texture, level, layer) = match &resource.storage {
            Storage::Buffer(buffer) => {
                let (offset, size) = view.range.as_buffer();
                let size = u64::from(size).min(buffer.size().saturating_sub(offset.into()));
                let (internal, texels) = (host.gl.internal, host.texels);
                let texture =
                    self.gl
                        .create_buffer_texture(buffer, internal, texels, offset.into(), size)?;
                (Arc::new(texture), 0, Some(0))
            }
            Storage::Texture(texture) => self.image_of(&resource, texture, view)?,
            Storage::System(_) => return Err(Error::Misbehaved("an image of a staging buffer")),
        };
        Ok(Some(Image {
            texture,
            buffer: matches!(resource.storage, Storage::Buffer(_)).then_some(resource),
            level,
            layer,
            access,
            format: host.gl.internal,
            in_text: ImageFormat::from_name(format.name()),
        }))
    }

    /// The texture, level and layer of an image; a view where only some layers are shown.
    fn image_of(
        &self,
        resource: &Resource,
        texture: &Arc<Texture>,
        view: &ImageView,
    ) -> Result<(Arc<Texture>, u32, Option<u32>)> {
        let ((first, last), level) = view.range.as_texture();
        let (first, last, level) = (u32::from(first), u32::from(last), u32::from(level));
        let [.., depth] = texture.level_size(level).ok_or(Error::Outside("a level"))?;
        let last = last.min(depth.saturating_sub(1));
        if first > last {
            return Err(Error::Outside("an image's layers"));
        }
        match (first == last, first == 0 && last + 1 == depth) {
            (_, true) if depth == 1 => Ok((Arc::clone(texture), level, Some(0))),
            (_, true) => Ok((Arc::clone(texture), level, None)),
            (true, _) => Ok((Arc::clone(texture), level, Some(first))),
            _ if texture.desc().target == gl::TEXTURE_3D => Ok((Arc::clone(texture), level, None)),
            _ => {
                let desc = TextureDesc {
                    depth: last - first + 1,
                    ..*texture.desc()
                };
                Ok((self.view(resource, &desc, first)?, level, None))
            }
        }
    }
}
