//! Which command is whose.

use wire_virgl::Command;

use crate::error::{Error, Result};
use crate::guest::Scope;

impl Scope<'_> {
    /// Executes a command of the current sub-context.
    pub(crate) fn execute(&mut self, command: &Command<'_>) -> Result<()> {
        use Command as C;
        self.close_samples_for(command)?;
        match command {
            C::Nop | C::EndTransfers => Ok(()),
            C::CreateObject(id, object) => self.create_object(*id, object),
            C::BindObject(kind, id) => self.bind_object(*kind, *id),
            C::DestroyObject(kind, id) => {
                self.destroy_object(*kind, *id);
                Ok(())
            }
            C::SetFramebufferState(framebuffer) => self.set_framebuffer_state(framebuffer),
            C::SetFramebufferStateNoAttach(size) => {
                self.set_framebuffer_state_no_attach(size);
                Ok(())
            }
            C::Clear(clear) => self.clear(clear),
            C::ClearSurface(clear) => self.clear_surface(clear),
            C::ClearTexture(clear) => self.clear_texture(clear),
            C::ResourceInlineWrite(write) => self.resource_inline_write(write),
            C::Transfer3d(transfer) => self.transfer_3d(transfer),
            C::CopyTransfer3d(transfer) => self.copy_transfer_3d(transfer),
            C::BindShader(id, stage) => self.bind_shader(*id, *stage),
            C::LinkShader(shaders) => self.link_shader(shaders),
            C::GetMemoryInfo(resource) => self.memory_info(*resource),
            C::SetVertexBuffers(buffers) => self.set_vertex_buffers(buffers),
            C::SetIndexBuffer(buffer) => self.set_index_buffer(buffer.as_ref()),
            C::SetUniformBuffer(buffer) => self.set_uniform_buffer(buffer),
            C::SetSamplerViews(views) => self.set_sampler_views(views),
            C::BindSamplerStates(states) => self.bind_sampler_states(states),
            C::PipeResourceCreate(create) => self.pipe_resource_create(create),
            C::DrawVbo(draw) => self.draw_vbo(draw),
            C::SetShaderImages(images) => self.set_shader_images(images),
            C::SetShaderBuffers(buffers) => self.set_shader_buffers(buffers),
            C::SetAtomicBuffers(buffers) => self.set_atomic_buffers(buffers),
            C::LaunchGrid(grid) => self.launch_grid(grid),
            C::SetStreamoutTargets(targets) => self.set_streamout_targets(targets),
            C::Blit(blit) => self.blit(blit),
            C::ResourceCopyRegion(copy) => self.resource_copy_region(copy),
            C::BeginQuery(id) => self.begin_query(*id),
            C::EndQuery(id) => self.end_query(*id),
            C::GetQueryResult(wish) => self.query_result(wish),
            C::GetQueryResultQbo(wish) => self.query_result_qbo(wish),
            C::SetRenderCondition(condition) => self.set_render_condition(condition),
            command => self.execute_value(command),
        }
    }

    /// Executes a command that sets values and cannot fail.
    fn execute_value(&mut self, command: &Command<'_>) -> Result<()> {
        use Command as C;
        match command {
            C::SetViewportState(viewports) => self.set_viewport_state(viewports),
            C::SetScissorState(scissors) => self.set_scissor_state(scissors),
            C::SetStencilRef(reference) => self.set_stencil_ref(*reference),
            C::SetBlendColor(color) => self.set_blend_color(*color),
            C::SetSampleMask(mask) => self.set_sample_mask(*mask),
            C::SetMinSamples(samples) => self.set_min_samples(*samples),
            C::SetClipState(planes) => self.set_clip_state(planes),
            C::SetPolygonStipple(pattern) => self.set_polygon_stipple(pattern),
            C::SetTessState(levels) => self.set_tess_state(levels),
            C::MemoryBarrier(barrier) => self.memory_barrier(*barrier),
            C::TextureBarrier(barrier) => self.texture_barrier(*barrier),
            C::SendStringMarker(marker) => self.gl.marker(marker.as_inner()),
            // Neither is offered, and old guests send them all the same: which logs there are the
            // host's own settings say, and what the tweaks ask for the formats' table does.
            C::SetDebugFlags(_) | C::SetTweaks(_) => {}
            C::SetConstantBuffer(buffer) => self.set_constant_buffer(buffer),
            command => return Err(Error::UnsupportedCommand(command.id())),
        }
        Ok(())
    }
}
