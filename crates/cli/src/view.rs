//! The progress of a run: a bar on a terminal, else a line now and then.

use fishdip_train::tasks::counted;
use fishdip_train::{Event, Phase, Sink};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::time::Instant;
use tracing::level_filters::LevelFilter;

use crate::loading::Loading;
use crate::pace::Pace;
use crate::shown::shown;

/// The bar has what the rest leaves of the line.
const TEMPLATE: &str = "{prefix} {wide_bar} {pos}/{len} · {msg}";

/// Where nobody knows how much there is.
const COUNT: &str = "{prefix} {spinner} {pos} · {elapsed}";

/// Shows events on standard error.
pub(crate) struct View {
    bar: ProgressBar,
    terminal: bool,
    steps: usize,
    entries: usize,
    churn: Option<f64>,
    /// Exponential mean of the loss, so that single batches do not hide the trend.
    loss: Option<f32>,
    /// When the last event came, or the view was made: what the next one tells of began then.
    last: Instant,
    training: Option<Pace>,
    loading: Option<Loading>,
    /// What was warned of.
    warned: BTreeSet<String>,
    /// Of the phase that the bar shows, if that is not the training.
    phase: Pace,
}

impl View {
    pub(crate) fn new() -> Self {
        // A bar and the lines of a log would write over each other.
        let is_logged = LevelFilter::current() >= LevelFilter::INFO;
        let terminal = std::io::stderr().is_terminal() && !is_logged;
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let last = Instant::now();
        let phase = Pace::if_long(last);
        Self {
            bar,
            terminal,
            steps: 0,
            entries: 0,
            churn: None,
            loss: None,
            last,
            training: None,
            loading: None,
            warned: BTreeSet::new(),
            phase,
        }
    }

    /// Whether it shows bars, and no lines in their place.
    pub(crate) fn has_bars(&self) -> bool {
        self.terminal
    }

