//! What is on the screens: pixels of every kind of resource, pointers, EDIDs.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use context::{
    Backing, BlobId, BlobMem, BlobRequest, CapsetId, ContextId, Piece, ResourceId, ResourceRequest,
    TransferSource, TransferTarget, events,
};
use device::{
    Blame, BlobImage, Config, Device, Error, HotSpot, Mode, Notice, Position, Rect, Screen, Text,
};
use display::{Change, CursorImage, Viewer};
use host_memory::{Pages, Shm};

use common::{DMA_BUF, Notes, OPAQUE, request, shape, transfer};

const BGRA: u32 = 1;
const RGBX: u32 = 134;
const CTX: ContextId = ContextId(1);

fn screens(sizes: &[(u32, u32)]) -> Config {
    let screen = |(at, &(width, height)): (usize, &(u32, u32))| Screen {
        name: Text::new(&format!("Screen {at}")).unwrap(),
        mode: Mode::new(width, height, 60_000).unwrap(),
        is_connected: true,
    };
    Config {
        screens: sizes.iter().enumerate().map(screen).collect(),
        region: 0,
    }
}

fn device() -> (Device, Notes) {
    let notes = Notes::default();
    let config = screens(&[(640, 480), (800, 600)]);
    let mut device = Device::with_config(Arc::new(notes.clone()), config).unwrap();
    let (sender, _) = events().unwrap();
    device
        .create_context(CTX, CapsetId::VENUS, "test", sender)
        .unwrap();
    (device, notes)
}

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

fn id(number: u32) -> ResourceId {
    ResourceId(number)
}

/// Bytes that differ everywhere.
fn noise(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 7 + at / 251) as u8).collect()
}

/// The guest's pages with these bytes, in pieces of 24 bytes.
fn pages_of(bytes: &[u8]) -> Backing {
    let pages = Pages::from(Shm::new("guest", bytes.len() as u64).unwrap());
    pages.write(0, bytes).unwrap();
    let pieces = (0..bytes.len() as u64).step_by(24).map(|at| {
        let len = 24.min(bytes.len() as u64 - at);
        Piece::new(pages.clone(), at, len).unwrap()
    });
    Backing::new(pieces).unwrap()
}

/// What a scanout shows, if it is of this size.
fn seen(device: &Device, scanout: usize, width: u32, height: u32) -> Vec<u8> {
    let frame = device.display().frame(scanout).expect("something is shown");
    assert_eq!((frame.width(), frame.height()), (width, height));
    let mut pixels = Vec::new();
    frame.read(frame.rect(), &mut pixels).unwrap();
    pixels
}

/// A part of an image whose rows are `stride` bytes long.
fn cut(bytes: &[u8], stride: usize, part: Rect) -> Vec<u8> {
    let rows = (part.y..part.y + part.height).map(|y| y as usize * stride + part.x as usize * 4);
    rows.flat_map(|at| bytes[at..at + part.width as usize * 4].to_vec())
        .collect()
}

fn damage(viewer: &Viewer) -> Vec<(usize, Vec<Rect>)> {
    let of = |change| match change {
        Change::Damaged { screen, rects, .. } => (screen, rects),
        Change::Shown { screen, frame, .. } => (screen, frame.iter().map(|it| it.rect()).collect()),
        other => panic!("{other:?}"),
    };
    viewer.take().into_iter().map(of).collect()
}

#[test]
fn a_2d_resource_is_seen_without_a_context() {
    let notes = Notes::default();
    let config = screens(&[(640, 480)]);
    let mut device = Device::with_config(Arc::new(notes.clone()), config).unwrap();
    let viewer = device.display().viewer().unwrap();
    device.create_resource_2d(id(1), BGRA, 10, 6).unwrap();
    device
        .set_scanout(0, rect(1, 2, 8, 4), Some(id(1)))
        .unwrap();
    assert_eq!(damage(&viewer), [(0, vec![rect(0, 0, 8, 4)])]);
    assert_eq!(seen(&device, 0, 8, 4), [0; 8 * 4 * 4]);
    let bytes = noise(10 * 6 * 4);
    device.attach_backing(id(1), pages_of(&bytes)).unwrap();
    device
        .transfer_to_host_2d(id(1), rect(0, 0, 10, 6), 0)
        .unwrap();
    device.flush(id(1), rect(0, 0, 3, 6)).unwrap();
    assert_eq!(damage(&viewer), [(0, vec![rect(0, 0, 2, 4)])]);
    assert_eq!(seen(&device, 0, 8, 4), cut(&bytes, 40, rect(1, 2, 8, 4)));
    // Beside what is shown.
    device.flush(id(1), rect(0, 0, 10, 2)).unwrap();
    device.flush(id(1), rect(10, 6, 0, 0)).unwrap();
    assert_eq!(damage(&viewer), []);
    assert_eq!(notes.told().devices, 0, "no renderer was needed");
}

