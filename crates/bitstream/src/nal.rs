//! Units of the network abstraction layer, as H.264 and HEVC have them.

use crate::bits::BitWriter;

/// What a unit begins with in a byte stream (ITU-T H.264, annex B).
pub const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// A unit of a byte stream: start code, header, and the payload with emulation prevention.
pub(crate) fn unit(header: &[u8], payload: BitWriter) -> Vec<u8> {
    let mut unit = START_CODE.to_vec();
    unit.extend(header);
    unit.extend(with_emulation_prevention(&payload.into_bytes()));
    unit
}

/// A payload in which no start code can be found: a 3 stands in front of any byte below 4 that
/// follows two zeros (ITU-T H.264, 7.4.1).
pub fn with_emulation_prevention(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len());
    let mut zeros = 0u8;
    for byte in payload {
        if zeros >= 2 && *byte <= 3 {
            bytes.push(3);
            zeros = 0;
        }
        bytes.push(*byte);
        zeros = match byte {
            0 => zeros.saturating_add(1),
            _ => 0,
        };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::with_emulation_prevention as prevented;
    use proptest::prelude::*;

    #[test]
    fn a_three_breaks_zeros_up() {
        assert_eq!(prevented(&[0, 0, 0]), [0, 0, 3, 0]);
        assert_eq!(prevented(&[0, 0, 0, 0, 1]), [0, 0, 3, 0, 0, 3, 1]);
        assert_eq!(prevented(&[0, 0, 3]), [0, 0, 3, 3]);
        assert_eq!(prevented(&[0, 0, 4, 0]), [0, 0, 4, 0]);
    }

    proptest! {
        #[test]
        fn no_start_code_is_left_and_all_comes_back(bytes in prop::collection::vec(0u8..5, 0..60)) {
            let safe = prevented(&bytes);
            prop_assert!(safe.windows(3).all(|three| three > [0, 0, 2].as_slice()));
            let mut back: Vec<u8> = Vec::new();
            let mut zeros = 0;
            for byte in safe {
                if zeros >= 2 && byte == 3 {
                    zeros = 0;
                    continue;
                }
                zeros = if byte == 0 { zeros + 1 } else { 0 };
                back.push(byte);
            }
            prop_assert_eq!(back, bytes);
        }
    }
}
