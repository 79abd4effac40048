//! Random verbs on a device, next to a model of what they mean.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use context::{
    Blob, BlobFlags, BlobId, BlobMem, BlobRequest, CapsetId, CapsetInfo, Context, ContextId,
    ContextStats, DeviceRenderer, EventSender, FenceId, Renderer, Resource, ResourceId, Resources,
    RingIdx, events,
};
use device::{Device, Error};
use host_memory::Shm;
use proptest::prelude::*;

type Attachments = Arc<Mutex<BTreeSet<(u32, u32)>>>;

/// A renderer whose contexts only note what is attached to them.
struct Notes(Attachments);

struct NotingDevice(Attachments);

struct NotingContext {
    id: ContextId,
    attached: Attachments,
}

impl Renderer for Notes {
    fn capsets(&self) -> Vec<CapsetInfo> {
        Vec::new()
    }

    fn capset(&self, _: CapsetId, _: u32) -> Option<Vec<u8>> {
        None
    }

    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, context::Error> {
        Ok(Box::new(NotingDevice(Arc::clone(&self.0))))
    }
}

impl DeviceRenderer for NotingDevice {
    fn create_context(
        &mut self,
        id: ContextId,
        capset: CapsetId,
        _: &str,
        _: EventSender,
    ) -> Result<Box<dyn Context>, context::Error> {
        match capset {
            CapsetId::VENUS => Ok(Box::new(NotingContext {
                id,
                attached: Arc::clone(&self.0),
            })),
            _ => Err(context::Error::Unsupported("only Venus".into())),
        }
    }

    fn resources(&mut self) -> Result<&mut dyn Resources, context::Error> {
        Err(context::Error::Unsupported("no classic resources".into()))
    }

    fn unref(&mut self, _: ResourceId) {}
}

impl Context for NotingContext {
    fn submit(&mut self, commands: &[u8]) -> Result<(), context::Error> {
        match commands {
            [] => Err(context::Error::Malformed("no commands".into())),
            _ => Ok(()),
        }
    }

    fn fence(&mut self, _: RingIdx, _: FenceId) -> Result<(), context::Error> {
        Ok(())
    }

    fn create_blob(
        &mut self,
        _: ResourceId,
        request: &BlobRequest,
    ) -> Result<Blob, context::Error> {
        let shm =
            Shm::new("test", request.size).map_err(|e| context::Error::Host(e.to_string()))?;
        Ok(Blob::from_shm(shm, request.size))
    }

    fn attach(&mut self, resource: ResourceId, _: &Resource) -> Result<(), context::Error> {
        assert!(
            self.attached
                .lock()
                .unwrap()
                .insert((self.id.0, resource.0))
        );
        Ok(())
    }

    fn detach(&mut self, resource: ResourceId) {
        assert!(
            self.attached
                .lock()
                .unwrap()
                .remove(&(self.id.0, resource.0))
        );
    }

    fn stats(&self) -> ContextStats {
        let commands = self.id.0.into();
        ContextStats {
            commands,
            ..Default::default()
        }
    }
}

impl Drop for NotingContext {
    fn drop(&mut self) {
        self.attached
            .lock()
            .unwrap()
            .retain(|(ctx, _)| *ctx != self.id.0);
    }
}

#[derive(Clone, Copy, Debug)]
enum Op {
    CreateContext(u32),
    DestroyContext(u32),
    CreateBlob(u32, u32, BlobMem),
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
        (ctx(), resource()).prop_map(|(ctx, id)| Op::Attach(ctx, id)),
        (ctx(), resource()).prop_map(|(ctx, id)| Op::Detach(ctx, id)),
        resource().prop_map(Op::Unref),
    ]
}

#[derive(Default)]
struct Model {
    contexts: BTreeSet<u32>,
    resources: BTreeSet<u32>,
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
                self.contexts.contains(&ctx) && id != 0 && self.resources.insert(id)
            }
            Op::Attach(ctx, id) => {
                let legal = self.contexts.contains(&ctx) && self.resources.contains(&id);
                if legal {
                    self.attached.insert((ctx, id));
                }
                legal
            }
            Op::Detach(ctx, id) => {
                self.attached.remove(&(ctx, id));
                self.contexts.contains(&ctx) && self.resources.contains(&id)
            }
            Op::Unref(id) => {
                self.attached.retain(|(_, other)| *other != id);
                self.resources.remove(&id)
            }
        }
    }
}

fn request(mem: BlobMem, size: u64) -> BlobRequest {
    BlobRequest {
        mem,
        flags: BlobFlags::MAPPABLE,
        id: BlobId(0),
        size,
    }
}

fn apply(device: &mut Device, op: Op) -> Result<(), Error> {
    match op {
        Op::CreateContext(ctx) => create_context(device, ctx),
        Op::DestroyContext(ctx) => device.destroy_context(ContextId(ctx)),
        Op::CreateBlob(ctx, id, mem) => device
            .create_blob(ContextId(ctx), ResourceId(id), &request(mem, 100))
            .map(drop),
        Op::Attach(ctx, id) => device.attach(ContextId(ctx), ResourceId(id)),
        Op::Detach(ctx, id) => device.detach(ContextId(ctx), ResourceId(id)),
        Op::Unref(id) => device.unref(ResourceId(id)),
    }
}

fn create_context(device: &mut Device, ctx: u32) -> Result<(), Error> {
    let (sender, _receiver) = events().unwrap();
    device.create_context(ContextId(ctx), CapsetId::VENUS, "test", sender)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_device_does_what_the_model_says(ops in proptest::collection::vec(op(), 0..40)) {
        let attached = Attachments::default();
        let mut device = Device::new(Arc::new(Notes(Arc::clone(&attached))));
        let mut model = Model::default();
        for op in ops {
            let legal = model.apply(op);
            let result = apply(&mut device, op);
            prop_assert_eq!(result.is_ok(), legal, "{:?}: {:?}", op, result);
            prop_assert!(result.err().is_none_or(|error| error.is_guest_fault()));
            prop_assert!(device.verify_invariants().is_ok());
            prop_assert_eq!(&*attached.lock().unwrap(), &model.attached);
            prop_assert_eq!(device.context_count(), model.contexts.len());
            prop_assert_eq!(device.resource_count(), model.resources.len());
        }
    }
}

fn device_with_context() -> Device {
    let mut device = Device::new(Arc::new(Notes(Attachments::default())));
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
    assert!(device.blob(ResourceId(9)).is_err());
}
