//! The cells of a study: every combination of the values of its axes and its seeds.

use serde_json::{Map, Value as Json};
use std::path::{Path, PathBuf};
use toml::Value;

use super::config::{Point, Seed, StudyConfig, refused};
use crate::active::PICKED;
use crate::config::{Override, read_toml};
use crate::{Error, RunConfig};

/// Bytes of the longest name that every file system takes as a folder, with room for what is written beside it.
const LONGEST: usize = 200;

/// More cells than this are a slip.
const MOST: usize = 10_000;

/// What stands in the folder of a study beside its cells.
pub(crate) const TABLE: &str = "table.md";
pub(super) const CSV: &str = "table.csv";
pub(super) const ROUNDS: &str = "rounds.csv";
/// The table for programs, such as a report.
pub(crate) const JSON: &str = "table.json";
pub(super) const CURVES: &str = "curves.svg";
pub(super) const FAILURES: &str = "failures";

/// One run of a study.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Its values and its seed, as a name for a folder.
    pub name: String,
    /// Its run folder.
    pub folder: PathBuf,
    /// Its config, before data and model are looked at.
    pub config: RunConfig,
    /// Its seed, where the study lists seeds.
    pub seed: Option<u64>,
    /// The index of its group.
    pub(super) group: usize,
}

/// Cells that differ by their seeds alone.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Its values, as a name.
    pub(super) name: String,
    /// Axis by axis the value.
    pub(super) values: Map<String, Json>,
}

/// The groups of `study` and their cells, which have their folders in `out`. Each config is checked as far as it can be without data and model.
pub(super) fn cells(study: &StudyConfig, out: &Path) -> Result<(Vec<Group>, Vec<Cell>), Error> {
    let base = (study.base.display().to_string(), read_toml(&study.base)?);
    let sizes = study.axes.iter().map(|axis| axis.points.len());
    let all = sizes.chain([study.seeds.len().max(1)]).try_fold(1_usize, usize::checked_mul);
    if all.is_none_or(|all| all > MOST) {
        let message = format!("the axes have more than {MOST} combinations; take values out");
        return Err(refused(study.file.clone(), message));
    }
    let (mut groups, mut cells): (Vec<Group>, Vec<Cell>) = (Vec::new(), Vec::new());
    for points in combinations(study) {
        let parts: Vec<String> =
            study.axes.iter().zip(&points).map(|(axis, point)| part(&axis.name, &point.value)).collect();
        let values =
            study.axes.iter().zip(&points).map(|(axis, point)| (axis.name.clone(), json(&point.value)));
        let group = Group { name: safe(&parts.join(",")), values: values.collect() };
        let seeds: Vec<Option<&Seed>> =
            if study.seeds.is_empty() { vec![None] } else { study.seeds.iter().map(Some).collect() };
        for seed in seeds {
            let name = match seed {
                Some(seed) => format!("{},seed={}", group.name, seed.seed),
                None => group.name.clone(),
            };
            check_name(study, &cells, &name)?;
            let set: Vec<Override> = study
                .set
                .iter()
                .chain(points.iter().flat_map(|point| &point.set))
                .chain(seed.map(|seed| &seed.set))
                .cloned()
                .collect();
            let config = RunConfig::parse_with(&base.0, &base.1, &set)?;
            if config.data.is_cross_validation() {
                let message = "`data.folds` asks for several runs, and a cell is one; add an axis with `key = \"data.fold\"`, or take it out";
                return Err(refused(format!("{}: the cell {name}", study.file), message));
            }
            let (folder, seed) = (out.join(&name), seed.map(|seed| seed.seed));
            cells.push(Cell { name, folder, config, seed, group: groups.len() });
        }
        groups.push(group);
    }
    Ok((groups, cells))
}

/// Every combination of the points of all axes; the last axis varies first.
fn combinations(study: &StudyConfig) -> Vec<Vec<&Point>> {
    let mut all: Vec<Vec<&Point>> = vec![Vec::new()];
    for axis in &study.axes {
        let longer = all
            .iter()
            .flat_map(|points| axis.points.iter().map(move |point| [points.as_slice(), &[point]].concat()));
        all = longer.collect();
    }
    all
}

/// Refuses a name that is too long, or that something else in the folder has, also where a file system does not tell large letters from small.
fn check_name(study: &StudyConfig, cells: &[Cell], name: &str) -> Result<(), Error> {
    let refuse = |message| Err(refused(study.file.clone(), message));
    let is_taken = |other: &str| other.eq_ignore_ascii_case(name);
    if name.len() > LONGEST {
        let message = "has a name too long for a folder; write its values as presets with short names";
        return refuse(format!("the cell {:?} {message}", fishdip_tasks::shortened(name)));
    }
    if cells.iter().any(|cell| is_taken(&cell.name))
        || [TABLE, CSV, JSON, ROUNDS, CURVES, PICKED, FAILURES].into_iter().any(is_taken)
    {
        let message = "is the name of two things in the folder of the study; write its values as presets with other names";
        return refuse(format!("{name:?} {message}"));
    }
    Ok(())
}

/// What a value adds to a name: words stand alone, numbers behind the name of their axis.
fn part(axis: &str, value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::String(_) => format!("{axis}="),
        Value::Float(number) => format!("{axis}={number}"),
        other => format!("{axis}={other}"),
    }
}

/// The name with what file systems or shells take for something else replaced.
fn safe(name: &str) -> String {
    let is_safe = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '=' | '-' | '+' | ',');
    let name: String = name.chars().map(|c| if is_safe(c) { c } else { '-' }).collect();
    // Neither hidden, nor the folder above, nor an option of a command.
    match name.strip_prefix(['.', '-']) {
        Some(rest) => format!("_{rest}"),
        None => name,
    }
}

fn json(value: &Value) -> Json {
    serde_json::to_value(value).unwrap_or_else(|_| Json::String(value.to_string()))
}

#[cfg(test)]
mod tests;
