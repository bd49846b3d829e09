//! `config.json` of a T5 folder.

use fishdip_peft::read_file;
use serde::Deserialize;
use std::path::Path;

use crate::Error;

/// Bytes of a `config.json`.
const LARGEST_FILE: u64 = 16 << 20;

/// The largest value of each size, far above those of any model, and the most entries of a weight: positions in it are 32-bit integers.
const LARGEST: [(&str, u64); 9] = [
    ("vocab_size", i32::MAX as u64),
    ("d_model", 1 << 20),
    ("d_kv", 1 << 16),
    ("d_ff", 1 << 24),
    ("num_heads", 1 << 16),
    ("num_layers", 1024),
    ("num_decoder_layers", 1024),
    ("relative_attention_num_buckets", 1 << 16),
    ("relative_attention_max_distance", 1 << 24),
];
const MOST_ENTRIES: u64 = i32::MAX as u64;

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
    vocab_size: u64,
    d_model: u64,
    d_kv: u64,
    d_ff: u64,
    num_heads: u64,
    num_layers: u64,
    num_decoder_layers: Option<u64>,
    #[serde(default = "default_buckets")]
    relative_attention_num_buckets: u64,
    #[serde(default = "default_distance")]
    relative_attention_max_distance: u64,
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

fn default_buckets() -> u64 {
    32
}
fn default_distance() -> u64 {
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

impl File {
    /// Refuses sizes that no model has: the key, its value and what is expected instead.
    fn check_sizes(&self) -> Result<(), (&'static str, String, String)> {
        let values = [
            self.vocab_size,
            self.d_model,
            self.d_kv,
            self.d_ff,
            self.num_heads,
            self.num_layers,
            self.num_decoder_layers.unwrap_or(self.num_layers),
            self.relative_attention_num_buckets,
            self.relative_attention_max_distance,
        ];
        for ((key, largest), value) in LARGEST.into_iter().zip(values) {
            if value == 0 || value > largest {
                return Err((key, value.to_string(), format!("it must be from 1 to {largest}")));
            }
        }
        // With each at most its largest, no product overflows.
        let (width, heads) = (self.d_model, self.num_heads);
        let weights = [
            ("vocab_size", self.vocab_size, "d_model", width),
            ("d_ff", self.d_ff, "d_model", width),
            ("num_heads", heads, "d_kv and d_model", self.d_kv * width),
            ("relative_attention_num_buckets", self.relative_attention_num_buckets, "num_heads", heads),
        ];
        for (key, value, others, times) in weights {
            if value * times > MOST_ENTRIES {
                let expected = format!(
                    "a weight may have {MOST_ENTRIES} entries, and by {others} it has {times} times as many"
                );
                return Err((key, value.to_string(), expected));
            }
        }
        let epsilon = self.layer_norm_epsilon;
        if !(epsilon > 0.0 && epsilon <= 1.0) {
            return Err((
                "layer_norm_epsilon",
                epsilon.to_string(),
                "it must be above 0 and at most 1".into(),
            ));
        }
        if !(0.0..1.0).contains(&self.dropout_rate) {
            return Err((
                "dropout_rate",
                self.dropout_rate.to_string(),
                "it must be from 0 to below 1".into(),
            ));
        }
        Ok(())
    }
}

impl T5Config {
    /// Reads `config.json`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes =
            read_file(path, LARGEST_FILE).map_err(|source| Error::Read { path: path.into(), source })?;
        let damaged = |e: serde_json::Error| Error::Damaged { path: path.into(), reason: e.to_string() };
        // By this reading a key that stands twice is an error, which it is not by the other.
        let file: File = serde_json::from_slice(&bytes).map_err(damaged)?;
        let all: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&bytes).map_err(damaged)?;
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
        if let Err((key, value, expected)) = file.check_sizes() {
            return refuse(key, value, &expected);
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
            if u64::from(id) >= file.vocab_size {
                return refuse(key, id.to_string(), "it must be below vocab_size");
            }
        }
        let size = |value: u64| value as usize;
        Ok(Self {
            vocab_size: size(file.vocab_size),
            d_model: size(file.d_model),
            d_kv: size(file.d_kv),
            d_ff: size(file.d_ff),
            num_heads: size(file.num_heads),
            num_layers: size(file.num_layers),
            num_decoder_layers: size(file.num_decoder_layers.unwrap_or(file.num_layers)),
            relative_attention_num_buckets: size(file.relative_attention_num_buckets),
            relative_attention_max_distance: size(file.relative_attention_max_distance),
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

    /// What of the file decides what a model computes, as text: two files with the same identity describe the same model, whatever else they say.
    pub fn identity(&self) -> String {
        // What is added here is left out where it has the value that files without it have, so that the identity of a model stays.
        format!(
            "vocab_size={} d_model={} d_kv={} d_ff={} num_heads={} num_layers={} num_decoder_layers={} buckets={} distance={} epsilon={:e} \
             feed_forward={} tied={} pad={} eos={} start={} bytes={}",
            self.vocab_size,
            self.d_model,
            self.d_kv,
            self.d_ff,
            self.num_heads,
            self.num_layers,
            self.num_decoder_layers,
            self.relative_attention_num_buckets,
            self.relative_attention_max_distance,
            self.layer_norm_epsilon,
            match self.feed_forward {
                FeedForwardKind::Relu => "relu",
                FeedForwardKind::GatedGelu => "gated-gelu",
            },
            self.tied,
            self.pad_token_id,
            self.eos_token_id,
            self.decoder_start_token_id,
            self.reads_bytes(),
        )
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
