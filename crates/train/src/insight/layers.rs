//! `insight/cka.json` and `insight/smoothness.json`: what a training did to the layers.

use fishdip_active::{Matrix, cka};
use fishdip_t5::T5;
use fishdip_tasks::Example;
use serde::{Deserialize, Serialize};

use super::profile::{Pair, Profile};
use super::subjects::Classed;
use crate::event::Sink;
use crate::tagger::Vectors;
use crate::{Error, Event, Interrupter, Tagger};

/// The file of the first in a run folder.
pub(crate) const CKA: &str = "insight/cka.json";

/// The file of the other.
pub(crate) const SMOOTHNESS: &str = "insight/smoothness.json";

/// How alike the layers of the base and of the trained model see the same examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cka {
    /// How many scored examples were looked at.
    pub(crate) examples: usize,
    /// The figures.
    #[serde(flatten)]
    pub(crate) profile: Profile<Alike>,
}

/// Centred kernel alignment: 1 is the same up to rotation and scale. Nothing where all vectors of a layer are the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Alike {
    linear: Option<f64>,
    rbf: Option<f64>,
}

/// How smoothly classes change over what the layers make of training examples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Smoothness {
    /// How many training examples were looked at.
    pub(crate) examples: usize,
    /// Of how many classes they are.
    pub(crate) classes: usize,
    /// The figures.
    #[serde(flatten)]
    pub(crate) profile: Profile<Indices>,
    /// The mean index of all layers at the steps where it was measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<StepIndex>,
}

/// The Besov index over the vectors of a layer; nothing where trees cannot part them often enough, or part them without an error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Indices {
    base: Option<f64>,
    tuned: Option<f64>,
}

/// The mean index at a step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StepIndex {
    pub(crate) step: usize,
    pub(crate) index: Option<f64>,
}

impl Pair for Alike {
    fn new([linear, rbf]: [Option<f64>; 2]) -> Self {
        Self { linear, rbf }
    }

    fn figures(self) -> [Option<f64>; 2] {
        [self.linear, self.rbf]
    }
}

impl Pair for Indices {
    fn new([base, tuned]: [Option<f64>; 2]) -> Self {
        Self { base, tuned }
    }

    fn figures(self) -> [Option<f64>; 2] {
        [self.base, self.tuned]
    }
}

/// The base model and the trained one, and whom to ask and tell.
pub(super) struct Models<'a> {
    /// Has the trained one.
    pub(super) tagger: &'a Tagger,
    pub(super) base: &'a T5,
    pub(super) interrupter: &'a Interrupter,
    pub(super) sink: &'a mut dyn Sink,
}

impl Models<'_> {
    /// What each layer makes of `examples`: of the base model, and of the trained one.
    fn vectors(&mut self, examples: &[Example]) -> Result<[Vec<Vectors>; 2], Error> {
        let mut of = |model| self.tagger.layer_vectors(model, examples, self.interrupter, &mut *self.sink);
        Ok([of(self.base)?, of(self.tagger.model())?])
    }

    /// How many of the layers are those of the encoder.
    fn encoder(&self) -> usize {
        self.base.config().num_layers
    }

    pub(super) fn cka(&mut self, examples: &[Example]) -> Result<Cka, Error> {
        let [base, tuned] = self.vectors(examples)?;
        let figures = base.iter().zip(&tuned).map(|(base, tuned)| alike(base, tuned));
        let figures = figures.collect::<Result<Vec<_>, _>>()?;
        Ok(Cka { examples: examples.len(), profile: Profile::new(&figures, self.encoder()) })
    }

    /// Of the examples `of`; `events` are those of the run.
    pub(super) fn smoothness(&mut self, of: &Classed, events: &[Event]) -> Result<Smoothness, Error> {
        let [base, tuned] = self.vectors(&of.examples)?;
        let figures = of.indices(&base)?.into_iter().zip(of.indices(&tuned)?);
        let figures: Vec<_> = figures.map(|(base, tuned)| [base, tuned]).collect();
        let steps = events.iter().filter_map(|event| match event {
            Event::Smoothness { step, index, .. } => Some(StepIndex { step: *step, index: *index }),
            _ => None,
        });
        Ok(Smoothness {
            examples: of.examples.len(),
            classes: of.count(),
            profile: Profile::new(&figures, self.encoder()),
            steps: steps.collect(),
        })
    }
}

/// Linear CKA and that with Gaussian kernels.
fn alike(base: &Vectors, tuned: &Vectors) -> Result<[Option<f64>; 2], Error> {
    fn matrix<'a>(what: &'static str, of: &'a Vectors) -> Result<Matrix<'a>, Error> {
        Ok(Matrix::new(what, &of.values, of.count(), of.width)?)
    }
    let base = matrix("the vectors of a layer of the base model", base)?;
    let tuned = matrix("the vectors of a layer of the trained model", tuned)?;
    let known = |found| match found {
        Ok(found) => Ok(Some(found)),
        Err(fishdip_active::Error::TooLittle { .. }) => Ok(None),
        Err(error) => Err(Error::from(error)),
    };
    Ok([known(cka::linear(base, tuned))?, known(cka::rbf(base, tuned))?])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn vectors(values: &[f32]) -> Vectors {
        Vectors { values: values.to_vec(), width: 2 }
    }

    #[test]
    fn layers_that_are_rotated_are_alike() {
        let base = vectors(&[1.0, 0.0, 0.0, 2.0, 3.0, 1.0]);
        // By a right angle, and twice as long.
        let turned = vectors(&[0.0, 2.0, -4.0, 0.0, -2.0, 6.0]);
        for found in alike(&base, &turned).unwrap() {
            assert!((found.unwrap() - 1.0).abs() < 1e-9, "{found:?}");
        }
        // A layer that makes the same of all examples is like none.
        assert_eq!(alike(&base, &vectors(&[1.0; 6])).unwrap(), [None, None]);
        assert!(alike(&base, &vectors(&[f32::NAN; 6])).is_err());
    }

    #[test]
    fn files_are_read_as_they_were_written() {
        let profile = Profile::new(&[[Some(0.5), Some(0.25)], [None, Some(0.75)]], 1);
        let cka = Cka { examples: 3, profile };
        let text = serde_json::to_string_pretty(&cka).unwrap();
        assert_eq!(serde_json::from_str::<Cka>(&text).unwrap(), cka);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["layers"][1]["stack"], "decoder");
        assert_eq!(json["layers"][0]["linear"], 0.5);
        assert_eq!(json["decoder"]["middle"]["rbf"], 0.75);
        let smoothness = Smoothness {
            examples: 3,
            classes: 2,
            profile: Profile::new(&[[Some(0.5), None]], 1),
            steps: vec![StepIndex { step: 50, index: Some(0.4) }, StepIndex { step: 100, index: None }],
        };
        let text = serde_json::to_string(&smoothness).unwrap();
        assert!(text.contains(r#""base":0.5,"tuned":null"#), "{text}");
        assert_eq!(serde_json::from_str::<Smoothness>(&text).unwrap(), smoothness);
    }
}
