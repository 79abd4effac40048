use std::ffi::c_void;
use std::sync::Once;

use crate::garbage::Dead;
use crate::object::Handle;
use crate::shared_buffer::Lent;
use crate::{Current, Error, Input, Output, enums as gl};

/// A buffer whose size does not change.
#[derive(Debug)]
pub struct Buffer {
    handle: Handle,
    size: u64,
    /// Done when nothing is in it that GL left there: with zeros, or with what was written first.
    filled: Once,
    /// Behind the handle: it is queued for after it.
    _lent: Option<Lent>,
}

/// What a buffer is used for; a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BufferAccess {
    /// Written seldom, used often.
    Static,
    /// Written often.
    Dynamic,
    /// Written and used about once.
    Stream,
}

/// The most bytes that are put into a mapping at once: what a program writes that draws from it in
/// the same frame. More, a driver moves faster itself (an H200's twice as fast at 64 MiB).
pub const MAX_MAPPED_WRITE: usize = 2 << 20;

/// How bytes come into a buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BufferWrite {
    /// The driver copies them, behind all commands before.
    #[default]
    Copied,
    /// They are put into the driver's mapping of the buffer, behind all commands before.
    Mapped,
    /// They are put there at once: what a command before it still reads may be the new.
    MappedAtOnce,
}

/// The targets that have numbered places for parts of buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IndexedTarget {
    /// Uniform blocks.
    Uniform,
    /// Shader storage.
    ShaderStorage,
    /// Atomic counters.
    AtomicCounter,
    /// Transform feedback.
    TransformFeedback,
}

impl IndexedTarget {
    const fn number(self) -> u32 {
        match self {
            Self::Uniform => gl::UNIFORM_BUFFER,
            Self::ShaderStorage => gl::SHADER_STORAGE_BUFFER,
            Self::AtomicCounter => gl::ATOMIC_COUNTER_BUFFER,
            Self::TransformFeedback => gl::TRANSFORM_FEEDBACK_BUFFER,
        }
    }
}

impl Buffer {
    pub(crate) fn of_lent(handle: Handle, size: u64, lent: Lent) -> Self {
        let filled = Once::new();
        filled.call_once(|| ());
        Self {
            handle,
            size,
            filled,
            _lent: Some(lent),
        }
    }

    /// In bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The offset as GL takes it, if the range is within the buffer.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]
    pub(crate) fn range(&self, offset: u64, size: u64) -> Result<(isize, isize), Error> {
        let out = Error::OutOfRange {
            what: "a buffer",
            offset,
            size,
            len: self.size,
        };
        match offset.checked_add(size) {
            Some(end) if end <= self.size => {}
            _ => return Err(out),
        }
        match (isize::try_from(offset), isize::try_from(size)) {
            (Ok(offset), Ok(size)) => Ok((offset, size)),
            _ => Err(out),
        }
    }
}

