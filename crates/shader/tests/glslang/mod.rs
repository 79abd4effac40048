//! The reference compiler for GLSL, where it is installed.

use shader::ir::Stage;
use std::io::Write;
use std::process::{Command, Stdio};

/// The compiler's limits: those of a driver, where its own are below.
const LIMITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/glslang/limits.conf");

/// What a compiler says against the text; nothing where there is none to ask.
pub(crate) fn complaint(stage: Stage, text: &str) -> Option<String> {
    let stage = match stage {
        Stage::Vertex => "vert",
        Stage::Fragment => "frag",
        Stage::Geometry => "geom",
        Stage::TessControl => "tesc",
        Stage::TessEvaluation => "tese",
        Stage::Compute => "comp",
    };
    let started = Command::new("glslangValidator")
        .args(["--stdin", "-S", stage, LIMITS])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        println!("SKIPPED: glslangValidator is not there to compile the shader");
        return None;
    };
    let mut input = child.stdin.take().expect("it is piped");
    input
        .write_all(text.as_bytes())
        .expect("it reads its input");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (!output.status.success()).then(|| format!("{said}\n{text}"))
}
