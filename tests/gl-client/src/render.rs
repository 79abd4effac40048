//! `list` and `render`.

use std::fs;
use std::path::Path;

use crate::error::{Error, Result};
use crate::gl::{Gl, Output, SIDE};
use crate::scenes::{ALL, Scene};

/// Lists the scenes.
pub(crate) fn list() -> bool {
    for scene in ALL {
        println!("{:20} {}", scene.name, scene.purpose());
    }
    true
}

/// Draws scenes; whether none failed.
pub(crate) fn render(out: Option<&Path>, names: &[String]) -> Result<bool> {
    let chosen = choose(names)?;
    if let Some(out) = out {
        fs::create_dir_all(out).map_err(|source| Error::File {
            path: out.into(),
            source,
        })?;
    }
    eprintln!("{}", Gl::open()?.describe());
    let (mut drawn, mut skipped, mut failed) = (0, 0, 0);
    for scene in chosen {
        match draw(scene, out) {
            Ok(crc) => {
                drawn += 1;
                println!("OK {} {crc:08x}", scene.name);
            }
            Err(Error::Unsupported(reason)) => {
                skipped += 1;
                println!("SKIP {}: {reason}", scene.name);
            }
            Err(error) => {
                failed += 1;
                println!("FAIL {}: {error}", scene.name);
            }
        }
    }
    eprintln!("{drawn} drawn, {skipped} skipped, {failed} failed");
    Ok(failed == 0)
}

fn choose(names: &[String]) -> Result<Vec<&'static Scene>> {
    if names.is_empty() {
        return Ok(ALL.iter().collect());
    }
    let find = |name: &String| {
        let scene = ALL.iter().find(|scene| scene.name == name);
        scene.ok_or_else(|| Error::Usage(format!("no scene {name}; `gl-client list` names them")))
    };
    names.iter().map(find).collect()
}

/// Draws one scene in a context of its own; returns the checksum of its bytes.
fn draw(scene: &Scene, out: Option<&Path>) -> Result<u32> {
    let gl = Gl::open()?;
    let output = (scene.draw)(&gl)?;
    gl.check()?;
    if let Some(out) = out {
        write(&output, &out.join(output.file_name(scene.name)))?;
    }
    Ok(crc32fast::hash(output.bytes()))
}

fn write(output: &Output, path: &Path) -> Result<()> {
    let failed = |source| Error::File {
        path: path.into(),
        source,
    };
    match output {
        Output::Bytes(bytes) => fs::write(path, bytes).map_err(failed),
        Output::Picture(texels) => {
            let file = fs::File::create(path).map_err(failed)?;
            write_png(file, texels).map_err(|error| Error::Picture {
                path: path.into(),
                reason: error.to_string(),
            })
        }
    }
}

/// OpenGL has the bottom row first, and PNG the top one.
fn write_png(file: fs::File, texels: &[u8]) -> Result<(), png::EncodingError> {
    let side = SIDE.unsigned_abs();
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), side, side);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let rows: Vec<&[u8]> = texels.chunks(side as usize * 4).rev().collect();
    encoder.write_header()?.write_image_data(&rows.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scene_says_what_it_is_for() {
        for scene in ALL {
            let purpose = scene.purpose();
            assert!(
                purpose.ends_with('.') && purpose.len() > 20,
                "{}: {purpose}",
                scene.name
            );
        }
    }
}
