//! What shows the screens: the other end of a vhost-user-gpu socket.

use std::collections::VecDeque;
use std::io::{IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use super::{Guest, PATIENCE};

/// A message: its number and payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message(pub(crate) u32, pub(crate) Vec<u8>);

pub(crate) const CURSOR_POS: u32 = 4;
pub(crate) const CURSOR_POS_HIDE: u32 = 5;
pub(crate) const CURSOR_UPDATE: u32 = 6;
pub(crate) const SCANOUT: u32 = 7;
pub(crate) const UPDATE: u32 = 8;
pub(crate) const DMABUF_SCANOUT: u32 = 9;
pub(crate) const DMABUF_UPDATE: u32 = 10;
pub(crate) const DMABUF_SCANOUT2: u32 = 12;

/// `VHOST_USER_GPU_PROTOCOL_F_EDID`
const F_EDID: u64 = 1 << 0;

/// `VHOST_USER_GPU_PROTOCOL_F_DMABUF2`
pub(crate) const F_DMABUF2: u64 = 1 << 1;

#[derive(Default)]
struct State {
    messages: Vec<Message>,
    /// What came with the messages, in their order.
    fds: VecDeque<OwnedFd>,
    /// Of the protocol, beside EDIDs.
    features: u64,
    stopped: bool,
    /// Sizes of the screens that are plugged in.
    screens: Vec<(u32, u32)>,
}

/// A front end that answers, and keeps what it is told.
pub(crate) struct Shown {
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Shown {
    /// Gives the device a socket for its screens.
    pub(crate) fn attach(guest: &Guest, screens: &[(u32, u32)]) -> Self {
        Self::attach_with(guest, screens, 0)
    }

    /// The same, with more of the protocol's features.
    pub(crate) fn attach_with(guest: &Guest, screens: &[(u32, u32)], features: u64) -> Self {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let state = Arc::new((Mutex::new(State::default()), Condvar::new()));
        {
            let mut state = state.0.lock().unwrap();
            (state.screens, state.features) = (screens.to_vec(), features);
        }
        let shared = Arc::clone(&state);
        std::thread::spawn(move || serve(ours, &shared));
        set_gpu_socket(guest.stream.as_ref().unwrap(), &theirs);
        Self { state }
    }

    /// Stops reading, or goes on.
    pub(crate) fn stop(&self, stopped: bool) {
        self.state.0.lock().unwrap().stopped = stopped;
        self.state.1.notify_all();
    }

    pub(crate) fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.state.0.lock().unwrap().messages)
    }

    /// The descriptor that came first of those that nobody took.
    pub(crate) fn take_fd(&self) -> Option<OwnedFd> {
        self.state.0.lock().unwrap().fds.pop_front()
    }

    /// Waits for a message, and takes all up to it.
    pub(crate) fn wait_for(&self, is_it: impl Fn(&Message) -> bool) -> Vec<Message> {
        let start = Instant::now();
        let mut seen = Vec::new();
        loop {
            seen.extend(self.take());
            if let Some(at) = seen.iter().position(&is_it) {
                seen.truncate(at + 1);
                return seen;
            }
            let kinds: Vec<_> = seen.iter().map(|it| it.0).collect();
            assert!(start.elapsed() < PATIENCE, "only {kinds:?}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn serve(mut socket: UnixStream, state: &(Mutex<State>, Condvar)) {
    loop {
        let mut header = [0; 12];
        let is_stopped = |state: &mut State| state.stopped;
        drop(
            state
                .1
                .wait_while(state.0.lock().unwrap(), is_stopped)
                .unwrap(),
        );
        let Some(fds) = read_header(&mut socket, &mut header) else {
            return;
        };
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
        let mut payload = vec![0; word(8) as usize];
        // A piece at a time, so that it can stop in the middle.
        for piece in payload.chunks_mut(4096) {
            drop(
                state
                    .1
                    .wait_while(state.0.lock().unwrap(), is_stopped)
                    .unwrap(),
            );
            if socket.read_exact(piece).is_err() {
                return;
            }
        }
        let mut state = state.0.lock().unwrap();
        state.fds.extend(fds);
        if let Some(answer) = answer(word(0), &payload, &state) {
            let size = u32::try_from(answer.len()).unwrap();
            let words = [word(0), 4, size].map(u32::to_le_bytes).concat();
            let _ = socket.write_all(&[words, answer].concat());
        }
        state.messages.push(Message(word(0), payload));
    }
}

/// Reads a header and what came with it; none when the other end is gone.
fn read_header(socket: &mut UnixStream, header: &mut [u8; 12]) -> Option<Vec<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut slices = [IoSliceMut::new(header)];
    let flags = RecvFlags::CMSG_CLOEXEC;
    let read = recvmsg(&*socket, &mut slices, &mut ancillary, flags).ok()?;
    let fds = ancillary.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(fds) => Some(fds),
        _ => None,
    });
    let fds = fds.flatten().collect();
    let rest = header.get_mut(read.bytes..).filter(|_| read.bytes > 0)?;
    socket.read_exact(rest).ok()?;
    Some(fds)
}

fn answer(number: u32, payload: &[u8], state: &State) -> Option<Vec<u8>> {
    let screens = &state.screens;
    match number {
        1 => Some((F_EDID | state.features).to_le_bytes().to_vec()),
        // The frame is displayed, and may be drawn to again.
        DMABUF_UPDATE => Some(Vec::new()),
        3 => {
            let mut info = vec![0; 24];
            for at in 0..16 {
                let (width, height) = screens.get(at).copied().unwrap_or_default();
                let enabled = u32::from(at < screens.len());
                let words = [0, 0, width, height, enabled, 0];
                info.extend(words.map(u32::to_le_bytes).concat());
            }
            Some(info)
        }
        11 => {
            let mut edid = vec![0; 24];
            edid.extend(128u32.to_le_bytes());
            edid.extend([0; 4]);
            edid.extend([0xed; 127]);
            edid.push(payload[0]);
            edid.resize(24 + 8 + 1024, 0);
            Some(edid)
        }
        _ => None,
    }
}

/// `VHOST_USER_GPU_SET_SOCKET`, with an answer.
fn set_gpu_socket(mut stream: &UnixStream, socket: &UnixStream) {
    let message = [33u32, 1 | 8, 0].map(u32::to_le_bytes).concat();
    let fds = [socket.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    assert!(ancillary.push(SendAncillaryMessage::ScmRights(&fds)));
    let slices = [IoSlice::new(&message)];
    sendmsg(stream, &slices, &mut ancillary, SendFlags::empty()).unwrap();
    let mut answer = [0; 20];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer[12..], [0; 8]);
}
