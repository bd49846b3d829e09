//! Whether spans of an output may lie within each other.

use serde::{Deserialize, Serialize};

use super::Task;
use crate::{Example, Mode};

/// Whether a span of a target may lie within another, and whether a [`OutputConstraint`](crate::Constraint)
/// lets one. An output that was written without a constraint is read as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nesting {
    /// No span lies within another: a token has one label at most. Of spans that overlap, the target shows
    /// the outermost or first.
    Flat,
    /// Spans may lie within each other.
    #[default]
    Nested,
}

impl Task {
    /// The task with outputs that nest as `nesting` says. At first spans may nest.
    ///
    /// ```
    /// use fishdip_tasks::{Entity, Example, Mode, Nesting, Schema, Task};
    ///
    /// let task = Task::ner(Schema::conll03(), Mode::Fixed);
    /// let mut example = Example::new(["Bank", "of", "England"]);
    /// example.entities = vec![Entity::new("ORG", 0, 3)];
    /// assert_eq!(task.nesting_of([&example]), Nesting::Flat);
    ///
    /// example.entities.push(Entity::new("LOC", 2, 3));
    /// let task = task.clone().with_nesting(task.nesting_of([&example]));
    /// assert_eq!(task.nesting(), Nesting::Nested);
    /// ```
    #[must_use]
    pub fn with_nesting(mut self, nesting: Nesting) -> Self {
        self.nesting = nesting;
        self
    }

    /// Whether outputs nest.
    pub fn nesting(&self) -> Nesting {
        self.nesting
    }

    /// Whether the targets of `examples` show a span within another, for [`Task::with_nesting`]. An example
    /// that cannot be encoded shows none; [`Task::encode`] says why.
    pub fn nesting_of<'a>(&self, examples: impl IntoIterator<Item = &'a Example>) -> Nesting {
        let nests = |example: &Example| {
            let training_inputs = self.training_inputs(example);
            // Only where the delimiters of the text are escaped are all brackets markup.
            let task = Self { quirks: Mode::Fixed.into(), nesting: Nesting::Nested, ..self.clone() };
            training_inputs
                .iter()
                .any(|lesson| task.encode(lesson).is_ok_and(|encoded| depth(&encoded.target) > 1))
        };
        if examples.into_iter().any(nests) { Nesting::Nested } else { Nesting::Flat }
    }
}

/// How many brackets are open at once, at most.
fn depth(target: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for c in target.chars() {
        match c {
            '[' => open += 1,
            ']' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Entity, Schema, TaskKind, TokenSpan};

    fn nesting(kind: TaskKind, example: &Example) -> Nesting {
        let names = [("A", "a"), ("B", "b")];
        let schema = Schema::new(names, names).unwrap().with_classes(names).unwrap();
        Task::new(kind, schema.with_triggers(names).unwrap(), Mode::Fixed).nesting_of([example])
    }

    #[test]
    fn the_targets_show_it_task_by_task() {
        let mut example = Example::new(["[", "]", "c", "d"]);
        (example.intent, example.predicate) = (Some("A".to_owned()), Some(TokenSpan::new(0, 1)));
        // Side by side, crossing, and the same span twice: none of them nests.
        let flat = ["A 0 2", "B 2 4", "A 1 3", "A 0 2"]
            .map(|span| span.split(' ').collect::<Vec<_>>())
            .map(|s| Entity::new(s[0], s[1].parse().unwrap(), s[2].parse().unwrap()));
        let all = |example: &mut Example, spans: &[Entity]| {
            example.entities = spans.to_vec();
            example.slots = spans.to_vec();
            example.roles = spans.to_vec();
            example.triggers = spans.to_vec();
            let mention = |span: &Entity| TokenSpan::new(span.start, span.end);
            example.clusters = vec![spans.iter().map(mention).collect()];
        };
        all(&mut example, &flat);
        let kinds =
            [TaskKind::Ner, TaskKind::JointEr, TaskKind::Slots, TaskKind::Srl, TaskKind::EventTriggers];
        for kind in kinds.into_iter().chain([TaskKind::Coref]) {
            assert_eq!(nesting(kind, &example), Nesting::Flat, "{kind}");
        }
        all(&mut example, &[Entity::new("A", 0, 3), Entity::new("B", 1, 2)]);
        for kind in kinds.into_iter().chain([TaskKind::Coref]) {
            assert_eq!(nesting(kind, &example), Nesting::Nested, "{kind}");
        }
        assert_eq!(nesting(TaskKind::DialogueState, &example), Nesting::Flat);
    }

    #[test]
    fn two_labels_of_one_span_nest() {
        let mut example = Example::new(["a"]);
        example.entities = vec![Entity::new("A", 0, 1), Entity::new("B", 0, 1)];
        assert_eq!(nesting(TaskKind::Ner, &example), Nesting::Nested);
    }
}
