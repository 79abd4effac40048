//! Operands.

use super::cursor::Cursor;
use crate::error::Error;
use crate::ir::{
    ArrayId, Component, Destination, File, Index, IndirectIndex, Register, Source, WriteMask,
};
use crate::limits::{MAX_ARRAY_ID, MAX_REGISTER};

/// `file[index].mask`.
pub(super) fn read_destination(cursor: &mut Cursor<'_>) -> Result<Destination, Error> {
    let register = read_register(cursor)?;
    let mask = read_mask(cursor)?;
    Ok(Destination { register, mask })
}

/// `-|file[index].swizzle|`.
pub(super) fn read_source(cursor: &mut Cursor<'_>) -> Result<Source, Error> {
    let negate = cursor.eat(b'-');
    let absolute = cursor.eat(b'|');
    let register = read_register(cursor)?;
    let swizzle = read_swizzle(cursor, Component::ALL)?;
    if absolute {
        cursor.expect(b'|', "`|`")?;
    }
    Ok(Source {
        register,
        swizzle,
        absolute,
        negate,
    })
}

/// `.xyzw` in any order, as many letters as components, or nothing for `straight`.
pub(super) fn read_swizzle<const N: usize>(
    cursor: &mut Cursor<'_>,
    straight: [Component; N],
) -> Result<[Component; N], Error> {
    if !cursor.eat(b'.') {
        return Ok(straight);
    }
    let at = cursor.position();
    let what = "a swizzle";
    let letters = cursor.word().as_bytes();
    let letters: [u8; N] = letters
        .try_into()
        .map_err(|_| Error::Expected { at, what })?;
    let mut swizzle = straight;
    for (component, letter) in swizzle.iter_mut().zip(letters) {
        *component = Component::from_letter(letter).ok_or(Error::Expected { at, what })?;
    }
    Ok(swizzle)
}

/// `.xyzw`, each letter at most once and in order, or nothing for all of them.
pub(super) fn read_mask(cursor: &mut Cursor<'_>) -> Result<WriteMask, Error> {
    if !cursor.eat(b'.') {
        return Ok(WriteMask::XYZW);
    }
    let at = cursor.position();
    let expected = Error::Expected {
        at,
        what: "a write mask",
    };
    let components: Option<Vec<_>> = cursor
        .word()
        .bytes()
        .take(Component::ALL.len().saturating_add(1))
        .map(Component::from_letter)
        .collect();
    components
        .filter(|components| components.is_sorted_by(|one, next| one < next))
        .and_then(|components| WriteMask::new(&components))
        .ok_or(expected)
}

/// `[number]` of a register in range.
pub(super) fn read_plain_index(cursor: &mut Cursor<'_>) -> Result<u16, Error> {
    cursor.expect(b'[', "`[`")?;
    let index = cursor.unsigned("a register index", MAX_REGISTER)?;
    cursor.expect(b']', "`]`")?;
    Ok(index)
}

/// `(number)` of an array.
pub(super) fn read_array(cursor: &mut Cursor<'_>) -> Result<ArrayId, Error> {
    cursor.expect(b'(', "`(`")?;
    let at = cursor.position();
    let what = "an array id";
    let id = ArrayId::new(cursor.unsigned(what, MAX_ARRAY_ID)?);
    let id = id.ok_or(Error::OutOfRange { at, what })?;
    cursor.expect(b')', "`)`")?;
    Ok(id)
}

/// `file[index]` or `file[dimension][index]`.
fn read_register(cursor: &mut Cursor<'_>) -> Result<Register, Error> {
    let file = cursor.named("register file", File::from_name)?;
    let first = read_index(cursor)?;
    let second = if cursor.sees(b'[') {
        Some(read_index(cursor)?)
    } else {
        None
    };
    Ok(match second {
        Some(index) => Register {
            file,
            dimension: Some(first),
            index,
        },
        None => Register {
            file,
            dimension: None,
            index: first,
        },
    })
}

/// `[number]` or `[file[number].component+offset](array)`.
fn read_index(cursor: &mut Cursor<'_>) -> Result<Index, Error> {
    cursor.expect(b'[', "`[`")?;
    let word = cursor.peek_word();
    if !word.starts_with(|first: char| first.is_ascii_alphabetic()) {
        let index = Index::Direct(cursor.signed("a register index")?);
        cursor.expect(b']', "`]`")?;
        return Ok(index);
    }
    let file = cursor.named("register file", File::from_name)?;
    let register = read_plain_index(cursor)?;
    let [component] = read_swizzle(cursor, [Component::X])?;
    let offset = if cursor.sees(b'+') || cursor.sees(b'-') {
        cursor.signed("an index offset")?
    } else {
        0
    };
    cursor.expect(b']', "`]`")?;
    let array = if cursor.sees(b'(') {
        Some(read_array(cursor)?)
    } else {
        None
    };
    Ok(Index::Indirect(IndirectIndex {
        file,
        register,
        component,
        offset,
        array,
    }))
}
