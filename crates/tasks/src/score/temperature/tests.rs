#![allow(clippy::unwrap_used)]

use super::*;
use crate::CalibrationError;
use crate::score::Calibration;

/// The data of `fixtures/golden/make_temperatures.py`, which says with SciPy what is expected of them.
const DATA: &[(&str, &[(u8, u8)])] = &[
    ("A", &[(99, 1), (98, 1), (97, 0), (95, 1), (90, 0), (85, 1), (70, 0), (60, 0)]),
    ("B", &[(99, 0), (96, 0), (93, 1), (80, 0), (55, 0), (40, 0)]),
    ("C", &[(50, 1)]),
];

fn judged(label: &str, score: f64, right: bool) -> Judged {
    Judged { label: label.to_owned(), score, right }
}

fn data() -> Vec<Judged> {
    let rows = DATA.iter().flat_map(|(label, rows)| rows.iter().map(move |row| (*label, *row)));
    rows.map(|(label, (score, right))| judged(label, f64::from(score) / 100.0, right == 1)).collect()
}

/// 4,000 scores of a model whose log-odds are too large by `temperature` and too high by `bias`: of each of
/// 20 scores, as many are right as should be.
fn overconfident(label: &str, temperature: f64, bias: f64) -> Vec<Judged> {
    let mut all = Vec::new();
    for i in 0..20 {
        let truth = (f64::from(i) + 0.5) / 20.0;
        let log_odds = ((truth / (1.0 - truth)).ln() - bias) * temperature;
        let score = 1.0 / (1.0 + (-log_odds).exp());
        all.extend((0..200).map(|j| judged(label, score, j < 5 + 10 * i)));
    }
    all
}

fn error_of(judged: &[Judged]) -> f64 {
    Calibration::of(judged).unwrap().expected_calibration_error
}

#[test]
fn as_scipy_has_them() {
    let fitted = Temperatures::fit(&data()).unwrap();
    let close = |found: Temperature, temperature: f64, bias: f64, n: usize| {
        let off = (found.temperature() - temperature).abs().max((found.bias() - bias).abs());
        assert!(off < 2e-6 && found.n() == n, "{found:?} is not {temperature}, {bias}");
    };
    close(fitted.fallback, 4.083_976_475, -0.730_246_558, 15);
    close(fitted.labels["A"], 2.681_065_463, -0.944_821_527, 8);
    close(fitted.labels["B"], 4.762_693_230, -0.941_197_547, 6);
    close(fitted.labels["C"], 5.921_525_471, -0.466_869_351, 1);

    assert!((error_of(&data()) - 0.471_333_333).abs() < 1e-6);
    let scaled = |judged: Judged| Judged { score: fitted.fallback.apply(judged.score), ..judged };
    let scaled: Vec<Judged> = data().into_iter().map(scaled).collect();
    assert!((error_of(&scaled) - 0.148_242_221).abs() < 2e-6);
}

#[test]
fn what_made_scores_overconfident_is_found() {
    let mut all = overconfident("A", 2.0, -1.5);
    all.extend(overconfident("B", 1.0, 0.5));
    let fitted = Temperatures::fit(&all).unwrap();
    for (label, temperature, bias) in [("A", 2.0, -1.5), ("B", 1.0, 0.5)] {
        let found = fitted.labels[label];
        assert!((found.temperature() - temperature).abs() < 0.03, "{found:?}");
        assert!((found.bias() - bias).abs() < 0.03, "{found:?}");
    }
    // Most of what a score of 0.95 was given for is wrong: no temperature alone says so.
    assert!(fitted.apply("A", 0.95) < 0.5);
    assert!(error_of(&all) > 0.1);
    let scaled = all.iter().map(|j| Judged { score: fitted.apply(&j.label, j.score), ..j.clone() });
    assert!(error_of(&scaled.collect::<Vec<_>>()) < 0.02);
}

