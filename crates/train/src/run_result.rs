//! `result.json` and `outcomes.json`: what a run leaves behind its end, for whoever compares runs.

use fishdip_tasks::{Example, Outcomes, Report};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::prepare::hash_examples;
use crate::run_folder::RunFolder;
use crate::{Access, Error, HeldOut};

/// The report of the run. It is written last, so that a run with one has come to its end.
pub(crate) const RESULT: &str = "result.json";

/// What each scored example adds to the headline score.
pub(crate) const OUTCOMES: &str = "outcomes.json";

/// Where a training was ruined.
pub(crate) const NAN_REPORT: &str = "nan-report.json";

/// The content of [`NAN_REPORT`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NanReport {
    /// The last good step.
    pub(crate) step: usize,
    /// What was found.
    pub(crate) reason: String,
    /// The examples of the step behind it.
    pub(crate) examples: Vec<String>,
}

/// One training of a run that learns from what it finds itself, and what it has learned beside the labelled examples.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SelfTrainingRound {
    /// Its number; that of labelled examples alone has 0.
    pub round: usize,
    /// Labelled examples.
    pub gold: usize,
    /// Texts that the training before it was asked about; of the first, that there are.
    pub texts: usize,
    /// Of these, how many it learns.
    pub accepted: usize,
    /// How often each label is in them.
    pub labels: BTreeMap<String, usize>,
    /// How many scores the training before it was calibrated by; 0 where its scores are as the model gives them.
    pub calibrated_on: usize,
    /// The headline score of this training.
    pub score: Option<f64>,
}

/// What a run came to, as it is read again.
#[derive(Clone, Debug)]
pub(crate) struct RunResult {
    pub(crate) figures: Figures,
    pub(crate) scored: ScoredExamples,
}

/// What comparisons take of the report.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Figures {
    pub(crate) after: Report,
    #[serde(default)]
    pub(crate) best_step: Option<usize>,
    #[serde(default)]
    pub(crate) held_out: Option<HeldOut>,
    pub(crate) seconds: f64,
    pub(crate) entries_trained: usize,
    pub(crate) seconds_per_step: f64,
    pub(crate) seconds_per_refresh: f64,
    pub(crate) peak_rss_mib: Option<f64>,
}

/// The content of `outcomes.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScoredExamples {
    /// BLAKE3 hash of the examples. Of two runs with the same one, the outcomes are of the same examples.
    pub(crate) examples: String,
    /// One an example.
    pub(crate) outcomes: Outcomes,
}

/// Writes the `report` of the run in `folder`, which scored `eval`.
pub(crate) fn write(
    folder: &RunFolder,
    report: &impl Serialize,
    eval: &[Example],
    outcomes: Outcomes,
) -> Result<(), Error> {
    folder.write_json_line(OUTCOMES, &ScoredExamples { examples: hash(eval)?, outcomes })?;
    folder.write_json(RESULT, report)
}

/// Whether the run in the folder `run` has come to its end.
pub(crate) fn is_there(run: &Path) -> bool {
    run.join(RESULT).is_file()
}

/// Reads the result of the run in the folder `run`.
pub(crate) fn read(run: &Path) -> Result<RunResult, Error> {
    Ok(RunResult { figures: json(&run.join(RESULT))?, scored: json(&run.join(OUTCOMES))? })
}

/// What each example that was scored adds to the score of the run in the folder `run`; nothing if that is not kept there.
pub(crate) fn read_scored(run: &Path) -> Result<Option<ScoredExamples>, Error> {
    let path = run.join(OUTCOMES);
    if path.is_file() { json(&path).map(Some) } else { Ok(None) }
}

pub(crate) fn json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, Error> {
    let text =
        fs::read(path).map_err(|source| Error::Io { action: Access::Read, path: path.to_owned(), source })?;
    serde_json::from_slice(&text).map_err(|error| {
        Error::Data(format!(
            "failed to read {}: {error}; remove the folder of the run to train it anew, or bring the file back with `train --resume`",
            path.display()
        ))
    })
}

fn hash(eval: &[Example]) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    hash_examples(&mut hasher, eval)?;
    Ok(hasher.finalize().to_hex().to_string())
}
