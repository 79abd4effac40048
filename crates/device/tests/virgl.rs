//! What virgl draws on the host's own OpenGL is seen on a scanout, the right way up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use context::{
    Backing, Box3d, CapsetId, ContextId, EventReceiver, FenceId, Piece, ResourceId,
    ResourceRequest, Transfer, TransferTarget, events,
};
use device::{Config, Device, HotSpot, Mode, Notice, Position, Rect, Screen, Text, Timeline};
use format::Format;
use host_memory::{Pages, Shm};
use wire::Writer;
use wire_virgl::{BindFlags, ClearTexture, Command, TextureTarget};

const CTX: ContextId = ContextId(1);
const WIDTH: u32 = 300;
const HEIGHT: u32 = 1000;

fn device() -> (Device, EventReceiver) {
    let screen = Screen {
        name: Text::new("Test").unwrap(),
        mode: Mode::new(640, 480, 60_000).unwrap(),
        is_connected: true,
    };
    let config = Config {
        screens: vec![screen],
        region: 0,
    };
    let renderer = render_virgl::Renderer::new(&render_virgl::Config::default()).unwrap();
    let mut device = Device::with_config(Arc::new(renderer), config).unwrap();
    let (sender, receiver) = events().unwrap();
    device
        .create_context(CTX, CapsetId::VIRGL2, "test", sender)
        .unwrap();
    (device, receiver)
}

fn image(device: &mut Device, id: ResourceId, format: Format, width: u32, height: u32) {
    let request = ResourceRequest {
        target: TextureTarget::Texture2D.number(),
        format: format.to_wire(),
        bind: (BindFlags::RENDER_TARGET | BindFlags::SAMPLER_VIEW | BindFlags::SCANOUT).bits(),
        width,
        height,
        depth: 1,
        array_size: 1,
        last_level: 0,
        nr_samples: 0,
        flags: 0,
    };
    device.create_resource(id, &request).unwrap();
    device.attach(CTX, id).unwrap();
}

/// Fills a part of a texture with a texel.
fn fill(device: &mut Device, id: ResourceId, part: Rect, texel: u32) {
    let clear = Command::ClearTexture(ClearTexture {
        resource: wire_virgl::ResourceId::new(id.0).unwrap(),
        level: 0,
        region: wire_virgl::Box3d {
            x: part.x,
            y: part.y,
            z: 0,
            width: part.width,
            height: part.height,
            depth: 1,
        },
        texel: [texel, 0, 0, 0],
    });
    let mut writer = Writer::new();
    clear.encode(&mut writer).unwrap();
    let failures = device.stats(CTX).unwrap().failures;
    device.submit(CTX, writer.as_bytes()).unwrap();
    assert_eq!(device.stats(CTX).unwrap().failures, failures);
}

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

fn seen(device: &Device) -> Vec<[u8; 4]> {
    let frame = device.display().frame(0).unwrap();
    assert_eq!((frame.width(), frame.height()), (WIDTH, HEIGHT));
    let mut pixels = Vec::new();
    frame.read(frame.rect(), &mut pixels).unwrap();
    pixels.as_chunks().0.to_vec()
}

/// Marks a part of an image.
fn mark(pixels: &mut [[u8; 4]], part: Rect, colour: [u8; 4]) {
    for y in part.y..part.y + part.height {
        let start = (y * WIDTH + part.x) as usize;
        pixels[start..start + part.width as usize].fill(colour);
    }
}

#[test]
fn what_is_drawn_is_seen_the_right_way_up() {
    for (format, texel, colour) in [
        (
            Format::B8G8R8X8_UNORM,
            0xff33_2211,
            [0x11, 0x22, 0x33, 0xff],
        ),
        (
            Format::R8G8B8A8_UNORM,
            0x8033_2211,
            [0x33, 0x22, 0x11, 0x80],
        ),
    ] {
        let (mut device, _receiver) = device();
        let id = ResourceId(1);
        image(&mut device, id, format, WIDTH, HEIGHT);
        let whole = rect(0, 0, WIDTH, HEIGHT);
        fill(&mut device, id, whole, u32::MAX);
        let mut expected = vec![[255; 4]; (WIDTH * HEIGHT) as usize];
        device.set_scanout(0, whole, Some(id)).unwrap();
        let corner = rect(0, 0, 7, 3);
        fill(&mut device, id, corner, texel);
        mark(&mut expected, corner, colour);
        device.flush(id, corner).unwrap();
        assert!(seen(&device) == expected, "{format}");
        let other = rect(100, 200, 150, 700);
        fill(&mut device, id, other, texel);
        device.flush(id, rect(100, 200, 50, 700)).unwrap();
        mark(&mut expected, rect(100, 200, 50, 700), colour);
        assert!(
            seen(&device) == expected,
            "{format}: what was flushed, and no more"
        );
        device.flush(id, whole).unwrap();
        mark(&mut expected, other, colour);
        assert!(seen(&device) == expected, "{format}");
    }
}

