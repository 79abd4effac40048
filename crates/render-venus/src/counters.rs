//! What a context does, in numbers: counted without locks where it is done often.

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use context::{Application, ContextStats};
use vulkan_types as t;
use vulkan_types::Request;

use crate::context_impl::lock;

/// A context's counters.
#[derive(Default)]
pub(crate) struct Counters {
    done: [AtomicU64; KINDS],
    memory: AtomicU64,
    memory_peak: AtomicU64,
    told: Mutex<Told>,
}

/// What is said once or twice.
#[derive(Default)]
struct Told {
    application: Option<Application>,
    gpus: Vec<String>,
}

/// What one thread of execution has done since it last told the context: a thread counts for
/// itself, so that threads do not get in each other's way.
#[derive(Default)]
pub(crate) struct Tally {
    done: [Cell<u64>; KINDS],
}

/// What is counted.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Commands,
    Draws,
    Dispatches,
    Pipelines,
    Submissions,
    ReplyBytes,
}

const KINDS: usize = 6;

/// Numbers of commands that may be counted as more than commands.
const COUNTABLE: usize = 512;

/// What a command is counted as, by its number.
const COUNTED: [Option<Kind>; COUNTABLE] = {
    let mut counted = [None; COUNTABLE];
    let mut command = 0;
    while command < COUNTABLE {
        counted[command] = kind(command as u32);
        command += 1;
    }
    counted
};

const fn kind(command: u32) -> Option<Kind> {
    match command {
        t::CmdDraw::ID
        | t::CmdDrawIndexed::ID
        | t::CmdDrawIndexedIndirect::ID
        | t::CmdDrawIndexedIndirectCount::ID
        | t::CmdDrawIndirect::ID
        | t::CmdDrawIndirectByteCountEXT::ID
        | t::CmdDrawIndirectCount::ID
        | t::CmdDrawMeshTasksEXT::ID
        | t::CmdDrawMeshTasksIndirectCountEXT::ID
        | t::CmdDrawMeshTasksIndirectEXT::ID
        | t::CmdDrawMultiEXT::ID
        | t::CmdDrawMultiIndexedEXT::ID => Some(Kind::Draws),
        t::CmdDispatch::ID
        | t::CmdDispatchBase::ID
        | t::CmdDispatchIndirect::ID
        | t::CmdTraceRaysIndirect2KHR::ID
        | t::CmdTraceRaysIndirectKHR::ID
        | t::CmdTraceRaysKHR::ID => Some(Kind::Dispatches),
        t::QueueSubmit::ID | t::QueueSubmit2::ID => Some(Kind::Submissions),
        _ => None,
    }
}

/// GPUs that are remembered by name: more than hosts have.
const MAX_GPUS: usize = 16;

impl Tally {
    /// Counts a command, by its number, before it is executed.
    #[inline]
    pub(crate) fn count(&self, command: u32) {
        self.add(Kind::Commands, 1);
        if let Some(Some(kind)) = COUNTED.get(command as usize) {
            self.add(*kind, 1);
        }
    }

    /// Counts a number of things of one kind.
    #[inline]
    pub(crate) fn add(&self, kind: Kind, more: usize) {
        if let Some(count) = self.done.get(kind as usize) {
            count.set(count.get().saturating_add(more as u64));
        }
    }
}

impl Counters {
    /// Takes over what a thread has counted.
    pub(crate) fn take(&self, tally: &Tally) {
        for (total, count) in self.done.iter().zip(&tally.done) {
            let count = count.take();
            if count != 0 {
                total.fetch_add(count, Ordering::Relaxed);
            }
        }
    }

    /// Memory came into being, bytes.
    pub(crate) fn allocated(&self, size: u64) {
        let before = self.memory.fetch_add(size, Ordering::Relaxed);
        self.memory_peak
            .fetch_max(before.saturating_add(size), Ordering::Relaxed);
    }

    /// Memory that was counted is gone, bytes.
    pub(crate) fn freed(&self, size: u64) {
        self.memory.fetch_sub(size, Ordering::Relaxed);
    }

    /// The program says what it is.
    pub(crate) fn application(&self, info: &t::ApplicationInfo<'_>) {
        let text =
            |text: Option<&std::ffi::CStr>| text.unwrap_or_default().to_string_lossy().into_owned();
        lock(&self.told).application = Some(Application {
            name: text(info.application_name),
            engine: text(info.engine_name),
            api_version: info.api_version,
        });
    }

    /// A device of this GPU was made.
    pub(crate) fn gpu(&self, name: String) {
        let gpus = &mut lock(&self.told).gpus;
        if gpus.len() < MAX_GPUS && !gpus.contains(&name) {
            gpus.push(name);
        }
    }

    pub(crate) fn stats(&self) -> ContextStats {
        let of = |kind: Kind| {
            self.done
                .get(kind as usize)
                .map_or(0, |count| count.load(Ordering::Relaxed))
        };
        let told = lock(&self.told);
        ContextStats {
            failures: 0,
            application: told.application.clone(),
            gpus: told.gpus.clone(),
            commands: of(Kind::Commands),
            draws: of(Kind::Draws),
            dispatches: of(Kind::Dispatches),
            pipelines: of(Kind::Pipelines),
            submissions: of(Kind::Submissions),
            memory_peak: self.memory_peak.load(Ordering::Relaxed),
            reply_bytes: of(Kind::ReplyBytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_counted_by_kind_and_told_once() {
        let (counters, tally) = (Counters::default(), Tally::default());
        for command in [
            t::QueueSubmit::ID,
            t::QueueSubmit2::ID,
            t::CmdDispatch::ID,
            t::CmdEndQuery::ID,
        ] {
            tally.count(command);
        }
        tally.add(Kind::ReplyBytes, 12);
        assert_eq!(counters.stats(), ContextStats::default());
        counters.take(&tally);
        counters.take(&tally);
        let expected = ContextStats {
            commands: 4,
            dispatches: 1,
            submissions: 2,
            reply_bytes: 12,
            ..Default::default()
        };
        assert_eq!(counters.stats(), expected);
    }

    #[test]
    fn memory_is_counted_at_its_most() {
        let counters = Counters::default();
        counters.allocated(10);
        counters.allocated(20);
        counters.freed(10);
        counters.allocated(5);
        assert_eq!(counters.stats().memory_peak, 30);
    }

    #[test]
    fn a_program_and_its_gpus_are_named() {
        let counters = Counters::default();
        let info = t::ApplicationInfo {
            application_name: Some(c"cube"),
            api_version: 1 << 22,
            ..Default::default()
        };
        counters.application(&info);
        for name in ["a", "b", "a"] {
            counters.gpu(name.into());
        }
        let stats = counters.stats();
        let application = Application {
            name: "cube".into(),
            engine: String::new(),
            api_version: 1 << 22,
        };
        assert_eq!(stats.application, Some(application));
        assert_eq!(stats.gpus, ["a", "b"]);
    }
}
