use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{
    RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recv, send, sendmsg,
};
use wire::Writer;
use wire_vtest::{Extent, Reply, Request, Version};

use crate::error::Error;

/// Bytes asked of the socket at a time.
const CHUNK: usize = 64 * 1024;

/// Bytes of room kept between requests: a request of Mesa's virgl driver, which fills its
/// buffer of 256 KiB (`VIRGL_MAX_CMDBUF_DWORDS`) before it sends it, and what comes behind.
const KEPT: usize = 512 * 1024;

/// How long the socket is looked at again and again before the thread sleeps, where processors
/// are to spare: a program that waits for each frame asks several times for one, a few tens of
/// microseconds apart, and waking up takes ten.
const WATCH: Duration = Duration::from_micros(100);

/// Processors of which one may watch.
const MANY_PROCESSORS: usize = 8;

/// The client's requests, one after the other.
///
/// Plain reads: a file descriptor that a client sends is closed by the kernel, because no
/// request that is offered here carries one.
pub(crate) struct Requests {
    socket: Arc<UnixStream>,
    buffer: Vec<u8>,
    /// The bytes received and not yet used are `buffer[start..end]`.
    start: usize,
    end: usize,
    /// The size of the request handed out last, still in the buffer.
    handed_out: usize,
    watch: Option<Duration>,
}

impl Requests {
    pub(crate) fn new(socket: Arc<UnixStream>) -> Self {
        Self {
            socket,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            handed_out: 0,
            watch: watch(),
        }
    }

    /// Waits for the next request; `None` when the client has hung up between two.
    pub(crate) fn next(&mut self, version: Version) -> Result<Option<Request<'_>>, Error> {
        self.release();
        let size = loop {
            match Request::extent(self.received()?, version)? {
                Extent::Complete(size) => break size,
                Extent::Needs(size) => {
                    let missing = size.saturating_sub(self.end.saturating_sub(self.start));
                    match self.receive(size).map_err(Error::Socket)? {
                        0 if self.start == self.end => return Ok(None),
                        0 => return Err(Error::Truncated { missing }),
                        _ => {}
                    }
                }
            }
        };
        self.handed_out = size;
        let message = self.received()?.get(..size);
        let message = message.ok_or(Error::Bug("a request ends past its buffer"))?;
        Ok(Some(Request::parse(message, version)?))
    }

    /// Lets go of the request handed out last.
    fn release(&mut self) {
        self.start = self.start.saturating_add(self.handed_out);
        self.handed_out = 0;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.buffer.len() > KEPT {
                self.buffer = Vec::new();
            }
        }
    }

    fn received(&self) -> Result<&[u8], Error> {
        self.buffer
            .get(self.start..self.end)
            .ok_or(Error::Bug("the receive buffer's bounds are wrong"))
    }

    /// Receives more of a request of `size` bytes; 0 when the client has hung up.
    fn receive(&mut self, size: usize) -> io::Result<usize> {
        self.make_room(size);
        let until = self.watch.map(|watch| Instant::now() + watch);
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        let received = loop {
            let is_watching = until.is_some_and(|until| Instant::now() < until);
            let flags = match is_watching {
                true => RecvFlags::DONTWAIT,
                false => RecvFlags::empty(),
            };
            match recv(&*self.socket, &mut *room, flags) {
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) if is_watching => std::thread::yield_now(),
                // What a client does that dies with replies unread.
                Err(Errno::CONNRESET) => break 0,
                result => break result?.0,
            }
        };
        self.end = self.end.saturating_add(received);
        Ok(received)
    }

    /// Makes room behind `end`. The buffer doubles as bytes arrive, so that a client cannot
    /// make it large by announcing a large request.
    fn make_room(&mut self, size: usize) {
        if self.start != 0 && self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end.saturating_sub(self.start));
        }
        if self.end == self.buffer.len() {
            let doubled = self.buffer.len().saturating_mul(2);
            self.buffer.resize(
                doubled.min(size).max(CHUNK).max(self.end.saturating_add(1)),
                0,
            );
        }
    }
}

/// How long one may watch, if at all.
pub(crate) fn watch() -> Option<Duration> {
    let processors = std::thread::available_parallelism();
    processors
        .is_ok_and(|processors| processors.get() >= MANY_PROCESSORS)
        .then_some(WATCH)
}

/// The way back to the client.
pub(crate) struct Replies {
    socket: Arc<UnixStream>,
    writer: Writer,
}

impl Replies {
    pub(crate) fn new(socket: Arc<UnixStream>) -> Self {
        Self {
            socket,
            writer: Writer::new(),
        }
    }

    /// Sends a reply that carries no fd.
    pub(crate) fn send(&mut self, reply: &Reply<'_>) -> Result<(), Error> {
        self.writer.clear();
        reply.encode(&mut self.writer);
        send_all(&self.socket, self.writer.as_bytes()).map_err(Error::Socket)
    }

    /// Sends a reply, then its fd with a byte of its own.
    pub(crate) fn send_with_fd(
        &mut self,
        reply: &Reply<'_>,
        fd: BorrowedFd<'_>,
    ) -> Result<(), Error> {
        self.send(reply)?;
        send_fd(&self.socket, fd).map_err(Error::Socket)
    }

    /// Sends a reply that would carry an fd, and the fd's byte without an fd. Mesa's virgl
    /// driver then knows that it gets no resource, and goes on (`virgl_vtest_receive_fd` in
    /// `src/gallium/winsys/virgl/vtest/virgl_vtest_socket.c`).
    pub(crate) fn send_refusal(&mut self, reply: &Reply<'_>) -> Result<(), Error> {
        self.send(reply)?;
        match reply.carries_fd() {
            true => send_all(&self.socket, &[0]).map_err(Error::Socket),
            false => Ok(()),
        }
    }
}

fn send_all(socket: &UnixStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let sent = rustix::io::retry_on_intr(|| send(socket, bytes, SendFlags::NOSIGNAL))?;
        bytes = bytes.get(sent..).unwrap_or_default();
    }
    Ok(())
}

fn send_fd(socket: &UnixStream, fd: BorrowedFd<'_>) -> io::Result<()> {
    let fds = [fd];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(&fds)) {
        return Err(io::Error::other("no room for one fd"));
    }
    let byte = [IoSlice::new(&[0])];
    rustix::io::retry_on_intr(|| sendmsg(socket, &byte, &mut ancillary, SendFlags::NOSIGNAL))?;
    Ok(())
}
