//! Clients that draw again and again while others are killed.

use std::collections::BTreeMap;
use std::fmt;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, ScopedJoinHandle};

use super::server::Server;
use crate::error::{Error, Result};

/// Three clients, and the scenes of each; all of them where none is named.
const CLIENTS: [(&str, &[&str]); 3] = [
    ("gl-client", &["render"]),
    ("vulkan-client", &["render"]),
    ("gl-client", &["render"]),
];

/// Checksums by scene.
type Pictures = BTreeMap<String, String>;

/// The clients, and what each draws when nobody is killed.
pub(super) struct Steady<'a> {
    server: &'a Server,
    expected: Vec<Pictures>,
}

/// Clients that draw.
pub(super) struct Drawing<'scope> {
    threads: Vec<ScopedJoinHandle<'scope, Result<Frames>>>,
}

/// How many pictures were compared.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frames {
    compared: u64,
    runs: u64,
}

impl<'a> Steady<'a> {
    /// Draws everything twice, undisturbed: what is not the same both times cannot be compared.
    pub(super) fn prepare(server: &'a Server) -> Result<Self> {
        let expected = CLIENTS.iter().map(|(program, arguments)| {
            let first = pictures(server, program, arguments)?;
            let second = pictures(server, program, arguments)?;
            if first != second || first.is_empty() {
                let text = format!("{program}: undisturbed: {first:?} and {second:?}");
                return Err(Error::Rule(text));
            }
            Ok(first)
        });
        Ok(Self {
            server,
            expected: expected.collect::<Result<_>>()?,
        })
    }

    /// Starts them.
    pub(super) fn draw<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
        stop: &'scope AtomicBool,
    ) -> Drawing<'scope> {
        let threads = CLIENTS.iter().zip(&self.expected);
        let threads = threads.map(|((program, arguments), expected)| {
            scope.spawn(move || {
                let drawn = self.draw_again_and_again(program, arguments, expected, stop);
                // What one of them finds ends all.
                stop.store(true, Ordering::Relaxed);
                drawn
            })
        });
        Drawing {
            threads: threads.collect(),
        }
    }

    fn draw_again_and_again(
        &self,
        program: &str,
        arguments: &[&str],
        expected: &Pictures,
        stop: &AtomicBool,
    ) -> Result<Frames> {
        let mut frames = Frames::default();
        while !stop.load(Ordering::Relaxed) {
            let found = pictures(self.server, program, arguments)?;
            if found != *expected {
                let text = format!("{program} draws {found:?}, and not {expected:?}");
                return Err(Error::Rule(text));
            }
            frames.compared += found.len() as u64;
            frames.runs += 1;
        }
        Ok(frames)
    }
}

impl Drawing<'_> {
    /// Waits until each has drawn all of its scenes.
    pub(super) fn finish(self) -> Result<Frames> {
        let mut all = Frames::default();
        for thread in self.threads {
            let frames = thread
                .join()
                .map_err(|_| Error::Rule("a client's thread has panicked".into()))??;
            if frames.runs == 0 {
                return Err(Error::Rule("a client has drawn nothing".into()));
            }
            all.compared += frames.compared;
            all.runs += frames.runs;
        }
        Ok(all)
    }
}

/// What a client draws; it is an error if it does not draw all to the end.
fn pictures(server: &Server, program: &str, arguments: &[&str]) -> Result<Pictures> {
    let mut client = server.client(program, arguments);
    client.stdin(Stdio::null());
    client.stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |source| Error::Spawn {
        command: program.into(),
        source,
    };
    let child = client.spawn().map_err(failed)?;
    let pid = child.id();
    let output = child.wait_with_output().map_err(failed)?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let log = server.log_of(pid);
        let status = output.status;
        let text = format!("{program} (pid {pid}) ended with {status}:\n{said}\n{errors}\n{log}");
        return Err(Error::Rule(text));
    }
    let drawn = said.lines().filter_map(|line| {
        let (scene, checksum) = line.strip_prefix("OK ")?.split_once(' ')?;
        Some((scene.to_owned(), checksum.to_owned()))
    });
    Ok(drawn.collect())
}

impl fmt::Display for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { compared, runs } = self;
        write!(
            f,
            "{} other clients drew {compared} pictures in {runs} runs, none wrong, none missing",
            CLIENTS.len()
        )
    }
}
