//! What each verb refuses, and what the guest is told of it.

mod common;

use std::sync::Arc;

use context::{
    BlobId, BlobMem, BlobRequest, CapsetId, ContextId, ResourceId, RingIdx, TransferSource,
    TransferTarget, events,
};
use device::Blame::{Context, OutOfMemory, Parameter, Resource, Scanout, Unspecified};
use device::{
    Blame, BlobImage, Config, Device, Error, HotSpot, Mode, Position, Rect, Screen, Text, Timeline,
};

use common::{NO_TARGET, Notes, backing, request, shape, transfer};

const CTX: ContextId = ContextId(1);
const NO_CTX: ContextId = ContextId(9);
/// A 2D resource of 8 x 8 pixels with a backing of 256 bytes.
const PLAIN: ResourceId = ResourceId(1);
/// The same without a backing.
const BARE: ResourceId = ResourceId(2);
/// A classic resource of 4 x 4 pixels with a backing.
const CLASSIC: ResourceId = ResourceId(3);
/// A blob of the host's of 1000 bytes, at the start of the region.
const BLOB: ResourceId = ResourceId(4);
/// A blob of the guest's of 1000 bytes.
const GUEST: ResourceId = ResourceId(5);
/// A blob of the guest's without pages.
const EMPTY: ResourceId = ResourceId(6);
/// Nothing.
const NONE: ResourceId = ResourceId(99);

fn device() -> Device {
    let screen = Screen {
        name: Text::new("Test").unwrap(),
        mode: Mode::new(640, 480, 60_000).unwrap(),
        is_connected: true,
    };
    let config = Config {
        screens: vec![screen],
        region: 1 << 20,
    };
    let mut device = Device::with_config(Arc::new(Notes::default()), config).unwrap();
    create_context(&mut device, CTX, CapsetId::VENUS).unwrap();
    device.create_resource_2d(PLAIN, 1, 8, 8).unwrap();
    device.attach_backing(PLAIN, backing(1, 256)).unwrap();
    device.create_resource_2d(BARE, 1, 8, 8).unwrap();
    device.create_resource(CLASSIC, &shape(2)).unwrap();
    device.attach_backing(CLASSIC, backing(1, 64)).unwrap();
    device
        .create_blob(CTX, BLOB, &request(BlobMem::Host3d, 1000))
        .unwrap();
    device.map_blob(BLOB, 0).unwrap();
    device
        .create_guest_blob(GUEST, 1000, Some(backing(4, 250)))
        .unwrap();
    device.create_guest_blob(EMPTY, 1000, None).unwrap();
    device
}

fn create_context(device: &mut Device, id: ContextId, capset: CapsetId) -> Result<(), Error> {
    let (sender, _) = events().unwrap();
    device.create_context(id, capset, "test", sender)
}

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect {
        x,
        y,
        width,
        height,
    }
}

const ONE_PIXEL: Rect = Rect {
    x: 0,
    y: 0,
    width: 1,
    height: 1,
};

type Verb<'a> = &'a dyn Fn(&mut Device) -> Result<(), Error>;

