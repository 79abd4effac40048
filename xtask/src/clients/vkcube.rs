//! `vkcube` under Xvfb: its frames natively and through Paravane.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::frames;
use super::stage::{Road, Stage};
use crate::error::{Error, Result};
use crate::lab::Screen;
use crate::picture::{Picture, Verdict};

/// Large, so that a frame takes milliseconds and some are seen whole.
const WINDOW: Screen = Screen {
    width: 1024,
    height: 768,
};
/// Holds the window where vkcube asks to be: 100 pixels from left and top.
const SCREEN: Screen = Screen {
    width: 1124,
    height: 868,
};
/// The cube turns by frames, not by time, and never comes back to quite the same place: the
/// n-th frame is the n-th frame in every run, and no other.
const FRAMES: u32 = 60;
/// So many of them have to be found by both roads. A watcher does not see every frame.
const IN_COMMON: usize = 5;
const TRIES: usize = 5;
const LIMIT: Duration = Duration::from_secs(60);

/// Runs vkcube by both roads until enough frames have been the same, or often enough.
pub(crate) fn compare(stage: &Stage) -> Result<Verdict> {
    let mut native = Seen::default();
    let mut through = Seen::default();
    for _ in 0..TRIES {
        native.add(frames(stage, Road::Native)?);
        through.add(frames(stage, Road::Paravane)?);
        if let Some(picture) = native.shares(&through) {
            return Ok(Verdict::Same(picture));
        }
    }
    match native.digests.intersection(&through.digests).count() {
        0 => Verdict::of(&native.newest, &through.newest)
            .ok_or_else(|| Error::Rule("vkcube was not run".to_owned())),
        few => Err(Error::Rule(format!(
            "only {few} of vkcube's frames were the same"
        ))),
    }
}

/// The frames that were seen by one road.
#[derive(Default)]
struct Seen {
    /// Of all runs; to keep all pictures would take gigabytes.
    digests: BTreeSet<u64>,
    /// Of the last run.
    newest: Vec<Picture>,
}

impl Seen {
    fn add(&mut self, pictures: Vec<Picture>) {
        self.digests.extend(pictures.iter().map(digest));
        self.newest = pictures;
    }

    /// A frame that the other has seen, too, if there are enough of them.
    fn shares(&self, other: &Self) -> Option<Picture> {
        let common: BTreeSet<_> = self.digests.intersection(&other.digests).collect();
        let mut newest = self.newest.iter().chain(&other.newest);
        let picture = newest.find(|picture| common.contains(&digest(picture)))?;
        (common.len() >= IN_COMMON).then(|| picture.clone())
    }
}

fn digest(picture: &Picture) -> u64 {
    let mut hasher = DefaultHasher::new();
    picture.rgb.hash(&mut hasher);
    hasher.finish()
}

/// The last frames that were seen whole.
fn frames(stage: &Stage, road: Road) -> Result<Vec<Picture>> {
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
    if shown.pictures.is_empty() {
        return Err(Error::Rule(format!(
            "vkcube ({}) showed nothing",
            road.name()
        )));
    }
    Ok(shown.pictures)
}

#[cfg(test)]
mod tests {
    use super::{IN_COMMON, Seen};
    use crate::picture::Picture;

    fn seen(pictures: std::ops::Range<usize>) -> Seen {
        let picture = |at: usize| Picture {
            width: 1,
            height: 1,
            rgb: vec![at as u8, 0, 0],
        };
        let mut seen = Seen::default();
        seen.add(pictures.map(picture).collect());
        seen
    }

    #[test]
    fn enough_frames_in_common_are_the_same() {
        let native = seen(0..9);
        assert!(native.shares(&seen(9 - IN_COMMON..20)).is_some());
        assert!(native.shares(&seen(10 - IN_COMMON..20)).is_none());
        assert!(native.shares(&seen(9..20)).is_none());
    }
}
