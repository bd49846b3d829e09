//! Input that cannot be used is an error that says where.

use fishdip_active::{Candidates, Curve, Matrix, interval, strategy};

fn message<T>(result: fishdip_active::Result<T>) -> String {
    result.err().unwrap().to_string()
}

#[test]
fn matrices() {
    let cases = [
        (
            message(Matrix::new("vectors", &[1.0; 5], 2, 3)),
            "use vectors: 2 rows of 3 need 6 numbers, but there are 5",
        ),
        (message(Matrix::new("vectors", &[], 2, 0)), "use vectors: 2 rows of 0"),
        (message(Matrix::new("vectors", &[1.0, 2.0, 3.0, f32::NAN], 2, 2)), "use vectors: row 1 has NaN"),
        (message(Matrix::new("vectors", &[f32::INFINITY, 2.0], 1, 2)), "use vectors: row 0 has inf"),
        (message(Matrix::new("vectors", &[1.0], usize::MAX, 3)), "need"),
    ];
    for (found, expected) in cases {
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn candidates() {
    let two = || Candidates::new(&[3, 5]).unwrap();
    let matrix = |numbers, columns| Matrix::new("numbers", numbers, 2, columns).unwrap();
    let cases = [
        (message(Candidates::new(&[3, 5, 3])), "id 3 is there twice"),
        (
            message(two().with_probabilities(matrix(&[0.5, 0.5, 0.7, 0.7], 2))),
            "use probabilities: row 1 has 1.39",
        ),
        (
            message(two().with_probabilities(matrix(&[1.5, -0.5, 1.0, 0.0], 2))),
            "use probabilities: row 0 has 1.5",
        ),
        (
            message(two().with_vectors(Matrix::new("v", &[1.0; 3], 3, 1).unwrap())),
            "use vectors: there are 3, but 2 are needed, one for each candidate",
        ),
        (
            message(
                two()
                    .with_vectors(matrix(&[0.0; 4], 2))
                    .and_then(|c| c.with_labelled_vectors(matrix(&[0.0; 6], 3))),
            ),
            "use dimensions of labelled vectors: there are 3, but 2 are needed",
        ),
        (message(two().with_classes(&[1])), "use classes: there are 1"),
        (
            message(two().with_log_probabilities(&[-1.0, f64::NAN], &[1, 1])),
            "use log-probabilities: row 1 has NaN",
        ),
        (
            message(two().with_log_probabilities(&[0.5, -1.0], &[1, 1])),
            "use log-probabilities: row 0 has 0.5",
        ),
        (message(two().with_log_probabilities(&[-1.0, -1.0], &[1])), "use lengths: there are 1"),
        (message(two().with_entity_margins(&[vec![], vec![f64::NAN]])), "use entity margins: row 1 has NaN"),
        (message(two().with_outputs(&[vec![], vec![]], &[vec![]])), "use free outputs: there are 1"),
        (message(two().per_word(&[1, 2, 3])), "use words: there are 3"),
    ];
    for (found, expected) in cases {
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn what_a_strategy_misses_is_named_with_how_to_give_it() {
    let candidates = Candidates::new(&[3, 5]).unwrap();
    for strategy in strategy::ALL.iter().filter(|strategy| strategy.name() != "random") {
        let found = message(strategy.choose(&candidates, 1, 0));
        assert!(found.contains("it needs ") && found.contains("`Candidates::with_"), "{found}");
        assert!(found.starts_with(&format!("failed to choose by {}: ", strategy.name())), "{found}");
    }
}

#[test]
fn no_candidates_give_no_choice() {
    let none = Matrix::new("none", &[], 0, 2).unwrap();
    let candidates = Candidates::new(&[])
        .and_then(|c| c.with_probabilities(none))
        .and_then(|c| c.with_vectors(none))
        .and_then(|c| c.with_labelled_vectors(Matrix::new("labelled", &[1.0, 2.0], 1, 2)?))
        .and_then(|c| c.with_passes(&[none]))
        .and_then(|c| c.with_classes(&[]))
        .and_then(|c| c.with_log_probabilities(&[], &[]))
        .and_then(|c| c.with_entity_margins(&[]))
        .and_then(|c| c.with_outputs(&[], &[]))
        .unwrap();
    for strategy in strategy::ALL {
        assert_eq!(strategy.choose(&candidates, 7, 0).unwrap(), [0u32; 0], "{}", strategy.name());
    }
}

#[test]
fn curves_and_intervals() {
    let cases = [
        (message(Curve::new([])), "it needs a point"),
        (message(Curve::new([(100, 0.5), (100, 0.6)])), "row 1 has 100, but each point has more labels"),
        (message(Curve::new([(100, f64::NAN)])), "row 0 has NaN"),
        (message(Curve::new([(100, 0.5)]).and_then(|curve| curve.area())), "it needs two points"),
        (message(interval::of_mean(&[], 0)), "it needs a value"),
        (message(interval::of_difference(&[0.5, 0.6], &[0.5], 0)), "values of the baseline"),
    ];
    for (found, expected) in cases {
        assert!(found.contains(expected), "{found}");
    }
}
