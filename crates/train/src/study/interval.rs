//! How sure scores and differences are: the bootstrap over seeds and examples.
//!
//! Every sample draws seeds and, apart from them, examples, both with replacement. All cells that scored the same examples have the same draw of
//! them, and a difference is taken between cells of one seed: what makes a seed or an example hard for both does not count.

use fishdip_tasks::score::{Interval, crossed_bootstrap};

use crate::run_result::ScoredExamples;

const SAMPLES: usize = 2000;

/// The samples are the same each time.
const SEED: u64 = 1;

/// The mean score of some cells, one a seed.
pub(crate) fn of_scores(cells: &[&ScoredExamples]) -> Interval {
    let terms: Vec<[Term<'_>; 1]> = cells.iter().map(|&cell| [(1.0, cell)]).collect();
    over(&terms)
}

/// The mean of the first scores minus the second, of cells of the same seed.
pub(crate) fn of_differences(pairs: &[(&ScoredExamples, &ScoredExamples)]) -> Interval {
    let terms: Vec<[Term<'_>; 2]> =
        pairs.iter().map(|&(cell, baseline)| [(1.0, cell), (-1.0, baseline)]).collect();
    over(&terms)
}

/// A score and what it is multiplied by.
type Term<'a> = (f64, &'a ScoredExamples);

/// The mean over seeds of sums of terms.
fn over<const N: usize>(seeds: &[[Term<'_>; N]]) -> Interval {
    // Sets of examples; where no file is scored, each seed may have held out its own.
    let mut sets: Vec<(&str, usize)> = Vec::new();
    for (_, scored) in seeds.iter().flatten() {
        let set = set(scored);
        if !sets.contains(&set) {
            sets.push(set);
        }
    }
    let sizes: Vec<usize> = [seeds.len()].into_iter().chain(sets.iter().map(|set| set.1)).collect();
    let score = |drawn: &[Vec<usize>], (factor, scored): &Term<'_>| {
        let examples = sets.iter().position(|other| *other == set(scored)).and_then(|at| drawn.get(at + 1));
        examples.map_or(0.0, |examples| factor * scored.outcomes.headline(examples))
    };
    crossed_bootstrap(&sizes, SAMPLES, SEED, |drawn| {
        let scores: Vec<f64> =
            seeds.iter().map(|terms| terms.iter().map(|term| score(drawn, term)).sum()).collect();
        let of_seeds = drawn.first().into_iter().flatten().filter_map(|&seed| scores.get(seed));
        of_seeds.sum::<f64>() / seeds.len().max(1) as f64
    })
}

/// What examples a cell has scored.
fn set(scored: &ScoredExamples) -> (&str, usize) {
    (&scored.examples, scored.outcomes.len())
}

#[cfg(test)]
mod tests {
    use fishdip_tasks::Outcomes;
    use fishdip_tasks::score::Counts;

    use super::*;

    /// Accuracies of examples, of which each is right where `is_right` says so.
    fn scored(examples: &str, is_right: impl Fn(usize) -> bool) -> ScoredExamples {
        let counts =
            (0..200).map(|i| Counts { gold: 1, predicted: 1, correct: usize::from(is_right(i)) }).collect();
        ScoredExamples { examples: examples.to_owned(), outcomes: Outcomes::Counts(counts) }
    }

    #[test]
    fn one_seed_has_the_interval_of_its_examples() {
        let half = scored("a", |i| i % 2 == 0);
        let found = of_scores(&[&half]);
        // Two standard errors, of 0.0354 each.
        assert!((found.value - 0.5).abs() < 1e-12, "{found:?}");
        assert!((found.low - 0.43).abs() < 0.02 && (found.high - 0.57).abs() < 0.02, "{found:?}");
        assert_eq!(found, of_scores(&[&half]), "the same each time");
    }

    #[test]
    fn seeds_that_differ_make_it_wider() {
        let (all, half, none) = (scored("a", |_| true), scored("a", |i| i % 2 == 0), scored("a", |_| false));
        let same = of_scores(&[&half, &half]);
        let other = of_scores(&[&all, &none]);
        assert!((other.value - same.value).abs() < 1e-12);
        assert!(other.high - other.low > 3.0 * (same.high - same.low), "{other:?} {same:?}");
    }

    #[test]
    fn what_is_hard_for_both_does_not_count() {
        let base = scored("a", |i| i % 2 == 0);
        let better = scored("a", |i| i % 2 == 0 || i % 20 == 1);
        let paired = of_differences(&[(&better, &base), (&better, &base)]);
        assert!((paired.value - 0.05).abs() < 1e-12 && paired.low > 0.0, "{paired:?}");
        // Other examples are drawn apart.
        let elsewhere = scored("b", |i| i % 2 == 0);
        let unpaired = of_differences(&[(&better, &elsewhere)]);
        assert!(unpaired.low < 0.0 && unpaired.high > 0.0, "{unpaired:?}");
        let itself = of_differences(&[(&base, &base)]);
        assert!([itself.low, itself.value, itself.high].iter().all(|end| end.abs() < 1e-12), "{itself:?}");
    }
}
