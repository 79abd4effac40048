//! No dependency is built in several versions, unless a line says why.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// Names that may come in several versions, one a line, with the reason after `#`.
const ACCEPTED: &str = include_str!("../../data/duplicates.txt");

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let packages = workspace.foreign();
    let found =
        several(packages.map(|package| (package.name.to_string(), package.version.to_string())));
    let wrong = objections(&found, &accepted(ACCEPTED));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::Rule(format!(
        "versions of dependencies, and xtask/data/duplicates.txt:\n  {}",
        wrong.join("\n  ")
    )))
}

/// What is there in more than one version.
fn several(packages: impl Iterator<Item = (String, String)>) -> BTreeMap<String, BTreeSet<String>> {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, version) in packages {
        versions.entry(name).or_default().insert(version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

/// Names, each with a reason.
fn accepted(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().filter_map(|line| line.split_once('#'));
    let rules = lines.map(|(name, reason)| (name.trim(), reason.trim()));
    rules.filter(|(name, _)| !name.is_empty()).collect()
}

fn objections(
    found: &BTreeMap<String, BTreeSet<String>>,
    accepted: &BTreeMap<&str, &str>,
) -> Vec<String> {
    let reason = |name: &str| accepted.get(name).is_some_and(|reason| !reason.is_empty());
    let new = found.iter().filter(|(name, _)| !reason(name));
    let new = new.map(|(name, versions)| {
        let versions: Vec<_> = versions.iter().map(String::as_str).collect();
        format!("{name}: {}", versions.join(", "))
    });
    let old = accepted.keys().filter(|name| !found.contains_key(**name));
    new.chain(old.map(|name| format!("{name}: has one version by now, and is still listed")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_version_needs_a_reason() {
        let packages = [
            ("a", "1.0.0"),
            ("b", "1.0.0"),
            ("a", "2.0.0"),
            ("b", "1.0.0"),
        ];
        let packages = packages.map(|(name, version)| (name.into(), version.into()));
        let found = several(packages.into_iter());
        assert_eq!(
            objections(&found, &accepted("# none\n")),
            ["a: 1.0.0, 2.0.0"]
        );
        assert_eq!(objections(&found, &accepted("a #\n")).len(), 1);
        assert!(objections(&found, &accepted("a # another needs it\n")).is_empty());
        let wrong = objections(&found, &accepted("a # why\nc # why\n"));
        assert_eq!(wrong, ["c: has one version by now, and is still listed"]);
    }
}
