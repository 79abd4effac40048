//! What guests are told: what was found, and what this renderer has commands for.

use format::Format;
use host_gl::{Caps, Current};
use wire_virgl::{
    CapabilityBits, CapabilityBits2, CapsV1, CapsV2, FEATURE_CHECK_VERSION, Features, FormatMask,
    FormatNumber, PrimitiveMode, RendererName,
};

use shader::back::glsl::Version;
use wire_virgl::limits::{MAX_SHADER_BUFFERS, MAX_SHADER_IMAGES};

use crate::formats::{Formats, HostFormat};
use crate::program::Language;
use crate::vertex::{attribute_format, is_attribute_of_es};

/// Capset 2; capset 1 is its front.
pub(crate) fn capset(gl: &Current<'_>, formats: &Formats, language: &Language) -> CapsV2 {
    let caps = gl.caps();
    let mut capset = CapsV2 {
        v1: front(caps, formats, language),
        host_feature_check_version: FEATURE_CHECK_VERSION,
        capability_bits: bits(caps),
        capability_bits_v2: bits2(caps),
        renderer: RendererName::new(&renderer(caps)),
        ..CapsV2::default()
    };
    set_memory(&mut capset, gl);
    set_formats(&mut capset, formats);
    set_sizes(&mut capset, caps);
    set_shader_limits(&mut capset, caps, language);
    set_memory_limits(&mut capset, caps);
    set_compute_limits(&mut capset, caps);
    capset.sample_locations = sample_locations(gl);
    capset
}

/// What the GPU has of its own, where the driver tells.
fn set_memory(capset: &mut CapsV2, gl: &Current<'_>) {
    const KIB_PER_MIB: u32 = 1024;
    let Some(memory) = gl.gpu_memory() else {
        return;
    };
    capset.capability_bits_v2 |= CapabilityBits2::MEMINFO;
    capset.max_video_memory = memory.dedicated / KIB_PER_MIB;
    let has_own = capset.max_video_memory > 0;
    capset
        .capability_bits_v2
        .set(CapabilityBits2::VIDEO_MEMORY, has_own);
}

fn is_depth(format: Format) -> bool {
    let description = format.description();
    description.has_depth() || description.has_stencil()
}

fn front(caps: &Caps, formats: &Formats, language: &Language) -> CapsV1 {
    let limits = &caps.limits;
    CapsV1 {
        max_version: 2,
        sampler: sampled(caps, formats),
        render: mask(formats, |_, host| host.can_render()),
        depth_stencil: mask(formats, |format, host| {
            host.can_render() && is_depth(format)
        }),
        vertex_buffer: vertex_formats(caps),
        features: features(caps),
        glsl_level: glsl_level(language),
        max_texture_array_layers: limits.max_texture_array_layers,
        max_streamout_buffers: match (caps.features.transform_feedback2, caps.api.is_es()) {
            (false, _) => 0,
            (true, true) => limits.max_transform_feedback_separate.min(4),
            (true, false) => 4,
        },
        max_dual_source_render_targets: match caps.features.dual_source_blend {
            true => limits.max_dual_source_draw_buffers,
            false => 0,
        },
        max_render_targets: limits
            .max_draw_buffers
            .min(limits.max_color_attachments)
            .min(8),
        max_samples: limits.max_samples,
        prim_mask: primitives(caps),
        max_tbo_size: match caps.features.texture_buffer {
            true => limits.max_texture_buffer_size,
            false => 0,
        },
        // The command's own constants are one more.
        max_uniform_blocks: limits
            .max_vertex_uniform_blocks
            .min(u32::from(language.constants).saturating_sub(1))
            .saturating_add(1),
        max_viewports: match caps.features.viewport_array {
            true => limits.max_viewports,
            false => 1,
        },
        max_texture_gather_components: match (caps.features.texture_gather, caps.api.is_es()) {
            (false, _) => 0,
            (true, true) => 4,
            (true, false) => limits.max_gather_components,
        },
    }
}

