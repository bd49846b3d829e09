//! From examples to predictions and scores.

use burn::tensor::Device;
use burn::train::Interrupter;
use fishdip_t5::{Batch, Beams, Generated, Limits, Outputs, T5, Tokenizer, Work};
use fishdip_tasks::constraint::Rendered;
use fishdip_tasks::score::{Calibration, Judged, Temperatures};
use fishdip_tasks::{Chunk, Decoded, Example, Joined, OutputConstraint, Report, Task};
use std::cell::Cell;
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use crate::adapted::AdaptedModel;
use crate::config::{DataConfig, DecodeName, EvaluationConfig};
use crate::constrained::{Output, WordPieces, start};
use crate::data::{Problems, source_pieces};
use crate::event::{Event, Observer};
use crate::windows::Windows;
use crate::{Error, Split, read_split};

/// What is needed to turn examples into predictions.
pub(crate) struct Predictor<'a> {
    model: &'a T5,
    tokenizer: &'a Tokenizer,
    task: &'a Task,
    device: &'a Device,
    data: &'a DataConfig,
    evaluation: &'a EvaluationConfig,
    pieces: WordPieces<'a>,
    /// None where outputs are free.
    constraint: Option<OutputConstraint>,
    /// None where scores stay as the model gives them.
    temperatures: Option<&'a Temperatures>,
    interrupter: &'a Interrupter,
    /// What decoding took so far.
    work: Cell<Work>,
}

/// What the model is asked at once.
struct Part<'a> {
    example: &'a Example,
    /// Pieces of the output.
    limit: usize,
}

/// What the model wrote for one example, and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Prediction {
    pub(crate) decoded: Decoded,
    /// For each of the spans of `decoded`, the probability of the pieces of its markup, or what a calibration makes of it.
    pub(crate) scores: Vec<f64>,
    /// For each of the links of `decoded`, the same.
    pub(crate) links: Vec<f64>,
    /// The probability of the whole output, or what a calibration makes of it where that is a class.
    pub(crate) probability: f64,
}

impl<'a> Predictor<'a> {
    /// `device` is without autodiff.
    pub(crate) fn new(
        (model, tokenizer): (&'a T5, &'a Tokenizer),
        task: &'a Task,
        device: &'a Device,
        data: &'a DataConfig,
        evaluation: &'a EvaluationConfig,
        interrupter: &'a Interrupter,
    ) -> Result<Self, Error> {
        let pieces = WordPieces::new(tokenizer, model.config().eos_token_id);
        let constraint = match evaluation.decode {
            DecodeName::Constrained | DecodeName::Beam => Some(OutputConstraint::new(task, &pieces)?),
            DecodeName::Free => None,
        };
        Ok(Self {
            model,
            tokenizer,
            task,
            device,
            data,
            evaluation,
            pieces,
            constraint,
            temperatures: None,
            interrupter,
            work: Cell::default(),
        })
    }

    /// The same with scores made probabilities by `temperatures`, or as the model gives them.
    pub(crate) fn with_temperatures(self, temperatures: Option<&'a Temperatures>) -> Self {
        Self { temperatures, ..self }
    }

    /// Predicts every example, in order; what is too long, and documents, part by part. `progress` is told how many of how many parts are done
    /// after each batch.
    #[tracing::instrument(skip_all, fields(examples = examples.len()))]
    pub(crate) fn predict(
        &self,
        examples: &[Example],
        problems: &mut Problems,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Prediction>, Error> {
        let whole = self.evaluation.max_output_pieces;
        // A window is as long as can be, so what it needs is more than what is enough for a sentence.
        let window = whole.max(2 * self.data.source_limit());
        let mut asked = Vec::with_capacity(examples.len());
        for example in examples {
            asked.push(self.windows().questions(example, problems)?);
        }
        let mut parts = Vec::with_capacity(asked.len());
        for (chunks, are_windows) in &asked {
            let limit = if *are_windows { window } else { whole };
            parts.extend(chunks.iter().map(|chunk| Part { example: &chunk.example, limit }));
        }
        let mut found = self.predict_each(&parts, problems, progress)?.into_iter();
        let join = |(chunks, _): &(Vec<Chunk>, bool)| {
            let found: Vec<_> = found.by_ref().take(chunks.len()).collect();
            self.join(chunks, &found)
        };
        Ok(asked.iter().map(join).collect())
    }

    /// Refuses an example that cannot be predicted.
    pub(crate) fn check(&self, example: &Example) -> Result<(), Error> {
        self.windows().questions(example, &mut Problems::default()).map(drop)
    }

    fn windows(&self) -> Windows<'_> {
        Windows { task: self.task, tokenizer: self.tokenizer, data: self.data }
    }

