//! Linked programs on disk, so that they are compiled once and not in every process.
//!
//! A program's name is the hash of all that it is made of: the driver, the texts of its stages
//! and what is settled before linking. No guest can put a program under the name of another's
//! without breaking the hash. What is read is checked whole before the driver sees it; a file
//! that is damaged, cut off or of another driver is removed and made again.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use host_gl::{Caps, Current, LinkOptions, Program, ProgramBinary};
use wire::{Reader, Writer};
use wire_virgl::ShaderStage;

use crate::limits::{MAX_PROGRAM_BYTES, PROGRAM_CACHE_BYTES};

/// Programs of one driver on disk.
#[derive(Debug)]
pub(crate) struct ProgramCache {
    folder: PathBuf,
    driver: blake3::Hasher,
    /// About what the files take, in bytes: others may use the folder, too.
    used: AtomicU64,
    /// What they may take, in bytes.
    limit: u64,
}

/// The name of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(blake3::Hash);

/// The first bytes of a file: what it is, and in which version of this layout.
const MAGIC: &[u8; 8] = b"PVNPRG\0\x01";

/// Bytes of a hash.
const HASH: usize = blake3::OUT_LEN;

/// Bytes of a file besides the program: magic, key, format, length and checksum.
const FRAME: u64 = (MAGIC.len() + HASH + 4 + 4 + HASH) as u64;

/// What files end in.
const SUFFIX: &str = "program";

/// What files begin with while they are written. One that is older than [`STALE`] was left by a
/// process that ended.
const UNFINISHED: &str = "unfinished-";

/// Longer than writing a file takes.
const STALE: Duration = Duration::from_secs(3600);

/// What is left when the limit is passed: so that it is not passed again at once.
const LEFT: (u64, u64) = (3, 4);

impl ProgramCache {
    /// Uses `folder`, which is made with the first program if it is not there. None if the
    /// driver has no binaries.
    ///
    /// # Errors
    /// The folder cannot be listed, or others than this user may write to it: what it holds
    /// goes to the driver.
    pub(crate) fn open(folder: &Path, caps: &Caps) -> io::Result<Option<Self>> {
        if !caps.has_program_binaries() {
            return Ok(None);
        }
        let cache = Self {
            folder: folder.to_owned(),
            driver: driver(caps),
            used: AtomicU64::new(0),
            limit: PROGRAM_CACHE_BYTES,
        };
        match fs::metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            metadata => {
                check_owner(&metadata?)?;
                cache.shrink()?;
            }
        }
        Ok(Some(cache))
    }

    /// The name of the program that is linked of `stages` with `options`.
    pub(crate) fn key(&self, stages: &[(ShaderStage, &str)], options: &LinkOptions<'_>) -> Key {
        let mut hasher = self.driver.clone();
        count(&mut hasher, stages.len());
        for (stage, text) in stages {
            hasher.update(&stage.number().to_le_bytes());
            add(&mut hasher, text.as_bytes());
        }
        hasher.update(&[options.separate.into()]);
        count(&mut hasher, options.attributes.len());
        for (place, name) in &options.attributes {
            hasher.update(&place.to_le_bytes());
            add(&mut hasher, name.to_bytes());
        }
        count(&mut hasher, options.outputs.len());
        for (place, index, name) in &options.outputs {
            hasher.update(&place.to_le_bytes());
            hasher.update(&index.to_le_bytes());
            add(&mut hasher, name.to_bytes());
        }
        count(&mut hasher, options.streamed.len());
        for name in &options.streamed {
            add(&mut hasher, name.to_bytes());
        }
        Key(hasher.finalize())
    }

    /// The program, if it was kept and the driver takes it.
    pub(crate) fn load(&self, gl: &Current<'_>, key: &Key) -> Option<Program> {
        let binary = self.find(key)?;
        match gl.load_program(&binary) {
            Ok(program) => Some(program),
            Err(error) => {
                tracing::debug!("a kept program is made again: {error}");
                self.forget(key);
                None
            }
        }
    }

    /// Keeps a program that was linked with [`LinkOptions::keeps_binary`]. That it cannot be
    /// kept costs its next user time and nothing else.
    pub(crate) fn keep(&self, gl: &Current<'_>, key: &Key, program: &Program) {
        let Some(binary) = gl.program_binary(program) else {
            return;
        };
        if let Err(error) = self.write(key, &binary) {
            tracing::debug!("a program is not kept: {error}");
        }
    }

    /// What was kept, if it is whole.
    fn find(&self, key: &Key) -> Option<ProgramBinary> {
        let file = File::open(self.path(key)).ok()?;
        let mut bytes = Vec::new();
        let most = FRAME.saturating_add(MAX_PROGRAM_BYTES);
        let read = (&file).take(most).read_to_end(&mut bytes);
        match read.ok().and_then(|_| parse(&bytes, key)) {
            Some(binary) => {
                // The order in which programs go when there are too many.
                let _ = file.set_modified(SystemTime::now());
                Some(binary)
            }
            None => {
                tracing::debug!("a kept program is damaged");
                self.forget(key);
                None
            }
        }
    }

    /// Whoever reads finds all of it or nothing.
    fn write(&self, key: &Key, binary: &ProgramBinary) -> io::Result<()> {
        let bytes = frame(key, binary)?;
        let mut file = match self.unfinished() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut private = DirBuilder::new();
                private.recursive(true).mode(0o700).create(&self.folder)?;
                self.unfinished()?
            }
            file => file?,
        };
        file.write_all(&bytes)?;
        file.persist(self.path(key)).map_err(|error| error.error)?;
        let size = on_disk(bytes.len() as u64);
        if self
            .used
            .fetch_add(size, Ordering::Relaxed)
            .saturating_add(size)
            > self.limit
        {
            self.shrink()?;
        }
        Ok(())
    }

    fn unfinished(&self) -> io::Result<tempfile::NamedTempFile> {
        tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(&self.folder)
    }

    fn forget(&self, key: &Key) {
        let _ = fs::remove_file(self.path(key));
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder
            .join(key.0.to_hex().as_str())
            .with_extension(SUFFIX)
    }

    /// Looks what there is, and if it is too much removes what was not used for longest.
    fn shrink(&self) -> io::Result<()> {
        let mut kept = self.kept()?;
        kept.sort_by_key(|one| one.last_used);
        let mut used = kept.iter().map(|one| one.size).fold(0, u64::saturating_add);
        if used > self.limit {
            let (part, whole) = LEFT;
            let left = self.limit / whole * part;
            for one in kept {
                if used <= left {
                    break;
                }
                if fs::remove_file(&one.path).is_ok() {
                    used = used.saturating_sub(one.size);
                }
            }
        }
        self.used.store(used, Ordering::Relaxed);
        Ok(())
    }

    /// The files of all drivers; those that were left unfinished are removed.
    fn kept(&self) -> io::Result<Vec<Kept>> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            // Gone by now, perhaps: others use the folder, too.
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                continue;
            };
            let last_used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if path.extension().is_some_and(|suffix| suffix == SUFFIX) {
                kept.push(Kept {
                    size: on_disk(metadata.len()),
                    last_used,
                    path,
                });
            } else if is_unfinished(&path) && last_used.elapsed().is_ok_and(|age| age > STALE) {
                let _ = fs::remove_file(&path);
            }
        }
        Ok(kept)
    }
}

