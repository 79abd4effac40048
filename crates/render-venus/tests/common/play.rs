//! A guest whose acts are chosen by bytes: the fuzz target's body, which a test runs, too.
//!
//! Commands are well formed and mostly valid Vulkan; what is hostile is which ids they name,
//! in what order they come, how ranges lie, and what rings and streams hold. Values that only
//! a driver judges stay valid, since drivers do not defend themselves: what crashes a driver
//! there says nothing of the renderer.

use std::sync::atomic::Ordering;

use context::{BlobId, Error, ResourceId, RingIdx};
use host_memory::Shm;
use render_venus::Renderer;
use vulkan_types::*;
use wire_venus::{Encoder, GENERATE_REPLY, WireRequest};

use super::guest::{Guest, REPLY, REPLY_BYTES, World};

/// The longest game, acts.
const ACTS: usize = 200;
/// Bytes of the resources that streams and rings are in.
const SHARED_BYTES: u64 = 16384;
/// The resources that a game attaches.
const STREAM: ResourceId = ResourceId(20);
const RING: ResourceId = ResourceId(21);

/// Plays until the bytes or the context end. The process lives, and so do other contexts.
pub(crate) fn play(renderer: &Renderer, bytes: &[u8]) {
    let mut guest = Guest::new(renderer);
    guest.reply_stream();
    let world = World::new(&mut guest);
    let stream = guest.shm(STREAM, SHARED_BYTES);
    let ring = guest.shm(RING, SHARED_BYTES);
    let mut player = Player {
        guest,
        world,
        stream,
        ring,
        tail: 0,
        input: Input(bytes),
        encoder: Encoder::new(),
        made: vec![(ObjectType::DEVICE, world.device.0)],
        next_id: 1000,
    };
    for _ in 0..ACTS {
        match player.act() {
            None => break,
            Some(Ok(())) => {}
            Some(Err(error)) if matches!(error, Error::Bug(_)) => panic!("{error}"),
            // The end of this context, or a refusal.
            Some(Err(Error::Malformed(_) | Error::Misbehaved(_))) if player.guest.is_lost_now() => {
                break;
            }
            Some(Err(_)) => {}
        }
    }
    drop(player);
}

/// Choices; none when they are used up.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn below(&mut self, end: u8) -> Option<u8> {
        self.byte().map(|byte| byte % end)
    }

    /// Small, or at an edge.
    fn number(&mut self) -> Option<u64> {
        Some(match self.byte()? {
            byte @ 0..128 => byte.into(),
            byte @ 128..192 => 1 << (byte - 128),
            byte @ 192..254 => (1 << (byte - 192)) - 1,
            254 => u64::MAX,
            255 => u64::MAX - 3,
        })
    }

    /// An object that the world has, or one that the game may have made.
    fn id(&mut self) -> Option<u64> {
        Some(match self.byte()? {
            byte @ 0..16 => byte.into(),
            byte => u64::from(byte) + 1000 - 16,
        })
    }
}

struct Player<'a> {
    guest: Guest,
    world: World,
    stream: Shm,
    ring: Shm,
    tail: u32,
    input: Input<'a>,
    encoder: Encoder,
    /// What the game has made and not destroyed, if all went well.
    made: Vec<(ObjectType, u64)>,
    next_id: u64,
}

