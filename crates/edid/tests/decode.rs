//! EDIDs read back by a reader of their own, for every kind of mode.
#![forbid(unsafe_code)]

use edid::{Error, MAX_SIZE, Manufacturer, Mode, Monitor, PhysicalSize, Text, Timing};
use proptest::prelude::*;

fn mode(width: u32, height: u32, refresh_millihertz: u32) -> Mode {
    Mode::new(width, height, refresh_millihertz).expect("in range")
}

fn monitor(preferred: Mode) -> Monitor {
    let manufacturer = Manufacturer::new("PVN").expect("three letters");
    let name = Text::new("Paravane").expect("short");
    Monitor::new(manufacturer, name, preferred)
}

/// A timing as it lies in the bytes: clock in 10 kHz, and per direction what is seen, the blanking,
/// the front porch and the pulse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Read {
    clock: u32,
    horizontal: [u32; 4],
    vertical: [u32; 4],
}

impl Read {
    fn of(timing: Timing) -> Self {
        let span = |span: edid::Span| [span.active, span.blank(), span.front_porch, span.sync];
        Self {
            clock: timing.clock,
            horizontal: span(timing.horizontal),
            vertical: span(timing.vertical),
        }
    }

    /// Out of 18 bytes; none for descriptors without a clock.
    fn detailed(d: &[u8]) -> Option<Self> {
        let d: Vec<u32> = d.iter().map(|byte| u32::from(*byte)).collect();
        let clock = d[0] | d[1] << 8;
        let read = Self {
            clock,
            horizontal: [
                d[2] | (d[4] & 0xf0) << 4,
                d[3] | (d[4] & 0xf) << 8,
                d[8] | (d[11] & 0xc0) << 2,
                d[9] | (d[11] & 0x30) << 4,
            ],
            vertical: [
                d[5] | (d[7] & 0xf0) << 4,
                d[6] | (d[7] & 0xf) << 8,
                d[10] >> 4 | (d[11] & 0xc) << 2,
                d[10] & 0xf | (d[11] & 3) << 4,
            ],
        };
        (clock != 0).then_some(read)
    }

    /// Out of DisplayID's 20 bytes.
    fn type_i(d: &[u8]) -> Self {
        let word = |at: usize| u32::from(u16::from_le_bytes([d[at], d[at + 1]]));
        Self {
            clock: (word(0) | u32::from(d[2]) << 16) + 1,
            horizontal: [
                word(4) + 1,
                word(6) + 1,
                (word(8) & 0x7fff) + 1,
                word(10) + 1,
            ],
            vertical: [
                word(12) + 1,
                word(14) + 1,
                (word(16) & 0x7fff) + 1,
                word(18) + 1,
            ],
        }
    }
}

/// Every timing in the EDID, those of DisplayID with whether they are preferred.
fn timings(edid: &[u8]) -> (Vec<Read>, Vec<(Read, bool)>) {
    let descriptors = |block: &[u8], from: usize| {
        let whole = block[from..block.len() - 2].chunks_exact(18);
        whole.map_while(Read::detailed).collect::<Vec<_>>()
    };
    let mut detailed = descriptors(&edid[..128], 54);
    let mut display_id = Vec::new();
    for block in edid[128..].chunks_exact(128) {
        match block[0] {
            0x02 => detailed.extend(descriptors(block, block[2].into())),
            0x70 => display_id.extend(display_id_timings(block)),
            tag => panic!("extension {tag:#x}"),
        }
    }
    (detailed, display_id)
}

