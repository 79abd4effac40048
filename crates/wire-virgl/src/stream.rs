use wire::{ParseError, Reader};

use crate::codec::Wire;
use crate::command::Command;
use crate::header::{CommandId, Header};

/// What is wrong with a command stream, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}at word {word}: {source}", self.prefix())]
pub struct StreamError {
    /// The command, if its number is one.
    pub command: Option<CommandId>,
    /// Where it starts.
    pub word: usize,
    /// What is wrong.
    pub source: ParseError,
}

impl StreamError {
    fn prefix(&self) -> String {
        self.command
            .map(|command| format!("{command} "))
            .unwrap_or_default()
    }
}

/// A submission's commands, one after the other. Ends at the first error, because nothing
/// says where the next command would start, or what it would rely on.
#[derive(Clone, Debug)]
pub struct CommandStream<'a> {
    reader: Reader<'a>,
    size: usize,
}

impl<'a> CommandStream<'a> {
    /// Reads commands from the start of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(bytes),
            size: bytes.len(),
        }
    }

    /// Words that are behind.
    pub const fn word(&self) -> usize {
        self.size.saturating_sub(self.reader.remaining()) / 4
    }

    fn parse_next(&mut self) -> Result<Command<'a>, (Option<CommandId>, ParseError)> {
        let header = Header::parse(&mut self.reader).map_err(|error| (None, error))?;
        let at = |error| (Some(header.command), error);
        let size = usize::from(header.words).saturating_mul(4);
        let payload = self.reader.bytes(size).map_err(at)?;
        Command::parse(header, payload).map_err(at)
    }
}

impl<'a> Iterator for CommandStream<'a> {
    type Item = Result<Command<'a>, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.reader.remaining() == 0 {
            return None;
        }
        let word = self.word();
        let command = self.parse_next().map_err(|(command, source)| {
            self.reader = Reader::new(&[]);
            StreamError {
                command,
                word,
                source,
            }
        });
        Some(command)
    }
}
