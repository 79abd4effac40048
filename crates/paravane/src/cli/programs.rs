//! The commands that serve programs.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use worker::virgl::{ApiChoice, PlatformChoice};
use worker::{Config, Gpu, Offer};

use crate::apart::Bounds;

use super::confinement::ConfinementArgs;
use super::gpu::{CacheArgs, GpuArgs};

/// The options of `paravane run`.
#[derive(Debug, Args)]
#[command(after_help = RUN_EXAMPLES)]
pub(crate) struct RunArgs {
    /// Print a summary at the end: what the program asked for, and how much.
    #[arg(long)]
    pub(crate) stats: bool,
    /// The Venus driver's manifest, if it is not where Vulkan looks for drivers.
    #[arg(long, value_name = "JSON")]
    pub(crate) icd: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) gpu: GpuArgs,
    #[command(flatten)]
    processes: ProcessArgs,
    #[command(flatten)]
    pub(crate) confinement: ConfinementArgs,
    #[command(flatten)]
    cache: CacheArgs,
    /// The program and its arguments.
    #[arg(trailing_var_arg = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

impl RunArgs {
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds::new(self.processes.hang_limit(), &self.confinement)
    }

    pub(crate) fn isolation(&self) -> Isolation {
        self.processes.isolation
    }

    /// All that was chosen.
    pub(crate) fn config(&self) -> Config {
        let mut config = self.gpu.config(self.gpu.choice());
        config.opengl.program_cache = self.cache.folder();
        config
    }
}

const RUN_EXAMPLES: &str = "\
Examples:
  paravane run vkcube
  paravane run --stats -- vkmark --winsys headless -b clear
  paravane -v run vulkaninfo --summary
  MESA_LOADER_DRIVER_OVERRIDE=zink paravane run glxgears    OpenGL over Vulkan
  paravane run glmark2                                      OpenGL
  VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.json paravane run vkcube
                                                            on the processor";

/// The options of `paravane vtest`.
#[derive(Debug, Args)]
#[command(after_help = VTEST_EXAMPLES)]
pub(crate) struct VtestArgs {
    /// Where to listen.
    #[arg(
        long,
        value_name = "PATH",
        env = "VTEST_SOCKET_NAME",
        default_value = "/tmp/.virgl_test"
    )]
    pub(crate) socket_path: PathBuf,
    /// Offer Venus, or fail; without it Venus is offered where the host has Vulkan.
    #[arg(long)]
    pub(crate) venus: bool,
    /// Serve many clients at a time; they always are.
    #[arg(long)]
    pub(crate) multi_clients: bool,
    /// Stay one process: as --isolation none.
    #[arg(long)]
    pub(crate) no_fork: bool,
    /// Stay one process, and end when the first client has left.
    #[arg(long)]
    pub(crate) no_loop_or_fork: bool,
    /// For virgl: OpenGL without a window system.
    #[arg(long, conflicts_with = "use_glx")]
    pub(crate) use_egl_surfaceless: bool,
    /// For virgl: OpenGL ES.
    #[arg(long, alias = "gles", conflicts_with_all = ["use_glx", "compat"])]
    pub(crate) use_gles: bool,
    /// Understood, and of no effect: OpenGL comes through EGL.
    #[arg(long)]
    pub(crate) use_glx: bool,
    /// For virgl: the compatibility profile.
    #[arg(long)]
    pub(crate) compat: bool,
    /// Offer only the GPU behind this DRM render node.
    #[arg(long, value_name = "DEV", env = "VTEST_RENDERNODE")]
    pub(crate) rendernode: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) gpu: GpuArgs,
    #[command(flatten)]
    processes: ProcessArgs,
    #[command(flatten)]
    pub(crate) confinement: ConfinementArgs,
    #[command(flatten)]
    cache: CacheArgs,
}

impl VtestArgs {
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds::new(self.processes.hang_limit(), &self.confinement)
    }

    pub(crate) fn isolation(&self) -> Isolation {
        match self.no_fork || self.no_loop_or_fork {
            true => Isolation::None,
            false => self.processes.isolation,
        }
    }

    /// All that was chosen.
    pub(crate) fn config(&self) -> Config {
        let mut config = self.gpu.config(self.gpu_choice());
        config.opengl.program_cache = self.cache.folder();
        // As for virgl_test_server: only who says so insists on Venus.
        config.venus = match self.venus {
            true => Offer::Always,
            false => Offer::IfPossible,
        };
        if self.use_egl_surfaceless {
            config.opengl.platform = PlatformChoice::Surfaceless;
        }
        config.opengl.context.api = match (self.use_gles, self.compat) {
            (true, _) => ApiChoice::Es,
            (_, true) => ApiChoice::Compatibility,
            _ => ApiChoice::Auto,
        };
        config
    }

    pub(crate) fn gpu_choice(&self) -> Gpu {
        match (self.gpu.choice(), &self.rendernode) {
            (Gpu::All, Some(node)) => Gpu::RenderNode(node.clone()),
            (choice, _) => choice,
        }
    }
}

const VTEST_EXAMPLES: &str = "\
Examples:
  paravane vtest --venus
  paravane vtest --venus --no-virgl --multi-clients --socket-path /run/user/1000/gpu

And a client of it:
  VN_DEBUG=vtest VTEST_SOCKET_NAME=/run/user/1000/gpu \\
  VK_DRIVER_FILES=/usr/share/vulkan/icd.d/virtio_icd.json vulkaninfo --summary";

/// Which processes clients are served in.
#[derive(Debug, Args)]
struct ProcessArgs {
    /// What is kept apart by processes: `vm` serves each client in one of its own, so that a driver
    /// that fails takes one client with it; `none` serves all in one.
    #[arg(long, value_name = "WHAT", default_value = "vm")]
    isolation: Isolation,
    /// End a client's process that hangs for so long: that is stopped, that does not come back
    /// from the host's driver, or that stays when its client has gone; 0 for never.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    hang_limit: u64,
}

impl ProcessArgs {
    fn hang_limit(&self) -> Option<Duration> {
        (self.hang_limit != 0).then(|| Duration::from_secs(self.hang_limit))
    }
}

/// What is kept apart by processes. A vtest client counts as a virtual machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Isolation {
    None,
    Vm,
}
