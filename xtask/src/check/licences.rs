//! Every dependency's licence is one that this project may be shipped with.

use cargo_metadata::Package;
use spdx::{Expression, ParseMode};

use crate::error::{Error, Result};
use crate::workspace::Workspace;

/// SPDX identifiers that are accepted, one a line, with the reason after `#`.
const ALLOWED: &str = include_str!("../../data/licences.txt");

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let allowed = allowed(ALLOWED);
    let wrong: Vec<String> = workspace
        .foreign()
        .filter_map(|package| objection(package, &allowed))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Error::Rule(format!(
        "licences that xtask/data/licences.txt does not list:\n  {}",
        wrong.join("\n  ")
    )))
}

fn allowed(text: &str) -> Vec<&str> {
    text.lines()
        .map(|line| line.split_once('#').map_or(line, |(name, _)| name).trim())
        .filter(|name| !name.is_empty())
        .collect()
}

fn objection(package: &Package, allowed: &[&str]) -> Option<String> {
    let name = format!("{} {}", package.name, package.version);
    match package.license.as_deref() {
        None => Some(format!("{name}: names no licence")),
        Some(text) if acceptable(text, allowed) => None,
        Some(text) => Some(format!("{name}: {text}")),
    }
}

/// Whether an SPDX expression can be met with the allowed licences alone.
///
/// A licence with an exception is spelt `Apache-2.0 WITH LLVM-exception`; `Apache-2.0/MIT`, which older manifests write, counts as `OR`.
fn acceptable(text: &str, allowed: &[&str]) -> bool {
    Expression::parse_mode(text, ParseMode::LAX).is_ok_and(|expression| {
        expression.evaluate(|licence| allowed.contains(&licence.to_string().as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::{acceptable, allowed};

    #[test]
    fn expressions_are_evaluated() {
        let list = allowed("# reasons\nMIT\nApache-2.0 WITH LLVM-exception # clang's\n");
        assert_eq!(list, ["MIT", "Apache-2.0 WITH LLVM-exception"]);
        for fine in [
            "MIT",
            "GPL-3.0-only OR MIT",
            "Apache-2.0/MIT",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(acceptable(fine, &list), "{fine}");
        }
        for wrong in ["Apache-2.0", "MIT AND GPL-2.0-only", "no licence at all"] {
            assert!(!acceptable(wrong, &list), "{wrong}");
        }
    }
}
