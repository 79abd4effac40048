//! `list` and `render`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::gpu::{Gpu, Instance, Output, SIDE};
use crate::scenes::{ALL, Scene};

/// Lists the scenes.
pub(crate) fn list() -> bool {
    for scene in ALL {
        println!("{:20} {}", scene.name, scene.purpose());
    }
    true
}

/// Draws scenes; whether none failed.
pub(crate) fn render(
    device: usize,
    validate: bool,
    out: Option<&Path>,
    names: &[String],
) -> Result<bool> {
    let chosen = choose(names)?;
    if let Some(out) = out {
        fs::create_dir_all(out).map_err(|source| Error::File {
            path: out.into(),
            source,
        })?;
    }
    let instance = Arc::new(Instance::open(device, validate)?);
    eprintln!("{}", instance.describe());
    let (mut drawn, mut skipped, mut failed) = (0, 0, 0);
    for scene in chosen {
        match draw(&instance, scene, out) {
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
        scene.ok_or_else(|| {
            Error::Usage(format!("no scene {name}; `vulkan-client list` names them"))
        })
    };
    names.iter().map(find).collect()
}

/// Draws one scene on a device of its own; returns the checksum of its bytes.
fn draw(instance: &Arc<Instance>, scene: &Scene, out: Option<&Path>) -> Result<u32> {
    let drawn = draw_on_own_device(instance, scene);
    // The messages include those about what was not destroyed.
    let messages = instance.take_messages();
    let output = drawn?;
    if !messages.is_empty() {
        return Err(Error::Validation(summary(&messages)));
    }
    if let Some(out) = out {
        write(&output, &out.join(output.file_name(scene.name)))?;
    }
    Ok(crc32fast::hash(output.bytes()))
}

/// The first message on one line, and how many there are.
fn summary(messages: &[String]) -> String {
    let first = messages
        .first()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    format!("{} ({} in all)", first.unwrap_or_default(), messages.len())
}

fn draw_on_own_device(instance: &Arc<Instance>, scene: &Scene) -> Result<Output> {
    let gpu = Gpu::open(instance, &mut scene.wanted())?;
    (scene.draw)(&gpu)
}

fn write(output: &Output, path: &Path) -> Result<()> {
    let failed = |source| Error::File {
        path: path.into(),
        source,
    };
    match output {
        Output::Bytes(bytes) => fs::write(path, bytes).map_err(failed),
        Output::Picture(bytes) => {
            let file = fs::File::create(path).map_err(failed)?;
            let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), SIDE, SIDE);
            encoder.set_color(png::ColorType::Rgba);
            encoder.set_depth(png::BitDepth::Eight);
            let written = encoder
                .write_header()
                .and_then(|mut png| png.write_image_data(bytes));
            written.map_err(|e| Error::Picture {
                path: path.into(),
                reason: e.to_string(),
            })
        }
    }
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
