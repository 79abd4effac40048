//! Commands and calls of extensions; each loads its functions when it is used.

use std::ffi::c_void;
use std::os::fd::{FromRawFd as _, OwnedFd};

use ash::{ext, khr, vk};

use crate::error::{Named as _, Result};
use crate::gpu::{Buffer, Commands, Device, Gpu, Image, Memory, Owned, Shared};

impl Gpu {
    /// Loads the functions of an extension.
    pub(crate) fn load<F>(&self, load: fn(&ash::Instance, &ash::Device) -> F) -> F {
        load(&self.instance.raw, &self.raw)
    }
}

impl Device {
    /// Writes a set as a template says, from a structure that the template was made for.
    pub(crate) fn update_set_with<T: Copy>(
        &self,
        set: vk::DescriptorSet,
        template: &vk::DescriptorUpdateTemplate,
        data: &T,
    ) {
        let data = std::ptr::from_ref(data).cast::<c_void>();
        // SAFETY: scenes make the template with offsets into `T`.
        unsafe {
            self.raw
                .update_descriptor_set_with_template(set, *template, data)
        };
    }
}

impl Commands {
    /// Writes descriptors into the command buffer.
    pub(crate) fn push_descriptors(
        &self,
        point: vk::PipelineBindPoint,
        layout: vk::PipelineLayout,
        writes: &[vk::WriteDescriptorSet<'_>],
    ) -> &Self {
        let push = self.gpu().load(khr::push_descriptor::Device::new);
        // SAFETY: as for all commands.
        unsafe { push.cmd_push_descriptor_set(self.raw(), point, layout, 0, writes) };
        self
    }

    /// Writes descriptors into the command buffer as a template says.
    pub(crate) fn push_descriptors_with<T: Copy>(
        &self,
        template: &vk::DescriptorUpdateTemplate,
        layout: vk::PipelineLayout,
        data: &T,
    ) -> &Self {
        let push = self.gpu().load(khr::push_descriptor::Device::new);
        let data = std::ptr::from_ref(data).cast::<c_void>();
        // SAFETY: scenes make the template with offsets into `T`.
        unsafe {
            push.cmd_push_descriptor_set_with_template(self.raw(), *template, layout, 0, data);
        }
        self
    }
}

impl Commands {
    /// Gives an image to others, or takes it from them.
    pub(crate) fn hand_over(
        &self,
        image: &Image,
        from: vk::ImageLayout,
        to: vk::ImageLayout,
        away: bool,
    ) -> &Self {
        let ours = self.gpu().graphics().family;
        let others = vk::QUEUE_FAMILY_FOREIGN_EXT;
        let (source, target) = if away { (ours, others) } else { (others, ours) };
        let all = vk::AccessFlags::MEMORY_READ | vk::AccessFlags::MEMORY_WRITE;
        let none = vk::AccessFlags::empty();
        let barrier = vk::ImageMemoryBarrier::default()
            .src_access_mask(if away { all } else { none })
            .dst_access_mask(if away { none } else { all })
            .old_layout(from)
            .new_layout(to)
            .src_queue_family_index(source)
            .dst_queue_family_index(target)
            .image(*image.raw)
            .subresource_range(image.range());
        let every = vk::PipelineStageFlags::ALL_COMMANDS;
        self.pipeline_barrier(every, every, &[], &[barrier])
    }
}

impl Gpu {
    /// Hands memory out as a dma-buf.
    pub(crate) fn export_dma_buf(&self, memory: &Memory) -> Result<Shared> {
        let calls = self.load(khr::external_memory_fd::Device::new);
        let get = vk::MemoryGetFdInfoKHR::default()
            .memory(memory.raw)
            .handle_type(vk::ExternalMemoryHandleTypeFlags::DMA_BUF_EXT);
        // SAFETY: the memory was allocated to be exported so.
        let fd = unsafe { calls.get_memory_fd(&get) }.named("vkGetMemoryFdKHR")?;
        // SAFETY: the descriptor is new, and nobody else's.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Shared::map(&fd, memory.size as usize)
    }

