//! What was dropped and still has to be deleted, on a thread where that is possible.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use host_memory::Shm;

use crate::{Current, enums as gl};

/// An object that nothing uses any more.
pub(crate) enum Dead {
    Buffer(u32),
    /// One whose memory is lent, and goes back by itself.
    LentBuffer(u32),
    /// The memory of a buffer, which was queued before.
    Lent(Shm),
    Framebuffer(u32),
    Program(u32),
    Query(u32),
    Sampler(u32),
    Shader(u32),
    Sync(*const c_void),
    Texture(u32),
    TransformFeedback(u32),
    VertexArray(u32),
}

// SAFETY: the pointer is a sync object's name, which any thread may hold.
unsafe impl Send for Dead {}

/// A queue of the dead, of a group or of a context. Objects of a group that has ended are
/// gone with it.
#[derive(Default)]
pub(crate) struct Garbage {
    /// Set after something was queued; so that an empty queue costs one load.
    any: AtomicBool,
    dead: Mutex<Vec<Dead>>,
}

impl Garbage {
    pub(crate) fn add(&self, dead: Dead) {
        let mut queue = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        queue.push(dead);
        self.any.store(true, Ordering::Release);
    }

    /// Deletes all; `gl` is a context that the objects are of.
    #[inline]
    pub(crate) fn empty(&self, gl: &Current<'_>) {
        if self.any.load(Ordering::Acquire) {
            self.delete(gl);
        }
    }

    #[cold]
    fn delete(&self, gl: &Current<'_>) {
        let mut queue = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        self.any.store(false, Ordering::Release);
        let dead = std::mem::take(&mut *queue);
        drop(queue);
        dead.into_iter().for_each(|dead| delete(gl, dead));
    }
}

fn delete(current: &Current<'_>, dead: Dead) {
    current.forget(&dead);
    // SAFETY: of all: one name, of an object of this context or its group, whose only
    // handle is gone.
    unsafe {
        match dead {
            Dead::Buffer(name) => {
                // Where another context has it bound, the name's end does not end its memory.
                current.gl_bind_buffer(gl::COPY_WRITE_BUFFER, name);
                let (target, usage) = (gl::COPY_WRITE_BUFFER, gl::STATIC_DRAW);
                current.gl_buffer_data(target, 0, std::ptr::null(), usage);
                current.gl_delete_buffers(1, &name);
            }
            Dead::LentBuffer(name) => current.gl_delete_buffers(1, &name),
            Dead::Lent(pages) => current.take_back(pages),
            Dead::Framebuffer(name) => current.gl_delete_framebuffers(1, &name),
            Dead::Program(name) => current.gl_delete_program(name),
            Dead::Query(name) => current.gl_delete_queries(1, &name),
            Dead::Sampler(name) => current.gl_delete_samplers(1, &name),
            Dead::Shader(name) => current.gl_delete_shader(name),
            Dead::Sync(sync) => current.gl_delete_sync(sync),
            Dead::Texture(name) => current.gl_delete_textures(1, &name),
            Dead::TransformFeedback(name) => current.gl_delete_transform_feedbacks(1, &name),
            Dead::VertexArray(name) => current.gl_delete_vertex_arrays(1, &name),
        }
    }
}
