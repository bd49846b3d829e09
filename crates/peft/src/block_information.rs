//! Which blocks of a model its loss depends on most: where what a method adds is worth most (`FLoE`, arXiv 2506.00495).

use crate::{Adaptable, Criterion, FisherDiagonal, Objective, Scope};

/// The Fisher information of each of `blocks` over `samples`: the sum of that of its weights in `model`. A block is named by what the paths of its weights
/// have before a dot. What was added has no part in it, and what is trained of `model`, and its values, do not change.
pub fn block_information<M: Adaptable, O: Objective<M>>(
    model: &mut M,
    objective: &O,
    samples: &[usize],
    blocks: &[String],
) -> Result<Vec<f64>, O::Error> {
    let fisher = FisherDiagonal::accumulate(model, objective, samples, Criterion::Fisher, Scope::Base)?;
    let sums: Vec<f64> =
        fisher.scores().iter().map(|scores| scores.iter().copied().map(f64::from).sum()).collect();
    let weights = model.weights();
    let is_in = |path: &str, block: &str| path.strip_prefix(block).is_some_and(|rest| rest.starts_with('.'));
    let of_block = |block: &String| {
        let own = weights.iter().zip(&sums).filter(|(weight, _)| is_in(weight.path(), block));
        own.map(|(_, sum)| sum).sum()
    };
    Ok(blocks.iter().map(of_block).collect())
}
