//! The socket of vhost-user-gpu, on which a front end is told what the screens show
//! (QEMU's `docs/interop/vhost-user-gpu.rst`).
//!
//! All of it happens on a thread of its own. A front end that does not read holds up nothing but
//! that thread: what changes meanwhile comes as one change when it reads again.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;
use vhost::vhost_user::GpuBackend;
use vhost::vhost_user::gpu_message::{
    VhostUserGpuCursorPos, VhostUserGpuCursorUpdate, VhostUserGpuDMABUFScanout,
    VhostUserGpuDMABUFScanout2, VhostUserGpuEdidRequest, VhostUserGpuScanout, VhostUserGpuUpdate,
};
use vhost::vhost_user::message::VhostUserU64;

use display::{Change, Cursor, CursorImage, DmaBuf, Frame, Position, Rect, Viewer};

/// `VHOST_USER_GPU_PROTOCOL_F_EDID`, by its bit. The crate's own constants are the bits' numbers.
const F_EDID: u64 = 1 << 0;

/// `VHOST_USER_GPU_PROTOCOL_F_DMABUF2`
const F_DMABUF2: u64 = 1 << 1;

/// What a front end is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// The screens' places and sizes.
    Screens,
    /// What a screen says of itself.
    Edid(usize),
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// By screen: where it stands and how large it is; none if it is not plugged in.
    Screens(Vec<Option<Rect>>),
    /// A screen's EDID; none if the front end gives none.
    Edid(usize, Option<Vec<u8>>),
    /// It is gone, or speaks another language: no answer comes any more.
    Gone,
}

/// A front end that shows the screens. Dropping this ends it, as soon as it reads.
#[derive(Debug)]
pub(crate) struct FrontEnd {
    inbox: Arc<Inbox>,
}

#[derive(Debug)]
struct Inbox {
    questions: Mutex<Vec<Question>>,
    is_over: AtomicBool,
    ready: OwnedFd,
}

impl FrontEnd {
    /// Shows what `viewer` sees. Frames that have a dma-buf are handed over as such if `dma_bufs`
    /// says so: a front end cannot tell whether what displays its screens can import any. Answers
    /// go to `answer`, which must not wait.
    ///
    /// # Errors
    /// The host is out of fds or threads.
    pub(crate) fn start(
        socket: GpuBackend,
        viewer: Viewer,
        dma_bufs: bool,
        answer: impl Fn(Answer) + Send + 'static,
    ) -> io::Result<Self> {
        let inbox = Arc::new(Inbox {
            questions: Mutex::default(),
            is_over: AtomicBool::new(false),
            ready: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        });
        let theirs = Arc::clone(&inbox);
        let run = move || {
            let speaker = Speaker {
                socket,
                features: 0,
                dma_bufs,
                pixels: Vec::new(),
                known: BTreeMap::new(),
            };
            if let Err(error) = speaker.run(&theirs, &viewer, &answer) {
                tracing::debug!("the display's front end is gone: {error}");
            }
            answer(Answer::Gone);
        };
        let name = "display".into();
        std::thread::Builder::new().name(name).spawn(run)?;
        Ok(Self { inbox })
    }

    /// Asks; the answer comes when the front end has time.
    pub(crate) fn ask(&self, question: Question) {
        self.inbox.ask(question);
    }
}

impl Drop for FrontEnd {
    fn drop(&mut self) {
        self.inbox.is_over.store(true, Ordering::Release);
        self.inbox.wake();
    }
}

impl Inbox {
    fn ask(&self, question: Question) {
        let mut questions = self
            .questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !questions.contains(&question) {
            questions.push(question);
        }
        drop(questions);
        self.wake();
    }

    fn take(&self) -> Vec<Question> {
        let _ = rustix::io::read(&self.ready, &mut [0; 8]);
        std::mem::take(
            &mut *self
                .questions
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// The counter has room for more than there can be.
    fn wake(&self) {
        let _ = rustix::io::write(&self.ready, &1u64.to_ne_bytes());
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }
}

/// Speaks to a front end.
struct Speaker {
    socket: GpuBackend,
    /// Those of the protocol that both sides have.
    features: u64,
    dma_bufs: bool,
    /// Kept from message to message.
    pixels: Vec<u8>,
    /// What the front end has, by screen; nothing of one that shows nothing.
    known: BTreeMap<usize, Known>,
}

/// What a front end has of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// A copy of this width and height, which updates go to.
    Copy(u32, u32),
    /// The frame itself.
    DmaBuf,
}

impl Speaker {
    fn run(mut self, inbox: &Inbox, viewer: &Viewer, answer: &dyn Fn(Answer)) -> io::Result<()> {
        self.agree()?;
        loop {
            wait(inbox, viewer)?;
            if inbox.is_over() {
                return Ok(());
            }
            for question in inbox.take() {
                answer(self.ask(question)?);
            }
            for change in viewer.take() {
                self.tell(change)?;
            }
        }
    }

