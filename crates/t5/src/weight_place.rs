//! What a weight is, by its name in the model's file.

/// Where in the model a weight stands and what it does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeightPlace {
    /// Encoder or decoder; `Both` for what they share, and for the output layer.
    pub stack: StackName,
    /// The block, counted from 0; none for what stands outside of the blocks.
    pub block: Option<usize>,
    /// What it does.
    pub kind: WeightKind,
}

/// A half of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StackName {
    /// The encoder.
    Encoder,
    /// The decoder.
    Decoder,
    /// Neither alone.
    Both,
}

/// What a weight does, in the order in which a block uses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WeightKind {
    /// Queries of the self-attention.
    SelfAttentionQ,
    /// Keys of the self-attention.
    SelfAttentionK,
    /// Values of the self-attention.
    SelfAttentionV,
    /// Output of the self-attention.
    SelfAttentionO,
    /// Relative positions.
    PositionBias,
    /// Queries of the cross-attention.
    CrossAttentionQ,
    /// Keys of the cross-attention.
    CrossAttentionK,
    /// Values of the cross-attention.
    CrossAttentionV,
    /// Output of the cross-attention.
    CrossAttentionO,
    /// Into the feed-forward layer; of a gated one, both.
    FeedForwardWi,
    /// Out of the feed-forward layer.
    FeedForwardWo,
    /// A norm, before a layer or at the end.
    Norm,
    /// The embedding, which may be the output layer as well.
    Embedding,
    /// The output layer, where it is not the embedding.
    OutputLayer,
    /// Added: the factors of a low-rank product.
    Lora,
    /// Added: factors of features.
    Ia3,
    /// Added: a bottleneck layer.
    Bottleneck,
    /// Added: what stands in front of keys and values.
    Prefix,
    /// Added: what stands in front of the source.
    Prompt,
    /// Added: how much of something else that was added a position gets.
    Gate,
    /// A name that T5 does not have.
    Other,
}

impl WeightPlace {
    /// That of the weight `path`, such as `encoder.block.0.layer.0.SelfAttention.q.weight`.
    pub fn of(path: &str) -> Self {
        let mut parts = path.split('.');
        let stack = match parts.next() {
            Some("encoder") => StackName::Encoder,
            Some("decoder") => StackName::Decoder,
            _ => StackName::Both,
        };
        let block = parts.next().filter(|part| *part == "block").and_then(|_| parts.next()?.parse().ok());
        Self { stack, block, kind: WeightKind::of(path) }
    }

    /// What it does and in which half of the model, such as `encoder norm`.
    pub fn kind_name(self) -> String {
        match self.stack {
            StackName::Encoder => format!("encoder {}", self.kind.name()),
            StackName::Decoder => format!("decoder {}", self.kind.name()),
            StackName::Both => self.kind.name().to_owned(),
        }
    }

    /// The block it is in, such as `encoder 3`, or what stands in the place of one.
    pub fn block_name(self) -> String {
        match (self.stack, self.block) {
            (StackName::Encoder, Some(block)) => format!("encoder {block}"),
            (StackName::Decoder, Some(block)) => format!("decoder {block}"),
            (StackName::Encoder, None) => "encoder end".to_owned(),
            (StackName::Decoder, None) => "decoder end".to_owned(),
            (StackName::Both, _) => "outside".to_owned(),
        }
    }
}

