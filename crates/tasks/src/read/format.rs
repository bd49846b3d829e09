//! File formats by name.

use std::io::BufRead;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::json::{self, open};
use super::{ConllReader, ace, coreference, dialogues, raw, relations, roles, sentences};
use crate::tags::TagScheme;
use crate::{Error, Example, Quirks, Result};

/// A stream of examples; it ends after an error that makes the rest of the file unreadable.
pub type Examples = Box<dyn Iterator<Item = Result<Example>>>;

macro_rules! formats {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal),+ $(,)?) => {
        /// The layouts that data come in.
        ///
        /// As text, in configs and on the command line, they have the names of [`Format::name`].
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        #[non_exhaustive]
        pub enum Format {
            $($(#[$doc])+ $variant,)+
        }

        impl Format {
            /// Every format.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in configs and on the command line.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

formats! {
    /// Columns with the token first and its tag last: CoNLL-2003, OntoNotes, WNUT-17, BC5CDR, NCBI.
    #[default]
    Conll = "conll",
    /// [`Example`]s, a JSON object a line.
    Jsonl = "jsonl",
    /// Texts with spans in characters, a JSON object a line.
    JsonSpans = "json-spans",
    /// A Label Studio JSON export.
    LabelStudio = "label-studio",
    /// SpERT's JSON: CoNLL04, ADE, ACE 2005.
    Spert = "spert",
    /// `DRUG-AE.rel` of the ADE corpus.
    Ade = "ade",
    /// A folder with `seq.in`, `seq.out` and `label`: ATIS, SNIPS.
    Intents = "intents",
    /// The original program's table of ATIS and SNIPS.
    IntentTable = "intent-table",
    /// FewRel's JSON.
    Fewrel = "fewrel",
    /// TACRED's JSON.
    Tacred = "tacred",
    /// Texts with triples of texts: NYT, WebNLG.
    Triples = "triples",
    /// Universal PropBank.
    Propbank = "propbank",
    /// CoNLL-2005 lines.
    Conll05 = "conll05",
    /// CoNLL-2012 roles as JSON lines.
    Conll12 = "conll12",
    /// CoNLL-2012 coreference columns: LitBank, OntoNotes.
    Coref = "coref",
    /// CoNLL-2012 coreference as JSON lines.
    CorefJson = "coref-json",
    /// The raw dialogues of MultiWOZ 2.1.
    Multiwoz = "multiwoz",
    /// MultiWOZ as the original prepares it.
    MultiwozPrepared = "multiwoz-prepared",
    /// ACE 2005 nested entities.
    AceEntities = "ace-entities",
    /// ACE 2005 events.
    AceEvents = "ace-events",
    /// GENIA.
    Genia = "genia",
    /// A class, a space and a text, one a line: SUBJ, TREC, SST.
    Classes = "classes",
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().copied().find(|format| format.name() == name);
        found.ok_or_else(|| Error::UnknownFormat {
            name: name.to_owned(),
            known: Self::ALL.iter().map(|format| format.name()).collect::<Vec<_>>().join(", "),
        })
    }
}

impl TryFrom<String> for Format {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse().map_err(|_| {
            let known: Vec<_> = Self::ALL.iter().map(|format| format!("`{}`", format.name())).collect();
            format!("unknown format `{name}`, expected one of {}", known.join(", "))
        })
    }
}

impl From<Format> for &'static str {
    fn from(format: Format) -> Self {
        format.name()
    }
}

impl Format {
    /// Reads `path` (a folder for [`Format::Intents`]). `scheme` is that of column files; `quirks` say where to read as the original
    /// program does.
    pub fn read(self, path: &Path, scheme: TagScheme, quirks: Quirks) -> Result<Examples> {
        // Whatever a layout allows, an example that is given can be used.
        let checked = |example: Result<Example>| {
            let example = example?;
            example.check()?;
            Ok(example)
        };
        Ok(Box::new(self.stream(path, scheme, quirks)?.map(checked)))
    }

    fn stream(self, path: &Path, scheme: TagScheme, quirks: Quirks) -> Result<Examples> {
        let document = |examples: Vec<Result<Example>>| -> Examples { Box::new(examples.into_iter()) };
        let file = path.to_owned();
        Ok(match self {
            Self::Conll => Box::new(ConllReader::open(path, scheme)?),
            Self::Jsonl => Box::new(examples(open(path)?, &file)),
            Self::JsonSpans => Box::new(raw::json_spans(open(path)?, &file)),
            Self::LabelStudio => document(raw::label_studio(open(path)?, path)?),
            Self::Spert => document(relations::spert(open(path)?, path)?),
            Self::Ade => document(relations::ade(open(path)?, path)?),
            Self::Intents => Box::new(sentences::intent_folder(path)?),
            Self::IntentTable => Box::new(sentences::intent_table(open(path)?, &file)),
            Self::Fewrel => document(relations::fewrel(open(path)?, path, quirks)?),
            Self::Tacred => document(relations::tacred(open(path)?, path)?),
            Self::Triples => document(relations::triples(open(path)?, path)?),
            Self::Propbank => Box::new(roles::propbank(open(path)?, &file)),
            Self::Conll05 => Box::new(sentences::conll05(open(path)?, &file, quirks.third_srl_field)),
            Self::Conll12 => Box::new(roles::conll12(open(path)?, &file)),
            Self::Coref => Box::new(coreference::columns(open(path)?, &file)),
            Self::CorefJson => Box::new(coreference::documents(open(path)?, &file)),
            Self::Multiwoz => document(dialogues::multiwoz(open(path)?, path)?),
            Self::MultiwozPrepared => document(dialogues::prepared(open(path)?, path)?),
            Self::AceEntities => document(ace::entities(open(path)?, path)?),
            Self::AceEvents => document(ace::events(open(path)?, path)?),
            Self::Genia => Box::new(sentences::genia(open(path)?, &file)),
            Self::Classes => Box::new(sentences::classes(open(path)?, &file)),
        })
    }
}

/// [`Example`]s, a JSON object a line, from `reader`; messages call it `file`. One without an id is called by its number.
pub fn examples<R: BufRead>(reader: R, file: &Path) -> impl Iterator<Item = Result<Example>> + use<R> {
    json::lines::<Example, _>(reader, file).enumerate().map(|(number, line)| {
        let (at, mut example) = line?;
        if example.id.is_empty() {
            example.id = number.to_string();
        }
        example.origin = Some(at);
        example.check()?;
        Ok(example)
    })
}
