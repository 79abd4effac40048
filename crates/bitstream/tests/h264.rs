//! What is written is read back by a parser of H.264 that is not ours.
#![forbid(unsafe_code)]

use bitstream::h264::{
    FrameCropping, HighPictureParameters, PicOrderCnt, PicOrderCycle, PictureParameterSet, Samples,
    ScalingLists, SequenceParameterSet,
};
use h264_reader::Context;
use h264_reader::nal::pps::PicParameterSet;
use h264_reader::nal::sps::{
    FrameMbsFlags, PicOrderCntType, ScalingLists8x8, SeqParamSetId, SeqParameterSet,
};
use h264_reader::nal::{Nal, RefNal, UnitType};
use proptest::prelude::*;

/// A unit without its start code.
fn nal(unit: &[u8], expected: UnitType) -> RefNal<'_> {
    let unit = unit
        .strip_prefix(&bitstream::START_CODE)
        .expect("a start code");
    let nal = RefNal::new(unit, &[], true);
    let header = nal.header().expect("a header");
    assert_eq!(header.nal_unit_type(), expected);
    assert_ne!(header.nal_ref_idc(), 0);
    nal
}

fn read_sequence(unit: &[u8]) -> SeqParameterSet {
    let nal = nal(unit, UnitType::SeqParameterSet);
    SeqParameterSet::from_bits(nal.rbsp_bits()).expect("a sequence parameter set")
}

fn any_lists() -> impl Strategy<Value = ScalingLists> {
    (any::<[[u8; 16]; 6]>(), prop::collection::vec(1u8..=255, 64)).prop_map(|(small, values)| {
        let small = small.map(|list| list.map(|value| value.max(1)));
        let large: [u8; 64] = values.try_into().expect("64 values");
        ScalingLists::new(small, [large; 6]).expect("none is zero")
    })
}

fn any_order() -> impl Strategy<Value = PicOrderCnt> {
    let offset = || -(1i32 << 30)..1 << 30;
    let cycle = (
        any::<bool>(),
        offset(),
        offset(),
        prop::collection::vec(offset(), 0..=255),
    )
        .prop_map(|(zero, non_ref, bottom, frames)| {
            PicOrderCnt::Type1(PicOrderCycle {
                delta_pic_order_always_zero_flag: zero,
                offset_for_non_ref_pic: non_ref,
                offset_for_top_to_bottom_field: bottom,
                offset_for_ref_frame: frames,
            })
        });
    prop_oneof![
        (0u8..=12).prop_map(PicOrderCnt::Type0),
        cycle,
        Just(PicOrderCnt::Type2)
    ]
}

fn any_samples() -> impl Strategy<Value = Samples> {
    let scaling = prop::option::of(any_lists());
    (
        0u8..4,
        any::<bool>(),
        0u8..=6,
        0u8..=6,
        any::<bool>(),
        scaling,
    )
        .prop_map(
            |(chroma, planes, luma, chroma_depth, bypass, scaling)| Samples {
                chroma_format_idc: chroma,
                separate_colour_plane_flag: planes && chroma == 3,
                bit_depth_luma_minus8: luma,
                bit_depth_chroma_minus8: chroma_depth,
                qpprime_y_zero_transform_bypass_flag: bypass,
                scaling,
            },
        )
}

fn any_sequence() -> impl Strategy<Value = SequenceParameterSet> {
    let cropping = prop::option::of((0u32..4, 0u32..4, 0u32..4, 0u32..4));
    // No more than level 5.1 has, which is all that the parser takes.
    let size = (16u32..180, 16u32..180);
    (
        (any_samples(), any_order(), cropping, size),
        (
            0u8..32,
            0u8..=12,
            0u8..=16,
            any::<bool>(),
            prop::option::of(any::<bool>()),
        ),
    )
        .prop_map(
            |((samples, order, cropping, size), (id, log2, references, gaps, interlaced))| {
                SequenceParameterSet {
                    profile_idc: 244,
                    constraint_flags: 0x10,
                    level_idc: 51,
                    id,
                    samples,
                    log2_max_frame_num_minus4: log2,
                    pic_order_cnt: order,
                    max_num_ref_frames: references,
                    gaps_in_frame_num_value_allowed_flag: gaps,
                    pic_width_in_mbs_minus1: size.0,
                    pic_height_in_map_units_minus1: size.1,
                    interlaced,
                    direct_8x8_inference_flag: true,
                    frame_cropping: cropping.map(|(left, right, top, bottom)| FrameCropping {
                        left,
                        right,
                        top,
                        bottom,
                    }),
                }
            },
        )
}

