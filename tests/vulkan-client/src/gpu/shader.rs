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
