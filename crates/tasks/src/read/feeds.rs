//! Which tasks a layout has data for.

use super::Format;
use crate::TaskKind;

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
            Self::Csv | Self::Tsv => &[Task::TextClassification, Task::Slots],
        }
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
