//! Tensors of the pure Rust CPU backend in memory, as its kernels want them.

use burn::backend::TensorMetadata;
use burn::tensor::DType;
use burn_flex::FlexTensor;

/// The tensor with its elements in order from the first byte of its buffer; copies only if they are not.
pub(crate) fn contiguous(tensor: FlexTensor) -> FlexTensor {
    let bytes = tensor.layout().num_elements() * tensor.dtype().size();
    if tensor.is_contiguous() && tensor.layout().start_offset() == 0 && tensor.bytes().len() == bytes {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

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
