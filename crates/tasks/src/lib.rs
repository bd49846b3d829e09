//! Structured prediction as augmented natural language, without a tensor.
//!
//! A [`Task`] turns an [`Example`] into a source text and a target text
//! (`[ Tolkien | person ] was born here`), and turns the text a model wrote back into spans over the
//! example's tokens ([`Decoded`]), with a [`Repair`] for everything that was wrong in it. Gold and predicted
//! spans give a [`Report`] of scores.
//!
//! | task | source → target |
//! |---|---|
//! | [`ner`](Task::ner) | `Tolkien was born here` → `[ Tolkien \| person ] was born here` |
//! | [`joint_er`](Task::joint_er) | `Tolkien was born here` → `[ Tolkien \| person \| born in = here ] was born [ here \| location ]` |
//! | [`relation_classification`](Task::relation_classification) | `[ Tolkien ] was born [ here ] The relationship between [ Tolkien ] and [ here ] is` → `relationship between [ Tolkien ] and [ here ] = born in` |
//! | [`slots`](Task::slots) | `play Yesterday` → `(( play music )) play [ Yesterday \| track ]` |
//! | [`srl`](Task::srl) | `He [ ate ] it` → `[ He \| first argument ] ate [ it \| second argument ]` |
//! | [`dialogue_state`](Task::dialogue_state) | `[User]: my eyes hurt ;` → `[belief] hospital department eyes [belief]` |
//! | [`coref`](Task::coref) | `Tolkien liked his book` → `[ Tolkien ] liked [ his \| Tolkien ] book` |
//! | [`event_triggers`](Task::event_triggers) | `He died` → `He [ died \| die ]` |
//! | [`event_arguments`](Task::event_arguments) | `He [ died \| die ]` → `[ He \| person \| victim = died ] died` |
//! | [`text_classification`](Task::text_classification) | `A film .` → `objective` |
//!
//! A task works in one of two modes, or in a mixture of both: as the original program, TANL as FISH-DIP uses
//! it, with all its quirks, or with these corrected. [`Quirks`] lists them.
//!
//! | to | see |
//! |---|---|
//! | write and read the markup | [`codec`] |
//! | read and write data files | [`read`], [`write`](mod@write) |
//! | name labels in plain words | [`Schema`], [`Naming`] |
//! | see what would go wrong before training | [`check`](mod@check) |
//! | turn JSON lines into texts and outputs into spans | [`interchange`] |
//! | ask any language model, with examples | [`prompts`] |
//! | cut what is too long for a model, and join what is found in the parts | [`Task::windows`], [`Task::join_windows`] |
//! | let a model write only what can be read | [`OutputConstraint`] |
//! | score, and say how sure a score is | [`score`], [`Task::interval`], [`Task::compare`] |
//! | draw few-shot episodes and subsets as Python does | [`Episode`], [`python_random`] |
//! | cut raw text into words | [`words`](mod@words) |
//!
//! ```
//! use fishdip_tasks::{Entity, Example, Mode, Schema, Task};
//!
//! let task = Task::ner(Schema::conll03(), Mode::Fixed);
//! let mut example = Example::new(["Tolkien", "was", "born", "here"]);
//! example.entities.push(Entity::new("PER", 0, 1));
//!
//! let text = task.encode(&example)?;
//! assert_eq!(text.source, "Tolkien was born here");
//! assert_eq!(text.target, "[ Tolkien | person ] was born here");
//!
//! let decoded = task.decode(&example, &text.target);
//! assert_eq!((decoded.entities[0].start, decoded.entities[0].end), (0, 1));
//! assert!(decoded.repairs.is_empty());
//! # Ok::<(), fishdip_tasks::Error>(())
//! ```

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]
#![allow(clippy::doc_markdown, reason = "names of data sets are not code")]

pub mod check;
pub mod codec;
pub mod constraint;
mod counted;
mod decoded;
mod episode;
mod error;
mod example;
mod found;
pub mod interchange;
mod mention_swap;
mod mode;
mod origin;
pub mod prompts;
pub mod python_random;
mod quirks;
pub mod read;
mod schema;
pub mod score;
pub mod tags;
mod task;
mod text;
mod vocabulary;
pub mod words;
pub mod write;

pub use constraint::OutputConstraint;
pub use counted::counted;
pub use decoded::{Decoded, FoundArgument, FoundEntity, FoundRelation, Link, Repair, RepairKind};
pub use episode::{Episode, Shots};
pub use error::{
    CalibrationError, ConstraintError, Error, ExampleError, ReadError, Result, SchemaError, TagProblem,
};
pub use example::{Argument, Belief, CharRange, Entity, Example, Relation, TokenSpan};
pub use mention_swap::MentionSwap;
pub use mode::Mode;
pub use origin::Origin;
pub use quirks::Quirks;
pub use schema::{Naming, Ontology, Schema};
pub use score::Report;
pub use task::{Candidate, Chunk, Chunking, Encoded, Joined, Nesting, Outcomes, Task, TaskKind};
pub use text::shortened;
pub use vocabulary::Vocabulary;

/// The example of the README is run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
