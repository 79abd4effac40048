//! H.264's parameter sets. Names are those of ITU-T H.264, 7.3.2.1 and 7.3.2.2.

use crate::bits::BitWriter;
use crate::nal;

/// A sequence parameter set: what holds for all pictures from one to the next that starts anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceParameterSet {
    /// `profile_idc`
    pub profile_idc: u8,
    /// `constraint_set0_flag` in the highest bit, and so on.
    pub constraint_flags: u8,
    /// `level_idc`
    pub level_idc: u8,
    /// `seq_parameter_set_id`
    pub id: u8,
    /// The samples. Only profiles with high syntax can say anything but the default.
    pub samples: Samples,
    /// `log2_max_frame_num_minus4`
    pub log2_max_frame_num_minus4: u8,
    /// The order of output.
    pub pic_order_cnt: PicOrderCnt,
    /// `max_num_ref_frames`
    pub max_num_ref_frames: u8,
    /// `gaps_in_frame_num_value_allowed_flag`
    pub gaps_in_frame_num_value_allowed_flag: bool,
    /// `pic_width_in_mbs_minus1`
    pub pic_width_in_mbs_minus1: u32,
    /// `pic_height_in_map_units_minus1`: pairs of macroblocks where there are fields.
    pub pic_height_in_map_units_minus1: u32,
    /// `mb_adaptive_frame_field_flag`, where not all pictures are frames.
    pub interlaced: Option<bool>,
    /// `direct_8x8_inference_flag`
    pub direct_8x8_inference_flag: bool,
    /// What is cut off, if anything.
    pub frame_cropping: Option<FrameCropping>,
}

/// How samples are coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    /// `chroma_format_idc`
    pub chroma_format_idc: u8,
    /// `separate_colour_plane_flag`
    pub separate_colour_plane_flag: bool,
    /// `bit_depth_luma_minus8`
    pub bit_depth_luma_minus8: u8,
    /// `bit_depth_chroma_minus8`
    pub bit_depth_chroma_minus8: u8,
    /// `qpprime_y_zero_transform_bypass_flag`
    pub qpprime_y_zero_transform_bypass_flag: bool,
    /// The scaling matrix, if there is one.
    pub scaling: Option<ScalingLists>,
}

/// 4:2:0 with 8 bits, flat scaling.
impl Default for Samples {
    fn default() -> Self {
        Self {
            chroma_format_idc: 1,
            separate_colour_plane_flag: false,
            bit_depth_luma_minus8: 0,
            bit_depth_chroma_minus8: 0,
            qpprime_y_zero_transform_bypass_flag: false,
            scaling: None,
        }
    }
}

/// The order of output (`pic_order_cnt_type`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PicOrderCnt {
    /// Each picture says its own, with `log2_max_pic_order_cnt_lsb_minus4`.
    Type0(u8),
    /// Pictures say how they differ from a cycle.
    Type1(PicOrderCycle),
    /// As decoded.
    Type2,
}

/// A cycle of expected differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PicOrderCycle {
    /// `delta_pic_order_always_zero_flag`
    pub delta_pic_order_always_zero_flag: bool,
    /// `offset_for_non_ref_pic`
    pub offset_for_non_ref_pic: i32,
    /// `offset_for_top_to_bottom_field`
    pub offset_for_top_to_bottom_field: i32,
    /// `offset_for_ref_frame`: the first 255 are written.
    pub offset_for_ref_frame: Vec<i32>,
}

/// What is cut off (`frame_crop_*_offset`), in units of chroma samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameCropping {
    /// On the left.
    pub left: u32,
    /// On the right.
    pub right: u32,
    /// At the top.
    pub top: u32,
    /// At the bottom.
    pub bottom: u32,
}

/// A scaling matrix. No value is zero, and lists are in the order in which coefficients are
/// coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingLists {
    small: [[u8; 16]; 6],
    large: [[u8; 64]; 6],
}