/// The offset is that of the rectangle's first pixel.
#[test]
fn a_transfer_starts_at_its_offset() {
    let (mut device, _) = device();
    device.create_resource_2d(id(1), BGRA, 10, 6).unwrap();
    let bytes = noise(10 * 6 * 4);
    device.attach_backing(id(1), pages_of(&bytes)).unwrap();
    device
        .set_scanout(0, rect(0, 0, 10, 6), Some(id(1)))
        .unwrap();
    let part = rect(2, 3, 4, 2);
    device
        .transfer_to_host_2d(id(1), part, 3 * 40 + 2 * 4)
        .unwrap();
    let pixels = seen(&device, 0, 10, 6);
    assert_eq!(cut(&pixels, 40, part), cut(&bytes, 40, part));
    assert_eq!(cut(&pixels, 40, rect(0, 0, 10, 3)), [0; 120]);
    assert_eq!(cut(&pixels, 40, rect(6, 3, 4, 3)), [0; 48]);
}

#[test]
fn one_resource_is_on_two_scanouts() {
    let (mut device, _) = device();
    let viewer = device.display().viewer().unwrap();
    device.create_resource_2d(id(1), RGBX, 20, 10).unwrap();
    device
        .set_scanout(0, rect(0, 0, 10, 10), Some(id(1)))
        .unwrap();
    device
        .set_scanout(1, rect(8, 0, 12, 10), Some(id(1)))
        .unwrap();
    damage(&viewer);
    device.flush(id(1), rect(7, 4, 4, 2)).unwrap();
    let expected = [(0, vec![rect(7, 4, 3, 2)]), (1, vec![rect(0, 4, 3, 2)])];
    assert_eq!(damage(&viewer), expected);
    // The same again is no news, another part is.
    device
        .set_scanout(1, rect(8, 0, 12, 10), Some(id(1)))
        .unwrap();
    assert_eq!(damage(&viewer), []);
    device
        .set_scanout(1, rect(8, 0, 12, 9), Some(id(1)))
        .unwrap();
    assert_eq!(damage(&viewer), [(1, vec![rect(0, 0, 12, 9)])]);
    device.unref(id(1)).unwrap();
    assert_eq!(damage(&viewer), [(0, vec![]), (1, vec![])]);
    device.verify_invariants().unwrap();
}

#[test]
fn a_scanout_is_turned_off() {
    let (mut device, _) = device();
    device.create_resource_2d(id(1), BGRA, 4, 4).unwrap();
    device
        .set_scanout(1, rect(0, 0, 4, 4), Some(id(1)))
        .unwrap();
    // The rectangle means nothing then.
    device
        .set_scanout(1, rect(9, 9, u32::MAX, 9), None)
        .unwrap();
    assert!(device.display().frame(1).is_none());
    device.flush(id(1), rect(0, 0, 4, 4)).unwrap();
}

fn classic(width: u32, height: u32) -> ResourceRequest {
    ResourceRequest {
        width,
        height,
        ..shape(2)
    }
}

