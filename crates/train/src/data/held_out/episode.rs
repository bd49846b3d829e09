//! A few-shot episode: a part of a file to learn from, and another to be asked.

use std::path::Path;

use fishdip_tasks::{Episode, Example, Shots};

use crate::Error;

/// What is trained on, in the order in which the original program does, what is scored, and a hash of both.
pub(super) fn draw(
    examples: &[Example],
    size: Shots,
    seed: u64,
    file: &Path,
) -> Result<(Vec<Example>, Vec<Example>, String), Error> {
    let episode = Episode::of(examples, size, seed)
        .map_err(|error| Error::Data(format!("{}: {error}", file.display())))?;
    let Episode { mut support, query, training_order, .. } = episode;
    let train: Vec<Example> =
        training_order.into_iter().map(|index| core::mem::take(&mut support[index])).collect();
    let mut hasher = blake3::Hasher::new();
    for example in train.iter().chain(&query) {
        // Each part with its length, so that no two lists of them read the same.
        for part in example.tokens.iter().chain(&example.relation) {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        hasher.update(&u64::MAX.to_le_bytes());
    }
    Ok((train, query, hasher.finalize().to_hex().to_string()))
}
