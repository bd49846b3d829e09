//! Which column holds the words and which the tags.

use super::comments::Comments;
use super::header::place;
use super::layout::{Layout, count_up};
use super::names::WORDS_OR_TEXTS;
use super::{Block, Cut, sentence_id, sentence_ids, unclear};
use crate::counted::counted;
use crate::read::{NoteKind, Notes, ReadOptions};
use crate::tags::{TagScheme, is_tag};
use crate::{Origin, Result};

/// What stands in one column, over all lines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Survey {
    lines: usize,
    tags: usize,
    pub(super) outside: usize,
}

impl Survey {
    fn has_mostly_tags(self) -> bool {
        2 * self.tags >= self.lines
    }

    pub(super) fn is_of_tags(self) -> bool {
        10 * self.tags >= 9 * self.lines
    }

    pub(super) fn names_entities(self) -> bool {
        // A column of nothing but `O` shows no more than that it may hold tags.
        self.is_of_tags() && self.tags > self.outside
    }
}

impl Layout {
    /// The layout of the file that these sentences are of. What had to be chosen is noted.
    pub(in crate::read) fn find(blocks: &[Block], options: &ReadOptions, notes: &Notes) -> Result<Self> {
        let all = || blocks.iter().flat_map(|block| &block.lines);
        // Each choice stands on those before it: how lines are cut and how many columns they have tells
        // comments from hashtags, the first line that is no comment may name the columns, and so on. Lines
        // with `#` in front have no say in the first ones, unless there are no others.
        let plain: Vec<&str> = all().map(|(_, line)| line.as_str()).filter(|l| !l.starts_with('#')).collect();
        let lines: Vec<&str> =
            if plain.is_empty() { all().map(|(_, line)| line.as_str()).collect() } else { plain };
        let cut = Cut::of(&lines);
        let width = cut.width(lines.iter().copied());
        let comments = Comments::of(cut, width, lines.iter().copied());
        let ragged = options.scheme == TagScheme::Reference;
        let mut layout = Self { cut, width, ragged, comments, ..Self::default() };
        let is_skipped = |line: &str| layout.comments.is(line) && sentence_id(line).is_none();
        let skipped = all().filter(|(_, line)| is_skipped(line)).count();
        if skipped > 0 {
            notes.add(
                NoteKind::Assumed,
                None,
                format!("taken for comments: {} with # in front", counted(skipped, "line")),
            );
        }
        let Some((first, _)) = all().find(|(_, line)| !layout.comments.is(line)) else { return Ok(layout) };
        let names = layout.names(all(), options, notes);
        layout.sentence = (0..names.len().min(width)).filter(|&i| sentence_ids::is_name(&names[i])).collect();
        if !layout.sentence.is_empty() {
            let ids: Vec<&str> = layout.sentence.iter().map(|&i| names[i].as_str()).collect();
            let detail = format!("a sentence ends where {} changes", ids.join(" or "));
            notes.add(NoteKind::Assumed, None, detail);
        }
        layout.index = !layout.sentence.contains(&0) && layout.counts(blocks);
        layout.word = match &options.word_column {
            Some(column) => place(column, &names, width, first)?,
            None => layout.named(&names, &WORDS_OR_TEXTS).unwrap_or_else(|| layout.first_free()),
        };
        if layout.index && layout.word == 1 && options.word_column.is_none() {
            let detail = "the first column counts the words of a sentence, the second holds the words";
            notes.add(NoteKind::Assumed, None, detail);
        }
        layout.tag = match &options.tag_column {
            Some(column) => Some(place(column, &names, width, first)?),
            None if options.scheme == TagScheme::Unlabelled => {
                let surveys = layout.surveys(blocks);
                layout.tags_come_first(&surveys, first, options, notes)?;
                None
            }
            None => match layout.named_tags(blocks, &names, first, notes)? {
                Some(column) => Some(column),
                None => layout.tags(blocks, first, options, notes)?,
            },
        };
        if layout.tag == Some(layout.word) {
            let problem = format!("column {} cannot hold both the words and the tags", layout.word + 1);
            return Err(unclear(first, problem));
        }
        layout.check(blocks, &names, options)?;
        layout.coded = layout.has_language_codes(blocks);
        if layout.coded {
            let detail = "words begin with the code of a language, as in \"en:Oslo\", which is left out";
            notes.add(NoteKind::Assumed, None, detail);
        }
        Ok(layout)
    }

    /// The first column that may hold the words.
    fn first_free(&self) -> usize {
        let taken = |column: &usize| *column == 0 && self.index || self.sentence.contains(column);
        (0..self.width).find(|column| !taken(column)).unwrap_or_default()
    }

    /// Whether the first column counts the words: in most of the sentences that have several, and it is not
    /// the words themselves.
    fn counts(&self, blocks: &[Block]) -> bool {
        let (mut counting, mut other) = (0_usize, 0_usize);
        for block in blocks {
            let first: Vec<String> = self.rows(block).map(|(_, row)| row[0].to_owned()).collect();
            match count_up(first.iter().map(String::as_str)) {
                _ if first.len() < 2 => {}
                Ok(()) => counting += 1,
                Err(_) => other += 1,
            }
        }
        // Of two columns, the numbers are the words themselves if tags stand beside them.
        let is_tagged = || self.surveys(blocks)[1].has_mostly_tags();
        counting > other && (self.width > 2 || self.width == 2 && !is_tagged())
    }

