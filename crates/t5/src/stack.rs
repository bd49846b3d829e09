//! The encoder and the decoder: blocks of pre-norm residual layers.

use burn::tensor::{Device, Tensor};
use fishdip_peft::{Bottleneck, Dropout, Embedding, Prefix, PrefixEncoder, RmsNorm, Weight};

use crate::attention::{Attention, KeyValue};
use crate::feed_forward::FeedForward;
use crate::position::PositionBias;
use crate::{Error, T5Config, weights::WeightLoader};

/// What a decoder block attends to in the encoder's output.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) source: KeyValue,
    /// `[B, 1, 1, S]`: 0 for a piece, very negative for padding.
    pub(crate) bias: Tensor<4>,
}

#[derive(Debug)]
pub(crate) struct Cross {
    pub(crate) norm: RmsNorm,
    pub(crate) attention: Attention,
}

#[derive(Debug)]
pub(crate) struct Block {
    self_norm: RmsNorm,
    pub(crate) self_attention: Attention,
    pub(crate) cross: Option<Cross>,
    feed_forward_norm: RmsNorm,
    pub(crate) feed_forward: FeedForward,
    /// What a method has added behind the self-attention.
    pub(crate) attention_bottleneck: Option<Bottleneck>,
    /// What it has added behind or beside the feed-forward layer.
    pub(crate) feed_forward_bottleneck: Option<Bottleneck>,
}

/// What stands in front of the keys and values of a block's attentions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BlockPrefixes<'a> {
    own: Option<&'a Prefix>,
    cross: Option<&'a Prefix>,
}

/// The same for each block of a stack; nothing where nothing was added.
#[derive(Clone, Debug, Default)]
pub(crate) struct StackPrefixes {
    own: Vec<Prefix>,
    cross: Vec<Prefix>,
}

impl StackPrefixes {
    pub(crate) fn of_block(&self, block: usize) -> BlockPrefixes<'_> {
        BlockPrefixes { own: self.own.get(block), cross: self.cross.get(block) }
    }
}

impl Block {
    fn load(file: &mut WeightLoader, prefix: &str, config: &T5Config, decoder: bool) -> Result<Self, Error> {
        let feed_forward_layer = if decoder { 2 } else { 1 };
        let cross = if decoder {
            Some(Cross {
                norm: norm(file, format!("{prefix}.layer.1.layer_norm.weight"), config)?,
                attention: Attention::load(file, &format!("{prefix}.layer.1.EncDecAttention"), config)?,
            })
        } else {
            None
        };
        Ok(Self {
            self_norm: norm(file, format!("{prefix}.layer.0.layer_norm.weight"), config)?,
            self_attention: Attention::load(file, &format!("{prefix}.layer.0.SelfAttention"), config)?,
            cross,
            feed_forward_norm: norm(
                file,
                format!("{prefix}.layer.{feed_forward_layer}.layer_norm.weight"),
                config,
            )?,
            feed_forward: FeedForward::load(
                file,
                &format!("{prefix}.layer.{feed_forward_layer}.DenseReluDense"),
                config,
            )?,
            attention_bottleneck: None,
            feed_forward_bottleneck: None,
        })
    }

    /// `x` `[B, T, D]`. `keys_values` makes the self-attention's memory out of the normed input: of the input alone
    /// when a whole sequence is given, from a cache when decoding step by step.
    pub(crate) fn forward(
        &self,
        x: Tensor<3>,
        keys_values: impl FnOnce(&Attention, Tensor<3>) -> KeyValue,
        bias: Tensor<4>,
        memory: Option<Memory>,
        prefixes: BlockPrefixes<'_>,
        dropout: &Dropout,
    ) -> Tensor<3> {
        let normed = self.self_norm.forward(x.clone());
        let own = keys_values(&self.self_attention, normed.clone());
        let seen = self.self_attention.forward(normed, own, bias, prefixes.own, dropout);
        let mut x = joined(x, dropout.forward(seen), self.attention_bottleneck.as_ref());
        if let (Some(cross), Some(memory)) = (&self.cross, memory) {
            let [rows, length, width] = x.dims();
            let [sources, ..] = memory.bias.dims();
            // Rows that share a source look at it as one longer row.
            let normed = cross.norm.forward(x.clone()).reshape([sources, rows / sources * length, width]);
            let seen = cross.attention.forward(normed, memory.source, memory.bias, prefixes.cross, dropout);
            x = x + dropout.forward(seen.reshape([rows, length, width]));
        }
        let normed = self.feed_forward_norm.forward(x.clone());
        let own = dropout.forward(self.feed_forward.forward(normed, dropout));
        joined(x, own, self.feed_forward_bottleneck.as_ref())
    }

    /// Its attentions.
    pub(crate) fn attentions_mut(&mut self) -> impl Iterator<Item = &mut Attention> {
        let cross = self.cross.as_mut().map(|cross| &mut cross.attention);
        std::iter::once(&mut self.self_attention).chain(cross)
    }

