//! Draws that are the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The seed of a round of a run: a pure function of both, so that a resumed run needs no state but its round.
///
/// ```
/// use fishdip_active::round_seed;
///
/// assert_eq!(round_seed(1, 4), round_seed(1, 4));
/// assert_ne!(round_seed(1, 4), round_seed(1, 5));
/// assert_ne!(round_seed(1, 4), round_seed(2, 4));
/// ```
pub fn round_seed(run: u64, round: u32) -> u64 {
    let mut generator = ChaCha8Rng::seed_from_u64(run);
    generator.set_word_pos(u128::from(round) * 2);
    generator.next_u64()
}

/// A stream of random numbers.
pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number between 0 and 1, neither of them: the middles of 2⁵² equal parts.
    pub(crate) fn unit(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) * f64::EPSILON
    }

    /// A number below `bound`. The multiply-shift draw is biased by at most `bound` / 2⁶⁴.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    /// `count` different numbers below `bound`, or all of them, in the order drawn (Fisher–Yates).
    pub(crate) fn sample(&mut self, bound: usize, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..bound).collect();
        let count = count.min(bound);
        for i in 0..count {
            let j = i + self.below(bound - i);
            all.swap(i, j);
        }
        all.truncate(count);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::Draws;

    #[test]
    fn a_sample_is_part_of_a_permutation() {
        let mut all = Draws::new(3).sample(50, 80);
        assert_eq!(Draws::new(3).sample(50, 10), all[..10]);
        all.sort_unstable();
        assert_eq!(all, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn units_are_even() {
        let mut draws = Draws::new(1);
        let mean = (0..10_000).map(|_| draws.unit()).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
    }
}
