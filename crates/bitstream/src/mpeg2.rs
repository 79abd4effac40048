//! MPEG-1's and MPEG-2's headers of sequences and pictures. Names are those of
//! ISO/IEC 13818-2, 6.2.2 and 6.2.3.

use crate::bits::BitWriter;

const PICTURE: u8 = 0x00;
const SEQUENCE: u8 = 0xb3;
const EXTENSION: u8 = 0xb5;

fn start_code(code: u8) -> BitWriter {
    let mut writer = BitWriter::new();
    writer.bytes(&[0, 0, 1, code]);
    writer
}

/// A sequence header (`sequence_header`, `sequence_extension`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// `horizontal_size`: 14 bits, in MPEG-1 12.
    pub horizontal_size: u16,
    /// `vertical_size`: 14 bits, in MPEG-1 12.
    pub vertical_size: u16,
    /// `aspect_ratio_information`: 4 bits.
    pub aspect_ratio_information: u8,
    /// `frame_rate_code`: 4 bits.
    pub frame_rate_code: u8,
    /// `bit_rate`, in units of 400 bits a second: 30 bits, in MPEG-1 18.
    pub bit_rate: u32,
    /// `vbv_buffer_size`, in units of 16 KiBit: 18 bits, in MPEG-1 10.
    pub vbv_buffer_size: u32,
    /// `constrained_parameters_flag`, of MPEG-1 only.
    pub constrained_parameters_flag: bool,
    /// `intra_quantiser_matrix`, in zigzag order.
    pub intra_quantiser_matrix: Option<[u8; 64]>,
    /// `non_intra_quantiser_matrix`, in zigzag order.
    pub non_intra_quantiser_matrix: Option<[u8; 64]>,
    /// What MPEG-2 adds.
    pub extension: Option<SequenceExtension>,
}

/// What MPEG-2 says of a sequence besides (`sequence_extension`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceExtension {
    /// `profile_and_level_indication`
    pub profile_and_level_indication: u8,
    /// `progressive_sequence`
    pub progressive_sequence: bool,
    /// `chroma_format`: 1 for 4:2:0.
    pub chroma_format: u8,
    /// `low_delay`
    pub low_delay: bool,
}

impl Sequence {
    /// The headers' bytes, with start codes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.header();
        if let Some(extension) = &self.extension {
            bytes.extend(extension.bytes(self));
        }
        bytes
    }

    fn header(&self) -> Vec<u8> {
        let mut writer = start_code(SEQUENCE);
        let w = &mut writer;
        let marker_bit = true;
        w.bits(self.horizontal_size, 12)
            .bits(self.vertical_size, 12)
            .bits(self.aspect_ratio_information, 4)
            .bits(self.frame_rate_code, 4)
            .bits(self.bit_rate, 18)
            .bit(marker_bit)
            .bits(self.vbv_buffer_size, 10)
            .bit(self.constrained_parameters_flag);
        let matrices = [
            &self.intra_quantiser_matrix,
            &self.non_intra_quantiser_matrix,
        ];
        for matrix in matrices {
            w.bit(matrix.is_some());
            w.bytes(matrix.as_ref().map_or(&[], |matrix| matrix.as_slice()));
        }
        writer.into_bytes()
    }
}

impl SequenceExtension {
    fn bytes(&self, sequence: &Sequence) -> Vec<u8> {
        let mut writer = start_code(EXTENSION);
        let (identifier, marker_bit, frame_rate_extension) = (1u8, true, 0u8);
        writer
            .bits(identifier, 4)
            .bits(self.profile_and_level_indication, 8)
            .bit(self.progressive_sequence)
            .bits(self.chroma_format, 2)
            .bits(sequence.horizontal_size >> 12, 2)
            .bits(sequence.vertical_size >> 12, 2)
            .bits(sequence.bit_rate >> 18, 12)
            .bit(marker_bit)
            .bits(sequence.vbv_buffer_size >> 10, 8)
            .bit(self.low_delay)
            .bits(frame_rate_extension, 7);
        writer.into_bytes()
    }
}

