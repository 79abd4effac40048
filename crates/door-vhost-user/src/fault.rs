//! What is told of what a guest does wrong: a line each, and not too many.

use std::time::Instant;

use context::LogBudget;

/// Where a device's lines about its guest go.
#[derive(Debug)]
pub(crate) struct Faults(LogBudget);

impl Default for Faults {
    fn default() -> Self {
        Self(LogBudget::new(Instant::now()))
    }
}

impl Faults {
    /// The guest is to blame.
    pub(crate) fn guest(&mut self, fault: &dyn std::fmt::Display) {
        if let Some(suppressed) = self.0.spend(Instant::now()) {
            note_suppressed(suppressed);
            tracing::info!("guest: {fault}");
        }
    }

    /// The host failed, on a request that the guest may make again and again.
    pub(crate) fn host(&mut self, fault: &dyn std::fmt::Display) {
        if let Some(suppressed) = self.0.spend(Instant::now()) {
            note_suppressed(suppressed);
            tracing::warn!("{fault}");
        }
    }

    /// Paravane is to blame.
    pub(crate) fn bug(&mut self, fault: &dyn std::fmt::Display) {
        if let Some(suppressed) = self.0.spend(Instant::now()) {
            note_suppressed(suppressed);
            tracing::error!("{fault}");
        }
    }
}

fn note_suppressed(count: u64) {
    if count > 0 {
        tracing::info!("{count} lines left out before this one");
    }
}
