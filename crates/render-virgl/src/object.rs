//! Objects: made once, bound often.

use std::collections::HashMap;
use std::sync::Arc;

use wire_virgl::Object as NewObject;
use wire_virgl::{BindableType, Blend, DepthStencilAlpha, ObjectId, ObjectType, Rasterizer};

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::limits::MAX_OBJECTS;
use crate::query::Query;
use crate::sampler::{SamplerView, Samplers};
use crate::shader::ShaderObject;
use crate::streamout;
use crate::sub_context::Dirty;
use crate::surface::Surface;
use crate::vertex::VertexElements;

/// An object of a sub-context. What is bound stays alive when its name ends.
#[derive(Clone, Debug)]
pub(crate) enum Object {
    Blend(Arc<Blend>),
    DepthStencilAlpha(Arc<DepthStencilAlpha>),
    Query(Arc<Query>),
    Rasterizer(Arc<Rasterizer>),
    SamplerState(Arc<Samplers>),
    SamplerView(Arc<SamplerView>),
    Shader(Arc<ShaderObject>),
    StreamoutTarget(Arc<streamout::Target>),
    Surface(Arc<Surface>),
    VertexElements(Arc<VertexElements>),
}

macro_rules! finders {
    ($($name:ident $variant:ident $type:ty;)*) => {
        impl Objects {
            $(
                /// The object of this id and type.
                pub(crate) fn $name(&self, id: ObjectId) -> Result<&Arc<$type>> {
                    match self.0.get(&id) {
                        Some(Object::$variant(object)) => Ok(object),
                        _ => Err(Error::UnknownObject { id, kind: ObjectType::$variant }),
                    }
                }
            )*
        }
    };
}

finders! {
    blend Blend Blend;
    depth_stencil_alpha DepthStencilAlpha DepthStencilAlpha;
    query Query Query;
    rasterizer Rasterizer Rasterizer;
    sampler_state SamplerState Samplers;
    sampler_view SamplerView SamplerView;
    shader Shader ShaderObject;
    streamout_target StreamoutTarget streamout::Target;
    surface Surface Surface;
    vertex_elements VertexElements VertexElements;
}

/// The objects of a sub-context by id. All types share one space of ids.
#[derive(Debug, Default)]
pub(crate) struct Objects(HashMap<ObjectId, Object>);

impl Objects {
    /// A name that is taken goes to the new object.
    fn insert(&mut self, id: ObjectId, object: Object) -> Result<()> {
        if self.0.len() >= MAX_OBJECTS && !self.0.contains_key(&id) {
            return Err(Error::Limit {
                what: "objects",
                limit: MAX_OBJECTS,
            });
        }
        self.0.insert(id, object);
        Ok(())
    }
}

impl Scope<'_> {
    pub(crate) fn create_object(&mut self, id: ObjectId, new: &NewObject<'_>) -> Result<()> {
        let object = match new {
            NewObject::Blend(blend) => Object::Blend(Arc::new(**blend)),
            NewObject::DepthStencilAlpha(tests) => Object::DepthStencilAlpha(Arc::new(*tests)),
            NewObject::Rasterizer(rasterizer) => Object::Rasterizer(Arc::new(*rasterizer)),
            NewObject::Surface(surface) => Object::Surface(Arc::new(self.new_surface(surface)?)),
            NewObject::SamplerState(state) => {
                Object::SamplerState(Arc::new(self.new_sampler_state(state)))
            }
            NewObject::SamplerView(view) => {
                Object::SamplerView(Arc::new(self.new_sampler_view(view)?))
            }
            NewObject::Shader(shader) => match self.new_shader(id, shader)? {
                Some(shader) => Object::Shader(Arc::new(shader)),
                None => return Ok(()),
            },
            NewObject::VertexElements(elements) => {
                Object::VertexElements(Arc::new(VertexElements::new(elements)?))
            }
            NewObject::Query(query) => Object::Query(Arc::new(self.new_query(query)?)),
            NewObject::StreamoutTarget(target) => {
                Object::StreamoutTarget(Arc::new(self.new_streamout_target(target)?))
            }
            NewObject::MsaaSurface(surface) => {
                Object::Surface(Arc::new(self.new_msaa_surface(surface)?))
            }
        };
        self.state.objects.insert(id, object)
    }

    pub(crate) fn bind_object(&mut self, kind: BindableType, id: Option<ObjectId>) -> Result<()> {
        let objects = &self.state.objects;
        let bound = &mut self.state.bound;
        let of_program = bound.of_program();
        match kind {
            BindableType::Blend => {
                bound.blend = id.map(|id| objects.blend(id)).transpose()?.cloned();
                self.state.dirty |= Dirty::BLEND;
            }
            BindableType::Rasterizer => {
                bound.rasterizer = id.map(|id| objects.rasterizer(id)).transpose()?.cloned();
                self.state.dirty |= Dirty::RASTERIZER;
            }
            BindableType::DepthStencilAlpha => {
                let tests = id.map(|id| objects.depth_stencil_alpha(id)).transpose()?;
                bound.tests = tests.cloned();
                self.state.dirty |= Dirty::TESTS;
            }
            BindableType::VertexElements => {
                let elements = id.map(|id| objects.vertex_elements(id)).transpose()?;
                if self.state.vertices.set_elements(elements.cloned()) {
                    self.state.dirty |= Dirty::PROGRAM;
                }
            }
        }
        if self.state.bound.of_program() != of_program {
            self.state.dirty |= Dirty::PROGRAM;
        }
        Ok(())
    }

    /// The type is the guest's word, and the id's own counts. An id that names nothing is no
    /// error: Mesa's driver ends objects twice.
    pub(crate) fn destroy_object(&mut self, _: ObjectType, id: Option<ObjectId>) {
        if let Some(id) = id {
            self.state.objects.0.remove(&id);
        }
    }
}
