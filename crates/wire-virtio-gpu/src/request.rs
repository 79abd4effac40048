//! What a driver asks for.

use std::ops::Range;

use wire::{Guest, ParseError, Reader, Writer};

use crate::codec::Wire;
use crate::limits::MAX_HEAD;
use crate::memory::{list_size, parse_list};
use crate::{
    CommandType, CtxCreate, CtxResource, Fault, Features, GetCapset, GetCapsetInfo, GetEdid,
    Header, MoveCursor, Queue, RequestError, ResourceAssignUuid, ResourceAttachBacking,
    ResourceCreate2d, ResourceCreate3d, ResourceCreateBlob, ResourceDetachBacking, ResourceFlush,
    ResourceMapBlob, ResourceUnmapBlob, ResourceUnref, SetScanout, SetScanoutBlob, Submit3d,
    TransferHost3d, TransferToHost2d, UpdateCursor,
};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// Its fence, context and ring.
    pub header: Header,
    /// What to do.
    pub command: Command<'a>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// `VIRTIO_GPU_CMD_GET_DISPLAY_INFO`
    GetDisplayInfo,
    /// `VIRTIO_GPU_CMD_RESOURCE_CREATE_2D`
    ResourceCreate2d(ResourceCreate2d),
    /// `VIRTIO_GPU_CMD_RESOURCE_UNREF`
    ResourceUnref(ResourceUnref),
    /// `VIRTIO_GPU_CMD_SET_SCANOUT`
    SetScanout(SetScanout),
    /// `VIRTIO_GPU_CMD_RESOURCE_FLUSH`
    ResourceFlush(ResourceFlush),
    /// `VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D`
    TransferToHost2d(TransferToHost2d),
    /// `VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING`
    ResourceAttachBacking(ResourceAttachBacking),
    /// `VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING`
    ResourceDetachBacking(ResourceDetachBacking),
    /// `VIRTIO_GPU_CMD_GET_CAPSET_INFO`
    GetCapsetInfo(GetCapsetInfo),
    /// `VIRTIO_GPU_CMD_GET_CAPSET`
    GetCapset(GetCapset),
    /// `VIRTIO_GPU_CMD_GET_EDID`
    GetEdid(GetEdid),
    /// `VIRTIO_GPU_CMD_RESOURCE_ASSIGN_UUID`
    ResourceAssignUuid(ResourceAssignUuid),
    /// `VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB`
    ResourceCreateBlob(ResourceCreateBlob),
    /// `VIRTIO_GPU_CMD_SET_SCANOUT_BLOB`
    SetScanoutBlob(SetScanoutBlob),
    /// `VIRTIO_GPU_CMD_CTX_CREATE`
    CtxCreate(CtxCreate),
    /// `VIRTIO_GPU_CMD_CTX_DESTROY`
    CtxDestroy,
    /// `VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE`
    CtxAttachResource(CtxResource),
    /// `VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE`
    CtxDetachResource(CtxResource),
    /// `VIRTIO_GPU_CMD_RESOURCE_CREATE_3D`
    ResourceCreate3d(ResourceCreate3d),
    /// `VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D`
    TransferToHost3d(TransferHost3d),
    /// `VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D`
    TransferFromHost3d(TransferHost3d),
    /// `VIRTIO_GPU_CMD_SUBMIT_3D`
    Submit3d(Submit3d<'a>),
    /// `VIRTIO_GPU_CMD_RESOURCE_MAP_BLOB`
    ResourceMapBlob(ResourceMapBlob),
    /// `VIRTIO_GPU_CMD_RESOURCE_UNMAP_BLOB`
    ResourceUnmapBlob(ResourceUnmapBlob),
    /// `VIRTIO_GPU_CMD_UPDATE_CURSOR`
    UpdateCursor(UpdateCursor),
    /// `VIRTIO_GPU_CMD_MOVE_CURSOR`
    MoveCursor(MoveCursor),
}

/// Bytes behind a fixed part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    /// None.
    Nothing,
    /// So many memory entries.
    Entries(u32),
    /// So many bytes of a stream.
    Stream(u32),
}