impl ScalingLists {
    /// These lists; none if a value is zero, which the syntax cannot say.
    pub fn new(small: [[u8; 16]; 6], large: [[u8; 64]; 6]) -> Option<Self> {
        let mut values = small.iter().flatten().chain(large.iter().flatten());
        values
            .all(|value| *value != 0)
            .then_some(Self { small, large })
    }

    /// The lists of 4x4.
    pub fn small(&self) -> &[[u8; 16]; 6] {
        &self.small
    }

    /// The lists of 8x8.
    pub fn large(&self) -> &[[u8; 64]; 6] {
        &self.large
    }

    /// All lists of 4x4, and so many of 8x8, each in full.
    fn write(&self, writer: &mut BitWriter, large: usize) {
        let small = self.small.iter().map(|list| list.as_slice());
        let large = self.large.iter().map(|list| list.as_slice()).take(large);
        for list in small.chain(large) {
            writer.bit(true);
            write_list(writer, list);
        }
    }
}

/// `scaling_list`: differences modulo 256.
fn write_list(writer: &mut BitWriter, list: &[u8]) {
    let mut last = 8u8;
    for value in list {
        writer.se(value.wrapping_sub(last).cast_signed());
        last = *value;
    }
}

/// Lists of 8x8 that a chroma format has.
const fn large_lists(chroma_format_idc: u8) -> usize {
    match chroma_format_idc {
        3 => 6,
        _ => 2,
    }
}

impl SequenceParameterSet {
    /// Profiles that say how samples are coded.
    const HIGH: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

    /// The unit of a byte stream, with its start code.
    pub fn unit(&self) -> Vec<u8> {
        nal::unit(&[0x67], self.payload())
    }

    fn payload(&self) -> BitWriter {
        let mut writer = BitWriter::new();
        let w = &mut writer;
        w.bytes(&[self.profile_idc, self.constraint_flags, self.level_idc]);
        w.ue(self.id);
        if Self::HIGH.contains(&self.profile_idc) {
            self.samples.write(w);
        }
        w.ue(self.log2_max_frame_num_minus4);
        self.pic_order_cnt.write(w);
        w.ue(self.max_num_ref_frames)
            .bit(self.gaps_in_frame_num_value_allowed_flag)
            .ue(self.pic_width_in_mbs_minus1)
            .ue(self.pic_height_in_map_units_minus1)
            .bit(self.interlaced.is_none());
        if let Some(mb_adaptive_frame_field_flag) = self.interlaced {
            w.bit(mb_adaptive_frame_field_flag);
        }
        w.bit(self.direct_8x8_inference_flag)
            .bit(self.frame_cropping.is_some());
        if let Some(cropping) = self.frame_cropping {
            w.ue(cropping.left).ue(cropping.right);
            w.ue(cropping.top).ue(cropping.bottom);
        }
        let vui_parameters_present_flag = false;
        w.bit(vui_parameters_present_flag).trailing_bits();
        writer
    }
}

impl Samples {
    fn write(&self, w: &mut BitWriter) {
        w.ue(self.chroma_format_idc);
        if self.chroma_format_idc == 3 {
            w.bit(self.separate_colour_plane_flag);
        }
        w.ue(self.bit_depth_luma_minus8)
            .ue(self.bit_depth_chroma_minus8)
            .bit(self.qpprime_y_zero_transform_bypass_flag)
            .bit(self.scaling.is_some());
        if let Some(scaling) = &self.scaling {
            scaling.write(w, large_lists(self.chroma_format_idc));
        }
    }
}

impl PicOrderCnt {
    fn write(&self, w: &mut BitWriter) {
        match self {
            Self::Type0(log2_max_pic_order_cnt_lsb_minus4) => {
                w.ue(0u8).ue(*log2_max_pic_order_cnt_lsb_minus4);
            }
            Self::Type1(cycle) => {
                w.ue(1u8);
                cycle.write(w);
            }
            Self::Type2 => {
                w.ue(2u8);
            }
        }
    }
}

