//! Watches an X server's frame buffer for the last picture that a client shows.

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

/// Runs `client` and returns its result with the last picture seen on the screen kept in
/// `folder`: what its window showed when it closed. `None` if nothing was ever shown.
pub(crate) fn last_picture<T>(folder: &Path, client: impl FnOnce() -> T) -> (T, Option<Picture>) {
    let path = folder.join(FILE);
    let done = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(&path, &done));
        let result = client();
        done.store(true, Ordering::Release);
        (result, watcher.join().unwrap_or(None))
    });
    // The next session's server makes the file anew; until then the old one must not be read.
    let _ = std::fs::remove_file(&path);
    seen
}

fn watch(path: &Path, done: &AtomicBool) -> Option<Picture> {
    let mut file = None;
    let mut seen = Seen::default();
    while !done.load(Ordering::Acquire) {
        file = file.or_else(|| File::open(path).ok());
        if let Some(file) = &file {
            seen.look(file);
        }
        thread::sleep(PAUSE);
    }
    Picture::of_xwd(&seen.shown)
}

/// Raw dumps: turning them into pictures would take longer than a frame lasts.
#[derive(Default)]
struct Seen {
    first: Vec<u8>,
    second: Vec<u8>,
    /// The last one that held still and showed something.
    shown: Vec<u8>,
}

impl Seen {
    fn look(&mut self, file: &File) {
        let still = read(file, &mut self.first) && read(file, &mut self.second);
        if still
            && self.first == self.second
            && self.first != self.shown
            && !ends_black(&self.first)
        {
            std::mem::swap(&mut self.shown, &mut self.first);
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
    use super::ends_black;

    #[test]
    fn black_is_told_from_shown() {
        let header = [1_u8; 8];
        let dump = |pixels: [u8; 8]| [header, pixels].concat();
        assert!(ends_black(&dump([0; 8])));
        assert!(!ends_black(&dump([9; 8])));
        assert!(!ends_black(&dump([0, 0, 0, 0, 0, 0, 0, 1])));
    }
}
