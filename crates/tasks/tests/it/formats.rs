//! Runs the literate fixtures of `fixtures/formats`: a file of every format, and what is read from it.

use std::fs;
use std::path::{Path, PathBuf};

use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Mode, Quirks, Result, Schema, Task};

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
    for format in Format::ALL.iter().filter(|format| **format != Format::Auto) {
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
