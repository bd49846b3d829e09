//! Cross-validation: a run for each fold of one file, and what they come to together.
//!
//! A fold is a cell as those of a study are: a run folder from which all is told, so that folds that are done are not run again.

use fishdip_peft::replace_file;
use fishdip_tasks::Outcomes;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::cells::{Cell, TABLE};
use super::state::{failure, is_done};
use crate::continued::Continued;
use crate::data::RunData;
use crate::data_files::DataFiles;
use crate::run_folder::take_turn;
use crate::run_result::{self, RunResult};
use crate::spread::{headline, mean_and_spread};
use crate::{CellState, Error, RunConfig, Watch};

/// The runs of a cross-validation.
#[derive(Clone, Debug)]
pub struct CrossValidation {
    out: PathBuf,
    asked: Asked,
    folds: Vec<Cell>,
}

/// What of a config decides how the table of its folds looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// The name of the task.
    pub(crate) task: &'static str,
    /// How many folds there are.
    pub(crate) folds: usize,
    /// The most examples that a fold is trained on; 0: all outside of it.
    pub(crate) train_examples: usize,
    /// By what the adapter is that of a step on the way, where it is.
    pub(crate) best: Option<Best>,
}

/// What the step of an adapter is the best by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Best {
    /// The scores of its own fold.
    Score,
    /// How smooth the layers are, which no held-out label tells.
    Smoothness,
}

impl Best {
    /// That of a training which is watched by `watch`, and scored on its way or not.
    pub(crate) fn of(watch: Option<Watch>, is_scored: bool) -> Option<Self> {
        match watch {
            Some(Watch::Smoothness) => Some(Self::Smoothness),
            _ => is_scored.then_some(Self::Score),
        }
    }
}

impl CrossValidation {
    /// A run of `config`, which names `data.folds`, for each fold, in the folders `fold-1`, `fold-2` and so on of `out`. Those that are there
    /// already are compared with what `config` asks for, and the data of the others are read. Nothing is written.
    pub fn new(config: &RunConfig, out: &Path) -> Result<Self, Error> {
        config.check()?;
        if out.join("config.toml").is_file() {
            // It holds a single run.
            return Err(Error::RunExists { path: out.to_owned() });
        }
        let cell = |fold: usize| {
            let name = FoldTable::name_of(fold);
            let (folder, mut config) = (out.join(&name), config.clone());
            config.data.fold = Some(fold);
            Cell { name, folder, config, seed: None, group: 0 }
        };
        let folds: Vec<Cell> = (1..=config.data.folds.unwrap_or(0)).map(cell).collect();
        let mut files = DataFiles::default();
        folds.iter().try_for_each(|cell| {
            cell.check(&mut files).map_err(|error| match error {
                Error::CellChanged { cell, folder, difference } => {
                    Error::FoldChanged { fold: cell, folder, difference }
                }
                Error::DataChanged { file, folder, .. } => {
                    Error::DataChanged { run: format!("{} of the cross-validation", cell.name), file, folder }
                }
                other => other,
            })
        })?;
        if let Some(cell) = folds.iter().find(|cell| cell.state() != CellState::Done) {
            // What is wrong with the data is told once, not by every fold.
            let continued = Continued::load(config)?;
            let task = continued.map_or_else(|| config.task.clone(), |from| from.task(&config.task));
            RunData::read(&cell.config.data, &task, config.training.seed)?;
        }
        let asked = Asked {
            task: config.task.name.name(),
            folds: folds.len(),
            train_examples: config.data.train_examples,
            best: Best::of(Some(config.training.watch), config.evaluation.every > 0),
        };
        Ok(Self { out: out.to_owned(), asked, folds })
    }

    /// All folds, in their order.
    pub fn folds(&self) -> &[Cell] {
        &self.folds
    }

    /// The fold of a number, from 1.
    pub fn fold(&self, number: usize) -> Result<&Cell, Error> {
        let fold = number.checked_sub(1).and_then(|index| self.folds.get(index));
        fold.ok_or(Error::NoFold { fold: number, folds: self.folds.len() })
    }

    /// Makes the table of what the folds have come to, and writes it into their folder.
    pub fn write_table(&self) -> Result<FoldTable, Error> {
        let table = self.table()?;
        let _turn = take_turn(&self.out)?;
        replace_file(&self.out.join(TABLE), table.to_markdown().as_bytes())?;
        Ok(table)
    }

    fn table(&self) -> Result<FoldTable, Error> {
        FoldTable::of(&self.out, self.asked)
    }
}

