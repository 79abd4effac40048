//! HEVC's parameter sets. Names are those of ITU-T H.265, 7.3.2 and 7.3.3. One layer, without
//! sub-layers, usability information and extensions.

use crate::bits::BitWriter;
use crate::nal;

/// Profile, tier and level (`profile_tier_level`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileTierLevel {
    /// `general_tier_flag`
    pub general_tier_flag: bool,
    /// `general_profile_idc`, below 32.
    pub general_profile_idc: u8,
    /// The 43 bits and one that follow the flags of progressive, interlaced, non-packed and
    /// frame-only pictures: constraints of the range extensions, and zeros without them.
    pub general_constraint_bits: u64,
    /// `general_level_idc`: thirty times the level.
    pub general_level_idc: u8,
}

impl ProfileTierLevel {
    fn write(&self, w: &mut BitWriter) {
        let general_profile_space = 0u8;
        w.bits(general_profile_space, 2)
            .bit(self.general_tier_flag)
            .bits(self.general_profile_idc, 5);
        for profile in 0..32 {
            w.bit(self.is_compatible(profile));
        }
        let (progressive, interlaced, non_packed, frame_only) = (true, false, false, true);
        w.bit(progressive).bit(interlaced);
        w.bit(non_packed).bit(frame_only);
        w.bits(self.general_constraint_bits, 44)
            .bits(self.general_level_idc, 8);
    }

    /// A decoder of Main 10 decodes Main, and one of either decodes still pictures (A.3).
    fn is_compatible(&self, profile: u8) -> bool {
        match self.general_profile_idc {
            1 => profile == 1 || profile == 2,
            3 => (1..=3).contains(&profile),
            own => profile == own,
        }
    }
}

/// How much a decoder has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffering {
    /// `sps_max_dec_pic_buffering_minus1`
    pub max_dec_pic_buffering_minus1: u8,
    /// `sps_max_num_reorder_pics`
    pub max_num_reorder_pics: u8,
    /// `sps_max_latency_increase_plus1`
    pub max_latency_increase_plus1: u32,
}

impl Buffering {
    fn write(&self, w: &mut BitWriter) {
        let sub_layer_ordering_info_present_flag = true;
        w.bit(sub_layer_ordering_info_present_flag)
            .ue(self.max_dec_pic_buffering_minus1)
            .ue(self.max_num_reorder_pics)
            .ue(self.max_latency_increase_plus1);
    }
}

/// A video parameter set, number 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoParameterSet {
    /// Profile, tier and level.
    pub profile: ProfileTierLevel,
    /// How much a decoder has to hold.
    pub buffering: Buffering,
}

impl VideoParameterSet {
    /// The unit of a byte stream, with its start code.
    pub fn unit(&self) -> Vec<u8> {
        let mut writer = BitWriter::new();
        let w = &mut writer;
        let (id, max_layers_minus1, max_sub_layers_minus1) = (0u8, 0u8, 0u8);
        let (internal, available, temporal_id_nesting_flag) = (true, true, true);
        w.bits(id, 4).bit(internal).bit(available);
        w.bits(max_layers_minus1, 6)
            .bits(max_sub_layers_minus1, 3)
            .bit(temporal_id_nesting_flag)
            .bits(0xffffu32, 16);
        self.profile.write(w);
        self.buffering.write(w);
        let (max_layer_id, num_layer_sets_minus1) = (0u8, 0u8);
        let (timing_info_present_flag, extension_flag) = (false, false);
        w.bits(max_layer_id, 6).ue(num_layer_sets_minus1);
        w.bit(timing_info_present_flag).bit(extension_flag);
        w.trailing_bits();
        nal::unit(&[0x40, 1], writer)
    }
}

