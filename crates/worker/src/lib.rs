//! Where contexts live: today in this process, by a direct call.
//!
//! The one place that names renderers. A door sees a single [`Renderer`], the [`Worker`],
//! which hands each context to the renderer that offers its capset.
#![forbid(unsafe_code)]

mod calls;
mod config;

/// For a program that is a worker: keeps freed memory for drivers that want it again.
pub use host_memory::keep_freed as keep_freed_memory;

pub use calls::Calls;
pub use config::{Config, Gpu, Offer, Report, report};
/// The Venus renderer's account of the host, as [`report`] gives it.
pub use render_venus as venus;
/// What chooses the virgl renderer's OpenGL.
pub use render_virgl as virgl;

/// What a process that is a worker gives up first.
pub use sandbox;

use std::sync::Arc;

use context::{
    Backing, Blob, CapsetId, CapsetInfo, Context, ContextId, DeviceRenderer, Error, EventSender,
    Renderer, ResourceId, ResourceRequest, Resources, Transfer, TransferSource, TransferTarget,
};

use calls::Counted;

/// All renderers of this host as one.
pub struct Worker {
    renderers: Arc<[Box<dyn Renderer>]>,
    calls: Arc<Calls>,
}

impl Worker {
    /// Starts the renderers that `config` asks for. Fails if one of them cannot start.
    pub fn new(config: &Config) -> Result<Self, Error> {
        Ok(Self::of(config.renderers()?))
    }

    /// Makes one of `renderers`. Of two that offer the same capset the first has it.
    pub fn of(renderers: Vec<Box<dyn Renderer>>) -> Self {
        Self {
            renderers: renderers.into(),
            calls: Arc::default(),
        }
    }

    /// The calls that its devices make.
    pub fn calls(&self) -> &Arc<Calls> {
        &self.calls
    }

    /// Whether one of the renderers makes contexts of this kind.
    pub fn offers(&self, capset: CapsetId) -> bool {
        renderer_of(&self.renderers, capset).is_some()
    }
}

impl Renderer for Worker {
    fn capsets(&self) -> Vec<CapsetInfo> {
        let mut capsets: Vec<CapsetInfo> = Vec::new();
        for offered in self
            .renderers
            .iter()
            .flat_map(|renderer| renderer.capsets())
        {
            if !capsets.iter().any(|capset| capset.id == offered.id) {
                capsets.push(offered);
            }
        }
        capsets
    }

    fn capset(&self, id: CapsetId, version: u32) -> Option<Vec<u8>> {
        let at = renderer_of(&self.renderers, id)?;
        self.renderers.get(at)?.capset(id, version)
    }

    fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, Error> {
        Ok(Box::new(WorkerDevice {
            renderers: Arc::clone(&self.renderers),
            calls: Arc::clone(&self.calls),
            opened: self.renderers.iter().map(|_| None).collect(),
        }))
    }
}

/// One device on all renderers, each of which hears of it when it is first needed: a guest that
/// only speaks Venus costs no OpenGL.
struct WorkerDevice {
    renderers: Arc<[Box<dyn Renderer>]>,
    calls: Arc<Calls>,
    /// As many as `renderers`.
    opened: Vec<Option<Box<dyn DeviceRenderer>>>,
}

impl WorkerDevice {
    /// The device's side in the renderer at this place.
    fn open(&mut self, at: usize) -> Result<&mut dyn DeviceRenderer, Error> {
        let (Some(renderer), Some(opened)) = (self.renderers.get(at), self.opened.get_mut(at))
        else {
            return Err(Error::Bug("no renderer where one was found".into()));
        };
        match opened {
            Some(device) => Ok(device.as_mut()),
            none => Ok(none.insert(renderer.open_device()?).as_mut()),
        }
    }

    /// Classic resources are virgl's.
    fn classic(&mut self) -> Result<&mut dyn Resources, Error> {
        let virgl = [CapsetId::VIRGL, CapsetId::VIRGL2];
        let at = virgl
            .into_iter()
            .find_map(|capset| renderer_of(&self.renderers, capset));
        match at {
            Some(at) => self.open(at)?.resources(),
            None => Err(Error::Unsupported("classic resources without virgl".into())),
        }
    }

