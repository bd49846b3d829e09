//! Dropout on the pure Rust CPU backend, in place.

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;
use burn::tensor::DType;

use super::counted::drop_entries;
use super::{DropoutOps, bernoulli_dropout};
use crate::backend::flex::contiguous;

impl DropoutOps for Flex {
    fn seeded_dropout(x: FloatTensor<Self>, rate: f64, seed: u64) -> FloatTensor<Self> {
        if x.dtype() != DType::F32 {
            return bernoulli_dropout::<Self>(x, rate, seed);
        }
        let mut x = contiguous(x);
        drop_entries(x.storage_mut(), rate, seed);
        x
    }
}
