//! What a client's process and the one that started it tell each other: lines of JSON, and one
//! file descriptor.

use std::io::{self, BufRead, IoSlice, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use context::{Application, CapsetId, ContextStats};
use door_vtest::{ClientReport, Counts, Outcome};
use rustix::io::retry_on_intr;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Bytes of a line. The longest, an account, has names in it that a guest has chosen.
const MAX_LINE: u64 = 1 << 20;

/// Why no client can be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The renderer cannot start; what it says.
    #[error("{0}")]
    Refused(String),
    /// The process has ended before it could say why.
    #[error("the process that was to serve has failed: {0}")]
    Failed(String),
    /// There is no process.
    #[error("cannot start a process to serve in: {0}; --isolation none needs none")]
    NoProcess(#[from] io::Error),
}

/// A process's first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Start {
    /// It can serve a client, with contexts of these kinds.
    Ready { capsets: Vec<u32> },
    /// It cannot, and why.
    Refused { reason: String },
}

/// A process's second line: it has its client's socket.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Taken;

/// A process's last line: what its client did.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Account {
    #[serde(with = "Report")]
    report: ClientReport,
    is_bug: bool,
    /// Processor time, from its start.
    pub(super) processor: Duration,
}

impl Account {
    pub(super) fn new(Outcome { report, is_bug }: Outcome, processor: Duration) -> Self {
        Self {
            report,
            is_bug,
            processor,
        }
    }
}

impl From<Account> for Outcome {
    fn from(Account { report, is_bug, .. }: Account) -> Self {
        Self { report, is_bug }
    }
}

pub(super) fn write(mut line: impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(message)?;
    text.push(b'\n');
    line.write_all(&text)
}

