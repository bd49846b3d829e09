//! Training: step, refresh, memory and the update kernel.

use std::path::Path;

use anyhow::{Result, ensure};

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
    /// The row of the peak memory of both, with its goal.
    peak: Option<(&'static str, f64)>,
    /// Both train the same parameters, so that their numbers must agree.
    same: bool,
}

/// A step of what a method adds, beside the library that has it.
const fn added(
    name: &'static str,
    ours: &'static str,
    peer: &'static str,
    peer_name: &'static str,
    peak: &'static str,
) -> Pair {
    Pair { name, ours, peer, peer_name, goal: 0.9, peak: Some((peak, 0.9)), same: true }
}

const PAIRS: &[Pair] = &[
    Pair {
        name: "train.step",
        ours: "step",
        peer: "step",
        peer_name: "original",
        goal: 0.75,
        peak: Some(("train.peak", 0.45)),
        same: false,
    },
    Pair {
        name: "train.step-legal",
        ours: "legal-step",
        peer: "step",
        peer_name: "original",
        goal: 0.4,
        peak: None,
        same: false,
    },
    Pair {
        name: "train.step-lora",
        ours: "step",
        peer: "lora",
        peer_name: "LoRA r=8",
        goal: 1.0,
        peak: None,
        same: false,
    },
    Pair {
        name: "train.step-full",
        ours: "full-step",
        peer: "full",
        peer_name: "full AdamW",
        goal: 1.0,
        peak: Some(("train.peak-full", 1.0)),
        same: true,
    },
    Pair {
        name: "train.refresh",
        ours: "refresh",
        peer: "refresh",
        peer_name: "original",
        goal: 0.7,
        peak: None,
        same: false,
    },
    Pair {
        name: "train.refresh-recorded",
        ours: "refresh-recorded",
        peer: "refresh",
        peer_name: "original",
        goal: 0.15,
        peak: None,
        same: false,
    },
    added("train.lora", "lora-step", "lora", "peft", "train.peak-lora"),
    added("train.ia3", "ia3-step", "ia3", "peft", "train.peak-ia3"),
    added("train.prefix", "prefix-step", "prefix", "adapters", "train.peak-prefix"),
    added("train.houlsby", "houlsby-step", "houlsby", "adapters", "train.peak-houlsby"),
];

pub(super) fn rows(root: &Path, options: &Options) -> Result<Vec<Row>> {
    let programs = Programs::new(root, options)?;
    let mut rows = Vec::new();
    for shape in &options.shapes {
        for pair in PAIRS {
            let name = format!("{}.{shape}", pair.name);
            let peak = pair.peak.map(|(peak, goal)| (format!("{peak}.{shape}"), goal));
            let asks_peak = peak.as_ref().is_some_and(|(peak, _)| peak.contains(&options.only));
            if !name.contains(&options.only) && !asks_peak {
                continue;
            }
            let both = programs.side_by_side(shape, pair.ours, pair.peer, &[], options.rounds)?;
            if pair.same {
                agree(&name, &both)?;
            }
            let seconds =
                |runs: &Vec<Measured>| median(runs.iter().flat_map(|run| run.seconds.clone()).collect());
            let [ours, theirs] = both.each_ref().map(seconds);
            rows.push(Row::new(name, "s", ours, (theirs, pair.peer_name), pair.goal));
            if let Some((peak, goal)) = peak {
                let peaks = |runs: &Vec<Measured>| median(runs.iter().filter_map(|r| r.peak_mib).collect());
                let [ours, theirs] = both.each_ref().map(peaks);
                rows.push(Row::new(peak, "MiB", ours, (theirs, pair.peer_name), goal));
            }
        }
        // Both are ours: what LoRA adds is to cost little more than the parameters that FISH-DIP trains.
        let name = format!("train.lora-to-fish-dip.{shape}");
        if name.contains(&options.only) {
            let (mut lora, mut fish_dip) = (Vec::new(), Vec::new());
            for _ in 0..options.rounds {
                lora.extend(programs.own(shape, "lora-step", &[])?.seconds);
                fish_dip.extend(programs.own(shape, "step", &[])?.seconds);
            }
            rows.push(Row::new(name, "s", median(lora), (median(fish_dip), "our FISH-DIP"), 1.1));
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

/// Refuses a comparison of programs that do not train as many parameters.
fn agree(name: &str, both: &[Vec<Measured>; 2]) -> Result<()> {
    let [ours, theirs] = both.each_ref().map(|runs| runs.first().and_then(|run| run.entries));
    let [told, peer] = [ours, theirs].map(|entries| entries.map_or("none".into(), |n| n.to_string()));
    ensure!(
        ours.is_some() && ours == theirs,
        "{name}: our program trains {told} parameters and the peer's {peer}; compared are programs that train the same"
    );
    Ok(())
}
