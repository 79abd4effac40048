//! What the thread of the control socket and that of the device have in common.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use context::CapsetInfo;
use vhost::vhost_user::{Backend, GpuBackend};
use wire_virtio_gpu::{Features, Queue};

use crate::config::PendingEvents;
use crate::front_end::Answer;
use crate::mailbox::Mailbox;
use crate::memory::CurrentMemory;
use crate::offer::Offer;
use crate::ring::Ring;
use crate::turn::Turn;

/// Each part has a lock of its own, or none; none is held while another is taken.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) offer: Offer,
    pub(crate) memory: Arc<CurrentMemory>,
    pub(crate) pending: PendingEvents,
    pub(crate) turn: Turn,
    pub(crate) mailbox: Mailbox<Message>,
    control: Ring,
    cursor: Ring,
    /// The device's features that the driver accepted, or [`NOT_YET`].
    accepted: AtomicU64,
    /// Whether the front end has asked for the regions that blobs are mapped into. QEMU's own
    /// vhost-user GPU agrees to such regions and has none.
    is_mapped: AtomicBool,
}

/// What the control socket's thread tells the device's.
pub(crate) enum Message {
    /// Look at the queues again.
    Wake,
    /// The driver begins anew.
    Reset,
    /// The front end shows what the guest draws.
    Display(GpuBackend),
    /// The front end maps what it is sent.
    Channel(Backend),
    /// The front end of this display socket has answered.
    Answer(u64, Answer),
    /// The front end is gone.
    End,
}

/// No set of the device's features.
const NOT_YET: u64 = u64::MAX;

impl Shared {
    /// Fails when the host is out of fds.
    pub(crate) fn new(offer: Offer) -> io::Result<Self> {
        let memory = Arc::new(CurrentMemory::default());
        let ring = || Ring::new(Arc::clone(&memory)).map_err(io::Error::other);
        Ok(Self {
            offer,
            control: ring()?,
            cursor: ring()?,
            memory,
            pending: PendingEvents::default(),
            turn: Turn::default(),
            mailbox: Mailbox::new()?,
            accepted: AtomicU64::new(NOT_YET),
            is_mapped: AtomicBool::new(false),
        })
    }

    pub(crate) fn ring(&self, queue: Queue) -> &Ring {
        match queue {
            Queue::Control => &self.control,
            Queue::Cursor => &self.cursor,
        }
    }

    pub(crate) fn send(&self, message: Message) {
        self.mailbox.send(message);
    }

    /// Has the device's thread look at the queues.
    pub(crate) fn wake(&self) {
        self.send(Message::Wake);
    }

    /// The front end maps blobs.
    pub(crate) fn set_mapped(&self) {
        self.is_mapped.store(true, Ordering::Release);
    }

    /// The capsets that the guest is told of, in the order that it counts them.
    pub(crate) fn capsets(&self) -> impl Iterator<Item = &CapsetInfo> {
        self.offer.capsets(self.is_mapped.load(Ordering::Acquire))
    }

    pub(crate) fn accept(&self, features: Features) {
        self.accepted.store(features.bits(), Ordering::Release);
    }

    /// The device's features that the driver accepted, if it did yet.
    pub(crate) fn accepted(&self) -> Option<Features> {
        match self.accepted.load(Ordering::Acquire) {
            NOT_YET => None,
            bits => Some(Features::from_bits_truncate(bits)),
        }
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Wake => "Wake",
            Self::Reset => "Reset",
            Self::Display(_) => "Display",
            Self::Channel(_) => "Channel",
            Self::Answer(..) => "Answer",
            Self::End => "End",
        })
    }
}
