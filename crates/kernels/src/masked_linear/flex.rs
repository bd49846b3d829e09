//! The sampled weight gradient on the pure Rust CPU backend.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;

use super::sampled::sampled;
use super::{MaskedLinearOps, gathered_weight_gradient};
use crate::backend::flex::contiguous;
use crate::backend::flex::integers;
use crate::transpose::OnItsSide;

impl MaskedLinearOps for Flex {
    fn sampled_weight_gradient(
        x: FloatTensor<Self>,
        g: FloatTensor<Self>,
        indices: IntTensor<Self>,
    ) -> FloatTensor<Self> {
        let at = integers(&indices).filter(|_| x.dtype() == DType::F32 && g.dtype() == DType::F32);
        let Some(at) = at else { return gathered_weight_gradient::<Self>(x, g, indices) };
        let ([_, inputs], [_, columns]) = (x.shape().dims(), g.shape().dims());
        // One row of tokens for each input and each output feature: a dot product then reads both in order, and sorted
        // entries share the row of x.
        let x = OnItsSide::new(contiguous(x).storage(), inputs);
        let g = OnItsSide::new(contiguous(g).storage(), columns);
        let mut gradient = vec![0.0f32; at.len()];
        sampled(x.rows(), g.rows(), &at, columns, &mut gradient);
        FlexTensor::from_data(TensorData::new(gradient, [at.len()]))
    }
}
