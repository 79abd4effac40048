//! Clears of the framebuffer, of surfaces and of textures.

use host_gl::{Attachment, Current, enums as gl};
use wire_virgl::{Clear, ClearBuffers, ClearSurface, ClearTexture};

use crate::error::Result;
use crate::framebuffer::depth_place;
use crate::guest::Scope;
use crate::sub_context::Dirty;
use crate::surface::{ColorKind, Surface};
use crate::transfer::region_of;

/// The colour buffers, by number.
const COLORS: [ClearBuffers; 8] = [
    ClearBuffers::COLOR0,
    ClearBuffers::COLOR1,
    ClearBuffers::COLOR2,
    ClearBuffers::COLOR3,
    ClearBuffers::COLOR4,
    ClearBuffers::COLOR5,
    ClearBuffers::COLOR6,
    ClearBuffers::COLOR7,
];

impl Scope<'_> {
    pub(crate) fn clear(&mut self, clear: &Clear) -> Result<()> {
        self.apply_framebuffer()?;
        self.open_masks();
        self.gl.disable(gl::SCISSOR_TEST);
        let surfaces = self.state.framebuffer.color.iter();
        for ((index, surface), bit) in (0..).zip(surfaces).zip(COLORS) {
            if let Some(surface) = surface.as_ref().filter(|_| clear.buffers.contains(bit)) {
                clear_color(self.gl, index, surface, clear.color);
            }
        }
        if let Some(surface) = &self.state.framebuffer.depth_stencil {
            let (depth, stencil) = (clear.depth as f32, clear.stencil);
            clear_depth_stencil(self.gl, surface, clear.buffers, depth, stencil);
        }
        Ok(())
    }

    pub(crate) fn clear_surface(&mut self, clear: &ClearSurface) -> Result<()> {
        let surface = std::sync::Arc::clone(self.state.objects.surface(clear.surface)?);
        self.open_masks();
        let gl = self.gl;
        let depth = surface.format.description();
        let is_color = !depth.has_depth() && !depth.has_stencil();
        let place = if is_color {
            Attachment::Color(0)
        } else {
            depth_place(&surface)
        };
        let (texture, level, layer) = (&*surface.texture, surface.level, surface.layer);
        let ends = &mut self.state.ends;
        ends.draw_to(gl, place, (texture, level, layer))?;
        gl.enable(gl::SCISSOR_TEST);
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let [x, y, width, height] = [clear.x, clear.y, clear.width, clear.height].map(number);
        gl.scissor([x, y, width, height]);
        match is_color {
            true => clear_color(gl, 0, &surface, clear.value),
            false => {
                let [low, high, stencil, _] = clear.value;
                let depth = f64::from_bits(u64::from(high) << 32 | u64::from(low)) as f32;
                clear_depth_stencil(gl, &surface, clear.buffers, depth, stencil);
            }
        }
        Ok(())
    }

    pub(crate) fn clear_texture(&mut self, clear: &ClearTexture) -> Result<()> {
        let resource = self.resource(clear.resource)?;
        let mut texel = [0; 16];
        for (bytes, word) in texel.as_chunks_mut::<4>().0.iter_mut().zip(clear.texel) {
            *bytes = word.to_le_bytes();
        }
        let host = resource
            .spec
            .format
            .and_then(|format| self.formats().of(format));
        if let Some(host) = host {
            host.gl.conversion.to_gl(&mut texel);
        }
        let wire_virgl::Box3d {
            x,
            y,
            z,
            width,
            height,
            depth,
        } = clear.region;
        let region = region_of(&context::Box3d {
            x,
            y,
            z,
            width,
            height,
            depth,
        });
        Ok(self
            .gl
            .clear_texture(resource.texture()?, clear.level, &region, &texel)?)
    }

    /// Clears go past masks, and past the scissor too.
    pub(crate) fn open_masks(&mut self) {
        self.gl.color_mask([1; 4]);
        self.gl.depth_mask(1);
        self.gl.stencil_mask(u32::MAX);
        self.state.dirty |= Dirty::BLEND | Dirty::TESTS | Dirty::SCISSORS | Dirty::RASTERIZER;
        self.gl.disable(gl::RASTERIZER_DISCARD);
    }
}

fn clear_color(gl: &Current<'_>, index: u32, surface: &Surface, color: [u32; 4]) {
    let color = surface.ordered(color);
    match surface.kind() {
        ColorKind::Float => gl.clear_color_float(index, color.map(f32::from_bits)),
        ColorKind::Int => gl.clear_color_int(index, color.map(u32::cast_signed)),
        ColorKind::Uint => gl.clear_color_uint(index, color),
    }
}

fn clear_depth_stencil(
    gl: &Current<'_>,
    surface: &Surface,
    buffers: ClearBuffers,
    depth: f32,
    stencil: u32,
) {
    let description = surface.format.description();
    let has_depth = description.has_depth() && buffers.contains(ClearBuffers::DEPTH);
    let has_stencil = description.has_stencil() && buffers.contains(ClearBuffers::STENCIL);
    match (has_depth, has_stencil) {
        (true, true) => gl.clear_bufferfi(gl::DEPTH_STENCIL, 0, depth, stencil.cast_signed()),
        (true, false) => gl.clear_depth(depth),
        (false, true) => gl.clear_stencil_value(stencil),
        (false, false) => {}
    }
}
