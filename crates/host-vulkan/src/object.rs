use std::sync::Arc;

use bumpalo::Bump;
use vulkan_types as t;

use crate::lower::{Call, Identity, Lowering};
use crate::{Device, Shared};

/// Something made from a device, destroyed with the last reference.
pub struct Object {
    kind: t::ObjectType,
    raw: u64,
    device: Arc<Device>,
    /// What has to outlive it: the pool of a set or of a command buffer.
    _parent: Option<Arc<Object>>,
    /// Pages that the driver uses, unmapped after it lets go of them.
    _pages: Option<Shared>,
}

impl Object {
    /// Takes a fresh handle over.
    pub fn new(kind: t::ObjectType, raw: u64, device: &Arc<Device>) -> Arc<Self> {
        Arc::new(Self {
            kind,
            raw,
            device: Arc::clone(device),
            _parent: None,
            _pages: None,
        })
    }

    /// Takes a handle over that is freed with its pool.
    pub fn pooled(
        kind: t::ObjectType,
        raw: u64,
        device: &Arc<Device>,
        pool: &Arc<Object>,
    ) -> Arc<Self> {
        Arc::new(Self {
            kind,
            raw,
            device: Arc::clone(device),
            _parent: Some(Arc::clone(pool)),
            _pages: None,
        })
    }

    /// Takes device memory over that is made of `pages`.
    pub(crate) fn memory(raw: u64, device: &Arc<Device>, pages: Option<Shared>) -> Arc<Self> {
        let kind = t::ObjectType::DEVICE_MEMORY;
        Arc::new(Self {
            kind,
            raw,
            device: Arc::clone(device),
            _parent: None,
            _pages: pages,
        })
    }

    /// The host's handle.
    pub fn raw(&self) -> u64 {
        self.raw
    }

    /// `VkObjectType`.
    pub fn kind(&self) -> t::ObjectType {
        self.kind
    }

    /// What it was made from.
    pub fn device(&self) -> &Arc<Device> {
        &self.device
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        destroy(&self.device, self.kind, self.raw);
    }
}

/// One line for each kind; those freed with a pool or a device have none.
fn destroy(device: &Device, kind: t::ObjectType, raw: u64) {
    use t::ObjectType as O;
    let arena = Bump::new();
    let cx = Lowering::new(&arena, &Identity);
    let functions = device.functions();
    let device = t::DeviceId(device.raw());
    macro_rules! call {
        ($command:ident { $field:ident: $id:ident }) => {
            _ = t::$command {
                device,
                $field: t::$id(raw),
            }
            .call(functions, &cx)
        };
    }
    match kind {
        O::SEMAPHORE => call!(DestroySemaphore {
            semaphore: SemaphoreId
        }),
        O::FENCE => call!(DestroyFence { fence: FenceId }),
        O::DEVICE_MEMORY => call!(FreeMemory {
            memory: DeviceMemoryId
        }),
        O::BUFFER => call!(DestroyBuffer { buffer: BufferId }),
        O::IMAGE => call!(DestroyImage { image: ImageId }),
        O::EVENT => call!(DestroyEvent { event: EventId }),
        O::QUERY_POOL => call!(DestroyQueryPool {
            query_pool: QueryPoolId
        }),
        O::BUFFER_VIEW => call!(DestroyBufferView {
            buffer_view: BufferViewId
        }),
        O::IMAGE_VIEW => call!(DestroyImageView {
            image_view: ImageViewId
        }),
        O::SHADER_MODULE => call!(DestroyShaderModule {
            shader_module: ShaderModuleId
        }),
        O::PIPELINE_CACHE => call!(DestroyPipelineCache {
            pipeline_cache: PipelineCacheId
        }),
        O::PIPELINE_LAYOUT => call!(DestroyPipelineLayout {
            pipeline_layout: PipelineLayoutId
        }),
        O::RENDER_PASS => call!(DestroyRenderPass {
            render_pass: RenderPassId
        }),
        O::PIPELINE => call!(DestroyPipeline {
            pipeline: PipelineId
        }),
        O::DESCRIPTOR_SET_LAYOUT => {
            call!(DestroyDescriptorSetLayout {
                descriptor_set_layout: DescriptorSetLayoutId
            })
        }
        O::SAMPLER => call!(DestroySampler { sampler: SamplerId }),
        O::DESCRIPTOR_POOL => call!(DestroyDescriptorPool {
            descriptor_pool: DescriptorPoolId
        }),
        O::FRAMEBUFFER => call!(DestroyFramebuffer {
            framebuffer: FramebufferId
        }),
        O::COMMAND_POOL => call!(DestroyCommandPool {
            command_pool: CommandPoolId
        }),
        O::SAMPLER_YCBCR_CONVERSION => {
            call!(DestroySamplerYcbcrConversion {
                ycbcr_conversion: SamplerYcbcrConversionId
            })
        }
        O::DESCRIPTOR_UPDATE_TEMPLATE => {
            call!(DestroyDescriptorUpdateTemplate {
                descriptor_update_template: DescriptorUpdateTemplateId
            })
        }
        O::PRIVATE_DATA_SLOT => call!(DestroyPrivateDataSlot {
            private_data_slot: PrivateDataSlotId
        }),
        O::ACCELERATION_STRUCTURE_KHR => {
            call!(DestroyAccelerationStructureKHR {
                acceleration_structure: AccelerationStructureKHRId
            })
        }
        O::DEFERRED_OPERATION_KHR => call!(DestroyDeferredOperationKHR {
            operation: DeferredOperationKHRId
        }),
        _ => {}
    }
}
