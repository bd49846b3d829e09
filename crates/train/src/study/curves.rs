//! The curves of a study: held-out score over steps, or training loss where too little was scored, made of the events of its cells.

use std::fs;

use super::cells::{Cell, Group};
use super::svg::{BandPoint, Line, Picture};
use crate::{Access, CellState, Error, Event, TimedEvent};

/// Scores are a curve from so many on; with fewer, the losses say more.
const SCORES: usize = 3;

/// Points of a curve of losses, each the mean of those around it.
const POINTS: usize = 50;

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
    let metric = told.first().map_or("score", |told| told.metric);
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

/// The means of neighbouring points, so that a curve of many steps can be seen.
fn thinned(points: &[(usize, f64)]) -> Vec<(usize, f64)> {
    let mean = |part: &[(usize, f64)]| {
        let sum: f64 = part.iter().map(|point| point.1).sum();
        (part.last().map_or(0, |point| point.0), sum / part.len() as f64)
    };
    points.chunks(points.len().div_ceil(POINTS).max(1)).map(mean).collect()
}

/// The steps that every one of `curves` has.
pub(super) fn band(curves: &[Vec<(usize, f64)>]) -> Vec<BandPoint> {
    let Some((first, others)) = curves.split_first() else { return Vec::new() };
    let at = |step: usize| {
        let of = |curve: &Vec<(usize, f64)>| curve.iter().find(|point| point.0 == step).map(|point| point.1);
        others.iter().map(of).collect::<Option<Vec<f64>>>()
    };
    let point = |&(step, value): &(usize, f64)| {
        let values: Vec<f64> = [value].into_iter().chain(at(step)?).collect();
        // A loss that is no number has no place in a picture.
        if !values.iter().all(|value| value.is_finite()) {
            return None;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some((step as f64, mean, [least, most]))
    };
    first.iter().filter_map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_has_the_steps_of_all_seeds() {
        let found = band(&[vec![(0, 1.0), (5, 0.5), (9, 0.1)], vec![(0, 3.0), (5, 0.5), (7, f64::NAN)]]);
        assert_eq!(found, [(0.0, 2.0, [1.0, 3.0]), (5.0, 0.5, [0.5, 0.5])]);
        assert_eq!(band(&[]), []);
    }

    #[test]
    fn many_points_become_few() {
        let points: Vec<(usize, f64)> = (1..=400).map(|step| (step, step as f64)).collect();
        let few = thinned(&points);
        assert_eq!((few.len(), few[0], few[49]), (50, (8, 4.5), (400, 396.5)));
        assert_eq!(thinned(&points[..3]), points[..3]);
        assert_eq!(thinned(&[]), []);
    }
}
