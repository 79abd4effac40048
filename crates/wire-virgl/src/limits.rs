//! How much a guest may ask for in one command, and why no more.
//!
//! Slots are numbered from 0; a command that sets slots `start..start + count` keeps
//! `start + count` within the limit. Where the reason is not another, the limit is the
//! size of Gallium's own array (`PIPE_MAX_*` in `pipe/p_state.h`), which no driver
//! built on Gallium can go past.

/// Payload words of a command: its header has 16 bits for them.
pub const MAX_PAYLOAD_WORDS: usize = 0xffff;

/// Viewports and scissors.
pub const MAX_VIEWPORTS: u32 = 16;

/// Colour buffers of a framebuffer, and render targets of a blend state.
pub const MAX_COLOR_BUFS: u32 = 8;

/// Vertex elements, and vertex buffers.
pub const MAX_ATTRIBS: u32 = 32;

/// Sampler views of a shader stage.
pub const MAX_SAMPLER_VIEWS: u32 = 128;

/// Sampler states of a shader stage.
pub const MAX_SAMPLERS: u32 = 32;

/// Uniform buffers of a shader stage.
pub const MAX_CONSTANT_BUFFERS: u32 = 32;

/// Shader storage buffers of a shader stage.
pub const MAX_SHADER_BUFFERS: u32 = 32;

/// Images of a shader stage.
pub const MAX_SHADER_IMAGES: u32 = 32;

/// Atomic counter buffers.
pub const MAX_ATOMIC_BUFFERS: u32 = 32;

/// Stream-output targets, and buffers that a shader's stream output names.
pub const MAX_STREAMOUT_TARGETS: u32 = 4;

/// Outputs that a shader streams.
pub const MAX_STREAMOUT_OUTPUTS: u32 = 64;

/// Vertex streams of a geometry shader; the protocol has two bits for them.
pub const MAX_VERTEX_STREAMS: u32 = 4;

/// Planes of an imported resource (`VIRGL_GBM_MAX_PLANES` in `vrend/vrend_renderer.h`):
/// as many as a DRM framebuffer has.
pub const MAX_PLANES: u32 = 4;

/// Resources of a video buffer, one a plane (`VREND_VIDEO_BUFFER_PLANE_NUM` in
/// `vrend/vrend_video.h`).
pub const MAX_VIDEO_PLANES: u32 = 3;

/// Bytes of one shader's text, all chunks together. Mesa's driver gives up at 32 MiB; the
/// factor of 2 is for drivers that are not Mesa.
pub const MAX_SHADER_TEXT: u32 = 64 * 1024 * 1024;

/// Video formats in a capset.
pub const MAX_VIDEO_CAPS: usize = 32;

/// Width and height of a picture, in pixels: the capset has 16 bits for them.
pub const MAX_VIDEO_SIZE: u32 = 0xffff;

/// What a guest may call a session's reference pictures. Mesa gives the number of a program's
/// surfaces, which no codec bounds; this is more than any program makes.
pub const MAX_VIDEO_REFERENCES: u32 = 1024;

/// Bytes of one picture's bitstream: an uncompressed picture of 8192 x 4320 in 4:4:4 with 16 bits
/// a sample has no more.
pub const MAX_VIDEO_BITSTREAM: u32 = 256 * 1024 * 1024;

/// Slices of a picture: no more than macroblocks in the largest picture of H.264's levels
/// (ITU-T H.264, table A-1, `MaxFS`).
pub const MAX_SLICES: u32 = 139_264;

/// Bytes of a key (`decrypt_key` in `virgl_video_hw.h`).
pub const MAX_DECRYPT_KEY: u32 = 256;

/// `chroma_format_idc`: 4:4:4 (ITU-T H.264, table 6-1).
pub const MAX_CHROMA_FORMAT_IDC: u32 = 3;

/// `bit_depth_*_minus8`: 16 bits (ITU-T H.265, 7.4.3.2.1; H.264 has 14).
pub const MAX_BIT_DEPTH_MINUS8: u32 = 8;

/// `log2_max_*_minus4` (ITU-T H.264, 7.4.2.1.1; H.265, 7.4.3.2.1).
pub const MAX_LOG2_MINUS4: u32 = 12;

/// Frames that others refer to (`MaxDpbFrames` in ITU-T H.264, A.3.1; `MaxDpbSize` in H.265,
/// A.4.2).
pub const MAX_REFERENCE_FRAMES: u32 = 16;

/// `num_slice_groups_minus1` (ITU-T H.264, A.2.1).
pub const MAX_SLICE_GROUPS_MINUS1: u32 = 7;

/// `num_ref_idx_*_active_minus1`: of fields (ITU-T H.264, 7.4.3).
pub const MAX_H264_REF_IDX_MINUS1: u32 = 31;

/// `num_ref_idx_*_active_minus1` (ITU-T H.265, 7.4.7.1).
pub const MAX_HEVC_REF_IDX_MINUS1: u32 = 14;

/// Steps between block sizes 8 and 64, or 4 and 32 (ITU-T H.265, 7.4.3.2.1).
pub const MAX_HEVC_LOG2_BLOCK_STEPS: u32 = 3;

/// `num_short_term_ref_pic_sets` (ITU-T H.265, 7.4.3.2.1).
pub const MAX_HEVC_SHORT_TERM_SETS: u32 = 64;

/// `num_long_term_ref_pics_sps` (ITU-T H.265, 7.4.3.2.1).
pub const MAX_HEVC_LONG_TERM_SPS: u32 = 32;

/// Tile columns less one (ITU-T H.265, table A.8; the structure has room for as many).
pub const MAX_HEVC_TILE_COLUMNS_MINUS1: u32 = 19;

/// Tile rows less one (ITU-T H.265, table A.8; the structure has room for as many).
pub const MAX_HEVC_TILE_ROWS_MINUS1: u32 = 21;

/// References of one kind that a picture uses (`RefPicSetStCurrBefore` and so on in
/// `virgl_video_hw.h`).
pub const MAX_REFERENCES_OF_A_KIND: u32 = 8;

/// Components of a JPEG scan (ITU-T T.81, B.2.3).
pub const MAX_JPEG_COMPONENTS: u32 = 4;

/// Samples of a JPEG component in a unit (ITU-T T.81, B.2.2).
pub const MAX_JPEG_SAMPLING_FACTOR: u32 = 4;

/// Values of a Huffman table of differences (ITU-T T.81, table F.1: 12 categories).
pub const MAX_JPEG_DC_VALUES: u32 = 12;

/// Values of a Huffman table of coefficients (ITU-T T.81, figure F.1: 10 categories after each
/// of 16 runs, the end of a block, and the run of 16).
pub const MAX_JPEG_AC_VALUES: u32 = 162;

/// Tiles of an AV1 frame: room in `virgl_video_hw.h`.
pub const MAX_AV1_TILES: u32 = 256;

/// Tile columns, and tile rows (AV1, section 3: `MAX_TILE_COLS`, `MAX_TILE_ROWS`).
pub const MAX_AV1_TILES_ACROSS: u32 = 64;

/// Points of a luma scaling function (AV1, 6.8.20).
pub const MAX_AV1_LUMA_POINTS: u32 = 14;

/// Points of a chroma scaling function (AV1, 6.8.20).
pub const MAX_AV1_CHROMA_POINTS: u32 = 10;