    fn counted<T>(
        &mut self,
        call: impl FnOnce(&mut dyn Resources) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let calls = Arc::clone(&self.calls);
        calls.count(|| call(self.classic()?))
    }
}

impl DeviceRenderer for WorkerDevice {
    fn create_context(
        &mut self,
        id: ContextId,
        capset: CapsetId,
        name: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, Error> {
        let Some(at) = renderer_of(&self.renderers, capset) else {
            return Err(Error::Unsupported(format!("capset {}", name_of(capset))));
        };
        let calls = Arc::clone(&self.calls);
        let context = calls.count(|| self.open(at)?.create_context(id, capset, name, events))?;
        Ok(Box::new(Counted::new(context, &calls)))
    }

    fn resources(&mut self) -> Result<&mut dyn Resources, Error> {
        self.classic().map(|_| ())?;
        Ok(self)
    }

    fn unref(&mut self, resource: ResourceId) {
        let calls = Arc::clone(&self.calls);
        for device in self.opened.iter_mut().flatten() {
            calls.count(|| device.unref(resource));
        }
    }
}

/// Virgl's, counted.
impl Resources for WorkerDevice {
    fn create(&mut self, id: ResourceId, request: &ResourceRequest) -> Result<(), Error> {
        self.counted(|resources| resources.create(id, request))
    }

    fn attach_backing(&mut self, id: ResourceId, backing: Backing) -> Result<(), Error> {
        self.counted(|resources| resources.attach_backing(id, backing))
    }

    fn detach_backing(&mut self, id: ResourceId) -> Result<(), Error> {
        self.counted(|resources| resources.detach_backing(id))
    }

    fn transfer_to_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        source: TransferSource<'_>,
    ) -> Result<(), Error> {
        self.counted(|resources| resources.transfer_to_host(ctx, id, transfer, source))
    }

    fn transfer_from_host(
        &mut self,
        ctx: Option<ContextId>,
        id: ResourceId,
        transfer: &Transfer,
        target: TransferTarget<'_>,
    ) -> Result<(), Error> {
        self.counted(|resources| resources.transfer_from_host(ctx, id, transfer, target))
    }

    fn export(&mut self, id: ResourceId) -> Result<Blob, Error> {
        self.counted(|resources| resources.export(id))
    }
}

/// The place of the first renderer that offers a capset.
fn renderer_of(renderers: &[Box<dyn Renderer>], capset: CapsetId) -> Option<usize> {
    renderers.iter().position(|renderer| {
        renderer
            .capsets()
            .iter()
            .any(|offered| offered.id == capset)
    })
}

