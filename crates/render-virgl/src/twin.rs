//! Buffers that the guest maps, on a GL that does not take the guest's pages for its own.
//!
//! GL has a buffer of its own, the guest maps pages, and the *twin* is what the two last agreed
//! on. Before a command uses the buffer, what differs between the pages and the twin is what the
//! guest wrote, and goes to GL. Before a fence is made, what differs between GL's buffer and the
//! twin is what GL wrote, and goes to the pages, byte by byte: what the guest writes beside it at
//! the same time is not lost.
//!
//! ```text
//! pages --what differs--> twin --> GL's buffer     before the first use in a submission
//! pages <--what differs-- twin <-- GL's buffer     before a fence signals, if commands wrote
//! ```
//! Once a submission is enough: a guest's program has written what its commands shall see before
//! it gives the command, and so before the guest submits it.
//!
//! GL is waited for where it is read. Behind commands that wrote to a mapped buffer, the thread that
//! waits for fences does that, with the fence (a [`Promise`]), and the guest goes on meanwhile; where
//! the guest uses such a buffer in a later submission before that, or waits for all that it gave,
//! it is done there.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use host_gl::{Buffer, Current, enums as gl};
use host_memory::Shm;
use wire_virgl::{DrawVbo, LaunchGrid};

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::program::Linked;
use crate::resource::Resource;
use crate::sub_context::Dirty;

/// Bytes that are compared at once, and uploaded together if one of them differs: a page. Less
/// makes more uploads, more copies what nobody changed.
const BLOCK: usize = 4096;

/// Bytes that are read from GL at once.
const CHUNK: usize = 1 << 20;

/// The pages of a buffer, and what they and GL last agreed on.
#[derive(Debug)]
pub(crate) struct Twin {
    pages: Shm,
    agreed: Mutex<Agreed>,
}

#[derive(Debug)]
struct Agreed {
    bytes: Vec<u8>,
    /// In which submission the pages were looked at last, and which part of them.
    seen: (Submission, Range<usize>),
    /// What GL may have written since it was read.
    written: Option<Range<u64>>,
    /// What of that is promised to fences, and to how many.
    promised: (Option<Range<u64>>, usize),
    /// Changes when promises end because what they are about is read already.
    generation: u64,
}

/// To bring the guest what GL wrote to a part of a buffer, once the GPU has come past it.
#[derive(Debug)]
pub(crate) struct Promise {
    resource: Arc<Resource>,
    part: Range<u64>,
    generation: u64,
}

impl Promise {
    /// Does it, in any context. The GPU is past what wrote the part.
    pub(crate) fn keep(&self, gl: &Current<'_>) -> Result<()> {
        let Some(twin) = self.resource.twin() else {
            return Ok(());
        };
        let mut agreed = twin.lock();
        if agreed.generation != self.generation {
            return Ok(());
        }
        let left = agreed.promised.1.saturating_sub(1);
        agreed.promised.1 = left;
        if left == 0 {
            agreed.promised.0 = None;
        }
        agreed.fetch(gl, self.resource.buffer()?, &twin.pages, self.part.clone())
    }
}

/// A number for each submission of any guest, and each transfer besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Submission(u64);

impl Submission {
    /// The next, which no one else has.
    pub(crate) fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed).saturating_add(1))
    }
}

/// A guest's buffers with twins.
#[derive(Debug, Default)]
pub(crate) struct Twins {
    /// Whether it ever had one: most guests never do, and no draw of theirs looks for any.
    pub(crate) any: bool,
    submission: Submission,
    /// What GL may have written to.
    written: Vec<Arc<Resource>>,
    /// What fences bring back that were not reached when this was looked at last.
    promised: Vec<Arc<Resource>>,
}

/// What a command does with a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It reads it, at most.
    Reads,
    /// It reads no more than this part.
    ReadsPart(Range<u64>),
    /// It may write to this part.
    Writes(Range<u64>),
}

