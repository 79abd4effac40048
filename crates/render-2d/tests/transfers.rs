//! Transfers of images, beside a reference that moves one byte after the other.
#![forbid(unsafe_code)]

use context::{Backing, Box3d, Piece, Transfer};
use host_memory::{Pages, Shm};
use proptest::prelude::*;
use render_2d::{Error, Image, MAX_SIZE};

const BGRA: u32 = 1;

fn region(x: u32, y: u32, width: u32, height: u32) -> Box3d {
    Box3d {
        x,
        y,
        z: 0,
        width,
        height,
        depth: 1,
    }
}

fn transfer(region: Box3d, stride: u32, offset: u64) -> Transfer {
    Transfer {
        level: 0,
        stride,
        layer_stride: 0,
        region,
        offset,
    }
}

/// Guest memory in pieces of these sizes, that lie in one memfd with gaps, last first.
fn scattered(sizes: &[u64]) -> Backing {
    const GAP: u64 = 5;
    let total: u64 = sizes.iter().map(|size| size + GAP).sum();
    let pages = Pages::from(Shm::new("test", total.max(1)).unwrap());
    let mut end = total;
    let pieces = sizes.iter().map(|size| {
        end -= size + GAP;
        Piece::new(pages.clone(), end, *size).unwrap()
    });
    Backing::new(pieces.collect::<Vec<_>>()).unwrap()
}

fn bytes_of(memory: &Backing) -> Vec<u8> {
    let mut bytes = vec![0; memory.len() as usize];
    memory.read(0, &mut bytes).unwrap();
    bytes
}

fn fill(memory: &Backing, seed: u8) {
    let bytes: Vec<u8> = (0..memory.len())
        .map(|at| (at as u8).wrapping_mul(31).wrapping_add(seed) ^ (at >> 8) as u8)
        .collect();
    memory.write(0, &bytes).unwrap();
}

/// What a transfer means: pixel by pixel, where it is in the image and where in the memory. None
/// if a pixel is not there, or two rows share bytes.
fn reference(
    width: u32,
    height: u32,
    len: u64,
    transfer: &Transfer,
) -> Option<Vec<(usize, usize)>> {
    let Box3d {
        x,
        y,
        z,
        width: columns,
        height: rows,
        depth,
    } = transfer.region;
    let inside = |at: u32, size: u32, limit: u32| u64::from(at) + u64::from(size) <= limit.into();
    if transfer.level != 0
        || !inside(x, columns, width)
        || !inside(y, rows, height)
        || !inside(z, depth, 1)
    {
        return None;
    }
    let stride = match transfer.stride {
        0 => width * 4,
        stride => stride,
    };
    if columns > 0 && rows > 1 && stride < columns * 4 {
        return None;
    }
    let mut pairs = Vec::new();
    for row in 0..rows {
        for byte in 0..columns * 4 {
            let in_memory = u128::from(transfer.offset)
                + u128::from(row) * u128::from(stride)
                + u128::from(byte);
            if in_memory >= u128::from(len) {
                return None;
            }
            let in_image = ((y + row) * width + x) * 4 + byte;
            pairs.push((in_image as usize, in_memory as usize));
        }
    }
    Some(pairs)
}

