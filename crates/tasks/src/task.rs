//! Tasks: what to read from an example, what to write, and how to score it.

mod kind;
mod ner;

pub use kind::TaskKind;

use crate::{Decoded, Example, Mode, Quirks, Report, Result, Schema};

/// One structured prediction task with its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    kind: TaskKind,
    schema: Schema,
    quirks: Quirks,
    prefix: Option<String>,
}

/// What a model reads and what it should write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The model's input.
    pub source: String,
    /// The output it should give.
    pub target: String,
    /// Indices of the entities that the target cannot show because they cross another one.
    pub dropped: Vec<usize>,
}

impl Task {
    /// The task `kind` with the labels of `schema`.
    pub fn new(kind: TaskKind, schema: Schema, mode: Mode) -> Self {
        Self { kind, schema, quirks: mode.into(), prefix: None }
    }

    /// Named entity recognition; entities may nest.
    pub fn ner(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::Ner, schema, mode)
    }

    /// Entities and the relations between them.
    pub fn joint_er(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::JointEr, schema, mode)
    }

    /// The relation of two given mentions.
    pub fn relation_classification(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::RelationClassification, schema, mode)
    }

    /// What a speaker wants (the schema's classes), and its slots (the schema's entities).
    pub fn slots(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::Slots, schema, mode)
    }

    /// The semantic roles of a predicate, which are the schema's entities.
    pub fn srl(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::Srl, schema, mode)
    }

    /// The state of a dialogue, over the schema's ontology.
    pub fn dialogue_state(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::DialogueState, schema, mode)
    }

    /// Which mentions speak of the same thing. It has no labels.
    pub fn coref(mode: Mode) -> Self {
        Self::new(TaskKind::Coref, Schema::default(), mode)
    }

    /// The first stage of event extraction: triggers.
    pub fn event_triggers(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::EventTriggers, schema, mode)
    }

    /// The second stage of event extraction: who and what takes part in the event of one given trigger.
    pub fn event_arguments(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::EventArguments, schema, mode)
    }

    /// The class of a text.
    pub fn text_classification(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::TextClassification, schema, mode)
    }

    /// The task with a mixture of both modes.
    #[must_use]
    pub fn with_quirks(mut self, quirks: Quirks) -> Self {
        self.quirks = quirks;
        self
    }

    /// The task with `descriptor : ` before every source, so that one model can do several.
    #[must_use]
    pub fn with_prefix(mut self, descriptor: &str) -> Self {
        self.prefix = Some(format!("{descriptor} : "));
        self
    }

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

    /// What is done as the original program does it.
    pub fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// What a model reads for `example`. Gold annotations of what is to be predicted are not looked at.
    pub fn source(&self, example: &Example) -> Result<String> {
        example.check()?;
        let source = match self.kind {
            _ => ner::source(self, example),
        };
        Ok(match &self.prefix {
            Some(prefix) => format!("{prefix}{source}"),
            None => source,
        })
    }

    /// What a model reads for `example` and what it should write.
    pub fn encode(&self, example: &Example) -> Result<Encoded> {
        let source = self.source(example)?;
        let (target, dropped) = match self.kind {
            _ => ner::target(self, example)?,
        };
        Ok(Encoded { source, target, dropped })
    }

    /// Reads what a model wrote for `example`; any text can be read. Gold annotations of what is predicted are not
    /// looked at.
    pub fn decode(&self, example: &Example, output: &str) -> Decoded {
        match self.kind {
            _ => ner::decode(self, example, output),
        }
    }

    /// The scores of gold examples and what was predicted for them.
    pub fn score<'a>(&self, pairs: impl IntoIterator<Item = (&'a Example, &'a Decoded)>) -> Report {
        match self.kind {
            _ => ner::score(pairs),
        }
    }
}
