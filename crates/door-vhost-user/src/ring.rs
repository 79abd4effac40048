//! A virtqueue, shared by the thread that sets it up and the one that serves it.
//!
//! Every lock here is held for one step: to set something, to take one buffer, to give one back.
//! So neither thread waits for what the other does between its steps.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use virtio_queue::{Error as QueueError, Queue, QueueOwnedT, QueueT};

use crate::chain::{Chain, OutOfOrder, Writable};
use crate::limits::MAX_QUEUE_SIZE;
use crate::memory::{CurrentMemory, Memory};

/// A virtqueue.
#[derive(Debug)]
pub(crate) struct Ring {
    state: Mutex<State>,
    memory: Arc<CurrentMemory>,
}

#[derive(Debug)]
struct State {
    queue: Queue,
    kick: Option<Arc<OwnedFd>>,
    call: Option<OwnedFd>,
    enabled: bool,
    /// The driver broke the ring's rules; nothing more is taken until it starts anew.
    broken: bool,
    life: Life,
    /// Where the ring stood when it was stopped.
    stopped_at: Option<u16>,
}

/// Which of the ring's lives: a driver that resets the device and sets the ring up again begins
/// a new one, and what was taken before is not given back any more. A machine that is paused and
/// goes on continues the old one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Life(u64);

/// A buffer that is to be given back.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) chain: Result<Chain, OutOfOrder>,
    pub(crate) life: Life,
}

/// Why nothing is to be had from a ring.
#[derive(Debug)]
pub(crate) enum Empty {
    /// The driver has put nothing there, or the ring stands still.
    Nothing,
    /// The ring's own structures make no sense; told once.
    Broken(QueueError),
}

/// What became of a buffer that was to be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// The driver has it.
    Back,
    /// The ring stands still; it may go on.
    Later,
    /// Nobody waits for it any more.
    Never,
}

impl Ring {
    pub(crate) fn new(memory: Arc<CurrentMemory>) -> Result<Self, QueueError> {
        Ok(Self {
            state: Mutex::new(State {
                queue: Queue::new(MAX_QUEUE_SIZE)?,
                kick: None,
                call: None,
                enabled: false,
                broken: false,
                life: Life::default(),
                stopped_at: None,
            }),
            memory,
        })
    }

    /// How many buffers it holds.
    pub(crate) fn set_size(&self, size: u32) -> Result<(), QueueError> {
        let size = u16::try_from(size).map_err(|_| QueueError::InvalidSize)?;
        self.lock().queue.try_set_size(size)
    }

    /// Where its three parts lie, as guest-physical addresses.
    pub(crate) fn set_addresses(
        &self,
        descriptors: u64,
        available: u64,
        used: u64,
    ) -> Result<(), QueueError> {
        let mut state = self.lock();
        let queue = &mut state.queue;
        queue.try_set_desc_table_address(vm_memory::GuestAddress(descriptors))?;
        queue.try_set_avail_ring_address(vm_memory::GuestAddress(available))?;
        queue.try_set_used_ring_address(vm_memory::GuestAddress(used))
    }

    /// Where to go on. Returns whether that is where the ring stopped; if not, a new life begins.
    pub(crate) fn set_base(&self, base: u16) -> bool {
        let mut state = self.lock();
        state.queue.set_next_avail(base);
        let continues = state.stopped_at.is_none_or(|stopped| stopped == base);
        if !continues {
            state.begin();
        }
        continues
    }

    /// Begins a new life.
    pub(crate) fn restart(&self) {
        self.lock().begin();
    }

    pub(crate) fn set_event_idx(&self, enabled: bool) {
        self.lock().queue.set_event_idx(enabled);
    }

    pub(crate) fn set_enabled(&self, enabled: bool) {
        self.lock().enabled = enabled;
    }

    pub(crate) fn set_call(&self, call: Option<File>) {
        let mut state = self.lock();
        state.call = call.map(OwnedFd::from);
        // What was given back while there was nobody to call.
        if state.queue.ready() {
            state.call();
        }
    }

