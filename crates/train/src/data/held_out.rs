//! A part of the training file that is scored and not trained on.

mod draw;

use std::collections::BTreeMap;
use std::path::Path;

use fishdip_tasks::{Example, Task};
use serde::{Deserialize, Serialize};

use crate::Error;
use draw::Group;

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
    /// The fold of a cross-validation that is held out, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<Fold>,
}

/// A part of several that are as large as each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// Which, from 1.
    pub fold: usize,
    /// Of how many.
    pub folds: usize,
}

/// What is to be held out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    Share(f64),
    Fold(Fold),
}

impl HeldOut {
    /// What was to be held out.
    pub(super) fn part(&self) -> Part {
        self.fold.map_or(Part::Share(self.share), Part::Fold)
    }
}

/// Both parts of a file, each in its order.
pub(super) struct Parts {
    pub(super) train: Vec<Example>,
    pub(super) eval: Vec<Example>,
    pub(super) held_out: HeldOut,
}

/// Holds out `part` of `examples`, drawn with `run_seed`; messages call them `file`. Every label is about as frequent in both parts: the examples
/// are drawn in turn among those whose rarest label is the same. Of a share, a label that no two texts have stays in training. Examples with the
/// same text are in the same part.
pub(super) fn hold_out(
    task: &Task,
    examples: Vec<Example>,
    part: Part,
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
    let count = examples.len();
    let is_held_out = match part {
        Part::Share(share) => draw::share(&mut groups, count, share, run_seed),
        Part::Fold(Fold { fold, folds }) => {
            if folds > groups.len() {
                return Err(Error::Data(format!(
                    "{} holds {} different texts, of which {folds} folds cannot be made; lower data.folds",
                    file.display(),
                    groups.len()
                )));
            }
            draw::fold(&mut groups, count, (fold, folds), run_seed)
        }
    };
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
    let (share, fold) = match part {
        Part::Share(share) => (share, None),
        Part::Fold(fold) => (1.0 / fold.folds as f64, Some(fold)),
    };
    let held_out = HeldOut { share, seed: run_seed, examples: eval.len(), left: train.len(), hash, fold };
    Ok(Parts { train, eval, held_out })
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
