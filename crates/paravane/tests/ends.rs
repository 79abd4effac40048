//! How `paravane run` ends: by signals, with its program, and whatever others still do.

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bumpalo::Bump;
use common::venus::Guest;
use common::work::{create_device, open, submit_recorded};
use common::{finish, greet, installed, left_behind, line, paravane, run, signal, text};
use rustix::process::Signal;
use vulkan_types as t;

/// Longer than signals are taken for the same wish.
const LATER: Duration = Duration::from_millis(1200);

/// A moment, even on a busy host, and less than work that never ends is waited for.
const PROMPTLY: Duration = Duration::from_secs(3);

/// What a queue that is stuck may cost: the renderer waits a second for it.
const IN_THE_END: Duration = Duration::from_secs(10);

#[test]
fn a_signal_reaches_the_program() {
    for (sent, status) in [(Signal::TERM, 7), (Signal::INT, 8), (Signal::HUP, 9)] {
        let dir = installed();
        let script = "trap 'exit 7' TERM; trap 'exit 8' INT; trap 'exit 9' HUP; echo ready; \
                      while :; do sleep 0.01; done";
        let mut child = run(&dir, &["sh", "-c", script]).spawn().unwrap();
        assert_eq!(line(&mut child), "ready");
        signal(&child, sent);
        assert_eq!(finish(child).status.code(), Some(status));
        assert_eq!(left_behind(&dir), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_program_that_takes_its_time_is_served_until_it_ends() {
    let dir = installed();
    let script = r#"trap 'echo asked; read end; exit 7' TERM; echo "$VTEST_SOCKET_NAME"
                    while :; do sleep 0.01; done"#;
    let mut child = run(&dir, &["sh", "-c", script]).spawn().unwrap();
    let socket = line(&mut child);
    signal(&child, Signal::TERM);
    assert_eq!(line(&mut child), "asked");
    drop(greet(Path::new(&socket), "late"));
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    assert_eq!(finish(child).status.code(), Some(7));
}

#[test]
fn a_program_that_hears_no_signal_is_killed_by_a_second_one() {
    let dir = installed();
    let script = "trap '' TERM INT HUP; echo ready; while :; do sleep 0.01; done";
    let mut child = run(&dir, &["sh", "-c", script]).spawn().unwrap();
    assert_eq!(line(&mut child), "ready");
    // As `timeout` does it.
    for same in [Signal::INT, Signal::INT, Signal::HUP] {
        signal(&child, same);
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(LATER);
    assert_eq!(child.try_wait().unwrap(), None);
    signal(&child, Signal::TERM);
    let start = Instant::now();
    let output = finish(child);
    assert!(start.elapsed() < PROMPTLY, "{:?}", start.elapsed());
    assert_eq!(output.status.code(), Some(128 + 9));
    assert!(
        text(&output.stderr).contains("SIGTERM, again"),
        "{output:?}"
    );
    assert_eq!(left_behind(&dir), Vec::<PathBuf>::new());
}

#[test]
fn a_client_that_lingers_is_dropped_with_the_server() {
    let dir = installed();
    let script = r#"echo "$VTEST_SOCKET_NAME"; read end"#;
    let mut child = run(&dir, &["sh", "-c", script]).spawn().unwrap();
    let socket = line(&mut child);
    let mut lingering = greet(Path::new(&socket), "lingering");
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    let start = Instant::now();
    assert!(finish(child).status.success());
    assert!(start.elapsed() < PROMPTLY, "{:?}", start.elapsed());
    assert_eq!(std::io::Read::read(&mut lingering, &mut [0]).unwrap(), 0);
}

#[test]
fn a_queue_that_is_stuck_holds_up_no_end() {
    let dir = installed();
    let script = r#"echo "$VTEST_SOCKET_NAME"; read end; exit 5"#;
    // The server finds the host's drivers.
    let mut command = paravane(&["run", "--icd"]);
    command.arg(dir.path().join("vulkan/icd.d/virtio_icd.x86_64.json"));
    command.args(["sh", "-c", script]);
    let mut child = command.env("XDG_RUNTIME_DIR", dir.path()).spawn().unwrap();
    let socket = line(&mut child);
    let guest = Guest::connect(Path::new(&socket), "stuck");
    let stuck = guest.and_then(|mut guest| {
        let physical_device = open(&mut guest, &Bump::new())?;
        dispatch_for_minutes(&mut guest, physical_device);
        Some(guest)
    });
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    let start = Instant::now();
    let output = finish(child);
    assert!(start.elapsed() < IN_THE_END, "{:?}", start.elapsed());
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    if stuck.is_none() {
        eprintln!("SKIPPED: there is no Vulkan device here");
        return;
    }
    let log = text(&output.stderr);
    assert!(log.contains("a queue is still busy"), "{log}");
}

/// Gives the device work that nothing but its end can end.
fn dispatch_for_minutes(guest: &mut Guest, physical_device: t::PhysicalDeviceId) {
    let (device, queue) = (t::DeviceId(3), t::QueueId(4));
    let (module, layout) = (t::ShaderModuleId(5), t::PipelineLayoutId(6));
    let pipeline = t::PipelineId(7);
    create_device(guest, physical_device, t::Chain::default(), device, queue);
    guest.post(&t::CreateShaderModule {
        device,
        create_info: &t::ShaderModuleCreateInfo {
            code_size: size_of_val(&NOTHING),
            code: &NOTHING,
            ..Default::default()
        },
        shader_module: module,
    });
    guest.post(&t::CreatePipelineLayout {
        device,
        create_info: &t::PipelineLayoutCreateInfo::default(),
        pipeline_layout: layout,
    });
    let stage = t::PipelineShaderStageCreateInfo {
        stage: t::ShaderStageFlags::COMPUTE,
        module,
        name: Some(c"main"),
        ..Default::default()
    };
    let create = t::CreateComputePipelines {
        device,
        pipeline_cache: t::PipelineCacheId(0),
        create_info_count: 1,
        create_infos: &[t::ComputePipelineCreateInfo {
            stage,
            layout,
            ..Default::default()
        }],
        pipelines: &[pipeline],
    };
    assert_eq!(guest.call(&create, &Bump::new()).ret, t::VkResult::SUCCESS);
    submit_recorded(guest, device, queue, |guest, command_buffer| {
        guest.post(&t::CmdBindPipeline {
            command_buffer,
            pipeline_bind_point: t::PipelineBindPoint::COMPUTE,
            pipeline,
        });
        for _ in 0..100 {
            // Each is more than 4,000,000,000 workgroups.
            guest.post(&t::CmdDispatch {
                command_buffer,
                group_count_x: 65535,
                group_count_y: 65535,
                group_count_z: 1,
            });
        }
    });
}

/// SPIR-V: `layout(local_size_x = 1) in; void main() {}`.
#[rustfmt::skip]
const NOTHING: [u32; 35] = [
    0x0723_0203, 0x0001_0000, 0, 5, 0,       // magic number, version 1.0, ids below 5
    2 << 16 | 17, 1,                         // OpCapability Shader
    3 << 16 | 14, 0, 1,                      // OpMemoryModel Logical GLSL450
    5 << 16 | 15, 5, 1, 0x6e69_616d, 0,      // OpEntryPoint GLCompute %1 "main"
    6 << 16 | 16, 1, 17, 1, 1, 1,            // OpExecutionMode %1 LocalSize 1 1 1
    2 << 16 | 19, 2,                         // %2 = OpTypeVoid
    3 << 16 | 33, 3, 2,                      // %3 = OpTypeFunction %2
    5 << 16 | 54, 2, 1, 0, 3,                // %1 = OpFunction %2 None %3
    2 << 16 | 248, 4,                        // %4 = OpLabel
    1 << 16 | 253, 1 << 16 | 56,             // OpReturn, OpFunctionEnd
];
