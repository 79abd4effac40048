//! The language that goes out: its version, its extensions, and the context's limits that
//! the text depends on.

use super::error::Unsupported;
use super::feature::Feature;
use std::cell::Cell;

/// Which language, and which version of it as `#version` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// OpenGL's: 130 to 460, the core profile's from 150 on.
    Desktop(u16),
    /// OpenGL ES's: 300 to 320.
    Es(u16),
}

macro_rules! extensions {
    ($($flag:ident $name:literal $bit:literal;)*) => {
        bitflags::bitflags! {
            /// The extensions of the language that change what can be written.
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
            pub struct Extensions: u128 {
                $(#[doc = concat!("`", $name, "`.")] const $flag = 1 << $bit;)*
            }
        }

        impl Extensions {
            /// The extension of this name, as `glGetStringi(GL_EXTENSIONS)` spells it;
            /// nothing for one that changes no text.
            pub fn from_extension(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$flag),)*
                    _ => None,
                }
            }

            /// The names of those in the set.
            pub fn names(self) -> impl Iterator<Item = &'static str> {
                [$((Self::$flag, $name)),*]
                    .into_iter()
                    .filter(move |(flag, _)| self.contains(*flag))
                    .map(|(_, name)| name)
            }
        }
    };
}

extensions! {
    ARB_GPU_SHADER5 "GL_ARB_gpu_shader5" 0;
    ARB_GPU_SHADER_FP64 "GL_ARB_gpu_shader_fp64" 1;
    ARB_GPU_SHADER_INT64 "GL_ARB_gpu_shader_int64" 2;
    ARB_SHADING_LANGUAGE_PACKING "GL_ARB_shading_language_packing" 3;
    ARB_SHADING_LANGUAGE_420PACK "GL_ARB_shading_language_420pack" 4;
    ARB_SAMPLE_SHADING "GL_ARB_sample_shading" 5;
    ARB_TEXTURE_CUBE_MAP_ARRAY "GL_ARB_texture_cube_map_array" 6;
    ARB_TEXTURE_QUERY_LEVELS "GL_ARB_texture_query_levels" 7;
    ARB_SHADER_TEXTURE_IMAGE_SAMPLES "GL_ARB_shader_texture_image_samples" 8;
    ARB_SHADER_IMAGE_LOAD_STORE "GL_ARB_shader_image_load_store" 9;
    ARB_SHADER_IMAGE_SIZE "GL_ARB_shader_image_size" 10;
    ARB_SHADER_STORAGE_BUFFER_OBJECT "GL_ARB_shader_storage_buffer_object" 11;
    ARB_SHADER_ATOMIC_COUNTERS "GL_ARB_shader_atomic_counters" 12;
    ARB_SHADER_ATOMIC_COUNTER_OPS "GL_ARB_shader_atomic_counter_ops" 13;
    ARB_COMPUTE_SHADER "GL_ARB_compute_shader" 14;
    ARB_TESSELLATION_SHADER "GL_ARB_tessellation_shader" 15;
    ARB_CULL_DISTANCE "GL_ARB_cull_distance" 16;
    ARB_VIEWPORT_ARRAY "GL_ARB_viewport_array" 17;
    ARB_SHADER_VIEWPORT_LAYER_ARRAY "GL_ARB_shader_viewport_layer_array" 18;
    AMD_VERTEX_SHADER_LAYER "GL_AMD_vertex_shader_layer" 19;
    AMD_VERTEX_SHADER_VIEWPORT_INDEX "GL_AMD_vertex_shader_viewport_index" 20;
    ARB_FRAGMENT_LAYER_VIEWPORT "GL_ARB_fragment_layer_viewport" 21;
    ARB_SHADER_STENCIL_EXPORT "GL_ARB_shader_stencil_export" 22;
    ARB_DERIVATIVE_CONTROL "GL_ARB_derivative_control" 23;
    ARB_SHADER_DRAW_PARAMETERS "GL_ARB_shader_draw_parameters" 24;
    ARB_SHADER_CLOCK "GL_ARB_shader_clock" 25;
    ARB_SHADER_GROUP_VOTE "GL_ARB_shader_group_vote" 26;
    ARB_POST_DEPTH_COVERAGE "GL_ARB_post_depth_coverage" 27;
    ARB_CONSERVATIVE_DEPTH "GL_ARB_conservative_depth" 28;
    KHR_BLEND_EQUATION_ADVANCED "GL_KHR_blend_equation_advanced" 29;
    EXT_SHADER_FRAMEBUFFER_FETCH "GL_EXT_shader_framebuffer_fetch" 30;
    EXT_DEMOTE_TO_HELPER_INVOCATION "GL_EXT_demote_to_helper_invocation" 31;
    EXT_TEXTURE_SHADOW_LOD "GL_EXT_texture_shadow_lod" 32;
    EXT_GPU_SHADER5 "GL_EXT_gpu_shader5" 33;
    EXT_TEXTURE_CUBE_MAP_ARRAY "GL_EXT_texture_cube_map_array" 34;
    EXT_TEXTURE_BUFFER "GL_EXT_texture_buffer" 35;
    EXT_GEOMETRY_SHADER "GL_EXT_geometry_shader" 36;
    EXT_TESSELLATION_SHADER "GL_EXT_tessellation_shader" 37;
    EXT_CLIP_CULL_DISTANCE "GL_EXT_clip_cull_distance" 38;
    EXT_BLEND_FUNC_EXTENDED "GL_EXT_blend_func_extended" 39;
    EXT_POST_DEPTH_COVERAGE "GL_EXT_post_depth_coverage" 40;
    EXT_CONSERVATIVE_DEPTH "GL_EXT_conservative_depth" 41;
    OES_SAMPLE_VARIABLES "GL_OES_sample_variables" 42;
    OES_SHADER_MULTISAMPLE_INTERPOLATION "GL_OES_shader_multisample_interpolation" 43;
    OES_TEXTURE_STORAGE_MULTISAMPLE_2D_ARRAY "GL_OES_texture_storage_multisample_2d_array" 44;
    OES_SHADER_IMAGE_ATOMIC "GL_OES_shader_image_atomic" 45;
    OES_VIEWPORT_ARRAY "GL_OES_viewport_array" 46;
    NV_IMAGE_FORMATS "GL_NV_image_formats" 47;
    NV_SHADER_NOPERSPECTIVE_INTERPOLATION "GL_NV_shader_noperspective_interpolation" 48;
    EXT_GEOMETRY_POINT_SIZE "GL_EXT_geometry_point_size" 49;
    EXT_TESSELLATION_POINT_SIZE "GL_EXT_tessellation_point_size" 50;
    ARB_TEXTURE_QUERY_LOD "GL_ARB_texture_query_lod" 51;
    ARB_ES3_1_COMPATIBILITY "GL_ARB_ES3_1_compatibility" 52;
    ARB_SHADER_BIT_ENCODING "GL_ARB_shader_bit_encoding" 53;
    ARB_UNIFORM_BUFFER_OBJECT "GL_ARB_uniform_buffer_object" 54;
    ARB_EXPLICIT_ATTRIB_LOCATION "GL_ARB_explicit_attrib_location" 55;
    ARB_FRAGMENT_COORD_CONVENTIONS "GL_ARB_fragment_coord_conventions" 56;
    ARB_DRAW_INSTANCED "GL_ARB_draw_instanced" 57;
    ARB_TEXTURE_MULTISAMPLE "GL_ARB_texture_multisample" 58;
    ARB_BLEND_FUNC_EXTENDED "GL_ARB_blend_func_extended" 59;
    EXT_SHADER_IO_BLOCKS "GL_EXT_shader_io_blocks" 60;
    EXT_TEXTURE_QUERY_LOD "GL_EXT_texture_query_lod" 61;
    OES_GEOMETRY_SHADER "GL_OES_geometry_shader" 62;
    OES_GEOMETRY_POINT_SIZE "GL_OES_geometry_point_size" 63;
    OES_TESSELLATION_SHADER "GL_OES_tessellation_shader" 64;
    OES_TESSELLATION_POINT_SIZE "GL_OES_tessellation_point_size" 65;
    OES_SHADER_IO_BLOCKS "GL_OES_shader_io_blocks" 66;
    OES_GPU_SHADER5 "GL_OES_gpu_shader5" 67;
    OES_TEXTURE_BUFFER "GL_OES_texture_buffer" 68;
    OES_TEXTURE_CUBE_MAP_ARRAY "GL_OES_texture_cube_map_array" 69;
    NV_VIEWPORT_ARRAY "GL_NV_viewport_array" 70;
}

