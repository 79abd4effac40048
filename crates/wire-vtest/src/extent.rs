use wire::{ParseError, Reader, Writer};

use crate::limits::{MAX_NAME, MAX_SUBMIT, MAX_SYNCOBJS, MAX_SYNCS, MAX_TRANSFER};
use crate::{Command, Version, submit, transfer};

/// Bytes of a message's header (`VTEST_HDR_SIZE` words).
pub const HEADER_SIZE: usize = 8;

/// Bytes of a word.
pub(crate) const WORD: usize = 4;

/// The two words that every request starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the length word says: words, or bytes for [`Command::CreateRenderer`].
    pub length: u32,
    /// What the client wants.
    pub command: Command,
}

/// How far a message reaches in the bytes received so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The message, or what tells its length, goes on up to this many bytes at least.
    Needs(usize),
    /// The message is this many bytes.
    Complete(usize),
}

impl Header {
    /// Reads a header; a number that names no command is an error, and so is a command
    /// that the negotiated version does not have.
    pub fn parse(bytes: &[u8], version: Version) -> Result<Self, ParseError> {
        let mut reader = Reader::new(bytes);
        let length = reader.u32()?;
        let number = reader.u32()?;
        match Command::from_number(number) {
            Some(command) if command.since() <= version => Ok(Self { length, command }),
            _ => Err(ParseError::BadValue {
                what: "command number",
                value: number.into(),
            }),
        }
    }

    pub(crate) fn encode(self, writer: &mut Writer) {
        writer.u32(self.length).u32(self.command.number());
    }

    /// Bytes between the header and the tail, checked against the command.
    pub(crate) fn body_size(self) -> Result<usize, ParseError> {
        match body_shape(self.command) {
            Shape::Words(words) if self.length == words => Ok(size(words)),
            Shape::Words(_) => Err(ParseError::BadValue {
                what: "length",
                value: self.length.into(),
            }),
            Shape::WordsWhateverLength(words) => Ok(size(words)),
            Shape::UpToWords(limit) => Ok(size(check_limit("words", self.length, limit)?)),
            Shape::UpToBytes(limit) => Ok(check_limit("bytes", self.length, limit)? as usize),
        }
    }
}

/// The extent of the request that `bytes` starts with.
pub(crate) fn request(bytes: &[u8], version: Version) -> Result<Extent, ParseError> {
    if bytes.len() < HEADER_SIZE {
        return Ok(Extent::Needs(HEADER_SIZE));
    }
    let header = Header::parse(bytes, version)?;
    let body_end = HEADER_SIZE.saturating_add(header.body_size()?);
    let Some(body) = bytes.get(HEADER_SIZE..body_end) else {
        return Ok(Extent::Needs(body_end));
    };
    let end = body_end.saturating_add(tail_size(header.command, body, version)?);
    Ok(match bytes.len() < end {
        true => Extent::Needs(end),
        false => Extent::Complete(end),
    })
}

/// What the length word counts and may be.
enum Shape {
    Words(u32),
    /// The length word is not to be trusted: Mesa adds the data's words, which then are in
    /// the tail or, for `TRANSFER_PUT2`, nowhere.
    WordsWhateverLength(u32),
    UpToWords(u32),
    UpToBytes(u32),
}

fn body_shape(command: Command) -> Shape {
    use Command as C;
    match command {
        C::CreateRenderer => Shape::UpToBytes(MAX_NAME),
        C::SubmitCmd | C::SubmitCmd2 => Shape::UpToWords(MAX_SUBMIT / 4),
        C::SyncWait => Shape::UpToWords(MAX_SYNCS.saturating_mul(3).saturating_add(2)),
        C::TransferPut => Shape::WordsWhateverLength(11),
        C::TransferPut2 => Shape::WordsWhateverLength(10),
        C::GetCaps | C::GetCaps2 | C::PingProtocolVersion | C::DrmSyncFdToHandle => Shape::Words(0),
        C::ResourceUnref
        | C::ProtocolVersion
        | C::GetParam
        | C::ContextInit
        | C::SyncUnref
        | C::SyncRead
        | C::DrmSyncCreate
        | C::DrmSyncDestroy
        | C::DrmSyncHandleToFd
        | C::DrmSyncImportSyncFile
        | C::DrmSyncExportSyncFile
        | C::DrmSyncReset
        | C::DrmSyncSignal
        | C::DrmSyncTimelineSignal
        | C::ResourceExportFd => Shape::Words(1),
        C::ResourceBusyWait | C::GetCapset | C::SyncCreate | C::DrmSyncQuery => Shape::Words(2),
        C::SyncWrite => Shape::Words(3),
        C::DrmSyncWait | C::DrmSyncTimelineWait => Shape::Words(4),
        C::ResourceCreateBlob => Shape::Words(6),
        C::DrmSyncTransfer => Shape::Words(7),
        C::ResourceCreate | C::TransferGet2 => Shape::Words(10),
        C::ResourceCreate2 | C::TransferGet => Shape::Words(11),
    }
}

/// Bytes after the body that the length word does not count.
fn tail_size(command: Command, body: &[u8], version: Version) -> Result<usize, ParseError> {
    use Command as C;
    match command {
        C::TransferPut => {
            let data = transfer::data_size(body)?;
            Ok(check_limit("transfer size", data, MAX_TRANSFER)? as usize)
        }
        C::SubmitCmd2 => submit::tail_size(body, version),
        C::DrmSyncFdToHandle | C::DrmSyncImportSyncFile => Ok(1),
        C::DrmSyncWait | C::DrmSyncReset | C::DrmSyncSignal | C::DrmSyncQuery => {
            Ok(syncobj_count(body)?.saturating_mul(WORD))
        }
        C::DrmSyncTimelineWait | C::DrmSyncTimelineSignal => {
            Ok(syncobj_count(body)?.saturating_mul(3 * WORD))
        }
        _ => Ok(0),
    }
}

/// The first word of a syncobj message's body.
fn syncobj_count(body: &[u8]) -> Result<usize, ParseError> {
    let count = Reader::new(body).u32()?;
    Ok(check_limit("syncobj count", count, MAX_SYNCOBJS)? as usize)
}

pub(crate) fn check_limit(what: &'static str, got: u32, limit: u32) -> Result<u32, ParseError> {
    match got <= limit {
        true => Ok(got),
        false => Err(ParseError::Limit {
            what,
            limit: limit.into(),
            got: got.into(),
        }),
    }
}

/// Bytes of `words` words; all callers have limited `words` far below overflow.
fn size(words: u32) -> usize {
    (words as usize).saturating_mul(WORD)
}
