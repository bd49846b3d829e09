//! brat's standoff files: <https://brat.nlplab.org/standoff.html>.

mod annotations;
mod files;

use std::io::Read as _;
use std::path::Path;

use super::json::fields::Record;
use super::json::open;
use super::raw_text::{RawText, kept};
use super::{Lines, NoteKind, Notes, ReadOptions};
use crate::tags::TagScheme;
use crate::{Error, Example, Origin, ReadError, Result};
use annotations::Document;
use files::Pair;

/// The documents of a folder and the folders in it, by name, or one document: a text in `NAME.txt` and its
/// annotations in `NAME.ann`, of which either may be given. A document is an example whose id is its name.
///
/// Entities (`T`), relations (`R`, from the first argument to the second) and events (`E`) are read.
/// Attributes, normalisations, notes and equivalences are left out, as are entities in several pieces with
/// words between them and what refers to them. Offsets count characters (Unicode scalar values). A document
/// without annotation file, or with an empty one, which brat makes for every text, is left out as not
/// annotated.
pub(super) fn brat(
    path: &Path,
    options: &ReadOptions,
    notes: &Notes,
) -> Result<impl Iterator<Item = Result<Example>> + use<>> {
    let unlabelled = options.scheme == TagScheme::Unlabelled;
    let pairs = files::pairs(path)?;
    let notes = notes.clone();
    Ok(kept(pairs.into_iter().map(move |pair| example(&pair, unlabelled, &notes)), path, unlabelled))
}

fn example(pair: &Pair, unlabelled: bool, notes: &Notes) -> Result<Option<Example>> {
    let mut bytes = Vec::new();
    let failed = |source| Error::Io { file: pair.text.clone(), source };
    open(&pair.text)?.read_to_end(&mut bytes).map_err(failed)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = String::from_utf8_lossy(before).matches('\n').count();
        Error::Read(ReadError::Utf8 { at: Origin::new(&pair.text, line + 1) })
    })?;
    let at = Origin::new(&pair.text, 1);
    let left_out = |why: &str| {
        notes.add(NoteKind::Unlabelled, Some(&at), format!("document {} {why}", pair.name));
        Ok(None)
    };
    if unlabelled {
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let record = Record::new(at, "document", &pair.name);
        return RawText::new(text).unlabelled(pair.name.clone(), &record).map(Some);
    }
    let mut document = Document::new(&text, pair, notes);
    let Some(annotations) = &pair.annotations else { return left_out("has no annotation file") };
    let lines: Vec<(Origin, String)> = Lines::new(open(annotations)?, annotations)
        .filter(|line| !matches!(line, Ok((_, line)) if line.trim().is_empty()))
        .collect::<Result<_>>()?;
    if lines.is_empty() {
        return left_out("has an empty annotation file");
    }
    document.read(&lines)?;
    document.example().map(Some)
}
