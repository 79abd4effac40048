//! Bytes from and to a guest: a bounded reader, a writer, and what can be wrong with bytes.
#![forbid(unsafe_code)]

mod error;
mod guest;
mod reader;
mod writer;

pub use error::ParseError;
pub use guest::Guest;
pub use reader::Reader;
pub use writer::Writer;
