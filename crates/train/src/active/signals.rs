//! From a tagger and texts to the plain numbers that strategies look at.

use fishdip_active::{Candidates, Matrix};
use fishdip_tasks::{Decoded, Example};

use super::needs::Signal;
use crate::config::DecodeName;
use crate::event::Sink;
use crate::tagger::{ClassProbabilities, Passes, Prediction, Vectors};
use crate::{Error, EvaluationConfig, Interrupter, Tagger};

/// What is known of some texts, one row each.
#[derive(Debug, Default)]
pub(super) struct Signals {
    pub(super) classes: Option<Vec<u32>>,
    probabilities: Option<ClassProbabilities>,
    passes: Vec<ClassProbabilities>,
    vectors: Option<Vectors>,
    labelled_vectors: Option<Vectors>,
    log_probabilities: Option<(Vec<f64>, Vec<u32>)>,
    span_scores: Option<Vec<Vec<f64>>>,
    outputs: Option<[Vec<Vec<u64>>; 2]>,
    /// Words to read, where choices are made by what a word is worth.
    words: Option<Vec<u32>>,
    /// What the model found in each, where a signal needs it.
    pub(super) predictions: Option<Vec<Prediction>>,
}

/// What the model is asked, and how.
pub(super) struct Asking<'a> {
    pub(super) tagger: &'a mut Tagger,
    pub(super) evaluation: &'a EvaluationConfig,
    pub(super) passes: Passes,
    pub(super) interrupter: &'a Interrupter,
    pub(super) sink: &'a mut dyn Sink,
}

impl Signals {
    /// What the texts alone tell.
    pub(super) fn new(texts: &[Example], per_word: bool) -> Self {
        Self { words: per_word.then(|| texts.iter().map(words).collect()), ..Self::default() }
    }

    /// Asks the model for `wanted` of `texts`, and of those that are `labelled` what goes with it.
    pub(super) fn ask(
        &mut self,
        wanted: &[Signal],
        texts: &[Example],
        labelled: &[Example],
        asking: &mut Asking<'_>,
    ) -> Result<(), Error> {
        let has = |signal| wanted.contains(&signal);
        let Asking { tagger, evaluation, passes, interrupter, sink } = asking;
        if has(Signal::Vectors) {
            // Vectors of labelled texts are worth having wherever there are any.
            self.vectors = Some(tagger.vectors(texts, interrupter, *sink)?);
            self.labelled_vectors = Some(tagger.vectors(labelled, interrupter, *sink)?);
        }
        if has(Signal::Probabilities) {
            self.probabilities = Some(tagger.class_probabilities(texts, interrupter, *sink)?);
        }
        if has(Signal::Passes) {
            self.passes = tagger.dropout_passes(texts, *passes, interrupter, *sink)?;
        }
        if has(Signal::LogProbabilities) || has(Signal::SpanScores) || has(Signal::Outputs) {
            let found = tagger.predict(texts, interrupter, *sink)?.each;
            if has(Signal::LogProbabilities) {
                // A sum of rounded logarithms can be a little above 0.
                let sums = found.iter().map(|found| found.log_probability.min(0.0)).collect();
                self.log_probabilities =
                    Some((sums, found.iter().map(|found| found.pieces as u32).collect()));
            }
            if has(Signal::SpanScores) {
                let scores =
                    |found: &Prediction| found.scores.iter().map(|score| score.clamp(0.0, 1.0)).collect();
                self.span_scores = Some(found.iter().map(scores).collect());
            }
            if has(Signal::Outputs) {
                let (first, second) = (evaluation.decode, other(evaluation.decode));
                tagger.set_evaluation(&EvaluationConfig { decode: second, ..(*evaluation).clone() })?;
                let others = tagger.predict(texts, interrupter, *sink);
                tagger.set_evaluation(&EvaluationConfig { decode: first, ..(*evaluation).clone() })?;
                let keys = |found: &[Prediction]| found.iter().map(|found| keys(&found.decoded)).collect();
                self.outputs = Some([keys(&found), keys(&others?.each)]);
            }
            self.predictions = Some(found);
        }
        Ok(())
    }

