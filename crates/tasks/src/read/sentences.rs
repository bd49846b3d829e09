//! Sentences with intents, slots or a class.

use std::io::BufRead;
use std::path::Path;

use super::Lines;
use super::json::open;
use crate::{Entity, Error, Example, Origin, Result};

/// A folder with `seq.in` (a sentence a line), `seq.out` (its BIO tags) and `label` (its intent).
pub(super) fn intent_folder(folder: &Path) -> Result<impl Iterator<Item = Result<Example>> + use<>> {
    let file = |name: &str| Ok::<_, Error>(Lines::new(open(&folder.join(name))?, folder.join(name)));
    let (mut texts, mut tags, mut intents) = (file("seq.in")?, file("seq.out")?, file("label")?);
    let mut number = 0;
    Ok(std::iter::from_fn(move || {
        let lines = (texts.next(), tags.next(), intents.next());
        let example = match lines {
            (None, None, None) => return None,
            (Some(text), Some(tags), Some(intent)) => (|| {
                let ((at, text), (tags_at, tags), (_, intent)) = (text?, tags?, intent?);
                slots(at, &text, (&tags_at, &tags), intent.trim())
            })(),
            _ => Err(Error::Layout {
                at: texts.origin().clone(),
                expected: "seq.in, seq.out and label with as many lines as each other",
            }),
        };
        number += 1;
        Some(example.map(|example| Example { id: (number - 1).to_string(), ..example }))
    }))
}

fn slots(at: Origin, text: &str, (tags_at, tags): (&Origin, &str), intent: &str) -> Result<Example> {
    let tokens: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let tags: Vec<&str> = tags.split_whitespace().collect();
    if tokens.len() != tags.len() || tokens.is_empty() {
        return Err(Error::Layout { at: tags_at.clone(), expected: "one tag for each word of the sentence" });
    }
    // As the original reads them: I- goes on with whatever is open.
    let slots = lenient(&tags, tags_at)?;
    let example = Example { tokens, slots, origin: Some(at), ..Example::default() };
    Ok(Example { intent: Some(intent.to_owned()), ..example })
}

/// B- opens a slot, I- goes on with the open one whatever its type; one that goes on with nothing opens.
fn lenient(tags: &[&str], at: &Origin) -> Result<Vec<Entity>> {
    let mut found: Vec<Entity> = Vec::new();
    for (i, tag) in tags.iter().enumerate() {
        let open = found.last_mut().filter(|slot| slot.end == i);
        match (tag.split_once('-'), open) {
            (None, _) if *tag == "O" => {}
            (Some(("I", _)), Some(slot)) => slot.end = i + 1,
            (Some(("B" | "I", label)), _) if !label.is_empty() => found.push(Entity::new(label, i, i + 1)),
            _ => return Err(Error::Layout { at: at.clone(), expected: "tags O, B-SLOT and I-SLOT" }),
        }
    }
    Ok(found)
}

/// The original program's table: a header, then eight columns separated by tabs, of which the fifth is the sentence, the sixth the
/// intent and the eighth the BIO tags.
pub(super) fn intent_table<R: BufRead>(
    reader: R,
    file: &Path,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    Lines::new(reader, file).skip(1).enumerate().map(|(number, line)| {
        let (at, line) = line?;
        let columns: Vec<&str> = line.split('\t').collect();
        let [_, _, _, _, text, intent, _, tags] = columns[..] else {
            return Err(Error::Layout { at, expected: "eight columns separated by tabs" });
        };
        let example = slots(at.clone(), text, (&at, tags), intent)?;
        Ok(Example { id: number.to_string(), ..example })
    })
}

/// A class, a space, and the text: one a line; a line that is not UTF-8 is taken for Latin-1.
pub(super) fn classes<R: BufRead>(reader: R, file: &Path) -> impl Iterator<Item = Result<Example>> + use<R> {
    Lines::new(reader, file)
        .or_latin1()
        .filter(|line| !matches!(line, Ok((_, line)) if line.trim().is_empty()))
        .enumerate()
        .map(|(number, line)| {
            let (at, line) = line?;
            let Some((label, text)) = line.trim().split_once([' ', '\t']) else {
                return Err(Error::Layout { at, expected: "a class, a space and a text" });
            };
            let example = Example::new(text.split_whitespace());
            Ok(Example {
                id: number.to_string(),
                text: Some(text.trim().to_owned()),
                label: Some(label.to_owned()),
                origin: Some(at),
                ..example
            })
        })
}

/// Four lines an example: the tokens, a line that is not read, the entities as `start,end G#type` joined by `|`, a blank line.
pub(super) fn genia<R: BufRead>(reader: R, file: &Path) -> impl Iterator<Item = Result<Example>> + use<R> {
    let mut lines = Lines::new(reader, file);
    let mut number = 0;
    std::iter::from_fn(move || {
        let tokens = loop {
            match lines.next()? {
                Ok((_, line)) if line.trim().is_empty() => {}
                other => break other,
            }
        };
        let example = tokens.and_then(|(at, tokens)| {
            let (_, found) = (lines.next(), lines.next());
            let entities = found.transpose()?.map(|(_, line)| line).unwrap_or_default();
            let entities = entities.split('|').filter(|e| !e.trim().is_empty()).map(|e| genia_entity(e, &at));
            let entities = entities.collect::<Result<_>>()?;
            let example = Example::new(tokens.split_whitespace());
            Ok(Example { id: number.to_string(), entities, origin: Some(at), ..example })
        });
        number += 1;
        Some(example)
    })
}

fn genia_entity(text: &str, at: &Origin) -> Result<Entity> {
    let entity = || {
        let (span, label) = text.trim().split_once(' ')?;
        let (start, end) = span.split_once(',')?;
        Some(Entity::new(label.strip_prefix("G#")?, start.parse().ok()?, end.parse().ok()?))
    };
    entity().ok_or_else(|| Error::Layout { at: at.clone(), expected: "entities as START,END G#TYPE" })
}

/// Lines of a predicate's position and the tokens, `|||`, and BIO tags; the first token is left out, as the original does.
pub(super) fn conll05<R: BufRead>(
    reader: R,
    file: &Path,
    third_field: bool,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    let lines = Lines::new(reader, file);
    lines.filter(|line| !matches!(line, Ok((_, line)) if line.trim().is_empty())).enumerate().map(
        move |(number, line)| {
            let (at, line) = line?;
            let mut fields: Vec<&str> = line.split("|||").collect();
            if third_field {
                fields.pop();
            }
            let [words, tags] = fields[..] else {
                let expected = if third_field {
                    "tokens ||| tags ||| a field that is not read"
                } else {
                    "tokens ||| tags"
                };
                return Err(Error::Layout { at, expected });
            };
            let tokens: Vec<&str> = words.split_whitespace().skip(1).collect();
            let tags: Vec<&str> = tags.split_whitespace().collect();
            if tokens.len() != tags.len() {
                return Err(Error::Layout { at, expected: "one tag for each token" });
            }
            let spans = lenient(&tags, &at)?;
            let (predicates, roles): (Vec<_>, Vec<_>) = spans.into_iter().partition(|s| s.label == "V");
            let predicate = predicates.first().map(|p| crate::TokenSpan::new(p.start, p.end));
            let example = Example::new(tokens);
            Ok(Example { id: number.to_string(), predicate, roles, origin: Some(at), ..example })
        },
    )
}
