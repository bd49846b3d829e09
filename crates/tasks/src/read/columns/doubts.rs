//! What shows that a column file is not what its layout makes of it.

use std::collections::BTreeSet;

use super::commas::SEPARATORS;
use super::layout::{Layout, without_code};
use super::names::{WORDS_OR_TEXTS, is_of_another};
use super::splits::Splits;
use super::{Block, unclear};
use crate::read::ReadOptions;
use crate::tags::{TagScheme, is_tag};
use crate::{Origin, Result};

impl Layout {
    /// Refuses a file that would be read as what it is not.
    pub(super) fn check(&self, blocks: &[Block], names: &[String], options: &ReadOptions) -> Result<()> {
        if options.scheme != TagScheme::Unlabelled {
            self.check_split(blocks, names)?;
        }
        self.check_ids(blocks, names)?;
        self.check_count(blocks, names)?;
        self.check_separator(blocks)?;
        if names.is_empty() && options.word_column.is_none() {
            self.check_words(blocks, options)?;
        }
        Ok(())
    }

    /// Refuses a file that has ids of sentences in a column of another name, or of none, by which it does not part
    /// them.
    fn check_ids(&self, blocks: &[Block], names: &[String]) -> Result<()> {
        let surveys = self.surveys(blocks);
        // Other tags than those that are read are no ids.
        let is_other = |column: &usize| {
            Some(*column) != self.tag
                && (names.is_empty() || *column != self.word)
                && !surveys[*column].is_of_tags()
        };
        // In a file of a single sentence, a column of an unheard name tells ids by standing together alone. So does one
        // behind the tags.
        let is_unheard = |column: usize| match names.get(column) {
            Some(name) => blocks.len() == 1 && !is_of_another(name),
            None => names.is_empty() && self.tag.is_some_and(|tag| column > tag),
        };
        for column in (0..self.width).filter(|column| self.sentence.is_empty() && is_other(column)) {
            let Some(at) = self.unnamed_ids(blocks, column, !is_unheard(column)) else { continue };
            let which = called(column, names);
            let advice = if names.is_empty() {
                "write a first line with the names of the columns, such as sentence_id, word and tag"
            } else {
                "call that column sentence_id"
            };
            let problem = format!(
                "{which} seems to say of which sentence or document a token is, and another one begins here without a blank line; put blank \
                 lines between sentences, or {advice}"
            );
            return Err(unclear(at, problem));
        }
        Ok(())
    }

    /// Refuses a file with rows of several splits, which would be read as one.
    fn check_split(&self, blocks: &[Block], names: &[String]) -> Result<()> {
        for column in self.others() {
            let mut splits = Splits::of_column(names.get(column).map(String::as_str));
            let (mut first, mut other) = (None, None);
            for (at, row) in blocks.iter().flat_map(|block| self.rows(block)) {
                if !splits.add(row[column]) {
                    break;
                }
                let cell = row[column].to_lowercase();
                if *first.get_or_insert_with(|| cell.clone()) != cell {
                    other.get_or_insert((at, cell));
                }
            }
            if let (Some(_), Some(first), Some((at, second))) = (splits.several(), first, other) {
                let problem = format!(
                    "{} says that lines are of several splits ({first:?} before, {second:?} here); write each split into a file of its own",
                    called(column, names)
                );
                return Err(unclear(at, problem));
            }
        }
        Ok(())
    }

    /// Refuses a file in which a column counts the words and begins again where no sentence does.
    fn check_count(&self, blocks: &[Block], names: &[String]) -> Result<()> {
        for column in self.others().filter(|_| self.sentence.is_empty()) {
            let Some(at) = self.restart(blocks, column) else { continue };
            let problem = format!(
                "{} counts the words and begins again here, without a blank line; put blank lines between sentences",
                called(column, names)
            );
            return Err(unclear(at, problem));
        }
        Ok(())
    }

    /// The columns that hold neither words nor tags.
    fn others(&self) -> impl Iterator<Item = usize> {
        (0..self.width).filter(|&column| column != self.word && Some(column) != self.tag)
    }

