//! Calls into renderers, counted, so that somebody can see that one does not come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use context::{
    Blob, BlobRequest, Context, ContextStats, Error, FenceId, Resource, ResourceId, RingIdx,
};

/// How many calls have begun and come back, of all threads.
#[derive(Debug, Default)]
pub struct Calls {
    begun: AtomicU64,
    returned: AtomicU64,
}

impl Calls {
    /// How many have come back, if others have not; the same number again, a while later, says that
    /// none has moved.
    #[must_use]
    pub fn stuck_behind(&self) -> Option<u64> {
        let returned = self.returned.load(Ordering::Acquire);
        let begun = self.begun.load(Ordering::Acquire);
        (begun != returned).then_some(returned)
    }

    /// Makes a call.
    pub(crate) fn count<T>(&self, call: impl FnOnce() -> T) -> T {
        let _ended = self.begin();
        call()
    }

    fn begin(&self) -> Begun<'_> {
        self.begun.fetch_add(1, Ordering::AcqRel);
        Begun(self)
    }
}

/// A call that has not come back.
struct Begun<'a>(&'a Calls);

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.0.returned.fetch_add(1, Ordering::AcqRel);
    }
}

/// A context whose calls are counted, its end among them.
pub(crate) struct Counted {
    context: Option<Box<dyn Context>>,
    calls: Arc<Calls>,
}

impl Counted {
    pub(crate) fn new(context: Box<dyn Context>, calls: &Arc<Calls>) -> Self {
        Self {
            context: Some(context),
            calls: Arc::clone(calls),
        }
    }

    fn call<T>(
        &mut self,
        call: impl FnOnce(&mut dyn Context) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self.context.as_deref_mut() {
            Some(context) => self.calls.count(|| call(context)),
            None => Err(Error::Bug("a context is used after its end".into())),
        }
    }
}

impl Context for Counted {
    fn submit(&mut self, commands: &[u8]) -> Result<(), Error> {
        self.call(|context| context.submit(commands))
    }

    fn fence(&mut self, ring: RingIdx, fence: FenceId) -> Result<(), Error> {
        self.call(|context| context.fence(ring, fence))
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.call(|context| context.finish())
    }

    fn create_blob(&mut self, id: ResourceId, request: &BlobRequest) -> Result<Blob, Error> {
        self.call(|context| context.create_blob(id, request))
    }

    fn attach(&mut self, id: ResourceId, resource: &Resource) -> Result<(), Error> {
        self.call(|context| context.attach(id, resource))
    }

    fn detach(&mut self, resource: ResourceId) {
        if let Some(context) = self.context.as_deref_mut() {
            self.calls.count(|| context.detach(resource));
        }
    }

    fn stats(&self) -> ContextStats {
        let context = self.context.as_deref();
        context.map(Context::stats).unwrap_or_default()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let context = self.context.take();
        self.calls.count(|| drop(context));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_stuck_until_it_comes_back() {
        let calls = Calls::default();
        assert_eq!(calls.stuck_behind(), None);
        calls.count(|| assert_eq!(calls.stuck_behind(), Some(0)));
        calls.count(|| {
            assert_eq!(calls.stuck_behind(), Some(1));
            // Another thread's.
            calls.count(|| ());
            assert_eq!(calls.stuck_behind(), Some(2));
        });
        assert_eq!(calls.stuck_behind(), None);
    }

    #[test]
    fn a_call_that_panics_has_come_back() {
        let calls = Calls::default();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            calls.count(|| panic!("as it happens"));
        }));
        assert!(caught.is_err());
        assert_eq!(calls.stuck_behind(), None);
    }
}
