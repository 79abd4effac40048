//! Well-formed messages of any kind, without knowing the kind: random words, put right where
//! the decoder says that they are wrong.
//!
//! What comes out covers the grammar, not Vulkan: chains in any order, arrays of a few
//! elements, optional pointers there or not, ids that name nothing.

use vulkan_types::StructureType;
use wire::ParseError;

/// The longest message that is worth going on with, bytes.
const LONGEST: usize = 1 << 15;
/// Messages begun before one is complete.
const ATTEMPTS: usize = 100;
/// Corrections before a message is given up.
const CORRECTIONS: usize = 4000;

/// A reproducible stream of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// True once in `n` times.
    pub(crate) fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Makes messages.
pub(crate) struct Sampler {
    random: Random,
    /// Every structure type that the registry names, the lately useful ones first.
    stypes: Vec<i32>,
}

/// What a decoder made of some bytes: how many it took, and why it stopped if it did.
pub(crate) type Verdict = (usize, Option<ParseError>);

impl Sampler {
    /// A sampler; the same seed makes the same messages.
    pub(crate) fn new(seed: u64) -> Self {
        let block = |extension: i32| {
            let first = if extension == 0 {
                0
            } else {
                1_000_000_000 + (extension - 1) * 1000
            };
            first..first + 70
        };
        let stypes = (0..700)
            .flat_map(block)
            .filter(|stype| StructureType(*stype).is_known());
        Self {
            random: Random(seed),
            stypes: stypes.collect(),
        }
    }

    /// A message that starts with `start` and that `decode` takes; none when it can't be
    /// found.
    pub(crate) fn message(
        &mut self,
        start: &[u32],
        decode: impl Fn(&[u8]) -> Verdict,
    ) -> Option<Vec<u8>> {
        // A count may already be fixed to more than there will ever be: then from the start.
        (0..ATTEMPTS).find_map(|_| self.attempt(start, &decode))
    }

    fn attempt(&mut self, start: &[u32], decode: &impl Fn(&[u8]) -> Verdict) -> Option<Vec<u8>> {
        let mut bytes: Vec<u8> = start.iter().flat_map(|word| word.to_le_bytes()).collect();
        let fixed = bytes.len();
        for _ in 0..CORRECTIONS {
            let (taken, error) = decode(&bytes);
            let Some(error) = error else {
                bytes.truncate(taken);
                return Some(bytes);
            };
            if bytes.len() > LONGEST || !self.correct(&mut bytes, fixed, taken, error, decode) {
                return None;
            }
        }
        None
    }

    /// Puts right what `decode` stopped at.
    fn correct(
        &mut self,
        bytes: &mut Vec<u8>,
        fixed: usize,
        taken: usize,
        error: ParseError,
        decode: &impl Fn(&[u8]) -> Verdict,
    ) -> bool {
        match error {
            ParseError::Truncated { needed, .. } if needed > 4096 => {
                put_u64(bytes, fixed, taken, self.small())
            }
            ParseError::Truncated { .. } => {
                (0..16).for_each(|_| bytes.extend(self.word().to_le_bytes()));
                true
            }
            ParseError::Limit { .. } => put_u64(bytes, fixed, taken, self.small()),
            ParseError::BadText { .. } => terminate(bytes, fixed, taken),
            ParseError::BadValue { what, .. } if what.starts_with("sType") => {
                self.stype(bytes, fixed, taken, decode)
            }
            ParseError::BadValue { value, .. } => {
                self.value(bytes, fixed, taken, decode) || choose(bytes, fixed, taken, value)
            }
            _ => false,
        }
    }

    /// Tries structure types until one is allowed.
    fn stype(
        &mut self,
        bytes: &mut [u8],
        fixed: usize,
        taken: usize,
        decode: &impl Fn(&[u8]) -> Verdict,
    ) -> bool {
        // Not always the same link first.
        let recent = self.random.below(8);
        let middle = self.random.below(self.stypes.len());
        let order = (0..recent)
            .chain(middle..self.stypes.len())
            .chain(recent..middle);
        let Some(at) = taken.checked_sub(4).filter(|at| *at >= fixed) else {
            return false;
        };
        for index in order {
            let Some(stype) = self.stypes.get(index).copied() else {
                continue;
            };
            bytes[at..taken].copy_from_slice(&stype.to_le_bytes());
            if is_better(decode(bytes), taken) {
                let stype = self.stypes.remove(index);
                self.stypes.insert(0, stype);
                return true;
            }
        }
        false
    }

    /// Tries small values, as a word and as two.
    fn value(
        &mut self,
        bytes: &mut [u8],
        fixed: usize,
        taken: usize,
        decode: &impl Fn(&[u8]) -> Verdict,
    ) -> bool {
        let turn = self.random.below(4);
        let small = (0..4).map(|n| (n + turn as u64) % 4);
        for value in small.chain([4, 5, 6, 7, 8, 16, 32, 256, 1_000_156_002]) {
            for width in [8, 4] {
                let Some(at) = taken.checked_sub(width).filter(|at| *at >= fixed) else {
                    continue;
                };
                let mut tried = bytes.to_vec();
                tried[at..taken].copy_from_slice(&value.to_le_bytes()[..width]);
                if is_better(decode(&tried), taken) {
                    bytes.copy_from_slice(&tried);
                    return true;
                }
            }
        }
        false
    }

    fn small(&mut self) -> u64 {
        self.random.below(3) as u64
    }

    /// Words as they are in messages: mostly small, rarely any.
    fn word(&mut self) -> u32 {
        match self.random.below(16) {
            0..6 => 0,
            6..10 => 1,
            10..13 => self.random.below(4) as u32,
            13 => self.random.below(64) as u32,
            14 => 1.5f32.to_bits(),
            _ => self.random.next() as u32,
        }
    }
}

/// True when a decoder got further, or to the end of what is there.
fn is_better((taken, error): Verdict, than: usize) -> bool {
    match error {
        None => true,
        Some(ParseError::Truncated { needed, .. }) => needed <= 4096 && taken >= than,
        Some(_) => taken > than,
    }
}

fn put_u64(bytes: &mut [u8], fixed: usize, end: usize, value: u64) -> bool {
    let Some(at) = end.checked_sub(8).filter(|at| *at >= fixed) else {
        return false;
    };
    bytes[at..end].copy_from_slice(&value.to_le_bytes());
    true
}

/// Makes text of what lies before `end`.
fn terminate(bytes: &mut [u8], fixed: usize, end: usize) -> bool {
    for count in 0..64usize {
        let Some(at) = end
            .checked_sub(count.next_multiple_of(4) + 8)
            .filter(|at| *at >= fixed)
        else {
            return false;
        };
        if bytes[at..at + 8] == (count as u64).to_le_bytes() {
            if count == 0 {
                // An empty array is not text; the next byte after it becomes the terminator.
                return put_u64(bytes, fixed, at + 8, 1);
            }
            let text = &mut bytes[at + 8..end];
            text.fill(b'v');
            text[count - 1..].fill(0);
            return true;
        }
    }
    false
}

/// Makes a union the one that the enumeration before it says.
fn choose(bytes: &mut Vec<u8>, fixed: usize, end: usize, tag: u64) -> bool {
    let tag = (tag as u32).to_le_bytes();
    for at in (fixed + 4..end.saturating_sub(3))
        .rev()
        .filter(|at| at % 4 == 0)
    {
        if bytes[at - 4..at] == tag && bytes[at..at + 4] != tag {
            bytes[at..at + 4].copy_from_slice(&tag);
            bytes.truncate(at + 4);
            return true;
        }
    }
    false
}
