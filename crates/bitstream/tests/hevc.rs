//! What is written is read back by FFmpeg's parser of HEVC (`trace_headers`), where there is one.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::{Command, Stdio};

use bitstream::hevc::{
    Buffering, Deblocking, Pcm, PictureParameterSet, ProfileTierLevel, Scaling, ScalingLists,
    SequenceParameterSet, ShortTermRefPicSet, TileSpacing, Tiles, VideoParameterSet,
};

const PROFILE: ProfileTierLevel = ProfileTierLevel {
    general_tier_flag: true,
    general_profile_idc: 2,
    general_constraint_bits: 0,
    general_level_idc: 153,
};

const BUFFERING: Buffering = Buffering {
    max_dec_pic_buffering_minus1: 5,
    max_num_reorder_pics: 2,
    max_latency_increase_plus1: 3,
};

fn lists() -> ScalingLists {
    let mut list = [0; 64];
    for (value, index) in list.iter_mut().zip(0u8..) {
        *value = index.wrapping_mul(37) | 1;
    }
    let mut small = [0; 16];
    small.copy_from_slice(&list[..16]);
    let lists = ScalingLists::new([small; 6], [list; 6], [(9, list); 6], [(255, list); 2]);
    lists.expect("none is zero")
}

fn sequence() -> SequenceParameterSet {
    SequenceParameterSet {
        profile: PROFILE,
        id: 3,
        chroma_format_idc: 1,
        separate_colour_plane_flag: false,
        pic_width_in_luma_samples: 1920,
        pic_height_in_luma_samples: 1088,
        conformance_window: Some([1, 2, 3, 4]),
        bit_depth_luma_minus8: 2,
        bit_depth_chroma_minus8: 2,
        log2_max_pic_order_cnt_lsb_minus4: 4,
        buffering: BUFFERING,
        log2_min_luma_coding_block_size_minus3: 0,
        log2_diff_max_min_luma_coding_block_size: 3,
        log2_min_luma_transform_block_size_minus2: 0,
        log2_diff_max_min_luma_transform_block_size: 3,
        max_transform_hierarchy_depth_inter: 1,
        max_transform_hierarchy_depth_intra: 2,
        scaling: Scaling::Lists(Box::new(lists())),
        amp_enabled_flag: true,
        sample_adaptive_offset_enabled_flag: true,
        pcm: Some(Pcm {
            sample_bit_depth_luma_minus1: 9,
            sample_bit_depth_chroma_minus1: 8,
            log2_min_luma_coding_block_size_minus3: 0,
            log2_diff_max_min_luma_coding_block_size: 2,
            loop_filter_disabled_flag: true,
        }),
        short_term_ref_pic_sets: vec![
            ShortTermRefPicSet {
                before: vec![(0, true), (7, false)],
                after: vec![(2, true)],
            },
            ShortTermRefPicSet::default(),
        ],
        long_term_ref_pics: Some(vec![(200, true), (17, false)]),
        sps_temporal_mvp_enabled_flag: true,
        strong_intra_smoothing_enabled_flag: true,
    }
}

fn picture() -> PictureParameterSet {
    PictureParameterSet {
        id: 5,
        sequence: 3,
        dependent_slice_segments_enabled_flag: true,
        output_flag_present_flag: false,
        num_extra_slice_header_bits: 2,
        sign_data_hiding_enabled_flag: true,
        cabac_init_present_flag: true,
        num_ref_idx_l0_default_active_minus1: 1,
        num_ref_idx_l1_default_active_minus1: 2,
        init_qp_minus26: -3,
        constrained_intra_pred_flag: true,
        transform_skip_enabled_flag: true,
        diff_cu_qp_delta_depth: Some(2),
        pps_cb_qp_offset: -4,
        pps_cr_qp_offset: 5,
        pps_slice_chroma_qp_offsets_present_flag: true,
        weighted_pred_flag: true,
        weighted_bipred_flag: false,
        transquant_bypass_enabled_flag: true,
        tiles: Some(Tiles {
            spacing: TileSpacing::Explicit(vec![9, 6], vec![4]),
            loop_filter_across_tiles_enabled_flag: true,
        }),
        entropy_coding_sync_enabled_flag: false,
        pps_loop_filter_across_slices_enabled_flag: true,
        deblocking: Some(Deblocking {
            override_enabled_flag: true,
            offsets_div2: Some((-2, 3)),
        }),
        scaling: Some(Box::new(lists())),
        lists_modification_present_flag: true,
        log2_parallel_merge_level_minus2: 1,
        slice_segment_header_extension_present_flag: true,
    }
}

