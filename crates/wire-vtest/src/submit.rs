use wire::{ParseError, Reader, Writer};

use crate::drm_sync::{SYNCOBJ_USE_SIZE, SyncobjUse, count};
use crate::extent::{WORD, check_limit};
use crate::limits::{MAX_BATCHES, MAX_SYNCOBJS, MAX_SYNCS};
use crate::sync::{SYNC_POINT_SIZE, SyncPoint};
use crate::{MAX_TIMELINE_COUNT, Version};

/// Batches of commands, executed in order (`VCMD_SUBMIT_CMD2_*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitCmd2<'a> {
    /// The batches, at least one.
    pub batches: Vec<Batch<'a>>,
}

/// One batch (`struct vcmd_submit_cmd2_batch`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch<'a> {
    /// The command stream, whole words.
    pub commands: &'a [u8],
    /// The values that syncs get: when the ring's fence signals, or at once without a ring.
    pub syncs: Vec<SyncPoint>,
    /// The timeline whose fence the batch ends with, below [`MAX_TIMELINE_COUNT`].
    pub ring_idx: Option<u32>,
    /// The client sends a sync-file to wait for (version 4).
    pub in_fence: bool,
    /// The client wants a sync-file of the fence (version 4).
    pub out_fence: bool,
    /// Syncobjs to wait for (version 4).
    pub in_syncobjs: Vec<SyncobjUse>,
    /// Syncobjs to signal (version 4).
    pub out_syncobjs: Vec<SyncobjUse>,
}

bitflags::bitflags! {
    /// `enum vcmd_submit_cmd2_flag`.
    #[derive(Clone, Copy)]
    struct Flags: u32 {
        const RING_IDX = 1;
        const IN_FENCE_FD = 2;
        const OUT_FENCE_FD = 4;
    }
}

/// A batch's header as it lies in the message; offsets and sizes are words of the body.
struct BatchHeader {
    flags: Flags,
    cmd_offset: u32,
    cmd_size: u32,
    sync_offset: u32,
    sync_count: u32,
    ring_idx: u32,
    num_in_syncobj: u32,
    num_out_syncobj: u32,
}

/// Words of a batch header in a client of version 3, and the least that any header has.
const SHORT_HEADER: usize = 6;

/// Words of a batch header in a client of version 4.
const LONG_HEADER: usize = 8;

impl<'a> SubmitCmd2<'a> {
    /// Parses a body of `body_size` bytes and the tail behind it.
    pub(crate) fn parse(
        reader: &mut Reader<'a>,
        body_size: usize,
        version: Version,
    ) -> Result<Self, ParseError> {
        let body = reader.bytes(body_size)?;
        let headers = parse_headers(body, version)?;
        check_totals(&headers, body)?;
        let batches = headers
            .iter()
            .map(|header| Batch::parse(header, body, reader))
            .collect::<Result<_, _>>()?;
        Ok(Self { batches })
    }

    /// Lays the message out as Mesa does: headers, all commands, all syncs, then the tail.
    pub(crate) fn encode(&self, writer: &mut Writer, version: Version) {
        let header_words = header_words(version);
        let headers = 1usize.saturating_add(self.batches.len().saturating_mul(header_words));
        let command_words = self.batches.iter().map(Batch::command_words).sum::<usize>();
        let mut cmd_offset = headers;
        let mut sync_offset = headers.saturating_add(command_words);
        writer.u32(count(&self.batches));
        for batch in &self.batches {
            batch.encode_header(writer, version, cmd_offset, sync_offset);
            cmd_offset = cmd_offset.saturating_add(batch.command_words());
            sync_offset = sync_offset.saturating_add(batch.syncs.len().saturating_mul(3));
        }
        for batch in &self.batches {
            let padding = batch.commands.len().wrapping_neg() % WORD;
            writer.bytes(batch.commands).zeros(padding);
        }
        for sync in self.batches.iter().flat_map(|batch| &batch.syncs) {
            sync.encode(writer);
        }
        if version >= Version::V4 {
            self.batches
                .iter()
                .for_each(|batch| batch.encode_tail(writer));
        }
    }