    fn weights<'a>(&'a self, all: &mut Vec<&'a Weight>) {
        all.extend([&self.self_norm.weight, &self.feed_forward_norm.weight]);
        self.self_attention.weights(all);
        if let Some(cross) = &self.cross {
            all.push(&cross.norm.weight);
            cross.attention.weights(all);
        }
        self.feed_forward.weights(all);
        let bottlenecks = [&self.attention_bottleneck, &self.feed_forward_bottleneck];
        bottlenecks.into_iter().flatten().for_each(|bottleneck| bottleneck.weights(all));
    }

    fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        all.extend([&mut self.self_norm.weight, &mut self.feed_forward_norm.weight]);
        self.self_attention.weights_mut(all);
        if let Some(cross) = &mut self.cross {
            all.push(&mut cross.norm.weight);
            cross.attention.weights_mut(all);
        }
        self.feed_forward.weights_mut(all);
        let bottlenecks = [&mut self.attention_bottleneck, &mut self.feed_forward_bottleneck];
        bottlenecks.into_iter().flatten().for_each(|bottleneck| bottleneck.weights_mut(all));
    }
}

/// What goes on behind a layer that made `own` of `x`.
fn joined(x: Tensor<3>, own: Tensor<3>, bottleneck: Option<&Bottleneck>) -> Tensor<3> {
    match bottleneck {
        Some(bottleneck) => bottleneck.behind(x, own),
        None => x + own,
    }
}

/// Encoder or decoder without the embedding.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) blocks: Vec<Block>,
    /// Shared by all blocks; the file keeps it in the first.
    pub(crate) position: PositionBias,
    pub(crate) final_norm: RmsNorm,
    /// What a method has added in front of the keys and values of self-attentions.
    pub(crate) prefix: Option<PrefixEncoder>,
    /// The same of cross-attentions.
    pub(crate) cross_prefix: Option<PrefixEncoder>,
}

impl Stack {
    pub(crate) fn load(file: &mut WeightLoader, config: &T5Config, decoder: bool) -> Result<Self, Error> {
        let (prefix, layers) =
            if decoder { ("decoder", config.num_decoder_layers) } else { ("encoder", config.num_layers) };
        let blocks = (0..layers)
            .map(|i| Block::load(file, &format!("{prefix}.block.{i}"), config, decoder))
            .collect::<Result<_, _>>()?;
        let name = format!("{prefix}.block.0.layer.0.SelfAttention.relative_attention_bias.weight");
        let table = Embedding {
            weight: file.table(name, [config.relative_attention_num_buckets, config.num_heads])?,
        };
        Ok(Self {
            blocks,
            position: PositionBias::new(table, !decoder, config),
            final_norm: norm(file, format!("{prefix}.final_layer_norm.weight"), config)?,
            prefix: None,
            cross_prefix: None,
        })
    }

    /// A whole sequence. `x` is the embedded input `[B, L, D]`; `mask` is added to the position bias; `memory` gives
    /// each block its view of the encoder, `None` in the encoder itself.
    pub(crate) fn forward(
        &self,
        x: Tensor<3>,
        mask: Tensor<4>,
        memory: impl Fn(&Block) -> Option<Memory>,
        dropout: &Dropout,
        device: &Device,
    ) -> Tensor<3> {
        let [_, length, _] = x.dims();
        let bias = self.position.forward(length, device) + mask;
        let mut x = dropout.forward(x);
        let prefixes = self.prefixes(device);
        for (index, block) in self.blocks.iter().enumerate() {
            let own = |attention: &Attention, x| attention.key_value(x, dropout);
            x = block.forward(x, own, bias.clone(), memory(block), prefixes.of_block(index), dropout);
        }
        dropout.forward(self.final_norm.forward(x))
    }

    /// What stands in front of keys and values, computed on `device`.
    pub(crate) fn prefixes(&self, device: &Device) -> StackPrefixes {
        let of = |encoder: &Option<PrefixEncoder>| {
            encoder.as_ref().map_or_else(Vec::new, |encoder| encoder.forward(device))
        };
        StackPrefixes { own: of(&self.prefix), cross: of(&self.cross_prefix) }
    }

    pub(crate) fn weights<'a>(&'a self, all: &mut Vec<&'a Weight>) {
        all.extend([&self.position.table.weight, &self.final_norm.weight]);
        for block in &self.blocks {
            block.weights(all);
        }
        [&self.prefix, &self.cross_prefix].into_iter().flatten().for_each(|prefix| prefix.weights(all));
    }

    pub(crate) fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        all.extend([&mut self.position.table.weight, &mut self.final_norm.weight]);
        for block in &mut self.blocks {
            block.weights_mut(all);
        }
        let prefixes = [&mut self.prefix, &mut self.cross_prefix];
        prefixes.into_iter().flatten().for_each(|prefix| prefix.weights_mut(all));
    }
}

fn norm(file: &mut WeightLoader, name: String, config: &T5Config) -> Result<RmsNorm, Error> {
    Ok(RmsNorm { weight: file.vector(name, config.d_model)?, epsilon: config.layer_norm_epsilon })
}