impl Tail {
    const fn size(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Entries(count) => list_size(count),
            Self::Stream(size) => size as usize,
        }
    }
}

/// The fixed part of a request, read and checked; its tail is still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    header: Header,
    command: Command<'static>,
    size: usize,
    tail: Tail,
}

impl Head {
    /// Reads the fixed part of a request off the front of `bytes`, for a driver that accepted
    /// `features`. [`MAX_HEAD`] bytes are enough, or the whole request if it is shorter.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the fixed part; the tail is not looked at.
    pub fn parse(bytes: &[u8], queue: Queue, features: Features) -> Result<Self, RequestError> {
        let bytes = bytes.get(..MAX_HEAD).unwrap_or(bytes);
        let mut reader = Reader::new(bytes);
        let (number, mut header, ring) =
            Header::parse_raw(&mut reader).map_err(RequestError::NoHeader)?;
        let command = CommandType::from_number(number)
            .ok_or(RequestError::UnknownCommand { header, number })?;
        check_place(command, header, queue, features)?;
        header.ring = Header::ring_of(ring, features).map_err(|error| {
            let fault = error.into();
            RequestError::Malformed {
                header,
                command,
                fault,
            }
        })?;
        let malformed = |fault| RequestError::Malformed {
            header,
            command,
            fault,
        };
        if command.needs_context() && header.context.is_none() {
            return Err(malformed(Fault::NoContext));
        }
        let (command, tail) =
            Command::parse_fixed(command, &mut reader, features).map_err(malformed)?;
        Ok(Self {
            header,
            command,
            size: bytes.len().saturating_sub(reader.remaining()),
            tail,
        })
    }

    /// The request's header.
    pub const fn header(&self) -> Header {
        self.header
    }

    /// Bytes of the whole request: fixed part and tail.
    pub const fn request_size(&self) -> usize {
        self.size.saturating_add(self.tail.size())
    }

    /// Which bytes of the request the tail is, where the driver sent `readable` bytes. Bytes behind
    /// the tail are nobody's: drivers may send them, since other devices do not look there.
    ///
    /// # Errors
    ///
    /// The driver sent less than the fixed part says.
    pub fn tail(&self, readable: usize) -> Result<Range<usize>, RequestError> {
        match readable.checked_sub(self.request_size()) {
            Some(_) => Ok(self.size..self.request_size()),
            None => Err(self.malformed(ParseError::Truncated {
                needed: self.tail.size(),
                remaining: readable.saturating_sub(self.size),
            })),
        }
    }

    /// The request, with the bytes that [`Head::tail`] told.
    ///
    /// # Errors
    ///
    /// The tail has another length, or an entry in it is wrong.
    pub fn complete(self, tail: &[u8]) -> Result<Request<'_>, RequestError> {
        let mut reader = Reader::new(tail);
        let taken = reader.bytes(self.tail.size());
        let tail = taken.and_then(|taken| reader.finish().map(|()| taken));
        let tail = tail.map_err(|error| self.malformed(error))?;
        let (header, kind) = (self.header, self.command.command_type());
        let command = self.command.with_tail(tail);
        let command = command.map_err(|fault| RequestError::Malformed {
            header,
            command: kind,
            fault,
        })?;
        Ok(Request { header, command })
    }

    fn malformed(&self, error: ParseError) -> RequestError {
        RequestError::Malformed {
            header: self.header,
            command: self.command.command_type(),
            fault: error.into(),
        }
    }
}

/// Whether the command is one that this driver may send on this queue.
fn check_place(
    command: CommandType,
    header: Header,
    queue: Queue,
    features: Features,
) -> Result<(), RequestError> {
    if command.queue() != queue {
        return Err(RequestError::WrongQueue {
            header,
            command,
            queue,
        });
    }
    match features.contains(command.features()) {
        true => Ok(()),
        false => Err(RequestError::NotNegotiated { header, command }),
    }
}

