//! What two adapters of one base model have in common.

use fishdip_peft::Overlap;
use serde::Serialize;
use std::path::{Path, PathBuf};

use super::{SavedAdapter, by_kind, warn};
use crate::Error;
use crate::event::Sink;

/// What two adapters have in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdapterDiff {
    /// One adapter folder.
    pub first: PathBuf,
    /// The other.
    pub second: PathBuf,
    /// In all.
    #[serde(flatten)]
    pub all: OverlapReport,
    /// By kind of weight, in encoder and decoder.
    pub kinds: Vec<KindOverlap>,
}

/// The same of one kind of weight.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindOverlap {
    /// The kind.
    pub name: String,
    /// Its entries.
    #[serde(flatten)]
    pub of: OverlapReport,
}

/// How the entries of two adapters lie to each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverlapReport {
    /// Entries in both.
    pub both: usize,
    /// Entries only in the first.
    pub only_first: usize,
    /// Entries only in the second.
    pub only_second: usize,
    /// The share of the entries of either that are in both (the Jaccard index); nothing where neither has any.
    pub overlap: Option<f64>,
    /// Of those in both: how many have the same value.
    pub same_value: usize,
    /// Of those in both: the mean absolute difference of the values.
    pub mean_difference: Option<f64>,
    /// Of those in both: the largest.
    pub largest_difference: Option<f64>,
}

impl From<Overlap> for OverlapReport {
    fn from(of: Overlap) -> Self {
        Self {
            both: of.both,
            only_first: of.only_first,
            only_second: of.only_second,
            overlap: of.jaccard(),
            same_value: of.same_value,
            mean_difference: of.mean_difference(),
            largest_difference: (of.both > 0).then_some(of.largest_difference),
        }
    }
}

/// Compares the entries of the adapter folders `first` and `second`, which must be of the same base model.
pub fn compare_adapters(first: &Path, second: &Path, sink: &mut dyn Sink) -> Result<AdapterDiff, Error> {
    let (first, second) = (SavedAdapter::load(first)?, SavedAdapter::load(second)?);
    first.check_sparse("compare")?;
    second.check_sparse("compare")?;
    first.check_base(&second, "compare")?;
    for note in [first.note(), second.note()].into_iter().flatten() {
        warn(sink, note);
    }
    let overlaps = first.adapter.delta.overlaps(&second.adapter.delta);
    let mut all = Overlap::default();
    for of in overlaps.values() {
        all.add(of);
    }
    let kinds = by_kind(overlaps, |sum: &mut Overlap, of| sum.add(&of));
    let kinds = kinds.into_iter().map(|(name, of)| KindOverlap { name, of: of.into() }).collect();
    let folders = (first.folder.clone(), second.folder.clone());
    Ok(AdapterDiff { first: folders.0, second: folders.1, all: all.into(), kinds })
}
