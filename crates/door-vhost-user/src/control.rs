//! The control socket: vhost-user's messages, each answered without waiting for a queue or for
//! the display.

use std::fs::File;
use std::io;
use std::sync::Arc;

use vhost::VhostUserMemoryRegionBase;
use vhost::vhost_user::message::{
    VhostTransferStateDirection, VhostTransferStatePhase, VhostUserConfigFlags, VhostUserInflight,
    VhostUserLog, VhostUserMemoryRegion, VhostUserProtocolFeatures, VhostUserShMemConfig,
    VhostUserSharedMsg, VhostUserSingleMemoryRegion, VhostUserVringAddrFlags, VhostUserVringState,
};
use vhost::vhost_user::{Backend, Error, GpuBackend, Result, VhostUserBackendReqHandlerMut};
use virtio_queue::Error as QueueError;

use crate::config;
use crate::limits::{MAX_MEMORY_SLOTS, MAX_STOP_WAIT};
use crate::memory::Memory;
use crate::offer::EVENT_IDX;
use crate::ring::Ring;
use crate::shared::{Message, Shared};
use wire_virtio_gpu::{Features, Queue};

/// The number of the control queue, which is the one that a device has anything by.
const CONTROL_QUEUE: u32 = 0;

/// Answers a front end.
#[derive(Debug)]
pub(crate) struct Control {
    shared: Arc<Shared>,
    protocol: VhostUserProtocolFeatures,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            protocol: VhostUserProtocolFeatures::empty(),
        }
    }

    fn ring(&self, index: u32) -> Result<&Ring> {
        match index {
            CONTROL_QUEUE => Ok(self.shared.ring(Queue::Control)),
            1 => Ok(self.shared.ring(Queue::Cursor)),
            _ => Err(Error::InvalidParam),
        }
    }

    /// The driver begins anew: nothing of the old device is left.
    fn reset(&self) {
        for queue in [Queue::Control, Queue::Cursor] {
            self.shared.ring(queue).restart();
        }
        self.shared.pending.reset();
        self.shared.send(Message::Reset);
    }

    fn features(&self) -> u64 {
        self.shared.offer.features(self.protocol)
    }
}

impl VhostUserBackendReqHandlerMut for Control {
    fn set_owner(&mut self) -> Result<()> {
        Ok(())
    }

    fn reset_owner(&mut self) -> Result<()> {
        self.reset();
        Ok(())
    }

    fn reset_device(&mut self) -> Result<()> {
        for queue in [Queue::Control, Queue::Cursor] {
            let ring = self.shared.ring(queue);
            ring.set_enabled(false);
            ring.stop();
        }
        self.reset();
        self.shared.turn.wait_over(MAX_STOP_WAIT);
        Ok(())
    }

    fn get_features(&mut self) -> Result<u64> {
        Ok(self.features())
    }

    fn set_features(&mut self, features: u64) -> Result<()> {
        // QEMU accepts for its guest what is the transport's, whether it was offered or not
        // (`vhost_user_gpu_get_features` in `hw/display/vhost-user-gpu.c`).
        if features & !self.features() & Features::all().bits() != 0 {
            return Err(Error::InvalidParam);
        }
        tracing::debug!("features {features:#x}");
        let has_enable = features & (1 << 30) != 0;
        for queue in [Queue::Control, Queue::Cursor] {
            let ring = self.shared.ring(queue);
            ring.set_event_idx(features & EVENT_IDX != 0);
            if !has_enable {
                ring.set_enabled(true);
            }
        }
        self.shared.accept(Features::from_bits_truncate(features));
        Ok(())
    }

    fn set_mem_table(
        &mut self,
        regions: &[VhostUserMemoryRegion],
        files: Vec<File>,
        _: Option<bool>,
    ) -> Result<Option<Vec<VhostUserMemoryRegionBase>>> {
        let table = regions.iter().copied().zip(files);
        let memory = Memory::new(table, &self.shared.memory.get());
        self.shared.memory.set(memory.map_err(other)?);
        Ok(None)
    }

    fn set_vring_num(&mut self, index: u32, num: u32) -> Result<()> {
        self.ring(index)?.set_size(num).map_err(queue_error)
    }

    fn set_vring_addr(
        &mut self,
        index: u32,
        _: VhostUserVringAddrFlags,
        descriptor: u64,
        used: u64,
        available: u64,
        _: u64,
    ) -> Result<()> {
        let memory = self.shared.memory.get();
        let address = |front_end| memory.address_of(front_end).ok_or(Error::InvalidParam);
        let (descriptors, available, used) =
            (address(descriptor)?, address(available)?, address(used)?);
        let ring = self.ring(index)?;
        ring.set_addresses(descriptors, available, used)
            .map_err(queue_error)
    }

    fn set_vring_base(&mut self, index: u32, base: u32) -> Result<()> {
        let base = u16::try_from(base).map_err(|_| Error::InvalidParam)?;
        // A front end that does not tell of a reset does tell that the ring begins anew.
        if !self.ring(index)?.set_base(base) && index == CONTROL_QUEUE {
            self.reset();
        }
        Ok(())
    }