    /// Words that the length word counts.
    pub(crate) fn body_words(&self, version: Version) -> usize {
        let batch_words = |batch: &Batch<'_>| {
            header_words(version)
                .saturating_add(batch.command_words())
                .saturating_add(batch.syncs.len().saturating_mul(3))
        };
        self.batches
            .iter()
            .fold(1, |words, batch| words.saturating_add(batch_words(batch)))
    }
}

/// Bytes behind the body: syncobjs and a byte for each fence fd.
pub(crate) fn tail_size(body: &[u8], version: Version) -> Result<usize, ParseError> {
    if version < Version::V4 {
        return Ok(0);
    }
    let mut size = 0usize;
    for header in parse_headers(body, version)? {
        let syncobjs = header.num_in_syncobj.saturating_add(header.num_out_syncobj);
        let syncobjs = check_limit("syncobj count", syncobjs, MAX_SYNCOBJS)? as usize;
        let fence = usize::from(header.flags.contains(Flags::IN_FENCE_FD));
        size = size
            .saturating_add(syncobjs.saturating_mul(SYNCOBJ_USE_SIZE))
            .saturating_add(fence);
    }
    Ok(size)
}

fn parse_headers(body: &[u8], version: Version) -> Result<Vec<BatchHeader>, ParseError> {
    let mut reader = Reader::new(body);
    let batches = check_limit("batch count", reader.u32()?, MAX_BATCHES)? as usize;
    if batches == 0 {
        return Err(ParseError::BadValue {
            what: "batch count",
            value: 0,
        });
    }
    let words = match version >= Version::V4 {
        true => LONG_HEADER,
        false => old_header_words(&reader, batches)?,
    };
    (0..batches)
        .map(|_| {
            // The last header of a version 3 message may end before its padding.
            let size = words.saturating_mul(WORD).min(reader.remaining());
            let header = Reader::new(reader.bytes(size)?);
            BatchHeader::parse(header, version)
        })
        .collect()
}

/// Tells how long a version 3 client's batch headers are.
///
/// The header's macros of version 3 (`VCMD_SUBMIT_CMD2_BATCH_*`) say 8 words, its struct
/// has 6, and Mesa writes the struct. Commands never lie inside the headers, so the first
/// batch's offset, which is at the same place in both, tells them apart.
fn old_header_words(headers: &Reader<'_>, batches: usize) -> Result<usize, ParseError> {
    let cmd_offset = BatchHeader::parse(headers.clone(), Version::V3)?.cmd_offset as usize;
    let behind_long_headers = batches.saturating_mul(LONG_HEADER).saturating_add(1);
    Ok(match cmd_offset < behind_long_headers {
        true => SHORT_HEADER,
        false => LONG_HEADER,
    })
}

/// Overlapping batches could make a small message a huge job: together they may not be
/// more than the message holds.
fn check_totals(headers: &[BatchHeader], body: &[u8]) -> Result<(), ParseError> {
    let total = |field: fn(&BatchHeader) -> u32| {
        headers
            .iter()
            .fold(0u64, |sum, header| sum.saturating_add(field(header).into()))
    };
    let limit = |what, got, limit| match got <= limit {
        true => Ok(()),
        false => Err(ParseError::Limit { what, limit, got }),
    };
    let body_words = (body.len() / WORD) as u64;
    limit(
        "total of cmd_size",
        total(|header| header.cmd_size),
        body_words,
    )?;
    limit(
        "total of sync_count",
        total(|header| header.sync_count),
        MAX_SYNCS.into(),
    )
}

