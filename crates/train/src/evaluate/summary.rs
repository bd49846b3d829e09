//! Several adapters of one task, such as those of one config and several seeds, as one score.

use serde::Serialize;

use super::Evaluation;
use crate::spread::mean_and_spread;

/// The main scores of the adapters of one task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreSummary {
    /// The task.
    pub task: &'static str,
    /// What the scores are: F1, accuracy or another.
    pub metric: &'static str,
    /// How many adapters.
    pub adapters: usize,
    /// The mean of their scores.
    pub mean: f64,
    /// The standard deviation of their scores, of a sample.
    pub spread: f64,
}

impl ScoreSummary {
    /// A summary for each task that two or more of `results` have, in their order.
    pub fn of(results: &[Evaluation]) -> Vec<Self> {
        let mut tasks: Vec<&'static str> = Vec::new();
        for result in results {
            if !tasks.contains(&result.task) {
                tasks.push(result.task);
            }
        }
        let summary = |task: &'static str| {
            let of_task: Vec<&Evaluation> = results.iter().filter(|result| result.task == task).collect();
            let scores: Vec<f64> = of_task.iter().map(|result| result.score.headline()).collect();
            let (mean, spread) = mean_and_spread(&scores);
            let metric = of_task.first()?.score.headline_name();
            Some(Self { task, metric, adapters: scores.len(), mean, spread: spread? })
        };
        tasks.into_iter().filter_map(summary).collect()
    }
}
