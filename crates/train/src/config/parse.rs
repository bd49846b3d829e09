//! From text and overrides to a checked config.

use fishdip_tasks::shortened;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::overrides::Override;
use super::ranges::{self, Fault};
use super::{CompatPreset, MethodConfig, RunConfig, compat, idle};
use crate::Error;

/// Parses `text` (called `file` in messages) with the `overrides` on top of it, each written `key=value`.
pub(super) fn parse(file: &str, text: &str, overrides: &[String]) -> Result<RunConfig, Error> {
    let overrides = overrides.iter().map(|text| Override::of_command(text)).collect::<Result<Vec<_>, _>>()?;
    parse_with(file, text, &overrides)
}

/// Parses `text` (called `file` in messages) with the `overrides` on top of it. What is wrong is looked for in the whole, so that a file may
/// leave to overrides what it does not say, and told with the line or the override that it comes from.
pub(super) fn parse_with(file: &str, text: &str, overrides: &[Override]) -> Result<RunConfig, Error> {
    let mut table: Table = read(file, text)?;
    compat::write_out(&mut table);
    let of_file = method(&table);
    let idle_in_file = idle::idle(&table);
    for set in overrides {
        set.apply(&mut table).map_err(|message| config_error(set.place.clone(), message, None))?;
        compat::write_out(&mut table);
    }
    // A key without effect is an error where it is said to no purpose, by an override or by the file itself. Where overrides ask for something else
    // than the file is written for, such as another method, what it says of its own goes with it.
    let drop = |table: &mut Table, path: [String; 2], reason: String, is_idle_in_file: bool| {
        if let Some(set) = overrides.iter().rev().find(|set| set.decides(&path)) {
            return Err(config_error(set.place.clone(), reason, None));
        }
        if is_idle_in_file {
            let place = line_of(text, &path).map_or(file.to_owned(), |line| format!("{file}:{line}"));
            return Err(config_error(place, reason, None));
        }
        let [section, key] = path;
        remove(table, &section, &key);
        Ok(())
    };
    if let Some((of, set)) = method(&table) {
        for (key, reason) in of.idle(|key| set.contains_key(key)) {
            let in_file = of_file.as_ref().is_none_or(|(of, _)| !of.idle(|other| other == key).is_empty());
            drop(&mut table, path_of(key), reason, in_file)?;
        }
    }
    for (key, reason) in idle::idle(&table) {
        let in_file = idle_in_file.iter().any(|(other, _)| *other == key);
        drop(&mut table, key.map(str::to_owned), reason, in_file)?;
    }
    let config = of_table(file, text, table, overrides)?;
    match config.check() {
        Err(Error::Config { message, hint, .. }) => {
            Err(Error::Config { place: place_of_clash(file, text, &message, overrides), message, hint })
        }
        other => other.map(|()| config),
    }
}

/// Where the last of the keys stands that `message` names, which do not go together: an override, else a line of the file.
fn place_of_clash(file: &str, text: &str, message: &str, overrides: &[Override]) -> String {
    // Keys stand in backquotes, some with a value behind them; sections in brackets.
    let quoted = message.split('`').skip(1).step_by(2).filter_map(|name| name.split(' ').next());
    let sections = message.split('[').skip(1).filter_map(|rest| rest.split(']').next());
    let paths: Vec<Vec<String>> =
        quoted.chain(sections).map(|name| name.split('.').map(str::to_owned).collect()).collect();
    if let Some(set) = overrides.iter().rev().find(|set| paths.iter().any(|path| set.decides(path))) {
        return set.place.clone();
    }
    let table: Table = text.parse().unwrap_or_default();
    let value = |path: &[String]| {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(table.get(first)?, |at, key| at.get(key))
    };
    let lines = paths.iter().filter(|path| value(path).is_some()).filter_map(|path| line_of(text, path));
    lines.max().map_or(file.to_owned(), |line| format!("{file}:{line}"))
}

/// Parses what [`RunConfig::to_toml`] wrote, with whatever version. One that wrote keys without effect said nothing by them.
pub(super) fn parse_resolved(file: &str, text: &str) -> Result<RunConfig, Error> {
    let mut table: Table = read(file, text)?;
    drop_idle(&mut table);
    of_table(file, text, table, &[])
}

/// Takes the keys of `[method]` out of `table` that have no effect.
fn drop_idle(table: &mut Table) {
    if let Some((of, _)) = method(table)
        && let Some(method) = table.get_mut("method").and_then(Value::as_table_mut)
    {
        let idle: Vec<_> = of.idle(|key| method.contains_key(key)).into_iter().map(|(key, _)| key).collect();
        for key in idle {
            method.remove(key);
        }
    }
}

fn remove(table: &mut Table, section: &str, key: &str) {
    if let Some(section) = table.get_mut(section).and_then(Value::as_table_mut) {
        section.remove(key);
    }
}

