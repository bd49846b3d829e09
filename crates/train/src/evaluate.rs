//! From examples to predictions and scores.

use burn::tensor::Device;
use burn::train::Interrupter;
use fishdip_t5::{Batch, Generated, T5, Tokenizer};
use fishdip_tasks::constraint::Rendered;
use fishdip_tasks::{Chunk, Chunking, Constraint, Decoded, Example, Report, Task, TaskKind};
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

use crate::adapted::AdaptedModel;
use crate::config::{DataConfig, DecodeName, EvaluationConfig};
use crate::constrained::{Output, WordPieces, start};
use crate::data::{Problems, source_pieces};
use crate::event::{Event, Observer};
use crate::{Error, read_split};

/// What is needed to turn examples into predictions.
pub(crate) struct Predictor<'a> {
    model: &'a T5,
    tokenizer: &'a Tokenizer,
    task: &'a Task,
    device: &'a Device,
    batch_size: usize,
    max_source_pieces: usize,
    max_output_pieces: usize,
    pieces: WordPieces<'a>,
    /// None where outputs are free.
    constraint: Option<Constraint>,
    interrupter: &'a Interrupter,
}

/// What the model wrote for one example, and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Prediction {
    pub(crate) decoded: Decoded,
    /// For each of the spans of `decoded`, the probability of the pieces of its markup.
    pub(crate) scores: Vec<f64>,
}

impl<'a> Predictor<'a> {
    /// `device` is without autodiff.
    pub(crate) fn new(
        (model, tokenizer): (&'a T5, &'a Tokenizer),
        task: &'a Task,
        device: &'a Device,
        data: &DataConfig,
        evaluation: &EvaluationConfig,
        interrupter: &'a Interrupter,
    ) -> Result<Self, Error> {
        let pieces = WordPieces::new(tokenizer, model.config().eos_token_id);
        let constraint = match evaluation.decode {
            DecodeName::Constrained => Some(Constraint::new(task, &pieces)?),
            DecodeName::Free => None,
        };
        Ok(Self {
            model,
            tokenizer,
            task,
            device,
            batch_size: evaluation.batch_size,
            max_source_pieces: data.max_source_pieces,
            max_output_pieces: evaluation.max_output_pieces,
            pieces,
            constraint,
            interrupter,
        })
    }

    /// Predicts every example, in order; long documents chunk by chunk. `progress` is told how many texts are done after each batch.
    #[tracing::instrument(skip_all, fields(examples = examples.len()))]
    pub(crate) fn predict(
        &self,
        examples: &[Example],
        problems: &mut Problems,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Prediction>, Error> {
        if self.task.kind() != TaskKind::Coref {
            return self.predict_each(examples, problems, progress);
        }
        let documents: Vec<Vec<Chunk>> = examples.iter().map(|e| Chunking::default().chunks(e)).collect();
        let chunks: Vec<Example> = documents.iter().flatten().map(|chunk| chunk.example.clone()).collect();
        let mut found = self.predict_each(&chunks, problems, progress)?.into_iter();
        let join = |chunks: &Vec<Chunk>| {
            let found: Vec<_> = found.by_ref().take(chunks.len()).collect();
            let parts = chunks.iter().zip(&found).map(|(chunk, found)| (chunk.offset, &found.decoded));
            Prediction { decoded: self.task.join_chunks(parts), scores: Vec::new() }
        };
        Ok(documents.iter().map(join).collect())
    }

    fn predict_each(
        &self,
        examples: &[Example],
        problems: &mut Problems,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Prediction>, Error> {
        let mut sources = Vec::with_capacity(examples.len());
        for example in examples {
            let source = self.task.source(example)?;
            let limit = self.max_source_pieces;
            sources.push(source_pieces(&source, example, self.task, self.tokenizer, limit, problems)?);
        }
        // Examples of like length go together: less padding, and they end at about the same step.
        let mut order: Vec<usize> = (0..examples.len()).collect();
        order.sort_by_key(|&i| sources[i].len());
        let mut predictions: Vec<Option<Prediction>> = vec![None; examples.len()];
        let mut done = 0;
        for chosen in order.chunks(self.batch_size) {
            let rows: Vec<&[u32]> = chosen.iter().map(|&i| sources[i].as_slice()).collect();
            let batch = Batch::new(&rows, &[], self.model.config().pad_token_id, self.device);
            let going = || !self.interrupter.should_stop();
            let stopped = Error::Interrupted { step: 0, adapter: None };
            if let Some(constraint) = &self.constraint {
                let (mut starts, mut limit) = (Vec::with_capacity(chosen.len()), 0);
                for &i in chosen {
                    let (start, most) =
                        start(constraint, &examples[i], &self.pieces, self.max_output_pieces)?;
                    limit = limit.max(most);
                    starts.push(start);
                }
                let mut outputs = starts.clone();
                let outputs = self.model.generate_constrained(&batch, limit, &mut outputs, &going);
                for ((&i, output), start) in chosen.iter().zip(outputs.ok_or(stopped)?).zip(starts) {
                    predictions[i] = Some(self.read_constrained(&examples[i], &output, &start));
                }
            } else {
                let outputs = self.model.generate(&batch, self.max_output_pieces, &going).ok_or(stopped)?;
                for (&i, output) in chosen.iter().zip(&outputs) {
                    predictions[i] = Some(self.read(&examples[i], output));
                }
            }
            done += chosen.len();
            progress(done);
        }
        Ok(predictions.into_iter().flatten().collect())
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
        Prediction { decoded, scores }
    }

    /// Predicts and scores `examples`; also tells how many outputs had to be mended.
    pub(crate) fn score(
        &self,
        examples: &[Example],
        observer: &mut dyn Observer,
    ) -> Result<(Report, usize), Error> {
        let mut problems = Problems::default();
        let total = examples.len();
        let mut progress = |done| observer.event(&Event::Evaluating { done, total });
        let predictions = self.predict(examples, &mut problems, &mut progress)?;
        problems.tell(observer);
        let mended = predictions.iter().filter(|p| !p.decoded.repairs.is_empty()).count();
        Ok((self.task.score(examples.iter().zip(predictions.iter().map(|p| &p.decoded))), mended))
    }
}

/// The scores of one adapter.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Evaluation {
    /// The adapter folder.
    pub adapter: std::path::PathBuf,
    /// The scores.
    pub score: Report,
    /// Decoding and scoring, model loading excluded.
    pub sentences_per_second: f64,
    /// How many outputs had to be mended before they could be read.
    pub repairs: usize,
}

/// Scores `adapted` on the file `data`, which has the layout of the training data.
pub fn evaluate(
    adapted: &AdaptedModel,
    data: &Path,
    interrupter: &Interrupter,
    observer: &mut dyn Observer,
) -> Result<Evaluation, Error> {
    let examples = read_split(data, &adapted.info.data)?;
    let examples: Vec<Example> =
        examples.iter().flat_map(|example| adapted.task.instances(example)).collect();
    let predictor = adapted.predictor(interrupter)?;
    let start = Instant::now();
    let (score, repairs) = predictor.score(&examples, observer)?;
    let sentences_per_second = examples.len() as f64 / start.elapsed().as_secs_f64();
    Ok(Evaluation { adapter: adapted.folder.clone(), score, sentences_per_second, repairs })
}
