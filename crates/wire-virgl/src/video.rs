//! Commands on codecs. The descriptions of pictures lie in resources that these name.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, encode_all, numbers, parse_slots, payload};
use crate::ids::{FormatNumber, ResourceId, VideoBufferId, VideoCodecId};
use crate::limits::MAX_VIDEO_PLANES;

/// A new codec session (`VIRGL_CREATE_VIDEO_CODEC_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreateVideoCodec {
    /// The session's id.
    pub codec: VideoCodecId,
    /// Which codec.
    pub profile: VideoProfile,
    /// What it does.
    pub entrypoint: VideoEntrypoint,
    /// The chroma format, in the guest's numbers of `enum pipe_video_chroma_format`.
    pub chroma_format: u32,
    /// The codec's level.
    pub level: u32,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Pictures that others refer to. Guests leave it out below feature check version 14;
    /// then it is 2.
    pub max_references: Option<u32>,
}

/// A codec's profile, in the guest's numbers of `enum pipe_video_profile`. Mesa has
/// inserted values, so that from 22 on the same number means different profiles in
/// different guests: which table holds is not told by the stream.
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
    /// What a codec session does.
    pub enum VideoEntrypoint "video entrypoint" {
        0 Unknown "PIPE_VIDEO_ENTRYPOINT_UNKNOWN",
        1 Bitstream "PIPE_VIDEO_ENTRYPOINT_BITSTREAM",
        2 Idct "PIPE_VIDEO_ENTRYPOINT_IDCT",
        3 MotionCompensation "PIPE_VIDEO_ENTRYPOINT_MC",
        4 Encode "PIPE_VIDEO_ENTRYPOINT_ENCODE",
    }
}

/// A new picture (`VIRGL_CREATE_VIDEO_BUFFER_*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateVideoBuffer {
    /// The picture's id.
    pub buffer: VideoBufferId,
    /// The format of all planes together.
    pub format: FormatNumber,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// One a plane, at least one and at most [`MAX_VIDEO_PLANES`].
    pub planes: Vec<Option<ResourceId>>,
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

    /// A picture to decode (`VIRGL_DECODE_BS_*`).
    #[derive(Eq)]
    pub struct DecodeBitstream {
        /// The session.
        pub codec: VideoCodecId,
        /// The picture.
        pub target: VideoBufferId,
        /// The picture's description (`union virgl_picture_desc`).
        pub description: ResourceId,
        /// The bitstream.
        pub bitstream: ResourceId,
        /// Bytes of it.
        pub bitstream_size: u32,
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
        /// The picture's description (`union virgl_picture_desc`).
        pub description: ResourceId,
        /// Where the outcome goes (`struct virgl_video_encode_feedback`).
        pub feedback: ResourceId,
    }
}

impl Wire for CreateVideoCodec {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        Ok(Self {
            codec: Wire::parse(reader)?,
            profile: Wire::parse(reader)?,
            entrypoint: Wire::parse(reader)?,
            chroma_format: reader.u32()?,
            level: reader.u32()?,
            width: reader.u32()?,
            height: reader.u32()?,
            max_references: match reader.remaining() {
                0 => None,
                _ => Some(reader.u32()?),
            },
        })
    }

    fn encode(&self, writer: &mut Writer) {
        self.codec.encode(writer);
        self.profile.encode(writer);
        self.entrypoint.encode(writer);
        writer
            .u32(self.chroma_format)
            .u32(self.level)
            .u32(self.width)
            .u32(self.height);
        if let Some(max_references) = self.max_references {
            writer.u32(max_references);
        }
    }
}

impl CreateVideoBuffer {
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let this = Self {
            buffer: Wire::parse(reader)?,
            format: Wire::parse(reader)?,
            width: reader.u32()?,
            height: reader.u32()?,
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
