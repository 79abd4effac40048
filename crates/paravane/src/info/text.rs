//! The report for people.

use std::collections::BTreeMap;

use worker::venus::{DeviceReport, ExtensionState, ProtocolReport};
use worker::{Report, virgl};

use crate::words;

/// How the text looks.
pub(crate) struct Style {
    /// Columns.
    pub(crate) width: usize,
    /// Whether headings are bold.
    pub(crate) bold: bool,
    /// Whether all extensions are named, rather than counted.
    pub(crate) all_names: bool,
}

/// Columns before a value, and before a value of a value.
const LABEL: usize = 18;

/// The whole report.
pub(crate) fn print(report: &Report, style: &Style) -> String {
    let mut text = Text {
        style,
        out: String::new(),
    };
    let venus = &report.venus;
    if venus.devices.is_empty() {
        text.heading("No GPU");
        text.row(
            "Vulkan",
            "the loader finds no device: install a driver for this host's GPU, or Mesa's for the \
             processor (Debian: mesa-vulkan-drivers), and check VK_DRIVER_FILES",
        );
    }
    for (index, device) in venus.devices.iter().enumerate() {
        text.device(index, device);
    }
    text.opengl(&report.virgl);
    text.protocol(&venus.protocol, venus.loader_version);
    text.out
}

struct Text<'a> {
    style: &'a Style,
    out: String,
}

impl Text<'_> {
    fn device(&mut self, index: usize, device: &DeviceReport) {
        self.heading(&format!("GPU {index}: {}", device.name));
        if !device.offered {
            self.row("not offered", "another one is chosen by --gpu");
        }
        let driver = [device.driver_name.as_str(), device.driver_info.as_str()];
        let driver: Vec<_> = driver.into_iter().filter(|text| !text.is_empty()).collect();
        let version = format!("version {:#x}", device.driver_version);
        self.row("driver", &[driver.join(", "), version].join("; "));
        let (host, guests) = (
            words::version(device.api_version),
            words::version(device.guest_api_version),
        );
        self.row(
            "Vulkan",
            &match host == guests {
                true => format!("{host}, the same for guests"),
                false => format!("{host}; guests see {guests}"),
            },
        );
        let kind = words::device_type(device.device_type);
        let ids = format!(
            "{kind}, vendor {:#06x}, device {:#06x}",
            device.vendor, device.device
        );
        self.row("type", &ids);
        self.row(
            "render node",
            &match device.render_node {
                Some((major, minor)) => format!("/dev/dri/renderD{minor} ({major}:{minor})"),
                None => "none, or the driver does not tell (VK_EXT_physical_device_drm)".to_owned(),
            },
        );
        self.memory(device);
        self.provided(device);
        self.extensions(device);
    }

    fn memory(&mut self, device: &DeviceReport) {
        for (index, (size, local)) in device.heaps.iter().enumerate() {
            let local = if *local { ", device-local" } else { "" };
            self.row(
                &format!("memory heap {index}"),
                &format!("{}{local}", words::bytes(*size)),
            );
        }
        for (index, of) in device.memory_types.iter().enumerate() {
            let flags = match words::flags(of.flags) {
                flags if flags.is_empty() => "no flags".to_owned(),
                flags => flags.join(", "),
            };
            let what = match of.stands_for {
                Some(host) => format!("guests' own, for images that they exchange: type {host}"),
                None => format!("heap {}: {flags}", of.heap),
            };
            self.row(&format!("memory type {index}"), &what);
            self.row(
                "",
                &format!("{}: {}", words::rung(of.rung), words::meaning(of.rung)),
            );
        }
    }

    fn provided(&mut self, device: &DeviceReport) {
        self.row("provided", words::SYNC_FILES);
        self.row("", words::dma_bufs(device));
    }

    fn extensions(&mut self, device: &DeviceReport) {
        let of = |wanted: fn(&ExtensionState) -> bool| -> Vec<&str> {
            let matching = device
                .extensions
                .iter()
                .filter(|extension| wanted(&extension.state));
            matching.map(|extension| extension.name).collect()
        };
        self.names(
            "passed on",
            &of(|state| *state == ExtensionState::Passed),
            "",
        );
        for (how, names) in by_reason(device, |state| match state {
            ExtensionState::Provided(how) => Some(how),
            _ => None,
        }) {
            self.list(&format!("{} by Paravane", names.len()), &names, how);
        }
        for (why, names) in by_reason(device, |state| match state {
            ExtensionState::LeftOut(why) => Some(why),
            _ => None,
        }) {
            self.list(&format!("{} left out", names.len()), &names, why);
        }
        self.names(
            "lacking",
            &of(|state| *state == ExtensionState::Lacking),
            "of the protocol, and not on this host",
        );
        let others: Vec<_> = device.not_carried.iter().map(String::as_str).collect();
        self.names(
            "not carried",
            &others,
            "on this host, and not of the protocol",
        );
    }

    /// Names where all are wanted, else how many there are.
    fn names(&mut self, what: &str, names: &[&str], remark: &str) {
        let label = format!("{} {what}", names.len());
        match (self.style.all_names && !names.is_empty(), remark) {
            (true, remark) => self.list(&label, names, remark),
            (false, "") => self.row(&label, "extensions of the host"),
            (false, remark) => self.row(&label, remark),
        }
    }

    fn list(&mut self, label: &str, names: &[&str], remark: &str) {
        let label = if remark.is_empty() {
            label
        } else {
            self.row(label, &format!("{remark}:"));
            ""
        };
        self.row(label, &names.join(" "));
    }

    fn opengl(&mut self, report: &Result<virgl::Report, String>) {
        let report = match report {
            Ok(report) => report,
            Err(why) => {
                self.heading("No OpenGL");
                return self.row("virgl", why);
            }
        };
        self.heading(&format!("OpenGL: {}", report.renderer));
        self.row("version", &report.version);
        self.row("profile", report.profile);
        let robust = match report.robust_access {
            true => "accesses past a buffer's end are defined",
            false => "the driver does not say what an access past a buffer's end does",
        };
        self.row("robust access", robust);
        self.names(
            "lacking",
            &report.lacking,
            "of what virgl can pass on, and not on this host",
        );
        for (what, why) in &report.withheld {
            self.row("withheld", &format!("{what}: {why}"));
        }
    }

    fn protocol(&mut self, protocol: &ProtocolReport, loader: Option<u32>) {
        self.heading("Protocols");
        let version = words::version(protocol.xml_version);
        self.row(
            "Venus",
            &format!(
                "wire format {}, made from Vulkan {version}: {} commands, {} extensions",
                protocol.wire_format, protocol.commands, protocol.extensions,
            ),
        );
        self.row(
            "virgl",
            "offered, but for what is withheld above; OpenGL of guests can go over Venus, too \
             (Mesa's Zink)",
        );
        let loader = loader.map_or_else(
            || "of Vulkan 1.0".to_owned(),
            |version| format!("of Vulkan {}", words::version(version)),
        );
        self.row("loader", &loader);
    }

    fn heading(&mut self, heading: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let (on, off) = if self.style.bold {
            ("\x1b[1m", "\x1b[0m")
        } else {
            ("", "")
        };
        self.out.push_str(&format!("{on}{heading}{off}\n"));
    }

    /// A label and a value that is wrapped beside it.
    fn row(&mut self, label: &str, value: &str) {
        let indent = LABEL + 2;
        let mut column = 0;
        self.out.push_str(&format!("  {label:<LABEL$}"));
        for word in value.split_whitespace() {
            let length = word.chars().count();
            if column != 0 && indent + column + 1 + length > self.style.width {
                self.out.push_str(&format!("\n{:indent$}", ""));
                column = 0;
            }
            if column != 0 {
                self.out.push(' ');
                column += 1;
            }
            self.out.push_str(word);
            column += length;
        }
        self.out.push('\n');
    }
}

