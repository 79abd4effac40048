//! Blobs in the host-visible region, and the names of resources.

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use context::{
    BlobFlags, BlobId, BlobMem, BlobRequest, CapsetId, ContextId, MapCaching, ResourceId, events,
};
use device::{Blame, Config, Device, Error, MapRange, Notice};

use common::{DMA_BUF, Notes, OPAQUE, backing, request, shape};

const CTX: ContextId = ContextId(1);

fn page() -> u64 {
    host_memory::page_size() as u64
}

/// A device with a region of 16 pages, and blobs 1 to 3 of 1, 2 and (nearly) 3 pages.
fn device() -> Device {
    let config = Config {
        screens: Vec::new(),
        region: 16 * page(),
    };
    let mut device = Device::with_config(Arc::new(Notes::default()), config).unwrap();
    let (sender, _) = events().unwrap();
    device
        .create_context(CTX, CapsetId::VENUS, "test", sender)
        .unwrap();
    for (number, size) in [(1, page()), (2, 2 * page()), (3, 3 * page() - 9)] {
        blob(&mut device, number, &request(BlobMem::Host3d, size));
    }
    device
}

fn blob(device: &mut Device, number: u32, request: &BlobRequest) {
    device
        .create_blob(CTX, ResourceId(number), request)
        .unwrap();
}

/// Maps a blob at a page.
fn map(device: &mut Device, number: u32, at: u64) -> Result<MapRange, Error> {
    let range = device
        .map_blob(ResourceId(number), at * page())
        .map(|map| map.range);
    device.verify_invariants().unwrap();
    range
}

fn pages(at: u64, count: u64) -> MapRange {
    MapRange {
        offset: at * page(),
        len: count * page(),
    }
}

fn refused(result: Result<MapRange, Error>) -> bool {
    matches!(result, Err(Error::BadPlace { .. }))
}

#[test]
fn blobs_have_places_of_their_own() {
    let mut device = device();
    let mapped = device.map_blob(ResourceId(3), 4 * page()).unwrap();
    assert_eq!(mapped.range, pages(4, 3));
    assert_eq!(mapped.blob.caching, MapCaching::Cached);
    assert_eq!(mapped.blob.size, 3 * page() - 9);
    for at in [3, 4, 5, 6] {
        assert!(refused(map(&mut device, 2, at)), "at page {at}");
    }
    assert_eq!(map(&mut device, 2, 2).unwrap(), pages(2, 2));
    assert_eq!(map(&mut device, 1, 7).unwrap(), pages(7, 1));
    assert!(matches!(
        map(&mut device, 1, 9),
        Err(Error::AlreadyMapped(_))
    ));
    assert_eq!(device.unmap_blob(ResourceId(3)).unwrap(), pages(4, 3));
    assert!(matches!(
        device.unmap_blob(ResourceId(3)),
        Err(Error::NotMapped(_))
    ));
    assert_eq!(map(&mut device, 3, 4).unwrap(), pages(4, 3));
}

#[test]
fn a_place_is_inside_and_whole_pages() {
    let mut device = device();
    for offset in [
        1,
        page() - 1,
        page() + 4,
        15 * page(),
        16 * page(),
        u64::MAX,
        u64::MAX - page() + 1,
    ] {
        let error = device.map_blob(ResourceId(2), offset).unwrap_err();
        assert!(matches!(error, Error::BadPlace { .. }), "{offset:#x}");
        assert_eq!(error.blame(), Blame::Parameter);
    }
    assert_eq!(map(&mut device, 2, 14).unwrap(), pages(14, 2));
    assert_eq!(map(&mut device, 1, 0).unwrap(), pages(0, 1));
}

#[test]
fn without_a_region_nothing_is_mapped() {
    let mut device = Device::new(Arc::new(Notes::default()));
    let (sender, _) = events().unwrap();
    device
        .create_context(CTX, CapsetId::VENUS, "test", sender)
        .unwrap();
    blob(&mut device, 1, &request(BlobMem::Host3d, 1));
    assert!(refused(map(&mut device, 1, 0)));
}

#[test]
fn what_goes_is_unmapped() {
    let mut device = device();
    for (number, at) in [(1, 0), (2, 1), (3, 3)] {
        map(&mut device, number, at).unwrap();
    }
    device.unref(ResourceId(2)).unwrap();
    device.verify_invariants().unwrap();
    assert_eq!(device.notices(), [Notice::Unmapped(pages(1, 2))]);
    device.unmap_blob(ResourceId(1)).unwrap();
    device.unref(ResourceId(1)).unwrap();
    assert_eq!(device.notices(), []);
    device.destroy_context(CTX).unwrap();
    assert_eq!(device.notices(), [], "a context's blobs outlive it");
    device.reset();
    device.verify_invariants().unwrap();
    assert_eq!(device.notices(), [Notice::Unmapped(pages(3, 3))]);
    assert_eq!(device.resource_count(), 0);
}

