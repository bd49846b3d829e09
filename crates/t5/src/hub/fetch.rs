//! A model from the Hugging Face hub into the cache that every tool of the hub shares.
//!
//! Nothing that a server says is trusted: names, hashes and sizes are checked before anything is written, every file is compared with the
//! hash that was announced before it gets its name, and `main` becomes the new commit when all of it is there. What was interrupted is
//! resumed.

mod client;
mod digest;
mod download;
mod error;
mod names;
mod repository;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use error::{FetchError, RequestError};
use ureq::http::header::{CONTENT_LENGTH, ETAG};

use self::client::{Answer, Client};
use self::digest::Etag;
use self::download::{Remote, download};
use self::error::quoted;
use self::repository::Repository;
use super::{HubCache, is_name};

/// The largest file beside the weights.
const LARGEST_SMALL: u64 = 64 << 20;

/// The largest weights, all parts of them: half as much again as those of the largest T5 in f32.
const LARGEST_WEIGHTS: u64 = 64 << 30;

/// The hub, and where what comes from it is kept.
#[derive(Clone)]
pub struct Hub {
    /// Its address, such as `https://huggingface.co`.
    pub endpoint: String,
    /// The folder of the cache; made if it is absent.
    pub cache: PathBuf,
    /// What the hub knows the user by; without one, what the cache's folder holds of the kind. It goes to the endpoint's own host alone.
    pub token: Option<String>,
    /// How long to wait for it.
    pub patience: Patience,
}

impl std::fmt::Debug for Hub {
    /// All but the token, which is a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { endpoint, cache, token: _, patience } = self;
        let mut hub = f.debug_struct("Hub");
        hub.field("endpoint", endpoint)
            .field("cache", cache)
            .field("patience", patience)
            .finish_non_exhaustive()
    }
}

/// When a connection counts as broken, and how often it is taken up again.
#[derive(Clone, Debug)]
pub struct Patience {
    /// A connection over which no byte came for so long is broken.
    pub stall: Duration,
    /// A broken connection is taken up again this many times for each file.
    pub retries: u32,
    /// How long to wait before the first of them; twice as long before every further one.
    pub first_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { stall: Duration::from_mins(1), retries: 5, first_wait: Duration::from_millis(300) }
    }
}

/// How far the download of a file is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Its name.
    pub file: &'a str,
    /// How many bytes are there.
    pub at: u64,
    /// How many there will be.
    pub size: u64,
}

/// A model as the hub describes it.
#[derive(serde::Deserialize)]
struct Description {
    sha: String,
    siblings: Vec<Sibling>,
}

/// A file of it.
#[derive(serde::Deserialize)]
struct Sibling {
    rfilename: String,
}

/// Downloads what is not there yet of the model `name` and gives its folder. Whoever has all of it already needs no network.
pub fn fetch(hub: &Hub, name: &str, progress: &mut dyn FnMut(Progress<'_>)) -> Result<PathBuf, FetchError> {
    if !is_name(name) {
        return Err(FetchError::Name(quoted(name)));
    }
    let token = hub.token.clone().or_else(|| kept_token(&hub.cache));
    let client = Client::new(hub, token.as_deref())?;
    let description: Description = match client.json(&format!("/api/models/{name}/revision/main")) {
        Ok(description) => description,
        Err(source) => {
            return HubCache::at(hub.cache.clone()).snapshot(name).map_err(|_| FetchError::Unreachable {
                endpoint: hub.endpoint.clone(),
                name: name.to_owned(),
                cache: hub.cache.clone(),
                source,
            });
        }
    };
    let commit = names::commit(name, &description.sha)?;
    let there: Vec<&str> = description.siblings.iter().map(|file| file.rfilename.as_str()).collect();
    let files = names::wanted(name, &there)?;
    let repository = Repository::new(&hub.cache, name);

    // Nothing is written before all that is announced can be believed.
    let mut absent = Vec::new();
    let mut weights = 0u64;
    for file in files {
        if repository.has(&commit, file)? {
            continue;
        }
        let remote = announced(&client, name, &commit, file)?;
        let is_large = names::is_large(file);
        let (size, limit) = if is_large {
            weights = weights.saturating_add(remote.size);
            (weights, LARGEST_WEIGHTS)
        } else {
            (remote.size, LARGEST_SMALL)
        };
        if size > limit {
            return Err(FetchError::Large { about: format!("{file} of {name}"), size, limit });
        }
        if !repository.holds(&commit, file, &remote.tag)? {
            absent.push(remote);
        }
    }
    for remote in &absent {
        download(&client, &repository.blobs(), name, remote, progress)?;
    }
    for remote in &absent {
        repository.link(&commit, &remote.file, &remote.tag)?;
    }
    repository.point(&commit)?;
    Ok(repository.snapshot(&commit))
}

/// What the hub announces of `file`, one of those of the model `name` at `commit`.
fn announced(client: &Client, name: &str, commit: &str, file: &str) -> Result<Remote, FetchError> {
    let path = format!("/{name}/resolve/{commit}/{file}");
    let failed = |source| FetchError::File { name: name.to_owned(), file: file.to_owned(), source };
    let ask = || {
        let answer = client.head(&path)?;
        let status = answer.response.status();
        let is_answer = status.is_success() || status.is_redirection();
        if is_answer { Ok(answer) } else { Err(RequestError::Status(status.as_u16())) }
    };
    let Answer { response, said } = client.retried(ask).map_err(failed)?;
    let header = |name: &str| said.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let wrong = |what, given: &str, expected| FetchError::Announced {
        about: format!("{file} of {name}"),
        what,
        given: quoted(given),
        expected,
    };
    if let Some(other) = header("x-repo-commit").filter(|other| other != commit) {
        return Err(wrong("the commit", &other, "the one that the model's files were asked for"));
    }
    // A file in a store of large ones has the tag of what links there beside the one that is meant.
    let tag = header("x-linked-etag").or_else(|| header(ETAG.as_str())).unwrap_or_default();
    let length = || header(CONTENT_LENGTH.as_str()).filter(|_| response.status().is_success());
    let size = header("x-linked-size").or_else(length).unwrap_or_default();
    Ok(Remote {
        file: file.to_owned(),
        path,
        tag: Etag::parse(&tag)
            .ok_or_else(|| wrong("the ETag", &tag, "a hash of 40 or 64 lower-case hexadecimal digits"))?,
        size: size.parse().map_err(|_| wrong("the size", &size, "a number of bytes"))?,
    })
}

/// The token that the hub's own tools keep beside the cache after a login.
fn kept_token(cache: &Path) -> Option<String> {
    let token = std::fs::read_to_string(cache.parent()?.join("token")).ok()?;
    Some(token.trim().to_owned()).filter(|token| !token.is_empty())
}
