//! What transform feedback captures.

use super::error::Unsupported;
use super::feature;
use super::key::Capture;
use super::outputs::Outputs;
use crate::ir::Stage;
use std::collections::BTreeSet;

/// The most entries of a stream-out declaration (`PIPE_MAX_SO_OUTPUTS`).
const MAX_CAPTURES: usize = 64;
/// The most words of a vertex in a buffer (`GL_MAX_TRANSFORM_FEEDBACK_INTERLEAVED_COMPONENTS`
/// is 128 on all hosts, of 64-bit components at most).
const MAX_STRIDE: u16 = 512;
/// The most buffers.
const MAX_BUFFERS: u8 = 4;

/// The names in the order of buffers and offsets, with what is skipped. Outputs that are
/// captured in part, or as the rasteriser does not see them, get a varying of their own.
pub(super) fn captured(outputs: &mut Outputs<'_>) -> Result<Vec<String>, Unsupported> {
    let stream_output = &outputs.frame.key.stream_output;
    let strides = stream_output.strides;
    let mut captures = stream_output.captures.clone();
    check(&captures, &strides)?;
    captures.sort_by_key(|capture| (capture.buffer, capture.offset));
    let mut names = Vec::new();
    let mut taken = BTreeSet::new();
    let mut at = (0_u8, 0_u16);
    for (number, capture) in captures.iter().enumerate() {
        while at.0 < capture.buffer {
            skip(&mut names, stride(&strides, at.0).saturating_sub(at.1));
            names.push("gl_NextBuffer".to_owned());
            at = (at.0.saturating_add(1), 0);
        }
        let gap = capture.offset.checked_sub(at.1);
        skip(&mut names, gap.ok_or(Unsupported::StreamOutput)?);
        names.push(name(outputs, number, capture, &mut taken)?);
        at.1 = capture.offset.saturating_add(capture.components.into());
    }
    if !captures.is_empty() {
        skip(&mut names, stride(&strides, at.0).saturating_sub(at.1));
    }
    Ok(names)
}

fn check(captures: &[Capture], strides: &[u16; 4]) -> Result<(), Unsupported> {
    let fits = |capture: &Capture| {
        let components = capture.first.saturating_add(capture.components);
        (1..=4).contains(&capture.components)
            && components <= 4
            && capture.buffer < MAX_BUFFERS
            && capture.offset < MAX_STRIDE
            && capture.stream < 4
    };
    let strides = strides.iter().all(|stride| *stride <= MAX_STRIDE);
    match strides && captures.len() <= MAX_CAPTURES && captures.iter().all(fits) {
        true => Ok(()),
        false => Err(Unsupported::StreamOutput),
    }
}

fn stride(strides: &[u16; 4], buffer: u8) -> u16 {
    strides.get(usize::from(buffer)).copied().unwrap_or(0)
}

fn skip(names: &mut Vec<String>, mut words: u16) {
    while words > 0 {
        let step = words.min(4);
        names.push(format!("gl_SkipComponents{step}"));
        words = words.saturating_sub(step);
    }
}

/// The name of a varying that holds just this.
fn name(
    outputs: &mut Outputs<'_>,
    number: usize,
    capture: &Capture,
    taken: &mut BTreeSet<String>,
) -> Result<String, Unsupported> {
    let whole = |name: &str| match name {
        "gl_PointSize" => capture.components == 1,
        _ => capture.components == 4,
    };
    if let Some(name) = outputs.names.get(&capture.register)
        && capture.first == 0
        && capture.stream == 0
        && whole(name)
        && taken.insert(name.clone())
    {
        return Ok(name.clone());
    }
    let register = outputs.registers.get(&capture.register);
    let register = register.ok_or(Unsupported::StreamOutput)?;
    let letters = "xyzw".chars().skip(capture.first.into());
    let letters: String = letters.take(capture.components.into()).collect();
    let kind = match capture.components {
        1 => "uint".to_owned(),
        width => format!("uvec{width}"),
    };
    let name = format!("capture{number}");
    let line = format!("{name} = {register}.{letters};\n");
    outputs.finish.push_str(&line);
    let stream = match (capture.stream, outputs.frame.shader.stage) {
        (0, _) => String::new(),
        (stream, Stage::Geometry) => {
            outputs.frame.needs(&feature::STREAMS)?;
            format!("layout(stream = {stream}) ")
        }
        _ => return Err(Unsupported::StreamOutput),
    };
    outputs
        .lines
        .insert(format!("{stream}flat out {kind} {name};"));
    Ok(name)
}
