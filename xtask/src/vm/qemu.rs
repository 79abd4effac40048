//! QEMU's command line.

use std::fmt;
use std::path::Path;

use super::card::{Card, Size};

/// The major and minor number of a QEMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32);

/// What lies in a machine's folder, which is where each of its programs runs: a path from the
/// root of the file system can be too long for a socket.
pub(crate) mod names {
    /// The root file system.
    pub(crate) const ROOT: &str = "root.sock";
    /// The folder that tests share with the machine outside.
    pub(crate) const SHARE: &str = "share.sock";
    pub(crate) const GPU: &str = "gpu.sock";
    pub(crate) const QMP: &str = "qmp.sock";
    pub(crate) const BUS: &str = "bus.sock";
    /// QEMU's id of the graphics card.
    pub(crate) const CARD: &str = "gpu0";
}

/// What QEMU does with the card's pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Display {
    None,
    /// Offers them on D-Bus, where outputs are resized, too.
    Bus,
    /// Draws them with OpenGL in a window.
    Window,
    /// The same, in one that has the guest's pointer where the guest has it.
    PointerWindow,
}

impl Display {
    /// Whether it is a window on an X server.
    pub(crate) fn is_window(self) -> bool {
        matches!(self, Self::Window | Self::PointerWindow)
    }
}

/// What the machine starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Boot<'a> {
    /// Nothing: the firmware finds nothing to boot, and says so.
    Firmware,
    Kernel {
        kernel: &'a Path,
        initramfs: Option<&'a Path>,
        /// Whether a root file system is there by virtiofs.
        root: bool,
        command_line: String,
    },
}

pub(crate) struct Machine<'a> {
    pub(crate) card: Card,
    pub(crate) outputs: &'a [Size],
    pub(crate) heads: u32,
    pub(crate) display: Display,
    pub(crate) boot: Boot<'a>,
    /// Whether a reboot is a reboot; else it ends the machine.
    pub(crate) reboots: bool,
}

/// For a guest with a root file system, and for one that is an initramfs alone.
const MEMORY: [&str; 2] = ["2G", "512M"];

impl Machine<'_> {
    /// All of QEMU's arguments.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = self.base();
        if !self.reboots {
            arguments.push("-no-reboot".to_owned());
        }
        arguments.extend(self.boot());
        arguments.extend(self.card.arguments(self.outputs, self.heads));
        let display = match self.display {
            Display::None => "none".to_owned(),
            Display::Bus => format!("dbus,addr=unix:path={}", names::BUS),
            Display::Window => "sdl,gl=on".to_owned(),
            Display::PointerWindow => "gtk,gl=on".to_owned(),
        };
        arguments.extend(["-display".to_owned(), display]);
        arguments
    }

    /// Memory is a memfd, as vhost-user needs; the CPU is QEMU's own translator, in threads:
    /// a machine that runs tests rarely has hardware for it.
    fn base(&self) -> Vec<String> {
        let root = matches!(self.boot, Boot::Kernel { root: true, .. });
        let size = if root { MEMORY[0] } else { MEMORY[1] };
        let memory = format!("memory-backend-memfd,id=mem,size={size},share=on");
        let qmp = format!("unix:{},server=on,wait=off", names::QMP);
        [
            ["-machine", "q35,memory-backend=mem"],
            ["-object", &memory],
            ["-m", size],
            ["-smp", "2"],
            ["-cpu", "max"],
            ["-accel", "tcg,thread=multi"],
            ["-serial", "stdio"],
            ["-monitor", "none"],
            ["-qmp", &qmp],
            ["-device", "virtio-rng-pci"],
        ]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .chain(["-nodefaults".to_owned()])
        .collect()
    }

    fn boot(&self) -> Vec<String> {
        let Boot::Kernel {
            kernel,
            initramfs,
            root,
            command_line,
        } = &self.boot
        else {
            return Vec::new();
        };
        let mut arguments = vec!["-kernel".to_owned(), kernel.display().to_string()];
        if let Some(initramfs) = initramfs {
            arguments.extend(["-initrd".to_owned(), initramfs.display().to_string()]);
        }
        arguments.extend(["-append".to_owned(), command_line.clone()]);
        arguments.extend(file_system("share", names::SHARE));
        if *root {
            arguments.extend(file_system("rootfs", names::ROOT));
        }
        arguments
    }
}

/// A virtiofs called `tag` whose daemon listens at `socket`.
fn file_system(tag: &str, socket: &str) -> [String; 4] {
    [
        "-chardev".to_owned(),
        format!("socket,id={tag},path={socket}"),
        "-device".to_owned(),
        format!("vhost-user-fs-pci,chardev={tag},tag={tag}"),
    ]
}

impl Version {
    /// Reads what `qemu-system-x86_64 --version` prints.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number = text.split("version ").nth(1)?;
        Self::of_number(number.split_whitespace().next()?)
    }

    /// Reads `11.1` or `11.1.3`.
    pub(crate) fn of_number(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(str::parse);
        Some(Self(numbers.next()?.ok()?, numbers.next()?.ok()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Boot, Card, Display, Machine, Path, Version};

    fn machine(boot: Boot<'_>) -> Machine<'_> {
        Machine {
            card: Card::Paravane,
            outputs: &[],
            heads: 1,
            display: Display::None,
            boot,
            reboots: false,
        }
    }

    #[test]
    fn versions() {
        let debian = "QEMU emulator version 11.1.3 (Debian 1:11.1.3+ds-2~bpo13+1)\nCopyright";
        assert_eq!(Version::parse(debian), Some(Version(11, 1)));
        let old = "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)";
        assert_eq!(Version::parse(old), Some(Version(7, 2)));
        assert_eq!(Version::parse("qemu: not found"), None);
        assert!(Version(9, 2) < Version(10, 0));
    }

    #[test]
    fn firmware_alone_has_no_kernel_and_no_file_systems() {
        let line = machine(Boot::Firmware).arguments().join(" ");
        assert!(!line.contains("-kernel") && !line.contains("vhost-user-fs"));
        assert!(line.contains("size=512M") && line.contains("-no-reboot"));
    }

    #[test]
    fn a_root_file_system_is_by_virtiofs() {
        let line = machine(Boot::Kernel {
            kernel: Path::new("/k"),
            initramfs: Some(Path::new("/i")),
            root: true,
            command_line: "a b".to_owned(),
        })
        .arguments();
        let pair = |one: &str, two: &str| line.windows(2).any(|pair| pair == [one, two]);
        assert!(pair("-append", "a b") && pair("-initrd", "/i") && pair("-m", "2G"));
        assert!(pair("-chardev", "socket,id=rootfs,path=root.sock"));
        assert!(pair("-chardev", "socket,id=gpu,path=gpu.sock"));
    }
}
