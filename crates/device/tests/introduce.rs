//! 2D resources that become the renderer's when a program draws with them.

mod common;

use std::sync::Arc;

use context::{Backing, CapsetId, ContextId, Piece, ResourceId, events};
use device::{Config, Device, Mode, Rect, Screen, Text};
use host_memory::{Pages, Shm};

use common::Notes;

const ONE: ContextId = ContextId(1);
const TWO: ContextId = ContextId(2);
const IMAGE: ResourceId = ResourceId(5);
const WHOLE: Rect = Rect {
    x: 0,
    y: 0,
    width: 700,
    height: 2000,
};

/// A device with two contexts, and an image on its screen whose pixels came from the guest.
fn device() -> (Device, Notes, Backing) {
    let notes = Notes::default();
    let screen = Screen {
        name: Text::new("Test").unwrap(),
        mode: Mode::new(640, 480, 60_000).unwrap(),
        is_connected: true,
    };
    let config = Config {
        screens: vec![screen],
        region: 0,
    };
    let mut device = Device::with_config(Arc::new(notes.clone()), config).unwrap();
    for ctx in [ONE, TWO] {
        let (sender, _) = events().unwrap();
        device
            .create_context(ctx, CapsetId::VENUS, "test", sender)
            .unwrap();
    }
    let size = u64::from(WHOLE.width * WHOLE.height * 4);
    let piece = Piece::new(Pages::from(Shm::new("guest", size).unwrap()), 0, size).unwrap();
    let guest = Backing::new([piece]).unwrap();
    guest.write(0, &noise(1)).unwrap();
    device
        .create_resource_2d(IMAGE, 1, WHOLE.width, WHOLE.height)
        .unwrap();
    device.attach_backing(IMAGE, guest.clone()).unwrap();
    device.transfer_to_host_2d(IMAGE, WHOLE, 0).unwrap();
    device.set_scanout(0, WHOLE, Some(IMAGE)).unwrap();
    (device, notes, guest)
}

fn noise(seed: usize) -> Vec<u8> {
    let size = (WHOLE.width * WHOLE.height * 4) as usize;
    (0..size)
        .map(|at| (at * 7 * seed + at / 251) as u8)
        .collect()
}

fn seen(device: &Device) -> Vec<u8> {
    let frame = device.display().frame(0).unwrap();
    let mut pixels = Vec::new();
    frame.read(frame.rect(), &mut pixels).unwrap();
    pixels
}

#[test]
fn commands_make_it_the_renderers() {
    let (mut device, notes, guest) = device();
    device.attach(ONE, IMAGE).unwrap();
    device.attach(TWO, IMAGE).unwrap();
    assert!(notes.told().classic.is_empty() && notes.told().attached.is_empty());
    device.submit(ONE, &[1]).unwrap();
    device.verify_invariants().unwrap();
    assert_eq!(notes.told().attached, [(1, 5), (2, 5)].into());
    assert!(
        notes.told().classic[&5].pixels == noise(1),
        "with its pixels"
    );
    assert!(notes.told().classic[&5].backing.is_some());
    // It is on the screen as before, and what is drawn comes with a flush.
    assert!(seen(&device) == noise(1));
    notes.told().classic.get_mut(&5).unwrap().pixels = noise(3);
    device.flush(IMAGE, WHOLE).unwrap();
    assert!(seen(&device) == noise(3));
    // What the CPU draws goes to the renderer, too.
    guest.write(0, &noise(5)).unwrap();
    device.transfer_to_host_2d(IMAGE, WHOLE, 0).unwrap();
    assert!(notes.told().classic[&5].pixels == noise(5));
    device.flush(IMAGE, WHOLE).unwrap();
    assert!(seen(&device) == noise(5));
    assert!(device.state().resources.is_empty());
    device.unref(IMAGE).unwrap();
    device.verify_invariants().unwrap();
    assert!(notes.told().classic.is_empty() && notes.told().attached.is_empty());
}

/// A console's context is never given any.
#[test]
fn without_commands_it_stays_where_it_is() {
    let (mut device, notes, _) = device();
    device.attach(ONE, IMAGE).unwrap();
    device.submit(TWO, &[1]).unwrap();
    device.detach(ONE, IMAGE).unwrap();
    device.submit(ONE, &[1]).unwrap();
    assert!(notes.told().classic.is_empty());
    device.verify_invariants().unwrap();
}

#[test]
fn who_does_not_take_it_leaves_it_as_it_is() {
    let (mut device, notes, _) = device();
    notes.told().picky.insert(1);
    device.attach(ONE, IMAGE).unwrap();
    device.submit(ONE, &[1]).unwrap();
    assert!(notes.told().classic.is_empty() && notes.told().attached.is_empty());
    assert_eq!(device.state().resources.len(), 1);
    assert!(seen(&device) == noise(1));
    // Another takes it. The first was asked again, and does not hold it up.
    device.attach(TWO, IMAGE).unwrap();
    device.submit(TWO, &[1]).unwrap();
    assert_eq!(notes.told().attached, [(2, 5)].into());
    device.detach(ONE, IMAGE).unwrap();
    device.detach(TWO, IMAGE).unwrap();
    device.verify_invariants().unwrap();
    assert!(notes.told().attached.is_empty());
}

/// A blob of the guest's is noted, and no more.
#[test]
fn pages_of_the_guests_stay_the_guests() {
    let (mut device, notes, guest) = device();
    device
        .create_guest_blob(ResourceId(6), 4096, Some(guest))
        .unwrap();
    device.attach(ONE, ResourceId(6)).unwrap();
    device.submit(ONE, &[1]).unwrap();
    assert!(notes.told().attached.is_empty() && notes.told().classic.is_empty());
    device.unref(ResourceId(6)).unwrap();
    device.verify_invariants().unwrap();
}
