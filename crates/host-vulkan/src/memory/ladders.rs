use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Ladder, Rung};
use crate::PhysicalDevice;

/// The ladders of a host's physical devices: each probed once, however many instances show the
/// device.
///
/// As many as the host has devices; guests have no say in that.
pub(crate) struct Ladders {
    only: Option<Rung>,
    known: Mutex<Vec<(DeviceIdentity, Probed)>>,
}

/// Filled by the first who asks; the others wait.
type Probed = Arc<OnceLock<Arc<Ladder>>>;

/// What tells a host's physical devices apart across instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceIdentity {
    /// `vendorID`.
    pub(crate) vendor: u32,
    /// `deviceID`.
    pub(crate) device: u32,
    /// `driverVersion`.
    pub(crate) driver_version: u32,
    /// `pipelineCacheUUID`.
    pub(crate) pipeline_cache: [u8; 16],
    /// `deviceUUID` and `driverUUID` (`VkPhysicalDeviceIDProperties`).
    pub(crate) uuids: ([u8; 16], [u8; 16]),
    /// Each memory type's flags and heap.
    pub(crate) types: Vec<(u32, u32)>,
}

impl Ladders {
    /// None yet. With `only`, they will be probed on that rung alone.
    pub(crate) fn new(only: Option<Rung>) -> Self {
        Self {
            only,
            known: Mutex::default(),
        }
    }

    /// The ladder of a device, probed now if this is the first question about it.
    pub(crate) fn of(&self, device: &Arc<PhysicalDevice>) -> Arc<Ladder> {
        // The table is not locked while probing: other devices do not wait for this one.
        let probed = self.entry(device.identity());
        Arc::clone(probed.get_or_init(|| Arc::new(Ladder::probe(device, self.only))))
    }

    fn entry(&self, identity: DeviceIdentity) -> Probed {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, probed)) = known.iter().find(|(of, _)| *of == identity) {
            return Arc::clone(probed);
        }
        let probed = Probed::default();
        known.push((identity, Arc::clone(&probed)));
        probed
    }
}
