//! A front end with a guest in it: memory, two queues, and nothing that works by itself.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod play;
pub(crate) mod renderer;
pub(crate) mod screen;

use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use door_vhost_user::{Blobs, Mode, Screen, Session, SessionError, Setup, Text};
use host_memory::Shm;
use vhost::vhost_user::message::{
    VhostUserConfigFlags, VhostUserHeaderFlag, VhostUserProtocolFeatures,
};
use vhost::vhost_user::{Frontend, VhostUserFrontend};
use vhost::{VhostBackend, VhostUserMemoryRegionInfo, VringConfigData};
use vmm_sys_util::eventfd::{EFD_NONBLOCK, EventFd};
use wire::Writer;
use wire_virtio_gpu::{Command, Features, Header, Request, Response};

pub(crate) use renderer::Slow;

/// The guest's memory, in bytes.
pub(crate) const MEMORY: u64 = 16 << 20;
/// Where the front end sees it.
const USER: u64 = 0x7f00_0000_0000;
/// Descriptors of a queue.
pub(crate) const QUEUE_SIZE: u16 = 64;
/// Where a request's parts lie, unless a test chooses other places.
pub(crate) const REQUEST: u64 = 0x20_0000;
pub(crate) const RESPONSE: u64 = 0x28_0000;
/// Where tests put what they like.
pub(crate) const FREE: u64 = 0x40_0000;

pub(crate) const NEXT: u16 = 1;
pub(crate) const WRITE: u16 = 2;
pub(crate) const INDIRECT: u16 = 4;

/// Longer than anything takes, and shorter than a person's patience.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn setup() -> Setup {
    let screen = |connected| Screen {
        name: Text::new("Test").unwrap(),
        mode: Mode::new(1024, 768, 60_000).unwrap(),
        is_connected: connected,
    };
    Setup {
        screens: vec![screen(true), screen(false)],
        blobs: Blobs::IfMapped,
        shm_size: 1 << 30,
        headless: false,
        dma_bufs: false,
    }
}

/// A queue as a driver has it.
pub(crate) struct Queue {
    index: usize,
    base: u64,
    available: u16,
    used: u16,
    pub(crate) kick: EventFd,
    pub(crate) call: EventFd,
}

/// A front end, its guest, and the session that serves it.
pub(crate) struct Guest {
    pub(crate) frontend: Option<Frontend>,
    /// The same connection, for messages that the crate's front end does not have.
    pub(crate) stream: Option<UnixStream>,
    pub(crate) memory: Shm,
    pub(crate) slow: Slow,
    pub(crate) queues: [Queue; 2],
    pub(crate) session: Option<JoinHandle<Result<(), SessionError>>>,
    pub(crate) display: display::Display,
    pub(crate) features: Features,
    pub(crate) protocol: VhostUserProtocolFeatures,
}

impl Queue {
    fn new(index: usize) -> Self {
        let fd = || EventFd::new(EFD_NONBLOCK).unwrap();
        Self {
            index,
            base: 0x1_0000 * (index as u64 + 1),
            available: 0,
            used: 0,
            kick: fd(),
            call: fd(),
        }
    }

    fn descriptors(&self) -> u64 {
        self.base
    }

    fn available(&self) -> u64 {
        self.base + 0x4000
    }

    fn used(&self) -> u64 {
        self.base + 0x8000
    }
}

impl Guest {
    /// Connects, and agrees on all there is.
    pub(crate) fn new() -> Self {
        Self::with(&setup(), VhostUserProtocolFeatures::all())
    }

    /// Connects with a device like this, and agrees on these of the protocol's features.
    pub(crate) fn with(setup: &Setup, wanted: VhostUserProtocolFeatures) -> Self {
        let slow = Slow::default();
        let mut guest = Self::connect(setup, slow);
        guest.negotiate(wanted, Features::all());
        guest.set_memory();
        guest.start(0);
        guest.start(1);
        guest
    }

