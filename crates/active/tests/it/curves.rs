//! Curves and intervals against scikit-learn and all samples there are.

use fishdip_active::{Curve, interval};

use crate::golden::{golden, near};

#[test]
fn area_as_scikit_learn() {
    let golden = golden("curves");
    let labels: Vec<u32> = golden.read("labels");
    let curve = Curve::new(labels.into_iter().zip(golden.read::<Vec<f64>>("scores"))).unwrap();
    near(curve.area().unwrap(), golden.number("area"), 1e-12);
}

#[test]
fn a_paired_interval_is_that_of_all_samples() {
    let golden = golden("curves");
    let (strategy, random): (Vec<f64>, Vec<f64>) = (golden.read("strategy"), golden.read("random"));
    let found = interval::of_difference(&strategy, &random, 1).unwrap();
    near(found.mean, golden.number("mean"), 1e-12);
    near(found.deviation, golden.number("deviation"), 1e-12);
    // The exact percentiles of 3,125 samples; drawn ones may be the value next to them.
    let exact: Vec<f64> = golden.read("interval");
    near(found.low, exact[0], 0.0021);
    near(found.high, exact[1], 0.0021);
    assert_eq!(found, interval::of_difference(&strategy, &random, 1).unwrap());
}

#[test]
fn labels_saved_at_equal_score() {
    // The baseline passes 0.6 halfway from 200 to 300, the other halfway from 100 to 200.
    let baseline = Curve::new([(100, 0.3), (200, 0.5), (300, 0.7)]).unwrap();
    let curve = Curve::new([(100, 0.4), (200, 0.8), (300, 0.75)]).unwrap();
    near(curve.labels_saved(&baseline, 0.6).unwrap(), 100.0, 1e-9);
    near(baseline.labels_saved(&curve, 0.6).unwrap(), -100.0, 1e-9);
    near(curve.common_best(&baseline), 0.7, 1e-12);
    assert_eq!(curve.labels_saved(&baseline, 0.72), None);
    // A score below the first point is there from the start.
    assert_eq!(curve.labels_to_reach(0.1), Some(100.0));
}
