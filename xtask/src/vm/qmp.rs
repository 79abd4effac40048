//! QEMU's machine protocol: one JSON object a line.

use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{Error, Result};

/// Longer than any command here takes, even on a busy machine; a QEMU that hangs answers never.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Qmp {
    stream: BufReader<UnixStream>,
}

/// What one line says.
#[derive(Debug, PartialEq)]
enum Message {
    Answer(Value),
    Refusal(String),
    /// The greeting and events.
    Other,
}

impl Qmp {
    /// Connects to the socket called `name` in `folder`.
    pub(super) fn connect(folder: &Path, name: &str) -> Result<Self> {
        let at = Error::io("connect to QEMU in", folder);
        let stream = connect(folder, name).map_err(at)?;
        let mut qmp = Self {
            stream: BufReader::new(stream),
        };
        qmp.execute("qmp_capabilities", &json!({}))?;
        Ok(qmp)
    }

    /// Runs `command` and returns what QEMU answers.
    pub(super) fn execute(&mut self, command: &str, arguments: &Value) -> Result<Value> {
        let line = json!({"execute": command, "arguments": arguments}).to_string();
        let failed = |what: String| Error::Rule(format!("QMP {command}: {what}"));
        let sent = writeln!(self.stream.get_mut(), "{line}");
        sent.map_err(|error| failed(error.to_string()))?;
        loop {
            let mut line = String::new();
            match self.stream.read_line(&mut line) {
                Ok(0) => return Err(failed("QEMU has gone".to_owned())),
                Ok(_) => {}
                Err(error) => return Err(failed(format!("no answer: {error}"))),
            }
            match message(&line) {
                Message::Answer(value) => return Ok(value),
                Message::Refusal(text) => return Err(failed(text)),
                Message::Other => {}
            }
        }
    }
}

/// By the folder's file descriptor: the whole path can be too long for a socket's address.
fn connect(folder: &Path, name: &str) -> std::io::Result<UnixStream> {
    let folder = std::fs::File::open(folder)?;
    let short = format!("/proc/self/fd/{}/{name}", folder.as_raw_fd());
    let stream = UnixStream::connect(short)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn message(line: &str) -> Message {
    let Ok(value) = serde_json::from_str::<Value>(line) else {
        return Message::Refusal(format!("not JSON: {line}"));
    };
    if let Some(answer) = value.get("return") {
        return Message::Answer(answer.clone());
    }
    match value.get("error") {
        Some(error) => Message::Refusal(error["desc"].as_str().unwrap_or_default().to_owned()),
        None => Message::Other,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixStream;

    use serde_json::json;

    use super::{Message, Qmp, message};

    #[test]
    fn messages() {
        assert_eq!(message(r#"{"return": {}}"#), Message::Answer(json!({})));
        let refusal = r#"{"error": {"class": "GenericError", "desc": "no surface"}}"#;
        assert_eq!(message(refusal), Message::Refusal("no surface".to_owned()));
        assert_eq!(message(r#"{"event": "RESET"}"#), Message::Other);
        assert!(matches!(message("{"), Message::Refusal(_)));
    }

    #[test]
    fn events_before_an_answer_are_passed_over() {
        let (here, there) = UnixStream::pair().expect("a pair");
        let server = std::thread::spawn(move || {
            let mut there = BufReader::new(there);
            let mut line = String::new();
            there.read_line(&mut line).expect("a line");
            let stream = there.get_mut();
            writeln!(stream, r#"{{"event": "STOP"}}"#).expect("sent");
            writeln!(stream, r#"{{"return": 7}}"#).expect("sent");
            line
        });
        let stream = BufReader::new(here);
        let mut qmp = Qmp { stream };
        let answer = qmp.execute("stop", &json!({"a": 1})).expect("an answer");
        assert_eq!(answer, json!(7));
        let sent = server.join().expect("the server ran");
        assert_eq!(sent, "{\"arguments\":{\"a\":1},\"execute\":\"stop\"}\n");
        assert!(qmp.execute("quit", &json!({})).is_err(), "it has gone");
    }
}