    /// Agrees on the protocol's features.
    fn agree(&mut self) -> io::Result<()> {
        let theirs = self.socket.get_protocol_features()?.value;
        self.features = theirs & (F_EDID | F_DMABUF2);
        self.socket
            .set_protocol_features(&VhostUserU64::new(self.features))
    }

    fn ask(&self, question: Question) -> io::Result<Answer> {
        match question {
            Question::Screens => {
                let info = self.socket.get_display_info()?;
                let screens = info.pmodes.iter().map(|mode| {
                    let rect = Rect {
                        x: mode.r.x,
                        y: mode.r.y,
                        width: mode.r.width,
                        height: mode.r.height,
                    };
                    (mode.enabled != 0).then_some(rect)
                });
                Ok(Answer::Screens(screens.collect()))
            }
            Question::Edid(screen) => Ok(Answer::Edid(screen, self.edid(screen)?)),
        }
    }

    fn edid(&self, screen: usize) -> io::Result<Option<Vec<u8>>> {
        if self.features & F_EDID == 0 {
            return Ok(None);
        }
        let scanout_id = number(screen);
        let reply = self
            .socket
            .get_edid(&VhostUserGpuEdidRequest { scanout_id })?;
        let edid = reply.edid.get(..reply.size as usize);
        Ok(edid.filter(|edid| !edid.is_empty()).map(<[u8]>::to_vec))
    }

    fn tell(&mut self, change: Change) -> io::Result<()> {
        match change {
            Change::Shown {
                screen,
                frame,
                was_dark,
            } => self.show(screen, frame.as_deref(), was_dark),
            Change::Damaged {
                screen,
                frame,
                rects,
            } => {
                for rect in rects {
                    self.update(screen, &frame, rect)?;
                }
                Ok(())
            }
            Change::Cursor { screen, cursor } => self.cursor(screen, &cursor),
            Change::CursorMoved {
                screen,
                position,
                is_visible,
            } => self.cursor_position(screen, position, is_visible),
        }
    }

    fn show(&mut self, screen: usize, frame: Option<&Frame>, was_dark: bool) -> io::Result<()> {
        let known = self.known.remove(&screen).filter(|_| !was_dark);
        let Some(frame) = frame else {
            return self.scanout(screen, 0, 0);
        };
        if let Some(dma_buf) = frame.dma_buf().filter(|_| self.dma_bufs) {
            return self.show_dma_buf(screen, frame, dma_buf);
        }
        // A front end has a new surface, and an empty one, with each of these messages. A guest
        // that flips between frames of a size needs none.
        let copy = Known::Copy(frame.width(), frame.height());
        if known != Some(copy) {
            self.scanout(screen, frame.width(), frame.height())?;
        }
        self.known.insert(screen, copy);
        self.update(screen, frame, frame.rect())
    }

    fn scanout(&self, screen: usize, width: u32, height: u32) -> io::Result<()> {
        self.socket.set_scanout(&VhostUserGpuScanout {
            scanout_id: number(screen),
            width,
            height,
        })
    }

    fn show_dma_buf(&mut self, screen: usize, frame: &Frame, dma_buf: &DmaBuf) -> io::Result<()> {
        let message = dma_buf_scanout(screen, frame, dma_buf)
            .ok_or_else(|| io::Error::other("a dma-buf's frame is out of its rows"))?;
        match self.features & F_DMABUF2 {
            0 => self
                .socket
                .set_dmabuf_scanout(&message, Some(&dma_buf.fd))?,
            _ => self.socket.set_dmabuf_scanout2(
                &VhostUserGpuDMABUFScanout2 {
                    dmabuf_scanout: message,
                    modifier: dma_buf.modifier,
                },
                Some(&dma_buf.fd),
            )?,
        }
        self.known.insert(screen, Known::DmaBuf);
        self.update(screen, frame, frame.rect())
    }

    fn update(&mut self, screen: usize, frame: &Frame, rect: Rect) -> io::Result<()> {
        if self.known.get(&screen) == Some(&Known::DmaBuf) {
            return self.socket.update_dmabuf_scanout(&update(screen, rect));
        }
        for band in bands(rect) {
            if let Some(band) = frame.read(band, &mut self.pixels) {
                let message = update(screen, band);
                self.socket.update_scanout(&message, &self.pixels)?;
            }
        }
        Ok(())
    }

    fn cursor(&self, screen: usize, cursor: &Cursor) -> io::Result<()> {
        let Some(image) = &cursor.image else {
            return self.cursor_position(screen, cursor.position, false);
        };
        let pixels: &[u8; CursorImage::BYTES] = image
            .pixels()
            .try_into()
            .map_err(|_| io::Error::other("a pointer of another size"))?;
        let message = VhostUserGpuCursorUpdate {
            pos: cursor_position(screen, cursor.position),
            hot_x: cursor.hot_spot.x,
            hot_y: cursor.hot_spot.y,
        };
        self.socket.cursor_update(&message, pixels)
    }