impl Scope<'_> {
    /// Before a draw, for all the buffers that it uses.
    pub(crate) fn prepare_draw(&mut self, draw: &DrawVbo) -> Result<()> {
        if !self.twins.any {
            return Ok(());
        }
        let indirect = draw.indirect.iter();
        let parameters = indirect.flat_map(|one| [one.resource, one.draw_count_resource]);
        for id in parameters.flatten() {
            self.prepare(&self.resource(id)?, Use::Reads)?;
        }
        let (gl, state, twins) = (self.gl, &mut *self.state, &mut *self.twins);
        for (resource, part) in state.vertices.parts(draw) {
            twins.prepare(gl, resource, Use::ReadsPart(part))?;
        }
        if let Some(indices) = state
            .vertices
            .indices
            .as_ref()
            .filter(|_| draw.draw.indexed)
        {
            twins.prepare(gl, &indices.resource, Use::Reads)?;
        }
        // What the last draw of the submission was given is looked at already.
        let of_program = Dirty::RESOURCES | Dirty::PROGRAM | Dirty::SHADERS;
        let changed = state.dirty.intersects(of_program);
        if changed || state.prepared != twins.submission {
            if let Some(linked) = state.programs.current() {
                linked.each_buffer(state, &mut |resource, used| {
                    twins.prepare(gl, resource, used)
                })?;
            }
            state.prepared = twins.submission;
        }
        if state.programs.streams() {
            for (resource, used) in state.streamout.targets() {
                twins.prepare(gl, resource, used)?;
            }
        }
        Ok(())
    }

    /// Before a dispatch, for all the buffers that it uses.
    pub(crate) fn prepare_dispatch(&mut self, linked: &Linked, grid: &LaunchGrid) -> Result<()> {
        if !self.twins.any {
            return Ok(());
        }
        if let Some(id) = grid.indirect {
            self.prepare(&self.resource(id)?, Use::Reads)?;
        }
        let (gl, twins) = (self.gl, &mut *self.twins);
        linked.each_buffer(self.state, &mut |resource, used| {
            twins.prepare(gl, resource, used)
        })
    }

    /// Before a command uses the buffer: brings GL what the guest wrote.
    pub(crate) fn prepare(&mut self, resource: &Arc<Resource>, used: Use) -> Result<()> {
        self.twins.prepare(self.gl, resource, used)
    }
}

impl Twins {
    /// Begins a submission. What nobody can map any more needs no reading.
    pub(crate) fn begin(&mut self) {
        self.submission = Submission::next();
        self.written
            .retain(|resource| Arc::strong_count(resource) > 1);
        let is_promised = |resource: &Arc<Resource>| resource.twin().is_some_and(Twin::is_promised);
        self.promised.retain(is_promised);
    }

    /// Before a command uses the buffer: brings GL what the guest wrote.
    pub(crate) fn prepare(
        &mut self,
        gl: &Current<'_>,
        resource: &Arc<Resource>,
        used: Use,
    ) -> Result<()> {
        let Some(twin) = resource.twin() else {
            return Ok(());
        };
        let part = match &used {
            Use::ReadsPart(part) => part.clone(),
            Use::Reads | Use::Writes(_) => ALL,
        };
        twin.upload(gl, resource.buffer()?, self.submission, part)?;
        if let Use::Writes(part) = used {
            twin.note_written(part);
            if !self.written.iter().any(|one| Arc::ptr_eq(one, resource)) {
                self.written.push(Arc::clone(resource));
            }
        }
        Ok(())
    }

    /// Whether GL may have written what no fence brings to the guest yet.
    pub(crate) fn has_written(&self) -> bool {
        !self.written.is_empty()
    }

    /// Whether GL may have written what the guest has not got.
    pub(crate) fn has_new(&self) -> bool {
        self.has_written() || !self.promised.is_empty()
    }

