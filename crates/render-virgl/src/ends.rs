//! The framebuffers that blits read from and draw to.
//!
//! A guest makes the levels of a texture by a blit each, hundreds a frame, and a driver takes longer
//! over a new framebuffer than over such a blit.

use std::collections::HashSet;

use host_gl::{Attachment, Current, Framebuffer, Layer, Texture};

use crate::error::Result;

/// Both, made with the first use. Between submissions nothing is attached.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    source: Option<End>,
    target: Option<End>,
    /// Textures of these kinds can be drawn to: GL was asked.
    complete: HashSet<Kind>,
}

#[derive(Debug)]
struct End {
    framebuffer: Framebuffer,
    attached: Option<Attachment>,
    /// Whether its colour buffer is the one that is read or drawn to; not known at first.
    is_color: Option<bool>,
}

/// What decides whether a texture can be drawn to: the place, the target, the internal format, and
/// whether there are samples.
type Kind = (Attachment, u32, u32, bool);

impl End {
    fn new(gl: &Current<'_>) -> Self {
        Self {
            framebuffer: gl.create_framebuffer(),
            attached: None,
            is_color: None,
        }
    }

    /// Notes what is attached; what was attached elsewhere, and is to go.
    fn replace(&mut self, place: Attachment) -> Option<Attachment> {
        self.attached.replace(place).filter(|old| *old != place)
    }
}

impl Ends {
    /// Draws go to a level and layer of the texture.
    pub(crate) fn draw_to(
        &mut self,
        gl: &Current<'_>,
        place: Attachment,
        (texture, level, layer): (&Texture, u32, Layer),
    ) -> Result<()> {
        let end = self.target.get_or_insert_with(|| End::new(gl));
        gl.bind_draw_framebuffer(Some(&end.framebuffer));
        if let Some(old) = end.replace(place) {
            gl.attach(old, None);
        }
        gl.attach(place, Some((texture, level, layer)));
        let is_color = matches!(place, Attachment::Color(_));
        if end.is_color.replace(is_color) != Some(is_color) {
            gl.draw_buffers(&[is_color]);
        }
        let desc = texture.desc();
        let kind = (place, desc.target, desc.internal, desc.samples > 1);
        if !self.complete.contains(&kind) {
            gl.check_framebuffer()?;
            self.complete.insert(kind);
        }
        Ok(())
    }

    /// Blits read from a level and layer of the texture.
    pub(crate) fn read_from(
        &mut self,
        gl: &Current<'_>,
        place: Attachment,
        (texture, level, layer): (&Texture, u32, Layer),
    ) {
        let end = self.source.get_or_insert_with(|| End::new(gl));
        gl.bind_read_framebuffer(Some(&end.framebuffer));
        if let Some(old) = end.replace(place) {
            gl.attach_read(old, None);
        }
        gl.attach_read(place, Some((texture, level, layer)));
        let is_color = matches!(place, Attachment::Color(_));
        if end.is_color.replace(is_color) != Some(is_color) {
            gl.read_color(is_color.then_some(0));
        }
    }

    /// Lets go of what is attached, so that textures end when the guest ends them.
    pub(crate) fn release(&mut self, gl: &Current<'_>) {
        if let Some(end) = &mut self.source
            && let Some(place) = end.attached.take()
        {
            gl.bind_read_framebuffer(Some(&end.framebuffer));
            gl.attach_read(place, None);
        }
        if let Some(end) = &mut self.target
            && let Some(place) = end.attached.take()
        {
            gl.bind_draw_framebuffer(Some(&end.framebuffer));
            gl.attach(place, None);
        }
    }
}
