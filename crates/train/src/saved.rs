//! The adapter folder that a run leaves.

use fishdip_peft::{Adaptable, Adapter, AdapterConfig, AddedWeights, SparseDelta};
use fishdip_t5::{T5, hub_name};
use std::path::Path;

use crate::base::Hashes;
use crate::run_info::RunInfo;
use crate::{Error, RunConfig, TrainState};

/// Writes the adapter folder `folder`, in the place of that of an earlier end of the run, and tells how many entries are in it.
pub(crate) fn save_adapter(
    model: &T5,
    state: &TrainState,
    config: &RunConfig,
    base: &Hashes,
    info: &RunInfo,
    folder: &Path,
) -> Result<usize, Error> {
    let (delta, added) = (SparseDelta::extract(model, &state.touched), AddedWeights::extract(model));
    let entries = delta.entries() + added.entries();
    let damaged = |e: serde_json::Error| Error::Data(format!("the run cannot be written as JSON: {e}"));
    let info = RunInfo { steps: Some(state.step), ..info.clone() };
    let path = &config.model.path;
    // A name on the hub means the same elsewhere, a relative path does not.
    let named = hub_name(path).is_some();
    let place = if named { path.clone() } else { std::path::absolute(path).unwrap_or_else(|_| path.clone()) };
    let adapter = Adapter {
        config: AdapterConfig {
            peft_type: "FISH_DIP".into(),
            base_model_name_or_path: place.display().to_string(),
            base_model_hash: base.tensors.clone(),
            base_config_hash: Some(base.config.clone()),
            base_tokenizer_hash: Some(base.tokenizer.clone()),
            entries_total: model.entries(),
            entries_replaced: delta.entries(),
            addition: model.addition().cloned(),
            sites: model.sites().to_vec(),
            entries_added: added.entries(),
            tensors_hash: None,
            config_hash: None,
            run: serde_json::to_value(&info).map_err(damaged)?,
        },
        delta,
        added,
    };
    adapter.replace(folder, &readme(&adapter.config, &info, state.step, config)?)?;
    Ok(entries)
}

/// The adapter's model card.
fn readme(
    adapter: &AdapterConfig,
    info: &RunInfo,
    steps: usize,
    config: &RunConfig,
) -> Result<String, Error> {
    let added = match &adapter.addition {
        Some(addition) => format!(" and adds {} entries ({})", adapter.entries_added, addition.name()),
        None => String::new(),
    };
    let used = if info.pretrained {
        "It has learned texts without labels. Train one that tags from it: `fishdip train --config FILE --from THIS_FOLDER`"
    } else {
        "Use it: `fishdip predict --adapter THIS_FOLDER --input FILE`"
    };
    Ok(format!(
        "# fishdip adapter\n\nReplaces {} of the {} entries of `{}`{added}, trained for {} steps.\n\n\
         {used}\n\n## Config\n\n```toml\n{}```\n",
        adapter.entries_replaced,
        adapter.entries_total,
        adapter.base_model_name_or_path,
        steps,
        config.to_toml()?,
    ))
}