/// Extensions of the API alone, which no text names.
const WORDLESS: Extensions = Extensions::ARB_BLEND_FUNC_EXTENDED;

/// What the text is for: one context's language, extensions and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    version: Version,
    /// The extensions that the context has. Those that a text makes use of, because the
    /// version lacks something, are named in it by `#extension`.
    pub extensions: Extensions,
    /// Vectors of four that a uniform block can hold (`GL_MAX_UNIFORM_BLOCK_SIZE` / 16).
    pub uniform_block_vectors: u16,
    /// Bytes of memory that a workgroup can share (`GL_MAX_COMPUTE_SHARED_MEMORY_SIZE`).
    pub shared_bytes: u32,
    /// Whether accesses outside of a buffer's bounds are harmless (a context with robust
    /// buffer access). Otherwise each access of a storage buffer looks at its length first.
    pub robust: bool,
}

impl Target {
    /// A context of this version that has no extensions, the least limits that OpenGL
    /// promises, and no robustness. Nothing for what is no version, or older than 1.30
    /// (OpenGL ES: 3.00).
    pub const fn new(version: Version) -> Option<Self> {
        match version {
            Version::Desktop(130 | 140 | 150 | 330 | 400 | 410 | 420 | 430 | 440 | 450 | 460)
            | Version::Es(300 | 310 | 320) => Some(Self {
                version,
                extensions: Extensions::empty(),
                uniform_block_vectors: 1024,
                shared_bytes: 16_384,
                robust: false,
            }),
            _ => None,
        }
    }

