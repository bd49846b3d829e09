//! All that a run folder tells of one run.

use fishdip_report::{CHANGED_TEXT, Headline, Run, Sample, State, Text, diagnose};
use fishdip_tasks::{Report, TaskKind};
use serde::de::DeserializeOwned;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::facts::{self, Outcome};
use super::told::{self, Told};
use super::{ROUNDS, mask, scores};
use crate::active::LEDGER;
use crate::annotations;
use crate::data::SampleText;
use crate::event::Event;
use crate::insight::{self, CKA, DYNAMICS, SMOOTHNESS};
use crate::predictions::{self, PREDICTIONS, PredictedExample, SAMPLES};
use crate::run_folder::{CONFIG, is_held};
use crate::run_result::{NAN_REPORT, NanReport, RESULT, ScoredExamples, is_there, read_scored};
use crate::study::interval;
use crate::{Access, Error};

/// The run in `folder`, which a report calls `name`.
pub(super) fn gather(name: &str, folder: &Path) -> Result<Run, Error> {
    let told = told::read(folder)?;
    let text = text(folder, CONFIG)?.unwrap_or_default();
    let config: toml::Table = text.parse().unwrap_or_default();
    // What a pretraining comes to is no score.
    let is_pretraining = config.contains_key("pretrain");
    let outcome: Option<Outcome> = if is_pretraining { None } else { json(folder, RESULT)? };
    let kind = config.get("task").and_then(|task| task.get("name")?.as_str()?.parse::<TaskKind>().ok());
    let predicted: Option<Vec<PredictedExample>> = predictions::read(folder, PREDICTIONS)?;
    let samples: Option<Vec<SampleText>> = predictions::read(folder, SAMPLES)?;
    // They are made in the end; those of a run that goes on after its end are of the time before.
    let is_done = outcome.is_some();
    // One that was gone on with may not have come there again.
    let ruin: Option<NanReport> =
        json(folder, NAN_REPORT)?.filter(|ruin: &NanReport| ruin.step <= facts::steps_made(&told));
    let mut run = Run {
        name: Text::from(name),
        state: match &outcome {
            Some(_) => State::Done,
            None if is_pretraining && is_there(folder) => State::Done,
            None if is_held(folder) => State::GoesOn,
            None if ruin.is_some() => State::Failed,
            None => State::Ended,
        },
        facts: facts::facts(&config, &told, outcome.as_ref()),
        group: Text::from(group(&config)),
        mask: mask::gather(&told),
        dynamics: read(folder, DYNAMICS, is_done)?.as_ref().map(insight::dynamics),
        similarity: read(folder, CKA, is_done)?.as_ref().map(insight::cka),
        smoothness: read(folder, SMOOTHNESS, is_done)?.as_ref().map(insight::smoothness),
        samples: samples.map(|samples| samples.into_iter().map(sample).collect()),
        config: text.lines().map(Text::from).collect(),
        ..Run::default()
    };
    add_events(&mut run, &told);
    // A run that goes on after its end may still have those of the time before.
    let predicted = predicted.filter(|_| outcome.is_some());
    run.scored = kind
        .zip(predicted)
        .map(|(kind, lines)| lines.iter().map(|line| annotations::sentence(kind, line)).collect());
    run.remarks = remarks(folder, &run, &told, is_pretraining, ruin.as_ref());
    let scored = read_scored(folder)?.filter(|_| outcome.is_some());
    if let Some((headline, report)) = headline(&told, outcome.as_ref(), scored.as_ref()) {
        add_scores(&mut run, headline, &report, kind);
        run.findings = match &run.headline {
            Some(of) if of.step > 0 => diagnose(&facts::figures(&run, &config, &told, of.after)),
            _ => Vec::new(),
        };
    }
    Ok(run)
}

/// What is a line over steps, and what was warned of.
fn add_events(run: &mut Run, told: &Told) {
    for timed in &told.events {
        match &timed.event {
            Event::Step { step, loss, gradient_norm, learning_rate, .. } => {
                run.losses.push((*step, f64::from(*loss)));
                run.gradient_norms.push((*step, f64::from(*gradient_norm)));
                run.learning_rates.push((*step, f64::from(*learning_rate)));
            }
            Event::Evaluated { step, report, .. } => run.scores.push((*step, report.headline())),
            Event::HeldOutLoss { step, loss, texts } => {
                run.held_out_losses.push((*step, *loss));
                run.held_out_texts = *texts;
            }
            Event::Warning { message } | Event::Note { message } => run.warnings.push(Text::from(message)),
            Event::StoppedEarly { step, checks } => {
                run.warnings.push(Text::from(format!(
                    "stopped early at step {step}: {checks} checks in a row found nothing better"
                )));
            }
            _ => {}
        }
    }
}

