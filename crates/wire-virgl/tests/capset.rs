//! Capsets have the sizes and offsets that a C compiler gives `virgl_hw.h`.
#![forbid(unsafe_code)]

use proptest::prelude::*;
use wire::ParseError;
use wire_virgl::{
    CAPS_V1_SIZE, CAPS_V2_SIZE, CapabilityBits, CapabilityBits2, CapsV1, CapsV2, Features,
    FormatMask, FormatNumber, RendererName, VideoCaps, VideoEntrypoint, VideoProfile,
};

/// Sets a field of capset 2.
type Set = fn(&mut CapsV2);

/// Something to be found in the bytes again.
const MARK: u32 = 0x8182_8384;

/// Sets one field of an empty capset 2 to [`MARK`], and says where it went.
fn offset(set: Set) -> usize {
    let mut caps = CapsV2::default();
    set(&mut caps);
    let bytes = caps.to_bytes();
    let words = bytes.chunks_exact(4);
    let mut marked = words
        .enumerate()
        .filter(|(_, word)| **word == MARK.to_le_bytes());
    let (word, _) = marked.next().expect("the mark is somewhere");
    assert!(marked.next().is_none(), "once");
    word * 4
}

#[test]
fn sizes() {
    assert_eq!(CapsV1::default().to_bytes().len(), CAPS_V1_SIZE);
    assert_eq!(CapsV2::default().to_bytes().len(), CAPS_V2_SIZE);
    assert_eq!((CAPS_V1_SIZE, CAPS_V2_SIZE), (308, 1408));
}

#[test]
fn offsets() {
    let cases: [(usize, Set); 22] = [
        (0, |caps| caps.v1.max_version = MARK),
        (260, |caps| {
            caps.v1.features = Features::from_bits_retain(MARK)
        }),
        (264, |caps| caps.v1.glsl_level = MARK),
        (304, |caps| caps.v1.max_texture_gather_components = MARK),
        (308, |caps| {
            caps.min_aliased_point_size = f32::from_bits(MARK)
        }),
        (344, |caps| caps.max_geom_output_vertices = MARK),
        (364, |caps| caps.min_texel_offset = MARK.cast_signed()),
        (392, |caps| {
            caps.capability_bits = CapabilityBits::from_bits_retain(MARK)
        }),
        (396, |caps| caps.sample_locations[0] = MARK),
        (428, |caps| caps.max_vertex_attrib_stride = MARK),
        (460, |caps| caps.max_compute_grid_size[0] = MARK),
        (500, |caps| caps.max_atomic_counters[0] = MARK),
        (556, |caps| caps.host_feature_check_version = MARK),
        (688, |caps| {
            caps.capability_bits_v2 = CapabilityBits2::from_bits_retain(MARK)
        }),
        (692, |caps| caps.max_video_memory = MARK),
        (760, |caps| caps.max_anisotropy = f32::from_bits(MARK)),
        (764, |caps| caps.max_texture_samplers = MARK),
        (832, |caps| caps.max_const_buffer_size[0] = MARK),
        (1372, |caps| caps.max_uniform_block_size = MARK),
        (1376, |caps| caps.max_tcs_outputs = MARK),
        (1380, |caps| caps.max_tes_outputs = MARK),
        (1384, |caps| caps.max_shader_storage_blocks[0] = MARK),
    ];
    for (expected, set) in cases {
        assert_eq!(offset(set), expected);
    }
}

/// Where the only byte that is not zero lies.
fn byte_of(caps: &CapsV2) -> (usize, u8) {
    let bytes = caps.to_bytes();
    let mut set = bytes.iter().enumerate().filter(|(_, byte)| **byte != 0);
    let (offset, byte) = set.next().expect("one");
    assert!(set.next().is_none(), "only one");
    (offset, *byte)
}

