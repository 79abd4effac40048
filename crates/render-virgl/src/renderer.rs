use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use context::{CapsetId, CapsetInfo, DeviceRenderer, Error};
use host_gl::{
    BufferWrite, Caps, ContextConfig, Current, Display, Library, MemoryLimit, PlatformChoice,
    ShareGroup,
};
use wire_virgl::{CAPS_V1_SIZE, CAPS_V2_SIZE, CapsV2};

use crate::caps;
use crate::device::Device;
use crate::error;
use crate::formats::Formats;
use crate::limits::{SHARE_OF_A_GUEST, SHARE_OF_ALL};
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
    /// How GL sees the buffers that guests map.
    pub mapped_buffers: MappedBuffers,
    /// How bytes come into GL's buffers.
    pub buffer_writes: BufferWrites,
    /// How much memory a guest's buffers, textures and programs may take, in bytes; none for
    /// half of the host's. All guests together have three quarters of it, or this if it is more.
    pub guest_memory: Option<u64>,
}

/// How GL sees the buffers that guests map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MappedBuffers {
    /// As guests do, if a trial shows that it can; by copies otherwise.
    #[default]
    Auto,
    /// By copies of what has changed.
    Copied,
}

/// How bytes come into GL's buffers. Which is faster is the driver's matter: one may leave a buffer
/// in the GPU's memory as long as nobody maps it, another may copy what it is given once more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BufferWrites {
    /// Copied where GL takes guests' memory as buffers: there the processor's memory is the GPU's.
    /// Elsewhere mapped.
    #[default]
    Auto,
    /// The driver copies them.
    Copied,
    /// They are put into the driver's mapping of the buffer; without waiting for the GPU where the
    /// guest has done that. The driver copies what is more than [`host_gl::MAX_MAPPED_WRITE`].
    Mapped,
}

impl BufferWrites {
    /// The way on a host with that way of mapping buffers.
    fn on(self, mapping: Mapping) -> Self {
        match (self, mapping) {
            (Self::Auto, Mapping::Pinned) => Self::Copied,
            (Self::Auto, Mapping::Copied) => Self::Mapped,
            (chosen, _) => chosen,
        }
    }

    /// For what has to come behind the commands before.
    pub(crate) const fn ordered(self) -> BufferWrite {
        match self {
            Self::Auto | Self::Copied => BufferWrite::Copied,
            Self::Mapped => BufferWrite::Mapped,
        }
    }

    /// For what the guest has seen to that no command before uses any more. Where it has not, it
    /// gets its own new bytes where it may have wanted its old ones.
    pub(crate) const fn at_once(self) -> BufferWrite {
        match self {
            Self::Auto | Self::Copied => BufferWrite::Copied,
            Self::Mapped => BufferWrite::MappedAtOnce,
        }
    }
}

/// How GL sees the buffers that guests map, on this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mapping {
    /// The guest's pages are GL's (`AMD_pinned_memory`).
    Pinned,
    /// What has changed is copied between GL's buffer and the guest's pages.
    Copied,
}

/// virgl on one GPU.
pub struct Renderer {
    host: Arc<Host>,
}

/// What all devices have in common.
#[derive(Debug)]
pub(crate) struct Host {
    /// As which the guests' are.
    model: Arc<ShareGroup>,
    pub(crate) formats: Formats,
    pub(crate) language: Language,
    pub(crate) capset: CapsV2,
    pub(crate) programs: Option<ProgramCache>,
    pub(crate) mapping: Mapping,
    pub(crate) buffer_writes: BufferWrites,
    /// Of all guests.
    memory: Arc<MemoryLimit>,
    guest_memory: u64,
    /// How many there are.
    pub(crate) devices: AtomicUsize,
    /// When memory was given back last.
    pub(crate) trimmed: Mutex<Option<Instant>>,
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

/// Taken while a host is probed, which uses nearly everything for the first time: Mesa fills
/// tables then, and not all of its versions let only one thread do so (`texstore.c` of 22.3).
static PROBING: Mutex<()> = Mutex::new(());

impl Host {
    /// A share group for a guest.
    pub(crate) fn share_group(&self) -> Result<Arc<ShareGroup>, host_gl::Error> {
        let memory = MemoryLimit::new(self.guest_memory, Some(&self.memory));
        self.model.alike(&memory)
    }

    fn probe(config: &Config) -> Result<Self, error::Error> {
        let _first = PROBING.lock().unwrap_or_else(PoisonError::into_inner);
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
        let guest_memory = config.guest_memory.unwrap_or(share(SHARE_OF_A_GUEST));
        let mapping = match config.mapped_buffers {
            MappedBuffers::Auto if can_share(&gl) => Mapping::Pinned,
            _ => Mapping::Copied,
        };
        drop(gl);
        drop(context);
        Ok(Self {
            model: group,
            formats,
            language,
            capset,
            programs,
            mapping,
            buffer_writes: config.buffer_writes.on(mapping),
            memory: MemoryLimit::new(share(SHARE_OF_ALL).max(guest_memory), None),
            guest_memory,
            devices: AtomicUsize::new(0),
            trimmed: Mutex::new(None),
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

/// A share of the host's memory, in bytes.
fn share([part, of]: [u64; 2]) -> u64 {
    let total = host_memory::total_memory();
    total.checked_div(of).unwrap_or(0).saturating_mul(part)
}

/// Whether GL and others see the same bytes in a shared buffer, both ways.
fn can_share(gl: &Current<'_>) -> bool {
    const SIZE: u64 = 4096;
    const OURS: [u8; 4] = [0xa5, 1, 2, 3];
    const GLS: [u8; 4] = [0x5a, 4, 5, 6];
    let attempt = || {
        let (buffer, pages) = gl.create_shared_buffer(SIZE).ok()?;
        let mut seen = [0; 4];
        pages.write(8, &OURS).ok()?;
        gl.read_buffer(&buffer, 8, &mut seen).ok()?;
        gl.write_buffer(&buffer, SIZE - 4, &GLS).ok()?;
        let sync = gl.fence().ok()?;
        gl.wait(&sync, PATIENCE).ok()?.then_some(())?;
        let mut back = [0; 4];
        pages.read(SIZE - 4, &mut back).ok()?;
        Some(seen == OURS && back == GLS)
    };
    attempt().unwrap_or(false)
}

/// How long a GPU may take to write four bytes.
const PATIENCE: Duration = Duration::from_secs(5);

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
