//! Descriptions of pictures have the sizes and offsets that a C compiler gives
//! `virgl_video_hw.h`; what a guest leaves unwritten does no harm, and what it writes has limits.
#![forbid(unsafe_code)]

use proptest::prelude::*;
use wire::ParseError;
use wire_virgl::{
    Codec, EncodeFeedback, EncodeStatus, PICTURE_DESCRIPTION_SIZE, PictureDescription as Picture,
    Profile, ProfileTable, VideoBufferId, VideoProfile,
};

const ENCODED: [Codec; 2] = [Codec::H264, Codec::Hevc];

/// A description of zeros but for some bytes.
fn decode(codec: Codec, set: &[(usize, u8)]) -> Result<Picture, ParseError> {
    Picture::parse_decode(codec, &bytes(set))
}

fn encode(codec: Codec, set: &[(usize, u8)]) -> Result<Picture, ParseError> {
    Picture::parse_encode(codec, &bytes(set))
}

fn bytes(set: &[(usize, u8)]) -> Vec<u8> {
    let mut bytes = vec![0; PICTURE_DESCRIPTION_SIZE];
    for (offset, byte) in set {
        bytes[*offset] = *byte;
    }
    bytes
}

fn is_limit<T>(result: Result<T, ParseError>) -> bool {
    matches!(result, Err(ParseError::Limit { .. }))
}

macro_rules! decoded {
    ($kind:ident, $codec:ident, $set:expr) => {
        match decode(Codec::$codec, $set) {
            Ok(Picture::$kind(picture)) => picture,
            other => panic!("{other:?}"),
        }
    };
}

macro_rules! encoded {
    ($kind:ident, $codec:ident, $set:expr) => {
        match encode(Codec::$codec, $set) {
            Ok(Picture::$kind(picture)) => picture,
            other => panic!("{other:?}"),
        }
    };
}

#[test]
fn sizes() {
    let sizes = Codec::ALL.map(|codec| Picture::size(codec, false));
    let expected = [464, 432, 304, 2624, 1648, 2016, 528, 5132];
    assert_eq!(sizes, expected.map(Some));
    assert_eq!(
        ENCODED.map(|codec| Picture::size(codec, true)),
        [Some(2556), Some(2204)]
    );
    assert_eq!(Picture::size(Codec::Vp9, true), None);
    for (codec, size) in Codec::ALL.into_iter().zip(expected) {
        let picture = decode(codec, &[]).unwrap();
        assert_eq!(picture.to_bytes().len(), size, "{codec:?}");
        let short = Picture::parse_decode(codec, &bytes(&[])[..size - 1]);
        assert!(
            matches!(short, Err(ParseError::Truncated { .. })),
            "{codec:?}"
        );
    }
}

#[test]
fn h264() {
    let set = [
        (0, 13),
        (2, 1),
        (750, 1),
        (1789, 2),
        (1807, 0xfd),
        (2296, 4),
        (2304, 5),
    ];
    let picture = decoded!(H264, H264, &set);
    assert_eq!(picture.base.profile, VideoProfile(13));
    let pps = &picture.pps;
    assert_eq!(pps.sps.log2_max_frame_num_minus4, 1);
    assert_eq!(
        (pps.sps.max_num_ref_frames, pps.chroma_qp_index_offset),
        (2, -3)
    );
    assert_eq!((picture.frame_num, picture.slice_count), (4, 5));
    let picture = decoded!(H264, H264, &[(2492, 6), (2556, 7), (2621, 8)]);
    assert_eq!((picture.frame_num_list[0], picture.num_ref_frames), (6, 8));
    assert_eq!(picture.references[0], VideoBufferId::new(7));
    for beyond in [(750, 13), (1789, 17), (2621, 17), (2307, 1), (261, 255)] {
        assert!(is_limit(decode(Codec::H264, &[beyond])), "{beyond:?}");
    }
}

