//! Memory as its device and a guest see it, on each rung that the host has. On Mesa's lavapipe.

mod common;

use std::os::fd::AsFd;
use std::sync::Arc;

use common::{Gpu, RUNGS, device, each_rung, map};
use host_memory::{Mapping, Shm};
use host_vulkan::{AllocateError, DriverError, Identity, Rung, Shared};
use vulkan_types as t;

const MIB: u64 = 1 << 20;

/// Bytes of a transfer: not a whole number of pages.
const SIZE: u64 = 3 * MIB + 16;

/// The word at each end of the memory.
fn ends(pages: &host_memory::Region, size: u64) -> [u32; 2] {
    [0, size - 4].map(|offset| {
        let mut word = [0; 4];
        pages.read(offset, &mut word).unwrap();
        u32::from_le_bytes(word)
    })
}

#[test]
fn both_sides_see_what_the_other_wrote() {
    for (rung, gpu) in each_rung() {
        for memory_type in gpu.types_on(rung) {
            let from = gpu.mapped_buffer(memory_type, SIZE);
            let to = gpu.mapped_buffer(memory_type, SIZE);
            let written: Vec<u8> = (0..SIZE).map(|at| (at % 251) as u8).collect();
            from.pages.write(0, &written).unwrap();
            gpu.copy(&from, &to, SIZE);
            let mut seen = vec![0; written.len()];
            to.pages.read(0, &mut seen).unwrap();
            assert!(seen == written, "{rung:?}, type {memory_type}: a copy");
            gpu.fill(&from, 4096, SIZE - 4096, 0x600d_f00d);
            let [first, last] = ends(&from.pages, SIZE);
            let kept = u32::from_le_bytes([0, 1, 2, 3]);
            assert_eq!([first, last], [kept, 0x600d_f00d], "{rung:?}: a fill");
        }
    }
}

#[test]
fn a_mapping_outlives_the_memory_and_the_memory_its_mapping() {
    for (rung, gpu) in each_rung() {
        let Some(memory_type) = gpu.types_on(rung).next() else {
            continue;
        };
        let buffer = gpu.mapped_buffer(memory_type, 64 << 10);
        gpu.fill(&buffer, 0, 64 << 10, 7);
        let mapped = buffer.pages.clone();
        drop(buffer);
        assert_eq!(ends(&mapped, 64 << 10), [7, 7], "{rung:?}");
        let memory = gpu.allocate(memory_type, 64 << 10).unwrap();
        drop(map(&memory));
        let pages = map(&memory);
        let buffer = gpu.buffer_on(memory, pages, 64 << 10);
        gpu.fill(&buffer, 0, 64 << 10, 9);
        assert_eq!(ends(&buffer.pages, 64 << 10), [9, 9], "{rung:?}");
    }
}

#[test]
fn fresh_memory_tells_nothing_of_what_was_there() {
    for (rung, gpu) in each_rung() {
        for memory_type in gpu.types_on(rung) {
            for word in [0, 0xdead_beef] {
                let buffer = gpu.mapped_buffer(memory_type, MIB);
                // Pages made here are new each time; a driver's may be, too, and need not.
                if matches!(rung, Rung::HostPointer | Rung::Udmabuf) {
                    assert_eq!(ends(&buffer.pages, MIB), [0, 0], "{rung:?}, {word:#x}");
                }
                gpu.fill(&buffer, 0, MIB, word);
            }
        }
    }
}

#[test]
fn memory_past_the_limit_of_udmabuf_is_shared_all_the_same() {
    // `size_limit_mb` of the kernel's udmabuf is 64.
    const LARGE: u64 = 80 * MIB;
    let Some(physical) = device(None) else {
        return;
    };
    let gpu = Gpu::new(&physical);
    for rung in [Rung::DmaBuf, Rung::HostPointer] {
        for memory_type in gpu.types_on(rung) {
            let buffer = gpu.mapped_buffer(memory_type, LARGE);
            gpu.fill(&buffer, LARGE - MIB, MIB, 5);
            assert_eq!(ends(&buffer.pages, LARGE), [0, 5], "{rung:?}");
        }
    }
}

