//! The softmax over legal pieces made of stock backend operations. Backends without a kernel of their own run it: what any place asks for is
//! scored at all of them in one product, and what is not legal at a place is ruled out behind it. The scores that a place has no use for cost less
//! than a product for each place.

use std::collections::BTreeMap;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{DType, FloatDType, IndexingUpdateOp, Shape, Slice, TensorData};

use super::LegalPieces;
use crate::precision::{cast, to_f32};
use crate::{LossGradients, OutputGradient, OutputLayout, SampleRows};

/// Added to the score of a piece that is not legal. Far below any score, yet no infinity, which not every device computes with.
const RULED_OUT: f32 = -1e9;

/// Scores of the pieces that are asked for, and what becomes of them.
struct Scored<B: Backend> {
    /// The pieces, sorted.
    pieces: Vec<u32>,
    /// Their rows of the layer, `[pieces, width]`.
    rows: FloatTensor<B>,
    /// Log-probabilities in f32, `[tokens, pieces]`.
    log_p: FloatTensor<B>,
    /// Which piece is the target's, `[tokens, 1]`.
    targets: IntTensor<B>,
    /// 0 where the target is the only legal piece, else 1: `[tokens, 1]`.
    open: FloatTensor<B>,
}

impl<B: Backend> Scored<B> {
    /// `None` if no place is open.
    fn new(
        x: &FloatTensor<B>,
        weight: &FloatTensor<B>,
        legal: &LegalPieces,
        layout: OutputLayout,
    ) -> Option<Self> {
        let device = x.device();
        let pieces = legal.distinct();
        if pieces.is_empty() {
            return None;
        }
        let tokens = legal.len();
        let mut ruled_out = vec![RULED_OUT; tokens * pieces.len()];
        let (mut targets, mut open) = (vec![0u32; tokens], vec![0.0f32; tokens]);
        let own = ruled_out.chunks_exact_mut(pieces.len()).zip(targets.iter_mut().zip(&mut open));
        for (place, (row, (target, open))) in own.enumerate().filter(|&(place, _)| legal.is_open(place)) {
            *open = 1.0;
            for (at, piece) in legal.at(place).iter().enumerate() {
                let Ok(column) = pieces.binary_search(piece) else { continue };
                row[column] = 0.0;
                if at == legal.target(place) {
                    *target = column as u32;
                }
            }
        }
        let rows = rows::<B>(weight, &pieces, layout);
        let scores = to_f32::<B>(B::float_matmul(x.clone(), B::float_swap_dims(rows.clone(), 0, 1)));
        let ruled_out = floats::<B>(ruled_out, [tokens, pieces.len()], &device);
        Some(Self {
            log_p: B::log_softmax(B::float_add(scores, ruled_out), 1),
            targets: B::int_reshape(ints::<B>(&targets, &device), Shape::from([tokens, 1])),
            open: floats::<B>(open, [tokens, 1], &device),
            rows,
            pieces,
        })
    }

    /// `[tokens, 1]`.
    fn losses(&self) -> FloatTensor<B> {
        let own = B::float_gather(1, self.log_p.clone(), self.targets.clone());
        B::float_neg(B::float_mul(own, self.open.clone()))
    }

    /// Of the losses weighted by `c` (`[tokens, 1]`) by the scores: `c (p − onehot)`, `[tokens, pieces]`.
    fn gradient(&self, c: FloatTensor<B>) -> FloatTensor<B> {
        let minus_one = B::float_neg(B::float_ones(c.shape(), &c.device(), FloatDType::F32));
        let p = B::float_exp(self.log_p.clone());
        let g = B::float_scatter(1, p, self.targets.clone(), minus_one, IndexingUpdateOp::Add);
        B::float_mul(g, B::float_mul(c, self.open.clone()))
    }
}

pub(super) fn losses<B: Backend>(
    x: &FloatTensor<B>,
    weight: &FloatTensor<B>,
    legal: &LegalPieces,
    layout: OutputLayout,
) -> FloatTensor<B> {
    let shape = Shape::from([legal.len()]);
    match Scored::<B>::new(x, weight, legal, layout) {
        Some(scored) => B::float_reshape(scored.losses(), shape),
        None => B::float_zeros(shape, &x.device(), FloatDType::F32),
    }
}

pub(super) fn gradients<B: Backend>(
    x: &FloatTensor<B>,
    weight: &FloatTensor<B>,
    indices: IntTensor<B>,
    wanted: OutputGradient,
    legal: &LegalPieces,
    token_weights: FloatTensor<B>,
    layout: OutputLayout,
) -> LossGradients<B> {
    let (device, tokens) = (x.device(), legal.len());
    let entries = weight.shape().num_elements();
    let zeros = |shape: Shape, dtype| B::float_zeros(shape, &device, dtype);
    let wide = FloatDType::F32;
    let of_weight = FloatDType::from(weight.dtype());
    let Some(scored) = Scored::<B>::new(x, weight, legal, layout) else {
        let values = match wanted {
            OutputGradient::Nothing => zeros(Shape::from([0]), wide),
            OutputGradient::Entries(_) => zeros(indices.shape(), wide),
            OutputGradient::All => zeros(Shape::from([entries]), of_weight),
        };
        let dx = zeros(x.shape(), FloatDType::from(x.dtype()));
        return LossGradients { losses: zeros(Shape::from([tokens]), wide), x: dx, values };
    };
    let c = B::float_reshape(token_weights, Shape::from([tokens, 1]));
    let losses = B::float_mul(scored.losses(), c.clone());
    let g = cast::<B>(scored.gradient(c), x.dtype());
    let dense = |dtype: FloatDType| {
        let of_rows = B::float_matmul(B::float_swap_dims(g.clone(), 0, 1), x.clone());
        let of_rows = cast::<B>(of_rows, dtype.into());
        let dense = add_rows::<B>(zeros(weight.shape(), dtype), &scored.pieces, of_rows, layout);
        B::float_reshape(dense, Shape::from([entries]))
    };
    let values = match wanted {
        OutputGradient::Nothing => zeros(Shape::from([0]), wide),
        // In f32, as what several layers contribute to one weight is added.
        OutputGradient::Entries(_) => B::float_select(dense(wide), 0, indices),
        // In the weight's type, as what an embedding of the same weight adds to it.
        OutputGradient::All => dense(of_weight),
    };
    LossGradients {
        losses: B::float_reshape(losses, Shape::from([tokens])),
        x: B::float_matmul(g, scored.rows),
        values,
    }
}

