//! Trainings that learn from what the model itself finds in texts without labels: each a run folder, so that the whole goes on from any of them.

mod accepted;
mod ready;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use fishdip_peft::AtomicFolder;
use fishdip_tasks::Example;

use crate::checkpoint::CHECKPOINTS;
use crate::data_files::DataFiles;
use crate::event::{Event, Sink};
use crate::predictions::{PREDICTIONS, SAMPLES};
use crate::round_config::{EVAL, of_rounds, write_examples};
use crate::run_folder::{ADAPTER, CONFIG, RunFolder, RunPath};
use crate::run_result::{self, OUTCOMES, RESULT, SelfTrainingRound};
use crate::{Access, AdaptedModel, Error, RunConfig, Runtime, TrainReport, run};
use accepted::Accepted;
use ready::Ready;

/// The folder of the trainings.
const ROUNDS: &str = "rounds";

/// Runs `config` and leaves everything in the folder `run`: one training, or with `[self_training]` several. Nothing is written before config, data
/// and model were found good; from then on what was trained is kept, whatever happens.
pub fn train(
    config: &RunConfig,
    run: &RunPath,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<TrainReport, Error> {
    if !teaches_itself(config) {
        return run::train(config, run, runtime, sink);
    }
    run.check_free()?;
    let ready = Ready::new(config, runtime, sink)?;
    let folder = RunFolder::create(run, &ready.config)?;
    DataFiles::keep(&folder, &ready.config)?;
    SelfTraining { ready, folder, runtime, sink }.run()
}

/// Goes on with the run in the folder `run`, from its last whole checkpoint, or from the start if there is none. `run` may be the folder of a
/// checkpoint as well: then it has to be that one. What the run writes is what it would have written without an interruption.
pub fn resume(run: &Path, runtime: &Runtime, sink: &mut dyn Sink) -> Result<TrainReport, Error> {
    let file = run.join(CONFIG);
    if !file.is_file() || !teaches_itself(&RunConfig::load_resolved(&file)?) {
        return run::resume(run, runtime, sink);
    }
    let (folder, config) = RunFolder::reopen(run)?;
    // Its rounds would have learned different data.
    DataFiles::check(run)?;
    let ready = Ready::new(&config, runtime, sink)?;
    SelfTraining { ready, folder, runtime, sink }.run()
}

/// Whether `train` makes several trainings of it.
fn teaches_itself(config: &RunConfig) -> bool {
    config.self_training.is_some() && config.active.is_none() && config.pretrain.is_none()
}

/// The trainings, which go on.
struct SelfTraining<'a> {
    ready: Ready,
    folder: RunFolder,
    runtime: &'a Runtime,
    sink: &'a mut dyn Sink,
}

