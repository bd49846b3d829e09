//! What an adapter has got wrong, example by example, as JSON lines.

use fishdip_report::{Item, Sentence, Span, Text, Verdict};
use serde::Serialize;
use std::path::Path;

use crate::digits::write_json_line;
use crate::{Access, Error, OutFile};

/// An example with something wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WrongExample {
    /// Its name in the data.
    pub id: String,
    /// Its words; for texts that are not cut into words, the text alone.
    pub words: Vec<String>,
    /// What is annotated, and nothing like it was found.
    pub missed: Vec<WrongPart>,
    /// What was found, and nothing like it is annotated.
    pub spurious: Vec<WrongPart>,
    /// What was found with the same label over other words that overlap.
    pub borders: Vec<WrongPair>,
    /// What was found in the same place with another label.
    pub labels: Vec<WrongPair>,
}

/// Something that is annotated or was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WrongPart {
    /// Its label.
    #[serde(rename = "type")]
    pub label: String,
    /// The first word of a span.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<usize>,
    /// One past the last word of a span.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<usize>,
    /// The words of a span; the ends of a relation; nothing for a class.
    pub text: String,
    /// How sure the model is, where it tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// Something annotated, and what was found instead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WrongPair {
    /// What is annotated.
    pub gold: WrongPart,
    /// What was found.
    pub predicted: WrongPart,
}

impl WrongExample {
    /// What is wrong with what the first run found in `sentence`; nothing if it is all right.
    pub(crate) fn of(sentence: &Sentence) -> Option<Self> {
        let alignment = sentence.alignment(0);
        if alignment.errors() == 0 {
            return None;
        }
        let words = sentence.words.iter().map(|word| word.raw().to_owned()).collect();
        let none = Vec::new;
        let id = sentence.id.raw().to_owned();
        let mut wrong =
            Self { id, words, missed: none(), spurious: none(), borders: Vec::new(), labels: Vec::new() };
        let found = sentence.found.first()?;
        let parts =
            |spans: &[Span]| spans.iter().map(|span| part_of_span(sentence, span)).collect::<Vec<_>>();
        let items = |items: &[Item]| items.iter().map(part_of_item).collect::<Vec<_>>();
        let kinds = [
            (parts(&sentence.gold.spans), alignment.gold_spans, parts(&found.spans), alignment.found_spans),
            (items(&sentence.gold.items), alignment.gold_items, items(&found.items), alignment.found_items),
        ];
        for (gold, of_gold, found, of_found) in kinds {
            for (gold, of) in gold.into_iter().zip(of_gold) {
                match (of.verdict, of.other.and_then(|other| found.get(other))) {
                    (Verdict::Borders, Some(found)) => {
                        wrong.borders.push(WrongPair { gold, predicted: found.clone() });
                    }
                    (Verdict::Label, Some(found)) => {
                        wrong.labels.push(WrongPair { gold, predicted: found.clone() });
                    }
                    (Verdict::Right, _) => {}
                    _ => wrong.missed.push(gold),
                }
            }
            let alone = found.into_iter().zip(of_found).filter(|(_, of)| of.verdict == Verdict::Alone);
            wrong.spurious.extend(alone.map(|(part, _)| part));
        }
        Some(wrong)
    }
}

fn part_of_span(sentence: &Sentence, span: &Span) -> WrongPart {
    WrongPart {
        label: span.label.raw().to_owned(),
        start: Some(span.start),
        end: Some(span.end),
        text: sentence.text_of(span),
        score: span.score,
    }
}

fn part_of_item(Item { label, text, score, .. }: &Item) -> WrongPart {
    let raw = |text: &Text| text.raw().to_owned();
    WrongPart { label: raw(label), start: None, end: None, text: raw(text), score: *score }
}

/// A line of the file.
#[derive(Serialize)]
struct Line<'a> {
    adapter: &'a Path,
    #[serde(flatten)]
    wrong: &'a WrongExample,
}

/// Writes a line for each example in which one of the adapters got something wrong into the file `out`: of each adapter its folder, and these.
pub fn write_wrong(out: &OutFile, adapters: &[(&Path, &[WrongExample])]) -> Result<(), Error> {
    let mut lines = Vec::new();
    for &(adapter, wrong) in adapters {
        for wrong in wrong {
            write_json_line(&mut lines, &Line { adapter, wrong }).map_err(|source| Error::Io {
                action: Access::Write,
                path: out.path().to_owned(),
                source,
            })?;
        }
    }
    out.write(&lines)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use fishdip_report::Annotation;

    fn span(label: &str, start: usize, end: usize, score: Option<f64>) -> Span {
        Span { label: label.into(), start, end, whole: true, score }
    }

    #[test]
    fn every_kind_of_error_has_its_place() {
        let words = ["Ann\u{7}", "met", "the", "UN", "in", "Rome", "today"];
        let gold = vec![
            span("PER", 0, 1, None),
            span("ORG", 2, 4, None),
            span("LOC", 5, 6, None),
            span("DATE", 6, 7, None),
        ];
        let found = vec![
            span("PER", 1, 2, Some(0.5)),
            span("ORG", 3, 4, Some(0.25)),
            span("ORG", 5, 6, None),
            span("DATE", 6, 7, None),
        ];
        let sentence = Sentence {
            id: "7".into(),
            words: words.map(Text::from).to_vec(),
            gold: Annotation::new(gold, vec![]),
            found: vec![Annotation::new(found, vec![])],
            ..Sentence::default()
        };
        let wrong = serde_json::to_value(WrongExample::of(&sentence).unwrap()).unwrap();
        let expected = serde_json::json!({
            "id": "7",
            "words": words,
            "missed": [{ "type": "PER", "start": 0, "end": 1, "text": "Ann\u{7}" }],
            "spurious": [{ "type": "PER", "start": 1, "end": 2, "text": "met", "score": 0.5 }],
            "borders": [{
                "gold": { "type": "ORG", "start": 2, "end": 4, "text": "the UN" },
                "predicted": { "type": "ORG", "start": 3, "end": 4, "text": "UN", "score": 0.25 },
            }],
            "labels": [{
                "gold": { "type": "LOC", "start": 5, "end": 6, "text": "Rome" },
                "predicted": { "type": "ORG", "start": 5, "end": 6, "text": "Rome" },
            }],
        });
        assert_eq!(wrong, expected);
        let right = Sentence { found: vec![sentence.gold.clone()], ..sentence };
        assert_eq!(WrongExample::of(&right), None);
    }
}
