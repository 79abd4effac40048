//! Surfaces: a level of a texture, to be drawn to.

use std::sync::Arc;

use format::Format;
use host_gl::{Layer, Texture, TextureDesc, enums as gl};
use wire_virgl::ResourceId;

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::resource::Resource;

/// A level of a texture as a framebuffer takes it.
#[derive(Debug)]
pub(crate) struct Surface {
    /// The resource's texture, or a view of it in another format.
    pub(crate) texture: Arc<Texture>,
    pub(crate) format: Format,
    /// Which component of a colour goes into each of the texture's.
    pub(crate) order: [u8; 4],
    pub(crate) level: u32,
    pub(crate) layer: Layer,
    /// What is drawn to instead.
    pub(crate) samples: Option<Samples>,
}

/// Samples that only exist while a surface is drawn to.
#[derive(Debug)]
pub(crate) struct Samples {
    /// As a framebuffer takes them.
    pub(crate) texture: Arc<Texture>,
    pub(crate) many: Arc<Resource>,
    /// What they are of, and which layer.
    pub(crate) one: Arc<Resource>,
    pub(crate) id: ResourceId,
    pub(crate) layer: u32,
}

impl Surface {
    /// In pixels.
    pub(crate) fn size(&self) -> [u32; 2] {
        let [width, height, _] = self.texture.level_size(self.level).unwrap_or([0; 3]);
        [width, height]
    }

    /// What a framebuffer gets.
    pub(crate) fn attached(&self) -> (&Texture, u32, Layer) {
        match &self.samples {
            Some(samples) => (&samples.texture, 0, Layer::One(0)),
            None => (&self.texture, self.level, self.layer),
        }
    }

    /// A colour's components as its texture has them.
    pub(crate) fn ordered<T: Copy>(&self, color: [T; 4]) -> [T; 4] {
        let [red, ..] = color;
        self.order
            .map(|index| color.get(usize::from(index)).copied().unwrap_or(red))
    }

    /// Whether alpha is where red is to its texture.
    pub(crate) fn is_alpha(&self) -> bool {
        self.order.first() == Some(&3)
    }

    /// What a shader's colour is to it.
    pub(crate) fn kind(&self) -> ColorKind {
        color_kind(self.format)
    }
}

/// What a shader's colour is to a format.
pub(crate) fn color_kind(format: Format) -> ColorKind {
    let description = format.description();
    let signed = description
        .channels
        .iter()
        .any(|channel| channel.kind.is_signed());
    match (description.is_integer(), signed) {
        (false, _) => ColorKind::Float,
        (true, true) => ColorKind::Int,
        (true, false) => ColorKind::Uint,
    }
}

/// What a colour's words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColorKind {
    Float,
    Int,
    Uint,
}

impl Scope<'_> {
    pub(crate) fn new_surface(&self, new: &wire_virgl::Surface) -> Result<Surface> {
        let resource = self.resource(new.resource)?;
        let texture = resource.texture()?;
        let format = Format::from_wire(new.format.number());
        let format = format.ok_or(Error::Misbehaved("a surface's format is unknown"))?;
        let host = self
            .formats()
            .of(format)
            .ok_or(Error::Unsupported("a surface's format"))?;
        if !host.can_render() {
            return Err(Error::Unsupported("drawing to a surface's format"));
        }
        let [.., depth] = texture
            .level_size(new.level)
            .ok_or(Error::Outside("a level"))?;
        let (first, last) = (u32::from(new.first_layer), u32::from(new.last_layer));
        if last >= depth || first > last {
            return Err(Error::Outside("a surface's layers"));
        }
        let whole = TextureDesc {
            internal: host.gl.internal,
            texels: host.texels,
            ..*texture.desc()
        };
        let count = last - first + 1;
        let (texture, layer) = match (count == 1, count == depth) {
            (true, _) => (self.view(&resource, &whole, 0)?, Layer::One(first)),
            (_, true) => (self.view(&resource, &whole, 0)?, Layer::All),
            _ => {
                let part = TextureDesc {
                    depth: count,
                    ..whole
                };
                (self.view(&resource, &part, first)?, Layer::All)
            }
        };
        Ok(Surface {
            texture,
            format,
            order: host.order(),
            level: new.level,
            layer,
            samples: None,
        })
    }

    /// The resource's texture if it is as `desc` says, or else a view of it.
    pub(crate) fn view(
        &self,
        resource: &Resource,
        desc: &TextureDesc,
        first_layer: u32,
    ) -> Result<Arc<Texture>> {
        let own = resource.texture()?;
        let is_same = own.desc().internal == desc.internal
            && own.desc().depth == desc.depth
            && own.desc().target == desc.target;
        if is_same {
            return Ok(Arc::clone(own));
        }
        if !self.gl.caps().features.texture_view
            || desc.target == gl::TEXTURE_3D && first_layer != 0
        {
            return Err(Error::Unsupported("a view of a texture in another format"));
        }
        Ok(Arc::new(self.gl.create_view(own, desc, 0, first_layer)?))
    }
}