    pub(crate) fn connect(setup: &Setup, slow: Slow) -> Self {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let session = Session::new(theirs, Arc::new(slow.clone()), setup).unwrap();
        let display = session.display().clone();
        Self {
            stream: Some(ours.try_clone().unwrap()),
            frontend: Some(Frontend::from_stream(ours, 2)),
            memory: Shm::new("guest", MEMORY).unwrap(),
            slow,
            queues: [Queue::new(0), Queue::new(1)],
            session: Some(std::thread::spawn(|| session.serve())),
            display,
            features: Features::empty(),
            protocol: VhostUserProtocolFeatures::empty(),
        }
    }

    pub(crate) fn frontend(&mut self) -> &mut Frontend {
        self.frontend.as_mut().unwrap()
    }

    pub(crate) fn negotiate(&mut self, protocol: VhostUserProtocolFeatures, device: Features) {
        let frontend = self.frontend();
        frontend.set_owner().unwrap();
        frontend.get_features().unwrap();
        let protocol = frontend.get_protocol_features().unwrap() & protocol;
        frontend.set_protocol_features(protocol).unwrap();
        // Each message is answered, so that what it asks for is done when the call is over.
        frontend.set_hdr_flags(VhostUserHeaderFlag::NEED_REPLY);
        let offered = frontend.get_features().unwrap();
        let device = device.bits() | !Features::all().bits();
        frontend.set_features(offered & device).unwrap();
        self.features = Features::from_bits_truncate(offered & device);
        self.protocol = protocol;
    }

    pub(crate) fn set_memory(&mut self) {
        let region = self.region(0, MEMORY, 0);
        self.frontend().set_mem_table(&[region]).unwrap();
    }

    pub(crate) fn region(&self, address: u64, len: u64, offset: u64) -> VhostUserMemoryRegionInfo {
        VhostUserMemoryRegionInfo {
            guest_phys_addr: address,
            memory_size: len,
            userspace_addr: USER + address,
            mmap_offset: offset,
            mmap_handle: self.memory.fd().as_raw_fd(),
        }
    }

    /// Starts a queue from nothing.
    pub(crate) fn start(&mut self, index: usize) {
        let queue = &mut self.queues[index];
        (queue.available, queue.used) = (0, 0);
        self.memory.fill(queue.base, 0x1_0000, 0).unwrap();
        self.resume(index, 0);
    }

    /// Starts a queue where it stood.
    pub(crate) fn resume(&mut self, index: usize, base: u16) {
        let queue = &self.queues[index];
        let config = VringConfigData {
            queue_max_size: QUEUE_SIZE,
            queue_size: QUEUE_SIZE,
            flags: 0,
            desc_table_addr: USER + queue.descriptors(),
            used_ring_addr: USER + queue.used(),
            avail_ring_addr: USER + queue.available(),
            log_addr: None,
        };
        let frontend = self.frontend.as_mut().unwrap();
        frontend.set_vring_num(index, QUEUE_SIZE).unwrap();
        frontend.set_vring_base(index, base).unwrap();
        frontend.set_vring_addr(index, &config).unwrap();
        frontend.set_vring_call(index, &queue.call).unwrap();
        frontend.set_vring_kick(index, &queue.kick).unwrap();
        frontend.set_vring_enable(index, true).unwrap();
    }

    pub(crate) fn stop(&mut self, index: usize) -> u16 {
        let base = self.frontend().get_vring_base(index).unwrap();
        u16::try_from(base).unwrap()
    }

    /// Writes a descriptor.
    pub(crate) fn describe(
        &mut self,
        queue: usize,
        at: u16,
        address: u64,
        len: u32,
        flags: u16,
        next: u16,
    ) {
        let place = self.queues[queue].descriptors() + 16 * u64::from(at);
        self.memory
            .write(place, &descriptor(address, len, flags, next))
            .unwrap();
    }

    /// Makes a chain available.
    pub(crate) fn offer(&mut self, queue: usize, head: u16) {
        let queue = &mut self.queues[queue];
        let slot = u64::from(queue.available % QUEUE_SIZE);
        let place = queue.available() + 4 + 2 * slot;
        self.memory.write(place, &head.to_le_bytes()).unwrap();
        queue.available = queue.available.wrapping_add(1);
        let index = queue.available.to_le_bytes();
        self.memory.write(queue.available() + 2, &index).unwrap();
    }