/// A sequence parameter set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceParameterSet {
    /// Profile, tier and level.
    pub profile: ProfileTierLevel,
    /// `sps_seq_parameter_set_id`
    pub id: u8,
    /// `chroma_format_idc`
    pub chroma_format_idc: u8,
    /// `separate_colour_plane_flag`
    pub separate_colour_plane_flag: bool,
    /// `pic_width_in_luma_samples`
    pub pic_width_in_luma_samples: u32,
    /// `pic_height_in_luma_samples`
    pub pic_height_in_luma_samples: u32,
    /// What is cut off, if anything: left, right, top and bottom, in units of chroma samples.
    pub conformance_window: Option<[u32; 4]>,
    /// `bit_depth_luma_minus8`
    pub bit_depth_luma_minus8: u8,
    /// `bit_depth_chroma_minus8`
    pub bit_depth_chroma_minus8: u8,
    /// `log2_max_pic_order_cnt_lsb_minus4`
    pub log2_max_pic_order_cnt_lsb_minus4: u8,
    /// How much a decoder has to hold.
    pub buffering: Buffering,
    /// `log2_min_luma_coding_block_size_minus3`
    pub log2_min_luma_coding_block_size_minus3: u8,
    /// `log2_diff_max_min_luma_coding_block_size`
    pub log2_diff_max_min_luma_coding_block_size: u8,
    /// `log2_min_luma_transform_block_size_minus2`
    pub log2_min_luma_transform_block_size_minus2: u8,
    /// `log2_diff_max_min_luma_transform_block_size`
    pub log2_diff_max_min_luma_transform_block_size: u8,
    /// `max_transform_hierarchy_depth_inter`
    pub max_transform_hierarchy_depth_inter: u8,
    /// `max_transform_hierarchy_depth_intra`
    pub max_transform_hierarchy_depth_intra: u8,
    /// Whether and how coefficients are scaled.
    pub scaling: Scaling,
    /// `amp_enabled_flag`
    pub amp_enabled_flag: bool,
    /// `sample_adaptive_offset_enabled_flag`
    pub sample_adaptive_offset_enabled_flag: bool,
    /// Samples without transform, if there may be any.
    pub pcm: Option<Pcm>,
    /// `st_ref_pic_set`, by index: the first 64 are written.
    pub short_term_ref_pic_sets: Vec<ShortTermRefPicSet>,
    /// Long-term references that slices name by index, if there may be such references: low bits
    /// of the order count, and whether the picture itself may use it. The first 32 are written.
    pub long_term_ref_pics: Option<Vec<(u32, bool)>>,
    /// `sps_temporal_mvp_enabled_flag`
    pub sps_temporal_mvp_enabled_flag: bool,
    /// `strong_intra_smoothing_enabled_flag`
    pub strong_intra_smoothing_enabled_flag: bool,
}

/// Whether and how coefficients are scaled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// All alike.
    Flat,
    /// By the specification's lists.
    Default,
    /// By these.
    Lists(Box<ScalingLists>),
}

/// Samples without transform (`pcm_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pcm {
    /// `pcm_sample_bit_depth_luma_minus1`
    pub sample_bit_depth_luma_minus1: u8,
    /// `pcm_sample_bit_depth_chroma_minus1`
    pub sample_bit_depth_chroma_minus1: u8,
    /// `log2_min_pcm_luma_coding_block_size_minus3`
    pub log2_min_luma_coding_block_size_minus3: u8,
    /// `log2_diff_max_min_pcm_luma_coding_block_size`
    pub log2_diff_max_min_luma_coding_block_size: u8,
    /// `pcm_loop_filter_disabled_flag`
    pub loop_filter_disabled_flag: bool,
}

/// Pictures that are kept: how far each is from the one before it, less one, beginning with the
/// nearest, and whether the picture itself may use it. Of either side, the first 16 are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShortTermRefPicSet {
    /// `delta_poc_s0_minus1` and `used_by_curr_pic_s0_flag`: shown earlier.
    pub before: Vec<(u16, bool)>,
    /// `delta_poc_s1_minus1` and `used_by_curr_pic_s1_flag`: shown later.
    pub after: Vec<(u16, bool)>,
}

/// A scaling matrix, in the order in which coefficients are coded. No value is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingLists {
    small: [[u8; 16]; 6],
    /// With the value for the constant coefficient, from 16x16 on.
    large: Vec<(Option<u8>, [u8; 64])>,
}

