//! Adafactor (Shazeer & Stern, arXiv 1804.04235) on the dense gradient of a weight, which is zero outside the mask.
//!
//! With `G` the gradient `[rows, columns]`, `t` the steps of the training from 1 and `s = t^-0.8`:
//! `R ← (1 − s) R + s · mean of (G² + 1e-30) over columns`, `C` likewise over rows, `U = G · √(mean(R) / (R Cᵀ))`, and
//! `W ← W − learning rate · max(1e-3, RMS(W)) · U / max(1, RMS(U))`. Of a vector, which is a matrix of one row, `R / mean(R)` is 1 and `C` are its
//! own second moments: nothing is factored.
//!
//! A weight without any trained entry ages as well: its moments decay towards those of a gradient of zeros, and it stays as it is.

use burn::tensor::{DType, IndexingUpdateOp, Tensor};
use fishdip_kernels::Moments;

use super::{Previous, RMS_FLOOR, Written};
use crate::{Weight, WeightEntries};

/// The exponent of the second moments' decay.
const DECAY: f32 = -0.8;
/// Added to squares, so that none of the moments is zero.
const TINY: f32 = 1e-30;

/// Makes a step of what is trained of `weight`, by its clipped `gradient` (nothing where nothing is trained); gives the moments after it, the rows'
/// as first and the columns' as second.
pub(super) fn stepped(
    weight: &mut Weight,
    gradient: Option<Tensor<1>>,
    moments: Option<Moments>,
    learning_rate: f32,
) -> (Option<Written>, Option<Moments>) {
    let ([rows, columns], device) = (weight.shape(), weight.device());
    let zeros = |length: usize| Tensor::<1>::zeros([length], (&device, DType::F32));
    let before =
        moments.unwrap_or_else(|| Moments { first: zeros(rows), second: zeros(columns), age: zeros(1) });
    let Some(gradient) = gradient else {
        return (None, Some(older(before, zeros(rows) + TINY, zeros(columns) + TINY)));
    };
    let (written, moments) = weight.update(|dense, entries| {
        let gradient = match &entries {
            Some(entries) => {
                let (nothing, indices) = (zeros(rows * columns), entries.indices.clone());
                nothing.select_assign(0, indices, gradient, IndexingUpdateOp::Assign)
            }
            None => gradient,
        };
        let gradient = gradient.reshape([rows, columns]);
        let squares = gradient.clone().square() + TINY;
        let of_rows = squares.clone().mean_dim(1).reshape([rows]);
        let moments = older(before, of_rows, squares.mean_dim(0).reshape([columns]));

        let by_row = (moments.first.clone() / moments.first.clone().mean()).sqrt().recip();
        let by_column = moments.second.clone().sqrt().recip();
        let update = gradient * by_row.reshape([rows, 1]) * by_column.reshape([1, columns]);
        let wide = dense.clone().cast(DType::F32);
        let scale = rms(wide.clone()).clamp_min(RMS_FLOOR) / rms(update.clone()).clamp_min(1.0);
        let new = wide - update * (scale * learning_rate).reshape([1, 1]);
        let flat = new.cast(dense.dtype()).reshape([rows * columns]);

        let (values, entries, previous) = match entries {
            Some(WeightEntries { positions, indices, values, gradient }) => {
                let previous = Previous::Entries { indices: indices.clone(), values };
                let values = flat.clone().select(0, indices.clone());
                let entries = WeightEntries { positions, indices, values: values.clone(), gradient };
                (values, Some(entries), previous)
            }
            None => (flat.clone(), None, Previous::All(dense.reshape([rows * columns]))),
        };
        // Scaled, so that finite values do not add up to an infinite one.
        let count = values.dims()[0];
        let check = (values.cast(DType::F32) / count as f32).sum();
        (flat.reshape([rows, columns]), entries, (Written { previous, check }, moments))
    });
    (Some(written), Some(moments))
}

/// The moments after a step whose squares have these means.
fn older(before: Moments, of_rows: Tensor<1>, of_columns: Tensor<1>) -> Moments {
    let age = before.age + 1.0;
    let share = age.clone().powf_scalar(DECAY);
    let rest = share.clone().neg() + 1.0;
    let mixed = |old: Tensor<1>, new: Tensor<1>| old * rest.clone() + new * share.clone();
    Moments { first: mixed(before.first, of_rows), second: mixed(before.second, of_columns), age }
}

/// The root mean square, `[1]`.
fn rms(matrix: Tensor<2>) -> Tensor<1> {
    matrix.square().mean().sqrt()
}
