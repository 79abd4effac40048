//! Guests for the VM lab: a Debian root directory with its stock kernel, and a small initramfs.
//!
//! The root is the guest's root file system as it is, by virtiofs: nothing is packed into a
//! disk, so an image is made in a minute and a changed test needs none. Kernels from 6.12 on
//! have virtiofs built in; Debian 12's loads it from the initramfs, which also serves alone as
//! the guest of tests that need no more than the bare device.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::ValueEnum;

use crate::command;
use crate::error::{Error, Result};
use crate::lab::{self, Call, Recipe, Room};
use crate::workspace::Workspace;

/// A Debian suite that a guest can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generation {
    /// Debian 12: Linux 6.1, Mesa 22.3.
    Bookworm,
    /// Debian 13: Linux 6.12, Mesa 25.0.
    Trixie,
    /// Debian's development suite: the newest kernel and Mesa.
    Sid,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask guest-image\n  \
    cargo xtask guest-image --suite sid --short\n  \
    cargo xtask guest-image --suite bookworm --rebuild")]
pub(crate) struct Options {
    /// The Debian suite.
    #[arg(long, value_enum, default_value_t = Generation::Trixie)]
    suite: Generation,
    /// Only what the short form of the tests needs: no Vulkan, no desktop.
    #[arg(long)]
    short: bool,
    /// Where Debian packages come from, instead of this machine's own apt sources.
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,
    /// Makes the image anew even if it is up to date.
    #[arg(long)]
    rebuild: bool,
}

/// What a guest image is made from.
pub(crate) struct Plan {
    pub(crate) suite: Generation,
    /// Without the programs that only the long tests run.
    pub(crate) short: bool,
    pub(crate) mirror: Option<String>,
    pub(crate) rebuild: bool,
}

/// A guest that can be booted.
pub(crate) struct Guest {
    pub(crate) suite: Generation,
    /// Its root file system.
    pub(crate) root: PathBuf,
    pub(crate) kernel: PathBuf,
    /// The small initramfs.
    pub(crate) mini: PathBuf,
}

/// Every guest has these: the console's and the device's tools, and OpenGL.
const PACKAGES: &[&str] = &[
    "busybox-static",
    "edid-decode",
    "glmark2-es2-drm",
    "kmod",
    "kmscube",
    "libdrm-tests",
    "libegl1",
    "libgbm1",
    "libgl1-mesa-dri",
    "libgles2",
    "mesa-utils-bin",
    "mount",
    "procps",
];

/// For the long tests: Vulkan, its filters, and a desktop.
const LONG: &[&str] = &[
    "ffmpeg",
    "mesa-vulkan-drivers",
    "seatd",
    "udev",
    "vulkan-tools",
    "weston",
];

const KERNEL: &str = include_str!("guest_image/kernel.sh");
const MINI: &str = include_str!("guest_image/mini.sh");

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let plan = Plan {
        suite: options.suite,
        short: options.short,
        mirror: options.mirror.clone(),
        rebuild: options.rebuild,
    };
    let guest = make(&workspace, &plan)?;
    println!(
        "the guest is ready: {} in {}; `cargo xtask vm-test --suite {}` boots it",
        name(&guest.kernel),
        guest.root.display(),
        guest.suite.name()
    );
    Ok(ExitCode::SUCCESS)
}

/// Ensures the guest of `plan`.
pub(crate) fn make(workspace: &Workspace, plan: &Plan) -> Result<Guest> {
    let folder = folder(workspace).join(plan.suite.name());
    let root = recipe(plan, &folder).make()?;
    let mini = folder.join("mini.cpio");
    make_mini(workspace, &root, &mini)?;
    let kernel = kernel(&root)?;
    let suite = plan.suite;
    Ok(Guest {
        suite,
        root,
        kernel,
        mini,
    })
}

/// Whether there is a guest of `suite`, whatever its packages.
pub(crate) fn is_made(workspace: &Workspace, suite: Generation) -> bool {
    let root = folder(workspace).join(suite.name()).join("root");
    lab::made_root(&root).is_some()
}

/// The folder of everything about virtual machines.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target().join("vm")
}

/// The folder of the programs that run inside guests.
pub(crate) fn programs(workspace: &Workspace) -> PathBuf {
    workspace.root().join("tests/vm")
}

impl Generation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
            Self::Sid => "sid",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut all = Self::value_variants().iter().copied();
        all.find(|suite| suite.name() == name)
    }

    /// Whether the kernel mounts a virtiofs root itself; else the initramfs does.
    pub(crate) fn mounts_virtiofs(self) -> bool {
        self != Self::Bookworm
    }
}

impl Plan {
    pub(crate) fn of(suite: Generation, short: bool) -> Self {
        Self {
            suite,
            short,
            mirror: None,
            rebuild: false,
        }
    }
}

fn recipe(plan: &Plan, folder: &Path) -> Recipe {
    let mut packages: BTreeSet<_> = PACKAGES.iter().copied().collect();
    if !plan.short {
        packages.extend(LONG);
    }
    Recipe {
        title: "the guest",
        root: folder.join("root"),
        suite: plan.suite.name(),
        backports: None,
        packages,
        hooks: vec![KERNEL],
        mirror: plan.mirror.clone(),
        rebuild: plan.rebuild,
    }
}

/// Packs the initramfs unless what it is made from is older.
fn make_mini(workspace: &Workspace, root: &Path, mini: &Path) -> Result<()> {
    let init = programs(workspace).join("init.sh");
    let stamp = mini.with_extension("stamp");
    let wanted = plan_of_mini(root, &init)?;
    if mini.is_file() && fs::read_to_string(&stamp).is_ok_and(|held| held == wanted) {
        return Ok(());
    }
    let start = Instant::now();
    let room = Room::of_root(workspace, root.to_owned())?;
    let mut words: Vec<OsString> = ["sh", "-c", MINI, "mini"].map(Into::into).into();
    words.extend([mini.into(), init.into()]);
    command::run(&mut room.command(&Call::new(words)))?;
    fs::write(&stamp, wanted).map_err(Error::io("write", &stamp))?;
    let took = start.elapsed().as_secs_f32();
    println!("the small initramfs is made: {took:.1} s");
    Ok(())
}

/// Everything that a change of would change the initramfs.
fn plan_of_mini(root: &Path, init: &Path) -> Result<String> {
    let init = fs::read_to_string(init).map_err(Error::io("read", init))?;
    let packages = root.with_file_name("root.packages");
    let made = fs::metadata(&packages).and_then(|data| data.modified());
    let made = made.map_err(Error::io("read", &packages))?;
    Ok(format!("{made:?}\n{MINI}\n{init}"))
}

fn kernel(root: &Path) -> Result<PathBuf> {
    let boot = root.join("boot");
    let entries = fs::read_dir(&boot).map_err(Error::io("read", &boot))?;
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .find(|path| name(path).starts_with("vmlinuz-"))
        .ok_or_else(|| Error::Missing(format!("{} holds no kernel", boot.display())))
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Generation, LONG, PACKAGES, Path, Plan, recipe};

    #[test]
    fn the_short_guest_is_a_part_of_the_long_one() {
        let packages = |short| recipe(&Plan::of(Generation::Sid, short), Path::new("/x")).packages;
        assert!(packages(true).is_subset(&packages(false)));
        assert_eq!(packages(true).len(), PACKAGES.len());
        assert_eq!(packages(false).len(), PACKAGES.len() + LONG.len());
    }
}
