use crate::garbage::Dead;
use crate::object::Handle;
use crate::{Buffer, Current, Error, enums as gl};

/// A query, of the context that made it.
#[derive(Debug)]
pub struct Query {
    handle: Handle,
    target: u32,
}

impl Query {
    /// What it counts: `GL_SAMPLES_PASSED` and its like.
    pub fn target(&self) -> u32 {
        self.target
    }
}

impl Current<'_> {
    /// Makes a query of `target`, `GL_SAMPLES_PASSED` and its like.
    pub fn create_query(&self, target: u32) -> Query {
        let mut name = 0;
        // SAFETY: room for one name.
        unsafe { self.gl_gen_queries(1, &mut name) };
        let handle = Handle::new(name, Dead::Query, self.own_owner());
        Query { handle, target }
    }

    /// Starts counting, of vertex stream `stream` where the target has streams.
    pub fn begin_query(&self, query: &Query, stream: u32) {
        let name = self.name(&query.handle);
        match stream {
            0 => self.gl_begin_query(query.target, name),
            stream => self.gl_begin_query_indexed(query.target, stream, name),
        }
    }

    /// Ends counting.
    pub fn end_query(&self, query: &Query, stream: u32) {
        match stream {
            0 => self.gl_end_query(query.target),
            stream => self.gl_end_query_indexed(query.target, stream),
        }
    }

    /// Whether some query of `target` is counting.
    pub fn is_counting(&self, target: u32) -> bool {
        let mut name = 0;
        // SAFETY: the answer is one number.
        unsafe { self.gl_get_queryiv(target, gl::CURRENT_QUERY, &mut name) };
        name != 0
    }

    /// Notes the time when earlier work is done.
    pub fn query_timestamp(&self, query: &Query) {
        self.gl_query_counter(self.name(&query.handle), gl::TIMESTAMP);
    }

    /// The result; none if there is none yet and `wait` is not set.
    pub fn query_result(&self, query: &Query, wait: bool) -> Option<u64> {
        let name = self.name(&query.handle);
        if !wait {
            let mut available = 0;
            // SAFETY: the answer is one number; no query buffer is bound.
            unsafe {
                self.gl_get_query_objectuiv(name, gl::QUERY_RESULT_AVAILABLE, &mut available);
            }
            if available == 0 {
                return None;
            }
        }
        if self.caps().is_at_least(33, u32::MAX) || self.caps().features.timer_query {
            let mut result = 0;
            // SAFETY: the answer is one number; no query buffer is bound.
            unsafe { self.gl_get_query_objectui64v(name, gl::QUERY_RESULT, &mut result) };
            return Some(result);
        }
        let mut result = 0;
        // SAFETY: the answer is one number; no query buffer is bound.
        unsafe { self.gl_get_query_objectuiv(name, gl::QUERY_RESULT, &mut result) };
        Some(result.into())
    }

    /// Has the result, or whether there is one, written to a buffer: `question` is
    /// `GL_QUERY_RESULT`, `GL_QUERY_RESULT_NO_WAIT` or `GL_QUERY_RESULT_AVAILABLE`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]; [`Error::Missing`] without
    /// [`crate::Features::query_buffer_object`].
    pub fn query_result_to_buffer(
        &self,
        query: &Query,
        question: u32,
        buffer: &Buffer,
        offset: u64,
        is_64_bit: bool,
    ) -> Result<(), Error> {
        if !self.caps().features.query_buffer_object {
            return Err(Error::Missing("query results in buffers"));
        }
        let (offset, _) = buffer.range(offset, if is_64_bit { 8 } else { 4 })?;
        let name = self.name(&query.handle);
        self.gl_bind_buffer(gl::QUERY_BUFFER, self.buffer_in_use(buffer));
        let offset = offset.unsigned_abs();
        // SAFETY: a buffer is bound, so the pointer is an offset, and the number's place is
        // within it.
        unsafe {
            match is_64_bit {
                true => self.gl_get_query_objectui64v(
                    name,
                    question,
                    std::ptr::without_provenance_mut(offset),
                ),
                false => self.gl_get_query_objectuiv(
                    name,
                    question,
                    std::ptr::without_provenance_mut(offset),
                ),
            }
        }
        self.gl_bind_buffer(gl::QUERY_BUFFER, 0);
        Ok(())
    }

    /// Later draws happen only if the result is not zero, as `mode` (`GL_QUERY_WAIT` and its
    /// like) says.
    pub fn begin_condition(&self, query: &Query, mode: u32) {
        self.gl_begin_conditional_render(self.name(&query.handle), mode);
    }

    /// Later draws happen.
    pub fn end_condition(&self) {
        self.gl_end_conditional_render();
    }
}
