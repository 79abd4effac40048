//! The channel to the front end: it maps blobs for the guest.

use std::os::fd::{AsRawFd, BorrowedFd};

use vhost::vhost_user::message::{VhostUserMMap, VhostUserMMapFlags};
use vhost::vhost_user::{Backend, VhostUserFrontendReqHandler};
use wire_virtio_gpu::SHM_ID_HOST_VISIBLE;

/// Why a blob is not mapped, or still is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChannelError {
    #[error("the front end has no channel for mappings")]
    NoChannel,
    #[error("the front end: {0}")]
    Refused(#[from] std::io::Error),
}

/// Maps into the host-visible region, and returns when it is done: the front end answers each
/// request. It may send a new memory table before it does, which the control socket's thread
/// takes.
#[derive(Default)]
pub(crate) struct Channel(Option<Backend>);

impl Channel {
    pub(crate) fn set(&mut self, backend: Backend) {
        self.0 = Some(backend);
    }

    /// Maps the first `len` bytes of `fd`.
    pub(crate) fn map(
        &self,
        fd: BorrowedFd<'_>,
        offset: u64,
        len: u64,
    ) -> Result<(), ChannelError> {
        let backend = self.0.as_ref().ok_or(ChannelError::NoChannel)?;
        backend.shmem_map(&request(offset, len), &fd.as_raw_fd())?;
        Ok(())
    }

    pub(crate) fn unmap(&self, offset: u64, len: u64) -> Result<(), ChannelError> {
        let backend = self.0.as_ref().ok_or(ChannelError::NoChannel)?;
        backend.shmem_unmap(&request(offset, len))?;
        Ok(())
    }
}

fn request(shm_offset: u64, len: u64) -> VhostUserMMap {
    VhostUserMMap {
        shmid: SHM_ID_HOST_VISIBLE,
        shm_offset,
        len,
        flags: VhostUserMMapFlags::WRITABLE.bits(),
        ..VhostUserMMap::default()
    }
}
