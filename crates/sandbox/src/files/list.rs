//! The list of what drivers read and write, as data.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Grant, Right, manifests};

const RENDERER: &str = include_str!("../../data/renderer.files");

/// What the drivers of this host may see, as the list and the environment have it. Folders that the
/// list has made are made.
pub(crate) fn of_drivers() -> Vec<Grant> {
    let grants = grants(RENDERER, &|name| std::env::var_os(name));
    with_libraries(grants)
}

/// The list, line by line, with the environment's variables.
fn grants(list: &str, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<Grant> {
    let rules = list.lines().filter_map(Rule::parse);
    rules.flat_map(|rule| rule.grants(variable)).collect()
}

/// One line of the list.
struct Rule<'a> {
    right: Right,
    /// Whether it is made where it is missing.
    makes: bool,
    path: &'a str,
}

impl<'a> Rule<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let words = line.split('#').next()?.trim();
        let (word, path) = words.split_once(' ')?;
        let (right, makes) = match word {
            "read" => (Right::Read, false),
            "use" => (Right::Use, false),
            "keep" => (Right::Write, false),
            "make" => (Right::Write, true),
            _ => return None,
        };
        let path = path.trim();
        Some(Self { right, makes, path })
    }

    fn grants(self, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<Grant> {
        let paths = expand(self.path, variable).into_iter().flat_map(matching);
        let right = self.right;
        let there = paths.filter(|path| self.is_there(path));
        there.map(|path| Grant { path, right }).collect()
    }

    /// Whether it is there, perhaps from now on: the caches of whoever runs this are its own.
    fn is_there(&self, path: &Path) -> bool {
        let make = || {
            use std::os::unix::fs::DirBuilderExt;
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true).mode(0o700).create(path)
        };
        path.exists() || self.makes && make().is_ok()
    }
}

/// The paths that a rule names: several where a variable does.
fn expand(path: &str, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let below = |start: PathBuf, rest: &str| match rest {
        "" => start,
        _ => start.join(rest),
    };
    if let Some(rest) = path.strip_prefix("~/") {
        let home = variable("HOME").map(PathBuf::from);
        return home.map(|home| below(home, rest)).into_iter().collect();
    }
    let Some(named) = path.strip_prefix('$') else {
        return vec![path.into()];
    };
    let (name, rest) = named.split_once('/').unwrap_or((named, ""));
    let value = variable(name).unwrap_or_default();
    let starts = std::env::split_paths(&value).filter(|start| start.is_absolute());
    starts.map(|start| below(start, rest)).collect()
}

/// A path with a `*` in its last part is all that are so.
fn matching(path: PathBuf) -> Vec<PathBuf> {
    let pattern = path.file_name().and_then(|name| name.to_str());
    let Some((start, end)) = pattern.and_then(|name| name.split_once('*')) else {
        return vec![path];
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let fits = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(start) && name.ends_with(end))
    };
    entries.map(|entry| entry.path()).filter(fits).collect()
}

/// The folders of the libraries, too, that manifests name by whole paths.
fn with_libraries(mut grants: Vec<Grant>) -> Vec<Grant> {
    let read = |grant: &&Grant| grant.right == Right::Read;
    let paths = grants.iter().filter(read).map(|grant| grant.path.as_path());
    let folders = manifests::library_folders(paths);
    let right = Right::Read;
    grants.extend(folders.into_iter().map(|path| Grant { path, right }));
    grants
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(list: &str, home: &Path) -> Vec<(PathBuf, Right)> {
        let variable = |name: &str| match name {
            "HOME" => Some(home.into()),
            "BOTH" => Some("/usr:relative:/etc".into()),
            _ => None,
        };
        let grants = grants(list, &variable).into_iter();
        grants.map(|grant| (grant.path, grant.right)).collect()
    }

    #[test]
    fn every_line_is_understood() {
        for line in RENDERER.lines() {
            let words = line.split('#').next().unwrap().trim();
            assert!(words.is_empty() || Rule::parse(line).is_some(), "{line}");
        }
    }

    #[test]
    fn a_rule_names_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path();
        fs::write(home.join("card0"), "").unwrap();
        fs::write(home.join("card1"), "").unwrap();
        assert_eq!(of("read ~/nothing # never", home), []);
        assert_eq!(of("read $UNSET/x", home), []);
        assert_eq!(of("keep ~/cache/a", home), []);
        let read = |path: &str| (PathBuf::from(path), Right::Read);
        assert_eq!(of("read $BOTH", home), [read("/usr"), read("/etc")]);
        assert_eq!(of("read $BOTH/lib", home), [read("/usr/lib")]);
        let made = [(home.join("cache/a"), Right::Write)];
        assert_eq!(of("make ~/cache/a # caches", home), made);
        assert_eq!(of("keep ~/cache/a", home), made);
        assert_eq!(of("use ~/card*", home).len(), 2);
        assert_eq!(of("use ~/card*1", home), [(home.join("card1"), Right::Use)]);
    }
}
