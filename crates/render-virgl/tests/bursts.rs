//! Many devices at the same time leave no more than one. In a program of its own: it counts what
//! the whole process holds.
#![allow(missing_docs, reason = "tests")]

mod common;

use std::sync::Barrier;

use common::{Guest, core};
use wire_virgl::{Command, SubContextId};

const DEVICES: usize = 24;

/// Sub-contexts that each device uses.
const SUB_CONTEXTS: u32 = 6;

/// What a burst may leave: allocators keep some for each thread. The devices take many times as
/// much and more together while they are there.
const MARGIN_KIB: usize = 8 * 1024;

#[test]
fn a_burst_of_devices_leaves_nothing_behind() {
    // What the driver keeps for good.
    burst(2);
    let before = memory_kib();
    let most = burst(DEVICES);
    let after = memory_kib();
    println!("{before} KiB, with {DEVICES} devices {most}, then {after}");
    assert!(most > before + 2 * MARGIN_KIB, "{before}, {most} KiB");
    assert!(after < before + MARGIN_KIB, "{before}, {after} KiB");
}

/// So many devices, each on a thread of its own, all at the same time; what the process has then.
fn burst(devices: usize) -> usize {
    let (made, seen) = (Barrier::new(devices + 1), Barrier::new(devices + 1));
    std::thread::scope(|scope| {
        for _ in 0..devices {
            scope.spawn(|| {
                let mut guest = Guest::new(core());
                for sub in (2..2 + SUB_CONTEXTS).map(SubContextId) {
                    guest.run(&[Command::CreateSubCtx(sub), Command::SetSubCtx(sub)]);
                    guest.run(&[Command::Nop]);
                }
                made.wait();
                seen.wait();
            });
        }
        made.wait();
        let most = memory_kib();
        seen.wait();
        most
    })
}

/// Written pages of this process.
fn memory_kib() -> usize {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = text.lines().find(|line| line.starts_with("Private_Dirty:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}
