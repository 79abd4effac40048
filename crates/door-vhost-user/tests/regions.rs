//! Blobs in the host-visible region: the front end maps them before the guest is answered.

mod common;

use std::os::fd::{AsFd, AsRawFd};
use std::sync::{Arc, Mutex};

use common::{Guest, Slow};
use host_memory::Mapping;
use vhost::vhost_user::message::{VhostUserMMap, VhostUserProtocolFeatures};
use vhost::vhost_user::{
    FrontendReqHandler, HandlerResult, VhostUserFrontend, VhostUserFrontendReqHandlerMut,
};
use wire_virtio_gpu::{
    BlobFlags, BlobId, BlobMem, CapsetId, Command, ContextId, CtxCreate, DebugName, ErrorCode,
    Features, Header, MapCache, MapInfo, ResourceCreateBlob, ResourceId, ResourceMapBlob,
    ResourceUnmapBlob, ResourceUnref, Response,
};

/// What is mapped where: offset, length, and the pages.
type Maps = Arc<Mutex<Vec<(u64, u64, Mapping)>>>;

struct Mapper {
    maps: Maps,
    refuse: Arc<Mutex<bool>>,
}

impl VhostUserFrontendReqHandlerMut for Mapper {
    fn shmem_map(&mut self, request: &VhostUserMMap, fd: &dyn AsRawFd) -> HandlerResult<u64> {
        if *self.refuse.lock().unwrap() {
            return Ok(22);
        }
        let (shmid, offset, len) = (request.shmid, request.shm_offset, request.len);
        assert_eq!(shmid, 1);
        let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
        let file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)?;
        let pages = Mapping::of_machine(file.as_fd(), request.fd_offset, len)?;
        self.maps.lock().unwrap().push((offset, len, pages));
        Ok(0)
    }

    fn shmem_unmap(&mut self, request: &VhostUserMMap) -> HandlerResult<u64> {
        let offset = request.shm_offset;
        self.maps.lock().unwrap().retain(|(at, ..)| *at != offset);
        Ok(0)
    }
}

struct Mapped {
    guest: Guest,
    maps: Maps,
    refuse: Arc<Mutex<bool>>,
}

fn mapped() -> Mapped {
    let mut guest = Guest::connect(&common::setup(), Slow::default());
    guest.negotiate(VhostUserProtocolFeatures::all(), Features::all());
    assert!(
        guest
            .features
            .contains(Features::RESOURCE_BLOB | Features::CONTEXT_INIT)
    );
    let maps = Maps::default();
    let refuse = Arc::new(Mutex::new(false));
    let mapper = Arc::new(Mutex::new(Mapper {
        maps: Arc::clone(&maps),
        refuse: Arc::clone(&refuse),
    }));
    let mut handler = FrontendReqHandler::new(mapper).unwrap();
    handler.set_reply_ack_flag(true);
    let fd = handler.get_tx_raw_fd();
    guest.frontend().set_backend_request_fd(&fd).unwrap();
    std::thread::spawn(move || while handler.handle_request().is_ok() {});
    let regions = guest.frontend().get_shmem_config().unwrap();
    let (count, sizes) = (regions.nregions, regions.memory_sizes);
    assert_eq!((count, sizes[0], sizes[1]), (1, 0, 1 << 30));
    guest.set_memory();
    guest.start(0);
    guest.start(1);
    let mut mapped = Mapped {
        guest,
        maps,
        refuse,
    };
    let create = CtxCreate {
        capset: Some(CapsetId::VENUS),
        debug_name: DebugName::new(b"test"),
    };
    assert_eq!(mapped.send(Command::CtxCreate(create)), Response::Nodata);
    mapped
}

fn id(number: u32) -> ResourceId {
    ResourceId::new(number).unwrap()
}

fn map(number: u32, offset: u64) -> Command<'static> {
    Command::ResourceMapBlob(ResourceMapBlob {
        resource: id(number),
        offset,
    })
}

fn unmap(number: u32) -> Command<'static> {
    Command::ResourceUnmapBlob(ResourceUnmapBlob {
        resource: id(number),
    })
}

