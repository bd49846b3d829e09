//! CoNLL column files.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use super::Lines;
use crate::codec::is_space;
use crate::tags::{Evidence, TagScheme, spans};
use crate::{Error, Example, Origin, Result};

/// The sentences of a column file: a token a line, its first column the token, its last the tag.
///
/// Columns are separated by spaces or tabs. Blank lines and lines that start with `-DOCSTART-` separate sentences. A
/// line of one column has the tag `O`, unless other lines of its sentence have a tag. A sentence is read when it is
/// asked for; only with [`TagScheme::Auto`] the whole file is read first. A file without any sentence is an error. The
/// id of an example is its number in the file, from 0. Ends after the first error.
#[derive(Debug)]
pub struct ConllReader<R> {
    lines: Lines<R>,
    scheme: TagScheme,
    ahead: VecDeque<Sentence>,
    read: usize,
    done: bool,
}

/// The lines of one sentence.
#[derive(Debug, Default)]
struct Sentence {
    origins: Vec<Origin>,
    tokens: Vec<String>,
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
        Self { lines: Lines::new(reader, file), scheme, ahead: VecDeque::new(), read: 0, done: false }
    }

    /// The tag scheme: as declared, or as found once the first example was read.
    pub fn scheme(&self) -> TagScheme {
        self.scheme
    }

    fn example(&mut self) -> Result<Option<Example>> {
        if self.scheme == TagScheme::Auto {
            let mut evidence = Evidence::default();
            while let Some(sentence) = self.sentence()? {
                evidence.observe(&sentence.tags);
                self.ahead.push_back(sentence);
            }
            self.scheme = evidence.scheme();
        }
        let sentence = match self.ahead.pop_front() {
            Some(sentence) => Some(sentence),
            None => self.sentence()?,
        };
        match sentence {
            Some(sentence) => {
                let id = self.read.to_string();
                self.read += 1;
                sentence.example(id, self.scheme).map(Some)
            }
            None if self.read == 0 => Err(Error::NoSentence { file: self.lines.origin().file().to_owned() }),
            None => Ok(None),
        }
    }

    fn sentence(&mut self) -> Result<Option<Sentence>> {
        let mut sentence = Sentence::default();
        for line in self.lines.by_ref() {
            let (origin, line) = line?;
            if line.starts_with("-DOCSTART-") || line.chars().all(is_space) {
                if sentence.tokens.is_empty() {
                    continue;
                }
                break;
            }
            sentence.push(origin, &line, self.scheme)?;
        }
        Ok(Some(sentence).filter(|sentence| !sentence.tokens.is_empty()))
    }
}

impl Sentence {
    fn push(&mut self, at: Origin, line: &str, scheme: TagScheme) -> Result<()> {
        let mut columns = line.split([' ', '\t']);
        let token = columns.next().unwrap_or_default();
        let tag = columns.rfind(|column| !column.is_empty()).unwrap_or_default();
        if token.is_empty() {
            return Err(Error::NoToken { at });
        }
        if token.contains(is_space) {
            let (example, index) = (at.to_string(), self.tokens.len());
            return Err(Error::BadToken { example, index, token: token.to_owned() });
        }
        self.tokens.push(token.to_owned());
        if scheme != TagScheme::Unlabelled {
            self.tags.push(tag.to_owned());
        }
        self.origins.push(at);
        Ok(())
    }

    fn example(mut self, id: String, scheme: TagScheme) -> Result<Example> {
        let lenient = scheme == TagScheme::Reference || self.tags.iter().all(String::is_empty);
        for (i, tag) in self.tags.iter_mut().enumerate().filter(|(_, tag)| tag.is_empty()) {
            if !lenient {
                return Err(Error::NoTag {
                    at: self.origins.swap_remove(i),
                    token: self.tokens.swap_remove(i),
                });
            }
            "O".clone_into(tag);
        }
        let entities = spans(&self.tags, scheme).map_err(|(i, problem)| Error::Tag {
            at: self.origins[i].clone(),
            tag: self.tags[i].clone(),
            problem,
        })?;
        let origin = self.origins.into_iter().next();
        Ok(Example { id, tokens: self.tokens, entities, origin, ..Example::default() })
    }
}

