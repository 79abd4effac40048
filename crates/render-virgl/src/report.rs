//! What the host's OpenGL offers, and what guests do not see of it, for people.

use context::Error;
use host_gl::{Api, Caps, Display, Library, ShareGroup};

use crate::Config;
use crate::error;

/// The host's OpenGL, as virgl uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// `GL_RENDERER`.
    pub renderer: String,
    /// `GL_VENDOR`.
    pub vendor: String,
    /// `GL_VERSION`.
    pub version: String,
    /// The profile, in words.
    pub profile: &'static str,
    /// The shading language's version, 100 times.
    pub glsl: u32,
    /// Accesses beyond a buffer's end are defined.
    pub robust_access: bool,
    /// Features that guests could use and the host lacks.
    pub lacking: Vec<&'static str>,
    /// What guests do not see, and why.
    pub withheld: Vec<(&'static str, &'static str)>,
}

/// What is not passed on although this host may have it.
const WITHHELD: [(&str, &str); 1] = [("video", "not built yet")];

const IMPLICIT_SAMPLES: (&str, &str) = (
    "EXT_multisampled_render_to_texture",
    "not built yet: no host that it could be tried on had it",
);

/// Opens the host's OpenGL and looks at it.
///
/// # Errors
/// [`Error::Host`] says what EGL or GL lacks.
pub fn report(config: &Config) -> Result<Report, Error> {
    Ok(probe(config)?)
}

fn probe(config: &Config) -> Result<Report, error::Error> {
    let display = Display::open(&Library::open()?, &config.platform)?;
    let context = ShareGroup::new(&display, config.context)?.context()?;
    let gl = context.make_current()?;
    let caps = gl.caps();
    Ok(Report {
        renderer: caps.renderer.clone(),
        vendor: caps.vendor.clone(),
        version: caps.version_text.clone(),
        profile: match caps.api {
            Api::Core => "core profile",
            Api::Compatibility => "compatibility profile",
            Api::Es => "OpenGL ES",
        },
        glsl: caps.glsl,
        robust_access: caps.robust_access,
        lacking: caps
            .features
            .all()
            .filter(|(_, has)| !has)
            .map(|(name, _)| name)
            .collect(),
        withheld: withheld(caps),
    })
}

const FETCH: (&str, &str) = (
    "EXT_shader_framebuffer_fetch",
    "Mesa's virgl driver would offer it only with a single colour buffer; \
     KHR_blend_equation_advanced, which it would take it for, is passed on",
);

fn withheld(caps: &Caps) -> Vec<(&'static str, &'static str)> {
    let has_samples = caps.extensions.has("GL_EXT_multisampled_render_to_texture");
    let samples = has_samples.then_some(IMPLICIT_SAMPLES);
    let fetch = caps.features.framebuffer_fetch.then_some(FETCH);
    let found = samples.into_iter().chain(fetch);
    found.chain(WITHHELD).collect()
}
