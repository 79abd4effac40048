//! A guest that a string of bytes plays: any verbs in any order, with numbers near and far. What
//! has to hold is checked after each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use context::{
    Backing, BlobFlags, BlobId, BlobMem, BlobRequest, Box3d, CapsetId, ContextId, Event, FenceId,
    Piece, ResourceId, ResourceRequest, RingIdx, Transfer, TransferSource, TransferTarget, events,
};
use device::{
    BlobImage, Config, Device, Error, HotSpot, Mode, Notice, Position, Rect, Screen, Text, Timeline,
};
use display::{Change, Viewer};
use host_memory::{Pages, Shm};

use super::Notes;

/// Verbs that one string plays.
const MOST_VERBS: usize = 300;

/// What a play came to.
#[derive(Default)]
pub(crate) struct Played {
    pub(crate) verbs: usize,
    pub(crate) refused: usize,
    pub(crate) resets: usize,
}

struct Player<'a> {
    bytes: &'a [u8],
    device: Device,
    notes: Notes,
    viewer: Viewer,
    /// What a door would have mapped.
    mapped: BTreeMap<u64, u64>,
    /// Fences that were taken and not signalled.
    fences: BTreeSet<u64>,
    last_fence: u64,
    memory: Pages,
    played: Played,
}

/// Plays the bytes.
pub(crate) fn play(bytes: &[u8]) -> Played {
    let notes = Notes::default();
    let screen = |width: u32| Screen {
        name: Text::new("Played").unwrap(),
        mode: Mode::new(width, 480, 60_000).unwrap(),
        is_connected: true,
    };
    let config = Config {
        screens: vec![screen(640), screen(800)],
        region: 64 * host_memory::page_size() as u64,
    };
    let device = Device::with_config(Arc::new(notes.clone()), config).unwrap();
    let mut player = Player {
        bytes,
        viewer: device.display().viewer().unwrap(),
        device,
        notes,
        mapped: BTreeMap::new(),
        fences: BTreeSet::new(),
        last_fence: 0,
        memory: Shm::new("played", 1 << 16).unwrap().into(),
        played: Played::default(),
    };
    while !player.bytes.is_empty() && player.played.verbs < MOST_VERBS {
        player.turn();
    }
    player.reset();
    player.played
}

