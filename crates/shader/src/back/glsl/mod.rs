//! Writes a shader as GLSL: desktop, 1.30 to 4.60, or OpenGL ES, 3.00 to 3.20.
//!
//! Nothing of the guest's text is in it: every name is made here of a number, and every
//! value is written from its type. What the target's language cannot say is
//! [`Error::Unsupported`].
//!
//! # How a renderer uses it
//!
//! When the guest makes a shader: `front::tgsi::parse`, [`Valid::new`], and
//! [`Interface::new`] for what it takes and gives. When it draws, for each bound stage:
//!
//! 1. Fill a [`Key`] from the context's state. `previous` is the `outputs` of the interface
//!    of the bound stage before, `next` the `inputs` of the one after; a vertex shader
//!    drawing points to a fragment shader has `next` with stage fragment. Keys can be
//!    compared and hashed, so that they find a text made before.
//! 2. [`write()`] the text. `glCompileShader` and `glLinkProgram` of all stages' texts.
//!    [`Program::feedback`] of the last stage goes to `glTransformFeedbackVaryings` before
//!    linking.
//! 3. Bind: attribute `n` is at location `n`, colour `n` at location `n`; where
//!    [`Program::locations_in_text`] is false, the caller makes it so before linking
//!    (`glBindAttribLocation`, `glBindFragDataLocationIndexed`). [`Program`] lists
//!    the uniform blocks, samplers, images, storage and counter buffers by index and name.
//!    Resource `n` has binding `n` plus the first of its kind in [`Bindings`]. Where
//!    [`Program::bindings_in_text`] is false, the caller makes it so for uniform blocks
//!    (`glUniformBlockBinding`) and samplers (`glUniform1i`).
//! 4. Set the [`Uniforms`] that the text asks for.
//!
//! ```
//! use shader::back::glsl::{Extensions, Interface, Key, Target, Version, write};
//! use shader::front::tgsi::parse;
//! use shader::valid::Valid;
//!
//! let vertex = "VERT\nDCL IN[0]\nDCL IN[1]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[3]\n\
//!     MOV OUT[0], IN[0]\nMOV OUT[1], IN[1]\nEND\n";
//! let fragment = "FRAG\nDCL IN[0], GENERIC[3], CONSTANT\nDCL OUT[0], COLOR\n\
//!     MOV OUT[0], IN[0]\nEND\n";
//! let [vertex, fragment] = [vertex, fragment].map(|text| parse(text).map(|parsed| parsed.shader));
//! let (vertex, fragment) = (Valid::new(vertex?)?, Valid::new(fragment?)?);
//!
//! let mut target = Target::new(Version::Desktop(450)).expect("there is such a version");
//! target.extensions = ["GL_ARB_shader_stencil_export"]
//!     .into_iter()
//!     .filter_map(Extensions::from_extension)
//!     .collect();
//! let first = Key {
//!     next: Some(Interface::new(&fragment).inputs),
//!     ..Key::default()
//! };
//! let last = Key {
//!     previous: Some(Interface::new(&vertex).outputs),
//!     ..Key::default()
//! };
//! let (first, last) = (write(&vertex, &target, &first)?, write(&fragment, &target, &last)?);
//! assert!(first.text.contains("flat out uvec4 vs_generic3;"));
//! assert!(last.text.contains("flat in uvec4 vs_generic3;"));
//! assert_eq!(first.attributes, [0, 1]);
//! assert_eq!(last.colors, 0b1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Names begin with the stage (`vs_`, `tcs_`, `tes_`, `gs_`, `fs_`, `cs_`), so that nothing
//! clashes in a program. Varyings are named after the stage that writes them.
//!
//! Every register is unsigned integers, so that bits pass unchanged whatever they mean;
//! varyings between stages before rasterisation are too, and what is flat.

mod access;
mod alu;
mod arrays;
mod bias;
mod body;
mod error;
mod feature;
mod feedback;
mod frame;
mod initial;
mod inputs;
mod key;
mod memory;
mod narrow;
mod outputs;
mod passthrough;
mod program;
mod registers;
mod samplers;
mod stage;
mod target;
mod tess_control;
mod texture;
mod value;
mod variables;
mod wide;

pub use error::{Error, Unsupported};
pub use key::{
    Bindings, Capture, ColorBuffer, Compared, Comparison, Key, Numbers, PointSprite, StreamOutput,
    Swizzle,
};
pub use passthrough::passthrough_tess_control;
pub use program::{
    Constants, Counters, Image, Interface, Linked, Neighbor, Program, Sampler, Storage, Uniforms,
};
pub use target::{Extensions, Target, Version};

use crate::ir::{File, Opcode, Semantic, Shader, Stage};
use crate::valid::{Site, Valid};
use body::Body;
use error::At;
use frame::Frame;
use inputs::Input;
use memory::Memory;
use outputs::Outputs;
use registers::Registers;
use samplers::Samplers;
use std::collections::BTreeSet;
use std::fmt::Write;
use target::Language;

