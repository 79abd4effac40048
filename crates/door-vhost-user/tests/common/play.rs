//! A guest that does anything: bytes say what.

use vhost::VhostBackend;
use vhost::vhost_user::VhostUserFrontend;
use wire_virtio_gpu::{Command, CommandType, Header, Response};

use super::{FREE, Guest, MEMORY, QUEUE_SIZE};

/// Acts of one play.
const ACTS: usize = 64;

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    fn word(&mut self) -> u32 {
        u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    fn queue(&mut self) -> usize {
        usize::from(self.byte() % 2)
    }

    /// Where there is something to break: the free memory, its end, the queues, anywhere.
    fn address(&mut self) -> u64 {
        match self.byte() % 4 {
            0 => FREE + u64::from(self.word() % 0x1_0000),
            1 => MEMORY - 64 + u64::from(self.byte() % 128),
            2 => 0x1_0000 + u64::from(self.word() % 0x2_0000),
            _ => u64::from(self.word()) << 32 | u64::from(self.word()),
        }
    }

    fn len(&mut self) -> u32 {
        match self.byte() % 4 {
            0 | 1 => u32::from(self.byte()),
            2 => 4096,
            _ => self.word(),
        }
    }

    /// A request of a kind that there is, and what the bytes say behind its header.
    fn request(&mut self) -> Vec<u8> {
        let kinds = CommandType::ALL;
        let kind = kinds[usize::from(self.byte()) % kinds.len()];
        let mut bytes = kind.number().to_le_bytes().to_vec();
        bytes.extend(u32::from(self.byte() % 4).to_le_bytes());
        bytes.extend(u64::from(self.byte()).to_le_bytes());
        bytes.extend(u32::from(self.byte() % 4).to_le_bytes());
        bytes.extend([self.byte() % 3, 0, 0, 0]);
        let words = usize::from(self.byte() % 24);
        for _ in 0..words {
            // Small numbers are ids, screens and sizes; others are rarely right.
            let word = match self.byte() {
                0..=199 => u32::from(self.byte() % 40),
                200..=230 => FREE as u32,
                _ => self.word(),
            };
            bytes.extend(word.to_le_bytes());
        }
        bytes
    }
}

/// Plays, and checks that a driver that begins anew is served.
pub(crate) fn play(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let mut guest = Guest::new();
    for _ in 0..ACTS {
        if bytes.0.is_empty() {
            break;
        }
        act(&mut guest, &mut bytes);
    }
    guest.frontend().reset_device().unwrap();
    guest.set_memory();
    guest.start(0);
    guest.start(1);
    let answered = guest.request(0, Header::default(), Command::GetDisplayInfo);
    assert!(matches!(answered.1, Response::DisplayInfo(_)));
    assert_eq!(guest.slow.told().contexts, 0);
}

fn act(guest: &mut Guest, bytes: &mut Bytes<'_>) {
    let queue = bytes.queue();
    match bytes.byte() % 12 {
        0 => {
            let at = u16::from(bytes.byte()) % QUEUE_SIZE;
            let (address, len) = (bytes.address(), bytes.len());
            let flags = u16::from(bytes.byte() % 8);
            guest.describe(queue, at, address, len, flags, u16::from(bytes.byte()));
        }
        1 => guest.offer(queue, u16::from(bytes.byte())),
        2 => guest.kick(queue),
        3 => {
            let request = bytes.request();
            let place = FREE + u64::from(bytes.byte());
            guest.memory.write(place, &request).unwrap();
        }
        4 => {
            let base = guest.stop(queue);
            guest.resume(queue, base);
        }
        5 => {
            guest.frontend().reset_device().unwrap();
            guest.set_memory();
            guest.start(0);
            guest.start(1);
        }
        6 if !guest.slow.told().fences.is_empty() => guest.slow.signal_one(),
        7 => {
            let half = [guest.region(0, MEMORY / 2, 0)];
            guest.frontend().set_mem_table(&half).unwrap();
        }
        8 => guest.set_memory(),
        _ => {
            let request = bytes.request();
            let slot = u16::from(bytes.byte() % 16);
            guest.put(queue, slot, &request, u32::from(bytes.byte()));
            guest.kick(queue);
        }
    }
}
