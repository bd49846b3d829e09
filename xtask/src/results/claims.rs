//! What does not hold, in words, from the figures.

use super::compare::{Found, Place};
use super::interval::Mean;
use super::plan::Method;

/// What a difference says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ahead,
    /// One seed, or an interval with zero in it.
    Open,
    Behind,
}

fn verdict(difference: &Mean) -> Verdict {
    match difference.interval {
        Some([low, _]) if low > 0.0 => Verdict::Ahead,
        Some([_, high]) if high < 0.0 => Verdict::Behind,
        _ => Verdict::Open,
    }
}

/// The first paragraph of the page: where our method does not beat the others, and what was not measured.
pub(super) fn first_paragraph(found: &Found<'_>) -> String {
    let Some(ours) = found.ours() else { return String::new() };
    let others = found.plan.methods.iter().filter(|method| method.name != ours.name);
    let told: Vec<String> = others.filter_map(|other| about(found, ours, other)).collect();
    let all = found.plan.cells.len();
    let measured = match all - found.done() {
        0 => "All runs are done.".to_owned(),
        _ => format!("{} of {all} runs are done; what is missing is a dash.", found.done()),
    };
    if told.is_empty() {
        return format!("**What does not hold.** Nothing was compared yet. {measured}");
    }
    format!("**What does not hold** ({}). {} {measured}", ours.title, told.join(" "))
}

/// What the comparison of `ours` with `other` says; nothing if there is none.
fn about(found: &Found<'_>, ours: &Method, other: &Method) -> Option<String> {
    let compare = |place| Some((place, found.difference(place, ours, other)?));
    let compared: Vec<(Place<'_>, Mean)> = found.places().into_iter().filter_map(compare).collect();
    if compared.is_empty() {
        return None;
    }
    let with = |wanted| compared.iter().filter(move |(_, difference)| verdict(difference) == wanted);
    let (behind, open) = (listed(with(Verdict::Behind)), listed(with(Verdict::Open)));
    let ahead = with(Verdict::Ahead).count();
    let mut parts = Vec::new();
    if !behind.is_empty() {
        parts.push(format!("it is behind {} on {behind}", other.title));
    }
    if !open.is_empty() {
        let whom = if behind.is_empty() { &other.title } else { "it" };
        parts.push(format!("it cannot be told from {whom} on {open}"));
    }
    if parts.is_empty() {
        return Some(format!("Ahead of {} in all {ahead} comparisons.", other.title));
    }
    let mut text = parts.join("; ");
    // A sentence begins with a capital.
    text.replace_range(..1, "I");
    Some(format!("{text}; ahead in {ahead} of {} comparisons.", compared.len()))
}

/// `CoNLL-2003, entities (20: -1.2, 140: -0.3), TREC …`, in points.
fn listed<'a>(compared: impl Iterator<Item = &'a (Place<'a>, Mean)>) -> String {
    let mut parts: Vec<(&str, Vec<String>)> = Vec::new();
    for (place, difference) in compared {
        let title = place.measure.title.as_str();
        let told = format!("{}: {:+.1}", place.size.examples, 100.0 * difference.value);
        match parts.last_mut() {
            Some((last, told_before)) if *last == title => told_before.push(told),
            _ => parts.push((title, vec![told])),
        }
    }
    parts.iter().map(|(title, told)| format!("{title} ({})", told.join(", "))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::cells::Finished;
    use super::super::compare::Found;
    use super::super::plan::tests::small;
    use super::first_paragraph;

    #[test]
    fn what_is_behind_is_told_first() -> anyhow::Result<()> {
        let plan = small()?;
        // Of 140 examples of `a`: behind the CRF by a little in both seeds, ahead of `full`; of 20 alike.
        let score = |name: &str| match name {
            "a.ours.140.1" => Some(0.500),
            "a.ours.140.2" => Some(0.520),
            "a.crf.140.1" => Some(0.540),
            "a.crf.140.2" => Some(0.562),
            "a.full.140.1" => Some(0.400),
            "a.full.140.2" => Some(0.419),
            "a.ours.20.1" | "a.full.20.1" => Some(0.2),
            _ => None,
        };
        let finished = |score: f64| Finished {
            setup: String::new(),
            scores: [("f1".to_owned(), score)].into(),
            seconds: 60.0,
            backend: "flex".to_owned(),
            threads: 2,
        };
        let done: Vec<_> =
            plan.cells.iter().filter_map(|cell| Some((cell, finished(score(&cell.name())?)))).collect();
        let done: Vec<_> = done.iter().map(|(cell, finished)| (*cell, finished)).collect();
        let text = first_paragraph(&Found::new(&plan, &done));
        assert!(
            text.starts_with(
                "**What does not hold** (Ours). It cannot be told from full on A (20: +0.0); ahead in 1 of 2"
            ),
            "{text}"
        );
        assert!(text.contains("It is behind CRF on A (140: -4.1); ahead in 0 of 1"), "{text}");
        assert!(text.ends_with("8 of 16 runs are done; what is missing is a dash."), "{text}");
        let nothing = first_paragraph(&Found::new(&plan, &[]));
        assert!(nothing.contains("Nothing was compared yet. 0 of 16"), "{nothing}");
        Ok(())
    }
}
