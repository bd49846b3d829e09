//! Sentences with intents and slots.

use std::io::BufRead;
use std::path::Path;

use super::Lines;
use super::columns::unclear;
use super::json::open;
use crate::tags::holds_several;
use crate::{Entity, Error, Example, Origin, Quirks, ReadError, Result};

/// A folder with `seq.in` (a sentence a line), `seq.out` (its BIO tags) and `label` (its intent).
pub(super) fn intent_folder(
    folder: &Path,
    quirks: Quirks,
) -> Result<impl Iterator<Item = Result<Example>> + use<>> {
    let file = |name: &str| Ok::<_, Error>(Lines::new(open(&folder.join(name))?, folder.join(name)));
    let (mut texts, mut tags, mut intents) = (file("seq.in")?, file("seq.out")?, file("label")?);
    let mut number = 0;
    let mut done = false;
    Ok(std::iter::from_fn(move || {
        if done {
            return None;
        }
        let lines = (texts.next(), tags.next(), intents.next());
        let example = match lines {
            (None, None, None) => return None,
            (Some(text), Some(tags), Some(intent)) => (|| {
                let ((at, text), (tags_at, tags), (intent_at, intent)) = (text?, tags?, intent?);
                if intent.trim().is_empty() {
                    return Err(Error::Read(ReadError::Layout { at: intent_at, expected: "an intent" }));
                }
                slots(at, &text, (&tags_at, &tags), intent.trim(), quirks)
            })(),
            _ => {
                done = true;
                Err(Error::Read(ReadError::Layout {
                    at: texts.origin().clone(),
                    expected: "seq.in, seq.out and label with as many lines as each other",
                }))
            }
        };
        number += 1;
        Some(example.map(|example| Example { id: (number - 1).to_string(), ..example }))
    }))
}

pub(super) fn slots(
    at: Origin,
    text: &str,
    (tags_at, tags): (&Origin, &str),
    intent: &str,
    quirks: Quirks,
) -> Result<Example> {
    let tokens: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
    let tags: Vec<&str> = tags.split_ascii_whitespace().collect();
    if tokens.len() != tags.len() || tokens.is_empty() {
        return Err(Error::Read(ReadError::Layout {
            at: tags_at.clone(),
            expected: "one tag for each word of the sentence",
        }));
    }
    let slots = lenient(&tags, tags_at, quirks)?;
    let example = Example { tokens, slots, origin: Some(at), ..Example::default() };
    Ok(Example { intent: Some(intent.to_owned()), ..example })
}

/// The original program's table: a header, then eight columns separated by tabs, of which the fifth is the
/// sentence, the sixth the intent and the eighth the BIO tags.
pub(super) fn intent_table<R: BufRead>(
    reader: R,
    file: &Path,
    quirks: Quirks,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    let mut lines = Lines::new(reader, file);
    let mut number = 0;
    std::iter::from_fn(move || {
        if lines.origin().line() == 0 {
            match lines.next()? {
                Err(error) => return Some(Err(error)),
                Ok((at, line)) if table_row(&at, &line, quirks).is_ok() => {
                    let problem = "the first line is read as the header, but seems to be an example; put a header before it";
                    return Some(Err(unclear(&at, problem)));
                }
                Ok(_) => {}
            }
        }
        let example = lines.next()?.and_then(|(at, line)| table_row(&at, &line, quirks));
        let id = number.to_string();
        number += 1;
        Some(example.map(|example| Example { id, ..example }))
    })
}

fn table_row(at: &Origin, line: &str, quirks: Quirks) -> Result<Example> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [_, _, _, _, text, intent, _, tags] = columns[..] else {
        return Err(Error::Read(ReadError::Layout {
            at: at.clone(),
            expected: "eight columns separated by tabs",
        }));
    };
    slots(at.clone(), text, (at, tags), intent, quirks)
}

/// B- opens a slot or role, I- goes on with the open one whatever its type; one that goes on with nothing
/// opens. With the quirk `extend_over_gaps` it goes on with the last one, open or not.
pub(super) fn lenient(tags: &[&str], at: &Origin, quirks: Quirks) -> Result<Vec<Entity>> {
    let mut found: Vec<Entity> = Vec::new();
    for (i, tag) in tags.iter().enumerate() {
        if !quirks.extend_over_gaps && holds_several(tag) {
            let problem = format!("the tag {tag:?} is several, but a word has one; keep one of them");
            return Err(unclear(at, problem));
        }
        let open = found.last_mut().filter(|slot| quirks.extend_over_gaps || slot.end == i);
        match (tag.split_once('-'), open) {
            (None, _) if *tag == "O" => {}
            (Some(("I", _)), Some(slot)) => slot.end = i + 1,
            (Some(("B" | "I", label)), _) if !label.is_empty() => found.push(Entity::new(label, i, i + 1)),
            _ => {
                return Err(Error::Read(ReadError::Layout {
                    at: at.clone(),
                    expected: "tags O, B-SLOT and I-SLOT, one for each word",
                }));
            }
        }
    }
    Ok(found)
}