impl ScalingLists {
    /// Lists of 4x4, 8x8, 16x16 and 32x32; the latter two with the values for the constant
    /// coefficient. None if a value is zero, which the syntax cannot say.
    pub fn new(
        small: [[u8; 16]; 6],
        medium: [[u8; 64]; 6],
        large: [(u8, [u8; 64]); 6],
        largest: [(u8, [u8; 64]); 2],
    ) -> Option<Self> {
        let medium = medium.map(|list| (None, list));
        let large = large.into_iter().chain(largest);
        let large = large.map(|(constant, list)| (Some(constant), list));
        let large: Vec<_> = medium.into_iter().chain(large).collect();
        let constants = large.iter().filter_map(|(constant, _)| constant.as_ref());
        let values = large.iter().flat_map(|(_, list)| list);
        let mut all = small.iter().flatten().chain(values).chain(constants);
        all.all(|value| *value != 0)
            .then_some(Self { small, large })
    }

    /// `scaling_list_data`, each list in full.
    fn write(&self, w: &mut BitWriter) {
        for list in &self.small {
            write_list(w, None, list);
        }
        for (constant, list) in &self.large {
            write_list(w, *constant, list);
        }
    }
}

/// Differences modulo 256.
fn write_list(w: &mut BitWriter, constant: Option<u8>, list: &[u8]) {
    let scaling_list_pred_mode_flag = true;
    w.bit(scaling_list_pred_mode_flag);
    if let Some(constant) = constant {
        w.se(i32::from(constant).saturating_sub(8));
    }
    let mut last = constant.unwrap_or(8);
    for value in list {
        w.se(value.wrapping_sub(last).cast_signed());
        last = *value;
    }
}

impl SequenceParameterSet {
    /// The unit of a byte stream, with its start code.
    pub fn unit(&self) -> Vec<u8> {
        let mut writer = BitWriter::new();
        let w = &mut writer;
        let (video_parameter_set_id, max_sub_layers_minus1) = (0u8, 0u8);
        let temporal_id_nesting_flag = true;
        w.bits(video_parameter_set_id, 4)
            .bits(max_sub_layers_minus1, 3)
            .bit(temporal_id_nesting_flag);
        self.profile.write(w);
        w.ue(self.id);
        self.write_picture(w);
        self.buffering.write(w);
        self.write_blocks(w);
        self.write_references(w);
        let (vui_parameters_present_flag, extension_present_flag) = (false, false);
        w.bit(self.sps_temporal_mvp_enabled_flag)
            .bit(self.strong_intra_smoothing_enabled_flag)
            .bit(vui_parameters_present_flag)
            .bit(extension_present_flag)
            .trailing_bits();
        nal::unit(&[0x42, 1], writer)
    }

    fn write_picture(&self, w: &mut BitWriter) {
        w.ue(self.chroma_format_idc);
        if self.chroma_format_idc == 3 {
            w.bit(self.separate_colour_plane_flag);
        }
        w.ue(self.pic_width_in_luma_samples)
            .ue(self.pic_height_in_luma_samples)
            .bit(self.conformance_window.is_some());
        for offset in self.conformance_window.iter().flatten() {
            w.ue(*offset);
        }
        w.ue(self.bit_depth_luma_minus8)
            .ue(self.bit_depth_chroma_minus8)
            .ue(self.log2_max_pic_order_cnt_lsb_minus4);
    }

    fn write_blocks(&self, w: &mut BitWriter) {
        w.ue(self.log2_min_luma_coding_block_size_minus3)
            .ue(self.log2_diff_max_min_luma_coding_block_size)
            .ue(self.log2_min_luma_transform_block_size_minus2)
            .ue(self.log2_diff_max_min_luma_transform_block_size)
            .ue(self.max_transform_hierarchy_depth_inter)
            .ue(self.max_transform_hierarchy_depth_intra);
        w.bit(self.scaling != Scaling::Flat);
        if self.scaling == Scaling::Default {
            w.bit(false);
        }
        if let Scaling::Lists(lists) = &self.scaling {
            w.bit(true);
            lists.write(w);
        }
        w.bit(self.amp_enabled_flag)
            .bit(self.sample_adaptive_offset_enabled_flag)
            .bit(self.pcm.is_some());
        if let Some(pcm) = &self.pcm {
            pcm.write(w);
        }
    }

