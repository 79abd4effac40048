//! Memory gives its descriptors back. A program of its own, since it counts what the process
//! holds.

mod common;

use common::{each_rung, map, open_descriptors};

/// Allocations alive at a time; fewer than the descriptors that a process may have.
const MANY: usize = 100;

#[test]
fn freed_memory_leaves_no_descriptor() {
    for (rung, gpu) in each_rung() {
        for memory_type in gpu.types_on(rung) {
            let hold = || {
                let held: Vec<_> = (0..MANY)
                    .map(|_| {
                        let memory = gpu.allocate(memory_type, 64 << 10).unwrap();
                        let pages = map(&memory);
                        (memory, pages)
                    })
                    .collect();
                assert_eq!(held.len(), MANY);
            };
            // Drivers open devices on first use.
            drop(map(&gpu.allocate(memory_type, 64 << 10).unwrap()));
            let before = open_descriptors();
            hold();
            assert_eq!(open_descriptors(), before, "{rung:?}");
            for _ in 0..MANY {
                assert!(gpu.allocate(memory_type, 1 << 62).is_err());
            }
            assert_eq!(open_descriptors(), before, "{rung:?}: after refusals");
        }
    }
}
