//! The values that added weights begin with.

use burn::tensor::{DType, Device, Tensor, TensorData};
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

use crate::{FileLayout, Weight};

/// Makes added weights on a device. The values of each follow from the seed and its path alone, in whatever order weights are made.
#[derive(Clone, Debug)]
pub struct Initial {
    /// Decides random values.
    pub seed: u64,
    /// The type of the model's weights.
    pub dtype: DType,
    /// Where the model is, without autodiff.
    pub device: Device,
}

impl Initial {
    /// Uniform in ±`bound`.
    pub fn uniform(&self, path: String, shape: [usize; 2], layout: FileLayout, bound: f32) -> Weight {
        let mut numbers = self.numbers(&path);
        let values = (0..shape[0] * shape[1]).map(|_| (2.0 * unit(&mut numbers) as f32 - 1.0) * bound);
        self.weight(path, values.collect(), shape, layout)
    }

    /// Normal, with mean 0 and this standard deviation.
    pub fn normal(&self, path: String, shape: [usize; 2], layout: FileLayout, deviation: f32) -> Weight {
        let mut numbers = self.numbers(&path);
        // Box and Muller's: two uniform numbers make two normal ones, of which the second is left.
        let mut normal = || {
            let radius = (-2.0 * (1.0 - unit(&mut numbers)).ln()).sqrt();
            (radius * (core::f64::consts::TAU * unit(&mut numbers)).cos()) as f32 * deviation
        };
        let values = (0..shape[0] * shape[1]).map(|_| normal()).collect();
        self.weight(path, values, shape, layout)
    }

    /// The same value everywhere. Learning rates that follow the scale of a weight take it to be `rms`: zeros have none of their own.
    pub fn constant(
        &self,
        path: String,
        shape: [usize; 2],
        layout: FileLayout,
        value: f32,
        rms: f32,
    ) -> Weight {
        self.weight(path, vec![value; shape[0] * shape[1]], shape, layout).stepped_like(rms)
    }

    fn weight(&self, path: String, values: Vec<f32>, shape: [usize; 2], layout: FileLayout) -> Weight {
        let dense = Tensor::from_data(TensorData::new(values, shape), (&self.device, self.dtype));
        Weight::added(path, dense, layout)
    }

    fn numbers(&self, path: &str) -> SplitMix64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes()).update(path.as_bytes());
        let mut seed = [0; 8];
        hasher.finalize_xof().fill(&mut seed);
        SplitMix64::seed_from_u64(u64::from_le_bytes(seed))
    }
}

/// Uniform in [0, 1).
fn unit(numbers: &mut SplitMix64) -> f64 {
    (numbers.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// The largest value of a new linear layer of `input` features, as PyTorch begins one: uniform in ±1/√input.
pub(super) fn bound(input: usize) -> f32 {
    1.0 / (input.max(1) as f32).sqrt()
}

/// The RMS of values that are uniform in ±`bound`.
pub(super) fn rms_of_uniform(bound: f32) -> f32 {
    bound / 3f32.sqrt()
}