#[test]
fn what_a_gpu_drew_is_seen_when_it_is_flushed() {
    let (mut device, notes) = device();
    let viewer = device.display().viewer().unwrap();
    device.create_resource(id(3), &classic(700, 600)).unwrap();
    let bytes = noise(700 * 600 * 4);
    notes
        .told()
        .classic
        .get_mut(&3)
        .unwrap()
        .pixels
        .clone_from(&bytes);
    let part = rect(10, 20, 640, 480);
    device.set_scanout(0, part, Some(id(3))).unwrap();
    assert!(device.display().frame(0).is_none() && notes.told().reads.is_empty());
    // All of it is read the first time.
    device.flush(id(3), rect(0, 0, 1, 1)).unwrap();
    assert_eq!(seen(&device, 0, 640, 480), cut(&bytes, 2800, part));
    assert_eq!(damage(&viewer), [(0, vec![rect(0, 0, 640, 480)])]);
    let read = |notes: &Notes| {
        let reads = std::mem::take(&mut notes.told().reads).into_iter();
        reads
            .map(|it| (it.x, it.y, it.width, it.height))
            .collect::<Vec<_>>()
    };
    assert_eq!(read(&notes), [(10, 20, 640, 480)]);
    // Then what is new.
    let new = vec![0x55; 700 * 600 * 4];
    notes
        .told()
        .classic
        .get_mut(&3)
        .unwrap()
        .pixels
        .clone_from(&new);
    device.flush(id(3), rect(0, 30, 40, 5)).unwrap();
    assert_eq!(damage(&viewer), [(0, vec![rect(0, 10, 30, 5)])]);
    assert_eq!(read(&notes), [(10, 30, 30, 5)]);
    let pixels = seen(&device, 0, 640, 480);
    assert_eq!(cut(&pixels, 2560, rect(0, 10, 30, 5)), [0x55; 600]);
    let beside = cut(&bytes, 2800, rect(40, 30, 600, 5));
    assert_eq!(cut(&pixels, 2560, rect(30, 10, 600, 5)), beside);
    // What is not shown is not read.
    device.flush(id(3), rect(0, 0, 10, 600)).unwrap();
    assert!(notes.told().reads.is_empty());
}

/// Guests flip between buffers: each is read as a whole when it comes, and the old one stays to
/// be seen until then.
#[test]
fn flips_between_classic_resources_show_whole_frames() {
    let (mut device, notes) = device();
    let viewer = device.display().viewer().unwrap();
    let whole = rect(0, 0, 8, 8);
    for (number, shade) in [(1, 0x11), (2, 0x22)] {
        device.create_resource(id(number), &classic(8, 8)).unwrap();
        notes
            .told()
            .classic
            .get_mut(&number)
            .unwrap()
            .pixels
            .fill(shade);
    }
    for turn in 0..3 {
        for (number, shade) in [(1u32, 0x11u8), (2, 0x22)] {
            device.set_scanout(0, whole, Some(id(number))).unwrap();
            assert_eq!(damage(&viewer), []);
            if turn > 0 {
                assert_eq!(seen(&device, 0, 8, 8), [0x33 - shade; 256]);
            }
            device.flush(id(number), rect(3, 3, 1, 1)).unwrap();
            assert_eq!(seen(&device, 0, 8, 8), [shade; 256]);
            assert_eq!(damage(&viewer), [(0, vec![whole])]);
        }
    }
    // To the one that is shown already: nothing has to be read.
    let count = notes.told().reads.len();
    device.set_scanout(0, whole, Some(id(2))).unwrap();
    device.flush(id(2), rect(0, 0, 0, 0)).unwrap();
    assert_eq!(notes.told().reads.len(), count);
    device.verify_invariants().unwrap();
}

/// What the renderer cannot read is an error of the flush, and nothing is shown.
#[test]
fn a_flush_that_fails_says_so() {
    let (mut device, notes) = device();
    device.create_resource(id(1), &classic(8, 8)).unwrap();
    notes.told().classic.get_mut(&1).unwrap().pixels.clear();
    device
        .set_scanout(0, rect(0, 0, 8, 8), Some(id(1)))
        .unwrap();
    for _ in 0..2 {
        let error = device.flush(id(1), rect(0, 0, 8, 8)).unwrap_err();
        assert!(matches!(error, Error::Renderer(_)));
        assert!(device.display().frame(0).is_none());
    }
    notes.told().classic.get_mut(&1).unwrap().pixels = vec![9; 256];
    device.flush(id(1), rect(0, 0, 8, 8)).unwrap();
    assert_eq!(seen(&device, 0, 8, 8), [9; 256]);
}

