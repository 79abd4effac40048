//! What the host can do, as guests are told: capset 1 and capset 2.
//!
//! Guests with an older, shorter struct read its front and leave the rest: fields are only
//! ever appended.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, bits, check_limit, flag_words, payload, place};
use crate::ids::FormatNumber;
use crate::limits::MAX_VIDEO_CAPS;
use crate::video::{VideoEntrypoint, VideoProfile};

/// Bytes of capset 1.
pub const CAPS_V1_SIZE: usize = 308;

/// Bytes of capset 2.
pub const CAPS_V2_SIZE: usize = 1408;

/// The newest `host_feature_check_version` whose promises virglrenderer 1.3 makes.
pub const FEATURE_CHECK_VERSION: u32 = 23;

/// Bytes of the renderer's name in capset 2, with a zero byte.
pub const RENDERER_NAME_SIZE: usize = 64;

payload! {
    /// Capset 1 (`struct virgl_caps_v1`), and the front of capset 2.
    #[derive(Default)]
    pub struct CapsV1 {
        /// The capset's number: 1, or 2 in capset 2.
        pub max_version: u32,
        /// Formats that can be sampled.
        pub sampler: FormatMask,
        /// Formats that can be drawn to.
        pub render: FormatMask,
        /// Formats of depth and stencil.
        pub depth_stencil: FormatMask,
        /// Formats of vertex attributes.
        pub vertex_buffer: FormatMask,
        /// Switches.
        pub features: Features,
        /// GLSL's version, 100 times: 130 to 460.
        pub glsl_level: u32,
        /// Layers of an array.
        pub max_texture_array_layers: u32,
        /// Buffers to stream out to.
        pub max_streamout_buffers: u32,
        /// Render targets with two colours each.
        pub max_dual_source_render_targets: u32,
        /// Render targets.
        pub max_render_targets: u32,
        /// Samples a pixel.
        pub max_samples: u32,
        /// Primitive modes, one a bit.
        pub prim_mask: u32,
        /// Texels of a buffer texture.
        pub max_tbo_size: u32,
        /// Uniform buffers of a stage.
        pub max_uniform_blocks: u32,
        /// Viewports.
        pub max_viewports: u32,
        /// Components that a texture gather can choose from.
        pub max_texture_gather_components: u32,
    }

    /// Capset 2 (`struct virgl_caps_v2`). Where a field is an array of six, it goes by
    /// [`ShaderStage`](crate::ShaderStage) number.
    #[derive(Default)]
    pub struct CapsV2 {
        /// What capset 1 says.
        pub v1: CapsV1,
        /// In pixels, without smoothing.
        pub min_aliased_point_size: f32,
        /// In pixels, without smoothing.
        pub max_aliased_point_size: f32,
        /// In pixels, with smoothing.
        pub min_smooth_point_size: f32,
        /// In pixels, with smoothing.
        pub max_smooth_point_size: f32,
        /// In pixels, without smoothing.
        pub min_aliased_line_width: f32,
        /// In pixels, without smoothing.
        pub max_aliased_line_width: f32,
        /// In pixels, with smoothing.
        pub min_smooth_line_width: f32,
        /// In pixels, with smoothing.
        pub max_smooth_line_width: f32,
        /// In mip levels.
        pub max_texture_lod_bias: f32,
        /// Vertices that a geometry shader emits.
        pub max_geom_output_vertices: u32,
        /// Components of them, together.
        pub max_geom_total_output_components: u32,
        /// Vectors that a vertex shader writes.
        pub max_vertex_outputs: u32,
        /// Vertex attributes.
        pub max_vertex_attribs: u32,
        /// Vectors for each patch.
        pub max_shader_patch_varyings: u32,
        /// In texels.
        pub min_texel_offset: i32,
        /// In texels.
        pub max_texel_offset: i32,
        /// In texels.
        pub min_texture_gather_offset: i32,
        /// In texels.
        pub max_texture_gather_offset: i32,
        /// In bytes.
        pub texture_buffer_offset_alignment: u32,
        /// In bytes.
        pub uniform_buffer_offset_alignment: u32,
        /// In bytes.
        pub shader_buffer_offset_alignment: u32,
        /// More switches.
        pub capability_bits: CapabilityBits,
        /// Where samples lie, a byte each: x in the high and y in the low four bits, in
        /// sixteenths of a pixel. Word 0 is for 2 samples, word 1 for 4, words 2 and 3 for
        /// 8, the others for 16.
        pub sample_locations: [u32; 8],
        /// In bytes.
        pub max_vertex_attrib_stride: u32,
        /// Shader buffers of fragment and compute stages.
        pub max_shader_buffer_frag_compute: u32,
        /// Shader buffers of the other stages.
        pub max_shader_buffer_other_stages: u32,
        /// Images of fragment and compute stages.
        pub max_shader_image_frag_compute: u32,
        /// Images of the other stages.
        pub max_shader_image_other_stages: u32,
        /// Samples of an image.
        pub max_image_samples: u32,
        /// Invocations of a work group.
        pub max_compute_work_group_invocations: u32,
        /// Bytes that a work group shares.
        pub max_compute_shared_memory_size: u32,
        /// Work groups in x, y and z.
        pub max_compute_grid_size: [u32; 3],
        /// Invocations of a work group in x, y and z.
        pub max_compute_block_size: [u32; 3],
        /// In pixels.
        pub max_texture_2d_size: u32,
        /// In pixels.
        pub max_texture_3d_size: u32,
        /// In pixels.
        pub max_texture_cube_size: u32,
        /// Shader buffers of all stages together.
        pub max_combined_shader_buffers: u32,
        /// Atomic counters of each stage.
        pub max_atomic_counters: [u32; 6],
        /// Atomic counter buffers of each stage.
        pub max_atomic_counter_buffers: [u32; 6],
        /// Atomic counters of all stages together.
        pub max_combined_atomic_counters: u32,
        /// Atomic counter buffers of all stages together.
        pub max_combined_atomic_counter_buffers: u32,
        /// What else a guest may take for granted, by number
        /// ([`FEATURE_CHECK_VERSION`]).
        pub host_feature_check_version: u32,
        /// Formats that can be read back.
        pub supported_readback_formats: FormatMask,
        /// Formats that can be shown.
        pub scanout: FormatMask,
        /// Yet more switches.
        pub capability_bits_v2: CapabilityBits2,
        /// In MiB.
        pub max_video_memory: u32,
        /// What the renderer is called.
        pub renderer: RendererName,
        /// Samples along the longest axis.
        pub max_anisotropy: f32,
        /// Samplers of a stage, as the guest's programs are told.
        pub max_texture_samplers: u32,
        /// Formats with several samples a pixel.
        pub supported_multisample_formats: FormatMask,
        /// Bytes of each stage's constants.
        pub max_const_buffer_size: [u32; 6],
        /// What codecs there are.
        pub video: VideoCapsList,
        /// In bytes.
        pub max_uniform_block_size: u32,
        /// Vectors that a tessellation control shader writes.
        pub max_tcs_outputs: u32,
        /// Vectors that a tessellation evaluation shader writes.
        pub max_tes_outputs: u32,
        /// Shader storage blocks of each stage.
        pub max_shader_storage_blocks: [u32; 6],
    }
}

