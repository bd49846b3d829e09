//! What is known of data, as far as a config follows from it.

use std::path::{Path, PathBuf};

use fishdip_tasks::TaskKind;
use fishdip_tasks::read::{DataSet, ReadOptions};

use super::BaseModel;

/// What is known of data, as far as a config follows from it.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The files and their layout.
    pub data: DataSet,
    /// What was said of what the layout leaves open.
    pub read: ReadOptions,
    /// The task.
    pub task: TaskKind,
    /// Why it is that one.
    pub task_reason: String,
    /// Examples that are trained on.
    pub train_examples: usize,
    /// Examples that are scored.
    pub eval_examples: usize,
    /// The labels of the training file that the task learns, by the tables of `[task]`.
    pub labels: Vec<LabelTable>,
    /// The base model.
    pub model: BaseModel,
    /// How long the training examples are; nothing where the model is not there to tell.
    pub lengths: Option<Lengths>,
}

/// A table of labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelTable {
    /// Its name: `entities`, `relations`, `classes` or `triggers`.
    pub name: &'static str,
    /// Label, natural name, and how often it stands in the training file.
    pub labels: Vec<(String, String, usize)>,
}

/// Lengths of training examples, in pieces of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths {
    /// Half of the sources are as long or shorter.
    pub median_source: usize,
    /// The longest source.
    pub longest_source: usize,
    /// The longest target.
    pub longest_target: usize,
    /// The sources that are trained on: one for each example, or several where it is longer than a window.
    pub windows: usize,
}

impl Findings {
    /// What a training learns from, one by one: the examples, or the windows of long ones.
    pub(super) fn windows(&self) -> usize {
        self.lengths.map_or(self.train_examples, |lengths| lengths.windows)
    }

    /// The training file, for messages.
    pub fn train_path(&self) -> PathBuf {
        self.data.folder.join(&self.data.train)
    }

    /// Whether a part of the training file is scored.
    pub fn holds_out(&self) -> bool {
        self.data.dev.is_none()
    }

    /// Why that is so, as a part of a sentence.
    pub fn why_held_out(&self) -> String {
        self.unread_dev()
            .map_or_else(|| "no file is named as dev".to_owned(), |files| format!("{files} cannot be"))
    }

    /// The files that are named as one to score, and cannot be read with the training file; nothing without any.
    pub(super) fn unread_dev(&self) -> Option<String> {
        let unread = self.data.left_out.iter().filter(|part| part.is_dev);
        let names: Vec<String> = unread.map(|part| part.file.display().to_string()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// The file that is kept for the end.
    pub fn test(&self) -> Option<&Path> {
        self.data.test.as_deref()
    }
}