#[test]
fn a_label_with_few_scores_is_near_the_fallback_and_one_without_has_it() {
    let mut all = overconfident("A", 2.0, -1.5);
    all.push(judged("B", 0.9, true));
    let fitted = Temperatures::fit(&all).unwrap();
    let [fallback, few, many] = [fitted.fallback, fitted.labels["B"], fitted.labels["A"]];
    assert!((fallback.bias() - many.bias()).abs() < 0.02);
    assert!(few.bias() > fallback.bias() && few.bias() - fallback.bias() < 0.3, "{few:?}");
    assert_eq!(fitted.apply("C", 0.7).to_bits(), fallback.apply(0.7).to_bits());
}

#[test]
fn higher_scores_stay_higher_also_where_they_are_less_often_right() {
    let mut all = Vec::new();
    for i in 0..100 {
        all.push(judged("A", 0.99, i % 4 == 0));
        all.push(judged("A", 0.2, i % 4 != 0));
    }
    let fitted = Temperatures::fit(&all).unwrap();
    let scaled: Vec<f64> = (0..=100).map(|i| fitted.apply("A", f64::from(i) / 100.0)).collect();
    assert!(scaled.is_sorted() && scaled[5] < scaled[95], "{scaled:?}");
    assert!((fitted.labels["A"].temperature() - 20.0).abs() < 1e-9);
    // Half of all are right.
    assert!((fitted.apply("A", 0.99) + fitted.apply("A", 0.2) - 1.0).abs() < 0.1);
}

#[test]
fn extreme_scores_have_a_fit() {
    for (low, high) in [(1.0, 1.0), (0.0, 0.0), (0.0, 1.0), (1.000_001, -1e-9)] {
        for rights in [0, 1, 10, 20] {
            let all: Vec<Judged> =
                (0..20).map(|i| judged("A", if i % 2 == 0 { low } else { high }, i < rights)).collect();
            let fitted = Temperatures::fit(&all).unwrap();
            for score in [0.0, 0.5, 1.0] {
                let probability = fitted.apply("A", score);
                assert!((0.0..=1.0).contains(&probability), "{probability}");
            }
        }
    }
    let nan = vec![judged("A", f64::NAN, true); 20];
    assert!(matches!(
        Temperatures::fit(&nan),
        Err(Error::Calibration(CalibrationError::NotFitted { n: 20 }))
    ));
}

#[test]
fn too_few_scores_are_refused() {
    for n in [0, 9] {
        let few = vec![judged("A", 0.5, true); n];
        assert!(matches!(
            Temperatures::fit(&few),
            Err(Error::Calibration(CalibrationError::FewScores { least: 10, .. }))
        ));
        assert!(matches!(
            Temperatures::held_out(&few),
            Err(Error::Calibration(CalibrationError::FewScores { least: 10, .. }))
        ));
    }
}

#[test]
fn held_out_scores_do_not_know_their_own_part() {
    let all = overconfident("A", 2.0, -1.5);
    let held_out = Temperatures::held_out(&all).unwrap();
    let labels = |all: &[Judged]| all.iter().map(|j| (j.label.clone(), j.right)).collect::<Vec<_>>();
    assert_eq!(labels(&held_out), labels(&all));
    for (part, range) in [(0, 0..800), (4, 3200..4000)] {
        let others: Vec<Judged> =
            all.iter().enumerate().filter(|(i, _)| !range.contains(i)).map(|(_, j)| j.clone()).collect();
        let fitted = Temperatures::fit(&others).unwrap();
        for i in range {
            let expected = fitted.apply("A", all[i].score);
            assert_eq!(held_out[i].score.to_bits(), expected.to_bits(), "part {part}");
        }
    }
    // Of ten, eight are left to fit.
    assert_eq!(Temperatures::held_out(&all[..10]).unwrap().len(), 10);
}

#[test]
fn files_are_checked() {
    let fitted = Temperatures::fit(&data()).unwrap();
    let text = serde_json::to_string(&fitted).unwrap();
    let read: Temperatures = serde_json::from_str(&text).unwrap();
    assert_eq!(read, fitted, "to the last digit");
    for bad in ["0", "-1", "1e999", "null"] {
        let text = format!(r#"{{"temperature": {bad}, "bias": 0, "n": 1}}"#);
        assert!(serde_json::from_str::<Temperature>(&text).is_err(), "{text}");
    }
}
