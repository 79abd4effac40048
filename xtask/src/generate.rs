//! Generated code: written anew, or compared with what is committed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use codegen::emit::File;

use crate::command;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// The generator's inputs and their checksums, below the workspace's root.
const REGISTRY: &str = "crates/codegen/registry";
/// Folders of this name hold nothing but generated files.
const FOLDER: &str = "generated";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Compare with the committed files and change nothing.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    if options.check {
        check(&workspace)?;
    } else {
        write(&workspace)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Fails if the inputs are not the pinned ones, or a committed file is not what they give.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let files = generated(workspace)?;
    let root = workspace.root();
    let mut wrong: Vec<String> = differing(root, &files)
        .map(|file| file.path.clone())
        .collect();
    wrong.extend(
        stale(root, &files)?
            .iter()
            .map(|path| path.display().to_string()),
    );
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::Rule(format!(
        "not what the generator writes; run `cargo xtask generate`:\n  {}",
        wrong.join("\n  ")
    )))
}

/// Writes what differs, removes what is no longer generated.
fn write(workspace: &Workspace) -> Result<()> {
    let files = generated(workspace)?;
    let root = workspace.root();
    for file in differing(root, &files) {
        let path = root.join(&file.path);
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        fs::write(&path, &file.text).map_err(Error::io("write", &path))?;
        println!("wrote {}", file.path);
    }
    for path in stale(root, &files)? {
        fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        println!("removed {}", path.display());
    }
    Ok(())
}

fn generated(workspace: &Workspace) -> Result<Vec<File>> {
    let mut checksums = Command::new("sha256sum");
    checksums
        .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(workspace.root().join(REGISTRY));
    command::run(&mut checksums)?;
    Ok(codegen::generate()?)
}

fn differing<'a>(root: &'a Path, files: &'a [File]) -> impl Iterator<Item = &'a File> {
    files.iter().filter(|file| {
        let committed = fs::read_to_string(root.join(&file.path));
        committed.ok().as_ref() != Some(&file.text)
    })
}

/// Files in generated folders that the generator does not write.
fn stale(root: &Path, files: &[File]) -> Result<Vec<PathBuf>> {
    let written: BTreeSet<PathBuf> = files.iter().map(|file| root.join(&file.path)).collect();
    let folders = written.iter().filter_map(|path| path.parent());
    let folders: BTreeSet<&Path> = folders.filter(|folder| folder.ends_with(FOLDER)).collect();
    let mut stale = Vec::new();
    for folder in folders.into_iter().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
            stale.push(entry.map_err(Error::io("read", folder))?.path());
        }
    }
    stale.retain(|path| !written.contains(path));
    Ok(stale)
}
