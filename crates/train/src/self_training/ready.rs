//! What self-training needs before its first training.

use std::collections::BTreeSet;

use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::{Example, Task, TaskKind};

use crate::base::tokenizer_of;
use crate::config::SelfTrainingConfig;
use crate::continued::Continued;
use crate::data::{HeldOut, RunData};
use crate::event::{Event, Sink};
use crate::predict::InputFormat;
use crate::prepare::resolved;
use crate::schedule::{Purpose, permutation, seed};
use crate::texts::{Text, TextFile, key};
use crate::{Error, RunConfig, Runtime};

/// Data of the trainings, found good.
pub(super) struct Ready {
    /// With what it leaves to the data and the model.
    pub(super) config: RunConfig,
    pub(super) settings: SelfTrainingConfig,
    pub(super) task: Task,
    /// The labelled examples.
    train: Vec<Example>,
    /// Of each of them whether only the last training learns it.
    is_kept: Vec<bool>,
    pub(super) eval: Vec<Example>,
    pub(super) held_out: Option<HeldOut>,
    /// The texts without labels.
    pub(super) texts: Vec<Text>,
}

impl Ready {
    pub(super) fn new(config: &RunConfig, runtime: &Runtime, sink: &mut dyn Sink) -> Result<Self, Error> {
        config.check()?;
        let settings = config.self_training.clone().unwrap_or_default();
        if config.task.name == TaskKind::EventArguments {
            let message = "texts are asked about one by one, and the task event-arguments asks about each trigger; take [self_training] out";
            return Err(Error::Data(message.to_owned()));
        }
        let continued = Continued::load(config)?;
        let task = continued.as_ref().map_or_else(|| config.task.clone(), |from| from.task(&config.task));
        let config = RunConfig { task, ..config.clone() };
        let data = RunData::read(&config.data, &config.task, config.training.seed)?;
        let tokenizer = tokenizer_of(&config, runtime)?;
        let config = resolved(&config, &data, &tokenizer)?;
        let RunData { task, train, eval, held_out, warnings, .. } = data;
        let texts = read(&settings, &config, &task, [&train, &eval], sink)?;
        warnings.send(sink);
        let is_kept = kept(train.len(), settings.calibration_share, config.training.seed);
        Ok(Self { config, settings, task, train, is_kept, eval, held_out, texts })
    }

    /// The labelled examples that a training learns.
    pub(super) fn gold(&self, is_last: bool) -> Vec<Example> {
        let all = self.train.iter().zip(&self.is_kept);
        all.filter(|&(_, &is_kept)| is_last || !is_kept).map(|(example, _)| example.clone()).collect()
    }

    /// Those that it calibrates its scores by, unless it is the last.
    pub(super) fn kept(&self) -> Vec<Example> {
        let all = self.train.iter().zip(&self.is_kept);
        all.filter(|&(_, &is_kept)| is_kept).map(|(example, _)| example.clone()).collect()
    }
}

/// Which of `count` examples are kept: the share, drawn with the seed, but never all.
fn kept(count: usize, share: f64, run_seed: u64) -> Vec<bool> {
    let many = ((count as f64 * share).round() as usize).min(count.saturating_sub(1));
    let mut is_kept = vec![false; count];
    let drawn = permutation(count, seed(run_seed, Purpose::Calibrated, 0));
    drawn.into_iter().take(many).for_each(|at| is_kept[at] = true);
    is_kept
}

/// The texts, without those that repeat another one, are labelled, or are scored, which is told.
fn read(
    settings: &SelfTrainingConfig,
    config: &RunConfig,
    task: &Task,
    [train, eval]: [&[Example]; 2],
    sink: &mut dyn Sink,
) -> Result<Vec<Text>, Error> {
    let path = config.data.dir.join(settings.texts.clone().unwrap_or_default());
    let mut read = ReadOptions::default();
    read.text_key.clone_from(&settings.text_key);
    if let Some(format) = settings.format.filter(|format| *format != Format::Auto) {
        read.check_for(format)?;
    }
    let format = settings.format.map_or(InputFormat::Text, InputFormat::Data);
    let all = TextFile { path: path.clone(), format, read }.read(task, sink)?;
    let path = path.display();
    if all.is_empty() {
        return Err(Error::Data(format!("{path} holds no text")));
    }
    let keys = |examples: &[Example]| {
        examples.iter().map(|example| key(task, example)).collect::<Result<BTreeSet<_>, _>>()
    };
    let (labelled, scored) = (keys(train)?, keys(eval)?);
    let (mut counts, mut seen, mut left) = ([0_usize; 3], BTreeSet::new(), Vec::new());
    for text in all {
        if scored.contains(&text.key) {
            counts[0] += 1;
        } else if labelled.contains(&text.key) {
            counts[1] += 1;
        } else if seen.insert(text.key.clone()) {
            left.push(text);
        } else {
            counts[2] += 1;
        }
    }
    let why = ["are texts that models are scored on", "are labelled already", "repeat another one"];
    for (count, why) in counts.into_iter().zip(why).filter(|&(count, _)| count > 0) {
        let message = format!("{count} of the texts of {path} {why}, and are left out");
        sink.event(&Event::Note { message });
    }
    if left.is_empty() {
        return Err(Error::Data(format!(
            "{path} holds no text beside those that are labelled or that models are scored on; name other texts"
        )));
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn a_share_is_kept_and_never_all() {
        let many = |count, share| kept(count, share, 1).into_iter().filter(|&is_kept| is_kept).count();
        assert_eq!([many(20, 0.2), many(20, 0.0), many(1, 0.9), many(2, 0.9), many(0, 0.5)], [4, 0, 0, 1, 0]);
        assert_ne!(kept(20, 0.5, 1), kept(20, 0.5, 2));
    }
}
