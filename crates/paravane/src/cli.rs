use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use worker::venus::{ExchangedImages, Rung};
use worker::virgl::{self, ApiChoice, BufferWrites, MappedBuffers, PlatformChoice};
use worker::{Config, Gpu, Offer};

use crate::apart::Voice;

/// The host half of a paravirtual GPU.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, subcommand_required = true)]
pub(crate) struct Cli {
    /// Log more: -v what happens, -vv how, -vvv every request.
    ///
    /// PARAVANE_LOG takes a filter instead, as in PARAVANE_LOG=door_vtest=trace.
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// Be the process of one client, whose socket comes by the standard input.
    #[arg(long, hide = true)]
    pub(crate) serve_client: Option<Voice>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  paravane run vkcube                 run a program through a GPU of its own
  paravane run --stats -- vkmark -b vertex
  paravane vtest --venus              serve programs, as virgl_test_server does
  paravane vm -cdrom live.iso         a virtual machine with a GPU
  paravane vhost-user --socket PATH   the GPU of a virtual machine
  paravane info                       what this host offers, and why not more

`paravane help COMMAND` has more.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a program so that its Vulkan goes through Paravane.
    ///
    /// Runs CMD with a private server, and ends with CMD's exit status: 128 and the signal's
    /// number if a signal ended it, 127 if there is no such program.
    ///
    /// SIGTERM, SIGINT, SIGHUP and SIGQUIT are passed on to CMD, which is served until it ends. A
    /// signal that comes a second or more after the first kills CMD. Those that a terminal's keys
    /// send reach CMD anyway, and kill nothing here: where Ctrl-C does not help, Ctrl-\ does.
    ///
    /// CMD's Vulkan driver becomes Mesa's Venus, by environment variables: VN_DEBUG,
    /// VTEST_SOCKET_NAME, VK_DRIVER_FILES and VK_ICD_FILENAMES. Where they are not set,
    /// VN_PERF=no_fence_feedback, with no_async_present where there is no display; and with one
    /// MESA_VK_WSI_DEBUG=sw, because a display server cannot take the pictures of a driver it
    /// does not know. Its OpenGL driver becomes Mesa's virgl where the host has OpenGL:
    /// GALLIUM_DRIVER and LIBGL_ALWAYS_SOFTWARE, unless --no-virgl is given or
    /// MESA_LOADER_DRIVER_OVERRIDE names another. The server keeps the environment that paravane
    /// was started in: VK_DRIVER_FILES there chooses the host's driver.
    Run(RunArgs),
    /// Serve programs on a socket, in the place of virgl_test_server.
    ///
    /// Serves vtest clients, each with a context of its own, until SIGINT or SIGTERM.
    ///
    /// Takes virgl_test_server's place: same socket, same options. Many clients at a time are
    /// served, whether --multi-clients is given or not, each in a process of its own. virgl
    /// and Venus are both offered where the host has what they take.
    Vtest(VtestArgs),
    /// Be the graphics card of a virtual machine: a vhost-user back end.
    ///
    /// Listens on a socket for a virtual machine monitor (QEMU's vhost-user-gpu-pci,
    /// vhost-user-vga and generic vhost-user device, crosvm, libkrun) and gives its guest a
    /// virtio-gpu device: screens, OpenGL by virgl, and, where the front end maps shared memory,
    /// Vulkan by Venus. When a front end has gone, the next one gets a fresh device. Each of
    /// several sockets is served by a process of its own. SIGINT or SIGTERM ends all.
    ///
    /// Follows QEMU's conventions for vhost-user programs (docs/interop/vhost-user.json).
    VhostUser(VhostUserArgs),
    /// Start QEMU with a graphics card of Paravane's.
    ///
    /// Starts a back end and a QEMU that is wired to it, passes ARGS on to QEMU and ends with its
    /// status. KVM is used where it can be.
    Vm(VmArgs),
    /// Tell what this host offers to programs, and why not more.
    ///
    /// Lists the host's Vulkan devices: driver and version; for each memory type how a guest
    /// shares it, tried on real allocations; which extensions are passed on, which Paravane
    /// provides itself, and which are left out for what reason; and the protocol that guests
    /// speak. With -v, names every extension. Ends with status 1 if there is no Vulkan.
    Info(InfoArgs),
}

/// The options of `paravane info`.
#[derive(Debug, Args)]
#[command(after_help = INFO_EXAMPLES)]
pub(crate) struct InfoArgs {
    /// Print JSON; `paravane help info` lists its fields.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) gpu: GpuArgs,
}

const INFO_EXAMPLES: &str = "\
Examples:
  paravane info
  paravane -v info --gpu 0            with the names of all extensions
  paravane info --json | jq '.devices[].memory_types[].rung'
  VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.json paravane info

