//! When a command may be answered.

mod common;

use std::sync::Arc;

use context::{CapsetId, ContextId, Event, FenceId, RingIdx, events};
use device::limits::MAX_FENCES;
use device::{Blame, Device, Error, Notice, Timeline};

use common::Notes;

const ONE: ContextId = ContextId(1);
const TWO: ContextId = ContextId(2);

fn device() -> (Device, Notes) {
    let notes = Notes::default();
    let mut device = Device::new(Arc::new(notes.clone()));
    for ctx in [ONE, TWO] {
        let (sender, _) = events().unwrap();
        device
            .create_context(ctx, CapsetId::VENUS, "test", sender)
            .unwrap();
    }
    (device, notes)
}

fn ring(ctx: ContextId, ring: u32) -> Timeline {
    Timeline::Ring(ctx, RingIdx(ring))
}

fn fence(device: &mut Device, timeline: Timeline, fence: u64) {
    device.fence_on(timeline, FenceId(fence)).unwrap();
}

/// The fences that may be answered.
fn signalled(device: &mut Device) -> Vec<u64> {
    device.verify_invariants().unwrap();
    let number = |notice| match notice {
        Notice::FenceSignaled(FenceId(fence)) => fence,
        other => panic!("{other:?}"),
    };
    device.notices().into_iter().map(number).collect()
}

fn signal(device: &mut Device, ctx: ContextId, ring: u32, fence: u64) {
    device.take_event(&Event::FenceSignaled {
        ctx,
        ring: RingIdx(ring),
        fence: FenceId(fence),
    });
}

#[test]
fn without_work_a_fence_is_signalled_at_once() {
    let (mut device, notes) = device();
    fence(&mut device, Timeline::Global, 1);
    assert_eq!(signalled(&mut device), [1]);
    assert!(notes.told().fences.is_empty());
    assert_eq!(device.fence_count(), 0);
}

#[test]
fn a_global_fence_waits_for_whom_work_was_given() {
    let (mut device, notes) = device();
    device.submit(ONE, &[1]).unwrap();
    fence(&mut device, Timeline::Global, 1);
    assert_eq!(notes.told().fences, [(ONE, RingIdx(0), FenceId(1))]);
    // Nothing new, and yet behind the first.
    fence(&mut device, Timeline::Global, 2);
    assert_eq!(signalled(&mut device), [0u64; 0]);
    device.submit(ONE, &[1]).unwrap();
    device.submit(TWO, &[1]).unwrap();
    fence(&mut device, Timeline::Global, 3);
    assert_eq!(device.fence_count(), 3);
    signal(&mut device, TWO, 0, 3);
    assert_eq!(signalled(&mut device), [0u64; 0]);
    signal(&mut device, ONE, 0, 1);
    assert_eq!(signalled(&mut device), [1, 2]);
    signal(&mut device, ONE, 0, 3);
    assert_eq!(signalled(&mut device), [3]);
}

#[test]
fn rings_go_on_by_themselves() {
    let (mut device, _) = device();
    device.submit(ONE, &[1]).unwrap();
    fence(&mut device, ring(ONE, 0), 1);
    fence(&mut device, ring(ONE, 1), 2);
    fence(&mut device, ring(TWO, 0), 3);
    fence(&mut device, Timeline::Global, 4);
    signal(&mut device, ONE, 1, 2);
    assert_eq!(signalled(&mut device), [2]);
    signal(&mut device, TWO, 0, 3);
    assert_eq!(signalled(&mut device), [3]);
    signal(&mut device, ONE, 0, 1);
    assert_eq!(signalled(&mut device), [1]);
    signal(&mut device, ONE, 0, 4);
    assert_eq!(signalled(&mut device), [4]);
}

/// A ring's fence signals the earlier ones, which a renderer need not tell of.
#[test]
fn a_fence_signals_those_before_it() {
    let (mut device, _) = device();
    device.submit(ONE, &[1]).unwrap();
    fence(&mut device, ring(ONE, 0), 1);
    fence(&mut device, Timeline::Global, 2);
    fence(&mut device, ring(ONE, 0), 3);
    fence(&mut device, ring(ONE, 0), 4);
    signal(&mut device, ONE, 0, 3);
    assert_eq!(signalled(&mut device), [1, 3, 2]);
    signal(&mut device, ONE, 0, 3);
    signal(&mut device, ONE, 0, 1);
    signal(&mut device, TWO, 0, 4);
    signal(&mut device, ONE, 1, 4);
    assert_eq!(signalled(&mut device), [0u64; 0]);
    assert_eq!(device.fence_count(), 1);
}

#[test]
fn a_context_that_ends_holds_up_nobody() {
    let (mut device, notes) = device();
    device.submit(ONE, &[1]).unwrap();
    device.submit(TWO, &[1]).unwrap();
    fence(&mut device, ring(ONE, 1), 1);
    fence(&mut device, Timeline::Global, 2);
    device.take_event(&Event::ContextLost {
        ctx: ONE,
        reason: "test".into(),
    });
    assert_eq!(signalled(&mut device), [1]);
    device.destroy_context(TWO).unwrap();
    assert_eq!(signalled(&mut device), [2]);
    // The context of the same number is another.
    let (sender, _) = events().unwrap();
    device
        .create_context(TWO, CapsetId::VENUS, "test", sender)
        .unwrap();
    fence(&mut device, ring(TWO, 0), 3);
    signal(&mut device, TWO, 0, 2);
    assert_eq!(signalled(&mut device), [0u64; 0]);
    let event = notes.told().fences.pop().unwrap();
    assert_eq!(event, (TWO, RingIdx(0), FenceId(3)));
    signal(&mut device, TWO, 0, 3);
    assert_eq!(signalled(&mut device), [3]);
}

#[test]
fn a_fence_that_nobody_can_signal_is_refused() {
    let (mut device, _) = device();
    let error = device
        .fence_on(ring(ContextId(9), 0), FenceId(1))
        .unwrap_err();
    assert_eq!(error.blame(), Blame::Context);
    let error = device.fence_on(ring(ONE, 7), FenceId(1)).unwrap_err();
    assert_eq!(error.blame(), Blame::Parameter);
    assert_eq!(signalled(&mut device), [0u64; 0]);
    assert_eq!(device.fence_count(), 0);
}

#[test]
fn a_reset_forgets_fences() {
    let (mut device, notes) = device();
    device.submit(ONE, &[1]).unwrap();
    fence(&mut device, Timeline::Global, 1);
    fence(&mut device, ring(TWO, 0), 2);
    fence(&mut device, Timeline::Global, 3);
    device.reset();
    assert_eq!(signalled(&mut device), [0u64; 0]);
    assert_eq!((device.fence_count(), device.context_count()), (0, 0));
    assert!(notes.told().contexts.is_empty() && notes.told().devices == 0);
    signal(&mut device, ONE, 0, 1);
    fence(&mut device, Timeline::Global, 4);
    assert_eq!(signalled(&mut device), [4]);
}

#[test]
fn there_are_only_so_many_fences() {
    let (mut device, _) = device();
    for number in 0..MAX_FENCES as u64 {
        fence(&mut device, ring(ONE, 0), number);
    }
    let error = device
        .fence_on(ring(ONE, 0), FenceId(u64::MAX))
        .unwrap_err();
    assert!(matches!(error, Error::Limit { .. }));
    signal(&mut device, ONE, 0, MAX_FENCES as u64 - 1);
    assert_eq!(signalled(&mut device).len(), MAX_FENCES);
}
