use std::io;
use std::path::Path;
use std::sync::Arc;

use context::{
    CapsetId, CapsetInfo, Context, ContextId, DeviceRenderer, Error, EventSender, ResourceId,
    Resources,
};
use host_vulkan::{DriverError, Instance, Library, OpenError, PhysicalDevice, Rung};
use vulkan_types as t;
use wire_venus::{CAPSET_SIZE, Capset};

use crate::context_impl::VenusContext;
use crate::extensions::protocol_numbers;
use crate::instance::host_instance;

/// Which of the host's devices guests see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// All of them, in the order of the host's loader.
    #[default]
    All,
    /// The one at this place in that order.
    Index(usize),
    /// Those whose name contains this text.
    Name(String),
    /// The one behind a DRM render node, by its device number.
    RenderNode {
        /// The number's first half.
        major: u32,
        /// The number's second half.
        minor: u32,
        /// The node as the user named it.
        name: String,
    },
}

/// What guests get of the host, where there is a choice.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The devices that guests see.
    pub devices: DeviceChoice,
    /// The one rung of the memory ladder to share memory on; each type's best one if none.
    pub memory_rung: Option<Rung>,
    /// How images are made that guests exchange, where dma-bufs are emulated.
    pub exchanged_images: ExchangedImages,
}

/// How images with the LINEAR modifier are made on pages of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExchangedImages {
    /// Staged where no such pages count as the device's own memory, else direct.
    #[default]
    Auto,
    /// Linear images on the pages: the device draws to them.
    Direct,
    /// Tiled images in the device's memory, copied to the pages when they are handed over.
    Staged,
}

/// Makes Venus contexts.
pub struct Renderer {
    library: Arc<Library>,
    options: Arc<Options>,
    // Keeps the drivers loaded between contexts.
    _instance: Option<Arc<Instance>>,
}

/// Why there is no Venus here.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The host has no Vulkan loader.
    #[error(transparent)]
    Loader(#[from] OpenError),
    /// There is a loader, and nothing that it could load.
    #[error(
        "the Vulkan loader finds no driver that works ({0}); install one for this host's GPU, \
         or Mesa's for the processor (Debian: mesa-vulkan-drivers), and check VK_DRIVER_FILES"
    )]
    Instance(DriverError),
    /// None of the host's devices is the one that was asked for.
    #[error("{wanted}: none of this host's Vulkan devices; {found}")]
    NoSuchDevice {
        /// What was asked for.
        wanted: String,
        /// Which devices there are, in words.
        found: String,
    },
}

impl DeviceChoice {
    /// The device behind a DRM render node such as `/dev/dri/renderD128`.
    ///
    /// # Errors
    /// There is no such device file.
    pub fn render_node(path: &Path) -> io::Result<Self> {
        let found = rustix::fs::stat(path)?;
        if !rustix::fs::FileType::from_raw_mode(found.st_mode).is_char_device() {
            return Err(io::Error::other("not a device"));
        }
        let (major, minor) = (
            rustix::fs::major(found.st_rdev),
            rustix::fs::minor(found.st_rdev),
        );
        Ok(Self::RenderNode {
            major,
            minor,
            name: path.display().to_string(),
        })
    }

    /// Whether guests see the device at this place.
    pub(crate) fn picks(&self, at: usize, device: &PhysicalDevice) -> bool {
        match self {
            Self::All => true,
            Self::Index(index) => at == *index,
            Self::Name(text) => device.name().contains(text),
            Self::RenderNode { major, minor, .. } => device.render_node() == Some((*major, *minor)),
        }
    }

    /// Fails when none of the devices is chosen, though one was to be.
    pub(crate) fn check(&self, devices: &[Arc<PhysicalDevice>]) -> Result<(), StartError> {
        let picked = devices
            .iter()
            .enumerate()
            .any(|(at, device)| self.picks(at, device));
        let wanted = match self {
            _ if picked => return Ok(()),
            Self::All => return Ok(()),
            Self::Index(index) => format!("GPU {index}"),
            Self::Name(text) => format!("GPU {text:?}"),
            Self::RenderNode { name, .. } => name.clone(),
        };
        Err(StartError::NoSuchDevice {
            wanted,
            found: in_words(devices),
        })
    }
}

