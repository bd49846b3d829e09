//! CoNLL column files.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use super::columns::{Block, Layout, Row, commas, is_end, sentence_id, unclear};
use super::{Lines, NoteKind, Notes, ReadOptions};
use crate::tags::{Evidence, TagScheme, spans};
use crate::{Error, Example, Origin, Quirks, ReadError, Result};

/// The sentences of a column file: a token a line, with its tag in another column.
///
/// Blank lines and lines that start with `-DOCSTART-` separate sentences. How lines are cut and what the
/// columns hold is found once, from the whole file, and noted where it had to be chosen:
///
/// - A file with tabs is cut at tabs, so that a token may hold spaces; any other at spaces, or at commas,
///   semicolons or bars where its first line, so cut, names the columns.
/// - The first column is the token and the last the tag, unless [`ReadOptions::word_column`] and
///   [`ReadOptions::tag_column`], a header, or the columns themselves say otherwise: a first column that
///   counts the words, as in CoNLL-U, GermEval and Universal NER, or one that holds the tags. Where several
///   columns could be meant, the file is refused.
/// - Lines that begin with `#` and are no tokens are comments; `# sent_id = 7` before the words of a sentence is
///   its id.
/// - Where every word begins with the same code of a language, as `en:Oslo` in WikiANN's files, that is no part
///   of the words.
/// - A cell with several tags (`B-PER|B-ORG`), a tag on a line that is no word of its own, and a count of the
///   words that begins anew without a blank line are refused.
/// - A column that a header calls that of the sentence or document (`Sentence #`, `sentence_id`, `doc_id` and
///   the like) parts sentences; its cells may be filled in the first row of each alone. One that no header
///   names and that seems to hold such ids is refused.
///
/// With [`TagScheme::Auto`] the scheme of the tags is found in the same way. Where no line has a tag, no
/// sentence has entities; where some have, a sentence of which no line has one is left out. With
/// [`TagScheme::Unlabelled`] the first sentence alone shows the layout, and every other is read when it is
/// asked for.
///
/// A file without any sentence is an error. A sentence that cannot be read does not end the file. Where no
/// comment says the id of an example, it is the number of its sentence in the file, from 0.
#[derive(Debug)]
pub struct ConllReader<R> {
    lines: Lines<R>,
    options: ReadOptions,
    notes: Notes,
    layout: Option<Layout>,
    ahead: VecDeque<Block>,
    read: usize,
    /// Whether a line was read, which shows how columns are separated.
    began: bool,
    separator: Option<u8>,
    done: bool,
}

/// The tokens of one sentence.
#[derive(Debug, Default)]
struct Sentence {
    /// Empty where no comment says it.
    id: String,
    origins: Vec<Origin>,
    tokens: Vec<String>,
    /// Empty where there is none.
    tags: Vec<String>,
}

impl ConllReader<BufReader<File>> {
    /// Opens a file.
    pub fn open(file: impl Into<PathBuf>, scheme: TagScheme) -> Result<Self> {
        let file = file.into();
        Ok(Self::new(super::json::open(&file)?, file, scheme))
    }
}

impl<R: BufRead> ConllReader<R> {
    /// Reads from `reader`, which messages call `file`.
    pub fn new(reader: R, file: impl Into<PathBuf>, scheme: TagScheme) -> Self {
        Self::with_options(reader, file, ReadOptions::new(scheme, Quirks::NONE), Notes::default())
    }

    /// As [`ConllReader::new`], with what is known of the columns, and with notes for what had to be chosen.
    pub fn with_options(reader: R, file: impl Into<PathBuf>, options: ReadOptions, notes: Notes) -> Self {
        let lines = Lines::new(reader, file);
        Self {
            lines,
            options,
            notes,
            layout: None,
            ahead: VecDeque::new(),
            read: 0,
            began: false,
            separator: None,
            done: false,
        }
    }

    /// The tag scheme: as declared, or as found once the first example was read.
    pub fn scheme(&self) -> TagScheme {
        self.options.scheme
    }

    fn example(&mut self) -> Result<Option<Example>> {
        let layout = match self.layout.take() {
            Some(layout) => layout,
            None => self.find_layout()?,
        };
        let example = loop {
            if self.ahead.is_empty()
                && let Some(block) = self.block()?
            {
                self.ahead.extend(layout.part(block));
            }
            let Some(block) = self.ahead.pop_front() else { break None };
            let sentence = Sentence::of(block, &layout);
            if sentence.as_ref().is_ok_and(|sentence| sentence.tokens.is_empty()) {
                continue;
            }
            let id = self.read.to_string();
            self.read += 1;
            match sentence.and_then(|sentence| self.entities(sentence, &layout)) {
                Ok(None) => {}
                Ok(Some(example)) if example.id.is_empty() => break Some(Ok(Example { id, ..example })),
                Ok(Some(example)) => break Some(Ok(example)),
                Err(error) => break Some(Err(error)),
            }
        };
        self.layout = Some(layout);
        match example {
            None if self.read == 0 => {
                self.done = true;
                Err(Error::Read(ReadError::NoSentence { file: self.lines.origin().file().to_owned() }))
            }
            example => example.transpose(),
        }
    }

