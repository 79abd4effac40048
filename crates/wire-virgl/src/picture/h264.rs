//! H.264 pictures to decode. Names are those of the specification (ITU-T H.264, 7.3.2 and
//! 7.4.2), in snake case.

use crate::ids::VideoBufferId;
use crate::limits::{
    MAX_BIT_DEPTH_MINUS8, MAX_CHROMA_FORMAT_IDC, MAX_H264_REF_IDX_MINUS1, MAX_LOG2_MINUS4,
    MAX_REFERENCE_FRAMES, MAX_SLICE_GROUPS_MINUS1, MAX_SLICES,
};
use crate::picture::{PictureBase, layout::structures};

structures! {
    /// A sequence parameter set, without the picture's size (`struct virgl_h264_sps`).
    pub struct H264Sps {
        pub level_idc: u8,
        pub chroma_format_idc: u8 => ..=MAX_CHROMA_FORMAT_IDC,
        pub separate_colour_plane_flag: bool,
        pub bit_depth_luma_minus8: u8 => ..=MAX_BIT_DEPTH_MINUS8,
        pub bit_depth_chroma_minus8: u8 => ..=MAX_BIT_DEPTH_MINUS8,
        pub seq_scaling_matrix_present_flag: bool,
        /// Mesa's VA-API front end leaves it zero and has the lists with the picture parameters.
        pub scaling_list_4x4: [[u8; 16]; 6],
        /// Likewise.
        pub scaling_list_8x8: [[u8; 64]; 6],
        pub log2_max_frame_num_minus4: u8 => ..=MAX_LOG2_MINUS4,
        pub pic_order_cnt_type: u8 => ..=2,
        pub log2_max_pic_order_cnt_lsb_minus4: u8 => ..=MAX_LOG2_MINUS4,
        pub delta_pic_order_always_zero_flag: bool; 2 unused,
        pub offset_for_non_ref_pic: i32,
        pub offset_for_top_to_bottom_field: i32,
        pub offset_for_ref_frame: [i32; 256],
        /// Of the offsets above; the byte can say no more than there are.
        pub num_ref_frames_in_pic_order_cnt_cycle: u8,
        pub max_num_ref_frames: u8 => ..=MAX_REFERENCE_FRAMES,
        pub frame_mbs_only_flag: bool,
        pub mb_adaptive_frame_field_flag: bool,
        pub direct_8x8_inference_flag: bool,
        /// Follows from the level.
        pub min_luma_bi_pred_size_8x8: bool; 2 unused,
    }

    /// A picture parameter set (`struct virgl_h264_pps`).
    pub struct H264Pps {
        pub sps: H264Sps,
        pub entropy_coding_mode_flag: bool,
        pub bottom_field_pic_order_in_frame_present_flag: bool,
        pub num_slice_groups_minus1: u8 => ..=MAX_SLICE_GROUPS_MINUS1,
        pub slice_group_map_type: u8 => ..=6,
        pub slice_group_change_rate_minus1: u8,
        pub num_ref_idx_l0_default_active_minus1: u8 => ..=MAX_H264_REF_IDX_MINUS1,
        pub num_ref_idx_l1_default_active_minus1: u8 => ..=MAX_H264_REF_IDX_MINUS1,
        pub weighted_pred_flag: bool,
        pub weighted_bipred_idc: u8 => ..=2,
        pub pic_init_qp_minus26: i8,
        pub pic_init_qs_minus26: i8,
        pub chroma_qp_index_offset: i8,
        pub deblocking_filter_control_present_flag: bool,
        pub constrained_intra_pred_flag: bool,
        pub redundant_pic_cnt_present_flag: bool,
        pub transform_8x8_mode_flag: bool,
        /// In the order of rows, as VA-API has them.
        pub scaling_list_4x4: [[u8; 16]; 6],
        /// In the order of rows; VA-API has the first two only.
        pub scaling_list_8x8: [[u8; 64]; 6],
        pub second_chroma_qp_index_offset: i8; 3 unused,
    }

    /// A picture (`struct virgl_h264_picture_desc`).
    pub struct H264Picture {
        pub base: PictureBase,
        pub pps: H264Pps,
        pub frame_num: u32,
        pub field_pic_flag: bool,
        pub bottom_field_flag: bool,
        pub num_ref_idx_l0_active_minus1: u8 => ..=MAX_H264_REF_IDX_MINUS1,
        pub num_ref_idx_l1_active_minus1: u8 => ..=MAX_H264_REF_IDX_MINUS1,
        pub slice_count: u32 => ..=MAX_SLICES,
        /// Top and bottom field.
        pub field_order_cnt: [i32; 2],
        pub is_long_term: [bool; 16],
        pub top_is_reference: [bool; 16],
        pub bottom_is_reference: [bool; 16],
        /// Top and bottom field of each reference.
        pub field_order_cnt_list: [[i32; 2]; 16],
        pub frame_num_list: [u32; 16],
        /// `buffer_id`: the references.
        pub references: [Option<VideoBufferId>; 16],
        pub is_reference: bool,
        pub num_ref_frames: u8 => ..=MAX_REFERENCE_FRAMES; 2 unused,
    }
}
