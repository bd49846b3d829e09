//! Names of the places where something can be added.

use fishdip_peft::Linear;

/// The name of a block of the stack `stack`, as it stands before those of its weights.
pub(super) fn block_name(stack: &str, index: usize) -> String {
    format!("{stack}.block.{index}")
}

/// Whether the weight `path` is one of `block`.
pub(super) fn is_in(path: &str, block: &str) -> bool {
    path.strip_prefix(block).is_some_and(|rest| rest.starts_with('.'))
}

/// The last part of a layer's name: `q` of `encoder.block.0.layer.0.SelfAttention.q.weight`.
pub(super) fn linear_name(linear: &Linear) -> &str {
    let path = linear.weight.path();
    let layer = path.strip_suffix(".weight").unwrap_or(path);
    layer.rsplit('.').next().unwrap_or(layer)
}
