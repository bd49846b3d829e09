//! The columns of a file, as they were found, and its lines by them.

use super::comments::Comments;
use super::{Block, Cut, Row, unclear};
use crate::counted::counted;
use crate::tags::is_tag;
use crate::{Error, Origin, ReadError, Result};

/// The layout of a column file. Columns are counted from 0 here, and from 1 in options and messages.
#[derive(Clone, Debug, Default)]
pub(in crate::read) struct Layout {
    pub(super) cut: Cut,
    pub(super) width: usize,
    /// Lines may have any number of columns; the last has the tag.
    pub(super) ragged: bool,
    pub(super) comments: Comments,
    /// The line of the header.
    pub(super) header: Option<usize>,
    /// The columns that tell of which sentence, or document, a token is.
    pub(super) sentence: Vec<usize>,
    /// The first column counts the words.
    pub(super) index: bool,
    pub(super) word: usize,
    /// Codes of languages in front of words are no part of them.
    pub(super) coded: bool,
    /// None where no line has a tag.
    pub(super) tag: Option<usize>,
}

impl Layout {
    /// Whether a line is a comment or the header.
    pub(super) fn is_no_row(&self, at: &Origin, line: &str) -> bool {
        Some(at.line()) == self.header || self.comments.is(line)
    }

    /// Lines of the usual number of columns, cut.
    pub(super) fn rows<'a>(&self, block: &'a Block) -> impl Iterator<Item = (&'a Origin, Vec<&'a str>)> {
        let words = block.lines.iter().filter(|(at, line)| !self.is_no_row(at, line));
        let rows = words.map(|(at, line)| (at, self.cut.fields(line)));
        rows.filter(|(_, fields)| fields.len() == self.width)
    }

    /// Whether lines have tags.
    pub(in crate::read) fn has_tags(&self) -> bool {
        self.tag.is_some()
    }

    /// What a line is.
    pub(in crate::read) fn row<'a>(&self, at: &Origin, line: &'a str) -> Result<Row<'a>> {
        if self.is_no_row(at, line) {
            return Ok(Row::NoWord);
        }
        if line.contains('\r') {
            return Err(unclear(at, "a carriage return stands inside the line; end lines with a line feed"));
        }
        let fields = self.cut.fields(line);
        let (found, width) = (fields.len(), self.width);
        // In CoNLL-U, `3-4` stands before words that are written as one, and `5.1` before a word that the
        // text leaves out. They are skipped, but a tag on such a line would be lost with it.
        if self.index && fields[0].contains(['-', '.']) && fields[0].starts_with(|c: char| c.is_ascii_digit())
        {
            let tag =
                self.tag.and_then(|column| fields.get(column)).filter(|tag| is_tag(tag) && **tag != "O");
            return match tag {
                Some(tag) => Err(unclear(
                    at,
                    format!(
                        "the line is of several words in one, or of a word that was left out, and has the tag {tag:?}; write the tag with the words themselves"
                    ),
                )),
                None => Ok(Row::NoWord),
            };
        }
        // A word alone goes without a tag. But `Bonn B-LOC` in a file that is cut at tabs has a space where
        // its tab should be, and is no word of two parts.
        let has_word = self.word < found;
        let is_alone = found == 1 && self.word == 0;
        if !(found == width || is_alone && !fields[0].contains(' ') || self.ragged && has_word) {
            let mut problem = match found {
                1 if self.cut != Cut::Spaces => "the line has no tab, but others are cut at tabs".to_owned(),
                _ => format!("the line has {}, but others have {width}", counted(found, "column")),
            };
            problem.push_str("; write all in the same way");
            if line.starts_with('#') {
                problem.push_str(", or take the line out if it is a comment");
            }
            return Err(unclear(at, problem));
        }
        let word = fields[self.word];
        let word = without_code(word).filter(|_| self.coded).unwrap_or(word);
        if word.is_empty() {
            return Err(Error::Read(ReadError::NoToken { at: at.clone(), column: self.word + 1 }));
        }
        // Of ragged lines the last column counts, where it is not said which.
        let tag = match self.tag {
            Some(column) if self.ragged && column + 1 == width => fields.last().filter(|_| found > 1),
            Some(column) => fields.get(column),
            None => None,
        };
        Ok(Row::Word(word, tag.copied().filter(|tag| !tag.is_empty())))
    }

    /// Refuses a sentence whose first column should count its words and does not.
    pub(in crate::read) fn check_index(&self, words: &[(Origin, String)]) -> Result<()> {
        if !self.index {
            return Ok(());
        }
        let firsts = words.iter().map(|(_, line)| self.cut.fields(line)[0]);
        count_up(firsts).map_err(|i| {
            let problem = "the first column does not count on from the line before, as it does in other sentences; correct it, or put a blank line between sentences";
            unclear(&words[i].0, problem)
        })
    }
}

/// What stands behind the code of a language and a colon, if there is such a code.
pub(super) fn without_code(word: &str) -> Option<&str> {
    let (code, rest) = word.split_once(':')?;
    let is_code =
        (2..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    Some(rest).filter(|rest| is_code && !rest.is_empty())
}

/// Whether these are numbers that go up by one, but for ranges and empty nodes as CoNLL-U has them; else
/// where they are not.
pub(super) fn count_up<'a>(firsts: impl Iterator<Item = &'a str>) -> Result<(), usize> {
    let mut next = None;
    for (i, first) in firsts.enumerate() {
        let is_no_word = |text: &str| {
            text.split_once(['-', '.']).is_some_and(|(a, b)| {
                [a, b].iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
            })
        };
        if is_no_word(first) {
            continue;
        }
        let number: usize = first.parse().map_err(|_| i)?;
        if next.is_some_and(|next| next != number) {
            return Err(i);
        }
        next = number.checked_add(1);
    }
    Ok(())
}
