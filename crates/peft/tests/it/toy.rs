//! A model of three weights.

use burn::tensor::{Device, Tensor, TensorData};
use fishdip_peft::{Adaptable, FileLayout, Weight};

pub(crate) struct Toy(pub(crate) Vec<Weight>);

impl Toy {
    /// Weights `a` `[3, 4]` (transposed in files), `b` `[2, 2]` and `c` `[1, 5]`, different for each `seed`.
    pub(crate) fn new(seed: f32, device: &Device) -> Self {
        let shapes = [
            ("a", [3, 4], FileLayout::Transposed),
            ("b", [2, 2], FileLayout::AsIs),
            ("c", [1, 5], FileLayout::AsIs),
        ];
        let weight = |(name, shape, layout): (&str, [usize; 2], FileLayout)| {
            let values: Vec<f32> = (0..shape[0] * shape[1]).map(|i| (i as f32 * 1.7 + seed).sin()).collect();
            Weight::new(
                format!("{name}.weight"),
                Tensor::from_data(TensorData::new(values, shape), device),
                layout,
            )
        };
        Self(shapes.into_iter().map(weight).collect())
    }

    pub(crate) fn bits(&self) -> Vec<Vec<u32>> {
        let bits = |w: &Weight| w.dense().into_data().iter::<f32>().map(f32::to_bits).collect();
        self.0.iter().map(bits).collect()
    }
}

impl Adaptable for Toy {
    fn weights(&self) -> Vec<&Weight> {
        self.0.iter().collect()
    }

    fn weights_mut(&mut self) -> Vec<&mut Weight> {
        self.0.iter_mut().collect()
    }
}
