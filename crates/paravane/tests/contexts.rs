//! A thousand contexts come and go, and leave nothing behind in the server.

mod common;

use std::process::Child;
use std::time::{Duration, Instant};

use bumpalo::Bump;
use common::venus::Guest;
use common::{PATIENCE, finish, paravane, signal, text};
use rustix::process::Signal;
use vulkan_types as t;

const CONTEXTS: usize = 1000;

/// Contexts after which the server is warm: libraries loaded, allocators' pools filled.
const WARM: usize = 200;

/// What the second half of the contexts may add to the server's memory: what an allocator
/// shuffles, and less than a page for each context.
const MEMORY_MARGIN_KIB: u64 = 1024;

/// Longer than a client that waits in the server takes to be given up, even on a busy host.
const PAUSE: Duration = Duration::from_millis(500);

const MEMORY: u64 = 64 << 10;

/// What the server holds, as the kernel counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    files: usize,
    threads: usize,
    memory_kib: u64,
}

#[test]
fn a_thousand_contexts_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let mut command = paravane(&["vtest", "--no-virgl", "--socket-path"]);
    let server = command.arg(&socket).spawn().unwrap();
    let Some(mut guest) = Guest::connect(&socket, "first") else {
        return skip(server, "there is no Vulkan loader here");
    };
    if open(&mut guest, &Bump::new()).is_none() {
        return skip(server, "there is no Vulkan device here");
    }
    drop(guest);
    let mut held = Vec::new();
    for round in 1..=CONTEXTS {
        let mut guest = Guest::connect(&socket, "one of many").unwrap();
        use_context(&mut guest, round % 2 == 0);
        drop(guest);
        if [WARM, (WARM + CONTEXTS) / 2, CONTEXTS].contains(&round) {
            held.push(when_idle(&server, held.first().copied()));
        }
    }
    println!("after {WARM}, the half and {CONTEXTS} contexts: {held:?}");
    signal(&server, Signal::TERM);
    let output = finish(server);
    assert!(output.status.success(), "{output:?}");
    let [warm, half, end] = held[..] else {
        unreachable!()
    };
    assert_eq!(
        (warm.files, warm.threads),
        (end.files, end.threads),
        "(fds, threads)"
    );
    let growth = end.memory_kib.saturating_sub(half.memory_kib);
    assert!(
        growth <= MEMORY_MARGIN_KIB,
        "{growth} KiB in half of the contexts: {held:?}"
    );
}

/// Counts as skipped, not as passed: the line says so to whoever reads the log.
fn skip(server: Child, why: &str) {
    signal(&server, Signal::TERM);
    let output = finish(server);
    eprintln!("SKIPPED: {why}: {}", text(&output.stderr));
}

/// Makes an instance and finds its first physical device.
fn open(guest: &mut Guest, arena: &Bump) -> Option<t::PhysicalDeviceId> {
    let instance = t::InstanceId(1);
    let created = guest.call(
        &t::CreateInstance {
            create_info: &t::InstanceCreateInfo::default(),
            instance,
        },
        arena,
    );
    if created.ret != t::VkResult::SUCCESS {
        return None;
    }
    let command = t::EnumeratePhysicalDevices {
        instance,
        physical_device_count: 1,
        physical_devices: &[t::PhysicalDeviceId(2)],
    };
    guest
        .call(&command, arena)
        .physical_devices
        .first()
        .copied()
}

