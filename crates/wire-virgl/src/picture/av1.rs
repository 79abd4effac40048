//! AV1 pictures to decode. Names are those of VA-API (`va_dec_av1.h`), for the parts of the AV1
//! bitstream specification, sections 5.5 and 5.9.

use wire::ParseError;

use crate::codec::check_limit;
use crate::ids::VideoBufferId;
use crate::limits::{
    MAX_AV1_CHROMA_POINTS, MAX_AV1_LUMA_POINTS, MAX_AV1_TILES, MAX_AV1_TILES_ACROSS,
};
use crate::picture::PictureBase;
use crate::picture::layout::{bit_fields, structures};

/// Of the eight slots of the decoder, and of the seven references, where 7 is none.
const LAST_SLOT: u32 = 7;

bit_fields! {
    /// A sequence header's switches.
    pub struct Av1SequenceFields: u32 {
        pub use_128x128_superblock: bool = 1,
        pub enable_filter_intra: bool = 1,
        pub enable_intra_edge_filter: bool = 1,
        pub enable_interintra_compound: bool = 1,
        pub enable_masked_compound: bool = 1,
        pub enable_dual_filter: bool = 1,
        pub enable_order_hint: bool = 1,
        pub enable_jnt_comp: bool = 1,
        pub enable_cdef: bool = 1,
        pub mono_chrome: bool = 1,
        pub ref_frame_mvs: bool = 1,
        pub film_grain_params_present: bool = 1,
    }

    /// The segmentation's switches.
    pub struct Av1SegmentationFields: u32 {
        pub enabled: bool = 1,
        pub update_map: bool = 1,
        pub update_data: bool = 1,
        pub temporal_update: bool = 1,
    }

    /// The film grain's switches.
    pub struct Av1FilmGrainFields: u32 {
        pub apply_grain: bool = 1,
        pub chroma_scaling_from_luma: bool = 1,
        pub grain_scaling_minus_8: u8 = 2,
        pub ar_coeff_lag: u8 = 2,
        pub ar_coeff_shift_minus_6: u8 = 2,
        pub grain_scale_shift: u8 = 2,
        pub overlap_flag: bool = 1,
        pub clip_to_restricted_range: bool = 1,
    }

    /// A frame header's switches.
    pub struct Av1FrameFields: u32 {
        pub frame_type: u8 = 2,
        pub show_frame: bool = 1,
        pub showable_frame: bool = 1,
        pub error_resilient_mode: bool = 1,
        pub disable_cdf_update: bool = 1,
        pub allow_screen_content_tools: bool = 1,
        pub force_integer_mv: bool = 1,
        pub allow_intrabc: bool = 1,
        pub use_superres: bool = 1,
        pub allow_high_precision_mv: bool = 1,
        pub is_motion_mode_switchable: bool = 1,
        pub use_ref_frame_mvs: bool = 1,
        pub disable_frame_end_update_cdf: bool = 1,
        pub uniform_tile_spacing_flag: bool = 1,
        pub allow_warped_motion: bool = 1,
        pub large_scale_tile: bool = 1,
    }

    /// The loop filter's switches.
    pub struct Av1LoopFilterFields: u8 {
        pub sharpness_level: u8 = 3,
        pub mode_ref_delta_enabled: bool = 1,
        pub mode_ref_delta_update: bool = 1,
    }

    /// The quantizer matrices.
    pub struct Av1QmatrixFields: u16 {
        pub using_qmatrix: bool = 1,
        pub qm_y: u8 = 4,
        pub qm_u: u8 = 4,
        pub qm_v: u8 = 4,
    }

    /// Deltas and modes.
    pub struct Av1ModeFields: u32 {
        pub delta_q_present_flag: bool = 1,
        pub log2_delta_q_res: u8 = 2,
        pub delta_lf_present_flag: bool = 1,
        pub log2_delta_lf_res: u8 = 2,
        pub delta_lf_multi: bool = 1,
        pub tx_mode: u8 = 2,
        pub reference_select: bool = 1,
        pub reduced_tx_set_used: bool = 1,
        pub skip_mode_present: bool = 1,
    }

    /// Loop restoration.
    pub struct Av1RestorationFields: u16 {
        pub yframe_restoration_type: u8 = 2,
        pub cbframe_restoration_type: u8 = 2,
        pub crframe_restoration_type: u8 = 2,
        pub lr_unit_shift: u8 = 2,
        pub lr_uv_shift: bool = 1,
    }
}

