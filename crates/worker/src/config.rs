use std::path::PathBuf;

use context::{Error, Renderer};
use render_venus as venus;
use render_virgl as virgl;

/// Which renderers to start, and on what.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether to offer Venus.
    pub venus: bool,
    /// Whether to offer virgl, and on which OpenGL.
    pub virgl: Option<virgl::Config>,
    /// The GPUs that guests see.
    pub gpu: Gpu,
    /// The one rung of the memory ladder to share memory on; the best ones if none.
    pub memory_rung: Option<venus::Rung>,
    /// How images are made that guests exchange.
    pub exchanged_images: venus::ExchangedImages,
}

/// A choice among the host's GPUs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Gpu {
    /// All of them, in the order of the host's driver.
    #[default]
    All,
    /// The one behind a DRM render node.
    RenderNode(PathBuf),
    /// The one at this place in the driver's list, from 0.
    Index(usize),
    /// Those whose name contains this.
    Name(String),
}

impl Config {
    /// The renderers asked for, the preferred ones first.
    pub(crate) fn renderers(&self) -> Result<Vec<Box<dyn Renderer>>, Error> {
        let mut renderers: Vec<Box<dyn Renderer>> = Vec::new();
        if self.venus {
            let venus = venus::Renderer::new(self.venus_options()?);
            renderers.push(Box::new(
                venus.map_err(|error| Error::Host(error.to_string()))?,
            ));
        }
        if let Some(config) = &self.virgl {
            let virgl = virgl::Renderer::new(config)?;
            tracing::info!("virgl on {}", virgl.description());
            renderers.push(Box::new(virgl));
        }
        Ok(renderers)
    }

    fn venus_options(&self) -> Result<venus::Options, Error> {
        Ok(venus::Options {
            devices: self.gpu.venus_choice()?,
            memory_rung: self.memory_rung,
            exchanged_images: self.exchanged_images,
        })
    }
}

/// What the host offers to the contexts of a worker, and why not more.
///
/// # Errors
/// The host has no Vulkan, or not the GPU that was chosen.
pub fn report(config: &Config) -> Result<Report, Error> {
    Ok(Report {
        venus: venus::report(&config.venus_options()?).map_err(not_started)?,
        virgl: virgl::report(&config.virgl.clone().unwrap_or_default())
            .map_err(|error| error.to_string()),
    })
}

/// What the host offers to the contexts of a worker.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its Vulkan.
    pub venus: venus::Report,
    /// Its OpenGL, or why it cannot be used.
    pub virgl: Result<virgl::Report, String>,
}

fn not_started(error: venus::StartError) -> Error {
    match error {
        error @ venus::StartError::NoSuchDevice { .. } => Error::Unsupported(error.to_string()),
        error => Error::Host(error.to_string()),
    }
}

impl Gpu {
    fn venus_choice(&self) -> Result<venus::DeviceChoice, Error> {
        use venus::DeviceChoice;
        match self {
            Self::All => Ok(DeviceChoice::All),
            Self::Index(index) => Ok(DeviceChoice::Index(*index)),
            Self::Name(name) => Ok(DeviceChoice::Name(name.clone())),
            Self::RenderNode(path) => DeviceChoice::render_node(path).map_err(|error| {
                Error::Host(format!(
                    "render node {}: {error}; {}",
                    path.display(),
                    render_nodes()
                ))
            }),
        }
    }
}

/// Which render nodes there are, in words.
fn render_nodes() -> String {
    let entries = std::fs::read_dir("/dev/dri")
        .into_iter()
        .flatten()
        .flatten();
    let mut nodes: Vec<_> = entries
        .map(|entry| entry.path().display().to_string())
        .filter(|path| path.starts_with("/dev/dri/renderD"))
        .collect();
    nodes.sort();
    match nodes.is_empty() {
        true => "this host has none: choose a GPU by its number or name".into(),
        false => format!("this host has {}", nodes.join(", ")),
    }
}
