//! Stopping criteria against small-text and scikit-learn, and by hand.

use fishdip_active::Matrix;
use fishdip_active::stopping::{OverallUncertainty, PerformanceDifference, StabilizingPredictions, kappa};

use crate::golden::{golden, near};

#[test]
fn overall_uncertainty_as_small_text() {
    let golden = golden("uncertainty");
    let (numbers, classes): (Vec<f32>, _) = (golden.read("probabilities"), golden.count("classes"));
    let probabilities = Matrix::new("probabilities", &numbers, numbers.len() / classes, classes).unwrap();
    near(OverallUncertainty::measure(probabilities).unwrap(), golden.number("overall_uncertainty"), 1e-6);
    let stops = |threshold: &f64| OverallUncertainty { threshold: *threshold }.stop(probabilities).unwrap();
    let stopping: Vec<f64> = [0.2, 0.4, 0.6, 0.8, 0.95].into_iter().filter(stops).collect();
    assert_eq!(stopping, golden.read::<Vec<f64>>("stops_below"));
}

#[test]
fn stabilizing_predictions_as_small_text() {
    let golden = golden("kappa");
    let rounds: Vec<Vec<u32>> = golden.read("rounds");
    let kappas: Vec<f64> = rounds.windows(2).map(|pair| kappa(&pair[0], &pair[1]).unwrap()).collect();
    for (&found, expected) in kappas.iter().zip(golden.read::<Vec<f64>>("kappas")) {
        near(found, expected, 1e-12);
    }
    let criterion = StabilizingPredictions { window: 3, threshold: 0.97 };
    let stops: Vec<bool> = (0..rounds.len()).map(|round| criterion.stop(&kappas[..round])).collect();
    let expected: Vec<bool> = golden.read("stops");
    assert!(expected.contains(&true) && expected.contains(&false));
    assert_eq!(stops, expected);
    near(kappa(&[4, 4], &[4, 4]).unwrap(), 1.0, 0.0);
    assert!(kappa(&[], &[]).is_err() && kappa(&[1], &[1, 2]).is_err());
}

#[test]
fn performance_difference_by_hand() {
    let criterion = PerformanceDifference { window: 2, threshold: 0.015 };
    assert!(!criterion.stop(&[0.5, 0.51]), "one change is not two");
    assert!(criterion.stop(&[0.3, 0.5, 0.51, 0.50]));
    assert!(!criterion.stop(&[0.5, 0.51, 0.53]), "the last change is 0.02");
    assert!(!criterion.stop(&[0.5, 0.47, 0.47]), "a loss is a change");
    assert!(!criterion.stop(&[0.5, f64::NAN, 0.5]));
}
