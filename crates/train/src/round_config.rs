//! The config of a training that is one of several in a run folder.

use std::path::{Path, PathBuf};

use fishdip_peft::replace_file;
use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::{Example, Task, TaskKind};

use crate::example_file::DataFile;
use crate::{DataConfig, Error, RunConfig};

/// The examples that every training is scored on, in the folder of all.
pub(crate) const EVAL: &str = "eval.jsonl";

/// The config of the trainings of `config` for `task`, but for the file that is trained on. `run` is the folder of all.
pub(crate) fn of_rounds(config: &RunConfig, task: &Task, run: &Path) -> RunConfig {
    let mut config = config.clone();
    config.active = None;
    // Labels that a round has not seen yet are known all the same, as they would be to who asks annotators.
    config.task = config.task.with_labels(task.schema());
    // The base model is the same in every round.
    config.evaluation.before = false;
    let DataConfig { max_source_pieces, max_target_pieces, long_sources, mention_swap, .. } = config.data;
    config.data = DataConfig {
        eval: Some(EVAL.into()),
        format: Format::Jsonl,
        max_source_pieces,
        max_target_pieces,
        long_sources,
        mention_swap,
        ..DataConfig::new(run.to_owned(), PathBuf::new())
    };
    config
}

/// Writes a file that a training reads; one that would be read as something else is an error.
pub(crate) fn write_examples(path: &Path, kind: TaskKind, examples: &[Example]) -> Result<(), Error> {
    let file = DataFile { path, format: Format::Jsonl, options: ReadOptions::default(), kind };
    Ok(replace_file(path, &file.appended(&[], examples)?)?)
}
