//! Blocks: each is closed by what opens it, and left only from inside.

use super::rule::{Rule, Site};
use super::{At, holds};
use crate::error::Error;
use crate::ir::{Instruction, Opcode};
use crate::limits::MAX_NESTING;

/// A block that is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    If,
    Else,
    Loop,
    Switch { entered: bool, default: bool },
}

/// Blocks are balanced, and END comes last.
pub(super) fn check(instructions: &[Instruction]) -> Result<(), Error> {
    let mut open = Vec::new();
    let last = instructions.len().saturating_sub(1);
    holds(!instructions.is_empty(), Rule::End).at(Site::Shader)?;
    for (number, instruction) in instructions.iter().enumerate() {
        let site = Site::Instruction(number);
        let ends = instruction.opcode == Opcode::End;
        holds(!ends || open.is_empty(), Rule::StillOpen).at(site)?;
        holds(ends == (number == last), Rule::End).at(site)?;
        step(&mut open, instruction.opcode).at(site)?;
    }
    Ok(())
}

fn step(open: &mut Vec<Block>, opcode: Opcode) -> Result<(), Rule> {
    use Opcode as O;
    if let Some(Block::Switch { entered: false, .. }) = open.last() {
        let enters = matches!(opcode, O::Case | O::Default | O::Endswitch);
        holds(enters, Rule::BeforeCase)?;
    }
    match opcode {
        O::If | O::Uif => push(open, Block::If),
        O::Else => match open.last_mut() {
            Some(block @ Block::If) => {
                *block = Block::Else;
                Ok(())
            }
            Some(Block::Else) => Err(Rule::SecondBranch),
            _ => Err(Rule::NotOpen),
        },
        O::Endif => pop(open, |block| matches!(block, Block::If | Block::Else)),
        O::Bgnloop => push(open, Block::Loop),
        O::Endloop => pop(open, |block| block == Block::Loop),
        O::Switch => push(
            open,
            Block::Switch {
                entered: false,
                default: false,
            },
        ),
        O::Case => enter(open, false),
        O::Default => enter(open, true),
        O::Endswitch => pop(open, |block| matches!(block, Block::Switch { .. })),
        O::Brk => {
            let left = |block: &Block| matches!(block, Block::Loop | Block::Switch { .. });
            holds(open.iter().any(left), Rule::NotOpen)
        }
        O::Cont => holds(open.contains(&Block::Loop), Rule::NotOpen),
        O::Cal | O::Bgnsub | O::Endsub => Err(Rule::Subroutine),
        _ => Ok(()),
    }
}

fn push(open: &mut Vec<Block>, block: Block) -> Result<(), Rule> {
    holds(open.len() < MAX_NESTING, Rule::TooDeep)?;
    open.push(block);
    Ok(())
}

fn pop(open: &mut Vec<Block>, closes: impl Fn(Block) -> bool) -> Result<(), Rule> {
    let block = open.pop().ok_or(Rule::NotOpen)?;
    holds(closes(block), Rule::NotOpen)
}

/// A CASE or DEFAULT stands directly in its SWITCH, and there is one DEFAULT.
fn enter(open: &mut [Block], is_default: bool) -> Result<(), Rule> {
    match open.last_mut() {
        Some(Block::Switch { entered, default }) => {
            holds(!(is_default && *default), Rule::SecondBranch)?;
            *entered = true;
            *default |= is_default;
            Ok(())
        }
        _ => Err(Rule::NotOpen),
    }
}
