//! Which options say something about which layouts.

use super::{Format, MentionRule, NoteKind, Notes, ReadOptions};
use crate::tags::TagScheme;
use crate::{Error, ReadError, Result};

/// An option of [`ReadOptions`], by its names on the command line and in configs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Scheme,
    WordColumn,
    TagColumn,
    TextKey,
    Annotator,
    Mentions,
}

impl Choice {
    fn names(self) -> &'static str {
        match self {
            Self::Scheme => "--scheme (data.scheme)",
            Self::WordColumn => "--word-column (data.word_column)",
            Self::TagColumn => "--tag-column (data.tag_column)",
            Self::TextKey => "--text-key (data.text_key)",
            Self::Annotator => "--annotator (data.annotator)",
            Self::Mentions => "--mentions (data.mentions)",
        }
    }

    /// The layouts that leave open what it says.
    fn formats(self) -> &'static [Format] {
        use Format::{
            Ade, Conll, Coref, Csv, Doccano, HfTokens, JsonSpans, LabelStudio, Parquet, Prodigy, Propbank,
            Spacy, Triples, Tsv,
        };
        match self {
            Self::Scheme => &[Conll, HfTokens],
            Self::WordColumn => &[Conll, Coref, Propbank, Csv, Tsv, Parquet],
            Self::TagColumn => &[Conll, Coref, Propbank, Csv, Tsv, Parquet, HfTokens, LabelStudio],
            Self::TextKey => &[JsonSpans, LabelStudio, Doccano, Prodigy, Spacy, Csv, Tsv, Parquet],
            Self::Annotator => &[LabelStudio, Doccano, Prodigy],
            Self::Mentions => &[Ade, Triples],
        }
    }

    fn is_for(self, format: Format) -> bool {
        self.formats().contains(&format)
    }

    fn list(self) -> String {
        self.formats().iter().map(|format| format.name()).collect::<Vec<_>>().join(", ")
    }
}

impl ReadOptions {
    /// What is not left open.
    fn choices(&self) -> impl Iterator<Item = Choice> {
        let is_scheme = !matches!(self.scheme, TagScheme::Auto | TagScheme::Unlabelled);
        [
            (Choice::Scheme, is_scheme),
            (Choice::WordColumn, self.word_column.is_some()),
            (Choice::TagColumn, self.tag_column.is_some()),
            (Choice::TextKey, self.text_key.is_some()),
            (Choice::Annotator, self.annotator.is_some()),
            (Choice::Mentions, self.mentions != MentionRule::default()),
        ]
        .into_iter()
        .filter_map(|(choice, is_made)| is_made.then_some(choice))
    }

    /// Refuses a choice that files of `format` do not leave. Of [`Format::Auto`] nothing is known before the
    /// file is.
    pub fn check_for(&self, format: Format) -> Result<()> {
        match self.choices().find(|choice| format != Format::Auto && !choice.is_for(format)) {
            Some(choice) => Err(Error::Read(ReadError::UnusedOption {
                option: choice.names(),
                format: format.name(),
                formats: choice.list(),
            })),
            None => Ok(()),
        }
    }

    /// The same without the choices that files of `format` do not leave.
    #[must_use]
    pub fn only_for(mut self, format: Format) -> Self {
        let unused: Vec<_> = self.choices().filter(|choice| !choice.is_for(format)).collect();
        let other = Self::default();
        for choice in unused {
            match choice {
                Choice::Scheme => self.scheme = other.scheme,
                Choice::WordColumn => self.word_column = None,
                Choice::TagColumn => self.tag_column = None,
                Choice::TextKey => self.text_key = None,
                Choice::Annotator => self.annotator = None,
                Choice::Mentions => self.mentions = other.mentions,
            }
        }
        self
    }

    /// Notes the choices that are made for nothing, since the file turned out to be of `format`.
    pub(super) fn note_unused(&self, format: Format, notes: &Notes) {
        for choice in self.choices().filter(|choice| !choice.is_for(format)) {
            let detail = format!("{} says nothing about it: that is for {}", choice.names(), choice.list());
            notes.add(NoteKind::Assumed, None, detail);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::read::Column;

    fn read(format: Format, text: &'static str, options: &ReadOptions) -> Result<Vec<String>> {
        let mut examples = format.read_from(text.as_bytes(), Path::new("f"), options)?;
        examples.by_ref().collect::<Result<Vec<_>>>()?;
        Ok(examples.notes().take().into_iter().map(|note| note.detail).collect())
    }

    #[test]
    fn what_a_layout_does_not_leave_open_is_refused_or_told() {
        let line = "{\"text\": \"a b\", \"spans\": []}\n";
        let default = ReadOptions::default;
        let column = || Some(Column::Number(1));
        for (options, name, formats) in [
            (
                ReadOptions { scheme: TagScheme::Iob2, ..default() },
                "--scheme (data.scheme)",
                "conll, hf-tokens",
            ),
            (
                ReadOptions { word_column: column(), ..default() },
                "--word-column (data.word_column)",
                "conll, coref",
            ),
            (
                ReadOptions { tag_column: column(), ..default() },
                "--tag-column (data.tag_column)",
                "label-studio",
            ),
            (ReadOptions { annotator: Some("a".to_owned()), ..default() }, "--annotator", "prodigy"),
            (ReadOptions { mentions: MentionRule::Every, ..default() }, "--mentions", "triples"),
        ] {
            let message = read(Format::JsonSpans, line, &options).unwrap_err().to_string();
            assert!(
                message.contains(name) && message.contains("json-spans") && message.contains(formats),
                "{message}"
            );
            let notes = read(Format::Auto, line, &options).unwrap();
            assert!(notes.iter().any(|note| note.starts_with(name) && note.contains(formats)), "{notes:?}");
            assert_eq!(options.only_for(Format::JsonSpans), default());
        }
        assert!(
            read(Format::JsonSpans, line, &ReadOptions { scheme: TagScheme::Unlabelled, ..default() })
                .is_ok()
        );
        let key = ReadOptions { text_key: Some("text".to_owned()), ..default() };
        assert!(read(Format::JsonSpans, line, &key).is_ok());
        let message = read(Format::Conll, "a O\n", &key).unwrap_err().to_string();
        assert!(message.contains("--text-key (data.text_key)") && message.contains("doccano"), "{message}");
        let conll = ReadOptions { scheme: TagScheme::Iob2, word_column: column(), ..default() };
        assert!(read(Format::Conll, "a O\n", &conll).is_ok());
        assert_eq!(conll.clone().only_for(Format::Conll), conll);
    }
}
