//! What is looked at: names, and the beginning of a file.

use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value};

use crate::read::json::{Shape, beginnings, open};
use crate::{Error, Result};

/// How much of a file is looked at, in bytes; a dialogue may have fifty thousand.
const BEGINNING: u64 = 1 << 20;
/// How many lines and objects are.
const LINES: usize = 500;
const OBJECTS: usize = 30;

/// A file or folder, as far as it is looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    /// Its name, in small letters.
    pub(super) name: String,
    pub(super) is_folder: bool,
    /// The names in the folder; or, for a file, those beside it that begin alike.
    pub(super) files: Vec<String>,
    /// The first bytes, for what is no text.
    pub(super) magic: Vec<u8>,
    /// The first lines, as far as they are whole.
    pub(super) lines: Vec<String>,
    pub(super) json: Option<Json>,
}

/// The beginning of a JSON file.
#[derive(Clone, Debug)]
pub(super) struct Json {
    pub(super) is_list: bool,
    /// The first values of a list, or of those that stand one after another.
    pub(super) objects: Vec<Value>,
    /// The first entry's value if the file is one object, the first of them if it is a list.
    pub(super) entry: Option<Value>,
}

impl Sample {
    pub(super) fn of_path(path: &Path) -> Result<Self> {
        let io = |source| Error::Io { file: path.to_owned(), source };
        if path.is_dir() {
            let mut files = Vec::new();
            for entry in std::fs::read_dir(path).map_err(io)? {
                files.push(entry.map_err(io)?.file_name().to_string_lossy().to_lowercase());
            }
            files.sort();
            return Ok(Self { name: name(path), is_folder: true, files, ..Self::default() });
        }
        let mut bytes = Vec::new();
        open(path)?.take(BEGINNING).read_to_end(&mut bytes).map_err(io)?;
        let mut sample = Self::of_bytes(&bytes, path, (bytes.len() as u64) < BEGINNING);
        if path.with_extension("ann").is_file() {
            sample.files.push("ann".to_owned());
        }
        Ok(sample)
    }

    /// From the first bytes of `file`, which are all of it if `whole`.
    pub(super) fn of_bytes(bytes: &[u8], file: &Path, whole: bool) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut lines: Vec<&str> = text.split('\n').take(LINES + 1).collect();
        // The last is cut, or it is what follows the last line end.
        if lines.len() > 1
            && (!whole || lines.len() > LINES || lines.last().is_some_and(|line| line.is_empty()))
        {
            lines.pop();
        }
        let lines = lines.into_iter().map(|line| line.trim_end_matches('\r').to_owned()).collect();
        let magic = bytes.iter().take(512).copied().collect();
        Self { name: name(file), magic, lines, json: Json::of(text), ..Self::default() }
    }

    /// The lines that are not blank.
    pub(super) fn filled(&self) -> impl Iterator<Item = &str> + Clone {
        self.lines.iter().map(String::as_str).filter(|line| !line.trim().is_empty())
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_lowercase()
}

impl Json {
    fn of(text: &str) -> Option<Self> {
        if !text.trim_start().starts_with(['{', '[']) {
            return None;
        }
        let (shape, values) = beginnings(text, OBJECTS);
        let parse = |text: &&str| serde_json::from_str::<Value>(text).ok();
        let objects: Vec<Value> = values.iter().filter_map(parse).collect();
        // Columns may begin with a bracket as well.
        if objects.is_empty() && shape == Shape::List {
            return None;
        }
        let entry = (shape == Shape::Values).then(|| entry(values.first()?)).flatten();
        let list = shape == Shape::List;
        (list || entry.is_some() || !objects.is_empty()).then_some(Self { is_list: list, objects, entry })
    }

    /// All objects as one: each key with the first value that says something.
    pub(super) fn together(&self) -> Self {
        let mut all = Map::new();
        for (key, value) in self.objects.iter().filter_map(Value::as_object).flatten() {
            let says = |value: &Value| !(value.is_null() || value.as_array().is_some_and(Vec::is_empty));
            if says(value) && !all.get(key).is_some_and(says) || !all.contains_key(key) {
                all.insert(key.clone(), value.clone());
            }
        }
        Self { objects: vec![Value::Object(all)], ..self.clone() }
    }

    /// The first object.
    pub(super) fn first(&self) -> Option<&Map<String, Value>> {
        self.objects.first()?.as_object()
    }
}

/// The value of the first entry of the object that begins `text`, or the first of its list; both may go on
/// beyond the text.
fn entry(text: &str) -> Option<Value> {
    let (_, entries) = crate::read::json::entry_beginnings(text)?;
    let value = entries.trim_start();
    if value.starts_with('[') {
        return serde_json::from_str(beginnings(value, 1).1.first()?).ok();
    }
    serde_json::from_str(value).ok()
}
