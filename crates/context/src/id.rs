use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($raw:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $raw);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A context, unique in the process.
    ContextId(u32)
);
id!(
    /// A resource, unique in its device. 0 is no resource.
    ResourceId(u32)
);
id!(
    /// What a context calls a piece of its own memory, to make a blob resource of it.
    /// For Venus, 0 is plain shared memory and anything else a `VkDeviceMemory`.
    BlobId(u64)
);
id!(
    /// A fence; the door chooses the numbers and gets them back in [`crate::Event`].
    FenceId(u64)
);
id!(
    /// A timeline of a context. Fences on one ring signal in order.
    RingIdx(u32)
);
id!(
    /// A kind of context (`VIRTIO_GPU_CAPSET_*` in `linux/virtio_gpu.h`).
    CapsetId(u32)
);

impl CapsetId {
    /// virgl, capset version 1.
    pub const VIRGL: Self = Self(1);
    /// virgl, the longer capset.
    pub const VIRGL2: Self = Self(2);
    /// Venus.
    pub const VENUS: Self = Self(4);
}
