//! Contexts, and the streams that they read. The header names the context.

use std::fmt;

use wire::{Guest, ParseError, Reader, Writer};

use crate::codec::{check_limit, payload, word_of};
use crate::limits::{MAX_DEBUG_NAME, MAX_SUBMIT};
use crate::{CapsetId, Fault, Features, ResourceId};

/// Makes a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CtxCreate {
    /// Its kind; none is the device's choice.
    pub capset: Option<CapsetId>,
    /// What the driver calls it.
    pub debug_name: DebugName,
}

/// `VIRTIO_GPU_CONTEXT_INIT_CAPSET_ID_MASK`; the other bits have no meaning yet.
const CAPSET_ID_MASK: u32 = 0xff;

impl CtxCreate {
    /// Without the feature for kinds of context, the word is padding.
    pub(crate) fn parse(reader: &mut Reader<'_>, features: Features) -> Result<Self, Fault> {
        let length = check_limit("debug name", reader.u32()?, MAX_DEBUG_NAME)?;
        let context_init = reader.u32()?;
        let bytes = reader.array()?;
        Ok(Self {
            capset: match features.contains(Features::CONTEXT_INIT) {
                true => parse_capset(context_init)?,
                false => None,
            },
            debug_name: DebugName::of_parts(bytes, length as usize),
        })
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer
            .u32(word_of(self.debug_name.as_bytes().len()))
            .u32(self.capset.map_or(0, |capset| capset.0 & CAPSET_ID_MASK))
            .bytes(&self.debug_name.bytes);
    }
}

fn parse_capset(context_init: u32) -> Result<Option<CapsetId>, ParseError> {
    match context_init {
        0 => Ok(None),
        id if id & !CAPSET_ID_MASK == 0 => Ok(Some(CapsetId(id))),
        other => Err(ParseError::BadValue {
            what: "context_init",
            value: other.into(),
        }),
    }
}

/// A context's name, at most [`MAX_DEBUG_NAME`] bytes of any kind. It is the guest's, and `Debug`
/// does not print it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DebugName {
    bytes: [u8; MAX_DEBUG_NAME as usize],
    length: usize,
}

impl DebugName {
    /// As much of `name` as there is room for.
    pub fn new(name: &[u8]) -> Self {
        let mut bytes = [0; MAX_DEBUG_NAME as usize];
        let length = name.len().min(bytes.len());
        for (to, from) in bytes.iter_mut().zip(name) {
            *to = *from;
        }
        Self { bytes, length }
    }

    fn of_parts(bytes: [u8; MAX_DEBUG_NAME as usize], length: usize) -> Self {
        Self::new(bytes.get(..length).unwrap_or(&bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&self.bytes)
    }

    /// The name up to a zero byte, as text; what is no text or could move a terminal's cursor is
    /// replaced.
    pub fn text(&self) -> String {
        let bytes = self.as_bytes();
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or(bytes);
        String::from_utf8_lossy(text)
            .chars()
            .map(|c| {
                if c.is_control() {
                    char::REPLACEMENT_CHARACTER
                } else {
                    c
                }
            })
            .collect()
    }
}

impl fmt::Debug for DebugName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DebugName(..)")
    }
}

payload! {
    /// Lets a context use a resource, or no more; the command says which.
    pub struct CtxResource + 1 {
        /// The resource.
        pub resource: ResourceId,
    }
}

/// A stream for a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submit3d<'a> {
    /// In the language of the context's kind; at most [`MAX_SUBMIT`] bytes.
    pub commands: Guest<&'a [u8]>,
}

impl Submit3d<'_> {
    /// Takes the fixed part, and how many bytes follow.
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<(Self, u32), Fault> {
        let size = check_limit("command stream", reader.u32()?, MAX_SUBMIT)?;
        reader.skip(4)?;
        let commands = Guest::new([].as_slice());
        Ok((Self { commands }, size))
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        let commands = self.commands.as_inner();
        writer.u32(word_of(commands.len())).u32(0).bytes(commands);
    }
}
