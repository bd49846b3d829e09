//! What the ways to a masked gradient cost on the machine at hand.

use std::time::{Duration, Instant};

use burn::backend::Dispatch;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::{MaskedLinearOps as _, gathered_weight_gradient};

/// What the gradient of one masked entry costs if computed on its own, in entries of a dense gradient: a matrix product spends less
/// on an entry than a dot product does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntryCost(pub f64);

impl EntryCost {
    /// On a processor, where nothing was measured.
    pub const USUAL: Self = Self(10.0);

    /// Measures both ways on `device` (without autodiff) in some milliseconds: a layer of 512 × 512 with 1 % of its entries masked, 256 tokens.
    pub fn measure(device: &Device) -> Self {
        const WIDTH: usize = 512;
        const TOKENS: usize = 256;
        const EVERY: usize = 100;
        let matrix = |step: f32| {
            let values: Vec<f32> = (0..TOKENS * WIDTH).map(|i| (i as f32 * step).sin()).collect();
            Tensor::<2>::from_data(TensorData::new(values, [TOKENS, WIDTH]), device).into_dispatch()
        };
        let (x, g) = (matrix(0.37), matrix(0.73));
        let at: Vec<i32> = (0..(WIDTH * WIDTH) as i32).step_by(EVERY).collect();
        let entries = at.len();
        let at = Tensor::<1, Int>::from_data(TensorData::new(at, [entries]), device);
        // Reading the result waits for a device that works on its own.
        let quickest = |way: &dyn Fn() -> Tensor<1>| {
            let time = |_| {
                let start = Instant::now();
                drop(way().into_data());
                start.elapsed()
            };
            // The first one loads or compiles what the others use.
            (0..6).map(time).skip(1).min().unwrap_or(Duration::MAX).as_secs_f64()
        };
        let sampled = quickest(&|| {
            let at = at.clone().into_dispatch();
            Tensor::from_dispatch(Dispatch::sampled_weight_gradient(x.clone(), g.clone(), at))
        });
        let dense = quickest(&|| {
            let at = at.clone().into_dispatch();
            Tensor::from_dispatch(gathered_weight_gradient::<Dispatch>(x.clone(), g.clone(), at))
        });
        // The time of one entry on its own, in times of one entry of the dense gradient.
        Self(sampled / dense * (WIDTH * WIDTH) as f64 / entries as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::EntryCost;
    use crate::WeightGradient;

    #[test]
    fn few_entries_are_sampled_and_many_gathered() {
        let choose = |entries, cost| WeightGradient::for_layer([100, 100], entries, EntryCost(cost));
        assert_eq!(choose(100, 10.0), WeightGradient::Sampled);
        assert_eq!(choose(1000, 10.0), WeightGradient::Gathered);
        assert_eq!(choose(1000, 1.0), WeightGradient::Sampled);
        assert_eq!(choose(1, f64::INFINITY), WeightGradient::Gathered);
    }
}
