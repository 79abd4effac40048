//! Frames that the front end gets as dma-bufs, and imports.

mod common;

use std::os::fd::{AsFd, OwnedFd};

use common::renderer::DMA_BUF;
use common::screen::{
    DMABUF_SCANOUT, DMABUF_SCANOUT2, DMABUF_UPDATE, F_DMABUF2, Message, SCANOUT, Shown, UPDATE,
};
use common::{FREE, Guest};
use door_vhost_user::{Blobs, Setup};
use host_memory::{Mapping, Shm, is_dma_buf};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use vhost::vhost_user::message::VhostUserProtocolFeatures;
use wire_virtio_gpu::{
    BlobFlags, BlobImage, BlobMem, CapsetId, Command, ContextId, CtxCreate, DebugName, Format,
    Header, MemEntry, Rect, ResourceAttachBacking, ResourceCreate2d, ResourceCreateBlob,
    ResourceFlush, ResourceId, Response, ScanoutId, SetScanout, SetScanoutBlob, TransferToHost2d,
};

/// Not a whole number of pages.
const WIDTH: u32 = 100;
const HEIGHT: u32 = 50;
const STRIDE: u32 = WIDTH * 4;
const SIZE: u32 = STRIDE * HEIGHT;

/// What is shown of it.
const SHOWN: Rect = Rect {
    x: 3,
    y: 2,
    width: 90,
    height: 40,
};

/// A guest whose frames are dma-bufs; none, with the reason printed, where the host makes none.
fn guest() -> Option<Guest> {
    if let Err(error) = host_memory::udmabuf(&Shm::new("test", 4096).unwrap()) {
        eprintln!("SKIPPED: the host makes no dma-buf: /dev/udmabuf: {error}");
        return None;
    }
    let setup = Setup {
        blobs: Blobs::Always,
        dma_bufs: true,
        ..common::setup()
    };
    let guest = Guest::with(&setup, VhostUserProtocolFeatures::all());
    Some(guest)
}

fn id(number: u32) -> ResourceId {
    ResourceId::new(number).unwrap()
}

fn scanout() -> ScanoutId {
    ScanoutId::new(0).unwrap()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn noise(seed: u32) -> Vec<u8> {
    let bytes = (0..SIZE).map(|at| at.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 24);
    bytes.map(|byte| u8::try_from(byte).unwrap()).collect()
}

fn do_all(guest: &mut Guest, commands: Vec<Command<'static>>) {
    let header = Header {
        context: ContextId::new(1),
        ..Header::default()
    };
    for command in commands {
        assert_eq!(guest.request(0, header, command).1, Response::Nodata);
    }
}

/// A resource on plain memory, a part of which is shown.
fn show(guest: &mut Guest, number: u32) {
    let create = Command::ResourceCreate2d(ResourceCreate2d {
        resource: id(number),
        format: Format::B8G8R8X8Unorm,
        width: WIDTH,
        height: HEIGHT,
    });
    let attach = Command::ResourceAttachBacking(ResourceAttachBacking {
        resource: id(number),
        entries: vec![MemEntry::new(FREE, SIZE).unwrap()],
    });
    let set = Command::SetScanout(SetScanout {
        rect: SHOWN,
        scanout: scanout(),
        resource: Some(id(number)),
    });
    do_all(guest, vec![create, attach, set]);
}

fn draw(guest: &mut Guest, number: u32, pixels: &[u8], part: Rect) {
    guest.memory.write(FREE, pixels).unwrap();
    let transfer = Command::TransferToHost2d(TransferToHost2d {
        rect: Rect {
            x: 0,
            y: 0,
            width: WIDTH,
            height: HEIGHT,
        },
        offset: 0,
        resource: id(number),
    });
    do_all(guest, vec![transfer, flush(number, part)]);
}

fn flush(number: u32, rect: Rect) -> Command<'static> {
    Command::ResourceFlush(ResourceFlush {
        rect,
        resource: id(number),
    })
}

/// What a front end is told of `SHOWN` (`VhostUserGpuDMABUFScanout`): where in the dma-buf it is,
/// and how large that is.
fn described() -> Vec<u8> {
    let Rect {
        x,
        y,
        width,
        height,
    } = SHOWN;
    let xr24 = u32::from_le_bytes(*b"XR24");
    let of_dma_buf = [x + width, y + height, STRIDE, 0, xr24];
    words(&[&[0, x, y, width, height][..], &of_dma_buf].concat())
}

