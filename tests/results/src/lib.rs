//! What two runs of a test client left, compared channel by channel.
#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Why results cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The two have nothing in common.
    #[error("the folders have no results in common")]
    Nothing,
    /// A file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A picture cannot be decoded.
    #[error("{path}: {reason}")]
    Picture {
        /// The file.
        path: PathBuf,
        /// The PNG library's reason.
        reason: String,
    },
}

type Result<T, E = Error> = std::result::Result<T, E>;

/// Compares two folders; whether they hold the same.
///
/// With `common`, a file that is in one of them only does not count. A picture's channels may
/// differ by up to `rounding`, which is told; a buffer's bytes may not.
///
/// # Errors
/// [`Error`]: nothing was compared, or not all.
pub fn compare(a: &Path, b: &Path, common: bool, rounding: u8) -> Result<bool> {
    let (in_a, in_b) = (names(a)?, names(b)?);
    let mut differences = 0;
    for name in in_a.union(&in_b) {
        let difference = match (in_a.contains(name), in_b.contains(name)) {
            (true, true) => differ(&a.join(name), &b.join(name), rounding)?,
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
        return Err(Error::Nothing);
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
fn differ(a: &Path, b: &Path, rounding: u8) -> Result<Option<String>> {
    let rounding = if is_buffer(a) { 0 } else { rounding };
    let (texels_a, texels_b) = (contents(a)?, contents(b)?);
    if texels_a.len() != texels_b.len() {
        let (a, b) = (texels_a.len(), texels_b.len());
        return Ok(Some(format!("{a} bytes against {b}")));
    }
    let pairs = || texels_a.iter().zip(&texels_b).map(|(a, b)| a.abs_diff(*b));
    let most = pairs().max().unwrap_or(0);
    let count = pairs().filter(|by| *by > 0).count();
    let first = pairs().position(|by| by > 0).unwrap_or(0);
    if most > rounding {
        return Ok(Some(format!(
            "{count} of {} bytes, the first at {first}, by {most} at most",
            texels_a.len()
        )));
    }
    if most > 0 {
        println!("ROUND {}: {count} bytes, by {most} at most", a.display());
    }
    Ok(None)
}

fn is_buffer(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "bin")
}

/// The bytes of a buffer, or the texels of a picture.
fn contents(path: &Path) -> Result<Vec<u8>> {
    let failed = |source| Error::File {
        path: path.into(),
        source,
    };
    if is_buffer(path) {
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

    fn folder(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let unique = format!("results-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(unique);
        fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
        for (file, bytes) in files {
            fs::write(folder.join(file), bytes).expect("a new file is writable");
        }
        folder
    }

    fn picture(texel: u8) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 1, 1);
        encoder.set_color(png::ColorType::Rgba);
        let written = encoder
            .write_header()
            .and_then(|mut png| png.write_image_data(&[texel; 4]));
        written.expect("a vector takes all");
        file
    }

    #[test]
    fn a_picture_may_be_rounded_and_a_buffer_may_not() {
        let (ten, eleven, twelve) = (picture(10), picture(11), picture(12));
        let a = folder("a", &[("p.png", &ten[..]), ("b.bin", b"one")]);
        let b = folder("b", &[("p.png", &eleven[..]), ("b.bin", b"one")]);
        let c = folder("c", &[("p.png", &twelve[..]), ("b.bin", b"one")]);
        let d = folder("d", &[("p.png", &ten[..]), ("b.bin", b"onf")]);
        assert!(compare(&a, &a, false, 0).expect("both exist"));
        assert!(!compare(&a, &b, false, 0).expect("both exist"));
        assert!(compare(&a, &b, false, 1).expect("both exist"));
        assert!(!compare(&a, &c, false, 1).expect("both exist"));
        assert!(!compare(&a, &d, false, 1).expect("both exist"));
        for folder in [a, b, c, d] {
            fs::remove_dir_all(folder).expect("the test made it");
        }
    }

    #[test]
    fn what_one_run_lacks_counts_unless_told() {
        let a = folder("e", &[("same.bin", b"one"), ("other.bin", b"two")]);
        let b = folder("f", &[("same.bin", b"one")]);
        let empty = folder("g", &[]);
        assert!(!compare(&a, &b, false, 0).expect("both exist"));
        assert!(compare(&a, &b, true, 0).expect("both exist"));
        assert!(compare(&a, &empty, true, 0).is_err());
        for folder in [a, b, empty] {
            fs::remove_dir_all(folder).expect("the test made it");
        }
    }

    #[test]
    fn finds_differences_and_what_is_missing() {
        let a = folder("i", &[("same.bin", b"one"), ("other.bin", b"two")]);
        let b = folder("j", &[("same.bin", b"one"), ("other.bin", b"tWo")]);
        let c = folder("k", &[("same.bin", b"one")]);
        assert!(compare(&a, &a, false, 0).expect("both exist"));
        assert!(!compare(&a, &b, false, 0).expect("both exist"));
        assert!(!compare(&a, &c, false, 0).expect("both exist"));
        assert!(compare(&a, &c, true, 0).expect("both exist"));
        for folder in [a, b, c] {
            fs::remove_dir_all(folder).expect("the test made it");
        }
    }

    #[test]
    fn refuses_to_compare_nothing() {
        let a = folder("l", &[]);
        assert!(compare(&a, &a, false, 0).is_err());
        fs::remove_dir_all(a).expect("the test made it");
    }
}
