//! Guests that break the rules one at a time: their context ends with one line in the log and
//! one event, the process and the other contexts go on.

mod common;

use common::guest::{REPLY, REPLY_BYTES};
use common::{Guest, World, guest, log};
use context::{BlobId, Error, ResourceId, RingIdx};
use vulkan_types::*;
use wire_venus::{Encoder, GENERATE_REPLY, WireRequest};

/// A test's guest ends with a fault that says `fault`.
fn ends(fault: &str, act: impl FnOnce(&mut Guest, World) -> Result<(), Error>) {
    if let Some((mut guest, world)) = guest() {
        let result = act(&mut guest, world);
        guest.expect_end(result, fault);
    }
}

#[test]
fn an_id_of_nothing() {
    ends("no object", |guest, world| {
        guest.send(&DestroyFence {
            device: world.device,
            fence: FenceId(4711),
        })
    });
}

#[test]
fn an_id_of_nothing_on_which_to_call() {
    ends("no object", |guest, _| {
        guest.send(&DeviceWaitIdle {
            device: DeviceId(4711),
        })
    });
}

#[test]
fn an_id_of_another_type() {
    ends("no object", |guest, world| {
        let buffer = world.create_buffer(guest);
        guest.send(&DestroyFence {
            device: world.device,
            fence: FenceId(buffer.0),
        })
    });
}

#[test]
fn an_id_of_another_type_inside_a_structure() {
    ends("no object", |guest, world| {
        let buffer = world.create_buffer(guest);
        let create_info = ImageViewCreateInfo {
            image: ImageId(buffer.0),
            ..Default::default()
        };
        guest.send(&CreateImageView {
            device: world.device,
            create_info: &create_info,
            view: ImageViewId(99),
        })
    });
}

#[test]
fn zero_for_a_new_object() {
    ends("zero", |guest, world| {
        let create_info = FenceCreateInfo::default();
        guest.send(&CreateFence {
            device: world.device,
            create_info: &create_info,
            fence: FenceId(0),
        })
    });
}

#[test]
fn an_id_that_is_taken() {
    ends("already names", |guest, world| {
        let fence = world.create_fence(guest);
        let create_info = FenceCreateInfo::default();
        guest.send(&CreateFence {
            device: world.device,
            create_info: &create_info,
            fence,
        })
    });
}

#[test]
fn an_id_that_is_taken_by_another_type() {
    ends("already names", |guest, world| {
        let create_info = FenceCreateInfo::default();
        guest.send(&CreateFence {
            device: world.device,
            create_info: &create_info,
            fence: FenceId(world.queue.0),
        })
    });
}

#[test]
fn one_id_for_two_new_objects() {
    ends("already names", |guest, world| {
        let (command_pool, _) = world.command_buffer(guest);
        let allocate_info = CommandBufferAllocateInfo {
            command_pool,
            command_buffer_count: 2,
            ..Default::default()
        };
        guest.send(&AllocateCommandBuffers {
            device: world.device,
            allocate_info: &allocate_info,
            command_buffers: &[CommandBufferId(77), CommandBufferId(77)],
        })
    });
}

#[test]
fn use_after_destroy() {
    ends("no object", |guest, world| {
        let fence = world.create_fence(guest);
        guest.send(&DestroyFence {
            device: world.device,
            fence,
        })?;
        guest.send(&GetFenceStatus {
            device: world.device,
            fence,
        })
    });
}

#[test]
fn destroying_twice() {
    ends("no object", |guest, world| {
        let fence = world.create_fence(guest);
        guest
            .send(&DestroyFence {
                device: world.device,
                fence,
            })
            .unwrap();
        guest.send(&DestroyFence {
            device: world.device,
            fence,
        })
    });
}

#[test]
fn use_after_the_device_is_gone() {
    ends("no object", |guest, world| {
        let fence = world.create_fence(guest);
        guest
            .send(&DestroyDevice {
                device: world.device,
            })
            .unwrap();
        guest.send(&GetFenceStatus {
            device: world.device,
            fence,
        })
    });
}

