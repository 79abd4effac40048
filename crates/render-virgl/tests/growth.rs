//! Devices and contexts leave nothing behind. In a program of its own: it counts what the whole
//! process holds.
#![allow(missing_docs, reason = "tests")]

mod common;

use common::{Guest, core, number, resource, whole};
use format::Format;
use wire_virgl::{BindFlags, Clear, ClearBuffers, Command, Framebuffer, Object, Surface};

const CONTEXTS: usize = 1000;

/// Contexts after which the driver has made what it keeps.
const WARM: usize = 200;

/// Contexts between two looks.
const STEP: usize = 50;

/// What each context may add, KiB: for what the driver's and the system's allocators shuffle.
const MARGIN_KIB: usize = 4;

const SIDE: u32 = 64;

#[test]
fn a_thousand_contexts_leave_nothing_behind() {
    let mut held = None;
    let mut looks = Vec::new();
    for round in 1..=CONTEXTS {
        use_context();
        if round == WARM {
            held = Some(counts());
        }
        if round >= WARM && round.is_multiple_of(STEP) {
            assert_eq!(Some(counts()), held, "after {round} contexts");
            looks.push(memory_kib());
        }
    }
    let (first, second) = looks.split_at(looks.len() / 2);
    let (before, after) = (first.iter().min().unwrap(), second.iter().min().unwrap());
    println!("every {STEP} contexts: {looks:?} KiB; at least {before}, then {after}");
    let margin = first.len() * STEP * MARGIN_KIB;
    assert!(*after <= before + margin, "{looks:?} KiB");
}

/// A device with a context that clears a texture, looks at it, and leaves without tidying up.
fn use_context() {
    let mut guest = Guest::new(core());
    let target = guest.texture(Format::R8G8B8A8_UNORM, SIDE, SIDE);
    let _buffer = guest.buffer(65536, BindFlags::VERTEX_BUFFER);
    let object = guest.object();
    let surface = Surface {
        resource: resource(target.id),
        format: number(Format::R8G8B8A8_UNORM),
        level: 0,
        first_layer: 0,
        last_layer: 0,
    };
    guest.run(&[
        Command::CreateObject(object, Object::Surface(surface)),
        Command::SetFramebufferState(Framebuffer {
            depth_stencil: None,
            color: [Some(object)].into_iter().collect(),
        }),
        Command::Clear(Clear {
            buffers: ClearBuffers::COLOR0,
            color: [1.0f32; 4].map(f32::to_bits),
            depth: 0.0,
            stencil: 0,
        }),
    ]);
    let bytes = guest.get(
        target.id,
        &whole([SIDE, SIDE, 1]),
        (SIDE * SIDE * 4) as usize,
    );
    assert!(bytes.iter().all(|byte| *byte == 0xff));
}

/// Descriptors and threads.
fn counts() -> (usize, usize) {
    let count = |of: &str| std::fs::read_dir(of).unwrap().count();
    (count("/proc/self/fd"), count("/proc/self/task"))
}

/// Written pages of this process.
fn memory_kib() -> usize {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = text.lines().find(|line| line.starts_with("Private_Dirty:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}
