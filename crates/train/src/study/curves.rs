//! The curves of a study: held-out score over steps, or training loss where too little was scored, made of the events of its cells.

use fishdip_report::curve::{band, thinned};
use fishdip_report::picture::{Line, Picture};
use std::fs;

use super::cells::{Cell, Group};
use super::metric::metric;
use crate::{Access, CellState, Error, Event, TimedEvent};

/// Scores are a curve from so many on; with fewer, the losses say more.
const SCORES: usize = 3;

/// What the events of a cell tell.
struct Told {
    group: usize,
    /// Held-out scores, by step, and what they are.
    scores: Vec<(usize, f64)>,
    metric: &'static str,
    /// Training losses, by step.
    losses: Vec<(usize, f64)>,
}

/// The curves of the cells that are done, a line a group.
pub(super) fn picture(groups: &[Group], cells: &[Cell]) -> Result<Picture, Error> {
    let done = cells.iter().filter(|cell| cell.state() == CellState::Done);
    let told = done.map(told).collect::<Result<Vec<_>, _>>()?;
    let is_scored = !told.is_empty() && told.iter().all(|told| told.scores.len() >= SCORES);
    let metric = metric(told.iter().map(|told| told.metric));
    let lines = groups.iter().enumerate().filter_map(|(index, group)| {
        let own = told.iter().filter(|told| told.group == index);
        let curves: Vec<_> =
            own.map(|told| if is_scored { told.scores.clone() } else { thinned(&told.losses) }).collect();
        let points = band(&curves);
        (!points.is_empty()).then(|| Line { name: group.name.clone(), points })
    });
    let what = if is_scored { format!("held-out {metric}") } else { "training loss".to_owned() };
    Ok(Picture { lines: lines.collect(), across: "steps".to_owned(), up: what })
}

fn told(cell: &Cell) -> Result<Told, Error> {
    let path = cell.folder.join("events.jsonl");
    let text =
        fs::read_to_string(&path).map_err(|source| Error::Io { action: Access::Read, path, source })?;
    let mut told = Told { group: cell.group, scores: Vec::new(), metric: "score", losses: Vec::new() };
    // A line of a kind that this program does not know is none of these.
    for TimedEvent { event, .. } in text.lines().filter_map(|line| serde_json::from_str(line).ok()) {
        match event {
            Event::Evaluated { step, report, .. } => {
                told.metric = report.headline_name();
                told.scores.push((step, report.headline()));
            }
            Event::Step { step, loss, .. } => told.losses.push((step, f64::from(loss))),
            _ => {}
        }
    }
    Ok(told)
}