/// What there is to choose from.
fn in_words(devices: &[Arc<PhysicalDevice>]) -> String {
    if devices.is_empty() {
        return "it has none: install a driver (Debian: mesa-vulkan-drivers)".into();
    }
    let word = |(at, device): (usize, &Arc<PhysicalDevice>)| {
        let node = device
            .render_node()
            .map(|(_, minor)| format!(", render node {minor}"));
        format!(
            "{at} ({}{})",
            device.name(),
            node.as_deref().unwrap_or(", no render node known")
        )
    };
    let words: Vec<_> = devices.iter().enumerate().map(word).collect();
    format!("choose by number or name: {}", words.join(", "))
}

/// The registry that the protocol was made from.
pub(crate) fn protocol_xml_version() -> u32 {
    // VK_MAKE_API_VERSION(0, 1, 4, header).
    1 << 22 | 4 << 12 | t::HEADER_VERSION
}

impl Renderer {
    /// Opens the host's Vulkan, and probes the memory of the devices that guests see: now, when
    /// no guest can have taken the memory or the descriptors that the probe needs.
    ///
    /// # Errors
    /// The host has none, or not the device that was chosen.
    pub fn new(options: Options) -> Result<Self, StartError> {
        let library = Library::open(options.memory_rung)?;
        let instance = match probed(&library, &options.devices) {
            Ok(instance) => Some(instance),
            // A driver may be installed while programs run; those that start before get its
            // refusal from `vkCreateInstance`.
            Err(StartError::Instance(error)) if options.devices == DeviceChoice::All => {
                tracing::warn!("{}", StartError::Instance(error));
                None
            }
            Err(error) => return Err(error),
        };
        Ok(Self {
            library,
            options: Arc::new(options),
            _instance: instance,
        })
    }

    fn venus_capset() -> Capset {
        let version = |name: &str| {
            t::EXTENSIONS
                .iter()
                .find(|extension| extension.name == name)
                .map_or(0, |extension| extension.spec_version)
        };
        Capset {
            vk_xml_version: protocol_xml_version(),
            command_serialization_version: version("VK_EXT_command_serialization"),
            venus_protocol_version: version("VK_MESA_venus_protocol"),
            blob_id_0: true,
            extension_mask: Capset::mask(protocol_numbers()),
            allow_wait_syncs: true,
            multiple_timelines: true,
            guest_vram: false,
        }
    }
}

/// An instance whose devices' memory has been probed, as far as guests see them.
fn probed(library: &Arc<Library>, choice: &DeviceChoice) -> Result<Arc<Instance>, StartError> {
    let info = t::InstanceCreateInfo::default();
    let instance = host_instance(library, &info).map_err(StartError::Instance)?;
    let devices = instance.physical_devices().map_err(StartError::Instance)?;
    choice.check(&devices)?;
    for (at, device) in devices.iter().enumerate() {
        if choice.picks(at, device) {
            device.ladder();
        }
    }
    Ok(instance)
}

impl context::Renderer for Renderer {
    fn capsets(&self) -> Vec<CapsetInfo> {
        vec![CapsetInfo {
            id: CapsetId::VENUS,
            max_version: 0,
            max_size: CAPSET_SIZE as u32,
        }]
    }

    fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>> {
        (id == CapsetId::VENUS && version == 0).then(|| Self::venus_capset().to_bytes())
    }

    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, Error> {
        Ok(Box::new(Device {
            library: Arc::clone(&self.library),
            options: Arc::clone(&self.options),
        }))
    }
}

/// A guest's device. Its contexts share nothing: what they exchange is memory.
struct Device {
    library: Arc<Library>,
    options: Arc<Options>,
}

impl DeviceRenderer for Device {
    fn create_context(
        &mut self,
        id: ContextId,
        capset: CapsetId,
        name: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, Error> {
        if capset != CapsetId::VENUS {
            return Err(Error::Unsupported(format!(
                "capset {} in the Venus renderer",
                capset.0
            )));
        }
        tracing::debug!(context = id.0, name, "Venus context");
        Ok(Box::new(VenusContext::new(
            id,
            Arc::clone(&self.library),
            Arc::clone(&self.options),
            events,
        )))
    }

    fn resources(&mut self) -> Result<&mut dyn Resources, Error> {
        Err(Error::Unsupported(
            "classic resources in the Venus renderer".into(),
        ))
    }

    fn unref(&mut self, _: ResourceId) {}
}
