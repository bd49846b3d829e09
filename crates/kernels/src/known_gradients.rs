//! The backward pass of an operation that has its gradients as soon as it has its result.

use burn::backend::Backend;
use burn::backend::TensorMetadata;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::tensor::FloatTensor;
use burn::tensor::Slice;

use crate::precision::cast;

/// Losses that are summed by who asks for them, so that the gradients of their two parents (the input, and what is trained) are known, up to a
/// factor, once the losses are.
#[derive(Debug)]
pub(crate) struct KnownGradients;

impl<B: Backend> Backward<B, 2> for KnownGradients {
    // The gradients themselves, computed along with the losses: the scores lie in memory for one block of
    // tokens at a time, and a backward pass that came later would have to compute them all again.
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        // The caller sums the losses, so every token receives the same gradient from above: the first one's
        // stands for all.
        let factor = B::float_slice(grads.consume::<B>(&ops.node), &[Slice::from(0..1)]);
        let [x_node, values_node] = ops.parents;
        let (x, values) = ops.state;
        if let Some(node) = x_node {
            let factor = cast::<B>(B::float_reshape(factor.clone(), [1, 1].into()), x.dtype());
            grads.register::<B>(node.id, B::float_mul(x, factor));
        }
        if let Some(node) = values_node {
            let factor = cast::<B>(factor, values.dtype());
            grads.register::<B>(node.id, B::float_mul(values, factor));
        }
    }
}
