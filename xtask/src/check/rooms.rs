//! `unsafe` stays in the crates that are its rooms; every other crate forbids it.

use std::fs;

use cargo_metadata::{Package, Target, TargetKind};

use super::unsafe_code;
use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// Crates that call foreign functions, map memory or fork; `*` ends a prefix.
const ROOMS: &[&str] = &[
    "host-*",
    "worker",
    "sandbox",
    "door-capi*",
    // The own test clients are programs of Vulkan and OpenGL: they call the loaders as any
    // program does.
    "vulkan-client",
    "gl-client",
    // Stands before a function of the C library, for tests alone.
    "still-clock",
    // Does what an attacker does.
    "intruder",
];

const FORBID: &str = "#![forbid(unsafe_code)]";

/// The compiler does the work: this only sees that each crate's root asks for it.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut wrong = Vec::new();
    for package in workspace.members() {
        if !is_room(&package.name) {
            wrong.extend(roots_without_forbid(package)?);
        }
    }
    let members = workspace.members();
    unsafe_code::count(members.into_iter().filter(|package| is_room(&package.name)))?;
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::Rule(format!(
        "without `{FORBID}`:\n  {}",
        wrong.join("\n  ")
    )))
}

fn is_room(name: &str) -> bool {
    ROOMS.iter().any(|room| match room.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *room,
    })
}

fn roots_without_forbid(package: &Package) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for target in package.targets.iter().filter(|target| is_shipped(target)) {
        let path = target.src_path.as_std_path();
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        if !text.lines().any(|line| line.trim() == FORBID) {
            wrong.push(target.src_path.to_string());
        }
    }
    Ok(wrong)
}

/// Libraries, programs and build scripts; a crate's tests and benches end no user's day.
fn is_shipped(target: &Target) -> bool {
    !target.kind.iter().any(|kind| {
        matches!(
            kind,
            TargetKind::Test | TargetKind::Bench | TargetKind::Example
        )
    })
}

#[cfg(test)]
mod tests {
    use super::is_room;

    #[test]
    fn rooms_are_found_by_name() {
        for room in ["host-vulkan", "worker", "door-capi", "door-capi-cdylib"] {
            assert!(is_room(room), "{room}");
        }
        for other in [
            "wire",
            "wire-venus",
            "render-venus",
            "workers",
            "door-vtest",
        ] {
            assert!(!is_room(other), "{other}");
        }
    }
}
