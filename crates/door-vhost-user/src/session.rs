use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use context::Renderer;
use device::limits::MAX_SCANOUTS;
use device::{Config, Device, Screen};
use display::Display;
use vhost::vhost_user::{BackendReqHandler, Error as VhostError};

use crate::control::Control;
use crate::limits::MAX_END_WAIT;
use crate::offer::{Blobs, Offer};
use crate::shared::{Message, Shared};
use crate::worker::Worker;

/// What one front end's device is like.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its screens, one at least. Of a front end that shows them itself, its own settings count.
    pub screens: Vec<Screen>,
    /// When blobs are offered.
    pub blobs: Blobs,
    /// Bytes of the region that blobs are mapped into.
    pub shm_size: u64,
    /// Whether the front end is not to show the screens even if it can.
    pub headless: bool,
    /// Whether frames that have a dma-buf are handed to the front end as such.
    pub dma_bufs: bool,
}

/// Why a front end's connection ended, other than by its own wish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// What the front end said makes no sense, or it left in the middle of it.
    #[error("the front end's messages: {0}")]
    Protocol(String),
    /// The host is out of fds or threads.
    #[error(transparent)]
    Host(#[from] io::Error),
    /// The device's work does not end; it is left behind, with what it holds.
    #[error("the device's work does not end")]
    Stuck,
}

/// A front end's connection, and the device behind it.
pub struct Session {
    stream: UnixStream,
    shared: Arc<Shared>,
    display: Display,
    worker: JoinHandle<()>,
}

impl Setup {
    /// A device with as many scanouts as there can be: a front end that shows the screens has a
    /// number of its own.
    fn device(&self, renderer: Arc<dyn Renderer>) -> Result<Device, device::Error> {
        let last = self.screens.last().ok_or(device::Error::NoScanout(0))?;
        let absent = Screen {
            is_connected: false,
            ..last.clone()
        };
        let missing = MAX_SCANOUTS.saturating_sub(self.screens.len());
        let mut screens = self.screens.clone();
        screens.extend(std::iter::repeat_n(absent, missing));
        let region = self.shm_size;
        let device = Device::with_config(renderer, Config { screens, region })?;
        Ok(match self.dma_bufs {
            true => device.with_dma_bufs(),
            false => device,
        })
    }
}

impl Session {
    /// Makes a fresh device for a front end.
    ///
    /// # Errors
    /// The host is out of fds or threads, or there are more screens than virtio has.
    pub fn new(stream: UnixStream, renderer: Arc<dyn Renderer>, setup: &Setup) -> io::Result<Self> {
        let offer = Offer {
            num_scanouts: u32::try_from(setup.screens.len()).unwrap_or(u32::MAX),
            headless: setup.headless,
            all_capsets: renderer.capsets(),
            blobs: setup.blobs,
            shm_size: setup.shm_size,
        };
        let shared = Arc::new(Shared::new(offer)?);
        let device = setup.device(renderer).map_err(io::Error::other)?;
        let display = device.display().clone();
        let theirs = Arc::clone(&shared);
        let worker = Worker::new(theirs, device, setup.headless, setup.dma_bufs)?;
        let thread = std::thread::Builder::new().name("device".into());
        let worker = thread.spawn(move || worker.run())?;
        Ok(Self {
            stream,
            shared,
            display,
            worker,
        })
    }

    /// What the screens show, for as long as the session lives.
    pub fn display(&self) -> &Display {
        &self.display
    }

    /// Something that ends the session from another thread, by hanging up.
    ///
    /// # Errors
    /// The host is out of fds.
    pub fn hang_up(&self) -> io::Result<HangUp> {
        Ok(HangUp(self.stream.try_clone()?))
    }

    /// Serves the front end until it is gone; then the device is, too.
    ///
    /// # Errors
    /// See [`SessionError`].
    pub fn serve(self) -> Result<(), SessionError> {
        let control = Arc::new(Mutex::new(Control::new(Arc::clone(&self.shared))));
        let mut handler = BackendReqHandler::from_stream(self.stream, control);
        let served = loop {
            if let Err(error) = handler.handle_request() {
                break error;
            }
        };
        drop(handler);
        self.shared.send(Message::End);
        join(self.worker, MAX_END_WAIT)?;
        match served {
            VhostError::Disconnected | VhostError::SocketBroken(_) => Ok(()),
            // What is left when a front end is killed.
            VhostError::PartialMessage => Ok(()),
            other => Err(SessionError::Protocol(other.to_string())),
        }
    }
}

/// Ends a session.
#[derive(Debug)]
pub struct HangUp(UnixStream);

impl HangUp {
    /// Hangs up. A session that has ended already has nobody on the line.
    pub fn hang_up(&self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// Waits for a thread, and gives up on it after `patience`.
fn join(thread: JoinHandle<()>, patience: Duration) -> Result<(), SessionError> {
    let deadline = Instant::now().checked_add(patience);
    while !thread.is_finished() {
        if deadline.is_none_or(|deadline| Instant::now() >= deadline) {
            return Err(SessionError::Stuck);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    thread.join().map_err(|_| SessionError::Stuck)
}
