//! What a context can do: from its version, its extensions and its limits, never from who
//! made the driver.

use std::ffi::CStr;

use crate::{Current, Extensions, enums as gl};

/// The API of a context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Api {
    /// OpenGL, core profile.
    #[default]
    Core,
    /// OpenGL, compatibility profile.
    Compatibility,
    /// OpenGL ES.
    Es,
}

impl Api {
    /// Whether it is OpenGL ES.
    pub const fn is_es(self) -> bool {
        matches!(self, Self::Es)
    }

    /// `EGL_OPENGL_API` or `EGL_OPENGL_ES_API`
    pub(crate) const fn egl(self) -> u32 {
        if self.is_es() { 0x30a0 } else { 0x30a2 }
    }
}

/// A version as 10 times major plus minor: 46 is 4.6.
pub type Version = u32;

/// What a group's contexts can do.
#[derive(Clone, Debug, Default)]
pub struct Caps {
    /// The API.
    pub api: Api,
    /// The API's version.
    pub version: Version,
    /// `GL_VERSION`, for people.
    pub version_text: String,
    /// `GL_RENDERER`, for people.
    pub renderer: String,
    /// `GL_VENDOR`, for people.
    pub vendor: String,
    /// The shading language's version, 100 times: 460, or 320 of ES.
    pub glsl: u32,
    /// The extensions.
    pub extensions: Extensions,
    /// What there is.
    pub features: Features,
    /// How much there is of it.
    pub limits: Limits,
    /// Accesses beyond a buffer's end are defined (`GL_CONTEXT_ROBUST_ACCESS`).
    pub robust_access: bool,
}

impl Caps {
    pub(crate) fn probe(gl: &Current<'_>, api: Api) -> Self {
        let version = gl.integer(gl::MAJOR_VERSION) * 10 + gl.integer(gl::MINOR_VERSION);
        let extensions = extensions(gl);
        let features = Features::probe(api, version, &extensions);
        let limits = Limits::probe(gl);
        gl.clear_errors();
        let robust_access = gl.integer(gl::CONTEXT_ROBUST_ACCESS) != 0;
        gl.clear_errors();
        Self {
            api,
            version,
            version_text: gl.string(gl::VERSION),
            renderer: gl.string(gl::RENDERER),
            vendor: gl.string(gl::VENDOR),
            glsl: glsl(&gl.string(gl::SHADING_LANGUAGE_VERSION)),
            extensions,
            features,
            limits,
            robust_access,
        }
    }

    /// Whether the API is OpenGL of at least `desktop`, or OpenGL ES of at least `es`.
    pub fn is_at_least(&self, desktop: Version, es: Version) -> bool {
        self.version >= if self.api.is_es() { es } else { desktop }
    }

    /// Whether programs can be had as binaries: a driver may have the calls and no format.
    pub fn has_program_binaries(&self) -> bool {
        self.features.program_binary && self.limits.num_program_binary_formats > 0
    }
}

impl Current<'_> {
    /// An integer of the context's state; 0 if it has none of this name.
    pub fn integer(&self, name: u32) -> u32 {
        let mut values = [0; 4];
        // SAFETY: no state that is asked for has more than four values.
        unsafe { self.gl_get_integerv(name, values.as_mut_ptr()) };
        u32::try_from(values[0]).unwrap_or(0)
    }

    fn signed(&self, name: u32) -> i32 {
        let mut values = [0; 4];
        // SAFETY: no state that is asked for has more than four values.
        unsafe { self.gl_get_integerv(name, values.as_mut_ptr()) };
        values[0]
    }

    /// What GL counts without a sign and gives with one.
    pub(crate) fn counts(&self, name: u32) -> [u32; 4] {
        let mut values = [0; 4];
        // SAFETY: no state that is asked for has more than four values.
        unsafe { self.gl_get_integerv(name, values.as_mut_ptr()) };
        values.map(i32::cast_unsigned)
    }

    fn floats(&self, name: u32) -> [f32; 2] {
        let mut values = [0.0; 4];
        // SAFETY: no state that is asked for has more than four values.
        unsafe { self.gl_get_floatv(name, values.as_mut_ptr()) };
        [values[0], values[1]]
    }

    fn indexed(&self, name: u32) -> [u32; 3] {
        [0, 1, 2].map(|index| {
            let mut value = 0;
            // SAFETY: this state has one value for each index.
            unsafe { self.gl_get_integeri_v(name, index, &mut value) };
            u32::try_from(value).unwrap_or(0)
        })
    }

    fn string(&self, name: u32) -> String {
        // SAFETY: needs nothing.
        let text = unsafe { self.gl_get_string(name) };
        text_of(text)
    }
}

