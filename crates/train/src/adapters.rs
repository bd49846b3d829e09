//! Adapter folders as such: what is in them, and what is made of them without training.

mod convert;
mod diff;
mod import;
mod info;
mod merge;
mod prune;

pub use convert::{AdapterForm, ConvertReport, convert_adapter};
pub use diff::{AdapterDiff, KindOverlap, OverlapReport, compare_adapters};
pub use import::{ImportReport, import_adapter};
pub use info::{AdapterInfo, EntryCount, adapter_info};
pub use merge::{MergeReport, merge_adapters};
pub use prune::{PruneReport, prune_adapter};

use fishdip_peft::{Adaptable, Adapter, AdapterConfig, AddedWeights, Addition, AtomicFolder, SparseDelta};
use fishdip_t5::{Precision, T5, WeightPlace};
use fishdip_tasks::Task;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::base::Base;
use crate::error::Access;
use crate::event::{Event, Sink};
use crate::out_file::check_place;
use crate::run_folder::ADAPTER;
use crate::run_info::RunInfo;
use crate::{DataConfig, Error, Runtime};

/// An adapter as its folder has it.
pub(crate) struct SavedAdapter {
    pub(crate) folder: PathBuf,
    pub(crate) adapter: Adapter,
    pub(crate) info: RunInfo,
}

impl SavedAdapter {
    pub(crate) fn load(folder: &Path) -> Result<Self, Error> {
        let inner = folder.join(ADAPTER);
        if !folder.join("adapter_config.json").exists() && inner.join("adapter_config.json").exists() {
            return Err(Error::Config {
                place: folder.display().to_string(),
                message: "it is a run folder, and no adapter".to_owned(),
                hint: Some(inner.display().to_string()),
            });
        }
        let adapter = Adapter::load(folder)?;
        let info = RunInfo::of(&adapter.config, folder)?;
        Ok(Self { folder: folder.into(), adapter, info })
    }

    /// Writes it into `model`, its base model, and gives what takes it back beside what it added; of a large one nothing, as that would take more
    /// memory than to load the model again is worth.
    pub(crate) fn apply(&self, model: &mut T5) -> Result<Option<SparseDelta>, Error> {
        if let Some(addition) = &self.config().addition {
            // Every value that follows from a seed is replaced.
            model.add_at(addition, &self.config().sites, 0)?;
            self.adapter.added.apply(model)?;
        }
        let delta = &self.adapter.delta;
        if delta.entries() > model.entries() / 5 {
            delta.apply(model)?;
            return Ok(None);
        }
        Ok(Some(delta.exchange(model)?))
    }

    /// Refuses an adapter that cannot be asked for anything, as it has learned no label.
    pub(crate) fn check_trained(&self) -> Result<(), Error> {
        if self.info.pretrained { Err(Error::Pretrained { adapter: self.folder.clone() }) } else { Ok(()) }
    }

    /// Refuses what is known of single entries alone: `action` is what cannot be done with weights that a method has added.
    fn check_sparse(&self, action: &'static str) -> Result<(), Error> {
        match &self.config().addition {
            None => Ok(()),
            Some(addition) => {
                let converts = matches!(addition, Addition::Lora(_) | Addition::Ia3(_));
                Err(Error::Added { action, adapter: self.folder.clone(), method: addition.name(), converts })
            }
        }
    }

    pub(crate) fn config(&self) -> &AdapterConfig {
        &self.adapter.config
    }

    /// What a user should know of it.
    pub(crate) fn note(&self) -> Option<String> {
        self.config().note().map(|note| format!("{}: {note}", self.folder.display()))
    }

    /// Its base model, found good: that in `base`, a folder or name, else the one that it names.
    pub(crate) fn base(
        &self,
        base: Option<&Path>,
        precision: Precision,
        runtime: &Runtime,
    ) -> Result<Base, Error> {
        let config = self.config();
        let folder = self.base_folder(base, runtime)?;
        let base = Base::load(folder, precision, &runtime.device, Some(config))?;
        self.check_entries(&base.model)?;
        Ok(base)
    }

    /// Refuses a base model of another size.
    pub(crate) fn check_entries(&self, model: &T5) -> Result<(), Error> {
        let (own, entries) = (self.config().entries_total, model.entries());
        if entries == own {
            return Ok(());
        }
        let reason = format!("it is for a model of {own} entries, this one has {entries}");
        Err(fishdip_peft::Error::Mismatch { reason }.into())
    }

