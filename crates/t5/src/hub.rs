//! Models by their name on the Hugging Face hub, found in the cache that every tool of the hub shares.
//!
//! Layout, as `huggingface_hub` writes it: `models--OWNER--NAME/refs/main` holds a commit, `snapshots/COMMIT/` the files of it, links into
//! `blobs/`. Only `fetch` downloads anything.

#[cfg(feature = "hub")]
mod fetch;

#[cfg(feature = "hub")]
pub use fetch::{FetchError, Hub, Patience, Progress, RequestError, fetch};

use std::path::{Path, PathBuf};

use crate::Error;

/// The folder where tools of the hub keep what they downloaded, if there is one.
#[derive(Clone, Debug, Default)]
pub struct HubCache {
    folder: Option<PathBuf>,
}

impl HubCache {
    /// The cache in `folder`, which need not exist.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder: Some(folder) }
    }

    /// The folder of the model that `model` names: itself where it is a folder, else what the cache holds under that name (`owner/name`, or
    /// `name` alone).
    pub fn model_folder(&self, model: &Path) -> Result<PathBuf, Error> {
        let Some(name) = hub_name(model) else { return Ok(model.to_owned()) };
        self.snapshot(name).map_err(|reason| Error::NotInHubCache {
            name: name.to_owned(),
            cache: self.folder.clone().unwrap_or_default(),
            reason,
        })
    }

    /// The folder with the files of the model `name`, or why there is none.
    fn snapshot(&self, name: &str) -> Result<PathBuf, &'static str> {
        let cache = self.folder.as_ref().ok_or("it was not looked for")?;
        let repository = repository_folder(cache, name);
        let in_part = "it is there only in part";
        let commit = std::fs::read_to_string(repository.join("refs/main"))
            .map_err(|_| if repository.is_dir() { in_part } else { "it is not there" })?;
        // The name of a folder beside the others, whatever the file says.
        let commit = Some(commit.trim()).filter(|commit| commit.bytes().all(|b| b.is_ascii_alphanumeric()));
        let snapshot = repository.join("snapshots").join(commit.ok_or("its refs/main is damaged")?);
        // A download ends with this file.
        if snapshot.join("config.json").exists() { Ok(snapshot) } else { Err(in_part) }
    }
}

/// Where `cache` keeps the model `name`.
fn repository_folder(cache: &Path, name: &str) -> PathBuf {
    cache.join(format!("models--{}", name.replace('/', "--")))
}

/// The name on the hub that `model` can only be: no file or folder, and of the form of such a name.
pub fn hub_name(model: &Path) -> Option<&str> {
    let name = model.to_str()?;
    (is_name(name) && !model.exists()).then_some(name)
}

/// Whether a model on the hub can be called so: `owner/name` or `name`. The cache writes `--` where the name has a slash, so no name has that.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            && part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
    };
    name.split('/').count() <= 2 && name.split('/').all(is_part) && !name.contains("--")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{HubCache, hub_name};
    use crate::Error;

    #[test]
    fn names_and_paths_are_told_apart() {
        for name in ["google-t5/t5-large", "t5-small", "google/t5-v1_1-base", "_o/m.1"] {
            assert_eq!(hub_name(Path::new(name)), Some(name));
        }
        for path in [
            "./t5-small",
            "/models/t5",
            "a/b/c",
            "../t5",
            "t5/",
            "t5/.",
            "t5/..",
            "a//b",
            "a--b",
            "t5?x",
            "my models/t5",
            "src",
            "",
        ] {
            assert_eq!(hub_name(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn a_cache_that_another_tool_filled() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let name = Path::new("google-t5/t5-small");
        let cache = HubCache::at(folder.path().to_owned());
        let refused = || cache.model_folder(name).err().map(|e: Error| e.to_string()).unwrap_or_default();
        assert!(refused().contains("it is not there"), "{}", refused());
        assert!(refused().contains(&folder.path().display().to_string()), "{}", refused());

        let repository = folder.path().join("models--google-t5--t5-small");
        let snapshot = repository.join("snapshots/0123abcd");
        std::fs::create_dir_all(repository.join("refs"))?;
        std::fs::create_dir_all(&snapshot)?;
        std::fs::write(repository.join("refs/main"), "0123abcd")?;
        assert!(refused().contains("only in part"), "{}", refused());
        std::fs::write(snapshot.join("config.json"), "{}")?;
        assert_eq!(cache.model_folder(name)?, snapshot);
        std::fs::write(repository.join("refs/main"), "../snapshots/0123abcd")?;
        assert!(refused().contains("refs/main is damaged"), "{}", refused());
        assert_eq!(cache.model_folder(Path::new("src"))?, Path::new("src"));
        Ok(())
    }
}
