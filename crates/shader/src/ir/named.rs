//! Closed sets of names.

/// Declares an enum whose variants each have one spelling in TGSI.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $variant,)*
        }

        impl $name {
            /// Every value, in TGSI's order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The spelling in TGSI.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// The value spelled so, in either case.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|value| value.name().eq_ignore_ascii_case(name))
            }
        }
    };
}

pub(super) use named;
