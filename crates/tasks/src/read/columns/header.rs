//! What the first line of a column file, or a comment, calls the columns.

use super::names::{WORDS, WORDS_OR_TEXTS, is_of_another};
use super::{Block, Layout, Row, unclear};
use crate::counted::counted;
use crate::read::{Column, NoteKind, Notes, ReadOptions};
use crate::tags::is_tag;
use crate::{Origin, Result};

impl Layout {
    /// The names of the columns: those of `# global.columns`, or those of a header.
    pub(super) fn names<'a>(
        &mut self,
        mut lines: impl Iterator<Item = &'a (Origin, String)> + Clone,
        options: &ReadOptions,
        notes: &Notes,
    ) -> Vec<String> {
        let global = |(_, line): &(Origin, String)| {
            line.strip_prefix("# global.columns =")
                .map(|names| names.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        };
        if let Some(names) = lines.clone().find_map(global) {
            return names;
        }
        let Some((at, line)) = lines.find(|(_, line)| !self.comments.is(line)) else { return Vec::new() };
        let fields = self.cut.fields(line);
        let is_one_of = |names: &[&str]| fields.iter().any(|f| names.contains(&f.to_lowercase().as_str()));
        let asked = [&options.word_column, &options.tag_column];
        let is_asked = |name: &&str| {
            asked.iter().any(|column| matches!(column, Some(Column::Name(asked)) if asked == *name))
        };
        let names_others = fields.iter().any(|field| is_of_another(field));
        // A sentence can begin with the token `Word`. A line is a header if it names another column beside
        // it, or one that the user asks for.
        let names_several =
            fields.len() > 1 && (fields.iter().any(is_asked) || is_one_of(&WORDS_OR_TEXTS) && names_others);
        // A file of words alone may call its only column so.
        let names_the_only_one = self.width == 1 && fields.len() == 1 && is_one_of(&WORDS);
        if !names_several && !names_the_only_one {
            return Vec::new();
        }
        self.header = Some(at.line());
        let names: Vec<String> = fields.into_iter().map(str::to_owned).collect();
        notes.add(
            NoteKind::Assumed,
            Some(at),
            format!("the first line names the columns: {}", names.join(", ")),
        );
        names
    }

    /// The first line, if no other has its tag, so that it may name the columns in words that are not known as
    /// such, in a file whose tags have no prefixes that would tell.
    pub(in crate::read) fn unlike_others<'b>(
        &self,
        blocks: impl Iterator<Item = &'b Block>,
    ) -> Option<&'b (Origin, String)> {
        if self.header.is_some() {
            return None;
        }
        let lines = blocks.flat_map(|block| &block.lines);
        let mut rows = lines.filter_map(|line| match self.row(&line.0, &line.1) {
            Ok(Row::Word(_, tag)) => Some((line, tag?)),
            _ => None,
        });
        let (first, tag) = rows.next()?;
        let mut others = rows.peekable();
        let is_alone = others.peek().is_some() && others.all(|(_, other)| other != tag);
        (is_alone && !is_tag(tag)).then_some(first)
    }

    /// The only column with one of these names.
    pub(super) fn named(&self, names: &[String], known: &[&str]) -> Option<usize> {
        let is_known = |name: &String| known.contains(&name.to_lowercase().as_str());
        let mut found = (0..names.len().min(self.width)).filter(|&i| is_known(&names[i]));
        found.next().filter(|_| found.next().is_none())
    }
}

/// The place of a column that was asked for.
pub(super) fn place(column: &Column, names: &[String], width: usize, first: &Origin) -> Result<usize> {
    match column {
        Column::Number(number) if (1..=width).contains(number) => Ok(number - 1),
        Column::Number(number) => Err(unclear(
            first,
            format!("there is no column {number}: lines have {}", counted(width, "column")),
        )),
        Column::Name(name) => names.iter().position(|other| other == name).ok_or_else(|| {
            let problem = if names.is_empty() {
                format!("no header names the column {name:?}; give its number, from 1")
            } else {
                format!("there is no column {name:?}: the header has {}", names.join(", "))
            };
            unclear(first, problem)
        }),
    }
}
