//! An adapter in another form: rounded values, entries of the base model in the place of what it adds, or a folder for Python PEFT.

use fishdip_peft::{Adaptable, Adapter, AddedWeights, Role, SparseDelta};
use fishdip_t5::T5;
use serde::Serialize;
use std::path::{Path, PathBuf};

use super::{SavedAdapter, free, new_folder, save, warn};
use crate::error::Access;
use crate::event::Sink;
use crate::{Error, RunInfo, Runtime};

/// What an adapter is made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdapterForm {
    /// The same with replaced values in 16 bits, as runs leave them by default.
    Bf16,
    /// What a method adds as entries of the base model that it replaces, so that it can be compared, merged and pruned: LoRA and (IA)³.
    Entries,
    /// A folder with the keys of Python PEFT alone: LoRA and (IA)³ that trained nothing else.
    PythonPeft,
}

/// What was converted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConvertReport {
    /// The new adapter folder.
    pub adapter: PathBuf,
    /// What it was made into.
    pub form: AdapterForm,
    /// Entries that it replaces or adds.
    pub entries: usize,
    /// Bytes of the file with the values, before and after.
    pub bytes: [u64; 2],
}

/// Makes the adapter in `folder` into another `form`, in the new folder `out`. `base` is the base model's folder or name, where it is not the one that
/// the adapter names; only [`AdapterForm::Entries`] looks at it.
pub fn convert_adapter(
    folder: &Path,
    form: AdapterForm,
    base: Option<&Path>,
    out: &Path,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<ConvertReport, Error> {
    // Before a model is loaded.
    let out = free(out)?;
    let saved = SavedAdapter::load(folder)?;
    let of = folder.display();
    match form {
        AdapterForm::Bf16 => {
            let delta = saved.adapter.delta.rounded_to_bf16();
            if delta == saved.adapter.delta {
                return Err(Error::Data(format!(
                    "{of} has no replaced value of more than 16 bits, so that it would stay as it is"
                )));
            }
            let adapter = Adapter { delta, ..uncalibrated(&saved)? };
            save(&adapter, &out, &format!("Converted: the values of `{of}`, rounded to 16 bits."))?;
        }
        AdapterForm::Entries => {
            let adapter = as_entries(&saved, base, runtime)?;
            save(&adapter, &out, &format!("Converted: `{of}` as entries of its base model."))?;
        }
        AdapterForm::PythonPeft => {
            // Where no folder can be made, nothing has begun yet.
            drop(new_folder(&out)?);
            saved.adapter.save_for_python(
                &out,
                &format!("# PEFT adapter\n\nConverted from the fishdip adapter `{of}`.\n"),
            )?;
        }
    }
    if let Some(note) = saved.note() {
        warn(sink, note);
    }
    if saved.info.calibration.is_some() && form != AdapterForm::PythonPeft {
        warn(
            sink,
            "the temperatures of the adapter do not hold for the converted one; calibrate it anew".to_owned(),
        );
    }
    let entries = match form {
        AdapterForm::PythonPeft => saved.adapter.added.entries(),
        AdapterForm::Bf16 | AdapterForm::Entries => {
            let made = Adapter::load(&out)?;
            made.delta.entries() + made.added.entries()
        }
    };
    Ok(ConvertReport { bytes: [bytes(folder)?, bytes(&out)?], adapter: out, form, entries })
}

/// The adapter, whose temperatures belong to the scores of the one before.
fn uncalibrated(saved: &SavedAdapter) -> Result<Adapter, Error> {
    let info = RunInfo { calibration: None, ..saved.info.clone() };
    let run = serde_json::to_value(&info)
        .map_err(|e| Error::Data(format!("the run cannot be written as JSON: {e}")))?;
    let mut adapter = saved.adapter.clone();
    adapter.config.run = run;
    Ok(adapter)
}

/// What `saved` makes of its base model, as entries that differ from the base model's.
fn as_entries(saved: &SavedAdapter, base: Option<&Path>, runtime: &Runtime) -> Result<Adapter, Error> {
    if saved.config().addition.is_none() {
        return Err(Error::Data(format!(
            "{} adds nothing to its base model: it is entries already",
            saved.folder.display()
        )));
    }
    // In the type that the adapter was trained in, in which its values and the model's can be compared.
    let mut model = saved.base(base, saved.info.dtype, runtime)?.model;
    // Handles, not copies: what is changed gets memory of its own.
    let before: Vec<_> = own(&model).map(fishdip_peft::Weight::dense).collect();
    drop(saved.apply(&mut model)?);
    model.merge_additions()?;
    let delta = SparseDelta::between(&before, &model);
    let mut adapter = uncalibrated(saved)?;
    let config = &mut adapter.config;
    (config.addition, config.entries_added, config.entries_replaced) = (None, 0, delta.entries());
    (adapter.delta, adapter.added) = (delta, AddedWeights::default());
    Ok(adapter)
}

/// The model's own weights.
fn own(model: &T5) -> impl Iterator<Item = &fishdip_peft::Weight> {
    model.weights().into_iter().filter(|weight| weight.role() == Role::Base)
}

/// Bytes of the file with the values.
fn bytes(folder: &Path) -> Result<u64, Error> {
    let path = Adapter::tensors_path(folder);
    let metadata = path.metadata();
    Ok(metadata.map_err(|source| Error::Io { action: Access::Read, path, source })?.len())
}