#[test]
fn only_memory_that_can_be_mapped_is() {
    let mut device = device();
    let hidden = BlobRequest {
        flags: BlobFlags::SHAREABLE,
        ..request(BlobMem::Host3d, 8)
    };
    blob(&mut device, 10, &hidden);
    let of = |id: BlobId| BlobRequest {
        id,
        ..request(BlobMem::Host3d, 8)
    };
    blob(&mut device, 11, &of(OPAQUE));
    device
        .create_guest_blob(ResourceId(12), 8, Some(backing(1, 8)))
        .unwrap();
    device.create_resource(ResourceId(13), &shape(2)).unwrap();
    device.create_resource_2d(ResourceId(14), 1, 4, 4).unwrap();
    for number in 10..=14 {
        let error = map(&mut device, number, 0).unwrap_err();
        assert!(matches!(error, Error::WrongKind { .. }), "{number}");
        assert_eq!(error.blame(), Blame::Resource);
        let error = device.unmap_blob(ResourceId(number)).unwrap_err();
        assert_eq!(error.blame(), Blame::Parameter);
    }
    assert!(matches!(
        map(&mut device, 99, 0),
        Err(Error::UnknownResource(_))
    ));
    blob(&mut device, 15, &of(DMA_BUF));
    assert!(map(&mut device, 15, 0).is_ok());
}

/// The memory of a blob of both is the host's; the guest's pages are its shadow.
#[test]
fn a_blob_of_both_has_a_backing() {
    let mut device = device();
    let id = ResourceId(20);
    blob(&mut device, 20, &request(BlobMem::Host3dGuest, 8));
    device.attach_backing(id, backing(2, 4)).unwrap();
    assert!(matches!(
        device.attach_backing(id, backing(2, 4)),
        Err(Error::BackingExists(_))
    ));
    device.verify_invariants().unwrap();
    device.detach_backing(id).unwrap();
    assert!(matches!(
        device.detach_backing(id),
        Err(Error::NoBacking(_))
    ));
    assert!(map(&mut device, 20, 0).is_ok());
}

#[test]
fn a_blob_of_the_guests_has_all_its_pages() {
    let mut device = device();
    let id = ResourceId(20);
    let short = device.create_guest_blob(id, 9, Some(backing(2, 4)));
    assert!(matches!(short, Err(Error::TooFewPages { .. })));
    device.create_guest_blob(id, 9, None).unwrap();
    let short = device.attach_backing(id, backing(2, 4));
    assert!(matches!(short, Err(Error::TooFewPages { .. })));
    device.attach_backing(id, backing(3, 4)).unwrap();
    assert!(matches!(
        device.create_guest_blob(ResourceId(21), 0, None),
        Err(Error::EmptyBlob)
    ));
    assert!(matches!(
        device.create_guest_blob(ResourceId(21), u64::MAX, None),
        Err(Error::Limit { .. })
    ));
    assert!(matches!(
        device.create_guest_blob(id, 1, None),
        Err(Error::ResourceExists(_))
    ));
    device.verify_invariants().unwrap();
}

#[test]
fn a_name_is_random_and_stays() {
    let mut device = device();
    let names: BTreeSet<_> = (1..=3)
        .map(|it| device.assign_uuid(ResourceId(it)).unwrap())
        .collect();
    assert_eq!(names.len(), 3);
    assert!(names.contains(&device.assign_uuid(ResourceId(2)).unwrap()));
    // RFC 9562, 5.4: version 4, variant 10.
    assert!(names.iter().all(|it| it[6] >> 4 == 4 && it[8] >> 6 == 2));
    assert_eq!(
        device.assign_uuid(ResourceId(9)).unwrap_err().blame(),
        Blame::Resource
    );
}

#[test]
fn kinds_of_context_have_numbers() {
    let device = device();
    let id = |index| device.capset_info(index).map(|it| it.id);
    assert_eq!(id(0), Some(CapsetId::VIRGL));
    assert_eq!(id(1), Some(CapsetId::VENUS));
    assert_eq!((id(2), id(u32::MAX)), (None, None));
}
