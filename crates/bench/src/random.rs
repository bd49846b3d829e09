//! Random pieces: what they say does not matter to the time.

/// `count` rows of `length` pieces, the end included.
pub fn rows(count: usize, length: usize, vocabulary: usize) -> Vec<Vec<u32>> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        2 + (state >> 8) % (vocabulary as u32 - 2)
    };
    (0..count).map(|_| (1..length).map(|_| next()).chain([1]).collect()).collect()
}
