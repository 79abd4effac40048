//! How much memory the GPU has, for guests that ask.

use host_gl::GpuMemory;
use wire_virgl::{MemoryInfo, ResourceId};

use crate::error::{Error, Result};
use crate::guest::Scope;

impl Scope<'_> {
    /// Writes the answer to the front of a resource's memory.
    pub(crate) fn memory_info(&mut self, resource: ResourceId) -> Result<()> {
        let resource = self.resource(resource)?;
        let memory = self.gl.gpu_memory();
        let memory = memory.ok_or(Error::Unsupported("memory info"))?;
        resource.write_system(0, &info(&memory).to_bytes())
    }
}

const fn info(memory: &GpuMemory) -> MemoryInfo {
    MemoryInfo {
        total_device_memory: memory.dedicated,
        avail_device_memory: memory.dedicated_free,
        total_staging_memory: memory.shared,
        avail_staging_memory: memory.shared_free,
        device_memory_evicted: memory.evicted,
        nr_device_memory_evictions: memory.evictions,
    }
}
