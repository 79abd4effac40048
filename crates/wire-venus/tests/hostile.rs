//! Bytes that no client means: an error, no panic, and no more memory than the limits say.

use bumpalo::Bump;
use proptest::prelude::*;
use vulkan_types::*;
use wire::ParseError;
use wire_venus::limits::*;
use wire_venus::{Decoder, Encoder, WireRequest, decode_command};

/// Decodes one command; how it ended, and the bytes of values that were made.
fn decode(bytes: &[u8]) -> (Result<u32, ParseError>, usize) {
    let arena = Bump::new();
    let result = decode_command(&mut Decoder::new(bytes, &arena)).map(|(_, flags)| flags);
    (result, arena.allocated_bytes())
}

fn encoded<'a>(command: &impl WireRequest<'a>) -> Vec<u8> {
    let mut encoder = Encoder::new();
    command.encode_command(0, &mut encoder);
    encoder.bytes().to_vec()
}

fn limit_of(bytes: &[u8]) -> Option<(&'static str, u64)> {
    match decode(bytes).0 {
        Err(ParseError::Limit { what, limit, .. }) => Some((what, limit)),
        _ => None,
    }
}

/// An arena's chunk may be twice what is in it.
const SLACK: usize = 2;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn random_bytes(id in 0..400u32, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [&id.to_le_bytes()[..], &bytes].concat();
        let (_, made) = decode(&bytes);
        prop_assert!(made <= SLACK * MAX_DECODED_BYTES);
    }

    #[test]
    fn random_words(id in 0..346u32, words in prop::collection::vec(prop_oneof![Just(0u32), Just(1), 0..8u32, any::<u32>()], 0..100)) {
        let bytes: Vec<u8> = [id, 0].iter().chain(&words).flat_map(|word| word.to_le_bytes()).collect();
        let (_, made) = decode(&bytes);
        prop_assert!(made <= SLACK * MAX_DECODED_BYTES);
    }
}

/// Every count of a message, one after the other, made huge: nothing is made for it.
#[test]
fn a_count_without_its_elements_costs_nothing() {
    let dynamic = [DynamicState::VIEWPORT; 3];
    let bytes = encoded(&CmdSetViewport {
        command_buffer: CommandBufferId(1),
        first_viewport: 0,
        viewport_count: 3,
        viewports: &[Viewport::default(); 3],
    });
    let info = PipelineDynamicStateCreateInfo {
        dynamic_state_count: 3,
        dynamic_states: &dynamic,
        ..Default::default()
    };
    let pipeline = GraphicsPipelineCreateInfo {
        dynamic_state: Some(&info),
        ..Default::default()
    };
    let nested = encoded(&CreateGraphicsPipelines {
        device: DeviceId(1),
        pipeline_cache: PipelineCacheId(0),
        create_info_count: 1,
        create_infos: &[pipeline],
        pipelines: &[PipelineId(2)],
    });
    for bytes in [bytes, nested] {
        for at in (8..bytes.len() - 8).step_by(4) {
            for huge in [
                u64::MAX,
                u64::MAX / 2,
                1 << 61,
                1 << 32,
                u64::from(u32::MAX),
                1 << 28,
            ] {
                let mut changed = bytes.clone();
                changed[at..at + 8].copy_from_slice(&huge.to_le_bytes());
                assert!(decode(&changed).1 < 1 << 16, "{huge:#x} at {at}");
            }
        }
    }
}

/// A command that says the same count twice, where the elements take no bytes.
#[test]
fn a_count_of_two_billion_rooms_is_over_the_limit() {
    let bytes = encoded(&GetPhysicalDeviceQueueFamilyProperties {
        physical_device: PhysicalDeviceId(1),
        queue_family_property_count: i32::MAX as u32,
        queue_family_properties_room: 0,
    });
    let mut huge = bytes;
    let end = huge.len();
    huge[end - 8..].copy_from_slice(&(i32::MAX as u64).to_le_bytes());
    assert_eq!(
        limit_of(&huge),
        Some((
            "GetPhysicalDeviceQueueFamilyProperties.pQueueFamilyProperties",
            MAX_ROOM
        ))
    );
    assert!(decode(&huge).1 < 1 << 12);
}

#[test]
fn the_longest_chain() {
    let feature = PhysicalDevice16BitStorageFeatures::default();
    let command = |links: &[Extension<'_>]| {
        let features = PhysicalDeviceFeatures2 {
            next: Chain(links),
            ..Default::default()
        };
        encoded(&GetPhysicalDeviceFeatures2 {
            physical_device: PhysicalDeviceId(1),
            features: &features,
        })
    };
    let links = vec![Extension::PhysicalDevice16BitStorageFeatures(&feature); MAX_CHAIN + 1];
    assert_eq!(decode(&command(&links[1..])).0, Ok(0));
    let (what, limit) = limit_of(&command(&links)).unwrap();
    assert_eq!((what, limit + 1), ("pNext chain", MAX_CHAIN as u64));
}

#[test]
fn the_most_room() {
    let command = |room: u64| {
        encoded(&GetPhysicalDeviceQueueFamilyProperties {
            physical_device: PhysicalDeviceId(1),
            queue_family_property_count: room as u32,
            queue_family_properties_room: room as usize,
        })
    };
    assert_eq!(decode(&command(MAX_ROOM)).0, Ok(0));
    assert_eq!(
        limit_of(&command(MAX_ROOM + 1)).map(|(_, limit)| limit),
        Some(MAX_ROOM)
    );
}

