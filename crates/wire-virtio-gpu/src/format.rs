use crate::codec::numbers;

numbers! {
    /// A pixel format of a scanout or a 2D resource (`enum virtio_gpu_formats`). The numbers are
    /// virgl's; a name's first channel is the byte at the lowest address.
    pub enum Format "format" {
        1 B8G8R8A8Unorm "VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM",
        2 B8G8R8X8Unorm "VIRTIO_GPU_FORMAT_B8G8R8X8_UNORM",
        3 A8R8G8B8Unorm "VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM",
        4 X8R8G8B8Unorm "VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM",
        67 R8G8B8A8Unorm "VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM",
        68 X8B8G8R8Unorm "VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM",
        121 A8B8G8R8Unorm "VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM",
        134 R8G8B8X8Unorm "VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM",
    }
}

impl Format {
    /// Bytes of a pixel, the same for each format.
    pub const BYTES_PER_PIXEL: u32 = 4;
}
