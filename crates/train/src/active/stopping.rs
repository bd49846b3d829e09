//! When a simulation asks for no more labels: a pure function of what its rounds have measured, so that one that goes on decides the same.

use std::collections::BTreeMap;

use fishdip_active::stopping::{OverallUncertainty, PerformanceDifference, StabilizingPredictions, kappa};
use fishdip_tasks::TaskKind;

use super::curve::RoundReport;
use super::signals::keys;
use crate::Error;
use crate::annotations::has_spans;
use crate::config::{ActiveConfig, StopName};
use crate::predictions::PredictedExample;

/// The criterion that ends the asking after `rounds`, and what it has found; nothing if it does not.
pub(super) fn verdict(active: &ActiveConfig, rounds: &[RoundReport]) -> Option<(&'static str, String)> {
    let (window, threshold) = (active.stop_window, active.stop_threshold);
    let measured = || rounds.iter().filter_map(|round| round.measured).collect::<Vec<f64>>();
    let why = match active.stop {
        StopName::Budget => None,
        StopName::OverallUncertainty => {
            let threshold = threshold.unwrap_or(OverallUncertainty::default().threshold);
            let measured = rounds.last()?.measured?;
            OverallUncertainty { threshold }.is_enough(measured).then(|| {
                format!("the mean entropy of what is left is {measured:.4} of the largest, below {threshold}")
            })
        }
        StopName::PerformanceDifference => {
            let threshold = threshold.unwrap_or(PerformanceDifference::default().threshold);
            let scores: Vec<f64> = rounds.iter().map(|round| round.score).collect();
            PerformanceDifference { window, threshold }.stop(&scores).then(|| {
                format!("the score changed by less than {threshold} in each of the last {window} rounds")
            })
        }
        StopName::StabilizingPredictions => {
            let threshold = threshold.unwrap_or(StabilizingPredictions::default().threshold);
            StabilizingPredictions { window, threshold }.stop(&measured()).then(|| {
                format!(
                    "the mean agreement of the predictions of the last {window} rounds, each with the one before it, is {threshold} or more"
                )
            })
        }
    };
    why.map(|why| (active.stop.name(), why))
}

/// How far two rounds agree in what they predict for the same examples: Cohen's kappa.
pub(super) fn agreement(
    kind: TaskKind,
    before: &[PredictedExample],
    now: &[PredictedExample],
) -> Result<f64, Error> {
    let mut numbers = BTreeMap::new();
    let (before, now) = (categories(kind, before, &mut numbers), categories(kind, now, &mut numbers));
    Ok(kappa(&before, &now)?)
}

/// What is found of each word, where spans are, else of each example; what is the same has the same of the `numbers`.
fn categories(kind: TaskKind, lines: &[PredictedExample], numbers: &mut BTreeMap<String, u32>) -> Vec<u32> {
    let mut number = |found: String| {
        let next = numbers.len() as u32;
        *numbers.entry(found).or_insert(next)
    };
    let of_line = |line: &PredictedExample| -> Vec<String> {
        if has_spans(kind) && !line.gold.tokens.is_empty() {
            return (0..line.gold.tokens.len()).map(|word| of_word(line, word)).collect();
        }
        let mut keys = keys(&line.predicted);
        keys.sort_unstable();
        vec![format!("{keys:?}")]
    };
    lines.iter().flat_map(of_line).map(&mut number).collect()
}

