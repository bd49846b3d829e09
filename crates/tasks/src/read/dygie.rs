//! ACE 2005 entities and relations as `DyGIE` writes them: a document a line, offsets counted through all of its sentences.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;

use super::json;
use crate::{Entity, Error, Example, Origin, Quirks, Relation, Result};

/// Ends are included.
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    doc_key: String,
    sentences: Vec<Vec<String>>,
    ner: Vec<Vec<(usize, usize, String)>>,
    relations: Vec<Vec<Link>>,
}

/// Start and end of head and tail, and the label.
type Link = (usize, usize, usize, usize, String);

/// The sentences that have an entity. With the quirk `drop_ambiguous_sentences` those are left out in which the end of a relation fits
/// several entities; otherwise the first of them is meant.
pub(super) fn sentences<R: BufRead>(
    reader: R,
    file: &Path,
    quirks: Quirks,
) -> impl Iterator<Item = Result<Example>> + use<R> {
    json::lines::<Document, _>(reader, file).flat_map(move |line| match line {
        Ok((at, document)) => document.examples(&at, quirks),
        Err(error) => vec![Err(error)],
    })
}

impl Document {
    fn examples(self, at: &Origin, quirks: Quirks) -> Vec<Result<Example>> {
        if self.ner.len() != self.sentences.len() || self.relations.len() != self.sentences.len() {
            let expected = "as many lists in \"ner\" and in \"relations\" as sentences";
            return vec![Err(Error::Layout { at: at.clone(), expected })];
        }
        let (mut examples, mut first) = (Vec::new(), 0);
        let annotations = self.ner.into_iter().zip(self.relations);
        for (number, (tokens, (spans, links))) in self.sentences.into_iter().zip(annotations).enumerate() {
            let length = tokens.len();
            let example = sentence(tokens, first, spans, &links, at, quirks);
            first += length;
            let named = |example| Example {
                id: format!("{}-{number}", self.doc_key),
                origin: Some(at.clone()),
                ..example
            };
            examples.extend(example.transpose().map(|example| example.map(named)));
        }
        examples
    }
}

/// A sentence whose first token is the document's `first`; `None` for one that is left out.
fn sentence(
    tokens: Vec<String>,
    first: usize,
    spans: Vec<(usize, usize, String)>,
    links: &[Link],
    at: &Origin,
    quirks: Quirks,
) -> Result<Option<Example>> {
    if spans.is_empty() {
        return Ok(None);
    }
    let outside = || Error::Layout { at: at.clone(), expected: "offsets within the sentence" };
    let own = |start: usize, end: usize| {
        let end = end.checked_sub(first).and_then(|end| end.checked_add(1));
        start.checked_sub(first).zip(end).ok_or_else(outside)
    };
    let mut example = Example::new(tokens);
    for (start, end, label) in spans {
        let (start, end) = own(start, end)?;
        example.entities.push(Entity::new(label, start, end));
    }
    for (head_start, head_end, tail_start, tail_end, label) in links {
        let fits = |span: (usize, usize)| {
            let all = example.entities.iter().enumerate();
            all.filter(|(_, e)| (e.start, e.end) == span).map(|(i, _)| i).collect::<Vec<_>>()
        };
        let (head, tail) = (fits(own(*head_start, *head_end)?), fits(own(*tail_start, *tail_end)?));
        if quirks.drop_ambiguous_sentences && (head.len() > 1 || tail.len() > 1) {
            return Ok(None);
        }
        let (Some(&head), Some(&tail)) = (head.first(), tail.first()) else {
            return Err(Error::Layout { at: at.clone(), expected: "relations between entities" });
        };
        example.relations.push(Relation::new(label, head, tail));
    }
    Ok(Some(example))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::sentences;
    use crate::{Example, Quirks, Result};
    use std::path::Path;

    const TWO: &str = r#"{"doc_key": "d", "sentences": [["It", "rains"], ["Ann", "of", "Acme"]], "ner": [[], [[2, 2, "PER"], [4, 4, "ORG"], [4, 4, "FAC"]]], "relations": [[], [[2, 2, 4, 4, "ORG-AFF"]]]}"#;

    fn read(text: &str, quirks: Quirks) -> Vec<Result<Example>> {
        sentences(text.as_bytes(), Path::new("dev.json"), quirks).collect()
    }

    #[test]
    fn an_end_that_fits_two_entities_is_the_first_or_costs_the_sentence() {
        let [example] = &read(TWO, Quirks::NONE)[..] else {
            panic!("the sentence without entities is left out")
        };
        let example = example.as_ref().unwrap();
        assert_eq!((example.id.as_str(), example.tokens.len(), example.entities.len()), ("d-1", 3, 3));
        let relation = &example.relations[0];
        assert_eq!((relation.label.as_str(), relation.head, relation.tail), ("ORG-AFF", 0, 1));
        assert!(read(TWO, Quirks::ALL).is_empty());
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_line() {
        let cases = [
            (TWO.replace("[2, 2, 4, 4,", "[3, 3, 4, 4,"), "relations between entities"),
            (TWO.replace("[[2, 2, \"PER\"]", "[[1, 2, \"PER\"]"), "offsets within the sentence"),
            (TWO.replace("\"ner\": [[], ", "\"ner\": ["), "as many lists"),
        ];
        for (text, expected) in cases {
            let found = read(&format!("\n{text}"), Quirks::NONE);
            let message = found[0].as_ref().unwrap_err().to_string();
            assert!(message.contains("dev.json:2") && message.contains(expected), "{message}");
        }
    }
}
