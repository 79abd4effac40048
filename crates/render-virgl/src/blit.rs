//! Copies that may scale, convert, resolve and mirror.

use std::sync::Arc;

use format::Format;
use host_gl::enums as gl;
use host_gl::{Attachment, BlitRect, Box3, Current, Framebuffer, Layer, Texture, TextureDesc};
use wire_virgl::{Blit, BlitBox, BlitEnd, BlitMask, ImageFilter};

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::sub_context::Dirty;

/// One end, as a framebuffer takes it.
struct End {
    texture: Arc<Texture>,
    format: Format,
    level: u32,
    region: BlitBox,
}

impl Scope<'_> {
    pub(crate) fn blit(&mut self, blit: &Blit) -> Result<()> {
        if blit.alpha_blend {
            return Err(Error::Unsupported("a blit that blends"));
        }
        if self.is_plain_copy(blit) {
            return self.blit_as_copy(blit);
        }
        let (from, to) = (self.blit_end(&blit.src)?, self.blit_end(&blit.dst)?);
        let paused = !blit.render_condition;
        self.without_condition(paused, |scope| {
            scope.open_masks();
            let framebuffers = [(); 2].map(|()| scope.gl.create_framebuffer());
            scope.prepare_blit(blit, &to);
            let done = copy_layers(scope.gl, blit, &framebuffers, &from, &to);
            scope.state.dirty |= Dirty::FRAMEBUFFER | Dirty::SCISSORS;
            done
        })
    }

    fn prepare_blit(&self, blit: &Blit, to: &End) {
        match blit.scissor {
            Some(scissor) => {
                let ((x, y), (right, bottom)) = (scissor.min, scissor.max);
                let size = [right.saturating_sub(x), bottom.saturating_sub(y)].map(i32::from);
                self.gl.enable(gl::SCISSOR_TEST);
                self.gl.scissor(x.into(), y.into(), size[0], size[1]);
            }
            None => self.gl.disable(gl::SCISSOR_TEST),
        }
        if self.gl.caps().features.srgb_write_control {
            match to.format.is_srgb() {
                true => self.gl.enable(gl::FRAMEBUFFER_SRGB),
                false => self.gl.disable(gl::FRAMEBUFFER_SRGB),
            }
        }
    }

    fn blit_end(&self, end: &BlitEnd) -> Result<End> {
        let resource = self.resource(end.resource)?;
        let own = resource.texture()?;
        let format = Format::from_wire(end.format.number());
        let format = format.ok_or(Error::Misbehaved("a blit's format is unknown"))?;
        let host = self
            .formats()
            .of(format)
            .ok_or(Error::Unsupported("a blit's format"))?;
        if !host.can_render() {
            return Err(Error::Unsupported(
                "a blit of a format that cannot be drawn to",
            ));
        }
        own.level_size(end.level).ok_or(Error::Outside("a level"))?;
        let desc = TextureDesc {
            internal: host.gl.internal,
            texels: host.texels,
            ..*own.desc()
        };
        let texture = self.view(&resource, &desc, 0)?;
        Ok(End {
            texture,
            format,
            level: end.level,
            region: end.region,
        })
    }

    /// Whether nothing is to be done to the texels. Then formats matter less.
    fn is_plain_copy(&self, blit: &Blit) -> bool {
        let (from, to) = (&blit.src, &blit.dst);
        let size = |region: &BlitBox| [region.width, region.height, region.depth];
        let is_forward = size(&from.region).into_iter().all(|size| size > 0);
        let same_size = size(&from.region) == size(&to.region);
        let resources = (self.resource(from.resource), self.resource(to.resource));
        let (Ok(source), Ok(target)) = resources else {
            return false;
        };
        let own_formats = source.spec.format.map(Format::to_wire) == Some(from.format.number())
            && target.spec.format.map(Format::to_wire) == Some(to.format.number());
        let same =
            from.format == to.format && source.spec.samples.max(1) == target.spec.samples.max(1);
        let description = source.spec.format.map(Format::description);
        let whole = description.is_some_and(|description| {
            let all = match (description.has_depth(), description.has_stencil()) {
                (true, true) => BlitMask::Z | BlitMask::S,
                (true, false) => BlitMask::Z,
                (false, true) => BlitMask::S,
                _ => BlitMask::R | BlitMask::G | BlitMask::B | BlitMask::A,
            };
            blit.mask.contains(all)
        });
        let is_other = from.resource != to.resource || from.level != to.level;
        is_forward
            && same_size
            && own_formats
            && same
            && whole
            && is_other
            && blit.scissor.is_none()
            && !blit.render_condition
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

fn copy_layers(
    gl: &Current<'_>,
    blit: &Blit,
    [source, target]: &[Framebuffer; 2],
    from: &End,
    to: &End,
) -> Result<()> {
    let count = layers(to, to.region.depth)?;
    let mask = mask_of(blit.mask, to.format);
    let filter = match blit.filter {
        ImageFilter::Linear if mask == gl::COLOR_BUFFER_BIT && !is_integer(from) => gl::LINEAR,
        _ => gl::NEAREST,
    };
    gl.bind_read_framebuffer(Some(source));
    gl.bind_draw_framebuffer(Some(target));
    for layer in 0..count {
        let (place, texture) = attachment(to, layer, count)?;
        gl.attach(place, Some(texture));
        let (place, texture) = attachment(from, layer, count)?;
        gl.attach_read(place, Some(texture));
        let is_color = mask == gl::COLOR_BUFFER_BIT;
        gl.draw_buffers(&[is_color]);
        gl.read_color(is_color.then_some(0));
        gl.check_framebuffer()?;
        gl.blit(rectangle(&from.region), rectangle(&to.region), mask, filter);
    }
    Ok(())
}

/// How many there are, all of them inside the texture.
fn layers(end: &End, depth: i32) -> Result<u32> {
    let outside = Error::Outside("a blit's layers");
    let count = depth.unsigned_abs();
    let [.., all] = end.texture.level_size(end.level).unwrap_or([0; 3]);
    match u32::try_from(end.region.z)
        .ok()
        .and_then(|first| first.checked_add(count))
    {
        Some(last) if last <= all => Ok(count),
        _ => Err(outside),
    }
}

fn is_integer(end: &End) -> bool {
    end.format.description().is_integer()
}

/// Layer `index` of the `count` that are written; of the source, the one nearest.
fn attachment(end: &End, index: u32, count: u32) -> Result<(Attachment, (&Texture, u32, Layer))> {
    let depth = u64::from(layers(end, end.region.depth)?);
    let step = u64::from(index).saturating_mul(depth) / u64::from(count.max(1));
    let first = u32::try_from(end.region.z).unwrap_or(0);
    let layer = first.saturating_add(u32::try_from(step).unwrap_or(u32::MAX));
    let description = end.format.description();
    let place = match (description.has_depth(), description.has_stencil()) {
        (true, true) => Attachment::DepthStencil,
        (true, false) => Attachment::Depth,
        (false, true) => Attachment::Stencil,
        _ => Attachment::Color(0),
    };
    Ok((place, (&end.texture, end.level, Layer::One(layer))))
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
