//! `stress`: everything made and destroyed over and over, to hunt for leaks.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::gpu::{Gpu, Instance};
use crate::scenes;

/// Rounds after which a process is warm: caches filled, threads started.
const WARM: u32 = 10;

/// What the process holds, as the kernel counts.
#[derive(Debug)]
struct Held {
    memory_kib: u64,
    files: usize,
    threads: usize,
}

/// Opens an instance and a device, draws a triangle, and destroys everything, so many times.
pub(crate) fn stress(device: usize, rounds: u32) -> Result<bool> {
    let start = Instant::now();
    let (mut first, mut warm) = (None, None);
    for round in 0..rounds {
        let crc = draw(device, round == 0)?;
        let same = *first.get_or_insert(crc) == crc;
        if !same {
            return Err(Error::Wrong(format!("round {round} drew another picture")));
        }
        if round + 1 == WARM.min(rounds) {
            warm = Some(held()?);
        }
    }
    let (Some(warm), now) = (warm, held()?) else {
        return Err(Error::Usage("at least one round".into()));
    };
    let seconds = start.elapsed().as_secs_f64();
    println!("{rounds} rounds in {seconds:.1} s, the same picture each time");
    println!(
        "memory  {} KiB after {} rounds, {} KiB now",
        warm.memory_kib,
        WARM.min(rounds),
        now.memory_kib
    );
    println!("files   {} then, {} now", warm.files, now.files);
    println!("threads {} then, {} now", warm.threads, now.threads);
    Ok(now.files <= warm.files && now.threads <= warm.threads)
}

fn draw(device: usize, describe: bool) -> Result<u32> {
    let instance = Arc::new(Instance::open(device, false)?);
    if describe {
        eprintln!("{}", instance.describe());
    }
    let scene = &scenes::ALL[0];
    let gpu = Gpu::open(&instance, &mut scene.wanted())?;
    Ok(crc32fast::hash((scene.draw)(&gpu)?.bytes()))
}

fn held() -> Result<Held> {
    let failed = |path: &'static str| {
        move |source| Error::File {
            path: path.into(),
            source,
        }
    };
    let status = "/proc/self/status";
    let text = fs::read_to_string(status).map_err(failed(status))?;
    let resident = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = resident.and_then(|rest| rest.split_whitespace().next());
    let count = |path| -> Result<usize> { Ok(fs::read_dir(path).map_err(failed(path))?.count()) };
    Ok(Held {
        memory_kib: number
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        files: count("/proc/self/fd")?,
        threads: count("/proc/self/task")?,
    })
}