#[test]
fn offsets_of_format_masks_and_the_name() {
    let mask = FormatMask::from_iter(FormatNumber::new(1));
    let empty = CapsV2::default;
    let v1 = |v1| byte_of(&CapsV2 { v1, ..empty() });
    let sampler = CapsV1 {
        sampler: mask,
        ..CapsV1::default()
    };
    let vertex = CapsV1 {
        vertex_buffer: mask,
        ..CapsV1::default()
    };
    assert_eq!(v1(sampler), (4, 2));
    assert_eq!(v1(vertex), (4 + 3 * 64, 2));
    let readback = CapsV2 {
        supported_readback_formats: mask,
        ..empty()
    };
    assert_eq!(byte_of(&readback), (560, 2));
    assert_eq!(
        byte_of(&CapsV2 {
            scanout: mask,
            ..empty()
        }),
        (624, 2)
    );
    let multisample = CapsV2 {
        supported_multisample_formats: mask,
        ..empty()
    };
    assert_eq!(byte_of(&multisample), (768, 2));
    let renderer = RendererName::new("P");
    assert_eq!(
        byte_of(&CapsV2 {
            renderer,
            ..empty()
        }),
        (696, b'P')
    );
}

fn h264() -> VideoCaps {
    VideoCaps {
        profile: VideoProfile(1),
        entrypoint: VideoEntrypoint::Idct,
        max_level: 3,
        stacked_frames: 4,
        max_width: 5,
        max_height: 6,
        preferred_format: FormatNumber::new(7).expect("a format"),
        max_macroblocks: 8,
        npot_texture: true,
        progressive: false,
        interlaced: false,
        prefers_interlaced: true,
        max_temporal_layers: 9,
    }
}

#[test]
fn video_is_packed_as_c_packs_it() {
    let video = [h264(), h264()].into_iter().collect();
    let caps = CapsV2 {
        video,
        ..CapsV2::default()
    };
    let bytes = caps.to_bytes();
    let word = |offset: usize| {
        let word = bytes[offset..offset + 4].try_into().expect("four bytes");
        u32::from_le_bytes(word)
    };
    assert_eq!(word(856), 2);
    let first = [860, 864, 868, 872].map(word);
    assert_eq!(first, [0x0403_0201, 0x0006_0005, 0x0008_0007, 0x99]);
    assert_eq!(word(876), first[0]);
    let back = CapsV2::from_bytes(&bytes).expect("sound");
    assert_eq!(back.video.iter().count(), 2);
    assert_eq!(back, caps);
    let many = std::iter::repeat_n(h264(), 40).collect();
    let caps = CapsV2 {
        video: many,
        ..CapsV2::default()
    };
    assert_eq!(caps.video.iter().count(), 32);
    assert_eq!(caps.to_bytes().len(), CAPS_V2_SIZE);
}

#[test]
fn what_is_no_capset_is_refused() {
    let bytes = CapsV2::default().to_bytes();
    let short = CapsV2::from_bytes(&bytes[..CAPS_V2_SIZE - 1]);
    assert!(matches!(short, Err(ParseError::Truncated { .. })));
    assert!(matches!(
        CapsV1::from_bytes(&bytes),
        Err(ParseError::Trailing { .. })
    ));
    let mut many = bytes;
    many[856] = 33;
    assert!(matches!(
        CapsV2::from_bytes(&many),
        Err(ParseError::Limit { .. })
    ));
}

#[test]
fn names_are_cut_between_characters() {
    let name = RendererName::new(&"ä".repeat(40));
    assert_eq!(name.as_bytes(), "ä".repeat(31).as_bytes());
    assert_eq!(RendererName::new("virgl").as_bytes(), b"virgl");
}

proptest! {
    #[test]
    fn formats_are_in_the_set_or_not(numbers in prop::collection::btree_set(0u32..481, 0..50)) {
        let formats = numbers.iter().copied().filter_map(FormatNumber::new);
        let mask: FormatMask = formats.collect();
        for number in 0..=FormatNumber::LAST {
            let format = FormatNumber::new(number).expect("a format");
            prop_assert_eq!(mask.contains(format), numbers.contains(&number));
        }
    }

    #[test]
    fn capset_1_comes_back(words in prop::collection::vec(any::<u32>(), CAPS_V1_SIZE / 4)) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let caps = CapsV1::from_bytes(&bytes).expect("any words");
        prop_assert_eq!(caps.to_bytes(), bytes);
    }
}
