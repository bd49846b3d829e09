//! What is in a data folder, and what would go wrong in training on it.

mod hidden;
mod lengths;

pub use lengths::Lengths;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::counted::counted;
use crate::read::{Note, NoteKind};
use crate::{Example, Origin, Result, Task};

/// What a tokenizer makes of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// How many pieces, with the end mark.
    pub pieces: usize,
    /// What the pieces cannot give back, in order.
    pub lost: String,
}

/// Measures a text; nothing where no tokenizer is known.
pub type Measure<'a> = &'a dyn Fn(&str) -> Option<Measured>;

/// Everything that was found in the splits of a data set.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Check {
    /// By name, as given.
    pub splits: BTreeMap<String, SplitCheck>,
    /// How often each label is annotated in each split: label → split → count.
    pub labels: BTreeMap<String, BTreeMap<String, usize>>,
    /// In the order of the splits and of their examples.
    pub problems: Vec<Problem>,
    /// What the readers tell beside the examples, in the same order.
    pub notes: Vec<CheckNote>,
    #[serde(skip)]
    seen: BTreeMap<String, Seen>,
}

/// One split.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SplitCheck {
    /// Examples that could be read.
    pub examples: usize,
    /// What the model learns from, text by text: more than the examples where a document is cut or every
    /// trigger is asked for.
    pub instances: usize,
    /// Lengths of the sources in pieces, with the end mark.
    #[serde(skip_serializing_if = "Lengths::is_empty")]
    pub source_pieces: Lengths,
    /// Lengths of the targets in pieces, with the end mark.
    #[serde(skip_serializing_if = "Lengths::is_empty")]
    pub target_pieces: Lengths,
}

/// Something that would go wrong, or that one should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// The split.
    pub split: String,
    /// The example: its file and line, else its id.
    pub place: String,
    /// More about it.
    pub detail: String,
}

/// Something that a reader left out or took for granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckNote {
    /// What it is.
    pub kind: NoteKind,
    /// The split.
    pub split: String,
    /// File and line; empty where it is about the whole file.
    pub place: String,
    /// More about it.
    pub detail: String,
}

/// The kinds of [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// A part of the file cannot be read.
    Unreadable,
    /// The task cannot encode the example.
    NotEncodable,
    /// Spans that cross others: the target cannot show them.
    HiddenSpans,
    /// Mentions that are in two clusters: the target shows each in the first alone.
    TwoClusters,
    /// Characters that the tokenizer cannot represent.
    LostCharacters,
    /// The source is longer than the limit.
    SourceTooLong,
    /// The target is longer than the limit.
    TargetTooLong,
    /// The same source with the same target was there before.
    Duplicate,
    /// The same source was there before, with another target.
    Conflict,
    /// The same source is in an earlier split.
    InOtherSplit,
    /// There is no example in the split.
    NoExample,
    /// Nothing in the split is annotated for the task.
    NoLabel,
    /// The labels cannot be the names that a model reads and writes.
    BadLabels,
    /// The file was checked already: training and scoring on the same examples tells nothing.
    SameFile,
}

/// What may be too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PieceLimits {
    /// Pieces of a source.
    pub source: usize,
    /// Pieces of a target.
    pub target: usize,
}

/// Where a source was first seen, and with what target.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    split: String,
    place: String,
    target: String,
}

impl Check {
    /// Adds a split called `name`. An example that could not be read is a problem as any other.
    pub fn add(
        &mut self,
        task: &Task,
        name: &str,
        examples: impl IntoIterator<Item = Result<Example>>,
        measure: Measure<'_>,
        limits: PieceLimits,
    ) {
        let mut split = SplitCheck::default();
        let (mut unreadable, mut labelled) = (false, false);
        for example in examples {
            let example = match example {
                Ok(example) => example,
                Err(error) => {
                    let place = error.place().unwrap_or_default();
                    let detail = error.reason(&place);
                    self.note(ProblemKind::Unreadable, name, place, detail);
                    unreadable = true;
                    continue;
                }
            };
            split.examples += 1;
            for seen in task.labels(&example) {
                labelled = true;
                *self.labels.entry(seen.label).or_default().entry(name.to_owned()).or_default() += 1;
            }
            for detail in hidden::two_clusters(task, &example) {
                self.note(ProblemKind::TwoClusters, name, example.place(), detail);
            }
            for instance in task.training_inputs(&example) {
                split.instances += 1;
                self.instance(task, name, &instance, measure, limits, &mut split);
            }
        }
        let kind = if split.examples == 0 { ProblemKind::NoExample } else { ProblemKind::NoLabel };
        // A file that cannot be read may hold what was not seen.
        if !unreadable && !labelled {
            let detail = match kind {
                ProblemKind::NoExample => "check that it is the right file, in the right format",
                _ => "nothing can be learned from it, and nothing scored; check the task and the format",
            };
            self.note(kind, name, String::new(), detail.to_owned());
        }
        self.splits.insert(name.to_owned(), split);
    }

