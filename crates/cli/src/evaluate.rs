//! `fishdip evaluate`

use fishdip_train::{
    AdaptedModel, Evaluation, EvaluationConfig, Event, OutFile, ScoreSummary, Sink, evaluate_split,
    is_not_kept, named_split, write_json_line, write_wrong,
};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

use crate::args::EvaluateArgs;
use crate::exit::Failure;
use crate::runtime::runtime;
use crate::shown::shown;
use crate::stop::{self, GoesOn};
use crate::table;
use crate::view::View;

pub(crate) fn run(args: &EvaluateArgs) -> Result<(), Failure> {
    let errors = args.errors.as_deref().map(|path| OutFile::new(path, args.force)).transpose()?;
    if let Some(errors) = &errors {
        errors.is_none_of(args.adapter.iter().map(PathBuf::as_path))?;
        is_not_kept(errors)?;
    }
    let mut runtime = runtime(&args.backend)?;
    runtime.interrupter = stop::on_signals(GoesOn::Not)?;
    let mut results: Vec<Evaluation> = Vec::new();
    let mut last: Option<AdaptedModel> = None;
    for folder in &args.adapter {
        let model = args.model.as_deref();
        // Adapters of one base model take it over from each other.
        let mut adapted = match last.take() {
            Some(last) => last.exchange(folder, model, &runtime)?,
            None => AdaptedModel::load(folder, model, &runtime)?,
        };
        if let Some(decode) = args.decode {
            adapted.set_evaluation(EvaluationConfig {
                decode: decode.name(),
                ..adapted.info.evaluation.clone()
            })?;
        }
        let (data, task) = (adapted.info.of_data(), adapted.task());
        let split = named_split(data, args.format, task, args.data.as_deref(), &args.split)?;
        if let Some(errors) = &errors {
            errors.is_none_of(adapted.folders().into_iter().chain([split.file.as_path()]))?;
        }
        let mut view = View::new();
        if let Some(message) = adapted.info.scored_part(&args.split, split.examples.len()) {
            view.event(&Event::Note { message });
        }
        results.push(evaluate_split(&adapted, &split, &runtime.interrupter, &mut view)?);
        last = Some(adapted);
    }
    if let Some(errors) = &errors {
        let wrong: Vec<_> = results.iter().map(|of| (of.adapter.as_path(), of.wrong.as_slice())).collect();
        write_wrong(errors, &wrong)?;
    }
    let summary = ScoreSummary::of(&results);
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &json!({ "results": results, "summary": summary }))?;
    } else if let [result] = &results[..] {
        write_one(&mut out, result)?;
    } else {
        write!(out, "{}", table::evaluations(&results, &summary))?;
    }
    Ok(out.flush()?)
}

/// Everything that there is of one adapter.
fn write_one(out: &mut impl Write, result: &Evaluation) -> std::io::Result<()> {
    let adapter = result.adapter.display().to_string();
    writeln!(out, "{}\n\n{}", shown(&adapter), table::scores(&result.score))?;
    let (score, [low, high]) = (&result.score, result.interval);
    writeln!(
        out,
        "{} {:.4}, with 95 % confidence {low:.4} to {high:.4} (bootstrap over examples)",
        score.headline_name(),
        score.headline()
    )?;
    let outputs = if result.repairs == 1 { "output" } else { "outputs" };
    writeln!(
        out,
        "{:.1} sentences a second; {} {outputs} had to be repaired",
        result.sentences_per_second, result.repairs
    )?;
    if let Some(calibration) = &result.calibration {
        writeln!(out, "\n{}", table::calibration(calibration))?;
    }
    Ok(())
}
