//! What an adapter tells of the run that left it.

use fishdip_peft::AdapterConfig;
use fishdip_t5::Precision;
use fishdip_tasks::Schema;
use fishdip_tasks::score::Temperatures;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

use crate::config::{DataConfig, EvaluationConfig, MethodName, TaskConfig};
use crate::{Error, HeldOut, RunConfig};

/// What a run leaves in `adapter_config.json` for later use.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunInfo {
    /// The task; its labels are written out.
    pub task: TaskConfig,
    /// The data that the adapter was trained on.
    pub data: DataConfig,
    /// How outputs are decoded.
    pub evaluation: EvaluationConfig,
    /// The method. Absent in older adapters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodName>,
    /// The optimizer steps that the adapter has, without those of an adapter that the run began with. Absent in older adapters and merged ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// Whether the run was a pretraining, which learns no label.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pretrained: bool,
    /// The float type that the model computed in.
    #[serde(default)]
    pub dtype: Precision,
    /// The part of the training file that was scored, where there was no file for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<HeldOut>,
    /// What makes probabilities of scores, once it was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<ScoreCalibration>,
}

impl RunInfo {
    /// What the run read, and the part of the training file that it scored: what [`named_split`](crate::named_split) asks for.
    pub fn of_data(&self) -> (&DataConfig, Option<&HeldOut>) {
        (&self.data, self.held_out.as_ref())
    }

    /// What to know of the `examples` of the split `split`, where the run of the adapter scored a sample of them alone.
    pub fn scored_part(&self, split: &str, examples: usize) -> Option<String> {
        let sample = self.data.eval_examples;
        (split == "eval" && sample > 0 && sample < examples).then(|| {
            format!(
                "the run of the adapter scored a sample of {sample} (data.eval_examples) of these {examples} examples; all of them are scored here, so that \
                 the scores are not those of the run"
            )
        })
    }

    /// What the adapter in `folder` keeps of its run.
    pub(crate) fn of(adapter: &AdapterConfig, folder: &Path) -> Result<Self, Error> {
        let damaged = |reason: String| fishdip_peft::Error::Damaged {
            path: folder.join("adapter_config.json"),
            reason,
        };
        let mut info: Self =
            serde_json::from_value(adapter.run.clone()).map_err(|e| damaged(e.to_string()))?;
        let numbers = info.data.check().and_then(|()| info.evaluation.check());
        numbers.map_err(|e| damaged(e.to_string()))?;
        info.data.keep_options_of_format();
        Ok(info)
    }

    /// What a run of `config` leaves; how many steps it made is known when it is saved.
    pub(crate) fn new(config: &RunConfig, schema: &Schema, held_out: Option<HeldOut>) -> Self {
        Self {
            task: config.task.with_labels(schema),
            data: config.data.clone(),
            evaluation: config.evaluation.clone(),
            method: Some(config.method.name),
            steps: None,
            pretrained: config.pretrain.is_some() && config.active.is_none(),
            dtype: config.model.dtype,
            held_out,
            calibration: None,
        }
    }
}

/// What makes probabilities of an adapter's scores, as `adapter_config.json` keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreCalibration {
    /// The file that it was fitted to.
    pub data: PathBuf,
    /// How many scores it was fitted to.
    pub n: usize,
    /// The expected calibration error of the scores there as the model gives them.
    pub before: f64,
    /// That of calibrated scores, each by a fit that has not seen it.
    pub after: f64,
    /// The temperatures.
    pub temperatures: Temperatures,
}
