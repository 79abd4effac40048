//! A device of the host's, and work for it.

#![allow(dead_code, reason = "each test program uses a part")]

use std::ffi::CStr;
use std::os::fd::AsFd;
use std::sync::Arc;

use bumpalo::Bump;
use host_memory::{Mapping, Pages};
use host_vulkan::{
    AllocateError, Allocation, Call, Device, Identity, Instance, Library, Lowering, Object,
    PhysicalDevice, Rung, Shared,
};
use vulkan_types as t;

/// The rungs that memory can be shared on.
pub(crate) const RUNGS: [Rung; 4] = [
    Rung::DmaBuf,
    Rung::HostPointer,
    Rung::Udmabuf,
    Rung::OpaqueFd,
];

/// Long enough for a processor that emulates another: nanoseconds.
const A_MINUTE: u64 = 60_000_000_000;

/// The loader; none, with the reason printed, when the host has none.
pub(crate) fn library(only: Option<Rung>) -> Option<Arc<Library>> {
    Library::open(only)
        .inspect_err(|error| eprintln!("SKIPPED: {error}"))
        .ok()
}

/// Mesa's device that is a processor: every host can have it, and it is the same on each.
pub(crate) fn lavapipe(library: &Arc<Library>) -> Option<Arc<PhysicalDevice>> {
    let application = t::ApplicationInfo {
        api_version: 1 << 22 | 1 << 12,
        ..Default::default()
    };
    let info = t::InstanceCreateInfo {
        application_info: Some(&application),
        ..Default::default()
    };
    let found = Instance::create(library, &info).and_then(|instance| instance.physical_devices());
    let device = found
        .unwrap_or_default()
        .into_iter()
        .find(|device| device.name().contains("llvmpipe"));
    if device.is_none() {
        eprintln!("SKIPPED: no llvmpipe device (Debian: mesa-vulkan-drivers)");
    }
    device
}

/// The device with the ladder that is probed on all rungs, or on one.
pub(crate) fn device(only: Option<Rung>) -> Option<Arc<PhysicalDevice>> {
    lavapipe(&library(only)?)
}

/// The rungs that memory of this host can be shared on, each as the only one.
pub(crate) fn each_rung() -> Vec<(Rung, Gpu)> {
    let on = |rung| Some((rung, Gpu::new(&device(Some(rung))?)));
    let (held, not): (Vec<_>, Vec<_>) = RUNGS
        .into_iter()
        .filter_map(on)
        .partition(|(rung, gpu)| gpu.types_on(*rung).next().is_some());
    for (rung, _) in not {
        eprintln!("SKIPPED: memory of this host cannot be shared on the rung {rung:?}");
    }
    held
}

/// A device, and one queue of it.
pub(crate) struct Gpu {
    pub(crate) device: Arc<Device>,
    queue: u64,
}

/// A buffer on memory that a guest maps.
pub(crate) struct MappedBuffer {
    buffer: Arc<Object>,
    pub(crate) memory: Allocation,
    pub(crate) pages: Pages,
}

impl Gpu {
    /// With the extensions that sharing memory needs, where they are.
    pub(crate) fn new(physical: &Arc<PhysicalDevice>) -> Self {
        let wanted = [
            c"VK_EXT_external_memory_host",
            c"VK_KHR_external_memory_fd",
            c"VK_EXT_external_memory_dma_buf",
        ];
        let there = |name: &&CStr| physical.has_extension(name.to_str().unwrap());
        let extensions: Vec<&CStr> = wanted.into_iter().filter(there).collect();
        let queue = t::DeviceQueueCreateInfo {
            queue_count: 1,
            queue_priorities: &[1.0],
            ..Default::default()
        };
        let info = t::DeviceCreateInfo {
            queue_create_info_count: 1,
            queue_create_infos: &[queue],
            enabled_extension_count: extensions.len() as u32,
            enabled_extension_names: &extensions,
            ..Default::default()
        };
        let device = physical.create_device(&info).unwrap();
        let queue = device.queue(Default::default(), 0, 0).unwrap();
        Self { device, queue }
    }

    /// The memory types on a rung.
    pub(crate) fn types_on(&self, rung: Rung) -> impl Iterator<Item = u32> {
        let types = self.device.physical_device().ladder().types_on(rung);
        (0..32).filter(move |index| types >> index & 1 != 0)
    }

    /// Memory of a type.
    pub(crate) fn allocate(
        &self,
        memory_type: u32,
        size: u64,
    ) -> Result<Allocation, AllocateError> {
        self.allocate_with(memory_type, size, t::Chain::default())
    }

    /// Memory that can be exported as a dma-buf.
    pub(crate) fn allocate_dma_buf(
        &self,
        memory_type: u32,
        size: u64,
    ) -> Result<Allocation, AllocateError> {
        let export = t::ExportMemoryAllocateInfo {
            handle_types: t::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT,
            ..Default::default()
        };
        let next = [t::Extension::ExportMemoryAllocateInfo(&export)];
        self.allocate_with(memory_type, size, t::Chain(&next))
    }

    fn allocate_with(
        &self,
        memory_type: u32,
        size: u64,
        next: t::Chain<'_>,
    ) -> Result<Allocation, AllocateError> {
        let info = t::MemoryAllocateInfo {
            next,
            allocation_size: size,
            memory_type_index: memory_type,
        };
        self.device.allocate(&info, &Identity)
    }

