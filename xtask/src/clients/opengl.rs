//! `gl-client`, the own OpenGL program: its scenes natively and through Paravane.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::stage::{Road as StageRoad, Stage};
use crate::command;
use crate::error::{Error, Result};
use crate::lab::{Call, Room};
use crate::road::{Road, Server};
use crate::workspace::{Profile, Workspace};

/// The package and its program.
const NAME: &str = "gl-client";

/// All scenes on a busy machine, in seconds.
const LIMIT: u64 = 300;

/// Where Mesa's virgl client looks for its server if it is older than the variable that says
/// where (`VTEST_DEFAULT_SOCKET_NAME` of virglrenderer's `vtest/vtest_protocol.h`).
const DEFAULT_SOCKET: &str = "/tmp/.virgl_test";

/// Draws every scene by both roads and compares pictures and buffers; a picture's channels may
/// be rounded otherwise, because shaders come through a language that has not all of the
/// client's operations.
pub(crate) fn compare(stage: &Stage, workspace: &Workspace) -> Result<()> {
    let client = stage.bring(&workspace.build(NAME, NAME, Profile::Dev)?, NAME)?;
    let limit = Duration::from_secs(LIMIT);
    let inside = |road: StageRoad| {
        let folder = stage.shared().inside().join(NAME).join(road.name());
        folder.to_string_lossy().into_owned()
    };
    let (native, through) = (inside(StageRoad::Native), inside(StageRoad::Virgl));
    for (road, out) in [(StageRoad::Native, &native), (StageRoad::Virgl, &through)] {
        stage.run(road, &[&client, "render", "--out", out], limit)?;
    }
    let words = [
        &client,
        "compare",
        "--common",
        "--rounding",
        &native,
        &through,
    ];
    stage.run(StageRoad::Native, &words, limit).map(drop)
}

/// The same with this machine's own Mesa, outside of any lab.
pub(crate) fn compare_here(workspace: &Workspace, paravane: &Path) -> Result<()> {
    let client = workspace.build(NAME, NAME, Profile::Dev)?;
    let room = Room::of_host_apart(workspace)?;
    let shared = room.share()?;
    let folder = |road: Road| -> OsString { shared.inside().join(road.folder()).into() };
    let run = |road: Road, words: &[OsString]| {
        let limit = LIMIT.to_string();
        let mut line: Vec<OsString> = ["timeout", "--kill-after=5", &limit].map(Into::into).into();
        line.push(client.clone().into());
        line.extend(words.iter().cloned());
        let server = Server {
            paravane: paravane.into(),
            log: shared.inside().join("server.log").into(),
            gles: false,
        };
        let call = Call::new(server.line(road, line))
            .env("LIBGL_ALWAYS_SOFTWARE", "true")
            .env("SOCKET", DEFAULT_SOCKET);
        let output = command::output(&mut room.command(&call))?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        match output.status.success() {
            true => Ok(said),
            false => Err(Error::Rule(format!("{}: {said}", output.status))),
        }
    };
    for road in [Road::Native, Road::Paravane] {
        let said = run(road, &["render".into(), "--out".into(), folder(road)])?;
        // A client that finds no server draws by itself.
        if (road == Road::Paravane) != said.contains("virgl (") {
            return Err(Error::Rule(format!("{}: {said}", road.name())));
        }
    }
    let mut words: Vec<OsString> = ["compare", "--common", "--rounding"].map(Into::into).into();
    words.extend([folder(Road::Native), folder(Road::Paravane)]);
    run(Road::Native, &words).map(drop)
}