impl CapsV1 {
    /// The bytes of capset 1.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_bytes(self, CAPS_V1_SIZE)
    }

    /// Reads capset 1, neither more nor less.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
        from_bytes(bytes)
    }
}

impl CapsV2 {
    /// The bytes of capset 2.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_bytes(self, CAPS_V2_SIZE)
    }

    /// Reads capset 2, neither more nor less.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
        from_bytes(bytes)
    }
}

fn to_bytes<T: Wire>(caps: &T, size: usize) -> Vec<u8> {
    let mut writer = Writer::with_capacity(size);
    caps.encode(&mut writer);
    writer.into_bytes()
}

fn from_bytes<T: Wire>(bytes: &[u8]) -> Result<T, ParseError> {
    let mut reader = Reader::new(bytes);
    let caps = T::parse(&mut reader)?;
    reader.finish()?;
    Ok(caps)
}

/// A set of formats (`struct virgl_supported_format_mask`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FormatMask([u32; 16]);

impl FormatMask {
    /// Adds a format.
    pub fn insert(&mut self, format: FormatNumber) {
        let (word, bit) = Self::place(format);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Whether a format is in the set.
    pub fn contains(&self, format: FormatNumber) -> bool {
        let (word, bit) = Self::place(format);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn place(format: FormatNumber) -> (usize, u32) {
        let number = format.number();
        ((number / 32) as usize, 1 << (number % 32))
    }
}

impl FromIterator<FormatNumber> for FormatMask {
    fn from_iter<I: IntoIterator<Item = FormatNumber>>(formats: I) -> Self {
        let mut mask = Self::default();
        formats.into_iter().for_each(|format| mask.insert(format));
        mask
    }
}

impl Wire for FormatMask {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Wire::parse(reader).map(Self)
    }

    fn encode(&self, writer: &mut Writer) {
        self.0.encode(writer);
    }
}

/// The renderer's name: text in 64 bytes, the rest zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RendererName([u8; RENDERER_NAME_SIZE]);

impl RendererName {
    /// As much of `name` as fits with a zero byte.
    pub fn new(name: &str) -> Self {
        let mut end = name.len().min(RENDERER_NAME_SIZE - 1);
        while !name.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        let mut bytes = [0; RENDERER_NAME_SIZE];
        let text = name.as_bytes().get(..end).unwrap_or_default();
        for (to, from) in bytes.iter_mut().zip(text) {
            *to = *from;
        }
        Self(bytes)
    }

