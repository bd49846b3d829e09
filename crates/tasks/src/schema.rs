//! Labels and their natural names.

mod presets;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::codec::{is_delimiter, is_space};
use crate::{Error, Example, Result};

/// The labels of a task and the words a model reads and writes for them.
///
/// As data it has tables of label = "natural name"; a task needs those that it predicts:
///
/// ```toml
/// [entities]                       # also slots and semantic roles
/// PER = "person"
/// [relations]                      # also roles in events
/// Kill = "kills"
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
    classes: Names,
    triggers: Names,
    roles: BTreeMap<String, Vec<String>>,
    ontology: Ontology,
}

/// The domains of a dialogue, their slots, and the values known for each slot.
pub type Ontology = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// How labels without a given name get one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Naming {
    /// The label itself.
    #[default]
    Identity,
    /// The label in lower case.
    LowerCased,
}

/// The schema as a file holds it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tables {
    entities: BTreeMap<String, String>,
    relations: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    classes: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    triggers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    roles: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ontology: Ontology,
}

/// A checked one-to-one map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names {
    by_label: BTreeMap<String, String>,
    by_name: BTreeMap<String, String>,
}

impl Schema {
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
        Ok(Self { classes: Names::new(classes)?, ..self })
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
            for entity in &example.entities {
                tables.entities.entry(entity.label.clone()).or_insert_with(|| naming.name(&entity.label));
            }
            for relation in &example.relations {
                tables
                    .relations
                    .entry(relation.label.clone())
                    .or_insert_with(|| naming.name(&relation.label));
            }
        }
        tables.try_into()
    }

    /// The natural name of an entity label.
    pub fn entity_name(&self, label: &str) -> Option<&str> {
        self.entities.by_label.get(label).map(String::as_str)
    }

    /// The entity label of a natural name.
    pub fn entity_label(&self, name: &str) -> Option<&str> {
        self.entities.by_name.get(name).map(String::as_str)
    }

    /// The natural name of a relation label.
    pub fn relation_name(&self, label: &str) -> Option<&str> {
        self.relations.by_label.get(label).map(String::as_str)
    }

    /// The relation label of a natural name.
    pub fn relation_label(&self, name: &str) -> Option<&str> {
        self.relations.by_name.get(name).map(String::as_str)
    }

    /// The natural name of a class.
    pub fn class_name(&self, label: &str) -> Option<&str> {
        self.classes.by_label.get(label).map(String::as_str)
    }

    /// The class of a natural name.
    pub fn class_label(&self, name: &str) -> Option<&str> {
        self.classes.by_name.get(name).map(String::as_str)
    }

    /// The natural name of a kind of event.
    pub fn trigger_name(&self, label: &str) -> Option<&str> {
        self.triggers.by_label.get(label).map(String::as_str)
    }

    /// The kind of event of a natural name.
    pub fn trigger_label(&self, name: &str) -> Option<&str> {
        self.triggers.by_name.get(name).map(String::as_str)
    }

    /// Whether the event `trigger` may have the relation `role`, both as labels.
    pub fn allows_role(&self, trigger: &str, role: &str) -> bool {
        self.roles.get(trigger).is_none_or(|roles| roles.iter().any(|allowed| allowed == role))
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

impl Naming {
    /// The natural name this rule gives to `label`.
    pub fn name(self, label: &str) -> String {
        match self {
            Self::Identity => label.to_owned(),
            Self::LowerCased => label.to_lowercase(),
        }
    }
}

impl Names {
    /// Repeating the same pair is allowed; a later name of the same label replaces the earlier one.
    fn new<L: Into<String>, N: Into<String>>(pairs: impl IntoIterator<Item = (L, N)>) -> Result<Self> {
        let by_label: BTreeMap<String, String> =
            pairs.into_iter().map(|(label, name)| (label.into(), name.into())).collect();
        let mut by_name = BTreeMap::new();
        for (label, name) in &by_label {
            check_name(label, name)?;
            if let Some(first) = by_name.insert(name.clone(), label.clone()) {
                return Err(Error::SameName { first, second: label.clone(), name: name.clone() });
            }
        }
        Ok(Self { by_label, by_name })
    }
}

fn check_name(label: &str, name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::EmptyName { label: label.to_owned() });
    }
    let spaced = name.split(is_space).any(str::is_empty) || name.contains(|c| is_space(c) && c != ' ');
    if spaced || name.contains(is_delimiter) {
        return Err(Error::BadName { label: label.to_owned(), name: name.to_owned() });
    }
    Ok(())
}

/// Domains and slots are written as plain words, with a comma between items.
fn check_ontology(ontology: &Ontology) -> Result<()> {
    for (domain, slots) in ontology {
        for name in std::iter::once(domain).chain(slots.keys()) {
            check_name(name, name)?;
            if name.contains(',') {
                return Err(Error::BadName { label: name.clone(), name: name.clone() });
            }
        }
    }
    Ok(())
}

impl TryFrom<Tables> for Schema {
    type Error = Error;

    fn try_from(tables: Tables) -> Result<Self> {
        check_ontology(&tables.ontology)?;
        Ok(Self {
            entities: Names::new(tables.entities)?,
            relations: Names::new(tables.relations)?,
            classes: Names::new(tables.classes)?,
            triggers: Names::new(tables.triggers)?,
            roles: tables.roles,
            ontology: tables.ontology,
        })
    }
}

impl From<Schema> for Tables {
    fn from(schema: Schema) -> Self {
        Self {
            entities: schema.entities.by_label,
            relations: schema.relations.by_label,
            classes: schema.classes.by_label,
            triggers: schema.triggers.by_label,
            roles: schema.roles,
            ontology: schema.ontology,
        }
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
        assert!(matches!(Schema::new([("A", "")], NONE), Err(Error::EmptyName { .. })));
        for name in ["a[b", "a ]", "a | b", "=", " a", "a  b", "a\tb", "a "] {
            assert!(matches!(Schema::new([("A", name)], NONE), Err(Error::BadName { .. })), "{name:?}");
        }
        let clash = Schema::declared(["PER", "per"], [], Naming::LowerCased);
        assert!(matches!(clash, Err(Error::SameName { .. })));
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
    fn seen_labels_are_collected() {
        let mut example = Example::new(["a"]);
        example.entities.push(crate::Entity::new("Drug", 0, 1));
        let schema = Schema::seen([&example, &example], Naming::LowerCased).unwrap();
        assert_eq!(schema.entities().collect::<Vec<_>>(), [("Drug", "drug")]);
    }
}
