//! Where an example was read from.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A line of a file, for error messages; and the item that begins there, where a file has items with names of
/// their own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    file: Arc<Path>,
    line: usize,
    item: Option<Arc<str>>,
}

impl Origin {
    /// The line `line`, counted from 1, of `file`.
    pub fn new(file: impl Into<PathBuf>, line: usize) -> Self {
        Self { file: file.into().into(), line, item: None }
    }

    /// The same file, another line.
    #[must_use]
    pub fn at_line(&self, line: usize) -> Self {
        Self { file: Arc::clone(&self.file), line, item: None }
    }

    /// The same line, with what begins there, such as `task 7`. Inside of an item that has a name, the name
    /// goes on.
    #[must_use]
    pub fn of(&self, item: &str) -> Self {
        let item = match &self.item {
            Some(outer) => format!("{outer}, {item}").into(),
            None => item.into(),
        };
        Self { file: Arc::clone(&self.file), line: self.line, item: Some(item) }
    }

    /// The file as the caller named it.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What begins there, such as `task 7`.
    pub fn item(&self) -> Option<&str> {
        self.item.as_deref()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)?;
        self.item.as_ref().map_or(Ok(()), |item| write!(f, ", {item}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn an_item_is_named_behind_its_line() {
        let line = Origin::new("a.json", 3);
        let relation = line.of("relation \"P1\"");
        assert_eq!(relation.of("example 2").to_string(), "a.json:3, relation \"P1\", example 2");
        assert_eq!(
            (relation.at_line(4).to_string(), line.to_string()),
            ("a.json:4".into(), "a.json:3".into())
        );
    }
}