    /// What stands in each column.
    pub(super) fn surveys(&self, blocks: &[Block]) -> Vec<Survey> {
        let mut surveys = vec![Survey::default(); self.width];
        for (_, row) in blocks.iter().flat_map(|block| self.rows(block)) {
            for (survey, field) in surveys.iter_mut().zip(row) {
                survey.lines += 1;
                survey.tags += usize::from(is_tag(field));
                survey.outside += usize::from(field == "O");
            }
        }
        surveys
    }

    /// The column of the tags, where nothing names it.
    fn tags(
        &mut self,
        blocks: &[Block],
        first: &Origin,
        options: &ReadOptions,
        notes: &Notes,
    ) -> Result<Option<usize>> {
        let others: Vec<usize> = (usize::from(self.index)..self.width)
            .filter(|i| *i != self.word && !self.sentence.contains(i))
            .collect();
        let Some(&last) = others.last() else {
            notes.add(NoteKind::Assumed, None, "there are no tags, so that no sentence has an entity");
            return Ok(None);
        };
        let surveys = self.surveys(blocks);
        let survey = |column: usize| surveys[column];
        let named: Vec<usize> = others.iter().copied().filter(|&i| survey(i).names_entities()).collect();
        let tell = |column: usize| {
            let detail = format!("column {} holds the tags", column + 1);
            notes.add(NoteKind::Assumed, None, detail);
            Ok(Some(column))
        };
        let list = |columns: &[usize]| {
            let numbers: Vec<_> = columns.iter().map(|column| (column + 1).to_string()).collect();
            numbers.join(" and ")
        };
        // A file that counts its words is likely of CoNLL-U's kind, whose last column is not that of the
        // tags. So one column must stand out, or the user has to say which.
        if self.index {
            let outside: Vec<usize> = others.iter().copied().filter(|&i| survey(i).outside > 0).collect();
            return match (&named[..], &outside[..]) {
                (&[column], _) | ([], &[column]) => tell(column),
                ([], []) if self.width == 2 => {
                    notes.add(
                        NoteKind::Assumed,
                        None,
                        "there are no tags, so that no sentence has an entity",
                    );
                    Ok(None)
                }
                ([], []) => Err(unclear(
                    first,
                    "the first column counts the words, and no other holds tags; name the column of the tags (--tag-column, data.tag_column)",
                )),
                // Nothing is annotated in any of them.
                ([], &[column, ..]) if outside.iter().all(|&i| survey(i).outside == survey(i).lines) => {
                    tell(column)
                }
                ([], several) | (several, _) => {
                    let columns = list(several);
                    let problem = format!(
                        "columns {columns} all hold tags; name the one to read (--tag-column, data.tag_column)"
                    );
                    Err(unclear(first, problem))
                }
            };
        }
        if self.tags_come_first(&surveys, first, options, notes)? {
            return Ok(Some(0));
        }
        let at_end = survey(last);
        if at_end.has_mostly_tags() || at_end.outside > 0 || options.scheme != TagScheme::Auto {
            if options.scheme != TagScheme::Reference {
                self.check_gold(blocks, &others, first)?;
            }
            // A column of nothing but `O` may be a prediction that found nothing.
            let told = match named[..] {
                [] => None,
                [column] => (column != last).then(|| format!("column {} holds tags", column + 1)),
                _ => Some(format!("columns {} hold tags", list(&named))),
            };
            if let Some(told) = told {
                let detail =
                    format!("{told}; the last is read (--tag-column and data.tag_column name another)");
                notes.add(NoteKind::Assumed, None, detail);
            }
            return Ok(Some(last));
        }
        if let [column] = named[..] {
            return tell(column);
        }
        let problem = format!(
            "no line has a tag such as O or B-TYPE in its last column ({}); name the column of the tags (--tag-column, data.tag_column), or, where tags are labels without prefix, the scheme io (--scheme, data.scheme)",
            last + 1
        );
        Err(unclear(first, problem))
    }

    /// Whether the first of two columns holds the tags, so that the words stand in the second.
    fn tags_come_first(
        &mut self,
        surveys: &[Survey],
        first: &Origin,
        options: &ReadOptions,
        notes: &Notes,
    ) -> Result<bool> {
        let (Some(words), Some(last)) = (surveys.get(self.word), surveys.last()) else { return Ok(false) };
        if self.index || !words.names_entities() || last.has_mostly_tags() || options.word_column.is_some() {
            return Ok(false);
        }
        if self.width > 2 {
            let problem = "the first column holds tags and not words; name the column of the words (--word-column, data.word_column) and that of the tags (--tag-column, data.tag_column)";
            return Err(unclear(first, problem));
        }
        notes.add(NoteKind::Assumed, None, "the first column holds the tags, the second the words");
        (self.word, self.ragged) = (self.width - 1, false);
        Ok(true)
    }
}
