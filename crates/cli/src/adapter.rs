//! `fishdip adapter`

use fishdip::backend;
use fishdip_train::{
    AdapterDiff, AdapterInfo, EntryCount, MergeReport, OverlapReport, PruneReport, RunConfig, adapter_info,
    compare_adapters, convert_adapter, import_adapter, merge_adapters, prune_adapter, write_json_line,
};
use serde_json::Value;
use std::io::{Result, Write};
use std::path::Path;

use crate::args::AdapterCommand;
use crate::exit::Failure;
use crate::runtime::runtime;
use crate::shown::shown;
use crate::view::View;

/// How much of a hash is shown.
const DIGITS: usize = 12;

pub(crate) fn run(command: &AdapterCommand) -> std::result::Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let view = &mut View::new();
    match command {
        AdapterCommand::Info(args) => {
            let found = adapter_info(&args.adapter, view)?;
            if args.json { write_json_line(&mut out, &found)? } else { info(&mut out, &found)? }
        }
        AdapterCommand::Diff(args) => {
            let found = compare_adapters(&args.first, &args.second, view)?;
            if args.json { write_json_line(&mut out, &found)? } else { diff(&mut out, &found)? }
        }
        AdapterCommand::Merge(args) => {
            let found = merge_adapters(&args.adapters, args.how.into(), &args.out, view)?;
            if args.json { write_json_line(&mut out, &found)? } else { merged(&mut out, &found)? }
        }
        AdapterCommand::Prune(args) => {
            let (runtime, model) = (runtime(backend::DEFAULT)?, args.model.as_deref());
            let found = prune_adapter(&args.adapter, model, args.keep, &args.out, &runtime, view)?;
            if args.json { write_json_line(&mut out, &found)? } else { pruned(&mut out, &found)? }
        }
        AdapterCommand::Convert(args) => {
            let (runtime, model) = (runtime(backend::DEFAULT)?, args.model.as_deref());
            let made = convert_adapter(&args.adapter, args.to.into(), model, &args.out, &runtime, view)?;
            if args.json {
                write_json_line(&mut out, &made)?;
            } else {
                let [before, after] = made.bytes;
                writeln!(out, "{:>9} entries in {}", made.entries, path(&made.adapter))?;
                writeln!(out, "{after:>9} bytes, {before} before")?;
            }
        }
        AdapterCommand::Import(args) => {
            let config = RunConfig::load(&args.config, &args.overrides)?;
            let made = import_adapter(&args.folder, &config, &args.out, &runtime(backend::DEFAULT)?, view)?;
            if args.json {
                write_json_line(&mut out, &made)?;
            } else {
                writeln!(out, "{:>9} entries ({}) in {}", made.entries, made.method, path(&made.adapter))?;
            }
        }
    }
    Ok(out.flush()?)
}

fn info(out: &mut impl Write, of: &AdapterInfo) -> Result<()> {
    writeln!(out, "adapter     {}", path(&of.adapter))?;
    writeln!(out, "base model  {}", shown(&of.base_model))?;
    let hashes = [
        ("tensors", Some(&of.base_model_hash)),
        ("config", of.base_config_hash.as_ref()),
        ("tokenizer", of.base_tokenizer_hash.as_ref()),
    ];
    let hashes = hashes.into_iter().filter_map(|(part, hash)| {
        hash.map(|hash| format!("{part} {}", hash.chars().take(DIGITS).collect::<String>()))
    });
    writeln!(out, "its hashes  {}", shown(&hashes.collect::<Vec<_>>().join(", ")))?;
    writeln!(out, "task        {}", of.task)?;
    for (table, labels) in &of.labels {
        let labels: Vec<String> = labels.iter().map(|(label, name)| format!("{label} = {name}")).collect();
        writeln!(out, "{table:10}  {}", shown(&labels.join(", ")))?;
    }
    // Words of configs.
    let word = |value: serde_json::Result<Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    if let Some(method) = of.method {
        writeln!(out, "method      {}", word(serde_json::to_value(method)))?;
    }
    if let Some(steps) = of.steps {
        writeln!(out, "steps       {steps}")?;
    }
    if of.pretrained {
        writeln!(out, "learned     texts without labels; `train --from` begins with it")?;
    }
    writeln!(out, "dtype       {}", word(serde_json::to_value(of.dtype)))?;
    writeln!(out, "calibrated  {}", if of.calibrated { "yes" } else { "no" })?;
    if let Some(addition) = &of.addition {
        writeln!(out, "adds        {} entries ({})", of.entries_added, addition.name())?;
    }
    let all = of.entries_total + of.entries_added;
    writeln!(out, "entries     {} of {all} ({:.2} %)", of.entries, 100.0 * of.share)?;
    let each = of.bytes_per_entry.map(|bytes| format!(", {bytes:.2} an entry")).unwrap_or_default();
    writeln!(out, "file        {} bytes{each}", of.bytes)?;
    counts(out, "kind", &of.kinds)?;
    counts(out, "block", &of.blocks)
}

