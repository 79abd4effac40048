//! Buffers whose memory the guest maps: `PIPE_RESOURCE_CREATE` says what, and the blob that is
//! made with the same number is it.
//!
//! Mesa makes them for buffers that stay mapped while they are used (`virgl_vtest_winsys.c`,
//! `virgl_vtest_winsys_resource_create_blob`).

use context::ResourceRequest;
use host_memory::Shm;
use wire_virgl::PipeResourceCreate;

use crate::error::{Error, Result};
use crate::guest::{Guest, Scope};
use crate::limits::MAX_WISHES;
use crate::resource::Resource;

impl Scope<'_> {
    /// Remembers what the guest is going to make a blob for.
    pub(crate) fn pipe_resource_create(&mut self, create: &PipeResourceCreate) -> Result<()> {
        if self.wishes.len() >= MAX_WISHES {
            return Err(Error::Limit {
                what: "resources that no blob was made for",
                limit: MAX_WISHES,
            });
        }
        let wish = ResourceRequest {
            target: create.target.number(),
            format: create.format.number(),
            bind: create.bind.bits(),
            width: create.width,
            height: create.height,
            depth: create.depth,
            array_size: create.array_size,
            last_level: create.last_level,
            nr_samples: create.nr_samples,
            // How it is mapped is known: it is a blob.
            flags: 0,
        };
        self.wishes.insert(create.blob_id, wish);
        Ok(())
    }
}

impl Guest {
    /// Makes the resource that the guest asked for by this number, and the memory it is in.
    pub(crate) fn create_blob(&mut self, blob: u64, size: u64) -> Result<(Resource, Shm)> {
        let wish = u32::try_from(blob)
            .ok()
            .and_then(|blob| self.wishes.remove(&blob));
        let wish = wish.ok_or(Error::Misbehaved("no resource was described for the blob"))?;
        let mapping = self.host.mapping;
        let gl = self.current()?.gl.make_current()?;
        Resource::create_shared(&gl, &wish, size, mapping)
    }
}
