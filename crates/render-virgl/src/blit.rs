//! Copies that may scale, convert, resolve and mirror.

use std::sync::Arc;

use format::{Format, Swizzle};
use host_gl::enums as gl;
use host_gl::{Attachment, BlitRect, Box3, Current, Layer, Texture, TextureDesc};
use shader::back::glsl::Numbers;
use wire_virgl::{Blit, BlitBox, BlitEnd, BlitMask, ImageFilter};

use crate::blend::switch;
use crate::blitter::{self, Drawing, Output, Shape};
use crate::error::{Error, Result};
use crate::formats::HostFormat;
use crate::guest::Scope;
use crate::resource::Resource;
use crate::sampler::channel;
use crate::sub_context::Dirty;
use crate::surface::{ColorKind, color_kind};

/// One end of a blit.
pub(crate) struct End<'f> {
    resource: Arc<Resource>,
    format: Format,
    host: &'f HostFormat,
    level: u32,
    region: BlitBox,
    /// In texels.
    size: [u32; 3],
}

impl End<'_> {
    /// How many layers there are, all of them inside the texture.
    fn layers(&self) -> Result<u32> {
        let count = self.region.depth.unsigned_abs();
        let first = u32::try_from(self.region.z).ok();
        match first.and_then(|first| first.checked_add(count)) {
            Some(last) if last <= self.size[2] => Ok(count),
            _ => Err(Error::Outside("a blit's layers")),
        }
    }

    /// The layer of this end for layer `index` of `count`.
    fn layer(&self, index: u32, count: u32) -> Result<u32> {
        let step = u64::from(index).saturating_mul(self.layers()?.into()) / u64::from(count.max(1));
        let first = u32::try_from(self.region.z).unwrap_or(0);
        Ok(first.saturating_add(u32::try_from(step).unwrap_or(u32::MAX)))
    }

    /// The middle of what layer `index` of `count` shows, of all from 0 to 1.
    fn slice(&self, index: u32, count: u32) -> f32 {
        let step = self.region.depth.unsigned_abs() as f32 / count.max(1) as f32;
        let middle = self.region.z as f32 + (index as f32 + 0.5) * step;
        middle / self.size[2].max(1) as f32
    }

    fn place(&self) -> Attachment {
        let description = self.format.description();
        match (description.has_depth(), description.has_stencil()) {
            (true, true) => Attachment::DepthStencil,
            (true, false) => Attachment::Depth,
            (false, true) => Attachment::Stencil,
            _ => Attachment::Color(0),
        }
    }

    fn is_color(&self) -> bool {
        matches!(self.place(), Attachment::Color(_))
    }

    fn kind(&self) -> ColorKind {
        color_kind(self.format)
    }

    fn is_multisampled(&self) -> bool {
        self.resource.spec.samples > 1
    }
}

impl<'s> Scope<'s> {
    pub(crate) fn blit(&mut self, blit: &Blit) -> Result<()> {
        if self.is_plain_copy(blit) {
            return self.blit_as_copy(blit);
        }
        let (from, to) = (self.blit_end(&blit.src)?, self.blit_end(&blit.dst)?);
        self.blit_between(blit, &from, &to)
    }

    pub(crate) fn blit_between(&mut self, blit: &Blit, from: &End<'_>, to: &End<'_>) -> Result<()> {
        let mask = mask_of(blit.mask, to.format);
        if mask == 0 {
            return Ok(());
        }
        self.without_condition(!blit.render_condition, |scope| {
            scope.open_masks();
            // What is attached stays so.
            let attached = scope.state.dirty & Dirty::FRAMEBUFFER;
            scope.state.dirty = Dirty::all().difference(Dirty::FRAMEBUFFER) | attached;
            scope.prepare_blit(blit, from.format.is_srgb() || to.format.is_srgb());
            let mixes = scope.mixes_depth(blit, from, to);
            match is_gls(blit, from, to) && scope.gl_takes(from, to) && !mixes {
                true => scope.blit_by_gl(blit, mask, from, to),
                false => scope.blit_by_shader(blit, mask, from, to),
            }
        })
    }

    /// OpenGL ES's blit writes no samples, resolves between the same places of one format, and
    /// not within a texture (OpenGL ES 3.2, 16.2.1).
    fn gl_takes(&self, from: &End<'_>, to: &End<'_>) -> bool {
        let place = |end: &End<'_>| rectangle(&end.region);
        let resolves = place(from) == place(to) && from.host.gl.internal == to.host.gl.internal;
        let is_same = Arc::ptr_eq(&from.resource, &to.resource)
            && (from.level, from.region.z) == (to.level, to.region.z);
        !self.gl.caps().api.is_es()
            || !to.is_multisampled() && (resolves || !from.is_multisampled()) && !is_same
    }

