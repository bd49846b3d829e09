//! Scores as a table.

use fishdip_train::tasks::Report;
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