/// What FFmpeg reads, as `name = value` in the order of the stream.
fn traced(stream: &[u8]) -> Vec<String> {
    let arguments = "-hide_banner -f hevc -i pipe:0 -c copy -bsf:v trace_headers -f null -";
    let mut ffmpeg = Command::new("ffmpeg")
        .args(arguments.split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ffmpeg starts; install the package `ffmpeg`");
    let mut input = ffmpeg.stdin.take().expect("a pipe");
    input.write_all(stream).expect("it reads");
    drop(input);
    let output = ffmpeg.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().filter_map(element).collect()
}

/// A line of `trace_headers`: place, position, name, bits, value.
fn element(line: &str) -> Option<String> {
    let line = line.strip_prefix("[trace_headers @")?.split_once("] ")?.1;
    let mut words = line.split_whitespace();
    let _position: u32 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let value = line.rsplit_once(" = ")?.1;
    Some(format!("{name} = {value}"))
}

#[track_caller]
fn assert_says(elements: &[String], expected: &[(&str, i64)]) {
    for (name, value) in expected {
        let element = format!("{name} = {value}");
        assert!(
            elements.contains(&element),
            "{element} is not in {elements:#?}"
        );
    }
}

#[test]
fn parameter_sets_come_back() {
    let video = VideoParameterSet {
        profile: PROFILE,
        buffering: BUFFERING,
    };
    let stream = [video.unit(), sequence().unit(), picture().unit()].concat();
    let elements = traced(&stream);
    assert_says(
        &elements,
        &[
            ("vps_max_layers_minus1", 0),
            ("vps_max_latency_increase_plus1[0]", 3),
            ("vps_extension_flag", 0),
            ("general_tier_flag", 1),
            ("general_profile_idc", 2),
            ("general_level_idc", 153),
            ("sps_seq_parameter_set_id", 3),
            ("pic_width_in_luma_samples", 1920),
            ("pic_height_in_luma_samples", 1088),
            ("conf_win_bottom_offset", 4),
            ("bit_depth_chroma_minus8", 2),
            ("log2_max_pic_order_cnt_lsb_minus4", 4),
            ("sps_max_num_reorder_pics[0]", 2),
            ("log2_diff_max_min_luma_transform_block_size", 3),
            ("max_transform_hierarchy_depth_intra", 2),
            ("scaling_list_dc_coef_minus8[0][0]", 1),
            ("scaling_list_dc_coef_minus8[1][3]", 247),
            ("pcm_sample_bit_depth_luma_minus1", 9),
            ("pcm_loop_filter_disabled_flag", 1),
            ("num_short_term_ref_pic_sets", 2),
            ("num_negative_pics", 2),
            ("delta_poc_s0_minus1[1]", 7),
            ("used_by_curr_pic_s1_flag[0]", 1),
            ("num_long_term_ref_pics_sps", 2),
            ("lt_ref_pic_poc_lsb_sps[0]", 200),
            ("used_by_curr_pic_lt_sps_flag[1]", 0),
            ("strong_intra_smoothing_enabled_flag", 1),
            ("sps_extension_present_flag", 0),
        ],
    );
    assert_says(
        &elements,
        &[
            ("pps_pic_parameter_set_id", 5),
            ("pps_seq_parameter_set_id", 3),
            ("num_extra_slice_header_bits", 2),
            ("init_qp_minus26", -3),
            ("diff_cu_qp_delta_depth", 2),
            ("pps_cb_qp_offset", -4),
            ("pps_cr_qp_offset", 5),
            ("num_tile_columns_minus1", 2),
            ("num_tile_rows_minus1", 1),
            ("column_width_minus1[1]", 6),
            ("row_height_minus1[0]", 4),
            ("pps_beta_offset_div2", -2),
            ("pps_tc_offset_div2", 3),
            ("lists_modification_present_flag", 1),
            ("log2_parallel_merge_level_minus2", 1),
            ("slice_segment_header_extension_present_flag", 1),
            ("pps_extension_present_flag", 0),
        ],
    );
}

#[test]
fn a_list_with_a_zero_cannot_be_said() {
    let (list, small) = ([16; 64], [[16; 16]; 6]);
    let with = |constant| {
        let largest = [(16, list), (constant, list)];
        ScalingLists::new(small, [list; 6], [(16, list); 6], largest)
    };
    assert!(with(1).is_some());
    assert!(with(0).is_none());
}
