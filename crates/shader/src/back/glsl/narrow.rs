//! Coordinates of one-dimensional and rectangle textures where two dimensions stand in for
//! them. The middle of the only row is at one half.

use super::error::Unsupported;
use super::samplers::Narrow;
use super::texture::Call;
use super::value::Base;
use crate::ir::Component::{W, X, Y, Z};

impl Call<'_> {
    /// Texels as parts of the texture.
    pub(super) fn in_texels(&self, text: &str) -> String {
        format!("({text} / vec2(textureSize({}, 0)))", self.sampler)
    }

    /// The coordinate with its layer.
    pub(super) fn narrow_coordinate(&self, narrow: Narrow) -> Result<String, Unsupported> {
        self.narrow_place(narrow, "")
    }

    /// The same divided by what the text `divisor` says, and clamped where it has to be.
    fn narrow_place(&self, narrow: Narrow, divisor: &str) -> Result<String, Unsupported> {
        let x = self.components(0, Base::Float, &[X])?;
        let line = self.narrow_within(format!("{x}{divisor}"));
        Ok(match narrow {
            Narrow::Line => format!("vec2({line}, 0.5)"),
            Narrow::LineArray => {
                let layer = self.components(0, Base::Float, &[Y])?;
                format!("vec3({line}, 0.5, {layer})")
            }
            Narrow::Rectangle => {
                let at = self.part(0, Base::Float, 2)?;
                self.narrow_within(self.in_texels(&format!("{at}{divisor}")))
            }
        })
    }

    /// A coordinate clamped to the texture where it has to be. Both directions of a rectangle are
    /// clamped together: a texture has the same wrap in both wherever `GL_CLAMP` is met.
    fn narrow_within(&self, at: String) -> String {
        match self.is_clamped() {
            true => format!("clamp({at}, 0.0, 1.0)"),
            false => at,
        }
    }

    /// The coordinate with what is compared and what it is divided by.
    pub(super) fn narrow_whole(
        &self,
        narrow: Narrow,
        projected: bool,
    ) -> Result<String, Unsupported> {
        let z = self.components(0, Base::Float, &[Z])?;
        if projected && self.is_clamped() {
            let w = self.components(0, Base::Float, &[W])?;
            let at = self.narrow_place(narrow, &format!(" / {w}"))?;
            return Ok(match self.layout.shadow {
                true => format!("vec3({at}, {z} / {w})"),
                false => at,
            });
        }
        if projected {
            let x = self.components(0, Base::Float, &[X])?;
            let w = self.components(0, Base::Float, &[W])?;
            return Ok(match narrow {
                Narrow::Rectangle => {
                    let at = self.in_texels(&self.part(0, Base::Float, 2)?);
                    format!("vec4({at}, {z}, {w})")
                }
                _ => format!("vec4({x}, 0.5 * {w}, {z}, {w})"),
            });
        }
        let at = self.narrow_coordinate(narrow)?;
        Ok(match (self.layout.shadow, narrow) {
            (false, _) => at,
            (true, Narrow::LineArray) => format!("vec4({at}, {z})"),
            (true, _) => format!("vec3({at}, {z})"),
        })
    }

    /// The place of a texel.
    pub(super) fn narrow_texel(&self, narrow: Narrow) -> Result<String, Unsupported> {
        let x = self.components(0, Base::Int, &[X])?;
        Ok(match narrow {
            Narrow::Line => format!("ivec2({x}, 0)"),
            Narrow::LineArray => {
                let layer = self.components(0, Base::Int, &[Y])?;
                format!("ivec3({x}, 0, {layer})")
            }
            Narrow::Rectangle => self.part(0, Base::Int, 2)?,
        })
    }
}
