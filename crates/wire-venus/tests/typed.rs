//! Values that tests choose: what a client says is what a server reads.

use std::fmt::Debug;

use bumpalo::Bump;
use proptest::prelude::*;
use vulkan_types::*;
use wire_venus::{Decoder, Encoder, GENERATE_REPLY, WireReply, WireRequest, decode_command};

/// Sent as a client does, read as a server does: the same in every field.
fn sent<'a>(command: &(impl WireRequest<'a> + Debug)) -> Result<(), TestCaseError> {
    let mut encoder = Encoder::new();
    command.encode_command(GENERATE_REPLY, &mut encoder);
    let arena = Bump::new();
    let mut decoder = Decoder::new(encoder.bytes(), &arena);
    let (read, flags) = decode_command(&mut decoder)
        .map_err(|error| TestCaseError::fail(format!("{error}: {command:?}")))?;
    prop_assert_eq!(flags, GENERATE_REPLY);
    prop_assert_eq!(decoder.remaining(), 0);
    let (read, said) = (format!("{read:?}"), format!("{command:?}"));
    // `Command::Name(Name { .. })`
    let inner = read
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    prop_assert_eq!(inner, Some(said.as_str()));
    Ok(())
}

/// Answered as a server does, read as a client does.
macro_rules! answered {
    ($reply:ty, $value:expr) => {{
        let value = $value;
        let mut encoder = Encoder::new();
        value.encode_reply(&mut encoder);
        let arena = Bump::new();
        let mut decoder = Decoder::new(encoder.bytes(), &arena);
        let read = <$reply>::decode_reply(&mut decoder);
        prop_assert_eq!(decoder.remaining(), 0);
        prop_assert_eq!(format!("{read:?}"), format!("Ok({value:?})"));
    }};
}

fn clear_value() -> impl Strategy<Value = ClearValue> {
    prop_oneof![
        any::<[i32; 4]>().prop_map(|color| ClearValue::Color(ClearColorValue::Int32(color))),
        any::<[u32; 4]>().prop_map(|color| ClearValue::Color(ClearColorValue::Uint32(color))),
        any::<[f32; 4]>().prop_map(|color| ClearValue::Color(ClearColorValue::Float32(color))),
        any::<(f32, u32)>().prop_map(|(depth, stencil)| {
            ClearValue::DepthStencil(ClearDepthStencilValue { depth, stencil })
        }),
    ]
}

fn geometry(kind: u8, address: u64) -> AccelerationStructureGeometryKHR<'static> {
    use AccelerationStructureGeometryDataKHR as Data;
    let device_address = DeviceOrHostAddressConstKHR::DeviceAddress(address);
    let (geometry_type, geometry) = match kind % 3 {
        0 => (
            GeometryTypeKHR::TRIANGLES_KHR,
            Data::GeometryTypeTrianglesKhr(AccelerationStructureGeometryTrianglesDataKHR {
                vertex_format: Format::R32G32B32_SFLOAT,
                vertex_data: device_address,
                max_vertex: kind.into(),
                ..Default::default()
            }),
        ),
        1 => (
            GeometryTypeKHR::AABBS_KHR,
            Data::GeometryTypeAabbsKhr(AccelerationStructureGeometryAabbsDataKHR {
                data: device_address,
                stride: 24,
                ..Default::default()
            }),
        ),
        _ => (
            GeometryTypeKHR::INSTANCES_KHR,
            Data::GeometryTypeInstancesKhr(AccelerationStructureGeometryInstancesDataKHR {
                data: device_address,
                ..Default::default()
            }),
        ),
    };
    AccelerationStructureGeometryKHR {
        geometry_type,
        geometry,
        ..Default::default()
    }
}