/// Those that textures have, and the stencil of those with depth.
fn sampled(caps: &Caps, formats: &Formats) -> FormatMask {
    let mut sampled = mask(formats, |_, host| {
        host.support.texture && !host.is_shunned()
    });
    let views = [
        (Format::X24S8_UINT, Format::Z24_UNORM_S8_UINT),
        (Format::S8X24_UINT, Format::S8_UINT_Z24_UNORM),
        (Format::X32_S8X24_UINT, Format::Z32_FLOAT_S8X24_UINT),
    ];
    let views = views
        .into_iter()
        .filter(|(_, of)| formats.of(*of).is_some());
    for (view, _) in views.filter(|_| caps.features.stencil_texturing) {
        FormatNumber::new(view.to_wire())
            .into_iter()
            .for_each(|format| sampled.insert(format));
    }
    sampled
}

/// OpenGL ES has as much as the desktop's version of the same year.
fn glsl_level(language: &Language) -> u32 {
    match language.target.version() {
        Version::Desktop(version) => version.into(),
        Version::Es(320..) => 430,
        Version::Es(310..) => 330,
        Version::Es(_) => 140,
    }
}

fn features(caps: &Caps) -> Features {
    let has = &caps.features;
    let mut features = Features::PRIMITIVE_RESTART
        | Features::BLEND_EQ_SEP
        | Features::INSTANCEID
        | Features::VERTEX_ELEMENT_INSTANCE_DIVISOR
        | Features::OCCLUSION_QUERY
        | Features::UBO
        | Features::FRAGMENT_COORD_CONVENTIONS
        | Features::SEAMLESS_CUBE_MAP
        | Features::COLOR_CLAMPING
        | Features::POLY_STIPPLE;
    let conditional = [
        (Features::INDEP_BLEND_ENABLE, has.indexed_blend_enable),
        (Features::INDEP_BLEND_FUNC, has.indexed_blend_func),
        (Features::CUBE_MAP_ARRAY, has.cube_map_array),
        (Features::SHADER_STENCIL_EXPORT, has.shader_stencil_export),
        (Features::CONDITIONAL_RENDER, has.conditional_render),
        (Features::START_INSTANCE, has.base_instance),
        (Features::TIMER_QUERY, has.timer_query),
        (Features::STREAMOUT_PAUSE_RESUME, has.transform_feedback2),
        (
            Features::TRANSFORM_FEEDBACK_OVERFLOW_QUERY,
            has.transform_feedback_overflow_query,
        ),
        (Features::TEXTURE_MULTISAMPLE, has.texture_multisample),
        (Features::DEPTH_CLIP_DISABLE, has.depth_clamp),
        (
            Features::SEAMLESS_CUBE_MAP_PER_TEXTURE,
            has.seamless_cubemap_per_texture,
        ),
        (
            Features::MIRROR_CLAMP,
            has.mirror_clamp || has.mirror_clamp_to_edge,
        ),
        (Features::TEXTURE_QUERY_LOD, has.texture_query_lod),
        (Features::FP64, has.fp64 && has.gpu_shader5),
        (Features::TESSELLATION_SHADERS, has.tessellation_shader),
        (Features::INDIRECT_DRAW, has.draw_indirect),
        (Features::SAMPLE_SHADING, has.sample_shading),
        (Features::CULL, has.cull_distance),
        (
            Features::CONDITIONAL_RENDER_INVERTED,
            has.conditional_render_inverted,
        ),
        (Features::DERIVATIVE_CONTROL, has.derivative_control),
        (Features::POLYGON_OFFSET_CLAMP, has.polygon_offset_clamp),
    ];
    for (feature, on) in conditional {
        features.set(feature, on);
    }
    features
}

/// Guests make triangles of what is not among them. A polygon would not do as a fan: its
/// provoking vertex is its first whatever the convention.
fn primitives(caps: &Caps) -> u32 {
    use PrimitiveMode as P;
    let simple = [
        P::Points,
        P::Lines,
        P::LineLoop,
        P::LineStrip,
        P::Triangles,
        P::TriangleStrip,
        P::TriangleFan,
    ];
    let adjacency = [
        P::LinesAdjacency,
        P::LineStripAdjacency,
        P::TrianglesAdjacency,
        P::TriangleStripAdjacency,
    ];
    let adjacency = adjacency
        .into_iter()
        .filter(|_| caps.features.geometry_shader);
    let patches = caps.features.tessellation_shader.then_some(P::Patches);
    let all = simple.into_iter().chain(adjacency).chain(patches);
    all.fold(0, |mask, mode| mask | 1 << mode.number())
}

