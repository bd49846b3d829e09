//! What was found beside what is right, one by one: right, missed, spurious, with other borders, or with another label.

use crate::sentence::{Annotation, Item, Sentence, Span};

/// What something found, or something annotated, came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Found as it is annotated.
    Right,
    /// Annotated and missed, or found and not annotated: nothing on the other side is like it.
    Alone,
    /// The other side has one that overlaps it, with the same label and other borders.
    Borders,
    /// The other side has one in the same place with another label.
    Label,
}

/// The verdict on one span or item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// What it came to.
    pub verdict: Verdict,
    /// The index of what is like it on the other side.
    pub other: Option<usize>,
}

/// The verdicts on two annotations of one example, each in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alignment {
    /// Spans that are annotated.
    pub gold_spans: Vec<Match>,
    /// Spans that were found.
    pub found_spans: Vec<Match>,
    /// Items that are annotated.
    pub gold_items: Vec<Match>,
    /// Items that were found.
    pub found_items: Vec<Match>,
}

impl Sentence {
    /// What the run of index `run` found beside what is right.
    pub fn alignment(&self, run: usize) -> Alignment {
        let none = Annotation::default();
        align(&self.gold, self.found.get(run).unwrap_or(&none))
    }
}

impl Alignment {
    /// How many things are not right, a pair of unlike ones counted once.
    pub fn errors(&self) -> usize {
        let gold = self.gold_spans.iter().chain(&self.gold_items);
        let found = self.found_spans.iter().chain(&self.found_items);
        gold.filter(|m| m.verdict != Verdict::Right).count()
            + found.filter(|m| m.verdict == Verdict::Alone).count()
    }
}

/// Compares what was `found` with the `gold`. First what is the same, then what has the same place and another label, then what overlaps with
/// the same label, the longest overlap first; each has at most one partner.
pub fn align(gold: &Annotation, found: &Annotation) -> Alignment {
    let (gold_spans, found_spans) =
        pairs(&gold.spans, &found.spans, &[same_span, other_label, other_borders]);
    let (gold_items, found_items) = pairs(&gold.items, &found.items, &[same_item, other_class]);
    Alignment { gold_spans, found_spans, gold_items, found_items }
}

/// How good a pair is, and what it comes to; nothing if it is none.
type Rule<T> = fn(&T, &T) -> Option<(usize, Verdict)>;

fn same_span(gold: &Span, found: &Span) -> Option<(usize, Verdict)> {
    let same = gold.whole
        && found.whole
        && (gold.start, gold.end) == (found.start, found.end)
        && gold.label == found.label;
    same.then_some((0, Verdict::Right))
}

fn other_label(gold: &Span, found: &Span) -> Option<(usize, Verdict)> {
    let same = gold.whole && found.whole && (gold.start, gold.end) == (found.start, found.end);
    same.then_some((0, Verdict::Label))
}

fn other_borders(gold: &Span, found: &Span) -> Option<(usize, Verdict)> {
    let overlap = gold.end.min(found.end).saturating_sub(gold.start.max(found.start));
    (overlap > 0 && gold.label == found.label).then_some((overlap, Verdict::Borders))
}

fn same_item(gold: &Item, found: &Item) -> Option<(usize, Verdict)> {
    let same = gold.place == found.place && gold.text == found.text && gold.label == found.label;
    same.then_some((0, Verdict::Right))
}

fn other_class(gold: &Item, found: &Item) -> Option<(usize, Verdict)> {
    (gold.place == found.place && gold.text == found.text).then_some((0, Verdict::Label))
}

