//! What a tagger gives.

use fishdip_t5::DecodingStats;
use fishdip_tasks::score::Judged;
use fishdip_tasks::{Decoded, Example, Outcomes, Report, Task};

/// What the model wrote for one example, and what it means.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// What was read from the output.
    pub decoded: Decoded,
    /// For each of the [spans](Decoded::spans), the probability of the pieces of its markup, or what a calibration makes of it.
    pub scores: Vec<f64>,
    /// For each of the links, the same.
    pub links: Vec<f64>,
    /// The probability of the whole output, or what a calibration makes of it where that is a class.
    pub probability: f64,
    /// The logarithm of the probability of the whole output, as the model gives it.
    pub log_probability: f64,
    /// Pieces of the output, its end included if it has one.
    pub pieces: usize,
}

/// The predictions for some examples.
#[derive(Clone, Debug)]
pub struct Predictions {
    /// One an example, in their order.
    pub each: Vec<Prediction>,
    /// What decoding took.
    pub decoding: Decoding,
}

/// What decoding took.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Decoding {
    /// Pieces written, ends included.
    pub pieces: usize,
    /// Calls of the decoder, each counted once for every output that it worked on.
    pub calls: usize,
    /// Pieces that were copied from the source before the model was asked.
    pub drafted: usize,
    /// Those of them that the model agreed with.
    pub accepted: usize,
}

impl From<DecodingStats> for Decoding {
    fn from(DecodingStats { pieces, calls, drafted, accepted }: DecodingStats) -> Self {
        Self { pieces, calls, drafted, accepted }
    }
}

/// What predictions for examples are worth.
pub(crate) struct Scored {
    pub(crate) report: Report,
    /// What each example adds to the headline score.
    pub(crate) outcomes: Outcomes,
    /// How many outputs had to be mended.
    pub(crate) repairs: usize,
    /// Each thing that has a score of its own.
    pub(crate) judged: Vec<Judged>,
    pub(crate) decoding: Decoding,
    /// What was judged.
    pub(crate) predictions: Vec<Prediction>,
}

impl Scored {
    pub(crate) fn new(task: &Task, examples: &[Example], predictions: Predictions) -> Self {
        let Predictions { each, decoding } = predictions;
        let pairs = || examples.iter().zip(&each);
        let judge = |(example, Prediction { decoded, scores, probability, .. }): (_, &Prediction)| {
            task.judge(example, decoded, scores, *probability)
        };
        Self {
            report: task.score(pairs().map(|(example, prediction)| (example, &prediction.decoded))),
            outcomes: task.outcomes(pairs().map(|(example, prediction)| (example, &prediction.decoded))),
            repairs: each.iter().filter(|prediction| !prediction.decoded.repairs.is_empty()).count(),
            judged: pairs().flat_map(judge).collect(),
            decoding,
            predictions: each,
        }
    }
}
