//! What the device offers, to which front end.

use context::{CapsetId, CapsetInfo};
use vhost::vhost_user::message::VhostUserProtocolFeatures;
use wire_virtio_gpu::{Features, SHM_ID_HOST_VISIBLE};

/// When blobs are offered, and with them the kinds of context that need them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blobs {
    /// Once the front end has said that it can map them. A front end asks for the features before
    /// it says so, and, as QEMU does, again afterwards.
    #[default]
    IfMapped,
    /// Always: for front ends that can map blobs and ask for the features once, before they say
    /// so.
    Always,
    /// Never.
    Never,
}

/// What the device offers.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) num_scanouts: u32,
    /// Whether the front end does not show the screens.
    pub(crate) headless: bool,
    /// What the host can do.
    pub(crate) all_capsets: Vec<CapsetInfo>,
    pub(crate) blobs: Blobs,
    /// Bytes of the region that blobs are mapped into.
    pub(crate) shm_size: u64,
}

/// `VIRTIO_F_VERSION_1`, `VIRTIO_RING_F_INDIRECT_DESC`, `VIRTIO_RING_F_EVENT_IDX` (virtio 1.4, 6)
/// and `VHOST_USER_F_PROTOCOL_FEATURES`.
const TRANSPORT: u64 = 1 << 32 | 1 << 28 | EVENT_IDX | 1 << 30;

/// `VIRTIO_RING_F_EVENT_IDX`
pub(crate) const EVENT_IDX: u64 = 1 << 29;

/// What mapping a blob takes: a channel to the front end, fds on it, answers, and the regions.
const MAPPING: VhostUserProtocolFeatures = VhostUserProtocolFeatures::BACKEND_REQ
    .union(VhostUserProtocolFeatures::BACKEND_SEND_FD)
    .union(VhostUserProtocolFeatures::REPLY_ACK)
    .union(VhostUserProtocolFeatures::SHMEM);

impl Offer {
    /// The protocol's features.
    pub(crate) fn protocol(&self) -> VhostUserProtocolFeatures {
        let always = VhostUserProtocolFeatures::MQ
            | VhostUserProtocolFeatures::CONFIG
            | VhostUserProtocolFeatures::REPLY_ACK
            | VhostUserProtocolFeatures::RESET_DEVICE
            // A whole table has room for eight regions, and a mapped blob is one.
            | VhostUserProtocolFeatures::CONFIGURE_MEM_SLOTS
            | VhostUserProtocolFeatures::BACKEND_REQ
            | VhostUserProtocolFeatures::BACKEND_SEND_FD;
        match self.blobs {
            Blobs::Never => always,
            Blobs::IfMapped | Blobs::Always => always | MAPPING,
        }
    }

    /// The features, virtio's and the device's, for a front end that took these of the protocol's.
    pub(crate) fn features(&self, protocol: VhostUserProtocolFeatures) -> u64 {
        let mut features = Features::EDID;
        let mapped = match self.blobs {
            Blobs::IfMapped => protocol.contains(MAPPING),
            Blobs::Always => true,
            Blobs::Never => false,
        };
        if mapped {
            features |= Features::RESOURCE_BLOB | Features::RESOURCE_UUID;
        }
        let has_virgl = self.capsets(false).next().is_some();
        // QEMU's own vhost-user GPU maps no blobs and cannot be told from those that do. It
        // takes contexts for a sign of virgl, and asks what shows its screens for OpenGL.
        let alone = self.headless || self.blobs == Blobs::Always;
        let has_others = mapped && (has_virgl || alone) && !self.all_capsets.is_empty();
        features.set(Features::VIRGL, has_virgl || has_others);
        features.set(Features::CONTEXT_INIT, has_others);
        TRANSPORT | features.bits()
    }

    /// The capsets that a guest is told of, in the order that it counts them, by whether its front
    /// end is known to map blobs. Not by the guest's own features: it counts before they are told.
    pub(crate) fn capsets(&self, is_mapped: bool) -> impl Iterator<Item = &CapsetInfo> {
        let all = match self.blobs {
            Blobs::IfMapped => is_mapped,
            Blobs::Always => true,
            Blobs::Never => false,
        };
        self.all_capsets
            .iter()
            .filter(move |capset| all || is_virgl(capset.id))
    }

    /// Sizes of the shared memory regions, by their ids.
    pub(crate) fn regions(&self) -> Vec<u64> {
        let mut sizes = vec![0; usize::from(SHM_ID_HOST_VISIBLE)];
        sizes.push(self.shm_size);
        sizes
    }
}

/// What a context is that names no kind, and what needs no blobs.
pub(crate) fn is_virgl(capset: CapsetId) -> bool {
    [CapsetId::VIRGL, CapsetId::VIRGL2].contains(&capset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(capsets: &[CapsetId], blobs: Blobs) -> Offer {
        let capset = |id: &CapsetId| CapsetInfo {
            id: *id,
            max_version: 0,
            max_size: 0,
        };
        Offer {
            num_scanouts: 1,
            headless: true,
            all_capsets: capsets.iter().map(capset).collect(),
            blobs,
            shm_size: 1 << 30,
        }
    }

    fn device(bits: u64) -> Features {
        Features::from_bits_truncate(bits)
    }

    #[test]
    fn blobs_are_offered_to_those_who_map_them() {
        let offer = offer(&[CapsetId::VENUS], Blobs::IfMapped);
        let none = VhostUserProtocolFeatures::empty();
        assert_eq!(device(offer.features(none)), Features::EDID);
        let all = device(offer.features(offer.protocol()));
        assert!(all.contains(Features::RESOURCE_BLOB | Features::CONTEXT_INIT | Features::VIRGL));
        let without = offer.protocol() - VhostUserProtocolFeatures::SHMEM;
        assert_eq!(device(offer.features(without)), Features::EDID);
    }

    #[test]
    fn without_virgl_there_are_no_contexts_for_who_shows_the_screens() {
        let mut offer = offer(&[CapsetId::VENUS], Blobs::IfMapped);
        offer.headless = false;
        let features = device(offer.features(offer.protocol()));
        assert!(!features.intersects(Features::VIRGL | Features::CONTEXT_INIT));
        assert!(features.is_consistent());
        offer.blobs = Blobs::Always;
        assert!(device(offer.features(offer.protocol())).contains(Features::CONTEXT_INIT));
    }

    #[test]
    fn whoever_maps_none_sees_virgl_alone() {
        let offer = offer(&[CapsetId::VENUS, CapsetId::VIRGL2], Blobs::IfMapped);
        let features = device(offer.features(VhostUserProtocolFeatures::empty()));
        assert_eq!(features, Features::EDID | Features::VIRGL);
        let seen: Vec<_> = offer.capsets(false).map(|info| info.id).collect();
        assert_eq!(seen, [CapsetId::VIRGL2]);
        assert_eq!(offer.capsets(true).count(), 2);
    }

    #[test]
    fn never_is_never() {
        let offer = offer(&[CapsetId::VENUS], Blobs::Never);
        assert!(!offer.protocol().contains(VhostUserProtocolFeatures::SHMEM));
        let all = VhostUserProtocolFeatures::all();
        assert_eq!(device(offer.features(all)), Features::EDID);
        assert_eq!(offer.capsets(true).count(), 0);
    }

    #[test]
    fn the_region_is_where_virtio_says() {
        assert_eq!(offer(&[], Blobs::IfMapped).regions(), [0, 1 << 30]);
    }
}
