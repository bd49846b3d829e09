//! Which data, and how they are read.

use std::path::PathBuf;

use fishdip_tasks::read::{Column, Format, MentionRule, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Mode, Shots};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::column;
use super::ranges::{check, formats};
use super::task::is_fixed;
use crate::Error;

/// The share that is held out where nothing else is said.
pub(crate) const USUAL_SHARE: f64 = 0.2;

/// The most pieces of a source or target where nothing else is said.
pub(crate) const USUAL_PIECES: usize = 256;

/// `[data]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// The folder that the file names are relative to.
    pub dir: PathBuf,
    /// The training file.
    pub train: PathBuf,
    /// The file that is scored. Absent or empty: a share of the training file is held out, see `eval_share`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval: Option<PathBuf>,
    /// Without `eval`: the share of the training file's examples that is scored and not trained on. It is drawn with the seed, so that labels
    /// are as frequent in both parts, and examples with the same text are in the same part. Beside `eval` it is an
    /// error, since nothing is held out then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 0.9), extend("default" = USUAL_SHARE))]
    pub eval_share: Option<f64>,
    /// Cross-validation: the training file is parted into so many folds, drawn with the seed as `eval_share` draws, and each is scored by a run
    /// that trains on the others, so that every example is scored once. `fishdip train` makes these runs and a table of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 1000))]
    pub folds: Option<usize>,
    /// With `folds`: this run alone, which scores the fold of this number, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub fold: Option<usize>,
    /// Whether `train` and `eval` may be the same file.
    #[serde(default)]
    pub allow_overlap: bool,
    /// The layout of both files.
    #[serde(default)]
    #[schemars(schema_with = "formats")]
    pub format: Format,
    /// How they are read where the original program has rules of its own for a layout, such as mentions cut to two words or dialogues prepared as by
    /// TRADE: as they stand, or as there.
    #[serde(default, skip_serializing_if = "is_fixed")]
    #[schemars(extend("default" = "fixed"))]
    pub mode: Mode,
    /// The tag scheme of column files.
    #[serde(default)]
    pub scheme: TagScheme,
    /// The column of the words in column files and tables: its number, from 1, or its name in the header. By default the file shows it.
    #[serde(default, deserialize_with = "column::read", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "column::schema")]
    pub word_column: Option<Column>,
    /// The column of the tags or classes in column files and tables: its number, from 1, or its name in the header. By default the file shows it.
    #[serde(default, deserialize_with = "column::read", skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "column::schema")]
    pub tag_column: Option<Column>,
    /// The field that holds the text, where several could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_key: Option<String>,
    /// The annotator whose annotations count, where there are several of one text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotator: Option<String>,
    /// Which occurrence is meant where a mention is told by its text alone.
    #[serde(default)]
    pub mentions: MentionRule,
    /// Train on this many examples, drawn with the seed. 0: all.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub train_examples: usize,
    /// How `train_examples` and their order are drawn.
    #[serde(default, skip_serializing_if = "ExampleOrder::is_own")]
    #[schemars(extend("default" = "own"))]
    pub order: ExampleOrder,
    /// The share of mentions (entities, values of slots) that each epoch of training exchanges for others of their label, drawn anew; relations
    /// stay. An example that would be too long is shown as it is. What is scored is never changed.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub mention_swap: f64,
    /// Score this many examples, drawn with the seed. 0, or more than there are: all.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000_000))]
    pub eval_examples: usize,
    /// The most pieces of a source, the end mark included. 0: where longer texts are read in windows and what is found in the windows is joined
    /// (entities, relations, slots, triggers), as many as the longest training source has, at least 32 and at most 256; else 256.
    #[serde(default)]
    #[schemars(range(min = 0, max = 65_536))]
    pub max_source_pieces: usize,
    /// The most pieces of a training target, the end mark included. Where sources are read in windows, so are examples whose target repeats
    /// the source and is longer; other longer targets are cut, with a warning.
    #[serde(default = "default_target_pieces")]
    #[schemars(range(min = 1, max = 65_536))]
    pub max_target_pieces: usize,
    /// What is done with longer sources.
    #[serde(default)]
    pub long_sources: LongSources,
    /// A few-shot episode out of the training file instead of the whole: a few of its relations, of each of which a few examples are trained on and others
    /// scored, as FewRel is used. Only relations of the episode can be answered. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "EpisodeConfig")]
    pub episode: Option<EpisodeConfig>,
}

/// `[data.episode]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EpisodeConfig {
    /// N: how many relations.
    #[schemars(range(min = 2, max = 10_000))]
    pub ways: usize,
    /// K: how many examples of each are trained on.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub shots: usize,
    /// How many other examples of each are scored.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub queries: usize,
    /// Which episode: the seed that it is drawn with, in the way of the original program, whose episodes have the same numbers. Absent: `training.seed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 9_223_372_036_854_775_807_u64))]
    pub seed: Option<u64>,
}

impl Default for EpisodeConfig {
    fn default() -> Self {
        Self { ways: 5, shots: 1, queries: 5, seed: None }
    }
}

impl EpisodeConfig {
    /// Its size.
    pub(crate) fn size(self) -> Shots {
        Shots { ways: self.ways, shots: self.shots, queries: self.queries }
    }
}

