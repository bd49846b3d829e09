//! What runs and adapters keep of themselves, which no other output takes the place of.

use std::path::Path;

use crate::checkpoint::CHECKPOINTS;
use crate::data_files::DATA_FILES;
use crate::predictions::{PREDICTIONS, SAMPLES};
use crate::run_folder::{ADAPTER, CONFIG, CURVES, EVENTS, LOCK};
use crate::run_result::{OUTCOMES, RESULT};
use crate::{Error, OutFile};

/// Files and folders of a run that cannot be made again of the rest of it.
const OF_RUN: [&str; 11] =
    [CONFIG, EVENTS, RESULT, OUTCOMES, PREDICTIONS, SAMPLES, DATA_FILES, LOCK, ADAPTER, CHECKPOINTS, CURVES];

/// Refuses to write over a file that a run or an adapter keeps, whether or not the command reads it. Not even `--force` means that.
pub fn is_not_kept(file: &OutFile) -> Result<(), Error> {
    if is_kept(file.path()) {
        return Err(Error::Data(format!(
            "{} is what a run or an adapter keeps, and would be lost by writing over it; name another file",
            file.path().display()
        )));
    }
    Ok(())
}

fn is_kept(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Whatever links lead to the folder; one at the end is replaced itself.
    let (Ok(folder), Some(name)) = (folder.canonicalize(), path.file_name()) else { return false };
    let place = folder.join(name);
    let is_of = |run: &Path| {
        let first = place.strip_prefix(run).ok().and_then(|inner| inner.iter().next()?.to_str());
        first.is_some_and(|first| OF_RUN.contains(&first)) && run.join(EVENTS).is_file()
    };
    path.exists() && (folder.join("adapter_config.json").is_file() || place.ancestors().skip(1).any(is_of))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;

    #[test]
    fn runs_and_adapters_stay_whole() {
        let folder = tempfile::tempdir().unwrap();
        let check = |name: &str| is_not_kept(&OutFile::new(&folder.path().join(name), true).unwrap());
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "mine").unwrap();
        };
        // Without events it is no run.
        write("run/result.json");
        check("run/result.json").unwrap();
        write("run/events.jsonl");
        for name in
            ["result.json", "events.jsonl", "data.json", ".lock", "checkpoints/step-2/state.safetensors"]
        {
            let name = format!("run/{name}");
            write(&name);
            let refused = check(&name).unwrap_err().to_string();
            assert!(refused.contains("what a run or an adapter keeps"), "{refused}");
        }
        write("alone/adapter_config.json");
        write("alone/adapter_model.safetensors");
        check("alone/adapter_model.safetensors").unwrap_err();
        write("run/report.html");
        for name in ["run/report.html", "run/wrong.jsonl", "alone/wrong.jsonl", "wrong.jsonl"] {
            check(name).unwrap();
        }
    }
}