fn text_of(text: *const u8) -> String {
    // SAFETY: GL's strings are null or end in a zero byte, and last as long as the context.
    let text = (!text.is_null()).then(|| unsafe { CStr::from_ptr(text.cast()) });
    text.map(|text| text.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn extensions(gl: &Current<'_>) -> Extensions {
    // SAFETY: needs nothing.
    let name = |index| text_of(unsafe { gl.gl_get_stringi(gl::EXTENSIONS, index) });
    (0..gl.integer(gl::NUM_EXTENSIONS)).map(name).collect()
}

/// The number in `OpenGL ES GLSL ES 3.20` or `4.60 NVIDIA`.
fn glsl(text: &str) -> u32 {
    let words = text.split_ascii_whitespace();
    let mut numbers = words.filter_map(|word| {
        let (major, minor) = word.split_once('.')?;
        let minor: String = minor
            .chars()
            .take_while(char::is_ascii_digit)
            .take(2)
            .collect();
        Some(major.parse::<u32>().ok()?.checked_mul(100)? + minor.parse::<u32>().ok()?)
    });
    numbers.next().unwrap_or(0)
}

/// Where a feature is part of no version.
const NEVER: Version = Version::MAX;

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident = $desktop:expr, $es:expr, [$($extension:literal)*];)*) => {
        /// What a context has: from some version on, or by an extension.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[allow(clippy::struct_excessive_bools, reason = "they are independent")]
        pub struct Features {
            $($(#[$doc])* pub $name: bool,)*
        }

        impl Features {
            fn probe(api: Api, version: Version, extensions: &Extensions) -> Self {
                let (desktop, es) = match api {
                    Api::Es => (0, version),
                    Api::Core | Api::Compatibility => (version, 0),
                };
                Self {
                    $($name: desktop >= $desktop || es >= $es
                        $(|| extensions.has($extension))*,)*
                }
            }

            /// Every feature with its name.
            pub fn all(&self) -> impl Iterator<Item = (&'static str, bool)> {
                [$((stringify!($name), self.$name),)*].into_iter()
            }
        }
    };
}

features! {
    /// How much memory is free, as `GL_ATI_meminfo` tells it.
    ati_memory_info = NEVER, NEVER, ["GL_ATI_meminfo"];
    /// How much memory there is, as `GL_NVX_gpu_memory_info` tells it.
    nvx_memory_info = NEVER, NEVER, ["GL_NVX_gpu_memory_info"];
    /// Anisotropic filtering.
    anisotropy = 46, NEVER, ["GL_ARB_texture_filter_anisotropic" "GL_EXT_texture_filter_anisotropic"];
    /// Base instances.
    base_instance = 42, NEVER, ["GL_ARB_base_instance" "GL_EXT_base_instance"];
    /// `glBlendEquation` with equations of `KHR_blend_equation_advanced`.
    blend_equation_advanced = NEVER, 32, ["GL_KHR_blend_equation_advanced"];
    /// Buffers with flags, which can stay mapped.
    buffer_storage = 44, NEVER, ["GL_ARB_buffer_storage" "GL_EXT_buffer_storage"];
    /// Buffers in memory that others map, too.
    pinned_memory = NEVER, NEVER, ["GL_AMD_pinned_memory"];
    /// `glClearBufferData`
    clear_buffer = 43, NEVER, ["GL_ARB_clear_buffer_object"];
    /// `glClearTexImage`
    clear_texture = 44, NEVER, ["GL_ARB_clear_texture" "GL_EXT_clear_texture"];
    /// `glClipControl`
    clip_control = 45, NEVER, ["GL_ARB_clip_control" "GL_EXT_clip_control"];
    /// Compute shaders.
    compute_shader = 43, 31, ["GL_ARB_compute_shader"];
    /// `glBeginConditionalRender`
    conditional_render = 30, NEVER, ["GL_NV_conditional_render"];
    /// Its inverted modes.
    conditional_render_inverted = 45, NEVER, ["GL_ARB_conditional_render_inverted"];
    /// Depth that is stored without clamping and drawn without clipping.
    depth_clamp = 32, NEVER, ["GL_ARB_depth_clamp" "GL_EXT_depth_clamp"];
    /// `glCopyImageSubData`
    copy_image = 43, 32, ["GL_ARB_copy_image" "GL_EXT_copy_image" "GL_OES_copy_image"];
    /// Arrays of cube maps.
    cube_map_array = 40, 32, ["GL_ARB_texture_cube_map_array" "GL_EXT_texture_cube_map_array" "GL_OES_texture_cube_map_array"];
    /// Distances that cull.
    cull_distance = 45, NEVER, ["GL_ARB_cull_distance" "GL_EXT_clip_cull_distance"];
    /// `KHR_debug`
    debug = 43, 32, ["GL_KHR_debug"];
    /// `dFdxFine` and its like.
    derivative_control = 45, NEVER, ["GL_ARB_derivative_control"];
    /// Draws whose parameters are in a buffer.
    draw_indirect = 40, 31, ["GL_ARB_draw_indirect"];
    /// `gl_BaseVertex` and its like.
    draw_parameters = 46, NEVER, ["GL_ARB_shader_draw_parameters"];
    /// Blend functions of two colours.
    dual_source_blend = 33, NEVER, ["GL_ARB_blend_func_extended" "GL_EXT_blend_func_extended"];
    /// Framebuffers without attachments.
    framebuffer_no_attachments = 43, 31, ["GL_ARB_framebuffer_no_attachments"];
    /// Reading the framebuffer in a shader.
    framebuffer_fetch = NEVER, NEVER, ["GL_EXT_shader_framebuffer_fetch"];
    /// Double precision in shaders.
    fp64 = 40, NEVER, ["GL_ARB_gpu_shader_fp64"];
    /// Geometry shaders.
    geometry_shader = 32, 32, ["GL_EXT_geometry_shader" "GL_OES_geometry_shader"];
    /// `ARB_gpu_shader5`
    gpu_shader5 = 40, 32, ["GL_ARB_gpu_shader5" "GL_EXT_gpu_shader5" "GL_OES_gpu_shader5"];
    /// `anyInvocation` and its like.
    group_vote = 46, NEVER, ["GL_ARB_shader_group_vote"];
    /// Enabling blending for one render target.
    indexed_blend_enable = 30, 32, ["GL_EXT_draw_buffers_indexed" "GL_OES_draw_buffers_indexed"];
    /// Blend functions for one render target.
    indexed_blend_func = 40, 32, ["GL_ARB_draw_buffers_blend" "GL_EXT_draw_buffers_indexed" "GL_OES_draw_buffers_indexed"];
    /// The number of draws in a buffer.
    indirect_parameters = 46, NEVER, ["GL_ARB_indirect_parameters"];
    /// `glGetInternalformativ`
    internalformat_query = 42, 30, ["GL_ARB_internalformat_query"];
    /// `glGetInternalformativ` with all of its questions.
    internalformat_query2 = 43, NEVER, ["GL_ARB_internalformat_query2"];
    /// `GL_MIRROR_CLAMP_TO_EDGE`
    mirror_clamp_to_edge = 44, NEVER, ["GL_ARB_texture_mirror_clamp_to_edge" "GL_EXT_texture_mirror_clamp_to_edge" "GL_EXT_texture_mirror_clamp" "GL_ATI_texture_mirror_once"];
    /// The other mirror-clamp modes.
    mirror_clamp = NEVER, NEVER, ["GL_EXT_texture_mirror_clamp"];
    /// Several indirect draws at once.
    multi_draw_indirect = 43, NEVER, ["GL_ARB_multi_draw_indirect" "GL_EXT_multi_draw_indirect"];
    /// Query results in buffers.
    query_buffer_object = 44, NEVER, ["GL_ARB_query_buffer_object"];
    /// Statistics of the pipeline.
    pipeline_statistics_query = 46, NEVER, ["GL_ARB_pipeline_statistics_query"];
    /// A bound on the depth offset.
    polygon_offset_clamp = 46, NEVER, ["GL_ARB_polygon_offset_clamp" "GL_EXT_polygon_offset_clamp"];
    /// `glPolygonMode`
    polygon_mode = 10, NEVER, ["GL_NV_polygon_mode"];
    /// `glPrimitiveRestartIndex`
    primitive_restart_index = 31, NEVER, [];
    /// Programs as binaries.
    program_binary = 41, 30, ["GL_ARB_get_program_binary" "GL_OES_get_program_binary"];
    /// `glProvokingVertex`
    provoking_vertex = 32, NEVER, ["GL_ARB_provoking_vertex" "GL_EXT_provoking_vertex"];
    /// `glGetGraphicsResetStatus`
    robustness = 45, 32, ["GL_KHR_robustness" "GL_ARB_robustness" "GL_EXT_robustness"];
    /// Shading each sample.
    sample_shading = 40, 32, ["GL_ARB_sample_shading" "GL_OES_sample_shading"];
    /// Sampler objects.
    sampler_objects = 33, 30, ["GL_ARB_sampler_objects"];
    /// Border colours.
    border_color = 10, 32, ["GL_EXT_texture_border_clamp" "GL_OES_texture_border_clamp" "GL_NV_texture_border_clamp"];
    /// Filtering across the faces of a cube, for all textures at once.
    seamless_cube_map = 32, NEVER, ["GL_ARB_seamless_cube_map"];
    /// The same for each texture.
    seamless_cubemap_per_texture = NEVER, NEVER, ["GL_ARB_seamless_cubemap_per_texture" "GL_AMD_seamless_cubemap_per_texture"];
    /// Programs of one stage, which a pipeline puts together.
    separate_shader_objects = 41, 31, ["GL_ARB_separate_shader_objects"];
    /// Atomic counters.
    shader_atomic_counters = 42, 31, ["GL_ARB_shader_atomic_counters"];
    /// `clockARB`
    shader_clock = NEVER, NEVER, ["GL_ARB_shader_clock"];
    /// Loads from and stores to images.
    shader_image_load_store = 42, 31, ["GL_ARB_shader_image_load_store"];
    /// Layers and viewports without a geometry shader.
    shader_viewport_layer_array = NEVER, NEVER, ["GL_ARB_shader_viewport_layer_array" "GL_AMD_vertex_shader_layer"];
    /// Stencil values from a shader.
    shader_stencil_export = NEVER, NEVER, ["GL_ARB_shader_stencil_export"];
    /// Shader storage.
    shader_storage_buffer = 43, 31, ["GL_ARB_shader_storage_buffer_object"];
    /// `GL_FRAMEBUFFER_SRGB`
    srgb_write_control = 30, NEVER, ["GL_EXT_sRGB_write_control"];
    /// Sampling stencil of depth-stencil textures.
    stencil_texturing = 43, 31, ["GL_ARB_stencil_texturing"];
    /// Tessellation shaders.
    tessellation_shader = 40, 32, ["GL_ARB_tessellation_shader" "GL_EXT_tessellation_shader" "GL_OES_tessellation_shader"];
    /// Textures with one dimension.
    texture_1d = 10, NEVER, [];
    /// `glTextureBarrier`
    texture_barrier = 45, NEVER, ["GL_ARB_texture_barrier" "GL_NV_texture_barrier"];
    /// Buffer textures.
    texture_buffer = 31, 32, ["GL_ARB_texture_buffer_object" "GL_EXT_texture_buffer" "GL_OES_texture_buffer"];
    /// Buffer textures of a part of a buffer.
    texture_buffer_range = 43, 32, ["GL_ARB_texture_buffer_range" "GL_EXT_texture_buffer" "GL_OES_texture_buffer"];
    /// Gathering four texels.
    texture_gather = 40, 31, ["GL_ARB_texture_gather"];
    /// `textureQueryLod`
    texture_query_lod = 40, NEVER, ["GL_ARB_texture_query_lod" "GL_EXT_texture_query_lod"];
    /// `textureSamples`
    texture_samples = 45, NEVER, ["GL_ARB_shader_texture_image_samples"];
    /// Textures with several samples a pixel.
    texture_multisample = 32, 31, ["GL_ARB_texture_multisample"];
    /// Arrays of such.
    texture_multisample_array = 32, 32, ["GL_ARB_texture_multisample" "GL_OES_texture_storage_multisample_2d_array"];
    /// Rectangle textures.
    texture_rectangle = 31, NEVER, ["GL_ARB_texture_rectangle"];
    /// A level of detail for shadow lookups.
    texture_shadow_lod = NEVER, NEVER, ["GL_EXT_texture_shadow_lod"];
    /// Texture storage whose size does not change.
    texture_storage = 42, 30, ["GL_ARB_texture_storage"];
    /// The same with several samples a pixel.
    texture_storage_multisample = 43, 31, ["GL_ARB_texture_storage_multisample"];
    /// `glGetTextureSubImage`
    texture_sub_image = 45, NEVER, ["GL_ARB_get_texture_sub_image"];
    /// Reading textures back without a framebuffer.
    texture_image_read = 10, NEVER, [];
    /// Another view of a texture's storage.
    texture_view = 43, NEVER, ["GL_ARB_texture_view" "GL_OES_texture_view" "GL_EXT_texture_view"];
    /// Time.
    timer_query = 33, NEVER, ["GL_ARB_timer_query" "GL_EXT_disjoint_timer_query"];
    /// Draws of as many vertices as were fed back.
    draw_transform_feedback = 40, NEVER, ["GL_ARB_transform_feedback2" "GL_EXT_draw_transform_feedback"];
    /// Transform feedback with objects, and pausing.
    transform_feedback2 = 40, 30, ["GL_ARB_transform_feedback2"];
    /// Draws of as much as was streamed out.
    transform_feedback_draw = 40, NEVER, ["GL_ARB_transform_feedback2" "GL_EXT_draw_transform_feedback"];
    /// Transform feedback of several streams.
    transform_feedback3 = 40, NEVER, ["GL_ARB_transform_feedback3"];
    /// Instances of draws from transform feedback.
    transform_feedback_instanced = 42, NEVER, ["GL_ARB_transform_feedback_instanced" "GL_EXT_draw_transform_feedback"];
    /// Whether a stream overflowed.
    transform_feedback_overflow_query = 46, NEVER, ["GL_ARB_transform_feedback_overflow_query"];
    /// Vertex formats and vertex buffers apart.
    vertex_attrib_binding = 43, 31, ["GL_ARB_vertex_attrib_binding"];
    /// Vertex attributes of double precision.
    vertex_attrib_64bit = 41, NEVER, ["GL_ARB_vertex_attrib_64bit"];
    /// Several viewports.
    viewport_array = 41, NEVER, ["GL_ARB_viewport_array" "GL_OES_viewport_array" "GL_NV_viewport_array"];
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident = $constant:ident;)*) => {
        /// How much of each thing there is; 0 of what the context lacks.
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct Limits {
            $(
                #[doc = concat!("`GL_", stringify!($constant), "`")]
                pub $name: u32,
            )*
            /// `GL_MIN_PROGRAM_TEXEL_OFFSET`
            pub min_texel_offset: i32,
            /// `GL_MIN_PROGRAM_TEXTURE_GATHER_OFFSET`
            pub min_gather_offset: i32,
            /// `GL_ALIASED_POINT_SIZE_RANGE`
            pub aliased_point_size: [f32; 2],
            /// `GL_SMOOTH_POINT_SIZE_RANGE`
            pub smooth_point_size: [f32; 2],
            /// `GL_ALIASED_LINE_WIDTH_RANGE`
            pub aliased_line_width: [f32; 2],
            /// `GL_SMOOTH_LINE_WIDTH_RANGE`
            pub smooth_line_width: [f32; 2],
            /// `GL_MAX_TEXTURE_LOD_BIAS`
            pub max_texture_lod_bias: f32,
            /// `GL_MAX_TEXTURE_MAX_ANISOTROPY`
            pub max_anisotropy: f32,
            /// `GL_MAX_COMPUTE_WORK_GROUP_COUNT`
            pub max_compute_grid: [u32; 3],
            /// `GL_MAX_COMPUTE_WORK_GROUP_SIZE`
            pub max_compute_block: [u32; 3],
        }

        impl Limits {
            fn probe(gl: &Current<'_>) -> Self {
                Self {
                    $($name: gl.integer(gl::$constant),)*
                    min_texel_offset: gl.signed(gl::MIN_PROGRAM_TEXEL_OFFSET),
                    min_gather_offset: gl.signed(gl::MIN_PROGRAM_TEXTURE_GATHER_OFFSET),
                    aliased_point_size: gl.floats(gl::ALIASED_POINT_SIZE_RANGE),
                    smooth_point_size: gl.floats(gl::SMOOTH_POINT_SIZE_RANGE),
                    aliased_line_width: gl.floats(gl::ALIASED_LINE_WIDTH_RANGE),
                    smooth_line_width: gl.floats(gl::SMOOTH_LINE_WIDTH_RANGE),
                    max_texture_lod_bias: gl.floats(gl::MAX_TEXTURE_LOD_BIAS)[0],
                    max_anisotropy: gl.floats(gl::MAX_TEXTURE_MAX_ANISOTROPY)[0],
                    max_compute_grid: gl.indexed(gl::MAX_COMPUTE_WORK_GROUP_COUNT),
                    max_compute_block: gl.indexed(gl::MAX_COMPUTE_WORK_GROUP_SIZE),
                }
            }
        }
    };
}

