//! What a simulation needs before its first round.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fishdip_active::Header;
use fishdip_tasks::{Example, Task};

use super::needs::{self, Given, names_a_class};
use crate::base::tokenizer_of;
use crate::config::{ActiveConfig, StopName};
use crate::data::{HeldOut, RunData, labels};
use crate::event::{Event, Sink};
use crate::prepare::{hash_examples, resolved};
use crate::{Error, RunConfig, Runtime, round_config};

/// Data and model of a simulation, found good.
pub(super) struct Ready {
    /// With what it leaves to the data and the model.
    pub(super) config: RunConfig,
    pub(super) active: ActiveConfig,
    pub(super) task: Task,
    pub(super) pool: Vec<Example>,
    pub(super) eval: Vec<Example>,
}

impl Ready {
    pub(super) fn new(config: &RunConfig, runtime: &Runtime, sink: &mut dyn Sink) -> Result<Self, Error> {
        config.check()?;
        let Some(active) = config.active.clone() else {
            let message = "the config has no table [active]; add one, or use `fishdip train`".to_owned();
            return Err(Error::Config { place: "the config".to_owned(), message, hint: None });
        };
        let kind = config.task.name;
        let given = Given { kind, is_trained: true, has_labelled: true, knows_classes: true };
        needs::check(&active.strategy, given)?;
        if active.stop == StopName::OverallUncertainty && !names_a_class(kind) {
            return Err(Error::Data(format!(
                "active.stop = \"overall-uncertainty\" needs the probability of each class, and the task {kind} chooses none; take \"performance-difference\" or \"stabilizing-predictions\""
            )));
        }
        let data = RunData::read(&config.data, &config.task, config.training.seed)?;
        if active.budget > data.train.len() {
            return Err(Error::Data(format!(
                "active.budget is {}, but the pool has {} examples; lower the budget",
                active.budget,
                data.train.len()
            )));
        }
        let tokenizer = tokenizer_of(config, runtime)?;
        let config = resolved(config, &data, &tokenizer)?;
        let RunData { task, train: pool, eval, held_out, warnings, .. } = data;
        if let Some(HeldOut { share, seed, examples, left, .. }) = &held_out {
            let (file, share, seed) = (config.data.dir.join(&config.data.train), *share, *seed);
            sink.event(&Event::HeldOut { file, examples: *examples, left: *left, share, seed });
        }
        warnings.send(sink);
        Ok(Self { config, active, task, pool, eval })
    }

    /// What the ledger belongs to.
    pub(super) fn header(&self) -> Result<Header, Error> {
        let mut hasher = blake3::Hasher::new();
        hash_examples(&mut hasher, &self.pool)?;
        // So that an example cannot move from one part to the other.
        hasher.update(&[0]);
        hash_examples(&mut hasher, &self.eval)?;
        let data = hasher.finalize().to_hex()[..32].to_owned();
        Ok(Header { examples: self.pool.len() as u32, data, seed: self.config.training.seed })
    }

    /// The config of the trainings, but for the file that is trained on. `run` is the folder of the simulation.
    pub(super) fn of_rounds(&self, run: &Path) -> RunConfig {
        round_config::of_rounds(&self.config, &self.task, run)
    }

    /// Of each example of the pool a number for its class, or for the rarest of its labels.
    pub(super) fn classes(&self) -> Vec<u32> {
        let each: Vec<Vec<String>> = self
            .pool
            .iter()
            .map(|example| match (&example.label, &example.relation) {
                (Some(class), _) | (_, Some(class)) if names_a_class(self.task.kind()) => vec![class.clone()],
                _ => labels(example),
            })
            .collect();
        let mut frequency: BTreeMap<&str, usize> = BTreeMap::new();
        for label in each.iter().flatten() {
            *frequency.entry(label).or_default() += 1;
        }
        // An example without any label is of a class of its own.
        let rarest = |labels: &Vec<String>| -> String {
            let rarest = labels.iter().map(|label| (frequency[label.as_str()], label.as_str())).min();
            rarest.map_or_else(String::new, |(_, label)| label.to_owned())
        };
        let rarest: Vec<String> = each.iter().map(rarest).collect();
        let known: BTreeSet<&str> = rarest.iter().map(String::as_str).collect();
        let numbers: BTreeMap<&str, u32> = known.into_iter().zip(0..).collect();
        rarest.iter().map(|label| numbers[label.as_str()]).collect()
    }
}
