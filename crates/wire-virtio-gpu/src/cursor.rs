//! The pointer. Both commands are `struct virtio_gpu_update_cursor` on the wire.

use wire::{Reader, Writer};

use crate::codec::{Wire, payload};
use crate::{Fault, ResourceId, ScanoutId};

payload! {
    /// Where the pointer is (`struct virtio_gpu_cursor_pos`).
    pub struct CursorPosition + 1 {
        /// The screen.
        pub scanout: ScanoutId,
        /// From the screen's left edge. A pointer may stick out: the bits are those of an `i32`.
        pub x: u32,
        /// From the screen's upper edge.
        pub y: u32,
    }

    /// Gives the pointer a picture and a place.
    pub struct UpdateCursor + 1 {
        /// The place of the hot spot.
        pub position: CursorPosition,
        /// The picture, 64 x 64 pixels; none hides the pointer.
        pub resource: Option<ResourceId>,
        /// The hot spot, from the picture's left edge.
        pub hot_x: u32,
        /// The hot spot, from the picture's upper edge.
        pub hot_y: u32,
    }
}

/// Gives the pointer a place. The rest of the message is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoveCursor {
    /// The place of the hot spot.
    pub position: CursorPosition,
}

/// Bytes that only [`UpdateCursor`] has a use for.
const UNUSED: usize = 16;

impl Wire for MoveCursor {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let position = Wire::parse(reader)?;
        reader.skip(UNUSED)?;
        Ok(Self { position })
    }

    fn encode(&self, writer: &mut Writer) {
        self.position.encode(writer);
        writer.zeros(UNUSED);
    }
}
