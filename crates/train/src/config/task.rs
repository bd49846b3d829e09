//! Which task, and what its labels are called.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fishdip_tasks::{Example, Mode, Naming, Nesting, Ontology, Schema, Task, TaskKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Error, read_schema};

/// `[task]`
///
/// A table of labels that the task needs and that is left out holds those of `schema`, else those of the training file; see [`Schema`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskConfig {
    /// Which task.
    pub name: TaskKind,
    /// How examples are written as text, outputs read and scores counted: in a way that loses nothing, or as the original program does. With the latter
    /// outputs are free (`evaluation.decode`).
    #[serde(default, skip_serializing_if = "is_fixed")]
    #[schemars(extend("default" = "fixed"))]
    pub mode: Mode,
    /// What stands before every source, with ` : ` behind it, so that one model can do several tasks. Empty: nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// A TOML file of tables of labels as they stand here, or the name of a data set whose labels and natural names are known (conll03, ontonotes, genia, ace2005,
    /// conll04, ade, multiwoz). Tables that are written out count before its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<PathBuf>,
    /// Whether a span may lie within another one in what the model writes. Absent: if the training data have such spans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nesting: Option<bool>,
    /// How labels that only the training file names get their natural name.
    #[serde(default = "lower_cased")]
    pub naming: Naming,
    /// Label = "natural name" of entities, slots and semantic roles.
    #[serde(default)]
    pub entities: BTreeMap<String, String>,
    /// Label = "natural name" of relations, and of roles in events.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub relations: BTreeMap<String, String>,
    /// Label = "natural name" of intents and of classes of texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, String>,
    /// Label = "natural name" of kinds of event.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub triggers: BTreeMap<String, String>,
    /// Kind of event = the relations it may have; all, if it is not listed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Vec<String>>,
    /// Domain, slot = known values, of dialogues.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ontology: Ontology,
}

/// A table that is written out, else the first of the others that has any label.
fn table<'a>(
    own: &BTreeMap<String, String>,
    others: [&mut dyn ExactSizeIterator<Item = (&'a str, &'a str)>; 2],
) -> BTreeMap<String, String> {
    if !own.is_empty() {
        return own.clone();
    }
    let found = others.into_iter().find(|pairs| pairs.len() > 0);
    found.into_iter().flatten().map(|(label, name)| (label.to_owned(), name.to_owned())).collect()
}

/// Whether it need not be written: an adapter of before there was the key has none.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(super) fn is_fixed(mode: &Mode) -> bool {
    *mode == Mode::Fixed
}

fn lower_cased() -> Naming {
    Naming::LowerCased
}

impl TaskConfig {
    /// The task `name`, with every other key left out.
    pub fn new(name: TaskKind) -> Self {
        Self {
            name,
            mode: Mode::default(),
            prefix: String::new(),
            schema: None,
            nesting: None,
            naming: lower_cased(),
            entities: BTreeMap::new(),
            relations: BTreeMap::new(),
            classes: BTreeMap::new(),
            triggers: BTreeMap::new(),
            roles: BTreeMap::new(),
            ontology: Ontology::new(),
        }
    }

