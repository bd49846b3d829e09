//! Labels and their natural names.

mod intents_and_slots;
mod names;
mod naming;
mod presets;
mod tables;

pub use naming::Naming;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use names::{Names, check_name};
use tables::{Tables, check_ontology};

use crate::{Error, Example, Result, SchemaError};

/// The labels of a task and the words a model reads and writes for them.
///
/// As data it has tables of label = "natural name"; a task needs those that it predicts:
///
/// ```toml
/// [entities]                       # also slots and semantic roles
/// PER = "person"
/// [relations]                      # also roles in events
/// Kill = "kills"
/// [same]                           # relations that count as another one; classification alone looks at it
/// Murder = "Kill"
/// [classes]                        # intents and classes of texts
/// PlayMusic = "play music"
/// [triggers]                       # kinds of event
/// Life_Die = "die"
/// [roles]                          # which relations a kind of event may have; all, if it is not listed
/// Life_Die = ["Victim", "Place"]
/// [ontology.hotel]                 # slots of a domain of dialogues, with the values that are known
/// "price range" = ["cheap", "moderate", "expensive"]
/// name = []
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Tables", into = "Tables")]
pub struct Schema {
    entities: Names,
    relations: Names,
    same: BTreeMap<String, String>,
    classes: Names,
    triggers: Names,
    roles: BTreeMap<String, Vec<String>>,
    ontology: Ontology,
    open: bool,
}

/// Whether a label can be its own name.
pub(crate) fn can_be_name(label: &str) -> bool {
    check_name(label, label).is_ok()
}

/// The domains of a dialogue, their slots, and the values known for each slot.
pub type Ontology = BTreeMap<String, BTreeMap<String, Vec<String>>>;

impl Schema {
    /// The names of the tables that a schema has as data.
    pub const TABLES: [&str; 7] =
        ["entities", "relations", "same", "classes", "triggers", "roles", "ontology"];

    /// A schema of `(label, natural name)` pairs for entities and relations.
    pub fn new<L: Into<String>, N: Into<String>>(
        entities: impl IntoIterator<Item = (L, N)>,
        relations: impl IntoIterator<Item = (L, N)>,
    ) -> Result<Self> {
        Ok(Self { entities: Names::new(entities)?, relations: Names::new(relations)?, ..Self::default() })
    }

    /// The schema with `(label, natural name)` pairs for classes: intents, or classes of texts.
    pub fn with_classes<L: Into<String>, N: Into<String>>(
        self,
        classes: impl IntoIterator<Item = (L, N)>,
    ) -> Result<Self> {
        let classes = Names::new(classes)?;
        for (label, name) in &classes.by_label {
            if name.contains("((") || name.contains("))") {
                return Err(Error::Schema(SchemaError::BadName { label: label.clone(), name: name.clone() }));
            }
        }
        Ok(Self { classes, ..self })
    }

    /// The schema with relations that count as another: `(label, label of a relation)`.
    pub fn with_same<L: Into<String>>(self, same: impl IntoIterator<Item = (L, L)>) -> Result<Self> {
        let same: BTreeMap<String, String> =
            same.into_iter().map(|(label, other)| (label.into(), other.into())).collect();
        for (label, other) in &same {
            if !self.relations.by_label.contains_key(other) || self.relations.by_label.contains_key(label) {
                return Err(Error::Schema(SchemaError::SameAsNothing {
                    label: label.clone(),
                    other: other.clone(),
                }));
            }
        }
        Ok(Self { same, ..self })
    }

    /// The schema with `(label, natural name)` pairs for kinds of event.
    pub fn with_triggers<L: Into<String>, N: Into<String>>(
        self,
        triggers: impl IntoIterator<Item = (L, N)>,
    ) -> Result<Self> {
        Ok(Self { triggers: Names::new(triggers)?, ..self })
    }

    /// The schema with the relation labels that each kind of event may have.
    #[must_use]
    pub fn with_roles(self, roles: BTreeMap<String, Vec<String>>) -> Self {
        Self { roles, ..self }
    }

    /// The schema with the domains, slots and known values of dialogues.
    pub fn with_ontology(self, ontology: Ontology) -> Result<Self> {
        check_ontology(&ontology)?;
        Ok(Self { ontology, ..self })
    }

    /// A schema in which every label that could be a name is known, and is its own name. The ontology, which
    /// cannot be open, is MultiWOZ's.
    pub fn open() -> Self {
        Self { open: true, ..Self::multiwoz() }
    }

