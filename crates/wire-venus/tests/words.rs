//! The bytes of a few messages, word by word, written down by hand from the rules of
//! `VK_EXT_command_serialization` (see the crate's own words on the wire format).

use std::fmt::Write as _;

use vulkan_types::*;
use wire_venus::{Encoder, GENERATE_REPLY, WireReply, WireRequest};

/// Eight words a line, in hexadecimal.
fn words(bytes: &[u8]) -> String {
    assert_eq!(bytes.len() % 4, 0);
    let mut text = String::new();
    for line in bytes.chunks(32) {
        let words: Vec<_> = line
            .chunks_exact(4)
            .map(|word| format!("{:08x}", u32::from_le_bytes(word.try_into().unwrap())))
            .collect();
        let _ = writeln!(text, "{}", words.join(" "));
    }
    text
}

fn command<'a>(command: &impl WireRequest<'a>, flags: u32) -> String {
    let mut encoder = Encoder::new();
    command.encode_command(flags, &mut encoder);
    words(encoder.bytes())
}

fn reply<'a>(reply: &impl WireReply<'a>) -> String {
    let mut encoder = Encoder::new();
    reply.encode_reply(&mut encoder);
    words(encoder.bytes())
}

/// Command, flags, device, pCreateInfo and sType; no chain, flags; no pAllocator, pFence.
#[test]
fn a_structure_behind_a_pointer() {
    let create_info = FenceCreateInfo {
        flags: FenceCreateFlags::SIGNALED,
        ..Default::default()
    };
    let create = CreateFence {
        device: DeviceId(0x1122_3344_5566_7788),
        create_info: &create_info,
        fence: FenceId(9),
    };
    insta::assert_snapshot!(command(&create, GENERATE_REPLY), @r"
    00000023 00000001 55667788 11223344 00000001 00000000 00000008 00000000
    00000000 00000001 00000000 00000000 00000001 00000000 00000009 00000000
    ");
    insta::assert_snapshot!(reply(&CreateFenceReply { ret: VkResult::ERROR_OUT_OF_HOST_MEMORY, fence: FenceId(9) }), @"00000023 ffffffff 00000001 00000000 00000009 00000000");
}

/// The sTypes of a chain stand before its bodies, outermost first; the bodies come in the
/// reverse order, and the structure's own fields after them.
#[test]
fn a_chain() {
    let export = ExportMemoryAllocateInfo {
        handle_types: ExternalMemoryHandleTypeFlags::DMA_BUF_EXT,
        ..Default::default()
    };
    let dedicated = MemoryDedicatedAllocateInfo {
        image: ImageId(0x1111),
        ..Default::default()
    };
    let links = [
        Extension::ExportMemoryAllocateInfo(&export),
        Extension::MemoryDedicatedAllocateInfo(&dedicated),
    ];
    let allocate_info = MemoryAllocateInfo {
        next: Chain(&links),
        allocation_size: 0x2_0000_0003,
        memory_type_index: 4,
    };
    let allocate = AllocateMemory {
        device: DeviceId(1),
        allocate_info: &allocate_info,
        memory: DeviceMemoryId(2),
    };
    // Device 1; pAllocateInfo; VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO (5);
    // a link: 1000072002 (export); a link: 1000127001 (dedicated); no further link;
    // dedicated's image and buffer; export's types; size; index; no pAllocator; pMemory.
    insta::assert_snapshot!(command(&allocate, 0), @r"
    00000015 00000000 00000001 00000000 00000001 00000000 00000005 00000001
    00000000 3b9be342 00000001 00000000 3b9cba19 00000000 00000000 00001111
    00000000 00000000 00000000 00000200 00000003 00000002 00000004 00000000
    00000000 00000001 00000000 00000002 00000000
    ");
}

/// Counts stay beside their arrays; text has its length with the null, and is padded.
#[test]
fn arrays_and_text() {
    let queue = DeviceQueueCreateInfo {
        queue_family_index: 3,
        queue_count: 1,
        queue_priorities: &[1.0],
        ..Default::default()
    };
    let create_info = DeviceCreateInfo {
        queue_create_info_count: 1,
        queue_create_infos: &[queue],
        enabled_extension_count: 1,
        enabled_extension_names: &[c"VK_EXT_x"],
        ..Default::default()
    };
    let create = CreateDevice {
        physical_device: PhysicalDeviceId(1),
        create_info: &create_info,
        device: DeviceId(2),
    };
    // … sType 3, no chain, flags, one queue: count, array size, sType 2, no chain, flags,
    // family, count, array size, 1.0; no layers: count, array size; one extension: count,
    // array size, length 9, "VK_E" "XT_x" "\0"; no features; no pAllocator; pDevice.
    insta::assert_snapshot!(command(&create, 0), @r"
    0000000b 00000000 00000001 00000000 00000001 00000000 00000003 00000000
    00000000 00000000 00000001 00000001 00000000 00000002 00000000 00000000
    00000000 00000003 00000001 00000001 00000000 3f800000 00000000 00000000
    00000000 00000001 00000001 00000000 00000009 00000000 455f4b56 785f5458
    00000000 00000000 00000000 00000000 00000000 00000001 00000000 00000002
    00000000
    ");
}

/// A union is its member's number and its member; the member's array says its length.
#[test]
fn a_union() {
    let clear = CmdClearColorImage {
        command_buffer: CommandBufferId(1),
        image: ImageId(2),
        image_layout: ImageLayout::GENERAL,
        color: Some(&ClearColorValue::Uint32([5, 6, 7, 8])),
        range_count: 1,
        ranges: &[ImageSubresourceRange {
            aspect_mask: ImageAspectFlags::COLOR,
            level_count: 1,
            layer_count: 2,
            ..Default::default()
        }],
    };
    insta::assert_snapshot!(command(&clear, 0), @r"
    00000077 00000000 00000001 00000000 00000002 00000000 00000001 00000001
    00000000 00000002 00000004 00000000 00000005 00000006 00000007 00000008
    00000001 00000001 00000000 00000001 00000000 00000001 00000000 00000002
    ");
}

/// Room for the callee: the request says how much, the reply what is in it.
#[test]
fn room() {
    let enumerate = EnumeratePhysicalDevices {
        instance: InstanceId(1),
        physical_device_count: 2,
        physical_devices: &[PhysicalDeviceId(5), PhysicalDeviceId(6)],
    };
    insta::assert_snapshot!(command(&enumerate, GENERATE_REPLY), @r"
    00000002 00000001 00000001 00000000 00000001 00000000 00000002 00000002
    00000000 00000005 00000000 00000006 00000000
    ");
    let results = GetQueryPoolResultsReply {
        ret: VkResult::SUCCESS,
        data: &[1, 2, 3, 4, 5],
    };
    insta::assert_snapshot!(reply(&results), @"00000031 00000000 00000005 00000000 04030201 00000005");
}
