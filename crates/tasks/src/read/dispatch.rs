//! Files in a layout: the reader of each, and what is told of all alike.

use std::io::BufRead;
use std::path::Path;

use super::json::open;
use super::reference::without_places;
use super::{
    ConllReader, Format, NoteKind, Notes, ReadOptions, ace, brat, classes, coref, coreference, detect,
    dialogues, doccano, doubtful_labels, dygie, fewrel, genia, hf_tokens, json_spans, jsonl, label_studio,
    labels, nyt, opennre, prodigy, propbank, relations, roles, semeval, sentences, sgd, spacy, table,
    triples,
};
use crate::tags::TagScheme;
use crate::{Error, Example, Origin, ReadError, Result, TaskKind};

type Boxed = Box<dyn Iterator<Item = Result<Example>> + Send>;

/// A stream of examples; it ends after an error that makes the rest of the file unreadable.
pub struct Examples {
    stream: Boxed,
    notes: Notes,
    format: Format,
}

impl Examples {
    /// The layout that is read, also where the file had to show it.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What the reader tells beside the examples, so far.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }
}

impl Iterator for Examples {
    type Item = Result<Example>;

    fn next(&mut self) -> Option<Self::Item> {
        self.stream.next()
    }
}

impl Format {
    /// The layout of `path`, and why it is taken for that: itself, without a reason, unless it is
    /// [`Format::Auto`]. A file that is like no layout, or like several, is an error.
    pub fn resolve(self, path: &Path) -> Result<(Self, Option<String>)> {
        self.resolve_for(path, None)
    }

    /// As [`Format::resolve`], for data of `task`, where it is known.
    pub(super) fn resolve_for(self, path: &Path, task: Option<TaskKind>) -> Result<(Self, Option<String>)> {
        if self != Self::Auto {
            return Ok((self, None));
        }
        let (format, reason) = detect::of_path(path, task)?;
        Ok((format, Some(reason)))
    }

    /// As [`Format::resolve`], of what `reader` begins with; messages call it `file`.
    pub(super) fn resolve_from(
        self,
        reader: &mut impl BufRead,
        file: &Path,
        task: Option<TaskKind>,
    ) -> Result<(Self, Option<String>)> {
        if self != Self::Auto {
            return Ok((self, None));
        }
        let beginning = reader.fill_buf().map_err(|source| Error::Io { file: file.to_owned(), source })?;
        let (format, reason) = detect::of_bytes(beginning, file, task)?;
        Ok((format, Some(reason)))
    }

    /// Reads `path` (a folder for [`Format::Intents`]; a folder or one of two files for [`Format::Brat`]). A
    /// file without any example is an error.
    pub fn read(self, path: &Path, options: &ReadOptions) -> Result<Examples> {
        options.check_for(self)?;
        let (format, reason) = self.resolve_for(path, options.task)?;
        let notes = Notes::default();
        let examples = match format {
            Self::Intents => checked(sentences::intent_folder(path, options.quirks)?),
            Self::Brat => checked(brat::brat(path, options, &notes)?),
            _ => format.examples(open(path)?, path, options, &notes)?,
        };
        Ok(format.with_notes(examples, path, options, reason, notes))
    }

    /// As [`Format::read`], from a `reader` that messages call `file`. [`Format::Intents`] and
    /// [`Format::Brat`] are no single file, and refused.
    pub fn read_from(
        self,
        mut reader: impl BufRead + Send + 'static,
        file: &Path,
        options: &ReadOptions,
    ) -> Result<Examples> {
        options.check_for(self)?;
        let (format, reason) = self.resolve_from(&mut reader, file, options.task)?;
        let notes = Notes::default();
        let examples = format.examples(reader, file, options, &notes)?;
        Ok(format.with_notes(examples, file, options, reason, notes))
    }

    /// The examples with what is to be told of all layouts alike. `reason` says why the file is taken for
    /// this layout, where it had to show it.
    fn with_notes(
        self,
        examples: Boxed,
        file: &Path,
        options: &ReadOptions,
        reason: Option<String>,
        notes: Notes,
    ) -> Examples {
        if let Some(reason) = reason {
            notes.add(NoteKind::Assumed, None, format!("read as {}: {reason}", self.name()));
            options.note_unused(self, &notes);
        }
        let mut examples = self.not_empty(examples, file, options);
        if options.scheme != TagScheme::Unlabelled {
            examples = doubtful_labels::noted(labels::clean(examples, &notes), &notes);
        }
        let stream = notes.of_spans(examples);
        Examples { stream, notes, format: self }
    }