fn row(folder: &Path, name: String, result: Option<&RunResult>, asked: Asked) -> FoldRow {
    let most = asked.train_examples;
    let trained_on = |left: usize| if most == 0 { left } else { left.min(most) };
    let why = || failure(folder).unwrap_or_else(|| "it is not done".to_owned());
    FoldRow {
        name,
        run: folder.to_owned(),
        train_examples: result.and_then(|result| Some(trained_on(result.figures.held_out.as_ref()?.left))),
        eval_examples: result.map(|result| result.scored.outcomes.len()),
        score: result.map(|result| result.figures.after.headline()),
        best_step: result.filter(|_| asked.best.is_some()).and_then(|result| result.figures.best_step),
        error: result.is_none().then(why),
    }
}

/// What a cross-validation has come to.
#[derive(Clone, Debug, Serialize)]
pub struct FoldTable {
    /// The folder of the folds.
    pub run: PathBuf,
    /// The task.
    pub task: &'static str,
    /// What the scores are: F1, accuracy or another.
    pub metric: String,
    /// A row a fold.
    pub folds: Vec<FoldRow>,
    /// The mean of the folds' scores; as the figures below, only once all folds are done.
    pub mean: Option<f64>,
    /// The standard deviation of the folds' scores, of a sample.
    pub spread: Option<f64>,
    /// The score of all examples together, each as the fold has it that did not train on it.
    pub pooled: Option<f64>,
    /// Where the pooled score lies with 95 % confidence: a bootstrap over the examples.
    pub interval: Option<[f64; 2]>,
    /// By what the best steps were found.
    #[serde(skip)]
    best: Option<Best>,
}

/// One fold.
#[derive(Clone, Debug, Serialize)]
pub struct FoldRow {
    /// The name of its folder.
    pub name: String,
    /// Its run folder.
    pub run: PathBuf,
    /// Examples that were trained on: those outside of the fold, or as many of them as the config asks for.
    pub train_examples: Option<usize>,
    /// Examples that were scored.
    pub eval_examples: Option<usize>,
    /// The score.
    pub score: Option<f64>,
    /// The step whose adapter was kept, where it was scored on its way.
    pub best_step: Option<usize>,
    /// Why it is not done.
    pub error: Option<String>,
}

impl FoldTable {
    /// The name of the folder of a fold.
    pub(crate) fn name_of(fold: usize) -> String {
        format!("fold-{fold}")
    }

    /// What the folds in the folder `out` have come to.
    pub(crate) fn of(out: &Path, asked: Asked) -> Result<Self, Error> {
        let mut done: Vec<RunResult> = Vec::new();
        let mut folds = Vec::new();
        for name in (1..=asked.folds).map(Self::name_of) {
            let folder = out.join(&name);
            let result = is_done(&folder).then(|| run_result::read(&folder)).transpose()?;
            folds.push(row(&folder, name, result.as_ref(), asked));
            done.extend(result);
        }
        let scores: Vec<f64> = done.iter().map(|result| result.figures.after.headline()).collect();
        let metric = done.first().map_or("score", |result| result.figures.after.headline_name());
        let mut table = Self {
            run: out.to_owned(),
            task: asked.task,
            metric: metric.to_owned(),
            folds,
            mean: None,
            spread: None,
            pooled: None,
            interval: None,
            best: asked.best,
        };
        // Of a part of the folds they would be figures of a part of the examples.
        if done.len() == asked.folds
            && let Some(all) = Outcomes::joined(done.iter().map(|result| &result.scored.outcomes))
        {
            let (mean, spread) = mean_and_spread(&scores);
            let pooled = headline(&all);
            (table.mean, table.spread, table.pooled) = (Some(mean), spread, Some(pooled.value));
            table.interval = Some([pooled.low, pooled.high]);
        }
        Ok(table)
    }

    /// What the columns of its lines are.
    pub(crate) fn head(&self) -> [&str; 4] {
        ["fold", "trained on", "scored", &self.metric]
    }

    /// A line a fold.
    pub(crate) fn lines(&self) -> impl Iterator<Item = [String; 4]> {
        let count = |count: Option<usize>| count.map_or_else(|| "-".to_owned(), |count| count.to_string());
        self.folds.iter().map(move |FoldRow { name, train_examples, eval_examples, score, .. }| {
            let score = score.map_or_else(|| "not done".to_owned(), |score| format!("{score:.4}"));
            [name.clone(), count(*train_examples), count(*eval_examples), score]
        })
    }

