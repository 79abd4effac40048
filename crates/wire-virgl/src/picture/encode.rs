//! H.264 and HEVC pictures to encode. Names are those of Gallium
//! (`pipe/p_video_state.h`). What the guest calls a frame here is a number of its own and names
//! no picture of the host.

use crate::codec::numbers;
use crate::limits::{
    MAX_BIT_DEPTH_MINUS8, MAX_CHROMA_FORMAT_IDC, MAX_H264_REF_IDX_MINUS1,
    MAX_HEVC_LOG2_BLOCK_STEPS, MAX_HEVC_REF_IDX_MINUS1,
};
use crate::picture::PictureBase;
use crate::picture::layout::{UpTo, bit_fields, byte_numbers, structures};

numbers! {
    /// How the bitrate is held.
    pub enum RateControlMethod "rate control method" {
        0 Disable "PIPE_H2645_ENC_RATE_CONTROL_METHOD_DISABLE",
        1 ConstantSkip "PIPE_H2645_ENC_RATE_CONTROL_METHOD_CONSTANT_SKIP",
        2 VariableSkip "PIPE_H2645_ENC_RATE_CONTROL_METHOD_VARIABLE_SKIP",
        3 Constant "PIPE_H2645_ENC_RATE_CONTROL_METHOD_CONSTANT",
        4 Variable "PIPE_H2645_ENC_RATE_CONTROL_METHOD_VARIABLE",
        5 QualityVariable "PIPE_H2645_ENC_RATE_CONTROL_METHOD_QUALITY_VARIABLE",
    }

    /// What a picture may refer to.
    pub enum PictureType "picture type" {
        0 P "PIPE_H2645_ENC_PICTURE_TYPE_P",
        1 B "PIPE_H2645_ENC_PICTURE_TYPE_B",
        2 I "PIPE_H2645_ENC_PICTURE_TYPE_I",
        3 Idr "PIPE_H2645_ENC_PICTURE_TYPE_IDR",
        4 Skip "PIPE_H2645_ENC_PICTURE_TYPE_SKIP",
    }

    /// What a slice may refer to.
    pub enum H264SliceType "H.264 slice type" {
        0 P "PIPE_H264_SLICE_TYPE_P",
        1 B "PIPE_H264_SLICE_TYPE_B",
        2 I "PIPE_H264_SLICE_TYPE_I",
        3 Sp "PIPE_H264_SLICE_TYPE_SP",
        4 Si "PIPE_H264_SLICE_TYPE_SI",
    }

    /// What a slice may refer to.
    pub enum HevcSliceType "HEVC slice type" {
        0 B "PIPE_H265_SLICE_TYPE_B",
        1 P "PIPE_H265_SLICE_TYPE_P",
        2 I "PIPE_H265_SLICE_TYPE_I",
    }
}

byte_numbers! { RateControlMethod, PictureType, H264SliceType, HevcSliceType, }

bit_fields! {
    /// What the usability information holds.
    pub struct VuiFlags: u32 {
        pub aspect_ratio_info_present_flag: bool = 1,
        pub timing_info_present_flag: bool = 1,
    }
}

