//! Scores label by label, with intervals from what was found in each example.

use fishdip_report::{Bin, Calibration, ScoreRow, ScoreTable, Sentence, Text, Verdict};
use fishdip_tasks::score::{
    self, ClassScore, Counts, Judged, LabelScore, MicroScore, Score, SpanScore, bootstrap,
};
use fishdip_tasks::{Report, TaskKind};
use std::collections::BTreeMap;

use crate::annotations::has_spans;

const SAMPLES: usize = 1000;

/// The samples are the same each time.
const SEED: u64 = 1;

/// How far a score may be from the one that is counted here, of which it has six digits.
const SAME: f64 = 1e-5;

/// Of each label, what each example adds to its score.
type CountsByLabel<'a> = BTreeMap<&'a str, Vec<(usize, Counts)>>;

/// The tables of `report`, of which `scored` are the examples.
pub(super) fn tables(
    report: &Report,
    kind: TaskKind,
    scored: Option<&[Sentence]>,
    whole: Option<[f64; 2]>,
) -> Vec<ScoreTable> {
    let (spans, items) = (scored.map(|all| counts(all, true)), scored.map(|all| counts(all, false)));
    let examples = scored.map_or(0, <[Sentence]>::len);
    let rows = |labels: &BTreeMap<String, LabelScore>, counts: Option<&CountsByLabel<'_>>| -> Vec<ScoreRow> {
        labels
            .iter()
            .map(|(label, score)| {
                row(label, score, counts.and_then(|counts| counts.get(label.as_str())), examples)
            })
            .collect()
    };
    let main = if has_spans(kind) && kind != TaskKind::EventArguments { &spans } else { &items };
    let mut tables = Vec::new();
    match &report.score {
        Score::Spans(score) => {
            let mut rows = rows(&score.per_label, main.as_ref());
            rows.push(all(score, whole));
            rows.extend(report.macro_average.map(|mean| ScoreRow {
                name: Text::from("macro"),
                is_sum: true,
                precision: Some(mean.precision),
                recall: Some(mean.recall),
                f1: Some(mean.f1),
                ..ScoreRow::default()
            }));
            rows.extend(report.entity_no_type.map(|score| micro("boundaries", score)));
            tables.push(ScoreTable { title: "label", rows });
        }
        Score::Classes(score) => tables.push(classes("class", score, rows(&score.per_label, main.as_ref()))),
        Score::Coref(score) => {
            let metrics =
                [("MUC", score.muc), ("B3", score.b3), ("CEAF-e", score.ceafe), ("average", score.average)];
            let rows = metrics.map(|(name, of)| ScoreRow {
                name: Text::from(name),
                precision: Some(of.precision),
                recall: Some(of.recall),
                f1: Some(of.f1),
                ..ScoreRow::default()
            });
            tables.push(ScoreTable { title: "metric", rows: rows.to_vec() });
        }
        // One number, which stands above.
        _ => {}
    }
    if let Some(relation) = &report.relation {
        let mut rows = rows(&relation.per_label, items.as_ref());
        rows.push(all(relation, None));
        tables.push(ScoreTable { title: "relation", rows });
    }
    if let Some(intent) = &report.intent {
        tables.push(classes("intent", intent, rows(&intent.per_label, items.as_ref())));
    }
    if let Some(trigger) = &report.trigger {
        let mut rows = rows(&trigger.per_label, None);
        rows.push(all(trigger, None));
        tables.push(ScoreTable { title: "trigger", rows });
    }
    tables
}

fn row(label: &str, score: &LabelScore, counts: Option<&Vec<(usize, Counts)>>, examples: usize) -> ScoreRow {
    let of_gold = |figure| score.has_gold().then_some(figure);
    let interval =
        counts.filter(|_| score.has_gold()).and_then(|counts| interval(counts, examples, score.f1));
    ScoreRow {
        name: Text::from(label),
        is_sum: false,
        precision: Some(score.precision),
        recall: of_gold(score.recall),
        f1: of_gold(score.f1),
        interval,
        gold: Some(score.support),
    }
}

fn all(SpanScore { f1, precision, recall, n, .. }: &SpanScore, interval: Option<[f64; 2]>) -> ScoreRow {
    let score = MicroScore { f1: *f1, precision: *precision, recall: *recall, n: *n };
    ScoreRow { interval, ..micro("all", score) }
}

fn micro(name: &str, MicroScore { f1, precision, recall, n }: MicroScore) -> ScoreRow {
    let [precision, recall, f1] = [precision, recall, f1].map(Some);
    ScoreRow { name: Text::from(name), is_sum: true, precision, recall, f1, interval: None, gold: Some(n) }
}

