//! Who may depend on whom: the table in ARCHITECTURE.md, and the workspace it is about.
#![forbid(unsafe_code)]

mod table;

use std::collections::BTreeMap;

use cargo_metadata::Metadata;

pub use table::{Arrows, TableError};

/// The workspace's packages and the workspace's packages that each one names in its
/// manifest, for whatever purpose: a dev-dependency is an arrow, too.
#[must_use]
pub fn dependencies(metadata: &Metadata) -> BTreeMap<String, Vec<String>> {
    let members = metadata.workspace_packages();
    let is_member = |name: &str| members.iter().any(|member| member.name.as_str() == name);
    members
        .iter()
        .map(|member| {
            let names = member
                .dependencies
                .iter()
                .map(|dependency| dependency.name.clone());
            (
                member.name.to_string(),
                names.filter(|name| is_member(name)).collect(),
            )
        })
        .collect()
}

/// What is wrong with the workspace by the table, one line each.
#[must_use]
pub fn objections(arrows: &Arrows, dependencies: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (from, targets) in dependencies {
        if !arrows.knows(from) {
            wrong.push(format!("{from} is not in the table"));
            continue;
        }
        let forbidden = targets.iter().filter(|to| !arrows.allow(from, to));
        wrong.extend(forbidden.map(|to| format!("{from} -> {to} is not in the table")));
    }
    wrong
}
