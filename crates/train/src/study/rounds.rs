//! `rounds.csv`: every round of every cell of a study of active learning.

use super::learning::Done;
use super::picked;
use super::text::{number, quoted};

/// A line a round, cell by cell: labels, scores, seconds, and of which class its new labels are.
pub(super) fn to_csv(done: &[Done<'_>]) -> String {
    let head = "cell,seed,round,labels,score,macro_f1,query_seconds,train_seconds,unforgettable,forgettable,moderately_forgettable,never_learnt,unknown";
    let mut text = format!("{head}\n");
    for done in done {
        for round in &done.rounds {
            let fields = [
                quoted(&done.cell.name),
                done.cell.seed.map_or_else(String::new, |seed| seed.to_string()),
                round.round.to_string(),
                round.labels.to_string(),
                number(Some(round.score)),
                number(round.macro_f1),
                number(round.query_seconds),
                number(Some(round.train_seconds)),
                picked::fields(round.picked),
            ];
            text += &fields.join(",");
            text.push('\n');
        }
    }
    text
}
