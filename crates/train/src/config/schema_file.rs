//! Labels from a file.

use std::io::ErrorKind;
use std::path::Path;

use fishdip_tasks::{Schema, shortened};

use crate::Error;

/// No config is larger, in bytes.
const LARGEST: u64 = 1 << 24;

/// The schema in the TOML file `path`; if there is no such file, the data set's of that name.
pub fn read_schema(path: &Path) -> Result<Schema, Error> {
    if !path.exists() {
        if let Some(schema) = path.to_str().and_then(Schema::preset) {
            return Ok(schema);
        }
        if path.extension().is_none() && path.components().count() == 1 {
            let place = format!("the schema {}", shortened(&path.to_string_lossy()));
            let known = Schema::PRESETS.join(", ");
            let message = format!(
                "it is no file, and no data set whose labels are known ({known}); without a schema, labels are named by task.naming"
            );
            return Err(Error::Config { place, message, hint: None });
        }
    }
    let (file, text) = (path.display().to_string(), read_toml(path)?);
    check_form(&file, &text)?;
    super::parse::read(&file, &text)
}

/// What a schema file looks like, in one line.
const FORM: &str = "write a line such as [entities], and in lines below it each label with its name in plain words, such as person = \"a human\"";

/// Refuses labels that stand in no table, such as `person = "a human"` in the first line: whether it is an entity, a
/// relation or a class is what the table says.
fn check_form(file: &str, text: &str) -> Result<(), Error> {
    let table: toml::Table = super::parse::read(file, text)?;
    let wrong = |path: &[&String], message: String| {
        let path: Vec<String> = path.iter().map(|key| (*key).clone()).collect();
        let line = super::parse::line_of(text, &path);
        let place = line.map_or(file.to_owned(), |line| format!("{file}:{line}"));
        Err(Error::Config { place, message, hint: None })
    };
    for (key, value) in &table {
        let Some(labels) = value.as_table() else {
            let tables = Schema::TABLES.map(|name| format!("[{name}]")).join(", ");
            return wrong(
                &[key],
                format!("`{}` stands in no table; {FORM}; the tables are {tables}", shortened(key)),
            );
        };
        let has_names = ["entities", "relations", "classes", "triggers"].contains(&key.as_str());
        if let Some((label, _)) = labels.iter().find(|(_, name)| has_names && !name.is_str()) {
            return wrong(
                &[key, label],
                format!("`{}` in [{key}] has no text for its name; {FORM}", shortened(label)),
            );
        }
    }
    Ok(())
}

/// The text of a TOML file; not of a device or a pipe, which need not end.
pub(crate) fn read_toml(path: &Path) -> Result<String, Error> {
    let read = fishdip_peft::read_file(path, LARGEST);
    let text = read.and_then(|bytes| {
        String::from_utf8(bytes).map_err(|error| std::io::Error::new(ErrorKind::InvalidData, error))
    });
    text.map_err(|source| Error::ReadConfig { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Result<Schema, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.toml");
        std::fs::write(&path, text).unwrap();
        read_schema(&path)
    }

    #[test]
    fn labels_in_no_table_are_refused_with_the_form_that_is_read() {
        for (text, line, key) in [
            ("labels = [\"person\", \"place\"]\n", 1, "labels"),
            ("# mine\nperson = \"a human\"\nplace = \"a place\"\n", 2, "person"),
            ("entities = [\"person\"]\n", 1, "entities"),
            ("entities = \"person\"\n", 1, "entities"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(
                message.contains(&format!("labels.toml:{line}: `{key}` stands in no table")),
                "{message}"
            );
            assert!(message.contains("[entities]") && message.contains("person = \"a human\""), "{message}");
        }
        let message = read("[entities]\nperson = [\"a human\"]\n").unwrap_err().to_string();
        assert!(
            message.contains("labels.toml:2: `person` in [entities] has no text for its name"),
            "{message}"
        );
        assert!(message.contains("person = \"a human\""), "{message}");
    }

    #[test]
    fn what_the_message_shows_is_read() {
        let schema = read("[entities]\nperson = \"a human\"\n").unwrap();
        assert_eq!(schema.entities().collect::<Vec<_>>(), [("person", "a human")]);
        let message = read("[entity]\nperson = \"a human\"\n").unwrap_err().to_string();
        assert!(message.contains("unknown field `entity`"), "{message}");
    }
}
