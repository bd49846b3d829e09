//! Files that others may read while they are written.

use std::path::Path;
use std::{fs, process, thread};

use anyhow::{Context, Result};

/// Writes `text` into the `file`, in one step, unless it stands there. Each thread of each process has a place of its own to write it first.
pub(super) fn put(file: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let beside = file.with_added_extension(format!("{}-{:?}.tmp", process::id(), thread::current().id()));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, file));
    written.with_context(|| format!("failed to write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::put;

    #[test]
    fn what_stands_there_is_left_alone() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("a.full.140.toml");
        put(&file, "seeds = [1]")?;
        let written = file.metadata()?.modified()?;
        put(&file, "seeds = [1]")?;
        assert_eq!(file.metadata()?.modified()?, written);
        put(&file, "seeds = [2]")?;
        assert_eq!(std::fs::read_to_string(&file)?, "seeds = [2]");
        assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }
}
