//! Random verbs about contexts and resources, next to a model of what they mean.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use context::{
    BlobMem, CapsetId, ContextId, FenceId, ResourceId, RingIdx, TransferSource, TransferTarget,
    events,
};
use device::limits::{MAX_BACKING_PIECES, MAX_RESOURCES};
use device::{Device, Error};
use host_memory::Mapping;
use proptest::prelude::*;

use common::{NO_TARGET, Notes, backing, request, shape, transfer};

#[derive(Clone, Copy, Debug)]
enum Op {
    CreateContext(u32),
    DestroyContext(u32),
    CreateBlob(u32, u32, BlobMem),
    CreateResource(u32),
    AttachBacking(u32, u64),
    AttachMemfd(u32, u64),
    DetachBacking(u32),
    /// To the host from the resource's own memory, from an offset on.
    Transfer(Option<u32>, u32, u64),
    Attach(u32, u32),
    Detach(u32, u32),
    Unref(u32),
}

fn op() -> impl Strategy<Value = Op> {
    let ctx = || 1u32..4;
    let resource = || 0u32..5;
    let mem = prop_oneof![Just(BlobMem::Guest), Just(BlobMem::Host3d)];
    prop_oneof![
        ctx().prop_map(Op::CreateContext),
        ctx().prop_map(Op::DestroyContext),
        (ctx(), resource(), mem).prop_map(|(ctx, id, mem)| Op::CreateBlob(ctx, id, mem)),
        resource().prop_map(Op::CreateResource),
        (resource(), 1u64..8).prop_map(|(id, len)| Op::AttachBacking(id, len)),
        (resource(), 0u64..8).prop_map(|(id, len)| Op::AttachMemfd(id, len)),
        resource().prop_map(Op::DetachBacking),
        (proptest::option::of(ctx()), resource(), 0u64..8)
            .prop_map(|(ctx, id, offset)| Op::Transfer(ctx, id, offset)),
        (ctx(), resource()).prop_map(|(ctx, id)| Op::Attach(ctx, id)),
        (ctx(), resource()).prop_map(|(ctx, id)| Op::Detach(ctx, id)),
        resource().prop_map(Op::Unref),
    ]
}

/// What a resource's own memory is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Memory {
    Blob(u64),
    Backing(Option<u64>),
}

#[derive(Default)]
struct Model {
    contexts: BTreeSet<u32>,
    resources: BTreeMap<u32, Memory>,
    attached: BTreeSet<(u32, u32)>,
}

impl Model {
    /// Does what `op` means; whether it is legal.
    fn apply(&mut self, op: Op) -> bool {
        match op {
            Op::CreateContext(ctx) => self.contexts.insert(ctx),
            Op::DestroyContext(ctx) => {
                self.attached.retain(|(other, _)| *other != ctx);
                self.contexts.remove(&ctx)
            }
            Op::CreateBlob(ctx, id, _) => {
                let legal = self.contexts.contains(&ctx) && self.is_free(id);
                if legal {
                    self.resources.insert(id, Memory::Blob(BLOB_SIZE));
                }
                legal
            }
            Op::CreateResource(id) => {
                let legal = self.is_free(id);
                if legal {
                    self.resources.insert(id, Memory::Backing(None));
                }
                legal
            }
            Op::AttachMemfd(_, 0) => false,
            Op::AttachBacking(id, len) | Op::AttachMemfd(id, len) => {
                let legal = self.resources.get(&id) == Some(&Memory::Backing(None));
                if legal {
                    self.resources.insert(id, Memory::Backing(Some(len)));
                }
                legal
            }
            Op::DetachBacking(id) => {
                let legal = matches!(self.resources.get(&id), Some(Memory::Backing(Some(_))));
                if legal {
                    self.resources.insert(id, Memory::Backing(None));
                }
                legal
            }
            Op::Transfer(ctx, id, offset) => {
                let len = match self.resources.get(&id) {
                    Some(Memory::Blob(len) | Memory::Backing(Some(len))) => *len,
                    _ => 0,
                };
                offset < len && ctx.is_none_or(|ctx| self.attached.contains(&(ctx, id)))
            }
            Op::Attach(ctx, id) => {
                let legal = self.contexts.contains(&ctx) && self.resources.contains_key(&id);
                if legal {
                    self.attached.insert((ctx, id));
                }
                legal
            }
            Op::Detach(ctx, id) => {
                self.attached.remove(&(ctx, id));
                self.contexts.contains(&ctx) && self.resources.contains_key(&id)
            }
            Op::Unref(id) => {
                self.attached.retain(|(_, other)| *other != id);
                self.resources.remove(&id).is_some()
            }
        }
    }

    fn is_free(&self, id: u32) -> bool {
        id != 0 && !self.resources.contains_key(&id)
    }

    /// The classic resources, and whether they have a backing.
    fn classic(&self) -> BTreeMap<u32, bool> {
        let classic = |(id, memory): (&u32, &Memory)| match memory {
            Memory::Blob(_) => None,
            Memory::Backing(backing) => Some((*id, backing.is_some())),
        };
        self.resources.iter().filter_map(classic).collect()
    }
}

