//! How a file is read, where its layout leaves a choice.

use serde::{Deserialize, Serialize};

use crate::tags::TagScheme;
use crate::{Quirks, TaskKind};

/// What a layout leaves open. The default asks the file, and refuses where it gives no answer.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The tag scheme of column files.
    pub scheme: TagScheme,
    /// Where to read as the original program does.
    pub quirks: Quirks,
    /// The column of the words, where a column file or a table does not show it.
    pub word_column: Option<Column>,
    /// The column of the tags or classes, where a column file or a table does not show it; the control that
    /// is read, where a Label Studio project has several of a kind.
    pub tag_column: Option<Column>,
    /// The field that holds the text, where several could.
    pub text_key: Option<String>,
    /// The annotator whose annotations count, where there are several of one text.
    pub annotator: Option<String>,
    /// The task that the data are for, where it is known: [`Format::Auto`](super::Format::Auto) looks for
    /// layouts that have data for it.
    pub task: Option<TaskKind>,
    /// Which occurrence is meant where a mention is told by its text alone and stands there more than once.
    pub mentions: MentionRule,
}

/// A column, counted from 1, or by the name that the header gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Column {
    /// Its number, from 1.
    Number(usize),
    /// Its name in the header.
    Name(String),
}

/// Values of [`ReadOptions::mentions`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MentionRule {
    /// Of the head's and the tail's occurrences the two that are closest and do not overlap.
    #[default]
    Closest,
    /// Every occurrence of the head with every one of the tail that it does not overlap.
    Every,
}

impl MentionRule {
    /// What is taken, for messages.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Closest => "the closest pair",
            Self::Every => "every pair",
        }
    }
}

impl ReadOptions {
    /// The default, but for the tag scheme and the quirks.
    pub fn new(scheme: TagScheme, quirks: Quirks) -> Self {
        Self { scheme, quirks, ..Self::default() }
    }
}

impl TryFrom<String> for Column {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.parse() {
            Ok(0) => Err("columns are counted from 1".to_owned()),
            Ok(number) => Ok(Self::Number(number)),
            Err(_) if name.trim().is_empty() => {
                Err("expected the number of a column, from 1, or its name".to_owned())
            }
            Err(_) => Ok(Self::Name(name)),
        }
    }
}

impl From<Column> for String {
    fn from(column: Column) -> Self {
        match column {
            Column::Number(number) => number.to_string(),
            Column::Name(name) => name,
        }
    }
}
