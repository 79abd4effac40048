//! Which files a process sees, and the wall around them (landlock).

mod list;
mod manifests;

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    RestrictionStatus, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus,
    Scope,
};

pub(crate) use list::of_drivers;

/// The newest rights that are asked for; an older kernel gives what it has.
const NEWEST: ABI = ABI::V6;

/// A path, and what may be done with it and with all below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) path: PathBuf,
    pub(crate) right: Right,
}

/// What may be done with a path. Nothing lets a file be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// Files are read, folders listed.
    Read,
    /// Device files are read, written and told by ioctl.
    Use,
    /// Files and folders are made, written, renamed and removed.
    Write,
    /// Files are removed.
    Remove,
}

impl Right {
    fn access(self) -> BitFlags<AccessFs> {
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        match self {
            Self::Read => read,
            Self::Use => read | AccessFs::WriteFile | AccessFs::IoctlDev,
            Self::Write => {
                let files = AccessFs::WriteFile | AccessFs::Truncate | AccessFs::MakeReg;
                let names = AccessFs::RemoveFile | AccessFs::RemoveDir | AccessFs::Refer;
                read | files | names | AccessFs::MakeDir
            }
            Self::Remove => AccessFs::RemoveFile.into(),
        }
    }
}

/// Shuts out all other files, TCP, and signals and abstract sockets that lead out. For the calling
/// thread and those that it starts. Whether the kernel can.
pub(crate) fn restrict(grants: &[Grant]) -> Result<bool, RulesetError> {
    let status = confine(grants)?;
    tracing::debug!("landlock: {:?}", status.ruleset);
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

fn confine(grants: &[Grant]) -> Result<RestrictionStatus, RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    for Grant { path, right } in grants {
        // What is not there cannot be opened either.
        if let Ok(fd) = PathFd::new(path) {
            let access = right.access() & rights_on(path);
            rules = rules.add_rule(PathBeneath::new(fd, access))?;
        }
    }
    rules.restrict_self()
}

/// The rights that there are: a file has fewer than a folder.
fn rights_on(path: &Path) -> BitFlags<AccessFs> {
    match path.is_dir() {
        true => AccessFs::from_all(NEWEST),
        false => AccessFs::from_file(NEWEST),
    }
}