structures! {
    /// How good and how fast (`struct virgl_enc_quality_modes`).
    pub struct QualityModes {
        pub level: u32,
        pub preset_mode: u32,
        pub pre_encode_mode: u32,
        pub vbaq_mode: u32,
    }

    /// What holds for a sequence (`struct virgl_h264_enc_seq_param`).
    pub struct H264EncodeSequence {
        pub enc_constraint_set_flags: u32,
        pub enc_frame_cropping_flag: bool as u32,
        pub enc_frame_crop_left_offset: u32,
        pub enc_frame_crop_right_offset: u32,
        pub enc_frame_crop_top_offset: u32,
        pub enc_frame_crop_bottom_offset: u32,
        pub pic_order_cnt_type: u32 => ..=2,
        pub num_temporal_layers: u32,
        pub vui_parameters_present_flag: bool as u32,
        pub vui_flags: VuiFlags,
        pub aspect_ratio_idc: u32,
        pub sar_width: u32,
        pub sar_height: u32,
        pub num_units_in_tick: u32,
        pub time_scale: u32,
    }

    /// A temporal layer's rate (`struct virgl_h264_enc_rate_control`).
    pub struct H264RateControl {
        pub target_bitrate: u32,
        pub peak_bitrate: u32,
        pub frame_rate_num: u32,
        pub frame_rate_den: u32,
        pub vbv_buffer_size: u32,
        pub vbv_buf_lv: u32,
        pub target_bits_picture: u32,
        pub peak_bits_picture_integer: u32,
        pub peak_bits_picture_fraction: u32,
        pub fill_data_enable: bool as u32,
        pub skip_frame_enable: bool as u32,
        pub enforce_hrd: bool as u32,
        pub max_au_size: u32,
        pub max_qp: u32,
        pub min_qp: u32,
        pub rate_ctrl_method: RateControlMethod; 3 unused,
    }

    /// The search for motion (`struct virgl_h264_enc_motion_estimation`).
    pub struct H264MotionEstimation {
        pub motion_est_quarter_pixel: u32,
        pub enc_disable_sub_mode: u32,
        pub lsmvert: u32,
        pub enc_en_ime_overw_dis_subm: u32,
        pub enc_ime_overw_dis_subm_no: u32,
        pub enc_ime2_search_range_x: u32,
        pub enc_ime2_search_range_y: u32,
    }

    /// The entropy coding (`struct virgl_h264_enc_pic_control`).
    pub struct H264EncodeControl {
        pub enc_cabac_enable: bool as u32,
        pub enc_cabac_init_idc: u32 => ..=2,
    }

    /// A slice (`struct virgl_h264_slice_descriptor`).
    #[derive(Copy)]
    pub struct H264EncodeSlice {
        pub macroblock_address: u32,
        pub num_macroblocks: u32,
        pub slice_type: H264SliceType; 3 unused,
    }

    /// A picture (`struct virgl_h264_enc_picture_desc`).
    pub struct H264EncodePicture {
        pub base: PictureBase,
        /// `seq`
        pub sequence: H264EncodeSequence,
        /// `rate_ctrl[0]`
        pub rate_control: H264RateControl,
        /// `rate_ctrl[1]`: of temporal layer 1.
        pub rate_control_1: H264RateControl,
        /// `rate_ctrl[2]`: of temporal layer 2.
        pub rate_control_2: H264RateControl,
        /// `rate_ctrl[3]`: of temporal layer 3.
        pub rate_control_3: H264RateControl,
        /// `motion_est`
        pub motion_estimation: H264MotionEstimation,
        /// `pic_ctrl`
        pub control: H264EncodeControl,
        pub intra_idr_period: u32,
        pub quant_i_frames: u32,
        pub quant_p_frames: u32,
        pub quant_b_frames: u32,
        pub frame_num: u32,
        pub frame_num_cnt: u32,
        pub p_remain: u32,
        pub i_remain: u32,
        pub idr_pic_id: u32,
        pub gop_cnt: u32,
        pub pic_order_cnt: u32,
        pub num_ref_idx_l0_active_minus1: u32 => ..=MAX_H264_REF_IDX_MINUS1,
        pub num_ref_idx_l1_active_minus1: u32 => ..=MAX_H264_REF_IDX_MINUS1,
        pub ref_idx_l0_list: [u32; 32],
        pub l0_is_long_term: [bool; 32],
        pub ref_idx_l1_list: [u32; 32],
        pub l1_is_long_term: [bool; 32],
        pub gop_size: u32,
        pub quality_modes: QualityModes,
        /// `slices_descriptors`
        pub slices: UpTo<H264EncodeSlice, 128>,
        pub picture_type: PictureType,
        pub not_referenced: bool,
        pub is_ltr: bool,
        pub enable_vui: bool,
        pub ltr_index: u32,
    }

    /// What holds for a sequence (`struct virgl_h265_enc_seq_param`).
    pub struct HevcEncodeSequence {
        pub general_profile_idc: u8,
        pub general_level_idc: u8,
        pub general_tier_flag: bool,
        pub strong_intra_smoothing_enabled_flag: bool,
        pub intra_period: u32,
        pub ip_period: u32,
        pub pic_width_in_luma_samples: u16,
        pub pic_height_in_luma_samples: u16,
        pub chroma_format_idc: u32 => ..=MAX_CHROMA_FORMAT_IDC,
        pub bit_depth_luma_minus8: u32 => ..=MAX_BIT_DEPTH_MINUS8,
        pub bit_depth_chroma_minus8: u32 => ..=MAX_BIT_DEPTH_MINUS8,
        pub amp_enabled_flag: bool,
        pub sample_adaptive_offset_enabled_flag: bool,
        pub pcm_enabled_flag: bool,
        pub sps_temporal_mvp_enabled_flag: bool,
        pub log2_min_luma_coding_block_size_minus3: u8 => ..=MAX_HEVC_LOG2_BLOCK_STEPS,
        pub log2_diff_max_min_luma_coding_block_size: u8 => ..=MAX_HEVC_LOG2_BLOCK_STEPS,
        pub log2_min_transform_block_size_minus2: u8 => ..=MAX_HEVC_LOG2_BLOCK_STEPS,
        pub log2_diff_max_min_transform_block_size: u8 => ..=MAX_HEVC_LOG2_BLOCK_STEPS,
        pub conf_win_left_offset: u16,
        pub conf_win_right_offset: u16,
        pub conf_win_top_offset: u16,
        pub conf_win_bottom_offset: u16,
        pub vui_parameters_present_flag: bool as u32,
        pub vui_flags: VuiFlags,
        pub aspect_ratio_idc: u32,
        pub sar_width: u32,
        pub sar_height: u32,
        pub num_units_in_tick: u32,
        pub time_scale: u32,
        pub max_transform_hierarchy_depth_inter: u8,
        pub max_transform_hierarchy_depth_intra: u8,
        pub conformance_window_flag: bool; 1 unused,
    }

    /// What holds for a picture (`struct virgl_h265_enc_pic_param`).
    pub struct HevcEncodeParameters {
        pub log2_parallel_merge_level_minus2: u8,
        pub nal_unit_type: u8 => ..=63,
        pub constrained_intra_pred_flag: bool,
        pub pps_loop_filter_across_slices_enabled_flag: bool,
        pub transform_skip_enabled_flag: bool; 3 unused,
    }

    /// What holds for all slices (`struct virgl_h265_enc_slice_param`).
    pub struct HevcEncodeSlices {
        pub max_num_merge_cand: u8,
        pub slice_cb_qp_offset: i8,
        pub slice_cr_qp_offset: i8,
        pub slice_beta_offset_div2: i8,
        pub slice_deblocking_filter_disabled_flag: bool as u32,
        pub slice_tc_offset_div2: i8,
        pub cabac_init_flag: bool,
        pub slice_loop_filter_across_slices_enabled_flag: bool; 1 unused,
    }

    /// The rate (`struct virgl_h265_enc_rate_control`).
    pub struct HevcRateControl {
        pub target_bitrate: u32,
        pub peak_bitrate: u32,
        pub frame_rate_num: u32,
        pub frame_rate_den: u32,
        pub quant_i_frames: u32,
        pub quant_p_frames: u32,
        pub quant_b_frames: u32,
        pub vbv_buffer_size: u32,
        pub vbv_buf_lv: u32,
        pub target_bits_picture: u32,
        pub peak_bits_picture_integer: u32,
        pub peak_bits_picture_fraction: u32,
        pub fill_data_enable: bool as u32,
        pub skip_frame_enable: bool as u32,
        pub enforce_hrd: bool as u32,
        pub max_au_size: u32,
        pub max_qp: u32,
        pub min_qp: u32,
        pub rate_ctrl_method: RateControlMethod; 3 unused,
    }

    /// A slice (`struct virgl_h265_slice_descriptor`).
    #[derive(Copy)]
    pub struct HevcEncodeSlice {
        pub slice_segment_address: u32,
        pub num_ctu_in_slice: u32,
        pub slice_type: HevcSliceType; 3 unused,
    }

    /// A picture (`struct virgl_h265_enc_picture_desc`).
    pub struct HevcEncodePicture {
        pub base: PictureBase,
        /// `seq`
        pub sequence: HevcEncodeSequence,
        /// `pic`
        pub parameters: HevcEncodeParameters,
        /// `slice`
        pub slice: HevcEncodeSlices,
        /// `rc`
        pub rate_control: HevcRateControl,
        pub decoded_curr_pic: u32,
        pub reference_frames: [u32; 16],
        pub frame_num: u32,
        pub pic_order_cnt: u32,
        pub pic_order_cnt_type: u32,
        pub num_ref_idx_l0_active_minus1: u32 => ..=MAX_HEVC_REF_IDX_MINUS1,
        pub num_ref_idx_l1_active_minus1: u32 => ..=MAX_HEVC_REF_IDX_MINUS1,
        pub ref_idx_l0_list: [u32; 15],
        pub ref_idx_l1_list: [u32; 15],
        /// `slices_descriptors`
        pub slices: UpTo<HevcEncodeSlice, 128>,
        pub quality_modes: QualityModes,
        pub picture_type: PictureType,
        pub not_referenced: bool; 2 unused,
    }
}
