use std::fs;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use display::Display;
use door_vhost_user::{Blobs, Mode, Screen, Session, SessionError, Setup, Text};
use nix::sys::signal::Signal;
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;
use worker::Worker;

use crate::Failure;
use crate::cli::{BlobOffer, DeviceArgs};
use crate::signals::Signals;

/// A virtual machine's graphics card: one device after the other, each with the same screens.
pub(crate) struct Machine {
    renderer: Arc<Worker>,
    setup: Setup,
    /// What the device's screens show while it lives.
    display: Option<Display>,
    shots: Option<Shots>,
}

/// In thousandths of a hertz.
const REFRESH: u32 = 60_000;

/// Why no more front ends are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The front end has gone.
    ByFrontEnd,
    /// A signal has come.
    BySignal,
}

/// Pictures of the screens, on a signal.
struct Shots {
    signal: Signal,
    folder: PathBuf,
    count: u32,
}

impl Machine {
    /// `headless` is whether the front end cannot show screens anyway.
    pub(crate) fn new(
        renderer: Arc<Worker>,
        args: &DeviceArgs,
        headless: bool,
    ) -> Result<Self, Failure> {
        Ok(Self {
            renderer,
            display: None,
            setup: Setup {
                screens: args.screens()?,
                blobs: match args.blobs {
                    BlobOffer::Auto => Blobs::IfMapped,
                    BlobOffer::Always => Blobs::Always,
                    BlobOffer::Never => Blobs::Never,
                },
                shm_size: args.shm_size.saturating_mul(1 << 20),
                headless: headless || args.headless,
                dma_bufs: args.dma_buf,
            },
            shots: args.shots()?,
        })
    }

    /// Gives a front end a fresh device and serves it until one of them ends.
    pub(crate) fn serve(&mut self, stream: UnixStream, signals: &Signals) -> io::Result<Ended> {
        let renderer: Arc<dyn context::Renderer> = self.renderer.clone();
        let session = Session::new(stream, renderer, &self.setup)?;
        self.display = Some(session.display().clone());
        let hang_up = session.hang_up()?;
        let over = eventfd(0, EventfdFlags::CLOEXEC)?;
        tracing::info!("a front end has come");
        std::thread::scope(|scope| {
            let serving = scope.spawn(|| {
                let served = session.serve();
                // Wakes the loop below; the counter goes from 0 to 1.
                let _ = rustix::io::write(&over, &1u64.to_ne_bytes());
                served
            });
            let waited = self.wait(&over, signals);
            self.display = None;
            hang_up.hang_up();
            match serving.join() {
                Ok(served) => told(served)?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
            waited
        })
    }

    /// Acts on the signals that have come.
    pub(crate) fn take_signals(&mut self, signals: &Signals) -> io::Result<Option<Ended>> {
        while let Some(arrival) = signals.next()? {
            match &mut self.shots {
                Some(shots) if shots.signal == arrival.signal => shots.take(self.display.as_ref()),
                _ => {
                    tracing::info!("{}: ending", arrival.signal);
                    return Ok(Some(Ended::BySignal));
                }
            }
        }
        Ok(None)
    }

    fn wait(&mut self, over: &rustix::fd::OwnedFd, signals: &Signals) -> io::Result<Ended> {
        loop {
            let mut fds = [
                PollFd::new(over, PollFlags::IN),
                PollFd::new(signals, PollFlags::IN),
            ];
            match poll(&mut fds, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            if !fds[0].revents().is_empty() {
                return Ok(Ended::ByFrontEnd);
            }
            if let Some(ended) = self.take_signals(signals)? {
                return Ok(ended);
            }
        }
    }
}

/// A device that ends badly is no reason not to make the next one.
fn told(served: Result<(), SessionError>) -> io::Result<()> {
    match served {
        Ok(()) => tracing::info!("the front end has gone"),
        Err(SessionError::Host(error)) => return Err(error),
        Err(error) => tracing::warn!("{error}"),
    }
    Ok(())
}

impl Shots {
    /// Writes what the screens show. What cannot be written is told, and costs no guest anything.
    fn take(&mut self, display: Option<&Display>) {
        let Some(display) = display else {
            return;
        };
        self.count = self.count.saturating_add(1);
        for screen in 0..display.screen_count() {
            let Some(frame) = display.frame(screen) else {
                continue;
            };
            let name = format!("screen-{screen}-{:04}.png", self.count);
            match write(&frame, &self.folder.join(&name)) {
                Ok(()) => tracing::info!("wrote {name}"),
                Err(error) => tracing::warn!("{}: {error}", self.folder.join(name).display()),
            }
        }
    }
}

/// Writes a picture; nobody sees a part of it.
fn write(frame: &display::Frame, path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)?;
    display::write_png(frame, io::BufWriter::new(file.as_file_mut()))?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

impl DeviceArgs {
    /// The signal that asks for pictures.
    pub(crate) fn screenshot_signal(&self) -> Result<Option<Signal>, Failure> {
        Ok(self.shots()?.map(|shots| shots.signal))
    }

    /// The screens: those with a size of their own are plugged in, and all if there is one size.
    fn screens(&self) -> Result<Vec<Screen>, Failure> {
        let count = usize::from(self.outputs);
        if self.mode.len() > count {
            return Err("there are more --mode than --outputs".into());
        }
        let screen = |at: usize| {
            let mode = match self.mode.as_slice() {
                [all] => Some(all),
                each => each.get(at),
            };
            let (width, height) = mode.or(self.mode.last()).copied().unwrap_or((1280, 800));
            Ok(Screen {
                name: Text::new(&format!("Paravane {}", at.saturating_add(1)))?,
                mode: Mode::new(width.into(), height.into(), REFRESH)?,
                is_connected: mode.is_some(),
            })
        };
        (0..count).map(screen).collect()
    }

    fn shots(&self) -> Result<Option<Shots>, Failure> {
        let Some([signal, folder]) = self.screenshot_on.as_deref() else {
            return Ok(None);
        };
        let signal = match signal.to_str() {
            Some("SIGUSR1" | "USR1") => Signal::SIGUSR1,
            Some("SIGUSR2" | "USR2") => Signal::SIGUSR2,
            _ => return Err("--screenshot-on: SIGUSR1 or SIGUSR2".into()),
        };
        let folder = PathBuf::from(folder);
        fs::create_dir_all(&folder)
            .map_err(|error| format!("--screenshot-on: {}: {error}", folder.display()))?;
        Ok(Some(Shots {
            signal,
            folder,
            count: 0,
        }))
    }
}