#[test]
fn a_queue_after_its_device_is_gone() {
    ends("no object", |guest, world| {
        guest
            .send(&DestroyDevice {
                device: world.device,
            })
            .unwrap();
        guest.send(&QueueWaitIdle { queue: world.queue })
    });
}

#[test]
fn a_physical_device_after_its_instance_is_gone() {
    ends("no object", |guest, world| {
        guest
            .send(&DestroyInstance {
                instance: world.instance,
            })
            .unwrap();
        guest.send(&EnumerateDeviceLayerProperties {
            physical_device: world.physical_device,
            property_count: 0,
            properties_room: 0,
        })?;
        guest.send(&GetPhysicalDeviceProperties {
            physical_device: world.physical_device,
        })
    });
}

#[test]
fn a_child_after_its_pool_is_gone() {
    ends("no object", |guest, world| {
        let (command_pool, command_buffer) = world.command_buffer(guest);
        guest
            .send(&DestroyCommandPool {
                device: world.device,
                command_pool,
            })
            .unwrap();
        guest.send(&EndCommandBuffer { command_buffer })
    });
}

#[test]
fn a_child_of_one_pool_freed_to_another() {
    ends("no object", |guest, world| {
        let (_, command_buffer) = world.command_buffer(guest);
        let (other, _) = world.command_buffer(guest);
        let command_buffers = &[command_buffer];
        guest.send(&FreeCommandBuffers {
            device: world.device,
            command_pool: other,
            command_buffer_count: 1,
            command_buffers,
        })
    });
}

#[test]
fn a_child_freed_twice_at_once() {
    ends("no object", |guest, world| {
        let (command_pool, command_buffer) = world.command_buffer(guest);
        guest.send(&FreeCommandBuffers {
            device: world.device,
            command_pool,
            command_buffer_count: 2,
            command_buffers: &[command_buffer, command_buffer],
        })
    });
}

/// How many command buffers to free, and none of them.
#[test]
fn children_counted_and_not_named() {
    ends("array of children", |guest, world| {
        let (command_pool, _) = world.command_buffer(guest);
        guest.send(&FreeCommandBuffers {
            device: world.device,
            command_pool,
            command_buffer_count: 2,
            command_buffers: &[],
        })
    });
}

/// Null among them is none of them.
#[test]
fn null_among_children() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let (command_pool, command_buffer) = world.command_buffer(&mut guest);
    let free = FreeCommandBuffers {
        device: world.device,
        command_pool,
        command_buffer_count: 3,
        command_buffers: &[CommandBufferId(0), command_buffer, CommandBufferId(0)],
    };
    guest.send(&free).unwrap();
    let result = guest.send(&EndCommandBuffer { command_buffer });
    guest.expect_end(result, "no object");
}

#[test]
fn an_image_bound_to_no_memory() {
    ends("no object", |guest, world| {
        let create_info = ImageCreateInfo {
            image_type: ImageType::_2D,
            format: Format::R8G8B8A8_UNORM,
            extent: Extent3D {
                width: 1,
                height: 1,
                depth: 1,
            },
            mip_levels: 1,
            array_layers: 1,
            samples: SampleCountFlags::_1,
            usage: ImageUsageFlags::SAMPLED,
            ..Default::default()
        };
        let image = ImageId(guest.fresh());
        guest
            .send(&CreateImage {
                device: world.device,
                create_info: &create_info,
                image,
            })
            .unwrap();
        let bind = BindImageMemoryInfo {
            image,
            ..Default::default()
        };
        guest.send(&BindImageMemory2 {
            device: world.device,
            bind_info_count: 1,
            bind_infos: &[bind],
        })
    });
}

#[test]
fn a_question_of_an_image_that_cannot_be() {
    ends("without extent", |guest, world| {
        let info = DeviceImageMemoryRequirements {
            create_info: Some(&ImageCreateInfo::default()),
            ..Default::default()
        };
        guest.send(&GetDeviceImageSparseMemoryRequirements {
            device: world.device,
            info: &info,
            sparse_memory_requirement_count: 0,
            sparse_memory_requirements: &[],
        })
    });
}

