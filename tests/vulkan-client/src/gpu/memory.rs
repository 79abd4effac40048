//! Device memory, mapped for its whole life where the host can see it.

use std::ptr::NonNull;

use ash::vk;

use crate::error::{Error, Named as _, Result};
use crate::gpu::Gpu;

/// Where an allocation should live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Device-local memory, mapped or not.
    Device,
    /// Host-visible memory that the host fills.
    Upload,
    /// Host-visible memory that the host reads, cached where the device has that.
    Readback,
    /// This memory type and no other; mapped if it is host-visible.
    Type(u32),
}

/// One allocation.
pub(crate) struct Memory {
    pub(crate) raw: vk::DeviceMemory,
    pub(crate) size: vk::DeviceSize,
    mapped: Option<NonNull<u8>>,
    coherent: bool,
    gpu: Gpu,
}

// SAFETY: the mapping belongs to the allocation, and only `&mut self` or reads of disjoint
// copies touch it.
unsafe impl Send for Memory {}
// SAFETY: as above; writing needs `&mut self`.
unsafe impl Sync for Memory {}

impl Memory {
    /// Allocates memory that fits the requirements.
    pub(crate) fn new(
        gpu: &Gpu,
        requirements: vk::MemoryRequirements,
        place: Place,
        flags: vk::MemoryAllocateFlags,
    ) -> Result<Self> {
        let index = choose(gpu, requirements.memory_type_bits, place)?;
        let mut flags = vk::MemoryAllocateFlagsInfo::default().flags(flags);
        let mut info = vk::MemoryAllocateInfo::default()
            .allocation_size(requirements.size)
            .memory_type_index(index);
        if !flags.flags.is_empty() {
            info = info.push_next(&mut flags);
        }
        // SAFETY: everything that the structure points to lives until the call returns.
        let raw = unsafe { gpu.raw.allocate_memory(&info, None) }.named("vkAllocateMemory")?;
        let properties = gpu.memory.memory_types[index as usize].property_flags;
        let mut memory = Self {
            raw,
            size: requirements.size,
            mapped: None,
            coherent: properties.contains(vk::MemoryPropertyFlags::HOST_COHERENT),
            gpu: gpu.clone(),
        };
        let wanted = place != Place::Device;
        if wanted && properties.contains(vk::MemoryPropertyFlags::HOST_VISIBLE) {
            memory.map()?;
        }
        Ok(memory)
    }

    /// Allocates memory for the device alone.
    pub(crate) fn private(gpu: &Gpu, info: &vk::MemoryAllocateInfo<'_>) -> Result<Self> {
        // SAFETY: everything that the structure points to lives until the call returns.
        let raw = unsafe { gpu.raw.allocate_memory(info, None) }.named("vkAllocateMemory")?;
        Ok(Self {
            raw,
            size: info.allocation_size,
            mapped: None,
            coherent: false,
            gpu: gpu.clone(),
        })
    }

    /// Whether the host can read and write it.
    pub(crate) fn is_mapped(&self) -> bool {
        self.mapped.is_some()
    }

    /// Copies bytes in, and flushes them where the memory is not coherent.
    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<()> {
        let at = self.at(offset, bytes.len())?;
        // SAFETY: `at` has room for the bytes, and the scene does not let the device use them.
        unsafe { at.copy_from_nonoverlapping(NonNull::from(bytes).cast(), bytes.len()) };
        if self.coherent {
            return Ok(());
        }
        // SAFETY: the memory is mapped.
        unsafe { self.gpu.raw.flush_mapped_memory_ranges(&[self.whole()]) }
            .named("vkFlushMappedMemoryRanges")
    }

    /// Copies bytes out, after taking the device's writes in where the memory is not coherent.
    pub(crate) fn read(&self, offset: usize, length: usize) -> Result<Vec<u8>> {
        let at = self.at(offset, length)?;
        if !self.coherent {
            // SAFETY: the memory is mapped.
            unsafe {
                self.gpu
                    .raw
                    .invalidate_mapped_memory_ranges(&[self.whole()])
            }
            .named("vkInvalidateMappedMemoryRanges")?;
        }
        let mut bytes = vec![0; length];
        // SAFETY: `at` has this many bytes, and the device is done writing them.
        unsafe { at.copy_to_nonoverlapping(NonNull::from(bytes.as_mut_slice()).cast(), length) };
        Ok(bytes)
    }

    /// Unmaps the memory and maps it again, as programs do that map for each access.
    pub(crate) fn remap(&mut self) -> Result<()> {
        if self.mapped.take().is_some() {
            // SAFETY: the memory is mapped, and nobody keeps a pointer.
            unsafe { self.gpu.raw.unmap_memory(self.raw) };
        }
        self.map()
    }

    fn map(&mut self) -> Result<()> {
        let flags = vk::MemoryMapFlags::empty();
        // SAFETY: the memory is host-visible and not mapped.
        let at = unsafe { self.gpu.raw.map_memory(self.raw, 0, vk::WHOLE_SIZE, flags) }
            .named("vkMapMemory")?;
        self.mapped = NonNull::new(at.cast());
        Ok(())
    }

    fn at(&self, offset: usize, length: usize) -> Result<NonNull<u8>> {
        let fits = offset
            .checked_add(length)
            .is_some_and(|end| end as u64 <= self.size);
        match self.mapped {
            // SAFETY: the offset is inside of the mapping.
            Some(start) if fits => Ok(unsafe { start.add(offset) }),
            _ => Err(Error::Wrong(format!(
                "{length} bytes at {offset} are not mapped"
            ))),
        }
    }

    fn whole(&self) -> vk::MappedMemoryRange<'static> {
        vk::MappedMemoryRange::default()
            .memory(self.raw)
            .size(vk::WHOLE_SIZE)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: freed once; scenes wait for the device before they let go of memory.
        unsafe { self.gpu.raw.free_memory(self.raw, None) };
    }
}

fn choose(gpu: &Gpu, allowed: u32, place: Place) -> Result<u32> {
    use vk::MemoryPropertyFlags as P;
    let coherent = P::HOST_VISIBLE | P::HOST_COHERENT;
    let wishes = match place {
        Place::Type(index) if allowed & 1 << index != 0 => return Ok(index),
        Place::Type(index) => {
            return Err(Error::Unsupported(format!(
                "memory type {index} for this use"
            )));
        }
        Place::Device => vec![P::DEVICE_LOCAL, P::empty()],
        Place::Upload => vec![coherent, P::HOST_VISIBLE],
        Place::Readback => vec![coherent | P::HOST_CACHED, coherent, P::HOST_VISIBLE],
    };
    let types = gpu.memory.memory_types_as_slice();
    let first = |wish: &P| {
        (0..)
            .zip(types)
            .find(|(i, t)| allowed & 1 << i != 0 && t.property_flags.contains(*wish))
    };
    let found = wishes.iter().find_map(first);
    let (index, _) = found.ok_or_else(|| Error::Unsupported(format!("memory for {place:?}")))?;
    Ok(index)
}