    fn write_references(&self, w: &mut BitWriter) {
        let sets = self.short_term_ref_pic_sets.iter().take(64);
        w.ue(sets.len() as u8);
        for (index, set) in sets.enumerate() {
            set.write(w, index);
        }
        w.bit(self.long_term_ref_pics.is_some());
        let Some(pictures) = &self.long_term_ref_pics else {
            return;
        };
        let pictures = pictures.iter().take(32);
        w.ue(pictures.len() as u8);
        for (order, used) in pictures {
            let width = u32::from(self.log2_max_pic_order_cnt_lsb_minus4).saturating_add(4);
            w.bits(*order, width).bit(*used);
        }
    }
}

impl Pcm {
    fn write(&self, w: &mut BitWriter) {
        w.bits(self.sample_bit_depth_luma_minus1, 4)
            .bits(self.sample_bit_depth_chroma_minus1, 4)
            .ue(self.log2_min_luma_coding_block_size_minus3)
            .ue(self.log2_diff_max_min_luma_coding_block_size)
            .bit(self.loop_filter_disabled_flag);
    }
}

impl ShortTermRefPicSet {
    /// In full, not as a difference from another.
    fn write(&self, w: &mut BitWriter, index: usize) {
        if index != 0 {
            let inter_ref_pic_set_prediction_flag = false;
            w.bit(inter_ref_pic_set_prediction_flag);
        }
        let before = self.before.iter().take(16);
        let after = self.after.iter().take(16);
        w.ue(before.len() as u8).ue(after.len() as u8);
        for (delta_poc_minus1, used_by_curr_pic_flag) in before.chain(after) {
            w.ue(*delta_poc_minus1).bit(*used_by_curr_pic_flag);
        }
    }
}

/// A picture parameter set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureParameterSet {
    /// `pps_pic_parameter_set_id`
    pub id: u8,
    /// `pps_seq_parameter_set_id`
    pub sequence: u8,
    /// `dependent_slice_segments_enabled_flag`
    pub dependent_slice_segments_enabled_flag: bool,
    /// `output_flag_present_flag`
    pub output_flag_present_flag: bool,
    /// `num_extra_slice_header_bits`, below 8.
    pub num_extra_slice_header_bits: u8,
    /// `sign_data_hiding_enabled_flag`
    pub sign_data_hiding_enabled_flag: bool,
    /// `cabac_init_present_flag`
    pub cabac_init_present_flag: bool,
    /// `num_ref_idx_l0_default_active_minus1`
    pub num_ref_idx_l0_default_active_minus1: u8,
    /// `num_ref_idx_l1_default_active_minus1`
    pub num_ref_idx_l1_default_active_minus1: u8,
    /// `init_qp_minus26`
    pub init_qp_minus26: i8,
    /// `constrained_intra_pred_flag`
    pub constrained_intra_pred_flag: bool,
    /// `transform_skip_enabled_flag`
    pub transform_skip_enabled_flag: bool,
    /// `diff_cu_qp_delta_depth`, where `cu_qp_delta_enabled_flag` is set.
    pub diff_cu_qp_delta_depth: Option<u8>,
    /// `pps_cb_qp_offset`
    pub pps_cb_qp_offset: i8,
    /// `pps_cr_qp_offset`
    pub pps_cr_qp_offset: i8,
    /// `pps_slice_chroma_qp_offsets_present_flag`
    pub pps_slice_chroma_qp_offsets_present_flag: bool,
    /// `weighted_pred_flag`
    pub weighted_pred_flag: bool,
    /// `weighted_bipred_flag`
    pub weighted_bipred_flag: bool,
    /// `transquant_bypass_enabled_flag`
    pub transquant_bypass_enabled_flag: bool,
    /// Tiles, where there is more than one.
    pub tiles: Option<Tiles>,
    /// `entropy_coding_sync_enabled_flag`
    pub entropy_coding_sync_enabled_flag: bool,
    /// `pps_loop_filter_across_slices_enabled_flag`
    pub pps_loop_filter_across_slices_enabled_flag: bool,
    /// What there is to say of deblocking.
    pub deblocking: Option<Deblocking>,
    /// The scaling matrix, if it is not the sequence's.
    pub scaling: Option<Box<ScalingLists>>,
    /// `lists_modification_present_flag`
    pub lists_modification_present_flag: bool,
    /// `log2_parallel_merge_level_minus2`
    pub log2_parallel_merge_level_minus2: u8,
    /// `slice_segment_header_extension_present_flag`
    pub slice_segment_header_extension_present_flag: bool,
}

