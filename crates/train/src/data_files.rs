//! Whether the data files of a run are what they were when it began.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use fishdip_peft::Adapter;

use crate::checkpoint::{file_names, not_what_began};
use crate::run_folder::RunFolder;
use crate::{Access, Error, RunConfig, run_result};

/// The hashes of its data files, in the folder of a run.
pub(crate) const DATA_FILES: &str = "data.json";

/// BLAKE3 hashes of files and folders by path, each of which is read once. Of what is neither there is none.
#[derive(Debug, Default)]
pub(crate) struct DataFiles(BTreeMap<PathBuf, Option<String>>);

impl DataFiles {
    /// Writes into the folder of a run which files it reads, and their hashes.
    pub(crate) fn keep(folder: &RunFolder, config: &RunConfig) -> Result<(), Error> {
        let mut files = Self::default();
        let mut hashes = BTreeMap::new();
        for path in read_by(config) {
            if let Some(hash) = files.hash(&path)? {
                hashes.insert(path.display().to_string(), hash);
            }
        }
        folder.write_json(DATA_FILES, &hashes)
    }

    /// The data files of the run in the folder `run` that are not what they were when the run began, in the order of their names. One that is gone is
    /// not the next run's either, and older runs do not tell.
    pub(crate) fn changed(&mut self, run: &Path) -> Result<Vec<PathBuf>, Error> {
        let kept = run.join(DATA_FILES);
        if !kept.is_file() {
            return Ok(Vec::new());
        }
        let kept: BTreeMap<PathBuf, String> = run_result::json(&kept)?;
        let mut changed = Vec::new();
        for (path, then) in kept {
            if self.hash(&path)?.is_some_and(|now| now != then) {
                changed.push(path);
            }
        }
        Ok(changed)
    }

    /// Refuses to go on with the run in the folder `run` where its data files are not what they were when it began.
    pub(crate) fn check(run: &Path) -> Result<(), Error> {
        let changed = Self::default().changed(run)?;
        if changed.is_empty() {
            return Ok(());
        }
        let reason =
            format!("{}; put back what it was, or begin a new run", not_what_began(&file_names(&changed)));
        Err(Error::NoRun { path: run.to_owned(), reason })
    }

    fn hash(&mut self, path: &Path) -> Result<Option<String>, Error> {
        if let Some(known) = self.0.get(path) {
            return Ok(known.clone());
        }
        let failed = |source| Error::Io { action: Access::Read, path: path.to_owned(), source };
        let mut hasher = blake3::Hasher::new();
        let is_known = add(&mut hasher, path).map_err(failed)?;
        let hash = is_known.then(|| hasher.finalize().to_hex().to_string());
        self.0.insert(path.to_owned(), hash.clone());
        Ok(hash)
    }
}

/// The files that decide what a training of `config` learns: its data, the file of its labels, and the values of the adapter that it begins with.
fn read_by(config: &RunConfig) -> impl Iterator<Item = PathBuf> + '_ {
    let values = config.model.adapter.as_deref().map(Adapter::tensors_path);
    // The labels of a known data set are no file, unless one has that name.
    named_by(config).chain(config.task.schema.clone()).chain(values)
}

/// The data files that `config` names.
pub(crate) fn named_by(config: &RunConfig) -> impl Iterator<Item = PathBuf> + '_ {
    let data = &config.data;
    let learned = config.self_training.as_ref().and_then(|own| own.texts.as_ref());
    let of_data = [Some(&data.train), data.eval.as_ref(), learned].into_iter().flatten();
    let text = config.pretrain.as_ref().and_then(|own| own.text.clone());
    of_data.map(|name| data.dir.join(name)).chain(text)
}

/// Adds the bytes of a file, or of the files in a folder with their names, but for hidden ones, to what `hasher` has seen. Nothing else is opened: a pipe
/// may have no end.
fn add(hasher: &mut blake3::Hasher, path: &Path) -> std::io::Result<bool> {
    if path.is_file() {
        hasher.update_reader(File::open(path)?)?;
        return Ok(true);
    }
    if !path.is_dir() {
        return Ok(false);
    }
    let mut entries = fs::read_dir(path)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // A link to a folder may lead back here.
        let is_link = entry.file_type()?.is_symlink();
        if name.starts_with('.') || (is_link && !entry.path().is_file()) {
            continue;
        }
        // With its length before each name and a mark behind each file, no two folders read the same.
        hasher.update(&(name.len() as u64).to_le_bytes()).update(name.as_bytes());
        add(hasher, &entry.path())?;
        hasher.update(&[0xff; 8]);
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_and_a_folder_are_known_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let hash = |name: &str| DataFiles::default().hash(&path(name)).unwrap();
        assert_eq!(hash("absent"), None);
        fs::write(path("a.txt"), "abc").unwrap();
        // BLAKE3's own test vector of "abc".
        let abc = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";
        assert_eq!(hash("a.txt").unwrap(), abc);
        fs::create_dir(path("texts")).unwrap();
        fs::write(path("texts/1.txt"), "abc").unwrap();
        let before = hash("texts").unwrap();
        fs::write(path("texts/.hidden"), "x").unwrap();
        assert_eq!(hash("texts").unwrap(), before);
        fs::write(path("texts/2.txt"), "").unwrap();
        let more = hash("texts").unwrap();
        assert_ne!(more, before);
        fs::rename(path("texts/2.txt"), path("texts/3.txt")).unwrap();
        assert_ne!(hash("texts").unwrap(), more);
    }
}
