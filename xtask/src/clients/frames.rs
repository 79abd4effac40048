//! Watches an X server's frame buffer for what a client shows.

use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::picture::Picture;

/// The file that `Xvfb -fbdir` keeps screen 0 in, an X window dump.
const FILE: &str = "Xvfb_screen0";

/// Between two looks: much less than a client takes to close its window.
const PAUSE: Duration = Duration::from_micros(200);

/// How many pictures are kept of a client: 30 of a screen of a million pixels are 120 MB.
const KEPT: usize = 30;

/// What a client showed while it ran, without what was torn by a change while it was read.
pub(crate) struct Shown {
    /// The last different pictures, in their order.
    pub(crate) pictures: Vec<Picture>,
    /// The one that was there longest. A window that closes is cleared bit by bit, so the
    /// last one may be half gone.
    pub(crate) longest: Option<Picture>,
}

/// Runs `client` and returns its result with what was on the screen kept in `folder`.
pub(crate) fn watch<T>(folder: &Path, client: impl FnOnce() -> T) -> (T, Shown) {
    let path = folder.join(FILE);
    let done = AtomicBool::new(false);
    let (result, seen) = thread::scope(|scope| {
        let watcher = scope.spawn(|| look_until(&done, &path));
        let result = client();
        done.store(true, Ordering::Release);
        (result, watcher.join().unwrap_or_default())
    });
    // The next session's server makes the file anew; until then the old one must not be read.
    let _ = std::fs::remove_file(&path);
    (result, seen.pictures())
}

fn look_until(done: &AtomicBool, path: &Path) -> Seen {
    let mut file = None;
    let mut seen = Seen::default();
    while !done.load(Ordering::Acquire) {
        file = file.or_else(|| File::open(path).ok());
        if let Some(file) = &file {
            seen.look(file);
        }
        thread::sleep(PAUSE);
    }
    seen
}

/// Raw dumps: turning them into pictures would take longer than a frame lasts.
#[derive(Default)]
struct Seen {
    first: Vec<u8>,
    second: Vec<u8>,
    /// The last ones that held still and showed something, and how often the newest of
    /// them was seen.
    kept: VecDeque<Vec<u8>>,
    looks: u32,
    /// The one that was seen most often without another between.
    longest: (Vec<u8>, u32),
}

impl Seen {
    fn look(&mut self, file: &File) {
        let read = read(file, &mut self.first) && read(file, &mut self.second);
        if read && self.first == self.second && !ends_black(&self.first) {
            self.note();
        }
    }

    /// Counts the picture in `first`.
    fn note(&mut self) {
        if self.kept.back() == Some(&self.first) {
            self.looks += 1;
            return;
        }
        self.settle_longest();
        let mut room = if self.kept.len() < KEPT {
            Vec::new()
        } else {
            self.kept.pop_front().unwrap_or_default()
        };
        std::mem::swap(&mut room, &mut self.first);
        self.kept.push_back(room);
        self.looks = 1;
    }

    fn settle_longest(&mut self) {
        if let Some(newest) = self.kept.back().filter(|_| self.looks > self.longest.1) {
            self.longest.0.clone_from(newest);
            self.longest.1 = self.looks;
        }
    }

    fn pictures(mut self) -> Shown {
        self.settle_longest();
        let pictures = self.kept.iter().filter_map(|dump| Picture::of_xwd(dump));
        Shown {
            pictures: pictures.collect(),
            longest: Picture::of_xwd(&self.longest.0),
        }
    }
}

/// Whether the lower half of the screen is black: no window is there, or it has no picture
/// yet. The header and its colour map, which are never all zero, are in the upper half.
fn ends_black(dump: &[u8]) -> bool {
    let pixels = dump.get(dump.len() / 2..).unwrap_or_default();
    // Each byte equal to its neighbour is one memory comparison, fast without optimisation.
    pixels.first() == Some(&0) && pixels.get(1..) == pixels.get(..pixels.len().saturating_sub(1))
}

/// Reads the whole file; false if it is empty yet or cannot be read.
fn read(file: &File, bytes: &mut Vec<u8>) -> bool {
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    bytes.resize(usize::try_from(size).unwrap_or(0), 0);
    size > 0 && file.read_exact_at(bytes, 0).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Seen, ends_black};

    #[test]
    fn the_longest_is_kept() {
        let mut seen = Seen::default();
        for picture in [1, 2, 2, 2, 3, 3, 4] {
            seen.first = vec![picture];
            seen.note();
        }
        seen.settle_longest();
        assert_eq!(seen.longest, (vec![2], 3));
        assert_eq!(seen.kept, [[1], [2], [3], [4]]);
    }

    #[test]
    fn black_is_told_from_shown() {
        let header = [1_u8; 8];
        let dump = |pixels: [u8; 8]| [header, pixels].concat();
        assert!(ends_black(&dump([0; 8])));
        assert!(!ends_black(&dump([9; 8])));
        assert!(!ends_black(&dump([0, 0, 0, 0, 0, 0, 0, 1])));
    }
}
