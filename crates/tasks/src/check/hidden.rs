//! Spans that a target cannot show.

use std::collections::BTreeMap;

use crate::{Example, Nesting, Task, TaskKind, TokenSpan};

/// What is the matter with spans of index `dropped` that the target of `example` does not show, but for
/// mentions of two clusters.
pub(super) fn crossing(task: &Task, example: &Example, dropped: &[usize]) -> Option<String> {
    let twice = if task.kind() == TaskKind::Coref { in_two_clusters(example) } else { Vec::new() };
    let crossing =
        dropped.iter().filter(|&index| !twice.iter().any(|mention| mention.index == *index)).count();
    let spans = match (task.nesting(), crossing) {
        (Nesting::Nested, 1) => "span crosses",
        (Nesting::Nested, _) => "spans cross",
        (Nesting::Flat, 1) => "span overlaps",
        (Nesting::Flat, _) => "spans overlap",
    };
    (crossing > 0).then(|| format!("{crossing} {spans} others"))
}

/// The mentions of `example` that are in two clusters, and what comes of it.
pub(super) fn two_clusters(task: &Task, example: &Example) -> Vec<String> {
    if task.kind() != TaskKind::Coref {
        return Vec::new();
    }
    let told = |Twice { mention, first, other, left, .. }: Twice| {
        let text = example.tokens.get(mention.start..mention.end).unwrap_or_default().join(" ");
        let lost = if left < 2 { format!(", and cluster {other} is lost by that") } else { String::new() };
        format!(
            "the mention {text:?} (tokens {} to {}) is in the clusters {first} and {other}; the target shows it in the first{lost}",
            mention.start,
            mention.end.saturating_sub(1),
        )
    };
    in_two_clusters(example).into_iter().map(told).collect()
}

/// A mention of one cluster that is in an earlier one as well.
struct Twice {
    /// Counted through all clusters.
    index: usize,
    mention: TokenSpan,
    first: usize,
    other: usize,
    /// How many mentions the other cluster has that are in no earlier one.
    left: usize,
}

fn in_two_clusters(example: &Example) -> Vec<Twice> {
    let (mut seen, mut twice) = (BTreeMap::<TokenSpan, usize>::new(), Vec::new());
    let mut index = 0;
    for (other, members) in example.clusters.iter().enumerate() {
        // A cluster of one mention is not shown at all.
        if members.len() > 1 {
            let left = members.iter().filter(|mention| !seen.contains_key(mention)).count();
            for (place, &mention) in members.iter().enumerate() {
                let first = *seen.entry(mention).or_insert(other);
                if first != other {
                    twice.push(Twice { index: index + place, mention, first, other, left });
                }
            }
        }
        index += members.len();
    }
    twice
}
