//! `vkcube` under Xvfb: the last of a fixed number of frames, natively and through Paravane.

use std::time::Duration;

use super::frames;
use super::stage::{Road, Stage};
use crate::error::{Error, Result};
use crate::lab::Screen;
use crate::picture::Picture;

/// Large, so that a frame takes milliseconds and the last one is seen before it is gone.
const SCREEN: Screen = Screen {
    width: 1024,
    height: 768,
};
const FRAMES: u32 = 60;
const LIMIT: Duration = Duration::from_secs(60);
/// The window closes right after its last frame, so a look at it can come too late; a
/// frame before the last then looks different. That many runs make a miss unlikely.
const TRIES: usize = 5;

pub(crate) enum Verdict {
    /// Both roads' last frame is this one, byte for byte.
    Same { picture: Picture },
    /// No run's last frame by one road was any run's by the other.
    Different {
        native: Picture,
        through: Picture,
        pixels: usize,
    },
}

/// Runs vkcube by both roads until both have shown the same last frame, or often enough.
pub(crate) fn compare(stage: &Stage) -> Result<Verdict> {
    let mut native = Vec::new();
    let mut through = Vec::new();
    for _ in 0..TRIES {
        native.push(last_frame(stage, Road::Native)?);
        through.push(last_frame(stage, Road::Paravane)?);
        if let Some(picture) = native.iter().find(|picture| through.contains(picture)) {
            return Ok(Verdict::Same {
                picture: picture.clone(),
            });
        }
    }
    closest(native, through).ok_or_else(|| Error::Rule("vkcube was not run".to_owned()))
}

/// The window's last picture: it rotates by frames, not by time, so the number decides.
fn last_frame(stage: &Stage, road: Road) -> Result<Picture> {
    let (width, height) = (SCREEN.width.to_string(), SCREEN.height.to_string());
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
    let (ran, picture) =
        frames::last_picture(folder, || stage.run_on_screen(road, &words, LIMIT, SCREEN));
    ran?;
    picture.ok_or_else(|| Error::Rule(format!("vkcube ({}) showed nothing", road.name())))
}

fn closest(native: Vec<Picture>, through: Vec<Picture>) -> Option<Verdict> {
    let pairs = native
        .iter()
        .flat_map(|one| through.iter().map(move |two| (one, two)));
    let measured = pairs.map(|(one, two)| (one.differing_pixels(two), one, two));
    let (pixels, native, through) = measured.min_by_key(|(pixels, ..)| *pixels)?;
    Some(Verdict::Different {
        native: native.clone(),
        through: through.clone(),
        pixels,
    })
}