    fn cursor_position(
        &self,
        screen: usize,
        position: Position,
        is_visible: bool,
    ) -> io::Result<()> {
        let position = cursor_position(screen, position);
        match is_visible {
            true => self.socket.cursor_pos(&position),
            false => self.socket.cursor_pos_hide(&position),
        }
    }
}

/// Bytes of pixels in a message, unless a row has more. They are still in the cache when the kernel
/// copies them.
const BAND: u64 = 1 << 19;

/// A rectangle from top to bottom, in parts of whole rows.
fn bands(rect: Rect) -> impl Iterator<Item = Rect> {
    let row = u64::from(rect.width).saturating_mul(PIXEL);
    let rows = BAND.checked_div(row).unwrap_or_default().max(1);
    let rows = u32::try_from(rows).unwrap_or(u32::MAX);
    let starts = std::iter::successors(Some(0), move |from: &u32| from.checked_add(rows));
    let starts = starts.take_while(move |from| *from < rect.height);
    starts.map(move |from| Rect {
        y: rect.y.saturating_add(from),
        height: rows.min(rect.height.saturating_sub(from)),
        ..rect
    })
}

/// Waits until there is something to ask or to tell.
fn wait(inbox: &Inbox, viewer: &Viewer) -> io::Result<()> {
    let (inbox, viewer) = (inbox.ready.as_fd(), viewer.as_fd());
    let mut fds = [inbox, viewer].map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
    match poll(&mut fds, None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The protocol knows no offset: the frame's first pixel is named by its row and column.
fn dma_buf_scanout(
    screen: usize,
    frame: &Frame,
    dma_buf: &DmaBuf,
) -> Option<VhostUserGpuDMABUFScanout> {
    let layout = frame.layout();
    let stride = u64::from(layout.stride);
    let y = u32::try_from(dma_buf.offset.checked_div(stride)?).ok()?;
    let in_row = dma_buf.offset.checked_rem(stride)?;
    let x = u32::try_from(in_row.checked_div(PIXEL)?).ok()?;
    Some(VhostUserGpuDMABUFScanout {
        scanout_id: number(screen),
        x,
        y,
        width: frame.width(),
        height: frame.height(),
        fd_width: x.checked_add(frame.width())?,
        fd_height: y.checked_add(frame.height())?,
        fd_stride: layout.stride,
        fd_flags: 0,
        fd_drm_fourcc: fourcc(frame)?,
    })
}

/// Bytes of a pixel that a screen can show.
const PIXEL: u64 = 4;

/// The format as `drm_fourcc.h` has it, which counts from the highest byte down.
fn fourcc(frame: &Frame) -> Option<u32> {
    let pixel = frame.layout().format.scanout_pixel()?;
    let name = match (pixel.blue, pixel.red, pixel.alpha.is_some()) {
        (0, _, true) => b"AR24",
        (0, _, false) => b"XR24",
        (_, 0, true) => b"AB24",
        (_, 0, false) => b"XB24",
        (3, _, true) => b"BA24",
        (3, _, false) => b"BX24",
        (_, _, true) => b"RA24",
        (_, _, false) => b"RX24",
    };
    Some(u32::from_le_bytes(*name))
}

fn update(screen: usize, rect: Rect) -> VhostUserGpuUpdate {
    VhostUserGpuUpdate {
        scanout_id: number(screen),
        x: rect.x,
        y: rect.y,
        width: rect.width,
        height: rect.height,
    }
}

fn cursor_position(screen: usize, position: Position) -> VhostUserGpuCursorPos {
    VhostUserGpuCursorPos {
        scanout_id: number(screen),
        x: position.x.cast_unsigned(),
        y: position.y.cast_unsigned(),
    }
}

/// A device has 16 screens at most.
fn number(screen: usize) -> u32 {
    u32::try_from(screen).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{BAND, PIXEL, Rect, bands};

    #[test]
    fn bands_are_the_whole_and_do_not_overlap() {
        for (width, height) in [
            (1920, 1080),
            (1, 1),
            (16_384, 16_384),
            (300_000, 3),
            (0, 4),
            (4, 0),
        ] {
            let whole = Rect {
                x: 3,
                y: 5,
                width,
                height,
            };
            let mut y = 5;
            for band in bands(whole) {
                assert_eq!((band.x, band.y, band.width), (3, y, width));
                let bytes = u64::from(width) * u64::from(band.height) * PIXEL;
                assert!(band.height == 1 || bytes <= BAND);
                y += band.height;
            }
            assert_eq!(y, 5 + height);
        }
    }
}
