//! Words, numbers and marks.

use crate::error::Error;
use crate::front::Position;

/// A place in the text that moves forward. White space is skipped before anything is read.
pub(super) struct Cursor<'a> {
    text: &'a str,
    offset: usize,
    line: u32,
    line_start: usize,
    /// The line of the last thing read, which looking ahead leaves behind.
    last_line: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            offset: 0,
            line: 1,
            line_start: 0,
            last_line: 0,
        }
    }

    /// Where the next thing begins, white space aside.
    pub(super) fn position(&mut self) -> Position {
        self.skip_white();
        let column = self
            .offset
            .saturating_sub(self.line_start)
            .saturating_add(1);
        Position {
            line: self.line,
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// Goes to the next statement; whether there is one. It has to begin a line.
    pub(super) fn next_statement(&mut self) -> Result<bool, Error> {
        let at = self.position();
        match self.peek() {
            None => Ok(false),
            Some(_) if self.line > self.last_line => Ok(true),
            Some(_) => Err(Error::Expected {
                at,
                what: "the end of the line",
            }),
        }
    }

    /// The next letters, digits and underscores, perhaps none.
    pub(super) fn word(&mut self) -> &'a str {
        self.skip_white();
        self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    /// What [`Self::word`] will give.
    pub(super) fn peek_word(&mut self) -> &'a str {
        let word = self.word();
        self.offset = self.offset.saturating_sub(word.len());
        word
    }

    /// The next word as a value of a closed set.
    pub(super) fn named<T>(
        &mut self,
        what: &'static str,
        from_name: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Error> {
        let at = self.position();
        from_name(self.word()).ok_or(Error::Unknown { at, what })
    }

    /// The next characters that a number may be spelled with, perhaps none.
    pub(super) fn numeral(&mut self) -> &'a str {
        self.skip_white();
        self.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-'))
    }

    /// A decimal number without a sign, at most `limit`.
    pub(super) fn unsigned<T>(&mut self, what: &'static str, limit: T) -> Result<T, Error>
    where
        T: TryFrom<u64> + PartialOrd,
    {
        let at = self.position();
        let digits = self.word();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::Expected { at, what });
        }
        digits
            .parse::<u64>()
            .ok()
            .and_then(|number| T::try_from(number).ok())
            .filter(|number| *number <= limit)
            .ok_or(Error::OutOfRange { at, what })
    }

    /// A decimal number of 16 bits, perhaps with a sign.
    pub(super) fn signed(&mut self, what: &'static str) -> Result<i16, Error> {
        let at = self.position();
        let negative = self.eat(b'-');
        if !negative {
            self.eat(b'+');
        }
        let magnitude = i32::from(self.unsigned(what, u16::MAX)?);
        i16::try_from(if negative { -magnitude } else { magnitude })
            .map_err(|_| Error::OutOfRange { at, what })
    }

    /// Whether the next character is this mark.
    pub(super) fn sees(&mut self, mark: u8) -> bool {
        self.skip_white();
        self.peek() == Some(mark)
    }

    /// Whether the next character is this mark; if so, goes past it.
    pub(super) fn eat(&mut self, mark: u8) -> bool {
        let seen = self.sees(mark);
        if seen {
            self.last_line = self.line;
            self.offset = self.offset.saturating_add(1);
        }
        seen
    }

    /// Goes past this mark, which has to come next.
    pub(super) fn expect(&mut self, mark: u8, what: &'static str) -> Result<(), Error> {
        let at = self.position();
        if self.eat(mark) {
            Ok(())
        } else {
            Err(Error::Expected { at, what })
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn skip_white(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.peek() {
            self.offset = self.offset.saturating_add(1);
            if byte == b'\n' {
                self.line = self.line.saturating_add(1);
                self.line_start = self.offset;
            }
        }
    }

    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.text.get(self.offset..).unwrap_or("");
        let length = rest
            .bytes()
            .position(|byte| !belongs(byte))
            .unwrap_or(rest.len());
        self.offset = self.offset.saturating_add(length);
        self.last_line = self.line;
        rest.get(..length).unwrap_or("")
    }
}
