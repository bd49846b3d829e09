//! Decoding: plain greedy, and constrained with drafts on a corpus.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::programs::Programs;
use super::table::Row;
use super::{Measured, Options, backends, measure, median};

const SENTENCES: &str = "examples=500";

pub(super) fn rows(root: &Path, options: &Options) -> Result<Vec<Row>> {
    let programs = Programs::new(root, options)?;
    let mut rows = Vec::new();
    for shape in &options.shapes {
        let name = format!("decode.greedy.{shape}");
        if name.contains(&options.only) {
            let model = programs.model(shape)?;
            let both = side_by_side(options.rounds, || {
                let ours =
                    measure(&mut programs.program("measure-decoding", &["greedy".as_ref(), model.as_ref()]))?;
                let theirs =
                    measure(&mut programs.script("decode.py", &[model.as_ref(), "greedy".as_ref()]))?;
                Ok([ours, theirs])
            })?;
            rows.extend(compare(&name, &both, "transformers.generate", 1.0));
        }
    }
    if !"decode.constrained.conll2003".contains(&options.only) {
        return Ok(rows);
    }
    match std::env::var_os("FISHDIP_DATA").map(|data| Path::new(&data).join("conll2003")) {
        Some(data) if data.is_dir() => rows.extend(corpus(root, &programs, &data, options)?),
        _ => eprintln!(
            "skipped: decode.constrained.conll2003: FISHDIP_DATA names no folder that holds conll2003"
        ),
    }
    Ok(rows)
}

/// The bundled model, fine-tuned on 140 sentences of CoNLL-2003, on 500 others.
fn corpus(root: &Path, programs: &Programs, data: &Path, options: &Options) -> Result<Vec<Row>> {
    let work = backends::cache()?.join("bench-decode");
    if work.exists() {
        std::fs::remove_dir_all(&work).with_context(|| format!("failed to remove {}", work.display()))?;
    }
    std::fs::create_dir_all(&work).with_context(|| format!("failed to make {}", work.display()))?;
    let (run, merged) = (work.join("run"), work.join("merged"));
    let settings = [
        format!("data.dir={}", data.display()),
        "data.eval_examples=1".into(),
        "evaluation.before=false".into(),
    ];
    let mut train: Vec<&OsStr> =
        vec!["train".as_ref(), "--config".as_ref(), "configs/conll03-1pct.toml".as_ref()];
    train.extend([OsStr::new("--run"), run.as_os_str()]);
    for setting in &settings {
        train.extend([OsStr::new("--set"), OsStr::new(setting)]);
    }
    let trained = programs.fishdip(&train).current_dir(root).stdout(Stdio::null()).status();
    ensure!(trained.context("failed to run fishdip")?.success(), "the model could not be trained");

    let (adapter, file) = (run.join("adapter"), data.join("eng.testb"));
    let ours = |what: &str, more: &[&str]| {
        let mut command =
            programs.program("measure-decoding", &[what.as_ref(), adapter.as_ref(), file.as_ref()]);
        command.args(more).arg(SENTENCES).current_dir(root);
        measure(&mut command)
    };
    ours("sources", &[&merged.display().to_string()])?;
    let sources = merged.join("sources.jsonl");
    let both = side_by_side(options.rounds, || {
        let constrained = ours("evaluate", &["batch_size=8"])?;
        let mut theirs = programs.script("decode.py", &[merged.as_ref(), sources.as_ref()]);
        Ok([constrained, measure(theirs.arg("repetitions=1"))?])
    })?;
    let free = ours("evaluate", &["batch_size=8", "free=true"])?;
    let stepwise = ours("evaluate", &["batch_size=8", "draft=0"])?;
    let mut rows = compare("decode.constrained.conll2003", &both, "transformers.generate", 0.25);
    let of = |value: fn(&Measured) -> f64| median(both[0].iter().map(value).collect());
    let calls = of(|run| run.decoding.calls / run.decoding.pieces);
    rows.push(Row::new("decode.calls-per-piece.conll2003".into(), "", calls, (1.0, "step by step"), 1.0));
    let accepted = of(|run| run.decoding.accepted / run.decoding.drafted);
    rows.push(Row::new("decode.accepted.conll2003".into(), "", accepted, (1.0, "all drafted pieces"), 1.0));
    let errors = 1.0 - of(|run| run.score.f1);
    rows.push(Row::new(
        "decode.1-f1.conll2003".into(),
        "",
        errors,
        (1.0 - free.score.f1, "unconstrained"),
        1.0,
    ));
    let same = 1.0 - stepwise.score.f1;
    rows.push(Row::new("decode.1-f1-of-drafts.conll2003".into(), "", errors, (same, "step by step"), 1.0));
    Ok(rows)
}

/// Both programs in turn.
fn side_by_side(rounds: u64, mut each: impl FnMut() -> Result<[Measured; 2]>) -> Result<[Vec<Measured>; 2]> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let [own, other] = each()?;
        ours.push(own);
        theirs.push(other);
    }
    Ok([ours, theirs])
}

/// Time and peak memory.
fn compare(name: &str, both: &[Vec<Measured>; 2], peer: &'static str, goal: f64) -> Vec<Row> {
    let seconds = |runs: &Vec<Measured>| median(runs.iter().flat_map(|run| run.seconds.clone()).collect());
    let peaks = |runs: &Vec<Measured>| median(runs.iter().filter_map(|run| run.peak_mib).collect());
    let [ours, theirs] = both.each_ref().map(|runs| 1e3 * seconds(runs));
    let [own_peak, other_peak] = both.each_ref().map(peaks);
    let peak = name.replacen("decode.", "decode.peak-", 1);
    vec![
        Row::new(name.to_owned(), "ms", ours, (theirs, peer), goal),
        Row::new(peak, "MiB", own_peak, (other_peak, peer), 1.0),
    ]
}
