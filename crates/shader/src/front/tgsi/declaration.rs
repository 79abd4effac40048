//! `DCL file[range].usage, and what goes with the file`.

use super::cursor::Cursor;
use super::register::{read_array, read_mask};
use crate::error::Error;
use crate::front::Position;
use crate::ir::{
    Declaration, Detail, File, ImageFormat, Interpolation, Location, MemoryKind, ReturnType,
    Semantic, Target, Varying, WriteMask,
};
use crate::limits::{MAX_REGISTER, MAX_STREAM};

pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Declaration, Error> {
    let at = cursor.position();
    cursor.word();
    let mut declaration = read_registers(cursor)?;
    declaration.usage = read_mask(cursor)?;
    declaration.detail = read_detail(cursor, at, &mut declaration)?;
    Ok(declaration)
}

/// `file[first..last]` with `[]` or `[dimension]` before the range.
fn read_registers(cursor: &mut Cursor<'_>) -> Result<Declaration, Error> {
    let at = cursor.position();
    let file = cursor.named("register file", File::from_name)?;
    if matches!(file, File::Null | File::Immediate) {
        let what = "a register file to declare";
        return Err(Error::Expected { at, what });
    }
    cursor.expect(b'[', "`[`")?;
    let per_vertex = cursor.eat(b']');
    if per_vertex {
        cursor.expect(b'[', "`[`")?;
    }
    let mut range = read_range(cursor)?;
    let mut dimension = None;
    let at = cursor.position();
    if !per_vertex && cursor.eat(b'[') {
        if range.0 != range.1 {
            let what = "one number and no range before the range";
            return Err(Error::Expected { at, what });
        }
        dimension = Some(range.0);
        range = read_range(cursor)?;
    }
    Ok(Declaration {
        file,
        per_vertex,
        dimension,
        first: range.0,
        last: range.1,
        usage: WriteMask::XYZW,
        array: None,
        local: false,
        detail: Detail::Plain,
        invariant: false,
    })
}

/// `first]` or `first..last]`.
fn read_range(cursor: &mut Cursor<'_>) -> Result<(u16, u16), Error> {
    let what = "a register index";
    let first = cursor.unsigned(what, MAX_REGISTER)?;
    let mut last = first;
    if cursor.eat(b'.') {
        cursor.expect(b'.', "`..`")?;
        let at = cursor.position();
        last = cursor.unsigned(what, MAX_REGISTER)?;
        if last < first {
            return Err(Error::OutOfRange {
                at,
                what: "the end of the range",
            });
        }
    }
    cursor.expect(b']', "`]`")?;
    Ok((first, last))
}

/// The words after the registers. `ARRAY`, `LOCAL` and `INVARIANT` go with every file.
fn read_detail(
    cursor: &mut Cursor<'_>,
    start: Position,
    declaration: &mut Declaration,
) -> Result<Detail, Error> {
    let mut words = Vec::new();
    let mut streams = None;
    while cursor.eat(b',') {
        let at = cursor.position();
        let word = cursor.word();
        let again = match word.to_ascii_uppercase().as_str() {
            "ARRAY" => declaration.array.replace(read_array(cursor)?).is_some(),
            "LOCAL" => std::mem::replace(&mut declaration.local, true),
            "INVARIANT" => std::mem::replace(&mut declaration.invariant, true),
            "STREAM" => streams.replace((at, read_streams(cursor)?)).is_some(),
            _ => {
                super::within(at, words.len(), MAX_WORDS, "words after a declaration")?;
                let number = read_semantic_index(cursor)?;
                words.push(Word { at, word, number });
                false
            }
        };
        if again {
            let what = "an attribute of a declaration";
            return Err(Error::Twice { at, what });
        }
    }
    let mut words = Words {
        start,
        words: words.into_iter().peekable(),
    };
    let mut detail = words.read_for(declaration.file)?;
    match (&mut detail, streams) {
        (_, None) => {}
        (Detail::Varying(varying), Some((_, streams))) => varying.streams = streams,
        (_, Some((at, _))) => {
            let what = "attribute";
            return Err(Error::Unknown { at, what });
        }
    }
    words.finish()?;
    Ok(detail)
}

/// The most words any file takes: a target and four return types.
const MAX_WORDS: usize = 5;

