//! Spans that a target cannot show.

use std::collections::BTreeMap;

use super::ProblemKind;
use crate::{Example, Task, TaskKind, TokenSpan};

/// What is the matter with the spans of index `dropped` that the target of `example` does not show.
pub(super) fn hidden(task: &Task, example: &Example, dropped: &[usize]) -> Vec<(ProblemKind, String)> {
    let mut problems = Vec::new();
    let mut crossing = dropped.len();
    if task.kind() == TaskKind::Coref {
        let twice = in_two_clusters(example);
        crossing =
            dropped.iter().filter(|&index| !twice.iter().any(|mention| mention.index == *index)).count();
        for Twice { mention, first, other, left, .. } in twice {
            let text = example.tokens.get(mention.start..mention.end).unwrap_or_default().join(" ");
            let tokens = format!("tokens {} to {}", mention.start, mention.end - 1);
            let lost =
                if left < 2 { format!(", and cluster {other} is lost by that") } else { String::new() };
            let detail = format!(
                "the mention {text:?} ({tokens}) is in the clusters {first} and {other}; the target shows it in the first{lost}"
            );
            problems.push((ProblemKind::TwoClusters, detail));
        }
    }
    if crossing > 0 {
        let spans = if crossing == 1 { "span crosses" } else { "spans cross" };
        problems.push((ProblemKind::HiddenSpans, format!("{crossing} {spans} others")));
    }
    problems
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