pub(super) fn squares<B: Backend>(
    x: &FloatTensor<B>,
    weight: &FloatTensor<B>,
    legal: &LegalPieces,
    token_weights: &FloatTensor<B>,
    samples: Vec<SampleRows>,
    layout: OutputLayout,
) -> FloatTensor<B> {
    let device = weight.device();
    let mut sum = B::float_zeros(weight.shape(), &device, FloatDType::F32);
    let mut start = 0;
    for SampleRows { tokens, elsewhere } in samples {
        let own = [Slice::from(start..start + tokens)];
        let legal = legal.part(start, tokens);
        start += tokens;
        let x = B::float_slice(x.clone(), &own);
        let c = B::float_slice(token_weights.clone(), &own);
        let scored = Scored::<B>::new(&x, weight, &legal, layout);
        // Rows with a gradient from either use of the weight: all others stay zero.
        let mut pieces: Vec<u32> = elsewhere.keys().copied().collect();
        pieces.extend(scored.iter().flat_map(|scored| &scored.pieces));
        pieces.sort_unstable();
        pieces.dedup();
        if pieces.is_empty() {
            continue;
        }
        let mut gradient = rows_elsewhere::<B>(&pieces, &elsewhere, x.shape()[1], &device);
        if let Some(scored) = scored {
            let g = cast::<B>(scored.gradient(B::float_reshape(c, Shape::from([tokens, 1]))), x.dtype());
            let of_rows = to_f32::<B>(B::float_matmul(B::float_swap_dims(g, 0, 1), x));
            let at = scored.pieces.iter().filter_map(|piece| pieces.binary_search(piece).ok());
            let at = at.map(|at| at as u32).collect::<Vec<_>>();
            gradient = add_rows::<B>(gradient, &at, of_rows, OutputLayout::Table);
        }
        // Only now: the gradient of a shared table is the sum over both of its uses, and (a + b)² is not a² + b².
        let squares = B::float_mul(gradient.clone(), gradient);
        sum = add_rows::<B>(sum, &pieces, squares, layout);
    }
    sum
}

/// The rows of `pieces` in what is known from `elsewhere`, zero where nothing is: `[pieces, width]`.
fn rows_elsewhere<B: Backend>(
    pieces: &[u32],
    elsewhere: &BTreeMap<u32, Vec<f32>>,
    width: usize,
    device: &B::Device,
) -> FloatTensor<B> {
    let mut rows = vec![0.0f32; pieces.len() * width];
    for (row, piece) in rows.chunks_exact_mut(width).zip(pieces) {
        if let Some(known) = elsewhere.get(piece) {
            row.copy_from_slice(known);
        }
    }
    floats::<B>(rows, [pieces.len(), width], device)
}

/// The rows of `pieces` of the layer, `[pieces, width]`.
fn rows<B: Backend>(weight: &FloatTensor<B>, pieces: &[u32], layout: OutputLayout) -> FloatTensor<B> {
    let ids = ints::<B>(pieces, &weight.device());
    match layout {
        OutputLayout::Table => B::float_select(weight.clone(), 0, ids),
        OutputLayout::Linear => B::float_swap_dims(B::float_select(weight.clone(), 1, ids), 0, 1),
    }
}

/// Adds `rows` (`[pieces, width]`) to those of `pieces` of the layer.
fn add_rows<B: Backend>(
    weight: FloatTensor<B>,
    pieces: &[u32],
    rows: FloatTensor<B>,
    layout: OutputLayout,
) -> FloatTensor<B> {
    let ids = ints::<B>(pieces, &rows.device());
    match layout {
        OutputLayout::Table => B::float_select_assign(weight, 0, ids, rows, IndexingUpdateOp::Add),
        OutputLayout::Linear => {
            B::float_select_assign(weight, 1, ids, B::float_swap_dims(rows, 0, 1), IndexingUpdateOp::Add)
        }
    }
}

/// Indices, in 64 bits where the device has these: LibTorch takes no others everywhere.
fn ints<B: Backend>(ids: &[u32], device: &B::Device) -> IntTensor<B> {
    let shape = [ids.len()];
    let data = if B::supports_dtype(device, DType::I64) {
        TensorData::new(ids.iter().map(|&id| i64::from(id)).collect::<Vec<_>>(), shape)
    } else {
        TensorData::new(ids.iter().map(|&id| id as i32).collect::<Vec<_>>(), shape)
    };
    B::int_from_data(data, device)
}

fn floats<B: Backend>(values: Vec<f32>, shape: [usize; 2], device: &B::Device) -> FloatTensor<B> {
    B::float_from_data(TensorData::new(values, shape), device)
}
