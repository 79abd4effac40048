//! `vkmark`: its scenes, their speed headless, and their picture under Xvfb.

use std::time::Duration;

use super::stage::{Road, Stage};
use super::still;
use crate::error::{Error, Result};
use crate::lab::Screen;
use crate::picture::Verdict;

/// What a scene may take beyond its own duration: start-up, pipelines, pictures loaded.
const SLACK: Duration = Duration::from_secs(30);

/// One scene's run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    /// The device's name as vkmark prints it.
    pub(crate) device: String,
    /// Frames a second.
    pub(crate) fps: f64,
}

/// Every scene that this vkmark has, in its order.
pub(crate) fn scenes(stage: &Stage) -> Result<Vec<String>> {
    let text = stage.run(
        Road::Native,
        &["vkmark", "--winsys", "headless", "--list-scenes"],
        SLACK,
    )?;
    let scenes = listed(&text);
    if scenes.is_empty() {
        return Err(Error::Rule("vkmark lists no scenes".to_owned()));
    }
    Ok(scenes)
}

/// Runs one scene for `seconds`.
pub(crate) fn run(stage: &Stage, road: Road, scene: &str, seconds: f64) -> Result<Score> {
    let benchmark = format!("{scene}:duration={seconds}");
    let limit = SLACK + Duration::from_secs_f64(seconds);
    let text = stage.run(
        road,
        &["vkmark", "--winsys", "headless", "--benchmark", &benchmark],
        limit,
    )?;
    parse(&text).ok_or_else(|| Error::Rule(format!("vkmark {scene} drew nothing:\n{text}")))
}

/// Compares a scene's picture by both roads.
pub(crate) fn compare(stage: &Stage, scene: &str) -> Result<Verdict> {
    let words = ["vkmark", "--winsys", "xcb", "--benchmark", scene];
    still::compare(stage, Road::Paravane, &words, SCREEN)
}

/// The size of vkmark's window.
const SCREEN: Screen = Screen {
    width: 800,
    height: 600,
};
fn listed(text: &str) -> Vec<String> {
    let names = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("[Scene]"));
    names.map(|name| name.trim().to_owned()).collect()
}

fn parse(text: &str) -> Option<Score> {
    let device = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Device Name:"))?;
    let fps: f64 = text
        .split_once("FPS:")?
        .1
        .split_whitespace()
        .next()?
        .parse()
        .ok()?;
    (fps > 0.0).then(|| Score {
        device: device.trim().to_owned(),
        fps,
    })
}

#[cfg(test)]
mod tests {
    use super::{Score, listed, parse};

    #[test]
    fn a_score_is_read() {
        let text = "    Device Name:    llvmpipe (LLVM 19.1.7, 256 bits)\n=====\n[clear] duration=3: FPS: 4484 FrameTime: 0.223 ms\n";
        let device = "llvmpipe (LLVM 19.1.7, 256 bits)".to_owned();
        assert_eq!(
            parse(text),
            Some(Score {
                device,
                fps: 4484.0
            })
        );
        assert_eq!(parse(&text.replace("4484", "0")), None);
        assert_eq!(parse("Device Name: x\n"), None);
    }

    #[test]
    fn scenes_are_listed() {
        let text =
            "[Scene] vertex\n  [Option] interleave\n    Default Value: true\n[Scene] clear\n";
        assert_eq!(listed(text), ["vertex", "clear"]);
    }
}
