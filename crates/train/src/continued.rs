//! An adapter that a run begins with, instead of the base model alone.

use fishdip_peft::{Adaptable, Adapter, Mask};
use std::path::Path;

use crate::config::TaskConfig;
use crate::run_info::RunInfo;
use crate::{Error, RunConfig};

/// The adapter and what it tells of its own run.
pub(crate) struct Continued {
    pub(crate) adapter: Adapter,
    info: RunInfo,
}

impl Continued {
    /// Loads the adapter that `config` begins with, if it does.
    pub(crate) fn load(config: &RunConfig) -> Result<Option<Self>, Error> {
        let Some(folder) = &config.model.adapter else { return Ok(None) };
        let inner = folder.join("adapter");
        if !folder.join("adapter_config.json").exists() && inner.join("adapter_config.json").exists() {
            let message = "it is a run folder, and no adapter".to_owned();
            let hint = Some(inner.display().to_string());
            return Err(Error::Config { place: place(folder), message, hint });
        }
        let adapter = Adapter::load(folder)?;
        let info = RunInfo::of(&adapter.config, folder)?;
        let continued = Self { adapter, info };
        continued.check(folder, config)?;
        Ok(Some(continued))
    }

    fn check(&self, folder: &Path, config: &RunConfig) -> Result<(), Error> {
        let refuse = |message| Err(Error::Config { place: place(folder), message, hint: None });
        let (own, asked) = (self.info.task.name, config.task.name);
        if own != asked {
            return refuse(format!("the adapter is for the task {own}, not for {asked}"));
        }
        if self.info.dtype != config.model.dtype {
            let own = format!("{:?}", self.info.dtype).to_lowercase();
            return refuse(format!(
                "the adapter was trained in another float type; set `model.dtype` to {own:?}"
            ));
        }
        Ok(())
    }

    /// The task of `config`: tables of labels that it leaves out are those of the adapter, whose names the model knows.
    pub(crate) fn task(&self, config: &TaskConfig) -> TaskConfig {
        let mut task = config.clone();
        if config.schema.is_some() {
            return task;
        }
        let own = &self.info.task;
        let tables = [
            (&mut task.entities, &own.entities),
            (&mut task.relations, &own.relations),
            (&mut task.classes, &own.classes),
            (&mut task.triggers, &own.triggers),
        ];
        for (table, own) in tables {
            if table.is_empty() {
                table.clone_from(own);
            }
        }
        if task.roles.is_empty() {
            task.roles.clone_from(&own.roles);
        }
        if task.ontology.is_empty() {
            task.ontology.clone_from(&own.ontology);
        }
        if task.prefix.is_empty() {
            task.prefix.clone_from(&own.prefix);
        }
        task.nesting = task.nesting.or(own.nesting);
        task
    }

    /// The hash of the adapter's values; of older ones, which keep none, as far as their config tells them apart.
    pub(crate) fn hash(&self) -> String {
        let config = &self.adapter.config;
        config.tensors_hash.clone().unwrap_or_else(|| format!("{} entries", config.entries_replaced))
    }

    /// What a user should know of the labels of `config`: those that the adapter knows by another name, and those that it does not know.
    pub(crate) fn notes(&self, config: &TaskConfig) -> Vec<String> {
        let own = &self.info.task;
        let tables = [
            (&config.entities, &own.entities),
            (&config.relations, &own.relations),
            (&config.classes, &own.classes),
            (&config.triggers, &own.triggers),
        ];
        let differs = tables.into_iter().flat_map(|(now, then)| {
            now.iter().filter_map(move |(label, name)| match then.get(label) {
                Some(known) if known == name => None,
                Some(known) => Some(format!("{label:?} was {known:?} and is now {name:?}")),
                None => Some(format!("{label:?} is new")),
            })
        });
        let differs: Vec<String> = differs.collect();
        if differs.is_empty() {
            return Vec::new();
        }
        vec![format!(
            "the labels are not those of the adapter that the run begins with: {}",
            differs.join(", ")
        )]
    }

    /// Writes the adapter into `model`, its base model, and gives the entries that it replaces.
    pub(crate) fn apply(&self, model: &mut impl Adaptable) -> Result<Mask, Error> {
        self.adapter.delta.apply(model)?;
        Ok(self.adapter.delta.mask(model))
    }
}

/// How messages call the key.
fn place(folder: &Path) -> String {
    format!("model.adapter = {:?}", folder.display())
}