    /// Whether depths are averaged, as for the next level of a texture: GL's blit takes the
    /// nearest. OpenGL ES does not filter depth.
    fn mixes_depth(&self, blit: &Blit, from: &End<'_>, to: &End<'_>) -> bool {
        blit.filter == ImageFilter::Linear
            && blit.mask.contains(BlitMask::Z)
            && is_scaled(from, to)
            && !self.gl.caps().api.is_es()
    }

    fn prepare_blit(&self, blit: &Blit, converts: bool) {
        match blit.scissor {
            Some(scissor) => {
                let ((x, y), (right, bottom)) = (scissor.min, scissor.max);
                let size = [right.saturating_sub(x), bottom.saturating_sub(y)].map(i32::from);
                self.gl.enable(gl::SCISSOR_TEST);
                self.gl.scissor([x.into(), y.into(), size[0], size[1]]);
            }
            None => self.gl.disable(gl::SCISSOR_TEST),
        }
        if self.gl.caps().features.srgb_write_control {
            switch(self.gl, gl::FRAMEBUFFER_SRGB, converts);
        }
    }

    fn blit_end(&self, end: &BlitEnd) -> Result<End<'s>> {
        self.blit_end_of(self.resource(end.resource)?, end)
    }

    /// The same of a resource that the guest may have no name for.
    pub(crate) fn blit_end_of(&self, resource: Arc<Resource>, end: &BlitEnd) -> Result<End<'s>> {
        let format = Format::from_wire(end.format.number());
        let format = format.ok_or(Error::Misbehaved("a blit's format is unknown"))?;
        let host = self
            .formats()
            .of(format)
            .ok_or(Error::Unsupported("a blit's format"))?;
        let size = resource
            .texture()?
            .level_size(end.level)
            .ok_or(Error::Outside("a level"))?;
        let (level, region) = (end.level, end.region);
        Ok(End {
            resource,
            format,
            host,
            level,
            region,
            size,
        })
    }

    /// The end's texture in the end's format, to attach it.
    fn attachable(&self, end: &End<'_>) -> Result<Arc<Texture>> {
        let own = end.resource.texture()?;
        let (internal, texels) = (end.host.gl.internal, end.host.texels);
        self.view(
            &end.resource,
            &TextureDesc {
                internal,
                texels,
                ..*own.desc()
            },
            0,
        )
    }

    fn blit_by_gl(&mut self, blit: &Blit, mask: u32, from: &End<'_>, to: &End<'_>) -> Result<()> {
        let (from_texture, to_texture) = (self.attachable(from)?, self.attachable(to)?);
        let filter = match blit.filter {
            ImageFilter::Linear if from.is_color() && from.kind() == ColorKind::Float => gl::LINEAR,
            _ => gl::NEAREST,
        };
        let count = to.layers()?;
        for index in 0..count {
            let (current, ends) = (self.gl, &mut self.state.ends);
            let layer = Layer::One(to.layer(index, count)?);
            ends.draw_to(current, to.place(), (&to_texture, to.level, layer))?;
            let layer = Layer::One(from.layer(index, count)?);
            ends.read_from(current, from.place(), (&from_texture, from.level, layer));
            current.blit(rectangle(&from.region), rectangle(&to.region), mask, filter);
        }
        Ok(())
    }

    fn blit_by_shader(
        &mut self,
        blit: &Blit,
        mask: u32,
        from: &End<'_>,
        to: &End<'_>,
    ) -> Result<()> {
        if mask & gl::DEPTH_BUFFER_BIT != 0 {
            self.draw_output(blit, Output::Depth, from, to)?;
        }
        if mask & gl::STENCIL_BUFFER_BIT != 0 {
            self.blit_stencil(blit, from, to)?;
        }
        if mask & gl::COLOR_BUFFER_BIT == 0 {
            return Ok(());
        }
        let numbers = match from.kind() {
            ColorKind::Float => Numbers::Float,
            ColorKind::Int => Numbers::Int,
            ColorKind::Uint => Numbers::Uint,
        };
        self.draw_output(blit, Output::Color(numbers), from, to)
    }

    fn draw_output(
        &mut self,
        blit: &Blit,
        output: Output,
        from: &End<'_>,
        to: &End<'_>,
    ) -> Result<()> {
        if !to.host.support.render {
            return Err(Error::Unsupported(
                "a blit to a format that cannot be drawn to",
            ));
        }
        let texture = self.attachable(to)?;
        blitter::set_state(self.gl, blit.mask, blit.alpha_blend, output);
        let count = to.layers()?;
        for index in 0..count {
            let layer = Layer::One(to.layer(index, count)?);
            let (current, ends) = (self.gl, &mut self.state.ends);
            ends.draw_to(current, to.place(), (&texture, to.level, layer))?;
            self.draw_layer(blit, output, from, to, (index, count))?;
        }
        Ok(())
    }

    fn draw_layer(
        &mut self,
        blit: &Blit,
        output: Output,
        from: &End<'_>,
        to: &End<'_>,
        (index, count): (u32, u32),
    ) -> Result<()> {
        let layer = from.layer(index, count)?;
        let source = self.sampleable(from, layer, output.is_stencil())?;
        let shape = match Shape::of(source.desc().target) {
            Some(Shape::Samples) if is_each_sample(self.gl, from, to) => Shape::EachSample,
            shape => shape.ok_or(Error::Unsupported("such a blit"))?,
        };
        let is_filtered = match output {
            Output::Color(Numbers::Float) => true,
            Output::Depth => self.mixes_depth(blit, from, to),
            _ => false,
        };
        let filter = if is_filtered {
            blit.filter
        } else {
            ImageFilter::Nearest
        };
        let (from_corners, to_rectangle) = corners(&from.region, &to.region);
        let drawing = Drawing {
            source: &source,
            shape,
            output,
            from: from_corners,
            slice: from.slice(index, count),
            to: to_rectangle,
            order: to.host.order().map(u32::from),
            filter,
        };
        self.state.blitter.draw(self.gl, &drawing)
    }

    /// GL copies stencil between textures of one format; between others, a shader.
    fn blit_stencil(&mut self, blit: &Blit, from: &End<'_>, to: &End<'_>) -> Result<()> {
        let same = from.host.gl.internal == to.host.gl.internal;
        let is_gls = same && !(from.is_multisampled() && is_scaled(from, to));
        match is_gls && self.gl_takes(from, to) {
            true => self.blit_by_gl(blit, gl::STENCIL_BUFFER_BIT, from, to),
            false => self.draw_output(blit, Output::stencil(self.gl), from, to),
        }
    }

    /// One level and one layer, to sample it.
    fn sampleable(&self, end: &End<'_>, layer: u32, stencil: bool) -> Result<Texture> {
        if !self.gl.caps().features.texture_view {
            return Err(Error::Unsupported("such a blit"));
        }
        let own = end.resource.texture()?;
        let target = match own.desc().target {
            gl::TEXTURE_1D | gl::TEXTURE_1D_ARRAY => gl::TEXTURE_1D,
            gl::TEXTURE_3D => gl::TEXTURE_3D,
            gl::TEXTURE_RECTANGLE => gl::TEXTURE_RECTANGLE,
            gl::TEXTURE_2D_MULTISAMPLE | gl::TEXTURE_2D_MULTISAMPLE_ARRAY => {
                gl::TEXTURE_2D_MULTISAMPLE
            }
            _ => gl::TEXTURE_2D,
        };
        let [width, height, depth] = end.size;
        let (depth, layer) = match target {
            gl::TEXTURE_3D => (depth, 0),
            _ => (1, layer),
        };
        let internal = match end.is_color() {
            true => end.host.gl.internal,
            false => own.desc().internal,
        };
        let desc = TextureDesc {
            target,
            internal,
            width,
            height,
            depth,
            levels: 1,
            ..*own.desc()
        };
        let view = self.gl.create_view(own, &desc, end.level, layer)?;
        if stencil {
            self.gl
                .texture_parameter(&view, gl::DEPTH_STENCIL_TEXTURE_MODE, gl::STENCIL_INDEX);
        }
        let [r, g, b, a] = end.host.gl.swizzle.map(channel);
        let names = [
            (gl::TEXTURE_SWIZZLE_R, r),
            (gl::TEXTURE_SWIZZLE_G, g),
            (gl::TEXTURE_SWIZZLE_B, b),
            (gl::TEXTURE_SWIZZLE_A, a),
        ];
        for (name, value) in names.into_iter().filter(|_| end.is_color()) {
            self.gl.texture_parameter(&view, name, value);
        }
        Ok(view)
    }

    /// Whether nothing is to be done to the texels. Then formats matter less.
    fn is_plain_copy(&self, blit: &Blit) -> bool {
        let (from, to) = (&blit.src, &blit.dst);
        let size = |region: &BlitBox| [region.width, region.height, region.depth];
        let is_forward = size(&from.region).into_iter().all(|size| size > 0);
        let resources = (self.resource(from.resource), self.resource(to.resource));
        let (Ok(source), Ok(target)) = resources else {
            return false;
        };
        let is_own = |end: &BlitEnd, resource: &Resource| {
            resource.spec.format.map(Format::to_wire) == Some(end.format.number())
        };
        let samples = |resource: &Resource| resource.spec.samples.max(1);
        is_forward
            && size(&from.region) == size(&to.region)
            && from.format == to.format
            && is_own(from, &source)
            && is_own(to, &target)
            && samples(&source) == samples(&target)
            && source
                .spec
                .format
                .is_some_and(|format| blit.mask.contains(all_of(format)))
            && (from.resource != to.resource || from.level != to.level)
            && blit.scissor.is_none()
            && !blit.render_condition
            && !blit.alpha_blend
    }

    fn blit_as_copy(&self, blit: &Blit) -> Result<()> {
        let (from, to) = (
            self.resource(blit.src.resource)?,
            self.resource(blit.dst.resource)?,
        );
        let number = |n: i32| u32::try_from(n).map_err(|_| Error::Outside("a blit"));
        let BlitBox {
            x,
            y,
            z,
            width,
            height,
            depth,
        } = blit.src.region;
        let region = Box3 {
            origin: [number(x)?, number(y)?, number(z)?],
            size: [number(width)?, number(height)?, number(depth)?],
        };
        let BlitBox { x, y, z, .. } = blit.dst.region;
        let origin = [number(x)?, number(y)?, number(z)?];
        self.copy_texels(
            (&from, blit.src.level, &region),
            (&to, blit.dst.level, origin),
        )
    }
}

