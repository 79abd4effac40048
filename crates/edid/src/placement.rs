//! Where in the EDID each mode is said.

use crate::detailed::{DETAILED_SIZE, TYPE_I_SIZE, detailed, type_i};
use crate::monitor::MAX_EXTENSIONS;
use crate::short::Short;
use crate::{Error, Mode, Monitor, Timing};

/// Standard timings of the base block.
pub(crate) const MAX_STANDARD: usize = 8;

/// Descriptors of the base block: timings first, then texts and limits.
pub(crate) const DESCRIPTORS: usize = 4;

/// Codes in the CTA extension: a data block's length has five bits.
const MAX_VICS: usize = 31;

/// Bytes of the CTA extension for codes and timings: all but its header, its video capabilities and
/// its checksum.
const CTA_ROOM: usize = 120;

/// Timings in a DisplayID extension: the section has 121 bytes, three of them the block's header.
pub(crate) const TYPE_I_PER_BLOCK: usize = (121 - 3) / TYPE_I_SIZE;

/// Timings in the first one, which also has 15 bytes for the product, 15 for the display's parameters
/// and 13 for its interface.
pub(crate) const TYPE_I_IN_FIRST: usize = (121 - 3 - 15 - 15 - 13) / TYPE_I_SIZE;

/// Timings in all of them; one extension is CTA's.
const MAX_TYPE_I: usize = TYPE_I_IN_FIRST + TYPE_I_PER_BLOCK * (MAX_EXTENSIONS - 2);

/// What each part of the EDID says of the modes.
#[derive(Debug, Default)]
pub(crate) struct Placement {
    /// Bits of the established timings.
    pub(crate) established: u16,
    /// At most [`MAX_STANDARD`].
    pub(crate) standard: Vec<[u8; 2]>,
    /// Codes in the CTA extension.
    pub(crate) vics: Vec<u8>,
    /// Timings in the base block, at least one: the preferred one, or what stands in for it.
    pub(crate) base: Vec<[u8; DETAILED_SIZE]>,
    /// Timings in the CTA extension.
    pub(crate) cta: Vec<[u8; DETAILED_SIZE]>,
    /// Timings in DisplayID extensions.
    pub(crate) display_id: Vec<[u8; TYPE_I_SIZE]>,
    /// Whether the first timing is the preferred mode.
    pub(crate) preferred_is_first: bool,
    /// What all of it needs of a monitor.
    pub(crate) ranges: Ranges,
}

/// Rates of a monitor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranges {
    /// Frames, in hertz.
    pub(crate) vertical: (u64, u64),
    /// Lines, in kilohertz.
    pub(crate) horizontal: (u64, u64),
    /// The pixel clock, in megahertz.
    pub(crate) clock: u64,
}

impl Default for Ranges {
    fn default() -> Self {
        Self {
            vertical: (u64::MAX, 0),
            horizontal: (u64::MAX, 0),
            clock: 0,
        }
    }
}

impl Ranges {
    /// Makes room for a timing.
    fn include(&mut self, timing: &Timing) {
        let frames = timing.refresh_millihertz();
        let lines = timing.line_hertz();
        self.widen((frames / 1000, frames.div_ceil(1000)), (lines, lines));
        self.clock = self.clock.max(timing.clock_hertz().div_ceil(1_000_000));
    }

    /// Makes room for a mode by name, whose timing is older than reduced blanking: lines are up to a
    /// tenth faster, pixels by a third, and the rate is the name's to within one hertz.
    fn include_named(&mut self, mode: Mode) {
        let timing = Timing::of(mode);
        let hertz = u64::from(mode.refresh_millihertz() / 1000);
        let lines = timing.line_hertz();
        let frames = (hertz.saturating_sub(1), hertz.saturating_add(1));
        self.widen(frames, (lines, lines.saturating_mul(11) / 10));
        let clock = timing.clock_hertz().saturating_mul(135) / 100;
        self.clock = self.clock.max(clock.div_ceil(1_000_000));
    }

    fn widen(&mut self, frames: (u64, u64), line_hertz: (u64, u64)) {
        let (low, high) = (line_hertz.0 / 1000, line_hertz.1.div_ceil(1000));
        self.vertical = (self.vertical.0.min(frames.0), self.vertical.1.max(frames.1));
        self.horizontal = (self.horizontal.0.min(low), self.horizontal.1.max(high));
    }
}

