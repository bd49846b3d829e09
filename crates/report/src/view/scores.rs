//! Scores label by label, and how far scores hold as probabilities.

use maud::{Markup, PreEscaped, html};
use std::fmt::Write as _;

use super::overview::interval;
use super::{counted, grouped, percent, percent_or_dash};
use crate::page::{Bin, Calibration, Run, ScoreTable};

pub(super) fn view(run: &Run) -> Option<Markup> {
    let faults: Vec<String> = run
        .faults
        .iter()
        .filter(|fault| fault.1 > 0.0)
        .map(|(name, share)| format!("{} % of outputs have {name}", percent(*share)))
        .collect();
    let tables = run.tables.iter().filter(|table| !table.rows.is_empty());
    (!run.tables.is_empty()).then(|| html! {
        @for table in tables { (score_table(table)) }
        p.quiet {
            "Percent. "
            @if run.tables.iter().flat_map(|table| &table.rows).any(|row| row.interval.is_some()) {
                "Intervals are those of 95 %, by a bootstrap over the scored examples with a fixed seed. "
            }
            @if faults.is_empty() { "Every output could be read as it was written." } @else { (faults.join("; ")) "." }
        }
    })
}

fn score_table(ScoreTable { title, rows }: &ScoreTable) -> Markup {
    html! {
        div.scroll { table {
            thead { tr {
                th scope="col" { (title) } th.n scope="col" { "precision" } th.n scope="col" { "recall" } th.n scope="col" { "F1" }
                th.n scope="col" { "95 %" } th.bars scope="col" { span.unseen { "F1 and its interval as bars" } } th.n scope="col" { "gold" }
            } }
            tbody { @for row in rows {
                tr.sum[row.is_sum] {
                    th scope="row" { bdi { (row.name) } }
                    td.n { (percent_or_dash(row.precision)) }
                    td.n { (percent_or_dash(row.recall)) }
                    td.n { (percent_or_dash(row.f1)) }
                    td.n.quiet { (row.interval.map_or_else(String::new, interval)) }
                    td.bars { @if let Some(f1) = row.f1 { (bar(f1, row.interval)) } }
                    td.n { (row.gold.map_or_else(String::new, grouped)) }
                }
            } }
        } }
    }
}

/// A share as a bar, with its interval as a line.
fn bar(share: f64, ends: Option<[f64; 2]>) -> Markup {
    html! {
        span.bar aria-hidden="true" {
            span.fill style={ "width:" (percent(share)) "%" } {}
            @if let Some([low, high]) = ends {
                span.whisker style={ "left:" (percent(low)) "%;width:" (percent(high - low)) "%" } {}
            }
        }
    }
}

/// The reliability diagram and its table.
pub(super) fn calibration(run: &Run) -> Option<Markup> {
    let Calibration { n, error, bins } = run.calibration.as_ref()?;
    Some(html! {
        div.beside {
            figure { (PreEscaped(diagram(bins))) }
            div {
                p {
                    "Expected calibration error " strong { (format!("{error:.3}")) } " over " (counted(*n, "score")) ": the mean distance \
                     between a score and the share that is right. On the diagonal a score is a probability; below it the model is too sure."
                }
                div.scroll { table {
                    thead { tr { th scope="col" { "score" } th.n scope="col" { "found" } th.n scope="col" { "mean score" } th.n scope="col" { "right" } } }
                    tbody { @for bin in bins.iter().filter(|bin| bin.n > 0) { tr {
                        th scope="row" { (format!("{:.1} to {:.1}", bin.from, bin.to)) }
                        td.n { (grouped(bin.n)) }
                        td.n { (bin.mean_score.map_or_else(String::new, |x| format!("{x:.3}"))) }
                        td.n { (bin.share_right.map_or_else(String::new, |x| format!("{x:.3}"))) }
                    } } }
                } }
            }
        }
    })
}

/// The share that is right over the score, with dots as large as there are scores.
fn diagram(bins: &[Bin]) -> String {
    const SIDE: f64 = 300.0;
    let (left, floor) = (52.0, SIDE - 36.0);
    let width = SIDE - left - 12.0;
    let (x, y) = (|share: f64| left + width * share, |share: f64| floor - (floor - 12.0) * share);
    let largest = bins.iter().map(|bin| bin.n).max().unwrap_or(1).max(1) as f64;
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {SIDE} {SIDE}\" role=\"img\" aria-label=\"share that is right over score\">\n\
         <path class=\"axis\" d=\"M{left} 12V{floor}H{:.1}\"/><path class=\"axis\" stroke-dasharray=\"4 4\" d=\"M{left} {floor}L{:.1} 12\"/>\n",
        x(1.0),
        x(1.0)
    );
    // Writing to a String cannot fail.
    for tick in [0.0, 0.5, 1.0] {
        let _ = writeln!(
            svg,
            "<text class=\"quiet\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{tick}</text>\
             <text class=\"quiet\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{tick}</text>",
            x(tick),
            floor + 16.0,
            left - 6.0,
            y(tick) + 4.0
        );
    }
    let points = || bins.iter().filter_map(|bin| Some((bin, bin.mean_score?, bin.share_right?)));
    let line: Vec<String> =
        points().map(|(_, mean, right)| format!("{:.1},{:.1}", x(mean), y(right))).collect();
    let _ = writeln!(svg, "<g class=\"s0\"><polyline class=\"line\" points=\"{}\"/>", line.join(" "));
    for (bin, mean, right) in points() {
        let radius = 3.0 + 7.0 * (bin.n as f64 / largest).sqrt();
        let _ = writeln!(
            svg,
            "<circle class=\"dot\" fill-opacity=\".7\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius:.1}\"><title>{}: mean {mean:.3}, right {right:.3}</title></circle>",
            x(mean),
            y(right),
            counted(bin.n, "score")
        );
    }
    let _ = writeln!(
        svg,
        "</g><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">score</text>\
         <text transform=\"translate(12 {:.1}) rotate(-90)\" text-anchor=\"middle\">right</text></svg>",
        f64::midpoint(left, x(1.0)),
        SIDE - 4.0,
        f64::midpoint(12.0, floor)
    );
    svg
}
