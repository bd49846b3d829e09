//! Attention weights on LibTorch, in place.

use burn::backend::LibTorch;
use burn::backend::tensor::FloatTensor;
use tch::{Kind, Tensor};

use super::{BiasedSoftmaxOps, reference};
use crate::backend::libtorch::unique;

/// The dimension of the keys.
const KEYS: i64 = 3;

impl BiasedSoftmaxOps for LibTorch {
    fn biased_softmax(scores: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        if scores.tensor.kind() != Kind::Float {
            return reference::biased_softmax::<Self>(scores, bias);
        }
        let mut scores = unique(scores);
        let _ = scores.tensor.g_add_(&bias.tensor);
        // Over the scores themselves: nobody needs them any more, and they grow with the square of the length.
        let _ = scores.tensor.internal_softmax_out(&scores.tensor, KEYS, false);
        scores
    }

    fn softmax_gradient(weights: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        if weights.tensor.kind() != Kind::Float {
            return reference::softmax_gradient::<Self>(weights, gradient);
        }
        let gradient = unique(gradient);
        let (g, kind) = (&gradient.tensor, weights.tensor.kind());
        let _ = Tensor::internal_softmax_backward_data_out(g, g, &weights.tensor, KEYS, kind);
        gradient
    }
}
