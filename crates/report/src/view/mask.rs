//! Where the mask lies, how it moves, and which samples it was made by.

use maud::{Markup, PreEscaped, html};
use std::fmt::Write as _;

use super::{counted, grouped, percent, percent_or_dash};
use crate::curve::BandPoint;
use crate::mask::{HardSample, Mask};
use crate::mask_summary::MaskSummary;
use crate::page::Run;
use crate::picture::{HeatMap, Line, Picture};

/// Hard samples that are listed.
const LISTED: usize = 200;

pub(super) fn view(run: &Run) -> Option<Markup> {
    let mask = &run.mask;
    if mask.choices.is_empty() {
        return None;
    }
    let summary = MaskSummary::of(mask);
    let mean = mask.mean_cells();
    let map = HeatMap { rows: &mask.layers, columns: &mask.kinds, cells: &mean };
    let always = summary.weights.iter().filter(|weight| weight.choices == mask.choices.len()).count();
    Some(html! {
        div.map {
            div.control {
                label { "choice "
                    input type="range" min="0" max=(mask.choices.len()) value="0" step="1" data-steps=(steps(mask)) data-shares=(shares(mask));
                }
                output { "mean of all choices" }
            }
            div.scroll { (PreEscaped(map.to_part("share of the mask by layer and kind of weight, in percent"))) }
        }
        p.quiet {
            "Share of the mask's entries in percent, by layer and kind of weight. "
            (counted(summary.weights.len(), "weight")) " ever had entries, " (always) " of them in each of " (counted(mask.choices.len(), "choice")) "."
        }
        @if mask.choices.len() > 1 { div.charts { @if let Some(picture) = moves(&summary) { figure { (PreEscaped(picture)) } } } }
        div.scroll.tall { table {
            thead { tr {
                th.n scope="col" { "step" } th.n scope="col" { "entries" } th.n scope="col" { "churn %" } th.n scope="col" { "overlap %" }
                th.n scope="col" { "hard" } th.n scope="col" { "hard again %" } th.n scope="col" { "layers" } th.n scope="col" { "kinds" } th.n scope="col" { "s" }
            } }
            tbody { @for choice in &summary.choices { tr {
                td.n { (grouped(choice.step)) } td.n { (grouped(choice.entries)) }
                td.n { (percent_or_dash(choice.churn)) } td.n { (percent_or_dash(choice.overlap)) }
                td.n { (grouped(choice.hard)) } td.n { (percent_or_dash(choice.hard_again)) }
                td.n { (format!("{:.1}", choice.layers)) } td.n { (format!("{:.1}", choice.kinds)) } td.n { (format!("{:.1}", choice.seconds)) }
            } } }
        } }
        p.quiet {
            "Churn: entries that the mask before did not have. Overlap: entries in both among those in either. Layers, kinds: over how many \
             the entries are spread, 2 to the power of the entropy of their shares."
        }
    })
}

/// Churn and overlap over steps; nothing if there was no change to look at.
fn moves(summary: &MaskSummary) -> Option<String> {
    let line = |name: &str, value: &dyn Fn(&crate::mask_summary::ChoiceSummary) -> Option<f64>| {
        let points: Vec<BandPoint> = summary
            .choices
            .iter()
            .filter_map(|choice| {
                value(choice).map(|value| (choice.step as f64, 100.0 * value, [100.0 * value; 2]))
            })
            .collect();
        Line { name: name.to_owned(), points }
    };
    let lines = vec![
        line("churn", &|choice| choice.churn),
        line("overlap", &|choice| choice.overlap),
        line("hard again", &|choice| choice.hard_again),
    ];
    let lines: Vec<Line> = lines.into_iter().filter(|line| line.points.len() > 1).collect();
    (!lines.is_empty())
        .then(|| Picture { lines, across: "steps".to_owned(), up: "percent".to_owned() }.to_part())
}

/// The step of each choice, for the script.
fn steps(mask: &Mask) -> String {
    mask.choices.iter().map(|choice| choice.step.to_string()).collect::<Vec<_>>().join(" ")
}

/// The mean, and then the cells of each choice in thousandths of percent, for the script.
fn shares(mask: &Mask) -> String {
    let line = |cells: Vec<f64>| {
        cells.iter().map(|share| format!("{:.0}", 1e5 * share)).collect::<Vec<_>>().join(" ")
    };
    let choices = mask.choices.iter().map(|choice| mask.cells(choice));
    [mask.mean_cells()].into_iter().chain(choices).map(line).collect::<Vec<_>>().join(";")
}

/// The training samples that were hard, how often, and when.
pub(super) fn hard(run: &Run) -> Option<Markup> {
    let mask = &run.mask;
    let hard = mask.hard_samples();
    if hard.is_empty() {
        return None;
    }
    let summary = MaskSummary::of(mask).hard;
    let choices = mask.choices.len();
    Some(html! {
        p {
            "Ever among the hardest: " (grouped(summary.ever)) " of " (counted(summary.samples, "training sample")) ". The entropy of how often each was is "
            strong { (format!("{:.2}", summary.entropy)) " bits" } " (" (format!("{:.2}", summary.even)) " if all were as often)."
        }
        div.scroll.tall { table.hard {
            thead { tr {
                th.n scope="col" { "times" } th scope="col" { "when" } th scope="col" { "from" } th scope="col" { "sample, and what the model is to write" }
            } }
            tbody { @for sample in hard.iter().take(LISTED) {
                @let text = run.samples.as_ref().and_then(|samples| samples.get(sample.sample));
                tr {
                    td.n title={ (percent(sample.choices.len() as f64 / choices as f64)) " % of the choices" } { (sample.choices.len()) }
                    td { (PreEscaped(strip(sample, choices))) }
                    td.quiet { @if let Some(text) = text { bdi { (text.at) } } @else { "no. " (sample.sample) } }
                    td { @if let Some(text) = text { p dir="auto" { (text.source) } p.target dir="auto" { (text.target) } } }
                }
            } }
        } }
        @if hard.len() > LISTED { p.quiet { "The " (LISTED) " that were hard most often are listed." } }
        @if run.samples.is_none() { p.quiet { "The run keeps no texts of its training samples: an older version wrote it." } }
    })
}

/// A tick for each choice that the sample was hard for.
fn strip(sample: &HardSample, choices: usize) -> String {
    let width = 120.0 / choices.max(1) as f64;
    let mut svg = format!(
        "<svg class=\"strip\" viewBox=\"0 0 120 12\" width=\"120\" height=\"12\" role=\"img\" aria-label=\"hard in {} of {}\">",
        sample.choices.len(),
        counted(choices, "choice")
    );
    for &choice in &sample.choices {
        // Writing to a String cannot fail.
        let _ = write!(
            svg,
            "<rect x=\"{:.2}\" y=\"0\" width=\"{:.2}\" height=\"12\"/>",
            width * choice as f64,
            (0.85 * width).max(0.8)
        );
    }
    svg + "</svg>"
}
