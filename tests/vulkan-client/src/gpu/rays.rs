//! Acceleration structures and ray tracing pipelines.

use ash::{khr, vk};

use crate::error::{Named as _, Result};
use crate::gpu::{Buffer, Commands, DescriptorSet, Gpu, Owned, Place};

/// An acceleration structure and the buffer that it lives in.
pub(crate) struct Acceleration {
    pub(crate) raw: Owned<vk::AccelerationStructureKHR>,
    _buffer: Buffer,
}

impl Gpu {
    /// Builds an acceleration structure from one geometry on the device.
    pub(crate) fn accelerate(
        &self,
        kind: vk::AccelerationStructureTypeKHR,
        geometry: vk::AccelerationStructureGeometryKHR<'_>,
        primitives: u32,
    ) -> Result<Acceleration> {
        let calls = self.load(khr::acceleration_structure::Device::new);
        let geometries = [geometry];
        let info = vk::AccelerationStructureBuildGeometryInfoKHR::default()
            .ty(kind)
            .mode(vk::BuildAccelerationStructureModeKHR::BUILD)
            .geometries(&geometries);
        let mut sizes = vk::AccelerationStructureBuildSizesInfoKHR::default();
        let on_device = vk::AccelerationStructureBuildTypeKHR::DEVICE;
        // SAFETY: one geometry, one count.
        unsafe {
            calls.get_acceleration_structure_build_sizes(
                on_device,
                &info,
                &[primitives],
                &mut sizes,
            );
        }
        let storage = vk::BufferUsageFlags::ACCELERATION_STRUCTURE_STORAGE_KHR;
        let buffer = self.buffer(
            sizes.acceleration_structure_size,
            storage | ADDRESS,
            Place::Device,
        )?;
        let create = vk::AccelerationStructureCreateInfoKHR::default()
            .buffer(*buffer.raw)
            .size(sizes.acceleration_structure_size)
            .ty(kind);
        // SAFETY: the buffer is new and large enough.
        let raw = unsafe { calls.create_acceleration_structure(&create, None) }
            .named("vkCreateAccelerationStructureKHR")?;
        let raw = Owned::new(self, raw, |device, raw| {
            let load = khr::acceleration_structure::Device::new;
            let calls = load(&device.instance.raw, &device.raw);
            // SAFETY: destroyed once, after the device is done with it.
            unsafe { calls.destroy_acceleration_structure(raw, None) }
        });
        // A little more than is needed, to be aligned in.
        let align = 256;
        let usage = vk::BufferUsageFlags::STORAGE_BUFFER | ADDRESS;
        let scratch = self.buffer(sizes.build_scratch_size + align, usage, Place::Device)?;
        let address = scratch.address().next_multiple_of(align);
        let info = info
            .dst_acceleration_structure(*raw)
            .scratch_data(vk::DeviceOrHostAddressKHR {
                device_address: address,
            });
        let range =
            [vk::AccelerationStructureBuildRangeInfoKHR::default().primitive_count(primitives)];
        self.run(|c| {
            c.barrier();
            // SAFETY: as for all commands.
            unsafe { calls.cmd_build_acceleration_structures(c.raw(), &[info], &[&range]) };
            c.barrier();
        })?;
        Ok(Acceleration {
            raw,
            _buffer: buffer,
        })
    }

    /// Makes a ray tracing pipeline.
    pub(crate) fn ray_pipeline(
        &self,
        info: &vk::RayTracingPipelineCreateInfoKHR<'_>,
    ) -> Result<Owned<vk::Pipeline>> {
        let calls = self.load(khr::ray_tracing_pipeline::Device::new);
        let (none, cache) = (vk::DeferredOperationKHR::null(), vk::PipelineCache::null());
        let infos = std::slice::from_ref(info);
        // SAFETY: the structure's borrows keep alive what it points to.
        let made = unsafe { calls.create_ray_tracing_pipelines(none, cache, infos, None) };
        self.pipeline(made, "vkCreateRayTracingPipelinesKHR")
    }

    /// The handles of a ray tracing pipeline's groups.
    pub(crate) fn group_handles(
        &self,
        pipeline: &vk::Pipeline,
        groups: u32,
        size: usize,
    ) -> Result<Vec<u8>> {
        let calls = self.load(khr::ray_tracing_pipeline::Device::new);
        let all = size * groups as usize;
        // SAFETY: the size is that of a handle times the groups.
        unsafe { calls.get_ray_tracing_shader_group_handles(*pipeline, 0, groups, all) }
            .named("vkGetRayTracingShaderGroupHandlesKHR")
    }
}

impl Acceleration {
    /// The structure's address, for instances.
    pub(crate) fn address(&self) -> vk::DeviceAddress {
        let calls = self
            .raw
            .gpu()
            .load(khr::acceleration_structure::Device::new);
        let info = vk::AccelerationStructureDeviceAddressInfoKHR::default()
            .acceleration_structure(*self.raw);
        // SAFETY: the structure is alive.
        unsafe { calls.get_acceleration_structure_device_address(&info) }
    }
}

impl Commands {
    /// Traces one ray a pixel; the regions are those of generation, miss and hit shaders.
    pub(crate) fn trace_rays(
        &self,
        [generation, miss, hit]: [vk::StridedDeviceAddressRegionKHR; 3],
        width: u32,
        height: u32,
    ) -> &Self {
        let calls = self.gpu().load(khr::ray_tracing_pipeline::Device::new);
        let none = vk::StridedDeviceAddressRegionKHR::default();
        // SAFETY: as for all commands.
        unsafe {
            calls.cmd_trace_rays(
                self.raw(),
                &generation,
                &miss,
                &hit,
                &none,
                width,
                height,
                1,
            );
        }
        self
    }
}

const ADDRESS: vk::BufferUsageFlags = vk::BufferUsageFlags::SHADER_DEVICE_ADDRESS;

impl DescriptorSet {
    /// Points a binding to an acceleration structure.
    pub(crate) fn acceleration(&self, binding: u32, structure: &Acceleration) -> &Self {
        let structures = [*structure.raw];
        let mut info = vk::WriteDescriptorSetAccelerationStructureKHR::default()
            .acceleration_structures(&structures);
        let kind = vk::DescriptorType::ACCELERATION_STRUCTURE_KHR;
        self.write(
            self.at(binding, 0, kind)
                .descriptor_count(1)
                .push_next(&mut info),
        )
    }
}