    /// The bytes before the first zero byte.
    pub fn as_bytes(&self) -> &[u8] {
        let text = self.0.split(|byte| *byte == 0).next();
        text.unwrap_or_default()
    }
}

impl Default for RendererName {
    fn default() -> Self {
        Self([0; RENDERER_NAME_SIZE])
    }
}

impl Wire for RendererName {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.array().map(Self)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }
}

/// What one profile of a codec can do (`struct virgl_video_caps`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoCaps {
    /// Which; the wire has 8 bits for its number.
    pub profile: VideoProfile,
    /// Decoding or encoding.
    pub entrypoint: VideoEntrypoint,
    /// The codec's level.
    pub max_level: u8,
    /// Pictures one over the other.
    pub stacked_frames: u8,
    /// In pixels.
    pub max_width: u16,
    /// In pixels.
    pub max_height: u16,
    /// The format that pictures had best have.
    pub preferred_format: FormatNumber,
    /// In macroblocks; 0 is no bound.
    pub max_macroblocks: u16,
    /// Sizes that are no powers of two.
    pub npot_texture: bool,
    /// Progressive pictures.
    pub progressive: bool,
    /// Interlaced pictures.
    pub interlaced: bool,
    /// Interlaced pictures had best be used.
    pub prefers_interlaced: bool,
    /// Temporal layers.
    pub max_temporal_layers: u8,
}

impl Wire for VideoCaps {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let [codec, size, format, flags] = Wire::parse(reader)?;
        Ok(Self {
            profile: VideoProfile(bits(codec, 0, 8)),
            entrypoint: VideoEntrypoint::parse_number(bits(codec, 8, 8))?,
            max_level: bits(codec, 16, 8) as u8,
            stacked_frames: bits(codec, 24, 8) as u8,
            max_width: bits(size, 0, 16) as u16,
            max_height: bits(size, 16, 16) as u16,
            preferred_format: FormatNumber::parse_number(bits(format, 0, 16))?,
            max_macroblocks: bits(format, 16, 16) as u16,
            npot_texture: bits(flags, 0, 1) != 0,
            progressive: bits(flags, 1, 1) != 0,
            interlaced: bits(flags, 2, 1) != 0,
            prefers_interlaced: bits(flags, 3, 1) != 0,
            max_temporal_layers: bits(flags, 4, 8) as u8,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let codec = place(self.profile.0, 0, 8)
            | place(self.entrypoint.number(), 8, 8)
            | place(self.max_level.into(), 16, 8)
            | place(self.stacked_frames.into(), 24, 8);
        let size = u32::from(self.max_width) | place(self.max_height.into(), 16, 16);
        let format = self.preferred_format.number() | place(self.max_macroblocks.into(), 16, 16);
        let flags = u32::from(self.npot_texture)
            | place(self.progressive.into(), 1, 1)
            | place(self.interlaced.into(), 2, 1)
            | place(self.prefers_interlaced.into(), 3, 1)
            | place(self.max_temporal_layers.into(), 4, 8);
        [codec, size, format, flags].encode(writer);
    }
}

/// Up to [`MAX_VIDEO_CAPS`] profiles: a count, then room for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VideoCapsList([Option<VideoCaps>; MAX_VIDEO_CAPS]);

impl VideoCapsList {
    /// The profiles.
    pub fn iter(&self) -> impl Iterator<Item = &VideoCaps> {
        self.0.iter().flatten()
    }
}

/// Takes the first [`MAX_VIDEO_CAPS`].
impl FromIterator<VideoCaps> for VideoCapsList {
    fn from_iter<I: IntoIterator<Item = VideoCaps>>(profiles: I) -> Self {
        let mut list = Self::default();
        for (slot, profile) in list.0.iter_mut().zip(profiles) {
            *slot = Some(profile);
        }
        list
    }
}

/// Bytes of one profile.
const VIDEO_CAPS_SIZE: usize = 16;

impl Wire for VideoCapsList {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let count = check_limit("video formats", reader.u32()?, MAX_VIDEO_CAPS as u32)?;
        let mut list = Self::default();
        for (index, slot) in list.0.iter_mut().enumerate() {
            let mut profile = Reader::new(reader.bytes(VIDEO_CAPS_SIZE)?);
            if index < count as usize {
                *slot = Some(Wire::parse(&mut profile)?);
            }
        }
        Ok(list)
    }

