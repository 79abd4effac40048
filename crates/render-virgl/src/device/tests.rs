//! Resets of the GPU, which cannot be brought about at will: what a driver tells of is
//! pretended.

use context::{Event, EventReceiver, FenceId, RingIdx, events};
use host_gl::Reset;
use rustix::event::{PollFd, PollFlags, poll};
use wire::Writer;
use wire_virgl::{Command, SubContextId};

use super::*;
use crate::{Config, Renderer};

fn device() -> Device {
    let renderer = Renderer::new(&Config::default()).unwrap();
    Device::open(renderer.host()).unwrap()
}

fn context(device: &mut Device, id: u32) -> (Box<dyn Context>, EventReceiver) {
    let (sender, receiver) = events().unwrap();
    let id = ContextId(id);
    let context = device.create_context(id, CapsetId::VIRGL2, "test", sender);
    (context.unwrap(), receiver)
}

fn pretend_reset(device: &Device, id: u32, reset: Reset) {
    let shared = lock(&device.shared);
    let gl = shared.guests[&ContextId(id)].gl();
    gl.unwrap().pretend_reset(reset);
}

fn stream() -> Vec<u8> {
    let sub = SubContextId(1);
    let mut writer = Writer::new();
    let created = Command::CreateSubCtx(sub);
    for command in [Command::Nop, created, Command::DestroySubCtx(sub)] {
        command.encode(&mut writer).unwrap();
    }
    writer.into_bytes()
}

#[test]
fn a_reset_ends_the_context_and_no_other() {
    let mut device = device();
    let (mut guilty, _one) = context(&mut device, 1);
    let (mut other, _two) = context(&mut device, 2);
    guilty.submit(&stream()).unwrap();
    pretend_reset(&device, 1, Reset::Guilty);
    let error = guilty.submit(&stream()).unwrap_err();
    assert!(matches!(&error, context::Error::Host(text) if text.contains("reset")));
    // It is told once.
    assert_eq!(guilty.submit(&stream()), Err(context::Error::Ended));
    guilty.finish().unwrap();
    for _ in 0..3 {
        other.submit(&stream()).unwrap();
        other.finish().unwrap();
    }
    // Nor is the device lost, in which there are new ones.
    let (mut new, _three) = context(&mut device, 3);
    new.submit(&stream()).unwrap();
}

#[test]
fn fences_of_lost_work_are_signalled() {
    let mut device = device();
    let (mut lost, events) = context(&mut device, 1);
    for (number, is_lost) in [(1, false), (2, true), (3, true)] {
        if is_lost {
            pretend_reset(&device, 1, Reset::Innocent);
        }
        lost.fence(RingIdx(0), FenceId(number)).unwrap();
    }
    let mut heard = Vec::new();
    while heard.len() < 4 {
        heard.extend(wait(&events));
    }
    // The end is told once, whenever it was seen.
    assert_eq!(heard.iter().filter(|one| one.is_none()).count(), 1);
    let signalled: Vec<_> = heard.into_iter().flatten().collect();
    assert_eq!(signalled, [1, 2, 3]);
    lost.finish().unwrap();
    assert_eq!(lost.submit(&stream()), Err(context::Error::Ended));
}

#[test]
fn a_device_that_is_lost_whole_starts_anew_with_its_next_context() {
    let mut device = device();
    let (mut old, _events) = context(&mut device, 1);
    old.submit(&stream()).unwrap();
    pretend_reset(&device, 1, Reset::Unknown);
    {
        let Shared { own, group, .. } = &mut *lock(&device.shared);
        made(own, group).unwrap().pretend_reset(Reset::Unknown);
    }
    let request = ResourceRequest {
        target: 0,
        format: 64,
        bind: 1 << 4,
        width: 16,
        height: 1,
        depth: 1,
        array_size: 1,
        last_level: 0,
        nr_samples: 0,
        flags: 0,
    };
    let made = device.create(ResourceId(7), &request);
    assert!(matches!(made, Err(context::Error::Host(_))), "{made:?}");
    let (mut new, _more) = context(&mut device, 2);
    new.submit(&stream()).unwrap();
    new.finish().unwrap();
    device.create(ResourceId(7), &request).unwrap();
    assert!(old.submit(&stream()).is_err());
}

/// Fences that were signalled, and none for the end of the context.
fn wait(events: &EventReceiver) -> Vec<Option<u64>> {
    let mut fds = [PollFd::new(events, PollFlags::IN)];
    poll(&mut fds, None).unwrap();
    let heard = events.drain().into_iter().map(|event| match event {
        Event::FenceSignaled { fence, .. } => Some(fence.0),
        Event::ContextLost { .. } => None,
    });
    heard.collect()
}
