//! Which Debian mirror this machine uses already.

use std::fs;
use std::path::{Path, PathBuf};

/// Used where the machine's own sources name no Debian archive (Ubuntu, for one).
const DEFAULT: &str = "http://deb.debian.org/debian";

/// The first Debian archive in this machine's apt sources.
pub(crate) fn of_this_machine() -> String {
    sources(Path::new("/etc/apt"))
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .find_map(|text| debian_archive(&text))
        .unwrap_or_else(|| DEFAULT.to_owned())
}

fn sources(apt: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(apt.join("sources.list.d"))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .collect();
    paths.sort();
    paths.insert(0, apt.join("sources.list"));
    paths
}

/// The archive named by a `.list` or deb822 `.sources` file, if it is Debian's main one.
fn debian_archive(text: &str) -> Option<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| line.starts_with("deb ") || line.starts_with("URIs:"))
        .flat_map(str::split_whitespace)
        .find(|word| word.contains("://") && word.trim_end_matches('/').ends_with("/debian"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::debian_archive;

    #[test]
    fn reads_both_formats() {
        let list = "# deb http://x/debian old main\ndeb [arch=amd64] http://mirror.example/debian bookworm main\n";
        assert_eq!(
            debian_archive(list).as_deref(),
            Some("http://mirror.example/debian")
        );
        let deb822 = "Types: deb\nURIs: https://mirror.example/debian/\nSuites: bookworm\n";
        assert_eq!(
            debian_archive(deb822).as_deref(),
            Some("https://mirror.example/debian/")
        );
    }

    #[test]
    fn passes_over_other_archives() {
        let security = "URIs: http://mirror.example/debian-security\n";
        assert_eq!(debian_archive(security), None);
        let ubuntu = "deb http://archive.example/ubuntu noble main\n";
        assert_eq!(debian_archive(ubuntu), None);
    }
}