fn bits(caps: &Caps) -> CapabilityBits {
    let has = &caps.features;
    let mut bits = CapabilityBits::TGSI_INVARIANT
        | CapabilityBits::TGSI_PRECISE
        | CapabilityBits::TGSI_COMPONENTS
        | CapabilityBits::INDIRECT_INPUT_ADDR
        | CapabilityBits::SET_MIN_SAMPLES
        | CapabilityBits::FBO_MIXED_COLOR_FORMATS
        | CapabilityBits::TRANSFER
        | CapabilityBits::COPY_TRANSFER
        // Where GL cannot take pages, they are copied.
        | CapabilityBits::ARB_BUFFER_STORAGE;
    let conditional = [
        (CapabilityBits::COMPUTE_SHADER, has.compute_shader),
        (CapabilityBits::MEMORY_BARRIER, caps.is_at_least(42, 31)),
        (CapabilityBits::TEXTURE_VIEW, has.texture_view),
        (CapabilityBits::COPY_IMAGE, has.copy_image),
        (CapabilityBits::TXQS, has.texture_samples),
        (CapabilityBits::FB_NO_ATTACH, has.framebuffer_no_attachments),
        (CapabilityBits::ROBUST_BUFFER_ACCESS, caps.robust_access),
        (CapabilityBits::SHADER_CLOCK, has.shader_clock),
        // Who is offered both has its shaders blend and sends the equation, too: twice is wrong.
        (
            CapabilityBits::TGSI_FBFETCH,
            has.framebuffer_fetch && !has.blend_equation_advanced,
        ),
        (CapabilityBits::TEXTURE_BARRIER, has.texture_barrier),
        (CapabilityBits::SRGB_WRITE_CONTROL, has.srgb_write_control),
        (CapabilityBits::TRANSFORM_FEEDBACK3, has.transform_feedback3),
        (CapabilityBits::QBO, has.query_buffer_object),
        (CapabilityBits::HOST_IS_GLES, caps.api.is_es()),
        (CapabilityBits::BIND_COMMAND_ARGS, has.draw_indirect),
        (CapabilityBits::MULTI_DRAW_INDIRECT, has.multi_draw_indirect),
        (CapabilityBits::INDIRECT_PARAMS, has.indirect_parameters),
        (CapabilityBits::CLIP_HALFZ, has.clip_control),
        (CapabilityBits::CLEAR_TEXTURE, has.clear_texture),
    ];
    for (bit, on) in conditional {
        bits.set(bit, on);
    }
    bits
}

fn bits2(caps: &Caps) -> CapabilityBits2 {
    let has = &caps.features;
    let mut bits = CapabilityBits2::COPY_TRANSFER_BOTH_DIRECTIONS;
    let conditional = [
        // OpenGL ES's blits write no samples, and shaders that do look at a view of the texture.
        (
            CapabilityBits2::IMPLICIT_MSAA,
            has.texture_multisample && (!caps.api.is_es() || has.texture_view),
        ),
        (CapabilityBits2::BLEND_EQUATION, has.blend_equation_advanced),
        (CapabilityBits2::STRING_MARKER, has.debug),
        (CapabilityBits2::TEXTURE_SHADOW_LOD, has.texture_shadow_lod),
        (
            CapabilityBits2::VS_VERTEX_LAYER,
            has.shader_viewport_layer_array,
        ),
        (
            CapabilityBits2::VS_VIEWPORT_INDEX,
            has.shader_viewport_layer_array,
        ),
        (
            CapabilityBits2::PIPELINE_STATISTICS_QUERY,
            has.pipeline_statistics_query,
        ),
        (CapabilityBits2::DRAW_PARAMETERS, has.draw_parameters),
        (CapabilityBits2::GROUP_VOTE, has.group_vote),
        (
            CapabilityBits2::MIRROR_CLAMP_TO_EDGE,
            has.mirror_clamp_to_edge,
        ),
        (CapabilityBits2::MIRROR_CLAMP, has.mirror_clamp),
    ];
    for (bit, on) in conditional {
        bits.set(bit, on);
    }
    bits
}