    /// The folder of its base model: that in `base`, a folder or name, else the one that it names.
    pub(crate) fn base_folder(&self, base: Option<&Path>, runtime: &Runtime) -> Result<PathBuf, Error> {
        let base = base.unwrap_or(Path::new(&self.config().base_model_name_or_path));
        Ok(runtime.hub.model_folder(base)?)
    }

    /// Refuses another one of another base model, as far as both know theirs: `action` is what cannot be done with both.
    fn check_base(&self, other: &Self, action: &'static str) -> Result<(), Error> {
        let (own, others) = (self.config(), other.config());
        let parts = [
            ("tensors", Some(&own.base_model_hash), Some(&others.base_model_hash)),
            ("config.json", own.base_config_hash.as_ref(), others.base_config_hash.as_ref()),
            ("tokenizer", own.base_tokenizer_hash.as_ref(), others.base_tokenizer_hash.as_ref()),
        ];
        let differs =
            parts.into_iter().filter(|(_, own, other)| own.is_some() && other.is_some() && own != other);
        let differs: Vec<&str> = differs.map(|(part, ..)| part).collect();
        if differs.is_empty() {
            return Ok(());
        }
        let reason = format!(
            "they are adapters of different base models, {} and {} (other {}); take adapters of one base model",
            own.base_model_name_or_path,
            others.base_model_name_or_path,
            differs.join(", other ")
        );
        Err(self.refused_with(other, action, reason))
    }

    fn refused_with(&self, other: &Self, action: &'static str, reason: String) -> Error {
        Error::Unlike { action, first: self.folder.clone(), second: other.folder.clone(), reason }
    }

    /// An adapter of the same base model with other entries, of a run that `info` tells of.
    fn with(&self, delta: SparseDelta, info: &RunInfo) -> Result<Adapter, Error> {
        let run = serde_json::to_value(info)
            .map_err(|e| Error::Data(format!("the run cannot be written as JSON: {e}")))?;
        let entries_replaced = delta.entries();
        let config = AdapterConfig { entries_replaced, run, ..self.config().clone() };
        Ok(Adapter { config, delta, added: AddedWeights::default() })
    }
}

/// How the data of the adapter in `folder` were read.
pub fn adapter_data(folder: &Path) -> Result<DataConfig, Error> {
    Ok(SavedAdapter::load(folder)?.info.data)
}

/// The task of the adapter in `folder`, with its labels. One of a pretraining has none.
pub fn adapter_task(folder: &Path) -> Result<Task, Error> {
    let saved = SavedAdapter::load(folder)?;
    saved.check_trained()?;
    saved.info.task.build([])
}

/// The same path without what makes no difference (a slash at its end), where nothing may be there yet and something can be made.
pub(crate) fn free(out: &Path) -> Result<PathBuf, Error> {
    let out: PathBuf = out.components().collect();
    // A link that leads nowhere is there as well.
    if out.symlink_metadata().is_ok() {
        return Err(Error::OutExists { path: out });
    }
    check_place(&out)?;
    Ok(out)
}

/// Begins to write the new folder `out`.
pub(crate) fn new_folder(out: &Path) -> Result<AtomicFolder, Error> {
    AtomicFolder::create(out).map_err(|error| Error::Io {
        action: Access::Create,
        path: error.path,
        source: error.source,
    })
}

/// Writes `adapter` into the new folder `out`; its card says that it `is` so.
fn save(adapter: &Adapter, out: &Path, is: &str) -> Result<(), Error> {
    let AdapterConfig { entries_replaced, entries_total, base_model_name_or_path, .. } = &adapter.config;
    let readme = format!(
        "# fishdip adapter\n\nReplaces {entries_replaced} of the {entries_total} entries of `{base_model_name_or_path}`.\n\n{is}\n\n\
         Use it: `fishdip predict --adapter THIS_FOLDER --input FILE`\n"
    );
    // Where no folder can be made, nothing has begun yet.
    drop(new_folder(out)?);
    Ok(adapter.save(out, &readme)?)
}

/// What lies in a kind of weight of a half of the model, summed up by `add`, in the order of the model.
fn by_kind<'a, V: 'a, S: Default>(
    weights: impl IntoIterator<Item = (&'a str, V)>,
    add: impl Fn(&mut S, V),
) -> Vec<(String, S)> {
    let mut kinds: BTreeMap<WeightPlace, S> = BTreeMap::new();
    for (path, value) in weights {
        let place = WeightPlace { block: None, ..WeightPlace::of(path) };
        add(kinds.entry(place).or_default(), value);
    }
    kinds.into_iter().map(|(place, sum)| (place.kind_name(), sum)).collect()
}

/// Tells what a user should know.
fn warn(sink: &mut dyn Sink, message: String) {
    sink.event(&Event::Warning { message });
}
