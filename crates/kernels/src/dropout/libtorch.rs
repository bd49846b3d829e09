//! Dropout on LibTorch. On the processor its own random numbers, made one after the other, take most of the time, so that the mask is made
//! in Rust.

use burn::backend::LibTorch;
use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn_tch::TchTensor;
use tch::Tensor;

use super::counted::drop_entries;
use super::{DropoutOps, bernoulli_dropout};
use crate::backend::libtorch::within_reach;

impl DropoutOps for LibTorch {
    fn seeded_dropout(mut x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        if !within_reach(&[&x]) {
            return bernoulli_dropout::<Self>(x, rate, seed);
        }
        let mut factors = vec![1.0; x.shape().num_elements()];
        drop_entries(&mut factors, rate, seed);
        let mut factors = Tensor::from_slice(&factors).view_(x.tensor.size());
        if x.can_mut() {
            let _ = x.tensor.g_mul_(&factors);
            x
        } else {
            let _ = factors.g_mul_(&x.tensor);
            TchTensor::new(factors)
        }
    }
}