fn classes(title: &'static str, score: &ClassScore, mut rows: Vec<ScoreRow>) -> ScoreTable {
    rows.push(ScoreRow {
        name: Text::from("accuracy"),
        is_sum: true,
        f1: Some(score.accuracy),
        gold: Some(score.n),
        ..ScoreRow::default()
    });
    ScoreTable { title, rows }
}

/// Where the F1 of a label lies over samples of the examples; nothing if `score`, which the run has told, counts otherwise.
fn interval(counts: &[(usize, Counts)], examples: usize, score: f64) -> Option<[f64; 2]> {
    let mut each = vec![Counts::default(); examples];
    for &(example, counts) in counts {
        each[example] += counts;
    }
    let f1 = |sample: &[usize]| {
        let mut sum = Counts::default();
        for &example in sample {
            sum += each[example];
        }
        sum.f1()
    };
    let found = bootstrap(examples, SAMPLES, SEED, f1);
    ((found.value - score).abs() < SAME).then_some([found.low, found.high])
}

/// What each example adds to each label, by spans or by everything else.
fn counts(sentences: &[Sentence], spans: bool) -> CountsByLabel<'_> {
    let mut counts = CountsByLabel::new();
    let mut add = |label, example, of| counts.entry(label).or_default().push((example, of));
    for (example, sentence) in sentences.iter().enumerate() {
        let alignment = sentence.alignment(0);
        let Some(found) = sentence.found.first() else { continue };
        let gold = Counts { gold: 1, ..Counts::default() };
        let predicted = Counts { predicted: 1, ..Counts::default() };
        let both = |verdict| Counts { correct: usize::from(verdict == Verdict::Right), ..gold };
        if spans {
            for (span, of) in sentence.gold.spans.iter().zip(&alignment.gold_spans) {
                add(span.label.raw(), example, both(of.verdict));
            }
            found.spans.iter().for_each(|span| add(span.label.raw(), example, predicted));
        } else {
            for (item, of) in sentence.gold.items.iter().zip(&alignment.gold_items) {
                add(item.label.raw(), example, both(of.verdict));
            }
            found.items.iter().for_each(|item| add(item.label.raw(), example, predicted));
        }
    }
    counts
}

/// How far the scores in `sentences` hold as probabilities; nothing if there are none.
pub(super) fn calibration(sentences: &[Sentence]) -> Option<Calibration> {
    let mut judged = Vec::new();
    for sentence in sentences {
        let alignment = sentence.alignment(0);
        let Some(found) = sentence.found.first() else { continue };
        let spans = found
            .spans
            .iter()
            .zip(&alignment.found_spans)
            .map(|(span, of)| (&span.label, span.score, of.verdict));
        // What has no gold class cannot be judged.
        let items =
            found.items.iter().zip(&alignment.found_items).filter(|_| !sentence.gold.items.is_empty());
        let items = items.map(|(item, of)| (&item.label, item.score, of.verdict));
        judged.extend(spans.chain(items).filter_map(|(label, score, verdict)| {
            Some(Judged { label: label.raw().to_owned(), score: score?, right: verdict == Verdict::Right })
        }));
    }
    let score::Calibration { n, expected_calibration_error, bins } = score::Calibration::of(&judged)?;
    let bins = bins.into_iter().map(|bin| Bin {
        from: bin.from,
        to: bin.to,
        n: bin.n,
        mean_score: bin.mean_score,
        share_right: bin.share_right,
    });
    Some(Calibration { n, error: expected_calibration_error, bins: bins.collect() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn an_interval_by_hand() {
        // Every example alike: every sample has the F1 of 2·1/(2+2).
        let alike: Vec<_> =
            (0..50).map(|example| (example, Counts { gold: 2, predicted: 2, correct: 1 })).collect();
        assert_eq!(interval(&alike, 50, 0.5), Some([0.5, 0.5]));
        // Half of 400 examples right: the standard error of the share is 0.025.
        let half: Vec<_> = (0..400)
            .map(|example| (example, Counts { gold: 1, predicted: 1, correct: example % 2 }))
            .collect();
        let [low, high] = interval(&half, 400, 0.5).unwrap_or_default();
        assert!((low - 0.451).abs() < 0.008 && (high - 0.549).abs() < 0.008, "{low} {high}");
        assert_eq!(interval(&half, 400, 0.6), None, "the run has counted otherwise");
    }
}
