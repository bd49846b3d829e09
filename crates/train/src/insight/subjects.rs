//! What a run looks into, beside the model: decided before its first step, from data and config alone.

use std::sync::Arc;

use fishdip_active::Matrix;
use fishdip_t5::Tokenizer;
use fishdip_tasks::{Example, Task, TaskKind};

use super::targets::Targets;
use crate::config::Watch;
use crate::data::{Tokenized, classes};
use crate::event::Sink;
use crate::schedule::{Purpose, permutation, seed};
use crate::tagger::Vectors;
use crate::warnings::Warnings;
use crate::{Error, Interrupter, RunConfig, Tagger};

/// What there is to be looked into; by default nothing.
#[derive(Debug, Default)]
pub(crate) struct Subjects {
    /// The targets that the model is led along after each epoch.
    pub(crate) targets: Option<Targets>,
    /// The examples whose classes should change smoothly over what the layers make of them.
    pub(crate) classed: Option<Classed>,
    /// The scored examples that the layers of two models are compared by.
    pub(super) compared: Option<Vec<Example>>,
}

/// Training examples, each of a class.
#[derive(Debug)]
pub(crate) struct Classed {
    pub(super) examples: Vec<Example>,
    /// One for each.
    classes: Vec<u32>,
    /// Of the trees.
    seed: u64,
}

impl Subjects {
    /// What `config` asks for, of the examples `train`, which were made piece ids in `tokenized`, and `eval`.
    pub(crate) fn new(
        config: &RunConfig,
        task: &Task,
        tokenizer: &Arc<Tokenizer>,
        (train, tokenized): (&[Example], &Tokenized),
        eval: &[Example],
        warnings: &mut Warnings,
    ) -> Result<Self, Error> {
        let insight = &config.insight;
        let targets = insight
            .dynamics
            .then(|| Targets::new(config, task, tokenizer, train, tokenized, warnings))
            .transpose()?;
        let watches = config.training.watch == Watch::Smoothness;
        let key = if watches { "training.watch = \"smoothness\"" } else { "insight.smoothness" };
        let classed = (watches || insight.smoothness)
            .then(|| {
                let examples = drawn(train, insight.samples, config.training.seed, 0);
                Classed::new(task, examples, key, config.training.seed, warnings)
            })
            .transpose()?;
        let compared = insight
            .cka
            .then(|| {
                let compared = drawn(eval, insight.samples, config.training.seed, 1);
                let reads = |example| Ok(task.source(example)?);
                let sources = compared.iter().map(reads).collect::<Result<Vec<String>, Error>>()?;
                if sources.iter().all(|source| *source == sources[0]) {
                    return Err(Error::Data(format!(
                        "insight.cka compares layers by what they make of scored examples, and needs two with different texts, but there {}; give it more \
                         examples to score, or take it out",
                        match compared.len() {
                            0 => "is none".to_owned(),
                            1 => "is one".to_owned(),
                            count => format!("are {count} of one text"),
                        }
                    )));
                }
                Ok(compared)
            })
            .transpose()?;
        Ok(Self { targets, classed, compared })
    }
}

/// At most `count` of `examples`, in their order, drawn with `run_seed` for the purpose `index`.
fn drawn(examples: &[Example], count: usize, run_seed: u64, index: u64) -> Vec<Example> {
    let mut chosen = permutation(examples.len(), seed(run_seed, Purpose::Insight, index));
    chosen.truncate(count);
    chosen.sort_unstable();
    chosen.into_iter().map(|i| examples[i].clone()).collect()
}

impl Classed {
    /// `examples`, which the key `key` asks for; `run_seed` is that of the run.
    fn new(
        task: &Task,
        examples: Vec<Example>,
        key: &str,
        run_seed: u64,
        warnings: &mut Warnings,
    ) -> Result<Self, Error> {
        let refuse = |why: &str| {
            Err(Error::Data(format!(
                "{key} looks at how the classes of training examples change, but {why}; take it out"
            )))
        };
        if task.kind() == TaskKind::Coref {
            return refuse(&format!("those of the task {} have none", task.name()));
        }
        if examples.len() < 2 {
            return refuse("there are not two of them");
        }
        let classed = Self {
            classes: classes(task.kind(), &examples),
            examples,
            seed: seed(run_seed, Purpose::Insight, 2),
        };
        if classed.count() == 1 {
            warnings.add_message(format!(
                "{key}: all {} training examples that are looked at are of one class, so that no layer has a smoothness",
                classed.examples.len()
            ));
        }
        Ok(classed)
    }

    /// How many classes there are.
    pub(super) fn count(&self) -> usize {
        let mut classes = self.classes.clone();
        classes.sort_unstable();
        classes.dedup();
        classes.len()
    }

