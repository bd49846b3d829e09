//! The model: embedding, encoder, decoder, output layer.

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use fishdip_peft::{Adaptable, Addition, Dropout, Embedding, Linear, OutputLayer, Prompt, Weight};
use std::path::Path;

use crate::batch::Share;
use crate::stack::{Memory, Stack};
use crate::weights::WeightLoader;
use crate::{Batch, Error, Losses, Precision, T5Config, TensorFiles};

/// Added to the score of a key that must not be seen. Far below any score, yet no infinity: a row of padding alone
/// stays finite.
pub(crate) const MASKED: f32 = -1e9;

/// A T5 model.
#[derive(Debug)]
pub struct T5 {
    pub(crate) config: T5Config,
    pub(crate) shared: Embedding,
    pub(crate) encoder: Stack,
    pub(crate) decoder: Stack,
    lm_head: Option<Linear>,
    /// What a method has added in front of the embedded source.
    pub(crate) prompt: Option<Prompt>,
    /// What a method has added to any part.
    pub(crate) addition: Option<Addition>,
    /// The blocks that it has added it to; none if these are all.
    pub(crate) sites: Vec<String>,
}

/// The encoder's output.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    /// `[B, S, D]`.
    pub(crate) hidden: Tensor<3>,
    /// `[B, 1, 1, S]`.
    pub(crate) bias: Tensor<4>,
}

impl T5 {
    /// Reads `config.json` and the [tensor files](TensorFiles) of the folder `dir`. Weights are of the type `precision` on `device`, which
    /// must be without autodiff, whatever float type they are stored in.
    pub fn load(dir: &Path, precision: Precision, device: &Device) -> Result<Self, Error> {
        let config = T5Config::read(&dir.join("config.json"))?;
        Self::from_files(config, &TensorFiles::read(dir)?, precision, device)
    }

    /// The model of `config` whose tensors are in `files`; the rest is as [`T5::load`] has it.
    pub fn from_files(
        config: T5Config,
        files: &TensorFiles,
        precision: Precision,
        device: &Device,
    ) -> Result<Self, Error> {
        let dtype = precision.on(device)?;
        let mut file = WeightLoader::open(files, dtype, device)?;
        let shared =
            Embedding { weight: file.table("shared.weight".into(), [config.vocab_size, config.d_model])? };
        let encoder = Stack::load(&mut file, &config, false)?;
        let decoder = Stack::load(&mut file, &config, true)?;
        let lm_head = if config.tied {
            None
        } else {
            Some(Linear::new(file.linear("lm_head.weight".into(), [config.d_model, config.vocab_size])?))
        };
        file.finish(config.tied)?;
        Ok(Self {
            config,
            shared,
            encoder,
            decoder,
            lm_head,
            prompt: None,
            addition: None,
            sites: Vec::new(),
        })
    }

    /// The sizes.
    pub fn config(&self) -> &T5Config {
        &self.config
    }

    /// Scores of every piece at every target position, `[B, T, V]`.
    pub fn logits(&self, batch: &Batch) -> Tensor<3> {
        let hidden = self.hidden(batch, &Dropout::none());
        let [size, length, _] = hidden.dims();
        self.scores(hidden).reshape([size, length, self.config.vocab_size])
    }

    /// The cross-entropy of the batch's target pieces.
    pub fn loss(&self, batch: &Batch, dropout: &Dropout) -> Losses {
        let (places, targets) = batch.targets(Share::OfBatch);
        let x = self.output_input(self.hidden(batch, dropout), places);
        Losses::new(self.output_layer().cross_entropy(x, &targets), targets.tokens)
    }

    /// The sum over the samples of each one's mean cross-entropy, `[1]`.
    pub fn summed_loss(&self, batch: &Batch, dropout: &Dropout) -> Tensor<1> {
        let (places, targets) = batch.targets(Share::OfSample);
        let x = self.output_input(self.hidden(batch, dropout), places);
        self.output_layer().cross_entropy(x, &targets).sum()
    }

    /// What the output layer sees of the decoder's output `[B, T, D]`: `[B·T, D]`, or only the rows at `places`.
    fn output_input(&self, hidden: Tensor<3>, places: Option<Tensor<1, Int>>) -> Tensor<2> {
        let [size, length, width] = hidden.dims();
        let x = hidden.reshape([size * length, width]);
        let x = match places {
            Some(places) => x.select(0, places),
            None => x,
        };
        if self.lm_head.is_none() { x * (width as f64).powf(-0.5) } else { x }
    }

    fn output_layer(&self) -> &dyn OutputLayer {
        match &self.lm_head {
            Some(head) => head,
            None => &self.shared,
        }
    }

    /// The encoder's output for the source pieces of `batch`, `[B, S, D]`.
    pub fn encoder_output(&self, batch: &Batch) -> Tensor<3> {
        let hidden = self.encode(batch, &Dropout::none()).hidden;
        let (length, [_, pieces]) = (self.prompt.as_ref().map_or(0, Prompt::length), batch.source.dims());
        hidden.narrow(1, length, pieces)
    }

