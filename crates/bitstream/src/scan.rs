//! The order in which coefficients of a block are coded.

/// The place in rows of each value in zigzag order (ITU-T H.264, figure 6-6 a; ITU-T T.81,
/// figure 5).
const ZIGZAG_4X4: [u8; 16] = [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15];
const ZIGZAG_8X8: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// A matrix of 4x4, given in rows, in zigzag order.
pub fn zigzag_4x4(rows: &[u8; 16]) -> [u8; 16] {
    ZIGZAG_4X4.map(|place| value(rows, place))
}

/// A matrix of 8x8, given in rows, in zigzag order.
pub fn zigzag_8x8(rows: &[u8; 64]) -> [u8; 64] {
    ZIGZAG_8X8.map(|place| value(rows, place))
}

fn value(rows: &[u8], place: u8) -> u8 {
    rows.get(usize::from(place)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{ZIGZAG_4X4, ZIGZAG_8X8, zigzag_8x8};

    /// Diagonals follow each other, each in the other direction than the one before.
    fn walked(side: u8) -> Vec<u8> {
        let diagonals = 0..2 * side - 1;
        let places = diagonals.flat_map(|sum| {
            let rows =
                (0..side).filter(move |row| (sum + 1).saturating_sub(side) <= *row && *row <= sum);
            let mut places: Vec<u8> = rows.map(|row| row * side + (sum - row)).collect();
            if sum % 2 == 0 {
                places.reverse();
            }
            places
        });
        places.collect()
    }

    #[test]
    fn tables_walk_the_diagonals() {
        assert_eq!(walked(4), ZIGZAG_4X4);
        assert_eq!(walked(8), ZIGZAG_8X8);
        assert_eq!(zigzag_8x8(&ZIGZAG_8X8)[2], 17);
    }
}
