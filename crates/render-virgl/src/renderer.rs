use std::path::{Path, PathBuf};
use std::sync::Arc;

use context::{CapsetId, CapsetInfo, DeviceRenderer, Error};
use host_gl::{Caps, ContextConfig, Display, Library, PlatformChoice, ShareGroup};
use wire_virgl::{CAPS_V1_SIZE, CAPS_V2_SIZE, CapsV2};

use crate::caps;
use crate::device::Device;
use crate::error;
use crate::formats::Formats;
use crate::program::Language;
use crate::program_cache::ProgramCache;

/// Which GPU, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Where EGL's display comes from.
    pub platform: PlatformChoice,
    /// What contexts are like.
    pub context: ContextConfig,
    /// The folder where linked programs are kept for the next time; none is written without one.
    pub program_cache: Option<PathBuf>,
    /// The newest version of the shading language that is made use of, 100 times: 150 is 1.50.
    /// None for the driver's own.
    pub newest_glsl: Option<u32>,
}

/// virgl on one GPU.
pub struct Renderer {
    host: Arc<Host>,
}

/// What all devices have in common.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) display: Arc<Display>,
    pub(crate) config: ContextConfig,
    pub(crate) formats: Formats,
    pub(crate) language: Language,
    pub(crate) capset: CapsV2,
    pub(crate) programs: Option<ProgramCache>,
}

impl Renderer {
    /// Opens the GPU and tries what it can do.
    ///
    /// # Errors
    /// [`Error::Host`] says what EGL or GL lacks.
    pub fn new(config: &Config) -> Result<Self, Error> {
        Ok(Self {
            host: Arc::new(Host::probe(config)?),
        })
    }

    #[cfg(test)]
    pub(crate) fn host(&self) -> &Arc<Host> {
        &self.host
    }

    /// The GL's version and renderer, for people.
    pub fn description(&self) -> String {
        String::from_utf8_lossy(self.host.capset.renderer.as_bytes()).into_owned()
    }
}

impl Host {
    fn probe(config: &Config) -> Result<Self, error::Error> {
        let display = Display::open(&Library::open()?, &config.platform)?;
        let group = ShareGroup::new(&display, config.context)?;
        let context = group.context()?;
        let gl = context.make_current()?;
        let formats = Formats::probe(&gl);
        let language = Language::of(gl.caps(), config.newest_glsl);
        let language = language.ok_or(error::Error::Unsupported("a GLSL as old as this one"))?;
        let capset = caps::capset(&gl, &formats, &language);
        let programs = config
            .program_cache
            .as_ref()
            .and_then(|folder| open_programs(folder, gl.caps()));
        drop(gl);
        drop(context);
        Ok(Self {
            display,
            config: config.context,
            formats,
            language,
            capset,
            programs,
        })
    }
}

/// Rendering goes on without.
fn open_programs(folder: &Path, caps: &Caps) -> Option<ProgramCache> {
    let opened = ProgramCache::open(folder, caps);
    opened.unwrap_or_else(|error| {
        let folder = folder.display();
        tracing::warn!("linked programs are not kept in {folder}: {error}");
        None
    })
}

/// The newest layouts of the two capsets (`virgl_hw.h`).
const VERSIONS: [(CapsetId, u32, usize); 2] = [
    (CapsetId::VIRGL, 1, CAPS_V1_SIZE),
    (CapsetId::VIRGL2, 2, CAPS_V2_SIZE),
];

impl context::Renderer for Renderer {
    fn capsets(&self) -> Vec<CapsetInfo> {
        let info = |(id, max_version, size)| CapsetInfo {
            id,
            max_version,
            max_size: u32::try_from(size).unwrap_or(u32::MAX),
        };
        VERSIONS.into_iter().map(info).collect()
    }

    fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>> {
        let (_, newest, _) = VERSIONS.into_iter().find(|(offered, ..)| *offered == id)?;
        if version > newest {
            return None;
        }
        let caps = &self.host.capset;
        Some(match id {
            CapsetId::VIRGL => {
                let mut first = caps.v1;
                first.max_version = 1;
                first.to_bytes()
            }
            _ => caps.to_bytes(),
        })
    }

    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, Error> {
        Ok(Box::new(Device::open(&self.host)?))
    }
}