fn order(read: PicOrderCntType) -> PicOrderCnt {
    match read {
        PicOrderCntType::TypeZero {
            log2_max_pic_order_cnt_lsb_minus4,
        } => PicOrderCnt::Type0(log2_max_pic_order_cnt_lsb_minus4),
        PicOrderCntType::TypeOne {
            delta_pic_order_always_zero_flag,
            offset_for_non_ref_pic,
            offset_for_top_to_bottom_field,
            offsets_for_ref_frame,
        } => PicOrderCnt::Type1(PicOrderCycle {
            delta_pic_order_always_zero_flag,
            offset_for_non_ref_pic,
            offset_for_top_to_bottom_field,
            offset_for_ref_frame: offsets_for_ref_frame,
        }),
        PicOrderCntType::TypeTwo => PicOrderCnt::Type2,
    }
}

fn interlaced(read: FrameMbsFlags) -> Option<bool> {
    match read {
        FrameMbsFlags::Frames => None,
        FrameMbsFlags::Fields {
            mb_adaptive_frame_field_flag,
        } => Some(mb_adaptive_frame_field_flag),
    }
}

/// Lists that the parser read, which has 8x8 ones only where the syntax does.
fn lists(small: [Option<[u8; 16]>; 6], large: Option<ScalingLists8x8>) -> (Vec<u8>, Vec<u8>) {
    let small = small.iter().flatten().flatten().copied().collect();
    let large = match large {
        None => Vec::new(),
        Some(ScalingLists8x8::Y(lists)) => lists.iter().flatten().flatten().copied().collect(),
        Some(ScalingLists8x8::YCbCr(lists)) => lists.iter().flatten().flatten().copied().collect(),
    };
    (small, large)
}

fn expected_lists(lists: &ScalingLists, large: usize) -> (Vec<u8>, Vec<u8>) {
    let small = lists.small().iter().flatten().copied().collect();
    let large = lists
        .large()
        .iter()
        .take(large)
        .flatten()
        .copied()
        .collect();
    (small, large)
}

#[test]
fn a_list_with_a_zero_cannot_be_said() {
    let mut large = [[16; 64]; 6];
    assert!(ScalingLists::new([[16; 16]; 6], large).is_some());
    large[5][63] = 0;
    assert!(ScalingLists::new([[16; 16]; 6], large).is_none());
}

