//! `vulkan-client`, the own test client: its scenes natively and through Paravane.

use std::path::PathBuf;
use std::time::Duration;

use super::stage::{Road, Stage};
use crate::error::{Error, Result};
use crate::workspace::{Profile, Workspace};

/// The package and its program.
const NAME: &str = "vulkan-client";

/// All scenes on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);

/// Whether the workspace has the client.
pub(crate) fn exists(workspace: &Workspace) -> bool {
    workspace.has_program(NAME, NAME)
}

/// Draws every scene by both roads and compares all pictures and buffers byte by byte.
///
/// Returns where the pictures drawn through Paravane are. A scene that needs a feature
/// which Paravane withholds is drawn by one road alone, and not compared.
pub(crate) fn compare(stage: &Stage, workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let client = stage.bring(&workspace.build(NAME, NAME, profile)?, NAME)?;
    let inside = |road: Road| {
        let folder = stage.shared().inside().join(road.name());
        folder.to_string_lossy().into_owned()
    };
    for road in [Road::Native, Road::Paravane] {
        stage.run(road, &[&client, "render", "--out", &inside(road)], LIMIT)?;
    }
    let words = [
        &client,
        "compare",
        "--common",
        &inside(Road::Native),
        &inside(Road::Paravane),
    ];
    stage.run(Road::Native, &words, LIMIT)?;
    exchange(stage, &client)?;
    Ok(stage.shared().outside().join(Road::Paravane.name()))
}

/// Draws the scene that hands an image over, in both ways that Paravane has for that. It checks
/// itself; no driver of these rooms can draw it natively.
fn exchange(stage: &Stage, client: &str) -> Result<()> {
    const SCENE: &str = "exchange";
    let folder = stage.shared().inside().join(SCENE);
    let folder = folder.to_string_lossy();
    for way in ["direct", "staged"] {
        let words = [client, "render", "--out", &folder, SCENE];
        let printed = stage.run_with(&["--exchanged-images", way], &words, LIMIT)?;
        if !printed.contains("OK exchange") {
            return Err(Error::Rule(format!("{SCENE}, {way}: not drawn: {printed}")));
        }
    }
    Ok(())
}
