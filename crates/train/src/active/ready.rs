//! What a simulation needs before its first round.

use std::path::Path;

use fishdip_active::Header;
use fishdip_tasks::{Example, Task};

use super::needs::{self, Given, names_a_class};
use super::picked::Known;
use crate::base::tokenizer_of;
use crate::config::{ActiveConfig, StopName};
use crate::data::{HeldOut, RunData, classes};
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
    /// What a training on all of the pool has learnt and forgotten, if the config names one.
    pub(super) known: Option<Known>,
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
        let known = match &active.dynamics {
            Some(run) => {
                let (known, unknown) = Known::of_pool(run, &task, &pool)?;
                if unknown > 0 {
                    let message = format!(
                        "active.dynamics does not know {unknown} of the {} examples of the pool",
                        pool.len()
                    );
                    sink.event(&Event::Note { message });
                }
                Some(known)
            }
            None => None,
        };
        Ok(Self { config, active, task, pool, eval, known })
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
        classes(self.task.kind(), &self.pool)
    }
}
