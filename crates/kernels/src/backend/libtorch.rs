//! LibTorch's tensors in Rust's own memory, for kernels on the processor.

use burn_tch::TchTensor;
use tch::{Device, Kind, Tensor};

/// The tensor itself if nobody else holds its buffer, else a copy.
pub(crate) fn unique(tensor: TchTensor) -> TchTensor {
    if tensor.can_mut() && tensor.tensor.is_contiguous() {
        tensor
    } else {
        TchTensor::new(tensor.tensor.contiguous().copy())
    }
}

/// Whether these are f32 tensors in the processor's memory.
pub(crate) fn within_reach(tensors: &[&TchTensor]) -> bool {
    tensors.iter().all(|t| t.tensor.device() == Device::Cpu && t.tensor.kind() == Kind::Float)
}

/// A copy of the entries of an f32 tensor, in order.
pub(crate) fn floats(tensor: &Tensor) -> Vec<f32> {
    let mut values = Vec::new();
    copy_floats(tensor, &mut values);
    values
}

/// The entries themselves of a tensor in reach that nobody else holds.
#[allow(unsafe_code, reason = "LibTorch gives an address")]
pub(crate) fn floats_mut(tensor: &mut TchTensor) -> &mut [f32] {
    assert!(
        within_reach(&[tensor]) && tensor.can_mut() && tensor.tensor.is_contiguous(),
        "entries are not this tensor's alone"
    );
    // SAFETY: so many floats lie there in order, as long as the tensor lives, and no other handle leads to them.
    unsafe { core::slice::from_raw_parts_mut(tensor.tensor.data_ptr().cast::<f32>(), tensor.tensor.numel()) }
}

/// A copy into memory that was used before.
pub(crate) fn copy_floats(tensor: &Tensor, values: &mut Vec<f32>) {
    let length = tensor.numel();
    values.resize(length, 0.0);
    tensor.copy_data(values, length);
}

/// Positions or ids, none of them negative.
pub(crate) fn integers(tensor: &Tensor) -> Vec<u32> {
    let tensor = tensor.to_kind(Kind::Int64);
    let mut values = vec![0i64; tensor.numel()];
    let length = values.len();
    tensor.copy_data(&mut values, length);
    values.into_iter().map(|value| value as u32).collect()
}
