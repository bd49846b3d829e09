//! Which tasks a layout has data for.

use super::Format;
use crate::{Example, TaskKind};

impl Format {
    /// The tasks that an example of this layout can hold annotations for. [`Format::Auto`] stands for all.
    pub fn feeds(self) -> &'static [TaskKind] {
        use TaskKind as Task;
        match self {
            Self::Auto | Self::Jsonl => &TaskKind::ALL,
            Self::Conll | Self::HfTokens | Self::AceEntities | Self::Genia => &[Task::Ner],
            Self::JsonSpans | Self::LabelStudio | Self::Doccano | Self::Prodigy => {
                &[Task::Ner, Task::JointEr, Task::TextClassification]
            }
            Self::Spacy => &[Task::Ner, Task::TextClassification],
            Self::Brat => &[Task::Ner, Task::JointEr, Task::EventTriggers, Task::EventArguments],
            Self::Spert | Self::Dygie | Self::Ade | Self::Nyt | Self::Triples => &[Task::Ner, Task::JointEr],
            Self::AceEvents => &[Task::EventTriggers, Task::EventArguments, Task::Ner],
            Self::Intents | Self::IntentTable => &[Task::Slots],
            Self::Fewrel | Self::Tacred | Self::Semeval | Self::Opennre => &[Task::RelationClassification],
            Self::Propbank | Self::Conll05 | Self::Conll12 => &[Task::Srl],
            Self::Coref | Self::CorefJson => &[Task::Coref],
            Self::Sgd | Self::Multiwoz | Self::MultiwozPrepared => &[Task::DialogueState],
            Self::Classes => &[Task::TextClassification],
            Self::Csv | Self::Tsv | Self::Parquet => &[Task::TextClassification, Task::Slots],
        }
    }

    /// The tasks of this layout that some of `examples` is annotated for. Entities are a part of entities and relations,
    /// so where there are relations, the task of both is meant.
    pub fn annotated_tasks<'a>(
        self,
        examples: impl IntoIterator<Item = &'a Example, IntoIter: Clone>,
    ) -> Vec<TaskKind> {
        let examples = examples.into_iter();
        let has = |task: TaskKind| examples.clone().any(|example| example.is_annotated_for(task));
        let mut tasks: Vec<TaskKind> = self.feeds().iter().copied().filter(|task| has(*task)).collect();
        if tasks.contains(&TaskKind::JointEr) {
            tasks.retain(|task| *task != TaskKind::Ner);
        }
        tasks
    }

    /// Why a file that is like this layout cannot be meant for `task`, and what to do.
    pub(super) fn misses(self, task: TaskKind) -> String {
        let tasks: Vec<&str> = self.feeds().iter().map(|task| task.name()).collect();
        let formats =
            Self::ALL.iter().filter(|format| **format != Self::Auto && format.feeds().contains(&task));
        let formats: Vec<&str> = formats.map(|format| format.name()).collect();
        format!(
            "it is for the task {}, not {}; choose that task, or give data of a layout that feeds {}: {}",
            tasks.join(" or "),
            task.name(),
            task.name(),
            formats.join(", ")
        )
    }
}

impl Example {
    /// Whether it has something that `task` is to find.
    pub fn is_annotated_for(&self, task: TaskKind) -> bool {
        match task {
            TaskKind::Ner => !self.entities.is_empty(),
            TaskKind::JointEr => !self.relations.is_empty(),
            TaskKind::RelationClassification => self.relation.is_some(),
            TaskKind::Slots => self.intent.is_some() || !self.slots.is_empty(),
            TaskKind::Srl => !self.roles.is_empty(),
            TaskKind::DialogueState => !self.belief.is_empty(),
            TaskKind::Coref => !self.clusters.is_empty(),
            TaskKind::EventTriggers => !self.triggers.is_empty(),
            TaskKind::EventArguments => !self.arguments.is_empty(),
            TaskKind::TextClassification => self.label.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::Result;
    use crate::read::ReadOptions;

    #[test]
    fn annotations_tell_what_they_are_for() {
        use TaskKind::{EventArguments, EventTriggers, JointEr, Ner, TextClassification};
        let spans =
            r#""spans": [{"start": 0, "end": 1, "label": "A"}, {"start": 2, "end": 3, "label": "A"}]"#;
        let relations = r#""relations": [{"head": 0, "tail": 1, "label": "R"}]"#;
        let cases: [(Format, String, &[TaskKind]); 7] = [
            (Format::JsonSpans, format!(r#"{{"text": "a b", {spans}}}"#), &[Ner]),
            (Format::JsonSpans, format!(r#"{{"text": "a b", {spans}, {relations}}}"#), &[JointEr]),
            (
                Format::JsonSpans,
                format!(r#"{{"text": "a b", {spans}, "label": "C"}}"#),
                &[Ner, TextClassification],
            ),
            (Format::JsonSpans, r#"{"text": "a b", "label": "C"}"#.to_owned(), &[TextClassification]),
            (Format::JsonSpans, r#"{"text": "a b", "spans": []}"#.to_owned(), &[]),
            (Format::Conll, "Ann B-PER\n".to_owned(), &[Ner]),
            (
                Format::AceEvents,
                r#"[{"tokens": ["a", "b"], "entities": [{"start": 0, "end": 1, "type": "E"}],
                    "triggers": [{"start": 1, "end": 2, "type": "T"}],
                    "relations": [{"head": 0, "tail": 0, "type": "R"}]}]"#
                    .to_owned(),
                &[EventTriggers, EventArguments, Ner],
            ),
        ];
        for (format, text, expected) in cases {
            let reader = std::io::Cursor::new(text.clone().into_bytes());
            let examples = format.read_from(reader, Path::new("f"), &ReadOptions::default()).unwrap();
            let examples = examples.collect::<Result<Vec<_>>>().unwrap();
            assert_eq!(format.annotated_tasks(&examples), expected, "{text}");
        }
    }
}
