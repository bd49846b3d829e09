//! Rules that give natural names to labels.

use serde::{Deserialize, Serialize};

use super::intents_and_slots::{atis, snips};

/// How labels without a given name get one: a rule for all, or that of a data set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Naming {
    /// The label itself.
    #[default]
    Identity,
    /// The label in lower case.
    LowerCased,
    /// In lower case, with spaces for `_` and `-`.
    Spaced,
    /// Intents and slots of ATIS: `fromloc.city_name` is `from city`.
    Atis,
    /// Intents and slots of SNIPS: `timeRange` is `time range`, `PlayMusic` is `play music`.
    Snips,
    /// Semantic roles of CoNLL-2005: `ARG0` is `first argument`, `ARG1` is `second argument`, others stay.
    Conll05Srl,
    /// Semantic roles of CoNLL-2012: `ARGM-LOC` is `location`, others stay.
    Conll12Srl,
    /// Relations of TACRED: what follows `:`, in lower case, with spaces for `_` and `/`.
    Tacred,
    /// Relations of New York Times: what follows the last `/`, with spaces for `_`; entities in lower case.
    Nyt,
}

impl Naming {
    /// The natural name this rule gives to `label`.
    pub fn name(self, label: &str) -> String {
        match self {
            Self::Identity => label.to_owned(),
            Self::LowerCased => label.to_lowercase(),
            Self::Spaced => label.to_lowercase().replace(['_', '-'], " "),
            Self::Atis => atis(label),
            Self::Snips => snips(label),
            Self::Conll05Srl => match label {
                "ARG0" => "first argument".to_owned(),
                "ARG1" => "second argument".to_owned(),
                other => other.to_owned(),
            },
            Self::Conll12Srl => if label == "ARGM-LOC" { "location" } else { label }.to_owned(),
            Self::Tacred => {
                let name = label.split_once(':').map_or(label, |(_, name)| name).to_lowercase();
                name.replace(['_', '/'], " ").replace("stateorprovince", "state or province")
            }
            Self::Nyt => match label.rsplit_once('/') {
                Some((_, name)) => name.replace('_', " "),
                None => label.to_lowercase(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_get_the_names_of_their_data_set() {
        for (naming, label, name) in [
            (Naming::Spaced, "Work_For", "work for"),
            (Naming::Conll05Srl, "ARG0", "first argument"),
            (Naming::Conll05Srl, "A0", "A0"),
            (Naming::Conll05Srl, "ARGM-LOC", "ARGM-LOC"),
            (Naming::Conll12Srl, "ARGM-LOC", "location"),
            (Naming::Conll12Srl, "ARG0", "ARG0"),
            (Naming::Tacred, "per:stateorprovinces_of_residence", "state or provinces of residence"),
            (Naming::Tacred, "org:number_of_employees/members", "number of employees members"),
            (Naming::Tacred, "no_relation", "no relation"),
            (Naming::Nyt, "/people/person/place_of_birth", "place of birth"),
            (Naming::Nyt, "PERSON", "person"),
        ] {
            assert_eq!(naming.name(label), name);
        }
        assert_eq!(serde_json::to_value(Naming::Conll05Srl).ok(), Some("conll05-srl".into()));
    }
}
