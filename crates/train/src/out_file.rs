//! Files that a user names for what a command makes. None is written over unless that is asked for.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use fishdip_peft::{WriteError, replace_file};

use crate::Error;
use crate::data::is_same;
use crate::error::Access;

/// A file to write, which was found good before anything that takes long.
#[derive(Clone, Debug)]
pub struct OutFile {
    path: PathBuf,
    force: bool,
}

impl OutFile {
    /// The file `path`. One that is there is refused unless `force` says to write over it, and so is a place where no file can be.
    pub fn new(path: &Path, force: bool) -> Result<Self, Error> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let refused = |kind: ErrorKind, why: String| {
            let source = std::io::Error::new(kind, why);
            Err(Error::Io { action: Access::Create, path: path.to_owned(), source })
        };
        match () {
            () if path.is_dir() => refused(ErrorKind::IsADirectory, "it is a folder; name a file".to_owned()),
            // A link that leads nowhere is something as well.
            () if !force && path.symlink_metadata().is_ok() => {
                Err(Error::FileExists { path: path.to_owned() })
            }
            () if folder.exists() && !folder.is_dir() => refused(
                ErrorKind::NotADirectory,
                format!("{} is no folder; name another one", folder.display()),
            ),
            () if !folder.is_dir() => {
                let why = format!("the folder {} does not exist; make it, or name another", folder.display());
                refused(ErrorKind::NotFound, why)
            }
            () => {
                check_place(path)?;
                Ok(Self { path: path.to_owned(), force })
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Refuses a file that is one of `inputs`, or is there and lies in one of them: files and folders that the command reads. Not even `--force` means
    /// that.
    pub fn is_none_of<'a>(&self, inputs: impl IntoIterator<Item = &'a Path>) -> Result<(), Error> {
        // What is written takes the place of a link, not of what it leads to.
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new(".")).canonicalize().ok();
        let parent = parent.filter(|_| self.path.symlink_metadata().is_ok());
        for input in inputs {
            let is_within = || {
                let (Some(parent), Ok(input)) = (&parent, input.canonicalize()) else { return false };
                parent.starts_with(input)
            };
            let what = match () {
                () if is_same(&self.path, input) => format!("{} is", input.display()),
                () if is_within() => format!("{} lies in {}, which is", self.path.display(), input.display()),
                () => continue,
            };
            return Err(Error::Data(format!(
                "{what} what is read, and would be lost by writing over it; name another file"
            )));
        }
        Ok(())
    }

    /// Writes it whole or not at all.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Error> {
        let failed = |action| {
            let path = self.path.clone();
            move |source| Error::Io { action, path, source }
        };
        if self.force {
            return replace(&self.path, bytes);
        }
        // It is made here or not at all, so that nothing that came between is lost.
        let file = OpenOptions::new().write(true).create_new(true).open(&self.path);
        let mut file = file.map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => Error::FileExists { path: self.path.clone() },
            _ => failed(Access::Create)(source),
        })?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|source| {
            // A part of it would keep the next try from writing it.
            let _ = std::fs::remove_file(&self.path);
            failed(Access::Write)(source)
        })
    }
}

/// Puts a file of `bytes` in the place of the one at `path`, in one step: the only thing that a command writes, so that where it cannot, nothing was
/// written.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    replace_file(path, bytes).map_err(|WriteError { path, source }| Error::Io {
        action: Access::Create,
        path,
        source,
    })
}