fn display_id_timings(block: &[u8]) -> Vec<(Read, bool)> {
    let end = 5 + usize::from(block[2]);
    assert_eq!(sum(&block[1..=end]), 0, "the section's checksum");
    let mut data = &block[5..end];
    let mut timings = Vec::new();
    while let [tag, _, size @ 1..=255, rest @ ..] = data {
        let (payload, behind) = rest.split_at(usize::from(*size));
        if *tag == 0x03 {
            let all = payload.chunks_exact(20);
            timings.extend(all.map(|it| (Read::type_i(it), it[3] & 0x80 != 0)));
        }
        data = behind;
    }
    timings
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// What holds for every EDID.
fn check_frame(edid: &[u8]) {
    assert!(edid.len() >= 256 && edid.len() <= MAX_SIZE && edid.len().is_multiple_of(128));
    for block in edid.chunks_exact(128) {
        assert_eq!(sum(block), 0, "a block's checksum");
    }
    assert_eq!(edid[..8], [0, 255, 255, 255, 255, 255, 255, 0]);
    assert_eq!(edid[18..20], [1, 4]);
    assert_eq!(usize::from(edid[126]), edid.len() / 128 - 1);
    assert_eq!(edid[128..130], [2, 3]);
    assert_eq!(edid[35] & 0x20, 0x20, "640 x 480 at 60 Hz");
}

/// The preferred mode is there to the pixel, and its rate to a thousandth.
fn check_preferred(edid: &[u8], preferred: Mode) {
    let expected = Read::of(Timing::of(preferred));
    assert_eq!(expected.horizontal[0], preferred.width());
    assert_eq!(expected.vertical[0], preferred.height());
    let (detailed, display_id) = timings(edid);
    let first_is_native = edid[24] & 2 != 0;
    match first_is_native {
        true => assert_eq!(detailed.first(), Some(&expected)),
        false => assert_eq!(display_id.first(), Some(&(expected, true))),
    }
    let pixels = |span: [u32; 4]| u64::from(span[0] + span[1]);
    let total = pixels(expected.horizontal) * pixels(expected.vertical);
    let millihertz = u64::from(expected.clock) * 10_000_000 / total;
    let off = millihertz.abs_diff(preferred.refresh_millihertz().into());
    assert!(off * 1000 <= u64::from(preferred.refresh_millihertz()) + 1000);
}

prop_compose! {
    fn any_mode()(
        width in size(), height in size(),
        refresh in Mode::MIN_REFRESH..=Mode::MAX_REFRESH,
    ) -> Mode {
        mode(width, height, refresh)
    }
}

/// Small ones as often as large ones.
fn size() -> impl Strategy<Value = u32> {
    prop_oneof![
        Mode::MIN_SIZE..=Mode::MAX_SIZE,
        Mode::MIN_SIZE..=1024,
        4080..=4110u32,
        Just(Mode::MIN_SIZE),
        Just(Mode::MAX_SIZE),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_preferred_mode(preferred in any_mode()) {
        let edid = monitor(preferred).edid().expect("there is room");
        check_frame(&edid);
        check_preferred(&edid, preferred);
    }

    #[test]
    fn any_modes_are_said_or_refused(
        preferred in any_mode(),
        modes in prop::collection::vec(any_mode(), 0..40),
        serial in prop::option::of("[!-~]{1,13}"),
        size in prop::option::of((5u32..2550, 5u32..2550)),
    ) {
        let monitor = Monitor {
            modes: modes.clone(),
            serial_text: serial.as_deref().map(|text| Text::new(text).expect("printable")),
            size: size.and_then(|(width, height)| PhysicalSize::new(width, height)),
            ..monitor(preferred)
        };
        match monitor.edid() {
            Ok(edid) => {
                check_frame(&edid);
                check_preferred(&edid, preferred);
                let (detailed, display_id) = timings(&edid);
                for mode in modes.iter().filter(|mode| **mode != preferred) {
                    let read = Read::of(Timing::of(*mode));
                    let said = detailed.contains(&read) || display_id.iter().any(|it| it.0 == read);
                    prop_assert!(said || is_named(*mode), "{mode:?}");
                }
            }
            Err(error) => {
                let no_room = matches!(error, Error::TooManyModes { .. });
                prop_assert!(no_room, "{error}");
                prop_assert!(modes.len() > 27, "{} modes", modes.len());
            }
        }
    }
}

/// Whether the mode may be said without a timing: some whole rates have names.
fn is_named(mode: Mode) -> bool {
    mode.refresh_millihertz().is_multiple_of(1000)
}

/// Where each of the usual modes goes, byte for byte.
#[test]
fn the_usual_modes() {
    let edid = monitor(mode(3840, 2160, 60_000)).edid().expect("room");
    check_frame(&edid);
    assert_eq!(edid.len(), 256);
    // 640x480, 800x600; 1024x768.
    assert_eq!(edid[35..38], [0x21, 0x08, 0]);
    let standard = [
        [0x81, 0x00], // 1280x800
        [0x81, 0x80], // 1280x1024
        [0x95, 0x00], // 1440x900
        [0xa9, 0xc0], // 1600x900
        [0xa9, 0x40], // 1600x1200
        [0xb3, 0x00], // 1680x1050
        [0xd1, 0x00], // 1920x1200
        [0x01, 0x01],
    ];
    assert_eq!(edid[38..54], *standard.as_flattened());
    // 720p, 1080p, 2560x1080, and the capabilities.
    let codes = [0x43, 4, 16, 90, 0xe2, 0, 0x4a];
    assert_eq!(edid[128..139], [&[2, 3, 11, 0x81][..], &codes].concat());
    let (detailed, _) = timings(&edid);
    let expected = [mode(3840, 2160, 60_000), mode(2560, 1440, 60_000)];
    assert_eq!(detailed, expected.map(|mode| Read::of(Timing::of(mode))));
}

#[test]
fn identity_and_size() {
    let edid = Monitor {
        product: 0x1234,
        serial: 0x0102_0304,
        year: 2025,
        size: PhysicalSize::new(527, 296),
        ..monitor(mode(1920, 1080, 60_000))
    }
    .edid()
    .expect("room");
    // P, V, N are letters 16, 22, 14.
    let maker = (16u16 << 10 | 22 << 5 | 14).to_be_bytes();
    assert_eq!(edid[8..10], maker);
    assert_eq!(edid[10..18], [0x34, 0x12, 4, 3, 2, 1, 0xff, 35]);
    assert_eq!(edid[20..25], [0xa5, 53, 30, 120, 0x06]);
    // sRGB's, as every sRGB monitor has them.
    let srgb = [0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54];
    assert_eq!(edid[25..35], srgb);
    assert_eq!(edid[66..69], [0x0f, 0x28, 0x21]);
    assert_eq!(edid[90..108], *b"\0\0\0\xfc\0Paravane\n    ");
}

#[test]
fn a_serial_text_stands_for_the_number() {
    let monitor = Monitor {
        serial: 7,
        serial_text: Text::new("0123456789abc").ok(),
        ..monitor(mode(1024, 768, 60_000))
    };
    let edid = monitor.edid().expect("room");
    assert_eq!(edid[12..16], [0; 4]);
    assert_eq!(edid[108..126], *b"\0\0\0\xff\x000123456789abc");
}

/// A first descriptor that the preferred mode does not fit in says a mode that Linux keeps.
#[test]
fn a_large_mode_has_a_stand_in() {
    for large in [mode(4096, 2160, 60_000), mode(1920, 1080, 500_000)] {
        let edid = monitor(large).edid().expect("room");
        check_preferred(&edid, large);
        assert_eq!(edid[24] & 2, 0);
        let (detailed, _) = timings(&edid);
        let stand_in = Read::of(Timing::of(mode(1024, 768, 60_000)));
        assert_eq!(detailed.first(), Some(&stand_in));
        // Codes would say another preferred mode.
        assert_ne!(edid[132] >> 5, 2, "no video data block");
    }
}

/// Range limits as bytes: least and most frames, lines in kHz, and tens of megahertz.
#[test]
fn range_limits() {
    let limits = |preferred| {
        let monitor = Monitor {
            modes: Vec::new(),
            ..monitor(preferred)
        };
        let edid = monitor.edid().expect("room");
        let descriptor = edid[54..126]
            .chunks_exact(18)
            .find(|it| it[..4] == [0, 0, 0, 0xfd]);
        descriptor.map(|it| it[4..11].to_vec())
    };
    let full_hd = limits(mode(1920, 1080, 60_000));
    assert_eq!(full_hd, Some(vec![0, 59, 61, 29, 67, 14, 1]));
    // 360 Hz and 467 kHz are 255 more than the bytes.
    let fast = limits(mode(1920, 1080, 360_000));
    assert_eq!(fast, Some(vec![0x0a, 59, 105, 29, 212, 94, 1]));
    assert_eq!(limits(mode(16_384, 16_384, 500_000)), None);
}

#[test]
fn what_cannot_be_said_is_refused() {
    assert!(Mode::new(15, 16, 60_000).is_err());
    assert!(Mode::new(16, 16_385, 60_000).is_err());
    assert!(Mode::new(16, 16, 999).is_err());
    assert!(Mode::new(16, 16, 500_001).is_err());
    for code in ["", "AB", "ABCD", "AbC", "A1C", "ÄB"] {
        assert_eq!(Manufacturer::new(code), Err(Error::BadManufacturer));
    }
    for text in ["", "fourteen chars", "tab\t", "bl\u{e4}", "end "] {
        assert_eq!(Text::new(text), Err(Error::BadText), "{text:?}");
    }
    assert_eq!(PhysicalSize::new(4, 100), None);
    assert_eq!(PhysicalSize::new(100, 2555), None);
    for year in [1989, 2246] {
        let monitor = Monitor {
            year,
            ..monitor(mode(640, 480, 60_000))
        };
        assert_eq!(monitor.edid(), Err(Error::BadYear(year)));
    }
}
