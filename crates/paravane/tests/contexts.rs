//! A thousand contexts come and go, and leave nothing behind in a process that serves them all.

mod common;

use std::process::{Child, Output};
use std::time::{Duration, Instant};

use bumpalo::Bump;
use common::venus::Guest;
use common::work::{create_device, open, submit, submit_recorded};
use common::{PATIENCE, finish, paravane, signal, text};
use rustix::process::Signal;
use vulkan_types as t;

const CONTEXTS: usize = 1000;

/// Contexts after which the server is warm: libraries loaded, allocators' pools filled.
const WARM: usize = 200;

/// Contexts after which all is made that is kept: threads of the driver, say.
const FIRST: usize = 4;

/// Each so many contexts one leaves without tidying up.
const UNTIDY: usize = 4;

/// Contexts between two looks at what the server holds.
const STEP: usize = 50;

/// What each context may add to the server's memory: half of a page, for what an allocator
/// shuffles.
const MARGIN_KIB: usize = 2;

/// Makes glibc give memory back that is free, so that what stays is what is used: no arena for
/// each thread, all but small blocks in mappings of their own, no stacks kept for later threads.
///
/// One tunable at most: some versions of glibc cut the variable off behind the first, and the
/// server starts itself once more.
const GIVE_BACK: [(&str, &str); 4] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_TRIM_THRESHOLD_", "0"),
    ("MALLOC_MMAP_THRESHOLD_", "4096"),
    ("GLIBC_TUNABLES", "glibc.pthread.stack_cache_size=0"),
];

/// Longer than a client that waits in the server takes to be given up, even on a busy host.
const PAUSE: Duration = Duration::from_secs(1);

/// Between two looks whether a context has ended.
const MOMENT: Duration = Duration::from_millis(1);

const MEMORY: u64 = 64 << 10;

/// A server that does not outlive a test that fails.
struct Server(Option<Child>);

impl Server {
    fn id(&self) -> u32 {
        self.0.as_ref().map_or(0, Child::id)
    }

    /// Ends it as a user does.
    fn end(mut self) -> Output {
        let child = self.0.take().unwrap();
        signal(&child, Signal::TERM);
        finish(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What the server holds, as the kernel counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    files: usize,
    threads: usize,
}

#[test]
fn a_thousand_contexts_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let mut command = paravane(&["vtest", "--no-fork", "--no-virgl", "--socket-path"]);
    command.arg(&socket).envs(GIVE_BACK);
    let server = Server(Some(command.spawn().unwrap()));
    let Some(mut guest) = Guest::connect(&socket, "first") else {
        return skip(server, "there is no Vulkan loader here");
    };
    if open(&mut guest, &Bump::new()).is_none() {
        return skip(server, "there is no Vulkan device here");
    }
    drop(guest);
    let mut idle = when_idle(&server, None);
    let mut looks = Vec::new();
    for round in 1..=CONTEXTS {
        let mut guest = Guest::connect(&socket, "one of many").unwrap();
        use_context(&mut guest, !round.is_multiple_of(UNTIDY));
        drop(guest);
        // One after the other: how much is used at a time is then the same each time.
        if round <= FIRST {
            idle = when_idle(&server, None);
        } else {
            assert_eq!(
                when_idle(&server, Some(idle)),
                idle,
                "after {round} contexts"
            );
        }
        if round >= WARM && round.is_multiple_of(STEP) {
            looks.push(memory_kib(&server));
        }
    }
    let output = server.end();
    assert!(output.status.success(), "{output:?}");
    memory_does_not_grow(&looks);
}

/// Holds the second half of the looks against the first: the least of each, because memory also
/// comes and goes.
fn memory_does_not_grow(looks: &[usize]) {
    let (first, second) = looks.split_at(looks.len() / 2);
    let (before, after) = (first.iter().min().unwrap(), second.iter().min().unwrap());
    println!("every {STEP} contexts: {looks:?} KiB; at least {before}, then {after}");
    let margin = first.len() * STEP * MARGIN_KIB;
    assert!(
        *after <= before + margin,
        "{} KiB more, and {margin} would do: {looks:?}",
        after - before
    );
}

#[test]
fn work_that_never_ends_goes_with_its_guest() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let mut command = paravane(&["vtest", "--no-fork", "--no-virgl", "--socket-path"]);
    let server = Server(Some(command.arg(&socket).spawn().unwrap()));
    let Some(mut guest) = Guest::connect(&socket, "stuck") else {
        return skip(server, "there is no Vulkan loader here");
    };
    let arena = Bump::new();
    let Some(physical_device) = open(&mut guest, &arena) else {
        return skip(server, "there is no Vulkan device here");
    };
    let before = when_idle(&server, None);
    for _ in 0..3 {
        let mut guest = Guest::connect(&socket, "stuck").unwrap();
        open(&mut guest, &arena).unwrap();
        wait_for_a_semaphore(&mut guest, physical_device);
        let mut guest = Guest::connect(&socket, "stuck").unwrap();
        open(&mut guest, &arena).unwrap();
        wait_for_an_event(&mut guest, physical_device);
    }
    let after = when_idle(&server, Some(before));
    assert_eq!(before, after);
    drop(guest);
    let output = server.end();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stderr), "");
}