/// Whether GL's own blit does it: components where they belong, no alpha that has to become 1,
/// all of a colour, depth in one format, and samples resolved without scaling.
fn is_gls(blit: &Blit, from: &End<'_>, to: &End<'_>) -> bool {
    let has_alpha = |end: &End<'_>| {
        let [.., alpha] = end.host.gl.swizzle;
        alpha == Swizzle::W && end.format.description().has_alpha()
    };
    let fits = match to.is_color() {
        true => {
            let is_same = from.host.gl == to.host.gl && from.host.support.render;
            let in_place = from.host.renders_in_place()
                && to.host.renders_in_place()
                && (has_alpha(from) || !has_alpha(to));
            (is_same || in_place)
                && blit.mask.contains(all_of(to.format))
                && from.kind() == to.kind()
                && !blit.alpha_blend
        }
        false => from.host.gl.internal == to.host.gl.internal && from.host.support.render,
    };
    let is_scaled = is_scaled(from, to);
    // Between slices, GL's blit takes the nearest.
    let is_mixed = blit.filter == ImageFilter::Linear && from.region.depth != to.region.depth;
    fits && !is_mixed && !(from.is_multisampled() && is_scaled)
}

/// Whether each sample of the one is one of the other, and a shader can be told which it is.
fn is_each_sample(gl: &Current<'_>, from: &End<'_>, to: &End<'_>) -> bool {
    let features = &gl.caps().features;
    from.resource.spec.samples == to.resource.spec.samples
        && !is_scaled(from, to)
        && features.sample_shading
}