/// Values of `data.long_sources`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LongSources {
    /// They are read in windows that overlap, and what is found in the windows is joined; each is an example of its own in training. A dialogue
    /// is not: it loses its beginning, with a warning.
    #[default]
    Window,
    /// They are an error.
    Refuse,
    /// They lose their end, a dialogue its beginning, with a warning.
    Cut,
}

/// Values of `data.order`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ExampleOrder {
    /// By the generator of everything else that is drawn.
    #[default]
    Own,
    /// By Python's, as the original program does: `random.seed(seed)`, `random.shuffle` of all examples, and the first of them.
    Python,
}

impl ExampleOrder {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    fn is_own(&self) -> bool {
        *self == Self::Own
    }
}

fn default_target_pieces() -> usize {
    USUAL_PIECES
}

impl DataConfig {
    /// The file `train` in the folder `dir`, with every other key left out.
    pub fn new(dir: PathBuf, train: PathBuf) -> Self {
        Self {
            dir,
            train,
            eval: None,
            eval_share: None,
            folds: None,
            fold: None,
            allow_overlap: false,
            format: Format::default(),
            mode: Mode::default(),
            scheme: TagScheme::default(),
            word_column: None,
            tag_column: None,
            text_key: None,
            annotator: None,
            mentions: MentionRule::default(),
            train_examples: 0,
            order: ExampleOrder::default(),
            mention_swap: 0.0,
            eval_examples: 0,
            max_source_pieces: 0,
            max_target_pieces: USUAL_PIECES,
            long_sources: LongSources::default(),
            episode: None,
        }
    }

    /// How the files are read.
    pub fn read_options(&self) -> ReadOptions {
        let mut options = ReadOptions::new(self.scheme, self.mode.into());
        options.word_column.clone_from(&self.word_column);
        options.tag_column.clone_from(&self.tag_column);
        options.text_key.clone_from(&self.text_key);
        options.annotator.clone_from(&self.annotator);
        options.mentions = self.mentions;
        options
    }

    /// The same for files of another layout, if one is given. What was settled about the training's says nothing about them.
    pub(crate) fn in_format(&self, format: Option<Format>) -> Self {
        let mut data = self.clone();
        if let Some(format) = format.filter(|format| *format != self.format) {
            data.format = format;
            (data.scheme, data.mentions, data.annotator) = Default::default();
            (data.word_column, data.tag_column, data.text_key) = Default::default();
        }
        data
    }

    /// Drops what files of the format do not leave open. Where the file showed its format, a run has told so.
    pub(crate) fn keep_options_of_format(&mut self) {
        if self.format != Format::Auto {
            let options = self.read_options().only_for(self.format);
            let ReadOptions { scheme, word_column, tag_column, text_key, annotator, mentions, .. } = options;
            (self.scheme, self.mentions, self.annotator) = (scheme, mentions, annotator);
            (self.word_column, self.tag_column, self.text_key) = (word_column, tag_column, text_key);
        }
    }

    /// Whether a run is to be made for each fold.
    pub fn is_cross_validation(&self) -> bool {
        self.folds.is_some() && self.fold.is_none()
    }

    /// What keys say about the scored part that does not go together.
    pub(super) fn contradiction(&self) -> Option<String> {
        if self.eval.is_some() && self.eval_share.is_some() {
            let message = "`data.eval` names a file to score, so that no share of the training file is held out; take out `data.eval_share` or \
                           `data.eval`";
            return Some(message.to_owned());
        }
        if self.episode.is_some() {
            let others = [
                (self.eval.is_some(), "data.eval"),
                (self.eval_share.is_some(), "data.eval_share"),
                (self.folds.is_some(), "data.folds"),
                (self.train_examples > 0, "data.train_examples"),
                (self.eval_examples > 0, "data.eval_examples"),
            ];
            if let Some((_, other)) = others.into_iter().find(|(is_there, _)| *is_there) {
                return Some(format!(
                    "`data.episode` draws what is trained on and what is scored from the training file, and `{other}` says otherwise; take out one of the two"
                ));
            }
        }
        let Some(folds) = self.folds else {
            let message = "`data.fold` says which of several folds is scored, but not of how many; add `data.folds`, or take it out";
            return self.fold.map(|_| message.to_owned());
        };
        if let Some(fold) = self.fold.filter(|&fold| fold > folds) {
            return Some(format!("`data.fold` is {fold}, but there are {folds} folds, counted from 1"));
        }
        let others = [
            (self.eval.is_some(), "data.eval"),
            (self.eval_share.is_some(), "data.eval_share"),
            (self.eval_examples > 0, "data.eval_examples"),
        ];
        let (_, other) = others.into_iter().find(|(is_there, _)| *is_there)?;
        Some(format!(
            "with `data.folds` every example of the training file is scored once, and `{other}` says that others are; take out one of the two"
        ))
    }

    /// Refuses a value out of its range, wherever the config comes from.
    pub fn check(&self) -> Result<(), Error> {
        check("data", self)
    }

    /// The most pieces of a source; the usual number before a run has found out.
    pub(crate) fn source_limit(&self) -> usize {
        if self.max_source_pieces == 0 { USUAL_PIECES } else { self.max_source_pieces }
    }
}
