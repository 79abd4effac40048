//! Expressions with their type.

use crate::ir::Component;

/// The type of one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    Float,
    Int,
    Uint,
}

impl Base {
    /// The type of a vector of so many, or of a scalar.
    pub(super) const fn vector(self, width: usize) -> &'static str {
        match (self, width) {
            (Self::Float, 1) => "float",
            (Self::Float, 2) => "vec2",
            (Self::Float, 3) => "vec3",
            (Self::Float, _) => "vec4",
            (Self::Int, 1) => "int",
            (Self::Int, 2) => "ivec2",
            (Self::Int, 3) => "ivec3",
            (Self::Int, _) => "ivec4",
            (Self::Uint, 1) => "uint",
            (Self::Uint, 2) => "uvec2",
            (Self::Uint, 3) => "uvec3",
            (Self::Uint, _) => "uvec4",
        }
    }
}

/// An expression: of one component or a vector of up to four.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) base: Base,
    pub(super) width: usize,
}

impl Value {
    pub(super) fn new(base: Base, width: usize, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            base,
            width,
        }
    }

    /// The same bits as another type.
    pub(super) fn bits_as(self, base: Base) -> Self {
        let cast = match (self.base, base) {
            (Base::Float, Base::Int) => "floatBitsToInt",
            (Base::Float, Base::Uint) => "floatBitsToUint",
            (Base::Int, Base::Float) => "intBitsToFloat",
            (Base::Uint, Base::Float) => "uintBitsToFloat",
            (Base::Int, Base::Uint) | (Base::Uint, Base::Int) => base.vector(self.width),
            _ => return self,
        };
        Self::new(base, self.width, format!("{cast}({})", self.text))
    }

    /// A scalar in each component of a vector; a vector as it is.
    pub(super) fn spread(self, width: usize) -> Self {
        if self.width != 1 || width == 1 {
            return self;
        }
        let text = format!("{}({})", self.base.vector(width), self.text);
        Self::new(self.base, width, text)
    }

    /// These components of a vector; a scalar is the same in all components.
    pub(super) fn select(self, components: &[Component]) -> Self {
        let width = components.len();
        if self.width == 1 {
            return self.spread(width);
        }
        if self.width == 4 && components == Component::ALL {
            return self;
        }
        let letters: String = components.iter().map(|one| one.letter()).collect();
        Self::new(self.base, width, format!("{}.{letters}", self.text))
    }
}
