//! `fishdip data check`

use fishdip_train::tasks::check::{Check, Limits};
use fishdip_train::tasks::tags::TagScheme;
use fishdip_train::tasks::{Mode, Task};
use fishdip_train::{CheckOptions, check_data};
use std::io::Write;

use crate::args::{CheckArgs, DataCommand};
use crate::codec::schema;
use crate::exit::Failure;
use crate::hub;

/// How many problems of a kind are shown one by one.
const SHOWN: usize = 5;

pub(crate) fn run(command: &DataCommand) -> Result<(), Failure> {
    match command {
        DataCommand::Check(args) => check(args),
    }
}

fn check(args: &CheckArgs) -> Result<(), Failure> {
    let task = Task::new(args.task, schema(args.schema.as_deref())?, Mode::Fixed);
    let found = check_data(&CheckOptions {
        task: &task,
        data: &args.data,
        splits: &args.split,
        format: args.format,
        scheme: TagScheme::Auto,
        model: args.model.as_deref(),
        hub: &hub::cache(),
        limits: Limits { source: args.max_source_pieces, target: args.max_target_pieces },
    })?;
    let mut out = std::io::stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &found).map_err(std::io::Error::from)?;
        writeln!(out)?;
    } else {
        write(&mut out, &found)?;
    }
    Ok(out.flush()?)
}

/// Tables for people: splits, labels, problems by kind.
fn write(out: &mut impl Write, found: &Check) -> std::io::Result<()> {
    let names: Vec<&String> = found.splits.keys().collect();
    let width =
        found.labels.keys().chain(names.iter().copied()).map(|l| l.chars().count()).max().unwrap_or(0).max(5);
    writeln!(
        out,
        "{:width$}  examples  instances  source pieces (median, max)  target pieces (median, max)",
        "split"
    )?;
    for (name, split) in &found.splits {
        let [source, target] = [&split.source_pieces, &split.target_pieces].map(|lengths| {
            if lengths.is_empty() {
                return "-".to_owned();
            }
            format!("{}, {}", lengths.quantile(0.5), lengths.quantile(1.0))
        });
        writeln!(
            out,
            "{name:width$}  {:>8}  {:>9}  {source:>27}  {target:>27}",
            split.examples, split.instances
        )?;
    }
    write!(out, "\n{:width$}", "label")?;
    for name in &names {
        write!(out, "  {name:>7}")?;
    }
    writeln!(out)?;
    for (label, counts) in &found.labels {
        write!(out, "{label:width$}")?;
        for name in &names {
            write!(out, "  {:>1$}", counts.get(*name).copied().unwrap_or(0), name.chars().count().max(7))?;
        }
        writeln!(out)?;
    }
    if found.problems.is_empty() {
        return writeln!(out, "\nno problem found");
    }
    for (kind, count) in found.counts() {
        writeln!(out, "\n{count} {}", kind.words())?;
        for problem in found.problems.iter().filter(|problem| problem.kind == kind).take(SHOWN) {
            let place = if problem.place.is_empty() { &problem.split } else { &problem.place };
            writeln!(out, "  {place}: {}", problem.detail)?;
        }
        if count > SHOWN {
            writeln!(out, "  and {} more", count - SHOWN)?;
        }
    }
    Ok(())
}
