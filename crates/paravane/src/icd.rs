use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What can be wrong with the Venus driver's manifest.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IcdError {
    /// No driver is installed.
    #[error(
        "Mesa's Venus driver is not installed: no virtio_icd*.json in {}.\n\
         Install it (Debian 13 or later, Ubuntu 24.04 or later: mesa-vulkan-drivers; Fedora: \
         mesa-vulkan-drivers; Arch: vulkan-virtio), or say where it is with --icd.",
        list(.0)
    )]
    NotFound(Vec<PathBuf>),
    /// The manifest named on the command line is not there.
    #[error("--icd {}: {source}", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// The manifests of the Venus driver, one for each architecture installed: `given`, or what
/// lies where the Vulkan loader looks.
pub(crate) fn find(given: &[PathBuf]) -> Result<Vec<PathBuf>, IcdError> {
    if !given.is_empty() {
        return given.iter().map(|path| absolute(path)).collect();
    }
    let dirs = search_dirs(|name| std::env::var_os(name));
    let found = find_in(&dirs);
    match found.is_empty() {
        true => Err(IcdError::NotFound(dirs)),
        false => Ok(found),
    }
}

/// The program may have another working directory than this process when it looks.
fn absolute(path: &Path) -> Result<PathBuf, IcdError> {
    path.canonicalize().map_err(|source| IcdError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

/// A file name counts once, in the first directory that has it.
fn find_in(dirs: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = BTreeMap::new();
    let entries = dirs.iter().filter_map(|dir| dir.read_dir().ok()).flatten();
    for entry in entries.flatten() {
        if is_venus(&entry.file_name()) {
            found.entry(entry.file_name()).or_insert(entry.path());
        }
    }
    found.into_values().collect()
}

fn is_venus(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with("virtio_icd") && name.ends_with(".json"))
}

/// Where the Vulkan loader looks for drivers on Linux, in its order
/// (`docs/LoaderDriverInterface.md` of the Vulkan loader, "Driver Discovery on Linux").
fn search_dirs(var: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let var = |name: &str| var(name).filter(|value| !value.is_empty());
    let home = || var("HOME").map(PathBuf::from);
    let in_home = |name: &str, default: &str| {
        let dir = var(name).map(PathBuf::from);
        dir.or_else(|| Some(home()?.join(default)))
    };
    let paths = |name: &str, default: &str| {
        let value = var(name).unwrap_or_else(|| default.into());
        std::env::split_paths(&value).collect::<Vec<_>>()
    };
    let bases = in_home("XDG_CONFIG_HOME", ".config")
        .into_iter()
        .chain(paths("XDG_CONFIG_DIRS", "/etc/xdg"))
        .chain(["/etc".into()])
        .chain(in_home("XDG_DATA_HOME", ".local/share"))
        .chain(paths("XDG_DATA_DIRS", "/usr/local/share:/usr/share"));
    bases.map(|base| base.join("vulkan/icd.d")).collect()
}

fn list(dirs: &[PathBuf]) -> String {
    let dirs: Vec<_> = dirs.iter().map(|dir| dir.display().to_string()).collect();
    dirs.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loaders_directories_are_searched_in_its_order() {
        let dirs = search_dirs(|name| match name {
            "HOME" => Some("/home/a".into()),
            "XDG_DATA_DIRS" => Some("/x:/y".into()),
            "XDG_CONFIG_DIRS" => Some("".into()),
            _ => None,
        });
        let expected = [
            "/home/a/.config",
            "/etc/xdg",
            "/etc",
            "/home/a/.local/share",
            "/x",
            "/y",
        ];
        let expected = expected.map(|base| Path::new(base).join("vulkan/icd.d"));
        assert_eq!(dirs, expected);
        assert_eq!(search_dirs(|_| None).len(), 4);
    }

    #[test]
    fn every_architecture_is_found_once() {
        let dir = tempfile::tempdir().unwrap();
        let dirs = ["first", "none", "second"].map(|name| dir.path().join(name));
        for (dir, name) in [
            (0, "virtio_icd.x86_64.json"),
            (0, "lvp_icd.x86_64.json"),
            (2, "virtio_icd.x86_64.json"),
            (2, "virtio_icd.i686.json"),
            (2, "virtio_icd.json.bak"),
        ] {
            std::fs::create_dir_all(&dirs[dir]).unwrap();
            std::fs::write(dirs[dir].join(name), "{}").unwrap();
        }
        let found = find_in(&dirs);
        let expected = [
            dirs[2].join("virtio_icd.i686.json"),
            dirs[0].join("virtio_icd.x86_64.json"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_given_manifest_must_be_there() {
        let error = find(&["/nowhere/icd.json".into()]).unwrap_err();
        assert!(error.to_string().starts_with("--icd /nowhere/icd.json: "));
        let none = IcdError::NotFound(vec!["/a".into(), "/b".into()]).to_string();
        assert!(
            none.contains("in /a, /b.") && none.contains("mesa-vulkan-drivers"),
            "{none}"
        );
    }
}