fn diff(out: &mut impl Write, of: &AdapterDiff) -> Result<()> {
    writeln!(out, "A  {}\nB  {}\n", path(&of.first), path(&of.second))?;
    let rows = of.kinds.iter().map(|kind| (kind.name.as_str(), &kind.of)).chain([("all", &of.all)]);
    writeln!(
        out,
        "{:26}  {:>9}  {:>9}  {:>9}  {:>7}  {:>10}  {:>9}  {:>9}",
        "kind", "both", "only A", "only B", "overlap", "same value", "mean", "largest"
    )?;
    for (name, row) in rows {
        let OverlapReport { both, only_first, only_second, same_value, .. } = row;
        let overlap = row.overlap.map_or_else(|| "-".to_owned(), |share| format!("{share:.4}"));
        let [mean, largest] = [row.mean_difference, row.largest_difference]
            .map(|difference| difference.map_or_else(|| "-".to_owned(), |x| format!("{x:.2e}")));
        writeln!(
            out,
            "{name:26}  {both:>9}  {only_first:>9}  {only_second:>9}  {overlap:>7}  {same_value:>10}  {mean:>9}  {largest:>9}"
        )?;
    }
    writeln!(out, "\noverlap: the share of the entries of either that are in both; mean, largest: absolute")?;
    writeln!(out, "differences of the values of those in both")
}

fn merged(out: &mut impl Write, of: &MergeReport) -> Result<()> {
    for (folder, entries) in of.merged.iter().zip(&of.entries_of_each) {
        writeln!(out, "{entries:>9} entries of {}", path(folder))?;
    }
    let MergeReport { entries, entries_total, .. } = of;
    writeln!(out, "{entries:>9} entries of {entries_total} in {}", path(&of.adapter))
}

fn pruned(out: &mut impl Write, of: &PruneReport) -> Result<()> {
    writeln!(out, "kept     {} entries of {} in {}", of.entries, of.entries_total, path(&of.adapter))?;
    let Some(largest) = of.largest_dropped_difference else {
        return writeln!(out, "dropped  none");
    };
    writeln!(
        out,
        "dropped  {} entries, which differ from the base model's by at most {largest:.3e}",
        of.dropped
    )?;
    counts(out, "dropped of", &of.dropped_kinds)
}

/// Where entries lie, as a table.
fn counts(out: &mut impl Write, what: &str, rows: &[EntryCount]) -> Result<()> {
    writeln!(out, "\n{what:26}  {:>9}  {:>7}", "entries", "share")?;
    for EntryCount { name, entries, share } in rows {
        writeln!(out, "{name:26}  {entries:>9}  {:>5.1} %", 100.0 * share)?;
    }
    Ok(())
}

/// A path for people.
fn path(path: &Path) -> String {
    shown(&path.display().to_string()).into_owned()
}