    /// Whether every label is known that could be a name.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// `label` as its own name or the other way round, where the schema is open.
    fn itself<'a>(&self, label: &'a str) -> Option<&'a str> {
        (self.open && can_be_name(label)).then_some(label)
    }

    /// A schema of declared entity and relation labels, named by a rule.
    pub fn declared<L: AsRef<str>>(
        entities: impl IntoIterator<Item = L>,
        relations: impl IntoIterator<Item = L>,
        naming: Naming,
    ) -> Result<Self> {
        let named = |label: L| (label.as_ref().to_owned(), naming.name(label.as_ref()));
        Self::new(entities.into_iter().map(named), relations.into_iter().map(named))
    }

    /// A schema of the labels that occur in `examples`, named by a rule.
    pub fn seen<'a>(examples: impl IntoIterator<Item = &'a Example>, naming: Naming) -> Result<Self> {
        let mut tables = Tables::default();
        for example in examples {
            tables.add(example, naming);
        }
        tables.try_into()
    }

    /// The schema without the labels that no example has. The ontology stays.
    #[must_use]
    pub fn restricted_to<'a>(mut self, examples: impl IntoIterator<Item = &'a Example>) -> Self {
        let mut seen = Tables::default();
        for example in examples {
            seen.add(example, Naming::Identity);
        }
        let relations: BTreeSet<String> =
            seen.relations.keys().map(|label| self.canonical(label).to_owned()).collect();
        self.entities.retain(|label| seen.entities.contains_key(label));
        self.relations.retain(|label| relations.contains(label));
        self.same.retain(|_, other| relations.contains(other));
        self.classes.retain(|label| seen.classes.contains_key(label));
        self.triggers.retain(|label| seen.triggers.contains_key(label));
        self
    }

    /// The natural name of an entity label.
    pub fn entity_name<'a>(&'a self, label: &'a str) -> Option<&'a str> {
        self.entities.by_label.get(label).map(String::as_str).or_else(|| self.itself(label))
    }

    /// The entity label of a natural name.
    pub fn entity_label<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.entities.by_name.get(name).map(String::as_str).or_else(|| self.itself(name))
    }

    /// The natural name of a relation label.
    pub fn relation_name<'a>(&'a self, label: &'a str) -> Option<&'a str> {
        self.relations.by_label.get(self.canonical(label)).map(String::as_str).or_else(|| self.itself(label))
    }

    /// The relation label that `label` counts as, most often itself.
    pub fn canonical<'a>(&'a self, label: &'a str) -> &'a str {
        self.same.get(label).map_or(label, String::as_str)
    }

    /// The relation label of a natural name.
    pub fn relation_label<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.relations.by_name.get(name).map(String::as_str).or_else(|| self.itself(name))
    }

    /// The natural name of a class.
    pub fn class_name<'a>(&'a self, label: &'a str) -> Option<&'a str> {
        self.classes.by_label.get(label).map(String::as_str).or_else(|| self.itself(label))
    }

    /// The class of a natural name.
    pub fn class_label<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.classes.by_name.get(name).map(String::as_str).or_else(|| self.itself(name))
    }

    /// The natural name of a kind of event.
    pub fn trigger_name<'a>(&'a self, label: &'a str) -> Option<&'a str> {
        self.triggers.by_label.get(label).map(String::as_str).or_else(|| self.itself(label))
    }

    /// The kind of event of a natural name.
    pub fn trigger_label<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.triggers.by_name.get(name).map(String::as_str).or_else(|| self.itself(name))
    }

    /// Whether the event `trigger` may have the relation `role`, both as labels.
    pub fn allows_role(&self, trigger: &str, role: &str) -> bool {
        self.roles.get(trigger).is_none_or(|roles| roles.iter().any(|allowed| allowed == role))
    }

    /// Which relations each kind of event may have, for those that do not have them all.
    pub fn roles(&self) -> &BTreeMap<String, Vec<String>> {
        &self.roles
    }

    /// The domains, slots and known values of dialogues.
    pub fn ontology(&self) -> &Ontology {
        &self.ontology
    }

    /// All classes with their names, by label.
    pub fn classes(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.classes.by_label.iter().map(|(label, name)| (label.as_str(), name.as_str()))
    }

    /// All kinds of event with their names, by label.
    pub fn triggers(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.triggers.by_label.iter().map(|(label, name)| (label.as_str(), name.as_str()))
    }

    /// All entity labels with their names, by label.
    pub fn entities(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.entities.by_label.iter().map(|(label, name)| (label.as_str(), name.as_str()))
    }

    /// All relation labels with their names, by label.
    pub fn relations(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.relations.by_label.iter().map(|(label, name)| (label.as_str(), name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NONE: [(&str, &str); 0] = [];

    #[test]
    fn names_go_both_ways() {
        let schema = Schema::new([("Peop", "person")], [("Work_For", "works for")]).unwrap();
        assert_eq!(schema.entity_name("Peop"), Some("person"));
        assert_eq!(schema.entity_label("person"), Some("Peop"));
        assert_eq!(schema.relation_label("works for"), Some("Work_For"));
        assert_eq!(schema.relation_label("person"), None);
        assert_eq!(Schema::conll03().entities().len(), 4);
    }

    #[test]
    fn names_must_be_distinct_plain_words() {
        let error = Schema::new([("A", "x"), ("B", "x")], NONE).unwrap_err();
        assert!(error.to_string().contains(r#""A" and "B""#), "{error}");
        assert!(matches!(Schema::new([("A", "")], NONE), Err(Error::Schema(SchemaError::EmptyName { .. }))));
        for name in ["a[b", "a ]", "a | b", "=", " a", "a  b", "a\tb", "a "] {
            assert!(
                matches!(Schema::new([("A", name)], NONE), Err(Error::Schema(SchemaError::BadName { .. }))),
                "{name:?}"
            );
        }
        let clash = Schema::declared(["PER", "per"], [], Naming::LowerCased);
        assert!(matches!(clash, Err(Error::Schema(SchemaError::SameName { .. }))));
    }

    #[test]
    fn data_has_two_tables() {
        let schema: Schema = serde_json::from_str(r#"{"entities":{"PER":"person"}}"#).unwrap();
        let json = serde_json::to_string(&schema).unwrap();
        assert_eq!(json, r#"{"entities":{"PER":"person"},"relations":{}}"#);
        assert!(serde_json::from_str::<Schema>(r#"{"entity":{}}"#).is_err());
        assert!(serde_json::from_str::<Schema>(r#"{"entities":{"A":"x","B":"x"}}"#).is_err());
    }

    #[test]
    fn an_open_schema_knows_what_can_be_a_name() {
        let open = Schema::open();
        assert_eq!(
            (open.entity_name("B-x"), open.class_label("any thing")),
            (Some("B-x"), Some("any thing"))
        );
        assert_eq!((open.relation_label(""), open.trigger_name("a|b")), (None, None));
    }

    #[test]
    fn seen_labels_are_collected() {
        let mut example = Example::new(["a"]);
        example.entities.push(crate::Entity::new("Drug", 0, 1));
        let schema = Schema::seen([&example, &example], Naming::LowerCased).unwrap();
        assert_eq!(schema.entities().collect::<Vec<_>>(), [("Drug", "drug")]);
    }

    #[test]
    fn every_table_can_be_data() {
        let json = r#"{"entities":{"A":"a"},"relations":{"R":"r"},"same":{"S":"R"},"classes":{"C":"c"},
            "triggers":{"T":"t"},"roles":{"T":["R"]},"ontology":{"hotel":{"area":["east"],"name":[]}}}"#;
        let schema: Schema = serde_json::from_str(json).unwrap();
        assert_eq!((schema.relation_name("S"), schema.class_label("c")), (Some("r"), Some("C")));
        assert!(schema.allows_role("T", "R") && !schema.allows_role("T", "Q"));
        assert_eq!(schema.ontology()["hotel"]["area"], ["east"]);
        let back = serde_json::to_string(&schema).unwrap();
        let tables: std::collections::BTreeSet<String> =
            serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&back)
                .unwrap()
                .keys()
                .cloned()
                .collect();
        assert!(tables.iter().map(String::as_str).eq(std::collections::BTreeSet::from(Schema::TABLES)));
        assert_eq!(serde_json::from_str::<Schema>(&back).unwrap(), schema);
    }

    #[test]
    fn what_cannot_be_read_back_is_refused() {
        let read = |json: &str| serde_json::from_str::<Schema>(json).map_err(|error| error.to_string());
        for (json, problem) in [
            (r#"{"ontology":{"hotel":{"price":[],"price range":[]}}}"#, "hotel price range"),
            (r#"{"ontology":{"hotel":{"a, b":[]}}}"#, "a, b"),
            (r#"{"classes":{"A":"x )) y"}}"#, "x )) y"),
            (r#"{"same":{"A":"B"}}"#, "no relation"),
        ] {
            assert!(read(json).unwrap_err().contains(problem), "{json}");
        }
    }

    #[test]
    fn a_schema_can_be_restricted_to_what_is_seen() {
        let mut example = Example::new(["a"]);
        example.slots.push(crate::Entity::new("A", 0, 1));
        (example.intent, example.relation) = (Some("C".to_owned()), Some("S".to_owned()));
        let pairs = [("A", "a"), ("B", "b")];
        let schema = Schema::new(pairs, [("R", "r"), ("Q", "q")]).unwrap().with_same([("S", "R")]).unwrap();
        let schema = schema.with_classes([("C", "c"), ("D", "d")]).unwrap().restricted_to([&example]);
        assert_eq!(schema.entities().collect::<Vec<_>>(), [("A", "a")]);
        assert_eq!(schema.relations().collect::<Vec<_>>(), [("R", "r")]);
        assert_eq!((schema.class_label("c"), schema.class_label("d")), (Some("C"), None));
        assert_eq!(schema.relation_name("S"), Some("r"));
    }
}
