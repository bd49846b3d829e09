//! Strategies by name.

use super::{
    Badge, Bald, CoreSet, Dal, Disagreement, EntityMargin, Entropy, InTurn, KMeans, LeastConfident,
    LogProbability, Margin, McDropout, McMeanEntropy, Random, RepresentationDistance, Strategy, Stratified,
};
use crate::{Error, Result};

/// Every strategy of this crate.
pub static ALL: &[&dyn Strategy] = &[
    &Random,
    &Stratified,
    &Entropy,
    &LeastConfident,
    &Margin,
    &McDropout,
    &McMeanEntropy,
    &Bald,
    &CoreSet,
    &Dal,
    &KMeans,
    &Badge,
    &RepresentationDistance,
    &LogProbability,
    &EntityMargin,
    &Disagreement,
    &InTurn,
];

/// The strategy with this name; an unknown one is an error with the nearest name and all of them.
pub fn named(name: &str) -> Result<&'static dyn Strategy> {
    if let Some(strategy) = ALL.iter().find(|strategy| strategy.name() == name) {
        return Ok(*strategy);
    }
    let written = name.to_lowercase().replace(['_', ' '], "-");
    let names = || ALL.iter().map(|strategy| strategy.name());
    let near = names()
        .map(|known| (strsim::damerau_levenshtein(&written, known), known))
        .filter(|&(distance, known)| distance * 2 <= known.len().max(written.len()))
        .min();
    let known = names().collect::<Vec<_>>().join(", ");
    Err(Error::UnknownStrategy { name: name.to_owned(), meant: near.map(|(_, known)| known), known })
}