/// The shader as GLSL, and what to bind to it.
///
/// # Errors
///
/// The first thing that cannot be written, and where it is.
pub fn write(valid: &Valid, target: &Target, key: &Key) -> Result<Program, Error> {
    let shader = valid.shader();
    let language = Language::new(*target);
    let frame = Frame {
        shader,
        key,
        language: &language,
    };
    frame.needs(&feature::BIT_ENCODING).at(Site::Shader)?;
    let registers = Registers::new(frame).at(Site::Shader)?;
    let body = write_body(&registers)?;
    let mut out = stage::layout(&frame)?;
    let (outputs, feedback) = write_interface(&mut out, &frame, &registers)?;
    let bindings_in_text = language.has(&feature::BINDING);
    let samplers = body.samplers.write(&frame, &mut out, bindings_in_text);
    let declared = body.memory.write(&frame, &mut out).at(Site::Shader)?;
    let constants = registers.write_blocks(&mut out, bindings_in_text);
    let constants = constants.at(Site::Shader)?;
    registers.write_immediates(&mut out);
    if shader.stage != Stage::TessControl {
        registers.write_variables(&mut out, File::Output);
    }
    write_functions(&mut out, &registers, &body, &outputs).at(Site::Shader)?;
    let head = write_main(&frame, &registers).at(Site::Shader)?;
    let mut text = format!("{}{out}{head}{}}}\n", language.preamble(), body.text);
    if !language.is_es() {
        // Precisions mean nothing there, and no name ends so.
        text = text.replace("highp ", "");
    }
    Ok(Program {
        stage: shader.stage,
        text,
        bindings_in_text,
        locations_in_text: frame.locates(),
        attributes: registers.attributes(),
        constants,
        samplers,
        images: declared.images,
        storage: declared.storage,
        counters: declared.counters,
        uniforms: stage::uniforms(&frame, outputs.uniforms),
        clip_distances: outputs.distances,
        feedback,
        colors: outputs.colors,
        dual_source: key.dual_source && shader.stage == Stage::Fragment,
        workgroup: stage::workgroup(&frame),
    })
}

fn write_body<'a>(registers: &'a Registers<'a>) -> Result<Body<'a>, Error> {
    let shader = registers.frame.shader;
    let mut memory = Memory::new(shader);
    memory.scan(registers).at(Site::Shader)?;
    let mut body = Body {
        registers,
        samplers: Samplers::new(shader),
        memory,
        text: String::new(),
        functions: BTreeSet::new(),
        cases: Vec::new(),
    };
    for (number, instruction) in shader.instructions.iter().enumerate() {
        body.add(instruction).at(Site::Instruction(number))?;
    }
    Ok(body)
}

/// Declares what comes in and goes out; gives the statements that write what goes out, and
/// the names that are captured.
fn write_interface<'a>(
    out: &mut String,
    frame: &Frame<'a>,
    registers: &Registers<'_>,
) -> Result<(Outputs<'a>, Vec<String>), Error> {
    let mut lines = BTreeSet::new();
    let mut outputs = Outputs::new(*frame);
    for (number, declaration) in frame.shader.declarations.iter().enumerate() {
        let site = Site::Declaration(number);
        match declaration.file {
            File::Input | File::SystemValue => {
                inputs::declare(frame, declaration, &mut lines).at(site)?;
            }
            File::Output if frame.shader.stage == Stage::TessControl => {
                tess_control::declare(frame, declaration, &mut lines);
            }
            File::Output => outputs
                .add(declaration, |index| registers.output(index))
                .at(site)?,
            _ => {}
        }
    }
    let feedback = outputs.close().at(Site::Shader)?;
    stage::declare(frame, &mut lines);
    out.push_str(&stage::per_vertex(frame));
    for line in lines.iter().chain(&outputs.lines) {
        let _ = writeln!(out, "{line}");
    }
    Ok((outputs, feedback))
}

fn write_functions(
    out: &mut String,
    registers: &Registers<'_>,
    body: &Body<'_>,
    outputs: &Outputs<'_>,
) -> Result<(), Unsupported> {
    registers.write_readers(out)?;
    for function in &body.functions {
        out.push_str(function);
    }
    if !matches!(
        registers.frame.shader.stage,
        Stage::Compute | Stage::TessControl
    ) {
        let _ = writeln!(out, "void finish() {{\n{}}}", outputs.finish);
    }
    Ok(())
}

/// What `main` begins with.
fn write_main(frame: &Frame<'_>, registers: &Registers<'_>) -> Result<String, Unsupported> {
    let mut out = "void main() {\n".to_owned();
    registers.write_variables(&mut out, File::Temporary);
    registers.write_variables(&mut out, File::Input);
    registers.write_addresses(&mut out);
    registers.write_start(&mut out)?;
    stage::start(frame, &mut out);
    Ok(out)
}

/// The colour buffer that an output is, for framebuffer fetch.
fn fetched(output: &Input) -> Option<u16> {
    match output.varying.semantic {
        Some((Semantic::Color, buffer)) if buffer < 8 => Some(buffer),
        _ => None,
    }
}

/// Whether the shader reads this colour buffer.
fn fetches(shader: &Shader, buffer: u16) -> bool {
    let mut fetches = shader
        .instructions
        .iter()
        .filter(|one| one.opcode == Opcode::Fbfetch)
        .filter_map(|one| one.sources.first())
        .map(|source| source.register.index);
    let register = shader.declarations.iter().find_map(|declaration| {
        let mut found = program::registers(declaration);
        let of_buffer = declaration.file == File::Output;
        let found = found
            .find(|(_, varying)| of_buffer && varying.semantic == Some((Semantic::Color, buffer)));
        found.map(|(index, _)| index)
    });
    let register = register.and_then(|register| i16::try_from(register).ok());
    register
        .is_some_and(|register| fetches.any(|index| index == crate::ir::Index::Direct(register)))
}
