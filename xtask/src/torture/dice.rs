//! Chances that can come again.

use std::sync::Mutex;

/// Numbers as of chance, from a seed: xorshift64* (Vigna, "An experimental exploration of
/// Marsaglia's xorshift generators, scrambled").
pub(super) struct Dice(Mutex<u64>);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        // 0 would stay 0.
        Self(Mutex::new(seed.wrapping_mul(2).wrapping_add(1)))
    }

    /// A number below `end`.
    pub(super) fn below(&self, end: u64) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % end.max(1)
    }
}
