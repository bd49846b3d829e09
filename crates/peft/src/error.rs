//! What can go wrong in this crate.

use std::path::PathBuf;

use crate::{Scope, WriteError};

/// Errors of sparse training and adapter files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A loss, gradient or Fisher value is NaN or infinite; nothing was written to the model.
    #[error("{what} of `{tensor}` is not finite; lower the learning rate or look for damaged input")]
    NonFinite {
        /// What was computed.
        what: &'static str,
        /// Path of the weight.
        tensor: String,
    },
    /// The share of entries to train, or to keep, is not in (0, 1].
    #[error("a share of entries must be above 0 and at most 1, not {keep}")]
    Keep {
        /// The share asked for.
        keep: f64,
    },
    /// The share of entries to train, or to keep, is less than one entry.
    #[error("a share of {} of {entries} entries is less than one entry; raise the share to {} or more", written(*keep), written(least(*entries)))]
    KeepsNone {
        /// The share asked for.
        keep: f64,
        /// Of how many entries.
        entries: usize,
    },
    /// There is no weight to choose entries from.
    #[error(
        "the model has no weight of the scope {scope:?}; nothing was added to it, so take the scope \"base\""
    )]
    EmptyScope {
        /// The scope asked for.
        scope: Scope,
    },
    /// There is no sample to choose a mask from.
    #[error("there is no training sample to choose the entries from")]
    NoSamples,
    /// Samples are to be chosen by something that they do not have.
    #[error("the training samples have no {what} to be chosen by; choose the hardest ones")]
    NotTold {
        /// What is missing.
        what: &'static str,
    },
    /// An adapter file cannot be read.
    #[error("failed to read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An adapter file cannot be written.
    #[error("failed to write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An adapter file is damaged.
    #[error("{path} is not a valid adapter file: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Python PEFT has no layout for an adapter.
    #[error(
        "an adapter of {method} cannot be a folder of Python PEFT, which has one for LoRA and (IA)³ that trained nothing else and are in all blocks"
    )]
    NotPython {
        /// The method, as configs call it.
        method: &'static str,
    },
    /// An adapter does not fit the model it is applied to.
    #[error("the adapter does not fit the model: {reason}")]
    Mismatch {
        /// Which tensor or hash differs.
        reason: String,
    },
}

/// A share as a person writes it.
fn written(share: f64) -> String {
    if share < 1e-4 { format!("{share:e}") } else { share.to_string() }
}

/// The smallest share of `entries` that is an entry, with three digits, rounded up.
fn least(entries: usize) -> f64 {
    let share = 1.0 / entries.max(1) as f64;
    let last_digit = 10f64.powi(share.log10().floor() as i32 - 2);
    let rounded = (share / last_digit).ceil() * last_digit;
    // Through its digits, so that none of them comes from the binary fraction.
    format!("{rounded:.2e}").parse().unwrap_or(rounded)
}

impl From<WriteError> for Error {
    fn from(WriteError { path, source }: WriteError) -> Self {
        Self::Write { path, source }
    }
}