#[test]
fn hevc() {
    let set = [
        (1284, 1),
        (1320, 2),
        (1416, 3),
        (1420, 4),
        (1552, 5),
        (1616, 6),
    ];
    let picture = decoded!(Hevc, Hevc, &set);
    assert!(picture.pps.sps.scaling_list_enabled_flag);
    assert_eq!(
        (picture.pps.column_width_minus1[0], picture.pps.st_rps_bits),
        (2, 3)
    );
    assert_eq!(
        (picture.curr_pic_order_cnt_val, picture.num_poc_total_curr),
        (4, 5)
    );
    assert_eq!(picture.ref_pic_list[0][0], 6);
    // A set's index counts only where the set's size says so.
    let (size, index) = (1587, 1592);
    assert!(decode(Codec::Hevc, &[(index, 16)]).is_ok());
    assert!(decode(Codec::Hevc, &[(size, 1), (index, 15)]).is_ok());
    assert!(is_limit(decode(Codec::Hevc, &[(size, 1), (index, 16)])));
    assert!(is_limit(decode(Codec::Hevc, &[(size, 9)])));
}

#[test]
fn older_codecs() {
    let picture = decoded!(Mpeg12, Mpeg12, &[(324, 1), (456, 2), (460, 3)]);
    assert_eq!(picture.num_slices, 1);
    assert_eq!(picture.references, [2, 3].map(VideoBufferId::new));
    let picture = decoded!(Mpeg4, Mpeg4, &[(282, 1), (292, 1), (424, 2)]);
    assert_eq!(
        (picture.vop_coding_type, picture.top_field_first),
        (1, true)
    );
    assert_eq!(picture.references[0], VideoBufferId::new(2));
    let picture = decoded!(Vc1, Vc1, &[(295, 31), (296, 2)]);
    assert_eq!(picture.pquant, 31);
    assert_eq!(picture.references[0], VideoBufferId::new(2));
    assert!(is_limit(decode(Codec::Vc1, &[(295, 32)])));
}

#[test]
fn jpeg() {
    let set = [
        (1296, 3),
        (1302, 16),
        (1768, 1),
        (1976, 9),
        (2008, 1),
        (2012, 7),
    ];
    let picture = decoded!(Jpeg, Jpeg, &set);
    assert_eq!(picture.frame.components().count(), 3);
    assert_eq!(picture.quantization.quantiser_table[0][0], 16);
    assert_eq!(picture.huffman.second.num_dc_codes[0], 1);
    let scan = &picture.scan;
    assert_eq!((scan.slice_data_size, scan.num_mcus), (9, 7));
    assert_eq!(scan.components().count(), 1);
    for count in [1296, 2008] {
        assert!(is_limit(decode(Codec::Jpeg, &[(count, 5)])), "{count}");
    }
}

/// More codes than there is room for values would be read past the table.
#[test]
fn a_huffman_table_has_no_more_codes_than_values() {
    let (load, dc, ac) = (1558, 1560, 1588);
    assert!(decode(Codec::Jpeg, &[(dc, 13)]).is_ok(), "not loaded");
    assert!(decode(Codec::Jpeg, &[(load, 1), (dc, 12), (ac, 162)]).is_ok());
    assert!(is_limit(decode(
        Codec::Jpeg,
        &[(load, 1), (dc, 12), (dc + 15, 1)]
    )));
    assert!(is_limit(decode(
        Codec::Jpeg,
        &[(load, 1), (ac, 162), (ac + 7, 255)]
    )));
}

#[test]
fn vp9() {
    let set = [
        (342, 1),
        (358, 2),
        (372, 3),
        (412, 4),
        (332, 0x04),
        (335, 0x8c),
    ];
    let picture = decoded!(Vp9, Vp9, &set);
    assert_eq!(
        (
            picture.frame.first_partition_size,
            picture.frame.base_qindex
        ),
        (1, 2)
    );
    assert_eq!(picture.slice.slice_data_size, 3);
    assert_eq!(picture.slice.segments[1].luma_ac_quant_scale, 4);
    let fields = picture.frame.fields;
    assert!(fields.frame_type && fields.lossless_flag);
    assert_eq!(
        (fields.golden_ref_frame_sign_bias, fields.alt_ref_frame),
        (true, 1)
    );
}