impl Player<'_> {
    fn turn(&mut self) {
        self.played.verbs += 1;
        let before = (self.device.state_version(), self.device.state());
        match self.verb() {
            Ok(()) => {}
            Err(Error::Bug(bug)) => panic!("{bug}"),
            Err(error) => {
                self.played.refused += 1;
                // The messages and the answers are made for each.
                let _ = (error.to_string(), error.blame(), error.is_refusal());
            }
        }
        self.take_notices();
        self.device.verify_invariants().unwrap();
        let is_same = self.device.state() == before.1;
        assert!(is_same || self.device.state_version() != before.0);
        self.look();
    }

    fn verb(&mut self) -> Result<(), Error> {
        match self.byte() % 28 {
            0 => self.create_context(),
            1 => {
                let ctx = self.context();
                self.device.destroy_context(ctx)
            }
            2 => {
                let (ctx, work) = (self.context(), [1; 4]);
                let size = usize::from(self.byte() % 4);
                self.device.submit(ctx, &work[..size])
            }
            3 | 4 => self.fence(),
            5 | 6 => self.signal(),
            7 => self.create_2d(),
            8 => self.create_classic(),
            9 => self.create_blob(),
            10 => self.create_guest_blob(),
            11 => {
                let (id, backing) = (self.resource(), self.backing());
                self.device.attach_backing(id, backing)
            }
            12 => {
                let id = self.resource();
                self.device.detach_backing(id)
            }
            13 => {
                let (id, rect, offset) = (self.resource(), self.rect(), self.far(1 << 15));
                self.device.transfer_to_host_2d(id, rect, offset)
            }
            14 => self.transfer(),
            15 | 16 => {
                let (scanout, rect) = (self.scanout(), self.rect());
                let resource = self.resource();
                let resource = Some(resource).filter(|it| it.0 != 0);
                self.device.set_scanout(scanout, rect, resource)
            }
            17 => self.set_scanout_blob(),
            18 | 19 => {
                let (id, rect) = (self.resource(), self.rect());
                self.device.flush(id, rect)
            }
            20 => self.update_cursor(),
            21 => {
                let (scanout, position) = (self.scanout(), self.position());
                self.device.move_cursor(scanout, position)
            }
            22 => self.map(),
            23 => {
                let id = self.resource();
                let range = self.device.unmap_blob(id)?;
                assert_eq!(self.mapped.remove(&range.offset), Some(range.len));
                Ok(())
            }
            24 => self.attach(),
            25 => {
                let id = self.resource();
                self.device.unref(id)
            }
            26 => self.look_at_screens(),
            _ => {
                if self.one_in(8) {
                    self.reset();
                }
                let id = self.resource();
                let uuid = self.device.assign_uuid(id)?;
                assert_eq!(self.device.assign_uuid(id)?, uuid);
                Ok(())
            }
        }
    }

    fn create_context(&mut self) -> Result<(), Error> {
        let ctx = self.context();
        let capset = match self.byte() % 8 {
            0 => CapsetId::VIRGL,
            _ => CapsetId::VENUS,
        };
        let (sender, _) = events().unwrap();
        self.device.create_context(ctx, capset, "played", sender)
    }

    fn fence(&mut self) -> Result<(), Error> {
        let timeline = match self.byte() % 2 {
            0 => Timeline::Global,
            _ => Timeline::Ring(self.context(), RingIdx(u32::from(self.byte() % 3))),
        };
        self.last_fence += 1;
        self.device.fence_on(timeline, FenceId(self.last_fence))?;
        self.fences.insert(self.last_fence);
        Ok(())
    }

    /// The renderer is done with something, has lost a context, or says what cannot be.
    fn signal(&mut self) -> Result<(), Error> {
        let is_any = !self.notes.told().fences.is_empty();
        let event = match self.byte() % 8 {
            0 => Event::ContextLost {
                ctx: self.context(),
                reason: "played".into(),
            },
            1 => Event::FenceSignaled {
                ctx: self.context(),
                ring: RingIdx(0),
                fence: FenceId(self.far(50)),
            },
            _ if is_any => self.notes.signal_first(),
            _ => return Ok(()),
        };
        self.device.take_event(&event);
        Ok(())
    }

    fn create_2d(&mut self) -> Result<(), Error> {
        let id = self.resource();
        let format = [1, 2, 3, 4, 67, 68, 121, 134, 66, 0][usize::from(self.byte() % 10)];
        let (width, height) = self.size();
        self.device.create_resource_2d(id, format, width, height)
    }

    fn create_classic(&mut self) -> Result<(), Error> {
        let id = self.resource();
        let request = ResourceRequest {
            target: [2, 2, 2, 5, 3, super::NO_TARGET][usize::from(self.byte() % 6)],
            format: [1, 2, 134, 66][usize::from(self.byte() % 4)],
            width: 1 + u32::from(self.byte() % 80),
            height: 1 + u32::from(self.byte() % 80),
            nr_samples: u32::from(self.one_in(8)) * 4,
            ..super::shape(2)
        };
        self.device.create_resource(id, &request)
    }

    fn create_blob(&mut self) -> Result<(), Error> {
        let (ctx, id) = (self.context(), self.resource());
        let request = BlobRequest {
            mem: [BlobMem::Guest, BlobMem::Host3d, BlobMem::Host3dGuest]
                [usize::from(self.byte() % 3)],
            flags: BlobFlags::from_bits_truncate(self.byte().into()),
            id: BlobId(u64::from(self.byte() % 4)),
            size: self.near(1 << 15),
        };
        self.device.create_blob(ctx, id, &request).map(drop)
    }

    fn create_guest_blob(&mut self) -> Result<(), Error> {
        let (id, size) = (self.resource(), self.far(1 << 15));
        let backing = (!self.one_in(4)).then(|| self.backing());
        self.device.create_guest_blob(id, size, backing)
    }

    fn transfer(&mut self) -> Result<(), Error> {
        let ctx = self.one_in(2).then(|| self.context());
        let id = self.resource();
        let rect = self.rect();
        let transfer = Transfer {
            level: u32::from(self.one_in(8)),
            stride: self.far(400) as u32,
            layer_stride: self.far(400) as u32,
            region: Box3d {
                x: rect.x,
                y: rect.y,
                z: u32::from(self.one_in(8)),
                width: rect.width,
                height: rect.height,
                depth: u32::from(!self.one_in(8)),
            },
            offset: self.far(1 << 15),
        };
        match self.byte() % 2 {
            0 => {
                let source = TransferSource::Backing;
                self.device.transfer_to_host(ctx, id, &transfer, source)
            }
            _ => {
                let target = TransferTarget::Backing;
                self.device.transfer_from_host(ctx, id, &transfer, target)
            }
        }
    }

    fn set_scanout_blob(&mut self) -> Result<(), Error> {
        let (scanout, rect, id) = (self.scanout(), self.rect(), self.resource());
        let (width, height) = self.size();
        let image = BlobImage {
            width,
            height,
            format: [1, 2, 121, 66][usize::from(self.byte() % 4)],
            strides: [self.far(400) as u32; 4],
            offsets: [self.far(1 << 12) as u32; 4],
        };
        self.device.set_scanout_blob(scanout, rect, id, &image)
    }

    fn update_cursor(&mut self) -> Result<(), Error> {
        let (scanout, position) = (self.scanout(), self.position());
        let hot_spot = HotSpot {
            x: self.far(64) as u32,
            y: self.far(64) as u32,
        };
        let resource = self.resource();
        let resource = Some(resource).filter(|it| it.0 != 0);
        self.device
            .update_cursor(scanout, position, hot_spot, resource)
    }

    fn map(&mut self) -> Result<(), Error> {
        let id = self.resource();
        let page = host_memory::page_size() as u64;
        let offset = match self.byte() % 8 {
            0 => self.far(64 * page),
            _ => u64::from(self.byte() % 66) * page,
        };
        let range = self.device.map_blob(id, offset)?.range;
        let end = range.offset + range.len;
        assert!(
            range.len > 0 && range.len.is_multiple_of(page) && range.offset.is_multiple_of(page)
        );
        assert!(end <= 64 * page);
        let mut others = self.mapped.iter();
        assert!(others.all(|(at, len)| at + len <= range.offset || *at >= end));
        self.mapped.insert(range.offset, range.len);
        Ok(())
    }

    fn attach(&mut self) -> Result<(), Error> {
        let (ctx, id) = (self.context(), self.resource());
        match self.byte() % 3 {
            0 => self.device.detach(ctx, id),
            _ => self.device.attach(ctx, id),
        }
    }

    fn look_at_screens(&mut self) -> Result<(), Error> {
        let scanout = self.scanout();
        let mode = Mode::new(self.near(3000) as u32, self.near(2000) as u32, 60_000).ok();
        self.device.set_screen(scanout, mode)?;
        let info = self.device.display_info()[scanout as usize];
        assert_eq!(info.is_connected, mode.is_some());
        assert_eq!(info.rect.width, mode.map_or(0, |it| it.width()));
        assert!(self.device.edid(scanout)?.len() >= 256);
        Ok(())
    }

    /// Leaves nothing, and the device goes on.
    fn reset(&mut self) {
        self.played.resets += 1;
        self.device.reset();
        self.fences.clear();
        self.take_notices();
        self.device.verify_invariants().unwrap();
        let counts = (
            self.device.context_count(),
            self.device.resource_count(),
            self.device.fence_count(),
        );
        assert_eq!(counts, (0, 0, 0));
        assert!(self.mapped.is_empty(), "{:?}", self.mapped);
        let told = self.notes.told();
        assert!(told.attached.is_empty() && told.classic.is_empty() && told.contexts.is_empty());
        assert_eq!(told.devices, 0);
        drop(told);
        for scanout in 0..2 {
            let display = self.device.display();
            assert!(display.frame(scanout).is_none());
            assert_eq!(display.cursor(scanout), Some(display::Cursor::default()));
        }
    }

    fn take_notices(&mut self) {
        for notice in self.device.notices() {
            match notice {
                Notice::FenceSignaled(FenceId(fence)) => {
                    assert!(self.fences.remove(&fence), "fence {fence} a second time");
                }
                Notice::Unmapped(range) => {
                    assert_eq!(self.mapped.remove(&range.offset), Some(range.len));
                }
                Notice::ScreensChanged => {}
            }
        }
        assert_eq!(self.fences.len(), self.device.fence_count());
    }

    /// Someone looks, now and then.
    fn look(&mut self) {
        if !self.one_in(4) {
            return;
        }
        let mut pixels = Vec::new();
        for change in self.viewer.take() {
            match change {
                Change::Shown { screen, frame, .. } => {
                    let now = self.device.display().frame(screen);
                    assert_eq!(frame.is_some(), now.is_some());
                    if let Some(frame) = frame.filter(|it| it.rect().area() < 1 << 16) {
                        assert_eq!(frame.read(frame.rect(), &mut pixels), Some(frame.rect()));
                    }
                }
                Change::Damaged { frame, rects, .. } => {
                    for rect in rects.iter().filter(|it| it.area() < 1 << 16) {
                        assert_eq!(frame.read(*rect, &mut pixels), Some(*rect));
                    }
                }
                Change::Cursor { .. } | Change::CursorMoved { .. } => {}
            }
        }
    }

    fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((byte, rest)) => {
                self.bytes = rest;
                *byte
            }
            None => 0,
        }
    }

    fn one_in(&mut self, many: u8) -> bool {
        self.byte().is_multiple_of(many)
    }

    fn word(&mut self) -> u64 {
        (0..8).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }

    /// A number below `end`.
    fn near(&mut self, end: u64) -> u64 {
        let (high, low) = (self.byte(), self.byte());
        u64::from(u16::from_be_bytes([high, low])) % end
    }

    /// A number below `end`, mostly.
    fn far(&mut self, end: u64) -> u64 {
        match self.byte() % 16 {
            0 => self.word(),
            1 => u64::MAX - u64::from(self.byte()),
            2 => u64::from(u32::MAX),
            3 => end,
            4..8 => 0,
            _ => self.near(end),
        }
    }

    fn context(&mut self) -> ContextId {
        ContextId(u32::from(self.byte() % 4))
    }

    fn resource(&mut self) -> ResourceId {
        ResourceId(u32::from(self.byte() % 8))
    }

    fn scanout(&mut self) -> u32 {
        match self.byte() % 8 {
            0 => self.far(16) as u32,
            number => u32::from(number % 2),
        }
    }

    fn position(&mut self) -> Position {
        Position {
            x: self.far(640) as i32,
            y: self.far(480) as i32,
        }
    }

    fn size(&mut self) -> (u32, u32) {
        match self.byte() % 8 {
            0 => (self.far(100) as u32, self.far(100) as u32),
            1 => (64, 64),
            _ => (1 + self.near(80) as u32, 1 + self.near(80) as u32),
        }
    }

    fn rect(&mut self) -> Rect {
        match self.byte() % 8 {
            0 => Rect {
                x: self.far(80) as u32,
                y: self.far(80) as u32,
                width: self.far(80) as u32,
                height: self.far(80) as u32,
            },
            _ => Rect {
                x: self.near(8) as u32,
                y: self.near(8) as u32,
                width: self.near(40) as u32,
                height: self.near(40) as u32,
            },
        }
    }

    /// Up to eight pieces of the guest's memory, any that lie in it.
    fn backing(&mut self) -> Backing {
        let count = self.byte() % 9;
        let pieces = (0..count).filter_map(|_| {
            let (offset, len) = (self.near(1 << 15), self.near(1 << 15));
            Piece::new(self.memory.clone(), offset, len).ok()
        });
        let pieces: Vec<_> = pieces.collect();
        Backing::new(pieces).unwrap()
    }
}
