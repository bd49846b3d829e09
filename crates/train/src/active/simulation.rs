// Longer than 400 lines: a simulation and what each of its rounds does are one course of events.
//! A simulation of active learning in a run folder: the ledger, a run folder a round, and the curve.

mod measure;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Instant;

use fishdip_active::{Ledger, Pool};
use fishdip_peft::replace_file;
use fishdip_tasks::Example;
use fishdip_tasks::read::Format;
use serde::Serialize;

use super::curve::{CurveFile, RoundReport, macro_f1};
use super::needs::{self, Signal};
use super::picked::{self, PICKED};
use super::ready::Ready;
use super::rounds::{Plan, Rounds};
use super::signals::{Asking, Signals};
use super::stopping::verdict;
use crate::base::tokenizer_of;
use crate::checkpoint::CHECKPOINTS;
use crate::config::{ActiveConfig, Setting, StartMethod};
use crate::continued::Continued;
use crate::data_files::DataFiles;
use crate::event::{Event, Sink};
use crate::prepare::base_of;
use crate::round_config::{EVAL, write_examples};
use crate::run_folder::{ADAPTER, RunFolder, RunPath};
use crate::run_result::{self, RESULT};
use crate::tagger::Passes;
use crate::{
    Access, Error, EvaluationConfig, MethodName, RunConfig, Runtime, Tagger, pretrain, resume,
    resume_pretraining, train,
};

/// The ledger in the folder of a simulation.
pub(crate) const LEDGER: &str = "ledger.jsonl";

/// The curve.
pub(crate) const CURVE: &str = "curve.json";

/// The folder of the rounds' run folders.
const ROUNDS: &str = "rounds";

/// The run folder of the pretraining before the first round, if there is one.
const PRETRAINED: &str = "pretrain";

/// The texts of that. Annotations in it are not looked at.
const POOL: &str = "pool.jsonl";

/// What a simulation came to.
#[derive(Clone, Debug, Serialize)]
pub struct ActiveReport {
    /// Its folder.
    pub run: PathBuf,
    /// The adapter of the last round.
    pub adapter: PathBuf,
    /// The task.
    pub task: &'static str,
    /// The strategy.
    pub strategy: String,
    /// How the entries to train were chosen.
    pub method: MethodName,
    /// The seed.
    pub seed: u64,
    /// The backend.
    pub backend: String,
    /// Examples of the pool.
    pub pool: usize,
    /// Labels that were asked for.
    pub labels: u32,
    /// Why no more were, where that was before the budget was spent.
    pub stopped: Option<String>,
    /// What the score is.
    pub metric: String,
    /// The rounds.
    pub rounds: Vec<RoundReport>,
    /// The mean score over the range of labels: the area under the learning curve, from 0 to 1. Nothing for one round.
    pub auc: Option<f64>,
    /// The same of the macro-averaged F1, where there is one.
    pub auc_macro_f1: Option<f64>,
    /// Seconds of all rounds: choices, trainings, scores.
    pub seconds: f64,
}

/// Simulates active learning as the table `[active]` of `config` says, and leaves everything in the folder `run`. Nothing is written before
/// config, data and tokenizer were found good.
pub fn active(
    config: &RunConfig,
    run: &RunPath,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<ActiveReport, Error> {
    run.check_free()?;
    let ready = Ready::new(config, runtime, sink)?;
    let folder = RunFolder::create(run, &ready.config)?;
    DataFiles::keep(&folder, &ready.config)?;
    Simulation::new(ready, folder, runtime, sink)?.run()
}

/// Goes on with the simulation in the folder `run`: no label is lost, and none is asked for twice.
pub fn resume_active(run: &Path, runtime: &Runtime, sink: &mut dyn Sink) -> Result<ActiveReport, Error> {
    let (folder, config) = RunFolder::reopen(run)?;
    if config.active.is_none() {
        let reason = "it is one training; `fishdip train --resume` goes on with it".to_owned();
        return Err(Error::NoRun { path: run.to_owned(), reason });
    }
    if run_result::is_there(run) {
        let message = format!(
            "{} has come to its end, and nothing is left to do; its figures are told again",
            run.display()
        );
        sink.event(&Event::Note { message });
    }
    let ready = Ready::new(&config, runtime, sink)?;
    match Simulation::new(ready, folder, runtime, sink) {
        Ok(simulation) => simulation.run(),
        // The ledger is of other data: which files these are is known here.
        Err(error @ Error::Active(_)) => Err(DataFiles::check(run).err().unwrap_or(error)),
        Err(error) => Err(error),
    }
}

/// A simulation that goes on.
struct Simulation<'a> {
    ready: Ready,
    folder: RunFolder,
    ledger: Option<Ledger>,
    curve: CurveFile,
    /// The config of the rounds.
    rounds: RunConfig,
    /// Of each example a number for its label, for a start with as many of each.
    classes: Vec<u32>,
    /// How long the choice for a round took.
    queried: Option<(u32, f64)>,
    runtime: &'a Runtime,
    sink: &'a mut dyn Sink,
}

