//! The display's socket, and front ends that do not read it.

mod common;

use std::time::{Duration, Instant};

use common::screen::{CURSOR_POS, CURSOR_POS_HIDE, CURSOR_UPDATE, Message, SCANOUT, Shown, UPDATE};
use common::{FREE, Guest};
use vhost::VhostBackend;
use vhost::vhost_user::VhostUserFrontend;
use vhost::vhost_user::message::VhostUserConfigFlags;
use wire_virtio_gpu::{
    Command, CursorPosition, Format, GetEdid, Header, MemEntry, MoveCursor, Rect,
    ResourceAttachBacking, ResourceCreate2d, ResourceFlush, ResourceId, Response, ScanoutId,
    SetScanout, TransferToHost2d, UpdateCursor,
};

fn id(number: u32) -> ResourceId {
    ResourceId::new(number).unwrap()
}

fn scanout(number: u32) -> ScanoutId {
    ScanoutId::new(number).unwrap()
}

fn rect(width: u32, height: u32) -> Rect {
    Rect {
        x: 0,
        y: 0,
        width,
        height,
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn do_all(guest: &mut Guest, commands: Vec<Command<'static>>) {
    for command in commands {
        assert_eq!(guest.command(command), Response::Nodata);
    }
}

/// A picture of this size on the first screen.
fn show(guest: &mut Guest, number: u32, width: u32, height: u32) {
    let size = width * height * 4;
    do_all(
        guest,
        vec![
            Command::ResourceCreate2d(ResourceCreate2d {
                resource: id(number),
                format: Format::B8G8R8X8Unorm,
                width,
                height,
            }),
            Command::ResourceAttachBacking(ResourceAttachBacking {
                resource: id(number),
                entries: vec![MemEntry::new(FREE, size).unwrap()],
            }),
            Command::SetScanout(SetScanout {
                rect: rect(width, height),
                scanout: scanout(0),
                resource: Some(id(number)),
            }),
        ],
    );
}

fn draw(guest: &mut Guest, number: u32, part: Rect) {
    do_all(
        guest,
        vec![
            Command::TransferToHost2d(TransferToHost2d {
                rect: part,
                offset: 0,
                resource: id(number),
            }),
            Command::ResourceFlush(ResourceFlush {
                rect: part,
                resource: id(number),
            }),
        ],
    );
}

#[test]
fn the_front_end_says_what_its_screens_are() {
    let mut guest = Guest::new();
    let _shown = Shown::attach(&guest, &[(1440, 900), (800, 600), (640, 480)]);
    let Response::DisplayInfo(info) = guest.command(Command::GetDisplayInfo) else {
        panic!("no display info");
    };
    let sizes = info.scanouts.map(|it| (it.rect.width, it.rect.height));
    assert_eq!(sizes[..4], [(1440, 900), (800, 600), (640, 480), (0, 0)]);
    assert!(info.scanouts[2].enabled && !info.scanouts[3].enabled);
    for number in [0, 2, 15] {
        let edid = Command::GetEdid(GetEdid {
            scanout: scanout(number),
        });
        let Response::Edid(edid) = guest.command(edid) else {
            panic!("no EDID");
        };
        assert_eq!(edid.as_bytes().len(), 128);
        assert_eq!(u32::from(edid.as_bytes()[127]), number);
    }
}

#[test]
fn pixels_of_what_is_new_go_to_the_front_end() {
    let mut guest = Guest::new();
    let shown = Shown::attach(&guest, &[(32, 16)]);
    guest.memory.fill(FREE, 2048, 0x11).unwrap();
    show(&mut guest, 1, 32, 16);
    draw(&mut guest, 1, rect(32, 16));
    let whole = words(&[0, 0, 0, 32, 16]);
    let is_drawn = |it: &Message| it.0 == UPDATE && it.1[20] == 0x11;
    let seen = shown.wait_for(is_drawn);
    assert!(seen.contains(&Message(SCANOUT, words(&[0, 32, 16]))));
    let pixels = [0x11, 0x11, 0x11, 0xff].repeat(32 * 16);
    assert_eq!(seen.last().unwrap().1, [whole, pixels].concat());
    // A part alone.
    guest.memory.fill(FREE, 2048, 0x22).unwrap();
    let part = Rect {
        x: 4,
        y: 2,
        width: 2,
        height: 1,
    };
    draw(&mut guest, 1, part);
    let seen = shown.wait_for(|it| it.0 == UPDATE);
    let pixels = [0x22, 0x22, 0x22, 0xff].repeat(2);
    let expected = [words(&[0, 4, 2, 2, 1]), pixels].concat();
    assert_eq!(seen.last().unwrap().1, expected);
    // Dark.
    let dark = SetScanout {
        rect: rect(0, 0),
        scanout: scanout(0),
        resource: None,
    };
    do_all(&mut guest, vec![Command::SetScanout(dark)]);
    shown.wait_for(|it| *it == Message(SCANOUT, words(&[0, 0, 0])));
}

/// A guest that flips has each frame shown, and its front end keeps its surface. One that has shown
/// nothing in between, as after a reset, gives the front end a new one.
#[test]
fn flips_between_frames_of_a_size_are_updates() {
    let mut guest = Guest::new();
    let shown = Shown::attach(&guest, &[(32, 16)]);
    for (number, value) in [(1, 0x11), (2, 0x22)] {
        guest.memory.fill(FREE, 2048, value).unwrap();
        show(&mut guest, number, 32, 16);
        draw(&mut guest, number, rect(32, 16));
        shown.wait_for(|it| it.0 == UPDATE && it.1[20] == value);
    }
    for number in [1, 2, 1, 2] {
        flip(&mut guest, Some(number));
        let value = u8::try_from(number * 0x11).unwrap();
        let seen = shown.wait_for(|it| it.0 == UPDATE && it.1[20] == value);
        assert_eq!(seen.last().unwrap().1[..20], words(&[0, 0, 0, 32, 16]));
        assert!(seen.iter().all(|it| it.0 == UPDATE), "{number}");
    }
    // While the front end does not read, all of it is one change. The first message of it may have
    // been on its way before.
    for _ in 0..5 {
        shown.stop(true);
        flip(&mut guest, None);
        flip(&mut guest, Some(1));
        shown.stop(false);
        let seen = shown.wait_for(|it| it.0 == UPDATE);
        assert!(seen.contains(&Message(SCANOUT, words(&[0, 32, 16]))));
    }
}

fn flip(guest: &mut Guest, number: Option<u32>) {
    let (width, height) = number.map_or((0, 0), |_| (32, 16));
    let flip = SetScanout {
        rect: rect(width, height),
        scanout: scanout(0),
        resource: number.map(id),
    };
    do_all(guest, vec![Command::SetScanout(flip)]);
}

#[test]
fn the_pointer_goes_to_the_front_end() {
    let mut guest = Guest::new();
    let shown = Shown::attach(&guest, &[(640, 480)]);
    guest.memory.fill(FREE, 64 * 64 * 4, 0x77).unwrap();
    let create = Command::ResourceCreate2d(ResourceCreate2d {
        resource: id(1),
        format: Format::B8G8R8A8Unorm,
        width: 64,
        height: 64,
    });
    let attach = Command::ResourceAttachBacking(ResourceAttachBacking {
        resource: id(1),
        entries: vec![MemEntry::new(FREE, 64 * 64 * 4).unwrap()],
    });
    do_all(&mut guest, vec![create, attach]);
    draw(&mut guest, 1, rect(64, 64));
    let at = |x: u32, y| CursorPosition {
        scanout: scanout(0),
        x,
        y,
    };
    let update = |resource| {
        Command::UpdateCursor(UpdateCursor {
            position: at(10, 20),
            resource,
            hot_x: 3,
            hot_y: 4,
        })
    };
    guest.request(1, Header::default(), update(Some(id(1))));
    let seen = shown.wait_for(|it| it.0 == CURSOR_UPDATE);
    let expected = [words(&[0, 10, 20, 3, 4]), vec![0x77; 64 * 64 * 4]].concat();
    assert_eq!(seen.last().unwrap().1, expected);
    let moved = Command::MoveCursor(MoveCursor {
        position: at(5u32.wrapping_neg(), 6),
    });
    guest.request(1, Header::default(), moved);
    shown.wait_for(|it| *it == Message(CURSOR_POS, words(&[0, 5u32.wrapping_neg(), 6])));
    guest.request(1, Header::default(), update(None));
    shown.wait_for(|it| *it == Message(CURSOR_POS_HIDE, words(&[0, 10, 20])));
}

/// What a front end waits for must come while it reads nothing (QEMU's main loop waits for the
/// control socket with its lock held, and reads the display's socket when it has it again).
#[test]
fn a_front_end_that_does_not_read_holds_up_nothing() {
    let mut guest = Guest::new();
    let shown = Shown::attach(&guest, &[(1024, 768)]);
    show(&mut guest, 1, 1024, 768);
    let size = 1024 * 768 * 4;
    for round in 0..20u8 {
        shown.stop(true);
        for frame in 0..10u8 {
            let value = round.wrapping_mul(10).wrapping_add(frame);
            guest.memory.fill(FREE, size, value).unwrap();
            draw(&mut guest, 1, rect(1024, 768));
            // As the guest's write to `events_clear` does.
            let start = Instant::now();
            let flags = VhostUserConfigFlags::WRITABLE;
            guest
                .frontend()
                .set_config(4, flags, &[1, 0, 0, 0])
                .unwrap();
            guest.config();
            guest.frontend().get_features().unwrap();
            assert!(start.elapsed() < Duration::from_secs(1));
        }
        let last = round.wrapping_mul(10).wrapping_add(9);
        guest.memory.fill(FREE, size, 0xee).unwrap();
        shown.stop(false);
        // The last frame comes; those before it need not. It is what was transferred, not what
        // the guest wrote since. Frames come in parts, from top to bottom.
        let word = |it: &Message, at: usize| {
            let bytes = it.1.get(at..at + 4).unwrap_or_default();
            u32::from_le_bytes(bytes.try_into().unwrap())
        };
        let is_end = |it: &Message| word(it, 8) + word(it, 16) == 768;
        let is_last = |it: &Message| {
            it.0 == UPDATE && is_end(it) && it.1[20..].iter().step_by(4).all(|it| *it == last)
        };
        let updates = shown.wait_for(is_last);
        let begun = updates
            .iter()
            .filter(|it| it.0 == UPDATE && word(it, 8) == 0);
        let begun = begun.count();
        assert!(begun <= 4, "{begun} of 10 frames");
    }
}

#[test]
fn a_front_end_that_does_not_answer_is_answered_for() {
    let mut guest = Guest::new();
    let shown = Shown::attach(&guest, &[(1440, 900)]);
    guest.command(Command::GetDisplayInfo);
    shown.stop(true);
    let start = Instant::now();
    let Response::DisplayInfo(info) = guest.command(Command::GetDisplayInfo) else {
        panic!("no display info");
    };
    // What it said last.
    assert_eq!(info.scanouts[0].rect, rect(1440, 900));
    let edid = Command::GetEdid(GetEdid {
        scanout: scanout(0),
    });
    assert!(matches!(guest.command(edid), Response::Edid(_)));
    assert!(start.elapsed() < Duration::from_secs(10));
    shown.stop(false);
    assert!(matches!(
        guest.command(Command::GetDisplayInfo),
        Response::DisplayInfo(_)
    ));
}

#[test]
fn a_new_socket_is_told_all_there_is() {
    let mut guest = Guest::new();
    guest.memory.fill(FREE, 2048, 0x11).unwrap();
    show(&mut guest, 1, 32, 16);
    draw(&mut guest, 1, rect(32, 16));
    for _ in 0..5 {
        let shown = Shown::attach(&guest, &[(32, 16)]);
        let seen = shown.wait_for(|it| it.0 == UPDATE);
        assert!(seen.contains(&Message(SCANOUT, words(&[0, 32, 16]))));
        assert_eq!(seen.last().unwrap().1[20..23], [0x11; 3]);
    }
}

#[test]
fn a_headless_device_shows_nothing_to_the_front_end() {
    let setup = door_vhost_user::Setup {
        headless: true,
        ..common::setup()
    };
    let all = vhost::vhost_user::message::VhostUserProtocolFeatures::all();
    let mut guest = Guest::with(&setup, all);
    let shown = Shown::attach(&guest, &[(1440, 900)]);
    let Response::DisplayInfo(info) = guest.command(Command::GetDisplayInfo) else {
        panic!("no display info");
    };
    assert_eq!(info.scanouts[0].rect, rect(1024, 768));
    assert!(shown.take().is_empty());
}

/// What 24 full screens of 1920 x 1080 a second cost the device's and the display's thread, as a
/// part of a processor. To be run alone, with optimization, on a machine that does nothing else.
#[test]
#[ignore = "measures, and takes 5 seconds"]
fn what_full_screens_cost() {
    let mut guest = Guest::new();
    let _shown = Shown::attach(&guest, &[(1920, 1080)]);
    show(&mut guest, 1, 1920, 1080);
    let before = processor_ticks();
    let start = Instant::now();
    for frame in 1..=120u32 {
        draw(&mut guest, 1, rect(1920, 1080));
        let due = Duration::from_secs(1) * frame / 24;
        std::thread::sleep(due.saturating_sub(start.elapsed()));
    }
    let ticks = processor_ticks() - before;
    let share = 100.0 * ticks as f64 / 100.0 / start.elapsed().as_secs_f64();
    println!("{share:.1} % of a processor");
    assert!(share < 30.0);
}

/// Hundredths of a second that the threads which serve have used.
fn processor_ticks() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let stats =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("stat")).ok());
    let served = stats.filter(|stat| stat.contains("(device)") || stat.contains("(display)"));
    let ticks = |stat: String| {
        let fields: Vec<_> = stat.split(' ').collect();
        fields[13].parse::<u64>().unwrap() + fields[14].parse::<u64>().unwrap()
    };
    served.map(ticks).sum()
}