    /// The same, with an error for a file that has nothing at all; input to predict may be empty.
    fn not_empty(self, examples: Boxed, file: &Path, options: &ReadOptions) -> Boxed {
        if options.scheme == TagScheme::Unlabelled {
            return examples;
        }
        let mut examples = examples.peekable();
        if examples.peek().is_some() {
            return Box::new(examples);
        }
        Box::new(std::iter::once(Err(Error::Read(ReadError::Empty {
            file: file.to_owned(),
            format: self.name(),
        }))))
    }

    /// The reader of each layout.
    fn examples(
        self,
        mut reader: impl BufRead + Send + 'static,
        file: &Path,
        options: &ReadOptions,
        notes: &Notes,
    ) -> Result<Boxed> {
        let ReadOptions { quirks, mentions, .. } = *options;
        let unlabelled = options.scheme == TagScheme::Unlabelled;
        Ok(match self {
            Self::Auto => {
                let (format, _) = self.resolve_from(&mut reader, file, options.task)?;
                return format.examples(reader, file, options, notes);
            }
            Self::Conll => checked(ConllReader::with_options(reader, file, options.clone(), notes.clone())),
            Self::Jsonl => checked(jsonl::noted_examples(reader, file, options, notes)),
            Self::JsonSpans => checked(json_spans::json_spans(reader, file, options, notes)?),
            Self::LabelStudio => checked(label_studio::label_studio(reader, file, options, notes)?),
            Self::Doccano => checked(doccano::doccano(reader, file, options, notes)?),
            Self::Prodigy => checked(prodigy::prodigy(reader, file, options, notes)?),
            Self::Spacy => checked(spacy::spacy(reader, file, options, notes)?),
            Self::Brat => {
                let at = Origin::new(file, 1);
                return Err(Error::Read(ReadError::Layout {
                    at,
                    expected: "a folder with texts (.txt) and their annotations (.ann)",
                }));
            }
            Self::Spert => checked(relations::spert(reader, file)?),
            Self::Dygie => checked(dygie::sentences(reader, file, quirks, notes)),
            Self::Ade => checked(relations::ade(reader, file, mentions, notes)?),
            Self::Intents => {
                let at = Origin::new(file, 1);
                return Err(Error::Read(ReadError::Layout {
                    at,
                    expected: "a folder with seq.in, seq.out and label",
                }));
            }
            Self::IntentTable => checked(sentences::intent_table(reader, file, quirks)),
            Self::Fewrel => checked(fewrel::fewrel(reader, file, quirks)?),
            Self::Tacred => checked(relations::tacred(reader, file)?),
            Self::Nyt => checked(nyt::details(reader, file)?),
            Self::Semeval => checked(semeval::sentences(reader, file)),
            Self::HfTokens => checked(hf_tokens::sentences(reader, file, options, notes)?),
            Self::Opennre => checked(opennre::sentences(reader, file)),
            Self::Triples => checked(triples::triples(reader, file, mentions, notes)?),
            Self::Propbank => checked(propbank::propbank(reader, file, options, notes)?),
            Self::Conll05 => checked(roles::conll05(reader, file, quirks)),
            Self::Conll12 => checked(roles::conll12(reader, file)),
            Self::Coref => checked(coref::columns(reader, file, options, notes)?),
            Self::CorefJson => checked(coreference::documents(reader, file, notes)),
            Self::Sgd => checked(sgd::dialogues(reader, file, notes)?),
            Self::Multiwoz => checked(dialogues::multiwoz(reader, file, quirks, notes)?),
            Self::MultiwozPrepared => checked(dialogues::prepared(reader, file)?),
            Self::AceEntities => checked(ace::entities(reader, file)?),
            Self::AceEvents => checked(ace::events(reader, file)?),
            Self::Genia => checked(genia::genia(reader, file)),
            Self::Classes => checked(without_places(classes::classes(reader, file, notes), unlabelled)),
            Self::Csv => {
                checked(without_places(table::table(reader, file, b',', options, notes)?, unlabelled))
            }
            Self::Tsv => {
                checked(without_places(table::table(reader, file, b'\t', options, notes)?, unlabelled))
            }
            Self::Parquet => {
                checked(without_places(table::parquet_table(reader, file, options, notes)?, unlabelled))
            }
        })
    }
}

/// Whatever a layout allows, an example that is given can be used.
fn checked<I>(examples: I) -> Boxed
where
    I: IntoIterator<Item = Result<Example>, IntoIter: Send + 'static>,
{
    let check = |example: Result<Example>| {
        let example = example?;
        example.check()?;
        Ok(example)
    };
    Box::new(examples.into_iter().map(check))
}
