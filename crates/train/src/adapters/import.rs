//! An adapter made of a folder of Python PEFT, which knows neither task nor labels.

use fishdip_peft::read_python_peft;
use serde::Serialize;
use std::path::{Path, PathBuf};

use super::free;
use crate::base::Base;
use crate::run_info::RunInfo;
use crate::saved::save_adapter;
use crate::{Error, MethodConfig, RunConfig, Runtime, TrainState};

/// What was imported.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportReport {
    /// The new adapter folder.
    pub adapter: PathBuf,
    /// The method.
    pub method: &'static str,
    /// Entries that it adds.
    pub entries: usize,
}

/// Makes the adapter folder `out` of the folder `peft` that Python PEFT has written for the base model, task, labels and decoding of `config`. The method
/// is that of the folder, whatever the config has. The task needs its labels: data are not read.
pub fn import_adapter(
    peft: &Path,
    config: &RunConfig,
    out: &Path,
    runtime: &Runtime,
) -> Result<ImportReport, Error> {
    let out = free(out)?;
    config.check()?;
    let (addition, added) = read_python_peft(peft)?;
    let task = config.task.build([])?;
    let Base { mut model, hashes, .. } = Base::of(config, runtime, None)?;
    model.add(&addition, 0)?;
    added.apply(&mut model)?;
    let config = RunConfig { method: MethodConfig::of(&addition), ..config.clone() };
    let state = TrainState::new(&config, 0);
    let info = RunInfo::new(&config, task.schema(), None);
    let entries = save_adapter(&model, &state, &config, &hashes, &info, &out)?;
    Ok(ImportReport { adapter: out, method: addition.name(), entries })
}
