//! What is told of a run as a whole, and what its figures say of a score near zero.

use fishdip_report::{Confusion, Figures, Run, Sentence, Text, Verdict};
use fishdip_tasks::{Report, TaskKind};
use serde::Deserialize;

use super::told::Told;
use crate::event::Event;

/// What a report takes of `result.json`; what an older version did not write is left out.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Outcome {
    #[serde(default)]
    pub(super) before: Option<Report>,
    pub(super) after: Report,
    #[serde(default)]
    best_step: Option<usize>,
    steps: usize,
    entries_trained: usize,
    #[serde(default)]
    entries_touched: Option<usize>,
    seconds: f64,
    seconds_per_step: f64,
    #[serde(default)]
    peak_rss_mib: Option<f64>,
}

impl Outcome {
    /// The training steps that the scores are of.
    pub(super) fn step(&self) -> usize {
        self.best_step.unwrap_or(self.steps)
    }
}

/// Facts with their names, as far as they are known.
pub(super) fn facts(
    config: &toml::Table,
    told: &Told,
    outcome: Option<&Outcome>,
) -> Vec<(&'static str, Text)> {
    let text = |table: &str, key: &str| {
        let value = config.get(table)?.get(key)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let mut facts: Vec<(&'static str, Option<String>)> = vec![
        ("task", text("task", "name")),
        ("method", text("method", "name")),
        ("base model", text("model", "path")),
        ("seed", text("training", "seed")),
        ("learning rate", text("optimizer", "learning_rate")),
    ];
    let started = told.events.iter().find_map(|timed| match &timed.event {
        Event::Started { backend, train_examples, eval_examples, entries_total, steps, .. } => {
            Some((backend, train_examples, eval_examples, entries_total, steps))
        }
        _ => None,
    });
    if let Some((backend, train, eval, total, steps)) = started {
        facts.push(("backend", Some(backend.clone())));
        facts.push(("examples", Some(format!("{train} to train on, {eval} to score"))));
        let trained = told.events.iter().rev().find_map(|timed| match timed.event {
            Event::MaskChosen { entries, .. } => Some(entries),
            _ => None,
        });
        let trained = outcome.map(|of| of.entries_trained).or(trained);
        facts.push(("trained at a time", trained.map(|entries| share(entries, *total))));
        facts.push((
            "stored in the adapter",
            outcome.and_then(|of| of.entries_touched).map(|entries| share(entries, *total)),
        ));
        facts.push((
            "steps",
            Some(match outcome {
                Some(of) => of.steps.to_string(),
                None => format!("{} of {steps}", steps_made(told)),
            }),
        ));
    }
    if let Some(of) = outcome {
        facts.push(("time", Some(format!("{}; {:.3} s a step", duration(of.seconds), of.seconds_per_step))));
        facts.push(("peak memory", of.peak_rss_mib.map(|mib| format!("{mib:.0} MiB"))));
    }
    facts.into_iter().filter_map(|(name, fact)| Some((name, Text::from(fact?)))).collect()
}

/// The steps that were made so far.
pub(super) fn steps_made(told: &Told) -> usize {
    let steps = told.events.iter().rev().find_map(|timed| match timed.event {
        Event::Step { step, .. } => Some(step),
        _ => None,
    });
    steps.unwrap_or_default()
}

fn share(entries: usize, total: usize) -> String {
    format!("{entries} parameters ({:.2} %)", 100.0 * entries as f64 / total.max(1) as f64)
}

fn duration(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60) {
        (0, 0) => format!("{seconds:.1} s"),
        (0, minutes) => format!("{minutes} min {} s", whole % 60),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// The figures that speak of a score near zero.
pub(super) fn figures(run: &Run, config: &toml::Table, told: &Told, score: f64) -> Figures {
    let number =
        |key: &str| config.get("training").and_then(|table| table.get(key)).and_then(toml::Value::as_integer);
    let windows = told.events.iter().find_map(|timed| match timed.event {
        Event::Started { train_examples, train_windows, .. } => Some(train_examples.max(train_windows)),
        _ => None,
    });
    // With a limit of pieces the size of a batch is not known.
    let batch = number("batch_size").filter(|_| number("batch_pieces") == Some(0));
    let passes = windows.filter(|&windows| windows > 0).zip(batch).map(|(windows, batch)| {
        let seen = steps_made(told) as f64 * batch as f64 * number("accumulate").unwrap_or(1) as f64;
        seen / windows as f64
    });
    let highest = run.learning_rates.iter().map(|rate| rate.1).fold(0.0, f64::max);
    let mut figures = Figures {
        score,
        losses: run.losses.clone(),
        learning_rate: (highest > 0.0).then_some(highest),
        passes: passes.filter(|&passes| passes > 0.0),
        faults: run.faults.clone(),
        ..Figures::default()
    };
    if let Some(scored) = &run.scored {
        count(&mut figures, scored);
        // A state without any slot is one that can be found.
        let task = config.get("task").and_then(|table| table.get("name")?.as_str());
        if task != Some(TaskKind::DialogueState.name()) {
            let annotations = |of: &Sentence| of.gold.spans.len() + of.gold.items.len();
            figures.annotations = Some(scored.iter().map(annotations).sum());
        }
    }
    figures
}

/// What `scored` says of labels and borders.
fn count(figures: &mut Figures, scored: &[Sentence]) {
    let spans = Confusion::of(scored, 0, true);
    let confusion = if spans.is_empty() { Confusion::of(scored, 0, false) } else { spans };
    let labels = confusion.labels.iter().enumerate();
    figures.labels = labels
        .map(|(at, label)| {
            let found = confusion.times_found(at) + confusion.borders[at];
            (label.shown().into_owned(), confusion.times_gold(at), found)
        })
        .collect();
    for of in scored.iter().flat_map(|sentence| sentence.alignment(0).gold_spans) {
        figures.spans += 1;
        figures.borders += usize::from(of.verdict == Verdict::Borders);
        figures.mislabelled += usize::from(of.verdict == Verdict::Label);
    }
}
