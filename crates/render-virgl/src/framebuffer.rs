//! What is drawn to.

use std::sync::Arc;

use host_gl::{Attachment, Current, Framebuffer, enums as gl};
use shader::back::glsl::ColorBuffer;
use wire_virgl::FramebufferNoAttach;

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::program::colors_of;
use crate::sub_context::Dirty;
use crate::surface::Surface;

/// The attachments.
#[derive(Debug, Default)]
pub(crate) struct FramebufferState {
    pub(crate) color: Vec<Option<Arc<Surface>>>,
    pub(crate) depth_stencil: Option<Arc<Surface>>,
    size: Option<FramebufferNoAttach>,
    /// Whether surfaces' samples hold what their textures do not.
    pub(crate) has_samples_open: bool,
    /// GL's, made with the first use.
    object: Option<Framebuffer>,
    /// How shaders saw the colour buffers of the last draw.
    seen: Option<(u8, [ColorBuffer; 8])>,
    /// What GL's has attached: colour buffers by number, and depth or stencil.
    attached: Attached,
}

#[derive(Debug, Default)]
struct Attached {
    color: usize,
    depth_stencil: Option<Attachment>,
}

impl FramebufferState {
    /// Samples a pixel; 0 is one.
    pub(crate) fn samples(&self) -> u32 {
        let own = self.size.map_or(0, |size| size.samples.into());
        self.surfaces()
            .map(|surface| surface.attached().0.desc().samples)
            .max()
            .unwrap_or(own)
    }

    /// In pixels.
    pub(crate) fn height(&self) -> u32 {
        let own = self.size.map_or(0, |size| size.height.into());
        self.surfaces()
            .map(|surface| surface.size()[1])
            .min()
            .unwrap_or(own)
    }

    fn surfaces(&self) -> impl Iterator<Item = &Arc<Surface>> {
        self.color.iter().flatten().chain(&self.depth_stencil)
    }

    /// Whether surfaces have samples that are to get what their textures hold.
    fn wants_samples(&self) -> bool {
        !self.has_samples_open && self.surfaces().any(|surface| surface.samples.is_some())
    }

    /// Binds the framebuffer with the attachments that were set.
    fn apply(&mut self, gl: &Current<'_>, is_dirty: bool) -> Result<()> {
        let object = self.object.get_or_insert_with(|| gl.create_framebuffer());
        gl.bind_framebuffer(Some(object));
        if !is_dirty {
            return Ok(());
        }
        attach_colors(gl, &self.color, self.attached.color);
        self.attached.color = self.color.len();
        if let Some(old) = self.attached.depth_stencil.take() {
            gl.attach(old, None);
        }
        if let Some(surface) = &self.depth_stencil {
            let place = depth_place(surface);
            gl.attach(place, Some(surface.attached()));
            self.attached.depth_stencil = Some(place);
        }
        self.set_size(gl);
        Ok(gl.check_framebuffer()?)
    }

    /// Without attachments, the size that was set counts.
    fn set_size(&self, gl: &Current<'_>) {
        let is_empty = self.depth_stencil.is_none() && self.color.iter().all(Option::is_none);
        if let Some(size) = self.size.filter(|_| is_empty)
            && gl.caps().features.framebuffer_no_attachments
        {
            let FramebufferNoAttach {
                width,
                height,
                layers,
                samples,
            } = size;
            let size = [width.into(), height.into(), layers.into(), samples.into()];
            gl.framebuffer_default_size(size);
        }
    }

    /// Encoding to sRGB happens in surfaces whose format says so; the switch is for all.
    fn set_encoding(&self, gl: &Current<'_>) {
        if !gl.caps().features.srgb_write_control {
            return;
        }
        match self
            .color
            .iter()
            .flatten()
            .any(|surface| surface.format.is_srgb())
        {
            true => gl.enable(gl::FRAMEBUFFER_SRGB),
            false => gl.disable(gl::FRAMEBUFFER_SRGB),
        }
    }
}

fn attach_colors(gl: &Current<'_>, color: &[Option<Arc<Surface>>], old: usize) {
    let numbers = 0..u32::try_from(color.len().max(old)).unwrap_or(u32::MAX);
    let surfaces = color.iter().chain(std::iter::repeat(&None));
    for (index, surface) in numbers.zip(surfaces) {
        let surface = surface.as_deref();
        gl.attach(Attachment::Color(index), surface.map(Surface::attached));
    }
    let used: Vec<bool> = color.iter().map(Option::is_some).collect();
    gl.draw_buffers(&used);
    let first = used.iter().position(|used| *used);
    gl.read_color(first.and_then(|index| u32::try_from(index).ok()));
}

/// Where a surface of depth or stencil goes.
pub(crate) fn depth_place(surface: &Surface) -> Attachment {
    let description = surface.format.description();
    match (description.has_depth(), description.has_stencil()) {
        (true, true) => Attachment::DepthStencil,
        (false, true) => Attachment::Stencil,
        _ => Attachment::Depth,
    }
}

fn is_depth(surface: &Surface) -> bool {
    let description = surface.format.description();
    description.has_depth() || description.has_stencil()
}

impl Scope<'_> {
    pub(crate) fn set_framebuffer_state(&mut self, new: &wire_virgl::Framebuffer) -> Result<()> {
        let objects = &self.state.objects;
        let find = |id: &Option<_>| id.map(|id| objects.surface(id)).transpose();
        let depth_stencil = find(&new.depth_stencil)?.cloned();
        let color = new.color.iter().map(|id| Ok(find(id)?.cloned()));
        let color = color.collect::<Result<Vec<_>>>()?;
        let wrong = depth_stencil.iter().any(|surface| !is_depth(surface))
            || color.iter().flatten().any(|surface| is_depth(surface));
        if wrong {
            return Err(Error::Misbehaved(
                "a surface's format does not fit its place",
            ));
        }
        let framebuffer = &mut self.state.framebuffer;
        (framebuffer.color, framebuffer.depth_stencil) = (color, depth_stencil);
        self.state.dirty |= Dirty::FRAMEBUFFER | Dirty::BLEND;
        Ok(())
    }

    pub(crate) fn set_framebuffer_state_no_attach(&mut self, size: &FramebufferNoAttach) {
        self.state.framebuffer.size = Some(*size);
        self.state.dirty |= Dirty::FRAMEBUFFER;
    }

    /// Binds what is drawn to.
    pub(crate) fn apply_framebuffer(&mut self) -> Result<()> {
        if self.state.framebuffer.wants_samples() {
            self.open_samples()?;
        }
        let is_dirty = self.state.dirty.contains(Dirty::FRAMEBUFFER);
        self.state.framebuffer.apply(self.gl, is_dirty)?;
        if self
            .state
            .dirty
            .intersects(Dirty::FRAMEBUFFER | Dirty::ENCODING)
        {
            self.state.framebuffer.set_encoding(self.gl);
            self.state.dirty.remove(Dirty::ENCODING);
        }
        if is_dirty {
            self.state.dirty.remove(Dirty::FRAMEBUFFER);
            self.state.dirty |= Dirty::BLEND;
            let framebuffer = &mut self.state.framebuffer;
            let seen = Some(colors_of(&framebuffer.color));
            if framebuffer.seen != seen {
                framebuffer.seen = seen;
                self.state.dirty |= Dirty::PROGRAM;
            }
        }
        Ok(())
    }
}
