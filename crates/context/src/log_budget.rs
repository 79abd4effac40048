use std::time::{Duration, Instant};

/// Lines that may be logged in one go.
const BURST: u32 = 20;

/// The time after which one more line may be logged.
const REFILL: Duration = Duration::from_secs(1);

/// Keeps guests from filling the log: what they can cause to be logged, they can cause as often
/// as they like.
#[derive(Debug)]
pub struct LogBudget {
    lines: u32,
    refilled: Instant,
    suppressed: u64,
}

impl LogBudget {
    /// A full one.
    pub fn new(now: Instant) -> Self {
        Self {
            lines: BURST,
            refilled: now,
            suppressed: 0,
        }
    }

    /// Asks to log a line: `Some` allows it, and tells how many were not allowed before.
    pub fn spend(&mut self, now: Instant) -> Option<u64> {
        let elapsed = now.saturating_duration_since(self.refilled);
        let refill = elapsed
            .as_nanos()
            .checked_div(REFILL.as_nanos())
            .unwrap_or(0);
        if refill != 0 {
            let refill = u32::try_from(refill).unwrap_or(u32::MAX);
            self.lines = self.lines.saturating_add(refill).min(BURST);
            self.refilled = now;
        }
        let Some(left) = self.lines.checked_sub(1) else {
            self.suppressed = self.suppressed.saturating_add(1);
            return None;
        };
        self.lines = left;
        Some(std::mem::take(&mut self.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_counted() {
        let start = Instant::now();
        let mut budget = LogBudget::new(start);
        for _ in 0..BURST {
            assert_eq!(budget.spend(start), Some(0));
        }
        assert_eq!(budget.spend(start), None);
        assert_eq!(budget.spend(start), None);
        assert_eq!(budget.spend(start + REFILL), Some(2));
        assert_eq!(budget.spend(start + REFILL), None);
        assert_eq!(budget.spend(start + REFILL * 1000), Some(1));
    }
}
