//! Sorted positions as bytes: the difference to the previous position, in LEB128. At a density of 1 % most
//! differences are below 128, one byte each.

/// The bytes of sorted, unique `positions`.
pub(crate) fn encode(positions: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(positions.len() * 5 / 4);
    let mut previous = 0;
    for &position in positions {
        let mut rest = position - previous;
        previous = position;
        while rest >= 0x80 {
            bytes.push((rest as u8 & 0x7f) | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
    }
    bytes
}

/// The positions of `bytes`, or what is wrong with them. All are below `entries` and strictly ascending.
pub(crate) fn decode(bytes: &[u8], entries: usize) -> Result<Vec<u32>, String> {
    let mut positions = Vec::with_capacity(bytes.len());
    let mut previous = 0u64;
    let (mut value, mut shift) = (0u64, 0u32);
    for &byte in bytes {
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 != 0 {
            if shift > 28 {
                return Err("an index difference is longer than five bytes".into());
            }
            continue;
        }
        if value == 0 && !positions.is_empty() {
            return Err("an index stands twice".into());
        }
        previous += value;
        if previous >= entries as u64 {
            return Err(format!("index {previous} is outside the tensor of {entries} entries"));
        }
        positions.push(previous as u32);
        (value, shift) = (0, 0);
    }
    if shift == 0 { Ok(positions) } else { Err("the indices end in the middle of a number".into()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{decode, encode};
    use proptest::prelude::*;

    #[test]
    fn known_bytes() {
        // 127 → 7f; +1 → 01; 300 = 0b10_0101100 → ac 02
        assert_eq!(encode(&[127, 128, 428]), [0x7f, 0x01, 0xac, 0x02]);
        assert_eq!(decode(&[0x7f, 0x01, 0xac, 0x02], 429).unwrap(), [127, 128, 428]);
    }

    #[test]
    fn damage_is_an_error() {
        assert!(decode(&[0x80], 10).is_err());
        assert!(decode(&[5, 0], 10).is_err());
        assert!(decode(&[10], 10).is_err());
        assert!(decode(&[0xff; 8], usize::MAX).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(positions in proptest::collection::btree_set(any::<u32>(), 0..200)) {
            let positions: Vec<u32> = positions.into_iter().collect();
            prop_assert_eq!(decode(&encode(&positions), 1 << 32).unwrap(), positions);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(positions) = decode(&bytes, 1 << 20) {
                prop_assert!(positions.is_sorted_by(|a, b| a < b));
            }
        }
    }
}
