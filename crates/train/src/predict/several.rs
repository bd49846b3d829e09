//! What the outputs of several adapters are called.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::run_folder::ADAPTER;

/// A name for the output of each of `adapters`: that of its folder, or of its run where a run calls it `adapter`. Two that are called alike are
/// refused, also where only some systems take the names for one.
pub fn output_names(adapters: &[PathBuf]) -> Result<Vec<String>, Error> {
    let mut known: BTreeMap<String, &Path> = BTreeMap::new();
    let mut names = Vec::new();
    for adapter in adapters {
        let name = name(adapter)?;
        if let Some(other) = known.insert(name.to_lowercase(), adapter) {
            return Err(Error::Data(format!(
                "the outputs of {} and {} would both be called {name}; give one of the folders another name, or ask them one by one",
                other.display(),
                adapter.display()
            )));
        }
        names.push(name);
    }
    Ok(names)
}

fn name(adapter: &Path) -> Result<String, Error> {
    // What `.` and links are called is looked up.
    let whole = adapter.canonicalize().map_err(|source| Error::Io {
        action: crate::Access::Read,
        path: adapter.to_owned(),
        source,
    })?;
    let of = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let own = of(&whole).unwrap_or_default();
    let run = whole.parent().and_then(of).filter(|_| own == ADAPTER);
    Ok(run.unwrap_or(own))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_those_of_folders_or_runs_and_never_the_same() {
        let root = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let path = root.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            path
        };
        let names = output_names(&[folder("one/adapter"), folder("two/adapter"), folder("merged")]).unwrap();
        assert_eq!(names, ["one", "two", "merged"]);
        for clash in [[folder("a/merged"), folder("merged")], [folder("x/A"), folder("y/a")]] {
            let error = output_names(&clash).unwrap_err().to_string();
            assert!(error.contains("would both be called"), "{error}");
        }
        let error = output_names(&[root.path().join("none")]).unwrap_err();
        assert!(error.not_found().is_some(), "{error}");
    }
}
