//! Classes chosen by the loss a model gives to their targets, instead of by what it writes.

use super::{Task, TaskKind};
use crate::{Decoded, Example, Result};

/// A class, and the target that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The class, as the data writes it.
    pub label: String,
    /// The target whose loss is to be compared.
    pub target: String,
}

impl Task {
    /// The targets that say that `example` is of each of `labels`: relations or classes of texts.
    ///
    /// Whether their losses should count padding is one of the [`Quirks`](crate::Quirks).
    pub fn candidates<'a>(
        &self,
        example: &Example,
        labels: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Candidate>> {
        let candidate = |label: &str| {
            let mut example = example.clone();
            match self.kind {
                TaskKind::TextClassification => example.label = Some(label.to_owned()),
                _ => example.relation = Some(label.to_owned()),
            }
            Ok(Candidate { label: label.to_owned(), target: self.encode(&example)?.target })
        };
        labels.into_iter().map(candidate).collect()
    }

    /// The candidate of the least loss, as if it had been written. Of equal losses the first wins, NaN never
    /// does.
    pub fn choose(&self, candidates: &[Candidate], losses: &[f64]) -> Decoded {
        let numbered = candidates.iter().zip(losses).filter(|(_, loss)| !loss.is_nan());
        let least = numbered.reduce(|best, other| if other.1 < best.1 { other } else { best });
        let label = least.map(|(candidate, _)| candidate.label.clone());
        match self.kind {
            TaskKind::TextClassification => Decoded { label, ..Decoded::default() },
            _ => Decoded { relation: label, ..Decoded::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Mode, Schema, TokenSpan};

    #[test]
    fn the_least_loss_wins() {
        let schema = Schema::new([], [("A", "first"), ("B", "second"), ("C", "third")]).unwrap();
        let task = Task::relation_classification(schema, Mode::Fixed);
        let mut example = Example::new(["x", "y"]);
        (example.head, example.tail) = (Some(TokenSpan::new(0, 1)), Some(TokenSpan::new(1, 2)));
        let candidates = task.candidates(&example, ["C", "A", "B"]).unwrap();
        assert_eq!(candidates[0].target, "relationship between [ x ] and [ y ] = third");
        let choose = |losses: [f64; 3]| task.choose(&candidates, &losses).relation;
        assert_eq!(choose([2.0, 1.0, 1.0]).as_deref(), Some("A"));
        assert_eq!(choose([f64::NAN, 3.0, 2.0]).as_deref(), Some("B"));
        assert_eq!(choose([f64::NAN; 3]), None);
        assert!(task.candidates(&example, ["D"]).is_err());
    }
}