impl Current<'_> {
    /// Makes a buffer of `size` zero bytes.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]
    pub fn create_buffer(&self, size: u64, access: BufferAccess) -> Result<Buffer, Error> {
        let bytes = isize::try_from(size).map_err(|_| Error::OutOfMemory)?;
        let charge = self.charge(size)?;
        let buffer = Buffer {
            handle: self.buffer_name(Dead::Buffer).charged(charge),
            size,
            filled: Once::new(),
            _lent: None,
        };
        let usage = match access {
            BufferAccess::Static => gl::STATIC_DRAW,
            BufferAccess::Dynamic => gl::DYNAMIC_DRAW,
            BufferAccess::Stream => gl::STREAM_DRAW,
        };
        self.clear_errors();
        self.gl_bind_buffer(gl::COPY_WRITE_BUFFER, buffer.handle.name());
        // SAFETY: null leaves the contents unset.
        unsafe { self.gl_buffer_data(gl::COPY_WRITE_BUFFER, bytes, std::ptr::null(), usage) };
        self.check()?;
        Ok(buffer)
    }

    /// Writes `bytes` into the buffer, from `offset` on.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]
    pub fn write_buffer(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) -> Result<(), Error> {
        self.write_buffer_from(buffer, offset, bytes.into())
    }

    /// The same from memory that a guest may write to meanwhile.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]
    pub fn write_buffer_from(
        &self,
        buffer: &Buffer,
        offset: u64,
        bytes: Input<'_>,
    ) -> Result<(), Error> {
        let (offset, size) = buffer.range(offset, bytes.len() as u64)?;
        if size == 0 {
            return Ok(());
        }
        let is_first = !buffer.filled.is_completed();
        let name = self.name(&buffer.handle);
        let data = bytes.start().cast::<c_void>();
        let write = || {
            self.gl_bind_buffer(gl::COPY_WRITE_BUFFER, name);
            // SAFETY: GL reads `size` bytes, which are mapped at `data` until it returns.
            unsafe { self.gl_buffer_sub_data(gl::COPY_WRITE_BUFFER, offset, size, data) };
        };
        if !is_first || name == 0 {
            write();
            return Ok(());
        }
        self.write_first(
            buffer,
            offset.unsigned_abs() as u64,
            bytes.len() as u64,
            write,
        )
    }

    /// The same in one way or another. What comes first into a buffer is always copied, so that
    /// the rest of it can be zeros, and so is what is larger than [`MAX_MAPPED_WRITE`].
    ///
    /// # Errors
    /// [`Error::OutOfRange`]
    pub fn write_buffer_by(
        &self,
        how: BufferWrite,
        buffer: &Buffer,
        offset: u64,
        bytes: Input<'_>,
    ) -> Result<(), Error> {
        let flags = match how {
            BufferWrite::Copied => return self.write_buffer_from(buffer, offset, bytes),
            BufferWrite::Mapped => 0,
            BufferWrite::MappedAtOnce => gl::MAP_UNSYNCHRONIZED_BIT,
        };
        let (start, size) = buffer.range(offset, bytes.len() as u64)?;
        let is_large = bytes.len() > MAX_MAPPED_WRITE;
        if size == 0 || is_large || !buffer.filled.is_completed() {
            return self.write_buffer_from(buffer, offset, bytes);
        }
        let flags = flags | gl::MAP_WRITE_BIT | gl::MAP_INVALIDATE_RANGE_BIT;
        let target = gl::COPY_WRITE_BUFFER;
        self.gl_bind_buffer(target, self.name(&buffer.handle));
        // SAFETY: the range is within the buffer; GL returns null or its `size` bytes, which
        // stay until they are unmapped, no one else has the mapping, and as many are mapped at
        // `bytes`. What a guest writes there meanwhile is as in `Input`.
        let is_written = unsafe {
            let map = self.gl_map_buffer_range(target, start, size, flags);
            if !map.is_null() {
                std::ptr::copy_nonoverlapping(bytes.start(), map.cast::<u8>(), bytes.len());
            }
            !map.is_null() && self.gl_unmap_buffer(target) != 0
        };
        match is_written {
            true => Ok(()),
            false => self.write_buffer_from(buffer, offset, bytes),
        }
    }

    /// Reads from `offset` on into `bytes`; waits for what writes there.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], and where the driver cannot map.
    pub fn read_buffer(&self, buffer: &Buffer, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        self.read_buffer_into(buffer, offset, bytes.into())
    }

    /// The same into memory that a guest may write to meanwhile.
    ///
    /// # Errors
    /// As of [`Self::read_buffer`].
    pub fn read_buffer_into(
        &self,
        buffer: &Buffer,
        offset: u64,
        mut bytes: Output<'_>,
    ) -> Result<(), Error> {
        if bytes.len() == 0 {
            return Ok(());
        }
        let (offset, size) = buffer.range(offset, bytes.len() as u64)?;
        self.gl_bind_buffer(gl::COPY_READ_BUFFER, self.buffer_in_use(buffer));
        if !self.caps().api.is_es() {
            let data = bytes.start().cast::<c_void>();
            // SAFETY: GL writes `size` bytes, which are mapped at `data`.
            unsafe { self.gl_get_buffer_sub_data(gl::COPY_READ_BUFFER, offset, size, data) };
            return Ok(());
        }
        self.clear_errors();
        // SAFETY: the range is within the buffer; GL returns null or its `size` bytes, which
        // stay until they are unmapped, and no one else has the mapping.
        unsafe {
            let map =
                self.gl_map_buffer_range(gl::COPY_READ_BUFFER, offset, size, gl::MAP_READ_BIT);
            if map.is_null() {
                self.check()?;
                return Err(Error::OutOfMemory);
            }
            std::ptr::copy_nonoverlapping(map.cast::<u8>(), bytes.start(), bytes.len());
            self.gl_unmap_buffer(gl::COPY_READ_BUFFER);
        }
        Ok(())
    }

    /// Copies `size` bytes. Parts of one buffer must not overlap; GL refuses that.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]
    pub fn copy_buffer(
        &self,
        (from, from_offset): (&Buffer, u64),
        (to, to_offset): (&Buffer, u64),
        size: u64,
    ) -> Result<(), Error> {
        let (from_offset, size_from) = from.range(from_offset, size)?;
        let (to_offset, _) = to.range(to_offset, size)?;
        let (from, to) = (self.buffer_in_use(from), self.buffer_in_use(to));
        self.gl_bind_buffer(gl::COPY_READ_BUFFER, from);
        self.gl_bind_buffer(gl::COPY_WRITE_BUFFER, to);
        let (read, write) = (gl::COPY_READ_BUFFER, gl::COPY_WRITE_BUFFER);
        self.gl_copy_buffer_sub_data(read, write, from_offset, to_offset, size_from);
        Ok(())
    }

    /// Puts a part of a buffer in a numbered place.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]. An offset that is not aligned, GL refuses.
    pub fn bind_buffer_range(
        &self,
        target: IndexedTarget,
        index: u32,
        buffer: &Buffer,
        offset: u64,
        size: u64,
    ) -> Result<(), Error> {
        let (offset, size) = buffer.range(offset, size)?;
        let part = (buffer.handle.id(), offset, size);
        let name = self.buffer_in_use(buffer);
        if self.context.kept.bound.buffer(target, index, part) {
            self.gl_bind_buffer_range(target.number(), index, name, offset, size);
        }
        Ok(())
    }

    /// Empties a numbered place.
    pub fn unbind_buffer_range(&self, target: IndexedTarget, index: u32) {
        if self.context.kept.bound.buffer(target, index, (0, 0, 0)) {
            self.gl_bind_buffer_base(target.number(), index, 0);
        }
    }

    pub(crate) fn buffer_name(&self, kind: fn(u32) -> Dead) -> Handle {
        let mut name = 0;
        // SAFETY: room for one name.
        unsafe { self.gl_gen_buffers(1, &mut name) };
        Handle::new(name, kind, self.shared_owner())
    }

    /// The buffer's name, for GL to look at what is in it. Zeros come as late as this, because
    /// most buffers are written whole before, and GL would have to write them twice, the second
    /// time behind the first.
    pub(crate) fn buffer_in_use(&self, buffer: &Buffer) -> u32 {
        let name = self.name(&buffer.handle);
        if name != 0 {
            let zero = || self.zero(buffer, 0, buffer.size);
            buffer.filled.call_once(zero);
        }
        name
    }

    /// Writes to a buffer of which nothing is known but that part.
    fn write_first(
        &self,
        buffer: &Buffer,
        offset: u64,
        size: u64,
        write: impl Fn(),
    ) -> Result<(), Error> {
        let mut done = None;
        self.clear_errors();
        buffer.filled.call_once(|| {
            write();
            let written = self.check();
            match written {
                Ok(()) => {
                    let end = offset.saturating_add(size);
                    self.zero(buffer, 0, offset);
                    self.zero(buffer, end, buffer.size.saturating_sub(end));
                }
                Err(_) => self.zero(buffer, 0, buffer.size),
            }
            done = Some(written);
        });
        // Another thread may have been first after all.
        done.unwrap_or_else(|| {
            write();
            Ok(())
        })
    }

    fn zero(&self, buffer: &Buffer, offset: u64, size: u64) {
        /// Bytes at once, where GL has to be given zeros.
        const CHUNK: usize = 64 * 1024;
        let Ok((start, length)) = buffer.range(offset, size) else {
            return;
        };
        if length == 0 {
            return;
        }
        let target = gl::COPY_WRITE_BUFFER;
        self.gl_bind_buffer(target, self.name(&buffer.handle));
        if self.caps().features.clear_buffer {
            let (format, byte) = (gl::RED_INTEGER, gl::UNSIGNED_BYTE);
            let null = std::ptr::null();
            // SAFETY: null stands for zeros.
            unsafe {
                self.gl_clear_buffer_sub_data(target, gl::R8UI, start, length, format, byte, null);
            }
            return;
        }
        let zeros = [0u8; CHUNK];
        for at in (0..length.unsigned_abs()).step_by(CHUNK) {
            let rest = length.unsigned_abs().saturating_sub(at).min(CHUNK);
            let (Ok(at), Ok(rest)) = (isize::try_from(at), isize::try_from(rest)) else {
                return;
            };
            let data = zeros.as_ptr().cast::<c_void>();
            // SAFETY: GL reads `rest` bytes, at most as many as there are zeros.
            unsafe { self.gl_buffer_sub_data(target, start.saturating_add(at), rest, data) };
        }
    }
}