    /// Reads the device's and the host's clocks at one moment: the two, and how far off.
    pub(crate) fn calibrated_timestamps(
        &self,
        domains: [vk::TimeDomainKHR; 2],
    ) -> Result<([u64; 2], u64)> {
        let calls = self.load(ext::calibrated_timestamps::Device::new);
        let infos =
            domains.map(|domain| vk::CalibratedTimestampInfoKHR::default().time_domain(domain));
        // SAFETY: the scene enabled the extension and asked which domains there are.
        let (times, deviation) = unsafe { calls.get_calibrated_timestamps(&infos) }
            .named("vkGetCalibratedTimestampsEXT")?;
        Ok(([times[0], times[1]], deviation))
    }
}

impl Gpu {
    /// The clocks that can be read with the device's.
    pub(crate) fn time_domains(&self) -> Result<Vec<vk::TimeDomainKHR>> {
        let load = ext::calibrated_timestamps::Instance::new;
        let calls = load(&self.instance.entry, &self.instance.raw);
        // SAFETY: the physical device is the instance's own and has the extension.
        unsafe { calls.get_physical_device_calibrateable_time_domains(self.instance.physical) }
            .named("vkGetPhysicalDeviceCalibrateableTimeDomainsEXT")
    }

    /// Copies from the host's memory to an image without a command.
    pub(crate) fn copy_memory_to_image(
        &self,
        info: &vk::CopyMemoryToImageInfoEXT<'_>,
    ) -> Result<()> {
        let calls = self.load(ext::host_image_copy::Device::new);
        // SAFETY: the structure's borrows keep alive what it points to.
        unsafe { calls.copy_memory_to_image(info) }.named("vkCopyMemoryToImageEXT")
    }

    /// Copies from an image to the host's memory without a command.
    pub(crate) fn copy_image_to_memory(
        &self,
        info: &vk::CopyImageToMemoryInfoEXT<'_>,
    ) -> Result<()> {
        let calls = self.load(ext::host_image_copy::Device::new);
        // SAFETY: as above; the scene's memory has room for the region.
        unsafe { calls.copy_image_to_memory(info) }.named("vkCopyImageToMemoryEXT")
    }

    /// Copies between images without a command.
    pub(crate) fn copy_image_to_image(&self, info: &vk::CopyImageToImageInfoEXT<'_>) -> Result<()> {
        let calls = self.load(ext::host_image_copy::Device::new);
        // SAFETY: as above.
        unsafe { calls.copy_image_to_image(info) }.named("vkCopyImageToImageEXT")
    }

