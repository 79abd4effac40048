use vulkan_types::{Chain, Extension, Request, StructureType};
use wire::ParseError;

use crate::{Decoder, Encoder};

/// A value that the wire carries whole.
pub trait Decode<'a>: Copy + 'a {
    /// The fewest bytes that one takes, so that a count can be checked before room is made.
    const MIN_BYTES: usize = 4;

    /// Takes one value.
    ///
    /// # Errors
    /// The bytes end, or have no meaning.
    fn decode(d: &mut Decoder<'a>) -> Result<Self, ParseError>;

    /// Takes `count` values of an array whose count was taken.
    ///
    /// # Errors
    /// As [`Decode::decode`].
    fn decode_elements(d: &mut Decoder<'a>, count: usize) -> Result<&'a [Self], ParseError> {
        d.elements(count, Self::MIN_BYTES, Self::decode)
    }
}

/// A value that the wire carries whole.
pub trait Encode {
    /// Puts one value.
    fn encode(&self, e: &mut Encoder);

    /// Puts the values of an array whose count was put.
    fn encode_elements(values: &[Self], e: &mut Encoder)
    where
        Self: Sized,
    {
        for value in values {
            value.encode(e);
        }
    }
}

/// A value that a request carries as room for the callee to write into: only what says how
/// large it is.
pub trait Partial<'a>: Copy + 'a {
    /// Takes the room.
    ///
    /// # Errors
    /// The bytes end, or have no meaning.
    fn decode_partial(d: &mut Decoder<'a>) -> Result<Self, ParseError>;

    /// Puts the room.
    fn encode_partial(&self, e: &mut Encoder);
}

/// What follows `sType` and `pNext` in a structure that has them.
pub trait Body<'a>: Copy + 'a {
    /// Takes the fields.
    ///
    /// # Errors
    /// The bytes end, or have no meaning.
    fn decode_body(d: &mut Decoder<'a>) -> Result<Self, ParseError>;

    /// Puts the fields.
    fn encode_body(&self, e: &mut Encoder);

    /// Takes the fields of a structure that the callee writes.
    ///
    /// # Errors
    /// The bytes end, or have no meaning.
    fn decode_partial_body(d: &mut Decoder<'a>) -> Result<Self, ParseError>;

    /// Puts the fields of a structure that the callee writes.
    fn encode_partial_body(&self, e: &mut Encoder);
}

/// A structure that starts with `sType` and `pNext`.
pub trait Structure<'a>: Body<'a> {
    /// `sType`.
    const STYPE: StructureType;

    /// True for a structure that may be in its chain.
    fn allows(stype: StructureType) -> bool;

    /// Its chain.
    fn chain(&self) -> Chain<'a>;

    /// The same structure with this chain.
    fn with_chain(self, chain: Chain<'a>) -> Self;
}

/// A command on the wire.
pub trait WireRequest<'a>: Request + Sized {
    /// Takes the arguments, after command number and flags.
    ///
    /// # Errors
    /// The bytes end, or have no meaning.
    fn decode_arguments(d: &mut Decoder<'a>) -> Result<Self, ParseError>;

    /// Puts the arguments.
    fn encode_arguments(&self, e: &mut Encoder);

    /// Puts the whole command (the client's half).
    fn encode_command(&self, flags: u32, e: &mut Encoder) {
        e.u32(Self::ID);
        e.u32(flags);
        self.encode_arguments(e);
    }
}

/// A reply on the wire: the command's number, then its result and outputs.
pub trait WireReply<'a>: Sized {
    /// The number of the command that it answers.
    const ID: u32;

    /// Takes a whole reply (the client's half).
    ///
    /// # Errors
    /// The bytes end, or have no meaning.
    fn decode_reply(d: &mut Decoder<'a>) -> Result<Self, ParseError>;

    /// Puts a whole reply.
    fn encode_reply(&self, e: &mut Encoder);
}

impl<'a, T: Structure<'a>> Decode<'a> for T {
    // sType, pNext
    const MIN_BYTES: usize = 12;

    fn decode(d: &mut Decoder<'a>) -> Result<Self, ParseError> {
        d.stype(T::STYPE)?;
        let chain = d.chain(T::allows, Extension::decode_body)?;
        Ok(T::decode_body(d)?.with_chain(chain))
    }
}

impl<'a, T: Structure<'a>> Encode for T {
    fn encode(&self, e: &mut Encoder) {
        e.i32(T::STYPE.0);
        e.chain(self.chain(), Extension::encode_body);
        self.encode_body(e);
    }
}

impl<'a, T: Structure<'a>> Partial<'a> for T {
    fn decode_partial(d: &mut Decoder<'a>) -> Result<Self, ParseError> {
        d.stype(T::STYPE)?;
        let chain = d.chain(T::allows, Extension::decode_partial_body)?;
        Ok(T::decode_partial_body(d)?.with_chain(chain))
    }

    fn encode_partial(&self, e: &mut Encoder) {
        e.i32(T::STYPE.0);
        e.chain(self.chain(), Extension::encode_partial_body);
        self.encode_partial_body(e);
    }
}

/// A union that an enumeration beside it chooses from.
pub(crate) trait Tagged {
    type Tag;

    fn tag(&self) -> Option<Self::Tag>;
}

/// Links by their `sType`; implemented by generated code.
pub(crate) trait AnyBody<'a>: Sized {
    fn decode_body(stype: StructureType, d: &mut Decoder<'a>) -> Result<Self, ParseError>;
    fn encode_body(&self, e: &mut Encoder);
    fn decode_partial_body(stype: StructureType, d: &mut Decoder<'a>) -> Result<Self, ParseError>;
    fn encode_partial_body(&self, e: &mut Encoder);
}

macro_rules! words {
    ($($ty:ty: $take:ident, $bytes:expr;)*) => {
        $(impl<'a> Decode<'a> for $ty {
            const MIN_BYTES: usize = $bytes;

            #[inline]
            fn decode(d: &mut Decoder<'a>) -> Result<Self, ParseError> {
                d.$take()
            }
        }

        impl Encode for $ty {
            #[inline]
            fn encode(&self, e: &mut Encoder) {
                e.$take(*self);
            }
        })*
    };
}

words! {
    u32: u32, 4;
    i32: i32, 4;
    u64: u64, 8;
    i64: i64, 8;
    f32: f32, 4;
    f64: f64, 8;
    usize: size, 8;
}

impl<'a> Decode<'a> for u8 {
    const MIN_BYTES: usize = 1;

    fn decode(d: &mut Decoder<'a>) -> Result<Self, ParseError> {
        let [value] = d.padded_array()?;
        Ok(value)
    }

    fn decode_elements(d: &mut Decoder<'a>, count: usize) -> Result<&'a [Self], ParseError> {
        d.padded_bytes(count)
    }
}

impl Encode for u8 {
    fn encode(&self, e: &mut Encoder) {
        e.padded_bytes(&[*self]);
    }

    fn encode_elements(values: &[Self], e: &mut Encoder) {
        e.padded_bytes(values);
    }
}

impl<'a> Decode<'a> for u16 {
    const MIN_BYTES: usize = 2;

    fn decode(d: &mut Decoder<'a>) -> Result<Self, ParseError> {
        Ok(u16::from_le_bytes(d.padded_array()?))
    }

    fn decode_elements(d: &mut Decoder<'a>, count: usize) -> Result<&'a [Self], ParseError> {
        let bytes = d.padded_bytes(count.saturating_mul(2))?;
        d.keep(bytes.chunks_exact(2).map(|pair| match pair {
            [low, high] => u16::from_le_bytes([*low, *high]),
            _ => 0,
        }))
    }
}

impl Encode for u16 {
    fn encode(&self, e: &mut Encoder) {
        e.padded_bytes(&self.to_le_bytes());
    }

    fn encode_elements(values: &[Self], e: &mut Encoder) {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        e.padded_bytes(&bytes);
    }
}
