//! Which piece ids can come next in an output.
//!
//! The output of a task is the source with markup, or a choice among labels, so at every step only few pieces
//! make sense: the next piece of the source, a bracket, a label. An [`OutputConstraint`] knows those of a
//! task, a [`State`] those behind the ids written so far. An output of legal ids alone is read without a
//! single repair: every label is known, every word is copied, every relation leads to a span that is marked.
//!
//! It is built in three layers. The `grammar` of an example is an automaton over words, made of a `sentence`
//! that is copied with its spans, or of a `dialogue`'s items, and of names, each kind of which is a `trie`.
//! Since a model writes piece ids, and ids can be those of several words, a `derivation` is one way to read the
//! ids so far as words, and a [`State`] holds all of them. Nothing is compiled in advance: a state lists what
//! can follow when it is asked.
//!
//! ```
//! use fishdip_tasks::{Entity, Example, Mode, OutputConstraint, Schema, Task, Vocabulary};
//!
//! /// Bytes, as pieces; 0 ends an output.
//! struct Bytes;
//!
//! impl Vocabulary for Bytes {
//!     fn ids(&self, word: &str, at_start: bool) -> Vec<u32> {
//!         let space = if at_start { "" } else { " " };
//!         space.bytes().chain(word.bytes()).map(u32::from).collect()
//!     }
//!
//!     fn end(&self) -> u32 {
//!         0
//!     }
//! }
//!
//! let task = Task::ner(Schema::conll03(), Mode::Fixed);
//! let constraint = OutputConstraint::new(&task, &Bytes)?;
//! let example = Example::new(["Tolkien", "lived"]);
//! let start = constraint.start(&example, &Bytes)?;
//!
//! let (mut state, mut ids) = (start.clone(), Vec::new());
//! state.legal(&mut ids);
//! assert_eq!(ids, [b'T', b'['].map(u32::from));
//! state.draft(100, &mut ids);
//! assert_eq!(ids, "Tolkien lived\0".bytes().map(u32::from).collect::<Vec<_>>());
//!
//! // A model chooses among the legal ids. This one chooses an entity, and takes the first else.
//! let wanted = "[ Tolkien | person ] lived\0";
//! for byte in wanted.bytes() {
//!     assert!(state.advance(byte.into()));
//! }
//! assert!(state.done());
//! let ids: Vec<u32> = wanted.bytes().map(u32::from).collect();
//! let text = start.render(&ids).unwrap().text;
//! let decoded = task.decode(&example, &text);
//! assert_eq!((decoded.entities[0].key(), decoded.repairs.len()), (("PER", 0, 1), 0));
//! # Ok::<(), fishdip_tasks::Error>(())
//! ```

mod derivation;
mod dialogue;
mod grammar;
mod markup;
mod references;
mod required_spans;
mod sentence;
mod sentence_position;
mod state;
mod tags;
mod transition;
mod trie;
mod units;
mod words;

pub use state::{Rendered, State};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::codec::{escape_item, escape_tokens};
use crate::task::dialogue::MARKER;
use crate::task::slots;
use crate::text::is_space;
use crate::{ConstraintError, Error, Example, Nesting, Result, Task, TaskKind, Vocabulary};

use dialogue::{Dialogue, Slot};
use grammar::{Body, Grammar};
use markup::{Markup, mark};
use sentence::{Sentence, TagKind};
use trie::Trie;
use units::Units;
use words::{WordId, Words};

/// How deep spans nest where a task lets them, unless [`OutputConstraint::nesting`] says otherwise.
const NESTING: usize = 8;

/// The most spans of one text that a rank can tell apart.
const MOST_ALIKE: usize = 1000;

/// What can be written for the examples of a task, in the pieces of a tokenizer.
#[derive(Clone, Debug)]
pub struct OutputConstraint {
    task: Task,
    words: Words,
    markup: Markup,
    comma: WordId,
    /// The marker before and behind a dialogue state.
    belief: WordId,
    /// How deep spans nest at most.
    nesting: usize,
    /// What spans are labelled with.
    labels: Arc<Trie>,
    /// What whole examples are labelled with: intents, relations, or classes of texts.
    classes: Arc<Trie>,
    relations: Arc<Trie>,
    /// The relations that each kind of event allows.
    roles: BTreeMap<String, Arc<Trie>>,
    slots: Arc<[Slot]>,
}