    /// A buffer that fills memory of its own, which a guest maps.
    pub(crate) fn mapped_buffer(&self, memory_type: u32, size: u64) -> MappedBuffer {
        let memory = self.allocate(memory_type, size).unwrap();
        let pages = map(&memory);
        self.buffer_on(memory, pages, size)
    }

    /// A buffer on this memory.
    pub(crate) fn buffer_on(&self, memory: Allocation, pages: Pages, size: u64) -> MappedBuffer {
        let arena = Bump::new();
        let info = t::BufferCreateInfo {
            size,
            usage: t::BufferUsageFlags::TRANSFER_SRC | t::BufferUsageFlags::TRANSFER_DST,
            ..Default::default()
        };
        let create = t::CreateBuffer {
            device: self.id(),
            create_info: &info,
            buffer: t::BufferId(0),
        };
        let buffer = self.own(t::ObjectType::BUFFER, self.created(&arena, &create));
        let bound = self.call(
            &arena,
            &t::BindBufferMemory {
                device: self.id(),
                buffer: t::BufferId(buffer.raw()),
                memory: t::DeviceMemoryId(memory.object().raw()),
                memory_offset: 0,
            },
        );
        assert_eq!(bound.ret, t::VkResult::SUCCESS);
        MappedBuffer {
            buffer,
            memory,
            pages,
        }
    }

    /// Has the device write `word` over `size` bytes from `offset` on.
    pub(crate) fn fill(&self, into: &MappedBuffer, offset: u64, size: u64, word: u32) {
        self.run(|commands| {
            let arena = Bump::new();
            self.call(
                &arena,
                &t::CmdFillBuffer {
                    command_buffer: commands,
                    dst_buffer: t::BufferId(into.buffer.raw()),
                    dst_offset: offset,
                    size,
                    data: word,
                },
            );
        });
    }

    /// Has the device copy the first `size` bytes.
    pub(crate) fn copy(&self, from: &MappedBuffer, to: &MappedBuffer, size: u64) {
        let region = t::BufferCopy {
            src_offset: 0,
            dst_offset: 0,
            size,
        };
        self.run(|commands| {
            let arena = Bump::new();
            self.call(
                &arena,
                &t::CmdCopyBuffer {
                    command_buffer: commands,
                    src_buffer: t::BufferId(from.buffer.raw()),
                    dst_buffer: t::BufferId(to.buffer.raw()),
                    region_count: 1,
                    regions: &[region],
                },
            );
        });
    }

    /// Records commands, and waits until they are done.
    fn run(&self, record: impl FnOnce(t::CommandBufferId)) {
        let arena = Bump::new();
        let info = t::CommandPoolCreateInfo::default();
        let create = t::CreateCommandPool {
            device: self.id(),
            create_info: &info,
            command_pool: t::CommandPoolId(0),
        };
        let pool = self.own(t::ObjectType::COMMAND_POOL, self.created(&arena, &create));
        let info = t::CommandBufferAllocateInfo {
            command_pool: t::CommandPoolId(pool.raw()),
            command_buffer_count: 1,
            ..Default::default()
        };
        let commands = t::CommandBufferId(self.created(
            &arena,
            &t::AllocateCommandBuffers {
                device: self.id(),
                allocate_info: &info,
                command_buffers: &[t::CommandBufferId(0)],
            },
        ));
        self.call(
            &arena,
            &t::BeginCommandBuffer {
                command_buffer: commands,
                begin_info: &t::CommandBufferBeginInfo::default(),
            },
        );
        record(commands);
        self.call(
            &arena,
            &t::EndCommandBuffer {
                command_buffer: commands,
            },
        );
        let fence = self.device.create_fence().unwrap();
        let fence = self.own(t::ObjectType::FENCE, fence);
        let submit = t::SubmitInfo {
            command_buffer_count: 1,
            command_buffers: &[commands],
            ..Default::default()
        };
        let submitted = self.device.queue_submit(self.queue, &[submit], fence.raw());
        submitted.unwrap();
        assert_eq!(self.device.wait_fence(fence.raw(), A_MINUTE), Ok(true));
    }

    fn id(&self) -> t::DeviceId {
        t::DeviceId(self.device.raw())
    }

    fn call<'a, C: Call<'a>>(&self, arena: &'a Bump, command: &C) -> C::Reply<'a> {
        let cx = Lowering::new(arena, &Identity);
        command.call(self.device.functions(), &cx).unwrap()
    }

    fn created<'a, C: Call<'a>>(&self, arena: &'a Bump, command: &C) -> u64 {
        let cx = Lowering::new(arena, &Identity);
        assert!(command.call(self.device.functions(), &cx).is_ok());
        cx.into_created()[0]
    }

    fn own(&self, kind: t::ObjectType, raw: u64) -> Arc<Object> {
        Object::new(kind, raw, &self.device)
    }
}

/// What a guest sees of the memory.
pub(crate) fn map(memory: &Allocation) -> Pages {
    match memory.share().unwrap() {
        // By the descriptor alone, as a guest would.
        Shared::Pages(shm) => Mapping::new(shm.as_fd(), memory.size()).unwrap().into(),
        Shared::DmaBuf(fd) | Shared::Opaque(fd) => {
            Mapping::new(fd.as_fd(), memory.size()).unwrap().into()
        }
    }
}

/// Descriptors that this process has open.
pub(crate) fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
