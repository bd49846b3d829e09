//! Lines with a class and a text.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::Path;

use super::columns::unclear;
use super::table::{LABELS, TEXTS};
use super::{Lines, NoteKind, Notes};
use crate::counted::counted;
use crate::{Example, Origin, Result};

/// What fastText writes before a class.
const MARK: &str = "__label__";

/// A class, a space or tab, and the text: one a line. Where lines have a word that begins with `__label__`,
/// as fastText has it, this is the class. A line that is not UTF-8 is taken for Latin-1, and noted.
pub(super) fn classes<R: BufRead>(
    reader: R,
    file: &Path,
    notes: &Notes,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    let mut lines = Lines::new(reader, file).or_latin1();
    let notes = notes.clone();
    let mut number = 0;
    let mut marked = None;
    let mut found: BTreeSet<String> = BTreeSet::new();
    std::iter::from_fn(move || {
        loop {
            let Some(line) = lines.next() else {
                let (examples, classes) = (number, found.len());
                if examples >= 20 && 2 * classes > examples {
                    let detail = format!(
                        "{examples} lines have {classes} classes; see that each line begins with its class"
                    );
                    notes.add(NoteKind::Assumed, None, detail);
                    found.clear();
                }
                if let count @ 1.. = lines.take_guessed() {
                    let detail = format!("not UTF-8 and read as Latin-1: {}", counted(count, "line"));
                    notes.add(NoteKind::Assumed, None, detail);
                }
                return None;
            };
            let example = match line {
                Ok((_, line)) if line.trim().is_empty() => continue,
                Ok((at, line)) => example(&at, line.trim(), number, &mut marked),
                Err(error) => Err(error),
            };
            number += 1;
            found.extend(example.iter().filter_map(|example| example.label.clone()));
            return Some(example);
        }
    })
}

/// `marked`: whether the lines before it have the mark of fastText.
fn example(at: &Origin, line: &str, number: usize, marked: &mut Option<bool>) -> Result<Example> {
    let marks: Vec<&str> = line.split_whitespace().filter(|word| word.starts_with(MARK)).collect();
    let is_marked = *marked.get_or_insert(!marks.is_empty());
    let (label, text) = match marks[..] {
        [] if is_marked => {
            return Err(unclear(at, format!("the line has no {MARK}, but others have; add its class")));
        }
        [mark] if is_marked => {
            let start = line.find(mark).unwrap_or_default();
            let rest = [line[..start].trim_end(), line[start + mark.len()..].trim_start()];
            (mark[MARK.len()..].to_owned(), rest.join(" ").trim().to_owned())
        }
        [] => plain(at, line)?,
        [first, second, ..] if is_marked => {
            let problem = format!(
                "the line has two classes, {first} and {second}, but a text can have one; keep one of them"
            );
            return Err(unclear(at, problem));
        }
        _ => {
            return Err(unclear(
                at,
                format!("the line has {MARK}, but others have not; write all in the same way"),
            ));
        }
    };
    if label.is_empty() || text.is_empty() {
        return Err(crate::Error::Read(crate::ReadError::Layout {
            at: at.clone(),
            expected: "a class, a space and a text",
        }));
    }
    Ok(Example {
        id: number.to_string(),
        text: Some(text.clone()),
        label: Some(label),
        origin: Some(at.clone()),
        ..Example::new(text.split_whitespace())
    })
}

fn plain(at: &Origin, line: &str) -> Result<(String, String)> {
    let Some((label, text)) = line.split_once([' ', '\t']) else {
        return Err(crate::Error::Read(crate::ReadError::Layout {
            at: at.clone(),
            expected: "a class, a space and a text",
        }));
    };
    let text = text.trim();
    let known = |names: &[&str], name: &str| names.contains(&name.to_lowercase().as_str());
    let seems = if label.starts_with(['{', '[']) {
        "JSON; if it is a text after all, write its class in front"
    } else if text.contains('\t') {
        "a table, as it has a tab behind its first word; give it the format tsv"
    } else if known(LABELS, label) && known(TEXTS, text) || known(TEXTS, label) && known(LABELS, text) {
        "the header of a table; give it the format tsv"
    } else if label.contains([',', ';', '"']) {
        "a table with commas; give it the format csv"
    } else {
        return Ok((label.to_owned(), text.to_owned()));
    };
    Err(unclear(at, format!("the line should be a class, a space and a text, but seems to be {seems}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::unnecessary_wraps)]
    use super::*;

    fn read(text: &str) -> Vec<Result<(String, String), String>> {
        let examples = classes(text.as_bytes(), Path::new("f.txt"), &Notes::default());
        let fields = |e: Example| (e.label.unwrap(), e.text.unwrap());
        examples.map(|example| example.map(fields).map_err(|error| error.to_string())).collect()
    }

    fn pair(label: &str, text: &str) -> Result<(String, String), String> {
        Ok((label.to_owned(), text.to_owned()))
    }

    #[test]
    fn marks_of_fasttext() {
        assert_eq!(
            read("__label__pos a film\nwell done __label__neg ,"),
            [pair("pos", "a film"), pair("neg", "well done ,")]
        );
        let found = read("__label__a __label__b x\n__label__a x\ny z\n__label__ x");
        assert!(
            found[0]
                .as_ref()
                .unwrap_err()
                .contains("f.txt:1: the line has two classes, __label__a and __label__b")
        );
        assert_eq!(found[1], pair("a", "x"));
        assert!(found[2].as_ref().unwrap_err().contains("f.txt:3: the line has no __label__"));
        assert!(found[3].as_ref().unwrap_err().contains("f.txt:4: expected a class"));
    }

    #[test]
    fn tables_and_json_are_no_classes() {
        assert_eq!(read("NUM:date When ?\npos\tyes"), [pair("NUM:date", "When ?"), pair("pos", "yes")]);
        for (text, seems) in [
            ("label\ttext", "header"),
            ("text label", "header"),
            ("I love it\tpos", "tsv"),
            ("1\tI love it\tpos", "tsv"),
            ("pos,\"I love it\"", "csv"),
            ("I,love it", "csv"),
            ("{\"text\": \"a b\"}", "JSON"),
        ] {
            let found = read(text);
            assert!(found[0].as_ref().unwrap_err().contains(seems), "{text}: {found:?}");
        }
    }

    #[test]
    fn texts_alone_are_noted() {
        let text: String = (0..30).map(|i| format!("word{i} is here")).collect::<Vec<_>>().join("\n");
        let notes = Notes::default();
        assert_eq!(classes(text.as_bytes(), Path::new("f"), &notes).count(), 30);
        assert!(notes.take()[0].detail.contains("30 classes"));
    }
}