/// llvmpipe sizes tables by these and writes past them.
#[test]
fn images_that_cannot_be() {
    type Change = fn(&mut ImageCreateInfo<'static>);
    let changes: [(&str, Change); 8] = [
        ("without extent", |i| i.extent.width = 0),
        ("without extent", |i| i.extent.depth = 0),
        ("without extent", |i| i.array_layers = 0),
        ("without extent", |i| i.samples = SampleCountFlags(0)),
        ("without extent", |i| i.samples = SampleCountFlags(3)),
        ("mip levels", |i| i.mip_levels = 0),
        ("mip levels", |i| i.mip_levels = 6),
        ("mip levels", |i| i.mip_levels = u32::MAX),
    ];
    for (fault, change) in changes {
        let mut create_info = ImageCreateInfo {
            image_type: ImageType::_2D,
            format: Format::R8G8B8A8_UNORM,
            extent: Extent3D {
                width: 16,
                height: 3,
                depth: 1,
            },
            mip_levels: 5,
            array_layers: 1,
            samples: SampleCountFlags::_1,
            usage: ImageUsageFlags::SAMPLED,
            ..Default::default()
        };
        let Some((mut guest, world)) = guest() else {
            return;
        };
        let create = CreateImage {
            device: world.device,
            create_info: &create_info,
            image: ImageId(70),
        };
        assert_eq!(guest.ask(&create, |reply| reply.ret), Ok(VkResult::SUCCESS));
        change(&mut create_info);
        let create = CreateImage {
            device: world.device,
            create_info: &create_info,
            image: ImageId(71),
        };
        let result = guest.send(&create);
        guest.expect_end(result, fault);
    }
}

#[test]
fn an_image_that_the_device_cannot_make() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    // A depth format drawn to as colour: no device has it, and some stop when it is drawn to.
    let create_info = ImageCreateInfo {
        image_type: ImageType::_2D,
        format: Format::D32_SFLOAT,
        extent: Extent3D {
            width: 16,
            height: 16,
            depth: 1,
        },
        mip_levels: 1,
        array_layers: 1,
        samples: SampleCountFlags::_1,
        usage: ImageUsageFlags::COLOR_ATTACHMENT,
        ..Default::default()
    };
    for id in [70, 71] {
        let create = CreateImage {
            device: world.device,
            create_info: &create_info,
            image: ImageId(id),
        };
        assert_eq!(
            guest.ask(&create, |reply| reply.ret),
            Ok(VkResult::ERROR_FORMAT_NOT_SUPPORTED)
        );
    }
    let lines = log::of_context(guest.id.0);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("refused"), "{lines:?}");
    assert!(!guest.is_lost_now());
}

#[test]
fn a_malformed_chain() {
    ends("malformed command 35", |guest, world| {
        let semaphore = ExportSemaphoreCreateInfo::default();
        let links = [Extension::ExportSemaphoreCreateInfo(&semaphore)];
        let create_info = FenceCreateInfo {
            next: Chain(&links),
            ..Default::default()
        };
        guest.send(&CreateFence {
            device: world.device,
            create_info: &create_info,
            fence: FenceId(98),
        })
    });
}

#[test]
fn a_command_cut_short() {
    ends("malformed command 20", |guest, world| {
        let mut encoder = Encoder::new();
        DeviceWaitIdle {
            device: world.device,
        }
        .encode_command(0, &mut encoder);
        let bytes = encoder.bytes();
        guest.submit(&bytes[..bytes.len() - 4])
    });
}

#[test]
fn bytes_after_the_last_command() {
    ends("malformed command", |guest, world| {
        let mut encoder = Encoder::new();
        DeviceWaitIdle {
            device: world.device,
        }
        .encode_command(0, &mut encoder);
        encoder.u32(0xffff_ffff);
        guest.submit(encoder.bytes())
    });
}

#[test]
fn a_number_of_no_command() {
    ends("malformed command 9999", |guest, _| {
        let mut encoder = Encoder::new();
        encoder.u32(9999);
        encoder.u32(0);
        guest.submit(encoder.bytes())
    });
}

/// Commands before the bad one are carried out, and those after it are not.
#[test]
fn a_length_past_the_buffer() {
    ends("malformed command", |guest, _| {
        let mut encoder = Encoder::new();
        encoder.u32(EnumerateDeviceExtensionProperties::ID);
        encoder.u32(0);
        encoder.u64(2);
        encoder.u64(1 << 40);
        guest.submit(encoder.bytes())
    });
}

