//! One adapter from several of the same base model and task.

use fishdip_peft::{MergeRule, SparseDelta};
use fishdip_tasks::shortened;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{SavedAdapter, free, save, warn};
use crate::config::TaskConfig;
use crate::event::Sink;
use crate::{Error, RunInfo};

const ACTION: &str = "merge";

/// What a merge came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MergeReport {
    /// The new adapter folder.
    pub adapter: PathBuf,
    /// What it was made of, in order.
    pub merged: Vec<PathBuf>,
    /// Entries of each of these.
    pub entries_of_each: Vec<usize>,
    /// Entries of the new one.
    pub entries: usize,
    /// Entries of the base model.
    pub entries_total: usize,
}

/// Makes one adapter in the new folder `out` of those in `folders`: their entries and labels united, `rule` for the value of an entry that several
/// have. Data and settings are those of the first.
pub fn merge_adapters(
    folders: &[PathBuf],
    rule: MergeRule,
    out: &Path,
    sink: &mut dyn Sink,
) -> Result<MergeReport, Error> {
    let out = free(out)?;
    let all = folders.iter().map(|folder| SavedAdapter::load(folder)).collect::<Result<Vec<_>, _>>()?;
    let [first, others @ ..] = all.as_slice() else {
        return Err(Error::Data("failed to merge adapters: there is none; name two or more".to_owned()));
    };
    if others.is_empty() {
        let only = first.folder.display();
        return Err(Error::Data(format!("failed to merge {only}: it is one adapter; name two or more")));
    }
    for (i, second) in all.iter().enumerate() {
        second.check_sparse(ACTION)?;
        for first in &all[..i] {
            check(first, second)?;
        }
    }
    let info = united(first, others);
    // Two labels of one name, for example, are told before anything is written.
    info.task.build([])?;
    let deltas: Vec<&SparseDelta> = all.iter().map(|saved| &saved.adapter.delta).collect();
    let mut adapter = first.with(SparseDelta::merged(&deltas, rule), &info)?;
    // An older adapter does not know what a newer one does.
    for other in others {
        let (config, other) = (&mut adapter.config, other.config());
        config.base_config_hash = config.base_config_hash.take().or_else(|| other.base_config_hash.clone());
        config.base_tokenizer_hash =
            config.base_tokenizer_hash.take().or_else(|| other.base_tokenizer_hash.clone());
    }
    save(&adapter, &out, &card(&all, rule))?;
    tell(first, others, sink);
    Ok(MergeReport {
        adapter: out,
        merged: folders.to_vec(),
        entries_of_each: deltas.iter().map(|delta| delta.entries()).collect(),
        entries: adapter.config.entries_replaced,
        entries_total: adapter.config.entries_total,
    })
}

/// Refuses two that cannot be one.
fn check(first: &SavedAdapter, second: &SavedAdapter) -> Result<(), Error> {
    first.check_base(second, ACTION)?;
    let refuse = |reason| Err(first.refused_with(second, ACTION, reason));
    let (one, other) = (&first.info.task, &second.info.task);
    if one.name != other.name {
        return refuse(format!(
            "one is for the task {}, the other for {}; take adapters of one task",
            one.name, other.name
        ));
    }
    let modes = |saved: &SavedAdapter| (saved.info.task.mode, saved.info.data.mode);
    if modes(first) != modes(second) {
        return refuse(
            "they write and read texts in different ways (`task.mode` or `data.mode`); take adapters that were trained alike".to_owned(),
        );
    }
    if one.prefix != other.prefix {
        let [one, other] = [one, other].map(|task| shortened(&task.prefix));
        return refuse(format!("the task's prefix is {one:?} in one and {other:?} in the other"));
    }
    if first.info.dtype != second.info.dtype {
        return refuse("they were trained in different float types".to_owned());
    }
    for (own, others) in one.tables().into_iter().zip(other.tables()) {
        for (label, name) in own {
            if let Some(other) = others.get(label).filter(|other| *other != name) {
                let [label, name, other] = [label, name, other].map(|text| shortened(text));
                return refuse(format!(
                    "the label {label:?} is called {name:?} in one and {other:?} in the other"
                ));
            }
        }
    }
    Ok(())
}

/// What the new adapter tells of its run. No two names of a label contradict each other.
fn united(first: &SavedAdapter, others: &[SavedAdapter]) -> RunInfo {
    // Steps were not made one after the other, and temperatures belong to the scores of another model.
    let pretrained = first.info.pretrained && others.iter().all(|other| other.info.pretrained);
    let mut info = RunInfo { steps: None, pretrained, calibration: None, ..first.info.clone() };
    for other in others {
        let (task, theirs) = (&mut info.task, &other.info.task);
        task.roles = roles(task, theirs);
        // What is left out allows spans to nest, see `TaskConfig::build`.
        if task.nesting != theirs.nesting {
            task.nesting = Some(task.nesting.unwrap_or(true) || theirs.nesting.unwrap_or(true));
        }
        for (own, theirs) in task.tables_mut().into_iter().zip(theirs.tables()) {
            own.extend(theirs.clone());
        }
        for (domain, slots) in &theirs.ontology {
            let own = task.ontology.entry(domain.clone()).or_default();
            for (slot, values) in slots {
                let known = own.entry(slot.clone()).or_default();
                let new: Vec<String> =
                    values.iter().filter(|value| !known.contains(value)).cloned().collect();
                known.extend(new);
            }
        }
        info.method = info.method.filter(|_| info.method == other.info.method);
        info.held_out = info.held_out.take().filter(|own| other.info.held_out.as_ref() == Some(own));
    }
    info
}

/// The relations that each kind of event may have in either task. A kind that one of them knows and does not list may have all there.
fn roles(one: &TaskConfig, other: &TaskConfig) -> BTreeMap<String, Vec<String>> {
    let has_all =
        |task: &TaskConfig, kind: &String| task.triggers.contains_key(kind) && !task.roles.contains_key(kind);
    let kinds: BTreeSet<&String> = one.roles.keys().chain(other.roles.keys()).collect();
    let listed = kinds.into_iter().filter(|kind| !has_all(one, kind) && !has_all(other, kind));
    let allowed = |kind: &String| {
        let mut allowed: Vec<String> = Vec::new();
        for role in [one, other].into_iter().filter_map(|task| task.roles.get(kind)).flatten() {
            if !allowed.contains(role) {
                allowed.push(role.clone());
            }
        }
        allowed
    };
    listed.map(|kind| (kind.clone(), allowed(kind))).collect()
}

fn card(all: &[SavedAdapter], rule: MergeRule) -> String {
    let folders = all.iter().map(|saved| format!("- `{}`\n", saved.folder.display()));
    let rule = match rule {
        MergeRule::Mean => "the mean of those of the adapters that replace it",
        MergeRule::Last => "that of the last adapter that replaces it",
    };
    format!("Merged from\n\n{}\nThe value of an entry is {rule}.", folders.collect::<String>())
}

/// What a user should know of the new adapter.
fn tell(first: &SavedAdapter, others: &[SavedAdapter], sink: &mut dyn Sink) {
    let all = || std::iter::once(first).chain(others);
    for note in all().filter_map(SavedAdapter::note) {
        warn(sink, note);
    }
    if all().any(|saved| saved.info.calibration.is_some()) {
        warn(
            sink,
            "the temperatures of the adapters do not hold for the merged one; calibrate it anew".to_owned(),
        );
    }
    if others.iter().any(|other| other.info.data != first.info.data) {
        let folder = first.folder.display();
        warn(sink, format!("the data that the merged adapter names are those of {folder}"));
    }
}
