//! How much `unsafe` there is, by crate.

use std::fs;
use std::path::Path;

use cargo_metadata::Package;

use crate::error::{Error, Result};

/// Prints how many `unsafe` blocks, functions and implementations each of these crates has in its
/// sources; what is generated, and what is said in comments and texts, is counted apart or not.
pub(super) fn count<'a>(packages: impl Iterator<Item = &'a Package>) -> Result<()> {
    let mut all = Count::default();
    for package in packages {
        let folder = package.manifest_path.as_std_path().with_file_name("src");
        let count = Count::of_folder(&folder)?;
        println!(
            "  {:16} {:5} of unsafe, {:5} generated",
            package.name, count.written, count.generated
        );
        all.add(&count);
    }
    println!(
        "  {:16} {:5} of unsafe, {:5} generated",
        "together", all.written, all.generated
    );
    Ok(())
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    written: usize,
    generated: usize,
}

impl Count {
    fn of_folder(folder: &Path) -> Result<Self> {
        let mut count = Self::default();
        let entries = fs::read_dir(folder).map_err(Error::io("read", folder))?;
        for entry in entries {
            let path = entry.map_err(Error::io("read", folder))?.path();
            if path.is_dir() {
                count.add(&Self::of_folder(&path)?);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
                count.add(&Self::of_file(&path, &text));
            }
        }
        Ok(count)
    }

    fn of_file(path: &Path, text: &str) -> Self {
        let found = text.lines().map(in_line).sum();
        let is_generated = path
            .components()
            .any(|part| part.as_os_str() == "generated");
        match is_generated {
            true => Self {
                written: 0,
                generated: found,
            },
            false => Self {
                written: found,
                generated: 0,
            },
        }
    }

    fn add(&mut self, other: &Self) {
        self.written += other.written;
        self.generated += other.generated;
    }
}

/// How often the keyword begins something in a line of code.
fn in_line(line: &str) -> usize {
    let code = line.split("//").next().unwrap_or_default();
    let begins = |word: &&str| {
        [" {", " fn ", " impl ", " extern "]
            .iter()
            .any(|next| word.starts_with(next))
    };
    code.split("unsafe").skip(1).filter(begins).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_counted_and_words_are_not() {
        for (line, count) in [
            ("    let x = unsafe { read(p) };", 1),
            ("unsafe impl Send for A {}", 1),
            ("pub unsafe fn f() { unsafe { g() } }", 2),
            ("// unsafe { } here", 0),
            ("#![forbid(unsafe_code)]", 0),
            ("#[unsafe(no_mangle)]", 0),
        ] {
            assert_eq!(in_line(line), count, "{line}");
        }
        let generated = Count::of_file(Path::new("src/generated/a.rs"), "unsafe { }");
        assert_eq!(
            generated,
            Count {
                written: 0,
                generated: 1
            }
        );
    }
}
