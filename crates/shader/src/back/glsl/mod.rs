//! Writes a shader as desktop GLSL, core profile, 3.30 or later.
//!
//! Nothing of the guest's text is in it: every name is made here of a number, and every
//! value is written from its type. What is not written yet, or what the target's version
//! cannot say, is [`Error::Unsupported`].
//!
//! Names that the caller binds: attribute `n` is at location `n`; constants of buffer `n`
//! are the uniform block `Constants`n; sampler `n` is the uniform `s`n; colour `n` is at
//! location `n`. [`Options`] names the uniforms that it asks for.

mod alu;
mod body;
mod double;
mod error;
mod interface;
mod registers;
mod target;
mod texture;
mod value;

pub use error::{Error, Unsupported};
pub use target::{Numbers, Options, Target};

use crate::ir::{File, NumericProperty, Property, Shader, Stage};
use crate::valid::{Site, Valid};
use body::Body;
use error::At;
use interface::Outputs;
use registers::Registers;
use std::collections::BTreeSet;
use std::fmt::Write;
use texture::Samplers;

/// The shader as GLSL.
///
/// # Errors
///
/// The first thing that cannot be written, and where it is.
pub fn write(valid: &Valid, target: Target, options: &Options) -> Result<String, Error> {
    let shader = valid.shader();
    if !matches!(shader.stage, Stage::Vertex | Stage::Fragment) {
        return Err(Unsupported::Stage).at(Site::Shader);
    }
    let registers = Registers::new(shader, options, target).at(Site::Shader)?;
    let mut body = Body {
        target,
        registers: &registers,
        samplers: Samplers::new(shader),
        text: String::new(),
    };
    for (number, instruction) in shader.instructions.iter().enumerate() {
        body.add(instruction).at(Site::Instruction(number))?;
    }
    let mut out = format!("#version {} core\n", target.version());
    write_properties(&mut out, shader, target)?;
    let finish = write_interface(&mut out, shader, target, options, &registers)?;
    body.samplers.write(&mut out);
    registers.write_blocks(&mut out);
    registers.write_immediates(&mut out);
    registers.write_variables(&mut out, File::Output);
    let _ = writeln!(out, "void finish() {{\n{finish}}}\nvoid main() {{");
    registers.write_variables(&mut out, File::Temporary);
    registers.write_variables(&mut out, File::Input);
    registers.write_addresses(&mut out);
    registers.write_start(&mut out).at(Site::Shader)?;
    out.push_str(&body.text);
    out.push_str("}\n");
    Ok(out)
}

/// Refuses the properties that would change what comes out and are not written.
fn write_properties(out: &mut String, shader: &Shader, target: Target) -> Result<(), Error> {
    use NumericProperty as N;
    for (number, property) in shader.properties.iter().enumerate() {
        let site = Site::Property(number);
        match property {
            Property::Number(N::FsEarlyDepthStencil, 1..) => {
                target.needs(420).at(site)?;
                out.push_str("layout(early_fragment_tests) in;\n");
            }
            Property::Number(
                N::VsWindowSpacePosition
                | N::FsPostDepthCoverage
                | N::MulZeroWins
                | N::LegacyMathRules
                | N::LayerViewportRelative
                | N::FsBlendEquationAdvanced,
                1..,
            ) => return Err(Unsupported::Property).at(site),
            _ => {}
        }
    }
    Ok(())
}

/// Declares what comes in and goes out; gives the statements that write what goes out.
fn write_interface(
    out: &mut String,
    shader: &Shader,
    target: Target,
    options: &Options,
    registers: &Registers<'_>,
) -> Result<String, Error> {
    let mut lines = BTreeSet::new();
    let mut outputs = Outputs::new(target, options, shader);
    for (number, declaration) in shader.declarations.iter().enumerate() {
        let site = Site::Declaration(number);
        match declaration.file {
            File::Input | File::SystemValue => {
                interface::inputs(target, options, shader, &mut lines, declaration).at(site)?;
            }
            File::Output => outputs
                .add(declaration, |index| registers.output(index))
                .at(site)?,
            _ => {}
        }
    }
    outputs.close();
    for line in lines.iter().chain(&outputs.lines) {
        let _ = writeln!(out, "{line}");
    }
    Ok(outputs.finish)
}
