//! How contexts are made: which API and version, and how safe.

use std::ffi::c_void;

use super::{ApiChoice, ContextConfig};
use crate::{Api, Display, Error};

/// How contexts of a group are made.
#[derive(Clone, Copy)]
pub(super) struct Recipe {
    pub(super) api: Api,
    version: (i32, i32),
    robustness: Robustness,
    pub(super) debug: bool,
    config: *mut c_void,
}

/// In whose words EGL is asked for robust access and for reset notification.
#[derive(Clone, Copy, Debug)]
enum Robustness {
    /// EGL 1.5's, and `EGL_KHR_create_context`'s.
    Core,
    /// `EGL_EXT_create_context_robustness`
    Ext,
    /// EGL has none.
    None,
}

const CORE_VERSIONS: &[(i32, i32)] = &[
    (4, 6),
    (4, 5),
    (4, 4),
    (4, 3),
    (4, 2),
    (4, 1),
    (4, 0),
    (3, 3),
    (3, 2),
];
/// With a profile that OpenGL chooses. OpenGL ES, where there is such, has more.
const OLD_VERSIONS: &[(i32, i32)] = &[(3, 1), (3, 0)];
const ES_VERSIONS: &[(i32, i32)] = &[(3, 2), (3, 1), (3, 0)];

impl Recipe {
    /// The best recipe that makes a context, with that context.
    pub(super) fn find(
        display: &Display,
        config: ContextConfig,
    ) -> Result<(Self, *mut c_void), Error> {
        let [core, compatibility, es] = [
            (Api::Core, CORE_VERSIONS),
            (Api::Compatibility, CORE_VERSIONS),
            (Api::Es, ES_VERSIONS),
        ];
        let choices = match config.api {
            ApiChoice::Auto => vec![core, compatibility, es, (Api::Core, OLD_VERSIONS)],
            ApiChoice::Core => vec![core, (Api::Core, OLD_VERSIONS)],
            ApiChoice::Compatibility => vec![compatibility, (Api::Compatibility, OLD_VERSIONS)],
            ApiChoice::Es => vec![es],
        };
        for &(api, versions) in &choices {
            let egl_config = choose_config(display, api)?;
            for robustness in robustness_of(display) {
                for &version in versions {
                    let debug = config.debug;
                    let recipe = Self {
                        api,
                        version,
                        robustness,
                        debug,
                        config: egl_config,
                    };
                    if let Ok(context) = recipe.create(display, std::ptr::null_mut()) {
                        return Ok((recipe, context));
                    }
                }
            }
        }
        Err(Error::NoContext(format!(
            "{} makes none of {:?}",
            display.name(),
            choices.iter().map(|(api, _)| api).collect::<Vec<_>>()
        )))
    }

    pub(super) fn create(
        &self,
        display: &Display,
        share: *mut c_void,
    ) -> Result<*mut c_void, Error> {
        let library = display.library();
        let attributes = self.attributes();
        // SAFETY: the attributes end in `EGL_NONE`; the others are the display's, or null.
        let context = unsafe {
            if (library.egl.bind_api)(self.api.egl()) == 0 {
                return Err(library.error("eglBindAPI"));
            }
            let handle = display.handle();
            (library.egl.create_context)(handle, self.config, share, attributes.as_ptr())
        };
        match context.is_null() {
            true => Err(library.error("eglCreateContext")),
            false => Ok(context),
        }
    }

    fn attributes(&self) -> Vec<i32> {
        const MAJOR_VERSION: i32 = 0x3098;
        const MINOR_VERSION: i32 = 0x30fb;
        const FLAGS: i32 = 0x30fc;
        const PROFILE_MASK: i32 = 0x30fd;
        const ROBUST_ACCESS: i32 = 0x31b2;
        const RESET_STRATEGY: i32 = 0x31bd;
        const ROBUST_ACCESS_EXT: i32 = 0x30bf;
        const RESET_STRATEGY_EXT: i32 = 0x3138;
        const LOSE_CONTEXT_ON_RESET: i32 = 0x31bf;
        const NONE: i32 = 0x3038;
        let (major, minor) = self.version;
        let mut attributes = vec![MAJOR_VERSION, major, MINOR_VERSION, minor];
        match self.api {
            Api::Core => attributes.extend([PROFILE_MASK, 1]),
            Api::Compatibility => attributes.extend([PROFILE_MASK, 2]),
            Api::Es => {}
        }
        if self.debug {
            attributes.extend([FLAGS, 1]);
        }
        match self.robustness {
            Robustness::Core => {
                attributes.extend([ROBUST_ACCESS, 1, RESET_STRATEGY, LOSE_CONTEXT_ON_RESET]);
            }
            Robustness::Ext => {
                attributes.extend([ROBUST_ACCESS_EXT, 1]);
                attributes.extend([RESET_STRATEGY_EXT, LOSE_CONTEXT_ON_RESET]);
            }
            Robustness::None => {}
        }
        attributes.push(NONE);
        attributes
    }
}

fn robustness_of(display: &Display) -> impl Iterator<Item = Robustness> {
    let has_core = display.version() >= (1, 5);
    let has_ext = display
        .extensions()
        .has("EGL_EXT_create_context_robustness");
    let core = has_core.then_some(Robustness::Core);
    let ext = has_ext.then_some(Robustness::Ext);
    core.into_iter().chain(ext).chain([Robustness::None])
}

/// Null where contexts need no configuration.
fn choose_config(display: &Display, api: Api) -> Result<*mut c_void, Error> {
    const SURFACE_TYPE: i32 = 0x3033;
    const RENDERABLE_TYPE: i32 = 0x3040;
    const OPENGL_BIT: i32 = 8;
    const OPENGL_ES3_BIT: i32 = 0x40;
    const NONE: i32 = 0x3038;
    let has = |extension: &str| display.extensions().has(extension);
    if has("EGL_KHR_no_config_context") || has("EGL_MESA_configless_context") {
        return Ok(std::ptr::null_mut());
    }
    let renderable = if api == Api::Es {
        OPENGL_ES3_BIT
    } else {
        OPENGL_BIT
    };
    let attributes = [SURFACE_TYPE, 0, RENDERABLE_TYPE, renderable, NONE];
    let (mut config, mut count) = (std::ptr::null_mut(), 0);
    let library = display.library();
    // SAFETY: the attributes end in `EGL_NONE`, and there is room for one configuration.
    let ok = unsafe {
        let choose = library.egl.choose_config;
        choose(
            display.handle(),
            attributes.as_ptr(),
            &mut config,
            1,
            &mut count,
        )
    };
    match ok != 0 && count > 0 {
        true => Ok(config),
        false => Err(Error::NoContext(format!("no configuration for {api:?}"))),
    }
}
