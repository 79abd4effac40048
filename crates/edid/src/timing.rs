use crate::Mode;

/// When each pixel of a mode is sent: CVT 1.2 with reduced blanking, version 2.
///
/// Three things differ, because of the fields that timings are said in. The clock has the step of
/// those fields, 10 kHz. The vertical front porch ends at 63 lines, and more goes to the back
/// porch. And where the clock would be below 10 MHz or past 167.77 GHz, blanking is stretched, or cut
/// to CVT's least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timing {
    /// In units of 10 kHz.
    pub clock: u32,
    /// In pixels. The sync pulse is positive.
    pub horizontal: Span,
    /// In lines. The sync pulse is negative.
    pub vertical: Span,
}

/// One direction of a timing, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// What is seen.
    pub active: u32,
    /// From the last that is seen to the sync pulse.
    pub front_porch: u32,
    /// The sync pulse.
    pub sync: u32,
    /// From the sync pulse to the first that is seen.
    pub back_porch: u32,
}

impl Span {
    /// Of this length beyond what is seen, the back porch taking what the others leave.
    const fn of_blank(active: u32, blank: u32, front_porch: u32, sync: u32) -> Self {
        Self {
            active,
            front_porch,
            sync,
            back_porch: blank.saturating_sub(front_porch).saturating_sub(sync),
        }
    }

    /// What is not seen.
    pub const fn blank(&self) -> u32 {
        self.front_porch
            .saturating_add(self.sync)
            .saturating_add(self.back_porch)
    }

    /// All of it.
    pub const fn total(&self) -> u32 {
        self.active.saturating_add(self.blank())
    }
}

/// Hertz in a unit of [`Timing::clock`].
const CLOCK_STEP: u64 = 10_000;

/// Hertz: 1000 steps, so that rounding the clock to a step moves the refresh rate by less than a
/// thousandth. Only small or slow modes are below, and readers take less for no timing at all
/// (edid-decode 0.1 does).
const MIN_CLOCK: u64 = 1000 * CLOCK_STEP;

/// Hertz: 24 bits of steps.
const MAX_CLOCK: u64 = CLOCK_STEP << 24;

/// Lines: what six bits of a detailed timing hold.
const MAX_V_FRONT: u32 = 63;

/// CVT's reduced blanking, version 2: pixels of blanking, and of its front porch and sync pulse.
const H_BLANK: u32 = 80;
const H_FRONT: u32 = 8;
const H_SYNC: u32 = 32;

/// The same in lines: the sync pulse, the back porch, and the shortest blanking with both.
const V_SYNC: u32 = 8;
const V_BACK: u32 = 6;
const MIN_V_BLANK: u32 = 1 + V_SYNC + V_BACK;

/// Nanoseconds that vertical blanking lasts at least.
const MIN_V_BLANK_TIME: u64 = 460_000;

/// Nanoseconds in a second, times 1000: a frame lasts this over the refresh rate in mHz.
const FRAME_TIME: u64 = 1_000_000_000_000;

/// Lines of blanking that a stretched mode has at most: near what 12 bits hold, so that the pixels
/// of blanking fit in 12 bits, too.
const STRETCHED_V_BLANK: u64 = 4000;

impl Timing {
    /// When the pixels of a mode are sent.
    pub fn of(mode: Mode) -> Self {
        let mut h_blank = H_BLANK;
        let mut v_blank = v_blank_of(mode);
        if clock_of(mode, h_blank, v_blank) > MAX_CLOCK {
            v_blank = MIN_V_BLANK;
        }
        if clock_of(mode, h_blank, v_blank) < MIN_CLOCK {
            (h_blank, v_blank) = stretched(mode);
        }
        let steps = clock_of(mode, h_blank, v_blank).saturating_add(CLOCK_STEP / 2) / CLOCK_STEP;
        let v_front = v_blank.saturating_sub(V_SYNC + V_BACK).min(MAX_V_FRONT);
        Self {
            clock: u32::try_from(steps).unwrap_or(u32::MAX),
            horizontal: Span::of_blank(mode.width(), h_blank, H_FRONT, H_SYNC),
            vertical: Span::of_blank(mode.height(), v_blank, v_front, V_SYNC),
        }
    }

