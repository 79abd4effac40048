use wire::{Guest, ParseError, Reader, Writer};

use crate::drm_sync::{
    DrmSyncTransfer, DrmSyncWait, SyncobjHandle, SyncobjPoint, count, encode_points, parse_handles,
    parse_points,
};
use crate::extent::{self, Extent, HEADER_SIZE, Header, WORD};
use crate::{
    BusyWaitFlags, Command, ResourceCreate, ResourceCreateBlob, ResourceHandle, SubmitCmd2, SyncId,
    SyncPoint, SyncWait, Transfer, Transfer2, Version,
};

/// What a client asks of the server. One variant a [`Command`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// The virgl capset, first layout.
    GetCaps,
    /// A virgl resource.
    ResourceCreate(ResourceCreate),
    /// The end of a resource.
    ResourceUnref(ResourceHandle),
    /// Pixels out of a resource, through the socket.
    TransferGet(Transfer),
    /// Pixels into a resource, through the socket.
    TransferPut(Transfer, &'a [u8]),
    /// A virgl command stream.
    SubmitCmd(&'a [u8]),
    /// Whether a resource is in use.
    ResourceBusyWait(ResourceHandle, BusyWaitFlags),
    /// The first request of every client, with its name, which ends in a zero byte.
    CreateRenderer(Guest<&'a [u8]>),
    /// The virgl capset, longer layout.
    GetCaps2,
    /// Whether the server knows about versions at all.
    PingProtocolVersion,
    /// The newest version that the client speaks.
    ProtocolVersion(u32),
    /// A virgl resource with shared memory of so many bytes.
    ResourceCreate2(ResourceCreate, u32),
    /// Pixels out of a resource, through shared memory.
    TransferGet2(Transfer2),
    /// Pixels into a resource, through shared memory.
    TransferPut2(Transfer2),
    /// A property of the server.
    GetParam(Param),
    /// A capset, by id and version.
    GetCapset {
        /// `VIRTGPU_DRM_CAPSET_*` in `drm/virtgpu_drm.h`.
        id: u32,
        /// The layout's version.
        version: u32,
    },
    /// The kind of context, by capset id.
    ContextInit(u32),
    /// A blob resource.
    ResourceCreateBlob(ResourceCreateBlob),
    /// A timeline sync with its first value.
    SyncCreate(u64),
    /// The end of a sync.
    SyncUnref(SyncId),
    /// A sync's value.
    SyncRead(SyncId),
    /// A sync's new value.
    SyncWrite(SyncPoint),
    /// An fd that becomes readable when syncs reach values.
    SyncWait(SyncWait),
    /// Command streams with syncs.
    SubmitCmd2(SubmitCmd2<'a>),
    /// A syncobj, with the flags of `DRM_IOCTL_SYNCOBJ_CREATE`.
    DrmSyncCreate(u32),
    /// The end of a syncobj.
    DrmSyncDestroy(SyncobjHandle),
    /// An fd of a syncobj.
    DrmSyncHandleToFd(SyncobjHandle),
    /// A syncobj of an fd, which comes with the message.
    DrmSyncFdToHandle,
    /// A sync-file's fence into a syncobj; the fd comes with the message.
    DrmSyncImportSyncFile(SyncobjHandle),
    /// A sync-file of a syncobj's fence.
    DrmSyncExportSyncFile(SyncobjHandle),
    /// A wait for binary syncobjs.
    DrmSyncWait(DrmSyncWait),
    /// Syncobjs without a fence.
    DrmSyncReset(Vec<SyncobjHandle>),
    /// Syncobjs with a signalled fence.
    DrmSyncSignal(Vec<SyncobjHandle>),
    /// Timelines moved forward.
    DrmSyncTimelineSignal(Vec<SyncobjPoint>),
    /// A wait for points on timelines.
    DrmSyncTimelineWait(DrmSyncWait),
    /// The points that timelines have reached, with `DRM_SYNCOBJ_QUERY_FLAGS_*`.
    DrmSyncQuery(u32, Vec<SyncobjHandle>),
    /// A fence copied from point to point.
    DrmSyncTransfer(DrmSyncTransfer),
    /// An fd of a resource's memory.
    ResourceExportFd(ResourceHandle),
}

/// A property of the server (`enum vcmd_param`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Param {
    /// How many timelines a context has.
    MaxTimelineCount,
    /// Whether timeline syncobjs work; no answer at all if no syncobjs do.
    HasTimelineSyncobj,
    /// One that this version does not know; the answer is that there is none.
    Unknown(u32),
}

impl Param {
    const fn from_number(number: u32) -> Self {
        match number {
            1 => Self::MaxTimelineCount,
            2 => Self::HasTimelineSyncobj,
            _ => Self::Unknown(number),
        }
    }

    const fn number(self) -> u32 {
        match self {
            Self::MaxTimelineCount => 1,
            Self::HasTimelineSyncobj => 2,
            Self::Unknown(number) => number,
        }
    }
}

impl<'a> Request<'a> {
    /// How far the request at the start of `bytes` reaches.
    ///
    /// What is wrong shows as early as possible: a bad header before its body has arrived.
    pub fn extent(bytes: &[u8], version: Version) -> Result<Extent, ParseError> {
        extent::request(bytes, version)
    }

    /// Parses one whole message, as long as [`Request::extent`] said.
    pub fn parse(message: &'a [u8], version: Version) -> Result<Self, ParseError> {
        let header = Header::parse(message, version)?;
        let mut reader = Reader::new(message);
        reader.skip(HEADER_SIZE)?;
        let request = Self::parse_body(header, &mut reader, version)?;
        reader.finish()?;
        Ok(request)
    }

    fn parse_body(
        header: Header,
        r: &mut Reader<'a>,
        version: Version,
    ) -> Result<Self, ParseError> {
        use Command as C;
        let body_size = header.body_size()?;
        Ok(match header.command {
            C::GetCaps => Self::GetCaps,
            C::ResourceCreate => Self::ResourceCreate(ResourceCreate::parse(r)?),
            C::ResourceUnref => Self::ResourceUnref(ResourceHandle(r.u32()?)),
            C::TransferGet => Self::TransferGet(Transfer::parse(r)?),
            C::TransferPut => {
                let transfer = Transfer::parse(r)?;
                let data = r.bytes(transfer.data_size as usize)?;
                Self::TransferPut(transfer, data)
            }
            C::SubmitCmd => Self::SubmitCmd(r.bytes(body_size)?),
            C::ResourceBusyWait => {
                Self::ResourceBusyWait(ResourceHandle(r.u32()?), parse_busy_wait_flags(r)?)
            }
            C::CreateRenderer => Self::CreateRenderer(Guest::new(r.bytes(body_size)?)),
            C::GetCaps2 => Self::GetCaps2,
            C::PingProtocolVersion => Self::PingProtocolVersion,
            C::ProtocolVersion => Self::ProtocolVersion(r.u32()?),
            C::ResourceCreate2 => Self::ResourceCreate2(ResourceCreate::parse(r)?, r.u32()?),
            C::TransferGet2 => Self::TransferGet2(Transfer2::parse(r)?),
            C::TransferPut2 => Self::TransferPut2(Transfer2::parse(r)?),
            C::GetParam => Self::GetParam(Param::from_number(r.u32()?)),
            C::GetCapset => Self::GetCapset {
                id: r.u32()?,
                version: r.u32()?,
            },
            C::ContextInit => Self::ContextInit(r.u32()?),
            C::ResourceCreateBlob => Self::ResourceCreateBlob(ResourceCreateBlob::parse(r)?),
            C::SyncCreate => Self::SyncCreate(r.u64()?),
            C::SyncUnref => Self::SyncUnref(SyncId(r.u32()?)),
            C::SyncRead => Self::SyncRead(SyncId(r.u32()?)),
            C::SyncWrite => Self::SyncWrite(SyncPoint::parse(r)?),
            C::SyncWait => Self::SyncWait(SyncWait::parse(r.bytes(body_size)?)?),
            C::SubmitCmd2 => Self::SubmitCmd2(SubmitCmd2::parse(r, body_size, version)?),
            C::ResourceExportFd => Self::ResourceExportFd(ResourceHandle(r.u32()?)),
            command => Self::parse_drm_sync(command, r)?,
        })
    }

    fn parse_drm_sync(command: Command, r: &mut Reader<'a>) -> Result<Self, ParseError> {
        use Command as C;
        Ok(match command {
            C::DrmSyncCreate => Self::DrmSyncCreate(r.u32()?),
            C::DrmSyncDestroy => Self::DrmSyncDestroy(SyncobjHandle(r.u32()?)),
            C::DrmSyncHandleToFd => Self::DrmSyncHandleToFd(SyncobjHandle(r.u32()?)),
            C::DrmSyncFdToHandle => {
                r.skip(1)?;
                Self::DrmSyncFdToHandle
            }
            C::DrmSyncImportSyncFile => {
                let handle = SyncobjHandle(r.u32()?);
                r.skip(1)?;
                Self::DrmSyncImportSyncFile(handle)
            }
            C::DrmSyncExportSyncFile => Self::DrmSyncExportSyncFile(SyncobjHandle(r.u32()?)),
            C::DrmSyncWait => Self::DrmSyncWait(DrmSyncWait::parse(r, false)?),
            C::DrmSyncReset => Self::DrmSyncReset(parse_handle_list(r)?),
            C::DrmSyncSignal => Self::DrmSyncSignal(parse_handle_list(r)?),
            C::DrmSyncTimelineSignal => {
                let count = r.u32()?;
                Self::DrmSyncTimelineSignal(parse_points(r, count)?)
            }
            C::DrmSyncTimelineWait => Self::DrmSyncTimelineWait(DrmSyncWait::parse(r, true)?),
            C::DrmSyncQuery => {
                let count = r.u32()?;
                let flags = r.u32()?;
                Self::DrmSyncQuery(flags, parse_handles(r, count)?.collect())
            }
            C::DrmSyncTransfer => Self::DrmSyncTransfer(DrmSyncTransfer::parse(r)?),
            other => {
                return Err(ParseError::BadValue {
                    what: "command number",
                    value: other.number().into(),
                });
            }
        })
    }

    /// Appends the message as a client of `version` sends it.
    pub fn encode(&self, writer: &mut Writer, version: Version) {
        let mut body = Writer::new();
        self.encode_body(&mut body, version);
        Header {
            length: self.length_word(&body, version),
            command: self.command(),
        }
        .encode(writer);
        writer.bytes(body.as_bytes());
    }

    /// What the length word is, with Mesa's irregularities.
    fn length_word(&self, body: &Writer, version: Version) -> u32 {
        let words = |bytes: usize| u32::try_from(bytes / WORD).unwrap_or(u32::MAX);
        match self {
            Self::CreateRenderer(name) => count(name.as_inner()),
            Self::TransferPut(transfer, _) => 11u32.saturating_add(transfer.data_size.div_ceil(4)),
            Self::TransferPut2(transfer) => 10u32.saturating_add(transfer.data_size.div_ceil(4)),
            Self::SubmitCmd2(submit) => words(submit.body_words(version).saturating_mul(WORD)),
            Self::DrmSyncFdToHandle => 0,
            Self::DrmSyncImportSyncFile(_)
            | Self::DrmSyncReset(_)
            | Self::DrmSyncSignal(_)
            | Self::DrmSyncTimelineSignal(_) => 1,
            Self::DrmSyncQuery(..) => 2,
            Self::DrmSyncWait(_) | Self::DrmSyncTimelineWait(_) => 4,
            _ => words(body.len()),
        }
    }

    fn encode_body(&self, w: &mut Writer, version: Version) {
        match self {
            Self::GetCaps | Self::GetCaps2 | Self::PingProtocolVersion => {}
            Self::ResourceCreate(create) => create.encode(w),
            Self::ResourceUnref(resource) | Self::ResourceExportFd(resource) => {
                w.u32(resource.0);
            }
            Self::TransferGet(transfer) => transfer.encode(w),
            Self::TransferPut(transfer, data) => {
                transfer.encode(w);
                w.bytes(data);
            }
            Self::SubmitCmd(commands) => {
                w.bytes(commands);
            }
            Self::ResourceBusyWait(resource, flags) => {
                w.u32(resource.0).u32(flags.bits());
            }
            Self::CreateRenderer(name) => {
                w.bytes(name.as_inner());
            }
            Self::ProtocolVersion(number) | Self::ContextInit(number) => {
                w.u32(*number);
            }
            Self::ResourceCreate2(create, data_size) => {
                create.encode(w);
                w.u32(*data_size);
            }
            Self::TransferGet2(transfer) | Self::TransferPut2(transfer) => transfer.encode(w),
            Self::GetParam(param) => {
                w.u32(param.number());
            }
            Self::GetCapset { id, version } => {
                w.u32(*id).u32(*version);
            }
            Self::ResourceCreateBlob(create) => create.encode(w),
            Self::SyncCreate(value) => {
                w.u64(*value);
            }
            Self::SyncUnref(sync) | Self::SyncRead(sync) => {
                w.u32(sync.0);
            }
            Self::SyncWrite(point) => point.encode(w),
            Self::SyncWait(wait) => wait.encode(w),
            Self::SubmitCmd2(submit) => submit.encode(w, version),
            drm_sync => drm_sync.encode_drm_sync(w),
        }
    }

    fn encode_drm_sync(&self, w: &mut Writer) {
        match self {
            Self::DrmSyncCreate(flags) => {
                w.u32(*flags);
            }
            Self::DrmSyncDestroy(handle)
            | Self::DrmSyncHandleToFd(handle)
            | Self::DrmSyncExportSyncFile(handle) => {
                w.u32(handle.0);
            }
            Self::DrmSyncFdToHandle => {
                w.zeros(1);
            }
            Self::DrmSyncImportSyncFile(handle) => {
                w.u32(handle.0).zeros(1);
            }
            Self::DrmSyncWait(wait) => wait.encode(w, false),
            Self::DrmSyncTimelineWait(wait) => wait.encode(w, true),
            Self::DrmSyncReset(handles) | Self::DrmSyncSignal(handles) => {
                w.u32(count(handles));
                encode_handles(w, handles);
            }
            Self::DrmSyncTimelineSignal(points) => {
                w.u32(count(points));
                encode_points(w, points);
            }
            Self::DrmSyncQuery(flags, handles) => {
                w.u32(count(handles)).u32(*flags);
                encode_handles(w, handles);
            }
            Self::DrmSyncTransfer(transfer) => transfer.encode(w),
            _ => {}
        }
    }

    /// The request's command number.
    pub const fn command(&self) -> Command {
        use Command as C;
        match self {
            Self::GetCaps => C::GetCaps,
            Self::ResourceCreate(_) => C::ResourceCreate,
            Self::ResourceUnref(_) => C::ResourceUnref,
            Self::TransferGet(_) => C::TransferGet,
            Self::TransferPut(..) => C::TransferPut,
            Self::SubmitCmd(_) => C::SubmitCmd,
            Self::ResourceBusyWait(..) => C::ResourceBusyWait,
            Self::CreateRenderer(_) => C::CreateRenderer,
            Self::GetCaps2 => C::GetCaps2,
            Self::PingProtocolVersion => C::PingProtocolVersion,
            Self::ProtocolVersion(_) => C::ProtocolVersion,
            Self::ResourceCreate2(..) => C::ResourceCreate2,
            Self::TransferGet2(_) => C::TransferGet2,
            Self::TransferPut2(_) => C::TransferPut2,
            Self::GetParam(_) => C::GetParam,
            Self::GetCapset { .. } => C::GetCapset,
            Self::ContextInit(_) => C::ContextInit,
            Self::ResourceCreateBlob(_) => C::ResourceCreateBlob,
            Self::SyncCreate(_) => C::SyncCreate,
            Self::SyncUnref(_) => C::SyncUnref,
            Self::SyncRead(_) => C::SyncRead,
            Self::SyncWrite(_) => C::SyncWrite,
            Self::SyncWait(_) => C::SyncWait,
            Self::SubmitCmd2(_) => C::SubmitCmd2,
            Self::DrmSyncCreate(_) => C::DrmSyncCreate,
            Self::DrmSyncDestroy(_) => C::DrmSyncDestroy,
            Self::DrmSyncHandleToFd(_) => C::DrmSyncHandleToFd,
            Self::DrmSyncFdToHandle => C::DrmSyncFdToHandle,
            Self::DrmSyncImportSyncFile(_) => C::DrmSyncImportSyncFile,
            Self::DrmSyncExportSyncFile(_) => C::DrmSyncExportSyncFile,
            Self::DrmSyncWait(_) => C::DrmSyncWait,
            Self::DrmSyncReset(_) => C::DrmSyncReset,
            Self::DrmSyncSignal(_) => C::DrmSyncSignal,
            Self::DrmSyncTimelineSignal(_) => C::DrmSyncTimelineSignal,
            Self::DrmSyncTimelineWait(_) => C::DrmSyncTimelineWait,
            Self::DrmSyncQuery(..) => C::DrmSyncQuery,
            Self::DrmSyncTransfer(_) => C::DrmSyncTransfer,
            Self::ResourceExportFd(_) => C::ResourceExportFd,
        }
    }
}

fn parse_busy_wait_flags(reader: &mut Reader<'_>) -> Result<BusyWaitFlags, ParseError> {
    let flags = reader.u32()?;
    BusyWaitFlags::from_bits(flags).ok_or(ParseError::BadValue {
        what: "busy wait flags",
        value: flags.into(),
    })
}

/// A count, then that many handles.
fn parse_handle_list(reader: &mut Reader<'_>) -> Result<Vec<SyncobjHandle>, ParseError> {
    let count = reader.u32()?;
    Ok(parse_handles(reader, count)?.collect())
}

fn encode_handles(writer: &mut Writer, handles: &[SyncobjHandle]) {
    for handle in handles {
        writer.u32(handle.0);
    }
}