#[test]
fn only_flat_images_of_a_screens_format_are_shown() {
    let (mut device, _) = device();
    let wrong = [
        ResourceRequest {
            target: 0,
            ..classic(8, 8)
        },
        ResourceRequest {
            target: 3,
            ..classic(8, 8)
        },
        ResourceRequest {
            nr_samples: 4,
            ..classic(8, 8)
        },
        ResourceRequest {
            format: 66,
            ..classic(8, 8)
        },
        ResourceRequest {
            format: 0,
            ..classic(8, 8)
        },
        ResourceRequest {
            format: u32::MAX,
            ..classic(8, 8)
        },
    ];
    for (request, number) in wrong.iter().zip(1..) {
        device.create_resource(id(number), request).unwrap();
        let error = device
            .set_scanout(0, rect(0, 0, 8, 8), Some(id(number)))
            .unwrap_err();
        assert!(matches!(error, Error::WrongKind { .. }), "{request:?}");
        let pointer =
            device.update_cursor(0, Position::default(), HotSpot::default(), Some(id(number)));
        assert!(matches!(pointer, Err(Error::WrongKind { .. })));
    }
    // B8G8R8A8_SRGB is shown as it lies there.
    device
        .create_resource(
            id(20),
            &ResourceRequest {
                format: 100,
                ..classic(8, 8)
            },
        )
        .unwrap();
    assert!(
        device
            .set_scanout(0, rect(0, 0, 8, 8), Some(id(20)))
            .is_ok()
    );
}

fn image(width: u32, height: u32, stride: u32, offset: u32) -> BlobImage {
    BlobImage {
        width,
        height,
        format: BGRA,
        strides: [stride, 0, 0, 0],
        offsets: [offset, 0, 0, 0],
    }
}

#[test]
fn a_blob_of_the_guests_is_shown_from_its_pages() {
    let (mut device, _) = device();
    let viewer = device.display().viewer().unwrap();
    let bytes = noise(1000);
    let backing = pages_of(&bytes);
    device
        .create_guest_blob(id(1), 1000, Some(backing.clone()))
        .unwrap();
    let layout = image(9, 7, 100, 12);
    device
        .set_scanout_blob(0, rect(1, 1, 8, 6), id(1), &layout)
        .unwrap();
    assert_eq!(
        seen(&device, 0, 8, 6),
        cut(&bytes[12..], 100, rect(1, 1, 8, 6))
    );
    damage(&viewer);
    backing.write(12 + 2 * 100 + 3 * 4, &[1, 2, 3, 4]).unwrap();
    // Linux sends both for the buffers that it draws consoles to.
    device
        .transfer_to_host_2d(id(1), rect(3, 2, 1, 1), 212)
        .unwrap();
    device.flush(id(1), rect(3, 2, 100, 1)).unwrap();
    assert_eq!(damage(&viewer), [(0, vec![rect(2, 1, 6, 1)])]);
    assert_eq!(seen(&device, 0, 8, 6)[8 * 4 + 2 * 4..][..4], [1, 2, 3, 4]);
    // Its pages go.
    device.detach_backing(id(1)).unwrap();
    assert_eq!(damage(&viewer), [(0, vec![])]);
    let error = device
        .set_scanout_blob(0, rect(0, 0, 1, 1), id(1), &layout)
        .unwrap_err();
    assert!(matches!(error, Error::NoBacking(_)));
    device.attach_backing(id(1), backing).unwrap();
    device
        .set_scanout_blob(0, rect(1, 1, 8, 6), id(1), &layout)
        .unwrap();
    assert_eq!(damage(&viewer).len(), 1);
}

fn host_blob(blob: BlobId, size: u64) -> BlobRequest {
    BlobRequest {
        id: blob,
        ..request(BlobMem::Host3d, size)
    }
}

#[test]
fn a_blob_of_the_hosts_is_shown_from_its_memory() {
    let (mut device, _) = device();
    let bytes = noise(8000);
    for (number, blob) in [(1, BlobId(0)), (2, DMA_BUF)] {
        let made = device
            .create_blob(CTX, id(number), &host_blob(blob, 8000))
            .unwrap();
        let written = rustix::io::pwrite(made.fd(), &bytes, 0);
        assert_eq!(written, Ok(8000));
        device
            .set_scanout_blob(1, rect(0, 0, 20, 10), id(number), &image(30, 10, 400, 4000))
            .unwrap();
        assert_eq!(
            seen(&device, 1, 20, 10),
            cut(&bytes[4000..], 400, rect(0, 0, 20, 10))
        );
        let frame = device.display().frame(1).unwrap();
        assert_eq!(frame.dma_buf().is_some(), blob == DMA_BUF);
        assert_eq!(frame.dma_buf().map_or(4000, |it| it.offset), 4000);
        device
            .flush(id(number), rect(0, 0, u32::MAX, u32::MAX))
            .unwrap();
    }
    device
        .create_blob(CTX, id(3), &host_blob(OPAQUE, 8000))
        .unwrap();
    let error = device
        .set_scanout_blob(1, rect(0, 0, 1, 1), id(3), &image(1, 1, 4, 0))
        .unwrap_err();
    assert!(matches!(error, Error::WrongKind { .. }));
    device.verify_invariants().unwrap();
}