    /// What the folds come to together, once all are done.
    pub(crate) fn sums(&self) -> Vec<String> {
        let metric = &self.metric;
        let mean = self.mean.zip(self.spread).map(|(mean, spread)| {
            format!("mean {metric} {mean:.4}, standard deviation {spread:.4} over the folds")
        });
        let pooled = self.pooled.zip(self.interval).map(|(pooled, [low, high])| {
            format!(
                "{metric} of all examples together {pooled:.4}, with 95 % confidence {low:.4} to {high:.4} (bootstrap over examples)"
            )
        });
        mean.into_iter().chain(pooled).chain(self.steps()).collect()
    }

    /// How long to train on all examples, where every fold has told which of its steps was the best.
    fn steps(&self) -> Option<String> {
        let steps = self.folds.iter().map(|row| row.best_step).collect::<Option<Vec<usize>>>()?;
        let mut sorted = steps.clone();
        sorted.sort_unstable();
        let middle = *sorted.get(sorted.len() / 2)?;
        let all = steps.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let found = match self.best? {
            Best::Score => {
                format!(
                    "the best steps, fold by fold, were {all}, each found on its own fold, so that the scores above are a little high"
                )
            }
            Best::Smoothness => format!("the smoothest steps, fold by fold, were {all}"),
        };
        Some(format!("{found}; `--set training.steps={middle}` trains as long on all examples"))
    }

    /// Why folds are not done.
    pub(crate) fn failures(&self) -> impl Iterator<Item = String> {
        self.folds.iter().filter_map(|row| {
            let error = row.error.as_ref()?.split_whitespace().collect::<Vec<_>>().join(" ");
            Some(format!("{}: {error}", row.name))
        })
    }

    /// As a table of Markdown, which can be read as it is, with what its figures are.
    pub fn to_markdown(&self) -> String {
        let [_, train, eval, metric] = self.head();
        let width = metric.chars().count().max(8);
        let mut text = format!(
            "| fold     | {train} | {eval} | {metric:>8} |\n|----------|-----------:|-------:|{}:|\n",
            "-".repeat(width + 1)
        );
        // Writing to a String cannot fail.
        for [name, train, eval, score] in self.lines() {
            let _ = writeln!(text, "| {name:8} | {train:>10} | {eval:>6} | {score:>width$} |");
        }
        let apart = |at: usize| if at == 0 { "\n" } else { "" };
        for (at, sum) in self.sums().iter().enumerate() {
            let _ = writeln!(text, "{}{sum}", apart(at));
        }
        for (at, failure) in self.failures().enumerate() {
            let _ = writeln!(text, "{}- {failure}", apart(at));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn table() -> FoldTable {
        let row = |number: usize, score: Option<f64>, error: Option<&str>| FoldRow {
            name: format!("fold-{number}"),
            run: format!("runs/x/fold-{number}").into(),
            train_examples: score.map(|_| 80),
            eval_examples: score.map(|_| 20),
            score,
            best_step: None,
            error: error.map(str::to_owned),
        };
        FoldTable {
            run: "runs/x".into(),
            task: "ner",
            metric: "F1".to_owned(),
            folds: vec![row(1, Some(0.5), None), row(2, None, Some("no\nroom"))],
            mean: None,
            spread: None,
            pooled: None,
            interval: None,
            best: Some(Best::Score),
        }
    }

    #[test]
    fn a_fold_that_is_not_done_is_a_row_without_figures() {
        let expected = "\
| fold     | trained on | scored |       F1 |
|----------|-----------:|-------:|---------:|
| fold-1   |         80 |     20 |   0.5000 |
| fold-2   |          - |      - | not done |

- fold-2: no room
";
        assert_eq!(table().to_markdown(), expected);
    }

    #[test]
    fn figures_of_all_stand_below() {
        let mut table = table();
        (table.folds[1].score, table.folds[1].error) = (Some(0.7), None);
        (table.mean, table.spread, table.pooled) = (Some(0.6), Some(0.141_42), Some(0.61));
        table.interval = Some([0.55, 0.65]);
        (table.folds[0].best_step, table.folds[1].best_step) = (Some(300), Some(200));
        let text = table.to_markdown();
        assert!(
            text.contains("\nthe best steps, fold by fold, were 300, 200, each found on its own fold"),
            "{text}"
        );
        assert!(text.contains("`--set training.steps=300` trains"), "{text}");
        // No label of the fold was looked at.
        table.best = Some(Best::Smoothness);
        let text = table.to_markdown();
        assert!(text.contains("\nthe smoothest steps, fold by fold, were 300, 200; `--set"), "{text}");
        assert!(text.contains("\nmean F1 0.6000, standard deviation 0.1414 over the folds\n"), "{text}");
        assert!(
            text.contains("\nF1 of all examples together 0.6100, with 95 % confidence 0.5500 to 0.6500"),
            "{text}"
        );
    }
}
