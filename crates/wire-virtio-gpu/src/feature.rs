bitflags::bitflags! {
    /// The device's own feature bits (virtio 1.4, 5.7.3).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Features: u64 {
        /// Contexts and their resources (`VIRTIO_GPU_F_VIRGL`).
        const VIRGL = 1 << 0;
        /// `VIRTIO_GPU_F_EDID`
        const EDID = 1 << 1;
        /// Resources get a name that other devices know (`VIRTIO_GPU_F_RESOURCE_UUID`).
        const RESOURCE_UUID = 1 << 2;
        /// Resources that have a size and no shape (`VIRTIO_GPU_F_RESOURCE_BLOB`).
        const RESOURCE_BLOB = 1 << 3;
        /// Several kinds of context, and rings (`VIRTIO_GPU_F_CONTEXT_INIT`).
        const CONTEXT_INIT = 1 << 4;
        /// The configuration has `blob_alignment` (`VIRTIO_GPU_F_BLOB_ALIGNMENT`).
        const BLOB_ALIGNMENT = 1 << 5;
    }
}

impl Features {
    /// Whether each feature's own requirement is among them: contexts' kinds need contexts, and
    /// blobs' alignment needs blobs (virtio 1.4, 5.7.3).
    pub const fn is_consistent(self) -> bool {
        (!self.contains(Self::CONTEXT_INIT) || self.contains(Self::VIRGL))
            && (!self.contains(Self::BLOB_ALIGNMENT) || self.contains(Self::RESOURCE_BLOB))
    }
}

#[cfg(test)]
mod tests {
    use super::Features;

    #[test]
    fn a_feature_that_needs_another_is_not_alone() {
        assert!(Features::all().is_consistent());
        assert!(Features::empty().is_consistent());
        assert!(!Features::CONTEXT_INIT.is_consistent());
        assert!(!Features::BLOB_ALIGNMENT.is_consistent());
        assert!((Features::BLOB_ALIGNMENT | Features::RESOURCE_BLOB).is_consistent());
    }
}
