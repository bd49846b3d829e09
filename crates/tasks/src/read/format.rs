//! File formats by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, ReadError, Result};

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

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
    /// The format that the file itself shows: its name, its first lines and the keys of its first objects.
    #[default]
    Auto = "auto",
    /// Columns with the token first and its tag last: CoNLL-2003, OntoNotes, WNUT-17, BC5CDR, NCBI.
    Conll = "conll",
    /// [`Example`]s, a JSON object a line.
    Jsonl = "jsonl",
    /// Texts with spans in characters, a JSON object a line.
    JsonSpans = "json-spans",
    /// A Label Studio JSON export.
    LabelStudio = "label-studio",
    /// doccano's JSON lines.
    Doccano = "doccano",
    /// Prodigy's JSON lines.
    Prodigy = "prodigy",
    /// spaCy's JSON: documents, training pairs, and the training format of version 2.
    Spacy = "spacy",
    /// brat's standoff files, or a folder of them.
    Brat = "brat",
    /// SpERT's JSON: CoNLL04, ADE, ACE 2005.
    Spert = "spert",
    /// `DyGIE`'s JSON lines, a document each: ACE 2005 with relations.
    Dygie = "dygie",
    /// `DRUG-AE.rel` of the ADE corpus.
    Ade = "ade",
    /// A folder with `seq.in`, `seq.out` and `label`: ATIS, SNIPS.
    Intents = "intents",
    /// The original program's table of ATIS and SNIPS.
    IntentTable = "intent-table",
    /// FewRel's JSON, also as the Hugging Face hub has it.
    Fewrel = "fewrel",
    /// SemEval-2010 task 8.
    Semeval = "semeval10-8",
    /// Tokens and tags as JSON, as the Hugging Face hub has them.
    HfTokens = "hf-tokens",
    /// OpenNRE's JSON lines: Wiki80, NYT10.
    Opennre = "opennre",
    /// TACRED's JSON.
    Tacred = "tacred",
    /// The original program's NYT: tokens and relations with their spans.
    Nyt = "nyt",
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
    /// Schema-Guided Dialogue, and MultiWOZ 2.2.
    Sgd = "sgd",
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
    /// A table with commas whose header names the columns: texts with classes, or sentences with intents and
    /// slots.
    Csv = "csv",
    /// The same with tabs.
    Tsv = "tsv",
    /// The same as Parquet, of which columns with one value a row are read; places are rows, from 1.
    Parquet = "parquet",
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().copied().find(|format| format.name() == name);
        found.ok_or_else(|| {
            Error::Read(ReadError::UnknownFormat {
                name: name.to_owned(),
                known: Self::ALL.iter().map(|format| format.name()).collect::<Vec<_>>().join(", "),
            })
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