    /// Before a fence: what is to be brought to the guest when it is reached.
    pub(crate) fn promise(&mut self, gl: &Current<'_>) -> Vec<Promise> {
        let written = std::mem::take(&mut self.written);
        if !written.is_empty() && gl.caps().is_at_least(42, 31) {
            gl.memory_barrier(gl::BUFFER_UPDATE_BARRIER_BIT);
        }
        let promise = |resource: Arc<Resource>| {
            let (part, generation) = resource.twin()?.promise()?;
            if !self.promised.iter().any(|one| Arc::ptr_eq(one, &resource)) {
                self.promised.push(Arc::clone(&resource));
            }
            Some(Promise {
                resource,
                part,
                generation,
            })
        };
        written.into_iter().filter_map(promise).collect()
    }

    /// Brings the guest all that GL wrote, also what is promised.
    pub(crate) fn read_back(&mut self, gl: &Current<'_>) -> Result<()> {
        let written = std::mem::take(&mut self.written);
        for resource in written.into_iter().chain(self.promised.drain(..)) {
            if let Some(twin) = resource.twin() {
                twin.read_back(gl, resource.buffer()?)?;
            }
        }
        Ok(())
    }
}

/// Does a transfer of no submission's; what it writes, the guest sees at once.
pub(crate) fn around(
    gl: &Current<'_>,
    resource: &Resource,
    transfer: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let Some(twin) = resource.twin() else {
        return transfer();
    };
    let buffer = resource.buffer()?;
    twin.upload(gl, buffer, Submission::next(), ALL)?;
    transfer()?;
    twin.note_written(0..buffer.size());
    twin.read_back(gl, buffer)
}

impl Twin {
    /// Of a new buffer: all is zero.
    pub(crate) fn new(pages: Shm, size: u64) -> Result<Self> {
        let size = usize::try_from(size).map_err(|_| host_gl::Error::OutOfMemory)?;
        Ok(Self {
            pages,
            agreed: Mutex::new(Agreed {
                bytes: vec![0; size],
                seen: (Submission::default(), 0..0),
                written: None,
                promised: (None, 0),
                generation: 0,
            }),
        })
    }

    /// Brings GL what the guest wrote to a part, unless that was done in this submission.
    pub(crate) fn upload(
        &self,
        gl: &Current<'_>,
        buffer: &Buffer,
        submission: Submission,
        part: Range<u64>,
    ) -> Result<()> {
        let mut agreed = self.lock();
        if agreed.seen.0 != submission {
            agreed.seen = (submission, 0..0);
        }
        let part = blocks(part, agreed.bytes.len());
        let (unseen, seen) = widen(&agreed.seen.1, part);
        if unseen.iter().all(Range::is_empty) {
            return Ok(());
        }
        // Blocks are uploaded whole: what GL wrote in them has to be known first.
        agreed.read_back(gl, buffer, &self.pages)?;
        for part in unseen {
            agreed.upload(gl, buffer, &self.pages, part)?;
        }
        agreed.seen.1 = seen;
        Ok(())
    }

    /// Brings the guest what GL wrote.
    pub(crate) fn read_back(&self, gl: &Current<'_>, buffer: &Buffer) -> Result<()> {
        self.lock().read_back(gl, buffer, &self.pages)
    }

    /// Notes that GL may write to a part.
    pub(crate) fn note_written(&self, part: Range<u64>) {
        let mut agreed = self.lock();
        agreed.written = Some(both(agreed.written.take(), part));
    }

    /// Who is about to keep a promise is not waited for.
    fn is_promised(&self) -> bool {
        let agreed = self.agreed.try_lock();
        agreed.map_or(true, |agreed| agreed.promised.1 > 0)
    }

    /// Promises what GL may have written; which part, and until when that holds.
    fn promise(&self) -> Option<(Range<u64>, u64)> {
        let mut agreed = self.lock();
        let part = agreed.written.take()?;
        let (promised, count) = &mut agreed.promised;
        *promised = Some(both(promised.take(), part.clone()));
        *count = count.saturating_add(1);
        Some((part, agreed.generation))
    }

