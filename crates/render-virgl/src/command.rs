//! Which command is whose.

use wire_virgl::Command;

use crate::error::{Error, Result};
use crate::guest::Scope;

impl Scope<'_> {
    /// Executes a command of the current sub-context.
    pub(crate) fn execute(&mut self, command: &Command<'_>) -> Result<()> {
        use Command as C;
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
            command => Err(Error::UnsupportedCommand(command.id())),
        }
    }
}
