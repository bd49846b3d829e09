//! What stands first: how far a run has come, what it came to, and why that may be little.

use maud::{Markup, html};

use super::{counted, grouped, percent, percent_or_dash};
use crate::Text;
use crate::page::{Headline, Page, Run, State, Study};

pub(super) fn view(page: &Page) -> Markup {
    match page.runs.as_slice() {
        [] => html! { p { "There is no run to show." } },
        [run] => one(run),
        runs => table(runs),
    }
}

fn one(run: &Run) -> Markup {
    html! {
        div.cards {
            div.card.wide { (state(run)) (headline(run)) }
            dl.card.facts {
                @for (name, fact) in &run.facts { div { dt { (name) } dd { bdi { (fact) } } } }
            }
        }
        (remarks(run))
        (findings(run))
    }
}

/// A line a run.
fn table(runs: &[Run]) -> Markup {
    let metric =
        runs.iter().find_map(|run| run.headline.as_ref()).map_or("score", |headline| headline.metric);
    html! {
        div.scroll { table {
            thead { tr {
                th scope="col" { "run" } th scope="col" { "state" } th.n scope="col" { (metric) " %" } th.n scope="col" { "95 %" }
                th.n scope="col" { "before" } th.n scope="col" { "step" } th.n scope="col" { "scored" }
            } }
            tbody { @for run in runs {
                @let headline = run.headline.as_ref();
                tr {
                    th scope="row" { bdi { (run.name) } }
                    td { (state(run)) }
                    td.n { (percent_or_dash(headline.map(|of| of.after))) }
                    td.n { (headline.and_then(|of| of.interval).map_or_else(|| "–".to_owned(), interval)) }
                    td.n { (percent_or_dash(headline.and_then(|of| of.before))) }
                    td.n { (headline.map_or_else(|| "–".to_owned(), |of| grouped(of.step))) }
                    td.n { (headline.map_or_else(|| "–".to_owned(), |of| grouped(of.examples))) }
                }
            } }
        } }
        @for (remark, names) in shared_remarks(runs) {
            p.remark role="note" dir="auto" {
                @for (at, name) in names.iter().enumerate() { @if at > 0 { ", " } strong { bdi { (name) } } }
                ": " (remark)
            }
        }
        @for run in runs.iter().filter(|run| !run.findings.is_empty()) {
            h3 { bdi { (run.name) } }
            (findings(run))
        }
    }
}

/// Each remark once, with the runs that have it.
fn shared_remarks(runs: &[Run]) -> Vec<(&Text, Vec<&Text>)> {
    let mut shared: Vec<(&Text, Vec<&Text>)> = Vec::new();
    for run in runs {
        for remark in &run.remarks {
            match shared.iter_mut().find(|(other, _)| *other == remark) {
                Some((_, names)) => names.push(&run.name),
                None => shared.push((remark, vec![&run.name])),
            }
        }
    }
    shared
}

fn state(run: &Run) -> Markup {
    let (class, word) = match run.state {
        State::Done => ("done", "done"),
        State::GoesOn => ("goes-on", "goes on"),
        State::Ended => ("ended", "ended early"),
        State::Failed => ("failed", "failed"),
    };
    html! { span class={ "state " (class) } { (word) } }
}

fn headline(run: &Run) -> Markup {
    let Some(Headline { metric, before, after, interval: ends, step, examples }) = &run.headline else {
        if let Some(loss) = held_out_loss(run) {
            return loss;
        }
        return html! { p.figure { "no score" } p.quiet { "Nothing was scored yet, or there are no data to score." } };
    };
    html! {
        p.figure { (percent(*after)) small { " % " (metric) } }
        p.quiet {
            @if let Some(ends) = ends { "95 % interval " (interval(*ends)) " · " }
            @if let Some(before) = before { (percent(*before)) " before training · " }
            "after " (counted(*step, "step")) " · " (counted(*examples, "example")) " scored"
        }
    }
}

/// What a pretraining came to: the last loss of the texts that are held out, and the one before the first step.
fn held_out_loss(run: &Run) -> Option<Markup> {
    let &(step, loss) = run.held_out_losses.last()?;
    let before = run.held_out_losses.first().filter(|(first, _)| *first == 0 && step > 0);
    Some(html! {
        p.figure { (format!("{loss:.4}")) small { " held-out loss" } }
        p.quiet {
            @if let Some((_, before)) = before { (format!("{before:.4}")) " before pretraining · " }
            "after " (counted(step, "step")) " · texts held out: " (grouped(run.held_out_texts))
        }
    })
}

fn remarks(run: &Run) -> Markup {
    html! { @for remark in &run.remarks { p.remark role="note" dir="auto" { (remark) } } }
}

fn findings(run: &Run) -> Markup {
    html! {
        @if !run.findings.is_empty() {
            div.findings {
                h3 { "Why the score is near zero" }
                @for finding in &run.findings {
                    div.finding { h4 { (finding.title) } p { (finding.figures) } p.advice { (with_code(finding.advice)) } }
                }
            }
        }
    }
}

/// Words between backticks as code.
fn with_code(text: &str) -> Markup {
    html! { @for (at, part) in text.split('`').enumerate() { @if at % 2 == 1 { code { (part) } } @else { (part) } } }
}

pub(super) fn interval([low, high]: [f64; 2]) -> String {
    format!("{} – {}", percent(low), percent(high))
}

/// The table of a study.
pub(super) fn study(study: &Study) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { @for (at, name) in study.head.iter().enumerate() {
                @if at == 0 { th scope="col" { (name) } } @else { th.n scope="col" { (name) } }
            } } }
            tbody { @for row in &study.rows { tr {
                @for (at, cell) in row.iter().enumerate() {
                    @if at == 0 { th scope="row" { bdi { (cell) } } } @else { td.n { (cell) } }
                }
            } } }
        } }
        @for remark in &study.remarks { p.quiet dir="auto" { (remark) } }
    }
}