/// Pairs by one rule after the other; by each, the best pairs first, and of equal ones the earliest.
fn pairs<T>(gold: &[T], found: &[T], rules: &[Rule<T>]) -> (Vec<Match>, Vec<Match>) {
    let alone = Match { verdict: Verdict::Alone, other: None };
    let (mut of_gold, mut of_found) = (vec![alone; gold.len()], vec![alone; found.len()]);
    for rule in rules {
        let mut candidates = Vec::new();
        for (g, one) in gold.iter().enumerate().filter(|&(g, _)| of_gold[g].other.is_none()) {
            for (f, other) in found.iter().enumerate().filter(|&(f, _)| of_found[f].other.is_none()) {
                if let Some((worth, verdict)) = rule(one, other) {
                    candidates.push((std::cmp::Reverse(worth), g, f, verdict));
                }
            }
        }
        candidates.sort_unstable();
        for (_, g, f, verdict) in candidates {
            if of_gold[g].other.is_none() && of_found[f].other.is_none() {
                of_gold[g] = Match { verdict, other: Some(f) };
                of_found[f] = Match { verdict, other: Some(g) };
            }
        }
    }
    (of_gold, of_found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(label: &str, start: usize, end: usize) -> Span {
        Span { label: label.into(), start, end, whole: true, score: None }
    }

    fn verdicts(matches: &[Match]) -> Vec<Verdict> {
        matches.iter().map(|m| m.verdict).collect()
    }

    #[test]
    fn every_kind_of_error_by_hand() {
        use Verdict::{Alone, Borders, Label, Right};
        let gold = Annotation::new(
            vec![span("PER", 0, 2), span("LOC", 3, 4), span("ORG", 5, 8), span("DATE", 9, 10)],
            vec![],
        );
        // Right; another label; one word short; missed, and two that nobody annotated.
        let found = Annotation::new(
            vec![
                span("PER", 0, 2),
                span("ORG", 3, 4),
                span("ORG", 6, 8),
                span("LOC", 8, 9),
                span("PER", 6, 7),
            ],
            vec![],
        );
        let found_labels: Vec<&str> = found.spans.iter().map(|span| span.label.raw()).collect();
        assert_eq!(found_labels, ["PER", "ORG", "ORG", "PER", "LOC"]);
        let alignment = align(&gold, &found);
        assert_eq!(verdicts(&alignment.gold_spans), [Right, Label, Borders, Alone]);
        assert_eq!(verdicts(&alignment.found_spans), [Right, Label, Borders, Alone, Alone]);
        assert_eq!(alignment.found_spans[2].other, Some(2));
        assert_eq!(alignment.errors(), 5);
    }

    #[test]
    fn the_longest_overlap_is_the_partner_and_each_has_one() {
        let gold = Annotation::new(vec![span("A", 0, 5)], vec![]);
        let found = Annotation::new(vec![span("A", 0, 1), span("A", 2, 5)], vec![]);
        let alignment = align(&gold, &found);
        assert_eq!(alignment.gold_spans[0], Match { verdict: Verdict::Borders, other: Some(1) });
        assert_eq!(verdicts(&alignment.found_spans), [Verdict::Alone, Verdict::Borders]);
    }

    #[test]
    fn a_span_inside_a_word_is_never_right() {
        let gold = Annotation::new(vec![Span { whole: false, ..span("A", 0, 1) }], vec![]);
        let alignment = align(&gold, &Annotation::new(vec![span("A", 0, 1)], vec![]));
        assert_eq!(verdicts(&alignment.gold_spans), [Verdict::Borders]);
    }

    #[test]
    fn items_are_told_apart_by_place() {
        let item = |label: &str, place: &[usize]| Item {
            label: label.into(),
            text: "he → it".into(),
            place: place.to_vec(),
            score: None,
        };
        let gold = Annotation::new(vec![], vec![item("knows", &[0, 1]), item("knows", &[2, 3])]);
        let found = Annotation::new(
            vec![],
            vec![item("likes", &[0, 1]), item("knows", &[2, 3]), item("knows", &[2, 3])],
        );
        let alignment = align(&gold, &found);
        assert_eq!(verdicts(&alignment.gold_items), [Verdict::Label, Verdict::Right]);
        assert_eq!(alignment.found_items.len(), 2, "what is there twice counts once");
        assert_eq!(alignment.errors(), 1);
    }
}