#[test]
fn a_reply_without_a_stream() {
    let Some(renderer) = common::renderer() else {
        return;
    };
    let mut guest = Guest::new(renderer);
    let mut encoder = Encoder::new();
    EnumerateInstanceVersion {}.encode_command(GENERATE_REPLY, &mut encoder);
    let result = guest.submit(encoder.bytes());
    guest.expect_end(result, "reply without a stream");
}

fn reply_stream(
    guest: &mut Guest,
    resource: ResourceId,
    offset: u64,
    size: u64,
) -> Result<(), Error> {
    let stream = CommandStreamDescriptionMESA {
        resource_id: resource.0,
        offset: offset as usize,
        size: size as usize,
    };
    guest.send(&SetReplyCommandStreamMESA { stream: &stream })
}

#[test]
fn a_reply_stream_past_its_resource() {
    ends("reply stream", |guest, _| {
        reply_stream(guest, REPLY, REPLY_BYTES - 8, 16)
    });
    ends("reply stream", |guest, _| {
        reply_stream(guest, REPLY, u64::MAX - 8, 16)
    });
    ends("reply stream", |guest, _| {
        reply_stream(guest, REPLY, 0, u64::MAX)
    });
}

#[test]
fn a_reply_stream_in_no_resource() {
    ends("no resource 77", |guest, _| {
        reply_stream(guest, ResourceId(77), 0, 64)
    });
}

#[test]
fn a_reply_past_its_stream() {
    ends("reply", |guest, _| {
        reply_stream(guest, REPLY, 0, 4)?;
        guest.ask(&EnumerateInstanceVersion {}, |_| ())
    });
}

#[test]
fn a_position_past_the_reply_stream() {
    ends("reply position", |guest, _| {
        guest.send(&SeekReplyCommandStreamMESA {
            position: REPLY_BYTES as usize + 1,
        })
    });
}

/// The stream's memory stays while replies go there, even when the resource is detached.
#[test]
fn a_reply_stream_that_is_detached() {
    let Some((mut guest, _)) = guest() else {
        return;
    };
    guest.context.detach(REPLY);
    let version = guest
        .ask(&EnumerateInstanceVersion {}, |reply| reply.api_version)
        .unwrap();
    assert!(version >= 1 << 22);
    let gone = reply_stream(&mut guest, REPLY, 0, 64);
    guest.expect_end(gone, "no resource 1");
}

/// A stream in a resource that executes itself.
#[test]
fn streams_within_streams() {
    ends("streams within streams", |guest, _| {
        let shm = guest.shm(ResourceId(2), 4096);
        let mut encoder = Encoder::new();
        let command = |size| CommandStreamDescriptionMESA {
            resource_id: 2,
            offset: 0,
            size,
        };
        let mut put = |size: usize| {
            encoder.clear();
            ExecuteCommandStreamsMESA {
                stream_count: 1,
                streams: &[command(size)],
                reply_positions: &[],
                dependency_count: 0,
                dependencies: &[],
                flags: CommandStreamExecutionFlagsMESA(0),
            }
            .encode_command(0, &mut encoder);
            encoder.bytes().to_vec()
        };
        let length = put(0).len();
        shm.write(0, &put(length)).unwrap();
        guest.submit(&put(length))
    });
}

#[test]
fn a_stream_past_its_resource() {
    let execute = |offset: usize, size: usize| {
        move |guest: &mut Guest, _| {
            let stream = CommandStreamDescriptionMESA {
                resource_id: REPLY.0,
                offset,
                size,
            };
            guest.send(&ExecuteCommandStreamsMESA {
                stream_count: 1,
                streams: &[stream],
                reply_positions: &[],
                dependency_count: 0,
                dependencies: &[],
                flags: CommandStreamExecutionFlagsMESA(0),
            })
        }
    };
    ends("past its resource", execute(REPLY_BYTES as usize, 4));
    ends("past its resource", execute(usize::MAX, 4));
    ends("bytes in a command stream", execute(0, usize::MAX));
}

