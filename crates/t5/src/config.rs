//! `config.json` of a T5 folder.

use serde::Deserialize;
use std::path::Path;

use crate::Error;

/// The inner part of a feed-forward layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedForwardKind {
    /// `wo(relu(wi(x)))`: T5 1.0.
    Relu,
    /// `wo(gelu(wi_0(x)) · wi_1(x))`, with the tanh approximation: T5 1.1 and later.
    GatedGelu,
}

/// The sizes of a T5 model.
#[derive(Clone, Debug, PartialEq)]
pub struct T5Config {
    /// V: rows of the embedding.
    pub vocab_size: usize,
    /// D: width of the residual stream.
    pub d_model: usize,
    /// K: width of one attention head.
    pub d_kv: usize,
    /// Width inside the feed-forward layers.
    pub d_ff: usize,
    /// H: attention heads.
    pub num_heads: usize,
    /// Encoder blocks.
    pub num_layers: usize,
    /// Decoder blocks.
    pub num_decoder_layers: usize,
    /// Buckets of relative positions.
    pub relative_attention_num_buckets: usize,
    /// Distances from here on share the last bucket.
    pub relative_attention_max_distance: usize,
    /// Added to the mean square in every norm.
    pub layer_norm_epsilon: f64,
    /// Dropout rate the model was trained with.
    pub dropout_rate: f64,
    /// The feed-forward layers.
    pub feed_forward: FeedForwardKind,
    /// Whether the output layer is the embedding, scaled by `D^-0.5`.
    pub tied: bool,
    /// Padding.
    pub pad_token_id: u32,
    /// End of a sequence.
    pub eos_token_id: u32,
    /// What the decoder starts from.
    pub decoder_start_token_id: u32,
    /// The whole file.
    file: serde_json::Map<String, serde_json::Value>,
}

/// As it stands in the file. Unknown keys are Hugging Face's own business.
#[derive(Deserialize)]
struct File {
    model_type: String,
    vocab_size: usize,
    d_model: usize,
    d_kv: usize,
    d_ff: usize,
    num_heads: usize,
    num_layers: usize,
    num_decoder_layers: Option<usize>,
    #[serde(default = "default_buckets")]
    relative_attention_num_buckets: usize,
    #[serde(default = "default_distance")]
    relative_attention_max_distance: usize,
    #[serde(default = "default_epsilon")]
    layer_norm_epsilon: f64,
    #[serde(default = "default_dropout")]
    dropout_rate: f64,
    #[serde(default = "default_feed_forward")]
    feed_forward_proj: String,
    tie_word_embeddings: Option<bool>,
    #[serde(default)]
    pad_token_id: u32,
    #[serde(default = "default_eos")]
    eos_token_id: u32,
    #[serde(default)]
    decoder_start_token_id: u32,
}

fn default_buckets() -> usize {
    32
}
fn default_distance() -> usize {
    128
}
fn default_epsilon() -> f64 {
    1e-6
}
fn default_dropout() -> f64 {
    0.1
}
fn default_feed_forward() -> String {
    "relu".into()
}
fn default_eos() -> u32 {
    1
}

impl T5Config {
    /// Reads `config.json`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|source| Error::Read { path: path.into(), source })?;
        let damaged = |e: serde_json::Error| Error::Damaged { path: path.into(), reason: e.to_string() };
        let all: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&bytes).map_err(damaged)?;
        let file: File = serde_json::from_value(all.clone().into()).map_err(damaged)?;
        let refuse = |key, value: String, expected: &str| {
            Err(Error::Config { path: path.into(), key, value, expected: expected.into() })
        };
        // What `tie_word_embeddings` is when the file leaves it out.
        let tied_by_default = match file.model_type.as_str() {
            "t5" => true,
            "mt5" => false,
            other => return refuse("model_type", format!("{other:?}"), "\"t5\" and \"mt5\" are supported"),
        };
        let feed_forward = match file.feed_forward_proj.as_str() {
            "relu" => FeedForwardKind::Relu,
            "gated-gelu" => FeedForwardKind::GatedGelu,
            other => {
                return refuse(
                    "feed_forward_proj",
                    format!("{other:?}"),
                    "\"relu\" and \"gated-gelu\" are supported",
                );
            }
        };
        let sizes = [
            ("vocab_size", file.vocab_size),
            ("d_model", file.d_model),
            ("d_kv", file.d_kv),
            ("d_ff", file.d_ff),
            ("num_heads", file.num_heads),
            ("num_layers", file.num_layers),
        ];
        for (key, value) in sizes {
            if value == 0 {
                return refuse(key, "0".into(), "it must be at least 1");
            }
        }
        if file.relative_attention_num_buckets < 4
            || file.relative_attention_max_distance <= file.relative_attention_num_buckets
        {
            let value = format!(
                "{} with relative_attention_max_distance {}",
                file.relative_attention_num_buckets, file.relative_attention_max_distance
            );
            return refuse(
                "relative_attention_num_buckets",
                value,
                "at least 4 and below the distance are supported",
            );
        }
        let special = [
            ("pad_token_id", file.pad_token_id),
            ("eos_token_id", file.eos_token_id),
            ("decoder_start_token_id", file.decoder_start_token_id),
        ];
        for (key, id) in special {
            if id as usize >= file.vocab_size {
                return refuse(key, id.to_string(), "it must be below vocab_size");
            }
        }
        Ok(Self {
            vocab_size: file.vocab_size,
            d_model: file.d_model,
            d_kv: file.d_kv,
            d_ff: file.d_ff,
            num_heads: file.num_heads,
            num_layers: file.num_layers,
            num_decoder_layers: file.num_decoder_layers.unwrap_or(file.num_layers),
            relative_attention_num_buckets: file.relative_attention_num_buckets,
            relative_attention_max_distance: file.relative_attention_max_distance,
            layer_norm_epsilon: file.layer_norm_epsilon,
            dropout_rate: file.dropout_rate,
            feed_forward,
            tied: file.tie_word_embeddings.unwrap_or(tied_by_default),
            pad_token_id: file.pad_token_id,
            eos_token_id: file.eos_token_id,
            decoder_start_token_id: file.decoder_start_token_id,
            file: all,
        })
    }

    /// Whether the model reads bytes instead of pieces: ByT5.
    pub(crate) fn reads_bytes(&self) -> bool {
        self.file.get("tokenizer_class").is_some_and(|class| class == "ByT5Tokenizer")
    }

    /// The file, for weights that are f32.
    pub(crate) fn to_json(&self) -> String {
        let mut file = self.file.clone();
        // The older and the newer name of the key.
        for key in ["torch_dtype", "dtype"] {
            if let Some(dtype) = file.get_mut(key) {
                *dtype = "float32".into();
            }
        }
        format!("{:#}\n", serde_json::Value::from(file))
    }
}
