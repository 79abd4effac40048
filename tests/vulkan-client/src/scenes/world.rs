//! A small world of triangles for the scenes that trace rays.

use ash::vk;
use vk::AccelerationStructureTypeKHR as Kind;

use crate::error::Result;
use crate::gpu::{Acceleration, Buffer, Gpu, bytes};

/// Acceleration structures of both levels, and what they were built from.
pub(crate) struct World {
    pub(crate) top: Acceleration,
    _bottom: Acceleration,
    _inputs: [Buffer; 2],
}

impl World {
    /// Eight instances of two triangles, at different places and depths.
    pub(crate) fn new(gpu: &Gpu) -> Result<Self> {
        let usage = vk::BufferUsageFlags::ACCELERATION_STRUCTURE_BUILD_INPUT_READ_ONLY_KHR
            | vk::BufferUsageFlags::SHADER_DEVICE_ADDRESS;
        #[rustfmt::skip]
        let corners = [
            -0.21f32, -0.22, 0.0,   0.23, -0.19, 0.0,  -0.17, 0.21, 0.0,
             0.25, 0.24, 0.1,       0.02, 0.27, 0.1,    0.27, 0.03, 0.1,
        ];
        let vertices = gpu.upload(&bytes(&corners), usage)?;
        let triangles = vk::AccelerationStructureGeometryTrianglesDataKHR::default()
            .vertex_format(vk::Format::R32G32B32_SFLOAT)
            .vertex_data(address(&vertices))
            .vertex_stride(12)
            .max_vertex(5)
            .index_type(vk::IndexType::NONE_KHR);
        let geometry = vk::AccelerationStructureGeometryKHR::default()
            .geometry_type(vk::GeometryTypeKHR::TRIANGLES)
            .geometry(vk::AccelerationStructureGeometryDataKHR { triangles })
            .flags(vk::GeometryFlagsKHR::OPAQUE);
        let bottom = gpu.accelerate(Kind::BOTTOM_LEVEL, geometry, 2)?;

        let instances: Vec<u8> = (0..8).flat_map(|i| instance(i, bottom.address())).collect();
        let instances = gpu.upload(&instances, usage)?;
        let data =
            vk::AccelerationStructureGeometryInstancesDataKHR::default().data(address(&instances));
        let geometry = vk::AccelerationStructureGeometryKHR::default()
            .geometry_type(vk::GeometryTypeKHR::INSTANCES)
            .geometry(vk::AccelerationStructureGeometryDataKHR { instances: data });
        let top = gpu.accelerate(Kind::TOP_LEVEL, geometry, 8)?;
        Ok(Self {
            top,
            _bottom: bottom,
            _inputs: [vertices, instances],
        })
    }
}

fn address(buffer: &Buffer) -> vk::DeviceOrHostAddressConstKHR {
    vk::DeviceOrHostAddressConstKHR {
        device_address: buffer.address(),
    }
}

/// The 64 bytes of `VkAccelerationStructureInstanceKHR`.
fn instance(i: u32, bottom: vk::DeviceAddress) -> Vec<u8> {
    let turn = i as f32 * 0.785;
    let (x, y) = (turn.cos() * 0.6, turn.sin() * 0.6);
    let size = 0.7 + i as f32 * 0.1;
    #[rustfmt::skip]
    let transform = [
        size, 0.0, 0.0, x,
        0.0, size, 0.0, y,
        0.0, 0.0, 1.0, i as f32 * 0.05,
    ];
    // The number and a mask of all bits, then no offset and no culling.
    let words = [i | 0xff << 24, 0x1 << 24];
    [bytes(&transform), bytes(&words), bytes(&[bottom])].concat()
}
