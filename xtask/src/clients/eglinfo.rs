//! `eglinfo`: which OpenGL a client sees.

use std::fmt;
use std::time::Duration;

use super::stage::{Road, Stage};
use crate::error::{Error, Result};

/// Without a window system.
pub(crate) const OPTIONS: [&str; 3] = ["-B", "-p", "surfaceless"];

const LIMIT: Duration = Duration::from_secs(30);

/// What it says of the core profile and of OpenGL ES.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenGl {
    pub(crate) renderer: String,
    /// Of the core profile, as in 4.6.
    pub(crate) core: String,
    pub(crate) es: String,
}

impl OpenGl {
    /// Whether this is the guest half on a host that is `host`, and not some driver of the
    /// room's own.
    pub(crate) fn is_virgl_on(&self, host: &Self) -> bool {
        let inner = self.renderer.strip_prefix("virgl (");
        let inner = inner.and_then(|rest| rest.strip_suffix(')'));
        inner.is_some_and(|inner| inner.eq_ignore_ascii_case(&host.renderer))
    }
}

/// Runs it by `road`.
pub(crate) fn opengl(stage: &Stage, road: Road) -> Result<OpenGl> {
    let program = stage.program("eglinfo")?;
    let words = [&[program.as_str()], &OPTIONS[..]].concat();
    parse(&stage.run(road, &words, LIMIT)?)
}

pub(crate) fn parse(text: &str) -> Result<OpenGl> {
    let read = || {
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let core = value("OpenGL core profile version: ")?;
        let es = value("OpenGL ES profile version: OpenGL ES ")?;
        Some(OpenGl {
            renderer: value("OpenGL core profile renderer: ")?.trim().to_owned(),
            core: core.split_whitespace().next()?.to_owned(),
            es: es.split_whitespace().next()?.to_owned(),
        })
    };
    read().ok_or_else(|| Error::Rule(format!("eglinfo names no OpenGL:\n{text}")))
}

impl fmt::Display for OpenGl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { renderer, core, es } = self;
        write!(out, "{renderer}, OpenGL {core}, OpenGL ES {es}")
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    const TEXT: &str = "EGL version string: 1.5\nOpenGL core profile renderer: virgl (LLVMPIPE (LLVM 22.1.8, 256 bits))\nOpenGL core profile version: 4.3 (Core Profile) Mesa 26.2.6-1\nOpenGL ES profile version: OpenGL ES 3.2 Mesa 26.2.6-1\n";

    #[test]
    fn versions_are_read() {
        let seen = parse(TEXT).expect("sound");
        assert_eq!((seen.core.as_str(), seen.es.as_str()), ("4.3", "3.2"));
        let native = TEXT
            .replace("virgl (LLVMPIPE", "llvmpipe")
            .replace("))", ")");
        let native = parse(&native).expect("sound");
        assert_eq!(native.renderer, "llvmpipe (LLVM 22.1.8, 256 bits)");
        assert!(seen.is_virgl_on(&native));
        assert!(!native.is_virgl_on(&native) && !seen.is_virgl_on(&seen));
        assert!(parse("EGL version string: 1.5\n").is_err());
    }
}
