//! The reference compiler for GLSL.
#![allow(dead_code, reason = "each test that asks it asks in one way")]

use shader::back::glsl::Program;
use shader::ir::Stage;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

/// The compiler's limits: those of a driver, where its own are below.
const LIMITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/glslang/limits.conf");

/// What to do where there is no compiler: nothing was tested then.
const INSTALL: &str = "glslangValidator starts; install the package `glslang-tools`";

/// The text as the compiler understands it: before 1.50 it lacks the functions of
/// `ARB_shader_bit_encoding`, and has ones of their types instead.
fn known(text: &str) -> String {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if !matches!(first, "#version 130" | "#version 140") {
        return text.to_owned();
    }
    // Extensions have to come before all else.
    let is_extension = |line: &&str| line.starts_with('#');
    let extensions: Vec<_> = rest.lines().take_while(is_extension).collect();
    let body: Vec<_> = rest.lines().skip_while(is_extension).collect();
    let mut functions = String::new();
    for (from, to, name) in [
        ("", "u", "floatBitsToUint"),
        ("", "i", "floatBitsToInt"),
        ("u", "", "uintBitsToFloat"),
        ("i", "", "intBitsToFloat"),
    ] {
        let scalar = |prefix| match prefix {
            "u" => "uint",
            "i" => "int",
            _ => "float",
        };
        let (one, other) = (scalar(from), scalar(to));
        functions += &format!("{other} {name}({one} v) {{ return {other}(v); }}\n");
        for width in 2..=4 {
            let (one, other) = (format!("{from}vec{width}"), format!("{to}vec{width}"));
            functions += &format!("{other} {name}({one} v) {{ return {other}(v); }}\n");
        }
    }
    let (extensions, body) = (extensions.join("\n"), body.join("\n"));
    format!("{first}\n{extensions}\n{functions}{body}\n")
}

/// What a compiler says against the text.
pub(crate) fn complaint(stage: Stage, text: &str) -> Option<String> {
    let mut child = Command::new("glslangValidator")
        .args(["--stdin", "-S", ending(stage), LIMITS])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect(INSTALL);
    let mut input = child.stdin.take().expect("it is piped");
    input
        .write_all(known(text).as_bytes())
        .expect("it reads its input");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (!output.status.success()).then(|| format!("{said}\n{text}"))
}

/// What a compiler says against any of the texts, each by itself.
pub(crate) fn complaint_of_any(programs: &[(String, Program)]) -> Option<String> {
    let folder = tempfile::tempdir().expect("there is room for files");
    let mut command = Command::new("glslangValidator");
    command.arg(LIMITS);
    for (name, program) in programs {
        let name = format!("{name}.{}", ending(program.stage));
        let path = folder.path().join(name);
        fs::write(&path, known(&program.text)).expect("it can be written");
        command.arg(path);
    }
    let output = command.output().expect(INSTALL);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (!output.status.success()).then_some(said)
}

/// What a linker says against the stages together.
pub(crate) fn link_complaint(programs: &[Program]) -> Option<String> {
    let folder = tempfile::tempdir().expect("there is room for files");
    let mut command = Command::new("glslangValidator");
    command.args(["-l", LIMITS]);
    for program in programs {
        let name = format!("stage.{}", ending(program.stage));
        let path = folder.path().join(name);
        fs::write(&path, known(&program.text)).expect("it can be written");
        command.arg(path);
    }
    let output = command.output().expect(INSTALL);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let texts = programs.iter().map(|program| program.text.as_str());
    let texts = texts.collect::<Vec<_>>().join("\n");
    (!output.status.success()).then(|| format!("{said}\n{texts}"))
}

const fn ending(stage: Stage) -> &'static str {
    match stage {
        Stage::Vertex => "vert",
        Stage::Fragment => "frag",
        Stage::Geometry => "geom",
        Stage::TessControl => "tesc",
        Stage::TessEvaluation => "tese",
        Stage::Compute => "comp",
    }
}
