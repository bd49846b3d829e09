//! A part of the training file that is scored and not trained on.

mod draw;
mod episode;

use std::collections::BTreeMap;
use std::path::Path;

use fishdip_tasks::{Example, Shots, Task};
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
    /// The size of the episode whose queries are held out, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<Shots>,
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
    Episode(Shots),
}

impl HeldOut {
    /// What was to be held out.
    pub(super) fn part(&self) -> Part {
        let of_fold = self.fold.map_or(Part::Share(self.share), Part::Fold);
        self.episode.map_or(of_fold, Part::Episode)
    }
}

/// Both parts of a file, each in its order; those of an episode in the order in which it was drawn.
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
    let (share, fold) = match part {
        Part::Share(share) => (share, None),
        Part::Fold(fold) => (1.0 / fold.folds as f64, Some(fold)),
        Part::Episode(size) => return of_episode(&examples, size, run_seed, file),
    };
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
    let is_held_out = match fold {
        None => draw::share(&mut groups, count, share, run_seed),
        Some(Fold { fold, folds }) => {
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
    let (examples, left) = (eval.len(), train.len());
    let held_out = HeldOut { share, seed: run_seed, examples, left, hash, fold, episode: None };
    Ok(Parts { train, eval, held_out })
}

/// An episode of `examples`, whose queries are held out of it.
fn of_episode(examples: &[Example], size: Shots, seed: u64, file: &Path) -> Result<Parts, Error> {
    let (train, eval, hash) = episode::draw(examples, size, seed, file)?;
    let (examples, left) = (eval.len(), train.len());
    let share = examples as f64 / (examples + left) as f64;
    let held_out = HeldOut { share, seed, examples, left, hash, fold: None, episode: Some(size) };
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
