//! Training examples in which mentions stand for others of their label.
//!
//! Of a name a model should learn where it stands, not which one it is. Relations stay: they are between the places, whatever stands there
//! (mention replacement, as in arXiv 2411.14551).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

use crate::{Entity, Example, TokenSpan};

/// The mentions of each label in some examples.
///
/// ```
/// use fishdip_tasks::{Entity, Example, MentionSwap};
///
/// let mut ann = Example::new(["Ann", "slept"]);
/// ann.entities.push(Entity::new("PER", 0, 1));
/// let mut bob = Example::new(["I", "saw", "Bob", "Lee", "run"]);
/// bob.entities.push(Entity::new("PER", 2, 4));
///
/// let mentions = MentionSwap::new([&ann, &bob]);
/// let other = mentions.swap(&ann, 1.0, 0);
/// assert_eq!(other.tokens, ["Bob", "Lee", "slept"]);
/// assert_eq!(other.entities, [Entity::new("PER", 0, 2)]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MentionSwap {
    mentions: BTreeMap<String, Vec<Vec<String>>>,
}

/// Tokens of an example and what comes into their place.
struct Change<'a> {
    range: Range<usize>,
    tokens: &'a [String],
}

impl MentionSwap {
    /// The mentions in `examples`: entities, and values of slots. One that is there several times counts once.
    pub fn new<'a>(examples: impl IntoIterator<Item = &'a Example>) -> Self {
        let mut mentions: BTreeMap<String, BTreeSet<Vec<String>>> = BTreeMap::new();
        for example in examples {
            for mention in exchangeable(example) {
                let tokens = example.tokens[mention.start..mention.end].to_vec();
                mentions.entry(mention.label.clone()).or_default().insert(tokens);
            }
        }
        Self {
            mentions: mentions.into_iter().map(|(label, set)| (label, set.into_iter().collect())).collect(),
        }
    }

    /// Whether no mention can be exchanged: no label has two that differ.
    pub fn is_idle(&self) -> bool {
        self.mentions.values().all(|mentions| mentions.len() < 2)
    }

    /// `example` with each of its mentions exchanged, with the probability `rate`, for another of the same label, drawn uniformly. What is drawn
    /// follows from `seed`.
    ///
    /// A mention stays that holds part of another annotation, or whose label has no other mention; so do all mentions of an example with
    /// annotations that go by characters or by what words mean (coreference).
    pub fn swap(&self, example: &Example, rate: f64, seed: u64) -> Example {
        let mut numbers = SplitMix64::seed_from_u64(seed);
        let mut changes: Vec<Change<'_>> = Vec::new();
        for mention in exchangeable(example) {
            // Both numbers are drawn for every mention, so that what becomes of one does not depend on the others.
            let (chance, pick) = (numbers.next_u64(), numbers.next_u64());
            // 53 bits, as many as the fraction of a number in 0..1 has.
            let is_exchanged = ((chance >> 11) as f64) * (0.5f64).powi(53) < rate;
            let range = mention.start..mention.end;
            if !is_exchanged {
                continue;
            }
            let own = &example.tokens[range.clone()];
            let all = self.mentions.get(&mention.label).map_or(&[][..], Vec::as_slice);
            let others: Vec<&Vec<String>> = all.iter().filter(|tokens| tokens.as_slice() != own).collect();
            // The multiply-shift draw is biased by at most length / 2⁶⁴.
            let at = ((u128::from(pick) * others.len() as u128) >> 64) as usize;
            if let Some(&tokens) = others.get(at) {
                changes.push(Change { range, tokens });
            }
        }
        if changes.is_empty() { example.clone() } else { changed(example, &changes) }
    }
}

/// The mentions of `example` that can be exchanged, in order, one for each place.
fn exchangeable(example: &Example) -> Vec<&Entity> {
    let labelled = || [&example.entities, &example.slots].into_iter().flatten();
    if !example.clusters.is_empty() || labelled().any(|mention| mention.chars.is_some()) {
        return Vec::new();
    }
    let words = || [&example.roles, &example.triggers].into_iter().flatten();
    // What words say of an event is lost with them; the ends of a relation go with what stands there.
    let named = words().map(|span| (span.start, span.end)).chain(example.predicate.map(|s| (s.start, s.end)));
    let named: Vec<(usize, usize)> = named.collect();
    let ends = [example.head, example.tail].into_iter().flatten().map(|span| (span.start, span.end));
    let ends: Vec<(usize, usize)> = ends.collect();
    let is_free = |mention: &&Entity| {
        let (start, end) = (mention.start, mention.end);
        let is_within = |at: usize| start < at && at < end;
        // Another span may hold all of the mention; it may neither be in it nor cross it.
        let leaves_whole = |&(from, to): &(usize, usize)| {
            let is_inside = start <= from && to <= end && (from, to) != (start, end);
            !is_inside && !is_within(from) && !is_within(to)
        };
        let same = |other: &Entity| (other.start, other.end) == (start, end);
        let labels_agree = labelled().all(|other| !same(other) || other.label == mention.label);
        let spans: Vec<(usize, usize)> = labelled().map(|other| (other.start, other.end)).collect();
        start < end
            && end <= example.tokens.len()
            && labels_agree
            && spans.iter().chain(&ends).all(leaves_whole)
            && named.iter().all(|span| leaves_whole(span) && *span != (start, end))
    };
    let mut free: Vec<&Entity> = labelled().filter(is_free).collect();
    free.sort_by_key(|mention| (mention.start, mention.end));
    free.dedup_by_key(|mention| (mention.start, mention.end));
    free
}