/// What a program does, and then tidies up, or not.
fn use_context(guest: &mut Guest, tidy: bool) {
    let arena = Bump::new();
    let (device, queue) = (t::DeviceId(3), t::QueueId(4));
    let (memory, fence) = (t::DeviceMemoryId(5), t::FenceId(6));
    let physical_device = open(guest, &arena).unwrap();
    create_device(guest, physical_device, device, queue);
    guest.post(&t::CreateFence {
        device,
        create_info: &t::FenceCreateInfo::default(),
        fence,
    });
    let memory_type_index = mappable_type(guest, physical_device);
    let allocated = guest.call(
        &t::AllocateMemory {
            device,
            allocate_info: &t::MemoryAllocateInfo {
                allocation_size: MEMORY,
                memory_type_index,
                ..Default::default()
            },
            memory,
        },
        &arena,
    );
    assert_eq!(allocated.ret, t::VkResult::SUCCESS);
    let mapped = guest.blob(memory.0, MEMORY);
    mapped.pages.fill(0, MEMORY, 0x5a).unwrap();
    let _ring = guest.blocked_ring(1);
    guest.post(&t::QueueSubmit {
        queue,
        submit_count: 1,
        submits: &[t::SubmitInfo::default()],
        fence,
    });
    let waited = guest.call(
        &t::WaitForFences {
            device,
            fence_count: 1,
            fences: &[fence],
            wait_all: 1,
            timeout: u64::MAX,
        },
        &arena,
    );
    assert_eq!(waited.ret, t::VkResult::SUCCESS);
    if tidy {
        guest.post(&t::DestroyRingMESA { ring: 1 });
        guest.post(&t::DestroyFence { device, fence });
        guest.post(&t::FreeMemory { device, memory });
        guest.post(&t::DestroyDevice { device });
        let destroy = t::DestroyInstance {
            instance: t::InstanceId(1),
        };
        guest.call(&destroy, &arena);
    } else {
        // Waits for ever, unless the server sees that the client leaves.
        guest.post(&t::ResetFences {
            device,
            fence_count: 1,
            fences: &[fence],
        });
        guest.post(&t::WaitForFences {
            device,
            fence_count: 1,
            fences: &[fence],
            wait_all: 1,
            timeout: u64::MAX,
        });
        guest.flush();
    }
}

fn create_device(
    guest: &mut Guest,
    physical_device: t::PhysicalDeviceId,
    device: t::DeviceId,
    queue: t::QueueId,
) {
    let queues = [t::DeviceQueueCreateInfo {
        queue_count: 1,
        queue_priorities: &[1.0],
        ..Default::default()
    }];
    guest.post(&t::CreateDevice {
        physical_device,
        create_info: &t::DeviceCreateInfo {
            queue_create_info_count: 1,
            queue_create_infos: &queues,
            ..Default::default()
        },
        device,
    });
    let timeline = t::DeviceQueueTimelineInfoMESA {
        ring_idx: 1,
        ..Default::default()
    };
    guest.post(&t::GetDeviceQueue2 {
        device,
        queue_info: &t::DeviceQueueInfo2 {
            next: t::Chain(&[t::Extension::DeviceQueueTimelineInfoMESA(&timeline)]),
            ..Default::default()
        },
        queue,
    });
}

/// A memory type that can be mapped: each host has one.
fn mappable_type(guest: &mut Guest, physical_device: t::PhysicalDeviceId) -> u32 {
    let arena = Bump::new();
    let reply = guest.call(
        &t::GetPhysicalDeviceMemoryProperties { physical_device },
        &arena,
    );
    let types = reply.memory_properties.memory_types;
    let visible = t::MemoryPropertyFlags::HOST_VISIBLE;
    let found = types
        .iter()
        .position(|of| of.property_flags.contains(visible));
    found.unwrap() as u32
}

/// What the server holds once its clients have ended: as much as `before` where that is known,
/// else no less than a moment ago. Nothing else tells from outside that all have.
fn when_idle(server: &Child, before: Option<Held>) -> Held {
    let deadline = Instant::now() + PATIENCE;
    let mut last = before.unwrap_or_else(|| held(server));
    loop {
        std::thread::sleep(PAUSE);
        let now = held(server);
        if (now.files, now.threads) == (last.files, last.threads) || Instant::now() > deadline {
            return now;
        }
        last = before.unwrap_or(now);
    }
}

fn held(server: &Child) -> Held {
    let proc = |name: &str| format!("/proc/{}/{name}", server.id());
    let count = |name| std::fs::read_dir(proc(name)).unwrap().count();
    let status = std::fs::read_to_string(proc("status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = resident.and_then(|rest| rest.split_whitespace().next());
    Held {
        files: count("fd"),
        threads: count("task"),
        memory_kib: number.unwrap().parse().unwrap(),
    }
}
