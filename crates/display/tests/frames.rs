//! What is read of a frame, and what a picture of it holds.
#![forbid(unsafe_code)]

use std::io::Cursor as Bytes;

use display::{CursorImage, DmaBuf, Frame, Layout, Rect, write_png};
use format::Format;
use host_memory::{Backing, Pages, Piece, Shm};
use proptest::prelude::*;

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

fn layout(format: Format, width: u32, height: u32, stride: u32, offset: u64) -> Layout {
    Layout {
        format,
        width,
        height,
        stride,
        offset,
    }
}

/// Bytes in two pieces of a memfd.
fn memory(bytes: &[u8]) -> Backing {
    let pages = Pages::from(Shm::new("test", bytes.len() as u64 + 3).unwrap());
    let (first, second) = bytes.split_at(bytes.len() / 3);
    let pieces = [
        Piece::new(pages.clone(), second.len() as u64 + 3, first.len() as u64).unwrap(),
        Piece::new(pages, 0, second.len() as u64).unwrap(),
    ];
    let memory = Backing::new(pieces).unwrap();
    memory.write(0, bytes).unwrap();
    memory
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..len).map(next).collect()
}

/// Red, green, blue and alpha of a pixel, by the letters of the format's name.
fn colours(format: Format, pixel: &[u8]) -> [u8; 4] {
    let order: Vec<char> = format
        .name()
        .chars()
        .filter(char::is_ascii_uppercase)
        .collect();
    let channel = |name| {
        order[..4]
            .iter()
            .position(|c| *c == name)
            .map(|at| pixel[at])
    };
    [
        channel('R').unwrap(),
        channel('G').unwrap(),
        channel('B').unwrap(),
        channel('A').unwrap_or(255),
    ]
}

/// What [`Frame::read`] of a rectangle in bounds has to give.
fn reference(bytes: &[u8], layout: &Layout, rect: &Rect) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in rect.y..rect.y + rect.height {
        for x in rect.x..rect.x + rect.width {
            let at = layout.offset as usize + (y * layout.stride + x * 4) as usize;
            let [red, green, blue, alpha] = colours(layout.format, &bytes[at..at + 4]);
            pixels.extend([blue, green, red, alpha]);
        }
    }
    pixels
}

