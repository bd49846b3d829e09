//! `fishdip init`

use fishdip_train::tasks::counted;
use fishdip_train::{BaseModel, ConfigDraft, Findings, InitOptions, OutFile, draft_config, write_json_line};
use serde_json::json;
use std::io::{Result as IoResult, Write};
use std::path::{Path, PathBuf};

use crate::args::InitArgs;
use crate::exit::Failure;
use crate::hub;
use crate::shown::{argument, shown};
use crate::view::View;

/// The model that comes with the program's source.
const BUNDLED: &str = "fixtures/models/t5-mini";
/// What else is begun with.
const USUAL: &str = "google-t5/t5-base";

pub(crate) fn run(args: &InitArgs) -> Result<(), Failure> {
    let out = match &args.out {
        Some(out) => out.clone(),
        None => default_out(&args.data)?,
    };
    let to_stdout = out.as_os_str() == "-";
    if to_stdout && args.json {
        return Err(Failure::Use("--json tells where the config is, so --out is a file".to_owned()));
    }
    let file = if to_stdout { None } else { Some(OutFile::new(&out, args.force)?) };
    let options = InitOptions {
        data: &args.data,
        task: args.task,
        format: args.format,
        read: args.read.options(),
        model: model(args.model.as_deref()),
        hub: &hub::cache(),
    };
    let draft = draft_config(&options, &mut View::new())?;
    let mut stdout = std::io::stdout().lock();
    let Some(file) = file else {
        stdout.write_all(draft.text.as_bytes())?;
        return Ok(stdout.flush()?);
    };
    draft.write(&file)?;
    if args.json {
        write_json_line(&mut stdout, &summary(&draft, &out))?;
    } else {
        write(&mut stdout, &draft.findings, &out)?;
    }
    Ok(stdout.flush()?)
}

fn model(asked: Option<&Path>) -> BaseModel {
    match asked {
        Some(asked) => BaseModel::Asked(asked.to_owned()),
        None if Path::new(BUNDLED).is_dir() => BaseModel::Bundled(BUNDLED.into()),
        None => BaseModel::Hub(USUAL.into()),
    }
}

/// The data's name with `.toml`, here.
fn default_out(data: &Path) -> Result<PathBuf, Failure> {
    let failed = |error| Failure::Use(format!("failed to read {}: {error}", data.display()));
    let whole = data.canonicalize().map_err(failed)?;
    let name = if whole.is_dir() { whole.file_name() } else { whole.file_stem() };
    // The root of the file system has no name.
    let mut name = name.unwrap_or("config".as_ref()).to_owned();
    name.push(".toml");
    Ok(name.into())
}

fn summary(draft: &ConfigDraft, out: &Path) -> serde_json::Value {
    let Findings { data, task, train_examples, eval_examples, labels, model, .. } = &draft.findings;
    let counts =
        labels.iter().flat_map(|table| &table.labels).map(|(label, _, count)| (label.clone(), json!(count)));
    json!({
        "config": out.display().to_string(),
        "format": data.format.name(),
        "reason": data.reason,
        "task": task.name(),
        "dir": data.folder.display().to_string(),
        "train": data.train.display().to_string(),
        "eval": data.dev.as_ref().map(|dev| dev.display().to_string()),
        "test": data.test.as_ref().map(|test| test.display().to_string()),
        "train_examples": train_examples,
        "eval_examples": eval_examples,
        "labels": counts.collect::<serde_json::Map<_, _>>(),
        "model": model.path().display().to_string(),
    })
}

/// What was found and written, for people.
fn write(out: &mut impl Write, found: &Findings, config: &Path) -> IoResult<()> {
    let Findings { data, task, task_reason, train_examples, eval_examples, labels, model, .. } = found;
    let path = |path: &Path| shown(&path.display().to_string()).into_owned();
    writeln!(out, "train   {} ({})", path(&found.train_path()), counted(*train_examples, "example"))?;
    let scored = counted(*eval_examples, "example");
    match &data.dev {
        Some(dev) => writeln!(out, "scored  {} ({scored})", path(&data.folder.join(dev)))?,
        None => writeln!(out, "scored  {scored} held out of it, as {}", shown(&found.why_held_out()))?,
    }
    if let Some(test) = &data.test {
        writeln!(out, "kept    {}", path(&data.folder.join(test)))?;
    }
    let reason = data.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    writeln!(out, "format  {}{}", data.format, shown(&reason))?;
    writeln!(out, "task    {task}: {}", shown(task_reason))?;
    for table in labels {
        let labels = table.labels.iter().map(|(label, _, count)| format!("{} {count}", shown(label)));
        writeln!(out, "{:10} {}", table.name, labels.collect::<Vec<_>>().join(", "))?;
    }
    writeln!(out, "model   {}", path(model.path()))?;
    writeln!(out, "config  {}\n", path(config))?;
    if let BaseModel::Hub(name) = model {
        writeln!(out, "fishdip fetch {}", path(name))?;
    }
    writeln!(out, "fishdip train --config {}", argument(config))
}