/// `example` with `changes`, which are sorted and do not overlap, and no annotation begins or ends inside one.
fn changed(example: &Example, changes: &[Change<'_>]) -> Example {
    let mut new = example.clone();
    new.tokens.clear();
    let mut copied = 0;
    for Change { range, tokens } in changes {
        new.tokens.extend_from_slice(&example.tokens[copied..range.start]);
        new.tokens.extend_from_slice(tokens);
        copied = range.end;
    }
    new.tokens.extend_from_slice(&example.tokens[copied..]);
    let moved = |at: usize| {
        let before = changes.iter().filter(|change| change.range.end <= at);
        before.fold(at, |at, change| at + change.tokens.len() - change.range.len())
    };
    for span in [&mut new.entities, &mut new.slots, &mut new.roles, &mut new.triggers].into_iter().flatten() {
        (span.start, span.end) = (moved(span.start), moved(span.end));
    }
    for span in [&mut new.predicate, &mut new.head, &mut new.tail].into_iter().flatten() {
        *span = TokenSpan::new(moved(span.start), moved(span.end));
    }
    // It is the text of other tokens.
    new.text = None;
    new.trimmed.clear();
    new
}

#[cfg(test)]
mod tests {
    use super::MentionSwap;
    use crate::{Entity, Example, Relation, TokenSpan};

    /// `[ Ann Lee | PER ] lives in [ Rome | LOC ] .`
    fn ann() -> Example {
        let mut example = Example::new(["Ann", "Lee", "lives", "in", "Rome", "."]);
        example.entities = vec![Entity::new("LOC", 4, 5), Entity::new("PER", 0, 2)];
        example.relations = vec![Relation::new("Live_In", 1, 0)];
        example.text = Some("Ann Lee lives in Rome.".to_owned());
        example
    }

    fn bob() -> Example {
        let mut example = Example::new(["Bob", "left", "New", "York", "City"]);
        example.entities = vec![Entity::new("PER", 0, 1), Entity::new("LOC", 2, 5)];
        example
    }

    #[test]
    fn one_mention_of_a_label_has_none_to_stand_for_it() {
        assert!(MentionSwap::new([&ann(), &ann()]).is_idle());
        assert!(!MentionSwap::new([&ann(), &bob()]).is_idle());
        assert!(MentionSwap::default().is_idle());
    }

    #[test]
    fn relations_stay_between_what_stands_there_now() {
        let swapped = MentionSwap::new([&ann(), &bob()]).swap(&ann(), 1.0, 7);
        assert_eq!(swapped.tokens, ["Bob", "lives", "in", "New", "York", "City", "."]);
        assert_eq!(swapped.entities, [Entity::new("LOC", 3, 6), Entity::new("PER", 0, 1)]);
        assert_eq!(swapped.relations, ann().relations);
        assert_eq!(swapped.text, None);
        assert!(swapped.check().is_ok());
    }

    #[test]
    fn nothing_changes_at_rate_zero_or_without_another_mention() {
        let mentions = MentionSwap::new([&ann(), &bob()]);
        assert_eq!(mentions.swap(&ann(), 0.0, 7), ann());
        assert_eq!(MentionSwap::new([&ann()]).swap(&ann(), 1.0, 7), ann());
    }

    #[test]
    fn the_seed_decides_and_the_rate_is_a_share() {
        let mentions = MentionSwap::new([&ann(), &bob()]);
        let is_swapped = |seed| mentions.swap(&ann(), 0.25, seed).tokens[0] == "Bob";
        let count = (0..4000).filter(|&seed| is_swapped(seed)).count();
        // Of 4,000 draws at 1 in 4, 1,000 with a standard deviation of 27.
        assert!((850..1150).contains(&count), "{count}");
        assert_eq!(mentions.swap(&ann(), 0.5, 3), mentions.swap(&ann(), 0.5, 3));
    }

    #[test]
    fn a_mention_with_another_annotation_in_it_stays() {
        let mentions = MentionSwap::new([&ann(), &bob()]);
        let mut nested = bob();
        nested.entities.push(Entity::new("LOC", 2, 4));
        let swapped = mentions.swap(&nested, 1.0, 1);
        assert_eq!(swapped.tokens[..2], ["Ann", "Lee"]);
        // Of the two places, the inner one was exchanged, and the outer one is around it.
        let (outer, inner) = (&swapped.entities[1], &swapped.entities[2]);
        assert_eq!((outer.start, outer.end), (inner.start, inner.end + 1));
        assert_eq!(swapped.tokens.last().map(String::as_str), Some("City"));

        let mut crossed = bob();
        crossed.predicate = Some(TokenSpan::new(1, 3));
        assert_eq!(mentions.swap(&crossed, 1.0, 1).tokens[2..], bob().tokens[1..]);
    }

    #[test]
    fn the_ends_of_a_relation_go_with_their_mentions() {
        let mut example = bob();
        (example.head, example.tail) = (Some(TokenSpan::new(0, 1)), Some(TokenSpan::new(2, 5)));
        let swapped = MentionSwap::new([&ann(), &bob()]).swap(&example, 1.0, 1);
        assert_eq!(swapped.tokens, ["Ann", "Lee", "left", "Rome"]);
        assert_eq!((swapped.head, swapped.tail), (Some(TokenSpan::new(0, 2)), Some(TokenSpan::new(3, 4))));
    }
}
