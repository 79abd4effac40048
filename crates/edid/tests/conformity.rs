//! What `edid-decode --check` says of our EDIDs.
#![forbid(unsafe_code)]

use std::io::{ErrorKind, Write as _};
use std::process::{Command, Output, Stdio};

use edid::{Manufacturer, Mode, Monitor, Text};

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

/// The tool's verdict; none if there is no such tool here.
fn verdict(edid: &[u8]) -> Option<Output> {
    let spawned = Command::new("edid-decode")
        .args(["--check", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        spawned => spawned.expect("it can be started"),
    };
    let mut stdin = child.stdin.take().expect("it has one");
    stdin.write_all(edid).expect("it reads");
    drop(stdin);
    Some(child.wait_with_output().expect("it ends"))
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
        let Some(output) = verdict(&edid) else {
            eprintln!("skipped: there is no edid-decode here (Debian has it as edid-decode)");
            return;
        };
        let text = String::from_utf8_lossy(&output.stdout);
        let preferred = monitor.preferred;
        assert!(output.status.success(), "{preferred:?}:\n{text}");
        assert!(
            text.contains("EDID conformity: PASS"),
            "{preferred:?}:\n{text}"
        );
        let size = format!("{}x{}", preferred.width(), preferred.height());
        assert!(text.contains(&size), "{preferred:?} is not found:\n{text}");
        assert!(text.contains("Display Product Name: 'Paravane'"), "{text}");
    }
}
