//! Which predictions become training examples.

use std::collections::BTreeMap;

use fishdip_tasks::score::Temperatures;
use fishdip_tasks::{Example, TaskKind};

use crate::data::labels;
use crate::event::{Event, Sink};
use crate::tagger::Scored;
use crate::{Error, Interrupter, Prediction, Tagger};

/// Texts with what a model is sure of.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    pub(super) examples: Vec<Example>,
    /// How many scores were calibrated by; 0 where they are as the model gives them.
    pub(super) calibrated_on: usize,
}

impl Accepted {
    /// What `tagger`, whose scores are calibrated by the labelled examples `kept`, finds in `texts` with a probability of `threshold` or more.
    pub(super) fn of(
        tagger: Tagger,
        texts: &[Example],
        kept: &[Example],
        threshold: f64,
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<Self, Error> {
        let task = tagger.task().clone();
        let mut calibrated_on = 0;
        let mut temperatures = None;
        if !kept.is_empty() && task.has_scores() {
            let judged = Scored::new(&task, kept, tagger.predict_raw(kept, interrupter, sink)?).judged;
            if judged.len() >= Temperatures::LEAST {
                (calibrated_on, temperatures) = (judged.len(), Some(Temperatures::fit(&judged)?));
            } else {
                let message = format!(
                    "{} scores are too few to calibrate by, of which {} are needed: texts are accepted by the scores as the model gives them; raise \
                     self_training.calibration_share, or set it to 0",
                    judged.len(),
                    Temperatures::LEAST
                );
                sink.event(&Event::Warning { message });
            }
        }
        let tagger = tagger.with_temperatures(temperatures);
        let found = tagger.predict(texts, interrupter, sink)?.each;
        let sure = texts.iter().zip(&found).filter(|(_, found)| is_sure(task.kind(), found, threshold));
        let examples = sure.map(|(text, found)| text.with_found(&found.decoded)).collect();
        Ok(Self { examples, calibrated_on })
    }

    /// How often each label is in them.
    pub(super) fn labels(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for example in &self.examples {
            for label in labels(example) {
                *counts.entry(label).or_default() += 1;
            }
        }
        counts
    }
}

/// Whether the least sure of what was found has the probability `threshold`: a span or link, else the whole output, which is a class or nothing.
fn is_sure(kind: TaskKind, found: &Prediction, threshold: f64) -> bool {
    let Prediction { decoded, scores, links, probability, .. } = found;
    let is_whole = match kind {
        TaskKind::TextClassification => decoded.label.is_some(),
        TaskKind::RelationClassification => decoded.relation.is_some(),
        _ => true,
    };
    let least = scores.iter().chain(links).copied().reduce(f64::min).unwrap_or(*probability);
    is_whole && decoded.repairs.is_empty() && least >= threshold
}

#[cfg(test)]
mod tests {
    use fishdip_tasks::{Mode, Schema, Task};

    use super::*;

    /// What `output` says, with the `scores` of its spans and the probability of the whole.
    fn found(output: &str, scores: &[f64], probability: f64) -> Prediction {
        let task = Task::ner(Schema::conll03(), Mode::Fixed);
        Prediction {
            decoded: task.decode(&Example::new(["Ann", "met", "Bob"]), output),
            scores: scores.to_vec(),
            links: Vec::new(),
            probability,
            log_probability: probability.ln(),
            pieces: 9,
        }
    }

    #[test]
    fn the_least_sure_span_decides() {
        let both = "[ Ann | person ] met [ Bob | person ]";
        let is_sure = |found: &Prediction| is_sure(TaskKind::Ner, found, 0.9);
        assert!(is_sure(&found(both, &[0.95, 0.9], 0.5)));
        assert!(!is_sure(&found(both, &[0.95, 0.89], 0.99)));
        // Nothing was found: the probability of that.
        assert!(is_sure(&found("Ann met Bob", &[], 0.9)));
        assert!(!is_sure(&found("Ann met Bob", &[], 0.89)));
        // A faulty output says nothing for sure.
        assert!(!is_sure(&found("[ Ann | person met Bob", &[], 1.0)));
    }

    #[test]
    fn a_text_without_a_class_is_not_learned() {
        let mut of_class = found("Ann met Bob", &[], 0.99);
        assert!(!is_sure(TaskKind::TextClassification, &of_class, 0.5));
        of_class.decoded.label = Some("news".to_owned());
        assert!(is_sure(TaskKind::TextClassification, &of_class, 0.5));
        assert!(!is_sure(TaskKind::TextClassification, &of_class, 0.995));
    }
}
