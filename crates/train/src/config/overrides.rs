//! `--set key=value`.

use fishdip_tasks::shortened;
use toml::{Table, Value};

use crate::Error;

/// More keys than this in a row lead nowhere in a config.
const DEEPEST: usize = 8;

/// A longer key is none of a config.
const LONGEST: usize = 1000;

/// One value that is put into a config.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    /// What messages say it comes from.
    pub(super) place: String,
    /// The place where its keys stand, if it is another one.
    pub(super) key_place: Option<String>,
    /// The keys that lead to the value.
    path: Vec<String>,
    value: Value,
}

impl Override {
    /// The value to which the keys `path` lead, from `place`.
    pub(crate) fn new(place: String, path: Vec<String>, value: Value) -> Self {
        Self { place, key_place: None, path, value }
    }

    /// The same whose keys stand at `place`.
    pub(crate) fn with_keys_at(self, place: String) -> Self {
        Self { key_place: Some(place), ..self }
    }

    /// Reads `key.path=value`. Keys are written as in TOML: one with a dot or `=` in it has quotes. The value is TOML; what is not TOML is text.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let (keys, value) = parts(text).ok_or(
            "an override is written key=value, such as training.steps=800 or task.entities.PER=person",
        )?;
        let path = path(keys.trim())?;
        // One line of TOML with one value; anything else is text.
        let parsed = format!("value = {value}").parse::<Table>().ok().filter(|table| table.len() == 1);
        let parsed = parsed.and_then(|mut table| table.remove("value"));
        let place = place(text);
        Ok(Self {
            place,
            key_place: None,
            path,
            value: parsed.unwrap_or_else(|| Value::String(value.to_owned())),
        })
    }

    /// The same, or the error of a config.
    pub(crate) fn of_command(text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|message| Error::Config { place: place(text), message, hint: None })
    }

    /// What messages say it comes from.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// Whether both decide the same key, or one a key of the other's section.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.decides(&other.path)
    }

    /// Puts the value into `table`, with the sections that lead to it.
    pub(super) fn apply(&self, mut table: &mut Table) -> Result<(), String> {
        let Some((last, sections)) = self.path.split_last() else { return Ok(()) };
        for key in sections {
            let entry = table.entry(key).or_insert_with(|| Value::Table(Table::new()));
            table = entry
                .as_table_mut()
                .ok_or_else(|| format!("`{}` is a value, not a section", shortened(key)))?;
        }
        table.insert(last.clone(), self.value.clone());
        Ok(())
    }

    /// Whether the override decides what stands at `path`.
    pub(super) fn decides(&self, path: &[String]) -> bool {
        self.path.starts_with(path) || path.starts_with(&self.path)
    }
}

/// The keys and the value: what stands on both sides of the first `=` that is in no quotes.
fn parts(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, char) in text.char_indices() {
        match (quote, char) {
            (None, '=') => return Some((&text[..at], &text[at + 1..])),
            (None, '"' | '\'') => quote = Some(char),
            (Some(open), char) if open == char => quote = None,
            _ => {}
        }
    }
    None
}

/// What messages call the override `text`.
pub(super) fn place(text: &str) -> String {
    format!("--set {}", shortened(text))
}

/// The keys of a path. Without quotes a key is whatever stands between two dots, so that labels need none.
pub(crate) fn path(keys: &str) -> Result<Vec<String>, String> {
    let path = if !keys.contains(['"', '\'']) {
        keys.split('.').take(DEEPEST + 1).map(|key| key.trim().to_owned()).collect()
    } else if keys.len() <= LONGEST {
        quoted(keys).ok_or_else(|| format!("{} is no key of TOML", shortened(keys)))?
    } else {
        return Err(format!("a key of {} bytes leads nowhere", keys.len()));
    };
    if path.len() > DEEPEST {
        return Err(format!("more than {DEEPEST} keys in a row lead nowhere in a config"));
    }
    if path.iter().any(String::is_empty) {
        return Err("a key is empty; an override is written key=value, such as training.steps=800".to_owned());
    }
    Ok(path)
}

/// The keys of a path that has quotes.
fn quoted(keys: &str) -> Option<Vec<String>> {
    let mut table = format!("{keys} = 0").parse::<Table>().ok()?;
    let mut path = Vec::new();
    loop {
        let (key, value) = table.into_iter().next()?;
        path.push(key);
        match value {
            Value::Table(inner) => table = inner,
            _ => return Some(path),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> (Vec<String>, Value) {
        let found = Override::read(text).unwrap();
        (found.path, found.value)
    }

    #[test]
    fn keys_may_have_quotes() {
        let steps = (vec!["training".to_owned(), "steps".to_owned()], Value::Integer(7));
        assert_eq!(read("training.steps=7"), steps);
        assert_eq!(read(" training . \"steps\" = 7"), steps);
        let label = (vec!["task".to_owned(), "entities".to_owned(), "a.b=c".to_owned()], Value::from("x=y"));
        assert_eq!(read("task.entities.\"a.b=c\"=x=y"), label);
        assert_eq!(read("task.entities.'a.b=c'=\"x=y\""), label);
        assert_eq!(read("task.entities.New York=city").0[2], "New York");
    }

    #[test]
    fn what_is_not_one_value_is_text() {
        assert_eq!(read("data.dir=../some/where").1, Value::from("../some/where"));
        assert_eq!(read("data.dir=1\nother = 2").1, Value::from("1\nother = 2"));
        assert_eq!(read("data.dir=").1, Value::from(""));
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        let deep = vec!["a"; 100_000].join(".");
        let quoted = vec!["'a'"; 100_000].join(".");
        for text in ["steps", "=5", "a..b=5", ".a=5", "a.=5", "'a=5", "\"a\"b=5"] {
            assert!(Override::read(text).is_err(), "{text}");
        }
        for keys in [deep, quoted] {
            assert!(Override::read(&format!("{keys}=1")).unwrap_err().contains("nowhere"));
        }
        let nested = format!("a={}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(read(&nested).1, Value::String(_)));
        let dotted = format!("a={{{}=1}}", vec!["a"; 100_000].join("."));
        assert!(matches!(read(&dotted).1, Value::String(_)));
    }
}
