use std::path::PathBuf;

use context::{Error, Renderer};
use render_venus as venus;
use render_virgl as virgl;

/// Which renderers to start, and on what.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether to offer Venus.
    pub venus: Offer,
    /// Whether to offer virgl.
    pub virgl: Offer,
    /// On which OpenGL virgl is.
    pub opengl: virgl::Config,
    /// The GPUs that guests see.
    pub gpu: Gpu,
    /// The one rung of the memory ladder to share memory on; the best ones if none.
    pub memory_rung: Option<venus::Rung>,
    /// How images are made that guests exchange.
    pub exchanged_images: venus::ExchangedImages,
}

/// Whether a renderer is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Not at all.
    Never,
    /// If the host has what it takes; a warning says what it lacks.
    IfPossible,
    /// Without it the worker does not start.
    Always,
}

impl Offer {
    /// Starts a renderer, unless it is not wanted, or is not there and may be missing.
    fn start(
        self,
        name: &str,
        start: impl FnOnce() -> Result<Box<dyn Renderer>, Error>,
    ) -> Result<Option<Box<dyn Renderer>>, Error> {
        if self == Self::Never {
            return Ok(None);
        }
        match start() {
            Ok(renderer) => Ok(Some(renderer)),
            Err(error) if self == Self::Always => {
                Err(Error::Host(format!("cannot offer {name}: {error}")))
            }
            Err(error) => {
                tracing::warn!("cannot offer {name}: {error}");
                Ok(None)
            }
        }
    }
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
        let venus = self.venus.start("Venus", || self.start_venus())?;
        let virgl = self.virgl.start("virgl", || self.start_virgl())?;
        Ok(venus.into_iter().chain(virgl).collect())
    }

    fn start_venus(&self) -> Result<Box<dyn Renderer>, Error> {
        let venus = venus::Renderer::new(self.venus_options()?);
        Ok(Box::new(venus.map_err(not_started)?))
    }

    fn start_virgl(&self) -> Result<Box<dyn Renderer>, Error> {
        let virgl = virgl::Renderer::new(&self.opengl)?;
        tracing::info!("virgl on {}", virgl.description());
        Ok(Box::new(virgl))
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
        virgl: virgl::report(&config.opengl).map_err(|error| error.to_string()),
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
