//! Tables with a header, separated by commas or tabs: texts with a class, or sentences with an intent and
//! tags.

mod columns;
mod quotes;

use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use super::columns::splits::Splits;
use super::columns::unclear;
use super::lines::is_utf16;
use super::parquet::{self, Table as Parquet};
use super::sentences::slots;
use super::{NoteKind, Notes, ReadOptions};
use crate::counted::counted;
use crate::tags::TagScheme;
use crate::{Error, Example, Origin, Quirks, ReadError, Result};
use columns::Columns;
pub(super) use columns::{LABELS, TAGS, TEXTS};
use quotes::{Quotes, take_out};

/// Rows of a table, an example each, as [`rows`] reads them.
pub(super) fn table<R: BufRead>(
    reader: R,
    file: &Path,
    separator: u8,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<impl Iterator<Item = Result<Example>> + use<R>> {
    Ok(rows(reader, file, separator, options, notes)?.map(|row| row.map(|(example, _)| example)))
}

/// Rows of a table, an example each, with the names and cells of the columns that are not read. Fields may be
/// quoted, and then hold separators and line ends, as RFC 4180 has it; a table with tabs whose quotes do not fit
/// this has none. The columns are found by their names, or named by [`ReadOptions::text_key`] and
/// [`ReadOptions::tag_column`]. With a column of BIO tags, one for each word of the text, the class is an intent. A
/// row without a class is left out, and noted; a table with rows of several splits is refused.
pub(super) fn rows(
    mut reader: impl BufRead,
    file: &Path,
    separator: u8,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<Examples> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|source| Error::Io { file: file.to_owned(), source })?;
    if is_utf16(&bytes) {
        return Err(Error::Read(ReadError::Utf16 { file: file.to_owned() }));
    }
    let start = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
    let mut bytes = bytes.split_off(start);
    let bad = if separator == b',' { bad_lines(&mut bytes, file)? } else { BTreeSet::new() };
    let is_quoted = separator == b',' || is_quoted(&bytes, file, separator, notes)?;
    let mut rows = Rows {
        file: file.to_owned(),
        records: reader_of(&bytes, separator, is_quoted).into_byte_records(),
        bytes,
        bad,
    };
    let (at, header) = match rows.next() {
        Some(header) => header?,
        None => return Err(Error::Read(ReadError::Empty { file: file.to_owned(), format: name(separator) })),
    };
    let columns = Columns::find(&at, &header, Some(separator), options, notes)?;
    if options.scheme != TagScheme::Unlabelled {
        let records = reader_of(&rows.bytes, separator, is_quoted).into_byte_records().skip(1).flatten();
        let cell = |record: &csv::ByteRecord, column| {
            Some(std::str::from_utf8(record.get(column)?).ok()?.to_owned())
        };
        check_splits(records, cell, &at, &header, &columns)?;
    }
    Ok(examples(rows, header, columns, options, notes))
}