impl BatchHeader {
    fn parse(mut reader: Reader<'_>, version: Version) -> Result<Self, ParseError> {
        let flags = reader.u32()?;
        let allowed = match version >= Version::V4 {
            true => Flags::all(),
            false => Flags::RING_IDX,
        };
        let mut header = Self {
            flags: Flags::from_bits(flags)
                .filter(|flags| allowed.contains(*flags))
                .ok_or(ParseError::BadValue {
                    what: "batch flags",
                    value: flags.into(),
                })?,
            cmd_offset: reader.u32()?,
            cmd_size: reader.u32()?,
            sync_offset: reader.u32()?,
            sync_count: reader.u32()?,
            ring_idx: reader.u32()?,
            num_in_syncobj: 0,
            num_out_syncobj: 0,
        };
        if version >= Version::V4 {
            header.num_in_syncobj = reader.u32()?;
            header.num_out_syncobj = reader.u32()?;
        }
        Ok(header)
    }

    fn ring_idx(&self) -> Result<Option<u32>, ParseError> {
        if !self.flags.contains(Flags::RING_IDX) {
            return Ok(None);
        }
        check_limit(
            "ring_idx",
            self.ring_idx,
            MAX_TIMELINE_COUNT.saturating_sub(1),
        )
        .map(Some)
    }
}

impl<'a> Batch<'a> {
    fn parse(
        header: &BatchHeader,
        body: &'a [u8],
        tail: &mut Reader<'a>,
    ) -> Result<Self, ParseError> {
        let sync_bytes = (header.sync_count as usize).saturating_mul(SYNC_POINT_SIZE);
        let cmd_bytes = (header.cmd_size as usize).saturating_mul(WORD);
        let syncs = slice(body, header.sync_offset, sync_bytes)?;
        let batch = Self {
            commands: slice(body, header.cmd_offset, cmd_bytes)?,
            syncs: SyncPoint::parse_all(Reader::new(syncs))?,
            ring_idx: header.ring_idx()?,
            in_fence: header.flags.contains(Flags::IN_FENCE_FD),
            out_fence: header.flags.contains(Flags::OUT_FENCE_FD),
            in_syncobjs: parse_syncobjs(tail, header.num_in_syncobj)?,
            out_syncobjs: parse_syncobjs(tail, header.num_out_syncobj)?,
        };
        tail.skip(usize::from(batch.in_fence))?;
        Ok(batch)
    }

    fn encode_header(
        &self,
        writer: &mut Writer,
        version: Version,
        cmd_offset: usize,
        sync_offset: usize,
    ) {
        let mut flags = Flags::empty();
        flags.set(Flags::RING_IDX, self.ring_idx.is_some());
        flags.set(Flags::IN_FENCE_FD, self.in_fence);
        flags.set(Flags::OUT_FENCE_FD, self.out_fence);
        writer
            .u32(flags.bits())
            .u32(words(cmd_offset))
            .u32(words(self.command_words()))
            .u32(words(sync_offset))
            .u32(count(&self.syncs))
            .u32(self.ring_idx.unwrap_or(0));
        if version >= Version::V4 {
            writer
                .u32(count(&self.in_syncobjs))
                .u32(count(&self.out_syncobjs));
        }
    }

    fn encode_tail(&self, writer: &mut Writer) {
        for syncobj in self.in_syncobjs.iter().chain(&self.out_syncobjs) {
            syncobj.encode(writer);
        }
        writer.zeros(usize::from(self.in_fence));
    }

    fn command_words(&self) -> usize {
        self.commands.len().div_ceil(WORD)
    }
}

/// `size` bytes of `body`, from word `offset` on.
fn slice(body: &[u8], offset: u32, size: usize) -> Result<&[u8], ParseError> {
    let mut reader = Reader::new(body);
    reader.skip((offset as usize).saturating_mul(WORD))?;
    reader.bytes(size)
}

fn parse_syncobjs(reader: &mut Reader<'_>, count: u32) -> Result<Vec<SyncobjUse>, ParseError> {
    (0..count).map(|_| SyncobjUse::parse(reader)).collect()
}

const fn header_words(version: Version) -> usize {
    match version {
        Version::V4 => LONG_HEADER,
        _ => SHORT_HEADER,
    }
}

fn words(words: usize) -> u32 {
    u32::try_from(words).unwrap_or(u32::MAX)
}