/// What the guest reads back is what is seen.
#[test]
fn the_guest_reads_what_is_seen() {
    let (mut device, _receiver) = device();
    let id = ResourceId(1);
    image(&mut device, id, Format::B8G8R8A8_UNORM, WIDTH, HEIGHT);
    let size = u64::from(WIDTH * HEIGHT * 4);
    let pages = Pages::from(Shm::new("guest", size).unwrap());
    let bytes: Vec<u8> = (0..size).map(|at| (at * 13 + at / 1201) as u8).collect();
    pages.write(0, &bytes).unwrap();
    let piece = Piece::new(pages.clone(), 0, size).unwrap();
    device
        .attach_backing(id, Backing::new([piece]).unwrap())
        .unwrap();
    device
        .transfer_to_host_2d(id, rect(0, 0, WIDTH, HEIGHT), 0)
        .unwrap();
    fill(&mut device, id, rect(5, 6, 70, 80), 0x0102_0304);
    device
        .set_scanout(0, rect(0, 0, WIDTH, HEIGHT), Some(id))
        .unwrap();
    device.flush(id, rect(0, 0, 1, 1)).unwrap();
    let transfer = Transfer {
        level: 0,
        stride: 0,
        layer_stride: 0,
        region: Box3d {
            x: 0,
            y: 0,
            z: 0,
            width: WIDTH,
            height: HEIGHT,
            depth: 1,
        },
        offset: 0,
    };
    device
        .transfer_from_host(Some(CTX), id, &transfer, TransferTarget::Backing)
        .unwrap();
    let mut read = vec![0; size as usize];
    pages.read(0, &mut read).unwrap();
    assert!(read.as_chunks::<4>().0 == seen(&device));
    assert!(read != bytes);
}

/// Linux makes a 2D resource for a buffer that the CPU draws to, and programs draw with it.
#[test]
fn a_2d_resource_is_drawn_to() {
    let (mut device, _receiver) = device();
    let (id, whole) = (ResourceId(1), rect(0, 0, WIDTH, HEIGHT));
    device
        .create_resource_2d(id, Format::B8G8R8X8_UNORM.to_wire(), WIDTH, HEIGHT)
        .unwrap();
    let size = u64::from(WIDTH * HEIGHT * 4);
    let pages = Pages::from(Shm::new("guest", size).unwrap());
    let row = u64::from(WIDTH * 4);
    for y in 0..u64::from(HEIGHT) {
        pages.fill(y * row, row, y as u8).unwrap();
    }
    let piece = Piece::new(pages, 0, size).unwrap();
    device
        .attach_backing(id, Backing::new([piece]).unwrap())
        .unwrap();
    device.transfer_to_host_2d(id, whole, 0).unwrap();
    device.set_scanout(0, whole, Some(id)).unwrap();
    device.attach(CTX, id).unwrap();
    let corner = rect(3, 0, 7, 3);
    fill(&mut device, id, corner, 0xff33_2211);
    device.flush(id, whole).unwrap();
    let rows = (0..HEIGHT).flat_map(|y| [[y as u8, y as u8, y as u8, 0xff]; WIDTH as usize]);
    let mut expected: Vec<_> = rows.collect();
    mark(&mut expected, corner, [0x11, 0x22, 0x33, 0xff]);
    assert!(seen(&device) == expected);
}

#[test]
fn a_pointer_has_the_picture_that_was_drawn() {
    let (mut device, _receiver) = device();
    let id = ResourceId(1);
    image(&mut device, id, Format::B8G8R8A8_UNORM, 64, 64);
    fill(&mut device, id, rect(0, 0, 64, 64), 0);
    fill(&mut device, id, rect(1, 0, 2, 1), 0x4433_2211);
    device
        .update_cursor(0, Position::default(), HotSpot::default(), Some(id))
        .unwrap();
    let image = device.display().cursor(0).unwrap().image.unwrap();
    let pixels = image.pixels().as_chunks::<4>().0;
    let marked = pixels.iter().enumerate().filter(|(_, it)| **it != [0; 4]);
    let expected = [
        (1, &[0x11, 0x22, 0x33, 0x44]),
        (2, &[0x11, 0x22, 0x33, 0x44]),
    ];
    assert_eq!(marked.collect::<Vec<_>>(), expected);
}

#[test]
fn a_global_fence_is_behind_what_was_drawn() {
    let (mut device, receiver) = device();
    image(&mut device, ResourceId(1), Format::B8G8R8A8_UNORM, 64, 64);
    fill(&mut device, ResourceId(1), rect(0, 0, 64, 64), 7);
    device.fence_on(Timeline::Global, FenceId(5)).unwrap();
    device.fence_on(Timeline::Global, FenceId(6)).unwrap();
    let (start, mut signalled) = (Instant::now(), Vec::new());
    while signalled.len() < 2 {
        assert!(start.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(1));
        for event in receiver.drain() {
            device.take_event(&event);
        }
        signalled.extend(device.notices());
    }
    let both = [5, 6].map(|fence| Notice::FenceSignaled(FenceId(fence)));
    assert_eq!(signalled, both);
}
