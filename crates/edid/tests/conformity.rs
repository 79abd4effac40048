//! What `edid-decode --check` says of our EDIDs.
#![forbid(unsafe_code)]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use edid::{Manufacturer, Mode, Monitor, Text, Timing};

/// Sizes and rates of every kind: usual, odd, small, slow, fast, large.
const MODES: &[(u32, u32, u32)] = &[
    (16, 16, 1_000),
    (16, 16, 500_000),
    (16, 16_384, 500_000),
    (64, 64, 60_000),
    (100, 100, 60_000),
    (300, 4000, 10_000),
    (640, 480, 60_000),
    (800, 600, 75_000),
    (1024, 768, 60_000),
    (1237, 611, 59_940),
    (1280, 720, 60_000),
    (1366, 768, 60_000),
    (1920, 1080, 60_000),
    (1920, 1080, 360_000),
    (2560, 1440, 144_000),
    (3440, 1440, 100_000),
    (3840, 2160, 60_000),
    (3840, 2160, 120_000),
    (4095, 4095, 30_000),
    (5120, 1440, 500_000),
    (7680, 4320, 60_000),
    (16_384, 16, 1_000),
    (16_384, 16_384, 1_000),
    (16_384, 16_384, 500_000),
];

/// What the tool says, with these bytes to read.
fn edid_decode(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new("edid-decode")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("edid-decode starts; install the package `edid-decode`");
    let mut stdin = child.stdin.take().expect("it has one");
    stdin.write_all(input).expect("it reads");
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn monitors() -> impl Iterator<Item = Monitor> {
    MODES.iter().flat_map(|(width, height, refresh)| {
        let preferred = Mode::new(*width, *height, *refresh).expect("in range");
        let manufacturer = Manufacturer::new("PVN").expect("three letters");
        let name = Text::new("Paravane").expect("short");
        let plain = Monitor::new(manufacturer, name, preferred);
        let full = Monitor {
            serial: 7,
            serial_text: Text::new("PV-0007").ok(),
            modes: [
                Mode::USUAL,
                &[
                    Mode::new(7680, 4320, 30_000).expect("in range"),
                    Mode::new(5120, 2880, 60_000).expect("in range"),
                    Mode::new(6016, 3384, 60_000).expect("in range"),
                    Mode::new(8192, 4320, 24_000).expect("in range"),
                ],
            ]
            .concat(),
            ..plain.clone()
        };
        [plain, full]
    })
}

#[test]
fn edid_decode_finds_no_failure() {
    for monitor in monitors() {
        let edid = monitor.edid().expect("there is room");
        let output = edid_decode(&["--check", "-"], &edid);
        let text = String::from_utf8_lossy(&output.stdout);
        let preferred = monitor.preferred;
        assert!(output.status.success(), "{preferred:?}:\n{text}");
        assert!(
            text.contains("EDID conformity: PASS"),
            "{preferred:?}:\n{text}"
        );
        for mode in monitor.modes.iter().chain([&preferred]) {
            let size = format!(" {}x{} ", mode.width(), mode.height());
            assert!(text.contains(&size), "{mode:?} is not found:\n{text}");
        }
        assert!(text.contains("Display Product Name: 'Paravane'"), "{text}");
    }
}

/// The number in front of a unit or behind a name.
fn number(text: &str, beside: &str, offset: isize) -> f64 {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|word| *word == beside);
    let at = at.and_then(|at| at.checked_add_signed(offset));
    let word = at.and_then(|at| words.get(at)).expect("it is there");
    word.parse().expect("a number")
}

/// Timings are what the tool computes by CVT with reduced blanking, version 2, where the clock's step
/// and the longest front porch leave them alone.
#[test]
fn timings_are_cvts() {
    let sizes = [
        (640, 480),
        (800, 600),
        (1237, 611),
        (1366, 768),
        (1920, 1080),
    ];
    let larger = [(2560, 1440), (3440, 1440), (3840, 2160), (7680, 4320)];
    for (width, height) in sizes.into_iter().chain(larger) {
        for hertz in [30, 50, 60, 75, 120, 144, 240] {
            let cvt = format!("w={width},h={height},fps={hertz},rb=2");
            let output = edid_decode(&["--cvt", &cvt], &[]);
            let text = String::from_utf8_lossy(&output.stdout);
            let ours = Timing::of(Mode::new(width, height, hertz * 1000).expect("in range"));
            let megahertz = number(&text, "MHz", -1);
            let off = (ours.clock_hertz() as f64 / 1e6 - megahertz).abs();
            assert!(off <= 0.0061, "{cvt}: {ours:?}\n{text}");
            let (h, v) = (ours.horizontal, ours.vertical);
            assert_eq!(f64::from(h.front_porch), number(&text, "Hfront", 1));
            assert_eq!(f64::from(h.sync), number(&text, "Hsync", 1));
            assert_eq!(f64::from(h.back_porch), number(&text, "Hback", 1));
            let porches = number(&text, "Vfront", 1) + number(&text, "Vback", 1);
            assert_eq!(f64::from(v.front_porch + v.back_porch), porches, "{cvt}");
            assert_eq!(f64::from(v.sync), number(&text, "Vsync", 1));
            let front = number(&text, "Vfront", 1).min(63.0);
            assert_eq!(f64::from(v.front_porch), front, "{cvt}");
        }
    }
}