/// `(0, 0, 1, 2)`.
fn read_streams(cursor: &mut Cursor<'_>) -> Result<[u8; 4], Error> {
    cursor.expect(b'(', "`(`")?;
    let mut streams = [0; 4];
    for (place, stream) in streams.iter_mut().enumerate() {
        if place > 0 {
            cursor.expect(b',', "`,`")?;
        }
        *stream = cursor.unsigned("a vertex stream", MAX_STREAM)?;
    }
    cursor.expect(b')', "`)`")?;
    Ok(streams)
}

fn read_semantic_index(cursor: &mut Cursor<'_>) -> Result<Option<u16>, Error> {
    if !cursor.eat(b'[') {
        return Ok(None);
    }
    let number = cursor.unsigned("a semantic's number", u16::MAX)?;
    cursor.expect(b']', "`]`")?;
    Ok(Some(number))
}

/// A word after the registers, with its number in brackets.
struct Word<'a> {
    at: Position,
    word: &'a str,
    number: Option<u16>,
}

/// The words whose meaning depends on the file.
struct Words<'a> {
    /// Where the declaration begins.
    start: Position,
    words: std::iter::Peekable<std::vec::IntoIter<Word<'a>>>,
}

impl Words<'_> {
    fn read_for(&mut self, file: File) -> Result<Detail, Error> {
        Ok(match file {
            File::Input | File::Output | File::SystemValue => Detail::Varying(self.varying()),
            File::SamplerView => Detail::SamplerView {
                target: self.target()?,
                returns: self.returns()?,
            },
            File::Image => {
                let target = self.target()?;
                self.image(target)
            }
            File::Buffer => Detail::Buffer {
                atomic: self.flag("ATOMIC"),
            },
            File::Memory => Detail::Memory {
                kind: self
                    .take(MemoryKind::from_name)
                    .unwrap_or(MemoryKind::Global),
            },
            _ => Detail::Plain,
        })
    }

    /// A colour's semantic and its interpolation have the same name: the semantic is first.
    fn varying(&mut self) -> Varying {
        let number = self.words.peek().and_then(|word| word.number);
        let semantic = self
            .take_numbered(Semantic::from_name)
            .map(|semantic| (semantic, number.unwrap_or(0)));
        Varying {
            semantic,
            streams: [0; 4],
            interpolation: self.take(Interpolation::from_name),
            location: self.take(Location::from_name).unwrap_or(Location::Center),
        }
    }

    fn returns(&mut self) -> Result<[ReturnType; 4], Error> {
        let expected = self.expected("one or four return types");
        let mut next = || self.take(ReturnType::from_name);
        let x = next().ok_or(expected.clone())?;
        match (next(), next(), next()) {
            (None, None, None) => Ok([x; 4]),
            (Some(y), Some(z), Some(w)) => Ok([x, y, z, w]),
            _ => Err(expected),
        }
    }

    fn image(&mut self, target: Target) -> Detail {
        let format = self.take(ImageFormat::from_name);
        if format.is_none() {
            self.flag("PIPE_FORMAT_NONE");
        }
        Detail::Image {
            target,
            format,
            writable: self.flag("WR"),
            raw: self.flag("RAW"),
        }
    }

    fn target(&mut self) -> Result<Target, Error> {
        let expected = self.expected("a texture target");
        self.take(Target::from_name).ok_or(expected)
    }

    /// That the next word is not this, or that the declaration lacks it.
    fn expected(&mut self, what: &'static str) -> Error {
        let at = self.words.peek().map_or(self.start, |word| word.at);
        Error::Expected { at, what }
    }

    fn flag(&mut self, name: &str) -> bool {
        self.take(|word| word.eq_ignore_ascii_case(name).then_some(()))
            .is_some()
    }

    fn take<T>(&mut self, from_name: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.words.peek().filter(|word| word.number.is_none())?;
        self.take_numbered(from_name)
    }

    fn take_numbered<T>(&mut self, from_name: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = self.words.peek().and_then(|word| from_name(word.word))?;
        self.words.next();
        Some(value)
    }

    /// Whatever is left stands for nothing there.
    fn finish(&mut self) -> Result<(), Error> {
        match self.words.next() {
            None => Ok(()),
            Some(Word { at, .. }) => Err(Error::Unknown {
                at,
                what: "attribute",
            }),
        }
    }
}
