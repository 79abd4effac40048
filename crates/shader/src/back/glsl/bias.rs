//! What a sampler adds to the level of detail, on targets whose samplers add nothing.

use super::texture::Call;
use crate::ir::{Opcode, Stage, Target};

impl Call<'_> {
    /// What a look-up adds that says nothing of levels itself, if GLSL has a place for it.
    pub(super) fn own_bias(&self) -> Option<String> {
        use Opcode as O;
        let is_plain = matches!(self.instruction.opcode, O::Tex | O::Tex2 | O::Txp);
        let has_place = match self.target {
            Target::Shadow2dArray | Target::ShadowCubeArray => false,
            // A bias has one, a level has none.
            Target::ShadowCube => self.derives(),
            _ => true,
        };
        self.bias().filter(|_| is_plain && has_place).cloned()
    }

    /// A level or a bias of the shader's, with the sampler's.
    pub(super) fn biased(&self, level: String) -> String {
        match self.bias() {
            Some(bias) => format!("{level} + {bias}"),
            None => level,
        }
    }

    /// Derivatives that lead to a level so much further on.
    pub(super) fn stretched(&self, change: String) -> String {
        match self.bias() {
            Some(bias) => format!("{change} * exp2({bias})"),
            None => change,
        }
    }

    /// Whether the level of detail comes from derivatives where none is said; it is 0 otherwise.
    pub(super) fn derives(&self) -> bool {
        self.registers.frame.shader.stage == Stage::Fragment
    }

    /// A rectangle has one level.
    fn bias(&self) -> Option<&String> {
        let rectangle = matches!(self.target, Target::Rect | Target::ShadowRect);
        self.bias.as_ref().filter(|_| !rectangle)
    }
}