    pub(crate) fn kick(&self, queue: usize) {
        self.queues[queue].kick.write(1).unwrap();
    }

    /// What the device has used next: head and length, if it has.
    pub(crate) fn used(&mut self, queue: usize) -> Option<(u32, u32)> {
        let queue = &mut self.queues[queue];
        let mut index = [0; 2];
        self.memory.read(queue.used() + 2, &mut index).unwrap();
        if u16::from_le_bytes(index) == queue.used {
            return None;
        }
        let mut entry = [0; 8];
        let place = queue.used() + 4 + 8 * u64::from(queue.used % QUEUE_SIZE);
        self.memory.read(place, &mut entry).unwrap();
        queue.used = queue.used.wrapping_add(1);
        let word = |at: usize| u32::from_le_bytes(entry[at..at + 4].try_into().unwrap());
        Some((word(0), word(4)))
    }

    pub(crate) fn wait_used(&mut self, queue: usize) -> (u32, u32) {
        let start = Instant::now();
        loop {
            if let Some(used) = self.used(queue) {
                return used;
            }
            assert!(start.elapsed() < PATIENCE, "no answer");
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Puts a request and room for its response in a queue, at places of their own.
    pub(crate) fn put(&mut self, queue: usize, slot: u16, request: &[u8], room: u32) {
        let (from, to) = (
            REQUEST + 0x4000 * u64::from(slot),
            RESPONSE + 0x1000 * u64::from(slot),
        );
        self.memory.write(from, request).unwrap();
        self.memory.fill(to, room.into(), 0xee).unwrap();
        let head = 2 * slot;
        let len = u32::try_from(request.len()).unwrap();
        match room {
            0 => self.describe(queue, head, from, len, 0, 0),
            _ => {
                self.describe(queue, head, from, len, NEXT, head + 1);
                self.describe(queue, head + 1, to, room, WRITE, 0);
            }
        }
        self.offer(queue, head);
    }

    /// The response in a slot.
    pub(crate) fn response(&self, slot: u16, len: u32) -> Vec<u8> {
        let mut bytes = vec![0; len as usize];
        let place = RESPONSE + 0x1000 * u64::from(slot);
        self.memory.read(place, &mut bytes).unwrap();
        bytes
    }

    /// Sends bytes and waits for the response.
    pub(crate) fn send(&mut self, queue: usize, request: &[u8]) -> Vec<u8> {
        self.put(queue, 0, request, 0x1000);
        self.kick(queue);
        let (head, len) = self.wait_used(queue);
        assert_eq!(head, 0);
        self.response(0, len)
    }

    /// Sends a command without a fence.
    pub(crate) fn command(&mut self, command: Command<'_>) -> Response {
        self.request(0, Header::default(), command).1
    }

    pub(crate) fn request(
        &mut self,
        queue: usize,
        header: Header,
        command: Command<'_>,
    ) -> (Header, Response) {
        let bytes = encode(header, command);
        Response::parse(&self.send(queue, &bytes)).unwrap()
    }

    pub(crate) fn config(&mut self) -> Vec<u8> {
        let flags = VhostUserConfigFlags::WRITABLE;
        let space = self.frontend().get_config(0, 16, flags, &[0; 16]);
        space.unwrap().1
    }

    /// Hangs up, and waits for the session's end.
    pub(crate) fn hang_up(mut self) -> Result<(), SessionError> {
        (self.frontend, self.stream) = (None, None);
        self.session.take().unwrap().join().unwrap()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        (self.frontend, self.stream) = (None, None);
        if let Some(session) = self.session.take() {
            let ended = session.join();
            if !std::thread::panicking() {
                ended.unwrap().unwrap();
            }
        }
    }
}

pub(crate) fn descriptor(address: u64, len: u32, flags: u16, next: u16) -> Vec<u8> {
    let mut bytes = address.to_le_bytes().to_vec();
    bytes.extend(len.to_le_bytes());
    bytes.extend(flags.to_le_bytes());
    bytes.extend(next.to_le_bytes());
    bytes
}

pub(crate) fn encode(header: Header, command: Command<'_>) -> Vec<u8> {
    let mut writer = Writer::default();
    Request { header, command }.encode(&mut writer);
    writer.into_bytes()
}
