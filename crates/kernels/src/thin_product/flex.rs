//! Products of a few rows on the pure Rust CPU backend. A general product first packs the weight into a copy, which takes longer than
//! the product itself where there are few rows.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{ThinProductOps, reference};
use crate::OutputLayout;
use crate::masked_update::flex::compact;
use crate::transpose::transposed;
use crate::vector::{dot, vectorized};

/// From so many rows on a general product is faster.
const ROWS: usize = 24;
/// A product of fewer multiplications is not worth a second thread.
const WORTH_A_THREAD: usize = 1 << 19;
/// Rows of a table that a thread takes at a time.
const OUTPUTS: usize = 256;
/// Sums of a product that go on side by side.
const LANES: usize = 16;
/// Rows of a weight that are added at once: each result is read and written once for all of them.
const AT_ONCE: usize = 4;

impl ThinProductOps for Flex {
    fn thin_product(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        let [rows, width] = x.shape().dims();
        let known = x.dtype() == DType::F32 && weight.dtype() == DType::F32 && weight.is_contiguous();
        if !known || width == 0 || !(1..ROWS).contains(&rows) {
            return reference::thin_product::<Self>(x, weight, layout);
        }
        let (x, weight) = (compact(x), compact(weight));
        match layout {
            OutputLayout::Linear => linear(&x, &weight),
            OutputLayout::Table => table(&x, &weight),
        }
    }
}

/// Of `[rows, width]` and `[width, outputs]`. The order of additions of a result does not depend on how many threads there are.
fn linear(x: &FlexTensor, weight: &FlexTensor) -> FlexTensor {
    let [rows, width] = x.shape().dims();
    let [_, outputs] = weight.shape().dims();
    let (values, weight): (&[f32], &[f32]) = (x.storage(), weight.storage());
    let threads = if rows * weight.len() < WORTH_A_THREAD { 1 } else { rayon::current_num_threads() };
    let share = outputs.div_ceil(threads).next_multiple_of(16).min(outputs.max(1));
    let part = |first: usize| {
        let columns = share.min(outputs - first);
        let mut sums = vec![0.0f32; rows * columns];
        vectorized(|| {
            for k in (0..width).step_by(AT_ONCE) {
                let row = |i: usize| &weight[(k + i) * outputs + first..][..columns];
                if k + AT_ONCE > width {
                    for i in 0..width - k {
                        for (sums, x) in sums.chunks_exact_mut(columns).zip(values.chunks_exact(width)) {
                            let x = x[k + i];
                            sums.iter_mut().zip(row(i)).for_each(|(sum, w)| *sum += x * w);
                        }
                    }
                    continue;
                }
                let (a, b, c, d) = (row(0), row(1), row(2), row(3));
                for (sums, x) in sums.chunks_exact_mut(columns).zip(values.chunks_exact(width)) {
                    let x = &x[k..k + AT_ONCE];
                    let (w, x, y, z) = (x[0], x[1], x[2], x[3]);
                    for ((((sum, a), b), c), d) in sums.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                        *sum += w * a + x * b + (y * c + z * d);
                    }
                }
            }
        });
        (first, columns, sums)
    };
    let firsts: Vec<usize> = (0..outputs).step_by(share.max(1)).collect();
    let parts: Vec<_> = if threads == 1 {
        firsts.into_iter().map(part).collect()
    } else {
        firsts.into_par_iter().map(part).collect()
    };
    if let [(0, _, _)] = parts[..] {
        let all = parts.into_iter().flat_map(|(.., sums)| sums).collect();
        return floats(all, [rows, outputs]);
    }
    let mut all = vec![0.0f32; rows * outputs];
    for (first, columns, sums) in parts {
        for (to, from) in all.chunks_exact_mut(outputs).zip(sums.chunks_exact(columns)) {
            to[first..first + columns].copy_from_slice(from);
        }
    }
    floats(all, [rows, outputs])
}

/// Of `[rows, width]` and `[outputs, width]`.
fn table(x: &FlexTensor, weight: &FlexTensor) -> FlexTensor {
    let [rows, width] = x.shape().dims();
    let [outputs, _] = weight.shape().dims();
    let (values, weight): (&[f32], &[f32]) = (x.storage(), weight.storage());
    let mut turned = vec![0.0f32; outputs * rows];
    let blocks = turned.par_chunks_mut(OUTPUTS * rows).zip(weight.par_chunks(OUTPUTS * width));
    blocks.for_each(|(to, weight)| {
        vectorized(|| {
            for (to, w) in to.chunks_exact_mut(rows).zip(weight.chunks_exact(width)) {
                let (fours, ones) = to.as_chunks_mut::<4>();
                let (some, rest) = values.split_at(4 * fours.len() * width);
                for (to, x) in fours.iter_mut().zip(some.chunks_exact(4 * width)) {
                    *to = four_dots(x, w);
                }
                for (to, x) in ones.iter_mut().zip(rest.chunks_exact(width)) {
                    *to = dot(x, w);
                }
            }
        });
    });
    floats(transposed(&turned, rows), [rows, outputs])
}

/// The products of four rows `x` with `w`.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn four_dots(x: &[f32], w: &[f32]) -> [f32; 4] {
    let (x, rest) = x.split_at(2 * w.len());
    let ((a, b), (c, d)) = (x.split_at(w.len()), rest.split_at(w.len()));
    let (w, w_rest) = w.as_chunks::<LANES>();
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let ((c, c_rest), (d, d_rest)) = (c.as_chunks::<LANES>(), d.as_chunks::<LANES>());
    let (mut of_a, mut of_b) = ([0.0f32; LANES], [0.0f32; LANES]);
    let (mut of_c, mut of_d) = ([0.0f32; LANES], [0.0f32; LANES]);
    for ((((w, a), b), c), d) in w.iter().zip(a).zip(b).zip(c).zip(d) {
        for lane in 0..LANES {
            of_a[lane] += a[lane] * w[lane];
            of_b[lane] += b[lane] * w[lane];
            of_c[lane] += c[lane] * w[lane];
            of_d[lane] += d[lane] * w[lane];
        }
    }
    [
        pairwise(of_a) + dot(a_rest, w_rest),
        pairwise(of_b) + dot(b_rest, w_rest),
        pairwise(of_c) + dot(c_rest, w_rest),
        pairwise(of_d) + dot(d_rest, w_rest),
    ]
}

/// The sum of the lanes, in pairs: short chains of additions.
#[allow(clippy::inline_always, reason = "only what is inlined uses the vector instructions")]
#[inline(always)]
fn pairwise(mut lanes: [f32; LANES]) -> f32 {
    for lane in 0..8 {
        lanes[lane] += lanes[lane + 8];
    }
    for lane in 0..4 {
        lanes[lane] += lanes[lane + 4];
    }
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
}

fn floats<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
