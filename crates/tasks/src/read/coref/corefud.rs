//! CorefUD: CoNLL-U whose last column has the brackets of mentions, `Entity=(e1-person-1-`.
//!
//! The layout is described at <https://ufal.mff.cuni.cz/corefud>.

use std::path::Path;

use super::document::{Document, Mark, marks};
use super::{Raw, legible};
use crate::read::columns::unclear;
use crate::read::{NoteKind, Notes};
use crate::{Error, Example, Origin, ReadError, Result};

/// One example for each `# newdoc`; all of the file is one, if there is none.
pub(super) fn documents(
    lines: Vec<Result<(Origin, String)>>,
    file: &Path,
    notes: &Notes,
) -> Result<std::vec::IntoIter<Result<Example>>> {
    let mut documents: Vec<Raw> = Vec::new();
    let mut is_corefud = false;
    for line in lines {
        let Some((at, line)) = legible(line, &mut documents)? else { continue };
        is_corefud |=
            line.starts_with("# newdoc") || line.starts_with("# global.Entity") || line.contains("Entity=(");
        if let Some(id) = line.strip_prefix("# newdoc") {
            documents.push(Raw::new(at, id.trim_start().strip_prefix("id =").unwrap_or(id)));
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            if documents.is_empty() {
                documents.push(Raw::new(at.clone(), ""));
            }
            if let Some(document) = documents.last_mut() {
                document.lines.push((at, line));
            }
        }
    }
    if !is_corefud {
        let problem = "expected documents between #begin document and #end document (CoNLL-2012, GUM), or CoNLL-U with # newdoc and Entity= (CorefUD); check the format";
        return Err(unclear(&Origin::new(file, 1), problem));
    }
    let examples: Vec<_> = documents.into_iter().map(|raw| example(raw, notes)).collect();
    Ok(examples.into_iter())
}

fn example(raw: Raw, notes: &Notes) -> Result<Example> {
    if let Some(error) = raw.broken {
        return Err(error);
    }
    let mut document = Document::new(raw.id, raw.at);
    let mut left_out = 0;
    for (at, line) in &raw.lines {
        let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
        let [id, form, .., misc] = fields[..] else {
            return Err(unclear(at, "expected the ten columns of CoNLL-U, separated by tabs"));
        };
        if fields.len() != 10 {
            return Err(unclear(
                at,
                format!("expected the ten columns of CoNLL-U, but there are {}", fields.len()),
            ));
        }
        if id.contains('-') {
            continue;
        }
        // An empty node is no word: what opens there opens at the next word, and what closes there, behind
        // the one before.
        let is_word = !id.contains('.');
        if is_word {
            if form.is_empty() {
                return Err(Error::Read(ReadError::NoToken { at: at.clone(), column: 2 }));
            }
            document.word(at, form, "")?;
        }
        let (start, end) = (document.len() - usize::from(is_word), document.len());
        let Some(text) = misc.split('|').find_map(|part| part.strip_prefix("Entity=")) else { continue };
        let found = marks(text).ok_or_else(|| {
            unclear(at, format!("expected the brackets of mentions and not {text:?} behind Entity="))
        })?;
        for mark in found {
            let (Mark::Opens(name) | Mark::Closes(name) | Mark::Single(name)) = mark;
            let cluster = name.split('-').next().unwrap_or_default();
            // A mention in parts, `e1[1/2]`, is no span.
            if name.contains('[') {
                left_out += usize::from(!matches!(mark, Mark::Closes(_)));
                continue;
            }
            if !matches!(mark, Mark::Closes(_)) {
                document.open(at, cluster, start);
            }
            if !matches!(mark, Mark::Opens(_)) {
                left_out += usize::from(start == end && matches!(mark, Mark::Single(_)));
                document.close(at, cluster, end)?;
            }
        }
    }
    let example = document.finish(notes)?;
    if left_out > 0 {
        let detail = format!(
            "{left_out} parts of mentions that are no span of words, in the document {:?}",
            example.id
        );
        notes.add(NoteKind::LeftOut, example.origin.as_ref(), detail);
    }
    Ok(example)
}
