//! `compare`: two folders of results, byte by byte.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

/// Compares two folders; whether they hold the same.
///
/// With `common`, a file that is in one of them only does not count.
pub(crate) fn compare(a: &Path, b: &Path, common: bool) -> Result<bool> {
    let (in_a, in_b) = (names(a)?, names(b)?);
    let mut differences = 0;
    for name in in_a.union(&in_b) {
        let difference = match (in_a.contains(name), in_b.contains(name)) {
            (true, true) => differ(&a.join(name), &b.join(name))?,
            _ if common => None,
            (true, _) => Some(format!("only in {}", a.display())),
            (_, true) => Some(format!("only in {}", b.display())),
            _ => None,
        };
        if let Some(how) = difference {
            differences += 1;
            println!("DIFF {name}: {how}");
        }
    }
    let both = in_a.intersection(&in_b).count();
    println!("{both} results in both, {differences} differences");
    if both == 0 {
        return Err(Error::Usage("the folders have no results in common".into()));
    }
    Ok(differences == 0)
}

fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let failed = |source| Error::File {
        path: folder.into(),
        source,
    };
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry
            .map_err(failed)?
            .file_name()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".png") || name.ends_with(".bin") {
            names.insert(name);
        }
    }
    Ok(names)
}

/// How two files differ, if they do.
fn differ(a: &Path, b: &Path) -> Result<Option<String>> {
    let (a, b) = (contents(a)?, contents(b)?);
    if a == b {
        return Ok(None);
    }
    if a.len() != b.len() {
        return Ok(Some(format!("{} bytes against {}", a.len(), b.len())));
    }
    let different = || a.iter().zip(&b).enumerate().filter(|(_, (a, b))| a != b);
    let first = different().next().map_or(0, |(at, _)| at);
    let most = different()
        .map(|(_, (a, b))| a.abs_diff(*b))
        .max()
        .unwrap_or(0);
    let count = different().count();
    Ok(Some(format!(
        "{count} of {} bytes, the first at {first}, by {most} at most",
        a.len()
    )))
}

/// The bytes of a buffer, or the texels of a picture.
fn contents(path: &Path) -> Result<Vec<u8>> {
    let failed = |source| Error::File {
        path: path.into(),
        source,
    };
    if path.extension().is_some_and(|extension| extension == "bin") {
        return fs::read(path).map_err(failed);
    }
    let file = fs::File::open(path).map_err(failed)?;
    let broken = |e: png::DecodingError| Error::Picture {
        path: path.into(),
        reason: e.to_string(),
    };
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .map_err(broken)?;
    let mut texels = vec![0; reader.output_buffer_size().unwrap_or_default()];
    reader.next_frame(&mut texels).map_err(broken)?;
    Ok(texels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, files: &[(&str, &[u8])]) -> std::path::PathBuf {
        let unique = format!("vulkan-client-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(unique);
        fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
        for (file, bytes) in files {
            fs::write(folder.join(file), bytes).expect("a new file is writable");
        }
        folder
    }

    #[test]
    fn finds_differences_and_what_is_missing() {
        let a = folder("a", &[("same.bin", b"one"), ("other.bin", b"two")]);
        let b = folder("b", &[("same.bin", b"one"), ("other.bin", b"tWo")]);
        let c = folder("c", &[("same.bin", b"one")]);
        assert!(compare(&a, &a, false).expect("both exist"));
        assert!(!compare(&a, &b, false).expect("both exist"));
        assert!(!compare(&a, &c, false).expect("both exist"));
        assert!(compare(&a, &c, true).expect("both exist"));
        for folder in [a, b, c] {
            fs::remove_dir_all(folder).expect("the test made it");
        }
    }

    #[test]
    fn refuses_to_compare_nothing() {
        let a = folder("d", &[]);
        assert!(compare(&a, &a, false).is_err());
        fs::remove_dir_all(a).expect("the test made it");
    }
}
