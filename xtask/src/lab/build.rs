//! What a lab holds.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{Extra, Plan, Suite, folder, root};
use crate::error::Result;
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

/// Ensures the lab of `plan` and returns its root directory.
pub(crate) fn make(workspace: &Workspace, plan: &Plan) -> Result<PathBuf> {
    let recipe = root::Recipe {
        title: "the lab",
        root: place(workspace, plan.suite),
        suite: plan.suite.name(),
        backports: None,
        packages: packages(&plan.extras),
        hooks: Vec::new(),
        mirror: plan.mirror.clone(),
        rebuild: plan.rebuild,
    };
    recipe.make()
}

/// The root of `suite`'s lab if there is one.
pub(crate) fn made(workspace: &Workspace, suite: Suite) -> Option<PathBuf> {
    root::made(&place(workspace, suite))
}

fn place(workspace: &Workspace, suite: Suite) -> PathBuf {
    folder(workspace).join(suite.name())
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
