//! What can be wrong with a data file.

use std::path::PathBuf;

use super::{TagProblem, span_fault};
use crate::counted::counted;
use crate::{Origin, shortened};

/// What is wrong with a data file, and where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// What should be a file is something that need not end.
    #[error("failed to read {}: it is {what}, not a file; write what comes out of it into a file first", file.display())]
    NoFile {
        /// Its name.
        file: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A line is not UTF-8.
    #[error("failed to read {at}: the line is not valid UTF-8; convert the file to UTF-8")]
    Utf8 {
        /// The line.
        at: Origin,
    },
    /// A file is in UTF-16.
    #[error("failed to read {}: it seems to be UTF-16; convert it to UTF-8", file.display())]
    Utf16 {
        /// The file.
        file: PathBuf,
    },
    /// A file is Parquet that cannot be read.
    #[error("failed to read {} as Parquet: {problem}", file.display())]
    Parquet {
        /// The file.
        file: PathBuf,
        /// Why.
        problem: String,
    },
    /// A line is longer than any text is.
    #[error("failed to read {at}: the line has more than {limit} bytes; break it into lines of less")]
    LongLine {
        /// The line.
        at: Origin,
        /// The most bytes that are read as one line.
        limit: usize,
    },
    /// The text of an object is not where it should be.
    #[error(
        "failed to read {at}: there is no text under {key:?}; name the field that holds it with --text-key (data.text_key in a config)",
        key = shortened(key)
    )]
    Text {
        /// The line.
        at: Origin,
        /// The key.
        key: String,
    },
    /// There is a place for a text, and nothing in it.
    #[error("failed to read {at}: {problem}")]
    NoText {
        /// The line.
        at: Origin,
        /// Where the text should be, and what to do.
        problem: String,
    },
    /// An object or line of a JSON file cannot be read, or is not as its format has it.
    #[error("failed to read {at}: {problem}")]
    Item {
        /// The line where it begins, and its id.
        at: Origin,
        /// What is wrong, what it seems to be, and what to do.
        problem: String,
    },
    /// A record of a data file, such as a task of an annotation tool, is not understood.
    #[error("failed to read {at}: {record}: {problem}")]
    Record {
        /// Where it begins.
        at: Origin,
        /// What it is, and its id.
        record: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A line is not laid out as its format has it.
    #[error("failed to read {at}: expected {expected}; check the format")]
    Layout {
        /// The line.
        at: Origin,
        /// What should stand there.
        expected: &'static str,
    },
    /// A place can be read in more than one way, or seems to be something other than its format has there.
    #[error("failed to read {at}: {problem}")]
    Unclear {
        /// The line.
        at: Origin,
        /// What it seems to be, and what to do.
        problem: String,
    },
    /// A span in characters is empty, beyond the text, or over white space alone.
    #[error(
        "failed to read {at}: the span {start}..{end} ({label:?}) {}; correct its offsets",
        span_fault(*start, *end, *length),
        label = shortened(label)
    )]
    BadCharSpan {
        /// The line.
        at: Origin,
        /// Its label.
        label: String,
        /// First character.
        start: usize,
        /// One past the last character.
        end: usize,
        /// Characters of the text.
        length: usize,
    },
    /// A mention is not in its sentence.
    #[error(
        "failed to read {example}: {mention:?} does not stand in the text as whole words; correct the triple",
        mention = shortened(mention)
    )]
    NoMention {
        /// Which example.
        example: String,
        /// The mention.
        mention: String,
    },
    /// A line of a column file has no token.
    #[error(
        "failed to read {at}: column {column}, where the token belongs, is blank; put the token there, or leave the line empty"
    )]
    NoToken {
        /// The line.
        at: Origin,
        /// The column of the tokens, from 1.
        column: usize,
    },
    /// A line has a token but no tag, beside lines that have one.
    #[error(
        "failed to read {at}: the token {token:?} has no tag, but the sentence has tags; add the missing tag (O for none)",
        token = shortened(token)
    )]
    NoTag {
        /// The line.
        at: Origin,
        /// The token.
        token: String,
    },
    /// A tag does not fit its place or its tag scheme.
    #[error("failed to read {at}: the tag {tag:?} {problem}", tag = shortened(tag))]
    Tag {
        /// The line.
        at: Origin,
        /// The tag as written.
        tag: String,
        /// What is wrong with it.
        problem: TagProblem,
    },
    /// Everything in a file is without annotation, or was skipped.
    #[error(
        "failed to read {}: nothing in it is annotated: {} without annotation or skipped; annotate some, or check the export and that it is for this task",
        file.display(),
        counted(*left_out, "text")
    )]
    NoExample {
        /// The file.
        file: PathBuf,
        /// How many were left out.
        left_out: usize,
    },
    /// A file has not a single example.
    #[error(
        "failed to read {}: it holds no example of the format {format}; check that this is the right file and the right format",
        file.display()
    )]
    Empty {
        /// The file.
        file: PathBuf,
        /// The format's name.
        format: &'static str,
    },
    /// A file has no sentence at all.
    #[error("failed to read {}: it holds no sentence; check that this is the right file and that it is complete", file.display())]
    NoSentence {
        /// The file.
        file: PathBuf,
    },
    /// There is no such format.
    #[error("failed to find the format {:?}; the formats are {known}", shortened(name))]
    UnknownFormat {
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
    /// A layout leaves nothing open that an option could say.
    #[error(
        "failed to use {option}: the format {format} has no use for it; leave it out, or check the format (it is for {formats})"
    )]
    UnusedOption {
        /// The option, and the same in configs.
        option: &'static str,
        /// The format's name.
        format: &'static str,
        /// The formats that it is for.
        formats: String,
    },
    /// It cannot be told which files of a folder are which.
    #[error("failed to tell the data in {}: {problem}", folder.display())]
    UnclearDataSet {
        /// The folder.
        folder: PathBuf,
        /// What is there, and what to do.
        problem: String,
    },
    /// The layout of a file cannot be told from it.
    #[error("failed to tell the format of {}: {problem}", file.display())]
    UnknownLayout {
        /// The file.
        file: PathBuf,
        /// What it seems to be, and what to do.
        problem: String,
    },
}
