use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::event::{EventfdFlags, eventfd};

use crate::damage::Damage;
use crate::screens::Screen;
use crate::{Cursor, Display, Frame, Position, Rect};

/// Someone who looks at the screens. Its fd is readable while something has changed.
#[derive(Debug)]
pub struct Viewer {
    display: Display,
    watch: Arc<Watch>,
}

/// What has changed on a screen since the viewer took changes last.
#[derive(Clone, Debug)]
pub enum Change {
    /// It shows another frame, all of it new; or nothing.
    Shown {
        /// The screen.
        screen: usize,
        /// The frame.
        frame: Option<Arc<Frame>>,
        /// Whether it showed nothing, now or in between: whoever looks may have forgotten all of it.
        was_dark: bool,
    },
    /// Parts of its frame are new.
    Damaged {
        /// The screen.
        screen: usize,
        /// The frame, the same as before.
        frame: Arc<Frame>,
        /// The parts: a few that do not overlap, each inside the frame.
        rects: Vec<Rect>,
    },
    /// Its pointer looks different, and may be elsewhere.
    Cursor {
        /// The screen.
        screen: usize,
        /// The pointer.
        cursor: Cursor,
    },
    /// Its pointer looks the same and is elsewhere.
    CursorMoved {
        /// The screen.
        screen: usize,
        /// Where.
        position: Position,
        /// Whether it is to be seen.
        is_visible: bool,
    },
}

impl Viewer {
    pub(crate) fn new(display: Display, watch: Arc<Watch>) -> Self {
        Self { display, watch }
    }

    /// Takes what has changed. Never waits; nothing may have.
    pub fn take(&self) -> Vec<Change> {
        let state = self.display.lock();
        let mut pending = self.watch.lock();
        self.watch.clear_ready();
        let screens = state.screens.iter().zip(pending.iter_mut()).enumerate();
        screens
            .flat_map(|(at, (screen, pending))| pending.take(at, screen))
            .collect()
    }
}

impl AsFd for Viewer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.watch.ready.as_fd()
    }
}

/// What one viewer has not taken yet. It is changed only while the display is locked.
#[derive(Debug)]
pub(crate) struct Watch {
    /// By screen.
    pending: Mutex<Vec<Pending>>,
    /// Readable while something is pending.
    ready: OwnedFd,
}

impl Watch {
    pub(crate) fn new(pending: Vec<Pending>) -> io::Result<Self> {
        let ready = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let watch = Self {
            pending: Mutex::new(pending),
            ready,
        };
        if watch.lock().iter().any(|pending| !pending.is_empty()) {
            watch.set_ready();
        }
        Ok(watch)
    }

    pub(crate) fn note(&self, screen: usize, note: &dyn Fn(&mut Pending)) {
        let mut pending = self.lock();
        let was_empty = pending.iter().all(Pending::is_empty);
        pending.get_mut(screen).into_iter().for_each(note);
        if was_empty {
            self.set_ready();
        }
    }

    /// One that is nearly full is readable all the same.
    fn set_ready(&self) {
        let _ = rustix::io::write(&self.ready, &1u64.to_ne_bytes());
    }

    /// One that is empty stays so.
    fn clear_ready(&self) {
        let _ = rustix::io::read(&self.ready, &mut [0; 8]);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a viewer has not taken of one screen.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    is_other: bool,
    was_dark: bool,
    damage: Damage,
    cursor: CursorChange,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum CursorChange {
    #[default]
    None,
    Moved,
    Other,
}

impl Pending {
    /// Everything is new, so that no part need be named.
    pub(crate) fn show(&mut self, was_dark: bool) {
        self.is_other = true;
        self.was_dark |= was_dark;
        self.damage = Damage::default();
    }

    pub(crate) fn damage(&mut self, rect: Rect) {
        if !self.is_other {
            self.damage.add(rect);
        }
    }

    pub(crate) fn cursor_moved(&mut self) {
        self.cursor = self.cursor.max(CursorChange::Moved);
    }

    pub(crate) fn cursor(&mut self) {
        self.cursor = CursorChange::Other;
    }

    fn is_empty(&self) -> bool {
        !self.is_other && self.damage.is_empty() && self.cursor == CursorChange::None
    }

    fn take(&mut self, at: usize, screen: &Screen) -> Vec<Change> {
        let taken = std::mem::take(self);
        [taken.take_pixels(at, screen), taken.take_cursor(at, screen)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn take_pixels(&self, at: usize, screen: &Screen) -> Option<Change> {
        let frame = screen.frame.as_ref();
        if self.is_other {
            let frame = frame.cloned();
            return Some(Change::Shown {
                screen: at,
                frame,
                was_dark: self.was_dark,
            });
        }
        let rects = self.damage.clone().take();
        let frame = frame.filter(|_| !rects.is_empty())?;
        Some(Change::Damaged {
            screen: at,
            frame: Arc::clone(frame),
            rects,
        })
    }

    fn take_cursor(&self, at: usize, screen: &Screen) -> Option<Change> {
        let cursor = &screen.cursor;
        match self.cursor {
            CursorChange::None => None,
            CursorChange::Moved => Some(Change::CursorMoved {
                screen: at,
                position: cursor.position,
                is_visible: cursor.image.is_some(),
            }),
            CursorChange::Other => Some(Change::Cursor {
                screen: at,
                cursor: cursor.clone(),
            }),
        }
    }
}