impl<R: BufRead> Iterator for ConllReader<R> {
    type Item = Result<Example>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let example = self.example().transpose();
        self.done = !matches!(example, Some(Ok(_)));
        example
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Entity;

    fn read(text: &str, scheme: TagScheme) -> Result<Vec<Example>> {
        ConllReader::new(text.as_bytes(), "f.txt", scheme).collect()
    }

    fn message(text: &str, scheme: TagScheme) -> String {
        read(text, scheme).unwrap_err().to_string()
    }

    #[test]
    fn first_and_last_columns() {
        let text = "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n\nPeter\tNNP\tI-PER\n";
        let examples = read(text, TagScheme::Auto).unwrap();
        assert_eq!(examples.len(), 2);
        assert_eq!(examples[0].tokens, ["EU", "rejects"]);
        assert_eq!(examples[0].entities, [Entity::new("ORG", 0, 1)]);
        assert_eq!((examples[1].id.as_str(), examples[1].place().as_str()), ("1", "f.txt:7"));
    }

    #[test]
    fn one_column_is_prediction_input() {
        for scheme in [TagScheme::Auto, TagScheme::Iob2, TagScheme::Reference, TagScheme::Unlabelled] {
            let examples = read("a\nb\n\nc", scheme).unwrap();
            assert_eq!((examples.len(), examples[0].tokens.len()), (2, 2));
            assert!(examples[0].entities.is_empty());
        }
        assert_eq!(read("a X-what\n", TagScheme::Unlabelled).unwrap()[0].tokens, ["a"]);
    }

    #[test]
    fn a_missing_tag_is_an_error() {
        let text = "a B-X\nb\n";
        assert!(message(text, TagScheme::Iob2).contains("f.txt:2: the token \"b\" has no tag"));
        assert_eq!(read(text, TagScheme::Reference).unwrap()[0].entities, [Entity::new("X", 0, 1)]);
    }

    #[test]
    fn messages_name_file_line_and_tag() {
        let text = "a O\nb I-X\n";
        let found = message(text, TagScheme::Iob2);
        assert!(
            found.contains("f.txt:2") && found.contains("I-X") && found.contains("none is open"),
            "{found}"
        );
        assert!(read(text, TagScheme::Iob1).is_ok());
        assert!(message("a O\n\nb X-PER\n", TagScheme::Auto).contains("f.txt:3"));
        assert!(message("a B-\n", TagScheme::Auto).contains("no label"));
        assert!(message(" O\n", TagScheme::Auto).contains("first column is empty"));
        assert!(message("\tO\n", TagScheme::Auto).contains("first column is empty"));
        assert!(message("a\u{a0}b O\n", TagScheme::Auto).contains("f.txt:1"));
    }

    #[test]
    fn a_file_without_sentences_is_an_error() {
        for text in ["", "\n\n", "-DOCSTART- -X- O O\n\n"] {
            for scheme in [TagScheme::Auto, TagScheme::Iob2] {
                assert!(message(text, scheme).contains("f.txt: it holds no sentence"));
            }
        }
    }

    #[test]
    fn sentences_come_before_the_file_ends() {
        let text = "a B-X\n\nb I-X\n\nc O\n".as_bytes();
        let mut reader = ConllReader::new(text, "f", TagScheme::Iob2);
        assert!(reader.next().unwrap().is_ok());
        assert!(reader.next().unwrap().is_err());
        assert!(reader.next().is_none());
    }

    #[test]
    fn an_absent_file_is_named() {
        let error = ConllReader::open("no/such.txt", TagScheme::Auto).unwrap_err();
        assert!(error.to_string().contains("no/such.txt"));
    }
}
