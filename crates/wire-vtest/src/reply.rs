use wire::{ParseError, Reader, Writer};

use crate::drm_sync::count;
use crate::extent::{HEADER_SIZE, WORD};
use crate::{Command, Extent, Request, ResourceHandle, SyncId, SyncobjHandle, Version};

/// What the server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// To `GET_CAPS`: empty if virgl is not offered.
    Caps(&'a [u8]),
    /// To `GET_CAPS2`.
    Caps2(&'a [u8]),
    /// To a request that creates a resource, from version 3 on. The fd of its memory
    /// follows, except to `RESOURCE_CREATE` and without shared memory.
    Resource {
        /// The request's command.
        command: Command,
        /// The new resource.
        resource: ResourceHandle,
        /// Whether the fd follows.
        has_fd: bool,
    },
    /// To `RESOURCE_CREATE2` in version 2: no bytes, only the fd of its memory.
    ResourceMemory,
    /// To `TRANSFER_GET`: the pixels, with no header.
    TransferData(&'a [u8]),
    /// To `RESOURCE_BUSY_WAIT`.
    Busy(bool),
    /// To `PING_PROTOCOL_VERSION`.
    Ping,
    /// To `PROTOCOL_VERSION`: what is spoken from now on.
    ProtocolVersion(Version),
    /// To `GET_PARAM`: the value, if the server knows the property.
    Param(Option<u32>),
    /// To `GET_CAPSET`: whole words, if it is offered.
    Capset(Option<&'a [u8]>),
    /// To `SYNC_CREATE`.
    SyncCreated(SyncId),
    /// To `SYNC_READ`.
    SyncValue(u64),
    /// To `SYNC_WAIT`; the fd to poll follows.
    SyncWait,
    /// To `DRM_SYNC_CREATE`.
    DrmSyncCreated(SyncobjHandle),
    /// To `DRM_SYNC_FD_TO_HANDLE`; the reference server labels it `DRM_SYNC_HANDLE_TO_FD`,
    /// and Mesa insists.
    DrmSyncHandle(SyncobjHandle),
    /// To `DRM_SYNC_HANDLE_TO_FD`; the fd follows.
    DrmSyncFd,
    /// To `DRM_SYNC_EXPORT_SYNC_FILE`; the fd follows.
    DrmSyncFile,
    /// To `DRM_SYNC_WAIT` and `DRM_SYNC_TIMELINE_WAIT`, both labelled as the first: the fd
    /// that tells the result follows.
    DrmSyncWaitFd,
    /// To the same two: the result.
    DrmSyncWaited {
        /// Which of the syncobjs was first.
        first_signaled: u32,
        /// 0, or a negated errno.
        status: i32,
    },
    /// To `DRM_SYNC_QUERY`; the length word does not count them.
    DrmSyncPoints(Vec<u64>),
    /// To `RESOURCE_EXPORT_FD`; the fd follows.
    ResourceFd,
}

impl<'a> Reply<'a> {
    /// Whether the server sends an fd right behind the bytes.
    pub const fn carries_fd(&self) -> bool {
        match self {
            Self::Resource { has_fd, .. } => *has_fd,
            Self::ResourceMemory
            | Self::SyncWait
            | Self::DrmSyncFd
            | Self::DrmSyncFile
            | Self::DrmSyncWaitFd
            | Self::ResourceFd => true,
            _ => false,
        }
    }

    /// Appends the reply's bytes.
    pub fn encode(&self, writer: &mut Writer) {
        use Command as C;
        match self {
            Self::Caps(capset) => encode_caps(writer, 1, capset),
            Self::Caps2(capset) => encode_caps(writer, 2, capset),
            Self::Resource {
                command, resource, ..
            } => {
                header(writer, 1, *command).u32(resource.0);
            }
            Self::ResourceMemory => {}
            Self::TransferData(data) => {
                writer.bytes(data);
            }
            Self::Busy(busy) => {
                header(writer, 1, C::ResourceBusyWait).u32(u32::from(*busy));
            }
            Self::Ping => {
                header(writer, 0, C::PingProtocolVersion);
            }
            Self::ProtocolVersion(version) => {
                header(writer, 1, C::ProtocolVersion).u32(version.number());
            }
            Self::Param(value) => {
                header(writer, 2, C::GetParam)
                    .u32(u32::from(value.is_some()))
                    .u32(value.unwrap_or(0));
            }
            Self::Capset(capset) => encode_capset(writer, *capset),
            Self::SyncCreated(sync) => {
                header(writer, 1, C::SyncCreate).u32(sync.0);
            }
            Self::SyncValue(value) => {
                header(writer, 2, C::SyncRead).u64(*value);
            }
            Self::SyncWait => {
                header(writer, 0, C::SyncWait);
            }
            Self::ResourceFd => {
                header(writer, 0, C::ResourceExportFd);
            }
            drm_sync => drm_sync.encode_drm_sync(writer),
        }
    }

    fn encode_drm_sync(&self, writer: &mut Writer) {
        use Command as C;
        match self {
            Self::DrmSyncCreated(handle) => {
                header(writer, 1, C::DrmSyncCreate).u32(handle.0);
            }
            Self::DrmSyncHandle(handle) => {
                header(writer, 1, C::DrmSyncHandleToFd).u32(handle.0);
            }
            Self::DrmSyncFd => {
                header(writer, 0, C::DrmSyncHandleToFd);
            }
            Self::DrmSyncFile => {
                header(writer, 0, C::DrmSyncExportSyncFile);
            }
            Self::DrmSyncWaitFd => {
                header(writer, 0, C::DrmSyncWait);
            }
            Self::DrmSyncWaited {
                first_signaled,
                status,
            } => {
                header(writer, 2, C::DrmSyncWait)
                    .u32(*first_signaled)
                    .i32(*status);
            }
            Self::DrmSyncPoints(points) => {
                header(writer, 0, C::DrmSyncQuery);
                for point in points {
                    writer.u64(*point);
                }
            }
            _ => {}
        }
    }

    /// How far the reply to `request` reaches at the start of `bytes`; `None` if the server
    /// does not answer such a request.
    pub fn extent(
        request: &Request<'_>,
        version: Version,
        bytes: &[u8],
    ) -> Result<Option<Extent>, ParseError> {
        let Some(shape) = Shape::of(request, version) else {
            return Ok(None);
        };
        let end = match shape {
            Shape::Data(size) => size,
            _ if bytes.len() < HEADER_SIZE => return Ok(Some(Extent::Needs(HEADER_SIZE))),
            _ => HEADER_SIZE.saturating_add(shape.body_size(Reader::new(bytes).u32()?)),
        };
        Ok(Some(match bytes.len() < end {
            true => Extent::Needs(end),
            false => Extent::Complete(end),
        }))
    }

    /// Parses the whole reply to `request`, as long as [`Reply::extent`] said.
    pub fn parse(
        request: &Request<'_>,
        version: Version,
        message: &'a [u8],
    ) -> Result<Self, ParseError> {
        let mut reader = Reader::new(message);
        match request {
            Request::TransferGet(_) => return Ok(Self::TransferData(message)),
            Request::ResourceCreate2(..) if version < Version::V3 => {
                reader.finish()?;
                return Ok(Self::ResourceMemory);
            }
            _ => {}
        }
        let length = reader.u32()?;
        let label = reader.u32()?;
        if label != label_of(request) {
            return Err(ParseError::BadValue {
                what: "reply's command number",
                value: label.into(),
            });
        }
        let reply = Self::parse_body(request, length, &mut reader)?;
        reader.finish()?;
        Ok(reply)
    }

    fn parse_body(
        request: &Request<'_>,
        length: u32,
        r: &mut Reader<'a>,
    ) -> Result<Self, ParseError> {
        Ok(match request {
            Request::GetCaps => Self::Caps(r.bytes(r.remaining())?),
            Request::GetCaps2 => Self::Caps2(r.bytes(r.remaining())?),
            Request::ResourceCreate(_)
            | Request::ResourceCreate2(..)
            | Request::ResourceCreateBlob(_) => Self::Resource {
                command: request.command(),
                resource: ResourceHandle(r.u32()?),
                has_fd: match request {
                    Request::ResourceCreate(_) => false,
                    Request::ResourceCreate2(_, data_size) => *data_size != 0,
                    _ => true,
                },
            },
            Request::ResourceBusyWait(..) => Self::Busy(r.u32()? != 0),
            Request::PingProtocolVersion => Self::Ping,
            Request::ProtocolVersion(_) => Self::ProtocolVersion(Version::negotiate(r.u32()?)),
            Request::GetParam(_) => {
                let valid = r.u32()? != 0;
                let value = r.u32()?;
                Self::Param(valid.then_some(value))
            }
            Request::GetCapset { .. } => {
                let valid = r.u32()? != 0;
                let capset = r.bytes(r.remaining())?;
                Self::Capset(valid.then_some(capset))
            }
            Request::SyncCreate(_) => Self::SyncCreated(SyncId(r.u32()?)),
            Request::SyncRead(_) => Self::SyncValue(r.u64()?),
            Request::SyncWait(_) => Self::SyncWait,
            Request::ResourceExportFd(_) => Self::ResourceFd,
            Request::DrmSyncCreate(_) => Self::DrmSyncCreated(SyncobjHandle(r.u32()?)),
            Request::DrmSyncFdToHandle => Self::DrmSyncHandle(SyncobjHandle(r.u32()?)),
            Request::DrmSyncHandleToFd(_) => Self::DrmSyncFd,
            Request::DrmSyncExportSyncFile(_) => Self::DrmSyncFile,
            Request::DrmSyncWait(_) | Request::DrmSyncTimelineWait(_) if length == 0 => {
                Self::DrmSyncWaitFd
            }
            Request::DrmSyncWait(_) | Request::DrmSyncTimelineWait(_) => Self::DrmSyncWaited {
                first_signaled: r.u32()?,
                status: r.i32()?,
            },
            Request::DrmSyncQuery(_, handles) => {
                Self::DrmSyncPoints(handles.iter().map(|_| r.u64()).collect::<Result<_, _>>()?)
            }
            unanswered => {
                return Err(ParseError::BadValue {
                    what: "reply to a command without replies",
                    value: unanswered.command().number().into(),
                });
            }
        })
    }
}

/// How a reply's length is told.
enum Shape {
    /// Words, as the length word says.
    Words,
    /// Bytes, one less than the length word says.
    CapsBytes,
    /// A header, and so many bytes that the length word does not count.
    Uncounted(usize),
    /// No header, so many bytes.
    Data(usize),
}

impl Shape {
    fn of(request: &Request<'_>, version: Version) -> Option<Self> {
        use Command as C;
        Some(match request {
            Request::GetCaps | Request::GetCaps2 => Self::CapsBytes,
            Request::TransferGet(transfer) => Self::Data(transfer.data_size as usize),
            Request::DrmSyncQuery(_, handles) => Self::Uncounted(handles.len().saturating_mul(8)),
            Request::ResourceCreate2(_, data_size) if version < Version::V3 && *data_size != 0 => {
                Self::Data(0)
            }
            Request::ResourceCreate(_) | Request::ResourceCreate2(..) if version < Version::V3 => {
                return None;
            }
            _ => match request.command() {
                C::ResourceUnref
                | C::TransferPut
                | C::SubmitCmd
                | C::CreateRenderer
                | C::TransferGet2
                | C::TransferPut2
                | C::ContextInit
                | C::SyncUnref
                | C::SyncWrite
                | C::SubmitCmd2
                | C::DrmSyncDestroy
                | C::DrmSyncImportSyncFile
                | C::DrmSyncReset
                | C::DrmSyncSignal
                | C::DrmSyncTimelineSignal
                | C::DrmSyncTransfer => return None,
                _ => Self::Words,
            },
        })
    }

    fn body_size(&self, length: u32) -> usize {
        match self {
            Self::Words => (length as usize).saturating_mul(WORD),
            Self::CapsBytes => (length as usize).saturating_sub(1),
            Self::Uncounted(size) | Self::Data(size) => *size,
        }
    }
}

/// The command number in the reply's header.
fn label_of(request: &Request<'_>) -> u32 {
    match request {
        Request::GetCaps2 => 2,
        Request::DrmSyncFdToHandle => Command::DrmSyncHandleToFd.number(),
        Request::DrmSyncTimelineWait(_) => Command::DrmSyncWait.number(),
        _ => request.command().number(),
    }
}

/// The length word counts bytes, plus one; the number is the capset's, not the command's.
fn encode_caps(writer: &mut Writer, capset_id: u32, capset: &[u8]) {
    writer
        .u32(count(capset).saturating_add(1))
        .u32(capset_id)
        .bytes(capset);
}

fn encode_capset(writer: &mut Writer, capset: Option<&[u8]>) {
    let bytes = capset.unwrap_or_default();
    let words = u32::try_from(bytes.len().div_ceil(WORD)).unwrap_or(u32::MAX);
    header(writer, words.saturating_add(1), Command::GetCapset)
        .u32(u32::from(capset.is_some()))
        .bytes(bytes)
        .zeros(bytes.len().wrapping_neg() % WORD);
}

fn header(writer: &mut Writer, length: u32, command: Command) -> &mut Writer {
    writer.u32(length).u32(command.number())
}
