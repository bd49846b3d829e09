//! The float type that a model computes in.

use burn::tensor::{DType, Device};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The float type of a model's weights and activations. Losses, norms, softmax and moments are f32 in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// 16 bits with the range of f32 and 8 bits of precision: half the memory, and faster on GPUs that have it.
    Bf16,
    /// 16 bits with a small range, which the activations of T5 exceed. It is refused.
    F16,
}

impl Precision {
    /// The type on `device`, if T5 can compute in it there.
    pub(crate) fn on(self, device: &Device) -> Result<DType, Error> {
        match self {
            Self::F32 => Ok(DType::F32),
            Self::Bf16 if device.supports_dtype(DType::BF16) => Ok(DType::BF16),
            Self::Bf16 => Err(Error::NoBfloat16 { device: format!("{device:?}") }),
            Self::F16 => Err(Error::Float16),
        }
    }
}
