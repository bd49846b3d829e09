//! `fishdip evaluate`

use fishdip_train::{AdaptedModel, Evaluation, evaluate};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::args::EvaluateArgs;
use crate::exit::Failure;
use crate::view::View;
use crate::{backend, stop, table};

pub(crate) fn run(args: &EvaluateArgs) -> Result<(), Failure> {
    let device = backend::device(&args.backend)?;
    let hub = crate::hub::cache();
    let interrupter = stop::on_signals()?;
    let mut results: Vec<Evaluation> = Vec::new();
    for folder in &args.adapter {
        let mut adapted = AdaptedModel::load(folder, args.model.as_deref(), &hub, &device)?;
        if let Some(decode) = args.decode {
            decode.apply(&mut adapted.info.evaluation);
        }
        let path = split_file(&adapted, args.data.as_deref(), &args.split);
        results.push(evaluate(&adapted, &path, &interrupter, &mut View::new())?);
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &json!({ "results": results })).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        for result in &results {
            writeln!(out, "{}\n\n{}", result.adapter.display(), table::scores(&result.score))?;
            writeln!(
                out,
                "{:.1} sentences a second; {} outputs had to be repaired",
                result.sentences_per_second, result.repairs
            )?;
            if let Some(calibration) = &result.calibration {
                writeln!(out, "\n{}", table::calibration(calibration))?;
            }
        }
    }
    Ok(out.flush()?)
}

/// The file of a split, in the folder `data` or that of the training.
pub(crate) fn split_file(adapted: &AdaptedModel, data: Option<&Path>, split: &str) -> PathBuf {
    let own = &adapted.info.data;
    let file = match split {
        "train" => own.train.as_path(),
        "eval" => own.eval.as_path(),
        other => Path::new(other),
    };
    data.unwrap_or(&own.dir).join(file)
}
