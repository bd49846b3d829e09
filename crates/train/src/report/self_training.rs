//! The rounds of a run that learns from what it finds itself: what each has learned beside the labelled examples.

use fishdip_report::{Run, Study, Text};
use std::path::Path;

use super::ROUNDS;
use crate::Error;
use crate::run_result::{SelfTrainingRound, json};

/// What the rounds in `folder`, which are the `runs` of the report, have learned; nothing where they have not taught themselves.
pub(super) fn gather(folder: &Path, runs: &[Run]) -> Result<Option<Study>, Error> {
    let metric = runs.iter().find_map(|run| run.headline.as_ref()).map_or("score", |of| of.metric);
    let mut rows = Vec::new();
    for run in runs {
        let record = folder.join(ROUNDS).join(format!("{}.json", run.name.raw()));
        if !record.is_file() {
            continue;
        }
        let SelfTrainingRound { gold, texts, accepted, labels, calibrated_on, .. } = json(&record)?;
        let labels: Vec<String> = labels.iter().map(|(label, count)| format!("{label} {count}")).collect();
        rows.push(vec![
            run.name.clone(),
            Text::from(gold.to_string()),
            Text::from(format!("{accepted} of {texts}")),
            Text::from(labels.join(", ")),
            Text::from(calibrated_on.to_string()),
            run.headline
                .as_ref()
                .map_or_else(|| Text::from("–"), |of| Text::from(format!("{:.4}", of.after))),
        ]);
    }
    let head =
        ["round", "labelled examples", "texts accepted", "labels in them", "scores calibrated by", metric];
    let remarks = [
        "Each round learns the labelled examples, and of the texts without labels those that the model of the round before was sure of, as it labelled \
         them. The adapter of the run is that of the last round.",
        "Where no score was calibrated by, texts were accepted by the scores as the model gives them.",
    ];
    let table =
        Study { head: head.map(str::to_owned).to_vec(), rows, remarks: remarks.map(Text::from).to_vec() };
    Ok((!table.rows.is_empty()).then_some(table))
}
