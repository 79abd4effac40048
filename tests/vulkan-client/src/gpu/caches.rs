//! Calls that few scenes need: caches, private data, memory by hand, descriptor pools.

use ash::vk;

use crate::error::{Named as _, Result};
use crate::gpu::{Device, Gpu};

impl Device {
    /// What a pipeline cache holds.
    pub(crate) fn cache_data(&self, cache: &vk::PipelineCache) -> Result<Vec<u8>> {
        // SAFETY: the cache is this device's own.
        unsafe { self.raw.get_pipeline_cache_data(*cache) }.named("vkGetPipelineCacheData")
    }

    /// Adds what other caches hold to one.
    pub(crate) fn merge_caches(
        &self,
        into: &vk::PipelineCache,
        from: &[vk::PipelineCache],
    ) -> Result<()> {
        // SAFETY: as above.
        unsafe { self.raw.merge_pipeline_caches(*into, from) }.named("vkMergePipelineCaches")
    }

    /// Attaches a number to an object.
    pub(crate) fn set_private<H: vk::Handle>(
        &self,
        object: H,
        slot: &vk::PrivateDataSlot,
        data: u64,
    ) -> Result<()> {
        // SAFETY: object and slot are this device's own.
        unsafe { self.raw.set_private_data(object, *slot, data) }.named("vkSetPrivateData")
    }

    /// The number attached to an object.
    pub(crate) fn private<H: vk::Handle>(&self, object: H, slot: &vk::PrivateDataSlot) -> u64 {
        // SAFETY: as above.
        unsafe { self.raw.get_private_data(object, *slot) }
    }

    /// What an image's memory must be like.
    pub(crate) fn image_requirements(&self, image: &vk::Image) -> vk::MemoryRequirements {
        // SAFETY: the image is this device's own.
        unsafe { self.raw.get_image_memory_requirements(*image) }
    }

    /// What a buffer's memory must be like.
    pub(crate) fn buffer_requirements(&self, buffer: &vk::Buffer) -> vk::MemoryRequirements {
        // SAFETY: the buffer is this device's own.
        unsafe { self.raw.get_buffer_memory_requirements(*buffer) }
    }

    /// How a sparse image is bound page by page.
    pub(crate) fn sparse_requirements(
        &self,
        image: &vk::Image,
    ) -> Vec<vk::SparseImageMemoryRequirements> {
        // SAFETY: the image is this device's own.
        unsafe { self.raw.get_image_sparse_memory_requirements(*image) }
    }

    /// Binds several buffers to memory.
    pub(crate) fn bind_buffers(&self, infos: &[vk::BindBufferMemoryInfo<'_>]) -> Result<()> {
        // SAFETY: buffers and memory are this device's own; each is bound once.
        unsafe { self.raw.bind_buffer_memory2(infos) }.named("vkBindBufferMemory2")
    }

    /// Binds several images to memory.
    pub(crate) fn bind_images(&self, infos: &[vk::BindImageMemoryInfo<'_>]) -> Result<()> {
        // SAFETY: as above.
        unsafe { self.raw.bind_image_memory2(infos) }.named("vkBindImageMemory2")
    }

    /// Gives descriptor sets back to their pool.
    pub(crate) fn free_sets(
        &self,
        pool: &vk::DescriptorPool,
        sets: &[vk::DescriptorSet],
    ) -> Result<()> {
        // SAFETY: the sets are of this pool, which allows it, and not in use.
        unsafe { self.raw.free_descriptor_sets(*pool, sets) }.named("vkFreeDescriptorSets")
    }

    /// Gives all sets of a pool back to it.
    pub(crate) fn reset_pool(&self, pool: &vk::DescriptorPool) -> Result<()> {
        let flags = vk::DescriptorPoolResetFlags::empty();
        // SAFETY: the sets are not in use.
        unsafe { self.raw.reset_descriptor_pool(*pool, flags) }.named("vkResetDescriptorPool")
    }

    /// How a linear image lies in its memory.
    pub(crate) fn subresource_layout(&self, image: &vk::Image) -> vk::SubresourceLayout {
        self.aspect_layout(image, vk::ImageAspectFlags::COLOR)
    }

    /// How the memory plane of an image with a modifier lies in its memory.
    pub(crate) fn plane_layout(&self, image: &vk::Image) -> vk::SubresourceLayout {
        self.aspect_layout(image, vk::ImageAspectFlags::MEMORY_PLANE_0_EXT)
    }

    fn aspect_layout(
        &self,
        image: &vk::Image,
        aspect: vk::ImageAspectFlags,
    ) -> vk::SubresourceLayout {
        let subresource = vk::ImageSubresource::default().aspect_mask(aspect);
        // SAFETY: the image is this device's own, and linear or with a modifier.
        unsafe { self.raw.get_image_subresource_layout(*image, subresource) }
    }
}

impl Gpu {
    /// Binds memory to sparse resources, and waits until that is done.
    pub(crate) fn bind_sparse(&self, info: vk::BindSparseInfo<'_>) -> Result<()> {
        let fence = self.fence(false)?;
        let queue = self.graphics().lock();
        // SAFETY: the structure's borrows keep alive what it points to; the queue is locked.
        unsafe { self.raw.queue_bind_sparse(*queue, &[info], *fence) }
            .named("vkQueueBindSparse")?;
        drop(queue);
        self.wait(&fence)
    }

    /// Submits in the way of Vulkan 1.3, and waits until that is done.
    pub(crate) fn submit2(&self, infos: &[vk::SubmitInfo2<'_>]) -> Result<()> {
        let fence = self.fence(false)?;
        let queue = self.graphics().lock();
        // SAFETY: as above.
        unsafe { self.raw.queue_submit2(*queue, infos, *fence) }.named("vkQueueSubmit2")?;
        drop(queue);
        self.wait(&fence)
    }
}
