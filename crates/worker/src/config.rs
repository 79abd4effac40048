use std::path::PathBuf;

use context::{Error, Renderer};

/// Which renderers to start, and on what.
#[derive(Clone, Debug)]
pub struct Config {
    /// Whether to offer Venus.
    pub venus: bool,
    /// The GPUs that guests see.
    pub gpu: Gpu,
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
            let venus = render_venus::Renderer::new(self.gpu.venus_choice()?);
            renderers.push(Box::new(venus.map_err(|error| Error::Host(error.to_string()))?));
        }
        Ok(renderers)
    }
}

impl Gpu {
    fn venus_choice(&self) -> Result<render_venus::DeviceChoice, Error> {
        use render_venus::DeviceChoice;
        match self {
            Self::All => Ok(DeviceChoice::All),
            Self::Index(index) => Ok(DeviceChoice::Index(*index)),
            Self::Name(name) => Ok(DeviceChoice::Name(name.clone())),
            Self::RenderNode(path) => {
                let why = format!("{}: choosing a Vulkan device by its render node", path.display());
                Err(Error::Unsupported(why))
            }
        }
    }
}
