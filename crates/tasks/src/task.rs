//! Tasks: what to read from an example, what to write, and how to score it.

mod chunks;
mod constructors;
mod coref;
pub(crate) mod dialogue;
mod events;
mod intervals;
mod joint_er;
mod judged;
mod kind;
mod labels;
mod ner;
mod nesting;
mod part;
mod ranking;
mod relation_classification;
pub(crate) mod slots;
mod spans;
mod srl;
mod text_classification;
mod windows;

pub use chunks::{Chunk, Chunking};
pub use intervals::Outcomes;
pub use kind::TaskKind;
pub use nesting::Nesting;
pub use ranking::Candidate;
pub use windows::Joined;

use crate::text::is_space;
use crate::{Decoded, Error, Example, ExampleError, Mode, Quirks, Report, Result, Schema};

/// Gold examples and what was predicted for them.
type Pairs<'a> = [(&'a Example, &'a Decoded)];

/// One structured prediction task with its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    kind: TaskKind,
    schema: Schema,
    quirks: Quirks,
    prefix: Option<String>,
    nesting: Nesting,
}

/// What a model reads and what it should write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The model's input.
    pub source: String,
    /// The output it should give.
    pub target: String,
    /// Indices of the entities (slots, roles, triggers; mentions, counted through all clusters) that the
    /// target cannot show because they cross another one.
    pub dropped: Vec<usize>,
}

impl Task {
    /// The task's name in configs and on the command line.
    pub fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// Which task it is.
    pub fn kind(&self) -> TaskKind {
        self.kind
    }

    /// The labels.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How markup is written: as the original program does, or with the delimiters of the text escaped.
    pub fn mode(&self) -> Mode {
        if self.quirks.plain_delimiters { Mode::Reference } else { Mode::Fixed }
    }

    /// Whether a text that is too long should lose its beginning rather than its end, so that the last turns
    /// of a dialogue are seen.
    pub fn keeps_end(&self) -> bool {
        self.kind == TaskKind::DialogueState
    }