Fields of the JSON, which keep their names:
  loader_version             text, or null
  devices[]
    index, name, offered     offered: guests see it, by --gpu
    type                     integrated, discrete, virtual, cpu or other
    vendor_id, device_id, driver_version             numbers
    driver_name, driver_info                         text, \"\" if not known
    api_version, guest_api_version                   text
    render_node              text MAJOR:MINOR, or null
    heaps[]                  size (bytes), device_local
    memory_types[]           heap, flags[], guest_flags[], rung, stands_for (or null)
                             rung: dma-buf, host-pointer, udmabuf, opaque-fd,
                             hidden or device-only
    provided                 dma-buf, or null
    stages_images            exchanged images are drawn elsewhere and copied
    extensions[]             name, state, why
                             state: passed, provided, left-out or lacking
    not_carried[]            names of the host's other extensions
  protocol                   wire_format, xml_version, commands, extensions
  opengl                     why_not (or null), renderer, vendor, version, profile, glsl,
                             robust_access, lacking[], withheld[] (name, why)";

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
    cache: CacheArgs,
    /// The program and its arguments.
    #[arg(trailing_var_arg = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
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
    cache: CacheArgs,
}

const VTEST_EXAMPLES: &str = "\
Examples:
  paravane vtest --venus
  paravane vtest --venus --no-virgl --multi-clients --socket-path /run/user/1000/gpu

And a client of it:
  VN_DEBUG=vtest VTEST_SOCKET_NAME=/run/user/1000/gpu \\
  VK_DRIVER_FILES=/usr/share/vulkan/icd.d/virtio_icd.json vulkaninfo --summary";

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

/// Which of the host's GPUs, and how.
#[derive(Debug, Args)]
pub(crate) struct GpuArgs {
    /// Offer only the GPU at this place in Vulkan's list, from 0, or those with this in
    /// their name, or the one behind this DRM render node; goes before --rendernode. OpenGL
    /// is on the GPU that EGL has first, unless a render node is named.
    #[arg(long, value_name = "N|NAME|PATH")]
    gpu: Option<String>,
    /// Share memory with programs in this way or not at all, instead of each memory type's
    /// best way; `paravane info` tells which ways this host has.
    #[arg(long, value_name = "RUNG")]
    memory_rung: Option<MemoryRung>,
    /// How images are made that programs hand to each other or to a display, where the host's
    /// driver exports no dma-bufs: `direct` on shared pages, `staged` in the GPU's own memory
    /// and copied to the pages; `auto` is staged where pages are far from the GPU.
    #[arg(long, value_name = "HOW", default_value = "auto")]
    exchanged_images: ImageExchange,
    /// How OpenGL sees the buffers that programs map for good: `copied` is by copies of what
    /// has changed; `auto` is in the same memory where OpenGL takes it, and `copied` elsewhere.
    #[arg(long, value_name = "HOW", default_value = "auto")]
    mapped_buffers: BufferMapping,
    /// How what programs write comes into OpenGL's buffers: `copied` by the driver, or put into the
    /// driver's own mapping of the buffer (`mapped`). Which is faster depends on the driver.
    #[arg(long, value_name = "HOW", default_value = "copied")]
    buffer_writes: BufferWriting,
    /// How much memory a program's OpenGL may take, in MiB, instead of half of the host's.
    #[arg(long, value_name = "MIB")]
    opengl_memory: Option<u64>,
    /// Offer virgl, or fail; without it virgl is offered where the host has OpenGL.
    #[arg(long)]
    pub(crate) virgl: bool,
    /// Do not offer virgl: programs' OpenGL is left alone.
    #[arg(long, conflicts_with = "virgl")]
    pub(crate) no_virgl: bool,
}

/// Which processes clients are served in.
#[derive(Debug, Args)]
struct ProcessArgs {
    /// What is kept apart by processes: `vm` serves each client in one of its own, so that a driver
    /// that fails takes one client with it; `none` serves all in one.
    #[arg(long, value_name = "WHAT", default_value = "vm")]
    isolation: Isolation,
}

/// What is kept apart by processes. A vtest client counts as a virtual machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Isolation {
    None,
    Vm,
}

/// Where virgl's linked programs are kept.
#[derive(Debug, Args)]
struct CacheArgs {
    /// For virgl: keep linked programs in this folder, so that they are not compiled again;
    /// empty for not at all. Without it they are in paravane/programs in $XDG_CACHE_HOME, or in
    /// ~/.cache. At most 256 MiB; those go first that were not used for longest.
    #[arg(long, value_name = "FOLDER", env = "PARAVANE_PROGRAM_CACHE")]
    program_cache: Option<OsString>,
    /// For virgl: keep no linked programs, and write nothing.
    #[arg(long)]
    no_program_cache: bool,
}