fn name_of(capset: CapsetId) -> String {
    match capset {
        CapsetId::VIRGL | CapsetId::VIRGL2 => format!("{capset} (virgl)"),
        CapsetId::VENUS => format!("{capset} (Venus)"),
        _ => capset.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use context::events;
    use std::sync::Mutex;

    type Calls = Arc<Mutex<Vec<String>>>;

    /// Offers capsets and makes nothing; notes who is called for what.
    struct Named {
        name: &'static str,
        offered: &'static [CapsetId],
        calls: Calls,
    }

    struct NamedDevice(&'static str, Calls);

    impl Renderer for Named {
        fn capsets(&self) -> Vec<CapsetInfo> {
            let info = |id: &CapsetId| CapsetInfo {
                id: *id,
                max_version: 0,
                max_size: 4,
            };
            self.offered.iter().map(info).collect()
        }

        fn capset(&self, _: CapsetId, _: u32) -> Option<Vec<u8>> {
            Some(self.name.as_bytes().to_vec())
        }

        fn open_device(&self) -> Result<Box<dyn DeviceRenderer>, Error> {
            note(&self.calls, format!("{} opens", self.name));
            let calls = Arc::clone(&self.calls);
            Ok(Box::new(NamedDevice(self.name, calls)))
        }
    }

    impl DeviceRenderer for NamedDevice {
        fn create_context(
            &mut self,
            _: ContextId,
            _: CapsetId,
            _: &str,
            _: EventSender,
        ) -> Result<Box<dyn Context>, Error> {
            Err(Error::Host(self.0.into()))
        }

        fn resources(&mut self) -> Result<&mut dyn Resources, Error> {
            Err(Error::Host(format!("resources of {}", self.0)))
        }

        fn unref(&mut self, resource: ResourceId) {
            note(&self.1, format!("{} forgets {resource}", self.0));
        }
    }

    fn note(calls: &Calls, call: String) {
        calls.lock().unwrap().push(call);
    }

    fn worker(renderers: &[(&'static str, &'static [CapsetId])]) -> (Worker, Calls) {
        let calls = Calls::default();
        let renderers = renderers.iter().map(|(name, offered)| {
            let calls = Arc::clone(&calls);
            Box::new(Named {
                name,
                offered,
                calls,
            }) as Box<dyn Renderer>
        });
        (Worker::of(renderers.collect()), calls)
    }

    fn create(device: &mut dyn DeviceRenderer, capset: CapsetId) -> Error {
        let (sender, _receiver) = events().unwrap();
        match device.create_context(ContextId(1), capset, "test", sender) {
            Ok(_) => panic!("no renderer here makes contexts"),
            Err(error) => error,
        }
    }

    #[test]
    fn a_context_goes_to_the_first_renderer_that_offers_its_capset() {
        let (worker, _) = worker(&[
            ("one", &[CapsetId::VENUS]),
            ("two", &[CapsetId::VIRGL, CapsetId::VENUS]),
        ]);
        let offered: Vec<_> = worker.capsets().iter().map(|capset| capset.id).collect();
        assert_eq!(offered, [CapsetId::VENUS, CapsetId::VIRGL]);
        assert!(worker.offers(CapsetId::VIRGL) && !worker.offers(CapsetId::VIRGL2));
        assert_eq!(worker.capset(CapsetId::VENUS, 0).unwrap(), b"one");
        assert_eq!(worker.capset(CapsetId::VIRGL, 0).unwrap(), b"two");
        assert_eq!(worker.capset(CapsetId::VIRGL2, 0), None);
        let mut device = worker.open_device().unwrap();
        let mut create = |capset| create(device.as_mut(), capset);
        assert_eq!(create(CapsetId::VENUS), Error::Host("one".into()));
        assert_eq!(create(CapsetId::VIRGL), Error::Host("two".into()));
        assert!(matches!(create(CapsetId::VIRGL2), Error::Unsupported(_)));
    }

    #[test]
    fn a_device_opens_the_renderers_that_it_needs_and_each_once() {
        let (worker, calls) = worker(&[("one", &[CapsetId::VENUS]), ("two", &[CapsetId::VIRGL2])]);
        let mut device = worker.open_device().unwrap();
        device.unref(ResourceId(3));
        assert!(calls.lock().unwrap().is_empty());
        create(device.as_mut(), CapsetId::VENUS);
        create(device.as_mut(), CapsetId::VENUS);
        device.unref(ResourceId(4));
        assert_eq!(*calls.lock().unwrap(), ["one opens", "one forgets 4"]);
        let error = device.resources().err();
        assert_eq!(error, Some(Error::Host("resources of two".into())));
        device.unref(ResourceId(5));
        let all = calls.lock().unwrap();
        assert_eq!(all[2..], ["two opens", "one forgets 5", "two forgets 5"]);
    }

    #[test]
    fn without_virgl_there_are_no_classic_resources() {
        let (worker, calls) = worker(&[("one", &[CapsetId::VENUS])]);
        let mut device = worker.open_device().unwrap();
        let error = device.resources().err();
        assert!(matches!(error, Some(Error::Unsupported(_))));
        assert!(calls.lock().unwrap().is_empty());
    }
}
