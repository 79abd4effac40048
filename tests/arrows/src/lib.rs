//! Who may depend on whom: the table in ARCHITECTURE.md, and the workspace it is about.
#![forbid(unsafe_code)]

mod table;

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, Metadata};

pub use table::{Arrows, TableError};

/// A dependency on a crate of the same workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The crate depended on.
    pub to: String,
    /// It is a dev-dependency: the crate's own tests, benches and examples alone have it.
    pub for_tests: bool,
}

/// The workspace's packages, and what each one names in its manifest of the workspace.
#[must_use]
pub fn dependencies(metadata: &Metadata) -> BTreeMap<String, Vec<Dependency>> {
    let members = metadata.workspace_packages();
    let is_member = |name: &str| members.iter().any(|member| member.name.as_str() == name);
    members
        .iter()
        .map(|member| {
            let own = member
                .dependencies
                .iter()
                .filter(|named| is_member(&named.name));
            let own = own.map(|named| Dependency {
                to: named.name.clone(),
                for_tests: named.kind == DependencyKind::Development,
            });
            (member.name.to_string(), own.collect())
        })
        .collect()
}

/// What is wrong with the workspace by the table, one line each.
#[must_use]
pub fn objections(
    arrows: &Arrows,
    dependencies: &BTreeMap<String, Vec<Dependency>>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for (from, targets) in dependencies {
        if !arrows.knows(from) {
            wrong.push(format!("{from} is not in the table"));
            continue;
        }
        let forbidden = targets.iter().filter(|to| !arrows.allow(from, to));
        wrong.extend(forbidden.map(|Dependency { to, for_tests }| {
            let tests = if *for_tests { table::TESTS } else { "" };
            format!("{from}{tests} -> {to} is not in the table")
        }));
    }
    wrong
}
