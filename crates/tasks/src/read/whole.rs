//! A file in one line.

use std::path::Path;

use super::{Format, ReadOptions};
use crate::{Example, Result};

impl Format {
    /// All examples of a file (of a folder for [`Format::Intents`]), read with the default options. What its
    /// reader would [note](super::Examples::notes) is not told.
    ///
    /// ```
    /// use fishdip_tasks::read::Format;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("train.conll");
    /// std::fs::write(&path, "Ann B-PER\nleft O\n\nIt O\n")?;
    /// let examples = Format::Conll.load(&path)?;
    /// assert_eq!((examples.len(), examples[0].entities[0].label.as_str()), (2, "PER"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load(self, path: impl AsRef<Path>) -> Result<Vec<Example>> {
        self.read(path.as_ref(), &ReadOptions::default())?.collect()
    }
}