#[test]
fn the_largest_reply() {
    let command = |size: u64| {
        encoded(&GetQueryPoolResults {
            device: DeviceId(1),
            query_pool: QueryPoolId(2),
            first_query: 0,
            query_count: 1,
            data_size: size as usize,
            data_room: size as usize,
            stride: 8,
            flags: QueryResultFlags(0),
        })
    };
    assert_eq!(decode(&command(MAX_REPLY_BYTES)).0, Ok(0));
    assert_eq!(
        limit_of(&command(MAX_REPLY_BYTES + 1)).map(|(_, limit)| limit),
        Some(MAX_REPLY_BYTES)
    );
}

/// Chains of links that take twelve bytes each and are some hundred bytes long when decoded.
#[test]
fn the_most_decoded_bytes() {
    let priorities = QueueFamilyGlobalPriorityProperties::default();
    let links = [Extension::QueueFamilyGlobalPriorityProperties(&priorities); MAX_CHAIN];
    let family = QueueFamilyProperties2 {
        next: Chain(&links),
        ..Default::default()
    };
    let families = vec![family; 30_000];
    let bytes = encoded(&GetPhysicalDeviceQueueFamilyProperties2 {
        physical_device: PhysicalDeviceId(1),
        queue_family_property_count: families.len() as u32,
        queue_family_properties: &families,
    });
    assert!(bytes.len() < 128 << 20, "{} bytes of input", bytes.len());
    let (result, made) = decode(&bytes);
    assert!(
        matches!(result, Err(ParseError::Limit { what: "decoded command", limit, .. }) if limit == MAX_DECODED_BYTES as u64),
        "{result:?}"
    );
    assert!(made <= SLACK * MAX_DECODED_BYTES);
}

#[test]
fn what_is_not_there_and_what_must_not_be() {
    let bytes = encoded(&CreateFence {
        device: DeviceId(1),
        create_info: &FenceCreateInfo::default(),
        fence: FenceId(2),
    });
    // Words: command, flags, device (2), pCreateInfo (2), sType, pNext (2), flags,
    // pAllocator (2), pFence (2), the id (2).
    let changed = |word: usize, value: u32| {
        let mut changed = bytes.clone();
        changed[word * 4..word * 4 + 4].copy_from_slice(&value.to_le_bytes());
        decode(&changed).0
    };
    let bad = |what, value| Err(ParseError::BadValue { what, value });
    assert_eq!(bytes.len(), 16 * 4);
    assert_eq!(changed(4, 1), Ok(0));
    assert_eq!(changed(4, 0), bad("CreateFence.pCreateInfo", 0));
    assert_eq!(changed(4, 2), bad("pointer", 2));
    assert_eq!(changed(5, 1), bad("pointer", 1 << 32 | 1));
    assert_eq!(changed(6, 7), bad("sType", 7));
    assert_eq!(changed(9, 2), bad("FenceCreateFlags", 2));
    assert_eq!(changed(10, 1), bad("CreateFence.pAllocator", 1));
    assert_eq!(changed(0, 346), bad("command", 346));
    let mut chained = bytes.clone();
    chained[7 * 4] = 1;
    assert_eq!(decode(&chained).0, bad("sType in chain", 0));
}

#[test]
fn a_chain_holds_what_the_registry_allows() {
    let export = ExportFenceCreateInfo::default();
    let command = |links: &[Extension<'_>]| {
        let create_info = FenceCreateInfo {
            next: Chain(links),
            ..Default::default()
        };
        decode(&encoded(&CreateFence {
            device: DeviceId(1),
            create_info: &create_info,
            fence: FenceId(2),
        }))
        .0
    };
    assert_eq!(command(&[Extension::ExportFenceCreateInfo(&export)]), Ok(0));
    let semaphore = ExportSemaphoreCreateInfo::default();
    let stype = StructureType::EXPORT_SEMAPHORE_CREATE_INFO.0 as u64;
    assert_eq!(
        command(&[Extension::ExportSemaphoreCreateInfo(&semaphore)]),
        Err(ParseError::BadValue {
            what: "sType in chain",
            value: stype
        })
    );
}

#[test]
fn text_ends_once() {
    let command = |text: &[u8]| {
        let mut encoder = Encoder::new();
        encoder.u32(EnumerateDeviceExtensionProperties::ID);
        encoder.u32(0);
        encoder.u64(1);
        encoder.array(text);
        encoder.pointer(true);
        encoder.u32(0);
        encoder.u64(0);
        decode(encoder.bytes()).0
    };
    assert_eq!(command(b""), Ok(0));
    assert_eq!(command(b"layer\0"), Ok(0));
    let bad = Err(ParseError::BadText {
        what: "EnumerateDeviceExtensionProperties.pLayerName",
    });
    assert_eq!(command(b"layer"), bad);
    assert_eq!(command(b"la\0yer\0"), bad);
}

/// The members of a union that an enumeration chooses have to be the chosen ones.
#[test]
fn a_union_is_what_its_tag_says() {
    let geometry = AccelerationStructureGeometryKHR {
        geometry_type: GeometryTypeKHR::AABBS_KHR,
        geometry: AccelerationStructureGeometryDataKHR::GeometryTypeInstancesKhr(Default::default()),
        ..Default::default()
    };
    let info = AccelerationStructureBuildGeometryInfoKHR {
        geometry_count: 1,
        geometries: &[geometry],
        ..Default::default()
    };
    let bytes = encoded(&GetAccelerationStructureBuildSizesKHR {
        device: DeviceId(1),
        build_type: AccelerationStructureBuildTypeKHR::DEVICE_KHR,
        build_info: &info,
        max_primitive_counts: &[1],
        size_info: &AccelerationStructureBuildSizesInfoKHR::default(),
    });
    let bad = ParseError::BadValue {
        what: "AccelerationStructureGeometryKHR.geometry",
        value: 1,
    };
    assert_eq!(decode(&bytes).0, Err(bad));
}