/// Refuses the place `path` where the system lets nothing be made, before anything that takes long: a file is made in the nearest of its folders that
/// is there, and removed at once.
pub(crate) fn check_place(path: &Path) -> Result<(), Error> {
    let or_here =
        |folder: &Path| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.into() };
    let Some(folder) = path.ancestors().skip(1).map(or_here).find(|folder| folder.exists()) else {
        return Ok(());
    };
    let probe = folder.join(format!(".fishdip-{}", std::process::id()));
    match OpenOptions::new().write(true).create_new(true).open(&probe) {
        Ok(_) => {
            let _ = std::fs::remove_file(&probe);
            Ok(())
        }
        // Another thread looks as well, so that a file can be made.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(Error::Io { action: Access::Create, path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;
    use crate::FailureKind;

    #[test]
    fn what_is_there_stays_unless_it_is_to_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let early = OutFile::new(&path, false).unwrap();
        fs::write(&path, "mine").unwrap();
        for refused in [OutFile::new(&path, false).unwrap_err(), early.write(b"new").unwrap_err()] {
            assert!(refused.to_string().contains("--force"), "{refused}");
            assert_eq!(refused.kind(), FailureKind::BadInput);
        }
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        OutFile::new(&path, true).unwrap().write(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn what_is_read_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pool.txt");
        fs::write(&path, "texts").unwrap();
        let out = OutFile::new(&folder.path().join("./pool.txt"), true).unwrap();
        let refused = out.is_none_of([folder.path().join("other.txt").as_path(), &path]).unwrap_err();
        assert!(refused.to_string().contains("is what is read"), "{refused}");
        assert_eq!(refused.kind(), FailureKind::BadInput);
        OutFile::new(&folder.path().join("new"), true).unwrap().is_none_of([path.as_path()]).unwrap();
    }

    #[test]
    fn a_part_of_a_folder_that_is_read_is_not_written_over() {
        let parent = tempfile::tempdir().unwrap();
        let adapter = parent.path().join("run/adapter");
        fs::create_dir_all(&adapter).unwrap();
        for name in ["run/adapter/adapter_config.json", "run/adapter-errors.jsonl", "errors.jsonl"] {
            fs::write(parent.path().join(name), "{}").unwrap();
        }
        let check = |name: &str, folder: &Path| {
            OutFile::new(&parent.path().join(name), true).unwrap().is_none_of([folder])
        };
        let run = parent.path().join("run");
        for (name, folder) in
            [("run/adapter/adapter_config.json", &adapter), ("run/../run/adapter/adapter_config.json", &run)]
        {
            let refused = check(name, folder).unwrap_err();
            assert!(refused.to_string().contains("which is what is read"), "{refused}");
            assert_eq!(refused.kind(), FailureKind::BadInput);
        }
        // A folder of which the name begins in the same way, another folder, and a file that is not there yet.
        for name in ["run/adapter-errors.jsonl", "errors.jsonl", "run/adapter/new.jsonl"] {
            check(name, &adapter).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("link");
        std::os::unix::fs::symlink("nowhere", &path).unwrap();
        assert!(matches!(OutFile::new(&path, false), Err(Error::FileExists { .. })));
    }

    #[test]
    fn a_place_is_looked_at_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.jsonl", "new/run"] {
            check_place(&folder.path().join(name)).unwrap();
        }
        OutFile::new(&folder.path().join("b.jsonl"), false).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        fs::write(folder.path().join("file"), "").unwrap();
        assert_eq!(check_place(&folder.path().join("file/run")).unwrap_err().kind(), FailureKind::BadInput);
    }

    /// Nobody can make a file there, whoever runs the tests.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_cannot_be_written_is_refused_before_anything_is_done() {
        for force in [false, true] {
            let refused = OutFile::new(Path::new("/proc/a.jsonl"), force).unwrap_err();
            assert!(refused.to_string().starts_with("failed to create /proc/a.jsonl: "), "{refused}");
            assert_eq!(refused.kind(), FailureKind::BadInput);
        }
    }

    #[test]
    fn a_file_that_cannot_be_is_refused_before_anything_is_done() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        for (name, why) in [
            ("", "it is a folder"),
            ("no/a.jsonl", "no does not exist; make it"),
            ("file/a", "file is no folder"),
        ] {
            for force in [false, true] {
                let refused = OutFile::new(&folder.path().join(name), force).unwrap_err();
                assert_eq!(refused.kind(), FailureKind::BadInput, "{refused}");
                assert!(refused.to_string().contains(why), "{refused}");
            }
        }
    }
}
