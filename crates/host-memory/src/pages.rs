use std::ops::Deref;

use crate::{Mapping, Region, Shm};

/// Memory shared with a guest, whoever made it.
#[derive(Clone, Debug)]
pub enum Pages {
    /// Made here.
    Shm(Shm),
    /// Made elsewhere.
    Mapping(Mapping),
}

impl Deref for Pages {
    type Target = Region;

    fn deref(&self) -> &Region {
        match self {
            Self::Shm(shm) => shm,
            Self::Mapping(mapping) => mapping,
        }
    }
}

impl From<Shm> for Pages {
    fn from(shm: Shm) -> Self {
        Self::Shm(shm)
    }
}

impl From<Mapping> for Pages {
    fn from(mapping: Mapping) -> Self {
        Self::Mapping(mapping)
    }
}
