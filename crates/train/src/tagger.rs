//! A model that answers questions about text: what `evaluate`, `predict`, calibration and scoring in a run have in common.

mod class_probabilities;
pub(crate) mod constrained;
mod results;
mod vectors;

pub(crate) use class_probabilities::{ClassProbabilities, Passes};
pub(crate) use results::Scored;
pub use results::{Decoding, Prediction, Predictions};
pub(crate) use vectors::Vectors;

use burn::tensor::Device;
use fishdip_t5::{Batch, BeamSearch, DecodingStats, Generated, Limits, Outputs, T5, Tokenizer};
use fishdip_tasks::constraint::Rendered;
use fishdip_tasks::score::Temperatures;
use fishdip_tasks::{Chunk, Example, Joined, OutputConstraint, Task};
use std::ops::Range;
use std::sync::Arc;

use crate::config::{DataConfig, DecodeName, EvaluationConfig};
use crate::event::{Event, Phase, Sink};
use crate::warnings::Warnings;
use crate::windows::Windows;
use crate::word_pieces::WordPieces;
use crate::{Error, Interrupter, Left};
use constrained::{ConstrainedOutput, start};

/// A model, its tokenizer and a task: from examples to predictions.
#[derive(Debug)]
pub struct Tagger {
    model: T5,
    tokenizer: Arc<Tokenizer>,
    task: Task,
    /// Without autodiff.
    device: Device,
    data: DataConfig,
    evaluation: EvaluationConfig,
    pieces: WordPieces<Arc<Tokenizer>>,
    /// None where outputs are free.
    constraint: Option<OutputConstraint>,
    /// None where scores stay as the model gives them.
    temperatures: Option<Temperatures>,
}

/// What the model is asked at once.
struct Part<'a> {
    example: &'a Example,
    /// Pieces of the output.
    limit: usize,
}

impl Tagger {
    /// A tagger on `device` (without autodiff), where `model` is. Labels that the tokenizer cannot tell apart are an error.
    pub fn new(
        model: T5,
        tokenizer: impl Into<Arc<Tokenizer>>,
        task: Task,
        device: &Device,
        data: &DataConfig,
        evaluation: &EvaluationConfig,
    ) -> Result<Self, Error> {
        let tokenizer = tokenizer.into();
        let pieces = WordPieces::new(Arc::clone(&tokenizer), model.config().eos_token_id);
        let constraint = constraint(&task, evaluation, &pieces)?;
        Ok(Self {
            model,
            tokenizer,
            task,
            device: device.clone(),
            data: data.clone(),
            evaluation: evaluation.clone(),
            pieces,
            constraint,
            temperatures: None,
        })
    }

    /// The same with scores made probabilities by `temperatures`, or as the model gives them.
    #[must_use]
    pub fn with_temperatures(self, temperatures: Option<Temperatures>) -> Self {
        Self { temperatures, ..self }
    }

    /// Decodes as `evaluation` says from now on.
    pub fn set_evaluation(&mut self, evaluation: &EvaluationConfig) -> Result<(), Error> {
        self.constraint = constraint(&self.task, evaluation, &self.pieces)?;
        self.evaluation = evaluation.clone();
        Ok(())
    }

    /// How it decodes.
    pub(crate) fn evaluation(&self) -> &EvaluationConfig {
        &self.evaluation
    }

    /// The model.
    pub fn model(&self) -> &T5 {
        &self.model
    }

    /// The model, to be trained.
    pub fn model_mut(&mut self) -> &mut T5 {
        &mut self.model
    }

