//! Schemas of well-known data sets, with the natural names of the original program.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::names::Names;
use super::tables::Tables;
use super::{Naming, Ontology, Schema};
use crate::{Error, Result, SchemaError};

type Pairs = &'static [(&'static str, &'static str)];

const CONLL03: Pairs =
    &[("LOC", "location"), ("MISC", "miscellaneous"), ("ORG", "organization"), ("PER", "person")];

const ONTONOTES: Pairs = &[
    ("CARDINAL", "cardinal"),
    ("DATE", "date"),
    ("EVENT", "event"),
    ("FAC", "facility"),
    ("GPE", "country city state"),
    ("LANGUAGE", "language"),
    ("LAW", "law"),
    ("LOC", "location"),
    ("MONEY", "monetary"),
    ("NORP", "nationality religious political group"),
    ("ORDINAL", "ordinal"),
    ("ORG", "organization"),
    ("PERCENT", "percent"),
    ("PERSON", "person"),
    ("PRODUCT", "product"),
    ("QUANTITY", "quantity"),
    ("TIME", "time"),
    ("WORK_OF_ART", "work_of_art"),
];

const GENIA: Pairs = &[
    ("DNA", "DNA"),
    ("RNA", "RNA"),
    ("cell_line", "cell line"),
    ("cell_type", "cell type"),
    ("protein", "protein"),
];

const ACE: Pairs = &[
    ("FAC", "facility"),
    ("GPE", "geographical entity"),
    ("LOC", "location"),
    ("ORG", "organization"),
    ("PER", "person"),
    ("VEH", "vehicle"),
    ("WEA", "weapon"),
];

const ACE_RELATIONS: Pairs = &[
    ("ART", "artifact"),
    ("GEN-AFF", "affiliation"),
    ("ORG-AFF", "employer"),
    ("PART-WHOLE", "part of"),
    ("PER-SOC", "social"),
    ("PHYS", "located in"),
];

const CONLL04: Pairs =
    &[("Loc", "location"), ("Org", "organization"), ("Other", "other"), ("Peop", "person")];

const CONLL04_RELATIONS: Pairs = &[
    ("Kill", "kills"),
    ("Live_In", "lives in"),
    ("Located_In", "located in"),
    ("OrgBased_In", "organization based in"),
    ("Work_For", "works for"),
];

const MULTIWOZ: &[(&str, &[&str])] = &[
    ("attraction", &["area", "name", "type"]),
    ("bus", &["arrive by", "day", "departure", "destination", "leave at", "people"]),
    ("hospital", &["department"]),
    (
        "hotel",
        &[
            "area",
            "book day",
            "book people",
            "book stay",
            "internet",
            "name",
            "parking",
            "price range",
            "stars",
            "type",
        ],
    ),
    ("restaurant", &["area", "book day", "book people", "book time", "food", "name", "price range"]),
    ("taxi", &["arrive by", "departure", "destination", "leave at"]),
    ("train", &["arrive by", "book people", "day", "departure", "destination", "leave at"]),
];

impl Schema {
    /// The names that [`Schema::preset`] knows.
    pub const PRESETS: [&str; 7] = ["ace2005", "ade", "conll03", "conll04", "genia", "multiwoz", "ontonotes"];

    /// The schema of a data set by name. Those that depend on more than the name have functions of their own,
    /// and open label sets a rule of [`Naming`].
    pub fn preset(name: &str) -> Option<Self> {
        Some(match name {
            "ace2005" => Self::ace2005(),
            "ade" => Self::ade(),
            "conll03" => Self::conll03(),
            "conll04" => Self::conll04(),
            "genia" => Self::genia(),
            "multiwoz" => Self::multiwoz(),
            "ontonotes" => Self::ontonotes(),
            _ => return None,
        })
    }

    /// CoNLL-2003 named entities.
    pub fn conll03() -> Self {
        preset(CONLL03, &[])
    }

    /// OntoNotes named entities.
    pub fn ontonotes() -> Self {
        preset(ONTONOTES, &[])
    }

    /// GENIA named entities.
    pub fn genia() -> Self {
        preset(GENIA, &[])
    }

    /// ACE 2005 entities and relations.
    pub fn ace2005() -> Self {
        preset(ACE, ACE_RELATIONS)
    }

    /// CoNLL-2004 entities and relations.
    pub fn conll04() -> Self {
        preset(CONLL04, CONLL04_RELATIONS)
    }

    /// Adverse drug effects.
    pub fn ade() -> Self {
        preset(&[("Adverse-Effect", "disease"), ("Drug", "drug")], &[("Adverse-Effect", "effect")])
    }

    /// The slots of MultiWOZ 2.1, without values.
    pub fn multiwoz() -> Self {
        let slots = |slots: &[&str]| slots.iter().map(|slot| ((*slot).to_owned(), Vec::new())).collect();
        let ontology: Ontology =
            MULTIWOZ.iter().map(|(domain, names)| ((*domain).to_owned(), slots(names))).collect();
        Self { ontology, ..Self::default() }
    }

    /// FewRel relations, from the text of its `pid2name.json`. Of several with one name the others count as
    /// the first.
    pub fn fewrel(pid2name: &str) -> Result<Self> {
        let names: BTreeMap<String, Vec<String>> = parse("pid2name.json", pid2name)?;
        let named = names.iter().filter_map(|(label, names)| Some((label.as_str(), names.first()?.clone())));
        Self::with_doubles(named)
    }

