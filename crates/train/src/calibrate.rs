//! Scores made probabilities, by what comes true in held-out data.

use fishdip_peft::AdapterConfig;
use fishdip_tasks::score::{Calibration, Temperatures};
use serde::Serialize;
use std::path::PathBuf;

use crate::adapted::AdaptedModel;
use crate::event::{Event, Sink};
use crate::out_file::check_place;
use crate::run_info::ScoreCalibration;
use crate::tagger::Scored;
use crate::trained_on::tell_trained;
use crate::warnings::Warnings;
use crate::{Error, Interrupter, Split};

/// With fewer scores the temperatures are uncertain.
const ENOUGH: usize = 100;

/// What a calibration came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalibrationReport {
    /// The adapter folder.
    pub adapter: PathBuf,
    /// The file that was fitted to.
    pub data: PathBuf,
    /// How many scores were fitted to.
    pub n: usize,
    /// The expected calibration error of the scores as the model gives them.
    pub before: f64,
    /// That of calibrated scores, each of five parts by the temperatures of the four others.
    pub after: f64,
    /// The temperatures of all, which the adapter keeps.
    pub temperatures: Temperatures,
    /// Labels of the task of which nothing was found; they have the fallback.
    pub unseen: Vec<String>,
    /// Scores and what came true, before and after.
    pub tables: CalibrationTables,
}

/// The tables of a [`CalibrationReport`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalibrationTables {
    /// With the scores as the model gives them.
    pub before: Calibration,
    /// With calibrated scores, of fits that have not seen them.
    pub after: Calibration,
}

/// Fits temperatures to the scores of `adapted` in `split`, which was not trained on, and keeps them in the adapter folder in place of earlier ones. The tensors stay untouched. Predictions have calibrated scores once the folder is
/// loaded again.
///
/// Scores depend on how outputs are decoded, which is as the adapter's config says.
pub fn calibrate(
    adapted: &AdaptedModel,
    split: &Split,
    interrupter: &Interrupter,
    sink: &mut dyn Sink,
) -> Result<CalibrationReport, Error> {
    let task = adapted.task();
    let shown = split.file.display();
    if !task.has_scores() {
        return Err(Error::Data(format!(
            "the task {} gives no span and no class a score; there is nothing to calibrate",
            task.name()
        )));
    }
    // What a model has learned it is surer of than of anything else.
    if split.trained {
        return Err(Error::Data(format!(
            "{shown} is what the adapter was trained on, where its scores say nothing of other texts; calibrate on held-out data"
        )));
    }
    check_place(&adapted.folder.join("adapter_config.json"))?;
    let mut warnings = Warnings::default();
    warnings.add_notes(&split.file, &split.notes);
    let examples: Vec<_> = split.examples.iter().flat_map(|example| task.instances(example)).collect();
    tell_trained(adapted, &examples, &mut warnings)?;
    warnings.send(sink);
    if !examples.iter().any(|example| task.is_annotated(example)) {
        return Err(Error::Data(format!(
            "{shown} has no annotation for the task {}; scores cannot be judged by it",
            task.name()
        )));
    }
    let predictions = adapted.tagger.predict_raw(&examples, interrupter, sink)?;
    let judged = Scored::new(task, &examples, predictions).judged;
    if judged.len() < Temperatures::LEAST {
        return Err(Error::Data(format!(
            "the adapter finds {} things with a score in {shown}, and {} are needed to calibrate; take a larger file, or train longer",
            judged.len(),
            Temperatures::LEAST
        )));
    }
    let (temperatures, scaled) = (Temperatures::fit(&judged)?, Temperatures::held_out(&judged)?);
    let nothing = || Error::Data(format!("the adapter finds nothing in {shown}"));
    let table = |judged: &[_]| Calibration::of(judged).ok_or_else(nothing);
    let tables = CalibrationTables { before: table(&judged)?, after: table(&scaled)? };
    let n = judged.len();
    if n < ENOUGH {
        let message = format!("{shown} gives only {n} scores to fit; the temperatures are uncertain");
        sink.event(&Event::Warning { message });
    }
    let labels = task.scored_labels().into_iter();
    let report = CalibrationReport {
        adapter: adapted.folder.clone(),
        data: std::path::absolute(&split.file).unwrap_or_else(|_| split.file.clone()),
        n,
        before: tables.before.expected_calibration_error,
        after: tables.after.expected_calibration_error,
        unseen: labels.filter(|l| !temperatures.labels.contains_key(*l)).map(str::to_owned).collect(),
        temperatures,
        tables,
    };
    keep(adapted, &report)?;
    Ok(report)
}

/// Writes what `report` says of the scores into the adapter's config.
fn keep(adapted: &AdaptedModel, report: &CalibrationReport) -> Result<(), Error> {
    let &CalibrationReport { n, before, after, .. } = report;
    let (data, temperatures) = (report.data.clone(), report.temperatures.clone());
    let failed =
        |e: serde_json::Error| Error::Data(format!("the temperatures cannot be written as JSON: {e}"));
    let kept =
        serde_json::to_value(ScoreCalibration { data, n, before, after, temperatures }).map_err(failed)?;
    let mut config = AdapterConfig::load(&adapted.folder)?;
    // An object, or there would be no run information in it.
    if let Some(run) = config.run.as_object_mut() {
        run.insert("calibration".to_owned(), kept);
    }
    Ok(config.replace(&adapted.folder)?)
}
