//! Core-set over 100,000 vectors of 512 numbers, with 1,000 labelled, 100 to choose.
//!
//! `benches/core_set.py` times scikit-learn and small-text on the same numbers. Both make them by the same recurrence,
//! in two kinds: `spread`, where all distances are alike, and `clusters`, where there are 40 groups far apart.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use fishdip_active::{Candidates, Matrix, Strategy, strategy};

const ROWS: usize = 100_000;
const LABELLED: usize = 1000;
const DIMENSIONS: usize = 512;
const CHOSEN: usize = 100;

/// Numbers from −1 to 1: those of row r and column c come from the high bits of r · 512 + c, mixed.
fn noise(row: usize, column: usize) -> f32 {
    let mut x = ((row * DIMENSIONS + column) as u32).wrapping_mul(0x9e37_79b1);
    x = (x ^ (x >> 15)).wrapping_mul(0x85eb_ca6b);
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    ((x ^ (x >> 16)) >> 8) as f32 / 8_388_608.0 - 1.0
}

fn vectors(clusters: bool) -> Vec<f32> {
    let number = |row: usize, column: usize| {
        let own = noise(row, column);
        // One of 40 centres, ten times as far apart as what is around each.
        if clusters { noise(1_000_000 + row % 40, column) * 10.0 + own } else { own }
    };
    (0..ROWS + LABELLED).flat_map(|row| (0..DIMENSIONS).map(move |column| number(row, column))).collect()
}

fn benches(criterion: &mut Criterion) {
    let ids: Vec<u32> = (0..ROWS as u32).collect();
    for (name, clusters) in [("spread", false), ("clusters", true)] {
        let numbers = vectors(clusters);
        let (unlabelled, labelled) = numbers.split_at(ROWS * DIMENSIONS);
        let candidates = Candidates::new(&ids)
            .and_then(|c| c.with_vectors(Matrix::new("vectors", unlabelled, ROWS, DIMENSIONS)?))
            .and_then(|c| c.with_labelled_vectors(Matrix::new("labelled", labelled, LABELLED, DIMENSIONS)?))
            .unwrap();
        let choose = || strategy::CoreSet.choose(black_box(&candidates), CHOSEN, 0).unwrap();
        eprintln!("{name}: the first chosen are {:?}", &choose()[..10]);
        criterion.bench_function(&format!("active.core_set.{name}"), |b| b.iter(choose));
    }
    if let Ok(status) = std::fs::read_to_string("/proc/self/status")
        && let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM"))
    {
        eprintln!("the most memory that was in use, with the numbers themselves: {peak}");
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(10);
    targets = benches
}
criterion_main!(all);
