use super::*;

fn transfer(stride: u32, layer_stride: u32, [width, height, depth]: [u32; 3]) -> Transfer {
    Transfer {
        level: 0,
        stride,
        layer_stride,
        region: context::Box3d {
            x: 0,
            y: 0,
            z: 0,
            width,
            height,
            depth,
        },
        offset: 2,
    }
}

const R8: Format = Format::R8_UNORM;

#[test]
fn rows_are_gathered_and_scattered() {
    let memory: Vec<u8> = (0..40).collect();
    let rows = Rows::of_texture(R8, [4, 4, 2], &transfer(5, 17, [3, 2, 2]), 40).unwrap();
    let mut pixels = Vec::new();
    rows.gather(&Source::Bytes(&memory), &mut pixels).unwrap();
    assert_eq!(pixels, [2, 3, 4, 7, 8, 9, 19, 20, 21, 24, 25, 26]);
    let mut back = vec![0; 40];
    rows.scatter(&pixels, &mut Target::Bytes(&mut back))
        .unwrap();
    let same = |at: usize| {
        back[at]
            == if pixels.contains(&(at as u8)) {
                at as u8
            } else {
                0
            }
    };
    assert!((0..40).all(same));
}

#[test]
fn large_transfers_are_cut_into_bands() {
    // Rows of 300 KiB of which three fit, seven a layer, two layers.
    let width = 300 << 10;
    let mut transfer = transfer(width + 5, 0, [width, 7, 2]);
    (transfer.region.y, transfer.region.z) = (1, 3);
    let level = [width + 5, 8, 5];
    let rows = Rows::of_texture(R8, level, &transfer, u64::MAX).unwrap();
    let bands = rows.bands(region_of(&transfer.region), PIECE);
    let places: Vec<_> = bands
        .iter()
        .map(|(_, region)| (region.origin, region.size[1]))
        .collect();
    let expected = [
        ([0, 1, 3], 3),
        ([0, 4, 3], 3),
        ([0, 7, 3], 1),
        ([0, 1, 4], 3),
        ([0, 4, 4], 3),
        ([0, 7, 4], 1),
    ];
    assert_eq!(places, expected);
    // All rows of all bands, where the rows of the whole are.
    let starts: Vec<_> = bands.iter().flat_map(|(band, _)| band.starts()).collect();
    assert_eq!(starts, rows.starts().collect::<Vec<_>>());
    assert!(bands.iter().all(|(band, _)| band.size().unwrap() <= PIECE));
}

#[test]
fn few_rows_and_blocks_are_one_band() {
    let small = transfer(0, 0, [3, 2, 2]);
    let rows = Rows::of_texture(R8, [8, 4, 2], &small, 100).unwrap();
    assert_eq!(rows.bands(region_of(&small.region), PIECE).len(), 1);
    let blocks = transfer(0, 0, [4096, 4096, 1]);
    let level = [4096, 4096, 1];
    let rows = Rows::of_texture(Format::DXT5_RGBA, level, &blocks, u64::MAX).unwrap();
    assert_eq!(rows.bands(region_of(&blocks.region), PIECE).len(), 1);
}

#[test]
fn pieces_cover_the_whole() {
    assert_eq!(pieces(0, PIECE).count(), 0);
    assert_eq!(pieces(5, PIECE).collect::<Vec<_>>(), [(0, 5)]);
    let two: Vec<_> = pieces(PIECE + 1, PIECE).collect();
    assert_eq!(two, [(0, PIECE), (PIECE as u64, 1)]);
}

#[test]
fn strides_of_zero_are_those_of_the_level() {
    let rows = Rows::of_texture(R8, [8, 4, 2], &transfer(0, 0, [3, 2, 2]), 100).unwrap();
    assert_eq!((rows.stride, rows.layer_stride), (8, 32));
    assert!(!rows.is_tight());
    let rows = Rows::of_texture(R8, [8, 4, 2], &transfer(0, 0, [8, 4, 2]), 66).unwrap();
    assert!(rows.is_tight());
}

#[test]
fn memory_that_is_too_short_is_refused() {
    let of = |stride, layer, size, len| {
        Rows::of_texture(R8, [8, 8, 8], &transfer(stride, layer, size), len)
    };
    // 2 of offset, one layer of 17, a row of 5, and 3.
    assert!(of(5, 17, [3, 2, 2], 27).is_ok());
    assert!(of(5, 17, [3, 2, 2], 26).is_err());
    assert!(of(2, 17, [3, 2, 1], 100).is_err(), "rows overlap");
    assert!(of(u32::MAX, u32::MAX, [8, 8, 8], 1 << 20).is_err());
    let far = Transfer {
        offset: u64::MAX,
        ..transfer(0, 0, [1, 1, 1])
    };
    assert!(Rows::of_texture(R8, [8, 8, 1], &far, 100).is_err());
}

#[test]
fn blocks_count_as_blocks() {
    let dxt1 = Format::DXT1_RGBA;
    let rows = Rows::of_texture(dxt1, [10, 10, 1], &transfer(0, 0, [10, 10, 1]), 100).unwrap();
    assert_eq!((rows.bytes, rows.count), (24, 3));
    assert_eq!(rows.size().unwrap(), 72);
}
