//! What guests are told.

use format::Format;
use host_gl::{Caps, Current};
use wire_virgl::{
    CapabilityBits, CapabilityBits2, CapsV1, CapsV2, FormatMask, FormatNumber, RendererName,
};

use crate::formats::{Formats, HostFormat};

/// Capset 2; capset 1 is its front.
pub(crate) fn capset(gl: &Current<'_>, formats: &Formats) -> CapsV2 {
    let caps = gl.caps();
    let limits = &caps.limits;
    CapsV2 {
        v1: front(caps, formats),
        max_texture_2d_size: limits.max_texture_size,
        max_texture_3d_size: limits.max_texture_3d_size,
        max_texture_cube_size: limits.max_texture_cube_size,
        supported_readback_formats: mask(formats, |_, host| can_read_back(caps, host)),
        capability_bits: bits(caps),
        capability_bits_v2: CapabilityBits2::empty(),
        renderer: RendererName::new(&caps.renderer),
        ..CapsV2::default()
    }
}

fn front(caps: &Caps, formats: &Formats) -> CapsV1 {
    let is_depth = |format: Format| {
        let description = format.description();
        description.has_depth() || description.has_stencil()
    };
    CapsV1 {
        max_version: 2,
        sampler: mask(formats, |_, host| host.support.texture),
        render: mask(formats, |format, host| {
            host.can_render() && !is_depth(format)
        }),
        depth_stencil: mask(formats, |format, host| {
            host.can_render() && is_depth(format)
        }),
        max_texture_array_layers: caps.limits.max_texture_array_layers,
        max_render_targets: caps.limits.max_draw_buffers.min(8),
        ..CapsV1::default()
    }
}

fn bits(caps: &Caps) -> CapabilityBits {
    let mut bits = CapabilityBits::TRANSFER | CapabilityBits::COPY_TRANSFER;
    bits.set(CapabilityBits::CLEAR_TEXTURE, caps.features.clear_texture);
    bits.set(
        CapabilityBits::FB_NO_ATTACH,
        caps.features.framebuffer_no_attachments,
    );
    bits.set(CapabilityBits::TEXTURE_VIEW, caps.features.texture_view);
    bits.set(CapabilityBits::HOST_IS_GLES, caps.api.is_es());
    bits
}

/// OpenGL reads every texture; OpenGL ES only those that can be drawn to, and for certain in
/// few formats.
fn can_read_back(caps: &Caps, host: &HostFormat) -> bool {
    use host_gl::enums as gl;
    let certain = matches!(
        (host.gl.format, host.gl.kind),
        (gl::RGBA, gl::UNSIGNED_BYTE | gl::FLOAT) | (gl::RGBA_INTEGER, gl::INT | gl::UNSIGNED_INT)
    );
    !caps.api.is_es() || host.can_render() && certain
}

fn mask(formats: &Formats, has: impl Fn(Format, &HostFormat) -> bool) -> FormatMask {
    let formats =
        Format::all().filter(|format| formats.of(*format).is_some_and(|host| has(*format, host)));
    formats
        .filter_map(|format| FormatNumber::new(format.to_wire()))
        .collect()
}
