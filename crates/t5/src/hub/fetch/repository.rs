//! A model's folder in the cache, as `huggingface_hub` lays it out: blobs by their hashes, snapshots of links to them, and the commit that
//! `main` is.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::FetchError;
use super::digest::Etag;
use crate::hub::repository_folder;

/// The folder of a model, which need not exist.
pub(super) struct Repository {
    folder: PathBuf,
}

impl Repository {
    pub(super) fn new(cache: &Path, name: &str) -> Self {
        Self { folder: repository_folder(cache, name) }
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.folder.join("blobs")
    }

    pub(super) fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    /// Whether the snapshot has `file`, as a link to a blob that is what its name says.
    pub(super) fn has(&self, commit: &str, file: &str) -> Result<bool, FetchError> {
        let path = self.snapshot(commit).join(file);
        let Ok(target) = fs::read_link(&path) else { return Ok(false) };
        let tag = target.file_name().and_then(|name| Etag::parse(name.to_str()?));
        match tag {
            Some(tag) if target == link_target(&tag) => tag.is_of(&path).map_err(failed("read", &path)),
            _ => Ok(false),
        }
    }

    /// Whether the snapshot has `file` with this hash, whatever kind of file it is.
    pub(super) fn holds(&self, commit: &str, file: &str, tag: &Etag) -> Result<bool, FetchError> {
        let path = self.snapshot(commit).join(file);
        tag.is_of(&path).map_err(failed("read", &path))
    }

    /// Has the snapshot show the blob `tag` as `file`.
    pub(super) fn link(&self, commit: &str, file: &str, tag: &Etag) -> Result<(), FetchError> {
        let folder = self.snapshot(commit);
        fs::create_dir_all(&folder).map_err(failed("make", &folder))?;
        let path = folder.join(file);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed("replace", &path)(error)),
            _ => {}
        }
        match link(&self.blobs(), tag, &path) {
            // Another process was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && self.holds(commit, file, tag)? => {
                Ok(())
            }
            result => result.map_err(failed("link", &path)),
        }
    }

    /// Has `main` be `commit`, in one step. What was there stays until then.
    pub(super) fn point(&self, commit: &str) -> Result<(), FetchError> {
        // A name of this call's own.
        static CALLS: AtomicU64 = AtomicU64::new(0);
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        let refs = self.folder.join("refs");
        let main = refs.join("main");
        // Nothing to write in a cache that may be another user's.
        if fs::read_to_string(&main).is_ok_and(|held| held.trim() == commit) {
            return Ok(());
        }
        fs::create_dir_all(&refs).map_err(failed("make", &refs))?;
        // Not beside `main`, where every file is taken for the name of a commit.
        let scratch = self.folder.join(format!("main.{}.{call}.part", std::process::id()));
        let write = |mut file: fs::File| file.write_all(commit.as_bytes()).and_then(|()| file.sync_all());
        let written = fs::File::create(&scratch).and_then(write);
        let moved = written.and_then(|()| fs::rename(&scratch, &main));
        if moved.is_err() {
            // Whether that works as well changes nothing.
            let _ = fs::remove_file(&scratch);
        }
        moved.map_err(failed("write", &main))
    }
}

/// What a file of a snapshot links to.
fn link_target(tag: &Etag) -> PathBuf {
    Path::new("../../blobs").join(tag.as_str())
}

#[cfg(unix)]
fn link(_blobs: &Path, tag: &Etag, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(link_target(tag), path)
}

/// Elsewhere a symbolic link may be a matter of privilege, and a second name of the same file is none.
#[cfg(not(unix))]
fn link(blobs: &Path, tag: &Etag, path: &Path) -> std::io::Result<()> {
    fs::hard_link(blobs.join(tag.as_str()), path)
}

/// What the system refused to do with a file.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> FetchError + use<> {
    let path = path.to_owned();
    move |source| FetchError::Io { action, path, source }
}
