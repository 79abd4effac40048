//! Whether a shader keeps TGSI's rules, before anything is made of it.
//!
//! Each rule is one function. What they let through, the passes behind them may assume:
//! blocks are balanced and not too deep, what is named directly is declared, destinations
//! can be written, and each operation may stand where it stands. Images are the exception:
//! an index that is named directly may be any, even negative, where there are images at all,
//! and what is outside must be treated as nothing bound.
//!
//! Subroutines are refused: Mesa's virgl driver inlines every function, and without them
//! there is no recursion to look for.

mod declarations;
mod flow;
mod operands;
mod properties;
mod registers;
mod rule;
mod stage;
mod textures;

use crate::error::Error;
use crate::ir::{Instruction, Shader};
use registers::Registers;
pub use rule::{Rule, Site};

/// A shader that keeps the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Valid(Shader);

impl Valid {
    /// Holds the shader against the rules.
    ///
    /// # Errors
    ///
    /// The first broken rule, and what breaks it.
    pub fn new(shader: Shader) -> Result<Self, Error> {
        for (number, property) in shader.properties.iter().enumerate() {
            properties::check(shader.stage, *property).at(Site::Property(number))?;
        }
        properties::check_presence(&shader).at(Site::Shader)?;
        for (number, declaration) in shader.declarations.iter().enumerate() {
            let site = Site::Declaration(number);
            declarations::check(shader.stage, declaration).at(site)?;
        }
        let registers = Registers::new(&shader)?;
        for (number, instruction) in shader.instructions.iter().enumerate() {
            check_instruction(&shader, &registers, instruction).at(Site::Instruction(number))?;
        }
        flow::check(&shader.instructions)?;
        Ok(Self(shader))
    }

    /// The shader.
    pub const fn shader(&self) -> &Shader {
        &self.0
    }
}

fn check_instruction(
    shader: &Shader,
    registers: &Registers,
    instruction: &Instruction,
) -> Result<(), Rule> {
    stage::check(shader.stage, instruction)?;
    operands::check(shader.stage, registers, instruction)?;
    textures::check(registers, instruction)
}

/// Says what broke the rule.
trait At {
    fn at(self, site: Site) -> Result<(), Error>;
}

impl At for Result<(), Rule> {
    fn at(self, site: Site) -> Result<(), Error> {
        self.map_err(|rule| Error::Broken { site, rule })
    }
}

/// The rule holds, or it is broken.
fn holds(truth: bool, rule: Rule) -> Result<(), Rule> {
    if truth { Ok(()) } else { Err(rule) }
}
