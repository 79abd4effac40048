//! What the log says of one context.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

static LINES: OnceLock<Lines> = OnceLock::new();

/// Starts to keep the log of this process.
pub(crate) fn keep() {
    LINES.get_or_init(|| {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
            .with_writer(move || writer.clone())
            .init();
        lines
    });
}

/// The lines, at the level of a warning or above, that name a context.
pub(crate) fn of_context(id: u32) -> Vec<String> {
    let Some(lines) = LINES.get() else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned();
    let name = format!("context={id}");
    text.lines()
        .filter(|line| line.split_whitespace().any(|word| word == name))
        .map(str::to_owned)
        .collect()
}
