//! Training dynamics and layer similarity against numpy.

use fishdip_active::smoothness::Smoothness;
use fishdip_active::{Cartography, Forgetting, Learning, Matrix, cka, pvi};

use crate::golden::{golden, near};

#[test]
fn forgetting_as_the_paper_counts() {
    let golden = golden("dynamics");
    let right: Vec<Vec<bool>> = golden.read("right");
    let mut forgetting = Forgetting::new(right[0].len());
    for epoch in &right {
        forgetting.epoch(epoch).unwrap();
    }
    let found: Vec<u32> = forgetting.events().map(|events| events.unwrap_or(1000)).collect();
    assert_eq!(found, golden.read::<Vec<u32>>("events"));
    let classes: Vec<Learning> = forgetting.learning().collect();
    assert_eq!(classes[..2], [Learning::NeverLearnt, Learning::Unforgettable]);
    assert!(forgetting.epoch(&[true]).is_err());
}

#[test]
fn an_event_is_right_and_then_wrong() {
    let mut forgetting = Forgetting::new(3);
    // Right, wrong, right, wrong, wrong; wrong to the last and then right; wrong throughout.
    for epoch in [[true, false, false], [false; 3], [true, false, false], [false; 3], [false, true, false]] {
        forgetting.epoch(&epoch).unwrap();
    }
    assert_eq!(forgetting.events().collect::<Vec<_>>(), [Some(2), Some(0), None]);
    let expected = [Learning::Forgettable, Learning::Unforgettable, Learning::NeverLearnt];
    assert_eq!(forgetting.learning().collect::<Vec<_>>(), expected);
}

#[test]
fn cartography_as_numpy() {
    let golden = golden("dynamics");
    let (right, probabilities): (Vec<Vec<bool>>, Vec<Vec<f64>>) =
        (golden.read("right"), golden.read("probabilities"));
    let mut map = Cartography::new(right[0].len());
    assert!(map.regions().is_err(), "before an epoch there is no map");
    for (probabilities, right) in probabilities.iter().zip(&right) {
        map.epoch(probabilities, right).unwrap();
    }
    let regions = map.regions().unwrap();
    let (confidence, variability): (Vec<f64>, Vec<f64>) =
        (golden.read("confidence"), golden.read("variability"));
    for (region, (confidence, variability)) in regions.iter().zip(confidence.into_iter().zip(variability)) {
        near(region.confidence, confidence, 1e-12);
        near(region.variability, variability, 1e-12);
        near(region.threshold_closeness, confidence - confidence * confidence, 1e-12);
    }
    let correctness: Vec<u32> = regions.iter().map(|region| region.correctness).collect();
    assert_eq!(correctness, golden.read::<Vec<u32>>("correctness"));

    let found = pvi(&probabilities[5], &golden.read::<Vec<u32>>("classes")).unwrap();
    for (found, expected) in found.into_iter().zip(golden.read::<Vec<f64>>("pvi")) {
        near(found, expected, 1e-12);
    }
    assert!(pvi(&[0.0], &[1]).is_err() && map.epoch(&[1.5; 30], &right[0]).is_err());
}

#[test]
fn cka_as_with_matrices_of_n_by_n() {
    let golden = golden("cka");
    let rows = golden.count("rows");
    let (x, y): (Vec<f32>, Vec<f32>) = (golden.read("x"), golden.read("y"));
    let x = Matrix::new("x", &x, rows, x.len() / rows).unwrap();
    let y = Matrix::new("y", &y, rows, y.len() / rows).unwrap();
    near(cka::linear(x, y).unwrap(), golden.number("linear"), 1e-6);
    near(cka::rbf(x, y).unwrap(), golden.number("rbf"), 1e-6);
    near(cka::linear(x, x).unwrap(), 1.0, 1e-12);
    near(cka::rbf(y, y).unwrap(), 1.0, 1e-12);
    let same = Matrix::new("same", &[2.0; 50], rows, 2).unwrap();
    assert!(cka::linear(x, same).is_err() && cka::rbf(same, x).is_err());
    let fewer = Matrix::new("fewer", &[1.0, 2.0], 2, 1).unwrap();
    assert!(cka::linear(x, fewer).is_err() && cka::rbf(x, fewer).is_err());
}

#[test]
fn smoothness_as_with_the_trees_of_scikit_learn() {
    let golden = golden("smoothness");
    let (vectors, classes): (Vec<f32>, Vec<u32>) = (golden.read("vectors"), golden.read("classes"));
    let vectors = Matrix::new("vectors", &vectors, classes.len(), golden.count("dimensions")).unwrap();
    let forest = Smoothness { trees: golden.count("trees"), depth: golden.count("depth"), bagged: false };
    near(forest.index(vectors, &classes, 0).unwrap(), golden.number("index"), 1e-6);

    // Classes that do not go with the vectors are less smooth over them.
    let shuffled: Vec<u32> = (0..classes.len()).map(|row| classes[row * 47 % classes.len()]).collect();
    let index = |classes: &[u32], seed| Smoothness::default().index(vectors, classes, seed).unwrap();
    assert!(index(&classes, 1) > 1.2 * index(&shuffled, 1));
    near(index(&classes, 1), index(&classes, 1), 0.0);
    assert!(index(&classes, 1).to_bits() != index(&classes, 2).to_bits());

    let one = vec![0; classes.len()];
    assert!(forest.index(vectors, &one, 0).is_err() && forest.index(vectors, &classes[1..], 0).is_err());
}
