use crate::{Current, enums as gl};

/// The GPU's memory, in KiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GpuMemory {
    /// The GPU's own.
    pub dedicated: u32,
    /// What is free of it.
    pub dedicated_free: u32,
    /// The host's that the GPU may use.
    pub shared: u32,
    /// What is free of it.
    pub shared_free: u32,
    /// What was moved out of the GPU's own, ever.
    pub evicted: u32,
    /// How often something was.
    pub evictions: u32,
}

impl Current<'_> {
    /// How much memory the GPU has, and how much is free. None if the driver tells nothing of it
    /// ([`crate::Features::nvx_memory_info`], [`crate::Features::ati_memory_info`]); what it
    /// does not tell is 0.
    pub fn gpu_memory(&self) -> Option<GpuMemory> {
        let features = &self.caps().features;
        if !features.nvx_memory_info && !features.ati_memory_info {
            return None;
        }
        let mut memory = GpuMemory::default();
        if features.nvx_memory_info {
            let one = |name| {
                let [value, ..] = self.counts(name);
                value
            };
            memory.dedicated = one(gl::GPU_MEMORY_INFO_DEDICATED_VIDMEM_NVX);
            memory.dedicated_free = one(gl::GPU_MEMORY_INFO_CURRENT_AVAILABLE_VIDMEM_NVX);
            let total = one(gl::GPU_MEMORY_INFO_TOTAL_AVAILABLE_MEMORY_NVX);
            memory.shared = total.saturating_sub(memory.dedicated);
            memory.evicted = one(gl::GPU_MEMORY_INFO_EVICTED_MEMORY_NVX);
            memory.evictions = one(gl::GPU_MEMORY_INFO_EVICTION_COUNT_NVX);
        }
        if features.ati_memory_info {
            // All that is free, its largest block, and the same of the host's memory.
            let [free, _, shared_free, _] = self.counts(gl::TEXTURE_FREE_MEMORY_ATI);
            memory.dedicated_free = free;
            memory.shared_free = shared_free;
            // Who tells only what is free has at least that.
            if !features.nvx_memory_info {
                (memory.dedicated, memory.shared) = (free, shared_free);
            }
        }
        self.clear_errors();
        Some(memory.plausible())
    }
}

impl GpuMemory {
    /// Mesa's software drivers leave what they have none of as it was on the stack (25.0):
    /// numbers that cannot be are none.
    fn plausible(self) -> Self {
        let fits = self.dedicated_free <= self.dedicated;
        let moved = self.evicted == 0 || self.evictions > 0;
        if fits && moved {
            return self;
        }
        Self {
            shared: self.shared,
            shared_free: self.shared_free,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_cannot_be_are_none() {
        let shared = GpuMemory {
            shared: 100,
            shared_free: 50,
            ..GpuMemory::default()
        };
        let real = GpuMemory {
            dedicated: 40,
            dedicated_free: 30,
            evicted: 7,
            evictions: 1,
            ..shared
        };
        assert_eq!(real.plausible(), real);
        let wrong = [
            GpuMemory {
                dedicated_free: 41,
                ..real
            },
            GpuMemory {
                evictions: 0,
                ..real
            },
        ];
        for wrong in wrong {
            assert_eq!(wrong.plausible(), shared);
        }
    }
}