    /// What is done as the original program does it.
    pub fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// The task as it is when the gold of a split is known: with the quirk `schema_from_gold` labels that no
    /// example has are dropped from the schema, for the tasks where the original does so (slots, semantic
    /// roles, relation classification).
    #[must_use]
    pub fn for_split<'a>(mut self, examples: impl IntoIterator<Item = &'a Example>) -> Self {
        let by_gold = [TaskKind::Slots, TaskKind::Srl, TaskKind::RelationClassification];
        if self.quirks.schema_from_gold && by_gold.contains(&self.kind) {
            self.schema = self.schema.restricted_to(examples);
        }
        self
    }

    /// What of `example` the model is asked one by one: for event arguments every trigger, otherwise the
    /// example itself. What of an instance the model reads at once, [`Task::chunks`] and [`Task::windows`]
    /// tell.
    pub fn instances(&self, example: &Example) -> Vec<Example> {
        match self.kind {
            TaskKind::EventArguments => events::instances(self, example),
            _ => vec![example.clone()],
        }
    }

    /// What a model reads for `example`. Gold annotations of what is to be predicted are not looked at.
    pub fn source(&self, example: &Example) -> Result<String> {
        example.check()?;
        // A text that was not cut into words is another layout, and would be answered as an empty one.
        let is_uncut = |text: &String| example.tokens.is_empty() && !text.chars().all(is_space);
        if self.reads_tokens() && example.text.as_ref().is_some_and(is_uncut) {
            return Err(self.no_field(example, "tokens"));
        }
        let source = match self.kind {
            TaskKind::Ner
            | TaskKind::JointEr
            | TaskKind::Slots
            | TaskKind::Coref
            | TaskKind::EventTriggers => spans::plain(self, example),
            TaskKind::RelationClassification => relation_classification::source(self, example)?,
            TaskKind::Srl => srl::source(self, example)?,
            TaskKind::DialogueState => dialogue::source(self, example)?,
            TaskKind::EventArguments => events::argument_source(self, example)?,
            TaskKind::TextClassification => text_classification::source(example),
        };
        Ok(match &self.prefix {
            Some(prefix) => format!("{prefix}{source}"),
            None => source,
        })
    }

    /// What a model reads for `example` and what it should write. A span that is annotated twice is written
    /// once, but for the original's markup, which repeats it.
    pub fn encode(&self, example: &Example) -> Result<Encoded> {
        example.check()?;
        let once = if self.mode() == Mode::Fixed { example.once() } else { None };
        let Some(once) = once else { return self.encode_as_it_is(example) };
        let mut encoded = self.encode_as_it_is(&once.example)?;
        let places = match self.kind {
            TaskKind::Slots => &once.slot,
            TaskKind::Srl => &once.role,
            TaskKind::EventTriggers => &once.trigger,
            TaskKind::Coref => &once.mention,
            _ => &once.entity,
        };
        encoded.dropped = (0..places.len()).filter(|&i| encoded.dropped.contains(&places[i])).collect();
        Ok(encoded)
    }

    fn encode_as_it_is(&self, example: &Example) -> Result<Encoded> {
        let source = self.source(example)?;
        let (target, dropped) = match self.kind {
            TaskKind::Ner => ner::target(self, example)?,
            TaskKind::JointEr => joint_er::target(self, example)?,
            TaskKind::RelationClassification => (relation_classification::target(self, example)?, Vec::new()),
            TaskKind::Slots => slots::target(self, example)?,
            TaskKind::Srl => srl::target(self, example)?,
            TaskKind::DialogueState => (dialogue::target(self, example)?, Vec::new()),
            TaskKind::Coref => coref::target(self, example),
            TaskKind::EventTriggers => events::trigger_target(self, example)?,
            TaskKind::EventArguments => events::argument_target(self, example)?,
            TaskKind::TextClassification => (text_classification::target(self, example)?, Vec::new()),
        };
        Ok(Encoded { source, target, dropped })
    }

    /// Reads what a model wrote for `example`; any text can be read. Gold annotations of what is predicted
    /// are not looked at.
    pub fn decode(&self, example: &Example, output: &str) -> Decoded {
        match self.kind {
            TaskKind::Ner => ner::decode(self, example, output),
            TaskKind::JointEr => joint_er::decode(self, spans::Table::Entities, example, output),
            TaskKind::RelationClassification => relation_classification::decode(self, example, output),
            TaskKind::Slots => slots::decode(self, example, output),
            TaskKind::Srl => srl::decode(self, example, output),
            TaskKind::DialogueState => dialogue::decode(self, output),
            TaskKind::Coref => coref::decode(self, example, output),
            TaskKind::EventTriggers => events::decode_triggers(self, example, output),
            TaskKind::EventArguments => events::decode_arguments(self, example, output),
            TaskKind::TextClassification => text_classification::decode(self, output),
        }
    }

    /// The scores of gold examples and what was predicted for them.
    pub fn score<'a>(&self, pairs: impl IntoIterator<Item = (&'a Example, &'a Decoded)>) -> Report {
        let pairs: Vec<_> = pairs.into_iter().collect();
        match self.kind {
            TaskKind::Ner => ner::score(self, &pairs),
            TaskKind::JointEr => joint_er::score(self, &pairs),
            TaskKind::RelationClassification => relation_classification::score(self, &pairs),
            TaskKind::Slots => slots::score(self, &pairs),
            TaskKind::Srl => srl::score(self, &pairs),
            TaskKind::DialogueState => dialogue::score(self, &pairs),
            TaskKind::Coref => coref::score(self, &pairs),
            TaskKind::EventTriggers => events::score_triggers(self, &pairs),
            TaskKind::EventArguments => events::score_arguments(self, &pairs),
            TaskKind::TextClassification => text_classification::score(&pairs),
        }
    }

    /// Whether what the model reads is made of tokens.
    fn reads_tokens(&self) -> bool {
        !matches!(self.kind, TaskKind::DialogueState | TaskKind::TextClassification)
    }

    fn no_field(&self, example: &Example, field: &'static str) -> Error {
        Error::Example(ExampleError::NoField { example: example.place(), task: self.name(), field })
    }
}

fn unknown_label(example: &Example, label: &str, known: &[&str]) -> Error {
    if !crate::schema::can_be_name(label) {
        return Error::Example(ExampleError::NoName { example: example.place(), label: label.to_owned() });
    }
    Error::Example(ExampleError::UnknownLabel {
        example: example.place(),
        label: label.to_owned(),
        known: known.join(", "),
    })
}

/// The natural name of a class, which the example must not have made up.
fn class_name(task: &Task, example: &Example, label: &str) -> Result<String> {
    let known = || task.schema.classes().map(|(label, _)| label).collect::<Vec<_>>();
    let name = task.schema.class_name(label).map(str::to_owned);
    name.ok_or_else(|| unknown_label(example, label, &known()))
}
