//! The progress of a run: a bar on a terminal, else a line now and then.

use fishdip_train::{Event, Sink};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::Instant;

use crate::shown::shown;

/// Without a terminal, a line is printed after so many steps.
const STEPS_A_LINE: usize = 50;

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
}

impl View {
    pub(crate) fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self { bar, terminal, steps: 0, entries: 0, churn: None, loss: None, training: None }
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

    fn mask(&self) -> String {
        let churn = self.churn.map_or_else(String::new, |c| format!(" (churn {:.0} %)", 100.0 * c));
        format!("{} parameters{churn}", self.entries)
    }

    fn step(&mut self, step: usize, loss: f32) {
        let mean = self.loss.map_or(loss, |mean| mean + 0.05 * (loss - mean));
        self.loss = Some(mean);
        if self.terminal {
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
            Event::Evaluating { done, total } => {
                if self.bar.length() != Some(*total as u64) || self.bar.is_finished() {
                    self.open(*total, "evaluating {bar:30} {pos}/{len} · {eta} left");
                }
                self.bar.set_position(*done as u64);
                if done == total {
                    self.bar.finish_and_clear();
                }
            }
            Event::Evaluated { step, report, seconds } => {
                let when = if *step == 0 { "before training" } else { "after training" };
                self.line(&format!(
                    "{when}: {} {:.4} ({seconds:.1} s)",
                    report.headline_name(),
                    report.headline()
                ));
            }
            Event::MaskChosen { step, entries, churn, .. } => {
                if *step == 0 {
                    self.training = Some(Instant::now());
                    self.open(self.steps, "training {bar:30} {pos}/{len} · {msg} · {eta} left");
                } else {
                    self.churn = Some(*churn);
                }
                self.entries = *entries;
            }
            Event::Step { step, loss, .. } => {
                self.step(*step, *loss);
                if *step == self.steps {
                    self.bar.finish_and_clear();
                }
            }
            Event::EntryCost { .. } => {}
            Event::Saved { .. } => self.bar.finish_and_clear(),
        }
    }
}
