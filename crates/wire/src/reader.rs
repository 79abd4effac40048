use crate::ParseError;

/// Takes little-endian values off the front of a byte slice. Never panics.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The bytes not yet taken.
    #[inline]
    pub const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many bytes are not yet taken.
    #[inline]
    pub const fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// Takes the next `n` bytes.
    #[inline]
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], ParseError> {
        match self.bytes.split_at_checked(n) {
            Some((taken, rest)) => {
                self.bytes = rest;
                Ok(taken)
            }
            None => Err(self.truncated(n)),
        }
    }

    /// Takes the next `N` bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], ParseError> {
        match self.bytes.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.bytes = rest;
                Ok(*taken)
            }
            None => Err(self.truncated(N)),
        }
    }

    /// Passes over `n` bytes.
    #[inline]
    pub fn skip(&mut self, n: usize) -> Result<(), ParseError> {
        self.bytes(n).map(drop)
    }

    /// Takes a `u8`.
    #[inline]
    pub fn u8(&mut self) -> Result<u8, ParseError> {
        self.array().map(u8::from_le_bytes)
    }

    /// Takes a little-endian `u16`.
    #[inline]
    pub fn u16(&mut self) -> Result<u16, ParseError> {
        self.array().map(u16::from_le_bytes)
    }

    /// Takes a little-endian `u32`.
    #[inline]
    pub fn u32(&mut self) -> Result<u32, ParseError> {
        self.array().map(u32::from_le_bytes)
    }

    /// Takes a little-endian `u64`.
    #[inline]
    pub fn u64(&mut self) -> Result<u64, ParseError> {
        self.array().map(u64::from_le_bytes)
    }

    /// Takes a little-endian `i32`.
    #[inline]
    pub fn i32(&mut self) -> Result<i32, ParseError> {
        self.array().map(i32::from_le_bytes)
    }

    /// Takes a little-endian `i64`.
    #[inline]
    pub fn i64(&mut self) -> Result<i64, ParseError> {
        self.array().map(i64::from_le_bytes)
    }

    /// Takes a little-endian `f32`.
    #[inline]
    pub fn f32(&mut self) -> Result<f32, ParseError> {
        self.array().map(f32::from_le_bytes)
    }

    /// Takes a little-endian `f64`.
    #[inline]
    pub fn f64(&mut self) -> Result<f64, ParseError> {
        self.array().map(f64::from_le_bytes)
    }

    /// Ends the reading; bytes that are left are an error.
    #[inline]
    pub fn finish(self) -> Result<(), ParseError> {
        match self.bytes.len() {
            0 => Ok(()),
            remaining => Err(ParseError::Trailing { remaining }),
        }
    }

    #[cold]
    fn truncated(&self, needed: usize) -> ParseError {
        ParseError::Truncated {
            needed,
            remaining: self.bytes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Writer;
    use proptest::prelude::*;

    #[test]
    fn a_short_read_takes_nothing() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(
            reader.u32(),
            Err(ParseError::Truncated {
                needed: 4,
                remaining: 3
            })
        );
        assert_eq!(reader.u16(), Ok(0x0201));
        assert_eq!(
            reader.clone().finish(),
            Err(ParseError::Trailing { remaining: 1 })
        );
        assert_eq!(reader.skip(1), Ok(()));
        assert_eq!(reader.finish(), Ok(()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(a: u8, b: u16, c: u32, d: u64, e: i32, f: i64, x: f32, y: f64, tail: Vec<u8>) {
            let mut writer = Writer::new();
            writer.u8(a).u16(b).u32(c).u64(d).i32(e).i64(f).f32(x).f64(y).bytes(&tail);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.u8(), Ok(a));
            prop_assert_eq!(reader.u16(), Ok(b));
            prop_assert_eq!(reader.u32(), Ok(c));
            prop_assert_eq!(reader.u64(), Ok(d));
            prop_assert_eq!(reader.i32(), Ok(e));
            prop_assert_eq!(reader.i64(), Ok(f));
            prop_assert_eq!(reader.f32().map(f32::to_bits), Ok(x.to_bits()));
            prop_assert_eq!(reader.f64().map(f64::to_bits), Ok(y.to_bits()));
            prop_assert_eq!(reader.bytes(tail.len()), Ok(tail.as_slice()));
            prop_assert_eq!(reader.finish(), Ok(()));
        }

        #[test]
        fn a_read_past_the_end_is_an_error(bytes: Vec<u8>, n: usize) {
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.bytes(n).is_ok(), n <= bytes.len());
        }
    }
}
