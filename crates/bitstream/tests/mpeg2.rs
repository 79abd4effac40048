//! Headers are as FFmpeg 5.1 writes them for `testsrc=size=320x192` at 25 frames a second
//! (`-c:v mpeg2video -bf 2 -flags +ildct+ilme`, and `-c:v mpeg1video -bf 2`), byte for byte.
#![forbid(unsafe_code)]

use bitstream::mpeg2::{
    CodingType, Picture, PictureCodingExtension, Sequence, SequenceExtension, Vectors,
};

fn sequence(extension: Option<SequenceExtension>) -> Sequence {
    Sequence {
        horizontal_size: 320,
        vertical_size: 192,
        aspect_ratio_information: 1,
        frame_rate_code: 3,
        bit_rate: 0x3ffff,
        vbv_buffer_size: 3,
        constrained_parameters_flag: false,
        intra_quantiser_matrix: None,
        non_intra_quantiser_matrix: None,
        extension,
    }
}

const MAIN: SequenceExtension = SequenceExtension {
    profile_and_level_indication: 0x48,
    progressive_sequence: false,
    chroma_format: 1,
    low_delay: false,
};

const SEQUENCE: [u8; 12] = [0, 0, 1, 0xb3, 0x14, 0, 0xc0, 0x13, 0xff, 0xff, 0xe0, 0x18];

#[test]
fn sequences() {
    assert_eq!(sequence(None).bytes(), SEQUENCE);
    let extension = [0, 0, 1, 0xb5, 0x14, 0x82, 0, 1, 0, 0];
    let both = sequence(Some(MAIN)).bytes();
    assert_eq!(both, [SEQUENCE.as_slice(), &extension].concat());
}

/// ISO/IEC 13818-2, 6.2.2.1 and 6.3.5: high bits are in the extension, matrices in the header.
#[test]
fn large_sequences_and_matrices() {
    let large = Sequence {
        horizontal_size: 0x3001,
        vertical_size: 0x2002,
        bit_rate: 0x4_0001,
        vbv_buffer_size: 0x400,
        non_intra_quantiser_matrix: Some([0x11; 64]),
        ..sequence(Some(MAIN))
    };
    let bytes = large.bytes();
    let (header, extension) = bytes.split_at(12 + 64);
    // In the last byte: the buffer's size, no constraint, no first matrix, the second.
    assert_eq!(
        header[..12],
        [0, 0, 1, 0xb3, 0, 0x10, 2, 0x13, 0, 0, 0x60, 1]
    );
    assert_eq!(header[12..], [0x11; 64]);
    assert_eq!(extension, [0, 0, 1, 0xb5, 0x14, 0x83, 0xc0, 3, 1, 0]);
    let first = Sequence {
        intra_quantiser_matrix: Some([0xff; 64]),
        ..sequence(None)
    };
    let bytes = first.bytes();
    assert_eq!(bytes.len(), 12 + 64);
    assert_eq!(bytes[11..13], [0x1b, 0xff]);
    assert_eq!(bytes.last(), Some(&0xfe));
}

fn picture(temporal_reference: u16, coding_type: CodingType) -> Picture {
    Picture {
        temporal_reference,
        coding_type,
        vbv_delay: 0xffff,
        extension: None,
    }
}

fn vectors(f_code: u8) -> Vectors {
    Vectors {
        full_pel: false,
        f_code,
    }
}

#[test]
fn pictures_of_mpeg1() {
    let intra = picture(0, CodingType::I);
    assert_eq!(intra.bytes(), [0, 0, 1, 0, 0, 0x0f, 0xff, 0xf8]);
    let forward = picture(3, CodingType::P(vectors(2)));
    assert_eq!(forward.bytes(), [0, 0, 1, 0, 0, 0xd7, 0xff, 0xf9, 0]);
    let both = picture(1, CodingType::B(vectors(1), vectors(2)));
    assert_eq!(both.bytes(), [0, 0, 1, 0, 0, 0x5f, 0xff, 0xf8, 0x90]);
}

#[test]
fn pictures_of_mpeg2() {
    let with = |picture: Picture, f_code| Picture {
        extension: Some(PictureCodingExtension {
            f_code,
            intra_dc_precision: 0,
            picture_structure: 3,
            top_field_first: false,
            frame_pred_frame_dct: false,
            concealment_motion_vectors: false,
            q_scale_type: false,
            intra_vlc_format: false,
            alternate_scan: false,
            repeat_first_field: false,
            chroma_420_type: false,
            progressive_frame: false,
        }),
        ..picture
    };
    let intra = with(picture(0, CodingType::I), [[15; 2]; 2]);
    let extension = [0, 0, 1, 0xb5, 0x8f, 0xff, 0xf3, 0, 0];
    let header = [0, 0, 1, 0, 0, 0x0f, 0xff, 0xf8];
    assert_eq!(intra.bytes(), [header.as_slice(), &extension].concat());
    let forward = CodingType::P(Vectors::MPEG2);
    let forward = with(picture(3, forward), [[2; 2], [15; 2]]);
    let extension = [0, 0, 1, 0xb5, 0x82, 0x2f, 0xf3, 0, 0];
    let header = [0, 0, 1, 0, 0, 0xd7, 0xff, 0xfb, 0x80];
    assert_eq!(forward.bytes(), [header.as_slice(), &extension].concat());
    let both = CodingType::B(Vectors::MPEG2, Vectors::MPEG2);
    let both = with(picture(1, both), [[1; 2], [2; 2]]);
    let extension = [0, 0, 1, 0xb5, 0x81, 0x12, 0x23, 0, 0];
    let header = [0, 0, 1, 0, 0, 0x5f, 0xff, 0xfb, 0xb8];
    assert_eq!(both.bytes(), [header.as_slice(), &extension].concat());
}
