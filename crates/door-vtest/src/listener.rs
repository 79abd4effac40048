use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// Why a socket cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another server answers there.
    #[error("another server is listening on {}", .0.display())]
    InUse(PathBuf),
    /// Something else is there, and is left alone.
    #[error("{} exists and is not a socket", .0.display())]
    NotASocket(PathBuf),
    /// The kernel says no.
    #[error("cannot listen on {}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// A listening socket; its file is removed when dropped.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    path: PathBuf,
    /// Device and inode of the file, to remove no one else's.
    file: (u64, u64),
}

impl Listener {
    /// Listens at `path`. A socket that a dead server left there is replaced.
    pub fn bind(path: &Path) -> Result<Self, BindError> {
        clear_the_way(path)?;
        let bind = || {
            let socket = UnixListener::bind(path)?;
            socket.set_nonblocking(true)?;
            let file = file_id(path)?;
            Ok((socket, file))
        };
        let (socket, file) = bind().map_err(|source| BindError::Io {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            socket,
            path: path.to_owned(),
            file,
        })
    }

    /// Where clients connect.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the next client, if one waits.
    pub(crate) fn accept(&self) -> io::Result<Option<UnixStream>> {
        match self.socket.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                Ok(Some(stream))
            }
            // It came, and went again, or was taken by a signal's interruption.
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock
                | io::ErrorKind::Interrupted
                | io::ErrorKind::ConnectionAborted => Ok(None),
                _ => Err(error),
            },
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if file_id(&self.path).is_ok_and(|file| file == self.file) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes the socket of a server that is gone. Connecting tells: only a listening socket
/// accepts, even if its server is slow.
fn clear_the_way(path: &Path) -> Result<(), BindError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.file_type().is_socket() => {
            Err(BindError::NotASocket(path.to_owned()))
        }
        Ok(_) => match UnixStream::connect(path) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path)
                .map_err(|source| BindError::Io {
                    path: path.to_owned(),
                    source,
                }),
            _ => Err(BindError::InUse(path.to_owned())),
        },
        Err(_) => Ok(()),
    }
}

fn file_id(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
