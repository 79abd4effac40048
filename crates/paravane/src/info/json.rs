//! The report for programs. The fields keep their names; `paravane help info` lists them.

use serde::Serialize;
use worker::venus::{self, DeviceReport, Emulation, ExtensionState};
use worker::virgl;

use crate::words;

/// The whole report, and a line end.
pub(crate) fn print(report: &worker::Report) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(&Report::of(report))?;
    text.push('\n');
    Ok(text)
}

#[derive(Serialize)]
struct Report<'a> {
    loader_version: Option<String>,
    devices: Vec<Device<'a>>,
    protocol: Protocol,
    opengl: OpenGl<'a>,
}

#[derive(Serialize)]
struct OpenGl<'a> {
    why_not: Option<&'a str>,
    renderer: Option<&'a str>,
    vendor: Option<&'a str>,
    version: Option<&'a str>,
    profile: Option<&'a str>,
    glsl: Option<u32>,
    robust_access: bool,
    lacking: &'a [&'static str],
    withheld: Vec<Withheld>,
}

#[derive(Serialize)]
struct Withheld {
    name: &'static str,
    why: &'static str,
}

#[derive(Serialize)]
struct Device<'a> {
    index: usize,
    name: &'a str,
    offered: bool,
    #[serde(rename = "type")]
    device_type: &'static str,
    vendor_id: u32,
    device_id: u32,
    driver_name: &'a str,
    driver_info: &'a str,
    driver_version: u32,
    api_version: String,
    guest_api_version: String,
    render_node: Option<String>,
    heaps: Vec<Heap>,
    memory_types: Vec<MemoryType>,
    provided: Option<&'static str>,
    stages_images: bool,
    extensions: Vec<Extension>,
    not_carried: &'a [String],
}

#[derive(Serialize)]
struct Heap {
    size: u64,
    device_local: bool,
}

#[derive(Serialize)]
struct MemoryType {
    heap: u32,
    flags: Vec<&'static str>,
    guest_flags: Vec<&'static str>,
    rung: &'static str,
    stands_for: Option<u32>,
}

#[derive(Serialize)]
struct Extension {
    name: &'static str,
    state: &'static str,
    why: Option<&'static str>,
}

#[derive(Serialize)]
struct Protocol {
    wire_format: u32,
    xml_version: String,
    commands: usize,
    extensions: usize,
}

impl<'a> Report<'a> {
    fn of(report: &'a worker::Report) -> Self {
        let opengl = OpenGl::of(&report.virgl);
        let report = &report.venus;
        let protocol = &report.protocol;
        Self {
            loader_version: report.loader_version.map(words::version),
            devices: report
                .devices
                .iter()
                .enumerate()
                .map(|(index, of)| Device::of(index, of))
                .collect(),
            protocol: Protocol {
                wire_format: protocol.wire_format,
                xml_version: words::version(protocol.xml_version),
                commands: protocol.commands,
                extensions: protocol.extensions,
            },
            opengl,
        }
    }
}

impl<'a> OpenGl<'a> {
    fn of(report: &'a Result<virgl::Report, String>) -> Self {
        let found = report.as_ref().ok();
        let withheld = found.map_or(&[][..], |report| &report.withheld);
        let withheld = withheld.iter().map(|(name, why)| Withheld { name, why });
        Self {
            why_not: report.as_ref().err().map(String::as_str),
            renderer: found.map(|report| report.renderer.as_str()),
            vendor: found.map(|report| report.vendor.as_str()),
            version: found.map(|report| report.version.as_str()),
            profile: found.map(|report| report.profile),
            glsl: found.map(|report| report.glsl),
            robust_access: found.is_some_and(|report| report.robust_access),
            lacking: found.map_or(&[], |report| &report.lacking),
            withheld: withheld.collect(),
        }
    }
}

impl<'a> Device<'a> {
    fn of(index: usize, of: &'a DeviceReport) -> Self {
        let heaps = of.heaps.iter().map(|(size, local)| Heap {
            size: *size,
            device_local: *local,
        });
        let memory_types = of.memory_types.iter().map(|of| MemoryType {
            heap: of.heap,
            flags: words::flags(of.flags),
            guest_flags: words::flags(of.guest_flags),
            rung: words::rung(of.rung),
            stands_for: of.stands_for,
        });
        Self {
            index,
            name: &of.name,
            offered: of.offered,
            device_type: words::device_type(of.device_type),
            vendor_id: of.vendor,
            device_id: of.device,
            driver_name: &of.driver_name,
            driver_info: &of.driver_info,
            driver_version: of.driver_version,
            api_version: words::version(of.api_version),
            guest_api_version: words::version(of.guest_api_version),
            render_node: of
                .render_node
                .map(|(major, minor)| format!("{major}:{minor}")),
            heaps: heaps.collect(),
            memory_types: memory_types.collect(),
            provided: match of.emulation {
                Emulation::None => None,
                Emulation::DmaBuf => Some("dma-buf"),
            },
            stages_images: of.stages_images,
            extensions: of.extensions.iter().map(Extension::of).collect(),
            not_carried: &of.not_carried,
        }
    }
}

impl Extension {
    fn of(of: &venus::ExtensionReport) -> Self {
        let (state, why) = match of.state {
            ExtensionState::Passed => ("passed", None),
            ExtensionState::Provided(how) => ("provided", Some(how)),
            ExtensionState::LeftOut(why) => ("left-out", Some(why)),
            ExtensionState::Lacking => ("lacking", None),
        };
        Self {
            name: of.name,
            state,
            why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    #[test]
    fn a_report_for_programs() {
        insta::assert_snapshot!(print(&example::two_devices()).unwrap());
    }

    #[test]
    fn a_host_without_devices() {
        insta::assert_snapshot!(print(&example::no_device()).unwrap());
    }

    #[test]
    fn the_help_lists_every_field() {
        let help = crate::cli::info_help();
        let value: serde_json::Value =
            serde_json::from_str(&print(&example::two_devices()).unwrap()).unwrap();
        let mut unlisted = Vec::new();
        unlisted_fields(&value, &help, &mut unlisted);
        assert_eq!(unlisted, [""; 0]);
    }

    fn unlisted_fields(value: &serde_json::Value, help: &str, unlisted: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    if !help
                        .split(|c: char| !c.is_alphanumeric() && c != '_')
                        .any(|word| word == name)
                    {
                        unlisted.push(name.clone());
                    }
                    unlisted_fields(value, help, unlisted);
                }
            }
            serde_json::Value::Array(values) => values
                .iter()
                .for_each(|value| unlisted_fields(value, help, unlisted)),
            _ => {}
        }
    }
}
