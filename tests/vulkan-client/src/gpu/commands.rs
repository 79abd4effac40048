//! Command buffers: each method records one command.
//!
//! The methods are safe to call from the scenes in the sense of a test program: that their
//! arguments fit together is what the validation layer is run for.

use std::ops::Range;

use ash::vk;

use crate::error::{Named as _, Result};
use crate::gpu::{Buffer, Gpu, Image, Owned, Target};

/// A command buffer with a pool of its own.
pub(crate) struct Commands {
    raw: vk::CommandBuffer,
    pool: Owned<vk::CommandPool>,
}

macro_rules! record {
    ($($(#[$doc:meta])* $name:ident / $command:ident($($arg:ident: $type:ty),*);)*) => {
        impl Commands {
            $($(#[$doc])* pub(crate) fn $name(&self, $($arg: $type),*) -> &Self {
                // SAFETY: the buffer is in the recording state, and the scene keeps alive what
                // it records until the submission is done.
                unsafe { self.gpu().raw.$command(self.raw, $($arg),*) };
                self
            })*
        }
    };
}

record! {
    /// Ends the render pass.
    end_render_pass / cmd_end_render_pass();
    /// Goes on to the next subpass.
    next_subpass / cmd_next_subpass(contents: vk::SubpassContents);
    /// Ends dynamic rendering.
    end_rendering / cmd_end_rendering();
    /// Begins dynamic rendering.
    begin_rendering / cmd_begin_rendering(info: &vk::RenderingInfo<'_>);
    bind_pipeline / cmd_bind_pipeline(point: vk::PipelineBindPoint, pipeline: vk::Pipeline);
    draw_range / cmd_draw(vertices: u32, instances: u32, vertex: u32, instance: u32);
    draw_indexed / cmd_draw_indexed(
        indices: u32, instances: u32, index: u32, offset: i32, instance: u32
    );
    /// Copies between buffers that have no memory of their own.
    copy_raw_buffer / cmd_copy_buffer(
        from: vk::Buffer, to: vk::Buffer, regions: &[vk::BufferCopy]
    );
    bind_vertices / cmd_bind_vertex_buffers(
        first: u32, buffers: &[vk::Buffer], offsets: &[u64]
    );
    /// Fills some of a buffer that has no memory of its own.
    fill_raw_buffer / cmd_fill_buffer(buffer: vk::Buffer, offset: u64, size: u64, word: u32);
    dispatch / cmd_dispatch(x: u32, y: u32, z: u32);
    dispatch_base / cmd_dispatch_base(x0: u32, y0: u32, z0: u32, x: u32, y: u32, z: u32);
    set_viewports / cmd_set_viewport(first: u32, viewports: &[vk::Viewport]);
    set_scissors / cmd_set_scissor(first: u32, scissors: &[vk::Rect2D]);
    set_blend_constants / cmd_set_blend_constants(constants: &[f32; 4]);
    set_stencil_reference / cmd_set_stencil_reference(
        faces: vk::StencilFaceFlags, reference: u32
    );
    set_depth_bias / cmd_set_depth_bias(constant: f32, clamp: f32, slope: f32);
    set_depth_bounds / cmd_set_depth_bounds(low: f32, high: f32);
    set_line_width / cmd_set_line_width(width: f32);
    set_cull_mode / cmd_set_cull_mode(mode: vk::CullModeFlags);
    set_front_face / cmd_set_front_face(face: vk::FrontFace);
    set_topology / cmd_set_primitive_topology(topology: vk::PrimitiveTopology);
    set_viewports_counted / cmd_set_viewport_with_count(viewports: &[vk::Viewport]);
    set_scissors_counted / cmd_set_scissor_with_count(scissors: &[vk::Rect2D]);
    set_depth_test / cmd_set_depth_test_enable(enable: bool);
    set_depth_write / cmd_set_depth_write_enable(enable: bool);
    set_depth_compare / cmd_set_depth_compare_op(op: vk::CompareOp);
    set_stencil_test / cmd_set_stencil_test_enable(enable: bool);
    set_stencil_op / cmd_set_stencil_op(
        faces: vk::StencilFaceFlags, fail: vk::StencilOp, pass: vk::StencilOp,
        depth_fail: vk::StencilOp, compare: vk::CompareOp
    );
    set_rasterizer_discard / cmd_set_rasterizer_discard_enable(enable: bool);
    set_primitive_restart / cmd_set_primitive_restart_enable(enable: bool);
    set_depth_bias_enable / cmd_set_depth_bias_enable(enable: bool);
    execute / cmd_execute_commands(secondaries: &[vk::CommandBuffer]);
    pipeline_barrier2 / cmd_pipeline_barrier2(info: &vk::DependencyInfo<'_>);
    set_event / cmd_set_event(event: vk::Event, stage: vk::PipelineStageFlags);
    reset_event / cmd_reset_event(event: vk::Event, stage: vk::PipelineStageFlags);
    set_event2 / cmd_set_event2(event: vk::Event, info: &vk::DependencyInfo<'_>);
    wait_events2 / cmd_wait_events2(events: &[vk::Event], infos: &[vk::DependencyInfo<'_>]);
    reset_queries / cmd_reset_query_pool(pool: vk::QueryPool, first: u32, count: u32);
    begin_query / cmd_begin_query(pool: vk::QueryPool, query: u32, flags: vk::QueryControlFlags);
    end_query / cmd_end_query(pool: vk::QueryPool, query: u32);
    write_timestamp / cmd_write_timestamp(
        stage: vk::PipelineStageFlags, pool: vk::QueryPool, query: u32
    );
    write_timestamp2 / cmd_write_timestamp2(
        stage: vk::PipelineStageFlags2, pool: vk::QueryPool, query: u32
    );
    clear_attachments / cmd_clear_attachments(
        attachments: &[vk::ClearAttachment], rects: &[vk::ClearRect]
    );
    copy_buffer2 / cmd_copy_buffer2(info: &vk::CopyBufferInfo2<'_>);
    copy_image2 / cmd_copy_image2(info: &vk::CopyImageInfo2<'_>);
    blit_image2 / cmd_blit_image2(info: &vk::BlitImageInfo2<'_>);
    copy_image_to_buffer2 / cmd_copy_image_to_buffer2(info: &vk::CopyImageToBufferInfo2<'_>);
    copy_buffer_to_image2 / cmd_copy_buffer_to_image2(info: &vk::CopyBufferToImageInfo2<'_>);
    resolve_image2 / cmd_resolve_image2(info: &vk::ResolveImageInfo2<'_>);
    bind_sets / cmd_bind_descriptor_sets(
        point: vk::PipelineBindPoint, layout: vk::PipelineLayout, first: u32,
        sets: &[vk::DescriptorSet], offsets: &[u32]
    );
    push / cmd_push_constants(
        layout: vk::PipelineLayout, stages: vk::ShaderStageFlags, offset: u32, bytes: &[u8]
    );
}

impl Commands {
    /// A primary command buffer that is recorded once, for the queue with this index.
    pub(crate) fn once(gpu: &Gpu, queue: usize) -> Result<Self> {
        Self::new(gpu, queue, vk::CommandBufferLevel::PRIMARY)
    }

    /// A secondary command buffer for the graphics queue.
    pub(crate) fn secondary(gpu: &Gpu) -> Result<Self> {
        Self::new(gpu, 0, vk::CommandBufferLevel::SECONDARY)
    }

    fn new(gpu: &Gpu, queue: usize, level: vk::CommandBufferLevel) -> Result<Self> {
        let info = vk::CommandPoolCreateInfo::default()
            .flags(vk::CommandPoolCreateFlags::RESET_COMMAND_BUFFER)
            .queue_family_index(gpu.queues()[queue].family);
        let pool = gpu.create_command_pool(&info)?;
        let info = vk::CommandBufferAllocateInfo::default()
            .command_pool(*pool)
            .level(level)
            .command_buffer_count(1);
        // SAFETY: the pool is this device's own, and the buffer goes with it.
        let raw = unsafe { gpu.raw.allocate_command_buffers(&info) }
            .named("vkAllocateCommandBuffers")?[0];
        Ok(Self { raw, pool })
    }

    /// The raw command buffer.
    pub(crate) fn raw(&self) -> vk::CommandBuffer {
        self.raw
    }

    /// The device.
    pub(crate) fn gpu(&self) -> &Gpu {
        self.pool.gpu()
    }

    /// Starts recording for one submission.
    pub(crate) fn begin(&self) -> Result<()> {
        let once = vk::CommandBufferUsageFlags::ONE_TIME_SUBMIT;
        self.begin_with(&vk::CommandBufferBeginInfo::default().flags(once))
    }

    /// Starts recording.
    pub(crate) fn begin_with(&self, info: &vk::CommandBufferBeginInfo<'_>) -> Result<()> {
        // SAFETY: the command buffer is not in use.
        unsafe { self.gpu().raw.begin_command_buffer(self.raw, info) }.named("vkBeginCommandBuffer")
    }

    /// Ends recording.
    pub(crate) fn end(&self) -> Result<()> {
        // SAFETY: the command buffer is in the recording state.
        unsafe { self.gpu().raw.end_command_buffer(self.raw) }.named("vkEndCommandBuffer")
    }

    /// Begins the target's render pass over all of it, with one clear value an attachment.
    pub(crate) fn begin_target(&self, target: &Target, clear: &[vk::ClearValue]) -> &Self {
        self.begin_render_pass(&target.begin_info(clear), vk::SubpassContents::INLINE)
    }

    /// Begins a render pass.
    pub(crate) fn begin_render_pass(
        &self,
        info: &vk::RenderPassBeginInfo<'_>,
        contents: vk::SubpassContents,
    ) -> &Self {
        // SAFETY: see `record!`.
        unsafe {
            self.gpu()
                .raw
                .cmd_begin_render_pass(self.raw, info, contents)
        };
        self
    }

    /// Binds a graphics pipeline.
    pub(crate) fn graphics(&self, pipeline: &vk::Pipeline) -> &Self {
        self.bind_pipeline(vk::PipelineBindPoint::GRAPHICS, *pipeline)
    }

    /// Binds a compute pipeline.
    pub(crate) fn compute(&self, pipeline: &vk::Pipeline) -> &Self {
        self.bind_pipeline(vk::PipelineBindPoint::COMPUTE, *pipeline)
    }

    /// Draws vertices.
    pub(crate) fn draw(&self, vertices: Range<u32>) -> &Self {
        self.draw_range(vertices.end - vertices.start, 1, vertices.start, 0)
    }

    /// Binds vertex buffers from binding 0 on, each from its start.
    pub(crate) fn vertices(&self, buffers: &[&Buffer]) -> &Self {
        let raw: Vec<_> = buffers.iter().map(|b| *b.raw).collect();
        self.bind_vertices(0, &raw, &vec![0; raw.len()])
    }

    /// Binds an index buffer.
    pub(crate) fn indices(&self, buffer: &Buffer, offset: u64, kind: vk::IndexType) -> &Self {
        // SAFETY: see `record!`.
        unsafe {
            self.gpu()
                .raw
                .cmd_bind_index_buffer(self.raw, *buffer.raw, offset, kind)
        };
        self
    }

    /// Makes all writes before it visible to all that follows, the host included.
    pub(crate) fn barrier(&self) -> &Self {
        let all = vk::AccessFlags::MEMORY_READ | vk::AccessFlags::MEMORY_WRITE;
        let host = vk::AccessFlags::HOST_READ | vk::AccessFlags::HOST_WRITE;
        let memory = vk::MemoryBarrier::default()
            .src_access_mask(vk::AccessFlags::MEMORY_WRITE)
            .dst_access_mask(all | host);
        let stages = vk::PipelineStageFlags::ALL_COMMANDS;
        self.pipeline_barrier(
            stages,
            stages | vk::PipelineStageFlags::HOST,
            &[memory],
            &[],
        )
    }

    /// Moves the whole image from one layout to another.
    pub(crate) fn transition(
        &self,
        image: &Image,
        from: vk::ImageLayout,
        to: vk::ImageLayout,
    ) -> &Self {
        self.transition_range(*image.raw, image.range(), from, to)
    }

    /// Moves some of an image from one layout to another.
    pub(crate) fn transition_range(
        &self,
        image: vk::Image,
        range: vk::ImageSubresourceRange,
        from: vk::ImageLayout,
        to: vk::ImageLayout,
    ) -> &Self {
        let ((src_stage, src_access), (dst_stage, dst_access)) = (uses(from), uses(to));
        let writes = vk::AccessFlags::TRANSFER_WRITE
            | vk::AccessFlags::COLOR_ATTACHMENT_WRITE
            | vk::AccessFlags::DEPTH_STENCIL_ATTACHMENT_WRITE
            | vk::AccessFlags::SHADER_WRITE
            | vk::AccessFlags::HOST_WRITE;
        let barrier = vk::ImageMemoryBarrier::default()
            .src_access_mask(src_access & writes)
            .dst_access_mask(dst_access)
            .old_layout(from)
            .new_layout(to)
            .src_queue_family_index(vk::QUEUE_FAMILY_IGNORED)
            .dst_queue_family_index(vk::QUEUE_FAMILY_IGNORED)
            .image(image)
            .subresource_range(range);
        self.pipeline_barrier(src_stage, dst_stage, &[], &[barrier])
    }

    /// A barrier of these kinds.
    pub(crate) fn pipeline_barrier(
        &self,
        from: vk::PipelineStageFlags,
        to: vk::PipelineStageFlags,
        memory: &[vk::MemoryBarrier<'_>],
        images: &[vk::ImageMemoryBarrier<'_>],
    ) -> &Self {
        let flags = vk::DependencyFlags::empty();
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe { device.cmd_pipeline_barrier(self.raw, from, to, flags, memory, &[], images) };
        self
    }

    /// A barrier for one buffer between transfers, which may change its owner.
    pub(crate) fn buffer_barrier(&self, barrier: vk::BufferMemoryBarrier<'_>) -> &Self {
        let (stage, flags) = (
            vk::PipelineStageFlags::TRANSFER,
            vk::DependencyFlags::empty(),
        );
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe {
            device.cmd_pipeline_barrier(self.raw, stage, stage, flags, &[], &[barrier], &[]);
        }
        self
    }

    /// Waits for events, then a barrier of these kinds.
    pub(crate) fn wait_events(
        &self,
        events: &[vk::Event],
        from: vk::PipelineStageFlags,
        to: vk::PipelineStageFlags,
        memory: &[vk::MemoryBarrier<'_>],
    ) -> &Self {
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe { device.cmd_wait_events(self.raw, events, from, to, memory, &[], &[]) };
        self
    }

    /// Copies between buffers.
    pub(crate) fn copy_buffer(
        &self,
        from: &Buffer,
        to: &Buffer,
        regions: &[vk::BufferCopy],
    ) -> &Self {
        self.copy_raw_buffer(*from.raw, *to.raw, regions)
    }

    /// Fills some of a buffer with a word.
    pub(crate) fn fill_buffer(&self, buffer: &Buffer, range: Range<u64>, word: u32) -> &Self {
        let size = range.end - range.start;
        // SAFETY: see `record!`.
        unsafe {
            self.gpu()
                .raw
                .cmd_fill_buffer(self.raw, *buffer.raw, range.start, size, word)
        };
        self
    }

    /// Writes bytes that travel in the command buffer.
    pub(crate) fn update_buffer(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> &Self {
        // SAFETY: see `record!`.
        unsafe {
            self.gpu()
                .raw
                .cmd_update_buffer(self.raw, *buffer.raw, offset, bytes)
        };
        self
    }

    /// Copies a buffer to an image that is in TRANSFER_DST_OPTIMAL.
    pub(crate) fn copy_buffer_to_image(
        &self,
        from: &Buffer,
        to: &Image,
        regions: &[vk::BufferImageCopy],
    ) -> &Self {
        self.copy_buffer_to_raw_image(from, *to.raw, regions)
    }

    /// Like [`Self::copy_buffer_to_image`] for an image that has no view of its own.
    pub(crate) fn copy_buffer_to_raw_image(
        &self,
        from: &Buffer,
        to: vk::Image,
        regions: &[vk::BufferImageCopy],
    ) -> &Self {
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe { device.cmd_copy_buffer_to_image(self.raw, *from.raw, to, DST, regions) };
        self
    }

    /// Copies an image that is in TRANSFER_SRC_OPTIMAL to a buffer.
    pub(crate) fn copy_image_to_buffer(
        &self,
        from: &Image,
        to: &Buffer,
        regions: &[vk::BufferImageCopy],
    ) -> &Self {
        self.copy_raw_image_to_buffer(*from.raw, to, regions)
    }

    /// Like [`Self::copy_image_to_buffer`] for an image that has no view of its own.
    pub(crate) fn copy_raw_image_to_buffer(
        &self,
        from: vk::Image,
        to: &Buffer,
        regions: &[vk::BufferImageCopy],
    ) -> &Self {
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe { device.cmd_copy_image_to_buffer(self.raw, from, SRC, *to.raw, regions) };
        self
    }

    /// Copies between images in TRANSFER_SRC_OPTIMAL and TRANSFER_DST_OPTIMAL.
    pub(crate) fn copy_image(&self, from: &Image, to: &Image, regions: &[vk::ImageCopy]) -> &Self {
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe { device.cmd_copy_image(self.raw, *from.raw, SRC, *to.raw, DST, regions) };
        self
    }

    /// Copies with scaling between images in TRANSFER_SRC_OPTIMAL and TRANSFER_DST_OPTIMAL.
    pub(crate) fn blit_image(
        &self,
        from: &Image,
        to: &Image,
        regions: &[vk::ImageBlit],
        filter: vk::Filter,
    ) -> &Self {
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe { device.cmd_blit_image(self.raw, *from.raw, SRC, *to.raw, DST, regions, filter) };
        self
    }

    /// Resolves an image in TRANSFER_SRC_OPTIMAL to one in TRANSFER_DST_OPTIMAL.
    pub(crate) fn resolve_image(
        &self,
        from: &Image,
        to: &Image,
        regions: &[vk::ImageResolve],
    ) -> &Self {
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe { device.cmd_resolve_image(self.raw, *from.raw, SRC, *to.raw, DST, regions) };
        self
    }

    /// Clears ranges of a colour image in TRANSFER_DST_OPTIMAL.
    pub(crate) fn clear_colour(
        &self,
        image: &Image,
        colour: vk::ClearColorValue,
        ranges: &[vk::ImageSubresourceRange],
    ) -> &Self {
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe { device.cmd_clear_color_image(self.raw, *image.raw, DST, &colour, ranges) };
        self
    }

    /// Clears a depth or stencil image in TRANSFER_DST_OPTIMAL.
    pub(crate) fn clear_depth(&self, image: &Image, depth: f32, stencil: u32) -> &Self {
        let value = vk::ClearDepthStencilValue { depth, stencil };
        let (device, range) = (&self.gpu().raw, [image.range()]);
        // SAFETY: see `record!`.
        unsafe { device.cmd_clear_depth_stencil_image(self.raw, *image.raw, DST, &value, &range) };
        self
    }

    /// Copies the results of queries to a buffer.
    pub(crate) fn copy_queries(
        &self,
        pool: vk::QueryPool,
        queries: Range<u32>,
        to: &Buffer,
        stride: u64,
        flags: vk::QueryResultFlags,
    ) -> &Self {
        let (first, count) = (queries.start, queries.end - queries.start);
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe {
            device.cmd_copy_query_pool_results(
                self.raw, pool, first, count, *to.raw, 0, stride, flags,
            );
        }
        self
    }

    /// Draws with arguments from a buffer.
    pub(crate) fn draw_indirect(&self, arguments: &Buffer, offset: u64, count: u32) -> &Self {
        let stride = size_of::<vk::DrawIndirectCommand>() as u32;
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe { device.cmd_draw_indirect(self.raw, *arguments.raw, offset, count, stride) };
        self
    }

    /// Draws indexed with arguments from a buffer.
    pub(crate) fn draw_indexed_indirect(
        &self,
        arguments: &Buffer,
        offset: u64,
        count: u32,
    ) -> &Self {
        let stride = size_of::<vk::DrawIndexedIndirectCommand>() as u32;
        let device = &self.gpu().raw;
        // SAFETY: see `record!`.
        unsafe {
            device.cmd_draw_indexed_indirect(self.raw, *arguments.raw, offset, count, stride);
        }
        self
    }

    /// Draws with arguments and their number from buffers.
    pub(crate) fn draw_indirect_count(
        &self,
        arguments: &Buffer,
        count: (&Buffer, u64),
        at_most: u32,
    ) -> &Self {
        let stride = size_of::<vk::DrawIndirectCommand>() as u32;
        let (device, (counts, at)) = (&self.gpu().raw, count);
        // SAFETY: see `record!`.
        unsafe {
            device.cmd_draw_indirect_count(
                self.raw,
                *arguments.raw,
                0,
                *counts.raw,
                at,
                at_most,
                stride,
            );
        }
        self
    }

    /// Draws indexed with arguments and their number from buffers.
    pub(crate) fn draw_indexed_indirect_count(
        &self,
        arguments: &Buffer,
        count: (&Buffer, u64),
        at_most: u32,
    ) -> &Self {
        let stride = size_of::<vk::DrawIndexedIndirectCommand>() as u32;
        let (device, (counts, at)) = (&self.gpu().raw, count);
        // SAFETY: see `record!`.
        unsafe {
            device.cmd_draw_indexed_indirect_count(
                self.raw,
                *arguments.raw,
                0,
                *counts.raw,
                at,
                at_most,
                stride,
            );
        }
        self
    }

    /// Dispatches with arguments from a buffer.
    pub(crate) fn dispatch_indirect(&self, arguments: &Buffer, offset: u64) -> &Self {
        // SAFETY: see `record!`.
        unsafe {
            self.gpu()
                .raw
                .cmd_dispatch_indirect(self.raw, *arguments.raw, offset)
        };
        self
    }
}

const SRC: vk::ImageLayout = vk::ImageLayout::TRANSFER_SRC_OPTIMAL;
const DST: vk::ImageLayout = vk::ImageLayout::TRANSFER_DST_OPTIMAL;

/// A viewport over a rectangle, with the whole depth range.
pub(crate) const fn viewport(x: u32, y: u32, width: u32, height: u32) -> vk::Viewport {
    vk::Viewport {
        x: x as f32,
        y: y as f32,
        width: width as f32,
        height: height as f32,
        min_depth: 0.0,
        max_depth: 1.0,
    }
}

/// The stages and accesses that go with a layout.
fn uses(layout: vk::ImageLayout) -> (vk::PipelineStageFlags, vk::AccessFlags) {
    use vk::{AccessFlags as A, ImageLayout as L, PipelineStageFlags as S};
    match layout {
        L::UNDEFINED => (S::TOP_OF_PIPE, A::empty()),
        L::PREINITIALIZED => (S::HOST, A::HOST_WRITE),
        L::TRANSFER_SRC_OPTIMAL => (S::TRANSFER, A::TRANSFER_READ),
        L::TRANSFER_DST_OPTIMAL => (S::TRANSFER, A::TRANSFER_WRITE),
        L::SHADER_READ_ONLY_OPTIMAL => (S::ALL_COMMANDS, A::SHADER_READ),
        L::COLOR_ATTACHMENT_OPTIMAL => (
            S::COLOR_ATTACHMENT_OUTPUT,
            A::COLOR_ATTACHMENT_READ | A::COLOR_ATTACHMENT_WRITE,
        ),
        L::DEPTH_STENCIL_ATTACHMENT_OPTIMAL => (
            S::EARLY_FRAGMENT_TESTS | S::LATE_FRAGMENT_TESTS,
            A::DEPTH_STENCIL_ATTACHMENT_READ | A::DEPTH_STENCIL_ATTACHMENT_WRITE,
        ),
        _ => (
            S::ALL_COMMANDS,
            A::MEMORY_READ | A::SHADER_READ | A::SHADER_WRITE,
        ),
    }
}
