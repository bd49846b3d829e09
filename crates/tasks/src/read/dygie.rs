//! ACE 2005 entities and relations as `DyGIE` writes them: a document a line, offsets counted through all of
//! its sentences.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;

use super::json::{self, Item, layouts};
use super::{NoteKind, Notes};
use crate::{Entity, Error, Example, Quirks, ReadError, Relation, Result};

/// Ends are included.
#[derive(Deserialize)]
struct Document {
    sentences: Vec<Vec<String>>,
    ner: Vec<Vec<(usize, usize, String)>>,
    relations: Option<Vec<Vec<Link>>>,
}

/// Start and end of head and tail, and the label.
type Link = (usize, usize, usize, usize, String);

/// The sentences of each document. With the quirk `drop_bare_sentences` those without an entity are left out,
/// with `drop_ambiguous_sentences` those in which the end of a relation fits several entities; otherwise the
/// first of them is meant. Both are noted.
pub(super) fn sentences<R: BufRead>(
    reader: R,
    file: &Path,
    quirks: Quirks,
    notes: &Notes,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    let notes = notes.clone();
    let documents =
        json::each_line(reader, file, &layouts::DYGIE, move |item| document(item, quirks, &notes));
    documents.flat_map(|document| document.unwrap_or_else(|error| vec![Err(error)]))
}

fn document(item: &Item<'_>, quirks: Quirks, notes: &Notes) -> Result<Vec<Result<Example>>> {
    let Document { sentences, ner, relations } = item.read()?;
    let relations = relations.unwrap_or_else(|| sentences.iter().map(|_| Vec::new()).collect());
    if ner.len() != sentences.len() || relations.len() != sentences.len() {
        return Err(item.problem("expected as many lists in \"ner\" and in \"relations\" as sentences"));
    }
    let (mut examples, mut first) = (Vec::new(), 0);
    for (number, (tokens, (spans, links))) in
        sentences.into_iter().zip(ner.into_iter().zip(relations)).enumerate()
    {
        let at = item.at().of(&format!("sentence {number}"));
        let length = tokens.len();
        if spans.is_empty() && quirks.drop_bare_sentences {
            notes.add(NoteKind::Unlabelled, Some(&at), "the original leaves out sentences without entities");
        } else {
            match sentence(tokens, first, spans, &links, quirks) {
                Ok(Some((example, is_open))) => {
                    if is_open {
                        let detail = "the end of a relation fits several entities over the same words, of which the first is meant";
                        notes.add(NoteKind::Assumed, Some(&at), detail);
                    }
                    let id = format!("{}-{number}", item.id());
                    examples.push(Ok(Example { id, origin: Some(at), ..example }));
                }
                Ok(None) => {
                    let detail = "the end of a relation fits several entities, and the original leaves such sentences out";
                    notes.add(NoteKind::LeftOut, Some(&at), detail);
                }
                Err(problem) => {
                    examples.push(Err(Error::Read(ReadError::Item { at, problem })));
                }
            }
        }
        first += length;
    }
    Ok(examples)
}