impl<'a> Request<'a> {
    /// Reads a request that lies in one piece.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with it; bytes behind it are an error.
    pub fn parse(bytes: &'a [u8], queue: Queue, features: Features) -> Result<Self, RequestError> {
        let head = Head::parse(bytes, queue, features)?;
        let tail = head.tail(bytes.len())?;
        // Up to the end, so that `complete` sees what is too much.
        head.complete(bytes.get(tail.start..).unwrap_or_default())
    }

    /// Appends the request as a driver sends it.
    pub fn encode(&self, writer: &mut Writer) {
        let number = self.command.command_type().number();
        self.header.encode(number, writer);
        self.command.encode(writer);
    }
}

impl<'a> Command<'a> {
    /// The number.
    pub const fn command_type(&self) -> CommandType {
        match self {
            Self::GetDisplayInfo => CommandType::GetDisplayInfo,
            Self::ResourceCreate2d(_) => CommandType::ResourceCreate2d,
            Self::ResourceUnref(_) => CommandType::ResourceUnref,
            Self::SetScanout(_) => CommandType::SetScanout,
            Self::ResourceFlush(_) => CommandType::ResourceFlush,
            Self::TransferToHost2d(_) => CommandType::TransferToHost2d,
            Self::ResourceAttachBacking(_) => CommandType::ResourceAttachBacking,
            Self::ResourceDetachBacking(_) => CommandType::ResourceDetachBacking,
            Self::GetCapsetInfo(_) => CommandType::GetCapsetInfo,
            Self::GetCapset(_) => CommandType::GetCapset,
            Self::GetEdid(_) => CommandType::GetEdid,
            Self::ResourceAssignUuid(_) => CommandType::ResourceAssignUuid,
            Self::ResourceCreateBlob(_) => CommandType::ResourceCreateBlob,
            Self::SetScanoutBlob(_) => CommandType::SetScanoutBlob,
            Self::CtxCreate(_) => CommandType::CtxCreate,
            Self::CtxDestroy => CommandType::CtxDestroy,
            Self::CtxAttachResource(_) => CommandType::CtxAttachResource,
            Self::CtxDetachResource(_) => CommandType::CtxDetachResource,
            Self::ResourceCreate3d(_) => CommandType::ResourceCreate3d,
            Self::TransferToHost3d(_) => CommandType::TransferToHost3d,
            Self::TransferFromHost3d(_) => CommandType::TransferFromHost3d,
            Self::Submit3d(_) => CommandType::Submit3d,
            Self::ResourceMapBlob(_) => CommandType::ResourceMapBlob,
            Self::ResourceUnmapBlob(_) => CommandType::ResourceUnmapBlob,
            Self::UpdateCursor(_) => CommandType::UpdateCursor,
            Self::MoveCursor(_) => CommandType::MoveCursor,
        }
    }

