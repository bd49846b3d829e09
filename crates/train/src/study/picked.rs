//! Of which class what each group of a study has picked is.

use std::fmt::Write as _;

use serde::Serialize;

use super::cells::Group;
use super::text::aligned;
use crate::active::shares_map;
use crate::{LearningCounts, RoundReport};

/// What the cells of a group have picked, start apart, all together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PickedRow {
    /// The name of the group.
    pub name: String,
    /// How many examples of each class.
    #[serde(flatten)]
    pub counts: LearningCounts,
}

/// What `rounds` of a group's cells have picked after the start; nothing where no round knows.
pub(super) fn row<'a>(group: &Group, rounds: impl Iterator<Item = &'a RoundReport>) -> Option<PickedRow> {
    let mut known = rounds.filter(|round| round.round > 0).filter_map(|round| round.picked).peekable();
    known.peek()?;
    let counts = known.fold(LearningCounts::default(), LearningCounts::plus);
    Some(PickedRow { name: group.name.clone(), counts })
}

/// The shares as a table of Markdown; nothing without a row.
pub(super) fn to_markdown(rows: &[PickedRow]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cells = |row: &PickedRow| {
        let [unforgettable, forgettable, never] =
            row.counts.shares().map(|share| format!("{:.1} %", 100.0 * share));
        let picked: usize = row.counts.known().iter().sum();
        let moderately = 100.0 * row.counts.moderately_forgettable as f64 / picked.max(1) as f64;
        [
            row.name.clone(),
            picked.to_string(),
            unforgettable,
            forgettable,
            format!("{moderately:.1} %"),
            never,
            row.counts.unknown.to_string(),
        ]
    };
    let lines: Vec<[String; 7]> = rows.iter().map(cells).collect();
    let head = [
        "group",
        "picked",
        "unforgettable",
        "forgettable",
        "of these once or twice",
        "never learnt",
        "unknown",
    ];
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "\n{}\nWhat was picked after the start, by what a training learns and forgets of it; shares are of what is known.",
        aligned(&head, &lines)
    );
    text
}

/// The `counts` as five fields of CSV, which are empty without any.
pub(super) fn fields(counts: Option<LearningCounts>) -> String {
    let Some(LearningCounts { unforgettable, forgettable, moderately_forgettable, never_learnt, unknown }) =
        counts
    else {
        return ",,,,".to_owned();
    };
    [unforgettable, forgettable, moderately_forgettable, never_learnt, unknown]
        .map(|count| count.to_string())
        .join(",")
}

/// The shares as a picture; nothing without a row.
pub(super) fn picture(rows: &[PickedRow]) -> Option<String> {
    shares_map(rows.iter().map(|row| (row.name.clone(), row.counts)).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn round(round: u32, picked: Option<[usize; 3]>) -> RoundReport {
        let picked = picked.map(|[unforgettable, forgettable, never_learnt]| LearningCounts {
            unforgettable,
            forgettable,
            moderately_forgettable: forgettable / 2,
            never_learnt,
            unknown: 0,
        });
        let json = r#"{"round": 0, "labels": 10, "score": 0.5, "macro_f1": null, "query_seconds": null, "train_seconds": 1, "ledger": ""}"#;
        RoundReport { round, picked, ..serde_json::from_str(json).unwrap() }
    }

    #[test]
    fn rounds_after_the_start_are_added_up() {
        let group = Group { name: "entropy".to_owned(), values: serde_json::Map::new() };
        let rounds = [round(0, Some([9, 9, 9])), round(1, Some([1, 2, 0])), round(2, Some([0, 4, 1]))];
        let row = row(&group, rounds.iter()).unwrap();
        assert_eq!(row.counts.known(), [1, 6, 1]);
        let text = to_markdown(std::slice::from_ref(&row));
        assert!(text.contains("12.5 %") && text.contains("75.0 %") && text.contains("37.5 %"), "{text}");
        assert_eq!((fields(Some(row.counts)), fields(None)), ("1,6,3,1,0".to_owned(), ",,,,".to_owned()));
        assert!(picture(&[row]).unwrap().contains(">75.0<"));
        assert!(super::row(&group, [round(0, Some([1, 1, 1])), round(1, None)].iter()).is_none());
        assert_eq!((to_markdown(&[]), picture(&[])), (String::new(), None));
    }
}
