//! The page.

mod compare;
mod confusion;
mod curves;
mod details;
mod insight;
mod learning;
mod mask;
mod overview;
mod scores;
mod sentences;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::page::{Page, Run};
use crate::picture;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// More runs than this are shown in the table and the curves alone.
const DETAILED: usize = 8;

/// A part of the page, to which its head leads.
struct Section {
    id: &'static str,
    title: &'static str,
    body: Markup,
}

/// The page as HTML. It holds all that it shows: style, script, pictures and data.
pub fn render(page: &Page) -> String {
    let sections = sections(page);
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // Whatever a text holds, nothing is loaded from anywhere.
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
                title { (page.title) }
                style { (PreEscaped(STYLE)) (PreEscaped(picture::STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    h1 dir="auto" { (page.title) }
                    nav aria-label="Sections" {
                        @for section in &sections { a href={ "#" (section.id) } { (section.title) } }
                    }
                }
                main #main {
                    @for section in &sections {
                        section id=(section.id) aria-labelledby={ (section.id) "-title" } {
                            h2 id={ (section.id) "-title" } { (section.title) }
                            (section.body)
                        }
                    }
                }
                footer { "Made by " (page.made_by) " from the run's folder alone." }
                @if let Some(sentences) = &page.sentences { (sentences::data(sentences)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    html.into_string()
}

fn sections(page: &Page) -> Vec<Section> {
    let mut sections = vec![Section { id: "overview", title: "Overview", body: overview::view(page) }];
    let mut add = |id, title, body: Option<Markup>| {
        sections.extend(body.map(|body| Section { id, title, body }));
    };
    add("learning", "Active learning", page.learning.as_ref().map(learning::view));
    add("self-training", "Self-training", page.self_training.as_ref().map(overview::study));
    add("folds", "Cross-validation", page.folds.as_ref().map(overview::study));
    add("study", "Study", page.study.as_ref().map(overview::study));
    add("curves", "Learning curves", curves::view(&page.runs));
    add("comparison", "Differences", page.comparison.as_ref().map(|of| compare::view(page, of)));
    if let [run] = page.runs.as_slice() {
        add("scores", "Scores", scores::view(run));
        add("confusion", "Confusions", confusion::view(run, true));
        add("sentences", "Sentences", page.sentences.as_ref().map(sentences::view));
        add("calibration", "Calibration", scores::calibration(run));
        add("mask", "Mask", mask::view(run));
        add("hard", "Hard samples", mask::hard(run));
        add("dynamics", "Learnt and forgotten", insight::dynamics(run));
        add("similarity", "Layers before and after", insight::similarity(run));
        add("smoothness", "Smoothness of layers", insight::smoothness(run));
        add("log", "Warnings", details::warnings(run));
        add("config", "Config", details::config(run));
        return sections;
    }
    add("sentences", "Sentences", page.sentences.as_ref().map(sentences::view));
    if page.runs.len() <= DETAILED {
        add("runs", "Run by run", Some(html! { @for run in &page.runs { (each(run)) } }));
    }
    sections
}

/// All about one of several runs.
fn each(run: &Run) -> Markup {
    let parts = [
        ("Scores", scores::view(run)),
        ("Confusions", confusion::view(run, false)),
        ("Calibration", scores::calibration(run)),
        ("Mask", mask::view(run)),
        ("Hard samples", mask::hard(run)),
        ("Learnt and forgotten", insight::dynamics(run)),
        ("Layers before and after", insight::similarity(run)),
        ("Smoothness of layers", insight::smoothness(run)),
        ("Warnings", details::warnings(run)),
        ("Config", details::config(run)),
    ];
    html! {
        details.run {
            summary { bdi { (run.name) } }
            @for (title, part) in parts {
                @if let Some(part) = part { h3 { (title) } (part) }
            }
        }
    }
}

/// A share in percent.
fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

/// The same, or a dash.
fn percent_or_dash(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), percent)
}

/// A whole number with its thousands apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Such a number with what it counts, in the number that it must have: `1 example`, `1,234 examples`.
fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
