//! An adapter made of a folder of Python PEFT, which knows neither task nor labels.

use fishdip_peft::{Adapter, PythonPeft, read_python_peft};
use fishdip_tasks::shortened;
use serde::Serialize;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use super::{free, warn};
use crate::base::Base;
use crate::event::Sink;
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
/// is that of the folder, whatever the config has. The task needs its labels: data are not read. A base model of another name than the folder tells is
/// warned of: shapes alone cannot tell one model from another of its size.
pub fn import_adapter(
    peft: &Path,
    config: &RunConfig,
    out: &Path,
    runtime: &Runtime,
    sink: &mut dyn Sink,
) -> Result<ImportReport, Error> {
    let out = free(out)?;
    config.check()?;
    let PythonPeft { addition, added, base_model } = read_python_peft(peft)?;
    let task = config.task.build([])?;
    let Base { mut model, hashes, .. } = Base::of(config, runtime, None)?;
    model.add(&addition, 0).map_err(|error| refused(&peft.join("adapter_config.json"), &error))?;
    added.apply(&mut model).map_err(|error| refused(&Adapter::tensors_path(peft), &error))?;
    if let Some(theirs) =
        base_model.filter(|theirs| !may_be_same(Path::new(&theirs.replace('\\', "/")), &config.model.path))
    {
        warn(
            sink,
            format!(
                "{} was trained on the base model {}, and `model.path` is {}; on another model than its own it is of no use",
                peft.display(),
                shortened(&theirs),
                config.model.path.display()
            ),
        );
    }
    let config = RunConfig { method: MethodConfig::of(&addition), ..config.clone() };
    let state = TrainState::new(&config, 0);
    let info = RunInfo::new(&config, task.schema(), None);
    let entries = save_adapter(&model, &state, &config, &hashes, &info, &out)?;
    Ok(ImportReport { adapter: out, method: addition.name(), entries })
}

/// The `error` of what `file` of Python PEFT adds, with the keys as they stand there.
fn refused(file: &Path, error: &dyn Display) -> Error {
    let keys = [
        ("method.lora.rank", "r"),
        ("method.lora.targets", "target_modules"),
        ("method.ia3.targets", "target_modules"),
        ("method.ia3.feedforward", "feedforward_modules"),
    ];
    let reason = keys.iter().fold(error.to_string(), |text, (own, theirs)| text.replace(own, theirs));
    Error::Data(format!("failed to import {}: {reason}", file.display()))
}

/// Whether two names or folders may be the same model: the last part of one is a part of the other, also as the cache of a hub calls it.
fn may_be_same(first: &Path, second: &Path) -> bool {
    let is_in = |name: &Path, whole: &Path| {
        let Some(name) = name.file_name().and_then(|name| name.to_str()) else { return true };
        whole
            .iter()
            .filter_map(|part| part.to_str())
            .any(|part| part == name || part.strip_suffix(name).is_some_and(|before| before.ends_with("--")))
    };
    let place = |path: &Path| path.canonicalize().ok();
    is_in(first, second) || is_in(second, first) || (place(first).is_some() && place(first) == place(second))
}

#[cfg(test)]
mod tests {
    use super::may_be_same;
    use std::path::Path;

    #[test]
    fn a_model_is_known_by_its_name() {
        let cached = "/home/me/.cache/huggingface/hub/models--google-t5--t5-small/snapshots/df1b05";
        for (first, second, same) in [
            ("google-t5/t5-small", "models/t5-small", true),
            ("t5-small", "t5-small/", true),
            ("google-t5/t5-small", cached, true),
            (cached, "t5-small", true),
            ("google-t5/t5-small", "models/t5-base", false),
            ("google-t5/t5-small", "google-t5/t5-base", false),
            ("small", cached, false),
        ] {
            assert_eq!(may_be_same(Path::new(first), Path::new(second)), same, "{first} {second}");
        }
    }
}
