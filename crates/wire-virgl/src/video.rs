//! Commands on codecs. The descriptions of pictures lie in resources that these name.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, check_limit, encode_all, numbers, parse_slots, payload};
use crate::ids::{FormatNumber, ResourceId, VideoBufferId, VideoCodecId};
use crate::limits::{MAX_VIDEO_BITSTREAM, MAX_VIDEO_PLANES, MAX_VIDEO_REFERENCES, MAX_VIDEO_SIZE};

/// A new codec session (`VIRGL_CREATE_VIDEO_CODEC_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreateVideoCodec {
    /// The session's id.
    pub codec: VideoCodecId,
    /// Which codec.
    pub profile: VideoProfile,
    /// What it does.
    pub entrypoint: VideoEntrypoint,
    /// How chroma is sampled.
    pub chroma_format: VideoChromaFormat,
    /// The codec's level.
    pub level: u32,
    /// In pixels, at most [`MAX_VIDEO_SIZE`].
    pub width: u32,
    /// In pixels, at most [`MAX_VIDEO_SIZE`].
    pub height: u32,
    /// Pictures that others refer to. Guests leave it out below feature check version 14;
    /// then it is 2. At most [`MAX_VIDEO_REFERENCES`].
    pub max_references: Option<u32>,
}

/// A codec's profile, in the guest's numbers of `enum pipe_video_profile`. Mesa has
/// inserted values, so that from 21 on the same number means different profiles in
/// different guests ([`ProfileTable`](crate::ProfileTable)): which table holds is not told by the
/// stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VideoProfile(pub u32);

impl Wire for VideoProfile {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        reader.u32().map(Self)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.u32(self.0);
    }
}

numbers! {
    /// How many samples of chroma there are for those of luma.
    pub enum VideoChromaFormat "chroma format" {
        0 C400 "PIPE_VIDEO_CHROMA_FORMAT_400",
        1 C420 "PIPE_VIDEO_CHROMA_FORMAT_420",
        2 C422 "PIPE_VIDEO_CHROMA_FORMAT_422",
        3 C444 "PIPE_VIDEO_CHROMA_FORMAT_444",
        4 C440 "PIPE_VIDEO_CHROMA_FORMAT_440",
        5 None "PIPE_VIDEO_CHROMA_FORMAT_NONE",
    }

    /// What a codec session does. The last is Mesa's; virglrenderer does not know it.
    pub enum VideoEntrypoint "video entrypoint" {
        0 Unknown "PIPE_VIDEO_ENTRYPOINT_UNKNOWN",
        1 Bitstream "PIPE_VIDEO_ENTRYPOINT_BITSTREAM",
        2 Idct "PIPE_VIDEO_ENTRYPOINT_IDCT",
        3 MotionCompensation "PIPE_VIDEO_ENTRYPOINT_MC",
        4 Encode "PIPE_VIDEO_ENTRYPOINT_ENCODE",
        5 Processing "PIPE_VIDEO_ENTRYPOINT_PROCESSING",
    }
}

/// A new picture (`VIRGL_CREATE_VIDEO_BUFFER_*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateVideoBuffer {
    /// The picture's id.
    pub buffer: VideoBufferId,
    /// The format of all planes together.
    pub format: FormatNumber,
    /// In pixels, at most [`MAX_VIDEO_SIZE`].
    pub width: u32,
    /// In pixels, at most [`MAX_VIDEO_SIZE`].
    pub height: u32,
    /// One a plane, at least one and at most [`MAX_VIDEO_PLANES`].
    pub planes: Vec<Option<ResourceId>>,
}

/// A picture to decode (`VIRGL_DECODE_BS_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeBitstream {
    /// The session.
    pub codec: VideoCodecId,
    /// The picture.
    pub target: VideoBufferId,
    /// The picture's description ([`PictureDescription`](crate::PictureDescription)).
    pub description: ResourceId,
    /// The bitstream.
    pub bitstream: ResourceId,
    /// Bytes of it, at most [`MAX_VIDEO_BITSTREAM`].
    pub bitstream_size: u32,
}

payload! {
    /// The start or the end of a picture (`VIRGL_BEGIN_FRAME_*`, `VIRGL_END_FRAME_*`).
    #[derive(Eq)]
    pub struct VideoFrame {
        /// The session.
        pub codec: VideoCodecId,
        /// The picture.
        pub target: VideoBufferId,
    }

    /// A picture to encode (`VIRGL_ENCODE_BS_*`).
    #[derive(Eq)]
    pub struct EncodeBitstream {
        /// The session.
        pub codec: VideoCodecId,
        /// The picture.
        pub source: VideoBufferId,
        /// Where the bitstream goes.
        pub bitstream: ResourceId,
        /// The picture's description ([`PictureDescription`](crate::PictureDescription)).
        pub description: ResourceId,
        /// Where the outcome goes ([`EncodeFeedback`](crate::EncodeFeedback)).
        pub feedback: ResourceId,
    }
}

impl Wire for CreateVideoCodec {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            codec: Wire::parse(reader)?,
            profile: Wire::parse(reader)?,
            entrypoint: Wire::parse(reader)?,
            chroma_format: Wire::parse(reader)?,
            level: reader.u32()?,
            width: parse_size(reader)?,
            height: parse_size(reader)?,
            max_references: match reader.remaining() {
                0 => None,
                _ => Some(parse_references(reader)?),
            },
        })
    }

    fn encode(&self, writer: &mut Writer) {
        self.codec.encode(writer);
        self.profile.encode(writer);
        self.entrypoint.encode(writer);
        self.chroma_format.encode(writer);
        writer.u32(self.level).u32(self.width).u32(self.height);
        if let Some(max_references) = self.max_references {
            writer.u32(max_references);
        }
    }
}

fn parse_size(reader: &mut Reader<'_>) -> Result<u32, ParseError> {
    check_limit("a picture's size", reader.u32()?, MAX_VIDEO_SIZE)
}

fn parse_references(reader: &mut Reader<'_>) -> Result<u32, ParseError> {
    check_limit(
        "a session's references",
        reader.u32()?,
        MAX_VIDEO_REFERENCES,
    )
}

impl Wire for DecodeBitstream {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            codec: Wire::parse(reader)?,
            target: Wire::parse(reader)?,
            description: Wire::parse(reader)?,
            bitstream: Wire::parse(reader)?,
            bitstream_size: check_limit("a bitstream", reader.u32()?, MAX_VIDEO_BITSTREAM)?,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        self.codec.encode(writer);
        self.target.encode(writer);
        self.description.encode(writer);
        self.bitstream.encode(writer);
        writer.u32(self.bitstream_size);
    }
}

impl CreateVideoBuffer {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let this = Self {
            buffer: Wire::parse(reader)?,
            format: Wire::parse(reader)?,
            width: parse_size(reader)?,
            height: parse_size(reader)?,
            planes: parse_slots(reader, "planes of a picture", 0, MAX_VIDEO_PLANES)?,
        };
        match this.planes.is_empty() {
            true => Err(ParseError::BadValue {
                what: "planes of a picture",
                value: 0,
            }),
            false => Ok(this),
        }
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        self.buffer.encode(writer);
        self.format.encode(writer);
        writer.u32(self.width).u32(self.height);
        encode_all(&self.planes, writer);
    }
}
