//! What happens at which step: pure functions of the config, so that a run needs no state but its step.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::config::{OptimizerConfig, Schedule};

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
    /// The order of an epoch's batches, where they are made by length.
    BatchOrder = 6,
    /// Dropout of a choice of entries.
    Choice = 7,
    /// Which mentions of an example are exchanged in an epoch.
    MentionSwap = 8,
    /// Which examples are looked into, and the trees over them.
    Insight = 9,
    /// Which spans of a text are hidden in an epoch.
    SpanCorruption = 10,
    /// Which spans of a text are hidden that is held out.
    HeldOutCorruption = 11,
    /// Which labelled examples are kept to calibrate the scores of a model that labels others.
    Calibrated = 12,
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

impl OptimizerConfig {
    /// The learning rate of `step` (from 0) of `steps`.
    pub(crate) fn rate(&self, step: usize, steps: usize) -> f32 {
        let most = self.learning_rate();
        if step < self.warmup {
            return most * ((step + 1) as f32 / self.warmup as f32);
        }
        // The share of the way behind the warm-up.
        let done = (step - self.warmup) as f32 / (steps - self.warmup) as f32;
        match self.schedule {
            Schedule::Constant => most,
            Schedule::Linear => most * (1.0 - done),
            Schedule::Cosine => most * 0.5 * (1.0 + (core::f32::consts::PI * done).cos()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Setting;

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
    fn the_rate_rises_and_falls_as_the_schedule_says() {
        let rates = |schedule, warmup| -> Vec<f32> {
            let optimizer = OptimizerConfig {
                learning_rate: Setting::Number(0.4),
                schedule,
                warmup,
                ..Default::default()
            };
            (0..4).map(|step| optimizer.rate(step, 4)).collect()
        };
        let expected = [
            (Schedule::Linear, 0, [0.4, 0.3, 0.2, 0.1]),
            (Schedule::Linear, 2, [0.2, 0.4, 0.4, 0.2]),
            (Schedule::Constant, 3, [0.4 / 3.0, 0.8 / 3.0, 0.4, 0.4]),
            // 0.2 · (1 + cos(π · 0, 1/4, 1/2, 3/4))
            (Schedule::Cosine, 0, [0.4, 0.341_421_36, 0.2, 0.058_578_64]),
            (Schedule::Linear, 9, [0.4 / 9.0, 0.8 / 9.0, 1.2 / 9.0, 1.6 / 9.0]),
        ];
        for (schedule, warmup, expected) in expected {
            let found = rates(schedule, warmup);
            assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-6), "{schedule:?}: {found:?}");
        }
    }
}
