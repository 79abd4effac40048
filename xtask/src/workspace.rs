//! The workspace as cargo sees it: its folders and packages.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{Message, Metadata, MetadataCommand, Package, TargetKind};

use crate::command;
use crate::error::{Error, Result};

pub(crate) struct Workspace {
    metadata: Metadata,
}

/// How a program of the workspace is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
}

impl Workspace {
    /// Asks cargo; fails if a manifest is broken or the lock file is out of date.
    pub(crate) fn load() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let metadata = MetadataCommand::new()
            .manifest_path(manifest)
            .other_options(["--locked".to_owned()])
            .exec()?;
        Ok(Self { metadata })
    }

    pub(crate) fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    pub(crate) fn target(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// The workspace's own packages.
    pub(crate) fn members(&self) -> Vec<&Package> {
        self.metadata.workspace_packages()
    }

    /// Packages from elsewhere, every one in the lock file for this platform or another.
    pub(crate) fn foreign(&self) -> impl Iterator<Item = &Package> {
        self.metadata
            .packages
            .iter()
            .filter(|package| package.source.is_some())
    }

    /// Whether package `package` has a program called `name`.
    pub(crate) fn has_program(&self, package: &str, name: &str) -> bool {
        self.members()
            .iter()
            .filter(|member| member.name.as_str() == package)
            .any(|member| {
                member
                    .targets
                    .iter()
                    .any(|target| target.name == name && target.kind.contains(&TargetKind::Bin))
            })
    }

    /// A cargo command, run in the workspace's root.
    pub(crate) fn cargo<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.args(words).current_dir(self.root());
        cargo
    }

    /// Builds the program `name` of package `package` and returns where it lies.
    pub(crate) fn build(&self, package: &str, name: &str, profile: Profile) -> Result<PathBuf> {
        let mut cargo = self.cargo(["build", "--locked", "--package", package, "--bin", name]);
        if profile == Profile::Release {
            cargo.arg("--release");
        }
        command::run(&mut cargo)?;
        Ok(self.built(profile).join(name))
    }

    /// Builds the tests `name` of package `package` and returns the program that runs them.
    pub(crate) fn build_test(&self, package: &str, name: &str) -> Result<PathBuf> {
        let words = ["test", "--locked", "--no-run", "--package", package];
        let mut cargo = self.cargo(words);
        cargo.args([
            "--test",
            name,
            "--message-format",
            "json-render-diagnostics",
        ]);
        let output = cargo.stderr(Stdio::inherit()).output();
        let output = output.map_err(Error::io("run", Path::new("cargo")))?;
        let messages = Message::parse_stream(output.stdout.as_slice());
        let built = messages.filter_map(|message| match message {
            Ok(Message::CompilerArtifact(artifact)) if artifact.target.name == name => {
                artifact.executable
            }
            _ => None,
        });
        let missing = || Error::Missing(format!("the tests `{name}` of `{package}`"));
        Ok(built.last().ok_or_else(missing)?.into())
    }

    /// Builds the one C library of package `package` and returns where it lies.
    pub(crate) fn build_library(&self, package: &str) -> Result<PathBuf> {
        command::run(&mut self.cargo(["build", "--locked", "--package", package]))?;
        let file = format!("lib{}.so", package.replace('-', "_"));
        Ok(self.built(Profile::Dev).join(file))
    }

    fn built(&self, profile: Profile) -> PathBuf {
        let folder = match profile {
            Profile::Dev => "debug",
            Profile::Release => "release",
        };
        self.target().join(folder)
    }
}
