//! Tessellation without a control shader, which OpenGL ES does not have: with one that passes on.

use std::sync::Arc;

use shader::back::glsl::{Bindings, Key, Neighbor, passthrough_tess_control};
use shader::ir::Stage;
use wire_virgl::ShaderStage;

use crate::error::{Error, Result};
use crate::guest::Scope;
use crate::shader::{ShaderObject, Variant};
use crate::sub_context::Dirty;

impl Scope<'_> {
    /// Has the shader's key, if it is beside a control shader that is missing, say that there is
    /// one; before the place for it, gives the key of that.
    pub(super) fn goes_through_control(
        &self,
        bound: &[Arc<ShaderObject>],
        index: usize,
        key: &mut Key,
    ) -> Option<Key> {
        let has = |stage| bound.iter().any(|shader| shader.stage == stage);
        if !self.gl.caps().api.is_es() || has(ShaderStage::TessCtrl) || !has(ShaderStage::TessEval)
        {
            return None;
        }
        match bound.get(index).map(|shader| shader.stage) {
            Some(ShaderStage::Vertex) => {
                let own = bound.get(index)?.interface.outputs.clone();
                let next = key.next.take();
                key.next = next.clone().map(control);
                Some(Key {
                    previous: Some(own),
                    next,
                    ..Key::default()
                })
            }
            Some(ShaderStage::TessEval) => {
                key.previous = key.previous.take().map(control);
                None
            }
            _ => None,
        }
    }

    /// The control shader that is missing, for patches as the last draw has them.
    pub(super) fn control(&mut self, key: &Key) -> Result<(ShaderStage, Arc<Variant>, Bindings)> {
        let vertices = self.state.values.patch_vertices;
        let vertices = u8::try_from(vertices).unwrap_or(u8::MAX);
        let text = passthrough_tess_control(&self.host.language.target, key, vertices);
        let text = text.map_err(|error| Error::Shader(error.to_string()))?;
        let (stage, bindings) = (ShaderStage::TessCtrl, Bindings::default());
        let texts = &mut self.state.programs.texts;
        Ok((stage, texts.variant(stage, bindings, text), bindings))
    }

    /// Notes how many vertices a patch of the next draw has, which such a shader says.
    pub(crate) fn set_patch_vertices(&mut self, vertices: u32) {
        let known = &mut self.state.values.patch_vertices;
        if std::mem::replace(known, vertices) != vertices && self.gl.caps().api.is_es() {
            self.state.dirty |= Dirty::PROGRAM;
        }
    }
}

/// What a neighbour gives or takes, by way of the control shader.
fn control(neighbor: Neighbor) -> Neighbor {
    Neighbor {
        stage: Stage::TessControl,
        ..neighbor
    }
}