impl<'a> Simulation<'a> {
    fn new(
        ready: Ready,
        folder: RunFolder,
        runtime: &'a Runtime,
        sink: &'a mut dyn Sink,
    ) -> Result<Self, Error> {
        let run = folder.path().to_owned();
        let ledger = Ledger::open(run.join(LEDGER), &ready.header()?)?;
        let curve = CurveFile::read(&run.join(CURVE))?;
        if let Some(last) = curve.rounds.last() {
            // Lines that are missing at the end of a ledger are found by what was trained on them.
            ledger.check_reaches(&last.ledger)?;
        }
        let (rounds, classes) = (ready.of_rounds(&run), ready.classes());
        let simulation = Self {
            ready,
            folder,
            ledger: Some(ledger),
            curve,
            rounds,
            classes,
            queried: None,
            runtime,
            sink,
        };
        fs::create_dir_all(run.join(ROUNDS)).map_err(|source| Error::Io {
            action: Access::Write,
            path: run.join(ROUNDS),
            source,
        })?;
        simulation.write_examples(&run.join(EVAL), &simulation.ready.eval)?;
        Ok(simulation)
    }

    fn run(mut self) -> Result<ActiveReport, Error> {
        let (active, seed) = (&self.ready.active, self.ready.config.training.seed);
        let plan = Plan { start: active.start, query: active.query, budget: active.budget, seed };
        // Apart while it is written, since what writes it looks at the rest.
        let Some(mut ledger) = self.ledger.take() else { return Err(self.stopped()) };
        match self.pretrain() {
            Err(Error::Interrupted { .. }) => return Err(self.stopped()),
            pretrained => pretrained?,
        }
        loop {
            if self.runtime.interrupter.should_stop() {
                return Err(self.stopped());
            }
            match plan.step(&mut ledger, &mut self) {
                Ok(true) => {}
                Ok(false) => break,
                Err(Error::Interrupted { .. } | Error::SelfTrainingStopped { .. }) => {
                    return Err(self.stopped());
                }
                Err(error) => return Err(error),
            }
        }
        let report = self.report(ledger.pool())?;
        self.folder.flush()?;
        if let Some(svg) = picked::picture(&self.curve.rounds) {
            replace_file(&self.folder.path().join(PICKED), svg.as_bytes())?;
        }
        // The last that is written: where it is, the simulation has come to its end.
        self.folder.write_json(RESULT, &report)?;
        Ok(report)
    }

    fn report(&self, pool: &Pool) -> Result<ActiveReport, Error> {
        let CurveFile { metric, rounds } = self.curve.clone();
        let last = rounds.last().map_or(0, |round| round.round);
        let seconds = |round: &RoundReport| round.query_seconds.unwrap_or(0.0) + round.train_seconds;
        Ok(ActiveReport {
            run: self.folder.path().to_owned(),
            adapter: self.round(last).join(ADAPTER),
            task: self.ready.task.name(),
            strategy: self.ready.active.strategy.clone(),
            method: self.ready.config.method.name,
            seed: self.ready.config.training.seed,
            backend: self.runtime.backend.clone(),
            pool: self.ready.pool.len(),
            labels: pool.labelled_count(),
            stopped: pool.stopped().map(|stopped| stopped.why.clone()),
            auc: self.curve.auc()?,
            auc_macro_f1: self.curve.auc_macro_f1()?,
            seconds: rounds.iter().map(seconds).sum(),
            metric,
            rounds,
        })
    }

