//! What the bytes of virtio's GPU device mean: requests, responses, configuration; both directions.
//!
//! The protocol is that of virtio 1.4, section "GPU Device" (5.7), and of Linux'
//! `include/uapi/linux/virtio_gpu.h`; everything is little-endian. A request is a [`Header`], the
//! rest of its fixed part, and for three commands a tail whose length the fixed part tells.
//!
//! The driver may scatter a request over descriptors as it likes. So it is read in two steps that
//! copy each byte once: [`Head::parse`] takes the first [`limits::MAX_HEAD`] bytes (or as many as
//! there are), [`Head::tail`] says which bytes of the request the tail is, and
//! [`Head::complete`] takes those. [`Request::parse`] does all of it where a request lies in one
//! piece.
//!
//! Numbers from a closed set are checked, and so are counts, scanouts, rings, and that ids which
//! must name something are not 0. What a resource or a context is, only the device knows. Padding
//! is passed over, and so are flags without a name; both are written as 0.
#![forbid(unsafe_code)]

mod blob;
mod capset;
mod codec;
mod command;
mod config;
mod context;
mod cursor;
mod error;
mod feature;
mod format;
mod geometry;
mod header;
mod ids;
pub mod limits;
mod memory;
mod request;
mod resource;
mod response;
mod scanout;

pub use blob::{
    BlobFlags, BlobMem, MapCache, MapInfo, ResourceCreateBlob, ResourceMapBlob, ResourceUnmapBlob,
};
pub use capset::{CapsetInfo, GetCapset, GetCapsetInfo};
pub use command::{CommandType, ErrorCode, Queue, ResponseType};
pub use config::{Config, Events};
pub use context::{CtxCreate, CtxResource, DebugName, Submit3d};
pub use cursor::{CursorPosition, MoveCursor, UpdateCursor};
pub use error::{Fault, RequestError};
pub use feature::Features;
pub use format::Format;
pub use geometry::{Box3d, Rect};
pub use header::{Fence, HEADER_SIZE, Header};
pub use ids::{BlobId, CapsetId, ContextId, ResourceId, RingIdx, ScanoutId, Uuid};
pub use memory::{MEM_ENTRY_SIZE, MemEntry};
pub use request::{Command, Head, Request};
pub use resource::{
    ResourceAssignUuid, ResourceAttachBacking, ResourceCreate2d, ResourceCreate3d,
    ResourceDetachBacking, ResourceFlags, ResourceFlush, ResourceUnref, TransferHost3d,
    TransferToHost2d,
};
pub use response::Response;
pub use scanout::{
    BlobImage, DisplayInfo, DisplayOne, EdidBlob, GetEdid, SetScanout, SetScanoutBlob,
};

/// The device's number among virtio's (virtio 1.4, 5.7.1).
pub const DEVICE_ID: u32 = 16;

/// The shared memory region that blobs are mapped into (`VIRTIO_GPU_SHM_ID_HOST_VISIBLE`).
pub const SHM_ID_HOST_VISIBLE: u8 = 1;
