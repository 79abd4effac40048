//! What a guest says of a picture to decode or to encode: a structure at the start of a buffer
//! that the command names (`union virgl_picture_desc` in `virgl_video_hw.h`), and what it hears
//! of an encoded one.
//!
//! Mesa fills the structure on its stack and leaves fields unwritten; those hold anything, and so
//! do the bytes behind the structure. Neither can be wrong.

mod av1;
mod encode;
mod h264;
mod hevc;
mod jpeg;
mod layout;
mod mpeg;
mod vp9;

use wire::{Guest, ParseError, Reader, Writer};

pub use av1::{
    Av1FilmGrain, Av1FilmGrainFields, Av1Frame, Av1FrameFields, Av1LoopFilterFields, Av1ModeFields,
    Av1Picture, Av1QmatrixFields, Av1RestorationFields, Av1Segmentation, Av1SegmentationFields,
    Av1SequenceFields, Av1Tiles, Av1WarpedMotion,
};
pub use encode::{
    H264EncodeControl, H264EncodePicture, H264EncodeSequence, H264EncodeSlice,
    H264MotionEstimation, H264RateControl, H264SliceType, HevcEncodeParameters, HevcEncodePicture,
    HevcEncodeSequence, HevcEncodeSlice, HevcEncodeSlices, HevcRateControl, HevcSliceType,
    PictureType, QualityModes, RateControlMethod, VuiFlags,
};
pub use h264::{H264Picture, H264Pps, H264Sps};
pub use hevc::{HevcPicture, HevcPps, HevcSps};
pub use jpeg::{
    JpegComponent, JpegFrame, JpegHuffman, JpegHuffmanTable, JpegPicture, JpegQuantization,
    JpegScan, JpegScanComponent,
};
pub use layout::UpTo;
pub use mpeg::{Mpeg4Picture, Mpeg12Picture, Vc1Picture};
pub use vp9::{Vp9Fields, Vp9Frame, Vp9Picture, Vp9Segment, Vp9SegmentFlags, Vp9Slice};

use crate::codec::numbers;
use crate::limits::MAX_DECRYPT_KEY;
use crate::profile::Codec;
use crate::video::{VideoEntrypoint, VideoProfile};
use layout::{Layout, byte_numbers, structures};

/// Bytes of the longest description (`sizeof(union virgl_picture_desc)`).
pub const PICTURE_DESCRIPTION_SIZE: usize = 5132;

/// Bytes of an [`EncodeFeedback`] (`sizeof(struct virgl_video_encode_feedback)`).
pub const ENCODE_FEEDBACK_SIZE: usize = 8;

structures! {
    /// What every description begins with (`struct virgl_base_picture_desc`).
    pub struct PictureBase {
        /// In 16 bits here.
        pub profile: VideoProfile,
        pub entry_point: VideoEntrypoint,
        pub protected_playback: bool,
        pub decrypt_key: Guest<[u8; 256]>,
        pub key_size: u32 => ..=MAX_DECRYPT_KEY,
    }
}

byte_numbers! { VideoEntrypoint, EncodeStatus, }

impl Layout for VideoProfile {
    const SIZE: usize = 2;

    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.u16().map(|number| Self(number.into()))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u16(self.0 as u16);
    }
}

/// Layouts agree with the sizes that a C compiler gives.
const _: () = {
    assert!(Av1Picture::SIZE == PICTURE_DESCRIPTION_SIZE);
    assert!(EncodeFeedback::SIZE == ENCODE_FEEDBACK_SIZE);
};

/// A picture's description, by what is done and the codec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PictureDescription {
    /// Decode MPEG-1 or MPEG-2.
    Mpeg12(Box<Mpeg12Picture>),
    /// Decode MPEG-4 part 2.
    Mpeg4(Box<Mpeg4Picture>),
    /// Decode VC-1.
    Vc1(Box<Vc1Picture>),
    /// Decode H.264.
    H264(Box<H264Picture>),
    /// Decode HEVC.
    Hevc(Box<HevcPicture>),
    /// Decode JPEG.
    Jpeg(Box<JpegPicture>),
    /// Decode VP9.
    Vp9(Box<Vp9Picture>),
    /// Decode AV1.
    Av1(Box<Av1Picture>),
    /// Encode H.264.
    EncodeH264(Box<H264EncodePicture>),
    /// Encode HEVC.
    EncodeHevc(Box<HevcEncodePicture>),
}

impl PictureDescription {
    /// Reads the description of a picture to decode, of the codec that the session has.
    pub fn parse_decode(codec: Codec, bytes: &[u8]) -> Result<Self, ParseError> {
        let reader = &mut Reader::new(bytes);
        Ok(match codec {
            Codec::Mpeg12 => Self::Mpeg12(boxed(reader)?),
            Codec::Mpeg4 => Self::Mpeg4(boxed(reader)?),
            Codec::Vc1 => Self::Vc1(boxed(reader)?),
            Codec::H264 => Self::H264(boxed(reader)?),
            Codec::Hevc => Self::Hevc(boxed(reader)?),
            Codec::Jpeg => Self::Jpeg(boxed(reader)?),
            Codec::Vp9 => Self::Vp9(boxed(reader)?),
            Codec::Av1 => Self::Av1(boxed(reader)?),
        })
    }

