//! How each task is made, with an example of what it does.

use super::{Nesting, Task, TaskKind};
use crate::{Mode, Quirks, Schema};

impl Task {
    /// The task `kind` with the labels of `schema`.
    pub fn new(kind: TaskKind, schema: Schema, mode: Mode) -> Self {
        Self { kind, schema, quirks: mode.into(), prefix: None, nesting: Nesting::default() }
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
}