#[test]
fn av1() {
    let set = [
        (328, 1),
        (332, 2),
        (336, 2),
        (340, 3),
        (352, 4),
        (360, 5),
        (368, 6),
        (496, 7),
    ];
    let picture = decoded!(Av1, Av1, &set);
    let frame = &picture.frame;
    assert_eq!(picture.film_grain_target, VideoBufferId::new(1));
    assert_eq!(
        (frame.profile, frame.current_frame_id, frame.order_hint),
        (2, 3, 5)
    );
    assert!(frame.sequence.enable_filter_intra);
    let segmentation = &frame.segmentation;
    assert_eq!(
        (
            segmentation.feature_data[0][0],
            segmentation.feature_mask[0]
        ),
        (6, 7)
    );
    let set = [
        (508, 1),
        (510, 14),
        (581, 2),
        (658, 3),
        (662, 4),
        (664, 5),
        (668, 6),
        (1188, 7),
    ];
    let frame = decoded!(Av1, Av1, &set).frame;
    let grain = &frame.film_grain;
    assert_eq!(
        (grain.grain_seed, grain.num_y_points, grain.ar_coeffs_y[0]),
        (1, 14, 2)
    );
    assert_eq!(
        (grain.cb_offset, grain.cr_offset, frame.tile_cols),
        (3, 4, 5)
    );
    assert_eq!((frame.tile_col_start_sb[0], frame.width_in_sbs[0]), (6, 7));
    let set = [
        (1444, 1),
        (1448, 2),
        (1458, 8),
        (1459, 4),
        (1474, 5),
        (1476, 2),
        (1480, 6),
    ];
    let frame = decoded!(Av1, Av1, &set).frame;
    assert_eq!(
        (frame.context_update_tile_id, frame.fields.frame_type),
        (1, 2)
    );
    assert!(frame.loop_filter.mode_ref_delta_enabled);
    assert_eq!(
        (frame.ref_deltas[0], frame.v_ac_delta_q, frame.qmatrix.qm_y),
        (4, 5, 1)
    );
    assert_eq!(frame.modes.log2_delta_q_res, 3);
    let set = [
        (1484, 1),
        (1502, 2),
        (1504, 3),
        (1520, 4),
        (1552, 1),
        (1792, 5),
        (1796, 6),
    ];
    let frame = decoded!(Av1, Av1, &set).frame;
    assert_eq!((frame.cdef_damping_minus_3, frame.lr_unit_size[0]), (1, 3));
    assert_eq!(frame.restoration.yframe_restoration_type, 2);
    assert_eq!(
        (
            frame.warped_motion[0].wmmat[0],
            frame.warped_motion[1].wmtype
        ),
        (4, 1)
    );
    assert_eq!(
        (frame.refresh_frame_flags, frame.matrix_coefficients),
        (5, 6)
    );
    let tiles = decoded!(Av1, Av1, &[(1800, 1), (3848, 2), (4872, 3), (5129, 1)]).tiles;
    assert_eq!((tiles.slice_data_size[0], tiles.slice_data_row[0]), (1, 2));
    assert_eq!(
        (tiles.slice_data_anchor_frame_idx[0], tiles.slice_count),
        (3, 256)
    );
    for beyond in [(352, 8), (510, 15), (664, 65)] {
        assert!(is_limit(decode(Codec::Av1, &[beyond])), "{beyond:?}");
    }
    assert!(is_limit(decode(Codec::Av1, &[(5128, 1), (5129, 1)])));
}

#[test]
fn h264_to_encode() {
    let set = [
        (320, 1),
        (384, 3),
        (388, 2),
        (580, 3),
        (608, 1),
        (616, 4),
        (668, 5),
        (828, 6),
    ];
    let picture = encoded!(EncodeH264, H264, &set);
    assert_eq!(
        (
            picture.sequence.time_scale,
            picture.rate_control_1.target_bitrate
        ),
        (1, 2)
    );
    assert_eq!(picture.rate_control.rate_ctrl_method.number(), 3);
    assert_eq!(picture.motion_estimation.motion_est_quarter_pixel, 3);
    assert!(picture.control.enc_cabac_enable);
    assert_eq!(
        (picture.intra_idr_period, picture.ref_idx_l0_list[0]),
        (4, 5)
    );
    assert_eq!(picture.ref_idx_l1_list[0], 6);
    let set = [(988, 1), (1008, 2), (1032, 2), (2548, 3), (2552, 4)];
    let picture = encoded!(EncodeH264, H264, &set);
    let slices = picture.slices.as_slice();
    assert_eq!((picture.gop_size, slices.len()), (1, 2));
    assert_eq!(slices[1].slice_type.number(), 2);
    assert_eq!((picture.picture_type.number(), picture.ltr_index), (3, 4));
    assert!(is_limit(encode(Codec::H264, &[(1008, 129)])));
    assert!(encode(Codec::H264, &[(1008, 128), (384, 6)]).is_err());
}

