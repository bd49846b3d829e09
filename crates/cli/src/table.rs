//! Scores as a table.

use fishdip_train::tasks::Report;
use fishdip_train::tasks::score::{Calibration, Temperature, Temperatures};
use fishdip_train::{Evaluation, ScoreSummary};
use std::fmt::Write;

use crate::shown::shown;

/// Everything that the JSON says, as a table.
pub(crate) fn scores(report: &Report) -> String {
    report.to_string().lines().flat_map(|line| [shown(line), "\n".into()]).collect()
}

/// A row an adapter, and mean and spread of those of one task.
pub(crate) fn evaluations(results: &[Evaluation], summary: &[ScoreSummary]) -> String {
    let head = ["adapter", "task", "metric", "score", "95 % confidence", "sentences/s", "repaired"];
    let row = |result: &Evaluation| {
        let ([low, high], score) = (result.interval, &result.score);
        [
            shown(&result.adapter.display().to_string()).into_owned(),
            result.task.to_owned(),
            score.headline_name().to_owned(),
            format!("{:.4}", score.headline()),
            format!("{low:.4} to {high:.4}"),
            format!("{:.1}", result.sentences_per_second),
            result.repairs.to_string(),
        ]
    };
    let rows: Vec<[String; 7]> =
        std::iter::once(head.map(str::to_owned)).chain(results.iter().map(row)).collect();
    let widths: [usize; 7] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let mut table = String::new();
    for row in &rows {
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            // Names to the left, figures to the right. Writing to a String cannot fail.
            let _ = match column {
                0 => write!(table, "{cell:width$}"),
                1 | 2 => write!(table, "  {cell:width$}"),
                _ => write!(table, "  {cell:>width$}"),
            };
        }
        table.push('\n');
    }
    for ScoreSummary { task, metric, adapters, mean, spread } in summary {
        let _ = write!(
            table,
            "\n{task}: mean {metric} of {adapters} adapters {mean:.4}, standard deviation {spread:.4}\n"
        );
    }
    table
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
