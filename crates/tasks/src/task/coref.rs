//! Coreference: `[ Tolkien ] wrote ; [ he | Tolkien ] drew`.
//!
//! A mention names an earlier one by its text, and means the latest with this text. In fixed mode, where that
//! would be of another cluster and no other text is at hand, a second part tells how many back:
//! `[ he | he = 2 ]`. Fixed mode goes by the order of closing brackets, which is that of reading; the
//! original by that of the data.
//!
//! Clusters of one mention are neither written in fixed mode nor found in any; gold ones still count in
//! scores.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pairs, Task, spans};
use crate::codec::{Annotation, Reading, Span};
use crate::score::{CorefCounts, Score};
use crate::{Decoded, Example, Link, Mode, RepairKind, Report, TokenSpan};

/// Text and dropped mentions, which are counted through all clusters.
pub(super) fn target(task: &Task, example: &Example) -> (String, Vec<usize>) {
    match task.mode() {
        Mode::Reference => reference_target(task, example),
        Mode::Fixed => exact_target(task, example),
    }
}

fn bare(mention: TokenSpan) -> Annotation {
    Annotation { tags: Vec::new(), start: mention.start, end: mention.end }
}

fn reference_target(task: &Task, example: &Example) -> (String, Vec<usize>) {
    let mut annotations = Vec::new();
    for cluster in &example.clusters {
        for (i, &mention) in cluster.iter().enumerate() {
            let mut annotation = bare(mention);
            if i > 0 {
                annotation.tags.push(vec![spans::shown_span(task, example, cluster[i - 1])]);
            }
            annotations.push(annotation);
        }
    }
    let augmented = spans::marked(task, example, &annotations);
    (augmented.text, augmented.dropped)
}

/// Only what can be told apart is written: no cluster of one, no mention twice.
fn exact_target(task: &Task, example: &Example) -> (String, Vec<usize>) {
    let mut seen = BTreeSet::new();
    let (mut mentions, mut dropped, mut index) = (Vec::new(), Vec::new(), 0);
    for (cluster, members) in example.clusters.iter().enumerate() {
        for &mention in members {
            if members.len() > 1 {
                if seen.insert(mention) {
                    mentions.push((index, cluster, mention));
                } else {
                    dropped.push(index);
                }
            }
            index += 1;
        }
    }
    let mut annotations: Vec<Annotation> = mentions.iter().map(|&(_, _, mention)| bare(mention)).collect();
    let skeleton = spans::marked(task, example, &annotations);
    let texts: Vec<String> =
        mentions.iter().map(|&(_, _, mention)| spans::shown_span(task, example, mention)).collect();
    let mut closed: Vec<usize> = Vec::new();
    for &i in &skeleton.closing {
        // How many mentions with its text, itself included, were closed since the one at hand.
        let rank = |j: usize| {
            closed.iter().rev().take_while(|&&k| k != j).filter(|&&k| texts[k] == texts[j]).count() + 1
        };
        let earlier = || closed.iter().rev().copied().filter(|&j| mentions[j].1 == mentions[i].1);
        if let Some(j) = earlier().find(|&j| rank(j) == 1).or_else(|| earlier().next()) {
            let mut tag = vec![texts[j].clone()];
            if rank(j) > 1 {
                tag.push(rank(j).to_string());
            }
            annotations[i].tags.push(tag);
        }
        closed.push(i);
    }
    dropped.extend(skeleton.dropped.iter().map(|&i| mentions[i].0));
    dropped.sort_unstable();
    (spans::marked(task, example, &annotations).text, dropped)
}

pub(super) fn decode(task: &Task, example: &Example, output: &str) -> Decoded {
    let (mut reading, mut decoded) = spans::begin(task, example, output, 0..output.len());
    let mut by_name: BTreeMap<String, Vec<TokenSpan>> = BTreeMap::new();
    for span in std::mem::take(&mut reading.spans) {
        let mention = TokenSpan::new(span.start, span.end);
        let antecedent = antecedent(task, &span, &by_name, &mut reading, &mut decoded);
        decoded.links.push(Link { mention, antecedent, markup: span.markup });
        by_name.entry(span.name).or_default().push(mention);
    }
    decoded.clusters = clusters(task, &decoded.links);
    decoded.repairs = reading.take_repairs(output);
    decoded
}

/// The mention that a span names.
fn antecedent(
    task: &Task,
    span: &Span,
    by_name: &BTreeMap<String, Vec<TokenSpan>>,
    reading: &mut Reading,
    decoded: &mut Decoded,
) -> Option<TokenSpan> {
    let tag = span.tags.first()?;
    let (name, rank) = match &tag[..] {
        [name, rank] if task.mode() == Mode::Fixed => (name, rank.parse().ok().filter(|&rank| rank > 0)),
        [name, ..] if task.mode() == Mode::Reference || tag.len() == 1 => (name, Some(1_usize)),
        _ => (&span.name, None),
    };
    if rank.is_none() || span.tags.len() > 1 {
        decoded.format_error = true;
        reading.repair(RepairKind::BadAttribute, span.markup.start, tag.join(" = "));
    }
    let known = by_name.get(name).map_or(&[][..], Vec::as_slice);
    let found = known.len().checked_sub(rank?).map(|at| known[at]);
    if found.is_none() {
        decoded.entity_error = true;
        reading.repair(RepairKind::UnknownName, span.markup.start, tag.join(" = "));
    }
    found
}

/// The connected components of the mentions that refer to another.
pub(super) fn clusters<'a>(task: &Task, links: impl IntoIterator<Item = &'a Link>) -> Vec<Vec<TokenSpan>> {
    let mut edges: BTreeMap<TokenSpan, BTreeSet<TokenSpan>> = BTreeMap::new();
    let referring = links.into_iter().filter_map(|link| Some((link.mention, link.antecedent?)));
    for (mention, antecedent) in referring {
        edges.entry(mention).or_default().insert(antecedent);
        edges.entry(antecedent).or_default().insert(mention);
    }
    let mut clusters = Vec::new();
    while let Some((first, next)) = edges.pop_first() {
        let (mut cluster, mut open) = (vec![first], next);
        while let Some(mention) = open.pop_first() {
            if let Some(next) = edges.remove(&mention) {
                cluster.push(mention);
                open.extend(next);
            }
        }
        cluster.sort_by_key(|mention| (mention.start, std::cmp::Reverse(mention.end)));
        if task.quirks.drop_overlapping_mentions {
            let mut free = 0;
            cluster.retain(|mention| {
                let keep = mention.start >= free;
                free = if keep { mention.end } else { free };
                keep
            });
        }
        if task.quirks.drop_overlapping_mentions || cluster.len() > 1 {
            clusters.push(cluster);
        }
    }
    clusters.sort();
    clusters
}

/// The counts of one document.
pub(super) fn counts(task: &Task, (gold, predicted): &(&Example, &Decoded)) -> CorefCounts {
    let mut counts = CorefCounts::default();
    if task.quirks.recall_by_gold {
        counts.add_by_gold(&gold.clusters, &predicted.clusters);
    } else {
        counts.add(&gold.clusters, &predicted.clusters);
    }
    counts
}

pub(super) fn score(task: &Task, pairs: &Pairs<'_>) -> Report {
    let mut counts = CorefCounts::default();
    for pair in pairs {
        counts += self::counts(task, pair);
    }
    Report::new(Score::Coref(counts.score()), pairs)
}
