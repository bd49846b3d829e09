//! From text and overrides to a checked config.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::RunConfig;
use crate::Error;

/// Parses `text` (called `file` in messages), then the `overrides` on top of it, then checks ranges.
pub(super) fn parse(file: &str, text: &str, overrides: &[String]) -> Result<RunConfig, Error> {
    // The text as it stands, so that an error has a line.
    let mut config: RunConfig = read(file, text)?;
    if !overrides.is_empty() {
        let mut table: Table = read(file, text)?;
        for text in overrides {
            set(&mut table, text)?;
            // One at a time, so that an error names the override that caused it.
            config = Value::Table(table.clone())
                .try_into()
                .map_err(|e| config_error(format!("--set {text}"), toml_message(&e)))?;
        }
    }
    check(&config).map_err(|message| config_error(file.to_owned(), message))?;
    Ok(config)
}

/// Parses TOML `text`; messages call it `file`.
pub(crate) fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|e| {
        let line = e.span().map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        let place = line.map_or(file.to_owned(), |line| format!("{file}:{line}"));
        config_error(place, toml_message(&e))
    })
}

/// Puts `key.path=value` into `table`. The value is TOML; what is not TOML is text.
fn set(table: &mut Table, text: &str) -> Result<(), Error> {
    let wrong = || config_error(format!("--set {text}"), "an override is written key=value".to_owned());
    let (path, value) = text.split_once('=').ok_or_else(wrong)?;
    let value = format!("value = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut t| t.remove("value"))
        .unwrap_or_else(|| Value::String(value.to_owned()));
    let mut keys: Vec<&str> = path.trim().split('.').collect();
    let last = keys.pop().filter(|k| !k.is_empty()).ok_or_else(wrong)?;
    let mut table = table;
    for key in keys {
        let entry = table.entry(key).or_insert_with(|| Value::Table(Table::new()));
        table = entry.as_table_mut().ok_or_else(|| {
            config_error(format!("--set {text}"), format!("`{key}` is a value, not a section"))
        })?;
    }
    table.insert(last.to_owned(), value);
    Ok(())
}

fn toml_message(error: &toml::de::Error) -> String {
    error.message().to_owned()
}

/// Adds the nearest known name to serde's "unknown field `x`, expected one of `a`, `b`".
fn config_error(place: String, message: String) -> Error {
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown").then(|| names.next()).flatten();
    let hint = unknown.and_then(|unknown| {
        names
            .map(|name| (strsim::damerau_levenshtein(unknown, name), name))
            .filter(|&(distance, name)| distance * 2 <= name.len().max(unknown.len()))
            .min()
            .map(|(_, name)| name.to_owned())
    });
    Error::Config { place, message, hint }
}

/// What types alone do not say.
fn check(config: &RunConfig) -> Result<(), String> {
    let positive = [
        ("training.batch_size", config.training.batch_size),
        ("method.every", config.method.every),
        ("method.hard_samples", config.method.hard_samples),
        ("evaluation.batch_size", config.evaluation.batch_size),
        ("evaluation.batch_pieces", config.evaluation.batch_pieces),
        ("evaluation.max_output_pieces", config.evaluation.max_output_pieces),
        ("evaluation.beams", config.evaluation.beams),
        ("data.max_source_pieces", config.data.max_source_pieces),
        ("data.max_target_pieces", config.data.max_target_pieces),
    ];
    for (key, value) in positive {
        if value == 0 {
            return Err(format!("`{key}` must be at least 1"));
        }
    }
    if !(config.method.keep > 0.0 && config.method.keep <= 1.0) {
        return Err(format!("`method.keep` must be above 0 and at most 1, not {}", config.method.keep));
    }
    if !(0.0..1.0).contains(&config.training.dropout) {
        return Err(format!("`training.dropout` must be in [0, 1), not {}", config.training.dropout));
    }
    let rate = config.optimizer.learning_rate;
    if !(rate.is_finite() && rate > 0.0) {
        return Err(format!("`optimizer.learning_rate` must be above 0, not {rate}"));
    }
    for (key, beta) in [("beta1", config.optimizer.beta1), ("beta2", config.optimizer.beta2)] {
        if !(0.0..1.0).contains(&beta) {
            return Err(format!("`optimizer.{key}` must be in [0, 1), not {beta}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::parse;

    const MINIMAL: &str =
        "[model]\npath = \"m\"\n[data]\ndir = \"d\"\ntrain = \"t\"\neval = \"e\"\n[task]\nname = \"ner\"\n";

    fn error(text: &str, overrides: &[&str]) -> String {
        let overrides: Vec<String> = overrides.iter().map(|s| (*s).to_owned()).collect();
        parse("run.toml", text, &overrides).unwrap_err().to_string()
    }

    #[test]
    fn overrides_are_toml_or_text() {
        let overrides = ["training.steps=7", "data.dir=../some/where", "method.keep=0.05"].map(str::to_owned);
        let config = parse("run.toml", MINIMAL, &overrides).unwrap();
        assert_eq!(config.training.steps, 7);
        assert_eq!(config.data.dir.to_str(), Some("../some/where"));
        assert!((config.method.keep - 0.05).abs() < 1e-12);
    }

    #[test]
    fn an_unknown_key_names_line_and_nearest_key() {
        let text = format!("{MINIMAL}[training]\nstpes = 5\n");
        let message = error(&text, &[]);
        assert!(message.starts_with("run.toml:10: unknown field `stpes`"), "{message}");
        assert!(message.ends_with("did you mean `steps`?"), "{message}");
    }

    #[test]
    fn a_wrong_override_is_named() {
        let message = error(MINIMAL, &["method.kep=0.1"]);
        assert!(message.starts_with("--set method.kep=0.1: unknown field `kep`"), "{message}");
        assert!(message.ends_with("did you mean `keep`?"), "{message}");
        assert!(error(MINIMAL, &["steps"]).contains("key=value"));
        assert!(error(MINIMAL, &["method.name=fishdip"]).contains("did you mean `fish-dip`?"));
    }

    #[test]
    fn values_out_of_range_are_refused() {
        assert!(error(MINIMAL, &["method.keep=0"]).contains("`method.keep` must be above 0"));
        assert!(error(MINIMAL, &["training.batch_size=0"]).contains("at least 1"));
        assert!(error(MINIMAL, &["optimizer.learning_rate=nan"]).contains("learning_rate"));
    }
}