    /// Tells it once, though it holds every time that a model is scored.
    fn warn(&mut self, message: &str) {
        if self.warned.insert(message.to_owned()) {
            self.line(&format!("warning: {message}"));
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

    /// Has the bar show the phase `name` of `total` parts, and says whether it is another one than before.
    fn open(&mut self, name: &'static str, total: usize) -> bool {
        if !self.bar.is_finished() && self.bar.prefix() == name {
            return false;
        }
        self.bar.finish_and_clear();
        let template = if total == 0 { COUNT } else { TEMPLATE };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let target = if self.terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        self.bar = bar.with_style(style).with_prefix(name);
        true
    }

    /// A phase that may be long has come to `done` of `total` parts.
    fn phase(&mut self, name: &'static str, done: usize, total: usize) {
        let now = Instant::now();
        if self.open(name, total) {
            self.phase = Pace::if_long(self.last);
        }
        let left = self.phase.left(now, done, total);
        if done == total {
            self.bar.finish_and_clear();
        } else if self.terminal {
            self.bar.set_message(left);
            self.bar.set_position(done as u64);
        } else if self.phase.is_due(now) {
            self.line(&format!("{name} {done}/{total}, {left}"));
        }
    }

    fn step(&mut self, step: usize, loss: f32) {
        let now = Instant::now();
        let mean = self.loss.map_or(loss, |mean| mean + 0.05 * (loss - mean));
        self.loss = Some(mean);
        self.open("training", self.steps);
        let is_last = step == self.steps;
        let pace = self.training.get_or_insert_with(|| Pace::at_once(self.last, step.saturating_sub(1)));
        let left = pace.left(now, step, self.steps);
        if self.terminal {
            let churn = self.churn.map_or_else(String::new, |c| format!(" · churn {:.0} %", 100.0 * c));
            self.bar.set_message(format!("loss {mean:.3}{churn} · {left}"));
            self.bar.set_position(step as u64);
        } else if pace.is_due(now) || is_last {
            let churn = self.churn.map_or_else(String::new, |c| format!(" (churn {:.0} %)", 100.0 * c));
            let (steps, entries) = (self.steps, self.entries);
            self.line(&format!("step {step}/{steps}: loss {mean:.3}, {entries} parameters{churn}, {left}"));
        }
        if is_last {
            self.bar.finish_and_clear();
        }
    }
}

impl Sink for View {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Started {
                run,
                task,
                train_examples,
                train_windows,
                eval_examples,
                entries_total,
                steps,
                ..
            } => {
                // Another training than the last one, where there are several.
                (self.steps, self.loss, self.churn, self.training) = (*steps, None, None, None);
                let windows = if train_windows == train_examples {
                    String::new()
                } else {
                    format!(" in {}", counted(*train_windows, "window"))
                };
                self.line(&format!(
                    "{task}: {} to train on{windows}, {eval_examples} to score; \
                     {entries_total} parameters; run folder {}",
                    counted(*train_examples, "example"),
                    run.display()
                ));
            }
            Event::HeldOut { file, examples, left, share, seed } => {
                let be = |count: usize| if count == 1 { "is" } else { "are" };
                self.line(&format!(
                    "no data.eval: {} of {} {} held out to be scored ({:.0} %, drawn with seed {seed}); {left} {} left",
                    counted(*examples, "example"),
                    file.display(),
                    be(*examples),
                    100.0 * share,
                    be(*left)
                ));
            }
            Event::Warning { message } => self.warn(message),
            Event::Note { message } => self.line(&format!("note: {message}")),
            Event::Progress { phase: Phase::Loading, done, total } if !self.terminal => match done {
                0 => self.loading = Some(Loading::begin()),
                done if done == total => self.loading = None,
                _ => {}
            },
            Event::Progress { phase, done, total } => {
                let name = match phase {
                    Phase::Loading => "loading",
                    Phase::Ranking => "ranking",
                    Phase::Fisher => "Fisher information",
                    Phase::Scoring => "scoring",
                    Phase::Following => "following targets",
                    Phase::Answering => "predicting",
                };
                self.phase(name, *done, *total);
            }
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
            Event::HeldOutLoss { step, loss, texts } => {
                self.line(&format!("after step {step}: loss {loss:.4} on {texts} texts that are held out"));
            }
            Event::MaskChosen { step, entries, churn, .. } => {
                // The first mask has none before it.
                self.churn = (*step > 0).then_some(*churn);
                self.entries = *entries;
            }
            Event::Step { step, loss, .. } => self.step(*step, *loss),
            Event::Followed { step, right, probabilities, seconds, .. } => {
                let (right, all) = (right.len(), probabilities.len());
                self.line(&format!(
                    "after step {step}: {right} of {all} training examples are learnt ({seconds:.1} s)"
                ));
            }
            Event::Smoothness { step, index, best, seconds } => {
                let index = index.map_or_else(|| "none".to_owned(), |index| format!("{index:.4}"));
                let best = if *best { ", the smoothest so far" } else { "" };
                self.line(&format!(
                    "after step {step}: smoothness of the layers {index}{best} ({seconds:.1} s)"
                ));
            }
            Event::StoppedEarly { step, checks } => {
                self.line(&format!("stopped early at step {step}: nothing got better in {checks} checks"));
            }
            Event::Resumed { run, step, steps, entries } => {
                self.entries = *entries;
                self.line(&format!("{} goes on from step {step} of {steps}", run.display()));
            }
            Event::EntryCost { .. } | Event::Batch { .. } | Event::Checkpoint { .. } => {}
            Event::Saved { .. } => self.bar.finish_and_clear(),
        }
        self.last = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use indicatif::TermLike;
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A terminal of 80 columns that keeps what stands in its last line.
    #[derive(Clone, Debug, Default)]
    struct Terminal(Arc<Mutex<String>>);

    impl TermLike for Terminal {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(&format!("{text}\n"))
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().map_err(|_| io::ErrorKind::Other)?.push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().map_err(|_| io::ErrorKind::Other)?.clear();
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_bar_of_a_long_training_is_a_line_of_80_columns() {
        let terminal = Terminal::default();
        let mut view = View::new();
        (view.terminal, view.steps, view.churn) = (true, 120_000, Some(1.0));
        view.open("training", view.steps);
        view.bar.set_draw_target(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        view.step(1, 12.345);
        view.bar.tick();
        let line = terminal.0.lock().unwrap().clone();
        assert!(line.starts_with("training "), "{line:?}");
        assert!(
            line.contains("1/120000 · loss 12.345 · churn 100 % · ") && line.ends_with(" left"),
            "{line:?}"
        );
        assert_eq!(line.chars().count(), 80, "{line:?}");
    }

    #[test]
    fn the_bar_of_answers_goes_when_all_are_written() {
        let terminal = Terminal::default();
        let mut view = View::new();
        view.terminal = true;
        let told = |done| Event::Progress { phase: Phase::Answering, done, total: 10_000 };
        view.event(&told(0));
        view.bar.set_draw_target(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        view.event(&told(2_500));
        view.bar.tick();
        let line = terminal.0.lock().unwrap().clone();
        assert!(line.starts_with("predicting ") && line.contains("2500/10000 · "), "{line:?}");
        view.event(&told(10_000));
        assert!(terminal.0.lock().unwrap().trim().is_empty());
    }
}
