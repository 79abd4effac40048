//! `vkcube` under Xvfb: the last of a fixed number of frames, natively and through Paravane.

use std::time::Duration;

use super::frames;
use super::stage::{Road, Stage};
use crate::error::{Error, Result};
use crate::lab::Screen;
use crate::picture::{Picture, Verdict};

/// Large, so that a frame takes milliseconds and the last one is seen before it is gone.
const WINDOW: Screen = Screen {
    width: 1024,
    height: 768,
};
/// Holds the window where vkcube asks to be: 100 pixels from left and top.
const SCREEN: Screen = Screen {
    width: 1124,
    height: 868,
};
const FRAMES: u32 = 60;
const LIMIT: Duration = Duration::from_secs(60);
/// The window closes right after its last frame, so a look at it can come too late; a
/// frame before the last then looks different. That many runs make a miss unlikely.
const TRIES: usize = 5;

/// Runs vkcube by both roads until both have shown the same last frame, or often enough.
pub(crate) fn compare(stage: &Stage) -> Result<Verdict> {
    let mut native = Vec::new();
    let mut through = Vec::new();
    for _ in 0..TRIES {
        native.push(last_frame(stage, Road::Native)?);
        through.push(last_frame(stage, Road::Paravane)?);
        if native.iter().any(|picture| through.contains(picture)) {
            break;
        }
    }
    Verdict::of(&native, &through).ok_or_else(|| Error::Rule("vkcube was not run".to_owned()))
}

/// The window's last picture: it rotates by frames, not by time, so the number decides.
fn last_frame(stage: &Stage, road: Road) -> Result<Picture> {
    let (width, height) = (WINDOW.width.to_string(), WINDOW.height.to_string());
    let count = FRAMES.to_string();
    let words = [
        "vkcube",
        "--suppress_popups",
        "--c",
        &count,
        "--width",
        &width,
        "--height",
        &height,
    ];
    let folder = stage.shared().outside();
    let (ran, shown) = frames::watch(folder, || stage.run_on_screen(road, &words, LIMIT, SCREEN));
    ran?;
    shown
        .last
        .ok_or_else(|| Error::Rule(format!("vkcube ({}) showed nothing", road.name())))
}