const BLOB_SIZE: u64 = 100;

fn apply(device: &mut Device, op: Op) -> Result<(), Error> {
    match op {
        Op::CreateContext(ctx) => create_context(device, ctx),
        Op::DestroyContext(ctx) => device.destroy_context(ContextId(ctx)),
        Op::CreateBlob(ctx, id, mem) => device
            .create_blob(ContextId(ctx), ResourceId(id), &request(mem, BLOB_SIZE))
            .map(drop),
        Op::CreateResource(id) => device.create_resource(ResourceId(id), &shape(2)),
        Op::AttachBacking(id, len) => device.attach_backing(ResourceId(id), backing(1, len)),
        Op::AttachMemfd(id, len) => device.attach_memfd(ResourceId(id), len).map(drop),
        Op::DetachBacking(id) => device.detach_backing(ResourceId(id)),
        Op::Transfer(ctx, id, offset) => device.transfer_to_host(
            ctx.map(ContextId),
            ResourceId(id),
            &transfer(offset),
            TransferSource::Backing,
        ),
        Op::Attach(ctx, id) => device.attach(ContextId(ctx), ResourceId(id)),
        Op::Detach(ctx, id) => device.detach(ContextId(ctx), ResourceId(id)),
        Op::Unref(id) => device.unref(ResourceId(id)),
    }
}

/// The renderer's classic resources, and whether they have a backing.
fn backed(notes: &Notes) -> BTreeMap<u32, bool> {
    let told = notes.told();
    let classic = told.classic.iter();
    classic
        .map(|(id, it)| (*id, it.backing.is_some()))
        .collect()
}

fn create_context(device: &mut Device, ctx: u32) -> Result<(), Error> {
    let (sender, _receiver) = events().unwrap();
    device.create_context(ContextId(ctx), CapsetId::VENUS, "test", sender)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_device_does_what_the_model_says(ops in proptest::collection::vec(op(), 0..40)) {
        let notes = Notes::default();
        let mut device = Device::new(Arc::new(notes.clone()));
        let mut model = Model::default();
        for op in ops {
            let legal = model.apply(op);
            let result = apply(&mut device, op);
            prop_assert_eq!(result.is_ok(), legal, "{:?}: {:?}", op, result);
            prop_assert!(result.err().is_none_or(|error| error.is_guest_fault()));
            prop_assert!(device.verify_invariants().is_ok());
            prop_assert_eq!(&notes.told().attached, &model.attached);
            prop_assert_eq!(&backed(&notes), &model.classic());
            prop_assert_eq!(device.context_count(), model.contexts.len());
            prop_assert_eq!(device.resource_count(), model.resources.len());
        }
    }
}

fn device_with_context() -> Device {
    let mut device = Device::new(Arc::new(Notes::default()));
    create_context(&mut device, 1).unwrap();
    device
}

#[test]
fn a_blob_has_a_size() {
    let mut device = device_with_context();
    let mut create = |size| {
        let request = request(BlobMem::Guest, size);
        device
            .create_blob(ContextId(1), ResourceId(1), &request)
            .map(|blob| blob.size)
    };
    assert!(matches!(create(0), Err(Error::EmptyBlob)));
    assert!(matches!(create(u64::MAX), Err(Error::Limit { .. })));
    assert!(matches!(create(1 << 37), Err(Error::Limit { .. })));
    assert!(matches!(create(12), Ok(12)));
}

#[test]
fn shared_memory_is_limited_in_total() {
    let mut device = device_with_context();
    let mut create = |id| {
        let request = request(BlobMem::Guest, 1 << 35);
        device
            .create_blob(ContextId(1), ResourceId(id), &request)
            .map(drop)
    };
    assert!(create(1).is_ok());
    assert!(create(2).is_ok());
    assert!(matches!(create(3), Err(Error::Limit { .. })));
    device.unref(ResourceId(1)).unwrap();
    let request = request(BlobMem::Host3d, 1 << 35);
    assert!(
        device
            .create_blob(ContextId(1), ResourceId(3), &request)
            .is_ok()
    );
    assert!(
        device
            .create_blob(ContextId(1), ResourceId(4), &request)
            .is_err()
    );
    device.verify_invariants().unwrap();
}

#[test]
fn what_the_renderer_says_comes_through() {
    let mut device = device_with_context();
    let stats = |ctx| device.stats(ContextId(ctx)).map(|stats| stats.commands);
    assert_eq!((stats(1), stats(2)), (Some(1), None));
    let (sender, _receiver) = events().unwrap();
    let refusal = device.create_context(ContextId(2), CapsetId::VIRGL2, "test", sender);
    assert!(matches!(
        refusal,
        Err(Error::Renderer(context::Error::Unsupported(_)))
    ));
    assert!(device.submit(ContextId(1), &[1]).is_ok());
    let error = device.submit(ContextId(1), &[]).unwrap_err();
    assert!(error.is_guest_fault());
    assert!(device.submit(ContextId(2), &[1]).is_err());
    assert!(device.fence(ContextId(1), RingIdx(0), FenceId(1)).is_ok());
    assert!(device.fence(ContextId(2), RingIdx(0), FenceId(1)).is_err());
    assert!(device.finish(ContextId(1)).is_ok());
    assert!(device.finish(ContextId(2)).is_err());
    assert!(device.blob(ResourceId(9)).is_err());
}