limits! {
    max_texture_size = MAX_TEXTURE_SIZE;
    max_texture_3d_size = MAX_3D_TEXTURE_SIZE;
    max_texture_cube_size = MAX_CUBE_MAP_TEXTURE_SIZE;
    max_texture_array_layers = MAX_ARRAY_TEXTURE_LAYERS;
    max_texture_buffer_size = MAX_TEXTURE_BUFFER_SIZE;
    max_rectangle_size = MAX_RECTANGLE_TEXTURE_SIZE;
    max_renderbuffer_size = MAX_RENDERBUFFER_SIZE;
    max_combined_texture_image_units = MAX_COMBINED_TEXTURE_IMAGE_UNITS;
    max_texture_image_units = MAX_TEXTURE_IMAGE_UNITS;
    max_samples = MAX_SAMPLES;
    max_color_attachments = MAX_COLOR_ATTACHMENTS;
    max_draw_buffers = MAX_DRAW_BUFFERS;
    max_dual_source_draw_buffers = MAX_DUAL_SOURCE_DRAW_BUFFERS;
    max_viewports = MAX_VIEWPORTS;
    max_vertex_attribs = MAX_VERTEX_ATTRIBS;
    max_vertex_attrib_stride = MAX_VERTEX_ATTRIB_STRIDE;
    max_vertex_output_components = MAX_VERTEX_OUTPUT_COMPONENTS;
    max_varying_vectors = MAX_VARYING_VECTORS;
    max_uniform_block_size = MAX_UNIFORM_BLOCK_SIZE;
    max_uniform_buffer_bindings = MAX_UNIFORM_BUFFER_BINDINGS;
    max_vertex_uniform_blocks = MAX_VERTEX_UNIFORM_BLOCKS;
    max_vertex_uniform_components = MAX_VERTEX_UNIFORM_COMPONENTS;
    max_fragment_uniform_components = MAX_FRAGMENT_UNIFORM_COMPONENTS;
    max_geometry_uniform_components = MAX_GEOMETRY_UNIFORM_COMPONENTS;
    max_tess_control_uniform_components = MAX_TESS_CONTROL_UNIFORM_COMPONENTS;
    max_tess_evaluation_uniform_components = MAX_TESS_EVALUATION_UNIFORM_COMPONENTS;
    max_compute_uniform_components = MAX_COMPUTE_UNIFORM_COMPONENTS;
    uniform_buffer_offset_alignment = UNIFORM_BUFFER_OFFSET_ALIGNMENT;
    shader_storage_offset_alignment = SHADER_STORAGE_BUFFER_OFFSET_ALIGNMENT;
    texture_buffer_offset_alignment = TEXTURE_BUFFER_OFFSET_ALIGNMENT;
    max_vertex_shader_storage_blocks = MAX_VERTEX_SHADER_STORAGE_BLOCKS;
    max_fragment_shader_storage_blocks = MAX_FRAGMENT_SHADER_STORAGE_BLOCKS;
    max_geometry_shader_storage_blocks = MAX_GEOMETRY_SHADER_STORAGE_BLOCKS;
    max_tess_control_shader_storage_blocks = MAX_TESS_CONTROL_SHADER_STORAGE_BLOCKS;
    max_tess_evaluation_shader_storage_blocks = MAX_TESS_EVALUATION_SHADER_STORAGE_BLOCKS;
    max_compute_shader_storage_blocks = MAX_COMPUTE_SHADER_STORAGE_BLOCKS;
    max_combined_shader_storage_blocks = MAX_COMBINED_SHADER_STORAGE_BLOCKS;
    max_shader_storage_bindings = MAX_SHADER_STORAGE_BUFFER_BINDINGS;
    max_image_units = MAX_IMAGE_UNITS;
    max_image_samples = MAX_IMAGE_SAMPLES;
    max_vertex_images = MAX_VERTEX_IMAGE_UNIFORMS;
    max_fragment_images = MAX_FRAGMENT_IMAGE_UNIFORMS;
    max_compute_images = MAX_COMPUTE_IMAGE_UNIFORMS;
    max_atomic_bindings = MAX_ATOMIC_COUNTER_BUFFER_BINDINGS;
    max_vertex_atomic_buffers = MAX_VERTEX_ATOMIC_COUNTER_BUFFERS;
    max_tess_control_atomic_buffers = MAX_TESS_CONTROL_ATOMIC_COUNTER_BUFFERS;
    max_tess_evaluation_atomic_buffers = MAX_TESS_EVALUATION_ATOMIC_COUNTER_BUFFERS;
    max_geometry_atomic_buffers = MAX_GEOMETRY_ATOMIC_COUNTER_BUFFERS;
    max_fragment_atomic_buffers = MAX_FRAGMENT_ATOMIC_COUNTER_BUFFERS;
    max_compute_atomic_buffers = MAX_COMPUTE_ATOMIC_COUNTER_BUFFERS;
    max_combined_atomic_buffers = MAX_COMBINED_ATOMIC_COUNTER_BUFFERS;
    max_vertex_atomics = MAX_VERTEX_ATOMIC_COUNTERS;
    max_tess_control_atomics = MAX_TESS_CONTROL_ATOMIC_COUNTERS;
    max_tess_evaluation_atomics = MAX_TESS_EVALUATION_ATOMIC_COUNTERS;
    max_geometry_atomics = MAX_GEOMETRY_ATOMIC_COUNTERS;
    max_fragment_atomics = MAX_FRAGMENT_ATOMIC_COUNTERS;
    max_compute_atomics = MAX_COMPUTE_ATOMIC_COUNTERS;
    max_combined_atomics = MAX_COMBINED_ATOMIC_COUNTERS;
    max_geometry_output_vertices = MAX_GEOMETRY_OUTPUT_VERTICES;
    max_geometry_total_output_components = MAX_GEOMETRY_TOTAL_OUTPUT_COMPONENTS;
    max_patch_components = MAX_TESS_PATCH_COMPONENTS;
    max_tess_control_output_components = MAX_TESS_CONTROL_OUTPUT_COMPONENTS;
    max_tess_evaluation_output_components = MAX_TESS_EVALUATION_OUTPUT_COMPONENTS;
    max_texel_offset = MAX_PROGRAM_TEXEL_OFFSET;
    max_gather_offset = MAX_PROGRAM_TEXTURE_GATHER_OFFSET;
    max_gather_components = MAX_PROGRAM_TEXTURE_GATHER_COMPONENTS_ARB;
    max_transform_feedback_buffers = MAX_TRANSFORM_FEEDBACK_BUFFERS;
    max_transform_feedback_separate = MAX_TRANSFORM_FEEDBACK_SEPARATE_ATTRIBS;
    max_transform_feedback_components = MAX_TRANSFORM_FEEDBACK_INTERLEAVED_COMPONENTS;
    max_compute_invocations = MAX_COMPUTE_WORK_GROUP_INVOCATIONS;
    max_compute_shared_memory = MAX_COMPUTE_SHARED_MEMORY_SIZE;
    max_clip_distances = MAX_CLIP_DISTANCES;
    max_debug_message_length = MAX_DEBUG_MESSAGE_LENGTH;
    num_program_binary_formats = NUM_PROGRAM_BINARY_FORMATS;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glsl_versions() {
        assert_eq!(glsl("4.60"), 460);
        assert_eq!(glsl("4.60 NVIDIA"), 460);
        assert_eq!(glsl("OpenGL ES GLSL ES 3.20"), 320);
        assert_eq!(glsl("3.30.6"), 330);
        assert_eq!(glsl("none"), 0);
    }

    #[test]
    fn a_feature_comes_with_a_version_or_an_extension() {
        let none = Extensions::default();
        let storage = Extensions::of_words("GL_EXT_buffer_storage");
        assert!(Features::probe(Api::Core, 44, &none).buffer_storage);
        assert!(!Features::probe(Api::Core, 43, &none).buffer_storage);
        assert!(!Features::probe(Api::Es, 32, &none).buffer_storage);
        assert!(Features::probe(Api::Es, 31, &storage).buffer_storage);
        assert!(Features::probe(Api::Es, 31, &none).compute_shader);
    }
}