/// Stands in for a preferred mode that the first descriptor has no room for. Linux's driver drops
/// modes that call themselves preferred and have another size than the screen, except for this one
/// (`virtio_gpu_conn_mode_valid` in `drivers/gpu/drm/virtio/virtgpu_display.c`).
const STAND_IN: Mode = Mode::at_60(1024, 768);

/// CTA-861 wants it of every screen (CTA-861-G, section 4).
const REQUIRED: Mode = Mode::at_60(640, 480);

impl Placement {
    /// Places a monitor's modes, the preferred one first and each of the others as shortly as it
    /// can be said.
    pub(crate) fn of(monitor: &Monitor) -> Result<Self, Error> {
        let mut placement = Self::default();
        placement.place_preferred(monitor);
        placement.place_short(REQUIRED);
        let mut placed = vec![monitor.preferred, REQUIRED];
        let mut long = Vec::new();
        for mode in monitor.modes.iter().copied() {
            if placed.contains(&mode) {
                continue;
            }
            placed.push(mode);
            if !placement.place_short(mode) {
                long.push(mode);
            }
        }
        let left_over = long
            .into_iter()
            .filter(|mode| !placement.place_long(*mode, monitor))
            .count();
        match left_over {
            0 => Ok(placement),
            left_over => Err(Error::TooManyModes { left_over }),
        }
    }

    fn place_preferred(&mut self, monitor: &Monitor) {
        let timing = Timing::of(monitor.preferred);
        self.ranges.include(&timing);
        let first = detailed(&timing, monitor.size);
        self.preferred_is_first = first.is_some();
        if first.is_none() {
            self.display_id.extend(type_i(&timing, true));
            let stand_in = Timing::of(STAND_IN);
            self.ranges.include(&stand_in);
            self.base.extend(detailed(&stand_in, monitor.size));
        }
        self.base.extend(first);
    }

    /// Says the mode by a name, if it has one and there is room.
    fn place_short(&mut self, mode: Mode) -> bool {
        // Without a preferred timing, a screen's first code would be its preferred mode.
        match Short::of(mode, self.preferred_is_first) {
            Some(Short::Established(bit)) => self.established |= bit,
            Some(Short::Vic(vic)) if self.vics.len() < MAX_VICS => self.vics.push(vic),
            Some(Short::Standard(bytes)) if self.standard.len() < MAX_STANDARD => {
                self.standard.push(bytes);
            }
            _ => return false,
        }
        self.ranges.include_named(mode);
        true
    }

    /// Says the mode by its timing, where there is room first.
    fn place_long(&mut self, mode: Mode, monitor: &Monitor) -> bool {
        let timing = Timing::of(mode);
        self.ranges.include(&timing);
        match detailed(&timing, monitor.size) {
            Some(bytes) if self.base.len() < free_descriptors(monitor) => self.base.push(bytes),
            Some(bytes) if self.cta.len() < self.cta_room() => self.cta.push(bytes),
            _ => return self.place_display_id(&timing, monitor.preferred),
        }
        true
    }

    /// A DisplayID description has a preferred timing, so the preferred one comes first there, too.
    fn place_display_id(&mut self, timing: &Timing, preferred: Mode) -> bool {
        if self.display_id.is_empty() {
            self.display_id.extend(type_i(&Timing::of(preferred), true));
        }
        match type_i(timing, false) {
            Some(bytes) if self.display_id.len() < MAX_TYPE_I => {
                self.display_id.push(bytes);
                true
            }
            _ => false,
        }
    }

    /// Timings that the CTA extension holds beside its codes.
    fn cta_room(&self) -> usize {
        let codes = self.vics.len().saturating_add(1);
        CTA_ROOM.saturating_sub(codes) / DETAILED_SIZE
    }
}

/// Descriptors of the base block that are not texts or limits.
fn free_descriptors(monitor: &Monitor) -> usize {
    let taken = 2usize.saturating_add(monitor.serial_text.iter().count());
    DESCRIPTORS.saturating_sub(taken)
}