/// X servers refuse to accelerate on a renderer that is called llvmpipe; letters of another
/// case get past that.
fn renderer(caps: &Caps) -> String {
    caps.renderer.replace("llvmpipe", "LLVMPIPE")
}

fn set_formats(capset: &mut CapsV2, formats: &Formats) {
    capset.supported_readback_formats = mask(formats, |_, host| host.support.read);
    let mut multisample = mask(formats, |_, host| host.support.samples > 1);
    // Of framebuffers without attachments.
    multisample.insert(FormatNumber::NONE);
    capset.supported_multisample_formats = multisample;
    capset.scanout = mask(formats, |format, host| {
        let description = format.description();
        let is_byte = description.channels.iter().all(|channel| channel.bits == 8);
        host.can_render() && is_byte && description.block.bytes == 4 && !description.is_integer()
    });
}

fn set_sizes(capset: &mut CapsV2, caps: &Caps) {
    let limits = &caps.limits;
    [capset.min_aliased_point_size, capset.max_aliased_point_size] = limits.aliased_point_size;
    [capset.min_smooth_point_size, capset.max_smooth_point_size] = limits.smooth_point_size;
    [capset.min_aliased_line_width, capset.max_aliased_line_width] = limits.aliased_line_width;
    [capset.min_smooth_line_width, capset.max_smooth_line_width] = limits.smooth_line_width;
    capset.max_texture_lod_bias = limits.max_texture_lod_bias;
    capset.max_texture_2d_size = limits.max_texture_size;
    capset.max_texture_3d_size = limits.max_texture_3d_size;
    capset.max_texture_cube_size = limits.max_texture_cube_size;
    capset.max_anisotropy = match caps.features.anisotropy {
        true => limits.max_anisotropy.min(16.0),
        false => 0.0,
    };
    capset.min_texel_offset = limits.min_texel_offset;
    capset.max_texel_offset = limits.max_texel_offset.cast_signed();
    capset.min_texture_gather_offset = limits.min_gather_offset;
    capset.max_texture_gather_offset = limits.max_gather_offset.cast_signed();
    capset.texture_buffer_offset_alignment = limits.texture_buffer_offset_alignment;
    capset.uniform_buffer_offset_alignment = limits.uniform_buffer_offset_alignment;
    capset.max_uniform_block_size = limits.max_uniform_block_size;
    /// The least that OpenGL promises, where a driver doesn't say.
    const STRIDE: u32 = 2048;
    capset.max_vertex_attrib_stride = limits.max_vertex_attrib_stride.max(STRIDE);
}

fn set_shader_limits(capset: &mut CapsV2, caps: &Caps, language: &Language) {
    let limits = &caps.limits;
    capset.max_vertex_attribs = limits.max_vertex_attribs.min(32);
    capset.max_vertex_outputs = limits.max_vertex_output_components / 4;
    if caps.features.geometry_shader {
        capset.max_geom_output_vertices = limits.max_geometry_output_vertices;
        capset.max_geom_total_output_components = limits.max_geometry_total_output_components;
    }
    if caps.features.tessellation_shader {
        capset.max_shader_patch_varyings = limits.max_patch_components / 4;
        capset.max_tcs_outputs = limits.max_tess_control_output_components / 4;
        capset.max_tes_outputs = limits.max_tess_evaluation_output_components / 4;
    }
    let samplers = limits.max_texture_image_units.min(language.samplers.into());
    capset.max_texture_samplers = samplers;
    // Some are for state that is the shaders'.
    let bytes = |components: u32| components.saturating_sub(256).saturating_mul(4);
    capset.max_const_buffer_size = [
        limits.max_vertex_uniform_components,
        limits.max_fragment_uniform_components,
        limits.max_geometry_uniform_components,
        limits.max_tess_control_uniform_components,
        limits.max_tess_evaluation_uniform_components,
        limits.max_compute_uniform_components,
    ]
    .map(bytes);
}

