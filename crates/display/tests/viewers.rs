//! What those who look are told.
#![forbid(unsafe_code)]

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use display::{
    Change, Cursor, CursorImage, Display, Frame, HotSpot, Layout, Position, Rect, Viewer,
};
use format::Format;
use host_memory::{Backing, Pages, Piece, Shm};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

fn frame(width: u32, height: u32) -> Frame {
    let size = u64::from(width * height * 4);
    let piece = Piece::new(Pages::from(Shm::new("test", size).unwrap()), 0, size).unwrap();
    let layout = Layout {
        format: Format::B8G8R8A8_UNORM,
        width,
        height,
        stride: width * 4,
        offset: 0,
    };
    Frame::new(Backing::new([piece]).unwrap(), layout).unwrap()
}

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

fn cursor(shade: u8, x: i32) -> Cursor {
    let image = CursorImage::new(Format::B8G8R8A8_UNORM, vec![shade; CursorImage::BYTES]);
    Cursor {
        image: image.map(Arc::new),
        hot_spot: HotSpot { x: 1, y: 2 },
        position: Position { x, y: -3 },
    }
}

fn is_ready(viewer: &Viewer) -> bool {
    let mut fds = [PollFd::new(viewer, PollFlags::IN)];
    poll(
        &mut fds,
        Some(&Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        }),
    )
    .unwrap()
        == 1
}

/// The changes in a few words.
fn taken(viewer: &Viewer) -> Vec<String> {
    let words = |change: Change| match change {
        Change::Shown { screen, frame, .. } => {
            format!(
                "{screen} shows {:?}",
                frame.map(|it| (it.width(), it.height()))
            )
        }
        Change::Damaged { screen, rects, .. } => {
            let rects: Vec<_> = rects
                .iter()
                .map(|it| (it.x, it.y, it.width, it.height))
                .collect();
            format!("{screen} damaged {rects:?}")
        }
        Change::Cursor { screen, cursor } => {
            let shade = cursor.image.map(|image| image.pixels()[0]);
            format!("{screen} cursor {shade:?} at {}", cursor.position.x)
        }
        Change::CursorMoved {
            screen,
            position,
            is_visible,
        } => format!("{screen} cursor at {}, seen {is_visible}", position.x),
    };
    viewer.take().into_iter().map(words).collect()
}

#[test]
fn changes_come_once_and_in_one() {
    let display = Display::new(2);
    let viewer = display.viewer().unwrap();
    assert!(!is_ready(&viewer));
    display.show(1, Some(frame(8, 8)));
    assert!(is_ready(&viewer));
    display.damage(1, rect(0, 0, 1, 1));
    assert_eq!(taken(&viewer), ["1 shows Some((8, 8))"]);
    assert!(!is_ready(&viewer) && taken(&viewer).is_empty());
    display.damage(1, rect(1, 1, 2, 2));
    display.damage(1, rect(2, 2, 2, 2));
    display.damage(1, rect(7, 7, 5, 5));
    display.damage(1, rect(8, 8, 5, 5));
    assert_eq!(taken(&viewer), ["1 damaged [(1, 1, 3, 3), (7, 7, 1, 1)]"]);
    display.damage(1, rect(1, 1, 2, 2));
    display.show(1, Some(frame(4, 4)));
    display.show(1, None);
    assert_eq!(taken(&viewer), ["1 shows None"]);
    display.show(1, None);
    display.damage(1, rect(0, 0, 1, 1));
    assert!(!is_ready(&viewer) && taken(&viewer).is_empty());
}

#[test]
fn a_screen_that_was_dark_in_between_is_known_by_that() {
    let display = Display::new(1);
    let viewer = display.viewer().unwrap();
    let was_dark = |frames: &[Option<u32>]| {
        for size in frames {
            display.show(0, size.map(|size| frame(size, size)));
        }
        match &viewer.take()[..] {
            [Change::Shown { was_dark, .. }] => *was_dark,
            other => panic!("{other:?}"),
        }
    };
    assert!(was_dark(&[Some(8)]));
    assert!(!was_dark(&[Some(8)]));
    assert!(!was_dark(&[Some(4), Some(8)]));
    assert!(was_dark(&[None, Some(8)]));
    assert!(!was_dark(&[Some(8)]));
    assert!(was_dark(&[None]));
}

#[test]
fn what_there_is_not_has_no_effect() {
    let display = Display::new(1);
    let viewer = display.viewer().unwrap();
    display.show(1, Some(frame(8, 8)));
    display.damage(7, rect(0, 0, 1, 1));
    display.move_cursor(usize::MAX, Position::default());
    assert!(!is_ready(&viewer) && taken(&viewer).is_empty());
    assert!(display.frame(1).is_none() && display.cursor(1).is_none());
}