/// The extensions in a state, by what is to be said about them.
fn by_reason(
    device: &DeviceReport,
    reason: fn(ExtensionState) -> Option<&'static str>,
) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut by_reason: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for extension in &device.extensions {
        if let Some(reason) = reason(extension.state) {
            by_reason.entry(reason).or_default().push(extension.name);
        }
    }
    by_reason
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    fn styled(width: usize, bold: bool, all_names: bool) -> Style {
        Style {
            width,
            bold,
            all_names,
        }
    }

    #[test]
    fn a_report_for_people() {
        insta::assert_snapshot!(print(&example::two_devices(), &styled(100, false, false)));
    }

    #[test]
    fn a_report_with_all_names() {
        insta::assert_snapshot!(print(&example::two_devices(), &styled(100, false, true)));
    }

    #[test]
    fn a_host_without_devices() {
        insta::assert_snapshot!(print(&example::no_device(), &styled(80, false, false)));
    }

    #[test]
    fn lines_are_as_long_as_the_terminal_is_wide() {
        for width in [60, 80, 120] {
            let text = print(&example::two_devices(), &styled(width, false, true));
            let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(longest <= width, "{longest} > {width}\n{text}");
        }
    }

    #[test]
    fn only_headings_are_bold() {
        let text = print(&example::two_devices(), &styled(80, true, false));
        let plain = print(&example::two_devices(), &styled(80, false, false));
        assert_eq!(text.replace("\x1b[1m", "").replace("\x1b[0m", ""), plain);
        assert_eq!(text.matches("\x1b[1m").count(), 4);
    }
}