    /// The candidates `ids`, one for each row, with all that is known of them.
    pub(super) fn candidates<'a>(&'a self, ids: &'a [u32]) -> Result<Candidates<'a>, Error> {
        let probabilities = |found: &'a ClassProbabilities| {
            Matrix::new("probabilities", &found.values, ids.len(), found.classes)
        };
        let mut candidates = Candidates::new(ids)?;
        if let Some(classes) = &self.classes {
            candidates = candidates.with_classes(classes)?;
        }
        if let Some(found) = &self.probabilities {
            candidates = candidates.with_probabilities(probabilities(found)?)?;
        }
        if !self.passes.is_empty() {
            let passes = self.passes.iter().map(probabilities).collect::<Result<Vec<_>, _>>()?;
            candidates = candidates.with_passes(&passes)?;
        }
        if let Some(Vectors { values, width }) = &self.vectors {
            candidates = candidates.with_vectors(Matrix::new("vectors", values, ids.len(), *width)?)?;
        }
        if let Some(labelled) = self.labelled_vectors.as_ref().filter(|vectors| vectors.count() > 0) {
            let Vectors { values, width } = labelled;
            let matrix = Matrix::new("vectors of labelled texts", values, labelled.count(), *width)?;
            candidates = candidates.with_labelled_vectors(matrix)?;
        }
        if let Some((sums, lengths)) = &self.log_probabilities {
            candidates = candidates.with_log_probabilities(sums, lengths)?;
        }
        if let Some(scores) = &self.span_scores {
            candidates = candidates.with_entity_margins(scores)?;
        }
        if let Some([first, second]) = &self.outputs {
            candidates = candidates.with_outputs(first, second)?;
        }
        if let Some(words) = &self.words {
            candidates = candidates.per_word(words)?;
        }
        Ok(candidates)
    }
}

/// The decoding that is compared with `decode`.
fn other(decode: DecodeName) -> DecodeName {
    match decode {
        DecodeName::Free => DecodeName::Constrained,
        DecodeName::Constrained | DecodeName::Beam => DecodeName::Free,
    }
}

/// How many words an annotator reads.
fn words(example: &Example) -> u32 {
    if !example.tokens.is_empty() {
        return example.tokens.len() as u32;
    }
    let texts = [&example.text, &example.history].into_iter().flatten();
    texts.map(|text| text.split_whitespace().count() as u32).max().unwrap_or(0)
}

/// A number for each thing that an output says; two outputs that say the same have the same.
pub(super) fn keys(found: &Decoded) -> Vec<u64> {
    let mut keys: Vec<u64> = Vec::new();
    let mut add = |kind: &str, what: &dyn std::fmt::Debug| {
        let hash = blake3::hash(format!("{kind} {what:?}").as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        keys.push(u64::from_le_bytes(first));
    };
    found.spans().for_each(|span| add("span", &span.key()));
    for relation in &found.relations {
        add("relation", &(&relation.label, relation.head.key(), relation.tail.key()));
    }
    for argument in &found.arguments {
        add("argument", &(&argument.label, argument.entity.key(), argument.trigger.key()));
    }
    for (kind, class) in [("intent", &found.intent), ("relation", &found.relation), ("label", &found.label)] {
        if let Some(class) = class {
            add(kind, class);
        }
    }
    for belief in &found.belief {
        add("belief", belief);
    }
    for cluster in &found.clusters {
        add("cluster", cluster);
    }
    keys
}

#[cfg(test)]
mod tests {
    use fishdip_tasks::{Mode, Schema, Task};

    use super::*;

    #[test]
    fn outputs_that_say_the_same_have_the_same_keys() {
        let task = Task::ner(Schema::conll03(), Mode::Fixed);
        let example = Example::new(["Ann", "left", "Rome"]);
        let keys = |output: &str| {
            let mut keys = keys(&task.decode(&example, output));
            keys.sort_unstable();
            keys
        };
        assert_eq!(keys("[ Ann | person ] left"), keys("[ Ann | person ] left Rome"));
        assert!(keys("Ann left Rome").is_empty());
        let both = keys("[ Ann | person ] left [ Rome | location ]");
        assert!(both.len() == 2 && both.contains(&keys("[ Ann | person ] left Rome")[0]));
        assert_ne!(keys("[ Ann | location ] left Rome"), keys("[ Ann | person ] left Rome"));
    }

    #[test]
    fn words_are_those_that_are_read() {
        let mut example = Example::new(["a", "b", "c"]);
        assert_eq!(words(&example), 3);
        (example.tokens, example.history) = (Vec::new(), Some("[User]: my eyes hurt".to_owned()));
        assert_eq!(words(&example), 4);
    }
}
