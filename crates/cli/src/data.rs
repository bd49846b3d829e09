//! `fishdip data check`

use fishdip_train::tasks::check::{Check, PieceLimits};
use fishdip_train::tasks::{Mode, Task};
use fishdip_train::{CheckOptions, check_data, write_json_line};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;

use crate::args::{CheckArgs, DataCommand};
use crate::codec::schema;
use crate::exit::Failure;
use crate::hub;
use crate::shown::shown;

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
        read: args.read.options(),
        model: args.model.as_deref(),
        hub: &hub::cache(),
        limits: PieceLimits { source: args.max_source_pieces, target: args.max_target_pieces },
    })?;
    let mut out = std::io::stdout().lock();
    if args.json {
        write_json_line(&mut out, &found)?;
    } else {
        write(&mut out, &found)?;
    }
    out.flush()?;
    if found.is_refused() { Err(Failure::Use(refusal(&found))) } else { Ok(()) }
}

/// Why training would refuse the data.
fn refusal(found: &Check) -> String {
    let counts = found.counts().into_iter().filter(|(kind, _)| kind.is_refused());
    let mut reasons: Vec<_> = counts.map(|(kind, count)| format!("{count} {}", kind.words(count))).collect();
    if reasons.is_empty() {
        reasons.push("nothing is annotated for the task".to_owned());
    }
    format!("training would refuse these data: {}", reasons.join(", "))
}

/// Tables for people: splits, labels, what the readers noted, problems by kind.
fn write(out: &mut impl Write, found: &Check) -> std::io::Result<()> {
    let names: Vec<(&String, Cow<'_, str>)> = found.splits.keys().map(|name| (name, shown(name))).collect();
    let labels: Vec<Cow<'_, str>> = found.labels.keys().map(|label| shown(label)).collect();
    let widths = names.iter().map(|(_, name)| name).chain(&labels).map(|text| text.chars().count());
    let width = widths.max().unwrap_or(0).max(5);
    writeln!(
        out,
        "{:width$}  examples  instances  source pieces (median, max)  target pieces (median, max)",
        "split"
    )?;
    for ((_, name), split) in names.iter().zip(found.splits.values()) {
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
    for (_, name) in &names {
        write!(out, "  {name:>7}")?;
    }
    writeln!(out)?;
    for (label, counts) in labels.iter().zip(found.labels.values()) {
        write!(out, "{label:width$}")?;
        for (key, name) in &names {
            write!(out, "  {:>1$}", counts.get(*key).copied().unwrap_or(0), name.chars().count().max(7))?;
        }
        writeln!(out)?;
    }
    let mut notes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for note in &found.notes {
        notes.entry(note.kind).or_default().push((&note.place, &note.split, &note.detail));
    }
    for (kind, places) in &notes {
        write_kind(out, kind.words(places.len()), places)?;
    }
    let mut problems: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for problem in &found.problems {
        problems.entry(problem.kind).or_default().push((&problem.place, &problem.split, &problem.detail));
    }
    for (kind, places) in &problems {
        write_kind(out, kind.words(places.len()), places)?;
    }
    match () {
        () if !problems.is_empty() => Ok(()),
        () if notes.keys().any(|kind| kind.is_loss()) => writeln!(out, "\nno other problem found"),
        () => writeln!(out, "\nno problem found"),
    }
}

/// How many there are of a kind, and the first of them.
fn write_kind(
    out: &mut impl Write,
    words: &str,
    places: &[(&String, &String, &String)],
) -> std::io::Result<()> {
    writeln!(out, "\n{} {words}", places.len())?;
    for (place, split, detail) in places.iter().take(SHOWN) {
        let place = if place.is_empty() { split } else { place };
        let colon = if detail.is_empty() { "" } else { ": " };
        writeln!(out, "  {}{colon}{}", shown(place), shown(detail))?;
    }
    if places.len() > SHOWN {
        writeln!(out, "  and {} more", places.len() - SHOWN)?;
    }
    Ok(())
}
