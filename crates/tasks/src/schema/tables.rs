//! A schema as a file holds it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::{Names, check_name};
use super::{Naming, Ontology, Schema};
use crate::{Error, Example, Result, SchemaError};

/// The schema as a file holds it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Tables {
    pub(super) entities: BTreeMap<String, String>,
    pub(super) relations: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) same: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) classes: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) triggers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) roles: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) ontology: Ontology,
}

impl Tables {
    /// Adds every label of `example` that is not there yet.
    pub(super) fn add(&mut self, example: &Example, naming: Naming) {
        let name = |table: &mut BTreeMap<String, String>, label: &str| {
            table.entry(label.to_owned()).or_insert_with(|| naming.name(label));
        };
        for entity in example.entities.iter().chain(&example.slots).chain(&example.roles) {
            name(&mut self.entities, &entity.label);
        }
        let relations = example.relations.iter().map(|relation| &relation.label);
        let roles = example.arguments.iter().map(|argument| &argument.label);
        for label in relations.chain(roles).chain(&example.relation) {
            name(&mut self.relations, label);
        }
        for label in example.intent.iter().chain(&example.label) {
            name(&mut self.classes, label);
        }
        for trigger in &example.triggers {
            name(&mut self.triggers, &trigger.label);
        }
        for belief in &example.belief {
            self.ontology.entry(belief.domain.clone()).or_default().entry(belief.slot.clone()).or_default();
        }
    }
}

impl TryFrom<Tables> for Schema {
    type Error = Error;

    fn try_from(tables: Tables) -> Result<Self> {
        Self {
            entities: Names::new(tables.entities)?,
            relations: Names::new(tables.relations)?,
            triggers: Names::new(tables.triggers)?,
            roles: tables.roles,
            ..Self::default()
        }
        .with_classes(tables.classes)?
        .with_same(tables.same)?
        .with_ontology(tables.ontology)
    }
}

impl From<Schema> for Tables {
    fn from(schema: Schema) -> Self {
        Self {
            entities: schema.entities.by_label,
            relations: schema.relations.by_label,
            same: schema.same,
            classes: schema.classes.by_label,
            triggers: schema.triggers.by_label,
            roles: schema.roles,
            ontology: schema.ontology,
        }
    }
}

/// Domains and slots are written as plain words, with a comma between items.
pub(super) fn check_ontology(ontology: &Ontology) -> Result<()> {
    for (domain, slots) in ontology {
        for name in std::iter::once(domain).chain(slots.keys()) {
            check_name(name, name)?;
            if name.contains(',') {
                return Err(Error::Schema(SchemaError::BadName { label: name.clone(), name: name.clone() }));
            }
        }
    }
    let mut slots: Vec<String> = ontology
        .iter()
        .flat_map(|(domain, slots)| slots.keys().map(move |slot| format!("{domain} {slot} ")))
        .collect();
    slots.sort();
    match slots.windows(2).find(|pair| pair[1].starts_with(&pair[0])) {
        Some(pair) => {
            let [first, second] = [0, 1].map(|i| pair[i].trim_end().to_owned());
            Err(Error::Schema(SchemaError::AmbiguousSlot { first, second }))
        }
        None => Ok(()),
    }
}