impl CacheArgs {
    fn folder(&self) -> Option<PathBuf> {
        match (self.no_program_cache, &self.program_cache) {
            (true, _) => None,
            (_, Some(folder)) => Some(folder.into()).filter(|_| !folder.is_empty()),
            (_, None) => {
                let caches = || Some(std::env::home_dir()?.join(".cache"));
                // The specification of XDG_CACHE_HOME has one that is not absolute ignored.
                let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
                let caches = named.filter(|path| path.is_absolute()).or_else(caches)?;
                Some(caches.join("paravane/programs"))
            }
        }
    }
}

/// How images that are exchanged are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ImageExchange {
    Auto,
    Direct,
    Staged,
}

/// How OpenGL sees mapped buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BufferMapping {
    Auto,
    Copied,
}

/// How bytes come into OpenGL's buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BufferWriting {
    Copied,
    Mapped,
}

/// A way to share memory, as `paravane info` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MemoryRung {
    /// Memory that the driver exports as dma-buf.
    DmaBuf,
    /// Pages that the driver imports by their address.
    HostPointer,
    /// Pages that the driver imports as dma-buf, by /dev/udmabuf.
    Udmabuf,
    /// Memory that the driver exports by an opaque descriptor.
    OpaqueFd,
}

impl GpuArgs {
    /// All of it, for this choice of GPUs.
    pub(crate) fn config(&self, gpu: Gpu) -> Config {
        Config {
            // Who names a GPU wants that one, or to hear that it is not there.
            venus: match gpu {
                Gpu::All => Offer::IfPossible,
                _ => Offer::Always,
            },
            virgl: match (self.virgl, self.no_virgl) {
                (true, _) => Offer::Always,
                (_, true) => Offer::Never,
                _ => Offer::IfPossible,
            },
            opengl: virgl::Config {
                platform: match &gpu {
                    Gpu::RenderNode(node) => {
                        PlatformChoice::DeviceNamed(node.display().to_string())
                    }
                    _ => PlatformChoice::Auto,
                },
                mapped_buffers: match self.mapped_buffers {
                    BufferMapping::Auto => MappedBuffers::Auto,
                    BufferMapping::Copied => MappedBuffers::Copied,
                },
                buffer_writes: match self.buffer_writes {
                    BufferWriting::Copied => BufferWrites::Copied,
                    BufferWriting::Mapped => BufferWrites::Mapped,
                },
                guest_memory: self.opengl_memory.map(|mib| mib.saturating_mul(1 << 20)),
                ..virgl::Config::default()
            },
            gpu,
            memory_rung: self.memory_rung(),
            exchanged_images: match self.exchanged_images {
                ImageExchange::Auto => ExchangedImages::Auto,
                ImageExchange::Direct => ExchangedImages::Direct,
                ImageExchange::Staged => ExchangedImages::Staged,
            },
        }
    }

    fn memory_rung(&self) -> Option<Rung> {
        self.memory_rung.map(|rung| match rung {
            MemoryRung::DmaBuf => Rung::DmaBuf,
            MemoryRung::HostPointer => Rung::HostPointer,
            MemoryRung::Udmabuf => Rung::Udmabuf,
            MemoryRung::OpaqueFd => Rung::OpaqueFd,
        })
    }

    pub(crate) fn choice(&self) -> Gpu {
        match &self.gpu {
            None => Gpu::All,
            Some(gpu) if gpu.starts_with('/') => Gpu::RenderNode(gpu.into()),
            Some(gpu) => match gpu.parse() {
                Ok(index) => Gpu::Index(index),
                Err(_) => Gpu::Name(gpu.clone()),
            },
        }
    }
}

