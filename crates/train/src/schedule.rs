//! What happens at which step: pure functions of the config, so that a run needs no state but its step.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::config::Schedule;

/// What a seed is derived for; streams of different purposes are independent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// Which examples of the file are trained on.
    Subset = 1,
    /// The order of the examples in an epoch.
    Order = 2,
    /// Dropout of a step.
    Step = 3,
    /// Which examples of the file are scored.
    Scored = 4,
    /// Which examples of the training file are held out.
    HeldOut = 5,
}

/// The seed of `(run, purpose, index)`.
pub(crate) fn seed(run: u64, purpose: Purpose, index: u64) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(run);
    rng.set_stream(purpose as u64);
    // A `u64` takes two words of the stream, so each index has a number of its own.
    rng.set_word_pos(u128::from(index) * 2);
    rng.next_u64()
}

/// `0..length` in an order drawn from `seed` (Fisher–Yates).
pub(crate) fn permutation(length: usize, seed: u64) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..length).collect();
    for i in (1..length).rev() {
        // The multiply-shift draw is biased by at most length / 2⁶⁴.
        let j = ((u128::from(rng.next_u64()) * (i as u128 + 1)) >> 64) as usize;
        order.swap(i, j);
    }
    order
}

/// The examples of training step `step` (from 0): every epoch shuffles anew, its last batch may be smaller.
pub(crate) fn batch(step: usize, examples: usize, batch_size: usize, run_seed: u64) -> Vec<usize> {
    let batches = examples.div_ceil(batch_size);
    let (epoch, batch) = (step / batches, step % batches);
    let order = permutation(examples, seed(run_seed, Purpose::Order, epoch as u64));
    order[batch * batch_size..((batch + 1) * batch_size).min(examples)].to_vec()
}

impl Schedule {
    /// The learning rate of `step` (from 0) of `steps`.
    pub(crate) fn rate(self, start: f32, step: usize, steps: usize) -> f32 {
        match self {
            Self::Constant => start,
            Self::Linear => start * (1.0 - step as f32 / steps as f32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_sees_every_example_once() {
        let mut seen: Vec<usize> = (0..3).flat_map(|step| batch(step, 10, 4, 7)).collect();
        assert_eq!(seen.len(), 10);
        seen.sort_unstable();
        assert_eq!(seen, (0..10).collect::<Vec<_>>());
        assert_ne!(batch(0, 10, 4, 7), batch(3, 10, 4, 7), "epochs differ");
        assert_ne!(batch(0, 10, 4, 7), batch(0, 10, 4, 8), "seeds differ");
    }

    #[test]
    fn seeds_differ_by_purpose_and_index() {
        let seeds = [
            seed(1, Purpose::Order, 0),
            seed(1, Purpose::Order, 1),
            seed(1, Purpose::Step, 0),
            seed(2, Purpose::Order, 0),
        ];
        for (i, a) in seeds.iter().enumerate() {
            assert!(!seeds[i + 1..].contains(a));
        }
    }

    #[test]
    fn linear_reaches_zero_after_the_last_step() {
        assert!((Schedule::Linear.rate(0.4, 0, 4) - 0.4).abs() < 1e-7);
        assert!((Schedule::Linear.rate(0.4, 3, 4) - 0.1).abs() < 1e-7);
    }
}
