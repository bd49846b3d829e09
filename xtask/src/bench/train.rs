//! Training: step, refresh, memory and the update kernel.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::table::Row;
use super::{Measured, Options, backends, build, measure, median, peer};

/// A comparison: what ours and what the peer measures.
struct Pair {
    name: &'static str,
    ours: &'static str,
    peer: &'static str,
    peer_name: &'static str,
    goal: f64,
}

const PAIRS: &[Pair] = &[
    Pair { name: "train.step", ours: "step", peer: "step", peer_name: "original", goal: 0.75 },
    Pair { name: "train.step-lora", ours: "step", peer: "lora", peer_name: "LoRA r=8", goal: 1.0 },
    Pair { name: "train.step-full", ours: "full-step", peer: "full", peer_name: "full AdamW", goal: 1.0 },
    Pair { name: "train.refresh", ours: "refresh", peer: "refresh", peer_name: "original", goal: 0.7 },
    Pair {
        name: "train.refresh-recorded",
        ours: "refresh-recorded",
        peer: "refresh",
        peer_name: "original",
        goal: 0.15,
    },
];

pub(super) fn rows(root: &Path, options: &Options) -> Result<Vec<Row>> {
    let environment = backends::prepare(root, &options.backend)?;
    let ours = build(root, &options.backend, &environment)?;
    let python = peer::python(root, options.python.as_deref())?;
    let script = root.join("xtask/peers/train.py");
    let mut rows = Vec::new();
    for shape in &options.shapes {
        let folder = backends::cache()?.join("models").join(shape);
        let theirs = |what: &str| {
            let mut command = Command::new(&python);
            command.arg(&script).arg(&folder).arg(what);
            command
        };
        if !folder.join("config.json").is_file() {
            anyhow::ensure!(theirs("model").status()?.success(), "the model {shape} could not be made");
        }
        let program = |what: &str| {
            let mut command = Command::new(&ours);
            command.arg(&folder).arg(what).arg(format!("backend={}", options.backend));
            environment.apply(&mut command);
            command
        };
        for pair in PAIRS {
            let name = format!("{}.{shape}", pair.name);
            let peak = format!("train.peak.{shape}");
            let asks_peak = pair.name == "train.step" && peak.contains(&options.only);
            if !name.contains(&options.only) && !asks_peak {
                continue;
            }
            let (mut own, mut other) = (Vec::new(), Vec::new());
            for _ in 0..options.rounds {
                own.push(measure(&mut program(pair.ours))?);
                other.push(measure(&mut theirs(pair.peer))?);
            }
            let seconds =
                |runs: &[Measured]| median(runs.iter().flat_map(|run| run.seconds.clone()).collect());
            let theirs = (seconds(&other), pair.peer_name);
            rows.push(Row::new(name, "s", seconds(&own), theirs, pair.goal));
            if pair.name == "train.step" {
                let peaks = |runs: &[Measured]| median(runs.iter().filter_map(|run| run.peak_mib).collect());
                rows.push(Row::new(peak, "MiB", peaks(&own), (peaks(&other), pair.peer_name), 0.45));
            }
        }
        if "train.update-kernel".contains(&options.only) && Some(shape) == options.shapes.first() {
            let run = measure(&mut program("update"))?;
            let copy = (median(run.peer_seconds), "memory copy of the same bytes");
            rows.push(Row::new("train.update-kernel".into(), "s", median(run.seconds), copy, 1.5));
        }
    }
    Ok(rows)
}
