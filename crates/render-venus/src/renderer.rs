use std::sync::Arc;

use context::{CapsetId, CapsetInfo, Context, ContextId, Error, EventSender};
use host_vulkan::{Library, OpenError};
use vulkan_types as t;
use wire_venus::{CAPSET_SIZE, Capset};

use crate::context_impl::VenusContext;
use crate::extensions::protocol_numbers;

/// Which of the host's devices guests see.
#[derive(Clone, Debug, Default)]
pub enum DeviceChoice {
    /// All of them, in the order of the host's loader.
    #[default]
    All,
    /// The one at this place in that order.
    Index(usize),
    /// Those whose name contains this text.
    Name(String),
}

/// Makes Venus contexts.
pub struct Renderer {
    library: Arc<Library>,
    choice: DeviceChoice,
}

/// Why there is no Venus here.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The host has no Vulkan loader.
    #[error(transparent)]
    Loader(#[from] OpenError),
}

impl Renderer {
    /// Opens the host's Vulkan.
    ///
    /// # Errors
    /// The host has none.
    pub fn new(choice: DeviceChoice) -> Result<Self, StartError> {
        Ok(Self { library: Library::open()?, choice })
    }

    fn venus_capset() -> Capset {
        let version = |name: &str| {
            t::EXTENSIONS.iter().find(|extension| extension.name == name).map_or(0, |extension| extension.spec_version)
        };
        Capset {
            // VK_MAKE_API_VERSION(0, 1, 4, header).
            vk_xml_version: 1 << 22 | 4 << 12 | t::HEADER_VERSION,
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

impl context::Renderer for Renderer {
    fn capsets(&self) -> Vec<CapsetInfo> {
        vec![CapsetInfo { id: CapsetId::VENUS, max_version: 0, max_size: CAPSET_SIZE as u32 }]
    }

    fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>> {
        (id == CapsetId::VENUS && version == 0).then(|| Self::venus_capset().to_bytes())
    }

    fn create_context(
        &self,
        id: ContextId,
        capset: CapsetId,
        name: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, Error> {
        if capset != CapsetId::VENUS {
            return Err(Error::Unsupported(format!("capset {} in the Venus renderer", capset.0)));
        }
        tracing::debug!(context = id.0, name, "Venus context");
        Ok(Box::new(VenusContext::new(id, Arc::clone(&self.library), self.choice.clone(), events)))
    }
}
