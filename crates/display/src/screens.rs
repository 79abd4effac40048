use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::viewer::{Pending, Watch};
use crate::{Cursor, Frame, Position, Rect, Viewer};

/// What is on the screens of one device now. Clones share it.
///
/// Screens have numbers from 0 on; what is said of one that there is not has no effect. No method
/// waits for a viewer.
#[derive(Clone, Debug)]
pub struct Display(Arc<Mutex<State>>);

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) screens: Vec<Screen>,
    watches: Vec<Weak<Watch>>,
}

/// What is on one screen.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    pub(crate) frame: Option<Arc<Frame>>,
    pub(crate) cursor: Cursor,
}

impl Display {
    /// This many screens, all dark.
    pub fn new(screens: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            screens: (0..screens).map(|_| Screen::default()).collect(),
            watches: Vec::new(),
        })))
    }

    /// How many screens there are.
    pub fn screen_count(&self) -> usize {
        self.lock().screens.len()
    }

    /// A screen shows another frame from now on, all of it new; or nothing.
    pub fn show(&self, screen: usize, frame: Option<Frame>) {
        let frame = frame.map(Arc::new);
        self.change(screen, |shown, pending| {
            if shown.frame.is_none() && frame.is_none() {
                return;
            }
            let was_dark = shown.frame.is_none() || frame.is_none();
            shown.frame.clone_from(&frame);
            pending(&|pending| pending.show(was_dark));
        });
    }

    /// A part of the frame that a screen shows is new.
    pub fn damage(&self, screen: usize, rect: Rect) {
        self.change(screen, |shown, pending| {
            let rect = shown
                .frame
                .as_ref()
                .and_then(|frame| frame.rect().intersection(&rect));
            if let Some(rect) = rect {
                pending(&|pending| pending.damage(rect));
            }
        });
    }

    /// A screen's pointer looks different, and may be elsewhere.
    pub fn set_cursor(&self, screen: usize, cursor: Cursor) {
        self.change(screen, |shown, pending| {
            let is_same =
                shown.cursor.image == cursor.image && shown.cursor.hot_spot == cursor.hot_spot;
            let is_here = shown.cursor.position == cursor.position;
            shown.cursor.clone_from(&cursor);
            match (is_same, is_here) {
                (true, true) => {}
                (true, false) => pending(&|pending| pending.cursor_moved()),
                (false, _) => pending(&|pending| pending.cursor()),
            }
        });
    }

    /// A screen's pointer is elsewhere.
    pub fn move_cursor(&self, screen: usize, position: Position) {
        self.change(screen, |shown, pending| {
            if shown.cursor.position != position {
                shown.cursor.position = position;
                pending(&|pending| pending.cursor_moved());
            }
        });
    }

    /// What a screen shows.
    pub fn frame(&self, screen: usize) -> Option<Arc<Frame>> {
        self.lock().screens.get(screen)?.frame.clone()
    }

    /// A screen's pointer.
    pub fn cursor(&self, screen: usize) -> Option<Cursor> {
        Some(self.lock().screens.get(screen)?.cursor.clone())
    }

    /// Someone who looks, and to whom all that is shown now is new.
    ///
    /// # Errors
    /// The host is out of fds.
    pub fn viewer(&self) -> io::Result<Viewer> {
        let mut state = self.lock();
        let pending = state.screens.iter().map(|screen| {
            let mut pending = Pending::default();
            if screen.frame.is_some() {
                pending.show(true);
            }
            if screen.cursor != Cursor::default() {
                pending.cursor();
            }
            pending
        });
        let watch = Arc::new(Watch::new(pending.collect())?);
        state.watches.retain(|watch| watch.strong_count() > 0);
        state.watches.push(Arc::downgrade(&watch));
        drop(state);
        Ok(Viewer::new(self.clone(), watch))
    }

    /// Calls `with` for a screen and a way to note what is pending for each viewer.
    fn change(&self, screen: usize, with: impl FnOnce(&mut Screen, &Note<'_>)) {
        let mut state = self.lock();
        let State { screens, watches } = &mut *state;
        if let Some(shown) = screens.get_mut(screen) {
            with(shown, &|note| {
                for watch in watches.iter().filter_map(Weak::upgrade) {
                    watch.note(screen, note);
                }
            });
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Note<'a> = dyn Fn(&dyn Fn(&mut Pending)) + 'a;
