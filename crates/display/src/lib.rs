//! What is on the screens, and who looks at it: frames, damage, cursors.
//!
//! A device says what each screen shows ([`Display::show`]), which part of it is new
//! ([`Display::damage`]), and where the pointer is. It never waits for anyone who looks. A
//! [`Viewer`] takes what has changed since it last did, from a thread of its own and as slowly as
//! it likes: whatever happened in between comes as one change, and the pixels are those of now.
//!
//! ```text
//! device --show, damage, cursor--> Display --changes--> Viewer: a socket, a window
//!                                     \----frame------> a PNG file
//! ```
//!
//! Nobody has to look: that is what headless means.
//!
//! ```
//! use display::{Change, Display, Frame, Layout, Rect};
//! use format::Format;
//! use host_memory::{Backing, Piece, Shm};
//!
//! let piece = Piece::new(Shm::new("pixels", 4096)?.into(), 0, 4096)?;
//! let memory = Backing::new([piece]).expect("a page");
//! let layout = Layout {
//!     format: Format::B8G8R8X8_UNORM,
//!     width: 32,
//!     height: 32,
//!     stride: 128,
//!     offset: 0,
//! };
//! let display = Display::new(1);
//! let viewer = display.viewer()?;
//! display.show(0, Frame::new(memory, layout));
//! display.damage(0, Rect::of_size(2, 2));
//! assert!(matches!(viewer.take()[..], [Change::Shown { screen: 0, .. }]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod cursor;
mod damage;
mod frame;
mod rect;
mod screens;
mod screenshot;
mod viewer;

pub use cursor::{Cursor, CursorImage, HotSpot, Position};
pub use frame::{DmaBuf, Frame, Layout};
pub use rect::Rect;
pub use screens::Display;
pub use screenshot::write_png;
pub use viewer::{Change, Viewer};
