//! Which examples to ask for next.
//!
//! | name | it asks for | it needs |
//! |---|---|---|
//! | `random` | any | – |
//! | `stratified` | any, as many of each class | classes |
//! | `entropy` | those whose class is least clear, by entropy | probabilities |
//! | `least-confident` | those whose best class is least probable | probabilities |
//! | `margin` | those whose two best classes are closest | probabilities |
//! | `mc-dropout` | entropy of the mean of passes with dropout | passes |
//! | `mc-mean-entropy` | mean of the entropies of the passes | passes |
//! | `bald` | the difference of these two | passes |
//! | `core-set` | those farthest from what is labelled or chosen (greedy k-centre) | vectors |
//! | `dal` | those a classifier tells apart from what is labelled | vectors |
//! | `k-means` | the nearest to the centre of each of n clusters | vectors |
//! | `badge` | far-apart ones whose gradient would be large | probabilities, vectors |
//! | `representation-distance` | those far from all others | vectors |
//! | `log-probability` | those whose output is least probable for its length | log-probabilities |
//! | `entity-margin` | those with the least sure entity | entity margins |
//! | `disagreement` | those that constrained and free decoding read differently | outputs |
//! | `in-turn` | a third each: diverse, similar to the rest, uncertain | vectors, log-probabilities or probabilities |
//!
//! To start without a model that knows the task: `random`, `stratified`, `core-set` and `k-means`. After
//! [`Candidates::per_word`] each of them chooses by what a word to read is worth.
//!
//! A strategy is a file with one type. A new one implements [`Strategy`], from this crate or from another; to have a
//! name it joins the list in `registry`.

mod badge;
mod bald;
mod core_set;
mod dal;
mod disagreement;
mod entity_margin;
mod entropy;
mod in_turn;
mod k_means;
mod least_confident;
mod log_probability;
mod margin;
mod mc_dropout;
mod mc_mean_entropy;
mod random;
mod registry;
mod representation_distance;
mod stratified;

pub use badge::Badge;
pub use bald::Bald;
pub use core_set::CoreSet;
pub use dal::Dal;
pub use disagreement::Disagreement;
pub use entity_margin::EntityMargin;
pub use entropy::Entropy;
pub(crate) use entropy::entropy as entropy_of;
pub use in_turn::InTurn;
pub use k_means::KMeans;
pub use least_confident::LeastConfident;
pub use log_probability::LogProbability;
pub use margin::Margin;
pub use mc_dropout::McDropout;
pub use mc_mean_entropy::McMeanEntropy;
pub use random::Random;
pub use registry::{ALL, named};
pub use representation_distance::RepresentationDistance;
pub use stratified::Stratified;

use crate::{Candidates, Error, Result};

/// A way to choose which examples to ask for.
pub trait Strategy: Sync {
    /// Its name in configs, tables and ledgers.
    fn name(&self) -> &'static str;

    /// The positions of `n` different candidates, at most as many as there are, in the order chosen.
    ///
    /// The result depends on nothing but the arguments. Of two candidates that are worth the same it takes the one at
    /// the lower position, which has the lower id.
    fn positions(&self, candidates: &Candidates<'_>, n: usize, seed: u64) -> Result<Vec<usize>>;

    /// The ids of `n` candidates, or of all if there are fewer, in the order chosen.
    ///
    /// `seed` comes from [`round_seed`](crate::round_seed), so that rounds draw differently and a resumed one draws
    /// the same.
    fn choose(&self, candidates: &Candidates<'_>, n: usize, seed: u64) -> Result<Vec<u32>> {
        let n = n.min(candidates.len());
        let positions = self.positions(candidates, n, seed)?;
        let mut taken = vec![false; candidates.len()];
        let mut is_new =
            |position: &usize| taken.get_mut(*position).is_some_and(|taken| !std::mem::replace(taken, true));
        let found = positions.iter().filter(|position| is_new(position)).count();
        if found != n || positions.len() != n {
            return Err(Error::BadChoice { strategy: self.name(), found, expected: n });
        }
        Ok(positions.into_iter().map(|position| candidates.id(position)).collect())
    }
}

/// The `n` positions with the most worth for their price, the most first; ties by position.
pub(crate) fn top(candidates: &Candidates<'_>, n: usize, worth: impl Fn(usize) -> f64) -> Vec<usize> {
    let all = 0..candidates.len();
    let mut scored: Vec<(f64, usize)> =
        all.map(|position| (worth(position) / candidates.price(position), position)).collect();
    let order = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if n < scored.len() {
        scored.select_nth_unstable_by(n, order);
        scored.truncate(n);
    }
    scored.sort_unstable_by(order);
    scored.into_iter().map(|(_, position)| position).collect()
}