#[test]
fn an_image_lies_in_its_blob() {
    let (mut device, _) = device();
    device
        .create_guest_blob(id(1), 1000, Some(pages_of(&[0; 1100])))
        .unwrap();
    let mut set = |image: &BlobImage, part| device.set_scanout_blob(0, part, id(1), image);
    let part = rect(0, 0, 1, 1);
    assert!(set(&image(10, 10, 100, 0), part).is_ok());
    let wrong = [
        image(10, 11, 100, 0),
        image(10, 10, 100, 100),
        image(10, 10, 39, 0),
        image(10, 10, 0, 0),
        image(0, 10, 100, 0),
        image(10, 0, 100, 0),
        image(20_000, 1, 100, 0),
        image(u32::MAX, u32::MAX, u32::MAX, u32::MAX),
        BlobImage {
            format: 66,
            ..image(10, 10, 100, 0)
        },
        BlobImage {
            format: 0,
            ..image(10, 10, 100, 0)
        },
    ];
    for image in &wrong {
        assert!(
            matches!(set(image, part), Err(Error::BadImage(_))),
            "{image:?}"
        );
    }
    for part in [rect(0, 0, 11, 1), rect(0, 0, 0, 1), rect(u32::MAX, 1, 2, 1)] {
        assert!(matches!(
            set(&image(10, 10, 100, 0), part),
            Err(Error::BadRect(_))
        ));
    }
}

fn pointer(device: &Device) -> display::Cursor {
    device.display().cursor(0).unwrap()
}

#[test]
fn a_pointer_has_its_picture_from_any_resource() {
    let (mut device, notes) = device();
    let bytes = noise(CursorImage::BYTES);
    device.create_resource_2d(id(1), BGRA, 64, 64).unwrap();
    device.attach_backing(id(1), pages_of(&bytes)).unwrap();
    device
        .transfer_to_host_2d(id(1), rect(0, 0, 64, 64), 0)
        .unwrap();
    device.create_resource(id(2), &classic(64, 64)).unwrap();
    notes
        .told()
        .classic
        .get_mut(&2)
        .unwrap()
        .pixels
        .clone_from(&bytes);
    device
        .create_guest_blob(id(3), 16_384, Some(pages_of(&bytes)))
        .unwrap();
    let made = device
        .create_blob(CTX, id(4), &host_blob(BlobId(0), 16_384))
        .unwrap();
    assert_eq!(rustix::io::pwrite(made.fd(), &bytes, 0), Ok(16_384));
    let hot_spot = HotSpot { x: 3, y: 4 };
    for number in 1..=4 {
        let position = Position {
            x: -2,
            y: number as i32,
        };
        device
            .update_cursor(0, position, hot_spot, Some(id(number)))
            .unwrap();
        device.unref(id(number)).unwrap();
        let shown = pointer(&device);
        assert_eq!((shown.hot_spot, shown.position), (hot_spot, position));
        assert_eq!(shown.image.unwrap().pixels(), bytes, "resource {number}");
    }
    device.move_cursor(0, Position { x: 7, y: 8 }).unwrap();
    assert_eq!(pointer(&device).position, Position { x: 7, y: 8 });
    assert!(pointer(&device).image.is_some());
    device
        .update_cursor(0, Position { x: 1, y: 1 }, hot_spot, None)
        .unwrap();
    assert!(pointer(&device).image.is_none());
    assert!(device.display().cursor(1).unwrap().image.is_none());
}

