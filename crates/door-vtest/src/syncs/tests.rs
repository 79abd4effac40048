use std::time::Duration;

use proptest::prelude::*;
use rustix::event::{PollFd, PollFlags, poll};

use super::*;

fn point(sync: SyncId, value: u64) -> SyncPoint {
    SyncPoint { sync, value }
}

fn wait_for(any: bool, timeout_ms: u32, points: &[SyncPoint]) -> SyncWait {
    SyncWait {
        flags: match any {
            true => SyncWaitFlags::ANY,
            false => SyncWaitFlags::empty(),
        },
        timeout_ms,
        points: points.to_vec(),
    }
}

fn start(syncs: &mut Syncs, any: bool, points: &[SyncPoint]) -> WaitFd {
    let wait = wait_for(any, u32::MAX, points);
    syncs.wait(&wait, Instant::now()).unwrap()
}

fn is_ready(wait: &WaitFd) -> bool {
    let WaitFd::Later(fd) = wait else {
        return true;
    };
    // An alarm in the past rings within the next timer interrupt.
    let soon = Timespec {
        tv_sec: 0,
        tv_nsec: 20_000_000,
    };
    let mut fds = [PollFd::new(fd, PollFlags::IN)];
    poll(&mut fds, Some(&soon)).unwrap();
    assert!(!fds[0].revents().contains(PollFlags::HUP));
    fds[0].revents().contains(PollFlags::IN)
}

#[test]
fn a_value_is_read_and_written() {
    let mut syncs = Syncs::default();
    let sync = syncs.create(5).unwrap();
    assert_eq!(syncs.value(sync).unwrap(), 5);
    syncs.write(point(sync, 3)).unwrap();
    assert_eq!(syncs.value(sync).unwrap(), 3);
    syncs.unref(sync).unwrap();
    assert!(matches!(syncs.value(sync), Err(Error::UnknownSync(_))));
    assert!(syncs.unref(sync).is_err());
    assert!(syncs.write(point(sync, 3)).is_err());
    assert_eq!(syncs.create(0).unwrap(), sync);
}

#[test]
fn waits_for_all_and_for_any() {
    let mut syncs = Syncs::default();
    let [a, b] = [syncs.create(0).unwrap(), syncs.create(0).unwrap()];
    let points = [point(a, 1), point(b, 2)];
    let all = start(&mut syncs, false, &points);
    let any = start(&mut syncs, true, &points);
    assert!(!is_ready(&all) && !is_ready(&any));
    syncs.write(point(b, 2)).unwrap();
    assert!(!is_ready(&all) && is_ready(&any));
    // Latched: going back does not undo it.
    syncs.write(point(b, 0)).unwrap();
    syncs.write(point(a, 9)).unwrap();
    assert!(is_ready(&all));
    assert!(syncs.waits.is_empty());
    assert!(matches!(start(&mut syncs, true, &points), WaitFd::Ready));
    assert!(matches!(start(&mut syncs, false, &[]), WaitFd::Ready));
}

#[test]
fn a_fence_takes_its_rings_earlier_ones_along() {
    let mut syncs = Syncs::default();
    let sync = syncs.create(0).unwrap();
    for fence in 1..=3 {
        let points = vec![point(sync, fence)];
        syncs
            .set_on_fence(RingIdx(1), FenceId(fence), points)
            .unwrap();
    }
    syncs.fence_signaled(RingIdx(2), FenceId(3));
    assert_eq!(syncs.value(sync).unwrap(), 0);
    syncs.fence_signaled(RingIdx(1), FenceId(2));
    assert_eq!(syncs.value(sync).unwrap(), 2);
    syncs.fence_signaled(RingIdx(1), FenceId(3));
    assert_eq!(syncs.value(sync).unwrap(), 3);
    assert_eq!(syncs.pending_points, 0);
}

#[test]
fn a_fence_reaches_a_sync_without_a_name() {
    let mut syncs = Syncs::default();
    let sync = syncs.create(0).unwrap();
    syncs
        .set_on_fence(RingIdx(0), FenceId(1), vec![point(sync, 1)])
        .unwrap();
    let wait = start(&mut syncs, false, &[point(sync, 1)]);
    syncs.unref(sync).unwrap();
    // The number is not free yet.
    assert_ne!(syncs.create(0).unwrap(), sync);
    syncs.fence_signaled(RingIdx(0), FenceId(1));
    assert!(is_ready(&wait));
    assert_eq!(syncs.create(0).unwrap(), sync);
}

