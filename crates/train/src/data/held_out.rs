//! A part of the training file that is scored and not trained on.

use std::collections::BTreeMap;
use std::path::Path;

use fishdip_tasks::{Example, Task};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::schedule::{Purpose, permutation, seed};

/// How a part of the training file was held out, so that the same part can be found again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldOut {
    /// The share that was asked for.
    pub share: f64,
    /// The seed it was drawn with.
    pub seed: u64,
    /// Examples held out.
    pub examples: usize,
    /// Examples left to train on.
    pub left: usize,
    /// Hash of the texts of both parts, in their order.
    pub hash: String,
}

/// Both parts of a file, each in its order.
pub(super) struct Parts {
    pub(super) train: Vec<Example>,
    pub(super) eval: Vec<Example>,
    pub(super) held_out: HeldOut,
}

/// Examples with the same text, and what they are drawn by.
#[derive(Default)]
struct Group {
    members: Vec<usize>,
    labels: Vec<String>,
}

/// Holds out `share` of `examples`, drawn with `run_seed`; messages call them `file`. Every label is about as frequent in both parts: the examples
/// are drawn in turn among those whose rarest label is the same. One that no two texts have stays in training.
pub(super) fn hold_out(
    task: &Task,
    examples: Vec<Example>,
    share: f64,
    run_seed: u64,
    file: &Path,
) -> Result<Parts, Error> {
    let mut texts = Vec::with_capacity(examples.len());
    let mut groups: Vec<Group> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (index, example) in examples.iter().enumerate() {
        let text = text(task, example)?;
        let group = *known.entry(text.clone()).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Group::default());
        }
        groups[group].members.push(index);
        groups[group].labels.extend(labels(example));
        texts.push(text);
    }
    if groups.len() < 2 {
        return Err(Error::Data(format!(
            "{} holds one text, of which no part can be held out to be scored; name a file as data.eval",
            file.display()
        )));
    }
    let is_held_out = draw(&mut groups, examples.len(), share, run_seed);
    let mut hasher = blake3::Hasher::new();
    let (mut train, mut eval) = (Vec::new(), Vec::new());
    for ((example, text), held_out) in examples.into_iter().zip(&texts).zip(&is_held_out) {
        hasher.update(&[u8::from(*held_out)]);
        // With its length before each text, `ab` and `c` are not the same as `a` and `bc`.
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
        if *held_out { eval.push(example) } else { train.push(example) }
    }
    let hash = hasher.finalize().to_hex().to_string();
    let held_out = HeldOut { share, seed: run_seed, examples: eval.len(), left: train.len(), hash };
    Ok(Parts { train, eval, held_out })
}

/// Which of the `count` examples are held out: one group at least, and not all.
fn draw(groups: &mut [Group], count: usize, share: f64, run_seed: u64) -> Vec<bool> {
    let mut frequency: BTreeMap<String, usize> = BTreeMap::new();
    for group in groups.iter_mut() {
        group.labels.sort_unstable();
        group.labels.dedup();
        for label in &group.labels {
            *frequency.entry(label.clone()).or_default() += 1;
        }
    }
    // Rare labels come first. Where their groups are too few for the share, `taken` falls behind `seen`, and
    // the frequent labels after them make up for it.
    let mut strata: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    for index in permutation(groups.len(), seed(run_seed, Purpose::HeldOut, 0)) {
        let labels = groups[index].labels.iter();
        let rarest = labels.map(|label| (frequency[label], label.as_str())).min();
        strata.entry(rarest.unwrap_or((usize::MAX, ""))).or_default().push(index);
    }
    let mut held_out = vec![false; count];
    let (mut seen, mut taken) = (0.0, 0.0);
    for stratum in strata.values() {
        seen += stratum.iter().map(|&group| groups[group].members.len() as f64).sum::<f64>();
        // The first group stays, so that the label it was drawn by is not held out altogether.
        for &group in &stratum[1..] {
            let size = groups[group].members.len() as f64;
            if taken + size / 2.0 > share * seen {
                break;
            }
            taken += size;
            groups[group].members.iter().for_each(|&member| held_out[member] = true);
        }
    }
    // A share that is too small for any group still needs something to score.
    if taken == 0.0
        && let Some(stratum) = strata.values().max_by_key(|stratum| stratum.len())
    {
        groups[stratum[0]].members.iter().for_each(|&member| held_out[member] = true);
    }
    held_out
}

/// What the model reads of an example.
fn text(task: &Task, example: &Example) -> Result<String, Error> {
    let instances = task.instances(example);
    if instances.is_empty() {
        return Ok(example.tokens.join(" "));
    }
    let sources = instances.iter().map(|instance| task.source(instance));
    Ok(sources.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

/// The labels of an example, told apart by what they are labels of.
pub(crate) fn labels(example: &Example) -> Vec<String> {
    let spans = [&example.entities, &example.slots, &example.roles, &example.triggers];
    let spans = spans.into_iter().flatten().map(|span| format!("span {}", span.label));
    let classes = [&example.intent, &example.relation, &example.label];
    let classes = classes.into_iter().flatten().map(|class| format!("class {class}"));
    let links = example.relations.iter().map(|relation| format!("link {}", relation.label));
    let arguments = example.arguments.iter().map(|argument| format!("link {}", argument.label));
    let slots = example.belief.iter().map(|belief| format!("slot {} {}", belief.domain, belief.slot));
    spans.chain(classes).chain(links).chain(arguments).chain(slots).collect()
}

#[cfg(test)]
mod tests;