    /// Reads what is behind the header, up to the tail.
    fn parse_fixed(
        command: CommandType,
        reader: &mut Reader<'_>,
        features: Features,
    ) -> Result<(Command<'static>, Tail), Fault> {
        let mut tail = Tail::Nothing;
        let command = match command {
            CommandType::GetDisplayInfo => Command::GetDisplayInfo,
            CommandType::ResourceCreate2d => Command::ResourceCreate2d(Wire::parse(reader)?),
            CommandType::ResourceUnref => Command::ResourceUnref(Wire::parse(reader)?),
            CommandType::SetScanout => Command::SetScanout(Wire::parse(reader)?),
            CommandType::ResourceFlush => Command::ResourceFlush(Wire::parse(reader)?),
            CommandType::TransferToHost2d => Command::TransferToHost2d(Wire::parse(reader)?),
            CommandType::ResourceAttachBacking => {
                let (fixed, count) = ResourceAttachBacking::parse(reader)?;
                tail = Tail::Entries(count);
                Command::ResourceAttachBacking(fixed)
            }
            CommandType::ResourceDetachBacking => {
                Command::ResourceDetachBacking(Wire::parse(reader)?)
            }
            CommandType::GetCapsetInfo => Command::GetCapsetInfo(Wire::parse(reader)?),
            CommandType::GetCapset => Command::GetCapset(Wire::parse(reader)?),
            CommandType::GetEdid => Command::GetEdid(Wire::parse(reader)?),
            CommandType::ResourceAssignUuid => Command::ResourceAssignUuid(Wire::parse(reader)?),
            CommandType::ResourceCreateBlob => {
                let (fixed, count) = ResourceCreateBlob::parse(reader)?;
                tail = Tail::Entries(count);
                Command::ResourceCreateBlob(fixed)
            }
            CommandType::SetScanoutBlob => Command::SetScanoutBlob(Wire::parse(reader)?),
            CommandType::CtxCreate => Command::CtxCreate(CtxCreate::parse(reader, features)?),
            CommandType::CtxDestroy => Command::CtxDestroy,
            CommandType::CtxAttachResource => Command::CtxAttachResource(Wire::parse(reader)?),
            CommandType::CtxDetachResource => Command::CtxDetachResource(Wire::parse(reader)?),
            CommandType::ResourceCreate3d => Command::ResourceCreate3d(Wire::parse(reader)?),
            CommandType::TransferToHost3d => Command::TransferToHost3d(Wire::parse(reader)?),
            CommandType::TransferFromHost3d => Command::TransferFromHost3d(Wire::parse(reader)?),
            CommandType::Submit3d => {
                let (fixed, count) = Submit3d::parse(reader)?;
                tail = Tail::Stream(count);
                Command::Submit3d(fixed)
            }
            CommandType::ResourceMapBlob => Command::ResourceMapBlob(Wire::parse(reader)?),
            CommandType::ResourceUnmapBlob => Command::ResourceUnmapBlob(Wire::parse(reader)?),
            CommandType::UpdateCursor => Command::UpdateCursor(Wire::parse(reader)?),
            CommandType::MoveCursor => Command::MoveCursor(Wire::parse(reader)?),
        };
        Ok((command, tail))
    }

    /// Puts a tail of the right length behind the fixed part.
    fn with_tail(self, tail: &'a [u8]) -> Result<Self, Fault> {
        Ok(match self {
            Self::ResourceAttachBacking(fixed) => {
                Self::ResourceAttachBacking(ResourceAttachBacking {
                    entries: parse_list(tail)?,
                    ..fixed
                })
            }
            Self::ResourceCreateBlob(fixed) => Self::ResourceCreateBlob(ResourceCreateBlob {
                entries: parse_list(tail)?,
                ..fixed
            }),
            Self::Submit3d(_) => Self::Submit3d(Submit3d {
                commands: Guest::new(tail),
            }),
            other => other,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::GetDisplayInfo | Self::CtxDestroy => {}
            Self::ResourceCreate2d(fields) => fields.encode(writer),
            Self::ResourceUnref(fields) => fields.encode(writer),
            Self::SetScanout(fields) => fields.encode(writer),
            Self::ResourceFlush(fields) => fields.encode(writer),
            Self::TransferToHost2d(fields) => fields.encode(writer),
            Self::ResourceAttachBacking(fields) => fields.encode(writer),
            Self::ResourceDetachBacking(fields) => fields.encode(writer),
            Self::GetCapsetInfo(fields) => fields.encode(writer),
            Self::GetCapset(fields) => fields.encode(writer),
            Self::GetEdid(fields) => fields.encode(writer),
            Self::ResourceAssignUuid(fields) => fields.encode(writer),
            Self::ResourceCreateBlob(fields) => fields.encode(writer),
            Self::SetScanoutBlob(fields) => fields.encode(writer),
            Self::CtxCreate(fields) => fields.encode(writer),
            Self::CtxAttachResource(fields) => fields.encode(writer),
            Self::CtxDetachResource(fields) => fields.encode(writer),
            Self::ResourceCreate3d(fields) => fields.encode(writer),
            Self::TransferToHost3d(fields) => fields.encode(writer),
            Self::TransferFromHost3d(fields) => fields.encode(writer),
            Self::Submit3d(fields) => fields.encode(writer),
            Self::ResourceMapBlob(fields) => fields.encode(writer),
            Self::ResourceUnmapBlob(fields) => fields.encode(writer),
            Self::UpdateCursor(fields) => fields.encode(writer),
            Self::MoveCursor(fields) => fields.encode(writer),
        }
    }
}
