//! Commands and calls of extensions; each loads its functions when it is used.

use std::ffi::c_void;

use ash::{ext, khr, vk};

use crate::error::{Named as _, Result};
use crate::gpu::{Commands, Device, Gpu};

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

impl Gpu {
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