/// What a picture refers to (`picture_coding_type`), with what MPEG-1 says of vectors. In MPEG-2
/// those are [`Vectors::MPEG2`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodingType {
    /// Nothing.
    I,
    /// An earlier picture.
    P(Vectors),
    /// An earlier and a later picture.
    B(Vectors, Vectors),
}

/// The vectors of one direction in MPEG-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vectors {
    /// `full_pel_forward_vector` or `full_pel_backward_vector`
    pub full_pel: bool,
    /// `forward_f_code` or `backward_f_code`: 3 bits.
    pub f_code: u8,
}

impl Vectors {
    /// What MPEG-2 has in this place.
    pub const MPEG2: Self = Self {
        full_pel: false,
        f_code: 7,
    };

    fn write(self, w: &mut BitWriter) {
        w.bit(self.full_pel).bits(self.f_code, 3);
    }
}

/// A picture's header (`picture_header`, `picture_coding_extension`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// `temporal_reference`: 10 bits.
    pub temporal_reference: u16,
    /// What it refers to.
    pub coding_type: CodingType,
    /// `vbv_delay`; 0xffff for none.
    pub vbv_delay: u16,
    /// What MPEG-2 adds.
    pub extension: Option<PictureCodingExtension>,
}

/// What MPEG-2 says of a picture besides (`picture_coding_extension`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureCodingExtension {
    /// `f_code`: forward and backward, horizontal and vertical; 15 where it is unused.
    pub f_code: [[u8; 2]; 2],
    /// `intra_dc_precision`: 2 bits.
    pub intra_dc_precision: u8,
    /// `picture_structure`: 1 and 2 for the fields, 3 for a frame.
    pub picture_structure: u8,
    /// `top_field_first`
    pub top_field_first: bool,
    /// `frame_pred_frame_dct`
    pub frame_pred_frame_dct: bool,
    /// `concealment_motion_vectors`
    pub concealment_motion_vectors: bool,
    /// `q_scale_type`
    pub q_scale_type: bool,
    /// `intra_vlc_format`
    pub intra_vlc_format: bool,
    /// `alternate_scan`
    pub alternate_scan: bool,
    /// `repeat_first_field`
    pub repeat_first_field: bool,
    /// `chroma_420_type`
    pub chroma_420_type: bool,
    /// `progressive_frame`
    pub progressive_frame: bool,
}

impl Picture {
    /// The headers' bytes, with start codes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.header();
        if let Some(extension) = &self.extension {
            bytes.extend(extension.bytes());
        }
        bytes
    }

    fn header(&self) -> Vec<u8> {
        let mut writer = start_code(PICTURE);
        let w = &mut writer;
        w.bits(self.temporal_reference, 10)
            .bits(self.coding_type.number(), 3)
            .bits(self.vbv_delay, 16);
        match self.coding_type {
            CodingType::I => {}
            CodingType::P(forward) => forward.write(w),
            CodingType::B(forward, backward) => {
                forward.write(w);
                backward.write(w);
            }
        }
        let extra_bit_picture = false;
        w.bit(extra_bit_picture);
        writer.into_bytes()
    }
}

impl CodingType {
    const fn number(self) -> u8 {
        match self {
            Self::I => 1,
            Self::P(_) => 2,
            Self::B(..) => 3,
        }
    }
}

impl PictureCodingExtension {
    fn bytes(&self) -> Vec<u8> {
        let mut writer = start_code(EXTENSION);
        let w = &mut writer;
        let (identifier, composite_display_flag) = (8u8, false);
        w.bits(identifier, 4);
        for f_code in self.f_code.as_flattened() {
            w.bits(*f_code, 4);
        }
        w.bits(self.intra_dc_precision, 2)
            .bits(self.picture_structure, 2)
            .bit(self.top_field_first)
            .bit(self.frame_pred_frame_dct)
            .bit(self.concealment_motion_vectors)
            .bit(self.q_scale_type)
            .bit(self.intra_vlc_format)
            .bit(self.alternate_scan)
            .bit(self.repeat_first_field)
            .bit(self.chroma_420_type)
            .bit(self.progressive_frame)
            .bit(composite_display_flag);
        writer.into_bytes()
    }
}
