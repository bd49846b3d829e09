//! Documents with coreference: columns of CoNLL-2012 and of GUM, and CoNLL-U of CorefUD.

mod corefud;
mod document;

use std::io::BufRead;
use std::path::Path;

use super::columns::unclear;
use super::{Column, Cut, Lines, Notes, ReadOptions};
use crate::counted::counted;
use crate::text::is_space;
use crate::{Error, Example, Origin, ReadError, Result};
use document::Document;

/// A document's name and lines, as they stand.
#[derive(Debug)]
struct Raw {
    at: Origin,
    id: String,
    lines: Vec<(Origin, String)>,
    broken: Option<Error>,
}

impl Raw {
    fn new(at: Origin, id: &str) -> Self {
        Self { at, id: id.trim().to_owned(), lines: Vec::new(), broken: None }
    }

    fn fail(&mut self, error: Error) {
        self.broken.get_or_insert(error);
    }
}

/// One example for each `#begin document`. The words stand in the fourth column and the mentions in the last,
/// as CoNLL-2012 and LitBank have it, or, where there are three columns, in the second and third, as GUM and
/// OntoGUM have it. Mentions open `(3`, close `3)` or are one word `(3)`, joined by `|` or nothing. A file
/// that has no such line, but documents of CoNLL-U, is read as CorefUD.
pub(super) fn columns<R: BufRead>(
    reader: R,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<std::vec::IntoIter<Result<Example>>> {
    let lines: Vec<Result<(Origin, String)>> = Lines::new(reader, file).collect();
    let is_begin =
        |line: &Result<(Origin, String)>| line.as_ref().is_ok_and(|(_, line)| begins(line).is_some());
    if !lines.iter().any(is_begin) {
        return corefud::documents(lines, file, notes);
    }
    let documents = raw_documents(lines)?;
    let all = || documents.iter().flat_map(|document| &document.lines);
    let layout = match all().next() {
        Some((first, _)) => {
            Layout::find(first, &all().map(|(_, line)| line.as_str()).collect::<Vec<_>>(), options)?
        }
        None => Layout { cut: Cut::Tabs, word: 3, marks: None },
    };
    let examples: Vec<_> = documents.into_iter().map(|raw| example(raw, layout, notes)).collect();
    Ok(examples.into_iter())
}

/// The name of the document that begins with this line.
fn begins(line: &str) -> Option<&str> {
    line.strip_prefix('#')?.trim_start().strip_prefix("begin document")
}

fn ends(line: &str) -> bool {
    line.strip_prefix('#').is_some_and(|line| line.trim_start().starts_with("end document"))
}

/// The line. One that cannot be read is the fault of the document that it stands in; nothing then.
fn legible(line: Result<(Origin, String)>, documents: &mut [Raw]) -> Result<Option<(Origin, String)>> {
    match (line, documents.last_mut()) {
        (Ok(line), _) => Ok(Some(line)),
        (Err(error @ (Error::Io { .. } | Error::Read(ReadError::Utf16 { .. }))), _) | (Err(error), None) => {
            Err(error)
        }
        (Err(error), Some(document)) => {
            document.fail(error);
            Ok(None)
        }
    }
}

fn raw_documents(lines: Vec<Result<(Origin, String)>>) -> Result<Vec<Raw>> {
    let mut documents: Vec<Raw> = Vec::new();
    let mut open = false;
    for line in lines {
        let Some((at, line)) = legible(line, &mut documents)? else { continue };
        if let Some(id) = begins(&line) {
            if let Some(document) = documents.last_mut().filter(|_| open) {
                let problem = "a document begins, but the one before it has no #end document; put it there";
                document.fail(unclear(&at, problem));
            }
            documents.push(Raw::new(at, id));
            open = true;
        } else if ends(&line) {
            open = false;
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            match documents.last_mut() {
                Some(document) if open => document.lines.push((at, line)),
                // A document for the error alone.
                _ => {
                    let mut document = Raw::new(at.clone(), "");
                    document.fail(unclear(
                        &at,
                        "the line stands outside of a document; put #begin document before it",
                    ));
                    documents.push(document);
                    open = true;
                }
            }
        }
    }
    if let Some(document) = documents.last_mut().filter(|_| open) {
        let at = document.lines.last().map_or_else(|| document.at.clone(), |(at, _)| at.clone());
        document.fail(Error::Read(ReadError::Layout { at, expected: "#end document after #begin document" }));
    }
    Ok(documents)
}

/// Where words and mentions stand, from 0.
#[derive(Clone, Copy, Debug)]
struct Layout {
    cut: Cut,
    word: usize,
    /// None: in the last column, however many there are.
    marks: Option<usize>,
}

impl Layout {
    fn find(first: &Origin, lines: &[&str], options: &ReadOptions) -> Result<Self> {
        let cut = if lines.iter().any(|line| line.contains('\t')) { Cut::Tabs } else { Cut::Spaces };
        let width = lines.iter().map(|line| fields(cut, line).len()).min().unwrap_or_default();
        let column = |column: &Option<Column>| match column {
            Some(Column::Number(number)) => Ok(number.checked_sub(1)),
            Some(Column::Name(name)) => {
                Err(unclear(first, format!("no header names the column {name:?}; give its number, from 1")))
            }
            None => Ok(None),
        };
        let (word, marks) = (column(&options.word_column)?, column(&options.tag_column)?);
        if let Some(word) = word {
            return Ok(Self { cut, word, marks });
        }
        let counts = |column: usize| {
            let is_number =
                |line: &&&str| fields(cut, line).get(column).is_some_and(|n| n.parse::<usize>().is_ok());
            2 * lines.iter().filter(is_number).count() > lines.len()
        };
        if width == 3 && counts(0) {
            return Ok(Self { cut, word: 1, marks: marks.or(Some(2)) });
        }
        if width > 4 && counts(2) {
            return Ok(Self { cut, word: 3, marks });
        }
        let problem = format!(
            "lines of {} are neither number, word and mentions, nor CoNLL-2012 (document, part, number, word, …, mentions); name the columns of the words and of the mentions (--word-column, --tag-column)",
            counted(width, "column")
        );
        Err(unclear(first, problem))
    }
}

/// The columns of a line; at tabs the last one may be empty.
fn fields(cut: Cut, line: &str) -> Vec<&str> {
    match cut {
        Cut::Spaces => cut.fields(line),
        _ => line.split('\t').map(|field| field.trim_matches(is_space)).collect(),
    }
}

fn example(raw: Raw, layout: Layout, notes: &Notes) -> Result<Example> {
    if let Some(error) = raw.broken {
        return Err(error);
    }
    let mut document = Document::new(raw.id, raw.at);
    for (at, line) in &raw.lines {
        let fields = fields(layout.cut, line);
        let marks = layout.marks.unwrap_or(fields.len() - 1);
        let (Some(word), Some(marks)) =
            (fields.get(layout.word), fields.get(marks).filter(|_| marks > layout.word))
        else {
            let problem = format!(
                "the line has {}, too few for a word and its mentions",
                counted(fields.len(), "column")
            );
            return Err(unclear(at, problem));
        };
        if word.is_empty() {
            return Err(Error::Read(ReadError::NoToken { at: at.clone(), column: layout.word + 1 }));
        }
        document.word(at, word, marks)?;
    }
    document.finish(notes)
}

#[cfg(test)]
mod tests;
