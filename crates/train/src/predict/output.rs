//! What answers are written as.

mod brat;
mod conll;
mod csv;
mod label_studio;
mod lines;

use std::io::{self, Write};
use std::path::PathBuf;

use fishdip_tasks::TaskKind;
use fishdip_tasks::read::ReadOptions;

use super::Refusal;
use super::answer::Answer;
use crate::Error;
use crate::adapted::AdaptedModel;
use crate::warnings::Kind;

/// What the output looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OutputFormat {
    /// A JSON object a line, as soon as it is known.
    #[default]
    Jsonl,
    /// Columns of words and IOB2 tags; ids, fields and errors in comments before a sentence.
    Conll,
    /// Tasks of Label Studio with predictions.
    LabelStudio,
    /// A folder of texts and brat's annotations, which must not exist; it appears when all is answered.
    Brat(PathBuf),
    /// A table, when all is answered: a row a span, or a class.
    Csv,
}

impl OutputFormat {
    /// Its name on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Conll => "conll",
            Self::LabelStudio => "label-studio",
            Self::Brat(_) => "brat",
            Self::Csv => "csv",
        }
    }

    /// What the name of its file ends with; a folder's with nothing.
    pub fn extension(&self) -> &'static str {
        match self {
            Self::Jsonl => ".jsonl",
            Self::Conll => ".conll",
            Self::LabelStudio => ".json",
            Self::Brat(_) => "",
            Self::Csv => ".csv",
        }
    }

    /// Why it cannot show what a task finds.
    fn lacks(&self, kind: TaskKind) -> Option<&'static str> {
        use TaskKind as Task;
        let shown: &[Task] = match self {
            Self::Jsonl => return None,
            Self::Conll => &[Task::Ner, Task::EventTriggers, Task::Slots],
            Self::LabelStudio => {
                &[Task::Ner, Task::EventTriggers, Task::JointEr, Task::Slots, Task::TextClassification]
            }
            Self::Brat(_) => &[Task::Ner, Task::EventTriggers, Task::JointEr],
            Self::Csv => &[
                Task::Ner,
                Task::EventTriggers,
                Task::Slots,
                Task::TextClassification,
                Task::RelationClassification,
            ],
        };
        if shown.contains(&kind) {
            return None;
        }
        Some(match (self, kind) {
            (_, Task::JointEr) => "it shows spans, not the relations between them",
            (_, Task::Coref) => "it shows spans, not which of them mean the same thing",
            (_, Task::Srl) => {
                "the roles belong to one predicate, and a text may have several, which it does not tell apart"
            }
            (_, Task::EventArguments) => {
                "the roles belong to one event, and a text may have several, which it does not tell apart"
            }
            (_, Task::DialogueState) => "a dialogue state is neither spans nor a class of the text",
            (_, Task::Slots) => "it has no place for the intent of a text",
            (Self::LabelStudio, Task::RelationClassification) => {
                "the relation belongs to one pair of mentions, and a text may have several, which it does not tell apart"
            }
            (_, Task::RelationClassification | Task::TextClassification) => {
                "it shows spans, and the task finds none"
            }
            _ => "it does not know the task",
        })
    }

    /// Refuses a task whose answers it cannot show.
    pub(super) fn check_for(&self, kind: TaskKind) -> Result<(), Error> {
        let Some(reason) = self.lacks(kind) else { return Ok(()) };
        let all = [Self::Jsonl, Self::Conll, Self::LabelStudio, Self::Brat(PathBuf::new()), Self::Csv];
        let able: Vec<&str> =
            all.iter().filter(|format| format.lacks(kind).is_none()).map(Self::name).collect();
        Err(Error::Data(format!(
            "the output format {} cannot show what the task {kind} of the adapter finds: {reason}; choose another ({})",
            self.name(),
            able.join(", ")
        )))
    }

    /// What writes it, to `out` unless it is a folder; `read` says which control of a labelling interface is meant.
    pub(super) fn open<'w>(
        &self,
        adapted: &AdaptedModel,
        read: &ReadOptions,
        out: &'w mut dyn Write,
    ) -> Result<Box<dyn Output + 'w>, Error> {
        self.check_for(adapted.task().kind())?;
        Ok(match self {
            Self::Jsonl => Box::new(lines::Lines(out)),
            Self::Conll => Box::new(conll::Sentences(out)),
            Self::LabelStudio => {
                let asked = read.tag_column.clone().map(String::from);
                Box::new(label_studio::Tasks::new(out, model_name(adapted), asked))
            }
            Self::Brat(folder) => Box::new(brat::Documents::new(folder, adapted.task())?),
            Self::Csv => Box::new(csv::Table::new(out, adapted.task().kind())),
        })
    }
}

/// What an adapter is called in annotations.
fn model_name(adapted: &AdaptedModel) -> String {
    format!("fishdip {}", adapted.folder.display())
}

/// Where answers go.
pub(super) trait Output {
    /// Writes an answer. What it cannot show of it is told.
    fn answer(&mut self, answer: &Answer) -> io::Result<Option<Unshown>>;

    /// Writes that an input has no answer; false where the format has no place for that.
    fn refusal(&mut self, refusal: &Refusal) -> io::Result<bool>;

    /// Sends on what was written so far.
    fn flush(&mut self) -> io::Result<()>;

    /// Writes what can only be written in the end.
    fn finish(&mut self) -> io::Result<()>;

    /// Whether it has fields of its own beside those of the input, of which some may be called alike.
    fn has_fields(&self) -> bool;

    /// The columns that it has in every row, if it is a table.
    fn columns(&self) -> &'static [&'static str] {
        &[]
    }
}

/// What an output cannot show of an answer, or shows in a way that one should know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unshown {
    /// Spans that overlap others.
    Spans,
    /// The text, a word of which holds white space.
    Text,
    /// Cells that are run by programs that show tables.
    Formula,
    /// Which of several controls what was found is of.
    Controls,
}

impl Unshown {
    /// The same for one example and for several, in words that follow these.
    pub(super) fn words(self) -> Kind {
        match self {
            Self::Spans => [
                "has spans that overlap others, which columns cannot show",
                "have spans that overlap others, which columns cannot show",
            ],
            Self::Text => [
                "has words with white space, which columns cannot hold, and is not in the output",
                "have words with white space, which columns cannot hold, and are not in the output",
            ],
            Self::Formula => [
                "has a cell that begins with =, +, - or @ and is written as it is; spreadsheet programs take it for a formula unless its column is imported \
                 as text",
                "have cells that begin with =, +, - or @ and are written as they are; spreadsheet programs take them for formulas unless their columns are \
                 imported as text",
            ],
            Self::Controls => [
                "has several controls of what was found (from_name), of which one is taken; choose it with --tag-column",
                "have several controls of what was found (from_name), of which one is taken; choose it with --tag-column",
            ],
        }
    }
}

#[cfg(test)]
mod tests;