    /// Reads ahead as far as the layout asks for. What goes wrong here ends the file.
    fn find_layout(&mut self) -> Result<Layout> {
        self.done = true;
        while let Some(block) = self.block()? {
            self.ahead.push_back(block);
            if self.options.scheme == TagScheme::Unlabelled && self.shows_layout() {
                break;
            }
        }
        let layout = Layout::find(self.ahead.make_contiguous(), &self.options, &self.notes)?;
        let blocks = std::mem::take(&mut self.ahead);
        self.ahead.extend(blocks.into_iter().flat_map(|block| layout.part(block)));
        if self.options.scheme == TagScheme::Auto {
            let mut evidence = Evidence::default();
            for block in &self.ahead {
                evidence.observe(&Sentence::tags(block, &layout));
            }
            self.options.scheme = evidence.scheme();
            if evidence.is_labelled() {
                let detail = format!("tags are read as {}", self.options.scheme.name());
                self.notes.add(NoteKind::Assumed, None, detail);
            }
        }
        if self.options.scheme == TagScheme::Io
            && let Some((at, line)) = layout.unlike_others(self.ahead.iter())
        {
            let what = format!(
                "the first line, {:?}, is read as a word and its label, which no other line has; take the line out if it names the columns",
                line.trim()
            );
            self.notes.add(NoteKind::Assumed, Some(at), what);
        }
        self.done = false;
        Ok(layout)
    }

    /// Whether what was read tells words from numbers that count them, and from tags: a first column of nothing
    /// but `O` can be either.
    fn shows_layout(&self) -> bool {
        let shows_words = |block: &Block| {
            let lines = block.lines.iter().map(|(_, line)| line).filter(|line| !line.starts_with('#'));
            let mut firsts = lines.map(|line| line.split_whitespace().next().unwrap_or_default()).peekable();
            let is_number = |first: &&str| first.starts_with(|c: char| c.is_ascii_digit());
            let begins_with_number = firsts.peek().is_some_and(is_number);
            let (count, outside) = firsts
                .fold((0, 0), |(count, outside), first| (count + 1, outside + usize::from(first == "O")));
            outside < count && (count > 1 || !begins_with_number)
        };
        self.ahead.iter().any(shows_words)
    }

    /// A line with tabs between its columns, where the first one has shown another separator.
    fn columns_of(&mut self, at: &Origin, line: String) -> Result<String> {
        let is_first = !std::mem::replace(&mut self.began, true);
        if is_first {
            self.separator = commas::separator(&line);
        }
        match self.separator {
            Some(separator) => commas::with_tabs(&line, separator).map_err(|problem| unclear(at, problem)),
            None => Ok(line),
        }
    }

    /// The lines up to the next blank one; what the system refuses to read ends the file.
    fn block(&mut self) -> Result<Option<Block>> {
        let mut block = Block::default();
        while let Some(line) = self.lines.next() {
            match line {
                Ok((_, line)) if is_end(&line) && block.is_empty() => {}
                Ok((_, line)) if is_end(&line) => break,
                Ok((at, line)) => match self.columns_of(&at, line) {
                    Ok(line) => block.lines.push((at, line)),
                    Err(error) => block.broken.push((block.lines.len(), error)),
                },
                Err(error @ Error::Io { .. }) => {
                    self.done = true;
                    return Err(error);
                }
                Err(error) => block.broken.push((block.lines.len(), error)),
            }
        }
        Ok(Some(block).filter(|block| !block.is_empty()))
    }

    /// The sentence with what its tags say; nothing if it should have tags and has none.
    fn entities(&self, sentence: Sentence, layout: &Layout) -> Result<Option<Example>> {
        let Sentence { id, mut origins, mut tokens, mut tags } = sentence;
        let scheme = self.options.scheme;
        if scheme == TagScheme::Unlabelled || !layout.has_tags() {
            tags.clear();
        } else if scheme != TagScheme::Reference && tags.iter().all(String::is_empty) {
            self.notes.add(NoteKind::Unlabelled, origins.first(), "no line of the sentence has a tag");
            return Ok(None);
        }
        for (i, tag) in tags.iter_mut().enumerate().filter(|(_, tag)| tag.is_empty()) {
            if scheme != TagScheme::Reference {
                return Err(Error::Read(ReadError::NoTag {
                    at: origins.swap_remove(i),
                    token: tokens.swap_remove(i),
                }));
            }
            "O".clone_into(tag);
        }
        let entities = spans(&tags, scheme).map_err(|(i, problem)| {
            Error::Read(ReadError::Tag { at: origins[i].clone(), tag: tags[i].clone(), problem })
        })?;
        let origin = origins.into_iter().next();
        Ok(Some(Example { id, tokens, entities, origin, ..Example::default() }))
    }
}

impl Sentence {
    fn of(block: Block, layout: &Layout) -> Result<Self> {
        let mut sentence = Self::default();
        let mut words = Vec::new();
        for (at, line) in block.lines {
            match layout.row(&at, &line)? {
                Row::Word(token, tag) => {
                    sentence.tokens.push(token.to_owned());
                    sentence.tags.push(tag.unwrap_or_default().to_owned());
                    words.push((at, line));
                }
                Row::NoWord if words.is_empty() && sentence.id.is_empty() => {
                    sentence_id(&line).unwrap_or_default().clone_into(&mut sentence.id);
                }
                Row::NoWord => {}
            }
        }
        layout.check_index(&words)?;
        sentence.origins = words.into_iter().map(|(at, _)| at).collect();
        match block.broken.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(sentence),
        }
    }

    /// The tags of the lines that can be read.
    fn tags<'a>(block: &'a Block, layout: &Layout) -> Vec<&'a str> {
        let tag = |(at, line): &'a (Origin, String)| match layout.row(at, line) {
            Ok(Row::Word(_, tag)) => tag,
            _ => None,
        };
        block.lines.iter().filter_map(tag).collect()
    }
}

impl<R: BufRead> Iterator for ConllReader<R> {
    type Item = Result<Example>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let example = self.example().transpose();
        self.done |= example.is_none();
        example
    }
}

#[cfg(test)]
mod tests;
