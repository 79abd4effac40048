//! Text for logs and debuggers.

use wire::{Guest, ParseError, Reader, Writer};

/// Takes a text that ends in a zero byte, or with the payload.
pub(crate) fn parse_terminated<'a>(reader: &mut Reader<'a>) -> Result<Guest<&'a [u8]>, ParseError> {
    // At least a word, so that an empty payload is too short.
    let bytes = reader.bytes(reader.remaining().max(4))?;
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(Guest::new(text))
}

/// Appends a text with a zero byte, in whole words.
pub(crate) fn encode_terminated(text: Guest<&[u8]>, writer: &mut Writer) {
    let text = text.into_inner();
    let size = text.len().saturating_add(1);
    let padding = size.wrapping_neg() % 4;
    writer.bytes(text).zeros(padding.saturating_add(1));
}

/// Takes a length in bytes and a text of as many, padded to whole words.
pub(crate) fn parse_counted<'a>(reader: &mut Reader<'a>) -> Result<Guest<&'a [u8]>, ParseError> {
    let size = reader.u32()? as usize;
    let text = reader.bytes(size)?;
    reader.skip(size.wrapping_neg() % 4)?;
    Ok(Guest::new(text))
}

/// Appends the length of a text and the text, in whole words.
pub(crate) fn encode_counted(text: Guest<&[u8]>, writer: &mut Writer) {
    let text = text.into_inner();
    let size = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let padding = text.len().wrapping_neg() % 4;
    writer.u32(size).bytes(text).zeros(padding);
}
