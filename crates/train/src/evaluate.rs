//! The scores of an adapter on labelled examples.

mod summary;

pub use summary::ScoreSummary;

use fishdip_tasks::score::Calibration;
use fishdip_tasks::{Example, Report, Task};
use std::path::Path;
use std::time::Instant;

use crate::adapted::AdaptedModel;
use crate::annotations::sentence;
use crate::data::instances;
use crate::event::{Event, Sink};
use crate::predictions::PredictedExample;
use crate::spread::headline;
use crate::tagger::{Decoding, Scored};
use crate::trained_on::tell_trained;
use crate::warnings::{Warnings, counted_labels};
use crate::wrong::WrongExample;
use crate::{Error, Interrupter, Split, read_split};

/// The scores of one adapter.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Evaluation {
    /// The adapter folder.
    pub adapter: std::path::PathBuf,
    /// The task.
    pub task: &'static str,
    /// The scores.
    pub score: Report,
    /// Where the main score lies with 95 % confidence: a bootstrap over the examples.
    pub interval: [f64; 2],
    /// How far the scores of spans, or of classes, can be taken as probabilities; nothing if nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Decoding and scoring, model loading excluded.
    pub sentences_per_second: f64,
    /// How many outputs had to be mended before they could be read.
    pub repairs: usize,
    /// What decoding took.
    pub decoding: Decoding,
    /// The examples with something wrong.
    #[serde(skip)]
    pub wrong: Vec<WrongExample>,
}

/// Scores `adapted` on the file `data`, which has the layout of the training data.
pub fn evaluate(
    adapted: &AdaptedModel,
    data: &Path,
    interrupter: &Interrupter,
    sink: &mut dyn Sink,
) -> Result<Evaluation, Error> {
    let split = read_split(data, &adapted.info.data, adapted.task().kind())?;
    evaluate_split(adapted, &split, interrupter, sink)
}

/// Scores `adapted` on `split`, and tells what its reader told.
pub fn evaluate_split(
    adapted: &AdaptedModel,
    split: &Split,
    interrupter: &Interrupter,
    sink: &mut dyn Sink,
) -> Result<Evaluation, Error> {
    let task = adapted.task();
    let examples = instances(task, &split.examples, &split.file)?;
    let mut warnings = Warnings::default();
    warnings.add_notes(&split.file, &split.notes);
    if !examples.iter().any(|example| example.is_annotated_for(task.kind()) || task.is_annotated(example)) {
        warnings.add_message(format!(
            "{} has no annotation for the task {}, so that the scores tell nothing",
            split.file.display(),
            task.name()
        ));
    }
    tell_trained(adapted, &examples, &mut warnings)?;
    warnings.send(sink);
    evaluate_examples(adapted, &examples, interrupter, sink)
}

/// Says which labels `examples` have and `task` has not: whatever has them is missed.
pub(crate) fn tell_unknown_labels(task: &Task, examples: &[Example], sink: &mut dyn Sink) {
    let unknown = task.unknown_labels(examples);
    if unknown.is_empty() {
        return;
    }
    let message = format!(
        "the data to score have labels that the model was not trained for, which count as missed: {}",
        counted_labels(&unknown)
    );
    sink.event(&Event::Warning { message });
}

/// Scores `adapted` on `examples`, which are [instances](fishdip_tasks::Task::instances) of its task.
pub fn evaluate_examples(
    adapted: &AdaptedModel,
    examples: &[Example],
    interrupter: &Interrupter,
    sink: &mut dyn Sink,
) -> Result<Evaluation, Error> {
    adapted.tell(sink);
    tell_unknown_labels(adapted.task(), examples, sink);
    let start = Instant::now();
    let Scored { report: score, outcomes, repairs, judged, decoding, predictions } =
        Scored::new(adapted.task(), examples, adapted.tagger.predict(examples, interrupter, sink)?);
    let sentences_per_second = examples.len() as f64 / start.elapsed().as_secs_f64();
    let interval = headline(&outcomes);
    let task = adapted.task();
    let wrong = examples.iter().zip(predictions).filter_map(|(example, prediction)| {
        WrongExample::of(&sentence(task.kind(), &PredictedExample::new(task, example, prediction)))
    });
    Ok(Evaluation {
        adapter: adapted.folder.clone(),
        task: task.name(),
        score,
        interval: [interval.low, interval.high],
        calibration: Calibration::of(&judged),
        sentences_per_second,
        repairs,
        decoding,
        wrong: wrong.collect(),
    })
}
