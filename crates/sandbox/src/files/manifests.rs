//! Where the manifests of drivers and layers say that libraries are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Folders below those that are read, as the Vulkan loader and libglvnd have them.
const MANIFEST_FOLDERS: &[&str] = &[
    "",
    "icd.d",
    "explicit_layer.d",
    "implicit_layer.d",
    "egl_vendor.d",
];

/// The folders of libraries that manifests at these paths name with their whole paths; others are
/// where all libraries are.
pub(super) fn library_folders<'a>(paths: impl Iterator<Item = &'a Path>) -> BTreeSet<PathBuf> {
    let manifests = paths.flat_map(manifests_at);
    let libraries = manifests.filter_map(|manifest| library(&manifest));
    libraries
        .filter_map(|library| Some(library.parent()?.to_owned()))
        .collect()
}

/// A path that is a manifest, or those in a folder.
fn manifests_at(path: &Path) -> Vec<PathBuf> {
    let is_manifest = |path: &PathBuf| path.extension().is_some_and(|end| end == "json");
    if path.is_file() {
        return [path.to_owned()].into_iter().filter(is_manifest).collect();
    }
    let folders = MANIFEST_FOLDERS.iter().map(|folder| path.join(folder));
    let entries = folders.filter_map(|folder| fs::read_dir(folder).ok());
    let paths = entries.flatten().flatten().map(|entry| entry.path());
    paths.filter(is_manifest).collect()
}

/// The library that a manifest names, if by its whole path, or by one that starts at the manifest.
fn library(manifest: &Path) -> Option<PathBuf> {
    let text = fs::read(manifest).ok()?;
    let parsed: Value = serde_json::from_slice(&text).ok()?;
    let part = |name: &str| parsed.get(name)?.get("library_path")?.as_str();
    let library = Path::new(part("ICD").or_else(|| part("layer"))?);
    match library.is_absolute() {
        true => Some(library.to_owned()),
        false => library
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .and_then(|_| Some(manifest.parent()?.join(library))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_elsewhere_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let icds = dir.path().join("icd.d");
        fs::create_dir(&icds).unwrap();
        let manifest = |name: &str, text: &str| fs::write(icds.join(name), text).unwrap();
        manifest("a.json", r#"{"ICD": {"library_path": "/opt/a/liba.so"}}"#);
        manifest("b.json", r#"{"layer": {"library_path": "../lib/libb.so"}}"#);
        manifest("c.json", r#"{"ICD": {"library_path": "libc.so"}}"#);
        manifest("d.json", "no JSON");
        manifest("e.txt", r#"{"ICD": {"library_path": "/opt/e/libe.so"}}"#);
        let found = library_folders([dir.path()].into_iter());
        let expected = [PathBuf::from("/opt/a"), icds.join("../lib")];
        assert_eq!(found, expected.into_iter().collect());
        let one = library_folders([icds.join("a.json").as_path()].into_iter());
        assert_eq!(one.len(), 1);
    }
}