    /// What was found in the parts of an example, as found in the whole.
    fn join(&self, chunks: &[Chunk], found: &[Prediction]) -> Prediction {
        let parts: Vec<_> = found.iter().map(|found| (&found.decoded, found.probability)).collect();
        let Joined { decoded, origins } = self.task.join_windows(chunks, &parts);
        let mut scores: Vec<f64> = origins.iter().map(|&(part, span)| found[part].scores[span]).collect();
        let links = found.iter().flat_map(|found| found.links.iter().copied()).collect();
        let mut probability: f64 = found.iter().map(|found| found.probability).product();
        if let Some(temperatures) = self.temperatures {
            self.task.calibrate(temperatures, &decoded, &mut scores, &mut probability);
        }
        Prediction { decoded, scores, links, probability }
    }

    fn predict_each(
        &self,
        parts: &[Part<'_>],
        problems: &mut Problems,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Vec<Prediction>, Error> {
        let mut sources = Vec::with_capacity(parts.len());
        for Part { example, .. } in parts {
            let source = self.task.source(example)?;
            let limit = self.data.source_limit();
            sources.push(source_pieces(&source, example, self.task, self.tokenizer, limit, problems)?);
        }
        let mut predictions: Vec<Option<Prediction>> = vec![None; parts.len()];
        let mut done = 0;
        for chosen in self.batches(&sources, parts) {
            let rows: Vec<&[u32]> = chosen.iter().map(|&i| sources[i].as_slice()).collect();
            let batch = Batch::new(&rows, &[], self.model.config().pad_token_id, self.device);
            let mut starts = Vec::new();
            let limit = parts[chosen[0]].limit;
            let mut pieces = limit;
            if let Some(constraint) = &self.constraint {
                for &i in &chosen {
                    let (start, most) = start(constraint, parts[i].example, &self.pieces, limit)?;
                    pieces = pieces.max(most);
                    starts.push(start);
                }
            }
            let Outputs { sequences, work } = self.generate(&batch, &starts, pieces)?;
            let mut all = self.work.get();
            all += work;
            self.work.set(all);
            for (place, (&i, output)) in chosen.iter().zip(&sequences).enumerate() {
                predictions[i] = Some(match starts.get(place) {
                    Some(start) => self.read_constrained(parts[i].example, output, start),
                    None => self.read(parts[i].example, output),
                });
            }
            done += chosen.len();
            progress(done, parts.len());
        }
        Ok(predictions.into_iter().flatten().collect())
    }

    /// Sources of like length together, as many as the config allows: less padding, and they end at about the same step. Their outputs are
    /// equally limited.
    fn batches(&self, sources: &[Vec<u32>], parts: &[Part<'_>]) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..sources.len()).collect();
        order.sort_by_key(|&i| (parts[i].limit, sources[i].len()));
        let mut batches: Vec<Vec<usize>> = Vec::new();
        for i in order {
            match batches.last_mut() {
                Some(batch)
                    if batch.len() < self.evaluation.batch_size
                        && parts[batch[0]].limit == parts[i].limit
                        && (batch.len() + 1) * sources[i].len() <= self.evaluation.batch_pieces =>
                {
                    batch.push(i);
                }
                _ => batches.push(vec![i]),
            }
        }
        batches
    }

    /// The outputs for `batch`, of at most `pieces` pieces, constrained by `starts` where outputs are not free.
    fn generate(&self, batch: &Batch, starts: &[Output], pieces: usize) -> Result<Outputs, Error> {
        let (beams, draft) = (self.evaluation.searched(), self.evaluation.draft);
        let keep_going = || !self.interrupter.should_stop();
        let limits = Limits { pieces, draft, keep_going: &keep_going };
        let search = Beams { count: beams, length_penalty: 1.0, early_stopping: false };
        let model = self.model;
        let outputs = match (self.constraint.is_some(), beams) {
            (true, 1) => model.generate_constrained(batch, &mut starts.to_vec(), &limits),
            (true, _) => model.generate_constrained_beams(batch, starts, &search, &limits),
            (false, 1) => model.generate(batch, &limits),
            (false, _) => model.generate_beams(batch, &search, &limits),
        };
        outputs.ok_or(Error::Interrupted { step: 0, adapter: None })
    }

    fn read(&self, example: &Example, output: &Generated) -> Prediction {
        let (text, pieces) = self.tokenizer.decode(&output.ids);
        self.scored(example, &text, &pieces, output)
    }

    /// The words of an output stand as they do in the example, also where pieces cannot hold them.
    fn read_constrained(&self, example: &Example, output: &Generated, start: &Output) -> Prediction {
        let end = output.finished.then_some(self.model.config().eos_token_id);
        let ids: Vec<u32> = output.ids.iter().copied().chain(end).collect();
        let Rendered { text, words, .. } = start.0.render(&ids).unwrap_or_default();
        self.scored(example, &text, &words, output)
    }

    /// `places` are the bytes of `text` that each piece of `output` stands for.
    fn scored(
        &self,
        example: &Example,
        text: &str,
        places: &[Range<usize>],
        output: &Generated,
    ) -> Prediction {
        let decoded = self.task.decode(example, text);
        let score = |markup: &Range<usize>| {
            let inside = places.iter().zip(&output.log_probabilities);
            let inside = inside.filter(|(p, _)| p.start < markup.end && markup.start < p.end);
            inside.map(|(_, &log_p)| f64::from(log_p)).sum::<f64>().exp()
        };
        let scores = decoded.spans().map(|span| score(&span.markup)).collect();
        let links = decoded.links.iter().map(|link| score(&link.markup)).collect();
        Prediction { decoded, scores, links, probability: f64::from(output.log_probability).exp() }
    }

    /// Predicts and scores `examples`.
    pub(crate) fn score(&self, examples: &[Example], observer: &mut dyn Observer) -> Result<Scored, Error> {
        let mut problems = Problems::default();
        let mut progress = |done, total| observer.event(&Event::Evaluating { done, total });
        let predictions = self.predict(examples, &mut problems, &mut progress)?;
        problems.tell(observer);
        let pairs = || examples.iter().zip(&predictions);
        let judge = |(example, Prediction { decoded, scores, probability, .. }): (_, &Prediction)| {
            self.task.judge(example, decoded, scores, *probability)
        };
        Ok(Scored {
            report: self.task.score(pairs().map(|(example, prediction)| (example, &prediction.decoded))),
            repairs: predictions.iter().filter(|p| !p.decoded.repairs.is_empty()).count(),
            judged: pairs().flat_map(judge).collect(),
        })
    }
}

/// What predictions for examples are worth.
pub(crate) struct Scored {
    pub(crate) report: Report,
    /// How many outputs had to be mended.
    pub(crate) repairs: usize,
    /// Each thing that has a score of its own.
    pub(crate) judged: Vec<Judged>,
}

/// The scores of one adapter.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Evaluation {
    /// The adapter folder.
    pub adapter: std::path::PathBuf,
    /// The scores.
    pub score: Report,
    /// How far the scores of spans, or of classes, can be taken as probabilities; nothing if nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// Decoding and scoring, model loading excluded.
    pub sentences_per_second: f64,
    /// How many outputs had to be mended before they could be read.
    pub repairs: usize,
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

impl From<Work> for Decoding {
    fn from(Work { pieces, calls, drafted, accepted }: Work) -> Self {
        Self { pieces, calls, drafted, accepted }
    }
}

/// Scores `adapted` on the file `data`, which has the layout of the training data.
pub fn evaluate(
    adapted: &AdaptedModel,
    data: &Path,
    interrupter: &Interrupter,
    observer: &mut dyn Observer,
) -> Result<Evaluation, Error> {
    evaluate_split(adapted, &read_split(data, &adapted.info.data)?, interrupter, observer)
}

/// Scores `adapted` on `split`, and tells what its reader told.
pub fn evaluate_split(
    adapted: &AdaptedModel,
    split: &Split,
    interrupter: &Interrupter,
    observer: &mut dyn Observer,
) -> Result<Evaluation, Error> {
    let mut problems = Problems::default();
    problems.read(&split.file, &split.notes);
    problems.tell(observer);
    let examples: Vec<Example> =
        split.examples.iter().flat_map(|example| adapted.task.instances(example)).collect();
    evaluate_examples(adapted, &examples, interrupter, observer)
}

/// Says which labels `examples` have and `task` has not: whatever has them is missed.
pub(crate) fn tell_unknown_labels(task: &Task, examples: &[Example], observer: &mut dyn Observer) {
    let unknown = task.unknown_labels(examples);
    if unknown.is_empty() {
        return;
    }
    let labels: Vec<String> = unknown.iter().map(|(label, count)| format!("{label:?} ({count})")).collect();
    let message = format!(
        "the data to score have labels that the model was not trained for, which count as missed: {}",
        labels.join(", ")
    );
    observer.event(&Event::Warning { message });
}

/// Scores `adapted` on `examples`, which are [instances](fishdip_tasks::Task::instances) of its task.
pub fn evaluate_examples(
    adapted: &AdaptedModel,
    examples: &[Example],
    interrupter: &Interrupter,
    observer: &mut dyn Observer,
) -> Result<Evaluation, Error> {
    adapted.tell(observer);
    tell_unknown_labels(&adapted.task, examples, observer);
    let predictor = adapted.predictor(interrupter)?;
    let start = Instant::now();
    let Scored { report: score, repairs, judged } = predictor.score(examples, observer)?;
    let sentences_per_second = examples.len() as f64 / start.elapsed().as_secs_f64();
    let decoding = predictor.work.get().into();
    let (adapter, calibration) = (adapted.folder.clone(), Calibration::of(&judged));
    Ok(Evaluation { adapter, score, calibration, sentences_per_second, repairs, decoding })
}
