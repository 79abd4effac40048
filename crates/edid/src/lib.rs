//! What a screen says of itself, in bytes: a monitor's identity, size and modes become an EDID.
//!
//! The base block is VESA's E-EDID 1.4 (EDID standard release A, revision 2), the first extension
//! CTA-861, and the extensions behind it are DisplayID 1.3 with the modes that 18 bytes cannot say:
//! more than 4095 pixels or lines, or more than 655.35 MHz. Timings are those of VESA's CVT 1.2 with
//! reduced blanking, version 2, which takes any width and any refresh rate. Nothing here comes from
//! a guest: what is wrong with a [`Monitor`] is our caller's mistake.
//!
//! ```
//! use edid::{Manufacturer, Mode, Monitor, Text};
//!
//! let monitor = Monitor::new(
//!     Manufacturer::new("PVN")?,
//!     Text::new("Paravane")?,
//!     Mode::new(2560, 1440, 144_000)?,
//! );
//! assert_eq!(monitor.edid()?.len(), 256);
//! # Ok::<(), edid::Error>(())
//! ```
#![forbid(unsafe_code)]

mod base;
mod block;
mod cta;
mod detailed;
mod display_id;
mod error;
mod mode;
mod monitor;
mod placement;
mod short;
mod timing;

pub use error::Error;
pub use mode::Mode;
pub use monitor::{MAX_SIZE, Manufacturer, Monitor, PhysicalSize, Text};
pub use timing::{Span, Timing};