#[test]
fn a_command_of_an_extension_that_is_not_enabled() {
    ends("not enabled", |guest, world| {
        let (_, command_buffer) = world.command_buffer(guest);
        guest.send(&CmdDrawMeshTasksEXT {
            command_buffer,
            group_count_x: 1,
            group_count_y: 1,
            group_count_z: 1,
        })
    });
}

/// The loader has the command for any device and jumps to where the device has none.
#[test]
fn a_question_of_an_extension_that_the_device_does_not_have() {
    ends("does not have", |guest, world| {
        guest.send(&GetPhysicalDeviceFragmentShadingRatesKHR {
            physical_device: world.physical_device,
            fragment_shading_rate_count: 0,
            fragment_shading_rates: &[],
        })
    });
}

#[test]
fn an_extension_that_is_not_offered() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let ret = world.create_device(&mut guest, DeviceId(50), &[c"VK_KHR_swapchain"]);
    assert_eq!(ret, Ok(VkResult::ERROR_EXTENSION_NOT_PRESENT));
    let ret = world.create_device(&mut guest, DeviceId(50), &[c"\xff\xfe"]);
    assert_eq!(ret, Ok(VkResult::ERROR_EXTENSION_NOT_PRESENT));
}

/// A set to write to, with one uniform buffer.
fn descriptor_set(guest: &mut Guest, world: World) -> (DescriptorPoolId, DescriptorSetId) {
    let (set_layout, descriptor_pool) = (
        DescriptorSetLayoutId(guest.fresh()),
        DescriptorPoolId(guest.fresh()),
    );
    let set = DescriptorSetId(guest.fresh());
    let binding = DescriptorSetLayoutBinding {
        descriptor_type: DescriptorType::UNIFORM_BUFFER,
        descriptor_count: 1,
        stage_flags: ShaderStageFlags::FRAGMENT,
        ..Default::default()
    };
    let create_info = DescriptorSetLayoutCreateInfo {
        binding_count: 1,
        bindings: &[binding],
        ..Default::default()
    };
    let create = CreateDescriptorSetLayout {
        device: world.device,
        create_info: &create_info,
        set_layout,
    };
    guest.send(&create).unwrap();
    let size = DescriptorPoolSize {
        type_: DescriptorType::UNIFORM_BUFFER,
        descriptor_count: 1,
    };
    let create_info = DescriptorPoolCreateInfo {
        max_sets: 1,
        pool_size_count: 1,
        pool_sizes: &[size],
        ..Default::default()
    };
    guest
        .send(&CreateDescriptorPool {
            device: world.device,
            create_info: &create_info,
            descriptor_pool,
        })
        .unwrap();
    let allocate_info = DescriptorSetAllocateInfo {
        descriptor_pool,
        descriptor_set_count: 1,
        set_layouts: &[set_layout],
        ..Default::default()
    };
    let allocate = AllocateDescriptorSets {
        device: world.device,
        allocate_info: &allocate_info,
        descriptor_sets: &[set],
    };
    assert_eq!(
        guest.ask(&allocate, |reply| reply.ret),
        Ok(VkResult::SUCCESS)
    );
    (descriptor_pool, set)
}

fn write(guest: &mut Guest, world: World, write: WriteDescriptorSet<'_>) -> Result<(), Error> {
    guest.send(&UpdateDescriptorSets {
        device: world.device,
        descriptor_write_count: 1,
        descriptor_writes: &[write],
        descriptor_copy_count: 0,
        descriptor_copies: &[],
    })
}

#[test]
fn a_descriptor_write_without_its_array() {
    ends("fewer descriptors", |guest, world| {
        let (_, dst_set) = descriptor_set(guest, world);
        let descriptor_type = DescriptorType::UNIFORM_BUFFER;
        write(
            guest,
            world,
            WriteDescriptorSet {
                dst_set,
                descriptor_count: 1,
                descriptor_type,
                ..Default::default()
            },
        )
    });
}

