//! The file of a study: a base config, what all cells set, axes of values, seeds.

use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::{Spanned, Table, Value};

use crate::Error;
use crate::config::{Override, keys_of, parse, read_toml};

/// The key of the seed, which has a list of its own in a study.
const SEED: &str = "training.seed";

/// A study, as its file says it.
#[derive(Debug)]
pub(super) struct StudyConfig {
    /// What messages call the file.
    pub(super) file: String,
    /// The run config that all cells begin with.
    pub(super) base: PathBuf,
    /// What all cells set.
    pub(super) set: Vec<Override>,
    /// In the order of the file.
    pub(super) axes: Vec<Axis>,
    pub(super) seeds: Vec<Seed>,
    /// The group that differences are taken to, and the place where it is named.
    pub(super) baseline: Option<(String, String)>,
    /// Of simulations of active learning: the score whose labels and seconds are told.
    pub(super) target: Option<f64>,
}

/// What varies.
#[derive(Debug)]
pub(super) struct Axis {
    pub(super) name: String,
    /// The place where it begins.
    pub(super) place: String,
    pub(super) points: Vec<Point>,
}

/// A value of an axis.
#[derive(Debug)]
pub(super) struct Point {
    /// The value, or the name of the preset.
    pub(super) value: Value,
    pub(super) set: Vec<Override>,
}

/// A seed, which cells of one group differ by.
#[derive(Debug)]
pub(super) struct Seed {
    pub(super) seed: u64,
    pub(super) set: Override,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    base: PathBuf,
    #[serde(default)]
    set: Table,
    #[serde(default)]
    axis: Vec<Spanned<AxisTable>>,
    seeds: Option<Spanned<Vec<Spanned<u64>>>>,
    baseline: Option<Spanned<String>>,
    target: Option<Spanned<f64>>,
}

/// `[[axis]]`: a key with values, or a name with presets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AxisTable {
    name: Option<String>,
    key: Option<Spanned<String>>,
    values: Option<Vec<Spanned<Value>>>,
    preset: Option<Vec<Spanned<Preset>>>,
}

/// `[[axis.preset]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Preset {
    name: String,
    set: Table,
}

impl StudyConfig {
    /// Reads the file at `path`.
    pub(super) fn load(path: &Path) -> Result<Self, Error> {
        Self::parse(&path.display().to_string(), &read_toml(path)?)
    }

    /// Has all cells set what a command line says, each written `key=value`.
    pub(super) fn set_all(&mut self, set: &[String]) -> Result<(), Error> {
        for text in set {
            let set = Override::of_command(text)?;
            let points =
                |axis: &Axis| axis.points.iter().any(|point| point.set.iter().any(|other| other.meets(&set)));
            let varied = if self.seeds.iter().any(|seed| seed.set.meets(&set)) {
                Some("the list of seeds".to_owned())
            } else {
                self.axes.iter().find(|axis| points(axis)).map(|axis| format!("the axis {}", axis.name))
            };
            if let Some(varied) = varied {
                let message = format!(
                    "sets a key of all cells, and {varied} of {} sets it cell by cell; change the file",
                    self.file
                );
                return Err(refused(set.place().to_owned(), message));
            }
            self.set.push(set);
        }
        Ok(())
    }

    /// Reads `text`, which messages call `name`.
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let file: File = parse::read(name, text)?;
        let place = |byte: usize| format!("{name}:{}", parse::line(text, byte));
        let mut set = Vec::new();
        leaves(&file.set, &mut vec!["set".to_owned()], &mut |path, value| {
            let line = parse::line_of(text, path);
            let place = line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"));
            set.push(Override::new(place, path[1..].to_vec(), value));
        });
        let mut axes: Vec<Axis> = Vec::new();
        for table in file.axis {
            let at = place(table.span().start);
            let axis = axis(table.into_inner(), at, &place)?;
            if axes.iter().any(|other| other.name == axis.name) {
                let message = format!("two axes are called {:?}; give one of them another `name`", axis.name);
                return Err(refused(axis.place, message));
            }
            axes.push(axis);
        }
        if axes.is_empty() {
            return Err(refused(
                name.to_owned(),
                "the study has no axis; add an [[axis]] with `key` and `values`, or with `name` and presets",
            ));
        }
        let seeds = seeds(file.seeds, &place)?;
        check_once(&set, &axes, &seeds)?;
        let baseline = file.baseline.map(|baseline| (place(baseline.span().start), baseline.into_inner()));
        let baseline = baseline.map(|(place, baseline)| (baseline, place));
        let target = match file.target {
            Some(target) if !(0.0..=1.0).contains(target.get_ref()) => {
                let message = format!("`target` is a score from 0 to 1, not {}", target.get_ref());
                return Err(refused(place(target.span().start), message));
            }
            target => target.map(Spanned::into_inner),
        };
        Ok(Self { file: name.to_owned(), base: file.base, set, axes, seeds, baseline, target })
    }
}

