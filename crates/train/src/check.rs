//! A check of a data folder before anyone trains.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fishdip_t5::{HubCache, T5Config, Tokenizer};
use fishdip_tasks::check::{Check, Measured, PieceLimits, ProblemKind};
use fishdip_tasks::read::{Format, ReadOptions, data_below, is_own_output};
use fishdip_tasks::{ConstraintError, Example, Mode, Naming, OutputConstraint, Schema, Task};

use crate::error::Access;
use crate::lost::whole_characters;
use crate::windows::Windows;
use crate::word_pieces::WordPieces;
use crate::{DataConfig, Error};

/// What to check.
#[derive(Clone, Debug)]
pub struct CheckOptions<'a> {
    /// The task that the data are for.
    pub task: &'a Task,
    /// A folder, or one file.
    pub data: &'a Path,
    /// The files of the folder that are read; all but hidden ones and texts about the data if there are none.
    pub splits: &'a [PathBuf],
    /// Their layout.
    pub format: Format,
    /// What the layout leaves open.
    pub read: ReadOptions,
    /// The folder or name of the model whose tokenizer measures the texts.
    pub model: Option<&'a Path>,
    /// Where a model that is no folder is looked for.
    pub hub: &'a HubCache,
    /// What is too long.
    pub limits: PieceLimits,
}

/// A model's tokenizer, and the piece that ends its outputs.
pub(crate) struct Measuring {
    tokenizer: Tokenizer,
    end: u32,
}

/// Reads every split to its end and tells what is in it and what would go wrong.
pub fn check_data(options: &CheckOptions<'_>) -> Result<Check, Error> {
    options.read.check_for(options.format)?;
    let measuring = options.model.map(|model| Measuring::load(options.hub, model)).transpose()?;
    let measure = |text: &str| {
        let tokenizer = &measuring.as_ref()?.tokenizer;
        let lost = whole_characters(text, &tokenizer.lost(text).ok()?);
        Some(Measured { pieces: tokenizer.encode(text).ok()?.len(), lost })
    };
    let mut check = Check::default();
    let (mut known, mut all) = (BTreeSet::new(), Vec::new());
    let mut read_options = options.read.clone();
    read_options.task = Some(options.task.kind());
    for path in files(options)? {
        let name = name(options.data, &path);
        if path.canonicalize().is_ok_and(|path| !known.insert(path)) {
            let detail = "what a model has learned says nothing about what it has not seen".to_owned();
            check.add_problem(ProblemKind::SameFile, &name, detail);
            continue;
        }
        match options.format.read(&path, &read_options) {
            Ok(mut read) => {
                let examples: Vec<_> = read.by_ref().collect();
                all.extend(examples.iter().filter_map(|example| example.as_ref().ok().cloned()));
                check.add(options.task, &name, examples, &measure, options.limits);
                check.add_notes(&name, read.notes().take());
            }
            Err(error) => check.add(options.task, &name, [Err(error)], &measure, options.limits),
        }
    }
    if let Some(detail) = bad_labels(options.task, &all, measuring.as_ref()) {
        check.add_problem(ProblemKind::BadLabels, "labels", detail);
    }
    Ok(check)
}

impl Measuring {
    /// How many pieces `text` has, the end mark included.
    pub(crate) fn pieces(&self, text: &str) -> Result<usize, Error> {
        Ok(self.tokenizer.encode(text)?.len())
    }

    /// How examples of `task` are cut to the limits of `data`.
    pub(crate) fn windows<'a>(&'a self, task: &'a Task, data: &'a DataConfig) -> Windows<'a> {
        Windows { task, tokenizer: &self.tokenizer, data }
    }

    /// That of the model in a folder, or of this name.
    pub(crate) fn load(hub: &HubCache, model: &Path) -> Result<Self, Error> {
        let folder = hub.model_folder(model)?;
        let config = T5Config::read(&folder.join("config.json"))?;
        Ok(Self { tokenizer: Tokenizer::load(&folder, &config)?, end: config.eos_token_id })
    }
}

/// What a split is called: its place in the folder, or the name of the only file.
fn name(data: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(data).ok().filter(|inside| !inside.as_os_str().is_empty());
    inside.unwrap_or(path.file_name().map_or(path, Path::new)).display().to_string()
}

/// Why the labels of `task`, or else those of `examples`, cannot be named for a model.
pub(crate) fn bad_labels(task: &Task, examples: &[Example], measuring: Option<&Measuring>) -> Option<String> {
    let without_verb = |error: fishdip_tasks::Error| {
        let message = error.to_string();
        message.split_once(": ").map_or(message.clone(), |(_, reason)| reason.to_owned())
    };
    let schema = if task.schema().is_open() {
        match Schema::seen(examples, Naming::LowerCased) {
            Ok(schema) => schema,
            Err(error) => return Some(without_verb(error)),
        }
    } else {
        task.schema().clone()
    };
    let Measuring { tokenizer, end } = measuring?;
    let named = Task::new(task.kind(), schema, Mode::Fixed);
    match OutputConstraint::new(&named, &WordPieces::new(tokenizer, *end)) {
        // That nothing is annotated is told already.
        Ok(_) | Err(fishdip_tasks::Error::Constraint(ConstraintError::NoClasses { .. })) => None,
        Err(error) => Some(without_verb(error)),
    }
}

/// The files to read, in the order of their names.
fn files(options: &CheckOptions<'_>) -> Result<Vec<PathBuf>, Error> {
    let data = options.data;
    if !options.splits.is_empty() {
        return Ok(options.splits.iter().map(|split| data.join(split)).collect());
    }
    let failed = |source| Error::Io { action: Access::Read, path: data.to_owned(), source };
    if !std::fs::metadata(data).map_err(failed)?.is_dir() {
        return Ok(vec![data.to_owned()]);
    }
    // A layout of several files is a folder for each split, or a folder alone.
    let is_split =
        |path: &Path| matches!(Format::Auto.resolve(path), Ok((Format::Intents | Format::Brat, _)));
    let (named, open) =
        (matches!(options.format, Format::Intents | Format::Brat), options.format == Format::Auto);
    if (named || open) && is_split(data) {
        return Ok(vec![data.to_owned()]);
    }
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(data).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        let about =
            ["SOURCE", "README", "LICENSE", "LICENCE", "."].iter().any(|start| name.starts_with(start));
        if about {
            continue;
        }
        if !path.is_dir() {
            files.push(path);
        } else if named || (open && is_split(&path) && !is_own_output(&path)) {
            folders.push(path);
        }
    }
    if named || !folders.is_empty() {
        files = folders;
    }
    files.sort();
    if files.is_empty() {
        return Err(Error::Data(format!("{} holds no data file{}", data.display(), data_below(data))));
    }
    Ok(files)
}
