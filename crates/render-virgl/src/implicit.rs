//! Surfaces with samples that only exist while they are drawn to
//! (`EXT_multisampled_render_to_texture`, `VIRGL_CAP_V2_IMPLICIT_MSAA`).
//!
//! ```text
//! texture --each texel to its samples--> samples     before the first draw or clear
//! texture <--resolved------------------- samples     before a command that may look at it
//! ```
//! Drivers that have the extension do the same in a tile's memory. Here the samples are a texture
//! of ours, so that it does with any driver, and the guest sees the texture as it is after each of
//! its submissions.

use std::sync::Arc;

use context::ResourceRequest;
use wire_virgl::{
    BindFlags, Blit, BlitBox, BlitEnd, BlitMask, Command, FormatNumber, ImageFilter, MsaaSurface,
    ResourceId, TextureTarget,
};

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::resource::Resource;
use crate::sub_context::Dirty;
use crate::surface::{Samples, Surface};

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    ToSamples,
    ToTexture,
}

impl Scope<'_> {
    pub(crate) fn new_msaa_surface(&self, new: &MsaaSurface) -> Result<Surface> {
        let surface = self.new_surface(&new.surface)?;
        if new.samples <= 1 || surface.texture.desc().samples > 1 {
            return Ok(surface);
        }
        if new.surface.first_layer != new.surface.last_layer {
            return Err(Error::Unsupported("samples of many layers at once"));
        }
        let resource = self.resource(new.surface.resource)?;
        let [width, height] = surface.size();
        let format = surface.format.to_wire();
        let request = ResourceRequest {
            target: TextureTarget::Texture2D.number(),
            format,
            bind: (BindFlags::RENDER_TARGET | BindFlags::SAMPLER_VIEW).bits(),
            width,
            height,
            depth: 1,
            array_size: 1,
            last_level: 0,
            nr_samples: new.samples,
            flags: 0,
        };
        let many = Resource::create(self.gl, self.formats(), &request)?;
        let texture = Arc::clone(many.texture()?);
        Ok(Surface {
            samples: Some(Samples {
                texture,
                many: Arc::new(many),
                one: resource,
                id: new.surface.resource,
                layer: new.surface.first_layer.into(),
            }),
            ..surface
        })
    }

    /// Before what is drawn to is drawn to: gives the samples what the textures have.
    pub(crate) fn open_samples(&mut self) -> Result<()> {
        self.move_samples(Way::ToSamples)?;
        self.state.framebuffer.has_samples_open = true;
        Ok(())
    }

    /// Before a command: gives the textures what the samples have, if the command may look.
    pub(crate) fn close_samples_for(&mut self, command: &Command<'_>) -> Result<()> {
        match self.state.framebuffer.has_samples_open && !is_of_drawing(command) {
            true => self.close_samples(),
            false => Ok(()),
        }
    }

    /// The same whatever comes.
    pub(crate) fn close_samples(&mut self) -> Result<()> {
        if std::mem::take(&mut self.state.framebuffer.has_samples_open) {
            self.move_samples(Way::ToTexture)?;
        }
        Ok(())
    }

    fn move_samples(&mut self, way: Way) -> Result<()> {
        let framebuffer = &self.state.framebuffer;
        let all = framebuffer.color.iter().flatten();
        let all: Vec<_> = all.chain(&framebuffer.depth_stencil).cloned().collect();
        for surface in &all {
            if let Some(samples) = &surface.samples {
                self.move_surface(surface, samples, way)?;
            }
        }
        self.state.dirty = Dirty::all();
        Ok(())
    }

    fn move_surface(&mut self, surface: &Surface, samples: &Samples, way: Way) -> Result<()> {
        let number = FormatNumber::new(surface.format.to_wire());
        let format = number.ok_or(Error::Unsupported("a surface's format"))?;
        let one = end(samples.id, format, surface.level, surface, samples.layer);
        let many = end(samples.id, format, 0, surface, 0);
        let (one_resource, many_resource) = (&samples.one, &samples.many);
        let ((src, from), (dst, to)) = match way {
            Way::ToSamples => ((one, one_resource), (many, many_resource)),
            Way::ToTexture => ((many, many_resource), (one, one_resource)),
        };
        let blit = Blit {
            mask: BlitMask::all(),
            filter: ImageFilter::Nearest,
            scissor: None,
            render_condition: false,
            alpha_blend: false,
            dst,
            src,
        };
        let from = self.blit_end_of(Arc::clone(from), &src)?;
        let to = self.blit_end_of(Arc::clone(to), &dst)?;
        self.blit_between(&blit, &from, &to)
    }
}

/// All of the surface's level.
fn end(
    resource: ResourceId,
    format: FormatNumber,
    level: u32,
    surface: &Surface,
    layer: u32,
) -> BlitEnd {
    let [width, height] = surface.size();
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let region = BlitBox {
        x: 0,
        y: 0,
        z: number(layer),
        width: number(width),
        height: number(height),
        depth: 1,
    };
    BlitEnd {
        resource,
        level,
        format,
        region,
    }
}

/// Whether the command draws, or says how: a draw that looks at what it is drawn to gets what
/// OpenGL leaves open.
const fn is_of_drawing(command: &Command<'_>) -> bool {
    use Command as C;
    matches!(
        command,
        C::Nop
            | C::CreateObject(..)
            | C::BindObject(..)
            | C::DestroyObject(..)
            | C::SetViewportState(_)
            | C::SetVertexBuffers(_)
            | C::Clear(_)
            | C::DrawVbo(_)
            | C::SetSamplerViews(_)
            | C::SetIndexBuffer(_)
            | C::SetConstantBuffer(_)
            | C::SetStencilRef(_)
            | C::SetBlendColor(_)
            | C::SetScissorState(_)
            | C::BindSamplerStates(_)
            | C::BeginQuery(_)
            | C::EndQuery(_)
            | C::SetPolygonStipple(_)
            | C::SetClipState(_)
            | C::SetSampleMask(_)
            | C::SetStreamoutTargets(_)
            | C::SetRenderCondition(_)
            | C::SetUniformBuffer(_)
            | C::BindShader(..)
            | C::SetTessState(_)
            | C::SetMinSamples(_)
            | C::SetShaderBuffers(_)
            | C::SetShaderImages(_)
            | C::SetAtomicBuffers(_)
            | C::SendStringMarker(_)
            | C::LinkShader(_)
    )
}