    /// The pixel clock in hertz.
    pub fn clock_hertz(&self) -> u64 {
        u64::from(self.clock).saturating_mul(CLOCK_STEP)
    }

    /// Lines a second.
    pub fn line_hertz(&self) -> u64 {
        self.clock_hertz() / u64::from(self.horizontal.total()).max(1)
    }

    /// Frames a second, in thousandths of a hertz: the mode's, as near as the clock's step lets it.
    pub fn refresh_millihertz(&self) -> u64 {
        let pixels = u64::from(self.horizontal.total())
            .saturating_mul(self.vertical.total().into())
            .max(1);
        let hertz = self.clock_hertz().saturating_mul(1000);
        hertz.saturating_add(pixels / 2) / pixels
    }
}

/// Lines that last long enough.
fn v_blank_of(mode: Mode) -> u32 {
    let frame_time = FRAME_TIME / u64::from(mode.refresh_millihertz());
    let active_time = frame_time.saturating_sub(MIN_V_BLANK_TIME).max(1);
    let lines = MIN_V_BLANK_TIME.saturating_mul(mode.height().into()) / active_time;
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    lines.saturating_add(1).max(MIN_V_BLANK)
}

fn clock_of(mode: Mode, h_blank: u32, v_blank: u32) -> u64 {
    let h_total = u64::from(mode.width().saturating_add(h_blank));
    let v_total = u64::from(mode.height().saturating_add(v_blank));
    let pixels = h_total.saturating_mul(v_total);
    pixels.saturating_mul(mode.refresh_millihertz().into()) / 1000
}

/// Blanking in both directions that brings the clock to its least.
fn stretched(mode: Mode) -> (u32, u32) {
    let pixels = (MIN_CLOCK * 1000).div_ceil(mode.refresh_millihertz().into());
    let v_limit = u64::from(mode.height()).saturating_add(STRETCHED_V_BLANK);
    let h_least = u64::from(mode.width().saturating_add(H_BLANK));
    let h_total = pixels.div_ceil(v_limit).max(h_least);
    let v_total = pixels.div_ceil(h_total.max(1));
    let blank = |total: u64, active: u32| {
        let blank = total.saturating_sub(active.into());
        u32::try_from(blank).unwrap_or(u32::MAX)
    };
    let v_blank = blank(v_total, mode.height()).max(MIN_V_BLANK);
    (blank(h_total, mode.width()), v_blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(width: u32, height: u32, hertz: u32) -> Timing {
        Timing::of(Mode::new(width, height, hertz * 1000).expect("in range"))
    }

    /// `edid-decode --cvt w=..,h=..,fps=..,rb=2`: clock in kHz, and vertical porches.
    #[test]
    fn as_edid_decode_computes() {
        let cases = [
            ((640, 480, 60), 21_384, (1, 6)),
            ((1920, 1080, 60), 133_320, (17, 6)),
            ((2560, 1440, 144), 586_586, (89, 6)),
        ];
        for ((width, height, hertz), clock, (front, back)) in cases {
            let timing = timing(width, height, hertz);
            let off = (i64::from(timing.clock) * 10 - clock).abs();
            assert!(off <= 5, "{width}x{height}@{hertz}: {timing:?}");
            assert_eq!(timing.horizontal.blank(), 80);
            assert_eq!(timing.vertical.sync, 8);
            let surplus = front - front.min(63);
            assert_eq!(timing.vertical.front_porch, front - surplus);
            assert_eq!(timing.vertical.back_porch, back + surplus);
        }
    }

    #[test]
    fn both_ends_of_the_clock() {
        let slow = timing(16, 16, 1);
        assert_eq!(slow.clock, 1000);
        assert_eq!(slow.refresh_millihertz(), 1000, "{slow:?}");
        assert!(slow.horizontal.blank() < 4096 && slow.vertical.blank() < 4096);
        let fast = timing(16_384, 16_384, 500);
        assert!(fast.clock < 1 << 24, "{fast:?}");
        assert_eq!(fast.refresh_millihertz(), 500_000);
    }
}