/// `[method]` of `table`, if it can be read, and the keys that it sets.
fn method(table: &Table) -> Option<(MethodConfig, Table)> {
    let set = table.get("method")?.as_table()?.clone();
    Some((Value::Table(set.clone()).try_into().ok()?, set))
}

fn path_of(key: &str) -> [String; 2] {
    ["method".to_owned(), key.to_owned()]
}

/// The config in `table`, which is that of `text` and `overrides`.
fn of_table(file: &str, text: &str, mut table: Table, overrides: &[Override]) -> Result<RunConfig, Error> {
    let has_preset = compat::lay_preset_under(&mut table, read)?;
    // A preset is written for its own method.
    drop_idle(&mut table);
    if has_preset {
        for ([section, key], _) in idle::idle(&table) {
            remove(&mut table, section, key);
        }
    }
    let schema = RunConfig::schema();
    let value = Value::Table(table);
    if let Some(Fault { path, message }) = ranges::find(&schema, &value, &[]) {
        let set = overrides.iter().rev().find(|set| !message.ends_with("is missing") && set.decides(&path));
        let place = match set {
            Some(Override { key_place: Some(place), .. }) if message.starts_with(ranges::UNKNOWN) => {
                place.clone()
            }
            Some(set) => set.place.clone(),
            None => line_of(text, &path).map_or(file.to_owned(), |line| format!("{file}:{line}")),
        };
        return Err(config_error(place, message, elsewhere(&schema, &path)));
    }
    let config: Result<RunConfig, _> = value.try_into();
    let mut config = config.map_err(|e| {
        let own: Result<RunConfig, Error> = read(file, text);
        match (own, overrides) {
            // The file has the same fault by itself, and a line for it.
            (Err(Error::Config { place, message, hint }), _) if message == e.message() => {
                Error::Config { place, message, hint }
            }
            (_, [only]) => config_error(only.place.clone(), e.message().to_owned(), None),
            _ => config_error(file.to_owned(), e.message().to_owned(), None),
        }
    })?;
    // So that an override can take the file away.
    config.data.eval = config.data.eval.filter(|eval| !eval.as_os_str().is_empty());
    config.method.fill();
    // What it says is written out now.
    config.compat.preset = CompatPreset::default();
    Ok(config)
}

/// Parses TOML `text`; messages call it `file`.
pub(crate) fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|e| {
        let line = e.span().map(|span| line(text, span.start));
        let place = line.map_or(file.to_owned(), |line| format!("{file}:{line}"));
        let message = match e.message() {
            "recursion limit" => "keys or lists are nested too deep for a config",
            message => message,
        };
        // What stands between backquotes is from the file.
        let parts = message.split('`').enumerate();
        let parts = parts.map(|(i, part)| if i % 2 == 1 { shortened(part) } else { part.into() });
        config_error(place, parts.collect::<Vec<_>>().join("`"), None)
    })
}

/// The number of the line in which the byte is.
pub(crate) fn line(text: &str, byte: usize) -> usize {
    1 + text[..byte.min(text.len())].matches('\n').count()
}

/// The line of the value that `path` leads to, or of the last key on the way that is there.
pub(crate) fn line_of(text: &str, path: &[String]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let mut found = None;
    for name in path {
        let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == name) else { break };
        found = Some(line(text, key.span().start));
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    found
}

/// Keys by names that they do not have, and those that they have: a PEFT method's `rank` is one of matrices.
const OTHER_NAMES: [(&str, &str); 1] = [("method.rank", "method.losses")];

/// The key that an unknown one stands for, or that of another section that has its name.
fn elsewhere(schema: &Json, path: &[String]) -> Option<String> {
    let name = path.last().filter(|_| path.len() <= 2)?;
    let sections = schema["properties"].as_object()?;
    let known = |(section, inner): (&String, &Json)| {
        inner["properties"].get(name).map(|_| format!("{section}.{name}"))
    };
    let here = path.join(".");
    if let Some((_, other)) = OTHER_NAMES.iter().find(|(name, _)| *name == here) {
        return Some((*other).to_owned());
    }
    let mut found = sections.iter().filter_map(known);
    match (found.next(), found.next()) {
        (Some(one), None) if one != here => Some(one),
        _ => None,
    }
}

/// An error with a hint: a key that has the same name elsewhere, else the nearest known name of "unknown field `x`, expected one of `a`, `b`".
fn config_error(place: String, message: String, elsewhere: Option<String>) -> Error {
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown").then(|| names.next()).flatten();
    let hint = unknown.and_then(|unknown| elsewhere.or_else(|| nearest(unknown, names)));
    Error::Config { place, message, hint }
}

/// The one of `names` that is most like `name`, if one is like it.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    // The time grows with the length; a name is never longer than a folder's.
    let name: String = name.chars().take(400).collect();
    let near = names.map(|other| (strsim::damerau_levenshtein(&name, other), other));
    let near = near.filter(|&(distance, other)| distance * 2 <= other.len().max(name.len()));
    near.min().map(|(_, other)| other.to_owned())
}

#[cfg(test)]
mod tests;