/// A file.
struct Kept {
    path: PathBuf,
    size: u64,
    last_used: SystemTime,
}

fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(UNFINISHED))
}

/// Files take whole blocks.
fn on_disk(bytes: u64) -> u64 {
    /// Bytes, of most file systems.
    const BLOCK: u64 = 4096;
    bytes.checked_next_multiple_of(BLOCK).unwrap_or(bytes)
}

fn check_owner(folder: &Metadata) -> io::Result<()> {
    /// `S_IWGRP | S_IWOTH`
    const OTHERS_WRITE: u32 = 0o022;
    let is_ours = folder.uid() == rustix::process::geteuid().as_raw();
    match is_ours && folder.mode() & OTHERS_WRITE == 0 {
        true => Ok(()),
        false => Err(io::Error::other("others than its user may write to it")),
    }
}

/// Hashes what programs of one driver have in common.
fn driver(caps: &Caps) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new_derive_key("Paravane, linked OpenGL programs, 1");
    for text in [&caps.vendor, &caps.renderer, &caps.version_text] {
        add(&mut hasher, text.as_bytes());
    }
    add(&mut hasher, format!("{:?}", caps.api).as_bytes());
    hasher.update(&[caps.robust_access.into()]);
    hasher
}

/// With its length, so that no two lists of parts hash the same bytes.
fn add(hasher: &mut blake3::Hasher, bytes: &[u8]) {
    count(hasher, bytes.len());
    hasher.update(bytes);
}

fn count(hasher: &mut blake3::Hasher, length: usize) {
    hasher.update(&(length as u64).to_le_bytes());
}

fn frame(key: &Key, binary: &ProgramBinary) -> io::Result<Vec<u8>> {
    let length = u32::try_from(binary.bytes.len()).ok();
    let length = length.filter(|length| u64::from(*length) <= MAX_PROGRAM_BYTES);
    let length = length.ok_or_else(|| io::Error::other("it is too long"))?;
    let mut writer = Writer::new();
    writer.bytes(MAGIC);
    writer.bytes(key.0.as_bytes());
    writer.u32(binary.format);
    writer.u32(length);
    writer.bytes(&binary.bytes);
    let mut bytes = writer.into_bytes();
    let checksum = blake3::hash(&bytes);
    bytes.extend_from_slice(checksum.as_bytes());
    Ok(bytes)
}

/// None unless the file is whole, and of this program.
fn parse(bytes: &[u8], key: &Key) -> Option<ProgramBinary> {
    let (framed, checksum) = bytes.split_last_chunk::<HASH>()?;
    let mut reader = Reader::new(framed);
    if reader.bytes(MAGIC.len()).ok()? != MAGIC || reader.bytes(HASH).ok()? != key.0.as_bytes() {
        return None;
    }
    let format = reader.u32().ok()?;
    let length = usize::try_from(reader.u32().ok()?).ok()?;
    let program = reader.bytes(length).ok()?.to_vec();
    reader.finish().ok()?;
    (blake3::hash(framed) == blake3::Hash::from_bytes(*checksum)).then_some(ProgramBinary {
        format,
        bytes: program,
    })
}

#[cfg(test)]
mod tests;