fn any_format() -> impl Strategy<Value = Format> {
    proptest::sample::select(Format::SCANOUT.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn any_part_of_any_format_is_read(
        format in any_format(),
        (width, height) in (1u32..20, 1u32..20),
        (padding, offset) in (0u32..9, 0u64..9),
        (x, y, w, h) in (0u32..24, 0u32..24, 0u32..24, 0u32..24),
    ) {
        let layout = layout(format, width, height, width * 4 + padding, offset);
        let bytes = noise((layout.stride * height) as usize + 9);
        let frame = Frame::new(memory(&bytes), layout).unwrap();
        let mut pixels = vec![1, 2, 3];
        let read = frame.read(rect(x, y, w, h), &mut pixels);
        let expected = rect(x, y, w, h).intersection(&frame.rect());
        prop_assert_eq!(read, expected);
        let expected = expected.map(|it| reference(&bytes, &layout, &it));
        prop_assert_eq!(pixels, expected.unwrap_or_default());
        let part = frame.part(&rect(x, y, w, h));
        let is_inside = w > 0 && h > 0 && x + w <= width && y + h <= height;
        prop_assert_eq!(part.is_some(), is_inside);
        if let Some(part) = part {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            part.read(part.rect(), &mut one);
            frame.read(rect(x, y, w, h), &mut other);
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn no_layout_panics(
        number: u32, width: u32, height: u32, stride: u32, offset: u64,
        part: (u32, u32, u32, u32), small: (u32, u32, u32),
    ) {
        let memory = memory(&noise(1000));
        let format = Format::from_wire(number % 481).unwrap_or(Format::B8G8R8A8_UNORM);
        let (w, h, s) = (small.0 % 20, small.1 % 20, small.2 % 100);
        for layout in [
            layout(format, width, height, stride, offset),
            layout(Format::R8G8B8X8_UNORM, w, h, s, offset % 200),
        ] {
            let Some(frame) = Frame::new(memory.clone(), layout) else { continue };
            let mut pixels = Vec::new();
            prop_assert!(frame.read(frame.rect(), &mut pixels).is_some());
            let _ = frame.read(rect(part.0, part.1, part.2, part.3), &mut pixels);
            let _ = frame.part(&rect(part.0, part.1, part.2, part.3));
        }
    }
}

#[test]
fn what_is_no_image_in_the_memory_is_no_frame() {
    let memory = memory(&[0; 100]);
    let is_frame = |layout| Frame::new(memory.clone(), layout).is_some();
    let good = layout(Format::B8G8R8X8_UNORM, 3, 4, 24, 16);
    assert!(is_frame(good));
    let wrong = [
        Layout { offset: 17, ..good },
        Layout { stride: 25, ..good },
        Layout { stride: 11, ..good },
        Layout { stride: 0, ..good },
        Layout { width: 0, ..good },
        Layout { height: 0, ..good },
        Layout { height: 5, ..good },
        Layout {
            offset: u64::MAX,
            ..good
        },
        Layout {
            width: u32::MAX,
            height: u32::MAX,
            stride: u32::MAX,
            ..good
        },
        Layout {
            format: Format::R8G8B8_UNORM,
            ..good
        },
        Layout {
            format: Format::R8G8B8A8_SRGB,
            ..good
        },
    ];
    for layout in wrong {
        assert!(!is_frame(layout), "{layout:?}");
    }
    // The stride of a single row means nothing.
    assert!(is_frame(layout(Format::B8G8R8X8_UNORM, 25, 1, 0, 0)));
}

#[test]
fn a_part_of_a_dma_buf_starts_later_in_it() {
    let shm = Shm::new("test", 4096).unwrap();
    let fd = std::sync::Arc::new(shm.fd().try_clone_to_owned().unwrap());
    let piece = Piece::new(Pages::from(shm), 0, 4096).unwrap();
    let memory = Backing::new([piece]).unwrap();
    let frame = Frame::new(memory, layout(Format::B8G8R8X8_UNORM, 8, 8, 64, 128)).unwrap();
    assert!(frame.dma_buf().is_none());
    let frame = frame.with_dma_buf(DmaBuf {
        fd,
        offset: 128,
        modifier: 0,
    });
    let part = frame.part(&rect(2, 3, 1, 1)).unwrap();
    assert_eq!(part.dma_buf().unwrap().offset, 128 + 3 * 64 + 2 * 4);
    assert_eq!(part.layout().offset, 128 + 3 * 64 + 2 * 4);
    assert_eq!(part.layout().stride, 64);
}

fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(Bytes::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    assert_eq!(info.bit_depth, png::BitDepth::Eight);
    pixels.truncate(info.buffer_size());
    (info.width, info.height, pixels)
}

#[test]
fn a_picture_holds_the_colours_of_each_format() {
    for format in Format::SCANOUT {
        let layout = layout(format, 13, 7, 60, 8);
        let bytes = noise(60 * 7 + 8);
        let frame = Frame::new(memory(&bytes), layout).unwrap();
        let mut file = Vec::new();
        write_png(&frame, &mut file).unwrap();
        let expected: Vec<u8> = (0..7)
            .flat_map(|y| (0..13).map(move |x| 8 + y * 60 + x * 4))
            .flat_map(|at| colours(format, &bytes[at..at + 4])[..3].to_vec())
            .collect();
        assert_eq!(decoded(&file), (13, 7, expected), "{format}");
    }
}

/// More rows than are held at a time.
#[test]
fn a_large_picture_is_whole() {
    let (width, height) = (1000, 700);
    let bytes = noise(width * height * 4);
    let layout = layout(
        Format::X8R8G8B8_UNORM,
        width as u32,
        height as u32,
        width as u32 * 4,
        0,
    );
    let frame = Frame::new(memory(&bytes), layout).unwrap();
    let mut file = Vec::new();
    write_png(&frame, &mut file).unwrap();
    let (_, _, pixels) = decoded(&file);
    let expected = bytes
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|[_, rgb @ ..]| *rgb);
    assert!(expected.eq(pixels));
}

#[test]
fn a_pointer_has_one_size() {
    let bytes = noise(CursorImage::BYTES + 256 * 4);
    let frame = |width, height| {
        Frame::new(
            memory(&bytes),
            layout(Format::A8B8G8R8_UNORM, width, height, 256, 0),
        )
        .unwrap()
    };
    let image = CursorImage::of_frame(&frame(64, 64)).unwrap();
    let expected = reference(&bytes, frame(64, 64).layout(), &rect(0, 0, 64, 64));
    assert_eq!(image.pixels(), expected);
    for (width, height) in [(63, 64), (64, 63), (64, 65), (1, 1)] {
        assert!(CursorImage::of_frame(&frame(width, height)).is_none());
    }
    let pixels = bytes[..CursorImage::BYTES].to_vec();
    let image = CursorImage::new(Format::A8B8G8R8_UNORM, pixels.clone()).unwrap();
    assert_eq!(image.pixels(), expected);
    assert!(CursorImage::new(Format::R8_UNORM, pixels.clone()).is_none());
    assert!(CursorImage::new(Format::A8B8G8R8_UNORM, pixels[1..].to_vec()).is_none());
}

#[test]
fn a_pointer_is_seen_through_whatever_its_format() {
    let bytes = noise(CursorImage::BYTES);
    for (without, with) in [
        (Format::B8G8R8X8_UNORM, Format::B8G8R8A8_UNORM),
        (Format::X8R8G8B8_UNORM, Format::A8R8G8B8_UNORM),
        (Format::R8G8B8X8_UNORM, Format::R8G8B8A8_UNORM),
        (Format::X8B8G8R8_UNORM, Format::A8B8G8R8_UNORM),
    ] {
        let of = |format| {
            let frame = Frame::new(memory(&bytes), layout(format, 64, 64, 256, 0)).unwrap();
            let image = CursorImage::of_frame(&frame).unwrap();
            assert_eq!(CursorImage::new(format, bytes.clone()).unwrap(), image);
            image
        };
        assert_eq!(of(without), of(with));
    }
}