/// Rows of a table of Parquet, as [`rows`] has those of text.
pub(super) fn parquet_rows(
    reader: impl BufRead,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<Examples> {
    let Parquet { header, rows, nested, bytes } = parquet::table(reader, file, notes)?;
    let at = Origin::new(file, 1);
    let columns = Columns::find(&at, &header, None, options, notes).map_err(|error| match error {
        Error::Read(ReadError::Unclear { at, problem }) if !nested.is_empty() => {
            let advice = "which are read from JSON lines, as to_json() of the datasets library writes them";
            unclear(&at, format!("{problem}; {} hold lists or records, {advice}", nested.join(", ")))
        }
        Error::Read(ReadError::Unclear { at, problem }) if !bytes.is_empty() => {
            unclear(&at, format!("{problem}; {} hold bytes that are no text", bytes.join(", ")))
        }
        other => other,
    })?;
    if options.scheme != TagScheme::Unlabelled {
        check_splits(rows.iter(), |row, column| row.get(column).cloned(), &at, &header, &columns)?;
    }
    let file = file.to_owned();
    let rows =
        rows.into_iter().enumerate().map(move |(number, row)| Ok((Origin::new(&*file, number + 1), row)));
    Ok(examples(rows, header, columns, options, notes))
}

/// Rows of a table of Parquet, an example each.
pub(super) fn parquet_table(
    reader: impl BufRead,
    file: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<Box<dyn Iterator<Item = Result<Example>> + Send>> {
    Ok(Box::new(parquet_rows(reader, file, options, notes)?.map(|row| row.map(|(example, _)| example))))
}

/// Examples with the names and cells of the columns that are not read.
pub(super) type Examples = Box<dyn Iterator<Item = Result<(Example, OtherCells)>> + Send>;

/// What the rows hold, by their columns.
fn examples(
    mut rows: impl Iterator<Item = Result<(Origin, Vec<String>)>> + Send + 'static,
    header: Vec<String>,
    columns: Columns,
    options: &ReadOptions,
    notes: &Notes,
) -> Examples {
    let notes = notes.clone();
    let unlabelled = options.scheme == TagScheme::Unlabelled;
    let mut number = 0;
    Box::new(std::iter::from_fn(move || {
        loop {
            let row = rows.next()?;
            let at = row.as_ref().ok().map(|(at, _)| at.clone());
            let example = row.and_then(|(at, row)| Ok((example(&at, &row, &columns, unlabelled)?, row)));
            let id = number.to_string();
            number += 1;
            match example {
                Ok((Some(example), row)) => {
                    let id = if example.id.is_empty() { id } else { example.id };
                    return Some(Ok((Example { id, ..example }, columns.others(&header, row))));
                }
                Ok((None, _)) => notes.add(NoteKind::Unlabelled, at.as_ref(), "the row has no class"),
                Err(error) => return Some(Err(error)),
            }
        }
    }))
}

/// Cells with the names of their columns.
pub(super) type OtherCells = Vec<(String, String)>;

fn name(separator: u8) -> &'static str {
    if separator == b',' { "csv" } else { "tsv" }
}

type Records = csv::ByteRecordsIntoIter<std::io::Cursor<Vec<u8>>>;

fn reader_of(bytes: &[u8], separator: u8, is_quoted: bool) -> csv::Reader<std::io::Cursor<Vec<u8>>> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(separator).quoting(is_quoted);
    builder.from_reader(std::io::Cursor::new(bytes.to_vec()))
}

const BAD_QUOTE: &str = "a field begins with a quote that does not end before a comma; quote the whole field, and double the quotes in it";

/// The lines of a table with commas whose quotes are wrong, which are taken out of them. Where they may be of
/// several rows, the table is refused.
fn bad_lines(bytes: &mut [u8], file: &Path) -> Result<BTreeSet<usize>> {
    match Quotes::of(bytes, b',').bad {
        None => Ok(BTreeSet::new()),
        Some(line) => take_out(bytes, b',').ok_or_else(|| unclear(&Origin::new(file, line), BAD_QUOTE)),
    }
}

/// Whether quotes are marks in a table with tabs; what is neither clearly so nor clearly not is refused.
fn is_quoted(bytes: &[u8], file: &Path, separator: u8, notes: &Notes) -> Result<bool> {
    let quotes = Quotes::of(bytes, separator);
    let at = |line: usize| Origin::new(file, line);
    let is_even = || {
        let mut widths =
            reader_of(bytes, separator, false).into_byte_records().map(|r| r.map_or(0, |r| r.len()));
        let first = widths.next();
        widths.all(|width| Some(width) == first)
    };
    match (quotes.bad, quotes.over_lines) {
        (Some(_), _) => {
            notes.add(NoteKind::Assumed, None, "quotes are part of the text");
            Ok(false)
        }
        (None, Some(line)) if is_even() => Err(unclear(
            &at(line),
            "a quote may be part of the text or open a field of several lines; double the quotes of texts and quote the fields that hold them",
        )),
        _ => Ok(true),
    }
}

/// The rows with their lines.
struct Rows {
    file: PathBuf,
    records: Records,
    bytes: Vec<u8>,
    /// The lines whose quotes are wrong.
    bad: BTreeSet<usize>,
}

