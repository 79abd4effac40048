//! Makes a lab with `mmdebstrap`, once.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{Extra, Plan, Suite, folder, mirror};
use crate::command;
use crate::error::{Error, Result};
use crate::packages::{self, Need};
use crate::workspace::Workspace;

/// Every lab has these: Mesa's drivers for host and guest, the clients, an X server.
const PACKAGES: &[&str] = &[
    "glmark2-x11",
    "libegl-mesa0",
    "libegl1",
    "libgl1",
    "libgl1-mesa-dri",
    "libgles2",
    "libglx-mesa0",
    "mesa-utils-bin",
    "mesa-vulkan-drivers",
    "mount",
    "procps",
    "vkmark",
    "vulkan-tools",
    "vulkan-validationlayers",
    "xvfb",
];

/// With the renderer that Paravane's virgl is compared with.
const PIGLIT: &[&str] = &["piglit", "python3", "virgl-server"];

/// Nobody reads these in a lab; without them it is a third smaller.
const LEFT_OUT: &[&str] = &[
    "/usr/share/man/*",
    "/usr/share/doc/*",
    "/usr/share/locale/*",
];

/// Ensures the lab of `plan` and returns its root directory.
pub(crate) fn make(workspace: &Workspace, plan: &Plan) -> Result<PathBuf> {
    let place = Place::of(workspace, plan.suite);
    let wanted = packages(&plan.extras);
    if !plan.rebuild && place.holds(&wanted) {
        return Ok(place.root);
    }
    packages::ensure(&needs())?;
    let start = Instant::now();
    println!(
        "making the lab: Debian {} in {}",
        plan.suite.name(),
        place.root.display()
    );
    place.clear()?;
    bootstrap(plan, &wanted, &place.partial)?;
    place.finish(&wanted)?;
    println!("the lab is made: {} s", start.elapsed().as_secs());
    Ok(place.root)
}

/// The root of `suite`'s lab if there is one.
pub(crate) fn made(workspace: &Workspace, suite: Suite) -> Option<PathBuf> {
    let place = Place::of(workspace, suite);
    place.stamp.is_file().then_some(place.root)
}

fn packages(extras: &[Extra]) -> BTreeSet<&'static str> {
    let mut names: BTreeSet<_> = PACKAGES.iter().copied().collect();
    for extra in extras {
        match extra {
            Extra::Piglit => names.extend(PIGLIT),
        }
    }
    names
}

fn needs() -> Vec<Need> {
    let mut needs = vec![
        Need::Program("mmdebstrap", "mmdebstrap"),
        Need::Program("tar", "tar"),
    ];
    if !rustix::process::geteuid().is_root() {
        needs.push(Need::Program("newuidmap", "uidmap"));
    }
    needs
}

/// Where a lab lies, where it grows until it is whole, and the list of what it holds.
struct Place {
    root: PathBuf,
    partial: PathBuf,
    stamp: PathBuf,
}

impl Place {
    fn of(workspace: &Workspace, suite: Suite) -> Self {
        let folder = folder(workspace);
        Self {
            root: folder.join(suite.name()),
            partial: folder.join(format!("{}.partial", suite.name())),
            stamp: folder.join(format!("{}.packages", suite.name())),
        }
    }

    fn holds(&self, wanted: &BTreeSet<&str>) -> bool {
        let held = fs::read_to_string(&self.stamp).unwrap_or_default();
        let held: BTreeSet<&str> = held.lines().collect();
        wanted.is_subset(&held)
    }

    fn clear(&self) -> Result<()> {
        if self.stamp.exists() {
            fs::remove_file(&self.stamp).map_err(Error::io("remove", &self.stamp))?;
        }
        remove_tree(&self.root)?;
        remove_tree(&self.partial)?;
        fs::create_dir_all(&self.partial).map_err(Error::io("create", &self.partial))
    }

    fn finish(&self, held: &BTreeSet<&str>) -> Result<()> {
        fs::rename(&self.partial, &self.root).map_err(Error::io("rename", &self.partial))?;
        let list: String = held.iter().map(|name| format!("{name}\n")).collect();
        fs::write(&self.stamp, list).map_err(Error::io("write", &self.stamp))
    }
}

/// Removes a root directory, unless something is still mounted in it.
fn remove_tree(root: &Path) -> Result<()> {
    if !root.exists() {
        return Ok(());
    }
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let inside = format!("{}/", root.display());
    if let Some(line) = mounts.lines().find(|line| line.contains(&inside)) {
        return Err(Error::Missing(format!(
            "{} holds a mount, so it is not removed; unmount it first: {line}",
            root.display()
        )));
    }
    fs::remove_dir_all(root).map_err(Error::io("remove", root))
}

fn bootstrap(plan: &Plan, wanted: &BTreeSet<&str>, into: &Path) -> Result<()> {
    if rustix::process::geteuid().is_root() {
        return command::run(
            mmdebstrap(plan, wanted, "root", "directory")
                .arg(into)
                .arg(source(plan)),
        );
    }
    unpack_as_user(plan, wanted, into)
}

/// Without root the tree is built in a user namespace and unpacked as one's own files,
/// so that it can be removed like any other build output.
fn unpack_as_user(plan: &Plan, wanted: &BTreeSet<&str>, into: &Path) -> Result<()> {
    let mut builder = mmdebstrap(plan, wanted, "unshare", "tar");
    let mut child = builder
        .arg("-")
        .arg(source(plan))
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| Error::Spawn {
            command: command::line(&builder),
            source,
        })?;
    let mut tar = Command::new("tar");
    tar.args([
        "--extract",
        "--exclude=./dev/*",
        "--no-same-owner",
        "--directory",
    ])
    .arg(into);
    if let Some(stream) = child.stdout.take() {
        tar.stdin(stream);
    }
    let unpacked = command::run(&mut tar);
    let status = child
        .wait()
        .map_err(Error::io("wait for mmdebstrap in", into))?;
    if !status.success() {
        return Err(Error::Failed {
            command: command::line(&builder),
            status,
        });
    }
    unpacked
}

fn mmdebstrap(plan: &Plan, wanted: &BTreeSet<&str>, mode: &str, format: &str) -> Command {
    let names: Vec<&str> = wanted.iter().copied().collect();
    let mut command = Command::new("mmdebstrap");
    command
        .args([format!("--mode={mode}"), format!("--format={format}")])
        .args([
            "--variant=minbase",
            "--aptopt=APT::Install-Recommends \"false\"",
        ])
        // A snapshot or a lagging mirror of sid has an index past its date.
        .arg("--aptopt=Acquire::Check-Valid-Until \"false\"")
        .args(
            LEFT_OUT
                .iter()
                .map(|glob| format!("--dpkgopt=path-exclude={glob}")),
        )
        .arg(format!("--include={}", names.join(",")))
        .arg(plan.suite.name());
    command
}

fn source(plan: &Plan) -> String {
    let mirror = plan.mirror.clone().unwrap_or_else(mirror::of_this_machine);
    format!("deb {mirror} {} main", plan.suite.name())
}