#[test]
fn a_pointer_that_cannot_be_leaves_the_old_one() {
    let (mut device, _) = device();
    device.create_resource_2d(id(1), RGBX, 64, 64).unwrap();
    device.create_resource_2d(id(2), BGRA, 64, 65).unwrap();
    device.create_resource(id(3), &classic(65, 64)).unwrap();
    device
        .create_guest_blob(id(4), 16_383, Some(pages_of(&[0; 16_383])))
        .unwrap();
    device.create_guest_blob(id(5), 16_384, None).unwrap();
    let mut update = |number| {
        let position = Position {
            x: number as i32,
            y: 0,
        };
        device.update_cursor(0, position, HotSpot::default(), Some(id(number)))
    };
    update(1).unwrap();
    for number in 2..=4 {
        assert!(
            matches!(update(number), Err(Error::BadCursor(_))),
            "{number}"
        );
    }
    assert!(matches!(update(5), Err(Error::NoBacking(_))));
    assert!(matches!(update(6), Err(Error::UnknownResource(_))));
    assert_eq!(pointer(&device).position.x, 1);
    // Linux has alpha in the fourth byte of formats without.
    let image = pointer(&device).image.unwrap();
    assert!(image.pixels().iter().all(|it| *it == 0));
}

#[test]
fn screens_stand_side_by_side() {
    let (mut device, _) = device();
    let places = |device: &Device| device.display_info().map(|it| (it.is_connected, it.rect));
    assert_eq!(places(&device)[0], (true, rect(0, 0, 640, 480)));
    assert_eq!(places(&device)[1], (true, rect(640, 0, 800, 600)));
    assert!(
        places(&device)[2..]
            .iter()
            .all(|it| *it == (false, Rect::default()))
    );
    let mode = Mode::new(1920, 1080, 60_000).unwrap();
    device.set_screen(0, Some(mode)).unwrap();
    assert_eq!(places(&device)[1].1.x, 1920);
    assert_eq!(device.notices(), [Notice::ScreensChanged]);
    device.set_screen(0, Some(mode)).unwrap();
    assert_eq!(device.notices(), []);
    device.set_screen(0, None).unwrap();
    device.set_screen(1, None).unwrap();
    assert_eq!(device.notices(), [Notice::ScreensChanged]);
    assert_eq!(places(&device), [(false, Rect::default()); 16]);
    device.set_screen(1, Some(mode)).unwrap();
    assert_eq!(places(&device)[1], (true, rect(0, 0, 1920, 1080)));
    assert!(matches!(
        device.set_screen(2, None),
        Err(Error::NoScanout(2))
    ));
}

#[test]
fn each_screen_has_an_edid() {
    let (mut device, _) = device();
    let (first, second) = (device.edid(0).unwrap(), device.edid(1).unwrap());
    assert_eq!(&first[..8], [0, 255, 255, 255, 255, 255, 255, 0]);
    assert_eq!((first[12], second[12]), (1, 2), "serial numbers");
    // The preferred timing's active pixels and lines (E-EDID 1.4, 3.10.2).
    let size = |edid: &[u8]| {
        let number = |low: usize, high: usize| {
            u32::from(edid[54 + low]) | u32::from(edid[54 + high] & 0xf0) << 4
        };
        (number(2, 4), number(5, 7))
    };
    assert_eq!((size(&first), size(&second)), ((640, 480), (800, 600)));
    assert!(second.windows(8).any(|it| it == b"Screen 1"));
    device
        .set_screen(1, Some(Mode::new(1280, 1024, 75_000).unwrap()))
        .unwrap();
    assert_eq!(size(&device.edid(1).unwrap()), (1280, 1024));
    // Plugged out, it is what it was.
    device.set_screen(1, None).unwrap();
    assert_eq!(size(&device.edid(1).unwrap()), (1280, 1024));
    for scanout in [2, 16, u32::MAX] {
        let error = device.edid(scanout).unwrap_err();
        assert_eq!(error.blame(), Blame::Scanout);
    }
}

#[test]
fn a_device_has_at_most_sixteen_scanouts() {
    let make = |count: usize| {
        Device::with_config(
            Arc::new(Notes::default()),
            screens(&vec![(640, 480); count]),
        )
    };
    assert_eq!(make(16).unwrap().scanout_count(), 16);
    assert_eq!(make(16).unwrap().display_info()[15].rect.x, 15 * 640);
    assert!(matches!(make(17), Err(Error::Limit { .. })));
    // Without scanouts there is a GPU all the same.
    let mut none = make(0).unwrap();
    none.create_resource_2d(id(1), BGRA, 4, 4).unwrap();
    assert!(matches!(
        none.set_scanout(0, rect(0, 0, 4, 4), Some(id(1))),
        Err(Error::NoScanout(0))
    ));
}

