//! How probable a span must be.

use std::collections::BTreeMap;

use fishdip_tasks::{Task, TaskKind, shortened};

use crate::Error;
use crate::config::nearest;

/// Spans less probable than this are left out, and with them the relations and clusters that they are in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds {
    /// For spans of labels that are not listed; coreference has no labels.
    pub all: f64,
    /// For spans of a label.
    pub by_label: BTreeMap<String, f64>,
}

impl Thresholds {
    /// What spans of `label` must reach.
    pub fn of(&self, label: &str) -> f64 {
        self.by_label.get(label).copied().unwrap_or(self.all)
    }

    /// Refuses thresholds that cut nothing: of a task without spans, and of what is no label of its spans.
    pub(super) fn check_for(&self, task: &Task) -> Result<(), Error> {
        let is_default = self.all <= 0.0 && self.by_label.is_empty();
        if !is_default && !finds_spans(task.kind()) {
            return Err(Error::Data(format!(
                "--threshold cuts spans, and the task {} of the adapter finds none; leave it out",
                task.name()
            )));
        }
        let schema = task.schema();
        let pairs: Vec<(&str, &str)> = match task.kind() {
            TaskKind::EventTriggers => schema.triggers().collect(),
            _ => schema.entities().collect(),
        };
        let is_known = |label: &str| schema.is_open() || pairs.iter().any(|(own, _)| *own == label);
        let Some(unknown) = self.by_label.keys().find(|label| !is_known(label)) else { return Ok(()) };
        let labels = || pairs.iter().map(|(label, _)| *label);
        let hint = match pairs.iter().find(|(_, name)| name == unknown) {
            Some((label, _)) => Some((*label).to_owned()),
            None => nearest(unknown, labels()),
        };
        let hint = hint.map(|label| format!("; did you mean {label:?}?")).unwrap_or_default();
        Err(Error::Data(format!(
            "--threshold names {:?}, which is no label of the spans that the adapter finds ({}){hint}",
            shortened(unknown),
            labels().collect::<Vec<_>>().join(", ")
        )))
    }
}

fn finds_spans(kind: TaskKind) -> bool {
    !matches!(kind, TaskKind::RelationClassification | TaskKind::TextClassification | TaskKind::DialogueState)
}

/// The same for all labels.
impl From<f64> for Thresholds {
    fn from(all: f64) -> Self {
        Self { all, by_label: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use fishdip_tasks::{Mode, Schema};

    use super::*;

    fn of(label: &str) -> Thresholds {
        Thresholds { all: 0.5, by_label: BTreeMap::from([(label.to_owned(), 0.8)]) }
    }

    #[test]
    fn a_label_has_its_own_or_that_of_all() {
        let thresholds = of("PER");
        assert_eq!([thresholds.of("PER"), thresholds.of("LOC")].map(|p| p.to_string()), ["0.8", "0.5"]);
    }

    #[test]
    fn what_cuts_nothing_is_refused() {
        let ner = Task::ner(Schema::conll03(), Mode::Fixed);
        assert!(of("PER").check_for(&ner).is_ok());
        for (label, hint) in [("person", "did you mean \"PER\"?"), ("MISK", "did you mean \"MISC\"?")] {
            let message = of(label).check_for(&ner).unwrap_err().to_string();
            assert!(message.contains(hint) && message.contains("LOC, MISC, ORG, PER"), "{message}");
        }
        let classes = Task::new(TaskKind::TextClassification, Schema::open(), Mode::Fixed);
        assert!(Thresholds::from(0.0).check_for(&classes).is_ok());
        let message = Thresholds::from(0.1).check_for(&classes).unwrap_err().to_string();
        assert!(message.contains("text-classification"), "{message}");
    }
}