    /// The version.
    pub const fn version(&self) -> Version {
        self.version
    }
}

/// The target, and what of its extensions a text has made use of so far.
pub(super) struct Language {
    pub(super) target: Target,
    used: Cell<Extensions>,
}

/// Where a feature comes from; some functions are named otherwise in an extension.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Core,
    Extension,
}

impl Language {
    pub(super) const fn new(target: Target) -> Self {
        Self {
            target,
            used: Cell::new(Extensions::empty()),
        }
    }

    /// Whether it is OpenGL ES's.
    pub(super) const fn is_es(&self) -> bool {
        matches!(self.target.version, Version::Es(_))
    }

    /// The target has the feature, or the shader cannot be written for it.
    pub(super) fn needs(&self, feature: &Feature) -> Result<From, Unsupported> {
        let (version, core, extensions) = match self.target.version {
            Version::Desktop(version) => (version, feature.desktop, feature.desktop_extensions),
            Version::Es(version) => (version, feature.es, feature.es_extensions),
        };
        if core.is_some_and(|core| version >= core) {
            return Ok(From::Core);
        }
        let mut extensions = extensions.iter().copied();
        let found = extensions.find(|one| self.target.extensions.contains(*one));
        let found = found.ok_or(Unsupported::Missing(feature.name))?;
        self.used.set(self.used.get() | found);
        Ok(From::Extension)
    }

    /// Whether the target has the feature.
    pub(super) fn has(&self, feature: &Feature) -> bool {
        self.needs(feature).is_ok()
    }

    /// The first lines of the text.
    pub(super) fn preamble(&self) -> String {
        let mut text = match self.target.version {
            Version::Desktop(version @ 150..) => format!("#version {version} core\n"),
            Version::Desktop(version) => format!("#version {version}\n"),
            Version::Es(version) => format!("#version {version} es\n"),
        };
        for name in self.used.get().difference(WORDLESS).names() {
            text.push_str(&format!("#extension {name} : require\n"));
        }
        text
    }
}
