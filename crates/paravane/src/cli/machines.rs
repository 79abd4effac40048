//! The commands that give virtual machines a graphics card.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use worker::{Config, Gpu};

use super::confinement::ConfinementArgs;
use super::gpu::{CacheArgs, GpuArgs};

/// The options of `paravane vhost-user`.
#[derive(Debug, Args)]
#[command(after_help = VHOST_USER_EXAMPLES)]
pub(crate) struct VhostUserArgs {
    /// Where to listen; several are several devices.
    #[arg(
        short,
        long,
        alias = "socket-path",
        value_name = "PATH",
        required_unless_present_any = ["fd", "print_capabilities"]
    )]
    pub(crate) socket: Vec<PathBuf>,
    /// Serve the front end that is connected on this file descriptor, and end with it.
    #[arg(long, value_name = "N", conflicts_with = "socket")]
    pub(crate) fd: Option<i32>,
    /// Print what this program can do, as JSON.
    #[arg(long)]
    pub(crate) print_capabilities: bool,
    /// Offer only the GPU behind this DRM render node.
    #[arg(short, long, value_name = "DEV")]
    pub(crate) render_node: Option<PathBuf>,
    /// End when the first front end has gone.
    #[arg(long)]
    pub(crate) once: bool,
    /// Of several sockets serve the one at this place.
    #[arg(long, hide = true)]
    pub(crate) only: Option<usize>,
    #[command(flatten)]
    pub(crate) device: DeviceArgs,
    #[command(flatten)]
    pub(crate) gpu: GpuArgs,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    pub(crate) confinement: ConfinementArgs,
}

impl VhostUserArgs {
    /// All that was chosen.
    pub(crate) fn config(&self) -> Config {
        let choice = match (self.gpu.choice(), &self.render_node) {
            (Gpu::All, Some(node)) => Gpu::RenderNode(node.clone()),
            (choice, _) => choice,
        };
        let mut config = self.gpu.config(choice);
        config.opengl.program_cache = self.cache.folder();
        config
    }
}

/// What a virtual machine's graphics card is like.
#[derive(Debug, Args)]
pub(crate) struct DeviceArgs {
    /// Do not have the front end show the screens.
    #[arg(long)]
    pub(crate) headless: bool,
    /// On SIGUSR1 or SIGUSR2 write what the screens show to DIR, as
    /// screen-NUMBER-COUNT.png.
    #[arg(long, num_args = 2, value_names = ["SIGNAL", "DIR"])]
    pub(crate) screenshot_on: Option<Vec<OsString>>,
    /// How many screens there may be, where the front end does not say.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) outputs: u8,
    /// A screen's size, where the front end does not say: once for each screen that is plugged
    /// in, or once for all.
    #[arg(long, value_name = "WxH", default_value = "1280x800", value_parser = parse_size)]
    pub(crate) mode: Vec<(u16, u16)>,
    /// How much memory of the host's the guest can have mapped at a time, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 4096)]
    pub(crate) shm_size: u64,
    /// When to offer blobs, and with them Venus: to front ends that say that they can map them,
    /// to all, or never.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) blobs: BlobOffer,
    /// Hand screens to the front end as dma-buf where they are one; what shows them must be able
    /// to import it.
    #[arg(long)]
    pub(crate) dma_buf: bool,
}

/// When blobs are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BlobOffer {
    Auto,
    Always,
    Never,
}

/// WIDTHxHEIGHT, neither of them 0.
fn parse_size(text: &str) -> Result<(u16, u16), String> {
    let size = text.split_once('x').and_then(|(width, height)| {
        let (width, height) = (width.parse().ok()?, height.parse().ok()?);
        (width != 0 && height != 0).then_some((width, height))
    });
    size.ok_or_else(|| "a size is like 1920x1080".into())
}

const VHOST_USER_EXAMPLES: &str = "\
Examples:
  paravane vhost-user --socket /run/vm/gpu.sock
  paravane vhost-user --socket gpu.sock --headless --screenshot-on SIGUSR1 /tmp/shots
  paravane vhost-user --socket a.sock --socket b.sock

And QEMU in front of it:
  qemu-system-x86_64 -machine q35,memory-backend=mem -m 4G \\
    -object memory-backend-memfd,id=mem,size=4G,share=on \\
    -chardev socket,id=gpu,path=/run/vm/gpu.sock -device vhost-user-vga,chardev=gpu";

/// The options of `paravane vm`.
#[derive(Debug, Args)]
#[command(after_help = VM_EXAMPLES)]
pub(crate) struct VmArgs {
    /// Print QEMU's command line instead of starting it.
    #[arg(long)]
    pub(crate) print: bool,
    /// The graphics card: `vga` is there from the firmware on, `gpu` from the guest's driver on,
    /// `generic` can map memory, and so has Vulkan, but no window (QEMU 11.1 or later).
    #[arg(long, value_name = "KIND", default_value = "vga")]
    pub(crate) card: Card,
    /// The guest's memory, as QEMU's -m has it.
    #[arg(long, value_name = "SIZE", default_value = "4G")]
    pub(crate) memory: String,
    /// QEMU's program.
    #[arg(long, value_name = "PROGRAM", default_value = "qemu-system-x86_64")]
    pub(crate) qemu: OsString,
    #[command(flatten)]
    pub(crate) device: DeviceArgs,
    #[command(flatten)]
    pub(crate) gpu: GpuArgs,
    #[command(flatten)]
    cache: CacheArgs,
    /// QEMU's further arguments.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "ARGS"
    )]
    pub(crate) args: Vec<OsString>,
}

impl VmArgs {
    /// All that was chosen.
    pub(crate) fn config(&self) -> Config {
        let mut config = self.gpu.config(self.gpu.choice());
        config.opengl.program_cache = self.cache.folder();
        config
    }
}

/// The card that QEMU shows the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Card {
    Vga,
    Gpu,
    Generic,
}

const VM_EXAMPLES: &str = "\
Examples:
  paravane vm -cdrom debian-live.iso
  paravane vm --memory 8G -- -smp 4 -drive file=disk.qcow2,if=virtio -display gtk
  paravane vm --card generic --mode 1920x1080 -- -drive file=disk.qcow2,if=virtio
  paravane vm --print -- -cdrom debian-live.iso";
