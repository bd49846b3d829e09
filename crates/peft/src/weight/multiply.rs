//! A weight as a linear layer uses it.

use burn::tensor::Tensor;
use fishdip_kernels::{OutputLayout, masked_linear, product, thin_product};

use super::{Usage, Weight};

impl Weight {
    /// `x` (`[batch, length, in]`) times the weight (`[in, out]`), differentiable in what is watched of it: `[batch, length, out]`.
    pub(crate) fn multiply(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, length, input] = x.dims();
        let [_, output] = self.shape();
        let usage = self.usage(&x.device());
        // As one matrix, so that the weight is read once for the whole batch.
        let x = x.reshape([batch * length, input]);
        let y = match usage {
            // Only what is not differentiated is asked for a few rows at a time.
            Usage::Constant(weight) if !x.device().is_autodiff() => {
                thin_product(x, weight, OutputLayout::Linear)
            }
            Usage::Constant(weight) | Usage::Dense { leaf: weight, .. } => product(x, weight),
            Usage::Entries { dense, entries, leaf } => {
                masked_linear(x, dense, leaf, entries.indices.clone(), entries.gradient)
            }
            // Samples are equal shares of the rows of `x`. Where the batch has another size than there are samples, a
            // share could be of several of them, and its square would be wrong.
            Usage::Squared { dense, squared } if batch == squared.samples() => squared.linear(x, dense),
            Usage::Squared { dense, squared } => {
                squared.whole();
                product(x, dense)
            }
        };
        y.reshape([batch, length, output])
    }
}
