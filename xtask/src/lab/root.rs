//! Makes a Debian root directory with `mmdebstrap`, once.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::mirror;
use crate::command;
use crate::error::{Error, Result};
use crate::packages::{self, Need};

/// Nobody reads these in a lab; without them it is a third smaller.
const LEFT_OUT: &[&str] = &[
    "/usr/share/man/*",
    "/usr/share/doc/*",
    "/usr/share/locale/*",
];

/// What a root directory is made from.
pub(crate) struct Recipe {
    /// What the messages call it.
    pub(crate) title: &'static str,
    /// Where it lies; beside it, `.partial` while it grows and `.packages` for what it holds.
    pub(crate) root: PathBuf,
    pub(crate) suite: &'static str,
    /// A further suite of the same archive, preferred where it has a package.
    pub(crate) backports: Option<&'static str>,
    pub(crate) packages: BTreeSet<&'static str>,
    /// Shell scripts that finish it; their first argument is the root.
    pub(crate) hooks: Vec<&'static str>,
    /// Where packages come from, instead of this machine's own apt sources.
    pub(crate) mirror: Option<String>,
    /// Makes it anew even if it is up to date.
    pub(crate) rebuild: bool,
}

impl Recipe {
    /// Ensures the root directory and returns where it lies.
    pub(crate) fn make(&self) -> Result<PathBuf> {
        let place = Place::of(&self.root);
        let wanted = self.wanted();
        if !self.rebuild && place.holds(&wanted) {
            return Ok(place.root);
        }
        packages::ensure(&needs())?;
        let start = Instant::now();
        println!(
            "making {}: Debian {} in {}",
            self.title,
            self.suite,
            place.root.display()
        );
        place.clear()?;
        self.bootstrap(&place.partial)?;
        place.finish(&wanted)?;
        let took = start.elapsed().as_secs();
        println!("{} is made: {took} s", self.title);
        Ok(place.root)
    }

    /// What a root directory of this recipe holds, one line each.
    fn wanted(&self) -> BTreeSet<String> {
        let packages = self.packages.iter().map(|name| (*name).to_owned());
        let hooks = self.hooks.iter().map(|hook| format!("hook {hook:?}"));
        let backports = self.backports.map(|suite| format!("suite {suite}"));
        packages.chain(hooks).chain(backports).collect()
    }

    fn bootstrap(&self, into: &Path) -> Result<()> {
        if rustix::process::geteuid().is_root() {
            let mut builder = self.mmdebstrap("root", "directory");
            return command::run(builder.arg(into).args(self.sources()));
        }
        self.unpack_as_user(into)
    }

    /// Without root the tree is built in a user namespace and unpacked as one's own files,
    /// so that it can be removed like any other build output.
    fn unpack_as_user(&self, into: &Path) -> Result<()> {
        let mut builder = self.mmdebstrap("unshare", "tar");
        let mut child = builder
            .arg("-")
            .args(self.sources())
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

    fn mmdebstrap(&self, mode: &str, format: &str) -> Command {
        let names: Vec<&str> = self.packages.iter().copied().collect();
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
            .args(self.backports.map(pin))
            .args(
                self.hooks
                    .iter()
                    .map(|hook| format!("--customize-hook={hook}")),
            )
            .arg(format!("--include={}", names.join(",")))
            .arg(self.suite);
        command
    }

    fn sources(&self) -> Vec<String> {
        let mirror = self.mirror.clone().unwrap_or_else(mirror::of_this_machine);
        [Some(self.suite), self.backports]
            .into_iter()
            .flatten()
            .map(|suite| format!("deb {mirror} {suite} main"))
            .collect()
    }
}

/// A backports suite is passed over by apt unless it is told otherwise.
fn pin(suite: &str) -> String {
    format!(
        "--setup-hook=mkdir -p \"$1/etc/apt/preferences.d\" && \
         printf 'Package: *\\nPin: release n={suite}\\nPin-Priority: 600\\n' \
         >\"$1/etc/apt/preferences.d/backports\""
    )
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

/// The root at `root` if it is whole, whatever it holds.
pub(crate) fn made(root: &Path) -> Option<PathBuf> {
    let place = Place::of(root);
    place.stamp.is_file().then_some(place.root)
}

/// Where a root lies, where it grows until it is whole, and the list of what it holds.
struct Place {
    root: PathBuf,
    partial: PathBuf,
    stamp: PathBuf,
}

impl Place {
    fn of(root: &Path) -> Self {
        let beside = |ending: &str| {
            let mut name = root.file_name().unwrap_or_default().to_owned();
            name.push(ending);
            root.with_file_name(name)
        };
        Self {
            root: root.to_owned(),
            partial: beside(".partial"),
            stamp: beside(".packages"),
        }
    }

    fn holds(&self, wanted: &BTreeSet<String>) -> bool {
        let held = fs::read_to_string(&self.stamp).unwrap_or_default();
        let held: BTreeSet<&str> = held.lines().collect();
        wanted.iter().all(|line| held.contains(line.as_str()))
    }

    fn clear(&self) -> Result<()> {
        if self.stamp.exists() {
            fs::remove_file(&self.stamp).map_err(Error::io("remove", &self.stamp))?;
        }
        remove_tree(&self.root)?;
        remove_tree(&self.partial)?;
        fs::create_dir_all(&self.partial).map_err(Error::io("create", &self.partial))
    }

    fn finish(&self, held: &BTreeSet<String>) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::{Path, PathBuf, Place, Recipe};

    fn recipe() -> Recipe {
        Recipe {
            title: "a root",
            root: PathBuf::from("/nowhere/trixie"),
            suite: "trixie",
            backports: Some("trixie-backports"),
            packages: ["mount", "kmod"].into(),
            hooks: vec!["echo\n\"$1\""],
            mirror: Some("http://mirror.example/debian".to_owned()),
            rebuild: false,
        }
    }

    #[test]
    fn every_part_of_a_recipe_is_one_line_of_what_is_wanted() {
        let wanted = recipe().wanted();
        assert!(wanted.iter().all(|line| !line.contains('\n')));
        assert!(wanted.contains("kmod") && wanted.contains("suite trixie-backports"));
        assert_eq!(wanted.len(), 4);
    }

    #[test]
    fn both_suites_are_sources() {
        let sources = [
            "deb http://mirror.example/debian trixie main",
            "deb http://mirror.example/debian trixie-backports main",
        ];
        assert_eq!(recipe().sources(), sources);
    }

    #[test]
    fn what_belongs_to_a_root_lies_beside_it() {
        let place = Place::of(Path::new("/a/vm.d/root"));
        assert_eq!(place.stamp, Path::new("/a/vm.d/root.packages"));
        assert_eq!(place.partial, Path::new("/a/vm.d/root.partial"));
    }
}