    /// The Besov index over the vectors of each layer; nothing for a layer that trees cannot part often enough, or part without an error.
    pub(super) fn indices(&self, layers: &[Vectors]) -> Result<Vec<Option<f64>>, Error> {
        let index = |vectors: &Vectors| {
            let matrix =
                Matrix::new("the vectors of a layer", &vectors.values, vectors.count(), vectors.width)?;
            let smoothness = fishdip_active::smoothness::Smoothness::default();
            match smoothness.index(matrix, &self.classes, self.seed) {
                Ok(index) => Ok(Some(index)),
                Err(fishdip_active::Error::TooLittle { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            }
        };
        layers.iter().map(index).collect()
    }

    /// The mean index over the layers of the model of `tagger`; nothing where no layer has one.
    pub(crate) fn mean_index(
        &self,
        tagger: &Tagger,
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<Option<f64>, Error> {
        let layers = tagger.layer_vectors(tagger.model(), &self.examples, interrupter, sink)?;
        let indices: Vec<f64> = self.indices(&layers)?.into_iter().flatten().collect();
        let count = indices.len();
        Ok((count > 0).then(|| indices.into_iter().sum::<f64>() / count as f64))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use fishdip_tasks::{Mode, Schema};

    use super::*;
    use crate::Event;

    fn task() -> Task {
        let schema = Schema::default().with_classes([("a", "first"), ("b", "second")]).unwrap();
        Task::text_classification(schema, Mode::Fixed)
    }

    fn example(text: &str, class: &str) -> Example {
        let mut example = Example::new([text]);
        example.label = Some(class.to_owned());
        example
    }

    #[test]
    fn examples_are_drawn_by_the_seed_and_keep_their_order() {
        let all: Vec<Example> = (0..20).map(|i| example(&format!("{i:02}"), "a")).collect();
        let texts = |seed| {
            let drawn = drawn(&all, 8, seed, 0);
            drawn.into_iter().map(|example| example.tokens.join(" ")).collect::<Vec<String>>()
        };
        assert!(texts(1).is_sorted() && texts(1).len() == 8);
        assert_eq!(texts(1), texts(1));
        assert_ne!(texts(1), texts(2));
        assert_eq!(drawn(&all, 30, 1, 0), all);
    }

    #[test]
    fn what_has_no_classes_is_refused_with_its_key() {
        let new = |task: &Task, examples| {
            Classed::new(task, examples, "insight.smoothness", 1, &mut Warnings::default())
        };
        for examples in [vec![], vec![example("x", "a")]] {
            let message = new(&task(), examples).unwrap_err().to_string();
            assert!(message.starts_with("insight.smoothness looks at"), "{message}");
            assert!(message.contains("not two of them; take it out"), "{message}");
        }
        let two = || vec![example("x", "a"), example("y", "b")];
        let message = new(&Task::coref(Mode::Fixed), two()).unwrap_err().to_string();
        assert!(message.contains("have none"), "{message}");
        assert_eq!(new(&task(), two()).unwrap().count(), 2);
    }

    #[test]
    fn one_class_is_told_and_has_no_index() {
        struct Told(Vec<Event>);
        impl Sink for Told {
            fn event(&mut self, event: &Event) {
                self.0.push(event.clone());
            }
        }
        let (mut warnings, mut told) = (Warnings::default(), Told(Vec::new()));
        let same = (0..30).map(|i| example(&i.to_string(), "a")).collect();
        let classed = Classed::new(&task(), same, "training.watch", 1, &mut warnings).unwrap();
        warnings.send(&mut told);
        assert!(
            matches!(&told.0[..], [Event::Warning { message }] if message.contains("all 30")),
            "{:?}",
            told.0
        );
        let vectors = Vectors { values: (0..60).map(|i| ((i * 37) % 61) as f32).collect(), width: 2 };
        assert_eq!(classed.indices(&[vectors]).unwrap(), [None]);
    }

    #[test]
    fn a_layer_without_an_index_is_none() {
        let examples: Vec<Example> =
            (0..40).map(|i| example(&i.to_string(), if i % 7 < 3 { "a" } else { "b" })).collect();
        let classed = Classed::new(&task(), examples, "", 1, &mut Warnings::default()).unwrap();
        // All the same cannot be parted; what changes can.
        let same = Vectors { values: vec![1.0; 80], width: 2 };
        let other = Vectors { values: (0..80).map(|i| ((i * 37) % 83) as f32).collect(), width: 2 };
        let found = classed.indices(&[same, other]).unwrap();
        assert!(found[0].is_none() && found[1].is_some_and(|index| index > 0.0), "{found:?}");
    }
}