    /// The task: its labels are those that are written out, else those of the schema, else those of `examples`. Spans nest as the config says,
    /// else as those of `examples` do; without any example they may.
    pub fn build<'a>(
        &self,
        examples: impl IntoIterator<Item = &'a Example, IntoIter: ExactSizeIterator + Clone>,
    ) -> Result<Task, Error> {
        let examples = examples.into_iter();
        let named = self.schema.as_deref().map(read_schema).transpose()?.unwrap_or_default();
        let open: Vec<Example> = examples.clone().map(|example| self.open_labels(&named, example)).collect();
        let seen = Schema::seen(&open, self.naming)?;
        let ontologies = [&self.ontology, named.ontology(), seen.ontology()];
        let ontology = ontologies.into_iter().find(|o| !o.is_empty()).cloned().unwrap_or_default();
        let roles = if self.roles.is_empty() { named.roles() } else { &self.roles };
        let entities = table(&self.entities, [&mut named.entities(), &mut seen.entities()]);
        let schema =
            Schema::new(entities, table(&self.relations, [&mut named.relations(), &mut seen.relations()]))?
                .with_classes(table(&self.classes, [&mut named.classes(), &mut seen.classes()]))?
                .with_triggers(table(&self.triggers, [&mut named.triggers(), &mut seen.triggers()]))?
                .with_roles(roles.clone())
                .with_ontology(ontology)?;
        let task = Task::new(self.name, schema, self.mode);
        let task = if self.prefix.is_empty() { task } else { task.with_prefix(&self.prefix) };
        let nesting = match self.nesting {
            Some(true) => Nesting::Nested,
            Some(false) => Nesting::Flat,
            None if examples.len() == 0 => Nesting::default(),
            None => task.nesting_of(examples),
        };
        Ok(task.with_nesting(nesting))
    }

    /// The labels of `example` that stand in tables which neither the config nor the schema `named` has. A label of the others need not be a name.
    fn open_labels(&self, named: &Schema, example: &Example) -> Example {
        let mut open = Example::default();
        if self.entities.is_empty() && named.entities().len() == 0 {
            open.entities.clone_from(&example.entities);
            open.slots.clone_from(&example.slots);
            open.roles.clone_from(&example.roles);
        }
        if self.relations.is_empty() && named.relations().len() == 0 {
            open.relations.clone_from(&example.relations);
            open.arguments.clone_from(&example.arguments);
            open.relation.clone_from(&example.relation);
        }
        if self.classes.is_empty() && named.classes().len() == 0 {
            open.intent.clone_from(&example.intent);
            open.label.clone_from(&example.label);
        }
        if self.triggers.is_empty() && named.triggers().len() == 0 {
            open.triggers.clone_from(&example.triggers);
        }
        open.belief.clone_from(&example.belief);
        open
    }

    /// The tables of labels and their names.
    pub(crate) fn tables(&self) -> [&BTreeMap<String, String>; 4] {
        [&self.entities, &self.relations, &self.classes, &self.triggers]
    }

    /// The tables of labels and their names, to be changed.
    pub(crate) fn tables_mut(&mut self) -> [&mut BTreeMap<String, String>; 4] {
        [&mut self.entities, &mut self.relations, &mut self.classes, &mut self.triggers]
    }

    /// The same task with every label of `schema` written out.
    pub(crate) fn with_labels(&self, schema: &Schema) -> Self {
        let table = |pairs: &mut dyn Iterator<Item = (&str, &str)>| {
            pairs.map(|(label, name)| (label.to_owned(), name.to_owned())).collect()
        };
        Self {
            name: self.name,
            mode: self.mode,
            prefix: self.prefix.clone(),
            schema: None,
            nesting: self.nesting,
            naming: self.naming,
            entities: table(&mut schema.entities()),
            relations: table(&mut schema.relations()),
            classes: table(&mut schema.classes()),
            triggers: table(&mut schema.triggers()),
            roles: schema.roles().clone(),
            ontology: schema.ontology().clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use fishdip_tasks::Entity;

    use super::*;

    #[test]
    fn labels_that_are_no_names_have_those_of_a_table() {
        let mut example = Example::new(["Ann"]);
        example.entities = vec![Entity::new("PER|NAME", 0, 1)];
        let build = |config: &str| {
            let config: TaskConfig = toml::from_str(&format!("name = \"ner\"\n{config}")).unwrap();
            config.build([&example])
        };
        let named = build("entities = { \"PER|NAME\" = \"person\" }").unwrap();
        assert_eq!(named.schema().entities().collect::<Vec<_>>(), [("PER|NAME", "person")]);
        assert!(build("").unwrap_err().to_string().contains("must be words"), "it would be its own name");
    }

    #[test]
    fn spans_nest_as_the_config_or_the_data_say() {
        let mut flat = Example::new(["Bank", "of", "England"]);
        flat.entities = vec![Entity::new("ORG", 0, 3)];
        let mut nested = flat.clone();
        nested.entities.push(Entity::new("LOC", 2, 3));
        let nesting = |config: &str, examples: &[&Example]| {
            let config: TaskConfig = toml::from_str(&format!("name = \"ner\"\n{config}")).unwrap();
            config.build(examples.iter().copied()).unwrap().nesting()
        };
        assert_eq!(nesting("", &[&flat, &flat]), Nesting::Flat);
        assert_eq!(nesting("", &[&flat, &nested]), Nesting::Nested);
        assert_eq!(nesting("nesting = true", &[&flat]), Nesting::Nested);
        assert_eq!(nesting("nesting = false", &[&flat, &nested]), Nesting::Flat);
        // An adapter that was saved before there was the key.
        assert_eq!(nesting("entities = { ORG = \"organization\" }", &[]), Nesting::Nested);
    }
}