#[test]
fn a_descriptor_write_with_another_array() {
    ends("fewer descriptors", |guest, world| {
        let (_, dst_set) = descriptor_set(guest, world);
        let image_info = &[DescriptorImageInfo::default()];
        let descriptor_type = DescriptorType::UNIFORM_BUFFER;
        let wrong = WriteDescriptorSet {
            dst_set,
            descriptor_count: 1,
            descriptor_type,
            image_info,
            ..Default::default()
        };
        write(guest, world, wrong)
    });
}

#[test]
fn a_set_after_its_pool_was_reset() {
    ends("no object", |guest, world| {
        let (descriptor_pool, dst_set) = descriptor_set(guest, world);
        let flags = DescriptorPoolResetFlags(0);
        guest
            .send(&ResetDescriptorPool {
                device: world.device,
                descriptor_pool,
                flags,
            })
            .unwrap();
        write(
            guest,
            world,
            WriteDescriptorSet {
                dst_set,
                ..Default::default()
            },
        )
    });
}

#[test]
fn a_queue_family_that_does_not_exist() {
    ends("queues that the device does not have", |guest, world| {
        let queue = DeviceQueueCreateInfo {
            queue_family_index: 1000,
            queue_count: 1,
            queue_priorities: &[1.0],
            ..Default::default()
        };
        let create_info = DeviceCreateInfo {
            queue_create_info_count: 1,
            queue_create_infos: &[queue],
            ..Default::default()
        };
        let device = DeviceId(50);
        guest.send(&CreateDevice {
            physical_device: world.physical_device,
            create_info: &create_info,
            device,
        })
    });
}

/// llvmpipe looks at the first without asking how many there are.
#[test]
fn a_device_without_queues() {
    ends("queues that the device does not have", |guest, world| {
        guest.send(&CreateDevice {
            physical_device: world.physical_device,
            create_info: &DeviceCreateInfo::default(),
            device: DeviceId(50),
        })
    });
}

#[test]
fn a_queue_that_the_device_was_not_made_with() {
    ends("not made with this queue", |guest, world| {
        let timeline = DeviceQueueTimelineInfoMESA {
            ring_idx: 2,
            ..Default::default()
        };
        let queue_info = DeviceQueueInfo2 {
            next: Chain(&[Extension::DeviceQueueTimelineInfoMESA(&timeline)]),
            queue_family_index: 7,
            ..Default::default()
        };
        guest.send(&GetDeviceQueue2 {
            device: world.device,
            queue_info: &queue_info,
            queue: QueueId(60),
        })
    });
}

#[test]
fn a_queue_without_a_timeline() {
    ends("names no timeline", |guest, world| {
        let queue_info = DeviceQueueInfo2::default();
        guest.send(&GetDeviceQueue2 {
            device: world.device,
            queue_info: &queue_info,
            queue: QueueId(60),
        })
    });
}

#[test]
fn a_timeline_bound_twice() {
    ends("", |guest, world| world.name_queue(guest, QueueId(60), 1));
    ends("bound to another queue", |guest, world| {
        let device = DeviceId(50);
        assert_eq!(
            world.create_device(guest, device, &[]),
            Ok(VkResult::SUCCESS)
        );
        World { device, ..world }.name_queue(guest, QueueId(60), 1)
    });
}

#[test]
fn a_timeline_that_does_not_exist() {
    for ring in [0, 64, u32::MAX] {
        ends("timeline", |guest, world| {
            let device = DeviceId(50);
            assert_eq!(
                world.create_device(guest, device, &[]),
                Ok(VkResult::SUCCESS)
            );
            World { device, ..world }.name_queue(guest, QueueId(60), ring)
        });
    }
}

/// Asked for over the seam, not in the stream: an error for the door, which decides.
#[test]
fn a_fence_on_a_timeline_without_a_queue() {
    let Some((mut guest, _)) = guest() else {
        return;
    };
    for ring in [2, 63, 64, u32::MAX] {
        let error = guest.fence(RingIdx(ring), context::FenceId(1)).unwrap_err();
        assert!(error.is_guest_fault(), "{error}");
    }
    guest.fence(RingIdx(1), context::FenceId(2)).unwrap();
    assert!(guest.is_signaled(context::FenceId(2)));
    guest.fence(RingIdx(0), context::FenceId(3)).unwrap();
    assert!(guest.is_signaled(context::FenceId(3)));
}

