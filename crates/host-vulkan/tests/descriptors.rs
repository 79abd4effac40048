//! Memory gives its descriptors back. A program of its own, since it counts what the process
//! holds.

mod common;

use common::{each_rung, map, open_descriptors};

/// Allocations alive at a time; fewer than the descriptors that a process may have.
const MANY: usize = 100;

/// Descriptors that one allocation may keep open, the driver's included.
const MOST: usize = 4;

#[test]
fn freed_memory_leaves_no_descriptor() {
    for (rung, gpu) in each_rung() {
        for memory_type in gpu.types_on(rung) {
            let hold = || {
                let held = (0..MANY).map(|_| {
                    let memory = gpu.allocate(memory_type, 64 << 10).unwrap();
                    let (pages, shared) = (map(&memory), memory.share().unwrap());
                    (memory, pages, shared)
                });
                let held: Vec<_> = held.collect();
                (open_descriptors(), held.len())
            };
            // Drivers open devices on first use.
            drop(map(&gpu.allocate(memory_type, 64 << 10).unwrap()));
            let before = open_descriptors();
            let (open, held) = hold();
            assert_eq!(held, MANY);
            let each = (open - before).div_ceil(MANY);
            eprintln!("{rung:?}: {each} descriptors for a mapped allocation");
            assert!((1..=MOST).contains(&each), "{rung:?}: {each}");
            assert_eq!(open_descriptors(), before, "{rung:?}");
            for _ in 0..MANY {
                assert!(gpu.allocate(memory_type, 1 << 62).is_err());
            }
            assert_eq!(open_descriptors(), before, "{rung:?}: after refusals");
        }
    }
}