/// Images, storage buffers and atomic counters.
fn set_memory_limits(capset: &mut CapsV2, caps: &Caps) {
    let limits = &caps.limits;
    if caps.features.shader_storage_buffer {
        capset.shader_buffer_offset_alignment = limits.shader_storage_offset_alignment;
        capset.max_shader_storage_blocks = [
            limits.max_vertex_shader_storage_blocks,
            limits.max_fragment_shader_storage_blocks,
            limits.max_geometry_shader_storage_blocks,
            limits.max_tess_control_shader_storage_blocks,
            limits.max_tess_evaluation_shader_storage_blocks,
            limits.max_compute_shader_storage_blocks,
        ]
        .map(|blocks| blocks.min(MAX_SHADER_BUFFERS));
        let [vertex, fragment, ..] = capset.max_shader_storage_blocks;
        capset.max_shader_buffer_other_stages = vertex;
        capset.max_shader_buffer_frag_compute = fragment;
        let combined = limits.max_combined_shader_storage_blocks;
        capset.max_combined_shader_buffers = combined.min(limits.max_shader_storage_bindings);
    }
    if caps.features.shader_image_load_store {
        let units = limits.max_image_units.min(MAX_SHADER_IMAGES);
        capset.max_shader_image_other_stages = limits.max_vertex_images.min(units);
        capset.max_shader_image_frag_compute = limits.max_fragment_images.min(units);
        capset.max_image_samples = limits.max_image_samples;
    }
    if caps.features.shader_atomic_counters && !caps.api.is_es() {
        capset.max_atomic_counters = [
            limits.max_vertex_atomics,
            limits.max_fragment_atomics,
            limits.max_geometry_atomics,
            limits.max_tess_control_atomics,
            limits.max_tess_evaluation_atomics,
            limits.max_compute_atomics,
        ];
        capset.max_atomic_counter_buffers = [
            limits.max_vertex_atomic_buffers,
            limits.max_fragment_atomic_buffers,
            limits.max_geometry_atomic_buffers,
            limits.max_tess_control_atomic_buffers,
            limits.max_tess_evaluation_atomic_buffers,
            limits.max_compute_atomic_buffers,
        ]
        .map(|buffers| buffers.min(MAX_COUNTER_BUFFERS));
        capset.max_combined_atomic_counters = limits.max_combined_atomics;
        let combined = limits.max_combined_atomic_buffers;
        capset.max_combined_atomic_counter_buffers = combined.min(MAX_COUNTER_BUFFERS);
    }
}

/// Where samples lie, for 2, 4, 8 and 16 of them: a byte each, x in the high and y in the low
/// four bits, in sixteenths of a pixel.
fn sample_locations(gl: &Current<'_>) -> [u32; 8] {
    let mut words = [0u32; 8];
    for (samples, first) in [(2, 0), (4, 1), (8, 2), (16, 4)] {
        let positions = gl.sample_positions(samples);
        let bytes = positions.iter().map(|[x, y]| {
            let sixteenths = |n: f32| ((n * 16.0) as u32).min(15);
            sixteenths(*x) << 4 | sixteenths(*y)
        });
        for (index, byte) in bytes.enumerate() {
            if let Some(word) = words.get_mut(first + index / 4) {
                *word |= byte << (index % 4 * 8);
            }
        }
    }
    words
}

/// As many as the shader crate has room for.
const MAX_COUNTER_BUFFERS: u32 = 8;

fn set_compute_limits(capset: &mut CapsV2, caps: &Caps) {
    let limits = &caps.limits;
    if caps.features.compute_shader {
        capset.max_compute_work_group_invocations = limits.max_compute_invocations;
        capset.max_compute_shared_memory_size = limits.max_compute_shared_memory;
        capset.max_compute_grid_size = limits.max_compute_grid;
        capset.max_compute_block_size = limits.max_compute_block;
    }
}

fn mask(formats: &Formats, has: impl Fn(Format, &HostFormat) -> bool) -> FormatMask {
    let formats =
        Format::all().filter(|format| formats.of(*format).is_some_and(|host| has(*format, host)));
    formats
        .filter_map(|format| FormatNumber::new(format.to_wire()))
        .collect()
}

/// Guests convert what is not among them.
fn vertex_formats(caps: &Caps) -> FormatMask {
    let has = |format: Format| {
        let attribute = attribute_format(format);
        attribute.is_some_and(|attribute| !caps.api.is_es() || is_attribute_of_es(attribute))
    };
    let formats = Format::all().filter(|format| has(*format));
    formats
        .filter_map(|format| FormatNumber::new(format.to_wire()))
        .collect()
}
