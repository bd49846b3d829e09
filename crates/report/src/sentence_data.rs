//! Sentences as data for the page's script, which shows some of them at a time.

use serde::Serialize;
use std::collections::BTreeMap;

use crate::Text;
use crate::alignment::{Match, Verdict};
use crate::page::Sentences;
use crate::sentence::{Annotation, Sentence};

/// All that the script shows. Names are short since each stands there thousands of times.
#[derive(Serialize)]
struct Data<'a> {
    runs: &'a [Text],
    labels: Vec<&'a Text>,
    all: Vec<One<'a>>,
}

/// A sentence.
#[derive(Serialize)]
struct One<'a> {
    id: &'a Text,
    /// Words.
    w: &'a [Text],
    /// Spans that the model was told: label, start, end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    t: Vec<(usize, usize, usize)>,
    /// Annotated spans: label, start, end, and for each run its verdict and the label of the other side.
    g: Vec<(usize, usize, usize, Vec<Judged>)>,
    /// For each run the spans that it found: label, start, end, score, verdict.
    p: Vec<Vec<FoundSpan>>,
    /// Annotated items: label, text, and for each run its verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gi: Vec<(usize, &'a Text, Vec<Judged>)>,
    /// For each run the items that it found: label, text, score, verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pi: Vec<Vec<FoundItem<'a>>>,
}

/// A verdict by its number (0 right, 1 alone, 2 other borders, 3 other label), and the label of the other side.
type Judged = (u8, Option<usize>);

/// Label, start, end, score, verdict.
type FoundSpan = (usize, usize, usize, Option<f64>, Judged);

/// Label, text, score, verdict.
type FoundItem<'a> = (usize, &'a Text, Option<f64>, Judged);

/// The data as JSON that can stand in a `script` element: a `<` in it is written as an escape.
pub(crate) fn json(sentences: &Sentences) -> String {
    let mut labels: BTreeMap<&Text, usize> = BTreeMap::new();
    for sentence in &sentences.all {
        let annotations = || sentence.found.iter().chain([&sentence.gold]);
        let spans = annotations().flat_map(|annotation| &annotation.spans).chain(&sentence.given);
        labels.extend(spans.map(|span| (&span.label, 0)));
        labels.extend(annotations().flat_map(|annotation| &annotation.items).map(|item| (&item.label, 0)));
    }
    for (at, place) in labels.values_mut().enumerate() {
        *place = at;
    }
    let all = sentences.all.iter().map(|sentence| one(sentence, sentences.runs.len(), &labels)).collect();
    let data = Data { runs: &sentences.runs, labels: labels.keys().copied().collect(), all };
    // Values of these types are JSON.
    serde_json::to_string(&data).unwrap_or_else(|_| "null".to_owned()).replace('<', "\\u003c")
}

fn one<'a>(sentence: &'a Sentence, runs: usize, labels: &BTreeMap<&Text, usize>) -> One<'a> {
    let alignments: Vec<_> = (0..runs).map(|run| sentence.alignment(run)).collect();
    let none = Annotation::default();
    let label = |text: &Text| labels.get(text).copied().unwrap_or_default();
    let found = |run: usize| sentence.found.get(run).unwrap_or(&none);
    let span_label =
        |annotation: &Annotation, at: usize| annotation.spans.get(at).map(|span| label(&span.label));
    let item_label =
        |annotation: &Annotation, at: usize| annotation.items.get(at).map(|item| label(&item.label));
    let judged =
        |m: &Match, other: &dyn Fn(usize) -> Option<usize>| (code(m.verdict), m.other.and_then(other));
    let gold = &sentence.gold;
    let gold_spans = gold.spans.iter().enumerate().map(|(at, span)| {
        let verdicts = alignments.iter().enumerate();
        let verdicts =
            verdicts.map(|(run, of)| judged(&of.gold_spans[at], &|other| span_label(found(run), other)));
        (label(&span.label), span.start, span.end, verdicts.collect())
    });
    let gold_items = gold.items.iter().enumerate().map(|(at, item)| {
        let verdicts = alignments.iter().enumerate();
        let verdicts =
            verdicts.map(|(run, of)| judged(&of.gold_items[at], &|other| item_label(found(run), other)));
        (label(&item.label), &item.text, verdicts.collect())
    });
    let spans = sentence.found.iter().zip(&alignments).map(|(found, of)| {
        let spans = found.spans.iter().zip(&of.found_spans);
        let spans = spans.map(|(span, m)| {
            let verdict = judged(m, &|other| span_label(gold, other));
            (label(&span.label), span.start, span.end, span.score.map(rounded), verdict)
        });
        spans.collect()
    });
    let has_items = !gold.items.is_empty() || sentence.found.iter().any(|found| !found.items.is_empty());
    let items = sentence.found.iter().zip(&alignments).filter(|_| has_items).map(|(found, of)| {
        let items = found.items.iter().zip(&of.found_items);
        let items = items.map(|(item, m)| {
            let verdict = judged(m, &|other| item_label(gold, other));
            (label(&item.label), &item.text, item.score.map(rounded), verdict)
        });
        items.collect()
    });
    One {
        id: &sentence.id,
        w: &sentence.words,
        t: sentence.given.iter().map(|span| (label(&span.label), span.start, span.end)).collect(),
        g: gold_spans.collect(),
        p: spans.collect(),
        gi: gold_items.collect(),
        pi: items.collect(),
    }
}

fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Right => 0,
        Verdict::Alone => 1,
        Verdict::Borders => 2,
        Verdict::Label => 3,
    }
}

/// With three digits after the point, as it is shown.
fn rounded(score: f64) -> f64 {
    (score * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentence::{Item, Span};

    #[test]
    fn sentences_by_hand() {
        let span =
            |label: &str, start, end, score| Span { label: label.into(), start, end, whole: true, score };
        let item =
            Item { label: "lives in".into(), text: "Ann → Rome".into(), place: vec![0, 2], score: None };
        let sentence = Sentence {
            id: "7".into(),
            words: ["Ann", "in", "Rome", "</script>"].map(Text::from).to_vec(),
            gold: Annotation::new(vec![span("PER", 0, 1, None), span("LOC", 2, 3, None)], vec![item]),
            found: vec![Annotation::new(
                vec![span("PER", 0, 1, Some(0.987_65)), span("ORG", 2, 3, Some(0.5))],
                vec![],
            )],
            ..Sentence::default()
        };
        let json = json(&Sentences { runs: vec!["a".into()], all: vec![sentence] });
        assert!(!json.contains('<'), "{json}");
        let expected = r#"{"runs":["a"],"labels":["LOC","ORG","PER","lives in"],"all":[{"id":"7","w":["Ann","in","Rome","\u003c/script>"],"g":[[2,0,1,[[0,2]]],[0,2,3,[[3,1]]]],"p":[[[2,0,1,0.988,[0,2]],[1,2,3,0.5,[3,0]]]],"gi":[[3,"Ann → Rome",[[1,null]]]],"pi":[[]]}]}"#;
        assert_eq!(json, expected);
    }
}
