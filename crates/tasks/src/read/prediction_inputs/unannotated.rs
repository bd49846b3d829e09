//! Files of annotated layouts without their annotations, so that what is wrong in these alone costs no answer.
//!
//! The file is written anew on its way to the reader of its layout: annotations are left out or replaced by
//! those of a text that nobody annotated; what the task is asked about (a predicate, a pair of mentions, a
//! trigger) stays. Every line stays where it is, so that messages name the right one.

mod json;
mod lines;

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use super::super::json::text;
use super::super::{Column, Format, Lines, ReadOptions};
use super::kept::KeptFields;
use crate::{Result, TaskKind};

/// What a rewritten file is read from.
pub(super) type Reader = Box<dyn BufRead + Send>;

/// `reader`, which holds a file of the layout `format`, without annotations. Fields that the layout does not
/// know are put into `kept`.
pub(super) fn without_annotations(
    format: Format,
    reader: impl BufRead + Send + 'static,
    file: &Path,
    options: &ReadOptions,
    kind: TaskKind,
    kept: &KeptFields,
) -> Result<Reader> {
    let layout = json::Layout::of(format, kind, kept);
    Ok(match format {
        // An object a line: each is answered when it comes.
        Format::Dygie | Format::Opennre | Format::Conll12 | Format::CorefJson => {
            rewritten(reader, move |line, number| layout.as_ref().map(|layout| layout.rewrite(line, number)))
        }
        Format::Genia => {
            let mut group = lines::Genia::default();
            rewritten(reader, move |line, _| group.rewrite(line))
        }
        Format::Conll05 => rewritten(reader, move |line, _| lines::conll05(line, kind)),
        Format::Ade => rewritten(reader, |line, _| lines::ade(line)),
        Format::Semeval => {
            let mut sentence = lines::Semeval::default();
            rewritten(reader, move |line, _| sentence.rewrite(line))
        }
        Format::IntentTable => {
            rewritten(reader, move |line, number| lines::intents(line).filter(|_| number > 1))
        }
        Format::Classes => {
            let mut marked = None;
            rewritten(reader, move |line, _| lines::classes(line, &mut marked))
        }
        Format::Coref => {
            let marks = match options.tag_column {
                Some(Column::Number(number)) => number.checked_sub(1),
                _ => None,
            };
            let mut document = lines::Document::new(marks);
            rewritten(reader, move |line, _| document.rewrite(line))
        }
        Format::Propbank => {
            let mut columns = lines::Arguments::default();
            rewritten(reader, move |line, _| columns.rewrite(line))
        }
        _ => match layout {
            Some(layout) => Box::new(Cursor::new(layout.rewrite(&text(reader, file)?, 1).into_bytes())),
            None => Box::new(reader),
        },
    })
}

/// Lines as they come, each as `rewrite` makes it, where that makes something of it. One that is no UTF-8, or
/// longer than lines may be, stays as it is.
struct Rewritten<R, F> {
    reader: R,
    rewrite: F,
    line: Vec<u8>,
    /// How much of the line was read.
    read: usize,
    /// Whether the line goes on from before.
    inside: bool,
    /// Its number, from 1.
    number: usize,
}

fn rewritten<R, F>(reader: R, rewrite: F) -> Reader
where
    R: BufRead + Send + 'static,
    F: FnMut(&str, usize) -> Option<String> + Send + 'static,
{
    let lines = Rewritten { reader, rewrite, line: Vec::new(), read: 0, inside: false, number: 0 };
    Box::new(BufReader::new(lines))
}

impl<R: BufRead, F: FnMut(&str, usize) -> Option<String>> Rewritten<R, F> {
    fn next(&mut self) -> io::Result<()> {
        (self.read, self.line) = (0, Vec::new());
        let most = Lines::<R>::MOST_BYTES as u64 + 1;
        self.reader.by_ref().take(most).read_until(b'\n', &mut self.line)?;
        let is_rest = self.inside;
        self.number += usize::from(!is_rest);
        self.inside = self.line.len() as u64 == most && self.line.last() != Some(&b'\n');
        if is_rest || self.inside || self.line.is_empty() {
            return Ok(());
        }
        let Ok(line) = std::str::from_utf8(&self.line) else { return Ok(()) };
        let line = if self.number == 1 { line.trim_start_matches('\u{feff}') } else { line };
        let content = line.trim_end_matches(['\n', '\r']);
        if let Some(new) = (self.rewrite)(content, self.number) {
            self.line = (new + &line[content.len()..]).into_bytes();
        }
        Ok(())
    }
}

impl<R: BufRead, F: FnMut(&str, usize) -> Option<String>> Read for Rewritten<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.line.len() {
            self.next()?;
        }
        let count = (&self.line[self.read..]).read(buffer)?;
        self.read += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