#[test]
fn a_memory_type_that_does_not_exist() {
    ends("no such memory type", |guest, world| {
        let allocate_info = MemoryAllocateInfo {
            allocation_size: 4096,
            memory_type_index: 32,
            ..Default::default()
        };
        let memory = DeviceMemoryId(70);
        guest.send(&AllocateMemory {
            device: world.device,
            allocate_info: &allocate_info,
            memory,
        })
    });
}

#[test]
fn memory_of_a_resource_that_does_not_exist() {
    ends("no resource 77", |guest, world| {
        let import = ImportMemoryResourceInfoMESA {
            resource_id: 77,
            ..Default::default()
        };
        let links = [Extension::ImportMemoryResourceInfoMESA(&import)];
        let allocate_info = MemoryAllocateInfo {
            next: Chain(&links),
            allocation_size: 4096,
            ..Default::default()
        };
        let memory = DeviceMemoryId(70);
        guest.send(&AllocateMemory {
            device: world.device,
            allocate_info: &allocate_info,
            memory,
        })
    });
}

/// More memory than there is: the driver's refusal is the guest's answer.
#[test]
fn more_memory_than_there_is() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    for allocation_size in [1 << 62, u64::MAX, u64::MAX - 4095] {
        let allocate_info = MemoryAllocateInfo {
            allocation_size,
            ..Default::default()
        };
        let memory = DeviceMemoryId(70);
        let command = AllocateMemory {
            device: world.device,
            allocate_info: &allocate_info,
            memory,
        };
        let ret = guest.ask(&command, |reply| reply.ret).unwrap();
        assert!(ret.0 < 0, "{allocation_size:#x}: {}", ret.0);
    }
}

/// More resource than its memory: an error for the door, as the blob is none of the stream's.
#[test]
fn a_blob_larger_than_its_memory() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let memory = world.allocate(&mut guest, 4096, 0);
    assert!(guest.blob(BlobId(memory.0), 4096).is_ok());
    for size in [4097, 8192, u64::MAX] {
        assert!(
            guest
                .blob(BlobId(memory.0), size)
                .unwrap_err()
                .is_guest_fault()
        );
    }
    assert!(guest.blob(BlobId(4711), 4096).unwrap_err().is_guest_fault());
    assert!(
        guest
            .blob(BlobId(world.queue.0), 4096)
            .unwrap_err()
            .is_guest_fault()
    );
    assert!(guest.blob(BlobId(0), 0).is_err());
    assert!(guest.blob(BlobId(0), u64::MAX).is_err());
}

#[test]
fn what_is_not_the_renderers_business() {
    ends("mapping", |guest, world| {
        guest.send(&UnmapMemory {
            device: world.device,
            memory: DeviceMemoryId(1),
        })
    });
    ends("layers", |guest, world| {
        guest.send(&EnumerateDeviceExtensionProperties {
            physical_device: world.physical_device,
            layer_name: Some(c"layer"),
            property_count: 0,
            properties_room: 0,
        })
    });
    ends("timeline", |guest, world| {
        let queue = QueueId(60);
        guest.send(&GetDeviceQueue {
            device: world.device,
            queue_family_index: 0,
            queue_index: 0,
            queue,
        })
    });
}

/// Results of more queries than there is room for.
#[test]
fn query_results_past_their_room() {
    let Some((mut guest, world)) = guest() else {
        return;
    };
    let query_pool = QueryPoolId(guest.fresh());
    let create_info = QueryPoolCreateInfo {
        query_type: QueryType::OCCLUSION,
        query_count: 64,
        ..Default::default()
    };
    guest
        .send(&CreateQueryPool {
            device: world.device,
            create_info: &create_info,
            query_pool,
        })
        .unwrap();
    let result = guest.send(&GetQueryPoolResults {
        device: world.device,
        query_pool,
        first_query: 0,
        query_count: 64,
        data_size: 8,
        data_room: 8,
        stride: 1 << 20,
        flags: QueryResultFlags::_64 | QueryResultFlags::WITH_AVAILABILITY,
    });
    guest.expect_end(result, "vkGetQueryPoolResults");
}