/// Turning it over is no scaling.
fn is_scaled(from: &End<'_>, to: &End<'_>) -> bool {
    let size = |region: &BlitBox| [region.width, region.height].map(i32::unsigned_abs);
    size(&from.region) != size(&to.region)
}

fn all_of(format: Format) -> BlitMask {
    let description = format.description();
    match (description.has_depth(), description.has_stencil()) {
        (true, true) => BlitMask::Z | BlitMask::S,
        (true, false) => BlitMask::Z,
        (false, true) => BlitMask::S,
        _ => BlitMask::R | BlitMask::G | BlitMask::B | BlitMask::A,
    }
}

fn mask_of(mask: BlitMask, format: Format) -> u32 {
    let description = format.description();
    if !description.has_depth() && !description.has_stencil() {
        return gl::COLOR_BUFFER_BIT;
    }
    let depth = description.has_depth() && mask.contains(BlitMask::Z);
    let stencil = description.has_stencil() && mask.contains(BlitMask::S);
    let bit = |on, bit| if on { bit } else { 0 };
    bit(depth, gl::DEPTH_BUFFER_BIT) | bit(stencil, gl::STENCIL_BUFFER_BIT)
}

fn rectangle(region: &BlitBox) -> BlitRect {
    BlitRect {
        from: [region.x, region.y],
        to: [
            region.x.saturating_add(region.width),
            region.y.saturating_add(region.height),
        ],
    }
}

/// The source's corners, and the target's rectangle with a positive size: where that was not,
/// the source's corners change places.
fn corners(from: &BlitBox, to: &BlitBox) -> ([f32; 4], [i32; 4]) {
    let BlitRect {
        from: [mut x, mut y],
        to: [mut x2, mut y2],
    } = rectangle(from);
    let (mut left, mut lower) = (to.x, to.y);
    if to.width < 0 {
        (x, x2) = (x2, x);
        left = left.saturating_add(to.width);
    }
    if to.height < 0 {
        (y, y2) = (y2, y);
        lower = lower.saturating_add(to.height);
    }
    let corners = [x, y, x2, y2].map(|n| n as f32);
    (
        corners,
        [
            left,
            lower,
            to.width.saturating_abs(),
            to.height.saturating_abs(),
        ],
    )
}