/// Baseline, 1280x720: as x264 writes it but for the usability information.
#[test]
fn a_plain_sequence_byte_for_byte() {
    let sequence = SequenceParameterSet {
        profile_idc: 66,
        constraint_flags: 0xc0,
        level_idc: 31,
        id: 0,
        samples: Samples::default(),
        log2_max_frame_num_minus4: 0,
        pic_order_cnt: PicOrderCnt::Type2,
        max_num_ref_frames: 1,
        gaps_in_frame_num_value_allowed_flag: false,
        pic_width_in_mbs_minus1: 79,
        pic_height_in_map_units_minus1: 44,
        interlaced: None,
        direct_8x8_inference_flag: true,
        frame_cropping: None,
    };
    // 1 1 011 010 0 0000001010000 00000101101 1 1 0 0, and the end.
    let expected = [0, 0, 0, 1, 0x67, 66, 0xc0, 31, 0xda, 0x01, 0x40, 0x16, 0xe4];
    assert_eq!(sequence.unit(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sequences_come_back(written in any_sequence()) {
        let read = read_sequence(&written.unit());
        let samples = &read.chroma_info;
        prop_assert_eq!(u8::from(read.profile_idc), written.profile_idc);
        prop_assert_eq!(u8::from(read.constraint_flags), written.constraint_flags);
        prop_assert_eq!(read.level_idc, written.level_idc);
        prop_assert_eq!(read.id().id(), written.id);
        prop_assert_eq!(samples.separate_colour_plane_flag, written.samples.separate_colour_plane_flag);
        prop_assert_eq!(samples.bit_depth_luma_minus8, written.samples.bit_depth_luma_minus8);
        prop_assert_eq!(samples.bit_depth_chroma_minus8, written.samples.bit_depth_chroma_minus8);
        prop_assert_eq!(samples.scaling_matrix.is_some(), written.samples.scaling.is_some());
        if let (Some(read), Some(lists_written)) = (&samples.scaling_matrix, &written.samples.scaling) {
            let large = if written.samples.chroma_format_idc == 3 { 6 } else { 2 };
            let read = lists(read.scaling_lists4x4.0, Some(read.scaling_lists8x8.clone()));
            prop_assert_eq!(read, expected_lists(lists_written, large));
        }
        prop_assert_eq!(read.log2_max_frame_num_minus4, written.log2_max_frame_num_minus4);
        prop_assert_eq!(order(read.pic_order_cnt), written.pic_order_cnt);
        prop_assert_eq!(read.max_num_ref_frames, u32::from(written.max_num_ref_frames));
        prop_assert_eq!(read.gaps_in_frame_num_value_allowed_flag, written.gaps_in_frame_num_value_allowed_flag);
        prop_assert_eq!(read.pic_width_in_mbs_minus1, written.pic_width_in_mbs_minus1);
        prop_assert_eq!(read.pic_height_in_map_units_minus1, written.pic_height_in_map_units_minus1);
        prop_assert_eq!(interlaced(read.frame_mbs_flags), written.interlaced);
        prop_assert_eq!(read.direct_8x8_inference_flag, written.direct_8x8_inference_flag);
        let cropping = read.frame_cropping.map(|read| FrameCropping {
            left: read.left_offset,
            right: read.right_offset,
            top: read.top_offset,
            bottom: read.bottom_offset,
        });
        prop_assert_eq!(cropping, written.frame_cropping);
    }

    #[test]
    fn pictures_come_back(
        sequence in any_sequence(),
        flags: [bool; 6],
        numbers in (0u8..=31, 0u8..=31, 0u8..=2, -26i8..=25, -26i8..=25, -12i8..=12, -12i8..=12),
        high in prop::option::of((any::<bool>(), prop::option::of(any_lists()))),
        id: u8,
    ) {
        let chroma_format_idc = sequence.samples.chroma_format_idc;
        let written = PictureParameterSet {
            id,
            sequence: sequence.id,
            entropy_coding_mode_flag: flags[0],
            bottom_field_pic_order_in_frame_present_flag: flags[1],
            num_ref_idx_l0_default_active_minus1: numbers.0,
            num_ref_idx_l1_default_active_minus1: numbers.1,
            weighted_pred_flag: flags[2],
            weighted_bipred_idc: numbers.2,
            pic_init_qp_minus26: numbers.3,
            pic_init_qs_minus26: numbers.4,
            chroma_qp_index_offset: numbers.5,
            deblocking_filter_control_present_flag: flags[3],
            constrained_intra_pred_flag: flags[4],
            redundant_pic_cnt_present_flag: flags[5],
            high: high.map(|(transform_8x8_mode_flag, scaling)| HighPictureParameters {
                transform_8x8_mode_flag,
                scaling,
                chroma_format_idc,
                second_chroma_qp_index_offset: numbers.6,
            }),
        };
        let mut context = Context::new();
        context.put_seq_param_set(read_sequence(&sequence.unit()));
        let unit = written.unit();
        let nal = nal(&unit, UnitType::PicParameterSet);
        let read = PicParameterSet::from_bits(&context, nal.rbsp_bits()).expect("a picture parameter set");
        prop_assert_eq!(read.pic_parameter_set_id.id(), id);
        prop_assert_eq!(read.seq_parameter_set_id, SeqParamSetId::from_u32(sequence.id.into()).unwrap());
        prop_assert_eq!([
            read.entropy_coding_mode_flag,
            read.bottom_field_pic_order_in_frame_present_flag,
            read.weighted_pred_flag,
            read.deblocking_filter_control_present_flag,
            read.constrained_intra_pred_flag,
            read.redundant_pic_cnt_present_flag,
        ], flags);
        prop_assert!(read.slice_groups.is_none());
        prop_assert_eq!(read.num_ref_idx_l0_default_active_minus1, u32::from(numbers.0));
        prop_assert_eq!(read.num_ref_idx_l1_default_active_minus1, u32::from(numbers.1));
        prop_assert_eq!(read.weighted_bipred_idc, numbers.2);
        let quantizers = [read.pic_init_qp_minus26, read.pic_init_qs_minus26, read.chroma_qp_index_offset];
        prop_assert_eq!(quantizers, [numbers.3, numbers.4, numbers.5].map(i32::from));
        prop_assert_eq!(read.extension.is_some(), written.high.is_some());
        if let (Some(read), Some(written)) = (read.extension, written.high) {
            prop_assert_eq!(read.transform_8x8_mode_flag, written.transform_8x8_mode_flag);
            prop_assert_eq!(read.second_chroma_qp_index_offset, i32::from(numbers.6));
            prop_assert_eq!(read.pic_scaling_matrix.is_some(), written.scaling.is_some());
            if let (Some(read), Some(scaling)) = (read.pic_scaling_matrix, written.scaling) {
                let large = match (written.transform_8x8_mode_flag, chroma_format_idc) {
                    (false, _) => 0,
                    (true, 3) => 6,
                    (true, _) => 2,
                };
                let read = lists(read.scaling_lists4x4.0, read.scaling_lists8x8);
                prop_assert_eq!(read, expected_lists(&scaling, large));
            }
        }
    }
}
