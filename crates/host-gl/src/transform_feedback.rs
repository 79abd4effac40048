use crate::garbage::Dead;
use crate::object::Handle;
use crate::{Current, enums as gl};

/// Where outputs of a vertex shader stream to, of the context that made it.
#[derive(Debug)]
pub struct TransformFeedback {
    handle: Handle,
}

impl TransformFeedback {
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Current<'_> {
    /// Makes a transform feedback without buffers.
    pub fn create_feedback(&self) -> TransformFeedback {
        let mut name = 0;
        // SAFETY: room for one name.
        unsafe { self.gl_gen_transform_feedbacks(1, &mut name) };
        let handle = Handle::new(name, Dead::TransformFeedback, self.own_owner());
        TransformFeedback { handle }
    }

    /// Binds it, or GL's own for none.
    pub fn bind_feedback(&self, feedback: Option<&TransformFeedback>) {
        let name = feedback.map_or(0, |feedback| self.name(&feedback.handle));
        self.gl_bind_transform_feedback(gl::TRANSFORM_FEEDBACK, name);
    }

    /// Starts streaming of `GL_POINTS`, `GL_LINES` or `GL_TRIANGLES`.
    pub fn begin_feedback(&self, mode: u32) {
        self.gl_begin_transform_feedback(mode);
    }

    /// Stops until it is resumed.
    pub fn pause_feedback(&self) {
        self.gl_pause_transform_feedback();
    }

    /// Goes on.
    pub fn resume_feedback(&self) {
        self.gl_resume_transform_feedback();
    }

    /// Ends streaming.
    pub fn end_feedback(&self) {
        self.gl_end_transform_feedback();
    }
}