    fn lock(&self) -> MutexGuard<'_, Agreed> {
        self.agreed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Agreed {
    /// Each byte of the pages is read once: what is compared is what is uploaded.
    fn upload(
        &mut self,
        gl: &Current<'_>,
        buffer: &Buffer,
        pages: &Shm,
        part: Range<usize>,
    ) -> Result<()> {
        let mut changed: Option<Range<usize>> = None;
        let mut block = [0; BLOCK];
        let mut at = part.start;
        while at < part.end {
            let known = self.bytes.get_mut(at..part.end).unwrap_or_default();
            let size = known.len().min(BLOCK);
            let (Some(known), Some(now)) = (known.get_mut(..size), block.get_mut(..size)) else {
                break;
            };
            pages.read(at as u64, now).map_err(|_| OUTSIDE)?;
            let end = at.saturating_add(size);
            if *known != *now {
                known.copy_from_slice(now);
                changed = Some(changed.map_or(at, |run| run.start)..end);
            } else if let Some(run) = changed.take() {
                write(gl, buffer, &self.bytes, run)?;
            }
            at = end;
        }
        match changed {
            Some(run) => write(gl, buffer, &self.bytes, run),
            None => Ok(()),
        }
    }

    fn read_back(&mut self, gl: &Current<'_>, buffer: &Buffer, pages: &Shm) -> Result<()> {
        let (promised, count) = std::mem::take(&mut self.promised);
        if count > 0 {
            self.generation = self.generation.wrapping_add(1);
        }
        let Some(written) = promised
            .into_iter()
            .chain(self.written.take())
            .reduce(|one, other| both(Some(one), other))
        else {
            return Ok(());
        };
        if gl.caps().is_at_least(42, 31) {
            gl.memory_barrier(gl::BUFFER_UPDATE_BARRIER_BIT);
        }
        self.fetch(gl, buffer, pages, written)
    }

    /// Brings the guest what differs in a part of GL's buffer.
    fn fetch(
        &mut self,
        gl: &Current<'_>,
        buffer: &Buffer,
        pages: &Shm,
        written: Range<u64>,
    ) -> Result<()> {
        let bound = |at: u64| usize::try_from(at).map_or(self.bytes.len(), |at| at);
        let (mut at, end) = (bound(written.start), bound(written.end));
        let end = end.min(self.bytes.len());
        let mut chunk = vec![0; end.saturating_sub(at).min(CHUNK)];
        while at < end {
            let size = (end - at).min(CHUNK);
            let (Some(now), Some(known)) = (
                chunk.get_mut(..size),
                self.bytes
                    .get_mut(at..)
                    .and_then(|known| known.get_mut(..size)),
            ) else {
                break;
            };
            gl.read_buffer(buffer, at as u64, now)?;
            for run in runs(known, now) {
                let place = (at as u64).saturating_add(run.start as u64);
                let bytes = now.get(run).unwrap_or_default();
                pages.write(place, bytes).map_err(|_| OUTSIDE)?;
            }
            known.copy_from_slice(now);
            at = at.saturating_add(size);
        }
        Ok(())
    }
}

/// From the start of the first to the end of the last.
fn both(one: Option<Range<u64>>, other: Range<u64>) -> Range<u64> {
    let one = one.unwrap_or(other.clone());
    one.start.min(other.start)..one.end.max(other.end)
}

/// The part in whole blocks, of so many bytes.
fn blocks(part: Range<u64>, len: usize) -> Range<usize> {
    let bound = |at: u64| usize::try_from(at).map_or(len, |at| at.min(len));
    let end = bound(part.end).next_multiple_of(BLOCK).min(len);
    let start = bound(part.start) / BLOCK * BLOCK;
    start.min(end)..end
}

/// What of a part, and of what is between it and what is seen, is not seen yet: before it and
/// behind it; and what is seen then.
fn widen(seen: &Range<usize>, part: Range<usize>) -> ([Range<usize>; 2], Range<usize>) {
    if part.is_empty() {
        return ([0..0, 0..0], seen.clone());
    }
    if seen.is_empty() {
        return ([part.clone(), 0..0], part);
    }
    let all = seen.start.min(part.start)..seen.end.max(part.end);
    ([all.start..seen.start, seen.end..all.end], all)
}

/// The part of a buffer that is all of it.
const ALL: Range<u64> = 0..u64::MAX;

fn write(gl: &Current<'_>, buffer: &Buffer, bytes: &[u8], run: Range<usize>) -> Result<()> {
    let start = run.start as u64;
    Ok(gl.write_buffer(buffer, start, bytes.get(run).unwrap_or_default())?)
}

/// Where the bytes of two slices of the same length differ.
fn runs<'a>(old: &'a [u8], new: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut at = 0usize;
    std::iter::from_fn(move || {
        let start = at.saturating_add(first_difference(old.get(at..)?, new.get(at..)?)?);
        let rest = old.get(start..)?.iter().zip(new.get(start..)?);
        at = start.saturating_add(rest.take_while(|(old, new)| old != new).count());
        Some(start..at)
    })
}

