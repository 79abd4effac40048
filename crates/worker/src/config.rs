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
        let renderers: Vec<Box<dyn Renderer>> = Vec::new();
        Ok(renderers)
    }
}
