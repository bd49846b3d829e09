//! Prompt tuning: learned vectors in front of the embedded source (arXiv 2104.08691).

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::{FileLayout, Weight};

/// Settings of prompt tuning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PromptConfig {
    /// How many vectors.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 65_536)))]
    pub length: usize,
}

impl Default for PromptConfig {
    fn default() -> Self {
        Self { length: 20 }
    }
}

/// The vectors.
#[derive(Debug)]
pub struct Prompt(Weight);

impl Prompt {
    /// Vectors that begin as `rows` of the embedding `table`, evenly spread over its first half, where pieces are frequent: near to what the
    /// model knows (section 3.2 of the paper).
    pub fn new(config: &PromptConfig, path: &str, table: &Weight) -> Self {
        let [rows, _] = table.shape();
        let step = (rows / 2 / config.length).max(1);
        let ids: Vec<i32> = (0..config.length).map(|i| ((i * step) % rows) as i32).collect();
        let ids = Tensor::from_data(burn::tensor::TensorData::new(ids, [config.length]), &table.device());
        Self(Weight::added(path, table.dense().select(0, ids), FileLayout::AsIs))
    }

    /// How many vectors there are.
    pub fn length(&self) -> usize {
        self.0.shape()[0]
    }

    /// The vectors for each of `batch` samples, `[batch, length, width]`.
    pub fn forward(&self, batch: usize, device: &Device) -> Tensor<3> {
        let [length, width] = self.0.shape();
        self.0.on(device).unsqueeze::<3>().expand([batch, length, width])
    }

    /// Its weight.
    pub fn weight(&self) -> &Weight {
        &self.0
    }

    /// The same.
    pub fn weight_mut(&mut self) -> &mut Weight {
        &mut self.0
    }
}