/// What a reader must know of what is shown.
fn remarks(
    folder: &Path,
    run: &Run,
    told: &Told,
    is_pretraining: bool,
    ruin: Option<&NanReport>,
) -> Vec<Text> {
    let steps = told.events.iter().find_map(|timed| match timed.event {
        Event::Started { steps, .. } => Some(steps),
        _ => None,
    });
    let so_far = match steps {
        Some(steps) => format!("{} of {steps} steps", facts::steps_made(told)),
        None => "no step".to_owned(),
    };
    let state = match run.state {
        State::GoesOn => Some(format!(
            "A process is training it now: {so_far} so far. Make the report again for what comes later."
        )),
        State::Ended => {
            let whole = whole(folder);
            let verb = match () {
                () if whole.join(LEDGER).is_file() => "active",
                () if is_pretraining => "pretrain",
                () => "train",
            };
            Some(format!(
                "The run has made {so_far}, and no process goes on with it; `fishdip {verb} --resume {}` does.",
                whole.display()
            ))
        }
        State::Failed => ruin.map(|NanReport { reason, .. }| {
            format!(
                "The run has made {so_far}, then {reason}. To go on with it would come to the same; train anew with another config. {NAN_REPORT} \
                 names the examples of the step."
            )
        }),
        State::Done if run.scored.is_none() && !is_pretraining => Some(format!(
            "The run keeps no {PREDICTIONS}, as an older version wrote it: sentences, confusions and calibration are not shown."
        )),
        State::Done => None,
    };
    told.remarks.iter().cloned().chain(state).map(Text::from).collect()
}

/// The folder of the run, or of the simulation or self-training that it is a round of.
fn whole(folder: &Path) -> &Path {
    let rounds = folder.parent().filter(|above| above.file_name().is_some_and(|name| name == ROUNDS));
    rounds.and_then(Path::parent).filter(|whole| whole.join(CONFIG).is_file()).unwrap_or(folder)
}

/// The main score, and all others: those of the result, else the last that were told.
fn headline(
    told: &Told,
    outcome: Option<&Outcome>,
    scored: Option<&ScoredExamples>,
) -> Option<(Headline, Report)> {
    let evaluated = || {
        told.events.iter().filter_map(|timed| match &timed.event {
            Event::Evaluated { step, report, .. } => Some((*step, report)),
            _ => None,
        })
    };
    let before = evaluated().find(|(step, _)| *step == 0).map(|(_, report)| report);
    let (step, report, before) = match outcome {
        Some(of) => (of.step(), &of.after, of.before.as_ref()),
        None => evaluated().next_back().map(|(step, report)| (step, report, before))?,
    };
    if report.examples == 0 {
        return None;
    }
    let interval = scored.map(|scored| interval::of_scores(&[scored]));
    let headline = Headline {
        metric: report.headline_name(),
        before: before.filter(|_| step > 0).map(Report::headline),
        after: report.headline(),
        interval: interval.map(|of| [of.low, of.high]),
        step,
        examples: report.examples,
    };
    Some((headline, report.clone()))
}

fn add_scores(run: &mut Run, headline: Headline, report: &Report, kind: Option<TaskKind>) {
    if let Some(kind) = kind {
        run.tables = scores::tables(report, kind, run.scored.as_deref(), headline.interval);
    }
    run.calibration = run.scored.as_deref().and_then(scores::calibration);
    let errors = report.errors;
    run.faults = vec![
        (CHANGED_TEXT, errors.wrong_reconstruction),
        ("bad markup", errors.format_error),
        ("unknown labels", errors.label_error),
        ("unknown mentions", errors.entity_error),
    ];
    run.headline = Some(headline);
}

/// The config without its seed: what runs have in common that differ by it alone.
fn group(config: &toml::Table) -> String {
    let mut config = config.clone();
    if let Some(toml::Value::Table(training)) = config.get_mut("training") {
        training.remove("seed");
    }
    config.to_string()
}

fn sample(SampleText { at, source, target }: SampleText) -> Sample {
    Sample { at: at.into(), source: source.into(), target: target.into() }
}

/// The text of the file `name`; nothing if it is not there.
pub(super) fn text(folder: &Path, name: &str) -> Result<Option<String>, Error> {
    let path = folder.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Io { action: Access::Read, path, source }),
    }
}

/// The JSON in the file `name` of a run that is done.
fn read<T: DeserializeOwned>(folder: &Path, name: &str, is_done: bool) -> Result<Option<T>, Error> {
    if is_done { json(folder, name) } else { Ok(None) }
}

fn json<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Option<T>, Error> {
    let read = |text: String| {
        serde_json::from_str(&text).map_err(|error| {
            Error::Data(format!(
                "failed to read {}: {error}; bring the file back with `train --resume`",
                folder.join(name).display()
            ))
        })
    };
    text(folder, name)?.map(read).transpose()
}
