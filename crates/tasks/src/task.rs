//! Tasks: what to read from an example, what to write, and how to score it.

mod ner;

use crate::{Decoded, Example, Mode, Report, Result, Schema};

/// One structured prediction task with its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    kind: Kind,
    schema: Schema,
    mode: Mode,
    prefix: Option<String>,
}

/// The kinds of task; each has a module here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ner,
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
    /// Named entity recognition; entities may nest.
    pub fn ner(schema: Schema, mode: Mode) -> Self {
        Self { kind: Kind::Ner, schema, mode, prefix: None }
    }

    /// The task with `descriptor : ` before every source, so that one model can do several.
    #[must_use]
    pub fn with_prefix(mut self, descriptor: &str) -> Self {
        self.prefix = Some(format!("{descriptor} : "));
        self
    }

    /// The task's name in configs and on the command line.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Ner => "ner",
        }
    }

    /// The labels.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Which behaviour was asked for.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// What a model reads for `example`. Gold annotations of what is to be predicted are not looked at.
    pub fn source(&self, example: &Example) -> Result<String> {
        example.check()?;
        let source = match self.kind {
            Kind::Ner => ner::source(self, example),
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
            Kind::Ner => ner::target(self, example)?,
        };
        Ok(Encoded { source, target, dropped })
    }

    /// Reads what a model wrote for `example`; any text can be read. Gold annotations of what is predicted are not
    /// looked at.
    pub fn decode(&self, example: &Example, output: &str) -> Decoded {
        match self.kind {
            Kind::Ner => ner::decode(self, example, output),
        }
    }

    /// The scores of gold examples and what was predicted for them.
    pub fn score<'a>(&self, pairs: impl IntoIterator<Item = (&'a Example, &'a Decoded)>) -> Report {
        match self.kind {
            Kind::Ner => ner::score(pairs),
        }
    }
}
