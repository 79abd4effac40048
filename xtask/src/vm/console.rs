//! What a guest says on its serial console, and how it is answered.

use std::io::Write;
use std::process::ChildStdin;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

/// A line of a guest's, as its first process and its tests write them (`tests/vm/init.sh`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The first process runs.
    Started {
        kernel: String,
    },
    /// Something for the machine outside to do; the guest waits for an answer.
    Ask(Vec<String>),
    /// Something for the table of results.
    Note(String),
    Failed(String),
    Ended {
        test: String,
        status: String,
    },
    Done {
        status: String,
    },
    Panic(String),
    Other,
}

/// What came next.
pub(super) enum Next {
    Line(Line),
    /// QEMU has closed the console.
    Closed,
    TimedOut,
}

pub(super) struct Console {
    pub(super) lines: Receiver<String>,
    pub(super) input: ChildStdin,
}

impl Console {
    pub(super) fn next(&self, deadline: Instant) -> Next {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.lines.recv_timeout(left) {
            Ok(line) => Next::Line(Line::parse(&line)),
            Err(RecvTimeoutError::Timeout) => Next::TimedOut,
            Err(RecvTimeoutError::Disconnected) => Next::Closed,
        }
    }

    /// Answers a guest's [`Line::Ask`].
    pub(super) fn answer(&mut self, answer: Result<String, String>) {
        let line = match answer {
            Ok(text) => format!("VM-OK {text}\n"),
            Err(text) => format!("VM-ERROR {}\n", text.replace('\n', " ")),
        };
        // A guest that is gone needs no answer; that it is gone is seen elsewhere.
        let _ = self.input.write_all(line.as_bytes());
    }
}

impl Line {
    fn parse(line: &str) -> Self {
        let line = line.trim_end();
        // The firmware's last control sequences stand before the first line.
        let text = line.find("VM-").map_or(line, |at| &line[at..]);
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let value = |name: &str| {
            let mut words = rest.split(' ');
            let found = words.find_map(|word| word.strip_prefix(name));
            found.unwrap_or_default().to_owned()
        };
        match word {
            "VM-START" => Self::Started {
                kernel: value("kernel="),
            },
            "VM-ASK" => Self::Ask(rest.split_whitespace().map(str::to_owned).collect()),
            "VM-NOTE" => Self::Note(rest.to_owned()),
            "VM-TEST-END" => Self::Ended {
                test: rest.split(' ').next().unwrap_or_default().to_owned(),
                status: value("rc="),
            },
            "VM-DONE" => Self::Done {
                status: value("rc="),
            },
            "FAILED:" => Self::Failed(rest.to_owned()),
            _ if line.contains("Kernel panic") => Self::Panic(line.to_owned()),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn lines() {
        let started = "\u{1b}[2J\u{1b}[01;01HVM-START uptime=1.23 kernel=6.12.1\r\n";
        let kernel = "6.12.1".to_owned();
        assert_eq!(Line::parse(started), Line::Started { kernel });
        let ask = ["screendump", "a.png"].map(str::to_owned).into();
        assert_eq!(Line::parse("VM-ASK screendump a.png\r"), Line::Ask(ask));
        let ended = Line::Ended {
            test: "bars".to_owned(),
            status: "0".to_owned(),
        };
        assert_eq!(Line::parse("VM-TEST-END bars rc=0"), ended);
        let status = "1".to_owned();
        assert_eq!(Line::parse("VM-DONE rc=1"), Line::Done { status });
        assert_eq!(Line::parse("hello"), Line::Other);
        assert!(matches!(
            Line::parse("[ 1.0] Kernel panic - not syncing: x"),
            Line::Panic(_)
        ));
        assert_eq!(Line::parse("FAILED: a b"), Line::Failed("a b".to_owned()));
    }
}
