//! A check of a data folder before anyone trains.

use std::path::{Path, PathBuf};

use fishdip_t5::{HubCache, Loss, T5Config, Tokenizer};
use fishdip_tasks::Task;
use fishdip_tasks::check::{Check, Limits, Measured};
use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;

use crate::Error;

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
    /// The tag scheme of column files.
    pub scheme: TagScheme,
    /// The folder or name of the model whose tokenizer measures the texts.
    pub model: Option<&'a Path>,
    /// Where a model that is no folder is looked for.
    pub hub: &'a HubCache,
    /// What is too long.
    pub limits: Limits,
}

/// Reads every split and tells what is in it and what would go wrong.
pub fn check_data(options: &CheckOptions<'_>) -> Result<Check, Error> {
    let tokenizer = match options.model {
        Some(model) => {
            let folder = options.hub.model_folder(model)?;
            Some(Tokenizer::load(&folder, &T5Config::read(&folder.join("config.json"))?)?)
        }
        None => None,
    };
    let measure = |text: &str| {
        let tokenizer = tokenizer.as_ref()?;
        let lost = tokenizer
            .lost(text)
            .ok()?
            .iter()
            .filter(|l| l.loss == Loss::Unknown)
            .map(|l| l.text.trim())
            .collect();
        Some(Measured { pieces: tokenizer.encode(text).ok()?.len(), lost })
    };
    let mut check = Check::default();
    for path in files(options)? {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let quirks = options.task.quirks();
        match options.format.read(&path, &ReadOptions::new(options.scheme, quirks)) {
            Ok(examples) => check.add(options.task, &name, examples, &measure, options.limits),
            Err(error) => check.add(options.task, &name, [Err(error)], &measure, options.limits),
        }
    }
    Ok(check)
}

/// The files to read, in the order of their names.
fn files(options: &CheckOptions<'_>) -> Result<Vec<PathBuf>, Error> {
    let data = options.data;
    if !options.splits.is_empty() {
        return Ok(options.splits.iter().map(|split| data.join(split)).collect());
    }
    let failed = |source| Error::Io { action: "read", path: data.to_owned(), source };
    if !std::fs::metadata(data).map_err(failed)?.is_dir() {
        return Ok(vec![data.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(data).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        let about =
            ["SOURCE", "README", "LICENSE", "LICENCE", "."].iter().any(|start| name.starts_with(start));
        // A layout of several files is a folder for each split.
        if !about && path.is_dir() == (options.format == Format::Intents) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Error::Data(format!("{} holds no data file", data.display())));
    }
    Ok(files)
}