impl OutputConstraint {
    /// The constraint of `task`, which must be in fixed mode, for the tokenizer that `vocabulary` stands for.
    pub fn new(task: &Task, vocabulary: &dyn Vocabulary) -> Result<Self> {
        refuse_quirks(task)?;
        let schema = task.schema();
        let mut words = Words::new(vocabulary);
        let markup = Markup::new(&mut words, vocabulary)?;
        let mut trie = |names: &mut dyn Iterator<Item = &str>| -> Result<Arc<Trie>> {
            Ok(Arc::new(Trie::new((0..).zip(names), true, &mut words, vocabulary)?))
        };
        let kind = task.kind();
        let labels = match kind {
            TaskKind::EventTriggers => trie(&mut schema.triggers().map(|(_, name)| name))?,
            _ => trie(&mut schema.entities().map(|(_, name)| name))?,
        };
        let relations = trie(&mut schema.relations().map(|(_, name)| name))?;
        let classes = match kind {
            TaskKind::RelationClassification => Arc::clone(&relations),
            _ => trie(&mut schema.classes().map(|(_, name)| name))?,
        };
        let of_example = [TaskKind::RelationClassification, TaskKind::TextClassification, TaskKind::Slots];
        if of_example.contains(&kind) && classes.all().is_empty() {
            return Err(Error::Constraint(ConstraintError::NoClasses { task: task.name() }));
        }
        let mut roles = BTreeMap::new();
        for (trigger, _) in schema.triggers() {
            let all = (0..).zip(schema.relations());
            let allowed = all.filter(|&(_, (label, _))| schema.allows_role(trigger, label));
            let names = Trie::new(allowed.map(|(at, (_, name))| (at, name)), true, &mut words, vocabulary)?;
            roles.insert(trigger.to_owned(), Arc::new(names));
        }
        let comma = mark(",", &mut words, vocabulary)?;
        let belief = mark(MARKER, &mut words, vocabulary)?;
        let slots = dialogue::slots(task, &mut words, vocabulary)?;
        words.share();
        // `[` copies nothing, so without a bound it would stay legal at one place for ever.
        let nesting = if task.nesting() == Nesting::Flat { 1 } else { NESTING };
        let task = task.clone();
        Ok(Self { task, words, markup, comma, belief, nesting, labels, classes, relations, roles, slots })
    }

    /// The constraint with spans that nest at most `depth` deep: 1 for spans that do not. At first it is 8,
    /// or 1 for a task whose [nesting](Task::nesting) is flat.
    #[must_use]
    pub fn nesting(self, depth: usize) -> Self {
        Self { nesting: depth.max(1), ..self }
    }

    /// The start of an output for `example`, of any length. Gold annotations of what is predicted are not
    /// looked at.
    pub fn start(&self, example: &Example, vocabulary: &dyn Vocabulary) -> Result<State> {
        Ok(State::new(self.grammar(example, vocabulary)?, usize::MAX))
    }

    /// The start of an output of at most `most` ids, the end included: one that grows too long is brought to
    /// its end in time.
    pub fn start_within(&self, example: &Example, vocabulary: &dyn Vocabulary, most: usize) -> Result<State> {
        let state = State::new(self.grammar(example, vocabulary)?, most);
        match state.shortest(usize::MAX) {
            Some(needed) if needed > most => Err(Error::Constraint(ConstraintError::OutputTooLong {
                example: example.place(),
                needed,
                most,
            })),
            _ => Ok(state),
        }
    }

