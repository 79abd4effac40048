//! What the device answers.

use wire::{ParseError, Reader, Writer};

use crate::codec::{Wire, check_limit, word_of};
use crate::limits::{MAX_CAPSET, MAX_EDID, MAX_SCANOUTS};
use crate::{
    CapsetInfo, DisplayInfo, EdidBlob, ErrorCode, Fault, HEADER_SIZE, Header, MapInfo,
    ResponseType, RingIdx, Uuid,
};

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// It is done.
    Nodata,
    /// To [`crate::Command::GetDisplayInfo`].
    DisplayInfo(Box<DisplayInfo>),
    /// To [`crate::Command::GetCapsetInfo`].
    CapsetInfo(CapsetInfo),
    /// To [`crate::Command::GetCapset`]: the capset's bytes, as many as the driver was told.
    Capset(Vec<u8>),
    /// To [`crate::Command::GetEdid`].
    Edid(EdidBlob),
    /// To [`crate::Command::ResourceAssignUuid`].
    ResourceUuid(Uuid),
    /// To [`crate::Command::ResourceMapBlob`].
    MapInfo(MapInfo),
    /// It is not done.
    Err(ErrorCode),
}

impl Response {
    /// The number.
    pub const fn response_type(&self) -> ResponseType {
        match self {
            Self::Nodata => ResponseType::OkNodata,
            Self::DisplayInfo(_) => ResponseType::OkDisplayInfo,
            Self::CapsetInfo(_) => ResponseType::OkCapsetInfo,
            Self::Capset(_) => ResponseType::OkCapset,
            Self::Edid(_) => ResponseType::OkEdid,
            Self::ResourceUuid(_) => ResponseType::OkResourceUuid,
            Self::MapInfo(_) => ResponseType::OkMapInfo,
            Self::Err(code) => match code {
                ErrorCode::Unspec => ResponseType::ErrUnspec,
                ErrorCode::OutOfMemory => ResponseType::ErrOutOfMemory,
                ErrorCode::InvalidScanoutId => ResponseType::ErrInvalidScanoutId,
                ErrorCode::InvalidResourceId => ResponseType::ErrInvalidResourceId,
                ErrorCode::InvalidContextId => ResponseType::ErrInvalidContextId,
                ErrorCode::InvalidParameter => ResponseType::ErrInvalidParameter,
            },
        }
    }

    /// Bytes of the response, header included.
    pub fn size(&self) -> usize {
        let payload = match self {
            Self::Nodata | Self::Err(_) => 0,
            Self::DisplayInfo(_) => DISPLAY_ONE_SIZE.saturating_mul(MAX_SCANOUTS as usize),
            Self::CapsetInfo(_) | Self::ResourceUuid(_) => 16,
            Self::Capset(bytes) => bytes.len(),
            Self::Edid(_) => (MAX_EDID as usize).saturating_add(8),
            Self::MapInfo(_) => 8,
        };
        HEADER_SIZE.saturating_add(payload)
    }

    /// Appends the response to a request with this header.
    pub fn encode(&self, request: &Header, writer: &mut Writer) {
        let header = request.of_response();
        header.encode(self.response_type().number(), writer);
        match self {
            Self::Nodata | Self::Err(_) => {}
            Self::DisplayInfo(info) => info.encode(writer),
            Self::CapsetInfo(info) => info.encode(writer),
            Self::Capset(bytes) => drop(writer.bytes(bytes)),
            Self::Edid(edid) => edid.encode(writer),
            Self::ResourceUuid(uuid) => uuid.encode(writer),
            Self::MapInfo(info) => info.encode(writer),
        }
    }

    /// Reads a response as a driver does, of as many bytes as the device wrote.
    ///
    /// # Errors
    ///
    /// It is too short or too long, or a number in it has no meaning.
    pub fn parse(bytes: &[u8]) -> Result<(Header, Self), Fault> {
        let mut reader = Reader::new(bytes);
        let (number, mut header, ring) = Header::parse_raw(&mut reader)?;
        header.ring = ring.map(RingIdx::parse_number).transpose()?;
        let response = Self::parse_payload(number, &mut reader)?;
        reader.finish()?;
        Ok((header, response))
    }

    fn parse_payload(number: u32, reader: &mut Reader<'_>) -> Result<Self, Fault> {
        if let Some(code) = ErrorCode::from_number(number) {
            return Ok(Self::Err(code));
        }
        Ok(match ResponseType::parse_number(number)? {
            ResponseType::OkDisplayInfo => Self::DisplayInfo(Box::new(Wire::parse(reader)?)),
            ResponseType::OkCapsetInfo => Self::CapsetInfo(Wire::parse(reader)?),
            ResponseType::OkCapset => Self::Capset(parse_capset(reader)?),
            ResponseType::OkEdid => Self::Edid(Wire::parse(reader)?),
            ResponseType::OkResourceUuid => Self::ResourceUuid(Wire::parse(reader)?),
            ResponseType::OkMapInfo => Self::MapInfo(Wire::parse(reader)?),
            _ => Self::Nodata,
        })
    }
}

/// `sizeof(struct virtio_gpu_display_one)`
const DISPLAY_ONE_SIZE: usize = 24;

/// A capset goes on to the end of what the device wrote.
fn parse_capset(reader: &mut Reader<'_>) -> Result<Vec<u8>, ParseError> {
    check_limit("capset size", word_of(reader.remaining()), MAX_CAPSET)?;
    Ok(reader.bytes(reader.remaining())?.to_vec())
}

impl From<ErrorCode> for Response {
    fn from(code: ErrorCode) -> Self {
        Self::Err(code)
    }
}
