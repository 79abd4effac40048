//! The scenes, one a file; the first line of each file says what it is for.

use crate::error::Result;
use crate::gl::{Gl, Output};

/// One scene.
pub(crate) struct Scene {
    /// The name of its file, and of its picture.
    pub(crate) name: &'static str,
    source: &'static str,
    /// Draws it.
    pub(crate) draw: fn(&Gl) -> Result<Output>,
}

impl Scene {
    /// What the scene is for: the first line of its file.
    pub(crate) fn purpose(&self) -> &'static str {
        let first = self.source.lines().next().unwrap_or_default();
        first.trim_start_matches("//! ")
    }
}

macro_rules! scenes {
    ($($name:ident)*) => {
        $(mod $name;)*

        /// All scenes, in the order in which they are drawn.
        pub(crate) const ALL: &[Scene] = &[$(Scene {
            name: stringify!($name),
            source: include_str!(concat!(stringify!($name), ".rs")),
            draw: $name::draw,
        }),*];
    };
}

mod shapes;

scenes! {
    triangle
    textures
    mipmaps
    wrapping
    formats
    layers
    buffer_texture
    blending
    depth
    stencil
    scissor
    render_to_texture
    render_targets
    multisample
    blits
    copies
    instances
    indirect
    uniform_blocks
    feedback
    occlusion
    geometry
    tessellation
    compute
    images
}
