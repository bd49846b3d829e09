//! Why a run did not happen or did not finish.

mod kind;

pub use kind::FailureKind;

use std::fmt;
use std::path::PathBuf;

/// Errors of runs. [`Error::kind`] tells what a caller should make of one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A config file cannot be read.
    #[error("failed to read the config {path}: {source}")]
    ReadConfig {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A config is not valid.
    #[error("{place}: {message}{}", hint.as_ref().map(|h| format!("; did you mean `{h}`?")).unwrap_or_default())]
    Config {
        /// File and line, or the override.
        place: String,
        /// What is wrong.
        message: String,
        /// The nearest known key or value.
        hint: Option<String>,
    },
    /// The run folder is in use.
    #[error(
        "{path} already holds a run or other files; go on with a run by --resume, choose another folder with --run, or move it away"
    )]
    RunExists {
        /// The folder.
        path: PathBuf,
    },
    /// What is to be made is there already.
    #[error("{path} already exists; name a folder with --out that does not, or move it away")]
    OutExists {
        /// The folder.
        path: PathBuf,
    },
    /// A file that is to be written is there already.
    #[error("{path} already exists; name another file, or have it written over with --force")]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// An adapter holds weights that a method has added, for which there is no such thing.
    #[error(
        "failed to {action} {adapter}: it holds weights that {method} added, of which no single entries are replaced; only sparse adapters can be \
         compared, merged and pruned{}",
        if *converts { format!("; `fishdip adapter convert {} --to entries --out DIR` makes one of it", adapter.display()) } else { String::new() }
    )]
    Added {
        /// What was tried.
        action: &'static str,
        /// Its folder.
        adapter: PathBuf,
        /// The method.
        method: &'static str,
        /// Whether a sparse adapter can be made of it.
        converts: bool,
    },
    /// An adapter of a pretraining is to tag texts.
    #[error(
        "{adapter} is the adapter of a pretraining, which has learned no label; train one that begins with it: `fishdip train --config FILE --from {adapter}`"
    )]
    Pretrained {
        /// Its folder.
        adapter: PathBuf,
    },
    /// Two adapters do not go together.
    #[error("failed to {action} {first} with {second}: {reason}")]
    Unlike {
        /// What was tried.
        action: &'static str,
        /// The folder of one.
        first: PathBuf,
        /// The folder of the other.
        second: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another process writes the run folder.
    #[error("another process ({holder}) has {path}; wait for it, or choose another folder")]
    RunHeld {
        /// The folder.
        path: PathBuf,
        /// Its number.
        holder: String,
    },
    /// A file of the run cannot be read or written.
    #[error("failed to {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: Access,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no room for what a run keeps.
    #[error(
        "failed to find room for the checkpoints of the run in {path}, which take about {mib} MiB: {source}; free some, keep fewer \
         (checkpoints.keep), or choose another folder with --run"
    )]
    NoSpace {
        /// The run folder.
        path: PathBuf,
        /// Of the checkpoints that there are at once.
        mib: usize,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data do not fit the run.
    #[error("{0}")]
    Data(String),
    /// An example is longer than sources may be, and the config refuses such.
    #[error(
        "{example} has a source of {pieces} pieces, but data.max_source_pieces is {limit}; shorten it, raise the limit, or have it read in \
         windows (data.long_sources = \"window\")"
    )]
    LongSource {
        /// Its file and line.
        example: String,
        /// Pieces of its source, the end mark included.
        pieces: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A part of a long example that windows cannot part is too long itself.
    #[error(
        "{example} is too long, and cannot be read in windows: {part} alone has more pieces than {limits} allow; shorten it, or raise the limit"
    )]
    NoWindow {
        /// Its file and line.
        example: String,
        /// The part.
        part: String,
        /// The limits and their values.
        limits: String,
    },
    /// Some of the input was no input; everything else was answered.
    #[error(
        "failed to answer {bad} of the {total} lines or examples of the input, {told}; the first: {first}"
    )]
    Unanswered {
        /// How many.
        bad: usize,
        /// Of how many in all.
        total: usize,
        /// Where each of them is told.
        told: &'static str,
        /// What is wrong with the first of them, and where it is.
        first: String,
    },
    /// A caller asked to stop reading; what was read is answered.
    #[error("stopped after {answered} answers")]
    Stopped {
        /// How many lines were written.
        answered: usize,
    },
    /// A caller asked to stop.
    #[error("{}{left}", step.map_or("stopped; nothing was written".to_owned(), |step| format!("stopped at step {step}")))]
    Interrupted {
        /// Training steps done; nothing where a model was asked and not trained.
        step: Option<usize>,
        /// What there is of the run.
        left: Left,
    },
    /// Training failed part-way.
    #[error("training failed at step {step}: {reason}{left}")]
    Failed {
        /// Steps that were completed.
        step: usize,
        /// What happened.
        reason: String,
        /// What there is of the run.
        left: Left,
    },
    /// What a run has come to cannot be written.
    #[error("{source}{left}")]
    Unwritten {
        /// What went wrong.
        source: Box<Error>,
        /// What there is of the run.
        left: Left,
    },
    /// A folder holds no run that could go on.
    #[error("failed to go on with {path}: {reason}")]
    NoRun {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A checkpoint cannot be gone on from.
    #[error("failed to go on from the checkpoint {path}: {reason}")]
    Checkpoint {
        /// Its folder.
        path: PathBuf,
        /// Why.
        reason: String,
        /// Whether a newer version of the program wrote it.
        is_newer: bool,
    },
    /// A cell of a study was run with another config than the study gives it now.
    #[error(
        "the cell {cell} of the study has changed: {difference}; change the study back, remove {folder} to run the cell anew, or choose another \
         folder with --out"
    )]
    CellChanged {
        /// Its name.
        cell: String,
        /// Its run folder.
        folder: PathBuf,
        /// What differs.
        difference: String,
    },
    /// A run that others are compared with was made of other data.
    #[error(
        "{run} was run with another {file}: the file has changed since, so that its figures do not stand beside those of other runs; put the old file back, or \
         remove {folder} to run it anew"
    )]
    DataChanged {
        /// What it is called: a cell of a study, or a fold.
        run: String,
        /// The data file.
        file: PathBuf,
        /// Its run folder.
        folder: PathBuf,
    },
    /// A study has no such cell.
    #[error(
        "the study has no cell {name}{}; --list shows those that it has",
        hint.as_ref().map(|h| format!("; did you mean `{h}`?")).unwrap_or_default()
    )]
    NoCell {
        /// What it was asked for.
        name: String,
        /// The nearest name.
        hint: Option<String>,
    },
    /// The folder of a study has the runs of another.
    #[error(
        "{folder} has runs of something else, such as {run}, and none of this study, whose table would take the place of theirs; choose \
         another folder with --out"
    )]
    OtherStudy {
        /// The folder.
        folder: PathBuf,
        /// The name of one of the runs.
        run: String,
    },
    /// Cells of a study failed; the others are done.
    #[error(
        "failed to finish {failed} of the {total} cells of the study, of which {table} says why; the same command tries them again"
    )]
    CellsFailed {
        /// How many.
        failed: usize,
        /// Of how many.
        total: usize,
        /// The table.
        table: PathBuf,
    },
    /// A caller asked to stop while a study was run.
    #[error("stopped in the cell {cell} of the study; the same command goes on from there")]
    StudyStopped {
        /// Its name.
        cell: String,
    },
    /// A fold was run with another config than it has now.
    #[error(
        "{fold} of the cross-validation was run with another config: {difference}; change that back, remove {folder} to run the fold anew, or \
         choose another folder with --run"
    )]
    FoldChanged {
        /// Its name.
        fold: String,
        /// Its run folder.
        folder: PathBuf,
        /// What differs.
        difference: String,
    },
    /// There is no such fold.
    #[error("there is no fold {fold}; the folds are counted from 1 to {folds}")]
    NoFold {
        /// What was asked for.
        fold: usize,
        /// How many there are.
        folds: usize,
    },
    /// Folds failed; the others are done.
    #[error(
        "failed to finish {failed} of the {total} folds, of which {table} says why; the same command tries them again"
    )]
    FoldsFailed {
        /// How many.
        failed: usize,
        /// Of how many.
        total: usize,
        /// The table.
        table: PathBuf,
    },
    /// A caller asked to stop during a cross-validation.
    #[error("stopped in {fold} of the cross-validation; the same command goes on from there")]
    FoldsStopped {
        /// The name of the fold.
        fold: String,
    },
    /// A caller asked to stop while active learning was simulated.
    #[error("stopped in round {round}; `active --resume {run}` goes on from there")]
    ActiveStopped {
        /// The round, from 0.
        round: u32,
        /// The run folder.
        run: PathBuf,
    },
    /// A caller asked to stop one of the trainings of a run that learns from what it finds itself.
    #[error("stopped in round {round} of self-training; `train --resume {run}` goes on from there")]
    SelfTrainingStopped {
        /// The round, from 0.
        round: usize,
        /// The run folder.
        run: PathBuf,
    },
    /// The task or its data.
    #[error(transparent)]
    Tasks(#[from] fishdip_tasks::Error),
    /// A choice of texts to label, or the ledger of choices.
    #[error(transparent)]
    Active(#[from] fishdip_active::Error),
    /// The model or its tokenizer.
    #[error(transparent)]
    Model(#[from] fishdip_t5::Error),
    /// Masks or adapter files.
    #[error(transparent)]
    Peft(#[from] fishdip_peft::Error),
}

impl From<fishdip_peft::WriteError> for Error {
    fn from(error: fishdip_peft::WriteError) -> Self {
        Self::Peft(error.into())
    }
}

/// What there is of a run that did not come to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// The adapter of the last good step.
    pub adapter: Option<PathBuf>,
    /// The run folder and the step of its last checkpoint.
    pub checkpoint: Option<(PathBuf, usize)>,
    /// Whether the run is a pretraining.
    pub is_pretraining: bool,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(adapter) = &self.adapter {
            write!(f, "; what was trained so far is in {}", adapter.display())?;
        }
        if let Some((run, step)) = &self.checkpoint {
            let verb = if self.is_pretraining { "pretrain" } else { "train" };
            write!(f, "; `{verb} --resume {}` goes on from step {step}", run.display())?;
        }
        Ok(())
    }
}

/// What is done to a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is read.
    Read,
    /// It is written; what is around it is there already.
    Write,
    /// The folder is made that everything else goes into.
    Create,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Create => "create",
        })
    }
}

#[cfg(test)]
mod tests;
