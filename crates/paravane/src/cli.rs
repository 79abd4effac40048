mod confinement;
mod gpu;
mod machines;
mod programs;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::apart::Voice;

pub(crate) use confinement::ConfinementArgs;
pub(crate) use gpu::GpuArgs;
pub(crate) use machines::{BlobOffer, Card, DeviceArgs, VhostUserArgs, VmArgs};
pub(crate) use programs::{Isolation, RunArgs, VtestArgs};

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
    use clap::{CommandFactory, ValueEnum};
    use gpu::MemoryRung;
    use worker::Gpu;

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
