//! `glmark2`: its scenes' own validation and their speed off-screen, and their picture.
//!
//! Its contexts come from GLX, so it runs under Xvfb off-screen, too.

use std::time::Duration;

use super::stage::{Road, Stage};
use super::still;
use crate::error::{Error, Result};
use crate::lab::Screen;
use crate::picture::Verdict;

/// What a scene may take beyond its own duration: start-up, shaders, models loaded.
const SLACK: Duration = Duration::from_secs(30);
/// Of every scene's validation, some forty, on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);
/// The size of its window.
const SCREEN: Screen = Screen {
    width: 800,
    height: 600,
};

/// One scene's run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    /// The renderer's name as glmark2 prints it.
    pub(crate) renderer: String,
    /// Frames a second.
    pub(crate) fps: f64,
}

/// A scene with its options, and what glmark2 says of its picture.
type Validation<'a> = (&'a str, &'a str);

/// Has every scene checked by glmark2 itself, by single pixels of it; returns how many it has
/// found right. Of some it knows nothing.
pub(crate) fn validate(stage: &Stage, road: Road) -> Result<usize> {
    let words = ["glmark2", "--off-screen", "--validate"];
    let text = stage.run_on_screen(road, &words, LIMIT, SCREEN)?;
    let (right, wrong): (Vec<_>, Vec<_>) = validations(&text)
        .into_iter()
        .filter(|(_, verdict)| *verdict != "Unknown")
        .partition(|(_, verdict)| *verdict == "Success");
    if right.is_empty() || !wrong.is_empty() {
        let count = right.len();
        return Err(Error::Rule(format!(
            "{count} scenes are right, wrong are {wrong:?}"
        )));
    }
    Ok(right.len())
}

/// Runs one scene off-screen for `seconds`.
pub(crate) fn run(stage: &Stage, road: Road, scene: &str, seconds: f64) -> Result<Score> {
    let benchmark = format!("{scene}:duration={seconds}");
    let words = ["glmark2", "--off-screen", "--benchmark", &benchmark];
    let limit = SLACK + Duration::from_secs_f64(seconds);
    let text = stage.run_on_screen(road, &words, limit, SCREEN)?;
    parse(&text).ok_or_else(|| Error::Rule(format!("glmark2 {scene} drew nothing:\n{text}")))
}

/// Compares a scene's picture in its window natively and through Paravane.
pub(crate) fn compare(stage: &Stage, scene: &str) -> Result<Verdict> {
    let words = ["glmark2", "--benchmark", scene];
    still::compare(stage, Road::Virgl, &words, SCREEN)
}

fn validations(text: &str) -> Vec<Validation<'_>> {
    let lines = text
        .lines()
        .filter_map(|line| line.split_once("Validation:"));
    lines
        .map(|(scene, verdict)| (scene.trim().trim_end_matches(':'), verdict.trim()))
        .collect()
}

fn parse(text: &str) -> Option<Score> {
    let value = |name| Some(text.split_once(name)?.1.lines().next()?.trim());
    let fps = value("FPS:")?.split_whitespace().next()?.parse().ok()?;
    (fps > 0.0).then_some(Score {
        renderer: value("GL_RENDERER:")?.to_owned(),
        fps,
    })
}

#[cfg(test)]
mod tests {
    use super::{Score, parse, validations};

    #[test]
    fn a_score_is_read() {
        let text = "    GL_RENDERER:    llvmpipe (LLVM 22.1.8, 256 bits)\n    GL_VERSION:     4.6\n[build] use-vbo=true: FPS: 612 FrameTime: 1.634 ms\n";
        let renderer = "llvmpipe (LLVM 22.1.8, 256 bits)".to_owned();
        assert_eq!(
            parse(text),
            Some(Score {
                renderer,
                fps: 612.0
            })
        );
        assert_eq!(parse(&text.replace("612", "0")), None);
        assert_eq!(parse("FPS: 612\n"), None);
    }

    #[test]
    fn validations_are_read() {
        let text = "** a remark\n[build] use-vbo=true: Validation: Success\n[shadow] <default>: Validation: Unknown\n";
        let expected = [
            ("[build] use-vbo=true", "Success"),
            ("[shadow] <default>", "Unknown"),
        ];
        assert_eq!(validations(text), expected);
    }
}
