//! `number: OPCODE destinations, sources, and what else the operation wants`.

use super::cursor::Cursor;
use super::register::{read_destination, read_plain_index, read_source, read_swizzle};
use crate::error::Error;
use crate::ir::{
    Class, Component, File, ImageFormat, Instruction, Memory, MemoryQualifier, MemoryQualifiers,
    Opcode, Target, Texture, TextureOffset,
};
use crate::limits::{MAX_LABEL, MAX_TEXTURE_OFFSETS};

pub(super) fn read(cursor: &mut Cursor<'_>, number: usize) -> Result<Instruction, Error> {
    read_number(cursor, number)?;
    let (opcode, saturate, precise) = read_opcode(cursor)?;
    let info = opcode.info();
    let mut first = true;
    let mut destinations = Vec::with_capacity(info.destinations.len());
    for _ in info.destinations {
        separate(cursor, &mut first)?;
        destinations.push(read_destination(cursor)?);
    }
    let mut sources = Vec::with_capacity(info.sources.len());
    for _ in info.sources {
        separate(cursor, &mut first)?;
        sources.push(read_source(cursor)?);
    }
    Ok(Instruction {
        opcode,
        saturate,
        precise,
        destinations,
        sources,
        texture: read_texture(cursor, info.class)?,
        memory: read_memory(cursor, info.class)?,
        label: read_label(cursor, opcode)?,
    })
}

fn read_number(cursor: &mut Cursor<'_>, number: usize) -> Result<(), Error> {
    let at = cursor.position();
    if !cursor
        .peek_word()
        .starts_with(|first: char| first.is_ascii_digit())
    {
        return Ok(());
    }
    let given = cursor.unsigned("the instruction's number", MAX_LABEL)?;
    if usize::try_from(given) != Ok(number) {
        return Err(Error::OutOfOrder {
            at,
            what: "instruction",
        });
    }
    cursor.expect(b':', "`:`")
}

/// The operation, and whether `_SAT` and `_PRECISE` follow its name.
fn read_opcode(cursor: &mut Cursor<'_>) -> Result<(Opcode, bool, bool), Error> {
    let at = cursor.position();
    let word = cursor.word().to_ascii_uppercase();
    let (word, precise) = strip(&word, "_PRECISE");
    let (word, saturate) = strip(word, "_SAT");
    let opcode = Opcode::from_name(word).ok_or(Error::Unknown {
        at,
        what: "instruction",
    })?;
    Ok((opcode, saturate, precise))
}

fn strip<'a>(word: &'a str, suffix: &str) -> (&'a str, bool) {
    match word.strip_suffix(suffix) {
        Some(word) => (word, true),
        None => (word, false),
    }
}

fn separate(cursor: &mut Cursor<'_>, first: &mut bool) -> Result<(), Error> {
    if std::mem::take(first) {
        return Ok(());
    }
    cursor.expect(b',', "`,`")
}

fn read_texture(cursor: &mut Cursor<'_>, class: Class) -> Result<Option<Texture>, Error> {
    let target = match class {
        Class::Texture => {
            cursor.expect(b',', "`,`")?;
            Some(cursor.named("texture target", Target::from_name)?)
        }
        Class::Sample => None,
        _ => return Ok(None),
    };
    let mut offsets = Vec::new();
    while cursor.eat(b',') {
        let at = cursor.position();
        let (what, limit) = ("texture offsets", MAX_TEXTURE_OFFSETS);
        super::within(at, offsets.len(), limit, what)?;
        offsets.push(read_offset(cursor)?);
    }
    Ok(Some(Texture { target, offsets }))
}

fn read_offset(cursor: &mut Cursor<'_>) -> Result<TextureOffset, Error> {
    Ok(TextureOffset {
        file: cursor.named("register file", File::from_name)?,
        index: read_plain_index(cursor)?,
        swizzle: read_swizzle(cursor, [Component::X, Component::Y, Component::Z])?,
    })
}

fn read_memory(cursor: &mut Cursor<'_>, class: Class) -> Result<Option<Memory>, Error> {
    if class != Class::Memory {
        return Ok(None);
    }
    let mut memory = Memory {
        qualifiers: MemoryQualifiers::default(),
        target: None,
        format: None,
    };
    while cursor.eat(b',') {
        read_memory_word(cursor, &mut memory)?;
    }
    Ok(Some(memory))
}

fn read_memory_word(cursor: &mut Cursor<'_>, memory: &mut Memory) -> Result<(), Error> {
    let at = cursor.position();
    let word = cursor.word();
    let again = if let Some(qualifier) = MemoryQualifier::from_name(word) {
        let again = memory.qualifiers.has(qualifier);
        memory.qualifiers = memory.qualifiers.with(qualifier);
        again
    } else if let Some(target) = Target::from_name(word) {
        memory.target.replace(target).is_some()
    } else if let Some(format) = ImageFormat::from_name(word) {
        memory.format.replace(format).is_some()
    } else {
        let what = "memory qualifier, target or image format";
        return Err(Error::Unknown { at, what });
    };
    if again {
        let what = "a memory qualifier, target or format";
        return Err(Error::Twice { at, what });
    }
    Ok(())
}

fn read_label(cursor: &mut Cursor<'_>, opcode: Opcode) -> Result<Option<u32>, Error> {
    if opcode.takes_label() && cursor.eat(b':') {
        return Ok(Some(cursor.unsigned("a label", MAX_LABEL)?));
    }
    Ok(None)
}
