//! The progress of a run: a bar on a terminal, else a line now and then.

use fishdip_train::{Event, Phase, Sink};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::Instant;

use crate::shown::shown;

/// Without a terminal, a line is printed after so many steps.
const STEPS_A_LINE: usize = 50;

/// What a bar shows.
#[derive(Clone, Copy, PartialEq)]
enum Shows {
    Nothing,
    Steps,
    Phase(Phase),
}

/// Shows events on standard error.
pub(crate) struct View {
    bar: ProgressBar,
    terminal: bool,
    steps: usize,
    entries: usize,
    churn: Option<f64>,
    /// Exponential mean of the loss, so that single batches do not hide the trend.
    loss: Option<f32>,
    training: Option<Instant>,
    /// What the bar shows.
    shows: Shows,
}

impl View {
    pub(crate) fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self {
            bar,
            terminal,
            steps: 0,
            entries: 0,
            churn: None,
            loss: None,
            training: None,
            shows: Shows::Nothing,
        }
    }

    /// A line that stays, above the bar if there is one.
    fn line(&self, text: &str) {
        let text = shown(text);
        if self.terminal && !self.bar.is_hidden() {
            self.bar.println(&*text);
        } else {
            // Progress is not worth failing for.
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    fn open(&mut self, length: usize, template: &str) {
        self.bar.finish_and_clear();
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let target = if self.terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        self.bar = ProgressBar::with_draw_target(Some(length as u64), target).with_style(style);
    }

    fn close(&mut self) {
        self.bar.finish_and_clear();
        self.shows = Shows::Nothing;
    }

    /// A bar for something else than steps.
    fn progress(&mut self, phase: Phase, done: usize, total: usize) {
        let name = match phase {
            Phase::Ranking => "ranking",
            Phase::Fisher => "Fisher information",
            Phase::Scoring => "scoring",
        };
        if self.shows != Shows::Phase(phase) {
            self.open(total, &format!("{name} {{bar:30}} {{pos}}/{{len}} · {{eta}} left"));
            self.shows = Shows::Phase(phase);
        }
        self.bar.set_position(done as u64);
        if done == total {
            self.close();
        }
    }

    fn mask(&self) -> String {
        let churn = self.churn.map_or_else(String::new, |c| format!(" (churn {:.0} %)", 100.0 * c));
        format!("{} parameters{churn}", self.entries)
    }

    fn step(&mut self, step: usize, loss: f32) {
        let mean = self.loss.map_or(loss, |mean| mean + 0.05 * (loss - mean));
        self.loss = Some(mean);
        if self.terminal {
            if self.shows != Shows::Steps {
                self.open(self.steps, "training {bar:30} {pos}/{len} · {msg} · {eta} left");
                self.shows = Shows::Steps;
            }
            self.bar.set_position(step as u64);
            self.bar.set_message(format!("loss {mean:.3} · {}", self.mask()));
        } else if step.is_multiple_of(STEPS_A_LINE) || step == self.steps {
            let seconds = self.training.map_or(0.0, |t| t.elapsed().as_secs_f64());
            let left = seconds / step as f64 * (self.steps - step) as f64;
            self.line(&format!(
                "step {step}/{}: loss {mean:.3}, {}, {left:.0} s left",
                self.steps,
                self.mask()
            ));
        }
    }
}

impl Sink for View {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Started { run, task, train_examples, train_windows, eval_examples, entries_total, steps, .. } => {
                self.steps = *steps;
                let windows = if train_windows == train_examples {
                    String::new()
                } else {
                    format!(" in {train_windows} windows")
                };
                self.line(&format!(
                    "{task}: {train_examples} examples to train on{windows}, {eval_examples} to score; \
                     {entries_total} parameters; run folder {}",
                    run.display()
                ));
            }
            Event::HeldOut { file, examples, left, share, seed } => self.line(&format!(
                "no data.eval: {examples} examples of {} are held out to be scored ({:.0} %, drawn with seed {seed}); {left} are left",
                file.display(),
                100.0 * share
            )),
            Event::Warning { message } => self.line(&format!("warning: {message}")),
            Event::Note { message } => self.line(&format!("note: {message}")),
            Event::Progress { phase, done, total } => self.progress(*phase, *done, *total),
            Event::Evaluated { step, report, best, seconds } => {
                let when = match *step {
                    0 => "before training".to_owned(),
                    step if step == self.steps => "after training".to_owned(),
                    step => format!("after step {step}"),
                };
                let best = if *best { ", the best so far" } else { "" };
                self.line(&format!(
                    "{when}: {} {:.4}{best} ({seconds:.1} s)",
                    report.headline_name(),
                    report.headline()
                ));
            }
            Event::MaskChosen { step, entries, churn, .. } => {
                self.training.get_or_insert_with(Instant::now);
                if *step > 0 {
                    self.churn = Some(*churn);
                }
                self.entries = *entries;
            }
            Event::Step { step, loss, .. } => {
                self.step(*step, *loss);
                if *step == self.steps {
                    self.close();
                }
            }
            Event::StoppedEarly { step, checks } => {
                self.line(&format!("stopped early at step {step}: nothing got better in {checks} checks"));
            }
            Event::Resumed { run, step, steps } => {
                self.line(&format!("{} goes on from step {step} of {steps}", run.display()));
            }
            Event::EntryCost { .. } | Event::Batch { .. } | Event::Checkpoint { .. } => {}
            Event::Saved { .. } => self.close(),
        }
    }
}
