//! An adapter with only the entries that change its base model most.

use serde::Serialize;
use std::path::{Path, PathBuf};

use super::{EntryCount, SavedAdapter, by_kind, free, save, warn};
use crate::event::Sink;
use crate::{Error, RunInfo, Runtime};

/// What was left out of an adapter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PruneReport {
    /// The new adapter folder.
    pub adapter: PathBuf,
    /// Entries that are kept.
    pub entries: usize,
    /// Entries of the base model.
    pub entries_total: usize,
    /// Entries that were dropped: they have the base model's value again.
    pub dropped: usize,
    /// How far the base model's value is from the dropped one, at most.
    pub largest_dropped_difference: Option<f64>,
    /// What was dropped by kind of weight, in encoder and decoder.
    pub dropped_kinds: Vec<EntryCount>,
}

/// Keeps the share `keep` of the entries of the adapter in `folder` whose values differ most from the base model's, in the new folder `out`. `base` is
/// the base model's folder or name, where it is not the one that the adapter names.
pub fn prune_adapter(
    folder: &Path,
    base: Option<&Path>,
    keep: f64,
    out: &Path,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<PruneReport, Error> {
    // Before a model is loaded.
    let out = free(out)?;
    if !(keep > 0.0 && keep <= 1.0) {
        return Err(fishdip_peft::Error::Keep { keep }.into());
    }
    let saved = SavedAdapter::load(folder)?;
    saved.check_sparse("prune")?;
    // In the type that the adapter was trained in, in which its values and the model's can be compared.
    let base = saved.base(base, saved.info.dtype, runtime)?;
    let pruned = saved.adapter.delta.pruned(&base.model, keep)?;
    let was_calibrated = saved.info.calibration.is_some();
    let info = RunInfo { calibration: None, ..saved.info.clone() };
    let adapter = saved.with(pruned.delta, &info)?;
    let (entries, dropped) = (adapter.config.entries_replaced, pruned.dropped.values().sum::<usize>());
    let card = format!(
        "Pruned: of `{}` it has the {entries} entries whose values differ most from the base model's, without {dropped} others.",
        folder.display()
    );
    save(&adapter, &out, &card)?;
    if let Some(note) = saved.note() {
        warn(sink, note);
    }
    if was_calibrated {
        warn(
            sink,
            "the temperatures of the adapter do not hold for the pruned one; calibrate it anew".to_owned(),
        );
    }
    let counts = pruned.dropped.iter().map(|(path, &entries)| (path.as_str(), entries));
    Ok(PruneReport {
        adapter: out,
        entries,
        entries_total: adapter.config.entries_total,
        dropped,
        largest_dropped_difference: pruned.largest_dropped,
        dropped_kinds: EntryCount::of(by_kind(counts, |sum: &mut usize, entries| *sum += entries)),
    })
}