impl PicOrderCycle {
    fn write(&self, w: &mut BitWriter) {
        w.bit(self.delta_pic_order_always_zero_flag)
            .se(self.offset_for_non_ref_pic)
            .se(self.offset_for_top_to_bottom_field);
        let count = u8::try_from(self.offset_for_ref_frame.len()).unwrap_or(u8::MAX);
        w.ue(count);
        for offset in self.offset_for_ref_frame.iter().take(count.into()) {
            w.se(*offset);
        }
    }
}

/// A picture parameter set: what holds for the pictures that name it. One slice group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureParameterSet {
    /// `pic_parameter_set_id`
    pub id: u8,
    /// `seq_parameter_set_id`
    pub sequence: u8,
    /// `entropy_coding_mode_flag`
    pub entropy_coding_mode_flag: bool,
    /// `bottom_field_pic_order_in_frame_present_flag`
    pub bottom_field_pic_order_in_frame_present_flag: bool,
    /// `num_ref_idx_l0_default_active_minus1`
    pub num_ref_idx_l0_default_active_minus1: u8,
    /// `num_ref_idx_l1_default_active_minus1`
    pub num_ref_idx_l1_default_active_minus1: u8,
    /// `weighted_pred_flag`
    pub weighted_pred_flag: bool,
    /// `weighted_bipred_idc`
    pub weighted_bipred_idc: u8,
    /// `pic_init_qp_minus26`
    pub pic_init_qp_minus26: i8,
    /// `pic_init_qs_minus26`
    pub pic_init_qs_minus26: i8,
    /// `chroma_qp_index_offset`
    pub chroma_qp_index_offset: i8,
    /// `deblocking_filter_control_present_flag`
    pub deblocking_filter_control_present_flag: bool,
    /// `constrained_intra_pred_flag`
    pub constrained_intra_pred_flag: bool,
    /// `redundant_pic_cnt_present_flag`
    pub redundant_pic_cnt_present_flag: bool,
    /// What only high profiles have.
    pub high: Option<HighPictureParameters>,
}

/// The end of a picture parameter set in high profiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HighPictureParameters {
    /// `transform_8x8_mode_flag`
    pub transform_8x8_mode_flag: bool,
    /// The scaling matrix, if it is not the sequence's.
    pub scaling: Option<ScalingLists>,
    /// `chroma_format_idc` of the sequence, which tells how many lists there are.
    pub chroma_format_idc: u8,
    /// `second_chroma_qp_index_offset`
    pub second_chroma_qp_index_offset: i8,
}

impl PictureParameterSet {
    /// The unit of a byte stream, with its start code.
    pub fn unit(&self) -> Vec<u8> {
        nal::unit(&[0x68], self.payload())
    }

    fn payload(&self) -> BitWriter {
        let num_slice_groups_minus1 = 0u8;
        let mut writer = BitWriter::new();
        let w = &mut writer;
        w.ue(self.id)
            .ue(self.sequence)
            .bit(self.entropy_coding_mode_flag)
            .bit(self.bottom_field_pic_order_in_frame_present_flag)
            .ue(num_slice_groups_minus1)
            .ue(self.num_ref_idx_l0_default_active_minus1)
            .ue(self.num_ref_idx_l1_default_active_minus1)
            .bit(self.weighted_pred_flag)
            .bits(self.weighted_bipred_idc, 2)
            .se(self.pic_init_qp_minus26)
            .se(self.pic_init_qs_minus26)
            .se(self.chroma_qp_index_offset)
            .bit(self.deblocking_filter_control_present_flag)
            .bit(self.constrained_intra_pred_flag)
            .bit(self.redundant_pic_cnt_present_flag);
        if let Some(high) = &self.high {
            high.write(w);
        }
        w.trailing_bits();
        writer
    }
}

impl HighPictureParameters {
    fn write(&self, w: &mut BitWriter) {
        w.bit(self.transform_8x8_mode_flag)
            .bit(self.scaling.is_some());
        if let Some(scaling) = &self.scaling {
            let large = match self.transform_8x8_mode_flag {
                true => large_lists(self.chroma_format_idc),
                false => 0,
            };
            scaling.write(w, large);
        }
        w.se(self.second_chroma_qp_index_offset);
    }
}
