//! The T5 encoder-decoder (arXiv 1910.10683) for burn, made of adaptable layers.
//!
//! - [`T5::load`] reads a Hugging Face folder: `config.json`, `model.safetensors` (or its parts and their
//!   index, or `pytorch_model.bin`), and a tokenizer.
//! - [`HubCache`] finds such a folder by its name on the Hugging Face hub.
//! - [`T5::save`] writes one that PyTorch `transformers` reads.
//! - [`T5::add`] adds what methods like LoRA train beside the model's own weights.
//! - [`T5::loss`] is the training objective over a [`Batch`].
//! - [`T5::generate`] decodes greedily with a key-value cache; [`T5::generate_constrained`] writes only what a [`Constraint`] allows, several
//!   pieces in one call of the decoder; [`T5::generate_beams`] searches.
//! - [`WeightPlace`] tells what a weight does, by its name.
//! - [`Tokenizer`] turns text into piece ids and back, and tells what it cannot represent.
//!
//! Tensors live on the device of the batch: with autodiff for training, without for everything else; the model is
//! the same. Shapes are written with these letters: `B` batch, `S` source length, `T` target length, `D` model width,
//! `H` heads, `K` width of a head, `V` vocabulary.
//!
//! This crate knows no task and no label.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod additions;
mod attention;
mod batch;
mod config;
mod error;
mod feed_forward;
mod generate;
mod hub;
mod layers;
mod loss;
mod model;
mod position;
mod precision;
mod save;
mod stack;
mod tokenizer;
mod weight_place;
mod weights;

pub use batch::Batch;
pub use config::{FeedForwardKind, T5Config};
pub use error::Error;
pub use fishdip_peft::Dropout;
pub use generate::{BeamSearch, Constraint, DecodingStats, Followed, Generated, Limits, Outputs};
#[cfg(feature = "hub")]
pub use hub::{FetchError, Hub, Patience, Progress, RequestError, fetch};
pub use hub::{HubCache, hub_name};
pub use layers::LayerVectors;
pub use loss::Losses;
pub use model::T5;
pub use precision::Precision;
pub use tokenizer::{Lost, LostKind, Tokenizer};
pub use weight_place::{StackName, WeightKind, WeightPlace};
pub use weights::TensorFiles;