impl Player<'_> {
    /// One act; none when the choices are used up.
    fn act(&mut self) -> Option<Result<(), Error>> {
        match self.input.below(8)? {
            0 => self.transport(),
            1 => self.seam(),
            2 => self.shared_words(),
            _ => {
                self.encoder.clear();
                self.command()?;
                self.deliver()
            }
        }
    }

    /// An object of a kind, mostly; sometimes any, or none.
    fn existing(&mut self, kind: ObjectType) -> Option<u64> {
        let choice = usize::from(self.input.byte()?);
        let of_kind: Vec<_> = self.made.iter().filter(|(of, _)| *of == kind).collect();
        match of_kind.get(choice / 16 % of_kind.len().max(1)) {
            Some((_, id)) if choice % 16 != 0 => Some(*id),
            _ => self.input.id(),
        }
    }

    /// As before, and it is gone.
    fn doomed(&mut self, kind: ObjectType) -> Option<u64> {
        let id = self.existing(kind)?;
        self.made.retain(|made| *made != (kind, id));
        Some(id)
    }

    /// An id for a new object, mostly a fresh one.
    fn fresh(&mut self, kind: ObjectType) -> Option<u64> {
        if self.input.below(32)? == 31 {
            return self.input.id();
        }
        self.next_id += 1;
        self.made.push((kind, self.next_id));
        Some(self.next_id)
    }

    /// Sends what was encoded: as it is, with another id, by a stream or by the ring.
    fn deliver(&mut self) -> Option<Result<(), Error>> {
        let mut bytes = self.encoder.bytes().to_vec();
        let way = self.input.below(32)?;
        if way == 31 {
            // Another object in the place of one.
            let id = self.input.id()?;
            let words = bytes.len() / 4;
            let at = usize::from(self.input.byte()?) % words.max(1) * 4;
            if let Some(place) = bytes.get_mut(at..at + 8)
                && place
                    .first_chunk()
                    .is_some_and(|word| (1000..2000).contains(&u32::from_le_bytes(*word)))
            {
                place.copy_from_slice(&id.to_le_bytes());
            }
        }
        Some(match way {
            20..24 => {
                let _ = self.stream.write(0, &bytes);
                self.execute(0, bytes.len() as u64)
            }
            24..30 => {
                for (at, byte) in (self.tail..).zip(&bytes) {
                    let _ = self.ring.write(u64::from(at % 4096) + 192, &[*byte]);
                }
                self.tail = self.tail.wrapping_add(bytes.len() as u32);
                let _ = self.ring.store_u32(64, self.tail, Ordering::SeqCst);
                self.guest.send(&NotifyRingMESA {
                    ring: 1,
                    seqno: 0,
                    flags: RingNotifyFlagsMESA(0),
                })
            }
            _ => self.guest.submit(&bytes),
        })
    }

    fn execute(&mut self, offset: u64, size: u64) -> Result<(), Error> {
        let stream = CommandStreamDescriptionMESA {
            resource_id: STREAM.0,
            offset: offset as usize,
            size: size as usize,
        };
        self.guest.send(&ExecuteCommandStreamsMESA {
            stream_count: 1,
            streams: &[stream],
            reply_positions: &[0],
            dependency_count: 0,
            dependencies: &[],
            flags: CommandStreamExecutionFlagsMESA(0),
        })
    }

    /// The protocol's own commands, with any number anywhere.
    fn transport(&mut self) -> Option<Result<(), Error>> {
        let ring = u64::from(self.input.below(3)?);
        Some(match self.input.below(11)? {
            0 => {
                let stream = CommandStreamDescriptionMESA {
                    resource_id: self.input.number()? as u32,
                    offset: self.input.number()? as usize,
                    size: self.input.number()? as usize,
                };
                self.guest
                    .send(&SetReplyCommandStreamMESA { stream: &stream })
            }
            1 => {
                let size = REPLY_BYTES as usize;
                let stream = CommandStreamDescriptionMESA {
                    resource_id: REPLY.0,
                    offset: 0,
                    size,
                };
                self.guest
                    .send(&SetReplyCommandStreamMESA { stream: &stream })
            }
            2 => {
                let position = self.input.number()? as usize;
                self.guest.send(&SeekReplyCommandStreamMESA { position })
            }
            3 => {
                let (offset, size) = (self.input.number()?, self.input.number()?);
                self.execute(offset, size)
            }
            4 | 5 => self.create_ring(ring)?,
            6 => self.guest.send(&DestroyRingMESA { ring }),
            7 => {
                let (offset, value) = (self.input.number()? as usize, self.input.number()? as u32);
                self.guest.send(&WriteRingExtraMESA {
                    ring,
                    offset,
                    value,
                })
            }
            8 => {
                let seqno = self.input.number()?;
                self.guest.send(&SubmitVirtqueueSeqnoMESA { ring, seqno })
            }
            9 => self.guest.send(&WaitRingSeqnoMESA {
                ring,
                seqno: self.tail.into(),
            }),
            _ => {
                let seqno = self.input.number()?;
                self.guest.send(&WaitVirtqueueSeqnoMESA { seqno })
            }
        })
    }

    /// A ring like Mesa's, with some numbers changed.
    fn create_ring(&mut self, ring: u64) -> Option<Result<(), Error>> {
        let mut info = RingCreateInfoMESA {
            resource_id: RING.0,
            size: SHARED_BYTES as usize,
            idle_timeout: 100_000,
            tail_offset: 64,
            status_offset: 128,
            buffer_offset: 192,
            buffer_size: 4096,
            extra_offset: 8192,
            extra_size: 64,
            ..Default::default()
        };
        for _ in 0..self.input.below(4)?.saturating_sub(1) {
            let number = self.input.number()? as usize;
            let place = match self.input.below(9)? {
                0 => &mut info.offset,
                1 => &mut info.size,
                2 => &mut info.head_offset,
                3 => &mut info.tail_offset,
                4 => &mut info.status_offset,
                5 => &mut info.buffer_offset,
                6 => &mut info.buffer_size,
                7 => &mut info.extra_offset,
                _ => &mut info.extra_size,
            };
            *place = number;
        }
        Some(self.guest.send(&CreateRingMESA {
            ring,
            create_info: &info,
        }))
    }

    /// Calls of the door.
    fn seam(&mut self) -> Option<Result<(), Error>> {
        let resource = ResourceId(self.input.below(4)?.into());
        Some(match self.input.below(6)? {
            0 => {
                let ring = RingIdx(self.input.number()? as u32);
                self.guest.fence(ring, context::FenceId(1))
            }
            1 => self.guest.fence(RingIdx(1), context::FenceId(2)),
            2 => {
                // Sizes that a test can afford.
                let (id, size) = (
                    self.input.id()?,
                    self.input.number()? & 0xffff_ffff_000f_ffff,
                );
                self.guest
                    .blob(BlobId(id), size)
                    .and_then(|blob| self.guest.attach(resource, blob))
            }
            3 => {
                let blob = self.guest.blob(BlobId(0), SHARED_BYTES);
                blob.and_then(|blob| self.guest.attach(resource, blob))
            }
            4 => {
                self.guest.context.detach(resource);
                Ok(())
            }
            _ => {
                self.guest.context.detach(RING);
                Ok(())
            }
        })
    }

    /// Writes where streams and rings are, while they are in use.
    fn shared_words(&mut self) -> Option<Result<(), Error>> {
        let at = self.input.number()? % (SHARED_BYTES / 4) * 4;
        let value = self.input.number()? as u32;
        let shm = if self.input.below(2)? == 0 {
            &self.stream
        } else {
            &self.ring
        };
        let _ = shm.store_u32(at, value, Ordering::SeqCst);
        Some(Ok(()))
    }

    fn put<'a>(&mut self, command: &impl WireRequest<'a>) -> Option<()> {
        let flags = if self.input.below(4)? == 0 {
            GENERATE_REPLY
        } else {
            0
        };
        command.encode_command(flags, &mut self.encoder);
        Some(())
    }

    /// Encodes a command of Vulkan.
    fn command(&mut self) -> Option<()> {
        match self.input.below(6)? {
            0 => self.create(),
            1 => self.destroy(),
            2 => self.synchronize(),
            3 => self.pools(),
            4 => self.ask(),
            _ => self.memory(),
        }
    }

    fn create(&mut self) -> Option<()> {
        use ObjectType as O;
        const KINDS: [ObjectType; 9] = [
            O::FENCE,
            O::SEMAPHORE,
            O::EVENT,
            O::BUFFER,
            O::IMAGE,
            O::QUERY_POOL,
            O::SAMPLER,
            O::COMMAND_POOL,
            O::DEVICE,
        ];
        let device = self.world.device;
        let kind = self.input.below(KINDS.len() as u8)?;
        let id = self.fresh(KINDS[usize::from(kind)])?;
        match kind {
            0 => self.put(&CreateFence {
                device,
                create_info: &Default::default(),
                fence: FenceId(id),
            }),
            1 => {
                let kind = SemaphoreTypeCreateInfo {
                    semaphore_type: SemaphoreType::TIMELINE,
                    ..Default::default()
                };
                let links = [Extension::SemaphoreTypeCreateInfo(&kind)];
                let create_info = SemaphoreCreateInfo {
                    next: Chain(&links),
                    ..Default::default()
                };
                self.put(&CreateSemaphore {
                    device,
                    create_info: &create_info,
                    semaphore: SemaphoreId(id),
                })
            }
            2 => self.put(&CreateEvent {
                device,
                create_info: &Default::default(),
                event: EventId(id),
            }),
            3 => {
                let usage = BufferUsageFlags::TRANSFER_DST | BufferUsageFlags::STORAGE_BUFFER;
                let size = u64::from(self.input.byte()?) * 64 + 64;
                let create_info = BufferCreateInfo {
                    size,
                    usage,
                    ..Default::default()
                };
                self.put(&CreateBuffer {
                    device,
                    create_info: &create_info,
                    buffer: BufferId(id),
                })
            }
            4 => {
                let extent = Extent3D {
                    width: 16,
                    height: 16,
                    depth: 1,
                };
                let create_info = ImageCreateInfo {
                    image_type: ImageType::_2D,
                    format: Format::R8G8B8A8_UNORM,
                    extent,
                    mip_levels: 1,
                    array_layers: 1,
                    samples: SampleCountFlags::_1,
                    usage: ImageUsageFlags::SAMPLED | ImageUsageFlags::TRANSFER_DST,
                    ..Default::default()
                };
                self.put(&CreateImage {
                    device,
                    create_info: &create_info,
                    image: ImageId(id),
                })
            }
            5 => {
                let query_count = u32::from(self.input.byte()?) + 1;
                let create_info = QueryPoolCreateInfo {
                    query_type: QueryType::OCCLUSION,
                    query_count,
                    ..Default::default()
                };
                self.put(&CreateQueryPool {
                    device,
                    create_info: &create_info,
                    query_pool: QueryPoolId(id),
                })
            }
            6 => self.put(&CreateSampler {
                device,
                create_info: &Default::default(),
                sampler: SamplerId(id),
            }),
            7 => {
                let create_info = CommandPoolCreateInfo {
                    flags: CommandPoolCreateFlags::RESET_COMMAND_BUFFER,
                    ..Default::default()
                };
                let command_pool = CommandPoolId(id);
                self.put(&CreateCommandPool {
                    device,
                    create_info: &create_info,
                    command_pool,
                })
            }
            _ => {
                let queue = DeviceQueueCreateInfo {
                    queue_family_index: self.input.below(3)?.saturating_sub(1).into(),
                    queue_count: self.input.below(3)?.into(),
                    queue_priorities: &[1.0, 1.0],
                    ..Default::default()
                };
                let queue = DeviceQueueCreateInfo {
                    queue_priorities: queue.queue_priorities.get(..queue.queue_count as usize)?,
                    ..queue
                };
                let create_info = DeviceCreateInfo {
                    queue_create_info_count: 1,
                    queue_create_infos: &[queue],
                    ..Default::default()
                };
                let physical_device = self.world.physical_device;
                self.put(&CreateDevice {
                    physical_device,
                    create_info: &create_info,
                    device: DeviceId(id),
                })
            }
        }
    }

    fn destroy(&mut self) -> Option<()> {
        use ObjectType as O;
        const KINDS: [ObjectType; 14] = [
            O::FENCE,
            O::SEMAPHORE,
            O::EVENT,
            O::BUFFER,
            O::IMAGE,
            O::QUERY_POOL,
            O::SAMPLER,
            O::COMMAND_POOL,
            O::DEVICE_MEMORY,
            O::DESCRIPTOR_POOL,
            O::DESCRIPTOR_SET_LAYOUT,
            O::IMAGE_VIEW,
            O::DEVICE,
            O::INSTANCE,
        ];
        let device = self.world.device;
        let kind = self.input.below(KINDS.len() as u8)?;
        let id = self.doomed(KINDS[usize::from(kind)])?;
        match kind {
            0 => self.put(&DestroyFence {
                device,
                fence: FenceId(id),
            }),
            1 => self.put(&DestroySemaphore {
                device,
                semaphore: SemaphoreId(id),
            }),
            2 => self.put(&DestroyEvent {
                device,
                event: EventId(id),
            }),
            3 => self.put(&DestroyBuffer {
                device,
                buffer: BufferId(id),
            }),
            4 => self.put(&DestroyImage {
                device,
                image: ImageId(id),
            }),
            5 => self.put(&DestroyQueryPool {
                device,
                query_pool: QueryPoolId(id),
            }),
            6 => self.put(&DestroySampler {
                device,
                sampler: SamplerId(id),
            }),
            7 => self.put(&DestroyCommandPool {
                device,
                command_pool: CommandPoolId(id),
            }),
            8 => self.put(&FreeMemory {
                device,
                memory: DeviceMemoryId(id),
            }),
            9 => self.put(&DestroyDescriptorPool {
                device,
                descriptor_pool: DescriptorPoolId(id),
            }),
            10 => self.put(&DestroyDescriptorSetLayout {
                device,
                descriptor_set_layout: DescriptorSetLayoutId(id),
            }),
            11 => self.put(&DestroyImageView {
                device,
                image_view: ImageViewId(id),
            }),
            12 => self.put(&DestroyDevice {
                device: DeviceId(id),
            }),
            _ => self.put(&DestroyInstance {
                instance: InstanceId(id),
            }),
        }
    }

    fn synchronize(&mut self) -> Option<()> {
        let device = self.world.device;
        let fence = FenceId(self.existing(ObjectType::FENCE)?);
        let semaphore = SemaphoreId(self.existing(ObjectType::SEMAPHORE)?);
        let event = EventId(self.existing(ObjectType::EVENT)?);
        let other_device = DeviceId(self.existing(ObjectType::DEVICE)?);
        match self.input.below(11)? {
            0 => self.put(&GetFenceStatus { device, fence }),
            1 => self.put(&WaitForFences {
                device,
                fence_count: 1,
                fences: &[fence],
                wait_all: 1,
                timeout: 1000,
            }),
            2 => {
                let value = self.input.number()?;
                let signal_info = SemaphoreSignalInfo {
                    semaphore,
                    value,
                    ..Default::default()
                };
                self.put(&SignalSemaphore {
                    device,
                    signal_info: &signal_info,
                })
            }
            3 => {
                let values = &[self.input.number()?];
                let wait_info = SemaphoreWaitInfo {
                    semaphore_count: 1,
                    semaphores: &[semaphore],
                    values,
                    ..Default::default()
                };
                self.put(&WaitSemaphores {
                    device,
                    wait_info: &wait_info,
                    timeout: 1000,
                })
            }
            4 => self.put(&GetSemaphoreCounterValue { device, semaphore }),
            5 => self.put(&SetEvent { device, event }),
            6 => self.put(&GetEventStatus { device, event }),
            7 => self.put(&DeviceWaitIdle {
                device: other_device,
            }),
            8 => self.put(&QueueWaitIdle {
                queue: self.world.queue,
            }),
            9 => self.put(&ResetFenceResourceMESA { device, fence }),
            _ => {
                let ring_idx = self.input.number()? as u32;
                let queue = self.fresh(ObjectType::QUEUE)?;
                let timeline = DeviceQueueTimelineInfoMESA {
                    ring_idx,
                    ..Default::default()
                };
                let links = [Extension::DeviceQueueTimelineInfoMESA(&timeline)];
                let queue_info = DeviceQueueInfo2 {
                    next: Chain(&links),
                    ..Default::default()
                };
                let device = other_device;
                self.put(&GetDeviceQueue2 {
                    device,
                    queue_info: &queue_info,
                    queue: QueueId(queue),
                })
            }
        }
    }

    fn pools(&mut self) -> Option<()> {
        let device = self.world.device;
        let query_pool = QueryPoolId(self.existing(ObjectType::QUERY_POOL)?);
        let command_pool = CommandPoolId(self.existing(ObjectType::COMMAND_POOL)?);
        let descriptor_pool = DescriptorPoolId(self.existing(ObjectType::DESCRIPTOR_POOL)?);
        match self.input.below(9)? {
            0 => {
                let allocate_info = CommandBufferAllocateInfo {
                    command_pool,
                    command_buffer_count: 1,
                    ..Default::default()
                };
                let command_buffers = &[CommandBufferId(self.fresh(ObjectType::COMMAND_BUFFER)?)];
                self.put(&AllocateCommandBuffers {
                    device,
                    allocate_info: &allocate_info,
                    command_buffers,
                })
            }
            1 => {
                let command_buffers = &[CommandBufferId(self.doomed(ObjectType::COMMAND_BUFFER)?)];
                self.put(&FreeCommandBuffers {
                    device,
                    command_pool,
                    command_buffer_count: 1,
                    command_buffers,
                })
            }
            2 => {
                let (first_query, query_count) =
                    (self.input.number()? as u32, self.input.number()? as u32);
                self.put(&ResetQueryPool {
                    device,
                    query_pool,
                    first_query,
                    query_count,
                })
            }
            3 => {
                let size = (self.input.number()? & 0xffff) as usize;
                let (first_query, query_count) =
                    (self.input.number()? as u32, self.input.number()? as u32);
                let stride = self.input.number()?;
                let flags = QueryResultFlags::_64 | QueryResultFlags::WITH_AVAILABILITY;
                self.put(&GetQueryPoolResults {
                    device,
                    query_pool,
                    first_query,
                    query_count,
                    data_size: size,
                    data_room: size,
                    stride,
                    flags,
                })
            }
            4 => {
                let binding = DescriptorSetLayoutBinding {
                    descriptor_type: DescriptorType::STORAGE_BUFFER,
                    descriptor_count: 1,
                    stage_flags: ShaderStageFlags::COMPUTE,
                    ..Default::default()
                };
                let create_info = DescriptorSetLayoutCreateInfo {
                    binding_count: 1,
                    bindings: &[binding],
                    ..Default::default()
                };
                let set_layout =
                    DescriptorSetLayoutId(self.fresh(ObjectType::DESCRIPTOR_SET_LAYOUT)?);
                self.put(&CreateDescriptorSetLayout {
                    device,
                    create_info: &create_info,
                    set_layout,
                })
            }
            5 => {
                let size = DescriptorPoolSize {
                    type_: DescriptorType::STORAGE_BUFFER,
                    descriptor_count: 2,
                };
                let create_info = DescriptorPoolCreateInfo {
                    flags: DescriptorPoolCreateFlags::FREE_DESCRIPTOR_SET,
                    max_sets: 2,
                    pool_size_count: 1,
                    pool_sizes: &[size],
                    ..Default::default()
                };
                let descriptor_pool = DescriptorPoolId(self.fresh(ObjectType::DESCRIPTOR_POOL)?);
                self.put(&CreateDescriptorPool {
                    device,
                    create_info: &create_info,
                    descriptor_pool,
                })
            }
            6 => {
                let set_layout =
                    DescriptorSetLayoutId(self.existing(ObjectType::DESCRIPTOR_SET_LAYOUT)?);
                let allocate_info = DescriptorSetAllocateInfo {
                    descriptor_pool,
                    descriptor_set_count: 1,
                    set_layouts: &[set_layout],
                    ..Default::default()
                };
                let descriptor_sets = &[DescriptorSetId(self.fresh(ObjectType::DESCRIPTOR_SET)?)];
                self.put(&AllocateDescriptorSets {
                    device,
                    allocate_info: &allocate_info,
                    descriptor_sets,
                })
            }
            7 => {
                let descriptor_sets = &[DescriptorSetId(self.doomed(ObjectType::DESCRIPTOR_SET)?)];
                self.put(&FreeDescriptorSets {
                    device,
                    descriptor_pool,
                    descriptor_set_count: 1,
                    descriptor_sets,
                })
            }
            _ => {
                let flags = DescriptorPoolResetFlags(0);
                self.put(&ResetDescriptorPool {
                    device,
                    descriptor_pool,
                    flags,
                })
            }
        }
    }

    /// Questions, and room for the answers.
    fn ask(&mut self) -> Option<()> {
        let (device, physical_device) = (self.world.device, self.world.physical_device);
        let count = u32::from(self.input.byte()?);
        match self.input.below(9)? {
            0 => self.put(&EnumeratePhysicalDevices {
                instance: self.world.instance,
                physical_device_count: 2,
                physical_devices: &[
                    PhysicalDeviceId(2),
                    PhysicalDeviceId(u64::from(count) + 100),
                ],
            }),
            1 => self.put(&GetPhysicalDeviceQueueFamilyProperties {
                physical_device,
                queue_family_property_count: count,
                queue_family_properties_room: count as usize,
            }),
            2 => self.put(&EnumerateDeviceExtensionProperties {
                physical_device,
                layer_name: None,
                property_count: count,
                properties_room: count as usize,
            }),
            3 => {
                let vulkan = PhysicalDeviceVulkan11Properties::default();
                let links = vec![
                    Extension::PhysicalDeviceVulkan11Properties(&vulkan);
                    (count % 4) as usize
                ];
                let properties = PhysicalDeviceProperties2 {
                    next: Chain(&links),
                    ..Default::default()
                };
                self.put(&GetPhysicalDeviceProperties2 {
                    physical_device,
                    properties: &properties,
                })
            }
            4 => {
                let list = DrmFormatModifierPropertiesListEXT {
                    drm_format_modifier_count: count,
                    drm_format_modifier_properties: &vec![Default::default(); count as usize],
                    ..Default::default()
                };
                let links = [Extension::DrmFormatModifierPropertiesListEXT(&list)];
                let format_properties = FormatProperties2 {
                    next: Chain(&links),
                    ..Default::default()
                };
                let format = Format::B8G8R8A8_UNORM;
                self.put(&GetPhysicalDeviceFormatProperties2 {
                    physical_device,
                    format,
                    format_properties: &format_properties,
                })
            }
            5 => {
                let memory_resource_properties = &Default::default();
                self.put(&GetMemoryResourcePropertiesMESA {
                    device,
                    resource_id: count,
                    memory_resource_properties,
                })
            }
            6 => {
                let buffer = BufferId(self.existing(ObjectType::BUFFER)?);
                self.put(&GetBufferMemoryRequirements { device, buffer })
            }
            7 => {
                let image = ImageId(self.existing(ObjectType::IMAGE)?);
                self.put(&GetImageMemoryRequirements { device, image })
            }
            _ => {
                let memory = DeviceMemoryId(self.existing(ObjectType::DEVICE_MEMORY)?);
                self.put(&GetDeviceMemoryCommitment { device, memory })
            }
        }
    }

    fn memory(&mut self) -> Option<()> {
        let device = self.world.device;
        match self.input.below(4)? {
            0 => {
                let memory = DeviceMemoryId(self.fresh(ObjectType::DEVICE_MEMORY)?);
                let allocation_size = u64::from(self.input.byte()?) * 1024 + 1;
                let memory_type_index = self.input.below(3)?.into();
                let allocate_info = MemoryAllocateInfo {
                    allocation_size,
                    memory_type_index,
                    ..Default::default()
                };
                self.put(&AllocateMemory {
                    device,
                    allocate_info: &allocate_info,
                    memory,
                })
            }
            1 => {
                let memory = DeviceMemoryId(self.fresh(ObjectType::DEVICE_MEMORY)?);
                let resource_id = self.input.below(24)?.into();
                let import = ImportMemoryResourceInfoMESA {
                    resource_id,
                    ..Default::default()
                };
                let links = [Extension::ImportMemoryResourceInfoMESA(&import)];
                let allocation_size = self.input.number()?;
                let allocate_info = MemoryAllocateInfo {
                    next: Chain(&links),
                    allocation_size,
                    ..Default::default()
                };
                self.put(&AllocateMemory {
                    device,
                    allocate_info: &allocate_info,
                    memory,
                })
            }
            2 => {
                let view = self.fresh(ObjectType::IMAGE_VIEW)?;
                let create_info = ImageViewCreateInfo {
                    image: ImageId(self.existing(ObjectType::IMAGE)?),
                    view_type: ImageViewType::_2D,
                    format: Format::R8G8B8A8_UNORM,
                    subresource_range: ImageSubresourceRange {
                        aspect_mask: ImageAspectFlags::COLOR,
                        level_count: 1,
                        layer_count: 1,
                        ..Default::default()
                    },
                    ..Default::default()
                };
                self.put(&CreateImageView {
                    device,
                    create_info: &create_info,
                    view: ImageViewId(view),
                })
            }
            _ => {
                let buffer = BufferId(self.existing(ObjectType::BUFFER)?);
                let memory = DeviceMemoryId(self.existing(ObjectType::DEVICE_MEMORY)?);
                self.put(&BindBufferMemory {
                    device,
                    buffer,
                    memory,
                    memory_offset: 0,
                })
            }
        }
    }
}
