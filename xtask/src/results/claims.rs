//! What does not hold, in words, from the figures.

use std::fmt::Write as _;

use super::compare::{Found, Place};
use super::interval::Mean;
use super::plan::Method;

/// What a difference says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ahead,
    /// An interval with zero in it.
    Open,
    Behind,
}

/// Nothing for one seed, which has no interval.
fn verdict(difference: &Mean) -> Option<Verdict> {
    let [low, high] = difference.interval?;
    Some(if low > 0.0 {
        Verdict::Ahead
    } else if high < 0.0 {
        Verdict::Behind
    } else {
        Verdict::Open
    })
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

/// What the comparisons of `ours` with `other` say; nothing if there is none.
fn about(found: &Found<'_>, ours: &Method, other: &Method) -> Option<String> {
    let compare = |place| {
        let difference = found.difference(place, ours, other)?;
        Some((verdict(&difference)?, (place, difference)))
    };
    let compared: Vec<(Verdict, (Place<'_>, Mean))> =
        found.places().into_iter().filter_map(compare).collect();
    if compared.is_empty() {
        return None;
    }
    let with = |wanted| compared.iter().filter(move |(verdict, _)| *verdict == wanted).map(|(_, told)| told);
    let (ahead, open) = (with(Verdict::Ahead).count(), with(Verdict::Open).count());
    let mut text = format!("Beside {}: ", other.title);
    if ahead + open < compared.len() {
        let _ = write!(text, "behind on {}; ", listed(with(Verdict::Behind)));
    }
    if open > 0 {
        let _ = write!(text, "not told apart in {open}, ");
    }
    let _ = write!(text, "ahead in {ahead} of {} comparisons.", compared.len());
    Some(text)
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
    use super::super::cells::tests::finished;
    use super::super::compare::Found;
    use super::super::plan::tests::small;
    use super::first_paragraph;

    #[test]
    fn what_is_behind_is_told_first() -> anyhow::Result<()> {
        let plan = small()?;
        // Of 140 examples of `a`: behind the CRF by a little in both seeds, ahead of `full`. Of 20: better than `full` once and worse once, and one
        // run of the CRF, which tells nothing.
        let score = |name: &str| match name {
            "a.ours.140.1" => Some(0.500),
            "a.ours.140.2" => Some(0.520),
            "a.crf.140.1" => Some(0.540),
            "a.crf.140.2" => Some(0.562),
            "a.full.140.1" => Some(0.400),
            "a.full.140.2" => Some(0.419),
            "a.ours.20.1" | "a.full.20.2" => Some(0.2),
            "a.ours.20.2" | "a.full.20.1" => Some(0.3),
            "a.crf.20.1" => Some(0.1),
            _ => None,
        };
        let done: Vec<_> =
            plan.cells.iter().filter_map(|cell| Some((cell, finished(score(&cell.name())?)))).collect();
        let done: Vec<_> = done.iter().map(|(cell, finished)| (*cell, finished)).collect();
        let text = first_paragraph(&Found::new(&plan, &done));
        assert!(
            text.starts_with(
                "**What does not hold** (Ours). Beside full: not told apart in 1, ahead in 1 of 2 comparisons. Beside CRF: \
                 behind on A (140: -4.1); ahead in 0 of 1 comparisons."
            ),
            "{text}"
        );
        assert!(text.ends_with("11 of 16 runs are done; what is missing is a dash."), "{text}");
        let nothing = first_paragraph(&Found::new(&plan, &[]));
        assert!(nothing.contains("Nothing was compared yet. 0 of 16"), "{nothing}");
        Ok(())
    }
}