#[test]
fn a_backing_has_a_size_and_a_number_of_pieces() {
    let mut device = device_with_context();
    let id = ResourceId(1);
    device.create_resource(id, &shape(2)).unwrap();
    let too_many = device.attach_backing(id, backing(MAX_BACKING_PIECES + 1, 1));
    assert!(matches!(too_many, Err(Error::Limit { .. })));
    assert!(matches!(
        device.attach_memfd(id, 1 << 39),
        Err(Error::Limit { .. })
    ));
    assert!(matches!(device.attach_memfd(id, 0), Err(Error::EmptyBlob)));
    device
        .attach_backing(id, backing(MAX_BACKING_PIECES, 1))
        .unwrap();
    let to = |device: &mut Device, offset| {
        device.transfer_to_host(None, id, &transfer(offset), TransferSource::Backing)
    };
    assert!(to(&mut device, MAX_BACKING_PIECES as u64 - 1).is_ok());
    let outside = to(&mut device, MAX_BACKING_PIECES as u64);
    assert!(matches!(outside, Err(Error::OutsideMemory { .. })));
    device.detach_backing(id).unwrap();
    assert!(matches!(to(&mut device, 0), Err(Error::NoBacking(_))));
}

#[test]
fn a_memfd_is_counted_until_it_goes() {
    let mut device = device_with_context();
    for id in [1, 2, 3] {
        device.create_resource(ResourceId(id), &shape(2)).unwrap();
    }
    let mut attach = |id| {
        device
            .attach_memfd(ResourceId(id), 1 << 35)
            .map(|fd| Mapping::new(std::os::fd::AsFd::as_fd(&fd), 1 << 35).unwrap())
    };
    let one = attach(1).unwrap();
    one.write((1 << 35) - 1, &[1]).unwrap();
    attach(2).unwrap();
    assert!(matches!(attach(3), Err(Error::Limit { .. })));
    device.verify_invariants().unwrap();
    device.detach_backing(ResourceId(1)).unwrap();
    device.attach_memfd(ResourceId(3), 1 << 35).unwrap();
    device.unref(ResourceId(2)).unwrap();
    device.attach_memfd(ResourceId(1), 1 << 35).unwrap();
    device.verify_invariants().unwrap();
}

#[test]
fn there_are_only_so_many_resources() {
    let mut device = device_with_context();
    let count = MAX_RESOURCES as u32;
    for id in 1..=count {
        device.create_resource(ResourceId(id), &shape(2)).unwrap();
    }
    let error = device
        .create_resource(ResourceId(count + 1), &shape(2))
        .unwrap_err();
    assert!(matches!(error, Error::Limit { .. }));
    assert!(error.is_refusal());
}

#[test]
fn what_the_renderer_refuses_leaves_nothing() {
    let notes = Notes::default();
    let mut device = Device::new(Arc::new(notes.clone()));
    let error = device
        .create_resource(ResourceId(1), &shape(NO_TARGET))
        .unwrap_err();
    assert!(error.is_refusal());
    assert_eq!(device.resource_count(), 0);
    device.create_resource(ResourceId(1), &shape(2)).unwrap();
    let refused = device.export(ResourceId(1));
    assert!(matches!(refused, Err(Error::Renderer(_))));
}

#[test]
fn blobs_and_classic_resources_are_not_taken_for_each_other() {
    let mut device = device_with_context();
    let (classic, blob) = (ResourceId(1), ResourceId(2));
    device.create_resource(classic, &shape(2)).unwrap();
    device
        .create_blob(ContextId(1), blob, &request(BlobMem::Guest, 8))
        .unwrap();
    let wrong = |result: Result<(), Error>| matches!(result, Err(Error::WrongKind { .. }));
    assert!(wrong(device.blob(classic).map(drop)));
    assert!(wrong(device.attach_memfd(blob, 8).map(drop)));
    assert!(wrong(device.attach_backing(blob, backing(1, 8))));
    assert!(wrong(device.detach_backing(blob)));
    assert_eq!(device.export(blob).unwrap().size, 8);
}

#[test]
fn bytes_of_a_transfer_are_the_memory() {
    let mut device = device_with_context();
    let id = ResourceId(1);
    device.create_resource(id, &shape(2)).unwrap();
    let mut bytes = [0; 4];
    let mut from = |offset, bytes: &mut [u8]| {
        let target = TransferTarget::Bytes(bytes);
        device.transfer_from_host(None, id, &transfer(offset), target)
    };
    from(0, &mut bytes).unwrap();
    assert_eq!(bytes, [7; 4]);
    assert!(matches!(
        from(4, &mut bytes),
        Err(Error::OutsideMemory { len: 4, .. })
    ));
    assert!(matches!(
        from(0, &mut []),
        Err(Error::OutsideMemory { len: 0, .. })
    ));
}
