//! What the back end cannot write.

use crate::valid::Site;

/// Why no GLSL came out of a valid shader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The shader uses something that this back end does not write, or that the target's
    /// language does not have. The caller refuses the shader.
    #[error("{site}: not supported: {what}")]
    Unsupported {
        /// What it is.
        what: Unsupported,
        /// What uses it.
        site: Site,
    },
}

/// Something in a shader that is not written as GLSL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A property that changes what the shader means, or its value.
    #[error("a property")]
    Property,
    /// A semantic, or a number of it.
    #[error("a semantic")]
    Semantic,
    /// An operation.
    #[error("the operation {0}")]
    Operation(&'static str),
    /// A register file in this place.
    #[error("registers of {0}")]
    File(&'static str),
    /// A resource chosen at run time among those that cannot be an array in GLSL.
    #[error("a resource chosen at run time")]
    IndirectResource,
    /// Components of one input with different meanings.
    #[error("an input with two meanings")]
    SplitInput,
    /// More constants than a uniform block of the target has room for.
    #[error("a constant buffer of this size")]
    Constants,
    /// More shared memory than a workgroup of the target has.
    #[error("shared memory of this size")]
    SharedMemory,
    /// A texture shape for this operation, which GLSL has no function for.
    #[error("the texture's shape for the operation")]
    Shape,
    /// One sampler with two types of texture.
    #[error("a sampler with two types")]
    SamplerType,
    /// A value that GLSL wants as a constant and the shader computes.
    #[error("a computed value where GLSL wants a constant")]
    NotConstant,
    /// A captured output that there is not, or whose components are none.
    #[error("a stream-out of this kind")]
    StreamOutput,
    /// More inputs or outputs than [`crate::limits::MAX_VARYINGS`].
    #[error("so many inputs or outputs")]
    Varyings,
    /// Statements past [`crate::limits::MAX_BODY_BYTES`].
    #[error("a text of this length")]
    Length,
    /// The target lacks it, in its version and extensions.
    #[error("the target lacks {0}")]
    Missing(&'static str),
}

/// Says what of the shader is not supported.
pub(super) trait At<T> {
    fn at(self, site: Site) -> Result<T, Error>;
}

impl<T> At<T> for Result<T, Unsupported> {
    fn at(self, site: Site) -> Result<T, Error> {
        self.map_err(|what| Error::Unsupported { what, site })
    }
}
