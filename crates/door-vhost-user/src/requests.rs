//! Requests become the device's verbs, and what comes of them responses.

use context::{
    BlobFlags, BlobId, BlobMem, BlobRequest, Box3d, CapsetId, ContextId, MapCaching, ResourceId,
    ResourceRequest, RingIdx, Transfer,
};
use device::{Blame, BlobImage, Error, HotSpot, Position, Rect, Timeline};
use wire_virtio_gpu as wire;
use wire_virtio_gpu::{DisplayInfo, DisplayOne, EdidBlob, ErrorCode, Header, Response};

use crate::memory::NoMemory;

/// Why a request is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The device says so.
    #[error(transparent)]
    Device(#[from] Error),
    /// The guest named memory that it does not have.
    #[error(transparent)]
    NoMemory(#[from] NoMemory),
    /// The front end does not map it.
    #[error(transparent)]
    Channel(#[from] crate::channel::ChannelError),
    /// The guest named a screen that it was not told of.
    #[error("no scanout {0}")]
    NoScanout(u32),
    /// The guest asked for a capset that it was not told of.
    #[error("no such capset")]
    NoCapset,
    /// The guest wants the context's memory, and names no context.
    #[error("memory of no context")]
    NoContext,
    /// The guest wants a context of the usual kind, which is virgl's, and there is none.
    #[error("a context of no kind")]
    NoKind,
    /// Paravane itself is wrong.
    #[error("bug in Paravane: {0}")]
    Bug(&'static str),
}

impl Refusal {
    /// What the guest is told.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Device(error) => code_of(error.blame()),
            Self::NoMemory(_) | Self::NoCapset => ErrorCode::InvalidParameter,
            Self::NoScanout(_) => ErrorCode::InvalidScanoutId,
            Self::NoContext => ErrorCode::InvalidContextId,
            Self::Channel(_) | Self::NoKind | Self::Bug(_) => ErrorCode::Unspec,
        }
    }

    /// Whether the guest is to blame, rather than the host or Paravane.
    pub(crate) fn is_guest_fault(&self) -> bool {
        match self {
            Self::Device(error) => error.is_guest_fault(),
            Self::Channel(_) | Self::Bug(_) => false,
            _ => true,
        }
    }

    /// Whether Paravane is to blame.
    pub(crate) fn is_bug(&self) -> bool {
        match self {
            Self::Bug(_) | Self::Device(Error::Bug(_)) => true,
            Self::Device(Error::Renderer(error)) => matches!(error, context::Error::Bug(_)),
            _ => false,
        }
    }
}

fn code_of(blame: Blame) -> ErrorCode {
    match blame {
        Blame::Unspecified => ErrorCode::Unspec,
        Blame::OutOfMemory => ErrorCode::OutOfMemory,
        Blame::Scanout => ErrorCode::InvalidScanoutId,
        Blame::Resource => ErrorCode::InvalidResourceId,
        Blame::Context => ErrorCode::InvalidContextId,
        Blame::Parameter => ErrorCode::InvalidParameter,
    }
}

pub(crate) fn resource(id: wire::ResourceId) -> ResourceId {
    ResourceId(id.number())
}

pub(crate) fn context(id: wire::ContextId) -> ContextId {
    ContextId(id.number())
}

pub(crate) fn rect(rect: wire::Rect) -> Rect {
    Rect {
        x: rect.x,
        y: rect.y,
        width: rect.width,
        height: rect.height,
    }
}

/// A pointer may stick out of its screen: the numbers' bits are signed.
pub(crate) fn position(position: wire::CursorPosition) -> Position {
    Position {
        x: position.x.cast_signed(),
        y: position.y.cast_signed(),
    }
}

pub(crate) fn hot_spot(update: &wire::UpdateCursor) -> HotSpot {
    HotSpot {
        x: update.hot_x,
        y: update.hot_y,
    }
}

pub(crate) fn resource_request(request: &wire::ResourceCreate3d) -> ResourceRequest {
    ResourceRequest {
        target: request.target,
        format: request.format,
        bind: request.bind,
        width: request.width,
        height: request.height,
        depth: request.depth,
        array_size: request.array_size,
        last_level: request.last_level,
        nr_samples: request.nr_samples,
        flags: request.flags.bits(),
    }
}

pub(crate) fn transfer(transfer: &wire::TransferHost3d) -> Transfer {
    let region = transfer.region;
    Transfer {
        level: transfer.level,
        stride: transfer.stride,
        layer_stride: transfer.layer_stride,
        region: Box3d {
            x: region.x,
            y: region.y,
            z: region.z,
            width: region.w,
            height: region.h,
            depth: region.d,
        },
        offset: transfer.offset,
    }
}

pub(crate) fn blob_request(blob: &wire::ResourceCreateBlob) -> BlobRequest {
    BlobRequest {
        mem: match blob.mem {
            wire::BlobMem::Guest => BlobMem::Guest,
            wire::BlobMem::Host3d => BlobMem::Host3d,
            wire::BlobMem::Host3dGuest => BlobMem::Host3dGuest,
        },
        flags: BlobFlags::from_bits_truncate(blob.flags.bits()),
        id: BlobId(blob.blob_id.0),
        size: blob.size,
    }
}

pub(crate) fn blob_image(image: &wire::BlobImage) -> BlobImage {
    BlobImage {
        width: image.width,
        height: image.height,
        format: image.format.number(),
        strides: image.strides,
        offsets: image.offsets,
    }
}

pub(crate) fn map_cache(caching: MapCaching) -> wire::MapCache {
    match caching {
        MapCaching::Cached => wire::MapCache::Cached,
        MapCaching::Uncached => wire::MapCache::Uncached,
        MapCaching::WriteCombined => wire::MapCache::WriteCombined,
    }
}

pub(crate) fn capset_info(info: context::CapsetInfo) -> wire::CapsetInfo {
    wire::CapsetInfo {
        capset: wire::CapsetId(info.id.0),
        max_version: info.max_version,
        max_size: info.max_size,
    }
}

pub(crate) fn capset(id: wire::CapsetId) -> CapsetId {
    CapsetId(id.0)
}

/// What the screens are: where each stands, and its size; none if it is not plugged in.
pub(crate) fn display_info(screens: &[Option<Rect>]) -> Response {
    let mut info = DisplayInfo::default();
    for (one, screen) in info.scanouts.iter_mut().zip(screens) {
        let Some(screen) = screen else {
            continue;
        };
        *one = DisplayOne {
            rect: wire::Rect {
                x: screen.x,
                y: screen.y,
                width: screen.width,
                height: screen.height,
            },
            enabled: true,
        };
    }
    Response::DisplayInfo(Box::new(info))
}

/// An EDID; none if it is longer than virtio has room for.
pub(crate) fn edid(bytes: Vec<u8>) -> Option<Response> {
    EdidBlob::new(bytes).map(Response::Edid)
}

/// What a request's fence is behind.
pub(crate) fn timeline(header: &Header) -> Timeline {
    match (header.context, header.ring) {
        (Some(ctx), Some(ring)) => Timeline::Ring(context(ctx), RingIdx(u32::from(ring.number()))),
        _ => Timeline::Global,
    }
}
