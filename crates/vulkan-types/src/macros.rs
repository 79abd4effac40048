/// An enumeration: any 32-bit value, with names for the known ones.
macro_rules! enumeration {
    ($(#[$doc:meta])* $name:ident { $($value:ident = $number:expr,)* } known $known:pat) => {
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i32);

        #[allow(non_upper_case_globals)]
        impl $name {
            $(pub const $value: Self = Self($number);)*

            /// True for a value that the registry names.
            pub const fn is_known(self) -> bool {
                matches!(self.0, $known)
            }
        }
    };
}

/// A bit mask.
macro_rules! flags {
    ($(#[$doc:meta])* $name:ident: $width:ty { $($value:ident = $bits:expr,)* }) => {
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub $width);

        impl $name {
            $(pub const $value: Self = Self($bits);)*

            /// Every bit that the registry names.
            pub const KNOWN: Self = Self(0 $(| $bits)*);

            /// True when all bits of `other` are set.
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// True when a bit of `other` is set.
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// The bits of `self` that `other` lacks.
            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }

        impl std::ops::BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }
    };
}

/// A guest's id for one kind of object.
macro_rules! handle {
    ($(#[$doc:meta])* $name:ident = $object:expr) => {
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub u64);

        impl $name {
            /// The kind of object that it names.
            pub const fn object_type(self) -> ObjectType {
                $object
            }
        }

        impl crate::Id for $name {
            const TYPE: ObjectType = $object;

            fn raw(self) -> u64 {
                self.0
            }
        }
    };
}
