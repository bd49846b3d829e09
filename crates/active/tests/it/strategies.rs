//! Each strategy chooses what scikit-learn, SciPy or small-text choose.

use fishdip_active::{Candidates, Matrix, strategy};

use crate::golden::{golden, near};

fn ids(rows: usize) -> Vec<u32> {
    (0..rows as u32).collect()
}

fn sorted(mut ids: Vec<u32>) -> Vec<u32> {
    ids.sort_unstable();
    ids
}

#[test]
fn uncertainty_as_small_text() {
    let golden = golden("uncertainty");
    let (numbers, classes): (Vec<f32>, _) = (golden.read("probabilities"), golden.count("classes"));
    let ids = ids(numbers.len() / classes);
    let probabilities = Matrix::new("probabilities", &numbers, ids.len(), classes).unwrap();
    let candidates = Candidates::new(&ids).unwrap().with_probabilities(probabilities).unwrap();
    for name in ["entropy", "least-confident", "margin"] {
        let found = strategy::named(name).unwrap().choose(&candidates, golden.count("n"), 0).unwrap();
        assert_eq!(sorted(found), golden.read::<Vec<u32>>(name), "{name}");
    }
}

#[test]
fn dropout_as_scipy() {
    let golden = golden("dropout");
    let (numbers, classes): (Vec<f32>, _) = (golden.read("probabilities"), golden.count("classes"));
    let rows = numbers.len() / classes / golden.count("passes");
    let pass = |numbers| Matrix::new("probabilities", numbers, rows, classes).unwrap();
    let passes: Vec<Matrix<'_>> = numbers.chunks_exact(rows * classes).map(pass).collect();
    let ids = ids(rows);
    let candidates = Candidates::new(&ids).unwrap().with_passes(&passes).unwrap();
    for name in ["mc-dropout", "mc-mean-entropy", "bald"] {
        let found = strategy::named(name).unwrap().choose(&candidates, golden.count("n"), 0).unwrap();
        assert_eq!(found, golden.read::<Vec<u32>>(name), "{name}");
    }
}

#[test]
fn core_set_as_small_text_and_scikit_learn() {
    let golden = golden("core_set");
    let dimensions = golden.count("dimensions");
    let (vectors, labelled): (Vec<f32>, Vec<f32>) = (golden.read("vectors"), golden.read("labelled"));
    let ids = ids(vectors.len() / dimensions);
    let vectors = Matrix::new("vectors", &vectors, ids.len(), dimensions).unwrap();
    let labelled = Matrix::new("labelled", &labelled, labelled.len() / dimensions, dimensions).unwrap();
    let start = Candidates::new(&ids).unwrap().with_vectors(vectors).unwrap();
    let later = start.clone().with_labelled_vectors(labelled).unwrap();
    let choose =
        |name, candidates| strategy::named(name).unwrap().choose(candidates, golden.count("n"), 0).unwrap();
    assert_eq!(choose("core-set", &later), golden.read::<Vec<u32>>("core-set"));
    assert_eq!(choose("core-set", &start), golden.read::<Vec<u32>>("start"));
    let expected: Vec<u32> = golden.read("representation-distance");
    assert_eq!(choose("representation-distance", &start), expected);
}

#[test]
fn dal_as_with_the_logistic_regression_of_scikit_learn() {
    let golden = golden("dal");
    let dimensions = golden.count("dimensions");
    let (vectors, labelled): (Vec<f32>, Vec<f32>) = (golden.read("vectors"), golden.read("labelled"));
    let ids = ids(vectors.len() / dimensions);
    let vectors = Matrix::new("vectors", &vectors, ids.len(), dimensions).unwrap();
    let labelled = Matrix::new("labelled", &labelled, labelled.len() / dimensions, dimensions).unwrap();
    let candidates = Candidates::new(&ids).unwrap().with_vectors(vectors).unwrap();
    let candidates = candidates.with_labelled_vectors(labelled).unwrap();
    let found = strategy::named("dal").unwrap().choose(&candidates, golden.count("n"), 3).unwrap();
    assert_eq!(found, golden.read::<Vec<u32>>("dal"));
}

#[test]
fn k_means_as_scikit_learn() {
    let golden = golden("k_means");
    let (vectors, dimensions): (Vec<f32>, _) = (golden.read("vectors"), golden.count("dimensions"));
    let ids = ids(vectors.len() / dimensions);
    let vectors = Matrix::new("vectors", &vectors, ids.len(), dimensions).unwrap();
    let candidates = Candidates::new(&ids).unwrap().with_vectors(vectors).unwrap();
    let expected: Vec<u32> = golden.read("k-means");
    // One seeding in a few may leave two blobs as one cluster; scikit-learn took the best of 50.
    let choose =
        |seed| strategy::named("k-means").unwrap().choose(&candidates, golden.count("n"), seed).unwrap();
    let same = (0..50).filter(|&seed| sorted(choose(seed)) == expected).count();
    assert!(same >= 30, "{same} of 50 seedings");
}

#[test]
fn badge_draws_by_distances_of_gradients_as_numpy_builds_them() {
    let golden = golden("badge");
    let (classes, dimensions) = (golden.count("classes"), golden.count("dimensions"));
    let (numbers, vectors): (Vec<f32>, Vec<f32>) = (golden.read("probabilities"), golden.read("vectors"));
    let ids = ids(vectors.len() / dimensions);
    let probabilities = Matrix::new("probabilities", &numbers, ids.len(), classes).unwrap();
    let vectors = Matrix::new("vectors", &vectors, ids.len(), dimensions).unwrap();
    let candidates = Candidates::new(&ids).unwrap().with_vectors(vectors).unwrap();
    let candidates = candidates.with_probabilities(probabilities).unwrap();
    let mut counts = vec![0.0; ids.len()];
    let draws = 20_000;
    for seed in 0..draws {
        let found = strategy::named("badge").unwrap().choose(&candidates, 2, seed).unwrap();
        assert_eq!(found[0] as usize, golden.count("first"));
        counts[found[1] as usize] += 1.0;
    }
    for (count, share) in counts.iter().zip(golden.read::<Vec<f64>>("second")) {
        // Four standard errors of a share.
        near(count / draws as f64, share, 4.0 * (share * (1.0 - share) / draws as f64).sqrt());
    }
}
