//! A file of the hub to its blob: what is there of it is gone on from, and nothing gets the blob's name before its hash is right.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE};

use super::client::{Answer, Client};
use super::digest::{Etag, Hasher};
use super::error::quoted;
use super::repository::failed;
use super::{FetchError, Progress, RequestError};

/// A file of a model, as the hub announces it.
pub(super) struct Remote {
    /// Its name.
    pub(super) file: String,
    /// Where it lies on the hub.
    pub(super) path: String,
    pub(super) tag: Etag,
    pub(super) size: u64,
}

/// What went wrong on the way from a connection to a file.
enum Fault {
    Request(RequestError),
    File(std::io::Error),
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

/// Puts `remote`, a file of the model `name`, among `blobs`.
pub(super) fn download(
    client: &Client,
    blobs: &Path,
    name: &str,
    remote: &Remote,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<(), FetchError> {
    fs::create_dir_all(blobs).map_err(failed("make", blobs))?;
    let blob = blobs.join(remote.tag.as_str());
    let path = blob.with_extension("part");
    // The lock and the part are those of hf-hub, so that its programs and this one respect each other.
    let _lock = lock(&blob.with_extension("lock"), &path, client.patience.stall)?;
    if remote.tag.is_of(&blob).map_err(failed("read", &blob))? {
        return Ok(());
    }
    if blob.exists() {
        fs::remove_file(&blob).map_err(failed("remove", &blob))?;
    }
    let mut part = Part::open(&path, remote).map_err(failed("read", &path))?;
    loop {
        let resumed = part.at > 0;
        let came = client.retried(|| match part.fill(client, remote, progress) {
            Ok(()) => Ok(Ok(())),
            Err(Fault::Request(error)) => Err(error),
            Err(Fault::File(error)) => Ok(Err(error)),
        });
        match came {
            Ok(written) => written.map_err(failed("write", &path))?,
            Err(source) => {
                // What does not fit the server's file is nothing to go on from. It stays where it cannot be removed.
                if matches!(source, RequestError::Long(_) | RequestError::Status(416)) {
                    let _ = fs::remove_file(&path);
                }
                return Err(FetchError::Download {
                    name: name.to_owned(),
                    file: remote.file.clone(),
                    source,
                });
            }
        }
        let found = std::mem::replace(&mut part.hasher, remote.tag.hasher(remote.size)).finish();
        if found == remote.tag.as_str() {
            part.file.sync_all().map_err(failed("write", &path))?;
            return fs::rename(&path, &blob).map_err(failed("write", &blob));
        }
        if !resumed {
            fs::remove_file(&path).map_err(failed("remove", &path))?;
            return Err(FetchError::Damaged {
                name: name.to_owned(),
                file: remote.file.clone(),
                found,
                expected: remote.tag.as_str().to_owned(),
            });
        }
        // It may be what was there before that is wrong.
        part.restart(remote).map_err(failed("write", &path))?;
    }
}

/// Waits until no other process has the lock, as long as the part that it writes grows.
fn lock(lock: &Path, part: &Path, stall: Duration) -> Result<File, FetchError> {
    let opened = File::options().write(true).create(true).truncate(false).open(lock);
    let file = opened.map_err(failed("open", lock))?;
    let mut seen = (0, Instant::now());
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(failed("lock", lock)(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        let length = fs::metadata(part).map_or(0, |part| part.len());
        if length != seen.0 {
            seen = (length, Instant::now());
        } else if seen.1.elapsed() > 2 * stall {
            return Err(FetchError::Busy { lock: lock.to_owned() });
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A file that is not all there, with the hash of what is.
struct Part {
    file: File,
    hasher: Hasher,
    /// How many bytes are there.
    at: u64,
}

impl Part {
    /// What an earlier try has left at `path`, or nothing yet.
    fn open(path: &PathBuf, remote: &Remote) -> std::io::Result<Self> {
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        let at = file.metadata()?.len();
        let mut hasher = remote.tag.hasher(remote.size);
        if at > remote.size {
            let mut part = Self { file, hasher, at };
            part.restart(remote)?;
            return Ok(part);
        }
        hasher.read(&mut file)?;
        Ok(Self { file, hasher, at })
    }

    /// Forgets what is there.
    fn restart(&mut self, remote: &Remote) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.hasher = remote.tag.hasher(remote.size);
        self.at = 0;
        Ok(())
    }

    /// Asks for what is not there, and takes it.
    fn fill(
        &mut self,
        client: &Client,
        remote: &Remote,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Fault> {
        if self.at == remote.size {
            return Ok(());
        }
        let Answer { response, .. } = client.get(&remote.path, self.at).map_err(Fault::Request)?;
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        match response.status().as_u16() {
            206 => {
                let given = header(CONTENT_RANGE).unwrap_or_default();
                let expected = format!("bytes {}-{}/", self.at, remote.size - 1);
                let total = given.strip_prefix(expected.as_str());
                if !total.is_some_and(|total| total == "*" || total == remote.size.to_string()) {
                    let given = quoted(given);
                    let error = RequestError::Range { from: self.at, size: remote.size, given };
                    return Err(Fault::Request(error));
                }
            }
            // The whole file, whatever was asked for.
            200 => self.restart(remote)?,
            status => return Err(Fault::Request(RequestError::Status(status))),
        }
        let length = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if length.is_some_and(|length| length > remote.size - self.at) {
            return Err(Fault::Request(RequestError::Long(remote.size)));
        }
        self.take(&mut response.into_body().into_reader(), client.patience.stall, remote, progress)
    }

    /// Takes what comes up to the file's size, which is not exceeded.
    fn take(
        &mut self,
        body: &mut impl Read,
        stall: Duration,
        remote: &Remote,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Fault> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            progress(Progress { file: &remote.file, at: self.at, size: remote.size });
            let is_whole = self.at == remote.size;
            let count = match body.read(&mut buffer) {
                // The file is there; how the connection ends is nothing to it.
                Ok(0) | Err(_) if is_whole => return Ok(()),
                Ok(0) => {
                    return Err(Fault::Request(RequestError::Ended { came: self.at, size: remote.size }));
                }
                Ok(count) => count,
                Err(error) => {
                    return Err(Fault::Request(RequestError::from_ureq(error.into(), stall)));
                }
            };
            if count as u64 > remote.size - self.at {
                return Err(Fault::Request(RequestError::Long(remote.size)));
            }
            self.file.write_all(&buffer[..count])?;
            self.hasher.update(&buffer[..count]);
            self.at += count as u64;
        }
    }
}