#[test]
fn images_are_limited_in_total() {
    let (mut device, _) = device();
    // 2 GiB, of which nothing is written to.
    for number in 1..=2 {
        device
            .create_resource_2d(id(number), BGRA, 16_384, 16_384)
            .unwrap();
    }
    let error = device.create_resource_2d(id(3), BGRA, 1, 1).unwrap_err();
    assert!(matches!(error, Error::Limit { .. }) && error.blame() == Blame::OutOfMemory);
    // What is shown of classic resources counts, too.
    device.create_resource(id(4), &classic(8, 8)).unwrap();
    assert!(matches!(
        device.set_scanout(0, rect(0, 0, 8, 8), Some(id(4))),
        Err(Error::Limit { .. })
    ));
    device.verify_invariants().unwrap();
    device.unref(id(1)).unwrap();
    device
        .set_scanout(0, rect(0, 0, 8, 8), Some(id(4)))
        .unwrap();
    let error = device
        .create_resource_2d(id(3), BGRA, 16_384, 16_384)
        .unwrap_err();
    assert!(matches!(error, Error::Limit { .. }));
    device.unref(id(4)).unwrap();
    device
        .create_resource_2d(id(3), BGRA, 16_384, 16_384)
        .unwrap();
    device.verify_invariants().unwrap();
}

/// What was shown is kept as long as there is room.
#[test]
fn copies_that_nobody_sees_make_room() {
    let (mut device, _) = device();
    let whole = rect(0, 0, 4096, 4096);
    // 64 MiB each, and room for 32 of them.
    for number in 1..=100 {
        device
            .create_resource(id(number), &classic(4096, 4096))
            .unwrap();
        device
            .set_scanout(number % 2, whole, Some(id(number)))
            .unwrap();
        device.verify_invariants().unwrap();
        device.unref(id(number.saturating_sub(40))).ok();
    }
    device.flush(id(100), rect(0, 0, 1, 1)).unwrap();
    device.flush(id(99), rect(0, 0, 1, 1)).unwrap();
    assert_eq!(device.display().frame(0).unwrap().rect(), whole);
    assert_eq!(device.display().frame(1).unwrap().rect(), whole);
    device.verify_invariants().unwrap();
    // The two that are seen stay.
    device
        .create_resource_2d(id(200), BGRA, 16_384, 16_384)
        .unwrap();
    let error = device
        .create_resource_2d(id(201), BGRA, 16_384, 16_384)
        .unwrap_err();
    assert!(matches!(error, Error::Limit { .. }));
    device
        .create_resource_2d(id(201), BGRA, 16_384, 14_336)
        .unwrap();
    device.verify_invariants().unwrap();
}

/// Linux attaches what it shows to the contexts of those who draw, and moves pixels by either
/// command.
#[test]
fn a_2d_resource_takes_part_in_3d() {
    let (mut device, notes) = device();
    device.create_resource_2d(id(1), BGRA, 4, 4).unwrap();
    let bytes = noise(64);
    let backing = pages_of(&bytes);
    device.attach_backing(id(1), backing.clone()).unwrap();
    let whole = context::Transfer {
        level: 0,
        region: context::Box3d {
            width: 4,
            height: 4,
            ..transfer(0).region
        },
        ..transfer(0)
    };
    let to = |device: &mut Device| {
        device.transfer_to_host(Some(CTX), id(1), &whole, TransferSource::Backing)
    };
    assert!(matches!(to(&mut device), Err(Error::NotAttached(_))));
    device.attach(CTX, id(1)).unwrap();
    assert!(notes.told().attached.is_empty(), "no renderer knows it");
    to(&mut device).unwrap();
    device
        .set_scanout(0, rect(0, 0, 4, 4), Some(id(1)))
        .unwrap();
    assert_eq!(seen(&device, 0, 4, 4), bytes);
    backing.write(0, &[0; 64]).unwrap();
    device
        .transfer_from_host(Some(CTX), id(1), &whole, TransferTarget::Backing)
        .unwrap();
    let mut back = [0; 64];
    backing.read(0, &mut back).unwrap();
    assert_eq!(back[..], bytes);
    let error = device.transfer_to_host(None, id(1), &whole, TransferSource::Bytes(&bytes));
    assert!(matches!(error, Err(Error::WrongKind { .. })));
    device.verify_invariants().unwrap();
    device.detach(CTX, id(1)).unwrap();
    device.attach(CTX, id(1)).unwrap();
    device.destroy_context(CTX).unwrap();
    device.verify_invariants().unwrap();
    assert!(device.blob(id(1)).is_err());
}