/// How a picture is cut into tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// How many and how large.
    pub spacing: TileSpacing,
    /// `loop_filter_across_tiles_enabled_flag`
    pub loop_filter_across_tiles_enabled_flag: bool,
}

/// How many tiles there are, and how large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TileSpacing {
    /// All alike: columns and rows, each less one.
    Uniform(u16, u16),
    /// Widths of all columns but the last and heights of all rows but the last, in coding tree
    /// blocks, each less one.
    Explicit(Vec<u16>, Vec<u16>),
}

/// Deblocking (`deblocking_filter_control_present_flag`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deblocking {
    /// `deblocking_filter_override_enabled_flag`
    pub override_enabled_flag: bool,
    /// `pps_beta_offset_div2` and `pps_tc_offset_div2`; none where it is disabled.
    pub offsets_div2: Option<(i8, i8)>,
}

impl PictureParameterSet {
    /// The unit of a byte stream, with its start code.
    pub fn unit(&self) -> Vec<u8> {
        let mut writer = BitWriter::new();
        let w = &mut writer;
        self.write_slices(w);
        self.write_quantization(w);
        w.bit(self.weighted_pred_flag)
            .bit(self.weighted_bipred_flag)
            .bit(self.transquant_bypass_enabled_flag)
            .bit(self.tiles.is_some())
            .bit(self.entropy_coding_sync_enabled_flag);
        if let Some(tiles) = &self.tiles {
            tiles.write(w);
        }
        w.bit(self.pps_loop_filter_across_slices_enabled_flag)
            .bit(self.deblocking.is_some());
        if let Some(deblocking) = &self.deblocking {
            deblocking.write(w);
        }
        w.bit(self.scaling.is_some());
        if let Some(lists) = &self.scaling {
            lists.write(w);
        }
        let extension_present_flag = false;
        w.bit(self.lists_modification_present_flag)
            .ue(self.log2_parallel_merge_level_minus2)
            .bit(self.slice_segment_header_extension_present_flag)
            .bit(extension_present_flag)
            .trailing_bits();
        nal::unit(&[0x44, 1], writer)
    }

    fn write_slices(&self, w: &mut BitWriter) {
        w.ue(self.id)
            .ue(self.sequence)
            .bit(self.dependent_slice_segments_enabled_flag)
            .bit(self.output_flag_present_flag)
            .bits(self.num_extra_slice_header_bits, 3)
            .bit(self.sign_data_hiding_enabled_flag)
            .bit(self.cabac_init_present_flag)
            .ue(self.num_ref_idx_l0_default_active_minus1)
            .ue(self.num_ref_idx_l1_default_active_minus1);
    }

    fn write_quantization(&self, w: &mut BitWriter) {
        w.se(self.init_qp_minus26)
            .bit(self.constrained_intra_pred_flag)
            .bit(self.transform_skip_enabled_flag)
            .bit(self.diff_cu_qp_delta_depth.is_some());
        if let Some(depth) = self.diff_cu_qp_delta_depth {
            w.ue(depth);
        }
        w.se(self.pps_cb_qp_offset)
            .se(self.pps_cr_qp_offset)
            .bit(self.pps_slice_chroma_qp_offsets_present_flag);
    }
}

impl Tiles {
    fn write(&self, w: &mut BitWriter) {
        match &self.spacing {
            TileSpacing::Uniform(columns_minus1, rows_minus1) => {
                w.ue(*columns_minus1).ue(*rows_minus1).bit(true);
            }
            TileSpacing::Explicit(columns, rows) => {
                let columns = columns.iter().take(u8::MAX.into());
                let rows = rows.iter().take(u8::MAX.into());
                w.ue(columns.len() as u8).ue(rows.len() as u8).bit(false);
                for minus1 in columns.chain(rows) {
                    w.ue(*minus1);
                }
            }
        }
        w.bit(self.loop_filter_across_tiles_enabled_flag);
    }
}

impl Deblocking {
    fn write(&self, w: &mut BitWriter) {
        w.bit(self.override_enabled_flag)
            .bit(self.offsets_div2.is_none());
        if let Some((beta, tc)) = self.offsets_div2 {
            w.se(beta).se(tc);
        }
    }
}