    /// TACRED relations among `labels`. Those that differ in what is before `:` alone count as one.
    pub fn tacred<'a>(labels: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        Self::with_doubles(labels.into_iter().map(|label| (label, Naming::Tacred.name(label))))
    }

    fn with_doubles<'a>(named: impl Iterator<Item = (&'a str, String)>) -> Result<Self> {
        let named: BTreeMap<&str, String> = named.collect();
        let (mut first, mut same) = (BTreeMap::new(), Vec::new());
        for (label, name) in &named {
            match first.get(name) {
                Some(other) => same.push((*label, *other)),
                None => drop(first.insert(name.clone(), *label)),
            }
        }
        let pairs = first.into_iter().map(|(name, label)| (label.to_owned(), name));
        Self::new([], pairs)?.with_same(same)
    }

    /// ACE 2005 events, from the texts of `ace2005event_types.json` and `ace2005event_schema.json`.
    ///
    /// The first does not tell kinds of event from kinds of entity, so that all are both. A kind of event
    /// that the second does not list has no roles.
    pub fn ace2005_events(types: &str, roles: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Named {
            verbose: String,
        }
        #[derive(Deserialize)]
        struct Types {
            entities: BTreeMap<String, Named>,
            relations: BTreeMap<String, Named>,
        }
        let types: Types = parse("ace2005event_types.json", types)?;
        let mut roles: BTreeMap<String, Vec<String>> = parse("ace2005event_schema.json", roles)?;
        for label in types.entities.keys() {
            roles.entry(label.clone()).or_default();
        }
        let names = |table: BTreeMap<String, Named>| -> BTreeMap<String, String> {
            table.into_iter().map(|(label, named)| (label, named.verbose)).collect()
        };
        let (entities, relations) = (names(types.entities), names(types.relations));
        Tables { triggers: entities.clone(), entities, relations, roles, ..Tables::default() }.try_into()
    }
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|source| Error::Schema(SchemaError::BadSchema { file: file.to_owned(), source }))
}

/// The pairs must be distinct plain words; a test checks them.
fn preset(entities: Pairs, relations: Pairs) -> Schema {
    Schema { entities: names(entities), relations: names(relations), ..Schema::default() }
}

fn names(pairs: Pairs) -> Names {
    let pairs = || pairs.iter().map(|&(label, name)| (label.to_owned(), name.to_owned()));
    Names { by_label: pairs().collect(), by_name: pairs().map(|(label, name)| (name, label)).collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn presets_pass_the_checks() {
        let all = [
            (Schema::conll03(), 4, 0),
            (Schema::ontonotes(), 18, 0),
            (Schema::genia(), 5, 0),
            (Schema::ace2005(), 7, 6),
            (Schema::conll04(), 4, 5),
            (Schema::ade(), 2, 1),
        ];
        for (schema, entities, relations) in all {
            assert_eq!((schema.entities().len(), schema.relations().len()), (entities, relations));
            assert_eq!(Schema::new(schema.entities(), schema.relations()).unwrap(), schema);
        }
        for name in Schema::PRESETS {
            assert_ne!(Schema::preset(name), Some(Schema::default()), "{name}");
            assert!(Schema::preset(name).is_some(), "{name}");
        }
        assert!(Schema::preset("conll2003").is_none());
        let multiwoz = Schema::multiwoz();
        assert_eq!(multiwoz.ontology().values().map(BTreeMap::len).sum::<usize>(), 37);
        assert_eq!(Schema::default().with_ontology(multiwoz.ontology().clone()).unwrap(), multiwoz);
    }

    #[test]
    fn labels_of_one_name_count_as_one() {
        let schema = Schema::tacred(["per:parents", "org:parents", "per:age", "no_relation"]).unwrap();
        assert_eq!(schema.relation_name("per:parents"), Some("parents"));
        assert_eq!(schema.relation_label("parents"), Some("org:parents"));
        assert_eq!(schema.canonical("per:parents"), "org:parents");
        assert_eq!(schema.relations().len(), 3);
        let json = serde_json::to_string(&schema).unwrap();
        assert_eq!(serde_json::from_str::<Schema>(&json).unwrap(), schema);
        assert!(matches!(
            schema.with_same([("a", "b")]),
            Err(Error::Schema(SchemaError::SameAsNothing { .. }))
        ));

        let fewrel =
            Schema::fewrel(r#"{"P1": ["born in", "long"], "P2": ["born in"], "P3": ["x"]}"#).unwrap();
        assert_eq!((fewrel.relations().len(), fewrel.canonical("P2")), (2, "P1"));
        assert!(Schema::fewrel("[]").unwrap_err().to_string().contains("pid2name.json"));
    }

    #[test]
    fn events_have_their_roles() {
        let types = r#"{"entities": {"PER": {"verbose": "person", "short": "p"}, "Die": {"verbose": "die"}},
            "relations": {"Victim": {"verbose": "victim"}, "Place": {"verbose": "place"}}}"#;
        let schema = Schema::ace2005_events(types, r#"{"Die": ["Victim"]}"#).unwrap();
        assert!(schema.allows_role("Die", "Victim") && !schema.allows_role("Die", "Place"));
        assert!(!schema.allows_role("PER", "Victim") && schema.allows_role("unlisted", "Victim"));
        assert_eq!(schema.trigger_label("person"), Some("PER"));
    }
}