/// Each verb is refused for the reason that is told, changes nothing, and is no bug.
fn refused(cases: &[(Blame, &str, Verb<'_>)]) {
    for (blame, what, verb) in cases {
        let mut device = device();
        device.notices();
        let before = (device.context_count(), device.resource_count());
        let error = verb(&mut device).expect_err(what);
        assert_eq!(error.blame(), *blame, "{what}: {error}");
        assert!(!matches!(error, Error::Bug(_)), "{what}");
        assert!(!error.to_string().is_empty());
        assert_eq!(
            (device.context_count(), device.resource_count()),
            before,
            "{what}"
        );
        assert!(device.notices().is_empty(), "{what}");
        device.verify_invariants().unwrap();
    }
}

#[test]
fn contexts() {
    refused(&[
        (Context, "a second context", &|it| {
            create_context(it, CTX, CapsetId::VENUS)
        }),
        (Unspecified, "a capset that there is not", &|it| {
            create_context(it, NO_CTX, CapsetId(77))
        }),
        (Context, "an end of no context", &|it| {
            it.destroy_context(NO_CTX)
        }),
        (Context, "a stream for no context", &|it| {
            it.submit(NO_CTX, &[1])
        }),
        (Parameter, "a stream of rubbish", &|it| it.submit(CTX, &[])),
        (Context, "a fence of no context", &|it| {
            it.fence_on(Timeline::Ring(NO_CTX, RingIdx(0)), context::FenceId(1))
        }),
        (Parameter, "a fence on no ring", &|it| {
            it.fence_on(Timeline::Ring(CTX, RingIdx(63)), context::FenceId(1))
        }),
        (Context, "an attachment to no context", &|it| {
            it.attach(NO_CTX, PLAIN)
        }),
        (Resource, "an attachment of nothing", &|it| {
            it.attach(CTX, NONE)
        }),
        (Context, "a detachment from no context", &|it| {
            it.detach(NO_CTX, PLAIN)
        }),
        (Resource, "a detachment of nothing", &|it| {
            it.detach(CTX, NONE)
        }),
    ]);
}

#[test]
fn creation() {
    let too_large = BlobRequest {
        size: u64::MAX,
        ..request(BlobMem::Host3d, 1)
    };
    refused(&[
        (Resource, "a 2D resource 0", &|it| {
            it.create_resource_2d(ResourceId(0), 1, 8, 8)
        }),
        (Resource, "a second 2D resource", &|it| {
            it.create_resource_2d(BLOB, 1, 8, 8)
        }),
        (Parameter, "no format", &|it| {
            it.create_resource_2d(NONE, 0, 8, 8)
        }),
        (Parameter, "a format of no screen", &|it| {
            it.create_resource_2d(NONE, 66, 8, 8)
        }),
        (Parameter, "no width", &|it| {
            it.create_resource_2d(NONE, 1, 0, 8)
        }),
        (Parameter, "no height", &|it| {
            it.create_resource_2d(NONE, 1, 8, 0)
        }),
        (Parameter, "a width without end", &|it| {
            it.create_resource_2d(NONE, 1, u32::MAX, 8)
        }),
        (Resource, "a second 3D resource", &|it| {
            it.create_resource(PLAIN, &shape(2))
        }),
        (Unspecified, "a target that there is not", &|it| {
            it.create_resource(NONE, &shape(NO_TARGET))
        }),
        (Context, "a blob of no context", &|it| {
            it.create_blob(NO_CTX, NONE, &request(BlobMem::Host3d, 1))
                .map(drop)
        }),
        (Resource, "a second blob", &|it| {
            it.create_blob(CTX, BLOB, &request(BlobMem::Host3d, 1))
                .map(drop)
        }),
        (Parameter, "a blob of nothing", &|it| {
            it.create_blob(CTX, NONE, &request(BlobMem::Host3d, 0))
                .map(drop)
        }),
        (OutOfMemory, "a blob without end", &|it| {
            it.create_blob(CTX, NONE, &too_large).map(drop)
        }),
        (Resource, "a guest's blob 0", &|it| {
            it.create_guest_blob(ResourceId(0), 1, None)
        }),
        (Parameter, "a guest's blob of nothing", &|it| {
            it.create_guest_blob(NONE, 0, None)
        }),
        (OutOfMemory, "a guest's blob without end", &|it| {
            it.create_guest_blob(NONE, u64::MAX, None)
        }),
        (Parameter, "a guest's blob with too few pages", &|it| {
            it.create_guest_blob(NONE, 9, Some(backing(1, 8)))
        }),
        (Resource, "a name for nothing", &|it| {
            it.assign_uuid(NONE).map(drop)
        }),
        (Resource, "an end of nothing", &|it| it.unref(NONE)),
    ]);
}

#[test]
fn backings_and_transfers() {
    let ctx = Some(CTX);
    let source = TransferSource::Backing;
    let whole = rect(0, 0, 8, 8);
    refused(&[
        (Resource, "a backing of nothing", &|it| {
            it.attach_backing(NONE, backing(1, 8))
        }),
        (Unspecified, "a second backing", &|it| {
            it.attach_backing(PLAIN, backing(1, 8))
        }),
        (Resource, "a backing of a blob", &|it| {
            it.attach_backing(BLOB, backing(1, 8))
        }),
        (Parameter, "too few pages of a blob", &|it| {
            it.attach_backing(EMPTY, backing(1, 999))
        }),
        (OutOfMemory, "too many pieces", &|it| {
            it.attach_backing(BARE, backing(262_145, 1))
        }),
        (Resource, "nothing's backing", &|it| it.detach_backing(NONE)),
        (Unspecified, "no backing", &|it| it.detach_backing(BARE)),
        (Resource, "a blob's backing", &|it| it.detach_backing(BLOB)),
        (Resource, "a transfer to nothing", &|it| {
            it.transfer_to_host_2d(NONE, whole, 0)
        }),
        (Unspecified, "a transfer from no backing", &|it| {
            it.transfer_to_host_2d(BARE, whole, 0)
        }),
        (Parameter, "a transfer beside", &|it| {
            it.transfer_to_host_2d(PLAIN, rect(1, 0, 8, 8), 0)
        }),
        (Parameter, "a transfer around", &|it| {
            it.transfer_to_host_2d(PLAIN, rect(u32::MAX, 0, 2, 8), 0)
        }),
        (Parameter, "a transfer from behind", &|it| {
            it.transfer_to_host_2d(PLAIN, whole, 1)
        }),
        (Parameter, "a transfer from far", &|it| {
            it.transfer_to_host_2d(PLAIN, ONE_PIXEL, u64::MAX)
        }),
        (Context, "a transfer of no context", &|it| {
            it.transfer_to_host(Some(NO_CTX), CLASSIC, &transfer(0), source)
        }),
        (Resource, "a transfer of another's", &|it| {
            it.transfer_to_host(ctx, CLASSIC, &transfer(0), source)
        }),
        (Parameter, "a 3D transfer from behind", &|it| {
            it.transfer_to_host(None, CLASSIC, &transfer(64), source)
        }),
        (Resource, "a transfer from nothing", &|it| {
            it.transfer_from_host(None, NONE, &transfer(0), TransferTarget::Backing)
        }),
        (Resource, "bytes of a guest's blob", &|it| {
            it.transfer_from_host(None, GUEST, &transfer(0), TransferTarget::Bytes(&mut [0]))
        }),
        (Parameter, "a level of a 2D resource", &|it| {
            it.transfer_to_host(None, PLAIN, &transfer(0), source)
        }),
    ]);
}

fn image(width: u32, height: u32, stride: u32) -> BlobImage {
    BlobImage {
        width,
        height,
        format: 1,
        strides: [stride; 4],
        offsets: [0; 4],
    }
}

#[test]
fn scanouts() {
    let good = image(8, 8, 32);
    refused(&[
        (Scanout, "no scanout", &|it| {
            it.set_scanout(1, ONE_PIXEL, Some(PLAIN))
        }),
        (Scanout, "nothing on no scanout", &|it| {
            it.set_scanout(u32::MAX, ONE_PIXEL, None)
        }),
        (Resource, "nothing's pixels", &|it| {
            it.set_scanout(0, ONE_PIXEL, Some(NONE))
        }),
        (Resource, "a blob without a layout", &|it| {
            it.set_scanout(0, ONE_PIXEL, Some(BLOB))
        }),
        (Parameter, "no pixel", &|it| {
            it.set_scanout(0, rect(0, 0, 0, 8), Some(PLAIN))
        }),
        (Parameter, "pixels outside", &|it| {
            it.set_scanout(0, rect(0, 1, 8, 8), Some(PLAIN))
        }),
        (Parameter, "pixels around", &|it| {
            it.set_scanout(0, rect(1, 1, u32::MAX, 1), Some(CLASSIC))
        }),
        (Scanout, "a blob on no scanout", &|it| {
            it.set_scanout_blob(1, ONE_PIXEL, GUEST, &good)
        }),
        (Resource, "nothing's memory", &|it| {
            it.set_scanout_blob(0, ONE_PIXEL, NONE, &good)
        }),
        (Resource, "no blob", &|it| {
            it.set_scanout_blob(0, ONE_PIXEL, PLAIN, &good)
        }),
        (Unspecified, "no pages", &|it| {
            it.set_scanout_blob(0, ONE_PIXEL, EMPTY, &good)
        }),
        (Parameter, "an image outside", &|it| {
            it.set_scanout_blob(0, ONE_PIXEL, GUEST, &image(8, 100, 32))
        }),
        (Parameter, "a part outside", &|it| {
            it.set_scanout_blob(0, rect(0, 0, 9, 8), BLOB, &good)
        }),
        (Resource, "a flush of nothing", &|it| {
            it.flush(NONE, ONE_PIXEL)
        }),
        (Parameter, "a flush outside", &|it| {
            it.flush(PLAIN, rect(0, 0, 8, 9))
        }),
        (Parameter, "a flush around", &|it| {
            it.flush(CLASSIC, rect(2, 0, u32::MAX, 1))
        }),
        (Scanout, "no screen", &|it| it.set_screen(1, None)),
        (Scanout, "an EDID of no screen", &|it| it.edid(1).map(drop)),
    ]);
}

#[test]
fn pointers_and_maps() {
    let (place, spot) = (Position::default(), HotSpot::default());
    let opaque = BlobRequest {
        id: BlobId(2),
        ..request(BlobMem::Host3d, 8)
    };
    refused(&[
        (Scanout, "a pointer nowhere", &|it| {
            it.update_cursor(1, place, spot, None)
        }),
        (Scanout, "a pointer moves nowhere", &|it| {
            it.move_cursor(16, place)
        }),
        (Resource, "no picture", &|it| {
            it.update_cursor(0, place, spot, Some(NONE))
        }),
        (Parameter, "a small picture", &|it| {
            it.update_cursor(0, place, spot, Some(PLAIN))
        }),
        (Parameter, "a short picture", &|it| {
            it.update_cursor(0, place, spot, Some(GUEST))
        }),
        (Unspecified, "a picture without pages", &|it| {
            it.update_cursor(0, place, spot, Some(EMPTY))
        }),
        (Resource, "a map of nothing", &|it| {
            it.map_blob(NONE, 0).map(drop)
        }),
        (Resource, "a map of no blob", &|it| {
            it.map_blob(CLASSIC, 0).map(drop)
        }),
        (Resource, "a map of the guest's own", &|it| {
            it.map_blob(GUEST, 4096).map(drop)
        }),
        (Parameter, "a second map", &|it| {
            it.map_blob(BLOB, 65_536).map(drop)
        }),
        (Resource, "an unmap of nothing", &|it| {
            it.unmap_blob(NONE).map(drop)
        }),
        (Parameter, "an unmap of what is not mapped", &|it| {
            it.unmap_blob(GUEST).map(drop)
        }),
    ]);
    let mut device = device();
    device.create_blob(CTX, NONE, &opaque).unwrap();
    assert_eq!(device.map_blob(NONE, 65_536).unwrap_err().blame(), Resource);
    device
        .create_blob(CTX, ResourceId(7), &request(BlobMem::Host3d, 8))
        .unwrap();
    for offset in [0, 1, 1 << 20, u64::MAX] {
        assert_eq!(
            device.map_blob(ResourceId(7), offset).unwrap_err().blame(),
            Parameter
        );
    }
}

/// What asks for nothing is granted: Linux and firmware do that.
#[test]
fn what_means_nothing_is_no_error() {
    let mut device = device();
    device
        .transfer_to_host_2d(BLOB, rect(9, 9, 9, 9), 9)
        .unwrap();
    device.transfer_to_host_2d(GUEST, ONE_PIXEL, 0).unwrap();
    device.transfer_to_host_2d(EMPTY, ONE_PIXEL, 0).unwrap();
    device
        .transfer_to_host_2d(PLAIN, rect(8, 8, 0, 0), 0)
        .unwrap();
    device.flush(EMPTY, ONE_PIXEL).unwrap();
    device.flush(PLAIN, rect(8, 8, 0, 0)).unwrap();
    device.set_scanout(0, rect(1, 2, 3, 4), None).unwrap();
    device.detach(CTX, PLAIN).unwrap();
    device.attach(CTX, GUEST).unwrap();
    device.attach(CTX, GUEST).unwrap();
    device.detach(CTX, GUEST).unwrap();
    device.verify_invariants().unwrap();
}
