//! Pictures of programs whose clock stands still: what they show depends on the time.

use std::time::Duration;

use super::frames;
use super::stage::{Road, Stage};
use crate::error::{Error, Result};
use crate::lab::Screen;
use crate::picture::{Picture, Verdict};

/// How many seconds the clock stands still; the second number is for a machine that was busy.
///
/// Then the program sees that its time is up. It must not be interrupted instead: it would have
/// its system calls end early (no `SA_RESTART`), and Mesa's client takes a read of its socket
/// that was interrupted for a lost connection, and aborts (`vtest_read` of
/// `src/virtio/vulkan/vn_renderer_vtest.c`).
const PATIENCE: [u32; 2] = [3, 12];

/// What a program may take beyond that: start-up, pipelines, pictures loaded.
const SLACK: Duration = Duration::from_secs(45);

/// Compares what `words` shows on a screen of this size natively and by `road`.
pub(crate) fn compare(
    stage: &Stage,
    road: Road,
    words: &[&str],
    screen: Screen,
) -> Result<Verdict> {
    let native = picture(stage, Road::Native, words, screen)?;
    let through = picture(stage, road, words, screen)?;
    Verdict::of(&[native], &[through]).ok_or_else(|| nothing(words, road))
}

fn picture(stage: &Stage, road: Road, words: &[&str], screen: Screen) -> Result<Picture> {
    for seconds in PATIENCE {
        let clock_stopped = stage.stop_clock(seconds);
        let clock_stopped: Vec<&str> = clock_stopped.iter().map(String::as_str).collect();
        let words = [&clock_stopped[..], words].concat();
        let (ran, shown) = frames::watch(stage.shared().outside(), || {
            stage.run_on_screen(road, &words, SLACK, screen)
        });
        ran?;
        if let Some(picture) = shown.longest {
            return Ok(picture);
        }
    }
    Err(nothing(words, road))
}

fn nothing(words: &[&str], road: Road) -> Error {
    Error::Rule(format!(
        "{} ({}) showed nothing",
        words.join(" "),
        road.name()
    ))
}
