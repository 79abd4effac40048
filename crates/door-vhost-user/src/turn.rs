use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Whether requests are being executed. Who has stopped a queue waits here, so that nothing is
/// written to the guest's memory afterwards.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    busy: Mutex<bool>,
    over: Condvar,
}

/// Requests are executed while this lives.
#[derive(Debug)]
pub(crate) struct Busy<'a>(&'a Turn);

impl Turn {
    pub(crate) fn begin(&self) -> Busy<'_> {
        *self.busy.lock().unwrap_or_else(PoisonError::into_inner) = true;
        Busy(self)
    }

    /// Waits until no request is being executed, or for `patience`. Returns whether it is so.
    pub(crate) fn wait_over(&self, patience: Duration) -> bool {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.over.wait_timeout_while(busy, patience, |busy| *busy);
        let (busy, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !*busy
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        *self.0.busy.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.over.notify_all();
    }
}
