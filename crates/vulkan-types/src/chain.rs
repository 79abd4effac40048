use crate::Extension;

/// A `pNext` chain, in order. Empty is null.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chain<'a>(pub &'a [Extension<'a>]);

impl<'a> Chain<'a> {
    /// The chain's structure of one type, if it has one.
    pub fn find<T: Link<'a>>(&self) -> Option<&'a T> {
        self.0.iter().find_map(T::of)
    }

    /// The chain's structures.
    pub fn iter(&self) -> impl Iterator<Item = &'a Extension<'a>> + use<'a> {
        self.0.iter()
    }
}

/// A structure that can be in a chain.
pub trait Link<'a>: Sized {
    /// The structure, when the link is of this type.
    fn of(extension: &Extension<'a>) -> Option<&'a Self>;
}
