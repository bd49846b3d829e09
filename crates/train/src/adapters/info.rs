//! What is in an adapter, told without its base model.

use fishdip_peft::{Adapter, Addition};
use fishdip_t5::{Precision, WeightPlace};
use fishdip_tasks::TaskKind;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{SavedAdapter, by_kind, warn};
use crate::config::{MethodName, TaskConfig};
use crate::error::Access;
use crate::event::Sink;
use crate::{Error, RunInfo};

/// What is in an adapter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdapterInfo {
    /// The adapter folder.
    pub adapter: PathBuf,
    /// The base model's folder or name.
    pub base_model: String,
    /// The hash of the base model's tensors.
    pub base_model_hash: String,
    /// The hash of its config; older adapters keep none.
    pub base_config_hash: Option<String>,
    /// The hash of its tokenizer; older adapters keep none.
    pub base_tokenizer_hash: Option<String>,
    /// The task.
    pub task: TaskKind,
    /// Its labels: table, label, natural name. An ontology has the slots of each domain.
    pub labels: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// The method; older adapters do not tell.
    pub method: Option<MethodName>,
    /// What the method adds to the base model.
    pub addition: Option<Addition>,
    /// Entries of what it adds.
    pub entries_added: usize,
    /// Optimizer steps; older adapters do not tell, nor do merged ones.
    pub steps: Option<usize>,
    /// Whether it is that of a pretraining, which learns no label.
    pub pretrained: bool,
    /// The float type that the model computed in.
    pub dtype: Precision,
    /// Whether its scores were made probabilities.
    pub calibrated: bool,
    /// Entries that it replaces or adds.
    pub entries: usize,
    /// Entries of the base model.
    pub entries_total: usize,
    /// The first as a share of the base model's entries and those added.
    pub share: f64,
    /// Bytes of the file with the values.
    pub bytes: u64,
    /// The same for each entry; nothing for an adapter without any.
    pub bytes_per_entry: Option<f64>,
    /// Entries by kind of weight, in encoder and decoder.
    pub kinds: Vec<EntryCount>,
    /// Entries by block of encoder and decoder.
    pub blocks: Vec<EntryCount>,
    /// Entries of each weight; weights without any are absent.
    pub weights: BTreeMap<String, usize>,
}

/// How many entries lie somewhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntryCount {
    /// Where.
    pub name: String,
    /// How many.
    pub entries: usize,
    /// Of all that are counted, the share.
    pub share: f64,
}

impl EntryCount {
    /// Each with its share of all.
    pub(super) fn of(counts: Vec<(String, usize)>) -> Vec<Self> {
        let all: usize = counts.iter().map(|(_, entries)| entries).sum();
        let of = |(name, entries)| Self { name, entries, share: entries as f64 / all as f64 };
        // A count of nothing is no row.
        counts.into_iter().filter(|&(_, entries)| entries > 0).map(of).collect()
    }
}

/// What is in the adapter folder `folder`.
pub fn adapter_info(folder: &Path, sink: &mut dyn Sink) -> Result<AdapterInfo, Error> {
    let saved = SavedAdapter::load(folder)?;
    if let Some(note) = saved.note() {
        warn(sink, note);
    }
    let SavedAdapter { adapter: Adapter { config, delta, added }, info, .. } = saved;
    let file = Adapter::tensors_path(folder);
    let metadata = file.metadata();
    let bytes = metadata.map_err(|source| Error::Io { action: Access::Read, path: file, source })?.len();
    let replaced = delta.tensors.iter().map(|(path, tensor)| (path.clone(), tensor.positions.len()));
    let own = added.tensors.iter().map(|(path, tensor)| (path.clone(), tensor.values.len()));
    let weights: BTreeMap<String, usize> = replaced.chain(own).collect();
    let counts = || weights.iter().map(|(path, &entries)| (path.as_str(), entries));
    let kinds = by_kind(counts(), |sum: &mut usize, entries| *sum += entries);
    let mut blocks: BTreeMap<_, (String, usize)> = BTreeMap::new();
    for (path, entries) in counts() {
        let place = WeightPlace::of(path);
        // What stands behind the blocks of a half comes behind them.
        let key = (place.stack, place.block.is_none(), place.block);
        blocks.entry(key).or_insert_with(|| (place.block_name(), 0)).1 += entries;
    }
    let RunInfo { task, method, steps, pretrained, dtype, calibration, .. } = info;
    let entries = delta.entries() + added.entries();
    let all = config.entries_total + added.entries();
    Ok(AdapterInfo {
        adapter: folder.into(),
        base_model: config.base_model_name_or_path,
        base_model_hash: config.base_model_hash,
        base_config_hash: config.base_config_hash,
        base_tokenizer_hash: config.base_tokenizer_hash,
        task: task.name,
        labels: labels(&task),
        method,
        addition: config.addition,
        entries_added: added.entries(),
        steps,
        pretrained,
        dtype,
        calibrated: calibration.is_some(),
        entries,
        entries_total: config.entries_total,
        share: if all == 0 { 0.0 } else { entries as f64 / all as f64 },
        bytes,
        bytes_per_entry: (entries > 0).then(|| bytes as f64 / entries as f64),
        kinds: EntryCount::of(kinds),
        blocks: EntryCount::of(blocks.into_values().collect()),
        weights,
    })
}

/// The tables that have any label.
fn labels(task: &TaskConfig) -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let slots = |slots: &BTreeMap<String, Vec<String>>| slots.keys().cloned().collect::<Vec<_>>().join(", ");
    let ontology = task.ontology.iter().map(|(domain, of)| (domain.clone(), slots(of))).collect();
    let tables = [
        ("entities", task.entities.clone()),
        ("relations", task.relations.clone()),
        ("classes", task.classes.clone()),
        ("triggers", task.triggers.clone()),
        ("ontology", ontology),
    ];
    tables.into_iter().filter(|(_, table)| !table.is_empty()).collect()
}