/// Whole blocks first, which is as fast as memory.
fn first_difference(old: &[u8], new: &[u8]) -> Option<usize> {
    let same = old
        .chunks(BLOCK)
        .zip(new.chunks(BLOCK))
        .take_while(|(old, new)| old == new)
        .count();
    let start = same.saturating_mul(BLOCK);
    let rest = old.get(start..)?.iter().zip(new.get(start..)?);
    let skipped = rest.take_while(|(old, new)| old == new).count();
    let place = start.saturating_add(skipped);
    (place < old.len()).then_some(place)
}

const OUTSIDE: Error = Error::Outside("a buffer's blob");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_looked_at_once() {
        let all = 3 * BLOCK + 5;
        assert_eq!(blocks(1..2, all), 0..BLOCK);
        assert_eq!(blocks(BLOCK as u64..BLOCK as u64, all), BLOCK..BLOCK);
        assert_eq!(blocks(3 * BLOCK as u64 + 1..u64::MAX, all), 3 * BLOCK..all);
        assert_eq!(blocks(u64::MAX..u64::MAX, all), 3 * BLOCK..all);
        assert_eq!(blocks(ALL, 0), 0..0);
        assert_eq!(widen(&(0..0), 4..8), ([4..8, 0..0], 4..8));
        assert_eq!(widen(&(4..8), 5..6), ([4..4, 8..8], 4..8));
        assert_eq!(widen(&(4..8), 6..12), ([4..4, 8..12], 4..12));
        assert_eq!(widen(&(4..8), 10..12), ([4..4, 8..12], 4..12));
        assert_eq!(widen(&(4..8), 0..2), ([0..4, 8..8], 0..8));
        assert_eq!(widen(&(4..8), 0..9), ([0..4, 8..9], 0..9));
        assert_eq!(widen(&(4..8), 2..2), ([0..0, 0..0], 4..8));
    }

    #[test]
    fn runs_are_the_bytes_that_differ() {
        let old = vec![0; 3 * BLOCK];
        let mut new = old.clone();
        assert_eq!(runs(&old, &new).count(), 0);
        for at in [0, 1, 5, BLOCK - 1, BLOCK, 2 * BLOCK + 7, 3 * BLOCK - 1] {
            new[at] = 1;
        }
        let found: Vec<_> = runs(&old, &new).collect();
        let expected = [
            0..2,
            5..6,
            BLOCK - 1..BLOCK + 1,
            2 * BLOCK + 7..2 * BLOCK + 8,
            3 * BLOCK - 1..3 * BLOCK,
        ];
        assert_eq!(found, expected);
        assert_eq!(runs(&[], &[]).count(), 0);
    }
}
