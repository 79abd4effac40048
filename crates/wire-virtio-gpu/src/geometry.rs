use crate::codec::payload;

payload! {
    /// Pixels of a resource or of a screen, from the top left on (`struct virtio_gpu_rect`). The
    /// right and the bottom edge may be anywhere: see [`Rect::is_within`].
    #[derive(Default, Hash)]
    pub struct Rect + 0 {
        /// The left edge.
        pub x: u32,
        /// The upper edge.
        pub y: u32,
        /// In pixels.
        pub width: u32,
        /// In pixels.
        pub height: u32,
    }

    /// Texels of a level of a resource (`struct virtio_gpu_box`).
    #[derive(Default, Hash)]
    pub struct Box3d + 0 {
        /// The left edge.
        pub x: u32,
        /// The upper edge.
        pub y: u32,
        /// The first slice or layer.
        pub z: u32,
        /// In texels.
        pub w: u32,
        /// In texels.
        pub h: u32,
        /// In slices or layers.
        pub d: u32,
    }
}

impl Rect {
    /// Whether every pixel lies in an image of this size. An empty rectangle on its edge does.
    pub const fn is_within(&self, width: u32, height: u32) -> bool {
        ends_within(self.x, self.width, width) && ends_within(self.y, self.height, height)
    }

    /// Whether there is no pixel in it.
    pub const fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }
}

const fn ends_within(start: u32, size: u32, limit: u32) -> bool {
    match start.checked_add(size) {
        Some(end) => end <= limit,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Rect;

    #[test]
    fn an_edge_past_the_numbers_is_outside() {
        let rect = |x, y, width, height| Rect {
            x,
            y,
            width,
            height,
        };
        assert!(rect(0, 0, 64, 32).is_within(64, 32));
        assert!(rect(64, 32, 0, 0).is_within(64, 32));
        assert!(!rect(1, 0, 64, 32).is_within(64, 32));
        assert!(!rect(0, 1, 64, 32).is_within(64, 32));
        assert!(!rect(u32::MAX, 0, 2, 1).is_within(u32::MAX, 1));
        assert!(!rect(0, 2, 1, u32::MAX).is_within(1, u32::MAX));
        assert!(rect(3, 3, 0, 5).is_empty());
    }
}
