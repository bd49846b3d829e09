//! How probable each class of a text, or of a relation, is.

use fishdip_t5::{Batch, Dropout};
use fishdip_tasks::{Example, TaskKind};

use super::{Part, Tagger};
use crate::event::{Event, Phase, Sink};
use crate::warnings::Warnings;
use crate::{Error, Interrupter, Left};

/// The probability of each class for each of some examples.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClassProbabilities {
    /// `[examples, classes]`, example by example; classes as the schema has them.
    pub(crate) values: Vec<f32>,
    pub(crate) classes: usize,
}

/// How often a model with dropout is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Passes {
    pub(crate) count: usize,
    /// What share of activations is dropped.
    pub(crate) rate: f64,
    pub(crate) seed: u64,
}

impl Tagger {
    /// The probability of each class for each of `examples`: that the model writes its name, among the names of all classes. The task chooses one
    /// class an example. Annotations are not looked at.
    pub(crate) fn class_probabilities(
        &self,
        examples: &[Example],
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<ClassProbabilities, Error> {
        self.classes_with(examples, &Dropout::none, false, interrupter, sink)
    }

    /// The same in several passes, each with other activations dropped.
    pub(crate) fn dropout_passes(
        &self,
        examples: &[Example],
        passes: Passes,
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<Vec<ClassProbabilities>, Error> {
        let pass = |pass: usize| {
            // Batches and classes of a pass share one seed, so that a pass asks one model.
            let dropout = || Dropout::new(passes.rate, fishdip_active::round_seed(passes.seed, pass as u32));
            self.classes_with(examples, &dropout, true, interrupter, sink)
        };
        (0..passes.count).map(pass).collect()
    }

    #[tracing::instrument(skip_all, fields(examples = examples.len()))]
    fn classes_with(
        &self,
        examples: &[Example],
        dropout: &dyn Fn() -> Dropout,
        drops: bool,
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<ClassProbabilities, Error> {
        let mut warnings = Warnings::default();
        let labels = self.class_labels();
        // Dropout acts only where a pass could be differentiated.
        let device = if drops { self.device.clone().autodiff() } else { self.device.clone() };
        let asked = self.asked(examples, &mut warnings)?;
        let (owners, parts) = self.parts_of(&asked);
        let sources = self.sources(&parts, &mut warnings)?;
        let mut targets = Vec::with_capacity(parts.len());
        for Part { example, .. } in &parts {
            let candidates = self.task.candidates(example, labels.iter().copied())?;
            let pieces = candidates.iter().map(|candidate| self.tokenizer.encode(&candidate.target));
            targets.push(pieces.collect::<Result<Vec<Vec<u32>>, _>>()?);
        }
        let mut sums = vec![0.0_f64; examples.len() * labels.len()];
        let mut done = 0;
        for chosen in self.batches(&sources, &parts) {
            let rows: Vec<&[u32]> = chosen.iter().map(|&part| sources[part].as_slice()).collect();
            for class in 0..labels.len() {
                if interrupter.should_stop() {
                    return Err(Error::Interrupted { step: None, left: Left::default() });
                }
                let written: Vec<&[u32]> =
                    chosen.iter().map(|&part| targets[part][class].as_slice()).collect();
                let batch = Batch::new(&rows, &written, self.model.config().pad_token_id, &device);
                let losses = self.model.loss(&batch, &dropout()).per_sample();
                for ((&part, written), loss) in chosen.iter().zip(&written).zip(losses) {
                    sums[owners[part] * labels.len() + class] -= f64::from(loss) * written.len() as f64;
                }
            }
            done += chosen.len();
            sink.event(&Event::Progress { phase: Phase::Scoring, done, total: parts.len() });
        }
        warnings.send(sink);
        let values = sums.chunks(labels.len().max(1)).flat_map(softmax).collect();
        Ok(ClassProbabilities { values, classes: labels.len() })
    }

    /// The classes that an example can have, in the order of the schema.
    pub(crate) fn class_labels(&self) -> Vec<&str> {
        let schema = self.task.schema();
        match self.task.kind() {
            TaskKind::RelationClassification => schema.relations().map(|(label, _)| label).collect(),
            _ => schema.classes().map(|(label, _)| label).collect(),
        }
    }
}

/// Probabilities from their logarithms, each with the same unknown added.
fn softmax(logarithms: &[f64]) -> Vec<f32> {
    let most = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let parts: Vec<f64> = logarithms.iter().map(|x| (x - most).exp()).collect();
    let sum: f64 = parts.iter().sum();
    parts.into_iter().map(|part| (part / sum) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::softmax;

    #[test]
    fn logarithms_become_probabilities() {
        // 3/4 and 1/4, each times e⁻⁹⁰⁰, which is no number of its own.
        let found = softmax(&[0.75_f64.ln() - 900.0, 0.25_f64.ln() - 900.0]);
        assert!((found[0] - 0.75).abs() < 1e-6 && (found[1] - 0.25).abs() < 1e-6, "{found:?}");
    }
}