impl Iterator for Rows {
    type Item = Result<(Origin, Vec<String>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = match self.records.next()? {
            Ok(record) => record,
            // Reading from memory does not fail, and rows may have any length.
            Err(error) => {
                let problem = error.to_string();
                return Some(Err(unclear(&Origin::new(&*self.file, 1), problem)));
            }
        };
        let (byte, line) = record.position().map_or((0, 1), |at| (at.byte(), at.line()));
        let before = self.bytes.get(usize::try_from(byte).unwrap_or(usize::MAX)..).unwrap_or_default();
        // Blank lines before a row are not counted by its position.
        let blank =
            before.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n');
        let line = usize::try_from(line).unwrap_or(usize::MAX).saturating_add(blank.count());
        let at = Origin::new(&*self.file, line);
        if self.bad.contains(&line) {
            return Some(Err(unclear(&at, BAD_QUOTE)));
        }
        let fields = record.iter().map(|field| std::str::from_utf8(field).map(str::to_owned));
        match fields.collect() {
            Ok(fields) => Some(Ok((at, fields))),
            Err(_) => Some(Err(Error::Read(ReadError::Utf8 { at }))),
        }
    }
}

/// Refuses a table whose `rows` are of several splits, which would be read as one; `cell` gives what stands in a column of a row.
fn check_splits<R>(
    rows: impl Iterator<Item = R>,
    cell: impl Fn(&R, usize) -> Option<String>,
    at: &Origin,
    header: &[String],
    columns: &Columns,
) -> Result<()> {
    let others = header.iter().enumerate().filter(|(column, _)| !columns.reads(*column));
    let mut others: Vec<_> =
        others.map(|(column, name)| (column, name, Splits::of_column(Some(name)))).collect();
    for row in rows {
        for (column, _, splits) in &mut others {
            _ = splits.add(&cell(&row, *column).unwrap_or_default());
        }
    }
    match others.iter().find_map(|(_, name, splits)| Some((name, splits.several()?))) {
        None => Ok(()),
        Some((name, shown)) => Err(unclear(
            at,
            format!(
                "the column {name:?} says that rows are of several splits ({shown}); write each split into a file of its own, or take the column out if it says something else"
            ),
        )),
    }
}

/// Nothing if it has no class. An empty text is one where classes are not looked at.
fn example(at: &Origin, row: &[String], columns: &Columns, unlabelled: bool) -> Result<Option<Example>> {
    if row.len() != columns.width {
        let advice = if row.len() > columns.width {
            "quote texts that hold a separator"
        } else {
            "add what is missing; an empty column needs its separator too"
        };
        let problem = format!(
            "the row has {}, but the header has {}; {advice}",
            counted(row.len(), "column"),
            columns.width
        );
        return Err(unclear(at, problem));
    }
    let id = columns.id.map(|column| row[column].trim().to_owned()).unwrap_or_default();
    let named = (!id.is_empty()).then(|| at.of(&format!("example {id}")));
    let at = named.as_ref().unwrap_or(at);
    let text = row[columns.text].trim();
    if text.is_empty() && !unlabelled {
        let problem =
            format!("the text, in column {}, is empty; add it or take out the row", columns.text + 1);
        return Err(Error::Read(ReadError::NoText { at: at.clone(), problem }));
    }
    // White space around it is taken away where all labels are looked at, and told there.
    let label = columns.label.map(|column| row[column].as_str());
    if label.is_some_and(|label| label.trim().is_empty()) {
        return Ok(None);
    }
    if label.is_some_and(|label| label.starts_with("[{") || label.starts_with("{\"")) {
        return Err(unclear(
            at,
            "the class is JSON, as in Label Studio's CSV; export the project as JSON, and read that with the format label-studio",
        ));
    }
    if let Some(tags) = columns.tags {
        let intent = label.unwrap_or_default().trim();
        let example = slots(at.clone(), text, (at, &row[tags]), intent, Quirks::NONE)?;
        return Ok(Some(Example { id, ..example }));
    }
    let example = Example {
        id,
        text: Some(text.to_owned()),
        label: label.map(str::to_owned),
        origin: Some(at.clone()),
        ..Example::default()
    };
    // A class does not hang on words. What else is asked about a text is asked about those that a text of another layout has, unless its tags say which
    // words it has.
    Ok(Some(if unlabelled && !columns.has_tags {
        example.with_words_of_text()
    } else {
        Example { tokens: text.split_whitespace().map(str::to_owned).collect(), ..example }
    }))
}

#[cfg(test)]
mod tests;