    /// Pretrains on the texts of the pool, if the config asks for it and that is not done, and has the rounds begin with what came of it.
    fn pretrain(&mut self) -> Result<(), Error> {
        let steps = self.ready.active.pretrain_steps;
        if steps == 0 {
            return Ok(());
        }
        let folder = self.folder.path().join(PRETRAINED);
        if !run_result::is_there(&folder) {
            if folder.join("config.toml").is_file() {
                resume_pretraining(&folder, self.runtime, self.sink)?;
            } else {
                let pool = self.folder.path().join(POOL);
                self.write_examples(&pool, &self.ready.pool)?;
                let mut config = self.rounds.clone();
                config.training.steps = Setting::Number(steps);
                let table = config.pretrain.get_or_insert_default();
                (table.text, table.format) = (Some(pool), Some(Format::Jsonl));
                pretrain(&config, &RunPath::At(folder.clone()), self.runtime, self.sink)?;
            }
            self.tell(format!("pretrained for {steps} steps on the texts of the pool, without their labels"));
        }
        self.rounds.pretrain = None;
        self.rounds.model.adapter = Some(folder.join(ADAPTER));
        if let Some(pretrained) = Continued::load(&self.rounds)? {
            self.rounds.method.sites = pretrained.sites().to_vec();
        }
        Ok(())
    }

    fn stopped(&self) -> Error {
        Error::ActiveStopped { round: self.trained(), run: self.folder.path().to_owned() }
    }

    /// Has a round that learns from what it finds itself be asked about what is not labelled.
    fn name_unlabelled(&self, config: &mut RunConfig, round: u32, labelled: &[u32]) -> Result<(), Error> {
        let Some(settings) = &mut config.self_training else { return Ok(()) };
        let texts = self.examples((0..self.ready.pool.len() as u32).filter(|id| !labelled.contains(id)));
        if texts.is_empty() {
            config.self_training = None;
            return Ok(());
        }
        let name = Path::new(ROUNDS).join(format!("{round:02}.unlabelled.jsonl"));
        self.write_examples(&self.folder.path().join(&name), &texts)?;
        (settings.texts, settings.format) = (Some(name), Some(Format::Jsonl));
        Ok(())
    }

    /// The run folder of a round.
    fn round(&self, round: u32) -> PathBuf {
        self.folder.path().join(ROUNDS).join(format!("{round:02}"))
    }

    /// Writes a file that a round reads.
    fn write_examples(&self, path: &Path, examples: &[Example]) -> Result<(), Error> {
        write_examples(path, self.ready.task.kind(), examples)
    }

    fn examples(&self, ids: impl IntoIterator<Item = u32>) -> Vec<Example> {
        ids.into_iter().map(|id| self.ready.pool[id as usize].clone()).collect()
    }

    /// The model that the query of `round` asks: that of the round before, at the start the base model.
    fn model(&self, round: u32) -> Result<Tagger, Error> {
        if let Some(before) = round.checked_sub(1) {
            return self.trained_model(before);
        }
        // The one before the first round may be pretrained.
        let continued = Continued::load(&self.rounds)?;
        let model = base_of(&self.rounds, continued.as_ref(), self.runtime)?;
        let tokenizer = tokenizer_of(&self.rounds, self.runtime)?;
        let (task, config) = (self.ready.task.clone(), &self.rounds);
        Tagger::new(model, tokenizer, task, &self.runtime.device, &config.data, &config.evaluation)
    }
}

