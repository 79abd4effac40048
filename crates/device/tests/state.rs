//! A device that is set up as another was.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use context::{Backing, BlobMem, CapsetId, ContextId, Piece, ResourceId, events};
use device::{
    BlobImage, Config, Device, Error, HotSpot, Mode, Position, Rect, ResourceState, Screen,
    ShapeState, State, Text,
};
use host_memory::{Pages, Shm};

use common::{Notes, request, shape};

const CTX: ContextId = ContextId(1);
const POINTER: ResourceId = ResourceId(9);

fn device() -> Device {
    let screen = Screen {
        name: Text::new("Test").unwrap(),
        mode: Mode::new(640, 480, 60_000).unwrap(),
        is_connected: true,
    };
    let config = Config {
        screens: vec![screen; 3],
        region: 1 << 20,
    };
    Device::with_config(Arc::new(Notes::default()), config).unwrap()
}

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

/// The guest's memory, by resource.
type Guest = BTreeMap<ResourceId, Backing>;

fn pages(seed: u8, len: u64) -> Backing {
    let pages = Pages::from(Shm::new("guest", len).unwrap());
    let bytes: Vec<u8> = (0..len).map(|at| (at as u8).wrapping_mul(seed)).collect();
    pages.write(0, &bytes).unwrap();
    Backing::new([Piece::new(pages, 0, len).unwrap()]).unwrap()
}

/// A device with a console on a 2D resource, one on a blob, and things of a renderer's.
fn used() -> (Device, Guest) {
    let mut device = device();
    let mut guest = Guest::new();
    let (console, bare, blob) = (ResourceId(3), ResourceId(4), ResourceId(5));
    for (id, len) in [(console, 100 * 50 * 4), (blob, 8192), (POINTER, 16_384)] {
        guest.insert(id, pages(id.0 as u8 | 1, len));
    }
    device.create_resource_2d(console, 2, 100, 50).unwrap();
    device
        .attach_backing(console, guest[&console].clone())
        .unwrap();
    device
        .transfer_to_host_2d(console, rect(0, 0, 100, 50), 0)
        .unwrap();
    device
        .set_scanout(0, rect(10, 0, 90, 50), Some(console))
        .unwrap();
    device.create_resource_2d(bare, 67, 8, 8).unwrap();
    device.assign_uuid(bare).unwrap();
    device
        .create_guest_blob(blob, 8000, Some(guest[&blob].clone()))
        .unwrap();
    let image = BlobImage {
        width: 20,
        height: 10,
        format: 1,
        strides: [128, 0, 0, 0],
        offsets: [64, 0, 0, 0],
    };
    device
        .set_scanout_blob(2, rect(1, 1, 19, 9), blob, &image)
        .unwrap();
    device.create_resource_2d(POINTER, 1, 64, 64).unwrap();
    device
        .attach_backing(POINTER, guest[&POINTER].clone())
        .unwrap();
    device
        .transfer_to_host_2d(POINTER, rect(0, 0, 64, 64), 0)
        .unwrap();
    let (position, hot_spot) = (Position { x: -1, y: 2 }, HotSpot { x: 3, y: 4 });
    device
        .update_cursor(2, position, hot_spot, Some(POINTER))
        .unwrap();
    device.unref(POINTER).unwrap();
    let (sender, _) = events().unwrap();
    device
        .create_context(CTX, CapsetId::VENUS, "test", sender)
        .unwrap();
    device.create_resource(ResourceId(6), &shape(2)).unwrap();
    device
        .set_scanout(1, rect(0, 0, 4, 4), Some(ResourceId(6)))
        .unwrap();
    device
        .create_blob(CTX, ResourceId(7), &request(BlobMem::Host3d, 8))
        .unwrap();
    (device, guest)
}

/// What is on every screen.
fn seen(device: &Device) -> Vec<Option<Vec<u8>>> {
    let pixels = |at| {
        let frame = device.display().frame(at)?;
        let mut pixels = Vec::new();
        frame.read(frame.rect(), &mut pixels)?;
        Some(pixels)
    };
    (0..3).map(pixels).collect()
}

#[test]
fn what_is_on_the_screens_outlives_a_device() {
    let (old, guest) = used();
    let state = old.state();
    let ids: Vec<_> = state.resources.iter().map(|it| it.id.0).collect();
    assert_eq!(ids, [3, 4, 5], "what a renderer made is left out");
    assert!(state.resources[1].uuid.is_some() && !state.resources[1].has_backing);
    assert_eq!(state.scanouts.len(), 2);
    let mut new = device();
    new.create_resource_2d(ResourceId(77), 1, 4, 4).unwrap();
    new.restore(&state, &mut |id| guest.get(&id).cloned())
        .unwrap();
    new.verify_invariants().unwrap();
    assert_eq!(new.state(), state);
    assert_eq!(new.resource_count(), 3);
    let screens = seen(&new);
    assert!(screens[0].is_some() && screens[1].is_none() && screens[2].is_some());
    assert_eq!(screens, seen(&old));
    assert_eq!(new.display().cursor(2), old.display().cursor(2));
    // It goes on from there.
    new.flush(ResourceId(3), rect(0, 0, 100, 50)).unwrap();
    new.unref(ResourceId(5)).unwrap();
    assert!(seen(&new)[2].is_none());
}