/// Makes a queue wait for a semaphore that only the guest would signal.
fn wait_for_a_semaphore(guest: &mut Guest, physical_device: t::PhysicalDeviceId) {
    let (device, queue, semaphore) = (t::DeviceId(3), t::QueueId(4), t::SemaphoreId(5));
    let features = t::PhysicalDeviceTimelineSemaphoreFeatures {
        timeline_semaphore: 1,
        ..Default::default()
    };
    let chain = [t::Extension::PhysicalDeviceTimelineSemaphoreFeatures(
        &features,
    )];
    create_device(guest, physical_device, t::Chain(&chain), device, queue);
    let timeline = t::SemaphoreTypeCreateInfo {
        semaphore_type: t::SemaphoreType::TIMELINE,
        ..Default::default()
    };
    let arena = Bump::new();
    let created = guest.call(
        &t::CreateSemaphore {
            device,
            create_info: &t::SemaphoreCreateInfo {
                next: t::Chain(&[t::Extension::SemaphoreTypeCreateInfo(&timeline)]),
                ..Default::default()
            },
            semaphore,
        },
        &arena,
    );
    assert_eq!(created.ret, t::VkResult::SUCCESS);
    let values = t::TimelineSemaphoreSubmitInfo {
        wait_semaphore_value_count: 1,
        wait_semaphore_values: &[7],
        ..Default::default()
    };
    let wait = t::SubmitInfo {
        next: t::Chain(&[t::Extension::TimelineSemaphoreSubmitInfo(&values)]),
        wait_semaphore_count: 1,
        wait_semaphores: &[semaphore],
        wait_dst_stage_mask: &[t::PipelineStageFlags::ALL_COMMANDS],
        ..Default::default()
    };
    submit(guest, queue, wait);
}

/// Makes a queue wait for an event that only the guest would set.
fn wait_for_an_event(guest: &mut Guest, physical_device: t::PhysicalDeviceId) {
    let (device, queue, event) = (t::DeviceId(3), t::QueueId(4), t::EventId(5));
    create_device(guest, physical_device, t::Chain::default(), device, queue);
    guest.post(&t::CreateEvent {
        device,
        create_info: &t::EventCreateInfo::default(),
        event,
    });
    submit_recorded(guest, device, queue, |guest, command_buffer| {
        guest.post(&t::CmdWaitEvents {
            command_buffer,
            event_count: 1,
            events: &[event],
            src_stage_mask: t::PipelineStageFlags::HOST,
            dst_stage_mask: t::PipelineStageFlags::ALL_COMMANDS,
            memory_barrier_count: 0,
            memory_barriers: &[],
            buffer_memory_barrier_count: 0,
            buffer_memory_barriers: &[],
            image_memory_barrier_count: 0,
            image_memory_barriers: &[],
        });
    });
}

/// Counts as skipped, not as passed: the line says so to whoever reads the log.
fn skip(server: Server, why: &str) {
    let output = server.end();
    eprintln!("SKIPPED: {why}: {}", text(&output.stderr));
}

/// What a program does, and then tidies up, or not.
fn use_context(guest: &mut Guest, tidy: bool) {
    let arena = Bump::new();
    let (device, queue) = (t::DeviceId(3), t::QueueId(4));
    let (memory, fence) = (t::DeviceMemoryId(5), t::FenceId(6));
    let physical_device = open(guest, &arena).unwrap();
    create_device(guest, physical_device, t::Chain::default(), device, queue);
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
fn when_idle(server: &Server, before: Option<Held>) -> Held {
    let deadline = Instant::now() + PATIENCE;
    let mut last = held(server);
    loop {
        std::thread::sleep(if before.is_some() { MOMENT } else { PAUSE });
        let now = held(server);
        if now == before.unwrap_or(last) || Instant::now() > deadline {
            return now;
        }
        last = now;
    }
}

fn held(server: &Server) -> Held {
    let count = |name| {
        let entries = std::fs::read_dir(format!("/proc/{}/{name}", server.id()));
        entries.unwrap().count()
    };
    Held {
        files: count("fd"),
        threads: count("task"),
    }
}

/// The pages that it has written, counted one by one: what `status` says is an estimate, and
/// pages that are still as in their file come and go as the kernel likes.
fn memory_kib(server: &Server) -> usize {
    let path = format!("/proc/{}/smaps_rollup", server.id());
    let memory = std::fs::read_to_string(path).unwrap();
    let own = ["Private_Dirty:", "Shared_Dirty:", "Swap:"].map(|name| {
        let line = memory.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|rest| rest.split_whitespace().next());
        number.unwrap().parse::<usize>().unwrap()
    });
    own.iter().sum()
}