    fn get_vring_base(&mut self, index: u32) -> Result<VhostUserVringState> {
        let at = self.ring(index)?.stop();
        self.shared.wake();
        if !self.shared.turn.wait_over(MAX_STOP_WAIT) {
            tracing::warn!("queue {index} stops in the middle of a request");
        }
        Ok(VhostUserVringState::new(index, at.into()))
    }

    fn set_vring_kick(&mut self, index: u8, file: Option<File>) -> Result<()> {
        let file = file.ok_or(Error::InvalidOperation("a queue without notifications"))?;
        self.ring(index.into())?.start(file).map_err(queue_error)?;
        self.shared.wake();
        Ok(())
    }

    fn set_vring_call(&mut self, index: u8, file: Option<File>) -> Result<()> {
        self.ring(index.into())?.set_call(file);
        Ok(())
    }

    fn set_vring_err(&mut self, _: u8, _: Option<File>) -> Result<()> {
        Ok(())
    }

    fn get_protocol_features(&mut self) -> Result<VhostUserProtocolFeatures> {
        Ok(self.shared.offer.protocol())
    }

    fn set_protocol_features(&mut self, features: u64) -> Result<()> {
        tracing::debug!("protocol features {features:#x}");
        self.protocol = VhostUserProtocolFeatures::from_bits_truncate(features);
        Ok(())
    }

    fn get_queue_num(&mut self) -> Result<u64> {
        Ok(2)
    }

    fn set_vring_enable(&mut self, index: u32, enable: bool) -> Result<()> {
        self.ring(index)?.set_enabled(enable);
        self.shared.wake();
        Ok(())
    }

    fn get_config(&mut self, offset: u32, size: u32, _: VhostUserConfigFlags) -> Result<Vec<u8>> {
        let capsets = self.shared.capsets().count();
        Ok(config::read(
            &self.shared.pending,
            self.shared.offer.num_scanouts,
            u32::try_from(capsets).unwrap_or(u32::MAX),
            offset,
            size,
        ))
    }

    fn set_config(&mut self, offset: u32, bytes: &[u8], _: VhostUserConfigFlags) -> Result<()> {
        tracing::trace!("configuration: {bytes:x?} at {offset}");
        self.shared.pending.clear(offset, bytes);
        Ok(())
    }

    fn set_backend_req_fd(&mut self, backend: Backend) {
        backend.set_reply_ack_flag(self.protocol.contains(VhostUserProtocolFeatures::REPLY_ACK));
        backend.set_shmem_flag(self.protocol.contains(VhostUserProtocolFeatures::SHMEM));
        self.shared.send(Message::Channel(backend));
    }

    fn set_gpu_socket(&mut self, socket: GpuBackend) -> Result<()> {
        self.shared.send(Message::Display(socket));
        Ok(())
    }

    fn get_shmem_config(&mut self) -> Result<VhostUserShMemConfig> {
        self.shared.set_mapped();
        let sizes = self.shared.offer.regions();
        let count = sizes.iter().filter(|size| **size != 0).count();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Ok(VhostUserShMemConfig::new(count, &sizes))
    }

    fn get_shared_object(&mut self, _: VhostUserSharedMsg) -> Result<File> {
        Err(NOT_OFFERED)
    }

    fn get_inflight_fd(&mut self, _: &VhostUserInflight) -> Result<(VhostUserInflight, File)> {
        Err(NOT_OFFERED)
    }

    fn set_inflight_fd(&mut self, _: &VhostUserInflight, _: File) -> Result<()> {
        Err(NOT_OFFERED)
    }

    fn get_max_mem_slots(&mut self) -> Result<u64> {
        Ok(MAX_MEMORY_SLOTS)
    }

    fn add_mem_region(
        &mut self,
        region: &VhostUserSingleMemoryRegion,
        file: File,
        _: Option<bool>,
    ) -> Result<Option<VhostUserMemoryRegionBase>> {
        let memory = self.shared.memory.get().with(region, file);
        self.shared.memory.set(memory.map_err(other)?);
        Ok(None)
    }

    fn remove_mem_region(&mut self, region: &VhostUserSingleMemoryRegion) -> Result<()> {
        let memory = self.shared.memory.get().without(region);
        self.shared.memory.set(memory.map_err(other)?);
        Ok(())
    }

    fn set_device_state_fd(
        &mut self,
        _: VhostTransferStateDirection,
        _: VhostTransferStatePhase,
        _: File,
    ) -> Result<Option<File>> {
        Err(NOT_OFFERED)
    }

    fn check_device_state(&mut self) -> Result<()> {
        Err(NOT_OFFERED)
    }

    fn set_log_base(&mut self, _: &VhostUserLog, _: File) -> Result<()> {
        Err(NOT_OFFERED)
    }
}

/// The message goes with a feature of the protocol that [`crate::offer::Offer`] does not have.
const NOT_OFFERED: Error = Error::InvalidOperation("not offered");

fn queue_error(error: QueueError) -> Error {
    other(error)
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::ReqHandlerError(io::Error::other(error))
}
