//! Folders and files that appear whole or not at all, also if the process is killed or the power fails.
//!
//! Everything is written beside the place where it is to stand, synced, and renamed: on one file system a rename is one step. A folder's own
//! entries are synced as well, so that the new name is there after a crash.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What the system refused to write.
#[derive(Debug, thiserror::Error)]
#[error("failed to write {path}: {source}")]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}

/// A folder that is being written. It is removed again unless it is [committed](Self::commit).
#[derive(Debug)]
pub struct AtomicFolder {
    scratch: PathBuf,
    target: PathBuf,
    committed: bool,
}

impl AtomicFolder {
    /// Begins to write the folder `target`, which must not exist. What an interrupted process has left of it is removed.
    pub fn create(target: &Path) -> Result<Self, WriteError> {
        if target.exists() {
            return Err(at(target)(std::io::ErrorKind::AlreadyExists.into()));
        }
        Self::replace(target)
    }

    /// Begins to write the folder `target` anew: what is there stays until it is [committed](Self::commit).
    pub fn replace(target: &Path) -> Result<Self, WriteError> {
        // Without a slash in the end, behind which what is beside it would be in it.
        let target: PathBuf = target.components().collect();
        let scratch = beside(&target);
        if scratch.exists() {
            fs::remove_dir_all(&scratch).map_err(at(&scratch))?;
        }
        fs::create_dir_all(&scratch).map_err(at(&scratch))?;
        Ok(Self { scratch, target, committed: false })
    }

    /// Where its files are written until it is committed.
    pub fn path(&self) -> &Path {
        &self.scratch
    }

    /// Writes the file `name`.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let path = self.scratch.join(name);
        fs::write(&path, bytes).map_err(at(&path))
    }

    /// Makes it appear, in the place of what was there.
    pub fn commit(mut self) -> Result<(), WriteError> {
        for entry in fs::read_dir(&self.scratch).map_err(at(&self.scratch))? {
            let path = entry.map_err(at(&self.scratch))?.path();
            sync(&path)?;
        }
        sync_folder(&self.scratch)?;
        // A folder with files in it cannot be renamed over. Between these two steps neither is there under its name; whoever replaces a folder
        // can make it again.
        let old = beside_as(&self.target, ".old");
        let replaces = self.target.exists();
        if replaces {
            if old.exists() {
                fs::remove_dir_all(&old).map_err(at(&old))?;
            }
            fs::rename(&self.target, &old).map_err(at(&old))?;
        }
        fs::rename(&self.scratch, &self.target).map_err(at(&self.target))?;
        self.committed = true;
        sync_folder(parent(&self.target))?;
        if replaces { fs::remove_dir_all(&old).map_err(at(&old)) } else { Ok(()) }
    }
}

impl Drop for AtomicFolder {
    fn drop(&mut self) {
        if !self.committed {
            // Whoever comes next removes it as well.
            let _ = fs::remove_dir_all(&self.scratch);
        }
    }
}

/// Puts a file of `bytes` in the place of the file at `path`, in one step.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let scratch = beside(path);
    let written =
        File::create(&scratch).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(at(&scratch))?;
    fs::rename(&scratch, path).map_err(at(path))?;
    sync_folder(parent(path))
}

/// Where something is written before it takes the place of `path`.
fn beside(path: &Path) -> PathBuf {
    beside_as(path, ".tmp")
}

fn beside_as(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(extension);
    PathBuf::from(name)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync(path: &Path) -> Result<(), WriteError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(at(path))
}

/// Syncs the names in a folder. Only Unix lets a folder be opened for that.
fn sync_folder(path: &Path) -> Result<(), WriteError> {
    if cfg!(unix) { sync(path) } else { Ok(()) }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError { path, source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::{AtomicFolder, replace_file};

    #[test]
    fn a_folder_appears_when_it_is_committed() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("adapter");
        let folder = AtomicFolder::create(&target).unwrap();
        folder.write("a", b"one").unwrap();
        assert!(!target.exists());
        folder.commit().unwrap();
        assert_eq!(fs::read(target.join("a")).unwrap(), b"one");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        assert!(AtomicFolder::create(&target).is_err(), "what is there is not touched");
    }

    #[test]
    fn a_folder_is_replaced_when_the_new_one_is_whole() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("adapter");
        for content in ["one", "two"] {
            let folder = AtomicFolder::replace(&target).unwrap();
            folder.write("a", content.as_bytes()).unwrap();
            folder.commit().unwrap();
            assert_eq!(fs::read_to_string(target.join("a")).unwrap(), content);
        }
        drop(AtomicFolder::replace(&target).unwrap());
        assert_eq!(fs::read_to_string(target.join("a")).unwrap(), "two");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_slash_behind_the_name_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        for (number, target) in ["answers/", "answers/.", "below//answers/"].into_iter().enumerate() {
            let target = root.path().join(number.to_string()).join(target);
            let folder = AtomicFolder::create(&target).unwrap();
            folder.write("a", b"one").unwrap();
            folder.commit().unwrap();
            assert_eq!(fs::read_dir(&target).unwrap().count(), 1);
            assert_eq!(fs::read_dir(target.parent().unwrap()).unwrap().count(), 1, "{}", target.display());
        }
    }

    #[test]
    fn what_is_not_committed_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("adapter");
        // As a killed process leaves it.
        fs::create_dir(root.path().join("adapter.tmp")).unwrap();
        fs::write(root.path().join("adapter.tmp/half"), b"1").unwrap();
        let folder = AtomicFolder::create(&target).unwrap();
        assert!(!folder.path().join("half").exists());
        folder.write("a", b"one").unwrap();
        drop(folder);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_is_replaced_or_kept() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("config.json");
        fs::write(&path, b"old").unwrap();
        replace_file(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        // A folder stands where the new file would be written.
        fs::create_dir(root.path().join("config.json.tmp")).unwrap();
        assert!(replace_file(&path, b"newer").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }
}
