//! How sure a difference between two systems is: the paired bootstrap (Koehn 2004).

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// A score, or a difference of scores, and where it lies with 95 % confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The score of all examples.
    pub value: f64,
    /// The 2.5th percentile over the samples.
    pub low: f64,
    /// The 97.5th percentile over the samples.
    pub high: f64,
}

/// Two systems compared on the same examples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The second score minus the first.
    pub difference: Interval,
    /// In how many of the samples the second system is not better.
    pub p: f64,
}

/// The interval of a score over `examples` examples.
///
/// `score` gets the indices of the examples of a sample, drawn with replacement; it is called once with all
/// of them in order, and then `samples` times. The same arguments give the same result on every machine.
pub fn bootstrap(examples: usize, samples: usize, seed: u64, score: impl Fn(&[usize]) -> f64) -> Interval {
    let all: Vec<usize> = (0..examples).collect();
    let drawn = draws(examples, samples, seed).map(|sample| score(&sample)).collect();
    interval(score(&all), drawn)
}

/// Compares two systems. Each sample is the same examples for both; see [`bootstrap`].
pub fn paired_bootstrap(
    examples: usize,
    samples: usize,
    seed: u64,
    first: impl Fn(&[usize]) -> f64,
    second: impl Fn(&[usize]) -> f64,
) -> Comparison {
    let all: Vec<usize> = (0..examples).collect();
    // Both systems have the same sample, so that how hard it is does not count as a difference between them.
    let difference = |sample: &[usize]| second(sample) - first(sample);
    let drawn: Vec<f64> = draws(examples, samples, seed).map(|sample| difference(&sample)).collect();
    let not_better = drawn.iter().filter(|&&difference| difference <= 0.0).count();
    let p = super::counts::fraction(not_better, drawn.len());
    Comparison { difference: interval(difference(&all), drawn), p }
}

/// The interval of a score over several sets at once, such as seeds and examples. Each sample has of every
/// set as many as there are, drawn with replacement and whatever is drawn of the others.
///
/// `score` gets the indices that are drawn of each set, in the order of `sizes`; see [`bootstrap`].
pub fn crossed_bootstrap(
    sizes: &[usize],
    samples: usize,
    seed: u64,
    score: impl Fn(&[Vec<usize>]) -> f64,
) -> Interval {
    let all: Vec<Vec<usize>> = sizes.iter().map(|&size| (0..size).collect()).collect();
    let mut numbers = SplitMix64::seed_from_u64(seed);
    let mut sample = || sizes.iter().map(|&size| draw(&mut numbers, size)).collect::<Vec<_>>();
    let drawn = (0..samples).map(|_| score(&sample())).collect();
    interval(score(&all), drawn)
}

fn interval(value: f64, mut drawn: Vec<f64>) -> Interval {
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let last = drawn.len().saturating_sub(1);
        drawn.get((share * last as f64).round() as usize).copied().unwrap_or(value)
    };
    Interval { value, low: at(0.025), high: at(0.975) }
}

/// Samples of indices below `examples`, as many, with replacement.
fn draws(examples: usize, samples: usize, seed: u64) -> impl Iterator<Item = Vec<usize>> {
    let mut numbers = SplitMix64::seed_from_u64(seed);
    (0..samples).map(move |_| draw(&mut numbers, examples))
}

/// As many indices below `size`, with replacement.
fn draw(numbers: &mut SplitMix64, size: usize) -> Vec<usize> {
    (0..size).map(|_| below(numbers.next_u64(), size)).collect()
}

/// A number below `bound`: the high half of a 128-bit product, whose bias is beyond notice for any real data
/// set.
fn below(number: u64, bound: usize) -> usize {
    ((u128::from(number) * bound as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    fn mean(values: &[f64]) -> impl Fn(&[usize]) -> f64 {
        move |sample| sample.iter().map(|&i| values[i]).sum::<f64>() / sample.len() as f64
    }

    #[test]
    fn the_generator_is_splitmix64() {
        let mut numbers = SplitMix64::seed_from_u64(1_234_567);
        assert_eq!(numbers.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(numbers.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn an_interval_is_about_two_standard_errors_wide() {
        // Half of 400 examples are right: the standard error of the mean is 0.025.
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
        let found = bootstrap(400, 1000, 1, mean(&values));
        assert_eq!(found.value, 0.5);
        assert!((found.low - 0.451).abs() < 0.008 && (found.high - 0.549).abs() < 0.008, "{found:?}");
        assert_eq!(found, bootstrap(400, 1000, 1, mean(&values)));
        assert_ne!(found, bootstrap(400, 1000, 2, mean(&values)));
    }

    #[test]
    fn pairing_takes_out_what_both_find_hard() {
        let first: Vec<f64> = (0..200).map(|i| f64::from(i % 2)).collect();
        let second: Vec<f64> = (0..200).map(|i| if i % 20 == 0 { 1.0 } else { first[i] }).collect();
        let found = paired_bootstrap(200, 500, 3, mean(&first), mean(&second));
        assert!((found.difference.value - 0.05).abs() < 1e-12);
        assert!(found.difference.low > 0.0 && found.difference.high < 0.1 && found.p == 0.0, "{found:?}");
        assert_eq!(paired_bootstrap(200, 50, 3, mean(&first), mean(&first)).p, 1.0);
    }

    #[test]
    fn of_one_set_it_is_the_plain_bootstrap() {
        let values: Vec<f64> = (0..50).map(|i| f64::from(i % 3)).collect();
        let crossed = crossed_bootstrap(&[50], 200, 4, |drawn| mean(&values)(&drawn[0]));
        assert_eq!(crossed, bootstrap(50, 200, 4, mean(&values)));
    }

    #[test]
    fn sets_are_drawn_apart() {
        // Of two seeds one has everything right: what they differ by is in the interval.
        let seeds = [0.0, 1.0];
        let found = crossed_bootstrap(&[2, 30], 500, 1, |drawn| {
            assert_eq!([drawn[0].len(), drawn[1].len()], [2, 30]);
            mean(&seeds)(&drawn[0])
        });
        assert_eq!((found.low, found.value, found.high), (0.0, 0.5, 1.0));
    }

    #[test]
    fn no_examples_no_panic() {
        assert_eq!(bootstrap(0, 10, 0, |_| 0.5), Interval { value: 0.5, low: 0.5, high: 0.5 });
        assert_eq!(bootstrap(3, 0, 0, |_| 0.5).high, 0.5);
    }
}