/// A sentence whose first token is the document's `first`, and whether the end of a relation fits several
/// entities; `None` for one that is left out.
fn sentence(
    tokens: Vec<String>,
    first: usize,
    spans: Vec<(usize, usize, String)>,
    links: &[Link],
    quirks: Quirks,
) -> Result<Option<(Example, bool)>, String> {
    let outside =
        || "expected offsets within the sentence, counted from the start of the document".to_owned();
    let own = |start: usize, end: usize| {
        let end = end.checked_sub(first).and_then(|end| end.checked_add(1));
        start.checked_sub(first).zip(end).ok_or_else(outside)
    };
    let length = tokens.len();
    let (mut example, mut is_open) = (Example::new(tokens), false);
    for (start, end, label) in spans {
        let (from, to) = own(start, end)?;
        if from >= to || to > length {
            let last = (first + length).saturating_sub(1);
            return Err(format!(
                "the {label:?} span {start}..{end} is not within the sentence, which has the words {first} to {last} of the document; correct it (both ends are included)"
            ));
        }
        example.entities.push(Entity::new(label, from, to));
    }
    for (head_start, head_end, tail_start, tail_end, label) in links {
        let fits = |span: (usize, usize)| {
            let all = example.entities.iter().enumerate();
            all.filter(|(_, e)| (e.start, e.end) == span).map(|(i, _)| i).collect::<Vec<_>>()
        };
        let (head, tail) = (fits(own(*head_start, *head_end)?), fits(own(*tail_start, *tail_end)?));
        is_open |= head.len() > 1 || tail.len() > 1;
        if quirks.drop_ambiguous_sentences && is_open {
            return Ok(None);
        }
        let (Some(&head), Some(&tail)) = (head.first(), tail.first()) else {
            return Err("expected relations between entities of the sentence".to_owned());
        };
        example.relations.push(Relation::new(label, head, tail));
    }
    Ok(Some((example, is_open)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::sentences;
    use crate::read::{NoteKind, Notes};
    use crate::{Example, Quirks, Result};
    use std::path::Path;

    const TWO: &str = r#"{"doc_key": "d", "sentences": [["It", "rains"], ["Ann", "of", "Acme"]], "ner": [[], [[2, 2, "PER"], [4, 4, "ORG"], [4, 4, "FAC"]]], "relations": [[], [[2, 2, 4, 4, "ORG-AFF"]]]}"#;

    fn read(text: &str, quirks: Quirks) -> (Vec<Result<Example>>, Vec<NoteKind>) {
        let notes = Notes::default();
        let examples = sentences(text.as_bytes(), Path::new("dev.json"), quirks, &notes).collect();
        (examples, notes.take().iter().map(|note| note.kind).collect())
    }

    #[test]
    fn every_sentence_is_an_example_and_an_end_that_fits_two_entities_is_the_first() {
        let (examples, notes) = read(TWO, Quirks::NONE);
        let [bare, example] = &examples[..] else { panic!("two sentences: {examples:?}") };
        assert_eq!((bare.as_ref().unwrap().id.as_str(), &notes[..]), ("d-0", &[NoteKind::Assumed][..]));
        let example = example.as_ref().unwrap();
        assert_eq!((example.id.as_str(), example.tokens.len(), example.entities.len()), ("d-1", 3, 3));
        let relation = &example.relations[0];
        assert_eq!((relation.label.as_str(), relation.head, relation.tail), ("ORG-AFF", 0, 1));
    }

    #[test]
    fn what_the_original_leaves_out_is_noted() {
        let (examples, notes) = read(TWO, Quirks::ALL);
        assert!(examples.is_empty());
        assert_eq!(notes, [NoteKind::Unlabelled, NoteKind::LeftOut]);
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_line_and_document() {
        let cases = [
            (
                TWO.replace("[2, 2, 4, 4,", "[3, 3, 4, 4,"),
                "dev.json:2, document d, sentence 1: expected relations between",
            ),
            (TWO.replace("[[2, 2, \"PER\"]", "[[1, 2, \"PER\"]"), "expected offsets within the sentence"),
            (
                TWO.replace("[4, 4, \"ORG\"]", "[4, 9, \"ORG\"]"),
                "sentence 1: the \"ORG\" span 4..9 is not within the sentence, which has the words 2 to 4 of the document",
            ),
            (TWO.replace("\"ner\": [[], ", "\"ner\": ["), "dev.json:2, document d: expected as many lists"),
            (TWO.replace("\"ner\"", "\"NER\""), "the key \"NER\" is not known; did you mean \"ner\"?"),
        ];
        for (text, expected) in cases {
            let (found, _) = read(&format!("\n{text}"), Quirks::NONE);
            let message = found.into_iter().find_map(Result::err).unwrap().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn documents_of_published_files() {
        let text = TWO.replace(
            "\"doc_key\"",
            "\"clusters\": [], \"events\": [[], []], \"_sentence_start\": [0, 2], \"doc_key\"",
        );
        assert!(read(&text, Quirks::NONE).0.iter().all(Result::is_ok));
        let text = TWO.replace(", \"relations\": [[], [[2, 2, 4, 4, \"ORG-AFF\"]]]", "");
        assert!(read(&text, Quirks::NONE).0.iter().all(Result::is_ok));
    }
}
