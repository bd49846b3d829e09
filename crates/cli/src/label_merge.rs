//! `fishdip label-merge`

use fishdip_train::{LabelOptions, LabelReport, adapter_task, merge_labels, read_schema, write_json_line};
use std::io::Write;

use crate::args::LabelMergeArgs;
use crate::exit::Failure;
use crate::shown::shown;
use crate::view::View;

pub(crate) fn run(args: &LabelMergeArgs) -> Result<(), Failure> {
    let (kind, schema) = match (&args.adapter, args.task) {
        (Some(adapter), _) => {
            let task = adapter_task(adapter)?;
            (task.kind(), Some(task.schema().clone()))
        }
        (None, Some(task)) => (task, args.schema.as_deref().map(read_schema).transpose()?),
        (None, None) => {
            return Err(Failure::Use("name the task with --task, or an adapter with --adapter".to_owned()));
        }
    };
    let options = LabelOptions {
        into: args.into.clone(),
        into_format: args.into_format,
        asked: args.asked.clone(),
        annotated: args.annotated.clone(),
        format: args.format,
        read: args.read.options(),
        kind,
        schema,
        allow_missing: args.allow_missing,
    };
    let report = merge_labels(&options, &mut View::new())?;
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &report)?;
    } else {
        write(&mut out, &report)?;
    }
    out.flush()?;
    match report.refused.len() {
        0 => Ok(()),
        count => Err(Failure::Use(format!(
            "nothing was added to {}, since {count} {} wrong with the answers; mend them and merge again{}",
            report.into.display(),
            if count == 1 { "thing is" } else { "things are" },
            if report.missing.is_empty() {
                ""
            } else {
                ", or leave out what has no answer with --allow-missing"
            }
        ))),
    }
}

fn write(out: &mut impl Write, report: &LabelReport) -> std::io::Result<()> {
    for refused in &report.refused {
        let line =
            format!("{}:{}: {}: {}", refused.file.display(), refused.line, refused.id, refused.problem);
        writeln!(out, "{}", shown(&line))?;
    }
    let into = report.into.display().to_string();
    if report.refused.is_empty() {
        if !report.missing.is_empty() {
            writeln!(out, "without an answer: {}", shown(&report.missing.join(", ")))?;
        }
        writeln!(out, "{} added to {}, which has {} now", report.added, shown(&into), report.examples)?;
    }
    Ok(())
}
