//! Everything that can be wrong with data, labels and schemas.
// Longer than 400 lines: one enum a crate, and every cause has its fields documented.

mod place;
mod tag;

pub use tag::TagProblem;

use std::path::PathBuf;

use crate::Origin;

/// The result of this crate's fallible functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is wrong, where, and what to do about it. Messages complete "failed to …".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read.
    #[error("read {}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The operating system refused to write.
    #[error("write {}: {source}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// What should be a file is something that need not end.
    #[error("read {}: it is {what}, not a file; write what comes out of it into a file first", file.display())]
    NoFile {
        /// Its name.
        file: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A line is not UTF-8.
    #[error("read {at}: the line is not valid UTF-8; convert the file to UTF-8")]
    Utf8 {
        /// The line.
        at: Origin,
    },
    /// A file is in UTF-16.
    #[error("read {}: it seems to be UTF-16; convert it to UTF-8", file.display())]
    Utf16 {
        /// The file.
        file: PathBuf,
    },
    /// The text of an object is not where it should be.
    #[error(
        "read {at}: there is no text under {key:?}; name the field that holds it with --text-key (data.text_key in a config)"
    )]
    Text {
        /// The line.
        at: Origin,
        /// The key.
        key: String,
    },
    /// A line is longer than any text is.
    #[error("read {at}: the line has more than {limit} bytes; break it into lines of less")]
    LongLine {
        /// The line.
        at: Origin,
        /// The most bytes that are read as one line.
        limit: usize,
    },
    /// A JSON document or line cannot be read.
    #[error("read {at}, column {column}: {reason}")]
    Json {
        /// The line.
        at: Origin,
        /// The column, from 1; 0 where it is not known.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// An item of a JSON file is not as its format has it.
    #[error("read {at}: {problem}")]
    Item {
        /// The line where it begins, and its id.
        at: Origin,
        /// What is wrong, what it seems to be, and what to do.
        problem: String,
    },
    /// A line is not laid out as its format has it.
    #[error("read {at}: expected {expected}; check the format")]
    Layout {
        /// The line.
        at: Origin,
        /// What should stand there.
        expected: &'static str,
    },
    /// A place can be read in more than one way, or seems to be something other than its format has there.
    #[error("read {at}: {problem}")]
    Unclear {
        /// The line.
        at: Origin,
        /// What it seems to be, and what to do.
        problem: String,
    },
    /// A span in characters is empty, beyond the text, or over white space alone.
    #[error(
        "read {at}: the span {start}..{end} ({label:?}) covers no word of a text of {length} characters; correct its offsets"
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
    /// A record of a data file, such as a task of an annotation tool, is not understood.
    #[error("read {at}: {record}: {problem}")]
    Record {
        /// Where it begins.
        at: Origin,
        /// What it is, and its id.
        record: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Everything in a file is without annotation, or was skipped.
    #[error(
        "read {}: nothing in it is annotated: {left_out} texts have no annotation or were skipped; annotate some, or check the export",
        file.display()
    )]
    NoExample {
        /// The file.
        file: PathBuf,
        /// How many were left out.
        left_out: usize,
    },
    /// A mention is not in its sentence.
    #[error("read {example}: {mention:?} does not stand in the text as whole words; correct the triple")]
    NoMention {
        /// Which example.
        example: String,
        /// The mention.
        mention: String,
    },
    /// There is no such format.
    #[error("find the format {name:?}; the formats are {known}")]
    UnknownFormat {
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
    /// The layout of a file cannot be told from it.
    #[error("tell the format of {}: {problem}", file.display())]
    UnknownLayout {
        /// The file.
        file: PathBuf,
        /// What it seems to be, and what to do.
        problem: String,
    },
    /// A file has not a single example.
    #[error(
        "read {}: it holds no example of the format {format}; check that this is the right file and the right format",
        file.display()
    )]
    Empty {
        /// The file.
        file: PathBuf,
        /// The format's name.
        format: &'static str,
    },
    /// A file has no sentence at all.
    #[error("read {}: it holds no sentence; check that this is the right file and that it is complete", file.display())]
    NoSentence {
        /// The file.
        file: PathBuf,
    },
    /// A line of a column file has no token.
    #[error(
        "read {at}: column {column}, where the token belongs, is blank; put the token there, or leave the line empty"
    )]
    NoToken {
        /// The line.
        at: Origin,
        /// The column of the tokens, from 1.
        column: usize,
    },
    /// A line has a token but no tag, beside lines that have one.
    #[error(
        "read {at}: the token {token:?} has no tag, but the sentence has tags; add the missing tag (O for none)"
    )]
    NoTag {
        /// The line.
        at: Origin,
        /// The token.
        token: String,
    },
    /// A tag does not fit its place or its tag scheme.
    #[error("read {at}: the tag {tag:?} {problem}")]
    Tag {
        /// The line.
        at: Origin,
        /// The tag as written.
        tag: String,
        /// What is wrong with it.
        problem: TagProblem,
    },
    /// A token is empty or white space alone, which the encoding cannot carry.
    #[error("use {example}: token {index} ({token:?}) is blank; drop it")]
    BadToken {
        /// Which example.
        example: String,
        /// The token's index.
        index: usize,
        /// The token.
        token: String,
    },
    /// A span is empty or reaches beyond the tokens.
    #[error(
        "use {example}: the {label:?} span {start}..{end} is not within its {tokens} tokens; fix start and end (end excluded)"
    )]
    BadSpan {
        /// Which example.
        example: String,
        /// The span's label.
        label: String,
        /// First token.
        start: usize,
        /// One past the last token.
        end: usize,
        /// How many tokens there are.
        tokens: usize,
    },
    /// A relation names an entity that does not exist.
    #[error(
        "use {example}: the relation {label:?} names entity {index}, but there are {entities}; head and tail count entities from 0"
    )]
    BadRelation {
        /// Which example.
        example: String,
        /// The relation's label.
        label: String,
        /// The index that is out of range.
        index: usize,
        /// How many entities there are.
        entities: usize,
    },
    /// The role of an event names an entity or a trigger that does not exist.
    #[error(
        "use {example}: the argument {label:?} names {what} {index}, but there are {count}; they are counted from 0"
    )]
    BadArgument {
        /// Which example.
        example: String,
        /// The role.
        label: String,
        /// `entity` or `trigger`.
        what: &'static str,
        /// The index that is out of range.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// An example lacks something that the task reads or writes.
    #[error("encode {example}: it has no {field}, which the task {task} needs; add the field {field:?}")]
    NoField {
        /// Which example.
        example: String,
        /// The task.
        task: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A part of an example that cannot be cut is too long for a model.
    #[error("cut {example} into windows: {part} alone is too long; shorten it, or let windows be longer")]
    NoWindow {
        /// Which example.
        example: String,
        /// Which part.
        part: String,
    },
    /// A label in the data is not in the schema.
    #[error("encode {example}: the label {label:?} is not in the schema; add it (known: {known})")]
    UnknownLabel {
        /// Which example.
        example: String,
        /// The label.
        label: String,
        /// The labels of the schema.
        known: String,
    },
    /// A label that the schema does not name cannot be its own name.
    #[error(
        "encode {example}: the label {label:?} cannot stand for itself: a name is words with single spaces, without [ ] | =; \
         rename it, or give it a name in the schema"
    )]
    NoName {
        /// Which example.
        example: String,
        /// The label.
        label: String,
    },
    /// An episode asks for more than there is.
    #[error(
        "draw an episode: it needs {needed} {what}, but there are {there}; ask for fewer ways, shots or queries"
    )]
    TooFew {
        /// What is scarce.
        what: String,
        /// How many are needed.
        needed: usize,
        /// How many there are.
        there: usize,
    },
    /// A file that tells labels is not as it should be.
    #[error("read the labels of {file}: {source}")]
    BadSchema {
        /// The file.
        file: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// Two slots of an ontology cannot be told apart where a value follows.
    #[error("use the schema: the slot {second:?} starts with the slot {first:?}; rename one of them")]
    AmbiguousSlot {
        /// The shorter one, with its domain.
        first: String,
        /// The longer one, with its domain.
        second: String,
    },
    /// A label counts as another that does not exist.
    #[error(
        "use the schema: the label {label:?} is said to be the same as {other:?}, which is no relation of it"
    )]
    SameAsNothing {
        /// The label.
        label: String,
        /// The other.
        other: String,
    },
    /// There is no task of this name.
    #[error("find the task {name:?}; the tasks are {known}")]
    UnknownTask {
        /// The name.
        name: String,
        /// All names.
        known: String,
    },
    /// A label has an empty natural name.
    #[error("use the schema: the label {label:?} has an empty name; give it a word or two")]
    EmptyName {
        /// The label.
        label: String,
    },
    /// A natural name cannot be written as plain words.
    #[error(
        "use the schema: the name {name:?} of label {label:?} must be words with single spaces, without [ ] | ="
    )]
    BadName {
        /// The label.
        label: String,
        /// Its name.
        name: String,
    },
    /// Two labels share one natural name, so that decoding could not tell them apart.
    #[error(
        "use the schema: the labels {first:?} and {second:?} both have the name {name:?}; give them different names"
    )]
    SameName {
        /// One label.
        first: String,
        /// The other.
        second: String,
        /// Their name.
        name: String,
    },
    /// A label is given two natural names.
    #[error("use the schema: the label {label:?} has two names, {first:?} and {second:?}; leave one out")]
    TwoNames {
        /// The label.
        label: String,
        /// Its name.
        first: String,
        /// Another name that it is given.
        second: String,
    },
    /// A name has not a single piece.
    #[error("constrain outputs: the tokenizer has no piece for {name:?}; use another name in the schema")]
    NameWithoutPieces {
        /// The name.
        name: String,
    },
    /// Two names, or two marks of the markup, have the same pieces.
    #[error(
        "constrain outputs: the tokenizer writes {first:?} and {second:?} the same way; use other names, or another tokenizer"
    )]
    SamePieces {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// A task that tells the class of an example has none to choose from.
    #[error("constrain outputs: the schema has no classes for the task {task}; list them")]
    NoClasses {
        /// The task.
        task: &'static str,
    },
    /// The outputs of a task in reference mode can be anything.
    #[error("constrain outputs: the quirk {quirk} allows any output; use the fixed mode, or decode freely")]
    NoConstraint {
        /// The quirk.
        quirk: &'static str,
    },
    /// An output must be longer than is allowed.
    #[error(
        "constrain outputs: {example} needs up to {needed} pieces, but {most} are allowed; allow more, or cut it"
    )]
    OutputTooLong {
        /// Which example.
        example: String,
        /// How many pieces may be needed.
        needed: usize,
        /// How many are allowed.
        most: usize,
    },
    /// There are too few scores to tell how often they come true.
    #[error("calibrate the scores: {n} are too few, {least} are needed; give more annotated data")]
    FewScores {
        /// How many there are.
        n: usize,
        /// How many are needed.
        least: usize,
    },
    /// The temperature of some scores was not found.
    #[error("calibrate the scores: no temperature fits the {n} scores; look for scores that are not numbers")]
    NotFitted {
        /// How many there are.
        n: usize,
    },
}