#[test]
fn a_wait_out_of_time_is_forgotten_and_not_satisfied() {
    let mut syncs = Syncs::default();
    let sync = syncs.create(0).unwrap();
    let now = Instant::now();
    let points = [point(sync, 1)];
    let at_once = syncs.wait(&wait_for(false, 0, &points), now).unwrap();
    assert!(syncs.waits.is_empty());
    let late = syncs.wait(&wait_for(false, 5, &points), now).unwrap();
    let forever = syncs
        .wait(&wait_for(false, u32::MAX, &points), now)
        .unwrap();
    assert_eq!(syncs.waits.len(), 2);
    let later = now + Duration::from_millis(6);
    let again = syncs.wait(&wait_for(false, 5, &points), later).unwrap();
    assert_eq!(syncs.waits.len(), 2);
    syncs.write(point(sync, 1)).unwrap();
    assert!(!is_ready(&at_once) && !is_ready(&late));
    assert!(is_ready(&forever) && is_ready(&again));
}

#[test]
fn limits_hold() {
    let mut syncs = Syncs::default();
    let sync = syncs.create(0).unwrap();
    let points = [point(sync, 1)];
    let waits: Vec<_> = (0..MAX_WAITS)
        .map(|_| start(&mut syncs, false, &points))
        .collect();
    let wait = wait_for(false, u32::MAX, &points);
    let refusal = syncs.wait(&wait, Instant::now());
    assert!(matches!(refusal, Err(Error::Limit { what: "waits", .. })));
    drop(waits);
    let points = vec![point(sync, 1); MAX_PENDING_POINTS];
    syncs.set_on_fence(RingIdx(0), FenceId(1), points).unwrap();
    let refusal = syncs.set_on_fence(RingIdx(0), FenceId(2), vec![point(sync, 1)]);
    assert!(matches!(refusal, Err(Error::Limit { .. })));
}

#[derive(Clone, Debug)]
enum Op {
    Create(u64),
    Unref(u32),
    Write(u32, u64),
    Wait(bool, Vec<(u32, u64)>),
    Submit(u32, Vec<(u32, u64)>),
    Signal(u32),
}

fn op() -> impl Strategy<Value = Op> {
    let points = || proptest::collection::vec((1u32..5, 0u64..6), 0..4);
    prop_oneof![
        (0u64..6).prop_map(Op::Create),
        (1u32..5).prop_map(Op::Unref),
        (1u32..5, 0u64..6).prop_map(|(sync, value)| Op::Write(sync, value)),
        (any::<bool>(), points()).prop_map(|(any, points)| Op::Wait(any, points)),
        (0u32..2, points()).prop_map(|(ring, points)| Op::Submit(ring, points)),
        (0u32..2).prop_map(Op::Signal),
    ]
}

fn to_points(points: &[(u32, u64)]) -> Vec<SyncPoint> {
    points
        .iter()
        .map(|(id, value)| point(SyncId(*id), *value))
        .collect()
}

/// What the counts count.
fn verify_invariants(syncs: &Syncs) {
    let waiters: usize = syncs.syncs.values().map(|sync| sync.waiters.len()).sum();
    assert_eq!(waiters, syncs.waiter_count);
    let pending = syncs.timelines.values().flatten();
    let points: Vec<_> = pending.flat_map(|pending| &pending.points).collect();
    assert_eq!(points.len(), syncs.pending_points);
    for (id, sync) in &syncs.syncs {
        let of_sync = points.iter().filter(|point| point.sync.0 == *id).count();
        assert_eq!(of_sync, sync.pending);
        assert!(sync.is_named || sync.pending != 0);
        assert!(
            sync.waiters
                .iter()
                .all(|waiter| waiter.value > sync.value || !syncs.waits.contains_key(&waiter.wait))
                || !sync.waiters.is_empty()
        );
    }
    assert!(syncs.waits.values().all(|wait| wait.missing != 0));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_operations_keep_the_counts(ops in proptest::collection::vec(op(), 0..60)) {
        let mut syncs = Syncs::default();
        let mut last_fence = 0;
        for op in ops {
            let before = syncs.pending_points;
            let _ = match op {
                Op::Create(value) => syncs.create(value).map(drop),
                Op::Unref(id) => syncs.unref(SyncId(id)),
                Op::Write(id, value) => syncs.write(point(SyncId(id), value)),
                Op::Wait(any, points) => {
                    let wait = wait_for(any, u32::MAX, &to_points(&points));
                    syncs.wait(&wait, Instant::now()).map(drop)
                }
                Op::Submit(ring, points) => {
                    last_fence += 1;
                    let points = to_points(&points);
                    let count = points.len();
                    let result = syncs.set_on_fence(RingIdx(ring), FenceId(last_fence), points);
                    let grown = if result.is_ok() { count } else { 0 };
                    prop_assert_eq!(syncs.pending_points, before + grown);
                    result
                }
                Op::Signal(ring) => {
                    syncs.fence_signaled(RingIdx(ring), FenceId(last_fence));
                    Ok(())
                }
            };
            verify_invariants(&syncs);
        }
    }
}
