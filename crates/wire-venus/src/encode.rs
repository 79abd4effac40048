use std::ffi::CStr;

use vulkan_types::{Chain, Extension};
use wire::Writer;

use crate::Encode;
use crate::codec::Partial;
use crate::decode::padding;

/// Puts values into a command stream or a reply.
#[derive(Debug, Default)]
pub struct Encoder {
    writer: Writer,
}

impl Encoder {
    /// An empty stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was put.
    pub fn bytes(&self) -> &[u8] {
        self.writer.as_bytes()
    }

    /// Forgets what was put, and keeps the room.
    pub fn clear(&mut self) {
        self.writer.clear();
    }

    /// One word.
    pub fn u32(&mut self, value: u32) {
        self.writer.u32(value);
    }

    /// One word, signed.
    pub fn i32(&mut self, value: i32) {
        self.writer.i32(value);
    }

    /// Two words.
    pub fn u64(&mut self, value: u64) {
        self.writer.u64(value);
    }

    /// Two words, signed.
    pub fn i64(&mut self, value: i64) {
        self.writer.i64(value);
    }

    /// One word, IEEE 754.
    pub fn f32(&mut self, value: f32) {
        self.writer.f32(value);
    }

    /// Two words, IEEE 754.
    pub fn f64(&mut self, value: f64) {
        self.writer.f64(value);
    }

    /// A `size_t`: two words.
    pub fn size(&mut self, value: usize) {
        self.writer.u64(value as u64);
    }

    /// Whether a pointer is there.
    pub fn pointer(&mut self, there: bool) {
        self.writer.u64(u64::from(there));
    }

    /// A value behind a pointer.
    pub fn reference<T: Encode>(&mut self, value: Option<&T>) {
        self.pointer(value.is_some());
        if let Some(value) = value {
            value.encode(self);
        }
    }

    /// A value behind a pointer for the callee to write.
    pub fn partial_reference<'a, T: Partial<'a>>(&mut self, value: &T) {
        self.pointer(true);
        value.encode_partial(self);
    }

    /// An array: empty is null.
    pub fn array<T: Encode>(&mut self, values: &[T]) {
        self.writer.u64(values.len() as u64);
        T::encode_elements(values, self);
    }

    /// An array for the callee to write.
    pub fn partial_array<'a, T: Partial<'a>>(&mut self, values: &[T]) {
        self.writer.u64(values.len() as u64);
        for value in values {
            value.encode_partial(self);
        }
    }

    /// How many elements, or bytes, the callee may write.
    pub fn room(&mut self, count: usize) {
        self.size(count);
    }

    /// An array of arrays.
    pub fn nested<T: Encode>(&mut self, values: &[&[T]]) {
        self.writer.u64(values.len() as u64);
        for inner in values {
            self.array(inner);
        }
    }

    /// A matrix in place.
    pub fn fixed2<T: Encode, const N: usize, const M: usize>(&mut self, rows: &[[T; M]; N]) {
        self.writer.u64(N as u64);
        for row in rows {
            self.array(row);
        }
    }

    /// A null-terminated string, or null.
    pub fn text(&mut self, text: Option<&CStr>) {
        let bytes = text.map_or(&[][..], CStr::to_bytes_with_nul);
        self.array(bytes);
    }

    /// An array of null-terminated strings.
    pub fn texts(&mut self, texts: &[&CStr]) {
        self.writer.u64(texts.len() as u64);
        for text in texts {
            self.text(Some(text));
        }
    }

    pub(crate) fn chain<'a>(&mut self, chain: Chain<'a>, body: fn(&Extension<'a>, &mut Self)) {
        for link in chain.iter() {
            self.pointer(true);
            self.i32(link.stype().0);
        }
        self.pointer(false);
        for link in chain.0.iter().rev() {
            body(link, self);
        }
    }

    pub(crate) fn padded_bytes(&mut self, bytes: &[u8]) {
        self.writer.bytes(bytes);
        self.writer.zeros(padding(bytes.len()));
    }
}