    /// Changes layouts without a command.
    pub(crate) fn transition_on_host(
        &self,
        transitions: &[vk::HostImageLayoutTransitionInfoEXT<'_>],
    ) -> Result<()> {
        let calls = self.load(ext::host_image_copy::Device::new);
        // SAFETY: as above.
        unsafe { calls.transition_image_layout(transitions) }.named("vkTransitionImageLayoutEXT")
    }

    /// Makes shader objects.
    pub(crate) fn shader_objects(
        &self,
        infos: &[vk::ShaderCreateInfoEXT<'_>],
    ) -> Result<Vec<Owned<vk::ShaderEXT>>> {
        let calls = self.load(ext::shader_object::Device::new);
        // SAFETY: the structures' borrows keep alive what they point to.
        let made = unsafe { calls.create_shaders(infos, None) }
            .map_err(|(_, result)| result)
            .named("vkCreateShadersEXT")?;
        let own = |raw| {
            Owned::new(self, raw, |device, raw| {
                let load = ext::shader_object::Device::new;
                let calls = load(&device.instance.raw, &device.raw);
                // SAFETY: destroyed once, after the device is done with it.
                unsafe { calls.destroy_shader(raw, None) }
            })
        };
        Ok(made.into_iter().map(own).collect())
    }
}

impl Commands {
    /// Draws from here on count only if the word in the buffer is not zero, or if it is.
    pub(crate) fn begin_condition(&self, buffer: &Buffer, offset: u64, inverted: bool) -> &Self {
        let flags = match inverted {
            true => vk::ConditionalRenderingFlagsEXT::INVERTED,
            false => vk::ConditionalRenderingFlagsEXT::empty(),
        };
        let info = vk::ConditionalRenderingBeginInfoEXT::default()
            .buffer(*buffer.raw)
            .offset(offset)
            .flags(flags);
        let calls = self.gpu().load(ext::conditional_rendering::Device::new);
        // SAFETY: as for all commands.
        unsafe { (calls.fp().cmd_begin_conditional_rendering_ext)(self.raw(), &info) };
        self
    }

    /// Ends what [`Self::begin_condition`] began.
    pub(crate) fn end_condition(&self) -> &Self {
        let calls = self.gpu().load(ext::conditional_rendering::Device::new);
        // SAFETY: as for all commands.
        unsafe { (calls.fp().cmd_end_conditional_rendering_ext)(self.raw()) };
        self
    }

    /// Captures vertices into a buffer from here on, and writes how many to the counter.
    pub(crate) fn begin_capture(&self, into: &Buffer) -> &Self {
        let calls = self.gpu().load(ext::transform_feedback::Device::new);
        let (buffers, offsets, sizes) = ([*into.raw], [0], [into.size]);
        let (bind, begin) = (
            calls.fp().cmd_bind_transform_feedback_buffers_ext,
            calls.fp().cmd_begin_transform_feedback_ext,
        );
        // SAFETY: as for all commands; the arrays have one element each.
        unsafe {
            bind(
                self.raw(),
                0,
                1,
                buffers.as_ptr(),
                offsets.as_ptr(),
                sizes.as_ptr(),
            );
            begin(self.raw(), 0, 0, std::ptr::null(), std::ptr::null());
        }
        self
    }

    /// Ends what [`Self::begin_capture`] began; the counter holds the bytes written.
    pub(crate) fn end_capture(&self, counter: &Buffer) -> &Self {
        let calls = self.gpu().load(ext::transform_feedback::Device::new);
        let (counters, offsets) = ([*counter.raw], [0]);
        let end = calls.fp().cmd_end_transform_feedback_ext;
        // SAFETY: as above.
        unsafe { end(self.raw(), 0, 1, counters.as_ptr(), offsets.as_ptr()) };
        self
    }

    /// Draws as many vertices as were captured.
    pub(crate) fn draw_captured(&self, counter: &Buffer, stride: u32) -> &Self {
        let calls = self.gpu().load(ext::transform_feedback::Device::new);
        let draw = calls.fp().cmd_draw_indirect_byte_count_ext;
        // SAFETY: as for all commands.
        unsafe { draw(self.raw(), 1, 0, *counter.raw, 0, 0, stride) };
        self
    }

    /// Begins a query of one vertex stream.
    pub(crate) fn begin_stream_query(&self, pool: vk::QueryPool, query: u32) -> &Self {
        let calls = self.gpu().load(ext::transform_feedback::Device::new);
        let begin = calls.fp().cmd_begin_query_indexed_ext;
        // SAFETY: as for all commands.
        unsafe { begin(self.raw(), pool, query, vk::QueryControlFlags::empty(), 0) };
        self
    }

    /// Ends a query of one vertex stream.
    pub(crate) fn end_stream_query(&self, pool: vk::QueryPool, query: u32) -> &Self {
        let calls = self.gpu().load(ext::transform_feedback::Device::new);
        // SAFETY: as for all commands.
        unsafe { (calls.fp().cmd_end_query_indexed_ext)(self.raw(), pool, query, 0) };
        self
    }

    /// Starts task or mesh shaders.
    pub(crate) fn draw_mesh(&self, x: u32, y: u32, z: u32) -> &Self {
        let calls = self.gpu().load(ext::mesh_shader::Device::new);
        // SAFETY: as for all commands.
        unsafe { calls.cmd_draw_mesh_tasks(self.raw(), x, y, z) };
        self
    }

    /// Starts task or mesh shaders with arguments from a buffer.
    pub(crate) fn draw_mesh_indirect(&self, arguments: &Buffer, count: u32) -> &Self {
        let calls = self.gpu().load(ext::mesh_shader::Device::new);
        // SAFETY: as for all commands.
        unsafe { calls.cmd_draw_mesh_tasks_indirect(self.raw(), *arguments.raw, 0, count, 12) };
        self
    }
}

impl Commands {
    /// Binds shader objects to stages.
    pub(crate) fn bind_shaders(
        &self,
        stages: &[vk::ShaderStageFlags],
        shaders: &[vk::ShaderEXT],
    ) -> &Self {
        let calls = self.gpu().load(ext::shader_object::Device::new);
        // SAFETY: as for all commands.
        unsafe { calls.cmd_bind_shaders(self.raw(), stages, shaders) };
        self
    }

    /// Sets what shader objects want besides the state of Vulkan 1.3: no vertex input, one
    /// sample, filled polygons, and one colour that is written as it is.
    pub(crate) fn set_state_of_shader_objects(&self) -> &Self {
        let calls = self.gpu().load(ext::shader_object::Device::new);
        let raw = self.raw();
        let one = vk::SampleCountFlags::TYPE_1;
        // SAFETY: as for all commands.
        unsafe {
            calls.cmd_set_vertex_input(raw, &[], &[]);
            calls.cmd_set_polygon_mode(raw, vk::PolygonMode::FILL);
            calls.cmd_set_rasterization_samples(raw, one);
            calls.cmd_set_sample_mask(raw, one, &[1]);
            calls.cmd_set_alpha_to_coverage_enable(raw, false);
            calls.cmd_set_color_blend_enable(raw, 0, &[vk::FALSE]);
            calls.cmd_set_color_write_mask(raw, 0, &[vk::ColorComponentFlags::RGBA]);
        }
        self
    }
}
