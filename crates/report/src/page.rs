//! What a page shows, as plain values.

use crate::Text;
use crate::diagnosis::Finding;
use crate::insight::{LayerProfile, TrainingDynamics};
use crate::mask::Mask;
use crate::sentence::Sentence;

/// A page about one run, several, or a study.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What it is about.
    pub title: Text,
    /// The program that made it, with its version.
    pub made_by: String,
    /// The runs, in the order in which they were named.
    pub runs: Vec<Run>,
    /// The table of a study, line by line, the first of them its head.
    pub study: Option<Study>,
    /// What the folds of a cross-validation have come to, where the runs are these.
    pub folds: Option<Study>,
    /// The rounds of active learning, where the runs are these.
    pub learning: Option<Learning>,
    /// What rounds that learn from what they find themselves have learned, where the runs are these.
    pub self_training: Option<Study>,
    /// The difference between two runs.
    pub comparison: Option<Comparison>,
    /// The sentences that are shown one by one: of one run, or of two that scored the same.
    pub sentences: Option<Sentences>,
}

/// A run, as far as it has come.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// What it is called among the others.
    pub name: Text,
    /// How far it has come.
    pub state: State,
    /// What a reader must know of what was read, such as that another version wrote it.
    pub remarks: Vec<Text>,
    /// Facts about it: a name, and what it is.
    pub facts: Vec<(&'static str, Text)>,
    /// What runs have in common that differ by their seeds alone.
    pub group: Text,
    /// Training losses by step.
    pub losses: Vec<(usize, f64)>,
    /// Norms of the gradient by step.
    pub gradient_norms: Vec<(usize, f64)>,
    /// Learning rates by step.
    pub learning_rates: Vec<(usize, f64)>,
    /// Held-out scores by step.
    pub scores: Vec<(usize, f64)>,
    /// Of a pretraining: losses of the texts that are held out, by step.
    pub held_out_losses: Vec<(usize, f64)>,
    /// How many texts these are.
    pub held_out_texts: usize,
    /// What it came to.
    pub headline: Option<Headline>,
    /// Scores label by label: a table for each kind of thing.
    pub tables: Vec<ScoreTable>,
    /// Kinds of fault in the form of outputs, and the share of outputs with each.
    pub faults: Vec<(&'static str, f64)>,
    /// What was scored, with what it found as the first of each; nothing if it keeps no predictions.
    pub scored: Option<Vec<Sentence>>,
    /// How far its scores hold as probabilities.
    pub calibration: Option<Calibration>,
    /// Its masks.
    pub mask: Mask,
    /// The texts of the training samples; nothing if it keeps none.
    pub samples: Option<Vec<Sample>>,
    /// Which examples it learnt and forgot; nothing if it did not look.
    pub dynamics: Option<TrainingDynamics>,
    /// How alike the layers of base and trained model are.
    pub similarity: Option<LayerProfile>,
    /// How smoothly classes change over the layers of both.
    pub smoothness: Option<LayerProfile>,
    /// Why its score is near zero.
    pub findings: Vec<Finding>,
    /// What it warned of.
    pub warnings: Vec<Text>,
    /// Its resolved config, line by line.
    pub config: Vec<Text>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// To its end.
    Done,
    /// A process goes on with it.
    GoesOn,
    /// Not to its end, and no process goes on with it.
    #[default]
    Ended,
    /// Not to its end, as it failed, and going on with it would come to the same.
    Failed,
}

/// The main score of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headline {
    /// What it is, such as F1.
    pub metric: &'static str,
    /// That of the base model.
    pub before: Option<f64>,
    /// That of the adapter, or the last that is known.
    pub after: f64,
    /// Where it lies with 95 % confidence.
    pub interval: Option<[f64; 2]>,
    /// The training steps it had.
    pub step: usize,
    /// How many examples were scored.
    pub examples: usize,
}

/// Scores label by label.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreTable {
    /// What is scored, such as `entities`.
    pub title: &'static str,
    /// Its rows.
    pub rows: Vec<ScoreRow>,
}

/// Scores of a label, or a mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreRow {
    /// The label.
    pub name: Text,
    /// Whether it sums up the others.
    pub is_sum: bool,
    /// Correct among found.
    pub precision: Option<f64>,
    /// Correct among annotated.
    pub recall: Option<f64>,
    /// Harmonic mean of both.
    pub f1: Option<f64>,
    /// Where F1 lies with 95 % confidence.
    pub interval: Option<[f64; 2]>,
    /// How often it is annotated.
    pub gold: Option<usize>,
}

/// Scores beside how often they come true.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    /// How many scores there are.
    pub n: usize,
    /// The mean distance between score and share that is right.
    pub error: f64,
    /// Bins of equal width.
    pub bins: Vec<Bin>,
}

/// Scores from one value to another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bin {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// How many scores are in it.
    pub n: usize,
    /// Their mean.
    pub mean_score: Option<f64>,
    /// The share that is right.
    pub share_right: Option<f64>,
}

/// The texts of a training sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// Where it comes from: file and line.
    pub at: Text,
    /// What the model reads.
    pub source: Text,
    /// What it is to write.
    pub target: Text,
}

/// The table of a study.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Study {
    /// What the columns are.
    pub head: Vec<String>,
    /// Its rows, each with as many cells.
    pub rows: Vec<Vec<Text>>,
    /// What its figures are.
    pub remarks: Vec<Text>,
}

/// Rounds of active learning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learning {
    /// What the score is, such as F1.
    pub metric: Text,
    /// The labels that a round was trained on, and its score.
    pub points: Vec<(usize, f64)>,
    /// The rounds, and why they ended.
    pub table: Study,
}

/// Two runs that scored the same sentences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// What is compared, such as F1.
    pub metric: &'static str,
    /// The second score minus the first, and where that lies with 95 % confidence.
    pub difference: Option<(f64, [f64; 2])>,
    /// Sentences that both scored.
    pub sentences: usize,
    /// Sentences that one alone scored.
    pub unpaired: usize,
}

/// Sentences that are shown one by one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sentences {
    /// The runs whose findings they have.
    pub runs: Vec<Text>,
    /// The sentences.
    pub all: Vec<Sentence>,
}