structures! {
    /// The segments.
    pub struct Av1Segmentation {
        /// `segment_info_fields`
        pub fields: Av1SegmentationFields,
        pub feature_data: [[i16; 8]; 8],
        pub feature_mask: [u8; 8],
    }

    /// The film grain.
    pub struct Av1FilmGrain {
        /// `film_grain_info_fields`
        pub fields: Av1FilmGrainFields,
        pub grain_seed: u16,
        pub num_y_points: u8 => ..=MAX_AV1_LUMA_POINTS,
        pub point_y_value: [u8; 14],
        pub point_y_scaling: [u8; 14],
        pub num_cb_points: u8 => ..=MAX_AV1_CHROMA_POINTS,
        pub point_cb_value: [u8; 10],
        pub point_cb_scaling: [u8; 10],
        pub num_cr_points: u8 => ..=MAX_AV1_CHROMA_POINTS,
        pub point_cr_value: [u8; 10],
        pub point_cr_scaling: [u8; 10],
        pub ar_coeffs_y: [i8; 24],
        pub ar_coeffs_cb: [i8; 25],
        pub ar_coeffs_cr: [i8; 25],
        pub cb_mult: u8,
        pub cb_luma_mult: u8; 1 unused,
        pub cb_offset: u16,
        pub cr_mult: u8,
        pub cr_luma_mult: u8,
        pub cr_offset: u16,
    }

    /// A reference's global motion.
    #[derive(Copy)]
    pub struct Av1WarpedMotion {
        pub wmtype: u32 => ..=3,
        pub invalid: bool; 3 unused,
        pub wmmat: [i32; 8],
    }

    /// A frame header, and what of the sequence header it needs.
    pub struct Av1Frame {
        pub profile: u8 => ..=2,
        pub order_hint_bits_minus_1: u8 => ..=7,
        pub bit_depth_idx: u8 => ..=2; 1 unused,
        /// `seq_info_fields`
        pub sequence: Av1SequenceFields,
        pub current_frame_id: u32,
        pub frame_width: u16,
        pub frame_height: u16,
        pub max_width: u16,
        pub max_height: u16,
        /// Slots of the decoder.
        pub ref_frame_idx: [u8; 7],
        /// One of the references; 7 for none.
        pub primary_ref_frame: u8 => ..=LAST_SLOT,
        pub order_hint: u8; 3 unused,
        /// `seg_info`
        pub segmentation: Av1Segmentation,
        /// `film_grain_info`
        pub film_grain: Av1FilmGrain,
        pub tile_cols: u8 => ..=MAX_AV1_TILES_ACROSS,
        pub tile_rows: u8 => ..=MAX_AV1_TILES_ACROSS; 2 unused,
        pub tile_col_start_sb: [u32; 65],
        pub tile_row_start_sb: [u32; 65],
        pub width_in_sbs: [u16; 64],
        pub height_in_sbs: [u16; 64],
        pub context_update_tile_id: u16; 2 unused,
        /// `pic_info_fields`
        pub fields: Av1FrameFields,
        pub superres_scale_denominator: u8,
        pub interp_filter: u8 => ..=4,
        pub filter_level: [u8; 2],
        pub filter_level_u: u8,
        pub filter_level_v: u8,
        /// `loop_filter_info_fields`
        pub loop_filter: Av1LoopFilterFields,
        pub ref_deltas: [i8; 8],
        pub mode_deltas: [i8; 2],
        pub base_qindex: u8,
        pub y_dc_delta_q: i8,
        pub u_dc_delta_q: i8,
        pub u_ac_delta_q: i8,
        pub v_dc_delta_q: i8,
        pub v_ac_delta_q: i8; 1 unused,
        /// `qmatrix_fields`
        pub qmatrix: Av1QmatrixFields; 2 unused,
        /// `mode_control_fields`
        pub modes: Av1ModeFields,
        pub cdef_damping_minus_3: u8 => ..=3,
        pub cdef_bits: u8 => ..=3,
        pub cdef_y_strengths: [u8; 8],
        pub cdef_uv_strengths: [u8; 8],
        /// `loop_restoration_fields`
        pub restoration: Av1RestorationFields,
        /// Mesa leaves it unwritten.
        pub lr_unit_size: [u16; 3]; 2 unused,
        /// `wm`
        pub warped_motion: [Av1WarpedMotion; 7],
        pub refresh_frame_flags: u32,
        pub matrix_coefficients: u8; 3 unused,
    }
    check check_references;

    /// Where the tiles are in the bitstream. Of each array, as many as `slice_count`.
    pub struct Av1Tiles {
        pub slice_data_size: [u32; 256],
        pub slice_data_offset: [u32; 256],
        pub slice_data_row: [u16; 256],
        pub slice_data_col: [u16; 256],
        pub slice_data_anchor_frame_idx: [u8; 256],
        pub slice_count: u16 => ..=MAX_AV1_TILES; 2 unused,
    }

    /// A picture (`struct virgl_av1_picture_desc`).
    pub struct Av1Picture {
        pub base: PictureBase,
        /// `ref`
        pub references: [Option<VideoBufferId>; 16],
        pub film_grain_target: Option<VideoBufferId>,
        /// `picture_parameter`
        pub frame: Av1Frame,
        /// `slice_parameter`
        pub tiles: Av1Tiles,
    }
}

impl Av1Frame {
    fn check_references(&self) -> Result<(), ParseError> {
        for slot in self.ref_frame_idx {
            check_limit("a reference's slot", slot.into(), LAST_SLOT)?;
        }
        Ok(())
    }
}
