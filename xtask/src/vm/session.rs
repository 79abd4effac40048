//! One virtual machine, from its start to its end.

mod asks;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use super::card::Card;
use super::console::{Console, Line, Next};
use super::pictures;
use super::process::Process;
use super::qemu::{Boot, Display, Machine, names};
use super::qmp::Qmp;
use super::script::{Script, Start};
use super::site::Site;
use crate::clients::Outcome;
use crate::error::{Error, Result};
use crate::guest_image::Guest;

/// What is run, where, and where what comes of it goes.
pub(super) struct Setup<'a> {
    pub(super) site: &'a Site,
    pub(super) guest: &'a Guest,
    pub(super) script: &'a Script,
    pub(super) card: Card,
    /// How many times as long as on a quiet machine things may take.
    pub(super) patience: u32,
    /// The tests' own folder in the repository.
    pub(super) tests: PathBuf,
    /// The folder of the workspace's programs for guests.
    pub(super) clients: PathBuf,
    /// The machine's sockets and shared files, for as long as it runs.
    pub(super) folder: PathBuf,
    /// Pictures and logs.
    pub(super) results: PathBuf,
}

/// What came of a run.
pub(super) struct Run {
    pub(super) outcome: Outcome,
    pub(super) figures: Figures,
    pub(super) notes: Vec<String>,
}

/// In seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    /// From QEMU's start to the guest's first process.
    pub(crate) boot: Option<f64>,
    pub(crate) total: f64,
    /// What the processes used of the CPUs, until the tests were done.
    pub(crate) qemu: f64,
    pub(crate) back_end: Option<f64>,
}

/// A running machine.
struct Session<'a> {
    setup: &'a Setup<'a>,
    start: Instant,
    qemu: Process,
    console: Console,
    back_end: Option<Process>,
    /// Ended with the machine.
    _daemons: Vec<Process>,
    qmp: Option<Qmp>,
    figures: Figures,
    notes: Vec<String>,
    /// Why the guest says that a test failed.
    reason: Option<String>,
}

/// How long a daemon may take until its socket is there.
const SOCKET: Duration = Duration::from_secs(20);

/// How long a guest may take to turn itself off.
const POWER_OFF: Duration = Duration::from_secs(10);

/// So many pictures, taken 150 ms after each other, are more than a whole blink of a cursor.
const CURSOR_BLINKS: u32 = 8;

/// Of the console so many bytes are kept.
const CONSOLE: usize = 1 << 20;

/// A line of the console is cut there.
const LINE: u64 = 1 << 14;

/// Runs the machine of `setup` and ends everything it started.
pub(super) fn run(setup: &Setup<'_>) -> Result<Run> {
    prepare(setup)?;
    let mut session = Session::start(setup)?;
    let outcome = match setup.script.start {
        Start::Firmware => session.firmware(),
        Start::Mini | Start::Root => session.guest(),
    };
    session.measure();
    let (figures, notes) = (session.figures, std::mem::take(&mut session.notes));
    drop(session);
    copy_files(&setup.folder.join("share/results"), &setup.results)?;
    fs::remove_dir_all(&setup.folder).map_err(Error::io("remove", &setup.folder))?;
    Ok(Run {
        outcome,
        figures,
        notes,
    })
}

/// Makes the folders, with everything that the guest finds in `/share`.
fn prepare(setup: &Setup<'_>) -> Result<()> {
    let share = setup.folder.join("share");
    for folder in [&setup.folder, &setup.results] {
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(Error::io("remove", folder))?;
        }
    }
    let folders = [
        setup.results.clone(),
        setup.folder.join(pictures::FRAMES),
        setup.folder.join(pictures::SCREENS),
        share.join("results"),
    ];
    for folder in &folders {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }
    copy_files(&setup.tests, &share.join("tests"))?;
    copy_files(&setup.site.programs, &share.join("bin"))?;
    for program in &setup.script.programs {
        let file = program.file();
        let (from, to) = (setup.clients.join(&file), share.join("bin").join(&file));
        fs::copy(&from, &to).map_err(Error::io("copy", &from))?;
    }
    let (init, vminit) = (setup.tests.join("init.sh"), setup.guest.root.join("vminit"));
    fs::copy(&init, &vminit).map_err(Error::io("write", &vminit))?;
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&vminit, executable).map_err(Error::io("write", &vminit))
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(Error::io("create", to))?;
    for entry in fs::read_dir(from).map_err(Error::io("read", from))? {
        let path = entry.map_err(Error::io("read", from))?.path();
        if path.is_file() {
            let name = path.file_name().unwrap_or_default();
            fs::copy(&path, to.join(name)).map_err(Error::io("copy", &path))?;
        }
    }
    Ok(())
}

impl Setup<'_> {
    fn limit(&self) -> Duration {
        self.script.limit * self.patience
    }
}