    /// Starts the ring: the driver's notifications come on this fd.
    pub(crate) fn start(&self, kick: File) -> Result<(), QueueError> {
        let mut state = self.lock();
        let memory = self.memory.get();
        // Where the driver's last look at what was used is, in case it goes on.
        let used = state.queue.used_idx(memory.queues(), RELAXED)?.0;
        state.queue.set_next_used(used);
        state.kick = Some(Arc::new(OwnedFd::from(kick)));
        state.queue.set_ready(true);
        state.stopped_at = None;
        state.broken = false;
        Ok(())
    }

    /// Stops the ring, and tells where.
    pub(crate) fn stop(&self) -> u16 {
        let mut state = self.lock();
        state.queue.set_ready(false);
        state.kick = None;
        state.call = None;
        let at = state.queue.next_avail();
        state.stopped_at = Some(at);
        at
    }

    /// What is readable when the driver notifies.
    pub(crate) fn kick(&self) -> Option<Arc<OwnedFd>> {
        let state = self.lock();
        state.kick.clone().filter(|_| state.is_running())
    }

    /// Takes the next buffer.
    pub(crate) fn take(&self) -> Result<Taken, Empty> {
        let memory = self.memory.get();
        let mut state = self.lock();
        if !state.is_running() {
            return Err(Empty::Nothing);
        }
        let life = state.life;
        match state.next(&memory) {
            Ok(Some(chain)) => Ok(Taken { chain, life }),
            Ok(None) => Err(Empty::Nothing),
            Err(error) => {
                state.broken = true;
                Err(Empty::Broken(error))
            }
        }
    }

    /// Gives a buffer back with a response in it.
    pub(crate) fn give(
        &self,
        head: u16,
        life: Life,
        writable: &Writable,
        response: &[u8],
    ) -> Given {
        let memory = self.memory.get();
        let mut state = self.lock();
        match (state.life == life, state.queue.ready()) {
            (false, _) => return Given::Never,
            (true, false) => return Given::Later,
            (true, true) => {}
        }
        // What cannot be written is the driver's loss: it gets its buffer back empty.
        let written = writable.write(&memory, response).unwrap_or(0);
        let used = state.queue.add_used(memory.queues(), head, written);
        match used.and_then(|()| state.queue.needs_notification(memory.queues())) {
            Ok(true) => state.call(),
            Ok(false) => {}
            Err(_) => state.broken = true,
        }
        Given::Back
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const RELAXED: std::sync::atomic::Ordering = std::sync::atomic::Ordering::Relaxed;

impl State {
    fn is_running(&self) -> bool {
        self.queue.ready() && self.enabled && !self.broken
    }

    fn begin(&mut self) {
        self.life = Life(self.life.0.wrapping_add(1));
        self.stopped_at = None;
        self.broken = false;
    }

    /// The next buffer; if there is none, the driver is to notify of the next one, and one that it
    /// puts there meanwhile is found.
    fn next(&mut self, memory: &Memory) -> Result<Option<Result<Chain, OutOfOrder>>, QueueError> {
        if let Some(chain) = self.queue.iter(memory.queues())?.next() {
            return Ok(Some(Chain::collect(chain)));
        }
        if !self.queue.enable_notification(memory.queues())? {
            return Ok(None);
        }
        match self.queue.iter(memory.queues())?.next() {
            Some(chain) => Ok(Some(Chain::collect(chain))),
            // The driver says that there is one, and where it would be there is no memory.
            None => Err(QueueError::InvalidAvailRingIndex),
        }
    }

    /// Tells the driver to look. The counter is as good as never full, and a front end that is
    /// gone has no use for it.
    fn call(&self) {
        if let Some(call) = &self.call {
            let _ = rustix::io::write(call, &1u64.to_ne_bytes());
        }
    }
}
