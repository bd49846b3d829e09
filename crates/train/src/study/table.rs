//! The table of a study, made of what its cells have left.

use fishdip_tasks::score::Interval;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::fs;

use super::cells::{Cell, Group};
use super::interval;
use super::metric::metric;
use crate::run_folder::ADAPTER;
use crate::run_result::{self, RunResult};
use crate::{Access, CellState, Error};

/// What a study has come to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StudyTable {
    /// A row a group, and one for each cell that is not done.
    pub rows: Vec<StudyRow>,
    /// What the scores are: F1, accuracy or another, or several where cells are of several tasks.
    pub metric: String,
    /// The group that differences are taken to.
    pub baseline: Option<String>,
}

/// A group of cells that differ by their seeds alone; or a cell that is not done, which has no figures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StudyRow {
    /// The name of the group, or of the cell.
    pub name: String,
    /// Axis by axis the value.
    pub group: Map<String, Json>,
    /// Cells that are done, each with its seed.
    pub seeds: usize,
    /// Their mean score.
    pub score: Option<f64>,
    /// Where it lies with 95 % confidence, over seeds and examples; over examples alone where there is one seed.
    pub interval: Option<[f64; 2]>,
    /// The mean score minus that of the baseline, over the seeds that both have.
    pub difference: Option<Interval>,
    /// Entries trained at a time.
    pub entries_trained: Option<usize>,
    /// The mean over the cells.
    pub seconds_per_step: Option<f64>,
    /// The mean over the cells.
    pub seconds_per_refresh: Option<f64>,
    /// That of the cell with the most.
    pub peak_rss_mib: Option<f64>,
    /// Bytes of the adapter's tensors, the mean over the cells.
    pub bytes: Option<u64>,
    /// Why the cell is not done.
    pub error: Option<String>,
}

/// A cell that is done.
struct Done<'a> {
    cell: &'a Cell,
    result: RunResult,
    bytes: u64,
}

/// The table of `groups` and their `cells`; differences are taken to the group `baseline`.
pub(super) fn table(groups: &[Group], cells: &[Cell], baseline: Option<usize>) -> Result<StudyTable, Error> {
    let mut done: Vec<Done<'_>> = Vec::new();
    for cell in cells.iter().filter(|cell| cell.state() == CellState::Done) {
        let file = cell.folder.join(ADAPTER).join("adapter_model.safetensors");
        let bytes = fs::metadata(&file).map_err(|source| Error::Io {
            action: Access::Read,
            path: file.clone(),
            source,
        })?;
        done.push(Done { cell, result: run_result::read(&cell.folder)?, bytes: bytes.len() });
    }
    let of_group = |group: usize| done.iter().filter(|done| done.cell.group == group).collect::<Vec<_>>();
    let baseline_cells = baseline.map(of_group);
    let mut rows = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let own = of_group(index);
        if !own.is_empty() {
            let against = baseline_cells.as_deref().filter(|_| baseline != Some(index));
            rows.push(row(group, &own, against.unwrap_or_default()));
        }
        let is_missing =
            |cell: &&Cell| cell.group == index && !own.iter().any(|done| done.cell.name == cell.name);
        rows.extend(cells.iter().filter(is_missing).map(|cell| missing(group, cell)));
    }
    Ok(StudyTable {
        rows,
        metric: metric(done.iter().map(|done| done.result.figures.after.headline_name())),
        baseline: baseline.and_then(|index| groups.get(index)).map(|group| group.name.clone()),
    })
}

fn row(group: &Group, cells: &[&Done<'_>], baseline: &[&Done<'_>]) -> StudyRow {
    let scored: Vec<_> = cells.iter().map(|done| &done.result.scored).collect();
    let Interval { value, low, high } = interval::of_scores(&scored);
    let pairs: Vec<_> = cells
        .iter()
        .filter_map(|done| {
            let same_seed = |other: &&&Done<'_>| other.cell.seed == done.cell.seed;
            let base = baseline.iter().find(same_seed)?;
            Some((&done.result.scored, &base.result.scored))
        })
        .collect();
    let mean = |figure: fn(&Done<'_>) -> f64| {
        cells.iter().map(|done| figure(done)).sum::<f64>() / cells.len().max(1) as f64
    };
    StudyRow {
        name: group.name.clone(),
        group: group.values.clone(),
        seeds: cells.len(),
        score: Some(value),
        interval: Some([low, high]),
        difference: (!pairs.is_empty()).then(|| interval::of_differences(&pairs)),
        entries_trained: cells.iter().map(|done| done.result.figures.entries_trained).max(),
        seconds_per_step: Some(mean(|done| done.result.figures.seconds_per_step)),
        seconds_per_refresh: Some(mean(|done| done.result.figures.seconds_per_refresh)),
        peak_rss_mib: cells.iter().filter_map(|done| done.result.figures.peak_rss_mib).reduce(f64::max),
        bytes: Some(mean(|done| done.bytes as f64).round() as u64),
        error: None,
    }
}

/// Why a cell is not done.
pub(super) fn why_missing(cell: &Cell) -> String {
    cell.failure().unwrap_or_else(|| match cell.state() {
        CellState::Begun => "it has begun and is not done".to_owned(),
        _ => "it was not run".to_owned(),
    })
}

/// The row of a cell that is not done.
fn missing(group: &Group, cell: &Cell) -> StudyRow {
    let error = why_missing(cell);
    StudyRow {
        name: cell.name.clone(),
        group: group.values.clone(),
        seeds: 0,
        score: None,
        interval: None,
        difference: None,
        entries_trained: None,
        seconds_per_step: None,
        seconds_per_refresh: None,
        peak_rss_mib: None,
        bytes: None,
        error: Some(error),
    }
}
