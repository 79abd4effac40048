//! Pictures that tests made, and whether they are what they should be.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::picture::Picture;

/// The folder where an X server keeps its picture, in the machine's.
pub(super) const FRAMES: &str = "frames";

/// The folder where Paravane puts pictures of the screens, in the machine's.
pub(super) const SCREENS: &str = "screens";

/// Takes the picture of the X server that QEMU's window is on.
pub(super) fn of_window(folder: &Path, into: &Path) -> Result<()> {
    let path = folder.join(FRAMES).join("Xvfb_screen0");
    let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
    let cut = || Error::Missing(format!("{} is no whole picture", path.display()));
    Picture::of_xwd(&bytes).ok_or_else(cut)?.write_png(into)
}

/// How many pixels are not black.
pub(super) fn lit(path: &Path) -> Result<usize> {
    let picture = Picture::read(path)?;
    let pixels = picture.rgb.chunks_exact(3);
    Ok(pixels.filter(|pixel| **pixel != [0, 0, 0]).count())
}

/// Fails unless the two files are the same, byte for byte.
pub(super) fn identical(expected: &Path, found: &Path) -> Result<()> {
    let one = fs::read(expected).map_err(Error::io("read", expected))?;
    let two = fs::read(found).map_err(Error::io("read", found))?;
    if one == two {
        return Ok(());
    }
    if found.extension().is_some_and(|ending| ending == "png") {
        alike(expected, found)?;
    }
    let (expected, found) = (expected.display(), found.display());
    Err(Error::Rule(format!(
        "{found} is another file than {expected}"
    )))
}

/// Fails unless the two pictures show the same, whatever their formats.
pub(super) fn alike(expected: &Path, found: &Path) -> Result<()> {
    let (one, two) = (Picture::read(expected)?, Picture::read(found)?);
    let differ = |how: String| {
        let names = (expected.display(), found.display());
        Err(Error::Rule(format!("{} and {} {how}", names.0, names.1)))
    };
    if (one.width, one.height) != (two.width, two.height) {
        let (width, height) = (two.width, two.height);
        let expected = (one.width, one.height);
        let text = format!("{}x{} and {width}x{height}", expected.0, expected.1);
        return differ(format!("have different sizes: {text}"));
    }
    match one.differing_pixels(&two) {
        0 => Ok(()),
        pixels => differ(format!("differ in {pixels} pixels")),
    }
}

/// Fails if two of the pictures show the same.
pub(super) fn different(paths: &[PathBuf]) -> Result<()> {
    for (at, one) in paths.iter().enumerate() {
        for other in paths.iter().skip(at + 1) {
            if alike(one, other).is_ok() {
                let (one, other) = (one.display(), other.display());
                return Err(Error::Rule(format!("{one} and {other} show the same")));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Picture, alike, different, identical, lit};

    fn picture(last: u8) -> Picture {
        Picture {
            width: 2,
            height: 1,
            rgb: vec![1, 2, 3, 1, 2, last],
        }
    }

    #[test]
    fn pictures_are_compared_by_what_they_show() {
        let folder = std::env::temp_dir().join(format!("xtask-pictures-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = |name: &str| folder.join(name);
        picture(3).write_png(&path("a.png")).expect("written");
        picture(4).write_png(&path("b.png")).expect("written");
        std::fs::write(path("a.ppm"), b"P6\n2 1\n255\n\x01\x02\x03\x01\x02\x03").expect("written");
        assert!(alike(&path("a.png"), &path("a.ppm")).is_ok());
        assert!(alike(&path("a.png"), &path("b.png")).is_err());
        assert!(identical(&path("a.png"), &path("a.png")).is_ok());
        assert!(identical(&path("a.png"), &path("a.ppm")).is_err());
        assert!(different(&[path("a.png"), path("b.png")]).is_ok());
        assert!(different(&[path("b.png"), path("a.png"), path("a.ppm")]).is_err());
        assert_eq!(lit(&path("a.png")).expect("read"), 2);
        let _ = std::fs::remove_dir_all(&folder);
    }
}
