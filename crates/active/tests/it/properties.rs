//! What holds for every strategy and any numbers.

use fishdip_active::{Candidates, Matrix, Pool, Strategy as _, round_seed, strategy};
use proptest::prelude::*;

const CLASSES: usize = 3;
const DIMENSIONS: usize = 4;
const PASSES: usize = 2;

/// An example with everything that a strategy may want to know.
#[derive(Clone, Debug)]
struct Example {
    probabilities: Vec<f32>,
    passes: Vec<Vec<f32>>,
    vector: Vec<f32>,
    class: u32,
    log_probability: f64,
    length: u32,
    margins: Vec<f64>,
    constrained: Vec<u64>,
    free: Vec<u64>,
    words: u32,
}

/// Few different values, so that ties are common.
fn distribution() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(1u8..5, CLASSES).prop_map(|parts| {
        let sum: f32 = parts.iter().map(|&part| f32::from(part)).sum();
        parts.iter().map(|&part| f32::from(part) / sum).collect()
    })
}

fn example() -> impl Strategy<Value = Example> {
    let vector = prop::collection::vec((-3i8..4).prop_map(f32::from), DIMENSIONS);
    let margins = prop::collection::vec((0u8..5).prop_map(|m| f64::from(m) / 4.0), 0..3);
    let output = || prop::collection::vec(0u64..4, 0..3);
    let numbers = (0u32..4, (0u8..9).prop_map(|l| -f64::from(l)), 0u32..4, 0u32..5);
    let passes = prop::collection::vec(distribution(), PASSES);
    (distribution(), passes, vector, numbers, margins, output(), output()).prop_map(
        |(
            probabilities,
            passes,
            vector,
            (class, log_probability, length, words),
            margins,
            constrained,
            free,
        )| {
            Example {
                probabilities,
                passes,
                vector,
                class,
                log_probability,
                length,
                margins,
                constrained,
                free,
                words,
            }
        },
    )
}