impl<'a> Session<'a> {
    fn start(setup: &'a Setup<'a>) -> Result<Self> {
        let daemons = daemons(setup)?;
        let back_end = start_back_end(setup)?;
        let machine = machine(setup);
        let display = machine.display;
        let arguments = machine.arguments();
        let command = setup.site.qemu(&setup.folder, display, &arguments);
        let start = Instant::now();
        let mut qemu = Process::start_piped("QEMU", &command, &setup.results.join("qemu.log"))?;
        let gone = || Error::Missing("QEMU has no console".to_owned());
        let input = qemu.child().stdin.take().ok_or_else(gone)?;
        let output = qemu.child().stdout.take().ok_or_else(gone)?;
        let lines = lines(output, setup.results.join("console.log"));
        Ok(Self {
            setup,
            start,
            qemu,
            console: Console { lines, input },
            back_end,
            _daemons: daemons,
            qmp: None,
            figures: Figures::default(),
            notes: Vec::new(),
            reason: None,
        })
    }

    /// Lets the guest run its tests, doing what it asks for.
    fn guest(&mut self) -> Outcome {
        let deadline = self.start + self.setup.limit();
        loop {
            match self.console.next(deadline) {
                Next::Line(line) => {
                    if let Some(outcome) = self.hear(line) {
                        self.power_off();
                        return outcome;
                    }
                }
                Next::Closed => return Outcome::Failed(self.end_of_qemu()),
                Next::TimedOut => return Outcome::Failed(self.overdue()),
            }
        }
    }

    fn hear(&mut self, line: Line) -> Option<Outcome> {
        match line {
            Line::Started { kernel } => {
                // After a reboot it is said again.
                if self.figures.boot.is_none() {
                    self.figures.boot = Some(self.start.elapsed().as_secs_f64());
                    self.notes.push(format!("Linux {kernel}"));
                }
            }
            Line::Ask(words) => {
                let answer = self.do_what_is_asked(&words);
                self.console
                    .answer(answer.map_err(|error| error.to_string()));
            }
            Line::Note(text) => self.notes.push(text),
            Line::Failed(text) => self.reason = Some(text),
            Line::Ended { test, status } if status != "0" => {
                let reason = || format!("{test} ended with {status}; see console.log");
                self.reason.get_or_insert_with(reason);
            }
            Line::Panic(text) => return Some(Outcome::Failed(text)),
            Line::Done { status } => return Some(self.verdict(&status)),
            Line::Ended { .. } | Line::Other => {}
        }
        None
    }

    fn verdict(&mut self, status: &str) -> Outcome {
        match (status, self.reason.take()) {
            ("0", None) => Outcome::Passed,
            (_, Some(reason)) => Outcome::Failed(reason),
            _ => Outcome::Failed(format!("the guest ended with {status}")),
        }
    }