fn axis(table: AxisTable, at: String, place: &impl Fn(usize) -> String) -> Result<Axis, Error> {
    let empty = "the axis has no value; a study needs at least one of each axis";
    let (name, points) = match (table.key, table.values, table.preset) {
        (Some(key), Some(values), None) => {
            let path = keys_of(key.get_ref()).map_err(|message| refused(place(key.span().start), message))?;
            if path.join(".") == SEED {
                let message = "seeds are no axis, since groups are averaged over them; list them as `seeds = [1, 2]` above the first table";
                return Err(refused(place(key.span().start), message));
            }
            let last = path.last().cloned().unwrap_or_default();
            let of_key = place(key.span().start);
            let point = |value: Spanned<Value>| {
                let at = place(value.span().start);
                let value = value.into_inner();
                let set = Override::new(at.clone(), path.clone(), value.clone()).with_keys_at(of_key.clone());
                (at, Point { set: vec![set], value })
            };
            (table.name.unwrap_or(last), values.into_iter().map(point).collect::<Vec<_>>())
        }
        (None, None, Some(presets)) => {
            let Some(name) = table.name else {
                return Err(refused(at, "an axis of presets has no key; give it a `name`"));
            };
            (name, presets.into_iter().map(|preset| point(preset, place)).collect())
        }
        _ => {
            let message = "an axis has either `key` and `values`, or `name` and one or more [[axis.preset]]";
            return Err(refused(at, message));
        }
    };
    if points.is_empty() {
        return Err(refused(at, empty));
    }
    let mut kept: Vec<Point> = Vec::with_capacity(points.len());
    for (at, point) in points {
        if kept.iter().any(|other| other.value == point.value) {
            let message = format!("the axis {name:?} has the value {} twice; take one out", point.value);
            return Err(refused(at, message));
        }
        kept.push(point);
    }
    Ok(Axis { name, place: at, points: kept })
}

/// The value that a preset is, and its place.
fn point(preset: Spanned<Preset>, place: &impl Fn(usize) -> String) -> (String, Point) {
    let at = place(preset.span().start);
    let Preset { name, set: table } = preset.into_inner();
    let mut set = Vec::new();
    leaves(&table, &mut Vec::new(), &mut |path, value| {
        set.push(Override::new(format!("{at} (preset {name:?})"), path.to_vec(), value));
    });
    (at, Point { value: Value::String(name), set })
}

/// Refuses a key that is set twice in every cell, so that names and rows would tell a value that was not run: by two axes, or by the list of seeds and
/// something else. A preset may set what `[set]` does.
fn check_once(set: &[Override], axes: &[Axis], seeds: &[Seed]) -> Result<(), Error> {
    fn of_axis(axis: &Axis) -> impl Iterator<Item = &Override> {
        axis.points.iter().flat_map(|point| &point.set)
    }
    for (index, axis) in axes.iter().enumerate() {
        for other in &axes[..index] {
            let twice = of_axis(axis).find(|set| of_axis(other).any(|other| other.meets(set)));
            if let Some(twice) = twice {
                let message = format!(
                    "sets a key that the axis {:?} sets as well; give the two axes different keys",
                    other.name
                );
                return Err(refused(twice.place().to_owned(), message));
            }
        }
    }
    let Some(seed) = seeds.first() else { return Ok(()) };
    match set.iter().chain(axes.iter().flat_map(of_axis)).find(|set| set.meets(&seed.set)) {
        None => Ok(()),
        Some(twice) => {
            let message = "sets the seed, which `seeds` lists; take one of the two out";
            Err(refused(twice.place().to_owned(), message))
        }
    }
}

fn seeds(
    list: Option<Spanned<Vec<Spanned<u64>>>>,
    place: &impl Fn(usize) -> String,
) -> Result<Vec<Seed>, Error> {
    let Some(list) = list else { return Ok(Vec::new()) };
    if list.get_ref().is_empty() {
        let message = "`seeds` is empty; list one or more, or leave it out to take that of the base config";
        return Err(refused(place(list.span().start), message));
    }
    let path = || SEED.split('.').map(str::to_owned).collect::<Vec<_>>();
    let mut seeds: Vec<Seed> = Vec::new();
    for item in list.into_inner() {
        let at = place(item.span().start);
        let seed = item.into_inner();
        if seeds.iter().any(|other| other.seed == seed) {
            return Err(refused(at, format!("`seeds` has {seed} twice; take one out")));
        }
        // Whole numbers of TOML, and of `training.seed`, are smaller than those that can be read here.
        let Ok(number) = i64::try_from(seed) else {
            return Err(refused(at, format!("`seeds` has {seed}, and the largest seed is {}", i64::MAX)));
        };
        seeds.push(Seed { seed, set: Override::new(at, path(), Value::Integer(number)) });
    }
    Ok(seeds)
}

/// Hands on each value in `table` that is no table itself, with the keys that lead to it.
fn leaves(table: &Table, path: &mut Vec<String>, found: &mut impl FnMut(&[String], Value)) {
    for (key, value) in table {
        path.push(key.clone());
        match value {
            Value::Table(inner) => leaves(inner, path, found),
            value => found(path, value.clone()),
        }
        path.pop();
    }
}

pub(super) fn refused(place: String, message: impl Into<String>) -> Error {
    Error::Config { place, message: message.into(), hint: None }
}
