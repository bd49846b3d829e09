//! Runs the literate fixtures of `fixtures/formats`: a file of every format, and what is read from it.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Example, Mode, Origin, Quirks, Result, Schema, Task, TaskKind};

struct Section<'a> {
    heading: &'a str,
    file: String,
    /// A task, perhaps with `original`; or `error`.
    kind: &'a str,
    expected: Vec<&'a str>,
}

fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections = Vec::new();
    for section in text.split("\n## ").skip(1) {
        let (heading, rest) = section.split_once('\n').unwrap();
        let mut blocks = rest.split("\n```");
        let (_, file) = (blocks.next(), blocks.next().unwrap());
        let (_, shown) = (blocks.next(), blocks.next().unwrap());
        let (kind, expected) = shown.split_once('\n').unwrap();
        let file = file.strip_prefix('\n').unwrap().to_owned() + "\n";
        sections.push(Section { heading, file, kind, expected: expected.lines().collect() });
    }
    sections
}

/// Writes the file, or the files of a folder, as `name`.
fn write(folder: &Path, name: &str, format: Format, text: &str) -> PathBuf {
    let path = folder.join(name);
    if matches!(format, Format::Intents | Format::Brat) {
        fs::remove_dir_all(&path).ok();
        fs::create_dir_all(&path).unwrap();
        for part in text.split("=== ").skip(1) {
            let (name, text) = part.split_once('\n').unwrap();
            fs::write(path.join(name), text).unwrap();
        }
    } else {
        fs::write(&path, text).unwrap();
    }
    path
}

fn read(path: &Path, format: Format, kind: &str) -> Result<Vec<String>> {
    let (name, original) = kind.split_once(' ').unwrap_or((kind, ""));
    let quirks = if original.is_empty() { Quirks::NONE } else { Quirks::ALL };
    let task = Task::new(name.parse().unwrap(), Schema::open(), Mode::Fixed);
    let mut lines = Vec::new();
    for example in format.read(path, &ReadOptions::new(TagScheme::Auto, quirks))? {
        for instance in task.instances(&example?) {
            let encoded = task.encode(&instance)?;
            lines.push(format!("{} => {}", encoded.source, encoded.target));
        }
    }
    Ok(lines)
}

#[test]
fn every_format_is_read_as_shown() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string("../../fixtures/formats/formats.md").unwrap();
    let (mut shown, mut refused) = (Vec::new(), Vec::new());
    for Section { heading, file, kind, expected } in sections(&text) {
        let format: Format = heading.split(':').next().unwrap().parse().unwrap();
        let path = write(folder.path(), format.name(), format, &file);
        if kind == "error" {
            let error = read(&path, format, "ner").unwrap_err().to_string();
            for part in expected {
                assert!(error.contains(part), "{heading}: {error}");
            }
            refused.push(format);
        } else {
            assert_eq!(read(&path, format, kind).unwrap(), expected, "{heading}");
            shown.push(format);
        }
    }
    // Files of Parquet are no text; their reader has a test of its own.
    let others = [Format::Auto, Format::Parquet];
    for format in Format::ALL.iter().filter(|format| !others.contains(format)) {
        assert!(shown.contains(format), "{} is not shown", format.name());
        assert!(refused.contains(format), "no bad file of {} is shown", format.name());
    }
}

#[test]
fn every_format_shows_itself() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string("../../fixtures/formats/formats.md").unwrap();
    for (number, Section { heading, file, kind, .. }) in sections(&text).into_iter().enumerate() {
        let format: Format = heading.split(':').next().unwrap().parse().unwrap();
        // The name tells nothing.
        let path = write(folder.path(), &number.to_string(), format, &file);
        match Format::Auto.resolve(&path) {
            Ok((found, _)) if found == format => {}
            // What is given as something else is told so.
            Ok((found, reason)) => {
                let told = read(&path, format, "ner")
                    .err()
                    .is_some_and(|error| error.to_string().contains(found.name()));
                assert!(kind == "error" && told, "{heading}: {found:?}, {reason:?}");
            }
            // What is wrong may be what tells the format.
            Err(error) => assert_eq!(kind, "error", "{heading}: {error}"),
        }
    }
}

/// What is wrong here is the text, or how the file is laid out, and not what is annotated.
const NO_TEXT: [&str; 16] = [
    "conll: a line with a column too few",
    "conll: ids of sentences that no header names",
    "fewrel: a relation that is no list",
    "propbank: without the words",
    "propbank: a column for the predicate is missing",
    "coref: a blank word",
    "coref: neither of the layouts",
    "coref-json: no tokens",
    "multiwoz: a dialogue of version 2.2",
    "multiwoz: a dialogue without a log",
    "multiwoz-prepared: no history",
    "classes: a class alone",
    "classes: a table",
    "csv: semicolons",
    "csv: two columns of texts",
    "tsv: a field too many",
];

/// What a prediction reads is the text of the examples that a training reads, whether what is annotated in it
/// can be read or not.
#[test]
fn annotations_cost_a_prediction_nothing() {
    let text = fs::read_to_string("../../fixtures/formats/formats.md").unwrap();
    let mut wrong = Vec::new();
    for Section { heading, file, kind, .. } in sections(&text) {
        let format: Format = heading.split(':').next().unwrap().parse().unwrap();
        let (name, original) = kind.split_once(' ').unwrap_or((kind, ""));
        if matches!(format, Format::Intents | Format::Brat) || !original.is_empty() {
            continue;
        }
        let kind: TaskKind = if name == "error" { TaskKind::Ner } else { name.parse().unwrap() };
        let task = Task::new(kind, Schema::open(), Mode::Fixed);
        let options = ReadOptions::default();
        let inputs = || {
            let reader = Cursor::new(file.clone().into_bytes());
            format.prediction_inputs(reader, Path::new("f"), &options, kind)
        };
        if name == "error" {
            let bad = match inputs() {
                Ok(inputs) => inputs.filter_map(|input| Some(input.err()?.error.to_string())).collect(),
                Err(error) => vec![error.to_string()],
            };
            if bad.is_empty() == NO_TEXT.contains(&heading) {
                wrong.push((heading, bad));
            }
            continue;
        }
        let asked = inputs().unwrap().flat_map(|input| task.instances(&input.unwrap().example));
        let line = |example: &Example| example.origin.as_ref().map(Origin::line);
        let mut asked = asked.map(|example| (task.source(&example).unwrap(), line(&example)));
        let reader = Cursor::new(file.clone().into_bytes());
        for example in format.read_from(reader, Path::new("f"), &options).unwrap() {
            for instance in task.instances(&example.unwrap()) {
                let read = (task.source(&instance).unwrap(), line(&instance));
                if !asked.any(|input| input == read) {
                    wrong.push((heading, vec![format!("{read:?}")]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