    /// Reads the description of a picture to encode, of the codec that the session has.
    ///
    /// # Errors
    /// The protocol has none for this codec, or the bytes are not one.
    pub fn parse_encode(codec: Codec, bytes: &[u8]) -> Result<Self, ParseError> {
        let reader = &mut Reader::new(bytes);
        match codec {
            Codec::H264 => boxed(reader).map(Self::EncodeH264),
            Codec::Hevc => boxed(reader).map(Self::EncodeHevc),
            codec => Err(ParseError::BadValue {
                what: "a codec to encode",
                value: codec as u64,
            }),
        }
    }

    /// Bytes of the structure at the start of the buffer, to decode or to encode; none where the
    /// protocol has no such.
    pub const fn size(codec: Codec, encode: bool) -> Option<usize> {
        Some(match (codec, encode) {
            (Codec::Mpeg12, false) => Mpeg12Picture::SIZE,
            (Codec::Mpeg4, false) => Mpeg4Picture::SIZE,
            (Codec::Vc1, false) => Vc1Picture::SIZE,
            (Codec::H264, false) => H264Picture::SIZE,
            (Codec::Hevc, false) => HevcPicture::SIZE,
            (Codec::Jpeg, false) => JpegPicture::SIZE,
            (Codec::Vp9, false) => Vp9Picture::SIZE,
            (Codec::Av1, false) => Av1Picture::SIZE,
            (Codec::H264, true) => H264EncodePicture::SIZE,
            (Codec::Hevc, true) => HevcEncodePicture::SIZE,
            (_, true) => return None,
        })
    }

    /// The structure's bytes, without what the union has behind it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        let w = &mut writer;
        match self {
            Self::Mpeg12(it) => it.encode(w),
            Self::Mpeg4(it) => it.encode(w),
            Self::Vc1(it) => it.encode(w),
            Self::H264(it) => it.encode(w),
            Self::Hevc(it) => it.encode(w),
            Self::Jpeg(it) => it.encode(w),
            Self::Vp9(it) => it.encode(w),
            Self::Av1(it) => it.encode(w),
            Self::EncodeH264(it) => it.encode(w),
            Self::EncodeHevc(it) => it.encode(w),
        }
        writer.into_bytes()
    }

    /// What every description begins with.
    pub fn base(&self) -> &PictureBase {
        match self {
            Self::Mpeg12(it) => &it.base,
            Self::Mpeg4(it) => &it.base,
            Self::Vc1(it) => &it.base,
            Self::H264(it) => &it.base,
            Self::Hevc(it) => &it.base,
            Self::Jpeg(it) => &it.base,
            Self::Vp9(it) => &it.base,
            Self::Av1(it) => &it.base,
            Self::EncodeH264(it) => &it.base,
            Self::EncodeHevc(it) => &it.base,
        }
    }
}

fn boxed<T: Layout>(reader: &mut Reader<'_>) -> Result<Box<T>, ParseError> {
    T::parse(reader).map(Box::new)
}

numbers! {
    /// How far an encoder is.
    pub enum EncodeStatus "encode status" {
        0 NotStarted "VIRGL_VIDEO_ENCODE_STAT_NOT_STARTED",
        1 InProgress "VIRGL_VIDEO_ENCODE_STAT_IN_PROGRESS",
        2 Success "VIRGL_VIDEO_ENCODE_STAT_SUCCESS",
        3 Failure "VIRGL_VIDEO_ENCODE_STAT_FAILURE",
    }
}

structures! {
    /// What became of an encoded picture (`struct virgl_video_encode_feedback`): the host's
    /// answer to [`crate::Command::EncodeBitstream`], at offset 0 of the feedback resource.
    #[derive(Copy)]
    pub struct EncodeFeedback {
        /// `stat`
        pub status: EncodeStatus; 3 unused,
        /// Bytes of the bitstream.
        pub coded_size: u32,
    }
}

impl EncodeFeedback {
    /// The bytes of it.
    pub fn to_bytes(&self) -> [u8; ENCODE_FEEDBACK_SIZE] {
        let mut bytes = [0; ENCODE_FEEDBACK_SIZE];
        let mut writer = Writer::with_capacity(ENCODE_FEEDBACK_SIZE);
        self.encode(&mut writer);
        for (byte, written) in bytes.iter_mut().zip(writer.as_bytes()) {
            *byte = *written;
        }
        bytes
    }

    /// Reads it, neither more nor less.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(bytes);
        let feedback = Self::parse(&mut reader)?;
        reader.finish()?;
        Ok(feedback)
    }
}
