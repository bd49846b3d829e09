//! Training: step, refresh, memory and the update kernel.

use std::path::Path;

use anyhow::Result;

use super::programs::Programs;
use super::table::Row;
use super::{Measured, Options, median};

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
    let programs = Programs::new(root, options)?;
    let mut rows = Vec::new();
    for shape in &options.shapes {
        for pair in PAIRS {
            let name = format!("{}.{shape}", pair.name);
            let peak = format!("train.peak.{shape}");
            let asks_peak = pair.name == "train.step" && peak.contains(&options.only);
            if !name.contains(&options.only) && !asks_peak {
                continue;
            }
            let both = programs.side_by_side(shape, pair.ours, pair.peer, &[], options.rounds)?;
            let seconds =
                |runs: &Vec<Measured>| median(runs.iter().flat_map(|run| run.seconds.clone()).collect());
            let [ours, theirs] = both.each_ref().map(seconds);
            rows.push(Row::new(name, "s", ours, (theirs, pair.peer_name), pair.goal));
            if pair.name == "train.step" {
                let peaks = |runs: &Vec<Measured>| median(runs.iter().filter_map(|r| r.peak_mib).collect());
                let [ours, theirs] = both.each_ref().map(peaks);
                rows.push(Row::new(peak, "MiB", ours, (theirs, pair.peer_name), 0.45));
            }
        }
        let name = format!("train.update.{shape}");
        if name.contains(&options.only) {
            let settings = ["repetitions=9".to_owned()];
            let (mut own, mut copies) = (Vec::new(), Vec::new());
            for _ in 0..options.rounds {
                let run = programs.own(shape, "update", &settings)?;
                own.extend(run.seconds);
                copies.extend(run.peer_seconds);
            }
            let copy = (median(copies), "copy of the same cache lines");
            rows.push(Row::new(name, "s", median(own), copy, 1.5));
        }
    }
    Ok(rows)
}