    /// What the firmware shows when it has found nothing to boot.
    fn firmware(&mut self) -> Outcome {
        let picture = self.setup.results.join("firmware.png");
        match self.without_cursor(&picture) {
            Ok(0) => Outcome::Failed("the firmware shows nothing".to_owned()),
            Ok(_) => Outcome::Passed,
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }

    /// Takes a picture when the time is up; returns how many of its pixels are lit. The cursor
    /// blinks, so of several the darkest is it.
    fn without_cursor(&mut self, picture: &Path) -> Result<usize> {
        std::thread::sleep(self.setup.limit());
        if self.qemu.has_ended() {
            return Err(Error::Missing(self.end_of_qemu()));
        }
        let mut darkest = usize::MAX;
        let next = self.setup.folder.join("next.png");
        for _ in 0..CURSOR_BLINKS {
            self.screendump(&next, None)?;
            let lit = pictures::lit(&next)?;
            if lit < darkest {
                darkest = lit;
                fs::copy(&next, picture).map_err(Error::io("write", picture))?;
            }
            std::thread::sleep(Duration::from_millis(150));
        }
        Ok(darkest)
    }

    fn measure(&mut self) {
        self.figures.total = self.start.elapsed().as_secs_f64();
    }

    /// The guest turns itself off; what is measured of the processes is measured before.
    fn power_off(&mut self) {
        self.figures.qemu = self.qemu.cpu_seconds();
        self.figures.back_end = self.back_end.as_ref().map(Process::cpu_seconds);
        let deadline = Instant::now() + POWER_OFF;
        while !self.qemu.has_ended() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn overdue(&mut self) -> String {
        let limit = self.setup.limit().as_secs();
        let reason = self.reason.take().unwrap_or_default();
        format!("not done after {limit} s; see console.log {reason}")
    }

    fn end_of_qemu(&mut self) -> String {
        let log = self.setup.results.join("qemu.log");
        // Its complaint may still be on the way to the file.
        std::thread::sleep(Duration::from_millis(200));
        let text = fs::read_to_string(&log).unwrap_or_default();
        let last = text.lines().last().unwrap_or("without a word");
        format!("QEMU has ended: {last}")
    }
}

fn machine<'a>(setup: &'a Setup<'_>) -> Machine<'a> {
    let script = setup.script;
    let display = if script.window {
        Display::PointerWindow
    } else if setup.card.needs_window() {
        Display::Window
    } else if script.bus {
        Display::Bus
    } else {
        Display::None
    };
    Machine {
        card: setup.card,
        outputs: &script.outputs,
        heads: script.heads,
        display,
        boot: boot(setup),
        reboots: script.reboots,
    }
}

fn boot<'a>(setup: &'a Setup<'_>) -> Boot<'a> {
    let script = setup.script;
    let root = match script.start {
        Start::Firmware => return Boot::Firmware,
        Start::Mini => false,
        Start::Root => true,
    };
    let guest = setup.guest;
    let mut line = format!(
        "console=ttyS0 panic=-1 quiet vmtest={} vmcard={} vmpatience={}",
        script.name,
        setup.card.name(),
        setup.patience
    );
    if script.late {
        line.push_str(" vmlate=1");
    }
    let own = root && guest.suite.mounts_virtiofs();
    line.push_str(match (root, own) {
        (true, true) => " init=/vminit root=rootfs rootfstype=virtiofs ro",
        (true, false) => " vmroot=virtiofs",
        (false, _) => "",
    });
    Boot::Kernel {
        kernel: &guest.kernel,
        initramfs: (!own).then_some(guest.mini.as_path()),
        root,
        command_line: line,
    }
}

/// What has to be there before QEMU is.
fn daemons(setup: &Setup<'_>) -> Result<Vec<Process>> {
    let (site, folder) = (setup.site, &setup.folder);
    let mut daemons = Vec::new();
    let mut start = |name, command: Command, socket: &str| {
        let log = setup.results.join(format!("{name}.log"));
        let mut daemon = Process::start(name, &command, &log)?;
        wait_for(&mut daemon, folder, socket)?;
        daemons.push(daemon);
        Ok::<_, Error>(())
    };
    if setup.script.start != Start::Firmware {
        let share = folder.join("share");
        start(
            "share",
            site.file_system(folder, names::SHARE, &share),
            names::SHARE,
        )?;
    }
    if setup.script.start == Start::Root {
        let root = &setup.guest.root;
        start(
            "root",
            site.file_system(folder, names::ROOT, root),
            names::ROOT,
        )?;
    }
    if setup.script.bus {
        start("bus", site.bus(folder), names::BUS)?;
    }
    Ok(daemons)
}

fn start_back_end(setup: &Setup<'_>) -> Result<Option<Process>> {
    let Some(back_end) = setup.card.back_end() else {
        return Ok(None);
    };
    let command = setup.site.back_end(setup, back_end);
    let log = setup.results.join("back-end.log");
    let mut process = Process::start("the back end", &command, &log)?;
    wait_for(&mut process, &setup.folder, names::GPU)?;
    Ok(Some(process))
}

fn wait_for(process: &mut Process, folder: &Path, socket: &str) -> Result<()> {
    let deadline = Instant::now() + SOCKET;
    let path = folder.join(socket);
    let table = || fs::read_to_string("/proc/net/unix").unwrap_or_default();
    while !(path.exists() && listens(&table(), socket)) {
        if process.has_ended() || Instant::now() > deadline {
            let name = process.name();
            let text = format!("{name} does not listen at its socket; see its log");
            return Err(Error::Missing(text));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Whether `table`, which is `/proc/net/unix`, has a socket of this name with the flag of those
/// that accept connections (`__SO_ACCEPTCON`, linux/net.h). That the file is there is not enough:
/// it is there a moment before.
fn listens(table: &str, socket: &str) -> bool {
    const ACCEPTS: &str = "00010000";
    table.lines().any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.get(3) == Some(&ACCEPTS) && fields.get(7) == Some(&socket)
    })
}

/// Reads the console line by line, keeping its beginning in `log`.
fn lines(console: ChildStdout, log: PathBuf) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut console = BufReader::new(console);
        let mut kept = String::new();
        let start = Instant::now();
        loop {
            let mut line = Vec::new();
            let read = (&mut console).take(LINE).read_until(b'\n', &mut line);
            if !read.is_ok_and(|length| length > 0) {
                break;
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            if kept.len() < CONSOLE {
                let seconds = start.elapsed().as_secs_f64();
                kept.push_str(&format!("[{seconds:7.2}] {}\n", line.trim_end()));
                // Written at once: what a guest said last is of use when it hangs.
                let _ = fs::write(&log, &kept);
            }
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::listens;

    #[test]
    fn a_socket_listens_or_is_merely_there() {
        let table = "Num       RefCount Protocol Flags    Type St Inode Path\n\
            0000: 00000002 00000000 00010000 0001 01 2345 gpu.sock\n\
            0000: 00000002 00000000 00000000 0001 01 2346 qmp.sock\n";
        assert!(listens(table, "gpu.sock"));
        assert!(!listens(table, "qmp.sock"));
        assert!(!listens(table, "u.sock"));
    }
}
