//! A context and the guest that talks to it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bumpalo::Bump;
use context::{
    Blob, BlobFlags, BlobId, BlobMem, BlobRequest, BlobStorage, CapsetId, Context, ContextId,
    DeviceRenderer, Error, Event, EventReceiver, FenceId, Renderer as _, Resource, ResourceId,
    RingIdx, events,
};
use host_memory::Shm;
use render_venus::{DeviceChoice, Options, Renderer};
use vulkan_types::*;
use wire_venus::{Decoder, Encoder, GENERATE_REPLY, WireReply, WireRequest};

use super::log;

/// Bytes of the reply stream.
pub(crate) const REPLY_BYTES: u64 = 1 << 20;

/// The resource that replies go to.
pub(crate) const REPLY: ResourceId = ResourceId(1);

/// What a blob is going to be called; Venus looks only at what is attached.
const UNNAMED: ResourceId = ResourceId(2);

/// The renderer of all tests; none, with the reason printed, when the host has no device.
pub(crate) fn renderer() -> Option<&'static Renderer> {
    static RENDERER: OnceLock<Result<Renderer, String>> = OnceLock::new();
    let found = RENDERER.get_or_init(|| {
        log::keep();
        let options = Options {
            devices: DeviceChoice::Name("llvmpipe".into()),
            ..Options::default()
        };
        let renderer = Renderer::new(options).map_err(|error| error.to_string())?;
        let mut guest = Guest::new(&renderer);
        guest.reply_stream();
        guest.create_instance().map_err(|error| error.to_string())?;
        if guest.physical_device_count() == 0 {
            return Err("no llvmpipe device (Debian: mesa-vulkan-drivers)".into());
        }
        Ok(renderer)
    });
    match found {
        Ok(renderer) => Some(renderer),
        Err(reason) => {
            println!("skipped: {reason}");
            None
        }
    }
}

/// A fresh guest, and a device for it.
pub(crate) fn guest() -> Option<(Guest, World)> {
    let mut guest = Guest::new(renderer()?);
    guest.reply_stream();
    let world = World::new(&mut guest);
    Some((guest, world))
}

/// One guest program.
pub(crate) struct Guest {
    pub(crate) id: ContextId,
    pub(crate) context: Box<dyn Context>,
    _device: Box<dyn DeviceRenderer>,
    pub(crate) events: EventReceiver,
    encoder: Encoder,
    pub(crate) replies: Option<Shm>,
    next_id: u64,
    seen: Vec<Event>,
}

/// What most tests need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World {
    pub(crate) instance: InstanceId,
    pub(crate) physical_device: PhysicalDeviceId,
    pub(crate) device: DeviceId,
    pub(crate) queue: QueueId,
}