#[test]
fn pages_of_someone_else_become_memory() {
    for (_, gpu) in each_rung()
        .iter()
        .filter(|(on, _)| *on == Rung::HostPointer)
    {
        for memory_type in gpu.types_on(Rung::HostPointer) {
            let theirs = Shm::new("theirs", MIB).unwrap();
            let info = t::MemoryAllocateInfo {
                allocation_size: MIB,
                memory_type_index: memory_type,
                ..Default::default()
            };
            // Twice: an exported image has two owners.
            let [first, second] = [0; 2].map(|_| {
                let memory = gpu.device.allocate_on(&info, &Identity, &theirs).unwrap();
                let pages = map(&memory);
                gpu.buffer_on(memory, pages, MIB)
            });
            gpu.fill(&first, 0, MIB, 3);
            assert_eq!(ends(&second.pages, MIB), [3, 3]);
            gpu.fill(&second, 0, MIB, 4);
            assert_eq!(ends(&theirs, MIB), [4, 4]);
        }
    }
}

#[test]
fn a_dma_buf_becomes_memory_again() {
    for (rung, gpu) in &each_rung() {
        for memory_type in gpu.types_on(*rung) {
            // Pages that a driver imports by their address are exchanged as what they are.
            if *rung == Rung::HostPointer {
                continue;
            }
            let Ok(memory) = gpu.allocate_dma_buf(memory_type, MIB) else {
                assert_eq!(*rung, Rung::OpaqueFd, "on the others dma-bufs were probed");
                eprintln!("SKIPPED: the driver exports no dma-buf");
                continue;
            };
            let Shared::DmaBuf(dma_buf) = memory.share().unwrap() else {
                panic!("{rung:?}: a dma-buf was asked for");
            };
            let types = gpu.device.dma_buf_types(&dma_buf).unwrap();
            assert_ne!(types & 1 << memory_type, 0, "{rung:?}");
            let info = t::MemoryAllocateInfo {
                allocation_size: MIB,
                memory_type_index: memory_type,
                ..Default::default()
            };
            let theirs = Mapping::new(dma_buf.as_fd(), MIB).unwrap();
            let again = gpu
                .device
                .import_dma_buf(&info, &Identity, dma_buf)
                .unwrap();
            let pages = map(&again);
            let again = gpu.buffer_on(again, pages, MIB);
            let pages = map(&memory);
            let first = gpu.buffer_on(memory, pages, MIB);
            gpu.fill(&first, 0, MIB, 3);
            assert_eq!(ends(&again.pages, MIB), [3, 3], "{rung:?}");
            gpu.fill(&again, 0, MIB, 4);
            assert_eq!(ends(&theirs, MIB), [4, 4], "{rung:?}");
        }
    }
}

#[test]
fn what_is_no_dma_buf_is_not_imported() {
    let Some(physical) = device(None) else {
        return;
    };
    let gpu = Gpu::new(&physical);
    // A driver that reads from a pipe waits for ever.
    let (pipe, _writer) = rustix::pipe::pipe().unwrap();
    let memfd = Shm::new("theirs", MIB).unwrap().fd().try_clone_to_owned();
    for other in [pipe, memfd.unwrap()] {
        let refusal = DriverError(t::VkResult::ERROR_INVALID_EXTERNAL_HANDLE);
        assert_eq!(gpu.device.dma_buf_types(&other), Err(refusal));
        let info = t::MemoryAllocateInfo {
            allocation_size: MIB,
            ..Default::default()
        };
        let imported = gpu.device.import_dma_buf(&info, &Identity, Arc::new(other));
        assert_eq!(imported.err(), Some(AllocateError::Driver(refusal)));
    }
}

#[test]
fn sizes_that_cannot_be_are_errors() {
    let impossible = [u64::MAX, u64::MAX - 4095, i64::MAX as u64, 1 << 62, 1 << 48];
    let Some(physical) = device(None) else {
        return;
    };
    let all = [Gpu::new(&physical)];
    let forced = each_rung();
    for gpu in all.iter().chain(forced.iter().map(|(_, gpu)| gpu)) {
        for rung in RUNGS {
            for memory_type in gpu.types_on(rung) {
                for size in impossible {
                    let refused = gpu.allocate(memory_type, size).err();
                    assert!(
                        matches!(
                            refused,
                            Some(AllocateError::Driver(DriverError(
                                t::VkResult::ERROR_OUT_OF_HOST_MEMORY
                                    | t::VkResult::ERROR_OUT_OF_DEVICE_MEMORY
                            )))
                        ),
                        "{rung:?}, {size:#x}: {refused:?}"
                    );
                }
                assert!(gpu.allocate(memory_type, 1).is_ok(), "{rung:?}");
            }
        }
    }
}
