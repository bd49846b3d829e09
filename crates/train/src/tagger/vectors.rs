//! What a model makes of texts: one vector each, of the encoder or of every layer.

use burn::tensor::Tensor;
use fishdip_t5::{Batch, T5};
use fishdip_tasks::{Chunk, Example};

use super::{Part, Tagger};
use crate::data::source_pieces;
use crate::event::{Event, Phase, Sink};
use crate::warnings::Warnings;
use crate::{Error, Interrupter, Left};

/// A vector for each of some examples.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Vectors {
    /// `[examples, width]`, example by example.
    pub(crate) values: Vec<f32>,
    pub(crate) width: usize,
}

impl Vectors {
    /// How many examples there are.
    pub(crate) fn count(&self) -> usize {
        self.values.len() / self.width.max(1)
    }
}

impl Tagger {
    /// For each of `examples` the mean of the encoder's final states over the pieces of its source; of an example in several parts, the mean
    /// over the pieces of all. Annotations are not looked at.
    pub(crate) fn vectors(
        &self,
        examples: &[Example],
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<Vectors, Error> {
        let of = |batch: &Batch| self.model.encoder_means(batch);
        self.vectors_by(&of, self.model.config().d_model, examples, interrupter, sink)
    }

    /// For each of `examples` and each layer a vector as [`LayerVectors`](fishdip_t5::LayerVectors) has it, of the encoder's layers and then
    /// of the decoder's: those that `model` makes, which is this tagger's or its base model. Of an example in several parts it is the mean of
    /// theirs, weighted by pieces.
    pub(crate) fn layer_vectors(
        &self,
        model: &T5,
        examples: &[Example],
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<Vec<Vectors>, Error> {
        let config = model.config();
        let (width, layers) = (config.d_model, config.num_layers + config.num_decoder_layers);
        let of = |batch: &Batch| {
            let layers = model.layer_vectors(batch);
            Tensor::cat(layers.encoder.into_iter().chain(layers.decoder).collect(), 1)
        };
        let all = self.vectors_by(&of, width * layers, examples, interrupter, sink)?;
        let layer = |layer: usize| {
            let rows = all.values.chunks_exact(all.width);
            let values = rows.flat_map(|row| &row[layer * width..][..width]).copied().collect();
            Vectors { values, width }
        };
        Ok((0..layers).map(layer).collect())
    }

    /// For each of `examples` the vector of `width` numbers that `of` makes of its source, row by row of a batch.
    #[tracing::instrument(skip_all, fields(examples = examples.len()))]
    fn vectors_by(
        &self,
        of: &dyn Fn(&Batch) -> Tensor<2>,
        width: usize,
        examples: &[Example],
        interrupter: &Interrupter,
        sink: &mut dyn Sink,
    ) -> Result<Vectors, Error> {
        let mut warnings = Warnings::default();
        let asked = self.asked(examples, &mut warnings)?;
        let (owners, parts) = self.parts_of(&asked);
        let sources = self.sources(&parts, &mut warnings)?;
        let (mut sums, mut pieces) = (vec![0.0_f64; examples.len() * width], vec![0_usize; examples.len()]);
        let mut done = 0;
        for chosen in self.batches(&sources, &parts) {
            if interrupter.should_stop() {
                return Err(Error::Interrupted { step: None, left: Left::default() });
            }
            let rows: Vec<&[u32]> = chosen.iter().map(|&part| sources[part].as_slice()).collect();
            let batch = Batch::new(&rows, &[], self.model.config().pad_token_id, &self.device);
            let means: Vec<f32> = of(&batch).into_data().iter::<f32>().collect();
            for (&part, mean) in chosen.iter().zip(means.chunks_exact(width)) {
                let (owner, count) = (owners[part], sources[part].len());
                pieces[owner] += count;
                let sums = &mut sums[owner * width..][..width];
                sums.iter_mut().zip(mean).for_each(|(sum, &x)| *sum += f64::from(x) * count as f64);
            }
            done += chosen.len();
            sink.event(&Event::Progress { phase: Phase::Scoring, done, total: parts.len() });
        }
        warnings.send(sink);
        let mean = |(at, sum): (usize, f64)| (sum / pieces[at / width].max(1) as f64) as f32;
        Ok(Vectors { values: sums.into_iter().enumerate().map(mean).collect(), width })
    }

    /// What the model is shown of each of `examples`.
    pub(super) fn asked(
        &self,
        examples: &[Example],
        warnings: &mut Warnings,
    ) -> Result<Vec<Vec<Chunk>>, Error> {
        let chunks = |example| Ok(self.windows().prediction_inputs(example, warnings)?.0);
        examples.iter().map(chunks).collect()
    }

    /// The parts of all examples, one after the other, and which example each is of.
    pub(super) fn parts_of<'a>(&self, asked: &'a [Vec<Chunk>]) -> (Vec<usize>, Vec<Part<'a>>) {
        let limit = self.evaluation.max_output_pieces;
        let all = asked
            .iter()
            .enumerate()
            .flat_map(|(owner, chunks)| chunks.iter().map(move |chunk| (owner, chunk)));
        all.map(|(owner, chunk)| (owner, Part { example: &chunk.example, limit })).unzip()
    }

    /// The pieces of the source of each of `parts`.
    pub(super) fn sources(
        &self,
        parts: &[Part<'_>],
        warnings: &mut Warnings,
    ) -> Result<Vec<Vec<u32>>, Error> {
        let limit = self.data.source_limit();
        let source = |Part { example, .. }: &Part<'_>| {
            source_pieces(&self.task.source(example)?, example, &self.task, &self.tokenizer, limit, warnings)
        };
        parts.iter().map(source).collect()
    }
}
