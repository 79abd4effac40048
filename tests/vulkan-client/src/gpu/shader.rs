//! Shaders: WGSL is translated when the program runs, the rest was translated by `shaders/compile.sh`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ash::vk;
use naga::back::spv;
use naga::valid::{Capabilities, ValidationFlags, Validator};

use crate::error::{Error, Result};
use crate::gpu::{Gpu, Owned};

/// A shader of this program, in one of the two ways it is written.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// WGSL with any number of entry points.
    Wgsl(&'static str),
    /// SPIR-V that `shaders/compile.sh` made of GLSL, for what WGSL cannot say; entry `main`.
    Spirv(&'static [u8]),
}

/// The WGSL shader of this name.
macro_rules! wgsl {
    ($name:literal) => {
        $crate::gpu::Source::Wgsl(include_str!(concat!("../../shaders/", $name, ".wgsl")))
    };
}

/// The GLSL shader of this name, already SPIR-V.
macro_rules! glsl {
    ($name:literal) => {
        $crate::gpu::Source::Spirv(include_bytes!(concat!(
            "../../shaders/spirv/",
            $name,
            ".spv"
        )))
    };
}

pub(crate) use {glsl, wgsl};

impl Gpu {
    /// Makes a shader module.
    pub(crate) fn shader(&self, source: Source) -> Result<Owned<vk::ShaderModule>> {
        let words = source.words()?;
        self.create_shader_module(&vk::ShaderModuleCreateInfo::default().code(&words))
    }
}

impl Source {
    /// The shader in SPIR-V.
    pub(crate) fn words(self) -> Result<Arc<[u32]>> {
        match self {
            Self::Wgsl(text) => translated(text),
            Self::Spirv(bytes) => Ok(crate::gpu::words(bytes).into()),
        }
    }
}

/// Translates each text once a process.
fn translated(text: &'static str) -> Result<Arc<[u32]>> {
    type Done = HashMap<&'static str, Arc<[u32]>>;
    static DONE: Mutex<Option<Done>> = Mutex::new(None);
    let mut done = DONE.lock().unwrap_or_else(|e| e.into_inner());
    let done = done.get_or_insert_default();
    if let Some(words) = done.get(text) {
        return Ok(Arc::clone(words));
    }
    let words: Arc<[u32]> = translate(text)?.into();
    done.insert(text, Arc::clone(&words));
    Ok(words)
}

fn translate(text: &str) -> Result<Vec<u32>> {
    let module =
        naga::front::wgsl::parse_str(text).map_err(|e| Error::Shader(e.emit_to_string(text)))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::all())
        .validate(&module)
        .map_err(|e| Error::Shader(e.emit_to_string(text)))?;
    let options = spv::Options {
        lang_version: (1, 3),
        // Vulkan's own coordinates, and names only in pictures of the text.
        flags: spv::WriterFlags::empty(),
        force_loop_bounding: false,
        ..spv::Options::default()
    };
    spv::write_vec(&module, &info, &options, None).map_err(|e| Error::Shader(e.to_string()))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn shaders() -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
        let entries = fs::read_dir(folder).expect("the shaders are beside the sources");
        let path = |entry: std::io::Result<fs::DirEntry>| entry.expect("it can be read").path();
        entries.map(path).filter(|path| path.is_file()).collect()
    }

    #[test]
    fn every_wgsl_shader_translates() {
        let mut count = 0;
        for path in shaders()
            .iter()
            .filter(|p| p.extension() == Some(OsStr::new("wgsl")))
        {
            let text = fs::read_to_string(path).expect("it is text");
            translate(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            count += 1;
        }
        assert!(count > 10, "{count} shaders");
    }

    #[test]
    fn the_spirv_was_made_of_the_glsl_beside_it() {
        let known = [
            "comp", "frag", "geom", "mesh", "rchit", "rgen", "rmiss", "task", "tesc", "tese",
            "vert",
        ];
        let is_glsl = |path: &&PathBuf| {
            known
                .iter()
                .any(|e| path.extension() == Some(OsStr::new(e)))
        };
        let mut count = 0;
        for path in shaders().iter().filter(is_glsl) {
            let source = fs::read(path).expect("it can be read");
            let name = path
                .file_name()
                .and_then(OsStr::to_str)
                .expect("its name is plain");
            let binary = path.with_file_name("spirv").join(format!("{name}.spv"));
            let binary = fs::read(&binary).unwrap_or_else(|e| panic!("{}: {e}", binary.display()));
            // `compile.sh` has the compiler keep the source.
            let kept = binary.windows(source.len()).any(|window| window == source);
            assert!(kept, "{name} has changed: run shaders/compile.sh");
            count += 1;
        }
        assert!(count > 10, "{count} shaders");
    }
}