#[test]
fn hevc_to_encode() {
    let set = [
        (268, 1),
        (276, 2),
        (280, 1),
        (300, 4),
        (312, 2),
        (338, 1),
        (340, 5),
        (348, 6),
    ];
    let picture = encoded!(EncodeHevc, Hevc, &set);
    let sequence = &picture.sequence;
    assert_eq!(
        (sequence.intra_period, sequence.pic_width_in_luma_samples),
        (1, 2)
    );
    assert_eq!(
        (sequence.chroma_format_idc, sequence.conf_win_left_offset),
        (1, 4)
    );
    assert!(sequence.vui_flags.timing_info_present_flag && sequence.conformance_window_flag);
    assert_eq!(picture.parameters.log2_parallel_merge_level_minus2, 5);
    assert_eq!(picture.slice.max_num_merge_cand, 6);
    let set = [
        (352, 1),
        (360, 2),
        (432, 1),
        (436, 3),
        (504, 4),
        (524, 5),
        (644, 1),
        (2184, 6),
    ];
    let picture = encoded!(EncodeHevc, Hevc, &set);
    assert!(picture.slice.slice_deblocking_filter_disabled_flag);
    assert_eq!(
        (
            picture.rate_control.target_bitrate,
            picture.decoded_curr_pic
        ),
        (2, 3)
    );
    assert_eq!((picture.frame_num, picture.ref_idx_l0_list[0]), (4, 5));
    assert_eq!(
        (picture.slices.as_slice().len(), picture.quality_modes.level),
        (1, 6)
    );
    assert!(encode(Codec::Vp9, &[]).is_err());
}

#[test]
fn a_key_stays_out_of_logs() {
    let picture = decode(Codec::Vp9, &[(4, 0xc5), (260, 1)]).unwrap();
    assert_eq!(picture.base().key_size, 1);
    assert!(!format!("{picture:?}").contains("197"));
    assert!(is_limit(decode(Codec::Vp9, &[(260, 1), (261, 1)])));
}

#[test]
fn feedback() {
    let (status, coded_size) = (EncodeStatus::Success, 0x0102);
    let feedback = EncodeFeedback { status, coded_size };
    assert_eq!(feedback.to_bytes(), [2, 0, 0, 0, 2, 1, 0, 0]);
    assert_eq!(
        EncodeFeedback::from_bytes(&feedback.to_bytes()),
        Ok(feedback)
    );
}

#[test]
fn two_tables_of_profiles() {
    let meaning = |number, table| VideoProfile(number).profile(table);
    for number in 1..=20 {
        let first = meaning(number, ProfileTable::First);
        assert!(first.is_some(), "{number}");
        assert_eq!(first, meaning(number, ProfileTable::Second));
        assert_eq!(VideoProfile(number).undisputed(), first);
    }
    let both = |number| ProfileTable::ALL.map(|table| meaning(number, table));
    assert_eq!(
        both(21),
        [Some(Profile::HevcMain444), Some(Profile::HevcMain10_444)]
    );
    assert_eq!(
        both(22),
        [Some(Profile::JpegBaseline), Some(Profile::HevcMain422)]
    );
    assert_eq!(
        both(25),
        [Some(Profile::Av1Main), Some(Profile::JpegBaseline)]
    );
    assert_eq!(VideoProfile(22).undisputed(), None);
    assert_eq!(VideoProfile(26).undisputed(), Some(Profile::Vp9Profile0));
    assert_eq!(
        [0, 30].map(|number| VideoProfile(number).undisputed()),
        [None; 2]
    );
    for table in ProfileTable::ALL {
        for profile in Profile::ALL {
            let number = profile.number(table);
            assert!(number.is_none_or(|number| number.profile(table) == Some(*profile)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// What can be read is written and read to the same; unwritten bytes behind it are no matter.
    #[test]
    fn what_is_read_comes_back(
        set in prop::collection::vec((264..PICTURE_DESCRIPTION_SIZE, 0u8..5), 0..40),
        rest in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        for (codec, encode) in Codec::ALL.map(|it| (it, false)).into_iter().chain(ENCODED.map(|it| (it, true))) {
            let parse = if encode { Picture::parse_encode } else { Picture::parse_decode };
            let Ok(picture) = parse(codec, &bytes(&set)) else { continue };
            let mut written = picture.to_bytes();
            prop_assert_eq!(Some(written.len()), Picture::size(codec, encode));
            written.extend(&rest);
            prop_assert_eq!(parse(codec, &written), Ok(picture));
        }
    }
}