    fn grammar(&self, example: &Example, vocabulary: &dyn Vocabulary) -> Result<Grammar> {
        // The text is not needed here, but an example that cannot be asked is to be refused, such as one for
        // semantic roles without its predicate.
        self.task.source(example)?;
        let mut words = self.words.extended();
        let mut add = |text: &str| words.add_text(text, vocabulary);
        let (mut prefix, mut suffix) = (Vec::new(), Vec::new());
        let mut names = Some(Arc::clone(&self.classes));
        match self.task.kind() {
            TaskKind::Slots => (prefix, suffix) = (add(slots::OPEN), add(slots::CLOSE)),
            TaskKind::RelationClassification => prefix = add(&(self.task.statement(example)? + " =")),
            TaskKind::TextClassification => {}
            TaskKind::DialogueState => (prefix, names) = (vec![self.belief], None),
            _ => names = None,
        }
        let (body, pieceless) = self.body(example, &mut words, vocabulary);
        Ok(Grammar { words, prefix, names, suffix, body, pieceless })
    }

    /// What comes last, and its text if that has no pieces at all.
    fn body(&self, example: &Example, words: &mut Words, vocabulary: &dyn Vocabulary) -> (Body, String) {
        let kind = self.task.kind();
        match kind {
            TaskKind::RelationClassification | TaskKind::TextClassification => (Body::Nothing, String::new()),
            TaskKind::DialogueState => {
                let history = example.history.clone().unwrap_or_else(|| example.tokens.join(" "));
                // A value ends at a comma or at the marker, so it is written with its own commas and
                // delimiters escaped. What is copied must have the same form.
                let history = escape_item(&history);
                let units = Units(words.add(history.split(is_space), vocabulary));
                let slots = Arc::clone(&self.slots);
                let dialogue = Dialogue::new(slots, units, self.belief, self.comma);
                (Body::Dialogue(Box::new(dialogue)), String::new())
            }
            _ => {
                let tokens = escape_tokens(&example.tokens);
                let units = Units(words.add(tokens.iter().map(AsRef::as_ref), vocabulary));
                let pieceless = if units.len() == 0 { tokens.join(" ") } else { String::new() };
                let tags = self.tags(example, &units, words, vocabulary);
                let (labels, nesting) = (Arc::clone(&self.labels), self.nesting);
                let sentence = Sentence::new(units, labels, tags, nesting, self.markup, words);
                (Body::Sentence(Box::new(sentence)), pieceless)
            }
        }
    }

    fn tags(
        &self,
        example: &Example,
        units: &Units,
        words: &mut Words,
        vocabulary: &dyn Vocabulary,
    ) -> TagKind {
        let mut numbers = || -> Arc<[WordId]> {
            // A text stands at no more places than its first unit does, and at each place that many spans can
            // be nested. Ranks are written from 2 on: what 1 would mean, a tag without a rank means.
            let most = (units.most() * self.nesting).min(MOST_ALIKE);
            (2..=most).flat_map(|number| words.add_text(&number.to_string(), vocabulary)).collect()
        };
        match self.task.kind() {
            TaskKind::JointEr => {
                TagKind::Relations { names: Arc::clone(&self.relations), numbers: numbers() }
            }
            TaskKind::Coref => TagKind::Mention { numbers: numbers() },
            TaskKind::EventArguments => {
                // Every role names the trigger that is asked about, as in `[ Ann | person | attacker = hit ]`
                // where `hit` is the trigger. So what follows the name of a role is known in advance, word by
                // word.
                let trigger = example.triggers.first();
                let names = trigger.and_then(|trigger| self.roles.get(&trigger.label)).cloned();
                let text = trigger.and_then(|trigger| example.tokens.get(trigger.start..trigger.end));
                let value = format!("= {}", escape_tokens(text.unwrap_or_default()).join(" "));
                TagKind::Roles { names: names.unwrap_or_default(), value: words.add_text(&value, vocabulary) }
            }
            _ => TagKind::Label,
        }
    }
}

/// The outputs of these cannot be told in advance, or not all of them can be read.
fn refuse_quirks(task: &Task) -> Result<()> {
    let quirks = task.quirks();
    let refused = [
        (quirks.plain_delimiters, "plain-delimiters"),
        (quirks.cut_at_markers && task.kind() == TaskKind::Slots, "cut-at-markers"),
        (quirks.split_values && task.kind() == TaskKind::DialogueState, "split-values"),
    ];
    match refused.into_iter().find(|&(on, _)| on) {
        Some((_, quirk)) => Err(Error::Constraint(ConstraintError::NoConstraint { quirk })),
        None => Ok(()),
    }
}
