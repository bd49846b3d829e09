//! Tasks: what to read from an example, what to write, and how to score it.

mod chunks;
mod coref;
mod dialogue;
mod events;
mod joint_er;
mod kind;
mod ner;
mod ranking;
mod relation_classification;
mod slots;
mod spans;
mod srl;
mod text_classification;

pub use chunks::{Chunk, Chunking};
pub use kind::TaskKind;
pub use ranking::Candidate;

use crate::{Decoded, Error, Example, Mode, Quirks, Report, Result, Schema};

/// Gold examples and what was predicted for them.
type Pairs<'a> = [(&'a Example, &'a Decoded)];

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
    /// Indices of the entities (slots, roles, triggers; mentions, counted through all clusters) that the target cannot
    /// show because they cross another one.
    pub dropped: Vec<usize>,
}

impl Task {
    /// The task `kind` with the labels of `schema`.
    pub fn new(kind: TaskKind, schema: Schema, mode: Mode) -> Self {
        Self { kind, schema, quirks: mode.into(), prefix: None }
    }

    /// Named entity recognition; entities may nest.
    ///
    /// ```
    /// use fishdip_tasks::{Entity, Example, Mode, Schema, Task};
    ///
    /// let mut example = Example::new(["Bank", "of", "England"]);
    /// example.entities = vec![Entity::new("ORG", 0, 3), Entity::new("LOC", 2, 3)];
    /// let encoded = Task::ner(Schema::conll03(), Mode::Fixed).encode(&example)?;
    /// assert_eq!(encoded.target, "[ Bank of [ England | location ] | organization ]");
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
    pub fn ner(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::Ner, schema, mode)
    }

    /// Entities and the relations between them.
    ///
    /// ```
    /// use fishdip_tasks::{Example, Mode, Schema, Task};
    ///
    /// let task = Task::joint_er(Schema::conll04(), Mode::Fixed);
    /// let example = Example::new(["Tolkien", "was", "born", "here"]);
    /// let found = task.decode(&example, "[ Tolkien | person | lives in = here ] was born [ here | location ]");
    /// let relation = &found.relations[0];
    /// assert_eq!(relation.label, "Live_In");
    /// assert_eq!((relation.head.start, relation.tail.start), (0, 3));
    /// ```
    pub fn joint_er(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::JointEr, schema, mode)
    }

    /// The relation of two given mentions.
    ///
    /// Where a model writes a relation that the schema does not have, or in few-shot episodes, the losses of
    /// [`Task::candidates`] decide.
    ///
    /// ```
    /// use fishdip_tasks::{Example, Mode, Schema, Task, TokenSpan};
    ///
    /// let schema = Schema::new([], [("P19", "born in"), ("P20", "died in")])?;
    /// let task = Task::relation_classification(schema, Mode::Fixed);
    /// let mut example = Example::new(["Tolkien", "was", "born", "here"]);
    /// (example.head, example.tail) = (Some(TokenSpan::new(0, 1)), Some(TokenSpan::new(3, 4)));
    ///
    /// let question = "The relationship between [ Tolkien ] and [ here ] is";
    /// assert_eq!(task.source(&example)?, format!("[ Tolkien ] was born [ here ] {question}"));
    /// let candidates = task.candidates(&example, ["P19", "P20"])?;
    /// assert_eq!(candidates[0].target, "relationship between [ Tolkien ] and [ here ] = born in");
    /// assert_eq!(task.choose(&candidates, &[0.3, 0.7]).relation.as_deref(), Some("P19"));
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
    pub fn relation_classification(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::RelationClassification, schema, mode)
    }

    /// What a speaker wants (the schema's classes), and its slots (the schema's entities).
    ///
    /// ```
    /// use fishdip_tasks::{Entity, Example, Mode, Naming, Schema, Task};
    ///
    /// let mut example = Example::new(["play", "something", "from", "1999"]);
    /// example.intent = Some("PlayMusic".to_owned());
    /// example.slots = vec![Entity::new("year", 3, 4)];
    /// let task = Task::slots(Schema::seen([&example], Naming::Snips)?, Mode::Fixed);
    /// assert_eq!(task.encode(&example)?.target, "(( play music )) play something from [ 1999 | year ]");
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
    pub fn slots(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::Slots, schema, mode)
    }

    /// The semantic roles of a predicate, which are the schema's entities.
    ///
    /// ```
    /// use fishdip_tasks::{Entity, Example, Mode, Naming, Schema, Task, TokenSpan};
    ///
    /// let mut example = Example::new(["He", "ate", "it"]);
    /// example.predicate = Some(TokenSpan::new(1, 2));
    /// example.roles = vec![Entity::new("ARG0", 0, 1), Entity::new("ARG1", 2, 3)];
    /// let task = Task::srl(Schema::seen([&example], Naming::Conll05Srl)?, Mode::Fixed);
    /// let encoded = task.encode(&example)?;
    /// assert_eq!(encoded.source, "He [ ate ] it");
    /// assert_eq!(encoded.target, "[ He | first argument ] ate [ it | second argument ]");
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
    pub fn srl(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::Srl, schema, mode)
    }

    /// The state of a dialogue, over the schema's ontology.
    ///
    /// ```
    /// use fishdip_tasks::{Belief, Example, Mode, Schema, Task};
    ///
    /// let task = Task::dialogue_state(Schema::multiwoz(), Mode::Fixed);
    /// let mut example = Example::default();
    /// example.history = Some("[User]: my eyes hurt ;".to_owned());
    /// example.belief = vec![Belief::new("hospital", "department", "eyes")];
    /// let target = task.encode(&example)?.target;
    /// assert_eq!(target, "[belief] hospital department eyes [belief]");
    /// assert_eq!(task.decode(&example, &target).belief, example.belief);
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
    pub fn dialogue_state(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::DialogueState, schema, mode)
    }

    /// Which mentions speak of the same thing. It has no labels.
    ///
    /// ```
    /// use fishdip_tasks::{Chunking, Example, Mode, Task, TokenSpan};
    ///
    /// let task = Task::coref(Mode::Fixed);
    /// let mut document = Example::new(["Tolkien", "liked", "his", "book"]);
    /// document.clusters = vec![vec![TokenSpan::new(0, 1), TokenSpan::new(2, 3)]];
    ///
    /// let mut found = Vec::new();
    /// for chunk in Chunking::default().chunks(&document) {
    ///     let target = task.encode(&chunk.example)?.target;
    ///     assert_eq!(target, "[ Tolkien ] liked [ his | Tolkien ] book");
    ///     found.push((chunk.offset, task.decode(&chunk.example, &target)));
    /// }
    /// let whole = task.join_chunks(found.iter().map(|(offset, decoded)| (*offset, decoded)));
    /// assert_eq!(whole.clusters, document.clusters);
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
    pub fn coref(mode: Mode) -> Self {
        Self::new(TaskKind::Coref, Schema::default(), mode)
    }

    /// The first stage of event extraction: triggers.
    ///
    /// ```
    /// use fishdip_tasks::{Entity, Example, Mode, Schema, Task};
    ///
    /// let schema = Schema::new([("PER", "person")], [("Victim", "victim")])?.with_triggers([("Die", "die")])?;
    /// let triggers = Task::event_triggers(schema.clone(), Mode::Fixed);
    /// let arguments = Task::event_arguments(schema, Mode::Fixed);
    /// let sentence = Example::new(["He", "died"]);
    ///
    /// let mut found = triggers.decode(&sentence, "He [ died | die ]");
    /// for prompt in arguments.argument_prompts(&sentence, &found) {
    ///     assert_eq!(arguments.source(&prompt)?, "He [ died | die ]");
    ///     found.add_arguments(arguments.decode(&prompt, "[ He | person | victim = died ] died"));
    /// }
    /// assert_eq!(found.arguments[0].label, "Victim");
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
    pub fn event_triggers(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::EventTriggers, schema, mode)
    }

    /// The second stage of event extraction: who and what takes part in the event of one given trigger.
    ///
    /// ```
    /// use fishdip_tasks::{Argument, Entity, Example, Mode, Schema, Task};
    ///
    /// let schema = Schema::new([("PER", "person")], [("Victim", "victim")])?.with_triggers([("Die", "die")])?;
    /// let mut sentence = Example::new(["He", "died"]);
    /// sentence.entities = vec![Entity::new("PER", 0, 1)];
    /// sentence.triggers = vec![Entity::new("Die", 1, 2)];
    /// sentence.arguments = vec![Argument::new("Victim", 0, 0)];
    /// let encoded = Task::event_arguments(schema, Mode::Fixed).encode(&sentence)?;
    /// assert_eq!(encoded.source, "He [ died | die ]");
    /// assert_eq!(encoded.target, "[ He | person | victim = died ] died");
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
    pub fn event_arguments(schema: Schema, mode: Mode) -> Self {
        Self::new(TaskKind::EventArguments, schema, mode)
    }

    /// The class of a text.
    ///
    /// ```
    /// use fishdip_tasks::{Example, Mode, Schema, Task};
    ///
    /// let schema = Schema::default().with_classes([("0", "objective"), ("1", "subjective")])?;
    /// let task = Task::text_classification(schema, Mode::Fixed);
    /// let mut example = Example::default();
    /// (example.text, example.label) = (Some("A film .".to_owned()), Some("0".to_owned()));
    /// assert_eq!(task.encode(&example)?.target, "objective");
    /// # Ok::<(), fishdip_tasks::Error>(())
    /// ```
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

    /// The task as it is when the gold of a split is known: with the quirk `schema_from_gold` labels that no example has
    /// are dropped from the schema, for the tasks where the original does so (slots, semantic roles, relation
    /// classification).
    #[must_use]
    pub fn for_split<'a>(mut self, examples: impl IntoIterator<Item = &'a Example>) -> Self {
        let by_gold = [TaskKind::Slots, TaskKind::Srl, TaskKind::RelationClassification];
        if self.quirks.schema_from_gold && by_gold.contains(&self.kind) {
            self.schema = self.schema.restricted_to(examples);
        }
        self
    }

    /// What of `example` the model is asked one by one: for event arguments every trigger, otherwise the example itself.
    /// Long documents are cut with [`Chunking`].
    pub fn instances(&self, example: &Example) -> Vec<Example> {
        match self.kind {
            TaskKind::EventArguments => events::instances(self, example),
            _ => vec![example.clone()],
        }
    }

    /// What a model reads for `example`. Gold annotations of what is to be predicted are not looked at.
    pub fn source(&self, example: &Example) -> Result<String> {
        example.check()?;
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

    /// What a model reads for `example` and what it should write.
    pub fn encode(&self, example: &Example) -> Result<Encoded> {
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

    /// Reads what a model wrote for `example`; any text can be read. Gold annotations of what is predicted are not
    /// looked at.
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
            TaskKind::Coref => coref::score(&pairs),
            TaskKind::EventTriggers => events::score_triggers(self, &pairs),
            TaskKind::EventArguments => events::score_arguments(self, &pairs),
            TaskKind::TextClassification => text_classification::score(&pairs),
        }
    }

    fn no_field(&self, example: &Example, field: &'static str) -> Error {
        Error::NoField { example: example.place(), task: self.name(), field }
    }
}

fn unknown_label(example: &Example, label: &str, known: &[&str]) -> Error {
    Error::UnknownLabel { example: example.place(), label: label.to_owned(), known: known.join(", ") }
}

/// The natural name of a class, which the example must not have made up.
fn class_name(task: &Task, example: &Example, label: &str) -> Result<String> {
    let known = || task.schema.classes().map(|(label, _)| label).collect::<Vec<_>>();
    let name = task.schema.class_name(label).map(str::to_owned);
    name.ok_or_else(|| unknown_label(example, label, &known()))
}
