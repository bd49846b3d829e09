//! A model from the Hugging Face hub into the cache that every tool of the hub shares.
//!
//! What was interrupted is resumed, every file is compared with the hash that the hub names, and `config.json` comes last, so that a
//! snapshot that has it is whole.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hf_hub::api::sync::{ApiBuilder, ApiError, ApiRepo};
use hf_hub::{Cache, Repo};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

/// What a model folder may hold beside its weights.
const SMALL: &[&str] = &[
    "tokenizer.json",
    "spiece.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "generation_config.json",
];

/// The weights, in one file or in several with an index; what comes first is preferred.
const WEIGHTS: &[(&str, &str)] = &[("model", "safetensors"), ("pytorch_model", "bin")];

const LAST: &str = "config.json";

/// A broken connection is taken up again this many times. Not by the library, which begins the file anew behind what is there of it.
const RETRIES: u32 = 5;

/// How long to wait before the first of them; twice as long before every further one.
const FIRST_WAIT: Duration = Duration::from_millis(300);

/// Why a model was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The hub does not answer, or not about this model.
    #[error(
        "failed to ask {endpoint} about {name}: {source}; the cache {cache} has no whole copy of it. A model's folder from elsewhere can be used as well"
    )]
    Unreachable {
        /// The address.
        endpoint: String,
        /// The model.
        name: String,
        /// The folder of the cache.
        cache: PathBuf,
        /// What went wrong.
        source: ApiError,
    },
    /// The hub holds something else under this name.
    #[error("{name} on the hub holds no {lacks}: it is no T5 model that can be read")]
    NoModel {
        /// The name.
        name: String,
        /// Which file is not there.
        lacks: &'static str,
    },
    /// A download broke off.
    #[error("failed to download {file} of {name}: {source}; the same command goes on from there")]
    Download {
        /// The model.
        name: String,
        /// The file.
        file: String,
        /// What went wrong.
        source: ApiError,
    },
    /// What came is not what the hub announced.
    #[error(
        "{file} of {name} is not what the hub announced (its hash is {found}, not {expected}); it was removed, fetch it again"
    )]
    Damaged {
        /// The model.
        name: String,
        /// The file.
        file: String,
        /// The hash of what came.
        found: String,
        /// The announced one.
        expected: String,
    },
    /// A file of the cache.
    #[error("failed to read or remove {path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl FetchError {
    /// True where something was written.
    pub fn is_part_way(&self) -> bool {
        matches!(self, Self::Download { .. } | Self::Damaged { .. } | Self::Io { .. })
    }
}

/// The hub, and where what comes from it is kept.
#[derive(Clone, Debug)]
pub struct Hub {
    /// Its address, such as `https://huggingface.co`.
    pub endpoint: String,
    /// The folder of the cache; made if it is absent.
    pub cache: PathBuf,
    /// What the hub knows the user by; without one, what the cache's folder holds of the kind.
    pub token: Option<String>,
}

/// Downloads what is not there yet of the model `name` and gives its folder.
pub fn fetch(hub: &Hub, name: &str) -> Result<PathBuf, FetchError> {
    let Hub { endpoint, cache: folder, token } = hub;
    let cache = Cache::new(folder.clone());
    let token = token.clone().or_else(|| cache.token());
    let cached = cache.model(name.to_owned());
    let unreachable = |source| FetchError::Unreachable {
        endpoint: endpoint.clone(),
        name: name.to_owned(),
        cache: folder.clone(),
        source,
    };
    let api = ApiBuilder::from_cache(cache)
        .with_endpoint(endpoint.clone())
        .with_token(token)
        .with_user_agent("fishdip", env!("CARGO_PKG_VERSION"))
        .build()
        .map_err(unreachable)?;
    let repository = api.model(name.to_owned());
    let info = match repository.info() {
        Ok(info) => info,
        Err(error) => {
            // Whoever has the model already needs no network.
            return cached
                .get(LAST)
                .and_then(|file| Some(file.parent()?.to_owned()))
                .ok_or_else(|| unreachable(error));
        }
    };
    let there: Vec<&str> = info.siblings.iter().map(|file| file.rfilename.as_str()).collect();
    let blobs = folder.join(Repo::model(name.to_owned()).folder_name()).join("blobs");
    let mut snapshot = PathBuf::new();
    for file in wanted(&there).map_err(|lacks| FetchError::NoModel { name: name.to_owned(), lacks })? {
        let path = match cached.get(file).filter(|path| path.parent().is_some_and(|p| p.ends_with(&info.sha)))
        {
            Some(path) => path,
            None => download(&repository, &blobs, name, file)?,
        };
        verify(&path, name, file)?;
        snapshot = path.parent().map(Path::to_path_buf).unwrap_or_default();
    }
    Ok(snapshot)
}