impl SelfTraining<'_> {
    fn run(mut self) -> Result<TrainReport, Error> {
        let run = self.folder.path().to_owned();
        let rounds = run.join(ROUNDS);
        fs::create_dir_all(&rounds).map_err(failed(Access::Write, &rounds))?;
        write_examples(&run.join(EVAL), self.ready.task.kind(), &self.ready.eval)?;
        let last = self.ready.settings.rounds;
        for round in 0..last {
            if !run_result::is_there(&self.round(round)) {
                self.train(round).map_err(|error| self.stopped(round, error))?;
            }
            // What it would go on from is of no more use.
            let checkpoints = self.round(round).join(CHECKPOINTS);
            match fs::remove_dir_all(&checkpoints) {
                Err(source) if source.kind() != ErrorKind::NotFound => {
                    return Err(failed(Access::Write, &checkpoints)(source));
                }
                _ => {}
            }
        }
        let report = self.train(last).map_err(|error| self.stopped(last, error))?;
        self.end(last, report)
    }

    /// The run folder of a round.
    fn round(&self, round: usize) -> PathBuf {
        self.folder.path().join(ROUNDS).join(format!("{round:02}"))
    }

    /// The file of what was accepted for a round.
    fn record(round: usize) -> PathBuf {
        Path::new(ROUNDS).join(format!("{round:02}.json"))
    }

    fn stopped(&self, round: usize, error: Error) -> Error {
        match error {
            Error::Interrupted { .. } => {
                Error::SelfTrainingStopped { round, run: self.folder.path().to_owned() }
            }
            other => other,
        }
    }

    /// Trains a round, or goes on with it.
    fn train(&mut self, round: usize) -> Result<TrainReport, Error> {
        let folder = self.round(round);
        if folder.join(CONFIG).is_file() {
            return run::resume(&folder, self.runtime, self.sink);
        }
        let is_last = round == self.ready.settings.rounds;
        let mut examples = self.ready.gold(is_last);
        let gold = examples.len();
        let accepted = match round.checked_sub(1) {
            Some(before) => self.accepted(before)?,
            None => Accepted::default(),
        };
        let record = SelfTrainingRound {
            round,
            gold,
            texts: self.ready.texts.len(),
            accepted: accepted.examples.len(),
            labels: accepted.labels(),
            calibrated_on: accepted.calibrated_on,
            score: None,
        };
        if round > 0 {
            self.tell(&record);
        }
        examples.extend(accepted.examples);
        let name = Path::new(ROUNDS).join(format!("{round:02}.jsonl"));
        write_examples(&self.folder.path().join(&name), self.ready.task.kind(), &examples)?;
        let file = Self::record(round);
        self.folder.write_json(&file.display().to_string(), &record)?;
        let mut config = of_rounds(&self.ready.config, &self.ready.task, self.folder.path());
        config.self_training = None;
        config.data.train = name;
        config.evaluation.before = is_last && self.ready.config.evaluation.before;
        run::train(&config, &RunPath::At(folder), self.runtime, self.sink)
    }

    /// What the model of `round` is sure enough of.
    fn accepted(&mut self, round: usize) -> Result<Accepted, Error> {
        let base = Some(self.ready.config.model.path.as_path());
        let tagger = AdaptedModel::load(&self.round(round).join(ADAPTER), base, self.runtime)?.tagger;
        let texts: Vec<Example> = self.ready.texts.iter().map(|text| text.example.clone()).collect();
        let (kept, settings) = (self.ready.kept(), &self.ready.settings);
        Accepted::of(tagger, &texts, &kept, settings.threshold, &self.runtime.interrupter, self.sink)
    }

    fn tell(&mut self, record: &SelfTrainingRound) {
        let SelfTrainingRound { round, texts, accepted, labels, .. } = record;
        let labels: Vec<String> = labels.iter().map(|(label, count)| format!("{label} {count}")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!(": {}", labels.join(", ")) };
        let message = format!(
            "round {round} of self-training: {accepted} of {texts} texts are learned as the model labels them{labels}"
        );
        let event = if *accepted == 0 {
            Event::Warning { message: format!("{message}; lower self_training.threshold to have some") }
        } else {
            Event::Note { message }
        };
        self.folder.event(&event);
        self.sink.event(&event);
    }

    /// Has the run folder hold what the last round has come to.
    fn end(mut self, last: usize, report: TrainReport) -> Result<TrainReport, Error> {
        let (run, from) = (self.folder.path().to_owned(), self.round(last));
        let adapter = run.join(ADAPTER);
        copy_folder(&from.join(ADAPTER), &adapter)?;
        let mut report = TrainReport { run: run.clone(), adapter, seconds: 0.0, ..report };
        for round in 0..=last {
            let mut record: SelfTrainingRound = run_result::json(&run.join(Self::record(round)))?;
            let figures = run_result::read(&self.round(round))?.figures;
            record.score = Some(figures.after.headline());
            report.seconds += figures.seconds;
            report.self_training.push(record);
        }
        report.held_out.clone_from(&self.ready.held_out);
        for name in [OUTCOMES, PREDICTIONS, SAMPLES] {
            let bytes = fs::read(from.join(name)).map_err(failed(Access::Read, &from.join(name)))?;
            fishdip_peft::replace_file(&run.join(name), &bytes)?;
        }
        self.folder.flush()?;
        // The last that is written: where it is, the run has come to its end.
        self.folder.write_json(RESULT, &report)?;
        Ok(report)
    }
}

/// Puts a copy of the files of the folder `from` in the place of `to`.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    let copy = AtomicFolder::replace(to)?;
    for entry in fs::read_dir(from).map_err(failed(Access::Read, from))? {
        let path = entry.map_err(failed(Access::Read, from))?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| path.is_file()) {
            copy.write(name, &fs::read(&path).map_err(failed(Access::Read, &path))?)?;
        }
    }
    Ok(copy.commit()?)
}

fn failed(action: Access, path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Io { action, path, source }
}
