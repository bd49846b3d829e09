//! Scores as a table.

use fishdip_train::tasks::Report;
use fishdip_train::tasks::score::{Calibration, Temperature, Temperatures};
use std::fmt::Write;

/// Precision, recall and F1 of each label and of all together.
pub(crate) fn scores(report: &Report) -> String {
    let mut table = String::new();
    let Some(spans) = report.spans() else { return fields(report) };
    let width = spans.per_label.keys().map(|l| l.chars().count()).max().unwrap_or(0).max(5);
    let mut row = |label: &str, p: f64, r: f64, f: f64, n: usize| {
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "{label:width$}  {:>9.2}  {:>6.2}  {:>6.2}  {n:>5}",
            100.0 * p,
            100.0 * r,
            100.0 * f
        );
    };
    for (label, s) in &spans.per_label {
        row(label, s.precision, s.recall, s.f1, s.support);
    }
    row("all", spans.precision, spans.recall, spans.f1, spans.n);
    format!("{:width$}  {:>9}  {:>6}  {:>6}  {:>5}\n{table}", "label", "precision", "recall", "F1", "gold")
}

/// The scores of tasks without spans, one a line, as their JSON names them.
fn fields(report: &Report) -> String {
    let fields = serde_json::to_value(&report.score).unwrap_or_default();
    let numbers =
        fields.as_object().into_iter().flatten().filter_map(|(name, value)| Some((name, value.as_f64()?)));
    numbers.fold(String::new(), |mut table, (name, value)| {
        // Writing to a String cannot fail.
        let _ = if name == "n" {
            writeln!(table, "{name:<20} {value:>7}")
        } else {
            writeln!(table, "{name:<20} {:>7.2}", 100.0 * value)
        };
        table
    })
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
