use std::sync::Arc;

use vulkan_types as t;

use super::probe::{Probe, flag_costs_no_type, host_pointer_alignment, probe_device};
use crate::PhysicalDevice;

/// How a memory type's allocations are shared with a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// The driver exports a dma-buf, and `mmap` of it shows the memory.
    DmaBuf,
    /// Pages of ours, imported with `VK_EXT_external_memory_host`.
    HostPointer,
    /// Pages of ours, wrapped as a dma-buf by `/dev/udmabuf` and imported.
    Udmabuf,
    /// The driver exports an opaque descriptor, and `mmap` of it shows the memory.
    OpaqueFd,
    /// Host-visible, and none of these works: shown without `HOST_VISIBLE`.
    Hidden,
    /// Not host-visible: there is nothing to share.
    DeviceOnly,
}

/// The rung of each memory type of a physical device.
#[derive(Clone, Debug)]
pub struct Ladder {
    rungs: Vec<Rung>,
    /// Types on the rung `DmaBuf` that imported pages would do for, too, as a mask.
    spare_pages: u32,
    alignment: u64,
    flag_buffers: bool,
}

impl Ladder {
    /// Tries the rungs for every type on a device made for it: all of them, or only one.
    pub(crate) fn probe(physical: &Arc<PhysicalDevice>, only: Option<Rung>) -> Self {
        let alignment = host_pointer_alignment(physical);
        let mut ladder = Self {
            rungs: Vec::new(),
            spare_pages: 0,
            alignment,
            flag_buffers: false,
        };
        let device = probe_device(physical);
        for (index, memory_type) in (0u32..).zip(physical.memory_types()) {
            let visible = t::MemoryPropertyFlags::HOST_VISIBLE;
            let rung = match &device {
                _ if !memory_type.property_flags.contains(visible) => Rung::DeviceOnly,
                None => Rung::Hidden,
                Some(device) => Probe::new(device, index, alignment).rung(only),
            };
            tracing::debug!(device = %physical.name(), memory_type = index, ?rung, "memory ladder");
            if let Some(device) = &device
                && rung == Rung::DmaBuf
                && only.is_none()
                && Probe::new(device, index, alignment).holds(Rung::HostPointer)
            {
                ladder.spare_pages |= 1 << index;
            }
            ladder.rungs.push(rung);
        }
        ladder.flag_buffers = ladder.rungs.contains(&Rung::HostPointer)
            && device.is_some_and(|device| flag_costs_no_type(&device));
        ladder.warn_if_useless(&physical.name());
        ladder
    }

    fn warn_if_useless(&self, device: &str) {
        let hides = self.rungs.contains(&Rung::Hidden);
        let shares = |rung: &Rung| !matches!(rung, Rung::Hidden | Rung::DeviceOnly);
        if hides && !self.rungs.iter().any(shares) {
            tracing::warn!("guests can map no memory of {device}: no rung of the ladder holds");
        }
    }

    /// The rung of a memory type.
    pub fn rung(&self, memory_type: u32) -> Rung {
        self.rungs
            .get(memory_type as usize)
            .copied()
            .unwrap_or(Rung::DeviceOnly)
    }

    /// The rungs in the order of the memory types.
    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    /// Whether memory may be shared on this rung, be it in another's place.
    pub fn uses(&self, rung: Rung) -> bool {
        self.rungs.contains(&rung) || rung == Rung::HostPointer && self.spare_pages != 0
    }

    /// Whether imported pages do for a type of the rung `DmaBuf`.
    pub(super) fn has_spare_pages(&self, memory_type: u32) -> bool {
        self.spare_pages.checked_shr(memory_type).unwrap_or(0) & 1 != 0
    }

    /// The types on one rung, as a mask.
    pub fn types_on(&self, rung: Rung) -> u32 {
        (0u32..32)
            .zip(&self.rungs)
            .filter(|(_, r)| **r == rung)
            .fold(0, |mask, (index, _)| mask | 1 << index)
    }

    /// What imported pages are a multiple of, bytes.
    pub(super) fn alignment(&self) -> u64 {
        self.alignment
    }

    /// True when buffers are to say that imported pages may back them: it is so, and costs
    /// them no memory type.
    pub fn flag_buffers(&self) -> bool {
        self.flag_buffers
    }

    /// True when every type is on the rung of imported pages, so that images, too, are
    /// backed by them.
    pub fn all_host_pointer(&self) -> bool {
        !self.rungs.is_empty() && self.rungs.iter().all(|rung| *rung == Rung::HostPointer)
    }
}
