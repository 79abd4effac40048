//! Buffers with memory of their own.

use ash::vk;

use crate::error::{Named as _, Result};
use crate::gpu::{Gpu, Memory, Owned, Place};

/// A buffer and its memory.
pub(crate) struct Buffer {
    pub(crate) raw: Owned<vk::Buffer>,
    pub(crate) size: vk::DeviceSize,
    pub(crate) memory: Memory,
}

impl Gpu {
    /// Makes a buffer of `size` bytes.
    pub(crate) fn buffer(
        &self,
        size: u64,
        usage: vk::BufferUsageFlags,
        place: Place,
    ) -> Result<Buffer> {
        let raw = self.create_buffer(&vk::BufferCreateInfo::default().size(size).usage(usage))?;
        // SAFETY: the buffer is this device's own.
        let requirements = unsafe { self.raw.get_buffer_memory_requirements(*raw) };
        let flags = match usage.contains(vk::BufferUsageFlags::SHADER_DEVICE_ADDRESS) {
            true => vk::MemoryAllocateFlags::DEVICE_ADDRESS,
            false => vk::MemoryAllocateFlags::empty(),
        };
        let memory = Memory::new(self, requirements, place, flags)?;
        // SAFETY: the memory fits, is new, and lives as long as the buffer.
        unsafe { self.raw.bind_buffer_memory(*raw, memory.raw, 0) }.named("vkBindBufferMemory")?;
        Ok(Buffer { raw, size, memory })
    }

    /// Makes a host-visible buffer that holds these bytes.
    pub(crate) fn upload(&self, bytes: &[u8], usage: vk::BufferUsageFlags) -> Result<Buffer> {
        let mut buffer = self.buffer(bytes.len() as u64, usage, Place::Upload)?;
        buffer.write(0, bytes)?;
        Ok(buffer)
    }

    /// Makes a host-visible buffer of zeroes to be read back.
    pub(crate) fn readback(&self, size: u64, usage: vk::BufferUsageFlags) -> Result<Buffer> {
        let usage = usage | vk::BufferUsageFlags::TRANSFER_DST;
        let mut buffer = self.buffer(size, usage, Place::Readback)?;
        buffer.write(0, &vec![0; size as usize])?;
        Ok(buffer)
    }

    /// Makes a device-local buffer that holds these bytes, by way of a staging buffer.
    pub(crate) fn device_buffer(
        &self,
        bytes: &[u8],
        usage: vk::BufferUsageFlags,
    ) -> Result<Buffer> {
        let staging = self.upload(bytes, vk::BufferUsageFlags::TRANSFER_SRC)?;
        let usage = usage | vk::BufferUsageFlags::TRANSFER_DST;
        let buffer = self.buffer(bytes.len() as u64, usage, Place::Device)?;
        self.run(|c| {
            c.copy_buffer(&staging, &buffer, &[whole(buffer.size)]);
            c.barrier();
        })?;
        Ok(buffer)
    }
}

impl Buffer {
    /// Writes through the mapping.
    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<()> {
        self.memory.write(offset, bytes)
    }

    /// Reads everything through the mapping.
    pub(crate) fn read(&self) -> Result<Vec<u8>> {
        self.memory.read(0, self.size as usize)
    }

    /// The buffer's address for shaders.
    pub(crate) fn address(&self) -> vk::DeviceAddress {
        let info = vk::BufferDeviceAddressInfo::default().buffer(*self.raw);
        // SAFETY: scenes ask only for buffers made with SHADER_DEVICE_ADDRESS.
        unsafe { self.raw.gpu().raw.get_buffer_device_address(&info) }
    }
}

/// The region of a copy of everything.
pub(crate) fn whole(size: u64) -> vk::BufferCopy {
    vk::BufferCopy::default().size(size)
}

/// Numbers as the bytes that the device sees.
pub(crate) fn bytes<T: Scalar>(numbers: &[T]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.le_bytes())
        .collect()
}

/// Bytes of the device as numbers.
pub(crate) fn words(bytes: &[u8]) -> Vec<u32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|word| u32::from_le_bytes(*word))
        .collect()
}

/// A number that buffers hold.
pub(crate) trait Scalar: Copy {
    /// Its bytes, least significant first.
    fn le_bytes(self) -> Vec<u8>;
}

impl Scalar for f32 {
    fn le_bytes(self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }
}

impl Scalar for u16 {
    fn le_bytes(self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }
}

impl Scalar for u32 {
    fn le_bytes(self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }
}

impl Scalar for u64 {
    fn le_bytes(self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }
}