/// Who saved the pixels loads them.
#[test]
fn pixels_are_saved_and_loaded() {
    let (old, guest) = used();
    let console = ResourceId(3);
    old.pixels(console).unwrap().write(0, &[0x77; 400]).unwrap();
    let mut saved = vec![0; 100 * 50 * 4];
    old.pixels(console).unwrap().read(0, &mut saved).unwrap();
    let mut new = device();
    new.restore(&old.state(), &mut |id| guest.get(&id).cloned())
        .unwrap();
    assert_ne!(seen(&new), seen(&old));
    new.pixels(console).unwrap().write(0, &saved).unwrap();
    assert_eq!(seen(&new), seen(&old));
    for id in [5, 6, 7] {
        assert!(matches!(
            old.pixels(ResourceId(id)),
            Err(Error::WrongKind { .. })
        ));
    }
}

#[test]
fn the_version_changes_with_the_state() {
    let (mut device, _) = used();
    let (mut version, mut state) = (device.state_version(), device.state());
    let mut changed = |device: &Device, what: &str| {
        assert_ne!(device.state(), state, "{what}");
        assert_ne!(device.state_version(), version, "{what}");
        (version, state) = (device.state_version(), device.state());
    };
    device.move_cursor(0, Position { x: 1, y: 1 }).unwrap();
    changed(&device, "a pointer moves");
    device.assign_uuid(ResourceId(3)).unwrap();
    changed(&device, "a name");
    device.detach_backing(ResourceId(3)).unwrap();
    changed(&device, "pages go");
    device
        .set_scanout(0, rect(0, 0, 1, 1), Some(ResourceId(3)))
        .unwrap();
    changed(&device, "another part");
    device.set_scanout(0, rect(0, 0, 1, 1), None).unwrap();
    changed(&device, "nothing");
    device.unref(ResourceId(4)).unwrap();
    changed(&device, "a resource goes");
    device.reset();
    changed(&device, "all goes");
    assert_eq!(device.state(), State::default());
    // Pixels are not part of it.
    device.create_resource_2d(ResourceId(1), 1, 4, 4).unwrap();
    let version = device.state_version();
    device.flush(ResourceId(1), rect(0, 0, 4, 4)).unwrap();
    assert_eq!(device.state_version(), version);
}

/// A state is from outside. One that cannot be leaves nothing.
#[test]
fn a_state_is_checked() {
    let (old, guest) = used();
    let good = old.state();
    let mut broken = Vec::new();
    let mut spoil = |change: &dyn Fn(&mut State)| {
        let mut state = good.clone();
        change(&mut state);
        broken.push(state);
    };
    spoil(&|it| it.resources.push(it.resources[0].clone()));
    spoil(&|it| it.resources[0].id = ResourceId(0));
    spoil(&|it| it.resources[1].has_backing = true);
    spoil(&|it| {
        it.resources[0].shape = ShapeState::Image {
            format: 1,
            width: u32::MAX,
            height: 1,
        }
    });
    spoil(&|it| it.resources[2].shape = ShapeState::GuestBlob { size: 9000 });
    spoil(&|it| it.resources.clear());
    spoil(&|it| it.scanouts[0].scanout = 3);
    spoil(&|it| it.scanouts[0].rect.width = u32::MAX);
    spoil(&|it| it.scanouts[1].image.as_mut().unwrap().height = 1000);
    spoil(&|it| it.scanouts[1].image = None);
    spoil(&|it| it.cursors[0].scanout = u32::MAX);
    spoil(&|it| it.cursors[0].pixels.as_mut().unwrap().truncate(9));
    let many = (1..=40_000).map(|id| ResourceState {
        id: ResourceId(id),
        shape: ShapeState::GuestBlob { size: 1 },
        has_backing: false,
        uuid: None,
    });
    broken.push(State {
        resources: many.collect(),
        ..State::default()
    });
    for state in &broken {
        let mut new = device();
        let result = new.restore(state, &mut |id| guest.get(&id).cloned());
        assert!(result.is_err_and(|error| !matches!(error, Error::Bug(_))));
        new.verify_invariants().unwrap();
        assert_eq!(new.state(), State::default());
        assert_eq!(seen(&new), [None, None, None]);
    }
}