    /// Adds what the reader of the split `name` told beside the examples. A mention in two clusters, of which one is
    /// lost, is a problem, whoever tells it.
    pub fn add_notes(&mut self, name: &str, notes: impl IntoIterator<Item = Note>) {
        let place = |at: Option<Origin>| at.map_or_else(String::new, |at| at.to_string());
        let (clusters, others): (Vec<Note>, Vec<Note>) =
            notes.into_iter().partition(|note| note.kind == NoteKind::TwoClusters);
        // The reader knows what the file calls the clusters, so it tells the problem in the place of the other.
        if !clusters.is_empty() {
            self.problems.retain(|problem| problem.split != name || problem.kind != ProblemKind::TwoClusters);
        }
        for Note { at, detail, .. } in clusters {
            self.note(ProblemKind::TwoClusters, name, place(at), detail);
        }
        self.notes.extend(others.into_iter().map(|Note { kind, at, detail }| CheckNote {
            kind,
            split: name.to_owned(),
            place: place(at),
            detail,
        }));
    }

    /// Adds a problem of the split `name` as a whole.
    pub fn add_problem(&mut self, kind: ProblemKind, name: &str, detail: String) {
        self.note(kind, name, String::new(), detail);
    }

    /// Whether training would refuse the data.
    pub fn is_refused(&self) -> bool {
        let labelled = self.labels.values().any(|splits| splits.values().any(|&count| count > 0));
        !labelled || self.problems.iter().any(|problem| problem.kind.is_refused())
    }

    fn instance(
        &mut self,
        task: &Task,
        name: &str,
        example: &Example,
        measure: Measure<'_>,
        limits: PieceLimits,
        split: &mut SplitCheck,
    ) {
        let place = example.place();
        let encoded = match task.encode(example) {
            Ok(encoded) => encoded,
            Err(error) => {
                let detail = error.reason(&place);
                return self.note(ProblemKind::NotEncodable, name, place, detail);
            }
        };
        if let Some(detail) = hidden::crossing(task, example, &encoded.dropped) {
            self.note(ProblemKind::HiddenSpans, name, place.clone(), detail);
        }
        let texts = [
            (&encoded.source, limits.source, ProblemKind::SourceTooLong, &mut split.source_pieces),
            (&encoded.target, limits.target, ProblemKind::TargetTooLong, &mut split.target_pieces),
        ];
        for (text, limit, kind, lengths) in texts {
            let Some(measured) = measure(text) else { continue };
            lengths.add(measured.pieces);
            if measured.pieces > limit {
                let detail = format!("{}, the limit is {limit}", counted(measured.pieces, "piece"));
                self.note(kind, name, place.clone(), detail);
            }
            if !measured.lost.is_empty() && kind == ProblemKind::SourceTooLong {
                self.note(ProblemKind::LostCharacters, name, place.clone(), format!("{:?}", measured.lost));
            }
        }
        self.repeated(name, place, encoded.source, encoded.target);
    }

    /// Whether the source was there before.
    fn repeated(&mut self, split: &str, place: String, source: String, target: String) {
        let Some(first) = self.seen.get(&source) else {
            self.seen.insert(source, Seen { split: split.to_owned(), place, target });
            return;
        };
        let kind = match (first.split == split, first.target == target) {
            (_, false) => ProblemKind::Conflict,
            (true, true) => ProblemKind::Duplicate,
            (false, true) => ProblemKind::InOtherSplit,
        };
        let detail = format!("as {}", first.place);
        self.note(kind, split, place, detail);
    }

    /// How many problems there are of each kind.
    pub fn counts(&self) -> BTreeMap<ProblemKind, usize> {
        let mut counts = BTreeMap::new();
        for problem in &self.problems {
            *counts.entry(problem.kind).or_default() += 1;
        }
        counts
    }

    fn note(&mut self, kind: ProblemKind, split: &str, place: String, detail: String) {
        self.problems.push(Problem { kind, split: split.to_owned(), place, detail });
    }
}

impl ProblemKind {
    /// Whether training refuses data that have it.
    pub fn is_refused(self) -> bool {
        use ProblemKind as Kind;
        matches!(
            self,
            Kind::Unreadable | Kind::NotEncodable | Kind::NoExample | Kind::BadLabels | Kind::SameFile
        )
    }

    /// What it is, in words that follow the number `count` of examples, files or lists of labels.
    pub fn words(self, count: usize) -> &'static str {
        let [one, several] = match self {
            Self::Unreadable => ["cannot be read"; 2],
            Self::NotEncodable => ["cannot be encoded"; 2],
            Self::HiddenSpans => [
                "has crossing spans that the target cannot show",
                "have crossing spans that the target cannot show",
            ],
            Self::TwoClusters => [
                "has a mention in two clusters, of which the target shows one",
                "have a mention in two clusters, of which the target shows one",
            ],
            Self::LostCharacters => [
                "holds characters that the tokenizer cannot represent",
                "hold characters that the tokenizer cannot represent",
            ],
            Self::SourceTooLong => {
                ["has a source longer than the limit", "have a source longer than the limit"]
            }
            Self::TargetTooLong => {
                ["has a target longer than the limit", "have a target longer than the limit"]
            }
            Self::Duplicate => {
                ["repeats an earlier example of its split", "repeat an earlier example of their split"]
            }
            Self::Conflict => [
                "repeats an earlier source with another target",
                "repeat an earlier source with another target",
            ],
            Self::InOtherSplit => {
                ["repeats an example of another split", "repeat an example of another split"]
            }
            Self::NoExample => ["holds no example", "hold no example"],
            Self::NoLabel => ["has no annotation for the task", "have no annotation for the task"],
            Self::BadLabels => ["cannot be named for the model"; 2],
            Self::SameFile => ["is given twice", "are given twice"],
        };
        if count == 1 { one } else { several }
    }
}
