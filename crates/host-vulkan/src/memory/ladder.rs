use std::sync::Arc;

use vulkan_types as t;

use super::probe::{flag_costs_no_type, host_pointer_alignment, probe_device, probe_type};
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
    alignment: u64,
    flag_buffers: bool,
}

impl Ladder {
    /// Tries every rung for every type on a device made for it.
    pub(crate) fn probe(physical: &Arc<PhysicalDevice>) -> Self {
        let types = physical.memory_types();
        let alignment = host_pointer_alignment(physical);
        let Some(device) = probe_device(physical) else {
            return Self {
                rungs: vec![Rung::Hidden; types.len()],
                alignment,
                flag_buffers: false,
            };
        };
        let rungs: Vec<Rung> = (0u32..)
            .zip(types)
            .map(|(index, memory_type)| {
                if memory_type
                    .property_flags
                    .contains(t::MemoryPropertyFlags::HOST_VISIBLE)
                {
                    probe_type(&device, index, alignment)
                } else {
                    Rung::DeviceOnly
                }
            })
            .collect();
        for (index, rung) in rungs.iter().enumerate() {
            tracing::debug!(device = %physical.name(), memory_type = index, ?rung, "memory ladder");
        }
        let flag_buffers = rungs.contains(&Rung::HostPointer) && flag_costs_no_type(&device);
        Self {
            rungs,
            alignment,
            flag_buffers,
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
