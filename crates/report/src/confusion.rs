//! Which labels are taken for which.

use std::collections::BTreeMap;

use crate::Text;
use crate::alignment::{Alignment, Match, Verdict};
use crate::sentence::Sentence;

/// Labels that are annotated (rows) against labels that were found (columns), counted over sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Every label that is annotated or found, in order.
    pub labels: Vec<Text>,
    /// For each annotated label, how often each label was found in its place.
    pub found: Vec<Vec<usize>>,
    /// For each annotated label, how often it was found with other borders.
    pub borders: Vec<usize>,
    /// For each annotated label, how often nothing like it was found.
    pub missed: Vec<usize>,
    /// For each label, how often it was found where nothing like it is annotated.
    pub spurious: Vec<usize>,
}

impl Confusion {
    /// That of what the run of index `run` found in `sentences`: of spans, or of everything else.
    pub fn of(sentences: &[Sentence], run: usize, spans: bool) -> Self {
        let mut counted: Vec<(Option<&Text>, Option<&Text>, Verdict)> = Vec::new();
        for sentence in sentences {
            let Alignment { gold_spans, found_spans, gold_items, found_items } = sentence.alignment(run);
            let Some(found) = sentence.found.get(run) else { continue };
            if spans {
                let gold: Vec<_> = sentence.gold.spans.iter().map(|span| &span.label).collect();
                let found: Vec<_> = found.spans.iter().map(|span| &span.label).collect();
                count(&mut counted, (&gold, &gold_spans), (&found, &found_spans));
            } else {
                let gold: Vec<_> = sentence.gold.items.iter().map(|item| &item.label).collect();
                let found: Vec<_> = found.items.iter().map(|item| &item.label).collect();
                count(&mut counted, (&gold, &gold_items), (&found, &found_items));
            }
        }
        let names = counted.iter().flat_map(|(gold, found, _)| [*gold, *found]).flatten();
        let mut index: BTreeMap<&Text, usize> = names.map(|label| (label, 0)).collect();
        for (place, at) in index.values_mut().enumerate() {
            *at = place;
        }
        let n = index.len();
        let mut confusion = Self {
            labels: index.keys().map(|&label| label.clone()).collect(),
            found: vec![vec![0; n]; n],
            borders: vec![0; n],
            missed: vec![0; n],
            spurious: vec![0; n],
        };
        for (gold, found, verdict) in counted {
            match (gold.map(|label| index[label]), found.map(|label| index[label])) {
                (Some(gold), Some(_)) if verdict == Verdict::Borders => confusion.borders[gold] += 1,
                (Some(gold), Some(found)) => confusion.found[gold][found] += 1,
                (Some(gold), None) => confusion.missed[gold] += 1,
                (None, Some(found)) => confusion.spurious[found] += 1,
                (None, None) => {}
            }
        }
        confusion
    }

    /// Whether there is anything to show.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// How often the label of index `label` was found, rightly or not, other borders apart.
    pub fn times_found(&self, label: usize) -> usize {
        self.found.iter().map(|row| row[label]).sum::<usize>() + self.spurious[label]
    }

    /// How often it is annotated.
    pub fn times_gold(&self, label: usize) -> usize {
        self.found[label].iter().sum::<usize>() + self.borders[label] + self.missed[label]
    }
}

/// Notes each pair and each that has no partner.
fn count<'a>(
    counted: &mut Vec<(Option<&'a Text>, Option<&'a Text>, Verdict)>,
    (gold, of_gold): (&[&'a Text], &[Match]),
    (found, of_found): (&[&'a Text], &[Match]),
) {
    for (&label, Match { verdict, other }) in gold.iter().zip(of_gold) {
        counted.push((Some(label), other.map(|other| found[other]), *verdict));
    }
    for (&label, _) in found.iter().zip(of_found).filter(|(_, m)| m.other.is_none()) {
        counted.push((None, Some(label), Verdict::Alone));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentence::{Annotation, Span};

    fn annotation(spans: &[(&str, usize, usize)]) -> Annotation {
        let span = |&(label, start, end): &(&str, usize, usize)| Span {
            label: label.into(),
            start,
            end,
            whole: true,
            score: None,
        };
        Annotation::new(spans.iter().map(span).collect(), vec![])
    }

    #[test]
    fn by_hand() {
        let sentence = |gold: &[_], found: &[_]| Sentence {
            gold: annotation(gold),
            found: vec![annotation(found)],
            ..Sentence::default()
        };
        let sentences = [
            sentence(&[("PER", 0, 1), ("LOC", 2, 3)], &[("PER", 0, 1), ("ORG", 2, 3)]),
            sentence(&[("LOC", 0, 2), ("PER", 5, 6)], &[("LOC", 0, 1), ("ORG", 8, 9)]),
        ];
        let confusion = Confusion::of(&sentences, 0, true);
        let labels: Vec<&str> = confusion.labels.iter().map(Text::raw).collect();
        assert_eq!(labels, ["LOC", "ORG", "PER"]);
        assert_eq!(confusion.found, [[0, 1, 0], [0, 0, 0], [0, 0, 1]]);
        assert_eq!((confusion.borders, confusion.missed), (vec![1, 0, 0], vec![0, 0, 1]));
        assert_eq!(confusion.spurious, [0, 1, 0]);
        assert!(Confusion::of(&sentences, 0, false).is_empty() && Confusion::of(&[], 0, true).is_empty());
    }

    #[test]
    fn rows_and_columns_sum_to_what_is_there() {
        let sentence = Sentence {
            gold: annotation(&[("A", 0, 1), ("A", 2, 4), ("A", 6, 7)]),
            found: vec![annotation(&[("B", 0, 1), ("A", 3, 4), ("B", 9, 10)])],
            ..Sentence::default()
        };
        let confusion = Confusion::of(&[sentence], 0, true);
        assert_eq!([confusion.times_gold(0), confusion.times_gold(1)], [3, 0]);
        assert_eq!([confusion.times_found(0), confusion.times_found(1)], [0, 2]);
    }
}