/// What each strategy, with and without prices, chooses among `examples`, whose ids are given with them.
fn choices(examples: &[(u32, Example)], labelled: &[f32], n: usize, seed: u64) -> Vec<(String, Vec<u32>)> {
    let ids: Vec<u32> = examples.iter().map(|(id, _)| *id).collect();
    let rows = ids.len();
    let gather = |of: &dyn Fn(&Example) -> Vec<f32>| -> Vec<f32> {
        examples.iter().flat_map(|(_, e)| of(e)).collect()
    };
    let probabilities = gather(&|e| e.probabilities.clone());
    let vectors = gather(&|e| e.vector.clone());
    let passes: Vec<Vec<f32>> = (0..PASSES).map(|pass| gather(&|e| e.passes[pass].clone())).collect();
    let passes: Vec<Matrix<'_>> =
        passes.iter().map(|numbers| Matrix::new("pass", numbers, rows, CLASSES).unwrap()).collect();
    let classes: Vec<u32> = examples.iter().map(|(_, e)| e.class).collect();
    let log_probabilities: Vec<f64> = examples.iter().map(|(_, e)| e.log_probability).collect();
    let lengths: Vec<u32> = examples.iter().map(|(_, e)| e.length).collect();
    let margins: Vec<Vec<f64>> = examples.iter().map(|(_, e)| e.margins.clone()).collect();
    let constrained: Vec<Vec<u64>> = examples.iter().map(|(_, e)| e.constrained.clone()).collect();
    let free: Vec<Vec<u64>> = examples.iter().map(|(_, e)| e.free.clone()).collect();
    let words: Vec<u32> = examples.iter().map(|(_, e)| e.words).collect();
    let labelled = Matrix::new("labelled", labelled, labelled.len() / DIMENSIONS, DIMENSIONS).unwrap();
    let candidates = Candidates::new(&ids)
        .and_then(|c| c.with_probabilities(Matrix::new("probabilities", &probabilities, rows, CLASSES)?))
        .and_then(|c| c.with_vectors(Matrix::new("vectors", &vectors, rows, DIMENSIONS)?))
        .and_then(|c| c.with_labelled_vectors(labelled))
        .and_then(|c| c.with_passes(&passes))
        .and_then(|c| c.with_classes(&classes))
        .and_then(|c| c.with_log_probabilities(&log_probabilities, &lengths))
        .and_then(|c| c.with_entity_margins(&margins))
        .and_then(|c| c.with_outputs(&constrained, &free))
        .unwrap();
    let priced = candidates.clone().per_word(&words).unwrap();
    let mut found = Vec::new();
    for strategy in strategy::ALL {
        let choose = |candidates| strategy.choose(candidates, n, seed).unwrap();
        found.push((strategy.name().to_owned(), choose(&candidates)));
        found.push((format!("{} per word", strategy.name()), choose(&priced)));
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_right_number_of_different_unlabelled_ones(
        examples in prop::collection::vec(example(), 1..40), rounds in 1u32..5, n in 0usize..20, run in 0u64..4
    ) {
        // Every strategy spends a pool of its own, round by round, until nothing is left or the rounds are over.
        for strategy in strategy::ALL {
            let mut pool = Pool::new(examples.len() as u32);
            let mut labelled = vec![0.5; DIMENSIONS];
            for round in 0..rounds {
                let left: Vec<(u32, Example)> = pool.unlabelled().map(|id| (id, examples[id as usize].clone())).collect();
                let seed = round_seed(run, round);
                let found = choices(&left, &labelled, n, seed);
                for (name, ids) in &found {
                    prop_assert_eq!(ids.len(), n.min(left.len()), "{}", name);
                }
                let ids = found.into_iter().find(|(name, _)| name == strategy.name()).map(|(_, ids)| ids).unwrap();
                // A pool refuses what is not there, was asked for before, or is there twice.
                let asked = fishdip_active::Asked { round, seed, strategy: strategy.name().to_owned(), ids: ids.clone() };
                pool.ask(asked).unwrap();
                for id in ids {
                    pool.label(id).unwrap();
                    labelled.extend(&examples[id as usize].vector);
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_pool_does_not_matter(
        (examples, shuffled) in prop::collection::vec(example(), 1..40).prop_flat_map(|examples| {
            // Ids that are neither dense nor ordered as the examples are.
            let examples: Vec<(u32, Example)> =
                examples.into_iter().enumerate().map(|(i, e)| ((i as u32 * 37) % 101, e)).collect();
            (Just(examples.clone()), Just(examples).prop_shuffle())
        }),
        n in 0usize..45, seed in 0u64..1000
    ) {
        let labelled = [1.0, 0.0, 0.0, -1.0];
        prop_assert_eq!(choices(&examples, &labelled, n, seed), choices(&shuffled, &labelled, n, seed));
    }

    #[test]
    fn core_set_is_the_greedy_choice(
        rows in prop::collection::vec(prop::collection::vec(-3i8..4, 3), 1..60),
        centres in prop::collection::vec(prop::collection::vec(-3i8..4, 3), 1..4), n in 0usize..60
    ) {
        let square = |a: &[i8], b: &[i8]| {
            a.iter().zip(b).map(|(a, b)| i32::from(a - b).pow(2)).sum::<i32>()
        };
        let mut centred = centres.clone();
        let mut left: Vec<usize> = (0..rows.len()).collect();
        let mut expected = Vec::new();
        for _ in 0..n.min(rows.len()) {
            let nearest = |at: &usize| centred.iter().map(|c| square(c, &rows[*at])).min().unwrap();
            let next = *left.iter().max_by_key(|at| (nearest(at), std::cmp::Reverse(**at))).unwrap();
            left.retain(|at| *at != next);
            centred.push(rows[next].clone());
            expected.push(next as u32);
        }
        let flat = |rows: &[Vec<i8>]| rows.iter().flatten().map(|&x| f32::from(x)).collect::<Vec<f32>>();
        let (vectors, labelled) = (flat(&rows), flat(&centres));
        let ids: Vec<u32> = (0..rows.len() as u32).collect();
        let candidates = Candidates::new(&ids)
            .and_then(|c| c.with_vectors(Matrix::new("vectors", &vectors, rows.len(), 3)?))
            .and_then(|c| c.with_labelled_vectors(Matrix::new("labelled", &labelled, centres.len(), 3)?))
            .unwrap();
        prop_assert_eq!(strategy::CoreSet.choose(&candidates, n, 0).unwrap(), expected);
    }
}
