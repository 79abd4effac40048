//! HEVC pictures to decode. Names are those of the specification (ITU-T H.265, 7.3.2 and
//! 7.4.3), in snake case.

use wire::ParseError;

use crate::codec::check_limit;
use crate::ids::VideoBufferId;
use crate::limits::{
    MAX_BIT_DEPTH_MINUS8, MAX_CHROMA_FORMAT_IDC, MAX_HEVC_LOG2_BLOCK_STEPS, MAX_HEVC_LONG_TERM_SPS,
    MAX_HEVC_REF_IDX_MINUS1, MAX_HEVC_SHORT_TERM_SETS, MAX_HEVC_TILE_COLUMNS_MINUS1,
    MAX_HEVC_TILE_ROWS_MINUS1, MAX_LOG2_MINUS4, MAX_REFERENCE_FRAMES, MAX_REFERENCES_OF_A_KIND,
    MAX_VIDEO_SIZE,
};
use crate::picture::{PictureBase, layout::structures};

structures! {
    /// A sequence parameter set (`struct virgl_h265_sps`).
    pub struct HevcSps {
        pub pic_width_in_luma_samples: u32 => ..=MAX_VIDEO_SIZE,
        pub pic_height_in_luma_samples: u32 => ..=MAX_VIDEO_SIZE,
        pub chroma_format_idc: u8 => ..=MAX_CHROMA_FORMAT_IDC,
        pub separate_colour_plane_flag: bool,
        pub bit_depth_luma_minus8: u8 => ..=MAX_BIT_DEPTH_MINUS8,
        pub bit_depth_chroma_minus8: u8 => ..=MAX_BIT_DEPTH_MINUS8,
        pub log2_max_pic_order_cnt_lsb_minus4: u8 => ..=MAX_LOG2_MINUS4,
        pub sps_max_dec_pic_buffering_minus1: u8 => ..=MAX_REFERENCE_FRAMES,
        pub log2_min_luma_coding_block_size_minus3: u8 => ..=MAX_HEVC_LOG2_BLOCK_STEPS,
        pub log2_diff_max_min_luma_coding_block_size: u8 => ..=MAX_HEVC_LOG2_BLOCK_STEPS,
        pub log2_min_transform_block_size_minus2: u8 => ..=MAX_HEVC_LOG2_BLOCK_STEPS,
        pub log2_diff_max_min_transform_block_size: u8 => ..=MAX_HEVC_LOG2_BLOCK_STEPS,
        pub max_transform_hierarchy_depth_inter: u8,
        pub max_transform_hierarchy_depth_intra: u8,
        pub scaling_list_4x4: [[u8; 16]; 6],
        pub scaling_list_8x8: [[u8; 64]; 6],
        pub scaling_list_16x16: [[u8; 64]; 6],
        pub scaling_list_32x32: [[u8; 64]; 2],
        pub scaling_list_dc_coeff_16x16: [u8; 6],
        pub scaling_list_dc_coeff_32x32: [u8; 2],
        pub scaling_list_enabled_flag: bool,
        pub amp_enabled_flag: bool,
        pub sample_adaptive_offset_enabled_flag: bool,
        pub pcm_enabled_flag: bool,
        pub pcm_sample_bit_depth_luma_minus1: u8,
        pub pcm_sample_bit_depth_chroma_minus1: u8,
        pub log2_min_pcm_luma_coding_block_size_minus3: u8,
        pub log2_diff_max_min_pcm_luma_coding_block_size: u8,
        pub pcm_loop_filter_disabled_flag: bool,
        pub num_short_term_ref_pic_sets: u8 => ..=MAX_HEVC_SHORT_TERM_SETS,
        pub long_term_ref_pics_present_flag: bool,
        pub num_long_term_ref_pics_sps: u8 => ..=MAX_HEVC_LONG_TERM_SPS,
        pub sps_temporal_mvp_enabled_flag: bool,
        pub strong_intra_smoothing_enabled_flag: bool; 2 unused,
    }

    /// A picture parameter set (`struct virgl_h265_pps`).
    pub struct HevcPps {
        pub sps: HevcSps,
        pub dependent_slice_segments_enabled_flag: bool,
        pub output_flag_present_flag: bool,
        pub num_extra_slice_header_bits: u8 => ..=7,
        pub sign_data_hiding_enabled_flag: bool,
        pub cabac_init_present_flag: bool,
        pub num_ref_idx_l0_default_active_minus1: u8 => ..=MAX_HEVC_REF_IDX_MINUS1,
        pub num_ref_idx_l1_default_active_minus1: u8 => ..=MAX_HEVC_REF_IDX_MINUS1,
        pub init_qp_minus26: i8,
        pub constrained_intra_pred_flag: bool,
        pub transform_skip_enabled_flag: bool,
        pub cu_qp_delta_enabled_flag: bool,
        pub diff_cu_qp_delta_depth: u8 => ..=MAX_HEVC_LOG2_BLOCK_STEPS,
        pub pps_cb_qp_offset: i8,
        pub pps_cr_qp_offset: i8,
        pub pps_slice_chroma_qp_offsets_present_flag: bool,
        pub weighted_pred_flag: bool,
        pub weighted_bipred_flag: bool,
        pub transquant_bypass_enabled_flag: bool,
        pub tiles_enabled_flag: bool,
        pub entropy_coding_sync_enabled_flag: bool,
        pub column_width_minus1: [u16; 20],
        pub row_height_minus1: [u16; 22],
        pub num_tile_columns_minus1: u8 => ..=MAX_HEVC_TILE_COLUMNS_MINUS1,
        pub num_tile_rows_minus1: u8 => ..=MAX_HEVC_TILE_ROWS_MINUS1,
        pub uniform_spacing_flag: bool,
        pub loop_filter_across_tiles_enabled_flag: bool,
        pub pps_loop_filter_across_slices_enabled_flag: bool,
        pub deblocking_filter_control_present_flag: bool,
        pub deblocking_filter_override_enabled_flag: bool,
        pub pps_deblocking_filter_disabled_flag: bool,
        pub pps_beta_offset_div2: i8,
        pub pps_tc_offset_div2: i8,
        pub lists_modification_present_flag: bool,
        pub log2_parallel_merge_level_minus2: u8 => ..=4,
        /// Bits of the slice header's own reference picture set. Mesa leaves it unwritten.
        pub st_rps_bits: u16,
        pub slice_segment_header_extension_present_flag: bool; 1 unused,
    }

    /// A picture (`struct virgl_h265_picture_desc`). The sets name references by their index.
    pub struct HevcPicture {
        pub base: PictureBase,
        pub pps: HevcPps,
        pub curr_pic_order_cnt_val: i32,
        /// `ref`
        pub references: [Option<VideoBufferId>; 16],
        /// Of each reference.
        pub pic_order_cnt_val: [i32; 16],
        pub num_poc_total_curr: u32,
        pub num_delta_pocs_of_ref_rps_idx: u32,
        pub num_short_term_picture_slice_header_bits: u32,
        pub num_long_term_picture_slice_header_bits: u32,
        pub is_long_term: [bool; 16],
        pub idr_pic_flag: bool,
        pub rap_pic_flag: bool,
        pub curr_rps_idx: u8,
        pub num_poc_st_curr_before: u8 => ..=MAX_REFERENCES_OF_A_KIND,
        pub num_poc_st_curr_after: u8 => ..=MAX_REFERENCES_OF_A_KIND,
        pub num_poc_lt_curr: u8 => ..=MAX_REFERENCES_OF_A_KIND,
        /// Mesa leaves it unwritten.
        pub use_ref_pic_list: bool,
        /// Mesa leaves it unwritten.
        pub use_st_rps_bits: bool,
        /// As many as `num_poc_st_curr_before`; the rest has no meaning.
        pub ref_pic_set_st_curr_before: [u8; 8],
        /// As many as `num_poc_st_curr_after`; the rest has no meaning.
        pub ref_pic_set_st_curr_after: [u8; 8],
        /// As many as `num_poc_lt_curr`; the rest has no meaning.
        pub ref_pic_set_lt_curr: [u8; 8],
        /// Indices, or anything past the last for none.
        pub ref_pic_list: [[u8; 15]; 2]; 2 unused,
    }
    check check_sets;
}

impl HevcPicture {
    fn check_sets(&self) -> Result<(), ParseError> {
        let sets = [
            (
                self.num_poc_st_curr_before,
                &self.ref_pic_set_st_curr_before,
            ),
            (self.num_poc_st_curr_after, &self.ref_pic_set_st_curr_after),
            (self.num_poc_lt_curr, &self.ref_pic_set_lt_curr),
        ];
        for (count, set) in sets {
            for index in set.iter().take(count.into()) {
                check_limit("a reference's index", (*index).into(), LAST_REFERENCE)?;
            }
        }
        Ok(())
    }
}

/// Of [`HevcPicture::references`].
const LAST_REFERENCE: u32 = 15;
