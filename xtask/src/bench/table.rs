//! Rows of a benchmark, for people and for programs.

use serde::Serialize;
use serde_json::json;

use super::Options;

/// Ours beside a peer, both from this one call.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) ours: f64,
    pub(super) peer: f64,
    pub(super) peer_name: &'static str,
    /// Ours over the peer's.
    pub(super) ratio: f64,
    /// What the documentation promises of the ratio.
    pub(super) goal: f64,
}

impl Row {
    pub(super) fn new(
        name: String,
        unit: &'static str,
        ours: f64,
        (peer, peer_name): (f64, &'static str),
        goal: f64,
    ) -> Self {
        Self { name, unit, ours, peer, peer_name, ratio: ours / peer, goal }
    }
}

pub(super) fn print(rows: &[Row], options: &Options) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if options.json {
        println!("{}", json!({"device": options.backend.name, "threads": threads, "rows": rows}));
        return;
    }
    println!("{}, {threads} threads, medians of {} rounds", options.backend.name, options.rounds);
    println!("{:<34} {:>10} {:>10} {:<4} {:>6} {:>6}  beside", "", "ours", "peer", "", "ratio", "goal");
    for row in rows {
        println!(
            "{:<34} {:>10.3} {:>10.3} {:<4} {:>6.2} {:>6.2}  {}",
            row.name, row.ours, row.peer, row.unit, row.ratio, row.goal, row.peer_name
        );
    }
}
