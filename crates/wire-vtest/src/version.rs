/// A version of the protocol that a server of version 4 speaks.
///
/// Version 1 is missing: a server that speaks 2 answers it with 0
/// (`vtest_protocol_version` in `vtest/vtest_renderer.c`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Before any negotiation: transfers through the socket.
    #[default]
    V0,
    /// Transfers through shared memory.
    V2,
    /// Capsets, contexts, blobs, syncs; the server chooses resource handles.
    V3,
    /// DRM syncobjs.
    V4,
}

impl Version {
    /// What a server agrees to when a client asks for `requested`.
    pub const fn negotiate(requested: u32) -> Self {
        match requested {
            0 | 1 => Self::V0,
            2 => Self::V2,
            3 => Self::V3,
            _ => Self::V4,
        }
    }

    /// The number on the wire.
    pub const fn number(self) -> u32 {
        match self {
            Self::V0 => 0,
            Self::V2 => 2,
            Self::V3 => 3,
            Self::V4 => 4,
        }
    }
}