#[test]
fn a_pointer_looks_different_or_moves() {
    let display = Display::new(1);
    let viewer = display.viewer().unwrap();
    display.set_cursor(0, cursor(9, 5));
    display.move_cursor(0, Position { x: 6, y: 0 });
    assert_eq!(taken(&viewer), ["0 cursor Some(9) at 6"]);
    display.move_cursor(0, Position { x: 7, y: 0 });
    display.move_cursor(0, Position { x: 8, y: 0 });
    assert_eq!(taken(&viewer), ["0 cursor at 8, seen true"]);
    display.move_cursor(0, Position { x: 8, y: 0 });
    assert!(!is_ready(&viewer));
    display.set_cursor(0, cursor(9, -1));
    assert_eq!(taken(&viewer), ["0 cursor at -1, seen true"]);
    display.set_cursor(
        0,
        Cursor {
            image: None,
            ..cursor(9, -1)
        },
    );
    assert_eq!(taken(&viewer), ["0 cursor None at -1"]);
    display.move_cursor(0, Position { x: 1, y: 0 });
    assert_eq!(taken(&viewer), ["0 cursor at 1, seen false"]);
}

#[test]
fn who_comes_late_sees_what_is_there() {
    let display = Display::new(3);
    display.show(0, Some(frame(8, 8)));
    display.set_cursor(2, cursor(4, 1));
    let early = display.viewer().unwrap();
    assert!(is_ready(&early));
    taken(&early);
    let late = display.viewer().unwrap();
    assert!(is_ready(&late));
    assert_eq!(
        taken(&late),
        ["0 shows Some((8, 8))", "2 cursor Some(4) at 1"]
    );
    display.damage(0, rect(0, 0, 2, 2));
    assert_eq!(taken(&early), ["0 damaged [(0, 0, 2, 2)]"]);
    assert_eq!(taken(&late), ["0 damaged [(0, 0, 2, 2)]"]);
    drop(early);
    display.damage(0, rect(0, 0, 2, 2));
    assert_eq!(taken(&late), ["0 damaged [(0, 0, 2, 2)]"]);
}

/// A viewer that is never served does not hold up the device, nor grow.
#[test]
fn nobody_waits_for_a_viewer() {
    let display = Display::new(1);
    let slow = display.viewer().unwrap();
    display.show(0, Some(frame(64, 64)));
    taken(&slow);
    for step in 0..100_000u32 {
        display.damage(0, rect(step % 60, step / 7 % 60, 3, 3));
    }
    match &slow.take()[..] {
        [Change::Damaged { rects, .. }] => assert!(rects.len() <= 8),
        other => panic!("{other:?}"),
    }
}

/// Between two looks where nothing is told.
const A_WHILE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// The last pixels are seen, whenever they are looked at.
#[test]
fn a_viewer_on_a_thread_of_its_own_ends_with_the_last_pixels() {
    let display = Display::new(1);
    let shown = frame(32, 32);
    let size = 32 * 32 * 4;
    let piece = Piece::new(Pages::from(Shm::new("test", size).unwrap()), 0, size).unwrap();
    let memory = Backing::new([piece]).unwrap();
    let shown = Frame::new(memory.clone(), *shown.layout()).unwrap();
    display.show(0, Some(shown));
    let viewer = display.viewer().unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let looking = std::thread::spawn(move || {
        let (mut pixels, mut copy) = (Vec::new(), vec![0; size as usize]);
        let mut is_last = false;
        while !is_last {
            // Not for ever: the last change may have been taken with the one before it.
            poll(&mut [PollFd::new(&viewer, PollFlags::IN)], Some(&A_WHILE)).unwrap();
            is_last = over.load(Ordering::Acquire);
            for change in viewer.take() {
                let (frame, rects) = match change {
                    Change::Shown { frame, .. } => (frame.unwrap(), vec![rect(0, 0, 32, 32)]),
                    Change::Damaged { frame, rects, .. } => (frame, rects),
                    _ => continue,
                };
                for rect in rects {
                    frame.read(rect, &mut pixels);
                    for (row, y) in pixels.chunks(rect.width as usize * 4).zip(rect.y..) {
                        let at = ((y * 32 + rect.x) * 4) as usize;
                        copy[at..at + row.len()].copy_from_slice(row);
                    }
                }
            }
        }
        copy
    });
    for shade in 0..=255u8 {
        let row = u64::from(shade) % 32;
        memory.write(row * 128, &[shade; 128]).unwrap();
        display.damage(0, rect(0, row as u32, 32, 1));
    }
    is_over.store(true, Ordering::Release);
    display.damage(0, rect(0, 0, 1, 1));
    let copy = looking.join().unwrap();
    for (row, pixels) in copy.chunks(128).enumerate() {
        assert_eq!(pixels, [224 + row as u8; 128], "row {row}");
    }
}

#[test]
fn a_viewer_has_one_descriptor() {
    let viewer = Display::new(1).viewer().unwrap();
    assert!(rustix::fs::fstat(viewer.as_fd()).is_ok());
}