/// Of the files on the hub those that make a model, `config.json` last; else what is lacking.
fn wanted<'a>(there: &[&'a str]) -> Result<Vec<&'a str>, &'static str> {
    let mut files: Vec<&str> = there.iter().copied().filter(|file| SMALL.contains(file)).collect();
    let weights = WEIGHTS.iter().find_map(|(stem, extension)| {
        let single = format!("{stem}.{extension}");
        if let Some(file) = there.iter().find(|file| **file == single) {
            return Some(vec![*file]);
        }
        let (index, part) = (format!("{single}.index.json"), format!("{stem}-"));
        let is_part = |file: &str| {
            file.starts_with(&part) && Path::new(file).extension().is_some_and(|e| e == *extension)
        };
        let parts = || there.iter().copied().filter(|file| *file == index || is_part(file)).collect();
        there.contains(&index.as_str()).then(parts)
    });
    files.extend(weights.ok_or("model.safetensors or pytorch_model.bin")?);
    files.push(there.iter().copied().find(|file| *file == LAST).ok_or(LAST)?);
    Ok(files)
}

/// Downloads a file, going on from what an earlier try left of it.
fn download(repository: &ApiRepo, blobs: &Path, name: &str, file: &str) -> Result<PathBuf, FetchError> {
    let mut tries = 0;
    loop {
        let source = match repository.download(file) {
            Ok(path) => return Ok(path),
            Err(error) => error,
        };
        let message = source.to_string();
        let again = if message.ends_with("status code 416") {
            // A part that is the whole, left by a crash before it was renamed, cannot be gone on from.
            remove_parts(blobs)
        } else {
            // What the hub refuses it will refuse again.
            !message.contains("status code 4")
        };
        if !again || tries == RETRIES {
            return Err(FetchError::Download { name: name.to_owned(), file: file.to_owned(), source });
        }
        std::thread::sleep(FIRST_WAIT * 2u32.pow(tries));
        tries += 1;
    }
}

/// Removes what downloads that were broken off have left, and tells whether there was any.
fn remove_parts(blobs: &Path) -> bool {
    let parts = std::fs::read_dir(blobs).into_iter().flatten().flatten().map(|entry| entry.path());
    let parts = parts.filter(|path| path.extension().is_some_and(|extension| extension == "part"));
    parts.filter(|path| std::fs::remove_file(path).is_ok()).count() > 0
}

/// Compares a file with its hash, which is the name of the blob that the snapshot links to: SHA-256 of a large file, git's SHA-1 of
/// a small one. Removes it where they differ.
fn verify(path: &Path, name: &str, file: &str) -> Result<(), FetchError> {
    let io = |source| FetchError::Io { path: path.to_owned(), source };
    let blob = std::fs::canonicalize(path).map_err(io)?;
    let expected = blob.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut content = std::fs::File::open(&blob).map_err(io)?;
    let found = match expected.len() {
        64 => {
            let mut hasher = Sha256::new();
            std::io::copy(&mut content, &mut hasher).map_err(io)?;
            format!("{:x}", hasher.finalize())
        }
        40 => {
            let mut hasher =
                Sha1::new_with_prefix(format!("blob {}\0", content.metadata().map_err(io)?.len()));
            std::io::copy(&mut content, &mut hasher).map_err(io)?;
            format!("{:x}", hasher.finalize())
        }
        // A system without links keeps the file itself in the snapshot, and no hash with it.
        _ => return Ok(()),
    };
    if found == expected {
        return Ok(());
    }
    std::fs::remove_file(path).map_err(io)?;
    std::fs::remove_file(&blob).map_err(io)?;
    Err(FetchError::Damaged { name: name.to_owned(), file: file.to_owned(), found, expected })
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn one_copy_of_the_weights_and_the_config_last() {
        let t5_small = [
            ".gitattributes",
            "README.md",
            "config.json",
            "flax_model.msgpack",
            "generation_config.json",
            "model.safetensors",
            "onnx/model.safetensors",
            "pytorch_model.bin",
            "spiece.model",
            "tf_model.h5",
            "tokenizer.json",
        ];
        let files =
            ["generation_config.json", "spiece.model", "tokenizer.json", "model.safetensors", "config.json"];
        assert_eq!(wanted(&t5_small), Ok(files.to_vec()));
    }

    #[test]
    fn weights_in_parts_and_of_pytorch() {
        let parts = [
            "config.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json",
            "pytorch_model-00001-of-00002.bin",
            "pytorch_model.bin.index.json",
        ];
        assert_eq!(wanted(&parts), Ok(vec![parts[1], parts[2], parts[3], parts[0]]));
        assert_eq!(
            wanted(&["config.json", "pytorch_model.bin"]),
            Ok(vec!["pytorch_model.bin", "config.json"])
        );
    }

    #[test]
    fn what_is_lacking_is_named() {
        assert_eq!(wanted(&["config.json", "tf_model.h5"]), Err("model.safetensors or pytorch_model.bin"));
        assert_eq!(wanted(&["model.safetensors"]), Err("config.json"));
    }
}
