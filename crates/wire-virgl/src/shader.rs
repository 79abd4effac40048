//! Shader objects: text in chunks, and what the shader streams out.

use wire::{Guest, ParseError, Reader, Writer};

use crate::codec::{Wire, bits, check_limit, place};
use crate::enums::ShaderStage;
use crate::limits::{
    MAX_SHADER_TEXT, MAX_STREAMOUT_OUTPUTS, MAX_STREAMOUT_TARGETS, MAX_VERTEX_STREAMS,
};

/// A shader, or a chunk of one (`VIRGL_OBJ_SHADER_*`).
///
/// The text is TGSI, ends in a zero byte, and is padded to whole words. A text too long
/// for one command comes in chunks: a first one, then continuations with the same id, each
/// but the last of whole words of text. Chunks may come in several submissions.
#[derive(Clone, Debug, PartialEq)]
pub struct Shader<'a> {
    /// The stage.
    pub stage: ShaderStage,
    /// Which part of the text this is.
    pub chunk: Chunk,
    /// How many tokens the guest counts in the whole text. A hint for an allocation, and
    /// nothing to rely on.
    pub num_tokens: u32,
    /// What only some stages have.
    pub extra: ShaderExtra,
    /// The chunk's words of text; behind the text's end, padding.
    pub text: Guest<&'a [u8]>,
}

/// Which part of a shader's text a command holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// The first, or the only one.
    First {
        /// Bytes of the whole text with its zero byte, at most
        /// [`MAX_SHADER_TEXT`].
        total: u32,
    },
    /// One that continues a text.
    Continuation {
        /// Bytes of text before it, at most [`MAX_SHADER_TEXT`].
        offset: u32,
    },
}

/// What a shader has besides its text.
#[derive(Clone, Debug, PartialEq)]
pub enum ShaderExtra {
    /// All stages but compute: the outputs that are streamed, if any. Continuations
    /// have none.
    StreamOutput(Option<StreamOutput>),
    /// Compute: bytes of memory that a work group shares.
    SharedMemory(u32),
}

/// What a shader streams out, and where to (`VIRGL_OBJ_SHADER_SO_*`).
#[derive(Clone, Debug, PartialEq)]
pub struct StreamOutput {
    /// Words from vertex to vertex, one a buffer.
    pub strides: [u32; MAX_STREAMOUT_TARGETS as usize],
    /// The outputs, at least one and at most [`MAX_STREAMOUT_OUTPUTS`].
    pub outputs: Vec<StreamedOutput>,
}

/// One output that is streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamedOutput {
    /// The output register.
    pub register: u8,
    /// The first component, below 4.
    pub start_component: u8,
    /// Components, 1 to 4 together with those before the first.
    pub num_components: u8,
    /// The buffer, below [`MAX_STREAMOUT_TARGETS`].
    pub buffer: u8,
    /// Words into the buffer's vertex.
    pub dst_offset: u16,
    /// The vertex stream, below [`MAX_VERTEX_STREAMS`].
    pub stream: u8,
}

/// Marks a continuation in the word that is otherwise a length.
const CONTINUATION: u32 = 1 << 31;

impl<'a> Shader<'a> {
    pub(crate) fn parse(reader: &mut Reader<'a>) -> Result<Self, ParseError> {
        let stage = ShaderStage::parse(reader)?;
        let chunk = Chunk::from_word(reader.u32()?)?;
        let num_tokens = reader.u32()?;
        let extra = match stage {
            ShaderStage::Compute => ShaderExtra::SharedMemory(reader.u32()?),
            _ => ShaderExtra::StreamOutput(StreamOutput::parse(reader)?),
        };
        let text = reader.bytes(reader.remaining())?;
        chunk.check(text)?;
        Ok(Self {
            stage,
            chunk,
            num_tokens,
            extra,
            text: Guest::new(text),
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        self.stage.encode(writer);
        writer.u32(self.chunk.to_word()).u32(self.num_tokens);
        match &self.extra {
            ShaderExtra::StreamOutput(None) => {
                writer.u32(0);
            }
            ShaderExtra::StreamOutput(Some(output)) => output.encode(writer),
            ShaderExtra::SharedMemory(bytes) => {
                writer.u32(*bytes);
            }
        }
        writer.bytes(self.text.as_inner());
    }
}

impl Chunk {
    fn from_word(word: u32) -> Result<Self, ParseError> {
        let value = check_limit("shader text", word & !CONTINUATION, MAX_SHADER_TEXT)?;
        Ok(match word & CONTINUATION != 0 {
            true => Self::Continuation { offset: value },
            false => Self::First { total: value },
        })
    }

    const fn to_word(self) -> u32 {
        match self {
            Self::First { total } => total,
            Self::Continuation { offset } => offset | CONTINUATION,
        }
    }

    /// A first chunk holds no more words than the whole text.
    fn check(self, text: &[u8]) -> Result<(), ParseError> {
        let Self::First { total } = self else {
            return Ok(());
        };
        match text.len().checked_sub((total as usize).next_multiple_of(4)) {
            None | Some(0) => Ok(()),
            Some(remaining) => Err(ParseError::Trailing { remaining }),
        }
    }
}

impl StreamOutput {
    fn parse(reader: &mut Reader<'_>) -> Result<Option<Self>, ParseError> {
        let count = check_limit("stream outputs", reader.u32()?, MAX_STREAMOUT_OUTPUTS)?;
        if count == 0 {
            return Ok(None);
        }
        let strides = Wire::parse(reader)?;
        let outputs = (0..count).map(|_| StreamedOutput::parse(reader));
        Ok(Some(Self {
            strides,
            outputs: outputs.collect::<Result<_, _>>()?,
        }))
    }

    fn encode(&self, writer: &mut Writer) {
        let count = u32::try_from(self.outputs.len()).unwrap_or(u32::MAX);
        writer.u32(count);
        self.strides.encode(writer);
        for output in &self.outputs {
            output.encode(writer);
        }
    }
}

impl Wire for StreamedOutput {
    fn parse(reader: &mut Reader<'_>) -> Result<Self, ParseError> {
        let (word, stream) = (reader.u32()?, reader.u32()?);
        let start_component = bits(word, 8, 2);
        let num_components = bits(word, 10, 3);
        let last = start_component.saturating_add(num_components);
        if num_components == 0 || last > 4 {
            return Err(ParseError::BadValue {
                what: "components of a stream output",
                value: word.into(),
            });
        }
        let buffer = bits(word, 13, 3);
        check_limit("stream output buffer", buffer, MAX_STREAMOUT_TARGETS - 1)?;
        Ok(Self {
            register: bits(word, 0, 8) as u8,
            start_component: start_component as u8,
            num_components: num_components as u8,
            buffer: buffer as u8,
            dst_offset: bits(word, 16, 16) as u16,
            stream: check_limit("vertex stream", stream, MAX_VERTEX_STREAMS - 1)? as u8,
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let word = u32::from(self.register)
            | place(self.start_component.into(), 8, 2)
            | place(self.num_components.into(), 10, 3)
            | place(self.buffer.into(), 13, 3)
            | place(self.dst_offset.into(), 16, 16);
        writer.u32(word).u32(self.stream.into());
    }
}
