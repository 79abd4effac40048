//! Programs from text.

use super::Gl;
use crate::error::{Error, Result};

/// The texts of a program's stages: kind and text.
pub(crate) type Stages<'a> = &'a [(u32, &'a str)];

impl Gl {
    /// Compiles, links and uses a program.
    pub(crate) fn program(&self, stages: Stages<'_>) -> Result<glow::Program> {
        let program = self.capturing(stages, &[])?;
        self.use_program(Some(program));
        Ok(program)
    }

    /// The usual two stages.
    pub(crate) fn pair(&self, vertex: &str, fragment: &str) -> Result<glow::Program> {
        self.program(&[
            (glow::VERTEX_SHADER, vertex),
            (glow::FRAGMENT_SHADER, fragment),
        ])
    }

    /// A program whose outputs of these names go to one transform feedback buffer.
    pub(crate) fn capturing(&self, stages: Stages<'_>, outputs: &[&str]) -> Result<glow::Program> {
        let program = self.create_program().map_err(Error::Gl)?;
        for (kind, text) in stages {
            let shader = self.compiled(*kind, text)?;
            self.attach_shader(program, shader);
            // It lives on in the program.
            self.delete_shader(shader);
        }
        if !outputs.is_empty() {
            self.transform_feedback_varyings(program, outputs, glow::INTERLEAVED_ATTRIBS);
        }
        self.link_program(program);
        if !self.get_program_link_status(program) {
            return Err(Error::Shader(self.get_program_info_log(program)));
        }
        Ok(program)
    }

    /// The uniform of this name in `program`.
    pub(crate) fn uniform(
        &self,
        program: glow::Program,
        name: &str,
    ) -> Result<glow::UniformLocation> {
        self.get_uniform_location(program, name)
            .ok_or_else(|| Error::Shader(format!("no uniform {name}")))
    }

    fn compiled(&self, kind: u32, text: &str) -> Result<glow::Shader> {
        let shader = self.create_shader(kind).map_err(Error::Gl)?;
        self.shader_source(shader, text);
        self.compile_shader(shader);
        if !self.get_shader_compile_status(shader) {
            return Err(Error::Shader(self.get_shader_info_log(shader)));
        }
        Ok(shader)
    }
}