const CACHED: Response = Response::MapInfo(MapInfo {
    cache: MapCache::Cached,
});

impl Mapped {
    fn send(&mut self, command: Command<'_>) -> Response {
        let header = Header {
            context: ContextId::new(1),
            ..Header::default()
        };
        self.guest.request(0, header, command).1
    }

    fn create(&mut self, number: u32, size: u64) {
        let create = Command::ResourceCreateBlob(ResourceCreateBlob {
            resource: id(number),
            mem: BlobMem::Host3d,
            flags: BlobFlags::MAPPABLE,
            blob_id: BlobId(1),
            size,
            entries: vec![],
        });
        assert_eq!(self.send(create), Response::Nodata);
    }

    fn places(&self) -> Vec<(u64, u64)> {
        let maps = self.maps.lock().unwrap();
        maps.iter().map(|(at, len, _)| (*at, *len)).collect()
    }
}

#[test]
fn a_blob_is_mapped_when_the_guest_is_answered() {
    let mut mapped = mapped();
    // All capsets are told of now.
    assert_eq!(mapped.guest.config()[12..16], [2, 0, 0, 0]);
    mapped.create(1, 10_000);
    assert_eq!(mapped.send(map(1, 0x10_0000)), CACHED);
    assert_eq!(mapped.places(), [(0x10_0000, 12_288)]);
    // The guest's page is the host's.
    let blob = mapped.guest.slow.told().blobs[0].clone();
    blob.write(5000, b"from the host").unwrap();
    let mut seen = [0; 13];
    let pages = mapped.maps.lock().unwrap()[0].2.clone();
    pages.read(5000, &mut seen).unwrap();
    assert_eq!(&seen, b"from the host");
    assert_eq!(mapped.send(unmap(1)), Response::Nodata);
    assert!(mapped.places().is_empty());
}

#[test]
fn what_goes_is_unmapped() {
    let mut mapped = mapped();
    for number in 1..4 {
        mapped.create(number, 4096);
        let offset = u64::from(number) * 0x1000;
        assert_eq!(mapped.send(map(number, offset)), CACHED);
    }
    let unref = Command::ResourceUnref(ResourceUnref { resource: id(2) });
    assert_eq!(mapped.send(unref), Response::Nodata);
    assert_eq!(mapped.places(), [(0x1000, 4096), (0x3000, 4096)]);
    mapped.guest.frontend().reset_device().unwrap();
    mapped.guest.set_memory();
    mapped.guest.start(0);
    mapped.guest.start(1);
    // The reset is over when the next request is answered.
    mapped.guest.command(Command::GetDisplayInfo);
    assert!(mapped.places().is_empty());
}

#[test]
fn what_the_front_end_refuses_is_not_mapped() {
    let mut mapped = mapped();
    mapped.create(1, 4096);
    *mapped.refuse.lock().unwrap() = true;
    let refused = Response::Err(ErrorCode::Unspec);
    assert_eq!(mapped.send(map(1, 0)), refused);
    let parameter = Response::Err(ErrorCode::InvalidParameter);
    assert_eq!(mapped.send(unmap(1)), parameter);
    *mapped.refuse.lock().unwrap() = false;
    assert_eq!(mapped.send(map(1, 0)), CACHED);
    assert_eq!(mapped.send(map(1, 4096)), parameter);
}

#[test]
fn maps_do_not_overlap() {
    let mut mapped = mapped();
    mapped.create(1, 8192);
    mapped.create(2, 4096);
    let parameter = Response::Err(ErrorCode::InvalidParameter);
    assert_eq!(mapped.send(map(1, 0)), CACHED);
    assert_eq!(mapped.send(map(2, 4096)), parameter);
    assert_eq!(mapped.send(map(2, 100)), parameter);
    assert_eq!(mapped.send(map(2, 1 << 30)), parameter);
    assert_eq!(mapped.send(map(2, u64::MAX - 4095)), parameter);
    assert_eq!(mapped.send(map(2, 8192)), CACHED);
}