    /// The mean of the encoder's output over the pieces of each source, padding left out, in f32: `[B, D]`.
    pub fn encoder_means(&self, batch: &Batch) -> Tensor<2> {
        let hidden = self.encoder_output(batch).cast(DType::F32);
        let [size, length, width] = hidden.dims();
        let counts = batch.source_padding.clone().cast(DType::F32).neg().add_scalar(1.0);
        let counts = counts.reshape([size, length, 1]);
        let sums = (hidden * counts.clone()).sum_dim(1).reshape([size, width]);
        sums / counts.sum_dim(1).reshape([size, 1])
    }

    pub(crate) fn encode(&self, batch: &Batch, dropout: &Dropout) -> Encoded {
        let [size, length] = batch.source.dims();
        let device = batch.device();
        let bias = batch.source_padding.clone().reshape([size, 1, 1, length]) * MASKED;
        let x = self.shared.forward(batch.source.clone(), device);
        let (x, bias) = match &self.prompt {
            None => (x, bias),
            Some(prompt) => {
                // In front, so that the pieces keep their distances; no padding is among it.
                let seen = Tensor::zeros([size, 1, 1, prompt.length()], (device, bias.dtype()));
                let x = Tensor::cat(vec![prompt.forward(size, device), x], 1);
                (x, Tensor::cat(vec![seen, bias], 3))
            }
        };
        let hidden = self.encoder.forward(x, bias.clone(), |_| None, dropout, device);
        Encoded { hidden, bias }
    }

    /// The decoder's output `[B, T, D]` for the whole target at once.
    fn hidden(&self, batch: &Batch, dropout: &Dropout) -> Tensor<3> {
        let encoded = self.encode(batch, dropout);
        let device = batch.device();
        let [_, length] = batch.target.dims();
        let x = self.shared.forward(batch.decoder_input(self.config.decoder_start_token_id), device);
        let memory = |block: &crate::stack::Block| {
            let cross = block.cross.as_ref()?;
            Some(Memory {
                source: cross.attention.key_value(encoded.hidden.clone(), dropout),
                bias: encoded.bias.clone(),
            })
        };
        self.decoder.forward(x, causal(length, device), memory, dropout, device)
    }

    /// The output layer: `[B, T, D]` to `[B·T, V]`, in f32.
    pub(crate) fn scores(&self, hidden: Tensor<3>) -> Tensor<2> {
        let [batch, length, _] = hidden.dims();
        let scores = match &self.lm_head {
            Some(head) => {
                head.forward(hidden, &Dropout::none()).reshape([batch * length, self.config.vocab_size])
            }
            None => self.shared.scores(self.output_input(hidden, None)),
        };
        scores.cast(DType::F32)
    }

    /// The scores of the pieces `ids` at the `places` in `[B · T]` of `hidden` (`[B, T, D]`): `[places, ids]`, as [`scores`](Self::scores) has them.
    pub(crate) fn scores_at(&self, hidden: Tensor<3>, places: &[u32], ids: &[u32]) -> Tensor<2> {
        let device = &hidden.device();
        let ints = |ids: &[u32]| {
            let ints: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
            Tensor::<1, Int>::from_data(TensorData::new(ints, [ids.len()]), device)
        };
        let x = self.output_input(hidden, Some(ints(places)));
        let rows = match &self.lm_head {
            Some(head) => head.weight.on(device).select(1, ints(ids)),
            None => self.shared.weight.on(device).select(0, ints(ids)).transpose(),
        };
        x.matmul(rows).cast(DType::F32)
    }
}

/// `[1, 1, T, T]`: hides later positions.
fn causal(length: usize, device: &Device) -> Tensor<4> {
    let mut mask = vec![0.0f32; length * length];
    for (query, row) in mask.chunks_exact_mut(length).enumerate() {
        row[query + 1..].fill(MASKED);
    }
    Tensor::from_data(TensorData::new(mask, [1, 1, length, length]), device)
}

impl Adaptable for T5 {
    fn weights(&self) -> Vec<&Weight> {
        let mut all = vec![&self.shared.weight];
        self.encoder.weights(&mut all);
        self.decoder.weights(&mut all);
        all.extend(self.lm_head.as_ref().map(|head| &head.weight));
        all.extend(self.prompt.as_ref().map(Prompt::weight));
        all.sort_by(|a, b| a.path().cmp(b.path()));
        all
    }

    fn weights_mut(&mut self) -> Vec<&mut Weight> {
        let mut all = vec![&mut self.shared.weight];
        self.encoder.weights_mut(&mut all);
        self.decoder.weights_mut(&mut all);
        all.extend(self.lm_head.as_mut().map(|head| &mut head.weight));
        all.extend(self.prompt.as_mut().map(Prompt::weight_mut));
        all.sort_by(|a, b| a.path().cmp(b.path()));
        all
    }
}