impl Guest {
    /// A context that nothing was said to.
    pub(crate) fn new(renderer: &Renderer) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1000);
        let id = ContextId(NEXT.fetch_add(1, Ordering::Relaxed));
        let (sender, receiver) = events().unwrap();
        let mut device = renderer.open_device().unwrap();
        let context = device
            .create_context(id, CapsetId::VENUS, "test", sender)
            .unwrap();
        Self {
            id,
            context,
            _device: device,
            events: receiver,
            encoder: Encoder::new(),
            replies: None,
            next_id: 1,
            seen: Vec::new(),
        }
    }

    /// A number that no object has.
    pub(crate) fn fresh(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Sends a command that wants no answer.
    pub(crate) fn send<'a>(&mut self, command: &impl WireRequest<'a>) -> Result<(), Error> {
        self.encoder.clear();
        command.encode_command(0, &mut self.encoder);
        self.context.submit(self.encoder.bytes())
    }

    /// Sends bytes.
    pub(crate) fn submit(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.context.submit(bytes)
    }

    /// Sends a command and reads its answer.
    pub(crate) fn ask<'a, C: WireRequest<'a>, T>(
        &mut self,
        command: &C,
        read: impl FnOnce(C::Reply<'_>) -> T,
    ) -> Result<T, Error>
    where
        for<'r> C::Reply<'r>: WireReply<'r>,
    {
        self.encoder.clear();
        SeekReplyCommandStreamMESA { position: 0 }.encode_command(0, &mut self.encoder);
        command.encode_command(GENERATE_REPLY, &mut self.encoder);
        self.context.submit(self.encoder.bytes())?;
        self.settle()?;
        let mut bytes = vec![0; REPLY_BYTES as usize];
        self.replies.as_ref().unwrap().read(0, &mut bytes).unwrap();
        let arena = Bump::new();
        Ok(read(
            C::Reply::decode_reply(&mut Decoder::new(&bytes, &arena)).unwrap(),
        ))
    }

    /// Waits until what was sent is executed, as Mesa does: by a fence on the processor's timeline.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        const LAST: FenceId = FenceId(u64::MAX);
        self.context.fence(RingIdx(0), LAST)?;
        let settled = self.is_signaled(LAST);
        self.seen.retain(|event| !is_fence(event, LAST));
        match settled {
            true => Ok(()),
            false => Err(Error::Ended),
        }
    }

    /// A resource of plain shared memory, attached.
    pub(crate) fn shm(&mut self, resource: ResourceId, size: u64) -> Shm {
        let blob = self.blob(BlobId(0), size).unwrap();
        self.attach(resource, blob.clone()).unwrap();
        match blob.storage {
            BlobStorage::Shm(shm) => shm,
            other => panic!("blob 0 is {other:?}"),
        }
    }

    /// A blob of the context's memory.
    pub(crate) fn blob(&mut self, id: BlobId, size: u64) -> Result<Blob, Error> {
        let request = BlobRequest {
            mem: BlobMem::Host3d,
            flags: BlobFlags::MAPPABLE,
            id,
            size,
        };
        self.context.create_blob(UNNAMED, &request)
    }

    /// Lets commands name a blob.
    pub(crate) fn attach(&mut self, resource: ResourceId, blob: Blob) -> Result<(), Error> {
        self.context.attach(resource, &Resource::Blob(blob))
    }

    /// Makes the reply stream.
    pub(crate) fn reply_stream(&mut self) {
        self.replies = Some(self.shm(REPLY, REPLY_BYTES));
        let stream = CommandStreamDescriptionMESA {
            resource_id: REPLY.0,
            offset: 0,
            size: REPLY_BYTES as usize,
        };
        self.send(&SetReplyCommandStreamMESA { stream: &stream })
            .unwrap();
    }

    /// Makes the instance, number 1.
    pub(crate) fn create_instance(&mut self) -> Result<(), Error> {
        let application = ApplicationInfo {
            // VK_API_VERSION_1_3.
            api_version: 1 << 22 | 3 << 12,
            ..Default::default()
        };
        let create_info = InstanceCreateInfo {
            application_info: Some(&application),
            ..Default::default()
        };
        let command = CreateInstance {
            create_info: &create_info,
            instance: InstanceId(1),
        };
        let ret = self.ask(&command, |reply| reply.ret)?;
        if ret == VkResult::SUCCESS {
            Ok(())
        } else {
            Err(Error::Host(format!("vkCreateInstance: {}", ret.0)))
        }
    }

    /// How many physical devices the instance shows.
    pub(crate) fn physical_device_count(&mut self) -> u32 {
        let command = EnumeratePhysicalDevices {
            instance: InstanceId(1),
            physical_device_count: 0,
            physical_devices: &[],
        };
        self.ask(&command, |reply| reply.physical_device_count)
            .unwrap()
    }

    /// Whether the context has said that it is lost; waits a moment for it.
    pub(crate) fn is_lost(&mut self) -> bool {
        self.wait_for(Duration::from_secs(5), |event| {
            matches!(event, Event::ContextLost { .. })
        })
    }

    /// Whether the context has said that it is lost.
    pub(crate) fn is_lost_now(&mut self) -> bool {
        self.wait_for(Duration::ZERO, |event| {
            matches!(event, Event::ContextLost { .. })
        })
    }

    /// Whether a fence has signalled; waits a moment for it.
    pub(crate) fn is_signaled(&mut self, fence: FenceId) -> bool {
        self.wait_for(Duration::from_secs(5), |event| is_fence(event, fence))
    }

    /// Waits for an event; those before it are kept.
    pub(crate) fn wait_for(&mut self, limit: Duration, is: impl Fn(&Event) -> bool) -> bool {
        let end = Instant::now() + limit;
        loop {
            self.seen.extend(self.events.drain());
            if self.seen.iter().any(&is) {
                return true;
            }
            if Instant::now() >= end {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Fails unless the context has ended as it should: the fault named, one event, one
    /// line, and nothing works any more.
    #[track_caller]
    pub(crate) fn expect_end(self, result: Result<(), Error>, fault: &str) {
        let error = result.expect_err("accepted");
        assert!(error.is_guest_fault(), "{error:?}");
        assert!(
            error.to_string().contains(fault),
            "`{error}` does not say `{fault}`"
        );
        self.expect_lost(fault);
    }

    /// Fails unless the context has ended: one event, one line, and nothing works any more.
    #[track_caller]
    pub(crate) fn expect_lost(mut self, fault: &str) {
        assert!(self.is_lost());
        let lost = self
            .seen
            .iter()
            .filter(|event| matches!(event, Event::ContextLost { .. }))
            .count();
        assert_eq!(lost, 1);
        let lines = log::of_context(self.id.0);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains(fault), "{lines:?}");
        self.send(&EnumerateInstanceVersion {})
            .expect_err("still alive");
        others_live();
    }

    /// A fence on a timeline.
    pub(crate) fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<(), Error> {
        self.context.fence(ring, fence)
    }
}

/// Whether it is this fence's.
pub(crate) fn is_fence(event: &Event, fence: FenceId) -> bool {
    matches!(event, Event::FenceSignaled { fence: signaled, .. } if *signaled == fence)
}

/// Another context is as well as ever.
#[track_caller]
pub(crate) fn others_live() {
    static OTHER: OnceLock<std::sync::Mutex<Guest>> = OnceLock::new();
    let other = OTHER.get_or_init(|| {
        let mut guest = Guest::new(renderer().unwrap());
        guest.reply_stream();
        World::new(&mut guest);
        guest.into()
    });
    let mut other = other.lock().unwrap();
    let command = DeviceWaitIdle {
        device: DeviceId(3),
    };
    assert_eq!(
        other.ask(&command, |reply| reply.ret),
        Ok(VkResult::SUCCESS)
    );
}

impl World {
    /// Instance 1, physical device 2, device 3, queue 4 on timeline 1.
    pub(crate) fn new(guest: &mut Guest) -> Self {
        let world = Self {
            instance: InstanceId(1),
            physical_device: PhysicalDeviceId(2),
            device: DeviceId(3),
            queue: QueueId(4),
        };
        guest.next_id = 100;
        guest.create_instance().unwrap();
        let enumerate = EnumeratePhysicalDevices {
            instance: world.instance,
            physical_device_count: 1,
            physical_devices: &[world.physical_device],
        };
        guest
            .ask(&enumerate, |reply| {
                assert_eq!(reply.physical_device_count, 1)
            })
            .unwrap();
        assert_eq!(
            world.create_device(guest, world.device, &[]),
            Ok(VkResult::SUCCESS)
        );
        world.name_queue(guest, world.queue, 1).unwrap();
        world
    }

    /// Makes a device with one queue.
    pub(crate) fn create_device(
        self,
        guest: &mut Guest,
        device: DeviceId,
        extensions: &[&std::ffi::CStr],
    ) -> Result<VkResult, Error> {
        let queue = DeviceQueueCreateInfo {
            queue_count: 1,
            queue_priorities: &[1.0],
            ..Default::default()
        };
        let timeline = PhysicalDeviceTimelineSemaphoreFeatures {
            timeline_semaphore: 1,
            ..Default::default()
        };
        let create_info = DeviceCreateInfo {
            next: Chain(&[Extension::PhysicalDeviceTimelineSemaphoreFeatures(
                &timeline,
            )]),
            queue_create_info_count: 1,
            queue_create_infos: &[queue],
            enabled_extension_count: extensions.len() as u32,
            enabled_extension_names: extensions,
            ..Default::default()
        };
        let command = CreateDevice {
            physical_device: self.physical_device,
            create_info: &create_info,
            device,
        };
        guest.ask(&command, |reply| reply.ret)
    }

    /// Names the device's queue and binds it to a timeline.
    pub(crate) fn name_queue(
        self,
        guest: &mut Guest,
        queue: QueueId,
        ring_idx: u32,
    ) -> Result<(), Error> {
        let timeline = DeviceQueueTimelineInfoMESA {
            ring_idx,
            ..Default::default()
        };
        let queue_info = DeviceQueueInfo2 {
            next: Chain(&[Extension::DeviceQueueTimelineInfoMESA(&timeline)]),
            ..Default::default()
        };
        guest.send(&GetDeviceQueue2 {
            device: self.device,
            queue_info: &queue_info,
            queue,
        })
    }

    /// Makes a fence that has not signalled.
    pub(crate) fn create_fence(self, guest: &mut Guest) -> vulkan_types::FenceId {
        let fence = vulkan_types::FenceId(guest.fresh());
        guest
            .send(&CreateFence {
                device: self.device,
                create_info: &FenceCreateInfo::default(),
                fence,
            })
            .unwrap();
        fence
    }

    /// Makes a timeline semaphore at 0.
    pub(crate) fn create_timeline(self, guest: &mut Guest) -> SemaphoreId {
        let semaphore = SemaphoreId(guest.fresh());
        let kind = SemaphoreTypeCreateInfo {
            semaphore_type: SemaphoreType::TIMELINE,
            ..Default::default()
        };
        let links = [Extension::SemaphoreTypeCreateInfo(&kind)];
        let create_info = SemaphoreCreateInfo {
            next: Chain(&links),
            ..Default::default()
        };
        guest
            .send(&CreateSemaphore {
                device: self.device,
                create_info: &create_info,
                semaphore,
            })
            .unwrap();
        semaphore
    }

    /// Makes a buffer of 256 bytes for anything.
    pub(crate) fn create_buffer(self, guest: &mut Guest) -> BufferId {
        let buffer = BufferId(guest.fresh());
        let usage = BufferUsageFlags::TRANSFER_DST | BufferUsageFlags::UNIFORM_BUFFER;
        let create_info = BufferCreateInfo {
            size: 256,
            usage,
            ..Default::default()
        };
        guest
            .send(&CreateBuffer {
                device: self.device,
                create_info: &create_info,
                buffer,
            })
            .unwrap();
        buffer
    }

    /// Allocates memory of a type that is the guest's to map, if `mappable`, or any.
    pub(crate) fn allocate(
        self,
        guest: &mut Guest,
        size: u64,
        memory_type_index: u32,
    ) -> DeviceMemoryId {
        let memory = DeviceMemoryId(guest.fresh());
        let allocate_info = MemoryAllocateInfo {
            allocation_size: size,
            memory_type_index,
            ..Default::default()
        };
        let command = AllocateMemory {
            device: self.device,
            allocate_info: &allocate_info,
            memory,
        };
        assert_eq!(
            guest.ask(&command, |reply| reply.ret),
            Ok(VkResult::SUCCESS)
        );
        memory
    }

    /// Makes a command pool and allocates one command buffer from it.
    pub(crate) fn command_buffer(self, guest: &mut Guest) -> (CommandPoolId, CommandBufferId) {
        let (command_pool, command_buffer) =
            (CommandPoolId(guest.fresh()), CommandBufferId(guest.fresh()));
        let create_info = CommandPoolCreateInfo::default();
        guest
            .send(&CreateCommandPool {
                device: self.device,
                create_info: &create_info,
                command_pool,
            })
            .unwrap();
        let allocate_info = CommandBufferAllocateInfo {
            command_pool,
            command_buffer_count: 1,
            ..Default::default()
        };
        let command = AllocateCommandBuffers {
            device: self.device,
            allocate_info: &allocate_info,
            command_buffers: &[command_buffer],
        };
        guest.send(&command).unwrap();
        (command_pool, command_buffer)
    }
}