impl Rounds for Simulation<'_> {
    fn trained(&self) -> u32 {
        self.curve.rounds.len() as u32
    }

    fn choose(
        &mut self,
        pool: &Pool,
        round: u32,
        count: usize,
        seed: u64,
    ) -> Result<(&'static str, Vec<u32>), Error> {
        let start = Instant::now();
        let ActiveConfig { strategy, start_method, per_word, passes, .. } = self.ready.active.clone();
        let name = match (round, start_method) {
            (0, StartMethod::Random) => "random",
            (0, StartMethod::Stratified) => "stratified",
            (0, StartMethod::Diverse) => "k-means",
            _ => strategy.as_str(),
        };
        let strategy = fishdip_active::strategy::named(name)?;
        let ids: Vec<u32> = pool.unlabelled().collect();
        let texts = self.examples(ids.iter().copied());
        let mut signals = Signals::new(&texts, per_word);
        signals.classes = Some(ids.iter().map(|&id| self.classes[id as usize]).collect());
        let wanted = needs::signals(name, self.ready.task.kind());
        if wanted.iter().any(|signal| *signal != Signal::Classes) {
            let labelled = self.examples(pool.labelled());
            let mut tagger = self.model(round)?;
            let evaluation: EvaluationConfig = tagger.evaluation().clone();
            let mut asking = Asking {
                tagger: &mut tagger,
                evaluation: &evaluation,
                passes: Passes { count: passes, rate: self.ready.config.training.dropout, seed },
                interrupter: &self.runtime.interrupter,
                sink: &mut *self.sink,
            };
            signals.ask(wanted, &texts, &labelled, &mut asking)?;
        }
        let chosen = strategy.choose(&signals.candidates(&ids)?, count, seed)?;
        self.queried = Some((round, start.elapsed().as_secs_f64()));
        Ok((strategy.name(), chosen))
    }

    fn label(&self, id: u32) -> Result<String, Error> {
        Ok(self.ready.task.encode(&self.ready.pool[id as usize])?.target)
    }

    fn verdict(&self) -> Option<(&'static str, String)> {
        verdict(&self.ready.active, &self.curve.rounds)
    }

    /// The folder keeps it as well.
    fn tell(&mut self, message: String) {
        let event = Event::Note { message };
        self.folder.event(&event);
        self.sink.event(&event);
    }

    fn train(&mut self, round: u32, labelled: &[u32], chain: &str) -> Result<(), Error> {
        let folder = self.round(round);
        let name = Path::new(ROUNDS).join(format!("{round:02}.jsonl"));
        // A round that has come to its end before the curve was written is not trained again.
        if !run_result::is_there(&folder) {
            self.write_examples(&self.folder.path().join(&name), &self.examples(labelled.iter().copied()))?;
            let mut config = self.rounds.clone();
            config.data.train = name;
            if let (false, Some(before)) = (self.ready.active.reinitialise, round.checked_sub(1)) {
                config.model.adapter = Some(self.round(before).join(ADAPTER));
            }
            self.name_unlabelled(&mut config, round, labelled)?;
            if folder.join("config.toml").is_file() {
                resume(&folder, self.runtime, self.sink)?;
            } else {
                train(&config, &RunPath::At(folder.clone()), self.runtime, self.sink)?;
            }
        }
        let figures = run_result::read(&folder)?.figures;
        let metric = figures.after.headline_name();
        let measured = self.measure(round, labelled, figures.after.headline())?;
        let report = RoundReport {
            round,
            labels: labelled.len() as u32,
            score: figures.after.headline(),
            macro_f1: macro_f1(&figures.after),
            measured,
            picked: self.picked(round, labelled)?,
            query_seconds: self.queried.take().filter(|queried| queried.0 == round).map(|queried| queried.1),
            train_seconds: figures.seconds,
            ledger: chain.to_owned(),
        };
        let message = format!("round {round}: {} labels, {metric} {:.4}", report.labels, report.score);
        metric.clone_into(&mut self.curve.metric);
        self.curve.rounds.push(report);
        self.folder.write_json(CURVE, &self.curve)?;
        self.tell(message);
        // What it would go on from is of no more use.
        let checkpoints = folder.join(CHECKPOINTS);
        match fs::remove_dir_all(&checkpoints) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(Error::Io { action: Access::Write, path: checkpoints, source })
            }
            _ => Ok(()),
        }
    }
}