/// The labels of the spans that a word is in, and whether it begins them.
fn of_word(line: &PredictedExample, word: usize) -> String {
    let spans = line.predicted.spans().map(fishdip_tasks::FoundEntity::key);
    let around = spans.filter(|&(_, start, end)| (start..end).contains(&word));
    let mut found: Vec<(&str, bool)> = around.map(|(label, start, _)| (label, start == word)).collect();
    found.sort_unstable();
    format!("{found:?}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use fishdip_tasks::{Example, Mode, Schema, Task};

    use super::*;

    fn round(round: u32, score: f64, measured: Option<f64>) -> RoundReport {
        RoundReport {
            round,
            labels: 10 + round,
            score,
            macro_f1: None,
            measured,
            picked: None,
            query_seconds: None,
            train_seconds: 1.0,
            ledger: String::new(),
        }
    }

    fn stops(stop: StopName, threshold: Option<f64>, rounds: &[(f64, Option<f64>)]) -> Option<String> {
        let active =
            ActiveConfig { stop, stop_threshold: threshold, stop_window: 2, ..ActiveConfig::default() };
        let rounds: Vec<_> =
            rounds.iter().zip(0..).map(|(&(score, measured), at)| round(at, score, measured)).collect();
        verdict(&active, &rounds).map(|(name, why)| format!("{name}: {why}"))
    }

    #[test]
    fn each_criterion_looks_at_its_own_measure() {
        let still = [(0.5, None), (0.505, Some(0.995)), (0.5, Some(0.99))];
        assert_eq!(stops(StopName::Budget, None, &still), None);
        let why = stops(StopName::PerformanceDifference, None, &still).unwrap();
        assert_eq!(
            why,
            "performance-difference: the score changed by less than 0.01 in each of the last 2 rounds"
        );
        assert_eq!(stops(StopName::PerformanceDifference, None, &still[..2]), None, "one change is not two");
        assert_eq!(stops(StopName::PerformanceDifference, Some(0.004), &still), None);
        assert!(stops(StopName::StabilizingPredictions, None, &still).is_some());
        assert_eq!(stops(StopName::StabilizingPredictions, Some(0.993), &still), None);
        assert_eq!(stops(StopName::OverallUncertainty, None, &still), None, "0.99 is not below 0.05");
        let why =
            stops(StopName::OverallUncertainty, Some(0.1), &[(0.5, Some(0.3)), (0.5, Some(0.0625))]).unwrap();
        assert_eq!(
            why,
            "overall-uncertainty: the mean entropy of what is left is 0.0625 of the largest, below 0.1"
        );
        // Of the last round, where nothing is left, there is no measure.
        assert_eq!(stops(StopName::OverallUncertainty, Some(0.9), &[(0.5, Some(0.3)), (0.5, None)]), None);
    }

    fn lines(outputs: &[&str]) -> Vec<PredictedExample> {
        let task = Task::ner(Schema::conll03(), Mode::Fixed);
        let example = Example::new(["Ann", "Lee", "left", "Rome"]);
        let line = |output: &&str| PredictedExample {
            gold: example.clone(),
            predicted: task.decode(&example, output),
            scores: Vec::new(),
            score: 1.0,
        };
        outputs.iter().map(line).collect()
    }

    #[test]
    fn spans_agree_word_by_word() {
        let first = lines(&["[ Ann Lee | person ] left Rome", "Ann Lee left [ Rome | location ]"]);
        let second =
            lines(&["[ Ann Lee | person ] left [ Rome | location ]", "Ann Lee left [ Rome | location ]"]);
        let agreed = |a: &[PredictedExample], b: &[PredictedExample]| agreement(TaskKind::Ner, a, b).unwrap();
        assert!((agreed(&first, &first) - 1.0).abs() < 1e-12);
        // Of 8 words 7 agree. Begin, inside, location, none: 1, 1, 1, 5 and 1, 1, 2, 4, so by chance 24/64.
        let expected = (7.0 / 8.0 - 24.0 / 64.0) / (1.0 - 24.0 / 64.0);
        assert!((agreed(&first, &second) - expected).abs() < 1e-12, "{}", agreed(&first, &second));
        // One span of two words is not two of one word each.
        let parted =
            lines(&["[ Ann | person ] [ Lee | person ] left Rome", "Ann Lee left [ Rome | location ]"]);
        assert!(agreed(&first, &parted) < 1.0);
        assert!(agreement(TaskKind::Ner, &first, &first[..1]).is_err());
    }

    #[test]
    fn classes_agree_example_by_example() {
        let schema = Schema::default().with_classes([("0", "objective"), ("1", "subjective")]).unwrap();
        let task = Task::text_classification(schema, Mode::Fixed);
        let lines = |outputs: [&str; 4]| -> Vec<PredictedExample> {
            let line = |output: &str| {
                let gold = Example::new(["A", "film", "."]);
                PredictedExample {
                    predicted: task.decode(&gold, output),
                    gold,
                    scores: Vec::new(),
                    score: 1.0,
                }
            };
            outputs.into_iter().map(line).collect()
        };
        let first = lines(["objective", "objective", "subjective", "subjective"]);
        let second = lines(["objective", "subjective", "subjective", "subjective"]);
        // Three of four agree; by chance (2 · 1 + 2 · 3) / 16.
        let found = agreement(TaskKind::TextClassification, &first, &second).unwrap();
        assert!((found - (0.75 - 0.5) / 0.5).abs() < 1e-12, "{found}");
    }
}
