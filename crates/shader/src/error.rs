//! What can be wrong with a shader.

use crate::front::Position;
use crate::valid::{Rule, Site};

/// Why a shader was refused. Every variant is the guest's fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is longer than [`crate::limits::MAX_TEXT_BYTES`].
    #[error("the text has {got} bytes, the limit is {limit}")]
    TextTooLong {
        /// Bytes received.
        got: usize,
        /// Bytes accepted.
        limit: usize,
    },
    /// Something else stands where the grammar wants this.
    #[error("{at}: expected {what}")]
    Expected {
        /// Where.
        at: Position,
        /// What the grammar wants there.
        what: &'static str,
    },
    /// A word stands for nothing in its place: an opcode, a semantic, a property.
    #[error("{at}: unknown {what}")]
    Unknown {
        /// Where the word begins.
        at: Position,
        /// The set that it should be from.
        what: &'static str,
    },
    /// A number is outside its field.
    #[error("{at}: {what} is out of range")]
    OutOfRange {
        /// Where the number begins.
        at: Position,
        /// The field.
        what: &'static str,
    },
    /// There are more of these than the named limit.
    #[error("{at}: more than {limit} {what}")]
    TooMany {
        /// Where the first one too many begins.
        at: Position,
        /// What is counted.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Something that may be said once is said twice.
    #[error("{at}: {what} given twice")]
    Twice {
        /// Where the second begins.
        at: Position,
        /// What was repeated.
        what: &'static str,
    },
    /// A numbered instruction or immediate is not at its number's place.
    #[error("{at}: {what} numbered out of order")]
    OutOfOrder {
        /// Where it begins.
        at: Position,
        /// What is numbered.
        what: &'static str,
    },
    /// The text is TGSI and the shader breaks one of its rules.
    #[error("{site}: {rule}")]
    Broken {
        /// What breaks it.
        site: Site,
        /// The rule.
        rule: Rule,
    },
}
