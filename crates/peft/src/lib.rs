//! Sparse fine-tuning for burn: train k entries of a model and leave the rest untouched, bit for bit.
//!
//! - [`Weight`]: a dense matrix of which nothing, everything or a set of entries is [`Trained`]; [`Linear`], [`Embedding`] and
//!   [`RmsNorm`] are the layers made of it; a model is anything [`Adaptable`].
//! - [`Addition`]: what other methods add to a model, in weights of their own: LoRA, (IA)³, bottlenecks, prefixes, prompts, and
//!   several of these with gates.
//! - [`FishDip`]: which entries to train, chosen from the samples that are still hard (arXiv 2311.03748).
//!   [`Mask`] is the choice; [`Criterion`] is what it is made by.
//! - [`MaskedOptimizer`]: the optimizer over compact values; [`TrainedGradients`] is what it steps by, [`OptimizerState`] what it
//!   remembers.
//! - [`Adapter`]: the file that a training leaves; [`TrainingState`]: the one it goes on from. [`SparseDelta`] can be compared with
//!   another, merged with others and pruned.
//!
//! This crate knows no model and no task: a model comes in as [`Adaptable`], the samples as an [`Objective`].

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod adaptable;
mod adapter;
mod added_weights;
mod addition;
mod atomic;
mod average;
mod block_information;
mod delta_code;
mod dropout;
mod error;
mod fish_dip;
mod fisher;
mod layer;
mod low_rank;
mod mask;
mod masked_optimizer;
mod objective;
mod positions;
mod read_file;
mod rounding;
mod samples;
mod scope;
mod sparse_delta;
mod spread;
mod squared;
mod training_state;
mod weight;

pub use adaptable::Adaptable;
pub use adapter::{Adapter, AdapterConfig, PythonPeft, read_python_peft};
pub use added_weights::{AddedTensor, AddedWeights};
pub use addition::{
    Activation, Addition, Bottleneck, BottleneckConfig, Gate, Ia3Config, Initial, Lora, LoraConfig,
    Placement, Prefix, PrefixConfig, PrefixEncoder, Prompt, PromptConfig, Scaling, Side, UniPeltConfig,
};
pub use atomic::{AtomicFolder, WriteError, replace_file};
pub use average::Average;
pub use block_information::block_information;
pub use dropout::Dropout;
pub use error::Error;
pub use fish_dip::{FishDip, Growth, MaskMethod, Selection};
#[cfg(feature = "tch")]
pub use fishdip_kernels::libtorch_has_cuda;
pub use fishdip_kernels::{EntryCost, LegalPieces, Rule, WeightGradient, on_worker};
pub use fisher::{Criterion, FisherDiagonal};
pub use layer::{Embedding, Linear, OutputLayer, RmsNorm, Targets};
pub use mask::Mask;
pub use masked_optimizer::{
    MaskedOptimizer, MaskedOptimizerConfig, OptimizerState, TrainedGradients, UpdateRule, WeightMoments,
};
pub use objective::Objective;
pub use positions::Positions;
pub use read_file::read_file;
pub use rounding::{Exact, round_to_bf16};
pub use samples::{Samples, hardest};
pub use scope::Scope;
pub use sparse_delta::{MergeRule, Overlap, Pruned, SparseDelta, SparseTensor};
pub use spread::Spread;
pub use training_state::TrainingState;
pub use weight::{FileLayout, Role, Trained, Weight, WeightEntries};
