//! `IMM[number] type {values}`.

use super::cursor::Cursor;
use crate::error::Error;
use crate::ir::{Immediate, ImmediateType};
use std::str::FromStr;

pub(super) fn read(cursor: &mut Cursor<'_>, number: usize) -> Result<Immediate, Error> {
    cursor.word();
    if cursor.eat(b'[') {
        read_number(cursor, number)?;
    }
    let kind = cursor.named("immediate type", ImmediateType::from_name)?;
    cursor.expect(b'{', "`{`")?;
    let immediate = match kind {
        ImmediateType::Flt32 => Immediate::Float(values(cursor, float)?),
        ImmediateType::Uint32 => Immediate::Uint(values(cursor, integer)?),
        ImmediateType::Int32 => Immediate::Int(values(cursor, integer)?),
        ImmediateType::Flt64 => Immediate::Double(values(cursor, double)?),
        ImmediateType::Uint64 => Immediate::Uint64(values(cursor, integer)?),
        ImmediateType::Int64 => Immediate::Int64(values(cursor, integer)?),
    };
    cursor.expect(b'}', "`}`")?;
    Ok(immediate)
}

fn read_number(cursor: &mut Cursor<'_>, number: usize) -> Result<(), Error> {
    let at = cursor.position();
    let given = cursor.unsigned("the immediate's number", u32::MAX)?;
    if usize::try_from(given) != Ok(number) {
        return Err(Error::OutOfOrder {
            at,
            what: "immediate",
        });
    }
    cursor.expect(b']', "`]`")
}

fn values<T: Copy + Default, const N: usize>(
    cursor: &mut Cursor<'_>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<[T; N], Error> {
    let mut values = [T::default(); N];
    for (place, value) in values.iter_mut().enumerate() {
        if place > 0 {
            cursor.expect(b',', "`,`")?;
        }
        let at = cursor.position();
        *value = read(cursor.numeral()).ok_or(Error::Expected {
            at,
            what: "a number of the immediate's type",
        })?;
    }
    Ok(values)
}

fn integer<T: FromStr>(numeral: &str) -> Option<T> {
    numeral.parse().ok()
}

/// Bits in hexadecimal, as virgl asks Mesa for, or a decimal fraction.
fn float(numeral: &str) -> Option<u32> {
    match numeral.strip_prefix("0x") {
        Some(digits) if digits.len() <= 8 && !digits.starts_with('+') => {
            u32::from_str_radix(digits, 16).ok()
        }
        Some(_) => None,
        None => numeral.parse().ok().map(f32::to_bits),
    }
}

/// A decimal fraction: Mesa has no other spelling for 64 bits.
fn double(numeral: &str) -> Option<u64> {
    numeral.parse().ok().map(f64::to_bits)
}