fn any_transfer() -> impl Strategy<Value = Transfer> {
    let number = |small: u32| {
        prop_oneof![
            8 => 0..small,
            1 => Just(u32::MAX),
            1 => any::<u32>(),
        ]
    };
    let place = (number(12), number(12), number(12), number(12));
    let flat = (
        prop_oneof![9 => Just(0u32), 1 => any::<u32>()],
        prop_oneof![9 => Just(1u32), 1 => any::<u32>()],
    );
    let stride = prop_oneof![4 => Just(0u32), 4 => 0u32..80, 1 => any::<u32>()];
    let offset = prop_oneof![8 => 0u64..600, 1 => Just(u64::MAX), 1 => any::<u64>()];
    let level = prop_oneof![9 => Just(0u32), 1 => any::<u32>()];
    (place, flat, stride, offset, level).prop_map(
        |((x, y, width, height), (z, depth), stride, offset, level)| Transfer {
            level,
            region: Box3d {
                z,
                depth,
                ..region(x, y, width, height)
            },
            ..transfer(region(x, y, width, height), stride, offset)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn transfers_move_what_the_reference_moves(
        (width, height) in (1u32..12, 1u32..12),
        sizes in proptest::collection::vec(0u64..200, 0..8),
        transfers in proptest::collection::vec((any_transfer(), any::<bool>(), any::<u8>()), 1..6),
    ) {
        let image = Image::new(BGRA, width, height).unwrap();
        let memory = scattered(&sizes);
        let mut expected = vec![0; (width * height * 4) as usize];
        for (transfer, to_host, seed) in transfers {
            fill(&memory, seed);
            let mut expected_memory = bytes_of(&memory);
            let pairs = reference(width, height, memory.len(), &transfer);
            for (in_image, in_memory) in pairs.iter().flatten() {
                match to_host {
                    true => expected[*in_image] = expected_memory[*in_memory],
                    false => expected_memory[*in_memory] = expected[*in_image],
                }
            }
            let moved = match to_host {
                true => image.transfer_to_host(&transfer, &memory),
                false => image.transfer_from_host(&transfer, &memory),
            };
            prop_assert_eq!(moved.is_ok(), pairs.is_some(), "{:?}", moved);
            prop_assert_eq!(&bytes_of(&image.memory()), &expected);
            prop_assert_eq!(&bytes_of(&memory), &expected_memory);
        }
    }
}

#[test]
fn a_new_image_is_zero_and_has_a_size() {
    let image = Image::new(134, 5, 3).unwrap();
    assert_eq!((image.width(), image.height(), image.stride()), (5, 3, 20));
    assert_eq!(bytes_of(&image.memory()), vec![0; 60]);
    assert_eq!(Image::size_of(MAX_SIZE, MAX_SIZE).unwrap(), 1 << 30);
    for (width, height) in [
        (0, 1),
        (1, 0),
        (MAX_SIZE + 1, 1),
        (1, MAX_SIZE + 1),
        (u32::MAX, u32::MAX),
    ] {
        assert!(matches!(
            Image::new(BGRA, width, height),
            Err(Error::Size { .. })
        ));
    }
}

#[test]
fn only_what_screens_show_is_a_format() {
    let shown = (0..600).filter(|format| Image::new(*format, 1, 1).is_ok());
    assert_eq!(shown.collect::<Vec<_>>(), [1, 2, 3, 4, 67, 68, 121, 134]);
}

/// Rows longer than what is moved at once, in one piece and in several.
#[test]
fn large_transfers_arrive() {
    let (width, height) = (MAX_SIZE, 5);
    let image = Image::new(BGRA, width, height).unwrap();
    let whole = region(0, 0, width, height);
    let memory = scattered(&[100_000, 1, 300_000]);
    fill(&memory, 7);
    image
        .transfer_to_host(&transfer(whole, 0, 3), &memory)
        .unwrap();
    let size = (width * height * 4) as usize;
    assert!(bytes_of(&image.memory()) == bytes_of(&memory)[3..3 + size]);
    let odd = region(1, 1, width - 1, 3);
    fill(&memory, 9);
    image
        .transfer_to_host(&transfer(odd, 70_000, 11), &memory)
        .unwrap();
    let (pixels, bytes) = (bytes_of(&image.memory()), bytes_of(&memory));
    let row = (width as usize - 1) * 4;
    for y in 0..3 {
        let in_image = ((y + 1) * width as usize + 1) * 4;
        let in_memory = 11 + y * 70_000;
        assert!(
            pixels[in_image..in_image + row] == bytes[in_memory..in_memory + row],
            "row {y}"
        );
    }
}

/// A refusal says what is wrong.
#[test]
fn refusals_have_names() {
    let image = Image::new(BGRA, 4, 4).unwrap();
    let memory = scattered(&[64]);
    let go =
        |region, stride, offset| image.transfer_to_host(&transfer(region, stride, offset), &memory);
    assert!(matches!(
        go(region(3, 0, 2, 1), 0, 0),
        Err(Error::OutsideImage { .. })
    ));
    assert!(matches!(
        go(region(u32::MAX, 0, 2, 1), 0, 0),
        Err(Error::OutsideImage { .. })
    ));
    assert!(matches!(
        go(region(0, 0, 4, 4), 0, 1),
        Err(Error::OutsideMemory(_))
    ));
    assert!(matches!(
        go(region(0, 0, 1, 1), 0, u64::MAX),
        Err(Error::OutsideMemory(_))
    ));
    assert!(matches!(
        go(region(0, 0, 4, 2), 12, 0),
        Err(Error::Overlap { .. })
    ));
    assert!(go(region(0, 0, 4, 1), 12, 0).is_ok());
    assert!(go(region(4, 4, 0, 0), 0, u64::MAX).is_ok());
}