impl RunArgs {
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

impl VmArgs {
    /// All that was chosen.
    pub(crate) fn config(&self) -> Config {
        let mut config = self.gpu.config(self.gpu.choice());
        config.opengl.program_cache = self.cache.folder();
        config
    }
}

impl VtestArgs {
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

/// The command line. Who starts vhost-user programs gives no subcommand (QEMU's
/// `docs/interop/vhost-user.json` has a program's path and nothing else): under a name that begins
/// so, this is that program.
pub(crate) fn line() -> Vec<OsString> {
    with_subcommand(std::env::args_os().collect())
}

pub(crate) fn with_subcommand(mut line: Vec<OsString>) -> Vec<OsString> {
    let name = line.first().map(PathBuf::from);
    let name = name.as_deref().and_then(std::path::Path::file_name);
    if name.is_some_and(|name| name.as_encoded_bytes().starts_with(b"vhost-user-")) {
        line.insert(1, "vhost-user".into());
    }
    line
}

/// `paravane help info`.
#[cfg(test)]
pub(crate) fn info_help() -> String {
    let mut cli = <Cli as clap::CommandFactory>::command();
    let info = cli.find_subcommand_mut("info").unwrap();
    info.render_long_help().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_default_socket_is_the_protocols() {
        let matches = Cli::command();
        let vtest = matches.find_subcommand("vtest").unwrap();
        let socket = vtest
            .get_arguments()
            .find(|arg| arg.get_id() == "socket_path");
        let default = socket.unwrap().get_default_values();
        assert_eq!(default, [wire_vtest::DEFAULT_SOCKET_NAME]);
    }

    #[test]
    fn what_follows_the_program_is_the_programs() {
        let parse = |line: &str| {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            let Command::Run(args) = cli.command else {
                panic!("{line}");
            };
            (args.stats, cli.verbose, args.command)
        };
        let (stats, verbose, command) = parse("paravane -v run vkmark --stats -v");
        assert_eq!((stats, verbose), (false, 1));
        assert_eq!(command, ["vkmark", "--stats", "-v"]);
        let (stats, _, command) = parse("paravane run --stats -- -odd --help");
        assert!(stats);
        assert_eq!(command, ["-odd", "--help"]);
        assert!(Cli::try_parse_from(["paravane", "run"]).is_err());
    }

    #[test]
    fn command_lines_of_virgl_test_server_are_understood() {
        for line in [
            "--use-egl-surfaceless --multi-clients --socket-path /tmp/x.sock",
            "--venus --no-virgl --multi-clients --no-fork --rendernode /dev/dri/renderD128",
            "--no-loop-or-fork --use-gles",
            "--virgl --gles",
            "--use-glx --compat",
        ] {
            let line = format!("paravane vtest {line}");
            Cli::try_parse_from(line.split(' ')).unwrap();
        }
        for contradiction in ["--use-glx --use-gles", "--use-gles --compat"] {
            let line = format!("paravane vtest {contradiction}");
            assert!(Cli::try_parse_from(line.split(' ')).is_err());
        }
    }

    #[test]
    fn each_client_has_a_process_unless_there_is_to_be_one() {
        let isolation = |line: &str| match Cli::try_parse_from(line.split(' ')).unwrap().command {
            Command::Run(args) => args.isolation(),
            Command::Vtest(args) => args.isolation(),
            _ => unreachable!(),
        };
        for line in ["paravane run x", "paravane vtest --multi-clients"] {
            assert_eq!(isolation(line), Isolation::Vm);
        }
        for line in [
            "paravane run --isolation none x",
            "paravane vtest --isolation none",
            "paravane vtest --no-fork",
            "paravane vtest --no-loop-or-fork",
        ] {
            assert_eq!(isolation(line), Isolation::None);
        }
    }

    #[test]
    fn rungs_are_named_as_they_are_reported() {
        for rung in MemoryRung::value_variants() {
            let name = rung.to_possible_value().unwrap().get_name().to_owned();
            let line = ["paravane", "info", "--memory-rung", &name];
            let Command::Info(args) = Cli::try_parse_from(line).unwrap().command else {
                panic!("{name}");
            };
            assert_eq!(args.gpu.memory_rung().map(crate::words::rung), Some(&*name));
        }
    }

    #[test]
    fn programs_are_kept_where_the_line_says() {
        let folder = |args: &[&str]| {
            let line = ["paravane", "run"].iter().chain(args).chain(&["x"]);
            match Cli::try_parse_from(line).unwrap().command {
                Command::Run(args) => args.config().opengl.program_cache,
                _ => unreachable!(),
            }
        };
        assert_eq!(folder(&["--program-cache", "/x"]), Some("/x".into()));
        assert_eq!(folder(&["--program-cache="]), None);
        assert_eq!(folder(&["--no-program-cache"]), None);
        assert_eq!(
            folder(&["--program-cache", "/x", "--no-program-cache"]),
            None
        );
    }

    #[test]
    fn a_gpu_is_chosen_by_number_name_or_node() {
        let choice = |args: &[&str]| {
            let line = ["paravane", "vtest"].iter().chain(args);
            match Cli::try_parse_from(line).unwrap().command {
                Command::Vtest(args) => args.gpu_choice(),
                _ => unreachable!(),
            }
        };
        assert_eq!(choice(&[]), Gpu::All);
        assert_eq!(choice(&["--gpu", "1", "--rendernode", "/x"]), Gpu::Index(1));
        assert_eq!(choice(&["--gpu", "H200"]), Gpu::Name("H200".into()));
        let node = Gpu::RenderNode("/dev/dri/renderD129".into());
        for option in ["--rendernode", "--gpu"] {
            assert_eq!(choice(&[option, "/dev/dri/renderD129"]), node);
        }
    }
}
