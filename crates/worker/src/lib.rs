//! Where contexts live: today in this process, by a direct call.
//!
//! The one place that names renderers. A door sees a single [`Renderer`], the [`Worker`],
//! which hands each context to the renderer that offers its capset.
#![forbid(unsafe_code)]

mod config;

pub use config::{Config, Gpu, report};
/// The Venus renderer's account of the host, as [`report`] gives it.
pub use render_venus as venus;

use context::{CapsetId, CapsetInfo, Context, ContextId, Error, EventSender, Renderer};

/// All renderers of this host as one.
pub struct Worker {
    renderers: Vec<Box<dyn Renderer>>,
}

impl Worker {
    /// Starts the renderers that `config` asks for. Fails if one of them cannot start.
    pub fn new(config: &Config) -> Result<Self, Error> {
        Ok(Self::of(config.renderers()?))
    }

    /// Makes one of `renderers`. Of two that offer the same capset the first has it.
    pub fn of(renderers: Vec<Box<dyn Renderer>>) -> Self {
        Self { renderers }
    }

    fn renderer_of(&self, capset: CapsetId) -> Option<&dyn Renderer> {
        let offers = |renderer: &dyn Renderer| {
            renderer
                .capsets()
                .iter()
                .any(|offered| offered.id == capset)
        };
        self.renderers
            .iter()
            .map(Box::as_ref)
            .find(|renderer| offers(*renderer))
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
        self.renderer_of(id)?.capset(id, version)
    }

    fn create_context(
        &self,
        id: ContextId,
        capset: CapsetId,
        name: &str,
        events: EventSender,
    ) -> Result<Box<dyn Context>, Error> {
        match self.renderer_of(capset) {
            Some(renderer) => renderer.create_context(id, capset, name, events),
            None => Err(Error::Unsupported(format!("capset {}", name_of(capset)))),
        }
    }
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

    /// Offers capsets and makes nothing; says which one it is.
    struct Named(&'static str, &'static [CapsetId]);

    impl Renderer for Named {
        fn capsets(&self) -> Vec<CapsetInfo> {
            let info = |id: &CapsetId| CapsetInfo {
                id: *id,
                max_version: 0,
                max_size: 4,
            };
            self.1.iter().map(info).collect()
        }

        fn capset(&self, _: CapsetId, _: u32) -> Option<Vec<u8>> {
            Some(self.0.as_bytes().to_vec())
        }

        fn create_context(
            &self,
            _: ContextId,
            _: CapsetId,
            _: &str,
            _: EventSender,
        ) -> Result<Box<dyn Context>, Error> {
            Err(Error::Host(self.0.into()))
        }
    }

    fn create(worker: &Worker, capset: CapsetId) -> Error {
        let (sender, _receiver) = events().unwrap();
        match worker.create_context(ContextId(1), capset, "test", sender) {
            Ok(_) => panic!("no renderer here makes contexts"),
            Err(error) => error,
        }
    }

    #[test]
    fn a_context_goes_to_the_first_renderer_that_offers_its_capset() {
        let worker = Worker::of(vec![
            Box::new(Named("one", &[CapsetId::VENUS])),
            Box::new(Named("two", &[CapsetId::VIRGL, CapsetId::VENUS])),
        ]);
        let offered: Vec<_> = worker.capsets().iter().map(|capset| capset.id).collect();
        assert_eq!(offered, [CapsetId::VENUS, CapsetId::VIRGL]);
        assert_eq!(worker.capset(CapsetId::VENUS, 0).unwrap(), b"one");
        assert_eq!(worker.capset(CapsetId::VIRGL, 0).unwrap(), b"two");
        assert_eq!(worker.capset(CapsetId::VIRGL2, 0), None);
        assert_eq!(create(&worker, CapsetId::VENUS), Error::Host("one".into()));
        assert_eq!(create(&worker, CapsetId::VIRGL), Error::Host("two".into()));
        assert!(matches!(
            create(&worker, CapsetId::VIRGL2),
            Error::Unsupported(_)
        ));
    }
}