/// Reads a line; one that is too long, is not whole, or is no such message, is an error.
pub(super) fn read<T: DeserializeOwned>(line: impl BufRead) -> io::Result<T> {
    let mut text = Vec::new();
    line.take(MAX_LINE).read_until(b'\n', &mut text)?;
    match text.last() {
        Some(b'\n') => Ok(serde_json::from_slice(&text)?),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Sends a client's socket, and its number.
pub(super) fn send_client(line: impl AsFd, id: u64, socket: impl AsFd) -> io::Result<()> {
    let fds = [socket.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(&fds)) {
        return Err(io::Error::other("no room for one fd"));
    }
    let id = id.to_ne_bytes();
    let bytes = [IoSlice::new(&id)];
    retry_on_intr(|| sendmsg(&line, &bytes, &mut ancillary, SendFlags::NOSIGNAL))?;
    Ok(())
}

/// Waits for a client's socket; none if the other end is closed.
pub(super) fn receive_client(line: impl AsFd) -> io::Result<Option<(u64, OwnedFd)>> {
    let mut id = [0; 8];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = retry_on_intr(|| {
        let mut bytes = [IoSliceMut::new(&mut id)];
        recvmsg(&line, &mut bytes, &mut ancillary, RecvFlags::CMSG_CLOEXEC)
    })?;
    let socket = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    match (received.bytes, socket) {
        (0, _) => Ok(None),
        (8, Some(socket)) => Ok(Some((u64::from_ne_bytes(id), socket))),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// [`ClientReport`], field by field.
#[derive(Serialize, Deserialize)]
#[serde(remote = "ClientReport")]
struct Report {
    name: String,
    pid: Option<i32>,
    version: u32,
    #[serde(with = "capset")]
    capset: Option<CapsetId>,
    #[serde(with = "Numbers")]
    counts: Counts,
    #[serde(with = "work")]
    context: Option<ContextStats>,
    refusal: Option<String>,
    connected: Duration,
    dropped: Option<String>,
}

/// [`Counts`], field by field.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Counts")]
struct Numbers {
    requests: u64,
    contexts: u64,
    submits: u64,
    command_bytes: u64,
    blobs: u64,
    blob_bytes: u64,
    resources: u64,
    transfers: u64,
    refusals: u64,
    fences: u64,
    waits: u64,
}

/// [`ContextStats`], field by field.
#[derive(Serialize, Deserialize)]
#[serde(remote = "ContextStats")]
struct Work {
    #[serde(with = "program")]
    application: Option<Application>,
    gpus: Vec<String>,
    commands: u64,
    failures: u64,
    draws: u64,
    dispatches: u64,
    pipelines: u64,
    submissions: u64,
    memory_peak: u64,
    reply_bytes: u64,
}

/// [`Application`], field by field.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Application")]
struct Program {
    name: String,
    engine: String,
    api_version: u32,
}

mod capset {
    use context::CapsetId;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &Option<CapsetId>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(|capset| capset.0).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<CapsetId>, D::Error> {
        Ok(Option::deserialize(deserializer)?.map(CapsetId))
    }
}

/// `Option` of what another crate defines.
macro_rules! optional {
    ($module:ident, $type:ty, $fields:literal) => {
        mod $module {
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            #[derive(Serialize)]
            struct Lent<'a>(#[serde(with = $fields)] &'a $type);

            #[derive(Deserialize)]
            struct Owned(#[serde(with = $fields)] $type);

            pub(super) fn serialize<S: Serializer>(
                value: &Option<$type>,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                value.as_ref().map(Lent).serialize(serializer)
            }

            pub(super) fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<$type>, D::Error> {
                Ok(Option::deserialize(deserializer)?.map(|Owned(value)| value))
            }
        }
    };
}

optional!(work, context::ContextStats, "super::Work");
optional!(program, context::Application, "super::Program");

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Read};
    use std::os::unix::net::UnixStream;

    fn report() -> ClientReport {
        ClientReport {
            name: "a client".into(),
            pid: Some(7),
            version: 3,
            capset: Some(CapsetId::VENUS),
            counts: Counts {
                requests: 8,
                waits: u64::MAX,
                ..Counts::default()
            },
            context: Some(ContextStats {
                application: Some(Application {
                    name: "cube\n\"".into(),
                    engine: String::new(),
                    api_version: 9,
                }),
                gpus: vec!["a GPU".into()],
                draws: 10,
                ..ContextStats::default()
            }),
            refusal: Some("too large".into()),
            connected: Duration::from_micros(11),
            dropped: None,
        }
    }

    #[test]
    fn an_account_arrives_as_it_was() {
        for context in [report().context, None] {
            let report = ClientReport {
                context,
                ..report()
            };
            let outcome = Outcome {
                report,
                is_bug: true,
            };
            let said = format!("{outcome:?}");
            let mut bytes = Vec::new();
            write(
                &mut bytes,
                &Account::new(outcome, Duration::from_millis(12)),
            )
            .unwrap();
            let account: Account = read(&bytes[..]).unwrap();
            assert_eq!(account.processor, Duration::from_millis(12));
            assert_eq!(format!("{:?}", Outcome::from(account)), said);
        }
    }

    #[test]
    fn a_line_that_is_broken_off_or_endless_is_an_error() {
        let long = vec![b'x'; 2 << 20];
        for bytes in [&b""[..], b"{\"Ready\":{\"capsets\":[4]}}", b"{}\n", &long] {
            assert!(read::<Start>(bytes).is_err());
        }
        let sound = &b"{\"Ready\":{\"capsets\":[4]}}\n"[..];
        assert!(matches!(
            read(BufReader::new(sound)).unwrap(),
            Start::Ready { capsets } if capsets == [4]
        ));
    }

    #[test]
    fn a_socket_crosses_with_its_number() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (mut client, socket) = UnixStream::pair().unwrap();
        send_client(&ours, 0x0102_0304_0506, socket).unwrap();
        let (id, socket) = receive_client(&theirs).unwrap().unwrap();
        assert_eq!(id, 0x0102_0304_0506);
        client.write_all(b"x").unwrap();
        let mut byte = [0];
        UnixStream::from(socket).read_exact(&mut byte).unwrap();
        assert_eq!(byte, *b"x");
        drop(ours);
        assert!(receive_client(&theirs).unwrap().is_none());
    }
}