    /// Where a column begins to count anew inside of a block, if all that it does is to count from 0 or 1.
    fn restart<'b>(&self, blocks: &'b [Block], column: usize) -> Option<&'b Origin> {
        let mut found = None;
        let mut counted = false;
        for block in blocks {
            let mut last: Option<u64> = None;
            for (at, fields) in self.rows(block) {
                let number: u64 = fields.get(column)?.parse().ok()?;
                match last {
                    Some(last) if number == last + 1 => counted = true,
                    // Neither the next number nor a new 0 or 1: this column does something else.
                    _ if number > 1 => return None,
                    Some(_) => _ = found.get_or_insert(at),
                    None => {}
                }
                last = Some(number);
            }
        }
        found.filter(|_| counted)
    }

    /// Refuses lines of a single column that end in a tag, behind a comma or the like, and those under a header
    /// with such separators.
    fn check_separator(&self, blocks: &[Block]) -> Result<()> {
        if self.width != 1 {
            return Ok(());
        }
        let rows = || blocks.iter().flat_map(|block| self.rows(block)).map(|(at, row)| (at, row[0]));
        let Some((first, line)) = rows().next() else { return Ok(()) };
        for separator in SEPARATORS.map(char::from) {
            let (mut lines, mut tagged, mut even) = (0_usize, 0_usize, true);
            let columns = line.matches(separator).count();
            for (_, line) in rows() {
                lines += 1;
                tagged += usize::from(line.rsplit_once(separator).is_some_and(|(_, tag)| is_tag(tag)));
                even &= line.matches(separator).count() == columns;
            }
            let is_header = line.split(separator).any(|name| WORDS_OR_TEXTS.contains(&&*name.to_lowercase()));
            if 10 * tagged >= 9 * lines || columns > 0 && even && lines > 1 && is_header {
                let problem = format!(
                    "columns seem to be separated by {separator:?}; write tabs instead, or put a line with the names of the columns first, such as word{separator}tag"
                );
                return Err(unclear(first, problem));
            }
        }
        Ok(())
    }

    /// Refuses words that are numbers, or the ids of WebAnno.
    fn check_words(&self, blocks: &[Block], options: &ReadOptions) -> Result<()> {
        let rows = || blocks.iter().flat_map(|block| self.rows(block));
        let Some((first, _)) = rows().next() else { return Ok(()) };
        let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        let is_id = |word: &str| word.split_once('-').is_some_and(|(a, b)| is_number(a) && is_number(b));
        let (mut numbers, mut ids, mut count) = (true, true, 0_usize);
        for (_, row) in rows() {
            numbers &= is_number(row[self.word]);
            ids &= is_id(row[0]);
            count += 1;
        }
        if ids && self.width > 1 {
            let problem = "the first column holds ids such as 1-1, as in WebAnno TSV; export the project as CoNLL 2002 or CoNLL-U, or name the columns of words and tags (--word-column, --tag-column, data.word_column, data.tag_column)";
            return Err(unclear(first, problem));
        }
        if self.width > 1
            && let Some(at) = self.repeated_word(blocks)
        {
            let problem = format!(
                "column {} holds the same through whole sentences, so that it says where words are from and is not the words; name the column of the words (--word-column, data.word_column)",
                self.word + 1
            );
            return Err(unclear(at, problem));
        }
        // Of input to predict the first sentence alone is seen.
        let unlabelled = options.scheme == TagScheme::Unlabelled;
        if count > 1 && numbers && !(unlabelled && self.width == 1) {
            let problem = format!(
                "column {} holds numbers alone, which are hardly the words; name the column of the words (--word-column, data.word_column), or put the words in if there is none",
                self.word + 1
            );
            return Err(unclear(first, problem));
        }
        Ok(())
    }

    /// Where the first sentence begins whose words are all one, or run by run, if no other sentence has several words; such a column says
    /// where words are from.
    fn repeated_word<'b>(&self, blocks: &'b [Block]) -> Option<&'b Origin> {
        let mut found = None;
        for block in blocks {
            let words: Vec<_> = self.rows(block).map(|(at, row)| (at, row[self.word])).collect();
            let runs: Vec<_> = words.chunk_by(|(_, a), (_, b)| a == b).collect();
            let known: BTreeSet<&str> = runs.iter().map(|run| run[0].1).collect();
            match runs.len() {
                // One word, or `ha ha`, says nothing.
                0 | 1 if words.len() <= 2 => {}
                1 => found = found.or(Some(words[0].0)),
                count if words.len() >= 4 && words.len() >= 2 * count && known.len() == count => {
                    found = found.or(Some(words[0].0));
                }
                _ => return None,
            }
        }
        found
    }

    /// Whether codes of languages stand in front of nearly all words, as `en:` in WikiANN's files.
    pub(super) fn has_language_codes(&self, blocks: &[Block]) -> bool {
        let (mut count, mut coded) = (0_usize, 0_usize);
        for (_, row) in blocks.iter().flat_map(|block| self.rows(block)) {
            count += 1;
            coded += usize::from(without_code(row[self.word]).is_some());
        }
        coded > 1 && 10 * coded >= 9 * count
    }
}

/// How messages call a column.
fn called(column: usize, names: &[String]) -> String {
    match names.get(column) {
        Some(name) => format!("column {name:?}"),
        None => format!("column {}", column + 1),
    }
}
