//! An adapter that a run begins with, instead of the base model alone.

use fishdip_peft::{AdapterConfig, Mask};
use fishdip_t5::T5;
use std::path::Path;

use crate::adapters::SavedAdapter;
use crate::config::TaskConfig;
use crate::{Error, RunConfig};

/// The adapter and what it tells of its own run.
pub(crate) struct Continued(SavedAdapter);

impl Continued {
    /// Loads the adapter that `config` begins with, if it does.
    pub(crate) fn load(config: &RunConfig) -> Result<Option<Self>, Error> {
        let Some(folder) = &config.model.adapter else { return Ok(None) };
        let continued = Self(SavedAdapter::load(folder)?);
        continued.check(config)?;
        Ok(Some(continued))
    }

    /// What the adapter's folder says of it.
    pub(crate) fn config(&self) -> &AdapterConfig {
        &self.0.adapter.config
    }

    fn check(&self, config: &RunConfig) -> Result<(), Error> {
        let SavedAdapter { folder, info, .. } = &self.0;
        let refuse = |message| Err(Error::Config { place: place(folder), message, hint: None });
        if let Some(own) = &self.config().addition
            && Some(own) != config.method.addition().as_ref()
        {
            return refuse(format!(
                "it has weights that {} added, and the run's method does not add the same; take the [method] that the README.md in its folder shows",
                own.name()
            ));
        }
        let (own, method) = (&self.config().sites, &config.method);
        let fits = match method.most_fisher {
            Some(count) if method.sites.is_empty() => own.len() == count,
            _ => *own == method.sites,
        };
        if self.config().addition.is_some() && !fits {
            let own = if own.is_empty() {
                "all blocks".to_owned()
            } else {
                format!("the blocks {}", own.join(", "))
            };
            return refuse(format!(
                "its method has added to {own}, and that of the run adds to others; let `method.sites` say the same"
            ));
        }
        let (own, asked) = (info.task.name, config.task.name);
        if own != asked {
            return refuse(format!("the adapter is for the task {own}, not for {asked}"));
        }
        if info.dtype != config.model.dtype {
            let own = format!("{:?}", info.dtype).to_lowercase();
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
        let own = &self.0.info.task;
        for (table, own) in task.tables_mut().into_iter().zip(own.tables()) {
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

    /// The blocks that have what the adapter adds, where these are not all.
    pub(crate) fn sites(&self) -> &[String] {
        &self.config().sites
    }

    /// The hash of the adapter's values; of older ones, which keep none, as far as their config tells them apart.
    pub(crate) fn hash(&self) -> String {
        let config = self.config();
        config.tensors_hash.clone().unwrap_or_else(|| format!("{} entries", config.entries_replaced))
    }

    /// What a user should know of the labels of `config`: those that the adapter knows by another name, those that it does not know, and those of its own that
    /// `config` leaves out of a table.
    pub(crate) fn note(&self, config: &TaskConfig) -> Option<String> {
        if self.0.info.task.tables().iter().all(|table| table.is_empty()) {
            // One of a pretraining, which has learned no label.
            return None;
        }
        // A table that is left out is that of the adapter.
        let tables = config.tables().into_iter().zip(self.0.info.task.tables());
        let differs = tables.filter(|(now, _)| !now.is_empty()).flat_map(|(now, then)| {
            let changed = now.iter().filter_map(move |(label, name)| match then.get(label) {
                Some(known) if known == name => None,
                Some(known) => Some(format!("{label:?} was {known:?} and is now {name:?}")),
                None => Some(format!("{label:?} is new")),
            });
            let lost = then.keys().filter(|label| !now.contains_key(*label));
            changed.chain(lost.map(|label| format!("{label:?} is no longer one")))
        });
        let differs: Vec<String> = differs.collect();
        (!differs.is_empty()).then(|| {
            let differs = differs.join(", ");
            format!("the labels are not those of the adapter that the run begins with: {differs}")
        })
    }

    /// Writes the adapter into `model`, its base model with what the run's method adds, and gives the entries that it replaces.
    pub(crate) fn apply(&self, model: &mut T5) -> Result<Mask, Error> {
        let adapter = &self.0.adapter;
        if self.config().addition.is_some() {
            adapter.added.apply(model)?;
        }
        adapter.delta.apply(model)?;
        Ok(adapter.delta.mask(model))
    }
}

/// How messages call the key.
fn place(folder: &Path) -> String {
    format!("model.adapter = {:?}", folder.display())
}