    fn encode(&self, writer: &mut Writer) {
        let count = self.iter().count();
        writer.u32(count as u32);
        self.iter().for_each(|profile| profile.encode(writer));
        let room = MAX_VIDEO_CAPS.saturating_sub(count);
        writer.zeros(room.saturating_mul(VIDEO_CAPS_SIZE));
    }
}

macro_rules! capabilities {
    ($($(#[$attribute:meta])* $name:ident { $($bit:literal $flag:ident $wire:literal,)* })*) => {
        bitflags::bitflags! {$(
            $(#[$attribute])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
            pub struct $name: u32 {
                $(#[doc = concat!("`", $wire, "`")] const $flag = 1 << $bit;)*
            }
        )*}
        flag_words! { $($name,)* }
    };
}

capabilities! {
    /// The switches of capset 1 (`struct virgl_caps_bool_set1`).
    Features {
        0 INDEP_BLEND_ENABLE "indep_blend_enable",
        1 INDEP_BLEND_FUNC "indep_blend_func",
        2 CUBE_MAP_ARRAY "cube_map_array",
        3 SHADER_STENCIL_EXPORT "shader_stencil_export",
        4 CONDITIONAL_RENDER "conditional_render",
        5 START_INSTANCE "start_instance",
        6 PRIMITIVE_RESTART "primitive_restart",
        7 BLEND_EQ_SEP "blend_eq_sep",
        8 INSTANCEID "instanceid",
        9 VERTEX_ELEMENT_INSTANCE_DIVISOR "vertex_element_instance_divisor",
        10 SEAMLESS_CUBE_MAP "seamless_cube_map",
        11 OCCLUSION_QUERY "occlusion_query",
        12 TIMER_QUERY "timer_query",
        13 STREAMOUT_PAUSE_RESUME "streamout_pause_resume",
        14 TEXTURE_MULTISAMPLE "texture_multisample",
        15 FRAGMENT_COORD_CONVENTIONS "fragment_coord_conventions",
        16 DEPTH_CLIP_DISABLE "depth_clip_disable",
        17 SEAMLESS_CUBE_MAP_PER_TEXTURE "seamless_cube_map_per_texture",
        18 UBO "ubo",
        19 COLOR_CLAMPING "color_clamping",
        20 POLY_STIPPLE "poly_stipple",
        21 MIRROR_CLAMP "mirror_clamp",
        22 TEXTURE_QUERY_LOD "texture_query_lod",
        23 FP64 "has_fp64",
        24 TESSELLATION_SHADERS "has_tessellation_shaders",
        25 INDIRECT_DRAW "has_indirect_draw",
        26 SAMPLE_SHADING "has_sample_shading",
        27 CULL "has_cull",
        28 CONDITIONAL_RENDER_INVERTED "conditional_render_inverted",
        29 DERIVATIVE_CONTROL "derivative_control",
        30 POLYGON_OFFSET_CLAMP "polygon_offset_clamp",
        31 TRANSFORM_FEEDBACK_OVERFLOW_QUERY "transform_feedback_overflow_query",
    }

    /// The first switches of capset 2 (`VIRGL_CAP_*`).
    CapabilityBits {
        0 TGSI_INVARIANT "VIRGL_CAP_TGSI_INVARIANT",
        1 TEXTURE_VIEW "VIRGL_CAP_TEXTURE_VIEW",
        2 SET_MIN_SAMPLES "VIRGL_CAP_SET_MIN_SAMPLES",
        3 COPY_IMAGE "VIRGL_CAP_COPY_IMAGE",
        4 TGSI_PRECISE "VIRGL_CAP_TGSI_PRECISE",
        5 TXQS "VIRGL_CAP_TXQS",
        6 MEMORY_BARRIER "VIRGL_CAP_MEMORY_BARRIER",
        7 COMPUTE_SHADER "VIRGL_CAP_COMPUTE_SHADER",
        8 FB_NO_ATTACH "VIRGL_CAP_FB_NO_ATTACH",
        9 ROBUST_BUFFER_ACCESS "VIRGL_CAP_ROBUST_BUFFER_ACCESS",
        10 TGSI_FBFETCH "VIRGL_CAP_TGSI_FBFETCH",
        11 SHADER_CLOCK "VIRGL_CAP_SHADER_CLOCK",
        12 TEXTURE_BARRIER "VIRGL_CAP_TEXTURE_BARRIER",
        13 TGSI_COMPONENTS "VIRGL_CAP_TGSI_COMPONENTS",
        14 GUEST_MAY_INIT_LOG "VIRGL_CAP_GUEST_MAY_INIT_LOG",
        15 SRGB_WRITE_CONTROL "VIRGL_CAP_SRGB_WRITE_CONTROL",
        16 QBO "VIRGL_CAP_QBO",
        17 TRANSFER "VIRGL_CAP_TRANSFER",
        18 FBO_MIXED_COLOR_FORMATS "VIRGL_CAP_FBO_MIXED_COLOR_FORMATS",
        19 HOST_IS_GLES "VIRGL_CAP_HOST_IS_GLES",
        20 BIND_COMMAND_ARGS "VIRGL_CAP_BIND_COMMAND_ARGS",
        21 MULTI_DRAW_INDIRECT "VIRGL_CAP_MULTI_DRAW_INDIRECT",
        22 INDIRECT_PARAMS "VIRGL_CAP_INDIRECT_PARAMS",
        23 TRANSFORM_FEEDBACK3 "VIRGL_CAP_TRANSFORM_FEEDBACK3",
        24 ASTC_3D "VIRGL_CAP_3D_ASTC",
        25 INDIRECT_INPUT_ADDR "VIRGL_CAP_INDIRECT_INPUT_ADDR",
        26 COPY_TRANSFER "VIRGL_CAP_COPY_TRANSFER",
        27 CLIP_HALFZ "VIRGL_CAP_CLIP_HALFZ",
        28 APP_TWEAK_SUPPORT "VIRGL_CAP_APP_TWEAK_SUPPORT",
        29 BGRA_SRGB_IS_EMULATED "VIRGL_CAP_BGRA_SRGB_IS_EMULATED",
        30 CLEAR_TEXTURE "VIRGL_CAP_CLEAR_TEXTURE",
        31 ARB_BUFFER_STORAGE "VIRGL_CAP_ARB_BUFFER_STORAGE",
    }

    /// The second switches of capset 2 (`VIRGL_CAP_V2_*`).
    CapabilityBits2 {
        0 BLEND_EQUATION "VIRGL_CAP_V2_BLEND_EQUATION",
        1 UNTYPED_RESOURCE "VIRGL_CAP_V2_UNTYPED_RESOURCE",
        2 VIDEO_MEMORY "VIRGL_CAP_V2_VIDEO_MEMORY",
        3 MEMINFO "VIRGL_CAP_V2_MEMINFO",
        4 STRING_MARKER "VIRGL_CAP_V2_STRING_MARKER",
        5 DIFFERENT_GPU "VIRGL_CAP_V2_DIFFERENT_GPU",
        6 IMPLICIT_MSAA "VIRGL_CAP_V2_IMPLICIT_MSAA",
        7 COPY_TRANSFER_BOTH_DIRECTIONS "VIRGL_CAP_V2_COPY_TRANSFER_BOTH_DIRECTIONS",
        8 SCANOUT_USES_GBM "VIRGL_CAP_V2_SCANOUT_USES_GBM",
        9 SSO "VIRGL_CAP_V2_SSO",
        10 TEXTURE_SHADOW_LOD "VIRGL_CAP_V2_TEXTURE_SHADOW_LOD",
        11 VS_VERTEX_LAYER "VIRGL_CAP_V2_VS_VERTEX_LAYER",
        12 VS_VIEWPORT_INDEX "VIRGL_CAP_V2_VS_VIEWPORT_INDEX",
        13 PIPELINE_STATISTICS_QUERY "VIRGL_CAP_V2_PIPELINE_STATISTICS_QUERY",
        14 DRAW_PARAMETERS "VIRGL_CAP_V2_DRAW_PARAMETERS",
        15 GROUP_VOTE "VIRGL_CAP_V2_GROUP_VOTE",
        16 MIRROR_CLAMP_TO_EDGE "VIRGL_CAP_V2_MIRROR_CLAMP_TO_EDGE",
        17 MIRROR_CLAMP "VIRGL_CAP_V2_MIRROR_CLAMP",
        18 RESOURCE_LAYOUT "VIRGL_CAP_V2_RESOURCE_LAYOUT",
    }
}
