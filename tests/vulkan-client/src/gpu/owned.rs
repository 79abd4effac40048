//! Handles that are destroyed when they go out of scope.

use std::ops::Deref;

use ash::vk;

use crate::error::{Named as _, Result};
use crate::gpu::{Device, Gpu};

/// A Vulkan object and the device it is of.
pub(crate) struct Owned<H: Copy> {
    raw: H,
    gpu: Gpu,
    destroy: fn(&Device, H),
}

impl<H: Copy> Owned<H> {
    /// Takes a handle over.
    pub(crate) fn new(gpu: &Gpu, raw: H, destroy: fn(&Device, H)) -> Self {
        Self {
            raw,
            gpu: gpu.clone(),
            destroy,
        }
    }

    /// The device the object is of.
    pub(crate) fn gpu(&self) -> &Gpu {
        &self.gpu
    }
}

impl<H: Copy> Deref for Owned<H> {
    type Target = H;
    fn deref(&self) -> &H {
        &self.raw
    }
}

impl<H: Copy> Drop for Owned<H> {
    fn drop(&mut self) {
        (self.destroy)(&self.gpu, self.raw);
    }
}

macro_rules! objects {
    ($($create:ident / $destroy:ident: $info:ident => $handle:ident, $call:literal;)*) => {
        impl Gpu {
            $(
                #[doc = concat!("`", $call, "`.")]
                pub(crate) fn $create(
                    &self,
                    info: &vk::$info<'_>,
                ) -> Result<Owned<vk::$handle>> {
                    // SAFETY: the structure's borrows keep alive what it points to, and scenes
                    // pass handles of this device; the validation layer checks the rest.
                    let raw = unsafe { self.raw.$create(info, None) }.named($call)?;
                    Ok(Owned::new(self, raw, |device, raw| {
                        // SAFETY: `Owned` destroys each object once; scenes wait for the
                        // device before they let go of what it uses.
                        unsafe { device.raw.$destroy(raw, None) }
                    }))
                }
            )*
        }
    };
}

objects! {
    create_buffer / destroy_buffer: BufferCreateInfo => Buffer, "vkCreateBuffer";
    create_buffer_view / destroy_buffer_view: BufferViewCreateInfo => BufferView,
        "vkCreateBufferView";
    create_command_pool / destroy_command_pool: CommandPoolCreateInfo => CommandPool,
        "vkCreateCommandPool";
    create_descriptor_pool / destroy_descriptor_pool: DescriptorPoolCreateInfo => DescriptorPool,
        "vkCreateDescriptorPool";
    create_descriptor_set_layout / destroy_descriptor_set_layout:
        DescriptorSetLayoutCreateInfo => DescriptorSetLayout, "vkCreateDescriptorSetLayout";
    create_descriptor_update_template / destroy_descriptor_update_template:
        DescriptorUpdateTemplateCreateInfo => DescriptorUpdateTemplate,
        "vkCreateDescriptorUpdateTemplate";
    create_event / destroy_event: EventCreateInfo => Event, "vkCreateEvent";
    create_fence / destroy_fence: FenceCreateInfo => Fence, "vkCreateFence";
    create_framebuffer / destroy_framebuffer: FramebufferCreateInfo => Framebuffer,
        "vkCreateFramebuffer";
    create_image / destroy_image: ImageCreateInfo => Image, "vkCreateImage";
    create_image_view / destroy_image_view: ImageViewCreateInfo => ImageView,
        "vkCreateImageView";
    create_pipeline_cache / destroy_pipeline_cache: PipelineCacheCreateInfo => PipelineCache,
        "vkCreatePipelineCache";
    create_pipeline_layout / destroy_pipeline_layout: PipelineLayoutCreateInfo => PipelineLayout,
        "vkCreatePipelineLayout";
    create_private_data_slot / destroy_private_data_slot:
        PrivateDataSlotCreateInfo => PrivateDataSlot, "vkCreatePrivateDataSlot";
    create_query_pool / destroy_query_pool: QueryPoolCreateInfo => QueryPool,
        "vkCreateQueryPool";
    create_render_pass / destroy_render_pass: RenderPassCreateInfo => RenderPass,
        "vkCreateRenderPass";
    create_render_pass2 / destroy_render_pass: RenderPassCreateInfo2 => RenderPass,
        "vkCreateRenderPass2";
    create_sampler / destroy_sampler: SamplerCreateInfo => Sampler, "vkCreateSampler";
    create_sampler_ycbcr_conversion / destroy_sampler_ycbcr_conversion:
        SamplerYcbcrConversionCreateInfo => SamplerYcbcrConversion,
        "vkCreateSamplerYcbcrConversion";
    create_semaphore / destroy_semaphore: SemaphoreCreateInfo => Semaphore, "vkCreateSemaphore";
    create_shader_module / destroy_shader_module: ShaderModuleCreateInfo => ShaderModule,
        "vkCreateShaderModule";
}
