use std::time::Duration;

use context::{CapsetId, ContextStats};

use crate::limits::MAX_REPORTS;

/// What a server's clients have done, up to those that have left.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// How many clients there were.
    pub clients: u64,
    /// How many of them were dropped rather than hung up.
    pub dropped: u64,
    /// What they did together.
    pub totals: Counts,
    /// The first of them, one by one.
    pub reports: Vec<ClientReport>,
}

/// What one client has done.
#[derive(Clone, Debug)]
pub struct ClientReport {
    /// What it calls itself, made safe to print.
    pub name: String,
    /// Its process, where the kernel tells.
    pub pid: Option<i32>,
    /// The protocol version that was spoken.
    pub version: u32,
    /// The kind of context it asked for, if any.
    pub capset: Option<CapsetId>,
    /// The numbers.
    pub counts: Counts,
    /// What its context did, if it had one.
    pub context: Option<ContextStats>,
    /// The first request that was refused without ending the connection, and why.
    pub refusal: Option<String>,
    /// From connecting to the end.
    pub connected: Duration,
    /// Why it was dropped, if it was.
    pub dropped: Option<String>,
}

/// What was asked for, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages.
    pub requests: u64,
    /// Contexts made.
    pub contexts: u64,
    /// Command streams executed.
    pub submits: u64,
    /// Bytes of those.
    pub command_bytes: u64,
    /// Blob resources made.
    pub blobs: u64,
    /// Bytes of those.
    pub blob_bytes: u64,
    /// Classic resources made.
    pub resources: u64,
    /// Transfers of their pixels.
    pub transfers: u64,
    /// Requests that were refused without ending the connection.
    pub refusals: u64,
    /// Fences asked for.
    pub fences: u64,
    /// Waits for syncs.
    pub waits: u64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        let sums = [
            (&mut self.requests, other.requests),
            (&mut self.contexts, other.contexts),
            (&mut self.submits, other.submits),
            (&mut self.command_bytes, other.command_bytes),
            (&mut self.blobs, other.blobs),
            (&mut self.blob_bytes, other.blob_bytes),
            (&mut self.resources, other.resources),
            (&mut self.transfers, other.transfers),
            (&mut self.refusals, other.refusals),
            (&mut self.fences, other.fences),
            (&mut self.waits, other.waits),
        ];
        for (sum, more) in sums {
            *sum = sum.saturating_add(more);
        }
    }
}

impl Stats {
    pub(crate) fn add(&mut self, report: ClientReport) {
        self.clients = self.clients.saturating_add(1);
        self.dropped = self.dropped.saturating_add(report.dropped.is_some().into());
        self.totals.add(&report.counts);
        if self.reports.len() < MAX_REPORTS {
            self.reports.push(report);
        }
    }
}
