//! The driver's messages, to the log.

use std::ffi::{c_char, c_void};

use crate::{Current, enums as gl};

/// Sends messages of this context to the log from now on.
pub(crate) fn install(gl_: &Current<'_>) {
    // SAFETY: the callback lives as long as the program, and has no use for the pointer.
    unsafe { gl_.gl_debug_message_callback(Some(log), std::ptr::null()) };
    gl_.enable(gl::DEBUG_OUTPUT);
    gl_.enable(gl::DEBUG_OUTPUT_SYNCHRONOUS);
}

impl Current<'_> {
    /// Puts a text for debuggers among the commands. Bytes past GL's limit are cut off.
    pub fn marker(&self, text: &[u8]) {
        if !self.caps().features.debug {
            return;
        }
        let limit = self
            .caps()
            .limits
            .max_debug_message_length
            .saturating_sub(1);
        let text = text.get(..limit as usize).unwrap_or(text);
        let Ok(length) = i32::try_from(text.len()) else {
            return;
        };
        let (source, kind) = (gl::DEBUG_SOURCE_APPLICATION, gl::DEBUG_TYPE_MARKER);
        let severity = gl::DEBUG_SEVERITY_NOTIFICATION;
        // SAFETY: GL reads `length` bytes, the slice's.
        unsafe {
            self.gl_debug_message_insert(source, kind, 0, severity, length, text.as_ptr().cast());
        }
    }
}

/// Longer messages are cut, in bytes: they may hold a guest's whole shader.
const MAX_MESSAGE: usize = 1024;

extern "system" fn log(
    _source: u32,
    kind: u32,
    _id: u32,
    severity: u32,
    length: i32,
    message: *const c_char,
    _user: *mut c_void,
) {
    let length = usize::try_from(length).unwrap_or(0).min(MAX_MESSAGE);
    if message.is_null() {
        return;
    }
    // SAFETY: GL gives the length of the message that it points to.
    let message = unsafe { std::slice::from_raw_parts(message.cast::<u8>(), length) };
    let message = String::from_utf8_lossy(message);
    match (kind, severity) {
        (gl::DEBUG_TYPE_ERROR, _) => tracing::debug!("GL error: {message}"),
        (_, gl::DEBUG_SEVERITY_HIGH) => tracing::debug!("GL: {message}"),
        _ => tracing::trace!("GL: {message}"),
    }
}
