//! Whether a context goes on: it ends by a guest's fault, by its owner, or when nobody is left
//! to see what it does.

use std::sync::atomic::{AtomicBool, Ordering};

use context::{ContextId, Event, EventSender};

use crate::Fatal;

/// A context's life, as all of its threads see it.
pub(crate) struct Life {
    id: ContextId,
    events: EventSender,
    ended: AtomicBool,
}

impl Life {
    pub(crate) fn new(id: ContextId, events: EventSender) -> Self {
        Self {
            id,
            events,
            ended: AtomicBool::new(false),
        }
    }

    /// The context.
    pub(crate) fn id(&self) -> ContextId {
        self.id
    }

    /// Where the door hears of it.
    pub(crate) fn events(&self) -> &EventSender {
        &self.events
    }

    /// Fails when the context has ended, or its guest has gone. Whoever waits for what only
    /// the guest can bring about looks here at least every [`crate::limits::WAIT_SLICE`].
    pub(crate) fn check(&self) -> Result<(), Fatal> {
        if self.events.is_closed() {
            Err(Fatal::Ended)
        } else {
            self.check_going()
        }
    }

    /// Fails when the context has ended: cheap enough for every command.
    #[inline]
    pub(crate) fn check_going(&self) -> Result<(), Fatal> {
        if self.ended.load(Ordering::Acquire) {
            Err(Fatal::Ended)
        } else {
            Ok(())
        }
    }

    /// Ends it without a word: its owner lets go of it.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// Ends it by someone's fault: one line in the log, one event for the door.
    pub(crate) fn fail(&self, fatal: &Fatal) {
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        match fatal {
            // The guest has gone, and was not even wrong.
            Fatal::Ended => tracing::debug!(context = self.id.0, "the guest has gone"),
            fatal => tracing::warn!(context = self.id.0, "context ended: {fatal}"),
        }
        self.events.send(Event::ContextLost {
            ctx: self.id,
            reason: fatal.to_string(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use context::events;

    #[test]
    fn a_life_ends_with_its_guest() {
        let (sender, receiver) = events().unwrap();
        let life = Life::new(ContextId(1), sender);
        assert!(life.check().is_ok());
        drop(receiver);
        assert!(matches!(life.check(), Err(Fatal::Ended)));
    }

    #[test]
    fn a_life_ends_with_a_fault_that_is_told_once() {
        let (sender, receiver) = events().unwrap();
        let life = Life::new(ContextId(1), sender);
        life.fail(&Fatal::Ring(7));
        life.fail(&Fatal::Ring(8));
        assert!(matches!(life.check(), Err(Fatal::Ended)));
        let reason = Fatal::Ring(7).to_string();
        assert_eq!(
            receiver.drain(),
            [Event::ContextLost {
                ctx: ContextId(1),
                reason
            }]
        );
    }
}
