//! The numbers of events, by tag.

use fishdip_tasks::Report;
use fishdip_tasks::score::Score;

use crate::event::Event;

/// The numbers that an event tells of a step, and the step; nothing if it tells none.
pub(super) fn scalars(event: &Event) -> Option<(usize, Vec<(String, f64)>)> {
    let named =
        |scalars: &[(&str, f64)]| scalars.iter().map(|&(tag, value)| (tag.to_owned(), value)).collect();
    match event {
        Event::Step { step, loss, gradient_norm, learning_rate, seconds, .. } => {
            let scalars = [
                ("train/loss", f64::from(*loss)),
                ("train/gradient_norm", f64::from(*gradient_norm)),
                ("train/learning_rate", f64::from(*learning_rate)),
                ("train/seconds_per_step", *seconds),
            ];
            Some((*step, named(&scalars)))
        }
        Event::MaskChosen { step, entries, churn, .. } => {
            Some((*step, named(&[("mask/churn", *churn), ("mask/entries", *entries as f64)])))
        }
        Event::Evaluated { step, report, .. } => Some((*step, scores(report))),
        Event::Followed { step, right, probabilities, .. } if !probabilities.is_empty() => {
            let share = right.len() as f64 / probabilities.len() as f64;
            Some((*step, named(&[("train/share_learnt", share)])))
        }
        Event::Smoothness { step, index: Some(index), .. } => {
            Some((*step, named(&[("train/smoothness", *index)])))
        }
        _ => None,
    }
}

fn scores(report: &Report) -> Vec<(String, f64)> {
    let headline = report.headline_name().to_lowercase().replace(' ', "_");
    let mut scores = vec![(headline, report.headline())];
    let mut add = |name: &str, value| scores.push((name.to_owned(), value));
    let per_label = match &report.score {
        Score::Spans(score) => {
            add("precision", score.precision);
            add("recall", score.recall);
            Some(&score.per_label)
        }
        Score::Classes(score) => Some(&score.per_label),
        Score::Dialogue(score) => {
            add("slot_accuracy", score.slot_accuracy);
            None
        }
        Score::Coref(score) => {
            add("precision", score.average.precision);
            add("recall", score.average.recall);
            None
        }
        _ => None,
    };
    for (name, score) in [("relation_f1", &report.relation), ("trigger_f1", &report.trigger)] {
        if let Some(score) = score {
            add(name, score.f1);
        }
    }
    if let Some(intent) = &report.intent {
        add("intent_accuracy", intent.accuracy);
    }
    let scores = scores.into_iter().map(|(name, value)| (format!("eval/{name}"), value));
    // Apart from the others, since there may be many.
    let labels = per_label.into_iter().flatten();
    let labels = labels.map(|(label, score)| (format!("eval_label_f1/{}", in_tag(label)), score.f1));
    scores.chain(labels).collect()
}

/// `label` as a part of a tag, which has few characters. What stands for a label with others ends in its hash: no two labels have one tag,
/// and a label has the same one in every evaluation, whatever other labels there are.
fn in_tag(label: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-');
    if !label.is_empty() && label.chars().all(is_kept) {
        return label.to_owned();
    }
    let kept: String = label.chars().map(|c| if is_kept(c) { c } else { '_' }).collect();
    format!("{kept}-{}", &blake3::hash(label.as_bytes()).to_hex()[..8])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use fishdip_tasks::Report;
    use serde_json::json;

    use super::{in_tag, scalars};
    use crate::event::Event;

    fn tags(report: serde_json::Value) -> Vec<(String, f64)> {
        let report: Report = serde_json::from_value(report).unwrap();
        let (step, scalars) =
            scalars(&Event::Evaluated { step: 7, report, best: false, seconds: 1.0 }).unwrap();
        assert_eq!(step, 7);
        scalars
    }

    #[test]
    fn scores_have_the_names_of_the_task() {
        let label = json!({ "f1": 0.25, "precision": 0.5, "recall": 0.125, "support": 4 });
        let errors = json!({ "wrong_reconstruction": 0.0, "format_error": 0.0, "label_error": 0.0, "entity_error": 0.0 });
        let spans = json!({
            "f1": 0.5, "precision": 0.25, "recall": 0.75, "n": 4, "per_label": { "PER": label, "time (start)": label },
            "errors": errors, "examples": 2,
        });
        let expected = [
            ("eval/f1", 0.5),
            ("eval/precision", 0.25),
            ("eval/recall", 0.75),
            ("eval_label_f1/PER", 0.25),
            ("eval_label_f1/time__start_-HASH", 0.25),
        ];
        let hash = &blake3::hash(b"time (start)").to_hex()[..8];
        let expected = expected.map(|(tag, value)| (tag.replace("HASH", hash), value));
        assert_eq!(tags(spans), expected);

        let dialogue =
            json!({ "joint_accuracy": 0.5, "slot_accuracy": 0.75, "n": 4, "errors": errors, "examples": 2 });
        let expected = [("eval/joint_accuracy", 0.5), ("eval/slot_accuracy", 0.75)];
        assert_eq!(tags(dialogue), expected.map(|(tag, value)| (tag.to_owned(), value)));
    }

    #[test]
    fn a_step_and_a_mask_are_numbers_and_a_note_is_none() {
        let event =
            Event::Step { step: 3, loss: 0.25, gradient_norm: 1.5, learning_rate: 0.125, seconds: 2.0 };
        let (step, found) = scalars(&event).unwrap();
        let found: Vec<(&str, f64)> = found.iter().map(|(tag, value)| (tag.as_str(), *value)).collect();
        let expected = [
            ("train/loss", 0.25),
            ("train/gradient_norm", 1.5),
            ("train/learning_rate", 0.125),
            ("train/seconds_per_step", 2.0),
        ];
        assert_eq!((step, found), (3, expected.to_vec()));
        assert!(scalars(&Event::Note { message: String::new() }).is_none());
    }

    #[test]
    fn every_label_has_a_tag_of_its_own() {
        let labels = ["a b", "a_b", "a?b", "a\u{a0}b", "", "_", "人", "名", "LOC/GPE", "B-x.y"];
        let tags: BTreeSet<String> = labels.into_iter().map(in_tag).collect();
        assert_eq!(tags.len(), labels.len());
        for tag in &tags {
            assert!(
                !tag.is_empty() && tag.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c)),
                "{tag}"
            );
        }
        assert!(["a_b", "_", "LOC/GPE", "B-x.y"].iter().all(|&label| tags.contains(label)));
    }
}