impl WeightKind {
    fn of(path: &str) -> Self {
        // Biases are of what was added alone.
        let layer = path.strip_suffix(".weight").or_else(|| path.strip_suffix(".bias"));
        let path = layer.unwrap_or(path);
        let mut from_end = path.rsplit('.');
        match (from_end.next(), from_end.next()) {
            (Some("q"), Some("SelfAttention")) => Self::SelfAttentionQ,
            (Some("k"), Some("SelfAttention")) => Self::SelfAttentionK,
            (Some("v"), Some("SelfAttention")) => Self::SelfAttentionV,
            (Some("o"), Some("SelfAttention")) => Self::SelfAttentionO,
            (Some("relative_attention_bias"), _) => Self::PositionBias,
            (Some("q"), Some("EncDecAttention")) => Self::CrossAttentionQ,
            (Some("k"), Some("EncDecAttention")) => Self::CrossAttentionK,
            (Some("v"), Some("EncDecAttention")) => Self::CrossAttentionV,
            (Some("o"), Some("EncDecAttention")) => Self::CrossAttentionO,
            (Some("wi" | "wi_0" | "wi_1"), _) => Self::FeedForwardWi,
            (Some("wo"), _) => Self::FeedForwardWo,
            (Some("layer_norm" | "final_layer_norm"), _) => Self::Norm,
            (Some("shared"), None) => Self::Embedding,
            (Some("lm_head"), None) => Self::OutputLayer,
            (Some("lora_A" | "lora_B" | "lora_magnitude_vector"), _) => Self::Lora,
            (Some("ia3_l"), _) => Self::Ia3,
            (Some("prompt_embeddings"), _) => Self::Prompt,
            (Some("lora_gate" | "prefix_gate"), _) | (Some("gate"), Some("bottleneck")) => Self::Gate,
            _ if path.contains(".bottleneck.") => Self::Bottleneck,
            _ if path.contains("prefix.") => Self::Prefix,
            _ => Self::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::SelfAttentionQ => "self-attention q",
            Self::SelfAttentionK => "self-attention k",
            Self::SelfAttentionV => "self-attention v",
            Self::SelfAttentionO => "self-attention o",
            Self::PositionBias => "position bias",
            Self::CrossAttentionQ => "cross-attention q",
            Self::CrossAttentionK => "cross-attention k",
            Self::CrossAttentionV => "cross-attention v",
            Self::CrossAttentionO => "cross-attention o",
            Self::FeedForwardWi => "feed-forward wi",
            Self::FeedForwardWo => "feed-forward wo",
            Self::Norm => "norm",
            Self::Embedding => "embedding",
            Self::OutputLayer => "output layer",
            Self::Lora => "LoRA",
            Self::Ia3 => "(IA)³",
            Self::Bottleneck => "bottleneck",
            Self::Prefix => "prefix",
            Self::Prompt => "prompt",
            Self::Gate => "gate",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StackName, WeightKind, WeightPlace};

    #[test]
    fn names_of_a_file_have_a_place() {
        for (path, stack, block, kind) in [
            ("shared.weight", StackName::Both, None, WeightKind::Embedding),
            ("lm_head.weight", StackName::Both, None, WeightKind::OutputLayer),
            (
                "encoder.block.11.layer.0.SelfAttention.q.weight",
                StackName::Encoder,
                Some(11),
                WeightKind::SelfAttentionQ,
            ),
            (
                "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                StackName::Decoder,
                Some(0),
                WeightKind::PositionBias,
            ),
            (
                "decoder.block.2.layer.1.EncDecAttention.o.weight",
                StackName::Decoder,
                Some(2),
                WeightKind::CrossAttentionO,
            ),
            (
                "decoder.block.2.layer.2.DenseReluDense.wi_1.weight",
                StackName::Decoder,
                Some(2),
                WeightKind::FeedForwardWi,
            ),
            ("encoder.block.1.layer.1.layer_norm.weight", StackName::Encoder, Some(1), WeightKind::Norm),
            ("encoder.final_layer_norm.weight", StackName::Encoder, None, WeightKind::Norm),
            ("prompt.q", StackName::Both, None, WeightKind::Other),
            ("decoder.block.1.layer.2.bottleneck.gate.bias", StackName::Decoder, Some(1), WeightKind::Gate),
            (
                "encoder.block.1.layer.0.SelfAttention.prefix_gate.weight",
                StackName::Encoder,
                Some(1),
                WeightKind::Gate,
            ),
        ] {
            assert_eq!(WeightPlace::of(path), WeightPlace { stack, block, kind }, "{path}");
        }
        let place = WeightPlace::of("encoder.block.1.layer.1.layer_norm.weight");
        assert_eq!((place.kind_name(), place.block_name()), ("encoder norm".into(), "encoder 1".into()));
        assert_eq!(WeightPlace::of("shared.weight").kind_name(), "embedding");
    }
}
