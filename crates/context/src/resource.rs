use crate::{Backing, Blob};

/// A guest's wish for a classic resource: one that the host lays out as it likes, with the
/// guest's own copy of its content in the backing (`struct virtio_gpu_resource_create_3d` in
/// `linux/virtio_gpu.h`; `VCMD_RES_CREATE_*` in `vtest/vtest_protocol.h`).
///
/// The numbers are as they came from the guest: the renderer checks them and gives them a
/// meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceRequest {
    /// The shape (`PIPE_BUFFER`, `PIPE_TEXTURE_*`).
    pub target: u32,
    /// The pixel format (`VIRGL_FORMAT_*`).
    pub format: u32,
    /// What it is for (`VIRGL_BIND_*`).
    pub bind: u32,
    /// In pixels, or bytes of a buffer.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// In pixels.
    pub depth: u32,
    /// In layers.
    pub array_size: u32,
    /// Mip levels less one.
    pub last_level: u32,
    /// Samples a pixel; 0 is one.
    pub nr_samples: u32,
    /// How it behaves (`VIRTIO_GPU_RESOURCE_FLAG_*`, `VIRGL_RESOURCE_*`); 0 from vtest, which
    /// does not carry it.
    pub flags: u32,
}

/// What a resource is, to a context that it is attached to.
#[derive(Clone, Debug)]
pub enum Resource {
    /// Memory, which [`crate::Context::create_blob`] or the device made.
    Blob(Blob),
    /// What [`crate::Resources::create`] of the device's renderer made under the resource's id.
    Classic,
}

/// A part of a resource (`struct virtio_gpu_box` in `linux/virtio_gpu.h`): in pixels and layers,
/// or in bytes of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Box3d {
    /// The left edge.
    pub x: u32,
    /// The top edge.
    pub y: u32,
    /// The first layer.
    pub z: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Layers.
    pub depth: u32,
}

/// Pixels between a resource and memory (`struct virtio_gpu_transfer_host_3d` in
/// `linux/virtio_gpu.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The mip level.
    pub level: u32,
    /// Bytes from row to row in the memory; 0 is tightly packed.
    pub stride: u32,
    /// Bytes from layer to layer in the memory; 0 is tightly packed.
    pub layer_stride: u32,
    /// Which part of the resource.
    pub region: Box3d,
    /// Where in the memory the pixels start, in bytes.
    pub offset: u64,
}

/// Where the pixels of a transfer to the host are.
#[derive(Clone, Copy, Debug)]
pub enum TransferSource<'a> {
    /// In the resource's own backing.
    Backing,
    /// In these bytes, as vtest sends them below version 2.
    Bytes(&'a [u8]),
}

/// Where the pixels of a transfer from the host go.
#[derive(Debug)]
pub enum TransferTarget<'a> {
    /// To the resource's own backing.
    Backing,
    /// To these bytes, which vtest sends back below version 2. What the transfer leaves out of
    /// them stays as it is.
    Bytes(&'a mut [u8]),
    /// To this memory, where others see it: a screen's, say. What the transfer leaves out of it
    /// stays as it is.
    Memory(&'a Backing),
}
