//! VP9 pictures to decode. Names are those of VA-API (`va_dec_vp9.h`), for the parts of the VP9
//! bitstream specification, section 6.2.

use crate::ids::VideoBufferId;
use crate::picture::PictureBase;
use crate::picture::layout::{bit_fields, structures};

bit_fields! {
    /// Single bits and small numbers of a frame header.
    pub struct Vp9Fields: u32 {
        pub subsampling_x: bool = 1,
        pub subsampling_y: bool = 1,
        /// Set for a frame that is no key frame.
        pub frame_type: bool = 1,
        pub show_frame: bool = 1,
        pub error_resilient_mode: bool = 1,
        pub intra_only: bool = 1,
        pub allow_high_precision_mv: bool = 1,
        pub mcomp_filter_type: u8 = 3,
        pub frame_parallel_decoding_mode: bool = 1,
        pub reset_frame_context: u8 = 2,
        pub refresh_frame_context: bool = 1,
        pub frame_context_idx: u8 = 2,
        pub segmentation_enabled: bool = 1,
        pub segmentation_temporal_update: bool = 1,
        pub segmentation_update_map: bool = 1,
        /// Three bits: an index of the first eight references.
        pub last_ref_frame: u8 = 3,
        pub last_ref_frame_sign_bias: bool = 1,
        /// Three bits: an index of the first eight references.
        pub golden_ref_frame: u8 = 3,
        pub golden_ref_frame_sign_bias: bool = 1,
        /// Three bits: an index of the first eight references.
        pub alt_ref_frame: u8 = 3,
        pub alt_ref_frame_sign_bias: bool = 1,
        pub lossless_flag: bool = 1,
    }

    /// What a segment refers to.
    pub struct Vp9SegmentFlags: u16 {
        pub segment_reference_enabled: bool = 1,
        pub segment_reference: u8 = 2,
        pub segment_reference_skipped: bool = 1,
    }
}

structures! {
    /// A frame header.
    pub struct Vp9Frame {
        pub frame_width: u16,
        pub frame_height: u16,
        /// `pic_fields`
        pub fields: Vp9Fields,
        pub filter_level: u8 => ..=63,
        pub sharpness_level: u8 => ..=7,
        pub log2_tile_rows: u8 => ..=2,
        pub log2_tile_columns: u8 => ..=6,
        pub frame_header_length_in_bytes: u8; 1 unused,
        pub first_partition_size: u16,
        pub mb_segment_tree_probs: [u8; 7],
        pub segment_pred_probs: [u8; 3],
        pub profile: u8 => ..=3,
        pub bit_depth: u8,
        pub mode_ref_delta_enabled: bool,
        pub mode_ref_delta_update: bool,
        pub base_qindex: u8,
        pub y_dc_delta_q: i8,
        pub uv_ac_delta_q: i8,
        pub uv_dc_delta_q: i8,
        pub abs_delta: u8,
        pub ref_deltas: [i8; 4],
        pub mode_deltas: [i8; 2]; 3 unused,
    }

    /// A segment (`struct virgl_vp9_segment_parameter`).
    #[derive(Copy)]
    pub struct Vp9Segment {
        /// `segment_flags`
        pub flags: Vp9SegmentFlags,
        /// By reference frame and mode.
        pub filter_level: [[u8; 2]; 4],
        pub luma_ac_quant_scale: i16,
        pub luma_dc_quant_scale: i16,
        pub chroma_ac_quant_scale: i16,
        pub chroma_dc_quant_scale: i16,
    }

    /// Where the frame is in the bitstream, and its segments.
    pub struct Vp9Slice {
        pub slice_data_size: u32,
        pub slice_data_offset: u32,
        pub slice_data_flag: u32,
        /// `seg_param`
        pub segments: [Vp9Segment; 8],
    }

    /// A picture (`struct virgl_vp9_picture_desc`).
    pub struct Vp9Picture {
        pub base: PictureBase,
        /// `ref`
        pub references: [Option<VideoBufferId>; 16],
        /// `picture_parameter`
        pub frame: Vp9Frame,
        /// `slice_parameter`
        pub slice: Vp9Slice,
    }
}
