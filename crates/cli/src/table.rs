//! Scores as a table.

use fishdip_train::tasks::Report;
use fishdip_train::tasks::score::{Calibration, Temperature, Temperatures};
use std::fmt::Write;

use crate::shown::shown;

/// Everything that the JSON says, as a table.
pub(crate) fn scores(report: &Report) -> String {
    report.to_string().lines().flat_map(|line| [shown(line), "\n".into()]).collect()
}

/// Scores beside what came true, bin by bin, and the expected calibration error.
pub(crate) fn calibration(calibration: &Calibration) -> String {
    let mut table = "score        found  mean score  share right\n".to_owned();
    for bin in &calibration.bins {
        let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.3}"));
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "{:.1} to {:.1}  {:>7}  {:>10}  {:>11}",
            bin.from,
            bin.to,
            bin.n,
            number(bin.mean_score),
            number(bin.share_right)
        );
    }
    let Calibration { n, expected_calibration_error, .. } = calibration;
    let _ = write!(table, "expected calibration error {expected_calibration_error:.3} (of {n} scores)");
    table
}

/// The temperature of each label, and of the others.
pub(crate) fn temperatures(temperatures: &Temperatures) -> String {
    const OTHERS: &str = "any other";
    let labels = &temperatures.labels;
    let width = labels.keys().map(|l| l.chars().count()).max().unwrap_or(0).max(OTHERS.len());
    let mut table = format!("{:width$}  found  temperature    bias\n", "label");
    let mut row = |label: &str, scale: Temperature| {
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "{label:width$}  {:>5}  {:>11.2}  {:>6.2}",
            scale.n(),
            scale.temperature(),
            scale.bias()
        );
    };
    for (label, &scale) in labels {
        row(label, scale);
    }
    row(OTHERS, temperatures.fallback);
    table
}
