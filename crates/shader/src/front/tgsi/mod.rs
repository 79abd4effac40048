//! Reads TGSI text as Mesa writes it (`src/gallium/auxiliary/tgsi/tgsi_dump.c`).
//!
//! A statement begins a line. Words may be in either case, as in virglrenderer's parser;
//! instructions may go without their numbers. Everything else is as Mesa writes it, and
//! what Mesa would not write is an error: nothing is skipped.

mod cursor;
mod declaration;
mod immediate;
mod instruction;
mod property;
mod register;

use super::Position;
use crate::error::Error;
use crate::ir::{Shader, Stage};
use crate::limits::{MAX_DECLARATIONS, MAX_IMMEDIATES, MAX_INSTRUCTIONS, MAX_TEXT_BYTES};
use crate::valid::Site;
use cursor::Cursor;

/// A shader, and where its parts stand in the text.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The shader.
    pub shader: Shader,
    /// Where its parts stand.
    pub places: Places,
}

/// Where the parts of a shader stand in its text.
#[derive(Clone, Debug, Default)]
pub struct Places {
    properties: Vec<Position>,
    declarations: Vec<Position>,
    instructions: Vec<Position>,
}

impl Places {
    /// Where this begins; nothing for the shader as a whole, and for what there is not.
    pub fn position(&self, site: Site) -> Option<Position> {
        match site {
            Site::Shader => None,
            Site::Property(number) => self.properties.get(number).copied(),
            Site::Declaration(number) => self.declarations.get(number).copied(),
            Site::Instruction(number) => self.instructions.get(number).copied(),
        }
    }
}

/// Reads one shader.
///
/// # Errors
///
/// The text is too long, or is not TGSI; the error tells the line and column.
pub fn parse(text: &str) -> Result<Parsed, Error> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(Error::TextTooLong {
            got: text.len(),
            limit: MAX_TEXT_BYTES,
        });
    }
    let mut cursor = Cursor::new(text);
    let stage = cursor.named("stage", Stage::from_name)?;
    let mut parsed = Parsed {
        shader: Shader {
            stage,
            properties: Vec::new(),
            declarations: Vec::new(),
            immediates: Vec::new(),
            instructions: Vec::new(),
        },
        places: Places::default(),
    };
    while cursor.next_statement()? {
        parsed.read_statement(&mut cursor)?;
    }
    Ok(parsed)
}

impl Parsed {
    fn read_statement(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Error> {
        let at = cursor.position();
        let shader = &mut self.shader;
        match cursor.peek_word() {
            word if word.eq_ignore_ascii_case("PROPERTY") => {
                shader
                    .properties
                    .push(property::read(cursor, &shader.properties)?);
                self.places.properties.push(at);
            }
            word if word.eq_ignore_ascii_case("DCL") => {
                within(
                    at,
                    shader.declarations.len(),
                    MAX_DECLARATIONS,
                    "declarations",
                )?;
                shader.declarations.push(declaration::read(cursor)?);
                self.places.declarations.push(at);
            }
            word if word.eq_ignore_ascii_case("IMM") => {
                let number = shader.immediates.len();
                within(at, number, MAX_IMMEDIATES, "immediates")?;
                shader.immediates.push(immediate::read(cursor, number)?);
            }
            _ => {
                let number = shader.instructions.len();
                within(at, number, MAX_INSTRUCTIONS, "instructions")?;
                shader.instructions.push(instruction::read(cursor, number)?);
                self.places.instructions.push(at);
            }
        }
        Ok(())
    }
}

fn within(at: Position, count: usize, limit: usize, what: &'static str) -> Result<(), Error> {
    if count < limit {
        Ok(())
    } else {
        Err(Error::TooMany { at, what, limit })
    }
}