    /// What it was made of.
    pub(crate) fn into_model(self) -> (T5, Arc<Tokenizer>) {
        (self.model, self.tokenizer)
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// Predicts every example, in order; what is too long, and documents, part by part. Gold annotations are not looked at. Warnings, and
    /// how many parts are done after each batch, are told to `sink`.
    pub fn predict(
        &self,
        examples: &[Example],
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<Predictions, Error> {
        let mut predictions = self.predict_raw(examples, interrupter, sink)?;
        self.calibrate(&mut predictions);
        Ok(predictions)
    }

    /// The same with the scores that the model gives.
    pub(crate) fn predict_raw(
        &self,
        examples: &[Example],
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<Predictions, Error> {
        let mut warnings = Warnings::default();
        let mut progress = |done, total| sink.event(&Event::Progress { phase: Phase::Scoring, done, total });
        let predictions = self.predict_all(examples, interrupter, &mut warnings, &mut progress)?;
        warnings.send(sink);
        Ok(predictions)
    }

    /// Makes probabilities of scores, if the tagger is calibrated.
    pub(crate) fn calibrate(&self, predictions: &mut Predictions) {
        let Some(temperatures) = &self.temperatures else { return };
        for Prediction { decoded, scores, probability, .. } in &mut predictions.each {
            self.task.calibrate(temperatures, decoded, scores, probability);
        }
    }

    /// [`Tagger::predict`] with the scores that the model gives; `progress` is told how many of how many parts are done after each batch.
    #[tracing::instrument(skip_all, fields(examples = examples.len()))]
    pub(crate) fn predict_all(
        &self,
        examples: &[Example],
        interrupter: &Interrupter,
        warnings: &mut Warnings,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Predictions, Error> {
        let whole = self.evaluation.max_output_pieces;
        // A window is as long as can be, so what it needs is more than what is enough for a sentence.
        let window = whole.max(2 * self.data.source_limit());
        let mut asked = Vec::with_capacity(examples.len());
        for example in examples {
            asked.push(self.windows().prediction_inputs(example, warnings)?);
        }
        let mut parts = Vec::with_capacity(asked.len());
        for (chunks, are_windows) in &asked {
            let limit = if *are_windows { window } else { whole };
            parts.extend(chunks.iter().map(|chunk| Part { example: &chunk.example, limit }));
        }
        progress(0, parts.len());
        let (found, stats) = self.predict_parts(&parts, interrupter, warnings, progress)?;
        let mut found = found.into_iter();
        let join = |(chunks, _): &(Vec<Chunk>, bool)| {
            let found: Vec<_> = found.by_ref().take(chunks.len()).collect();
            self.join(chunks, &found)
        };
        Ok(Predictions { each: asked.iter().map(join).collect(), decoding: stats.into() })
    }

    /// Refuses an example that cannot be predicted.
    pub(crate) fn check(&self, example: &Example) -> Result<(), Error> {
        self.windows().prediction_inputs(example, &mut Warnings::default()).map(drop)
    }

    fn windows(&self) -> Windows<'_> {
        Windows { task: &self.task, tokenizer: &self.tokenizer, data: &self.data }
    }

    /// What was found in the parts of an example, as found in the whole.
    fn join(&self, chunks: &[Chunk], found: &[Prediction]) -> Prediction {
        let parts: Vec<_> = found.iter().map(|found| (&found.decoded, found.probability)).collect();
        let Joined { decoded, origins } = self.task.join_windows(chunks, &parts);
        let scores = origins.iter().map(|&(part, span)| found[part].scores[span]).collect();
        let links = found.iter().flat_map(|found| found.links.iter().copied()).collect();
        // Each window was written without a look at the others, so their probabilities multiply.
        let probability = found.iter().map(|found| found.probability).product();
        let log_probability = found.iter().map(|found| found.log_probability).sum();
        let pieces = found.iter().map(|found| found.pieces).sum();
        Prediction { decoded, scores, links, probability, log_probability, pieces }
    }

    fn predict_parts(
        &self,
        parts: &[Part<'_>],
        interrupter: &Interrupter,
        warnings: &mut Warnings,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(Vec<Prediction>, DecodingStats), Error> {
        let sources = self.sources(parts, warnings)?;
        let mut predictions: Vec<Option<Prediction>> = vec![None; parts.len()];
        let (mut done, mut all) = (0, DecodingStats::default());
        for chosen in self.batches(&sources, parts) {
            let rows: Vec<&[u32]> = chosen.iter().map(|&i| sources[i].as_slice()).collect();
            let batch = Batch::new(&rows, &[], self.model.config().pad_token_id, &self.device);
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
            let Outputs { sequences, stats } = self.generate(&batch, &starts, pieces, interrupter)?;
            all += stats;
            for (place, (&i, output)) in chosen.iter().zip(&sequences).enumerate() {
                predictions[i] = Some(match starts.get(place) {
                    Some(start) => self.read_constrained(parts[i].example, output, start),
                    None => self.read(parts[i].example, output),
                });
            }
            done += chosen.len();
            progress(done, parts.len());
        }
        Ok((predictions.into_iter().flatten().collect(), all))
    }

    /// Sources of like length together, as many as the config allows: less padding, and they end at about the same step. Their outputs are
    /// equally limited.
    fn batches(&self, sources: &[Vec<u32>], parts: &[Part<'_>]) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..sources.len()).collect();
        order.sort_by_key(|&i| (parts[i].limit, sources[i].len()));
        let mut batches: Vec<Vec<usize>> = Vec::new();
        for i in order {
            // Sources come from short to long, so this one tells what all of its batch are padded to.
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
    fn generate(
        &self,
        batch: &Batch,
        starts: &[ConstrainedOutput],
        pieces: usize,
        interrupter: &Interrupter,
    ) -> Result<Outputs, Error> {
        let (beams, draft) = (self.evaluation.searched(), self.evaluation.draft);
        let keep_going = || !interrupter.should_stop();
        let limits = Limits { pieces, draft, keep_going: &keep_going };
        let search = BeamSearch { count: beams, length_penalty: 1.0, early_stopping: false };
        let model = &self.model;
        let outputs = match (self.constraint.is_some(), beams) {
            (true, 1) => model.generate_constrained(batch, &mut starts.to_vec(), &limits),
            (true, _) => model.generate_constrained_beams(batch, starts, &search, &limits),
            (false, 1) => model.generate(batch, &limits),
            (false, _) => model.generate_beams(batch, &search, &limits),
        };
        outputs.ok_or(Error::Interrupted { step: None, left: Left::default() })
    }

    fn read(&self, example: &Example, output: &Generated) -> Prediction {
        let (text, pieces) = self.tokenizer.decode(&output.ids);
        self.scored(example, &text, &pieces, output)
    }

    /// The words of an output stand as they do in the example, also where pieces cannot hold them.
    fn read_constrained(
        &self,
        example: &Example,
        output: &Generated,
        start: &ConstrainedOutput,
    ) -> Prediction {
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
        let log_probability = f64::from(output.log_probability);
        let pieces = output.ids.len() + usize::from(output.finished);
        Prediction { decoded, scores, links, probability: log_probability.exp(), log_probability, pieces }
    }
}

/// What keeps outputs readable, where they are not free.
fn constraint(
    task: &Task,
    evaluation: &EvaluationConfig,
    pieces: &WordPieces<Arc<Tokenizer>>,
) -> Result<Option<OutputConstraint>, Error> {
    Ok(match evaluation.decode {
        DecodeName::Constrained | DecodeName::Beam => Some(OutputConstraint::new(task, pieces)?),
        DecodeName::Free => None,
    })
}
