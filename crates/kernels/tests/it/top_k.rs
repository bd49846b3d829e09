//! The exact top k against a full sort.

use fishdip_kernels::{TopK, rescale};
use proptest::prelude::*;

fn by_sorting(k: usize, scores: &[Vec<f32>]) -> Vec<Vec<u32>> {
    let mut all: Vec<(f32, usize, u32)> = Vec::new();
    for (array, scores) in scores.iter().enumerate() {
        all.extend(scores.iter().enumerate().map(|(i, &s)| (s, array, i as u32)));
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut chosen = vec![Vec::new(); scores.len()];
    for &(_, array, i) in &all[..k] {
        chosen[array].push(i);
    }
    for c in &mut chosen {
        c.sort_unstable();
    }
    chosen
}

fn by_radix(k: usize, scores: &[Vec<f32>]) -> Vec<Vec<u32>> {
    let mut top = TopK::new(k, scores);
    scores.iter().map(|s| top.collect(s)).collect()
}

#[test]
fn ties_go_to_the_earlier_array_and_position() {
    let scores = [vec![1.0, 2.0, 1.0], vec![1.0, 3.0], vec![1.0]];
    assert_eq!(by_radix(4, &scores), [vec![0, 1, 2], vec![1], vec![]]);
}

#[test]
fn nothing_and_everything() {
    let scores = [vec![0.0, -0.0, 5e-45], vec![]];
    assert_eq!(by_radix(0, &scores), vec![Vec::<u32>::new(), Vec::new()]);
    assert_eq!(by_radix(1, &scores), [vec![2], vec![]]);
    assert_eq!(by_radix(3, &scores), [vec![0, 1, 2], vec![]]);
}

#[test]
fn a_score_that_is_not_finite_is_seen() {
    let mut scores = vec![0.5; 200_000];
    assert!(rescale(&mut scores, 4.0));
    assert!(scores.iter().all(|s| s.to_bits() == 2.0f32.to_bits()));
    for bad in [f32::NAN, f32::INFINITY, f32::MAX] {
        let mut scores = scores.clone();
        scores[150_000] = bad;
        assert!(!rescale(&mut scores, 2.0), "{bad}");
    }
}

proptest! {
    #[test]
    fn equal_to_a_full_sort(
        // Few distinct values plant ties; all magnitudes reach all digits.
        scores in proptest::collection::vec(
            proptest::collection::vec(
                prop_oneof![Just(0.0f32), Just(1.0), Just(1.000_000_1), 0.0f32..1e-30, 0.0f32..1e30],
                0..40,
            ),
            1..6,
        ),
        share in 0.0f64..=1.0,
    ) {
        let total: usize = scores.iter().map(Vec::len).sum();
        let k = (share * total as f64) as usize;
        prop_assert_eq!(by_radix(k, &scores), by_sorting(k, &scores));
    }
}
