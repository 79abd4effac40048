//! `vulkaninfo`: which driver and device a client sees.

use std::time::Duration;

use super::stage::{Road, Stage};
use crate::error::{Error, Result};

const LIMIT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) device: String,
    pub(crate) driver: String,
    pub(crate) version: String,
}

impl Summary {
    /// Whether the client reached the guest half, and not some driver of the room's own.
    pub(crate) fn is_venus(&self) -> bool {
        self.driver == "venus"
    }
}

/// Runs `vulkaninfo --summary` and reads the first device.
pub(crate) fn summary(stage: &Stage, road: Road) -> Result<Summary> {
    let text = stage.run(road, &["vulkaninfo", "--summary"], LIMIT)?;
    parse(&text).ok_or_else(|| Error::Rule(format!("vulkaninfo names no device:\n{text}")))
}

/// Runs `vulkaninfo` in full, which asks a driver everything there is to ask.
pub(crate) fn whole(stage: &Stage, road: Road) -> Result<String> {
    stage.run(road, &["vulkaninfo"], LIMIT)
}

fn parse(text: &str) -> Option<Summary> {
    let value = |name: &str| {
        let line = text
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with(name))?;
        Some(line.split_once('=')?.1.trim().to_owned())
    };
    Some(Summary {
        device: value("deviceName")?,
        driver: value("driverName")?,
        version: value("apiVersion")?,
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_first_device_is_read() {
        let text = "GPU0:\n\tapiVersion         = 1.4.305\n\tdeviceName         = llvmpipe (LLVM 19)\n\tdriverName         = llvmpipe\nGPU1:\n\tdeviceName = other\n";
        let summary = parse(text).expect("sound");
        assert_eq!(summary.device, "llvmpipe (LLVM 19)");
        assert_eq!(summary.driver, "llvmpipe");
        assert_eq!(summary.version, "1.4.305");
        assert_eq!(parse("no devices"), None);
    }
}
