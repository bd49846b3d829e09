//! `fishdip evaluate`

use fishdip_train::{AdaptedModel, Evaluation, evaluate, write_json_line};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

use crate::args::EvaluateArgs;
use crate::exit::Failure;
use crate::shown::shown;
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
        let data = &adapted.info.data;
        let file = match args.split.as_str() {
            "train" => data.train.clone(),
            "eval" => data.eval.clone(),
            other => PathBuf::from(other),
        };
        let path = args.data.as_ref().unwrap_or(&data.dir).join(file);
        results.push(evaluate(&adapted, &path, &interrupter, &mut View::new())?);
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &json!({ "results": results }))?;
    } else {
        for result in &results {
            let adapter = result.adapter.display().to_string();
            writeln!(out, "{}\n\n{}", shown(&adapter), table::scores(&result.score))?;
            writeln!(
                out,
                "{:.1} sentences a second; {} outputs had to be repaired",
                result.sentences_per_second, result.repairs
            )?;
        }
    }
    Ok(out.flush()?)
}
