//! Where a training that is watched by smoothness would have ended otherwise.

use serde::{Deserialize, Serialize};

use crate::Event;
use crate::state::Found;

/// Three ways to choose the step whose model is kept, side by side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stops {
    /// The last step.
    pub last: Stop,
    /// The step with the best score, which looks at the scored data; nothing where nothing was scored on the way.
    pub best: Option<Stop>,
    /// The step whose layers were smoothest; nothing where no layer had an index.
    pub smoothest: Option<Stop>,
}

/// A step, and its score where that was computed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// Training steps.
    pub step: usize,
    /// The main score.
    pub score: Option<f64>,
}

/// The stops of a training of `steps` steps that has `found` what it has and told `events`.
pub(crate) fn stops(steps: usize, found: &Found, events: &[Event]) -> Stops {
    let score = |asked: usize| {
        events.iter().find_map(|event| match event {
            Event::Evaluated { step, report, .. } if *step == asked => Some(report.headline()),
            _ => None,
        })
    };
    let stop = |step| Stop { step, score: score(step) };
    Stops {
        last: stop(steps),
        best: found.best.as_ref().map(|best| stop(best.step)),
        smoothest: found.smoothest.map(|smoothest| stop(smoothest.step)),
    }
}

impl Stops {
    /// In words.
    pub(crate) fn words(&self) -> String {
        let score = |stop: Stop| {
            stop.score.map_or_else(|| "not scored".to_owned(), |score| format!("score {score:.4}"))
        };
        let smoothest = self.smoothest.map_or_else(
            || "no layer has a smoothness, so that the adapter is that of the last step".to_owned(),
            |stop| {
                format!(
                    "the layers were smoothest after step {} ({}), whose adapter is kept",
                    stop.step,
                    score(stop)
                )
            },
        );
        let best = self
            .best
            .map(|stop| format!("; the best score was after step {} ({})", stop.step, score(stop)))
            .unwrap_or_default();
        format!("{smoothest}{best}; the last step was {} ({})", self.last.step, score(self.last))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::state::{Best, Smoothest};

    fn report(f1: f64) -> fishdip_tasks::Report {
        let report = format!(
            r#"{{"f1": {f1}, "precision": 0.2, "recall": 0.07, "n": 3, "per_label": {{}}, "examples": 4, "errors":
            {{"wrong_reconstruction": 0, "format_error": 0.5, "label_error": 0, "entity_error": 0}}}}"#
        );
        serde_json::from_str(&report).unwrap()
    }

    #[test]
    fn the_three_steps_are_told_with_the_scores_that_are_known() {
        let evaluated = |step, f1| Event::Evaluated { step, report: report(f1), best: false, seconds: 1.0 };
        let best = Best { step: 20, headline: 0.75, report: report(0.75) };
        let mut found = Found { best: Some(best), ..Found::default() };
        found.smoothest = Some(Smoothest { step: 10, index: 0.5 });
        let events = [evaluated(10, 0.5), evaluated(20, 0.75), evaluated(30, 0.625)];
        let stops = stops(30, &found, &events);
        assert_eq!(stops.last, Stop { step: 30, score: Some(0.625) });
        assert_eq!(
            stops.words(),
            "the layers were smoothest after step 10 (score 0.5000), whose adapter is kept; the best score was after step 20 (score 0.7500); the last \
             step was 30 (score 0.6250)"
        );
        let alone = super::stops(40, &Found { smoothest: found.smoothest, ..Found::default() }, &events[..1]);
        assert_eq!(
            alone.words(),
            "the layers were smoothest after step 10 (score 0.5000), whose adapter is kept; the last step was 40 (not scored)"
        );
        let none = super::stops(40, &Found::default(), &[]);
        assert!(none.words().starts_with("no layer has a smoothness"), "{}", none.words());
    }

    #[test]
    fn of_equal_indices_the_first_is_kept() {
        let mut found = Found::default();
        assert!(!found.smoothness(10, None) && found.smoothness(20, Some(0.5)));
        assert!(!found.smoothness(30, Some(0.5)) && !found.smoothness(40, Some(0.25)));
        assert_eq!((found.kept(crate::Watch::Smoothness), found.measured), (Some(20), Some(40)));
        assert_eq!(found.kept(crate::Watch::Score), None);
    }
}
