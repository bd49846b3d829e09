//! Which columns of a PropBank hold what.

use super::{Sentence, unclear};
use crate::read::{Column, NoteKind, Notes, ReadOptions};
use crate::{Origin, Result};

/// The columns, from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) word: usize,
    /// None where there is no tree.
    pub(super) head: Option<usize>,
    pub(super) sense: usize,
    pub(super) roles: Roles,
}

/// Where the arguments stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Roles {
    /// In a column for each predicate behind that of the senses.
    Matrix,
    /// With the predicate, each with its words.
    Spans(usize),
    /// With the predicate, each with its head.
    Heads(usize),
}

/// Columns of CoNLL-U that are no part of the roles.
const OF_TREE: usize = 8;

/// The heads of CoNLL-U, and those of CoNLL-2009.
const HEADS: [usize; 2] = [6, 8];

impl Columns {
    /// How many columns a line has, if that depends on the predicates.
    pub(super) fn width(&self, predicates: usize) -> Option<usize> {
        (self.roles == Roles::Matrix).then_some(self.sense + 1 + predicates)
    }

    pub(super) fn find(
        sentences: &[Sentence],
        names: &[String],
        options: &ReadOptions,
        notes: &Notes,
    ) -> Result<Self> {
        let Some(first) = sentences.iter().flat_map(|s| &s.rows).map(|(at, _)| at).next() else {
            let (head, roles) = (None, Roles::Matrix);
            return Ok(Self { word: 1, head, sense: OF_TREE, roles });
        };
        let named = |name: &str| names.iter().position(|other| other == name);
        let asked = |column: &Option<Column>| match column {
            Some(Column::Number(number)) => Ok(number.checked_sub(1)),
            Some(Column::Name(name)) => named(name).map(Some).ok_or_else(|| {
                unclear(
                    first,
                    format!("no # global.columns names the column {name:?}; give its number, from 1"),
                )
            }),
            None => Ok(None),
        };
        if !names.is_empty() && named("FORM").is_none() && options.word_column.is_none() {
            let problem = "the columns that # global.columns names have no words (FORM); join the file with the treebank that it belongs to";
            return Err(unclear(first, problem));
        }
        let word = asked(&options.word_column)?.or(named("FORM")).unwrap_or(1);
        let head = named("HEAD").or_else(|| HEADS.into_iter().find(|&column| holds_heads(sentences, column)));
        let (spans, heads) = match (named("UP:ARGSPANS"), named("UP:ARGHEADS")) {
            (None, None) => listed(sentences),
            named => named,
        };
        let sense = asked(&options.tag_column)?.or(named("UP:PRED")).or(named("UP:PREDS"));
        let (sense, roles) = match (sense, spans, heads) {
            (sense, Some(spans), _) => {
                (sense.unwrap_or(heads.unwrap_or(spans).saturating_sub(1)), Roles::Spans(spans))
            }
            (sense, None, Some(heads)) => (sense.unwrap_or(heads.saturating_sub(1)), Roles::Heads(heads)),
            (Some(sense), None, None) => (sense, Roles::Matrix),
            (None, None, None) => (sense_column(sentences, first)?, Roles::Matrix),
        };
        let detail = format!("column {} holds the senses of the predicates", sense + 1);
        notes.add(NoteKind::Assumed, None, detail);
        if head.is_none() && !matches!(roles, Roles::Spans(_)) {
            notes.add(
                NoteKind::Assumed,
                None,
                "there is no tree, so that an argument is the word that has its role",
            );
        }
        Ok(Self { word, head, sense, roles })
    }
}

/// Whether most lines have the number of a word of their sentence there.
fn holds_heads(sentences: &[Sentence], column: usize) -> bool {
    let (mut heads, mut lines) = (0_usize, 0_usize);
    for sentence in sentences {
        let words = sentence.rows.len();
        lines += words;
        let is_head =
            |row: &[String]| row.get(column).is_some_and(|h| h.parse().is_ok_and(|h: usize| h <= words));
        heads += sentence.rows.iter().filter(|(_, row)| is_head(row)).count();
    }
    2 * heads > lines
}

/// The columns of arguments with their spans and with their heads, where these stand with the predicate.
fn listed(sentences: &[Sentence]) -> (Option<usize>, Option<usize>) {
    let rows = || sentences.iter().flat_map(|s| &s.rows).map(|(_, row)| row);
    let width = rows().map(Vec::len).max().unwrap_or_default();
    let is_list = |text: &str, by: fn(&str) -> bool| {
        text.split('|')
            .all(|part| part.rsplit_once(':').is_some_and(|(label, words)| !label.is_empty() && by(words)))
    };
    let holds = |column: usize, by: fn(&str) -> bool| {
        let mut filled = rows().filter_map(|row| row.get(column)).filter(|text| *text != "_").peekable();
        column > OF_TREE && filled.peek().is_some() && filled.all(|text| is_list(text, by))
    };
    let is_number = |words: &str| words.parse::<usize>().is_ok();
    let is_range = |words: &str| {
        words.split_once('-').is_some_and(|(a, b)| [a, b].iter().all(|n| n.parse::<usize>().is_ok()))
    };
    let find = |by: fn(&str) -> bool| (0..width).rev().find(|&column| holds(column, by));
    (find(is_range), find(is_number))
}

/// The column whose senses are as many as the columns behind it, in most sentences.
fn sense_column(sentences: &[Sentence], first: &Origin) -> Result<usize> {
    let width = sentences.iter().flat_map(|s| &s.rows).map(|(_, row)| row.len()).max().unwrap_or_default();
    let senses = |sentence: &Sentence, column: usize| {
        let filled =
            sentence.rows.iter().filter_map(|(_, row)| row.get(column)).filter(|sense| *sense != "_");
        filled.cloned().collect::<Vec<_>>()
    };
    let fits = |sentence: &Sentence, column: usize| {
        let expected = column + 1 + senses(sentence, column).len();
        sentence.rows.iter().all(|(_, row)| row.len() == expected)
    };
    let count = |column: usize| sentences.iter().filter(|sentence| fits(sentence, column)).count();
    let counts: Vec<(usize, usize)> = (OF_TREE..width).map(|column| (column, count(column))).collect();
    let most = counts.iter().map(|&(_, count)| count).max().unwrap_or_default();
    let best: Vec<usize> =
        counts.iter().filter(|&&(_, count)| count == most).map(|&(column, _)| column).collect();
    let holds_senses = |column: usize| {
        let mut all = sentences.iter().flat_map(|sentence| senses(sentence, column)).peekable();
        all.peek().is_some() && all.all(|sense| is_sense(&sense))
    };
    let likely: Vec<usize> = best.iter().copied().filter(|&column| holds_senses(column)).collect();
    match (&likely[..], &best[..]) {
        _ if most == 0 => Err(unclear(
            first,
            "expected CoNLL-U with the predicate's sense and, behind it, as many columns as the sentence has predicates; no column fits; check the format",
        )),
        (&[column], _) | ([], &[column]) => Ok(column),
        ([], several) | (several, _) => {
            let numbers: Vec<_> = several.iter().map(|column| (column + 1).to_string()).collect();
            let problem = format!(
                "the senses of predicates could stand in columns {}; name the column (--tag-column, data.tag_column)",
                numbers.join(" and ")
            );
            Err(unclear(first, problem))
        }
    }
}

/// Whether it looks as senses do: `come.03`.
fn is_sense(text: &str) -> bool {
    text.rsplit_once('.').is_some_and(|(lemma, number)| {
        !lemma.is_empty() && !number.is_empty() && number.chars().all(char::is_alphanumeric)
    })
}
