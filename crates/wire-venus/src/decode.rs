use std::ffi::CStr;

use bumpalo::Bump;
use vulkan_types::{Chain, Extension, StructureType};
use wire::{ParseError, Reader};

use crate::Decode;
use crate::codec::Partial;
use crate::limits::{MAX_CHAIN, MAX_DECODED_BYTES, MAX_REPLY_BYTES, MAX_ROOM};

/// Takes values off a command stream; arrays and chains live in the arena.
#[derive(Debug)]
pub struct Decoder<'a> {
    reader: Reader<'a>,
    arena: &'a Bump,
}

impl<'a> Decoder<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8], arena: &'a Bump) -> Self {
        Self {
            reader: Reader::new(bytes),
            arena,
        }
    }

    /// Bytes not yet taken.
    pub fn remaining(&self) -> usize {
        self.reader.remaining()
    }

    /// One word.
    #[inline]
    pub fn u32(&mut self) -> Result<u32, ParseError> {
        self.reader.u32()
    }

    /// One word, signed.
    #[inline]
    pub fn i32(&mut self) -> Result<i32, ParseError> {
        self.reader.i32()
    }

    /// Two words.
    #[inline]
    pub fn u64(&mut self) -> Result<u64, ParseError> {
        self.reader.u64()
    }

    /// Two words, signed.
    #[inline]
    pub fn i64(&mut self) -> Result<i64, ParseError> {
        self.reader.i64()
    }

    /// One word, IEEE 754.
    #[inline]
    pub fn f32(&mut self) -> Result<f32, ParseError> {
        self.reader.f32()
    }

    /// Two words, IEEE 754.
    #[inline]
    pub fn f64(&mut self) -> Result<f64, ParseError> {
        self.reader.f64()
    }

    /// A `size_t`: two words.
    #[inline]
    pub fn size(&mut self) -> Result<usize, ParseError> {
        let value = self.reader.u64()?;
        usize::try_from(value).map_err(|_| ParseError::BadValue {
            what: "size_t",
            value,
        })
    }

    /// One value of any type that the wire carries whole.
    #[inline]
    pub fn value<T: Decode<'a>>(&mut self) -> Result<T, ParseError> {
        T::decode(self)
    }

    /// Whether a pointer is there.
    #[inline]
    pub fn pointer(&mut self) -> Result<bool, ParseError> {
        match self.reader.u64()? {
            0 => Ok(false),
            1 => Ok(true),
            value => Err(ParseError::BadValue {
                what: "pointer",
                value,
            }),
        }
    }

    /// A pointer that has to be there.
    #[inline]
    pub fn required(&mut self, what: &'static str) -> Result<(), ParseError> {
        if self.pointer()? {
            Ok(())
        } else {
            Err(ParseError::BadValue { what, value: 0 })
        }
    }

    /// A pointer that has no meaning to the other side.
    #[inline]
    pub fn null(&mut self, what: &'static str) -> Result<(), ParseError> {
        if self.pointer()? {
            Err(ParseError::BadValue { what, value: 1 })
        } else {
            Ok(())
        }
    }

    /// A value behind a pointer.
    pub fn reference<T: Decode<'a>>(&mut self) -> Result<&'a T, ParseError> {
        let value = T::decode(self)?;
        self.place(value)
    }

    /// A value behind a pointer that may be null.
    pub fn optional_reference<T: Decode<'a>>(&mut self) -> Result<Option<&'a T>, ParseError> {
        if self.pointer()? {
            self.reference().map(Some)
        } else {
            Ok(None)
        }
    }

    /// A value behind a required pointer for the callee to write.
    pub fn partial_reference<T: Partial<'a>>(
        &mut self,
        what: &'static str,
    ) -> Result<&'a T, ParseError> {
        self.required(what)?;
        let value = T::decode_partial(self)?;
        self.place(value)
    }

    /// An array whose length was said before. Null, which is empty here, passes where
    /// `optional`.
    #[inline]
    pub fn array<T: Decode<'a>>(
        &mut self,
        what: &'static str,
        length: u64,
        optional: bool,
    ) -> Result<&'a [T], ParseError> {
        let count = self.count(what, length, optional)?;
        if count == 0 {
            return Ok(&[]);
        }
        T::decode_elements(self, count)
    }

    /// An array for the callee to write: its elements say how large they are.
    pub fn partial_array<T: Partial<'a>>(
        &mut self,
        what: &'static str,
        length: u64,
        optional: bool,
    ) -> Result<&'a [T], ParseError> {
        let count = self.room(what, length, optional)?;
        self.elements(count, 0, T::decode_partial)
    }

    /// How many elements the callee may write, where the request says no more.
    pub fn room(
        &mut self,
        what: &'static str,
        length: u64,
        optional: bool,
    ) -> Result<usize, ParseError> {
        let count = self.count(what, length, optional)?;
        limit(what, count, MAX_ROOM)
    }

    /// How many bytes the callee may write.
    pub fn byte_room(
        &mut self,
        what: &'static str,
        length: u64,
        optional: bool,
    ) -> Result<usize, ParseError> {
        let count = self.count(what, length, optional)?;
        limit(what, count, MAX_REPLY_BYTES)
    }

    /// Zeroed elements for the callee to write, where the request says only how many.
    pub fn zeroed<T: Copy + Default>(
        &mut self,
        what: &'static str,
        length: u64,
        optional: bool,
    ) -> Result<&'a [T], ParseError> {
        let count = self.room(what, length, optional)?;
        self.keep(std::iter::repeat_n(T::default(), count))
    }

    /// An array of arrays; `inner` gives the length of each.
    pub fn nested<T: Decode<'a> + 'a>(
        &mut self,
        what: &'static str,
        length: u64,
        optional: bool,
        inner: impl Fn(usize) -> u64,
    ) -> Result<&'a [&'a [T]], ParseError> {
        let count = self.count(what, length, optional)?;
        let mut at = 0;
        self.elements(count, 8, |d| {
            let elements = d.array(what, inner(at), false);
            at += 1;
            elements
        })
    }

    /// An array in place, of `N` elements.
    pub fn fixed<T: Decode<'a>, const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[T; N], ParseError> {
        let elements: &[T] = self.array(what, N as u64, false)?;
        let wrong = ParseError::BadValue {
            what,
            value: elements.len() as u64,
        };
        elements.try_into().map_err(|_| wrong)
    }

    /// A matrix in place: the wire counts its rows and its columns.
    pub fn fixed2<T: Decode<'a>, const N: usize, const M: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[[T; M]; N], ParseError> {
        let count = self.count(what, N as u64, false)?;
        let rows = self.elements(count, 8, |d| d.fixed::<T, M>(what))?;
        rows.try_into().map_err(|_| ParseError::BadValue {
            what,
            value: count as u64,
        })
    }

    /// An array in place for the callee to write.
    pub fn partial_fixed<T: Partial<'a>, const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[T; N], ParseError> {
        let elements: &[T] = self.partial_array(what, N as u64, false)?;
        let wrong = ParseError::BadValue {
            what,
            value: elements.len() as u64,
        };
        elements.try_into().map_err(|_| wrong)
    }

    /// Bytes that no one but the driver understands.
    pub fn opaque(
        &mut self,
        what: &'static str,
        length: u64,
        optional: bool,
    ) -> Result<&'a [u8], ParseError> {
        self.array(what, length, optional)
    }

    /// A null-terminated string, or null.
    pub fn text(
        &mut self,
        what: &'static str,
        optional: bool,
    ) -> Result<Option<&'a CStr>, ParseError> {
        let count = self.reader.u64()?;
        if count == 0 && optional {
            return Ok(None);
        }
        let count = usize::try_from(count).map_err(|_| ParseError::BadText { what })?;
        let bytes = self.padded_bytes(count)?;
        CStr::from_bytes_with_nul(bytes)
            .map(Some)
            .map_err(|_| ParseError::BadText { what })
    }

    /// An array of null-terminated strings.
    pub fn texts(
        &mut self,
        what: &'static str,
        length: u64,
        optional: bool,
    ) -> Result<&'a [&'a CStr], ParseError> {
        let count = self.count(what, length, optional)?;
        self.elements(count, 8, |d| {
            d.text(what, false).map(Option::unwrap_or_default)
        })
    }

    /// An array that says its own length: a reply's.
    pub fn counted<T: Decode<'a>>(&mut self, what: &'static str) -> Result<&'a [T], ParseError> {
        let length = self.reader.clone().u64()?;
        self.array(what, length, false)
    }

    /// The number of the command that a reply is for.
    pub fn reply_of(&mut self, id: u32) -> Result<(), ParseError> {
        let found = self.reader.u32()?;
        if found == id {
            Ok(())
        } else {
            Err(ParseError::BadValue {
                what: "reply",
                value: found.into(),
            })
        }
    }

    /// Room for a value in place.
    pub fn partial<T: Partial<'a>>(&mut self) -> Result<T, ParseError> {
        T::decode_partial(self)
    }

    /// The body of a link.
    pub(crate) fn body<T: Copy + 'a>(
        &mut self,
        decode: fn(&mut Self) -> Result<T, ParseError>,
    ) -> Result<&'a T, ParseError> {
        let body = decode(self)?;
        self.place(body)
    }

    /// `sType` of a structure whose type is known.
    pub(crate) fn stype(&mut self, expected: StructureType) -> Result<(), ParseError> {
        let found = self.reader.i32()?;
        if found == expected.0 {
            return Ok(());
        }
        Err(ParseError::BadValue {
            what: "sType",
            value: u64::from(found as u32),
        })
    }

    /// A `pNext` chain: the `sType`s come first, outermost before innermost, then the bodies
    /// in the reverse order.
    pub(crate) fn chain(
        &mut self,
        allows: fn(StructureType) -> bool,
        body: fn(StructureType, &mut Self) -> Result<Extension<'a>, ParseError>,
    ) -> Result<Chain<'a>, ParseError> {
        if !self.pointer()? {
            return Ok(Chain::default());
        }
        let mut stypes = Vec::new();
        loop {
            let stype = StructureType(self.reader.i32()?);
            if !allows(stype) {
                return Err(ParseError::BadValue {
                    what: "sType in chain",
                    value: u64::from(stype.0 as u32),
                });
            }
            limit("pNext chain", stypes.len(), MAX_CHAIN as u64 - 1)?;
            stypes.push(stype);
            if !self.pointer()? {
                break;
            }
        }
        let mut links = Vec::with_capacity(stypes.len());
        for stype in stypes.into_iter().rev() {
            links.push(body(stype, self)?);
        }
        self.keep(links.into_iter().rev()).map(Chain)
    }

    /// `count` elements, each at least `min_bytes` long.
    pub(crate) fn elements<T: Copy>(
        &mut self,
        count: usize,
        min_bytes: usize,
        mut decode: impl FnMut(&mut Self) -> Result<T, ParseError>,
    ) -> Result<&'a [T], ParseError> {
        let needed = count.saturating_mul(min_bytes);
        if needed > self.remaining() {
            return Err(ParseError::Truncated {
                needed,
                remaining: self.remaining(),
            });
        }
        let mut elements = bumpalo::collections::Vec::new_in(self.arena);
        elements
            .try_reserve_exact(self.fits::<T>(count)?)
            .map_err(|_| too_large::<T>(count))?;
        for _ in 0..count {
            elements.push(decode(self)?);
        }
        Ok(elements.into_bump_slice())
    }

    /// Puts elements of known number into the arena.
    pub(crate) fn keep<T: Copy>(
        &mut self,
        elements: impl ExactSizeIterator<Item = T>,
    ) -> Result<&'a [T], ParseError> {
        let count = self.fits::<T>(elements.len())?;
        let mut kept = bumpalo::collections::Vec::new_in(self.arena);
        kept.try_reserve_exact(count)
            .map_err(|_| too_large::<T>(count))?;
        kept.extend(elements);
        Ok(kept.into_bump_slice())
    }

    /// Bytes followed by padding to the next word.
    pub(crate) fn padded_bytes(&mut self, count: usize) -> Result<&'a [u8], ParseError> {
        let bytes = self.reader.bytes(count)?;
        self.reader.skip(padding(count))?;
        Ok(bytes)
    }

    pub(crate) fn padded_array<const N: usize>(&mut self) -> Result<[u8; N], ParseError> {
        let bytes = self.reader.array()?;
        self.reader.skip(padding(N))?;
        Ok(bytes)
    }

    fn place<T: Copy + 'a>(&mut self, value: T) -> Result<&'a T, ParseError> {
        self.fits::<T>(1)?;
        self.arena
            .try_alloc(value)
            .map(|kept| &*kept)
            .map_err(|_| too_large::<T>(1))
    }

    /// The count of an array: what was said before, or none.
    fn count(
        &mut self,
        what: &'static str,
        length: u64,
        optional: bool,
    ) -> Result<usize, ParseError> {
        let count = self.reader.u64()?;
        if count != length && !(optional && count == 0) {
            return Err(ParseError::BadValue { what, value: count });
        }
        usize::try_from(count).map_err(|_| ParseError::BadValue { what, value: count })
    }

    fn fits<T>(&self, count: usize) -> Result<usize, ParseError> {
        let bytes = count.saturating_mul(size_of::<T>());
        if bytes.saturating_add(self.arena.allocated_bytes()) > MAX_DECODED_BYTES {
            return Err(too_large::<T>(count));
        }
        Ok(count)
    }
}

fn limit(what: &'static str, count: usize, limit: u64) -> Result<usize, ParseError> {
    if count as u64 > limit {
        return Err(ParseError::Limit {
            what,
            limit,
            got: count as u64,
        });
    }
    Ok(count)
}

fn too_large<T>(count: usize) -> ParseError {
    let got = count.saturating_mul(size_of::<T>()) as u64;
    ParseError::Limit {
        what: "decoded command",
        limit: MAX_DECODED_BYTES as u64,
        got,
    }
}

/// Zero bytes after `count` bytes up to the next word.
pub(crate) const fn padding(count: usize) -> usize {
    count.wrapping_neg() % 4
}
