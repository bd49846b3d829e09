//! Positions and ids on the pure Rust CPU backend.

use burn::backend::TensorMetadata;
use burn::tensor::DType;
use burn_flex::FlexTensor;

/// The elements of an integer tensor of 32 or 64 bits, none of them negative; `None` for another type.
pub(crate) fn integers(tensor: &FlexTensor) -> Option<Vec<u32>> {
    let tensor = tensor.to_contiguous();
    match tensor.dtype() {
        _ if tensor.shape().num_elements() == 0 => Some(Vec::new()),
        DType::I32 => Some(tensor.storage::<i32>().iter().map(|&i| i as u32).collect()),
        DType::I64 => Some(tensor.storage::<i64>().iter().map(|&i| i as u32).collect()),
        _ => None,
    }
}