/// Imports a dma-buf and reads what is shown of it, when all that writes to it is done.
fn import(dma_buf: &OwnedFd) -> Vec<Vec<u8>> {
    assert!(is_dma_buf(dma_buf));
    let mut fds = [PollFd::new(dma_buf, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    assert_eq!(poll(&mut fds, Some(&now)).unwrap(), 1, "it is drawn");
    let mapping = Mapping::new(dma_buf.as_fd(), SIZE.into()).unwrap();
    let mut bytes = vec![0; SIZE as usize];
    mapping.read(0, &mut bytes).unwrap();
    rows(&bytes)
}

/// The rows of `SHOWN`.
fn rows(bytes: &[u8]) -> Vec<Vec<u8>> {
    let start = |y: u32| (y * STRIDE + SHOWN.x * 4) as usize;
    let len = (SHOWN.width * 4) as usize;
    let rows = SHOWN.y..SHOWN.y + SHOWN.height;
    rows.map(|y| bytes[start(y)..][..len].to_vec()).collect()
}

#[test]
fn frames_in_plain_memory_are_imported() {
    let Some(mut guest) = guest() else { return };
    for (number, features) in [(1, 0), (2, F_DMABUF2)] {
        let shown = Shown::attach_with(&guest, &[(90, 40)], features);
        show(&mut guest, number);
        let first = noise(number);
        draw(&mut guest, number, &first, SHOWN);
        let seen = shown.wait_for(|it| it.0 == DMABUF_UPDATE);
        let expected = match features {
            0 => Message(DMABUF_SCANOUT, described()),
            // The modifier behind it: `DRM_FORMAT_MOD_LINEAR`.
            _ => Message(DMABUF_SCANOUT2, [described(), vec![0; 8]].concat()),
        };
        let last = seen.iter().rfind(|it| it.0 == expected.0);
        assert_eq!(last, Some(&expected));
        assert!(seen.iter().all(|it| it.0 != UPDATE && it.0 != SCANOUT));
        let mut dma_buf = shown.take_fd().unwrap();
        // A new front end has been told of what was shown before, too.
        while let Some(next) = shown.take_fd() {
            dma_buf = next;
        }
        assert_eq!(import(&dma_buf), rows(&first));
        // It is the frame itself: nothing but where it is new is told.
        let second = noise(77);
        let part = Rect {
            x: 10,
            y: 10,
            width: 5,
            height: 6,
        };
        shown.take();
        draw(&mut guest, number, &second, part);
        let seen = shown.wait_for(|it| it.0 == DMABUF_UPDATE);
        assert_eq!(seen, [Message(DMABUF_UPDATE, words(&[0, 7, 8, 5, 6]))]);
        assert!(shown.take_fd().is_none());
        assert_eq!(import(&dma_buf), rows(&second));
    }
}

#[test]
fn blobs_that_are_dma_bufs_are_imported() {
    let Some(mut guest) = guest() else { return };
    let shown = Shown::attach_with(&guest, &[(90, 40)], F_DMABUF2);
    let create = Command::CtxCreate(CtxCreate {
        capset: Some(CapsetId::VENUS),
        debug_name: DebugName::new(b"test"),
    });
    let blob = Command::ResourceCreateBlob(ResourceCreateBlob {
        resource: id(1),
        mem: BlobMem::Host3d,
        flags: BlobFlags::MAPPABLE,
        blob_id: DMA_BUF,
        size: u64::from(SIZE).next_multiple_of(4096),
        entries: Vec::new(),
    });
    let set = Command::SetScanoutBlob(SetScanoutBlob {
        rect: SHOWN,
        scanout: scanout(),
        image: Some(BlobImage {
            resource: id(1),
            width: WIDTH,
            height: HEIGHT,
            format: Format::B8G8R8X8Unorm,
            strides: [STRIDE, 0, 0, 0],
            offsets: [0; 4],
        }),
    });
    do_all(&mut guest, vec![create, blob]);
    let pixels = noise(5);
    guest.slow.told().blobs[0].write(0, &pixels).unwrap();
    do_all(&mut guest, vec![set, flush(1, SHOWN)]);
    let seen = shown.wait_for(|it| it.0 == DMABUF_UPDATE);
    let expected = Message(DMABUF_SCANOUT2, [described(), vec![0; 8]].concat());
    assert!(seen.contains(&expected), "{seen:?}");
    assert_eq!(import(&shown.take_fd().unwrap()), rows(&pixels));
}

/// Pixels go to whoever was not asked whether it can import anything.
#[test]
fn nobody_gets_dma_bufs_unasked() {
    let mut guest = Guest::new();
    let shown = Shown::attach_with(&guest, &[(90, 40)], F_DMABUF2);
    show(&mut guest, 1);
    draw(&mut guest, 1, &noise(1), SHOWN);
    let seen = shown.wait_for(|it| it.0 == UPDATE && it.1[20..23] == rows(&noise(1))[0][..3]);
    assert!(
        seen.iter()
            .all(|it| ![DMABUF_SCANOUT, DMABUF_SCANOUT2].contains(&it.0))
    );
    assert!(shown.take_fd().is_none());
}
