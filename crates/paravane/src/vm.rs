use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use context::Renderer as _;
use door_vtest::Listener;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use worker::Worker;

use crate::Failure;
use crate::cli::{Card, VmArgs};
use crate::machine::Machine;
use crate::program::{End, Program};
use crate::run::private_dir;
use crate::serving::raise_fd_limit;
use crate::signals::Signals;

/// Starts a virtual machine with a graphics card of Paravane's, and ends as QEMU does.
pub(crate) fn run(args: &VmArgs) -> Result<ExitCode, Failure> {
    let kvm = has_kvm();
    if args.print {
        let socket = Path::new("gpu.sock");
        println!("{}", shell_words(&command_line(args, socket, kvm)));
        eprintln!(
            "before it: paravane vhost-user --socket {}",
            socket.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    if !kvm && !chooses_accelerator(&args.args) {
        tracing::warn!("/dev/kvm cannot be used: QEMU emulates the processor, which is slow");
    }
    let signals = Signals::block_with(args.device.screenshot_signal()?)?;
    let worker = Worker::new(&args.config())?;
    if worker.capsets().is_empty() {
        tracing::warn!("this host has neither OpenGL nor Vulkan to offer: screens only");
    }
    let headless = args.card == Card::Generic;
    let mut machine = Machine::new(Arc::new(worker), &args.device, headless)?;
    let dir = private_dir()?;
    let listener = Listener::bind(&dir.path().join("gpu"))?;
    let command = command_line(args, listener.path(), kvm);
    let program = match Program::spawn(&command, &[]) {
        Ok(program) => program,
        Err(error) => return Ok(not_started(&args.qemu, &error)),
    };
    raise_fd_limit();
    let end = serve(program, &listener, &mut machine, &signals)?;
    Ok(ExitCode::from(end.exit_code()))
}

/// Serves QEMU until it ends.
fn serve(
    program: Program,
    listener: &Listener,
    machine: &mut Machine,
    signals: &Signals,
) -> io::Result<End> {
    loop {
        let mut fds = [
            PollFd::new(&program, PollFlags::IN),
            PollFd::new(listener, PollFlags::IN),
            PollFd::new(signals, PollFlags::IN),
        ];
        match poll(&mut fds, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [ended, ..] = fds.map(|fd| fd.revents());
        if !ended.is_empty() {
            return program.wait();
        }
        if machine.take_signals(signals)?.is_some() {
            program.signal(nix::sys::signal::Signal::SIGTERM)?;
        }
        match rustix::net::accept(listener) {
            Ok(socket) => {
                // A signal ends the session by ending QEMU.
                if machine.serve(socket.into(), signals)? == crate::machine::Ended::BySignal {
                    program.signal(nix::sys::signal::Signal::SIGTERM)?;
                }
            }
            Err(Errno::AGAIN | Errno::INTR | Errno::CONNABORTED) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether this user may make virtual machines in the kernel.
fn has_kvm() -> bool {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).open("/dev/kvm").is_ok()
}

fn chooses_accelerator(args: &[OsString]) -> bool {
    let chooses = |arg: &OsString| {
        ["-accel", "--accel", "-enable-kvm", "--enable-kvm"]
            .iter()
            .any(|option| arg == option)
    };
    args.iter().any(chooses)
}

/// QEMU and its arguments; those of the user come last.
fn command_line(args: &VmArgs, socket: &Path, kvm: bool) -> Vec<OsString> {
    let memory = &args.memory;
    let mut line: Vec<OsString> = vec![args.qemu.clone()];
    let mut add = |words: &[&str]| line.extend(words.iter().map(OsString::from));
    add(&["-machine", "q35,memory-backend=paravane-memory"]);
    add(&["-m", memory]);
    // The guest's memory has to be shared with the back end.
    let object = format!("memory-backend-memfd,id=paravane-memory,size={memory},share=on");
    add(&["-object", &object]);
    if !chooses_accelerator(&args.args) {
        match kvm {
            true => add(&["-accel", "kvm", "-cpu", "host"]),
            false => add(&["-accel", "tcg,thread=multi", "-cpu", "max"]),
        }
    }
    add(&["-vga", "none", "-chardev"]);
    let mut chardev = OsString::from("socket,id=paravane-gpu,path=");
    chardev.push(socket);
    line.push(chardev);
    line.push("-device".into());
    line.push(card(args).into());
    line.extend(args.args.iter().cloned());
    line
}

fn card(args: &VmArgs) -> String {
    let of_front_end = |driver: &str| {
        let (width, height) = args.device.mode.first().copied().unwrap_or((1280, 800));
        let outputs = args.device.outputs;
        format!("{driver},chardev=paravane-gpu,max_outputs={outputs},xres={width},yres={height}")
    };
    match args.card {
        Card::Vga => of_front_end("vhost-user-vga"),
        Card::Gpu => of_front_end("vhost-user-gpu-pci"),
        // A virtio device of number 16, with a control and a cursor queue.
        Card::Generic => "vhost-user-test-device-pci,chardev=paravane-gpu,virtio-id=16,\
                          num_vqs=2,config_size=20"
            .into(),
    }
}

fn not_started(qemu: &OsStr, error: &io::Error) -> ExitCode {
    eprintln!("paravane: {}: {error}", qemu.display());
    if error.kind() == io::ErrorKind::NotFound {
        eprintln!(
            "paravane: install QEMU: qemu-system-x86 on Debian and Ubuntu, qemu-system-x86-core \
             on Fedora; or name it with --qemu"
        );
        return ExitCode::from(127);
    }
    ExitCode::from(126)
}

/// The words as a shell takes them.
fn shell_words(words: &[OsString]) -> String {
    let quoted = words.iter().map(|word| {
        let word = word.to_string_lossy();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=,./:+@".contains(c);
        match !word.is_empty() && word.chars().all(is_plain) {
            true => word.into_owned(),
            false => format!("'{}'", word.replace('\'', r"'\''")),
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn line(words: &str, kvm: bool) -> String {
        let cli = Cli::try_parse_from(words.split(' ')).unwrap();
        let Command::Vm(args) = cli.command else {
            panic!("{words}");
        };
        shell_words(&command_line(&args, Path::new("/run/gpu.sock"), kvm))
    }

    #[test]
    fn a_machine_shares_its_memory_with_the_card() {
        let line = line("paravane vm --memory 2G -cdrom x.iso", true);
        for part in [
            "memory-backend-memfd,id=paravane-memory,size=2G,share=on",
            "-machine q35,memory-backend=paravane-memory -m 2G",
            "-accel kvm -cpu host",
            "path=/run/gpu.sock -device vhost-user-vga,chardev=paravane-gpu,max_outputs=1",
        ] {
            assert!(line.contains(part), "{part}: {line}");
        }
        assert!(line.ends_with(" -cdrom x.iso"), "{line}");
    }

    #[test]
    fn who_chooses_an_accelerator_gets_it_alone() {
        assert!(line("paravane vm", false).contains("-accel tcg,thread=multi -cpu max"));
        let chosen = line("paravane vm -- -accel tcg", true);
        assert_eq!(chosen.matches("-accel").count(), 1, "{chosen}");
        assert!(!chosen.contains("-cpu"), "{chosen}");
    }

    #[test]
    fn the_generic_device_is_told_what_it_is() {
        let line = line("paravane vm --card generic", true);
        assert!(
            line.contains("virtio-id=16,num_vqs=2,config_size=20"),
            "{line}"
        );
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_read_them() {
        let words = ["a b", "plain", "it's", ""].map(OsString::from);
        assert_eq!(shell_words(&words), r"'a b' plain 'it'\''s' ''");
    }
}
