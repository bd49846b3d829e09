//! The rounds of a simulation of active learning, from its `curve.json` and its ledger.

use fishdip_report::{Learning, Study, Text};
use serde_json::Value;
use std::fs;
use std::path::Path;

use crate::active::{CURVE, CurveFile, LEDGER};
use crate::{Access, Error};

/// What the simulation in `folder` has come to; nothing before its first round is scored.
pub(super) fn gather(folder: &Path) -> Result<Option<Learning>, Error> {
    let path = folder.join(CURVE);
    if !path.is_file() {
        return Ok(None);
    }
    let text =
        fs::read(&path).map_err(|source| Error::Io { action: Access::Read, path: path.clone(), source })?;
    let curve: CurveFile = serde_json::from_slice(&text).map_err(|error| {
        Error::Data(format!(
            "failed to read {}: {error}; go on with the simulation to make it anew",
            path.display()
        ))
    })?;
    let auc = curve.auc()?;
    let CurveFile { metric, rounds } = curve;
    let number = |value: Option<f64>, digits: usize| {
        Text::from(value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}")))
    };
    let rows = rounds.iter().map(|round| {
        vec![
            Text::from(round.round.to_string()),
            Text::from(round.labels.to_string()),
            number(Some(round.score), 4),
            number(round.macro_f1, 4),
            number(round.measured, 4),
            number(round.query_seconds, 1),
            number(Some(round.train_seconds), 1),
        ]
    });
    let head =
        ["round", "labels", metric.as_str(), "macro F1", "stop measure", "choosing (s)", "training (s)"];
    let mut remarks: Vec<Text> = Vec::new();
    if let Some(auc) = auc {
        remarks
            .push(format!("Mean {metric} over the range of labels (the normalised area): {auc:.4}.").into());
    }
    remarks.push(match stopped(folder) {
        Some(why) => format!("It stopped by its criterion: {why}.").into(),
        None => "It was not stopped by a criterion.".into(),
    });
    let table = Study { head: head.map(str::to_owned).to_vec(), rows: rows.collect(), remarks };
    let points = rounds.iter().map(|round| (round.labels as usize, round.score)).collect();
    Ok(Some(Learning { metric: metric.into(), points, table }))
}

/// Why no more is asked for, by the ledger. What is wrong with that is told by who goes on with it.
fn stopped(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join(LEDGER)).ok()?;
    let mut entries = text.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    entries.find_map(|entry| Some(entry.get("stopped")?.get("why")?.as_str()?.to_owned()))
}