proptest! {
    #[test]
    fn strings_and_optional_pointers(
        names in prop::collection::vec("[ -~]{0,20}", 0..4),
        priorities in prop::collection::vec(any::<f32>(), 0..4),
        features in any::<Option<u32>>(),
        id in 1..u64::MAX,
    ) {
        let names: Vec<_> = names.into_iter().map(|name| std::ffi::CString::new(name).unwrap()).collect();
        let names: Vec<_> = names.iter().map(|name| name.as_c_str()).collect();
        let features = features.map(|feature| PhysicalDeviceFeatures { geometry_shader: feature, ..Default::default() });
        let queues = [DeviceQueueCreateInfo {
            queue_count: priorities.len() as u32,
            queue_priorities: &priorities,
            ..Default::default()
        }];
        let create_info = DeviceCreateInfo {
            queue_create_info_count: 1,
            queue_create_infos: &queues,
            enabled_extension_count: names.len() as u32,
            enabled_extension_names: &names,
            enabled_features: features.as_ref(),
            ..Default::default()
        };
        sent(&CreateDevice { physical_device: PhysicalDeviceId(id), create_info: &create_info, device: DeviceId(id) })?;
    }

    #[test]
    fn chains_within_structures_within_chains(
        code in prop::collection::vec(any::<u32>(), 1..8),
        data in prop::collection::vec(any::<u8>(), 1..9),
        entries in prop::collection::vec(any::<(u32, u32)>(), 0..3),
        stage_count in 0..3u32,
        layout: u64,
    ) {
        let module = ShaderModuleCreateInfo { code_size: code.len() * 4, code: &code, ..Default::default() };
        let robustness = PipelineRobustnessCreateInfo {
            images: PipelineRobustnessImageBehavior::DISABLED,
            ..Default::default()
        };
        let links = [
            Extension::ShaderModuleCreateInfo(&module),
            Extension::PipelineRobustnessCreateInfo(&robustness),
        ];
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(constant_id, offset)| SpecializationMapEntry { constant_id, offset, size: 4 })
            .collect();
        let specialization = SpecializationInfo {
            map_entry_count: entries.len() as u32,
            map_entries: &entries,
            data_size: data.len(),
            data: &data,
        };
        let stage = PipelineShaderStageCreateInfo {
            next: Chain(&links),
            stage: ShaderStageFlags::FRAGMENT,
            name: Some(c"main"),
            specialization_info: Some(&specialization),
            ..Default::default()
        };
        let stages = vec![stage; stage_count as usize];
        let dynamic = PipelineDynamicStateCreateInfo {
            dynamic_state_count: 1,
            dynamic_states: &[DynamicState::VIEWPORT],
            ..Default::default()
        };
        let rendering = PipelineRenderingCreateInfo {
            color_attachment_count: 2,
            color_attachment_formats: &[Format::R8G8B8A8_UNORM, Format::UNDEFINED],
            ..Default::default()
        };
        let library = PipelineLibraryCreateInfoKHR { library_count: 1, libraries: &[PipelineId(7)], ..Default::default() };
        let outer = [
            Extension::PipelineRenderingCreateInfo(&rendering),
            Extension::PipelineLibraryCreateInfoKHR(&library),
        ];
        let info = GraphicsPipelineCreateInfo {
            next: Chain(&outer),
            stage_count,
            stages: &stages,
            dynamic_state: Some(&dynamic),
            layout: PipelineLayoutId(layout),
            base_pipeline_index: -1,
            ..Default::default()
        };
        sent(&CreateGraphicsPipelines {
            device: DeviceId(1),
            pipeline_cache: PipelineCacheId(0),
            create_info_count: 2,
            create_infos: &[info, info],
            pipelines: &[PipelineId(8), PipelineId(9)],
        })?;
    }

    #[test]
    fn unions(values in prop::collection::vec(clear_value(), 0..5), x: i32, width: u32) {
        let begin = RenderPassBeginInfo {
            render_area: Rect2D { offset: Offset2D { x, y: -x.clamp(0, 1) }, extent: Extent2D { width, height: 1 } },
            clear_value_count: values.len() as u32,
            clear_values: &values,
            ..Default::default()
        };
        sent(&CmdBeginRenderPass {
            command_buffer: CommandBufferId(4),
            render_pass_begin: &begin,
            contents: SubpassContents::INLINE,
        })?;
    }

    /// An index that goes both ways.
    #[test]
    fn a_number_in_and_out(index: u32, request_index in 0..2u32) {
        let border_color = SamplerCustomBorderColorCreateInfoEXT::default();
        sent(&RegisterCustomBorderColorEXT {
            device: DeviceId(1),
            border_color: &border_color,
            request_index,
            index,
        })?;
    }

    #[test]
    fn arrays_of_arrays(kinds in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..4), 1..4), address: u64) {
        let geometries: Vec<Vec<_>> =
            kinds.iter().map(|kinds| kinds.iter().map(|kind| geometry(*kind, address)).collect()).collect();
        let ranges: Vec<Vec<_>> = kinds
            .iter()
            .map(|kinds| {
                let range = |kind: &u8| AccelerationStructureBuildRangeInfoKHR {
                    primitive_count: (*kind).into(),
                    ..Default::default()
                };
                kinds.iter().map(range).collect()
            })
            .collect();
        let infos: Vec<_> = geometries
            .iter()
            .map(|geometries| AccelerationStructureBuildGeometryInfoKHR {
                geometry_count: geometries.len() as u32,
                geometries,
                scratch_data: DeviceOrHostAddressKHR::DeviceAddress(address),
                ..Default::default()
            })
            .collect();
        let ranges: Vec<&[_]> = ranges.iter().map(Vec::as_slice).collect();
        sent(&CmdBuildAccelerationStructuresKHR {
            command_buffer: CommandBufferId(4),
            info_count: infos.len() as u32,
            infos: &infos,
            build_range_infos: &ranges,
        })?;
    }

    #[test]
    fn blobs_of_any_length(data in prop::collection::vec(any::<u8>(), 1..40), offset: u64) {
        sent(&CmdUpdateBuffer {
            command_buffer: CommandBufferId(4),
            dst_buffer: BufferId(5),
            dst_offset: offset,
            data_size: data.len() as u64,
            data: &data,
        })?;
    }

    #[test]
    fn arrays_that_may_be_null(count in 0..4u32, images: bool, inline in prop::collection::vec(any::<u8>(), 1..9)) {
        let image_info = vec![DescriptorImageInfo { image_view: ImageViewId(3), ..Default::default() }; count as usize];
        let block = WriteDescriptorSetInlineUniformBlock {
            data_size: inline.len() as u32,
            data: &inline,
            ..Default::default()
        };
        let write = WriteDescriptorSet {
            next: Chain(&[Extension::WriteDescriptorSetInlineUniformBlock(&block)]),
            dst_set: DescriptorSetId(2),
            descriptor_count: count,
            descriptor_type: DescriptorType::SAMPLED_IMAGE,
            image_info: if images { &image_info } else { &[] },
            ..Default::default()
        };
        sent(&UpdateDescriptorSets {
            device: DeviceId(1),
            descriptor_write_count: 2,
            descriptor_writes: &[write, write],
            descriptor_copy_count: 0,
            descriptor_copies: &[],
        })?;
    }

    #[test]
    fn replies(ids in prop::collection::vec(any::<u64>(), 0..4), data in prop::collection::vec(any::<u8>(), 0..9), size: u64) {
        let devices: Vec<_> = ids.into_iter().map(PhysicalDeviceId).collect();
        answered!(EnumeratePhysicalDevicesReply<'_>, EnumeratePhysicalDevicesReply {
            ret: VkResult::INCOMPLETE,
            physical_device_count: devices.len() as u32,
            physical_devices: &devices,
        });
        answered!(GetQueryPoolResultsReply<'_>, GetQueryPoolResultsReply { ret: VkResult::NOT_READY, data: &data });
        let dedicated = MemoryDedicatedRequirements { prefers_dedicated_allocation: 1, ..Default::default() };
        let requirements = MemoryRequirements2 {
            next: Chain(&[Extension::MemoryDedicatedRequirements(&dedicated)]),
            memory_requirements: MemoryRequirements { size, alignment: 4, memory_type_bits: 3 },
        };
        answered!(GetImageMemoryRequirements2Reply<'_>, GetImageMemoryRequirements2Reply {
            memory_requirements: &requirements,
        });
        answered!(GetPhysicalDevicePropertiesReply, GetPhysicalDevicePropertiesReply {
            properties: PhysicalDeviceProperties { device_name: [b'x' as _; 256], ..Default::default() },
        });
    }
}
