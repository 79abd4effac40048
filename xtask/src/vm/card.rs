//! The graphics cards that a virtual machine can have.

use clap::ValueEnum;
use serde_json::json;

use super::qemu::{Version, names};

/// A device of QEMU's with what is behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Card {
    /// QEMU's own, 2D.
    VirtioGpuPci,
    /// QEMU's own with VGA, 2D.
    VirtioVga,
    /// QEMU's own with virglrenderer.
    VirtioGpuGlPci,
    /// QEMU's own with virglrenderer's Venus.
    VirtioGpuVenus,
    /// `vhost-user-gpu-pci` with QEMU's own example of a back end.
    Contrib,
    /// `vhost-user-vga` with the same.
    ContribVga,
    /// `vhost-user-gpu-pci` with Paravane.
    Paravane,
    /// `vhost-user-vga` with Paravane.
    ParavaneVga,
    /// QEMU's generic vhost-user device with Paravane: it can map blobs, and has no display.
    ParavaneBlob,
}

/// The program behind a vhost-user device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BackEnd {
    Contrib,
    Paravane,
}

/// The size of an output, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The first QEMU whose generic vhost-user device is for everyone and maps shared memory.
const GENERIC_DEVICE: Version = Version(11, 1);

/// The first QEMU whose `vhost-user-gpu-pci` and `vhost-user-vga` do without KVM; 7.2 refuses.
const WITHOUT_KVM: Version = Version(8, 2);

/// The first QEMU with a size for each output.
const OUTPUTS: Version = Version(11, 0);

impl Card {
    /// The name on the command line and in tests.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut all = Self::value_variants().iter().copied();
        all.find(|card| card.name() == name)
    }

    pub(crate) fn back_end(self) -> Option<BackEnd> {
        match self {
            Self::Contrib | Self::ContribVga => Some(BackEnd::Contrib),
            Self::Paravane | Self::ParavaneVga | Self::ParavaneBlob => Some(BackEnd::Paravane),
            Self::VirtioGpuPci | Self::VirtioVga | Self::VirtioGpuGlPci | Self::VirtioGpuVenus => {
                None
            }
        }
    }

    /// Whether QEMU itself draws with OpenGL, which it does in a window alone where there is
    /// no DRM device.
    pub(crate) fn needs_window(self) -> bool {
        matches!(self, Self::VirtioGpuGlPci | Self::VirtioGpuVenus)
    }

    /// Why a QEMU of this version cannot have the card with so many sized outputs.
    pub(crate) fn objection(self, version: Version, outputs: usize) -> Option<String> {
        if self == Self::ParavaneBlob {
            let old = version < GENERIC_DEVICE;
            return old.then(|| format!("QEMU {version} has no vhost-user-test-device-pci"));
        }
        if self.back_end().is_some() && version < WITHOUT_KVM {
            let text = "has vhost-user graphics cards on KVM alone, which is not used here";
            return Some(format!("QEMU {version} {text}"));
        }
        let old = outputs > 0 && version < OUTPUTS;
        old.then(|| format!("QEMU {version} takes no sizes for outputs"))
    }

    /// What QEMU is told of it.
    pub(super) fn arguments(self, outputs: &[Size], heads: u32) -> Vec<String> {
        let mut arguments = Vec::new();
        if self.back_end().is_some() {
            let socket = format!("socket,id=gpu,path={}", names::GPU);
            arguments.extend(["-chardev".to_owned(), socket]);
        }
        arguments.extend(["-device".to_owned(), self.device(outputs, heads)]);
        arguments
    }

    fn device(self, outputs: &[Size], heads: u32) -> String {
        let chardev = self.back_end().map_or("", |_| ",chardev=gpu");
        let (driver, id) = (self.driver(), names::CARD);
        match self {
            // Of virtio's device types a GPU is the 16th; two queues; all of its config space.
            Self::ParavaneBlob => {
                format!("{driver},id={id}{chardev},virtio-id=16,num_vqs=2,config_size=20")
            }
            Self::VirtioGpuVenus => format!("{driver},id={id},blob=on,venus=on,hostmem=1G"),
            _ if outputs.is_empty() => format!("{driver},id={id}{chardev},max_outputs={heads}"),
            _ => self.device_with(outputs),
        }
    }

    /// Lists are possible in JSON alone.
    fn device_with(self, outputs: &[Size]) -> String {
        let sized = outputs.iter().enumerate().map(|(number, size)| {
            let name = format!("OUTPUT{number}");
            json!({"name": name, "xres": size.width, "yres": size.height})
        });
        let mut device = json!({
            "driver": self.driver(),
            "id": names::CARD,
            "max_outputs": outputs.len(),
            "outputs": sized.collect::<Vec<_>>(),
        });
        if self.back_end().is_some() {
            device["chardev"] = json!("gpu");
        }
        device.to_string()
    }

    fn driver(self) -> &'static str {
        match self {
            Self::VirtioGpuPci => "virtio-gpu-pci",
            Self::VirtioVga => "virtio-vga",
            Self::VirtioGpuGlPci | Self::VirtioGpuVenus => "virtio-gpu-gl-pci",
            Self::Contrib | Self::Paravane => "vhost-user-gpu-pci",
            Self::ContribVga | Self::ParavaneVga => "vhost-user-vga",
            Self::ParavaneBlob => "vhost-user-test-device-pci",
        }
    }
}

impl Size {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (width, height) = text.split_once('x')?;
        Some(Self {
            width: width.parse().ok()?,
            height: height.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{Card, Size, Version, json};

    #[test]
    fn every_card_is_found_by_its_name() {
        for card in Card::value_variants() {
            assert_eq!(Card::named(&card.name()), Some(*card));
        }
        assert_eq!(Card::named("cirrus"), None);
    }

    #[test]
    fn a_back_end_is_connected() {
        assert_eq!(
            Card::ParavaneVga.arguments(&[], 1),
            [
                "-chardev",
                "socket,id=gpu,path=gpu.sock",
                "-device",
                "vhost-user-vga,id=gpu0,chardev=gpu,max_outputs=1"
            ]
        );
        assert_eq!(
            Card::VirtioGpuPci.arguments(&[], 2),
            ["-device", "virtio-gpu-pci,id=gpu0,max_outputs=2"]
        );
    }

    #[test]
    fn outputs_have_sizes() {
        let outputs = ["1024x768", "800x600"].map(|size| Size::parse(size).expect("a size"));
        let arguments = Card::Paravane.arguments(&outputs, 1);
        let device = arguments.last().expect("a device");
        let expected = json!({
            "driver": "vhost-user-gpu-pci", "id": "gpu0", "chardev": "gpu", "max_outputs": 2,
            "outputs": [
                {"name": "OUTPUT0", "xres": 1024, "yres": 768},
                {"name": "OUTPUT1", "xres": 800, "yres": 600},
            ],
        });
        assert_eq!(device.parse::<serde_json::Value>().expect("JSON"), expected);
    }

    #[test]
    fn old_versions_lack_things() {
        let objects = |card: Card, version, outputs| card.objection(version, outputs).is_some();
        assert!(objects(Card::ParavaneBlob, Version(11, 0), 0));
        assert!(!objects(Card::ParavaneBlob, Version(11, 1), 2));
        assert!(objects(Card::Paravane, Version(10, 0), 2));
        assert!(objects(Card::Paravane, Version(7, 2), 0));
        assert!(!objects(Card::Paravane, Version(10, 0), 0));
        assert!(!objects(Card::VirtioGpuPci, Version(7, 2), 0));
    }
}