/// Where the host makes dma-bufs of plain memory, frames come with one.
#[test]
fn frames_in_plain_memory_are_dma_bufs() {
    let notes = Notes::default();
    let config = screens(&[(640, 480), (640, 480)]);
    let device = Device::with_config(Arc::new(notes.clone()), config).unwrap();
    let mut device = device.with_dma_bufs();
    let bytes = noise(4096);
    device.create_resource_2d(id(1), BGRA, 32, 32).unwrap();
    device.attach_backing(id(1), pages_of(&bytes)).unwrap();
    device
        .transfer_to_host_2d(id(1), rect(0, 0, 32, 32), 0)
        .unwrap();
    device.create_resource(id(2), &classic(32, 32)).unwrap();
    notes
        .told()
        .classic
        .get_mut(&2)
        .unwrap()
        .pixels
        .clone_from(&bytes);
    for (scanout, number) in [(0, 1), (1, 2)] {
        device
            .set_scanout(scanout, rect(1, 2, 30, 20), Some(id(number)))
            .unwrap();
        device.flush(id(number), rect(0, 0, 32, 32)).unwrap();
        let expected = cut(&bytes, 128, rect(1, 2, 30, 20));
        assert_eq!(seen(&device, scanout as usize, 30, 20), expected);
        let frame = device.display().frame(scanout as usize).unwrap();
        let Some(dma_buf) = frame.dma_buf() else {
            assert!(host_memory::udmabuf(&Shm::new("test", 4096).unwrap()).is_err());
            eprintln!("SKIPPED: the host makes no dma-buf: /dev/udmabuf");
            continue;
        };
        assert_eq!((dma_buf.offset, dma_buf.modifier), (2 * 128 + 4, 0));
        let mapping = host_memory::Mapping::new(std::os::fd::AsFd::as_fd(&dma_buf.fd), 4096);
        let mut there = vec![0; 4096];
        mapping.unwrap().read(0, &mut there).unwrap();
        // Of what a GPU draws, what is shown is read back, and no more.
        assert_eq!(cut(&there, 128, rect(1, 2, 30, 20)), expected);
    }
    device.verify_invariants().unwrap();
}

/// Frames come and go, and so does their memory, while another thread reads them.
#[test]
fn someone_looks_all_the_time() {
    let (mut device, notes) = device();
    let display = device.display().clone();
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let looking = std::thread::spawn(move || {
        let (mut pixels, mut frames) = (Vec::new(), 0u64);
        while !over.load(Ordering::Relaxed) {
            for frame in [0, 1].into_iter().filter_map(|at| display.frame(at)) {
                assert_eq!(frame.read(frame.rect(), &mut pixels), Some(frame.rect()));
                frames += 1;
            }
        }
        frames
    });
    let bytes = pages_of(&noise(64 * 64 * 4));
    let whole = rect(0, 0, 64, 64);
    for turn in 0..400 {
        device.create_resource_2d(id(1), BGRA, 64, 64).unwrap();
        device.attach_backing(id(1), bytes.clone()).unwrap();
        device.set_scanout(turn % 2, whole, Some(id(1))).unwrap();
        device.transfer_to_host_2d(id(1), whole, 0).unwrap();
        device.flush(id(1), whole).unwrap();
        device
            .create_guest_blob(id(2), 16_384, Some(bytes.clone()))
            .unwrap();
        device
            .set_scanout_blob(1, whole, id(2), &image(64, 64, 256, 0))
            .unwrap();
        device.create_resource(id(3), &classic(64, 64)).unwrap();
        device.set_scanout(0, whole, Some(id(3))).unwrap();
        device.flush(id(3), whole).unwrap();
        device.detach_backing(id(2)).unwrap();
        match turn % 5 {
            0 => device.reset(),
            _ => (1..=3).for_each(|number| device.unref(id(number)).unwrap()),
        }
    }
    is_over.store(true, Ordering::Relaxed);
    assert!(looking.join().unwrap() > 0);
    assert!(notes.told().classic.is_empty());
}
