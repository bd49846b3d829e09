//! The softmax over legal pieces on the pure Rust CPU backend: a dot product for each piece that is legal somewhere, and no other.

use core::ops::Range;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, TensorData};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{LegalCrossEntropyOps, LegalPieces, reference};
use crate::backend::flex::{contiguous, integers};
use crate::vector::{dot, exp, vectorized};
use crate::{LossGradients, OutputGradient, OutputLayout, SampleRows};

/// Tokens that a thread takes at a time. A constant, as what it takes must not depend on how many threads there are.
const TOKENS: usize = 64;
/// What a piece that is asked for nowhere has in place of a row.
const NO_ROW: u32 = u32::MAX;

impl LegalCrossEntropyOps for Flex {
    fn legal_losses(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        legal: LegalPieces,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        if !floats_only(&[&x, &weight]) {
            return reference::losses::<Self>(&x, &weight, &legal, layout);
        }
        let tokens = legal.len();
        let layer = Layer::new(x, weight, &legal, layout);
        floats(layer.scored(&vec![1.0; tokens], false).losses, [tokens])
    }

    fn legal_cross_entropy_gradients(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        indices: IntTensor<Self>,
        wanted: OutputGradient,
        legal: LegalPieces,
        token_weights: FloatTensor<Self>,
        layout: OutputLayout,
    ) -> LossGradients<Self> {
        let (Some(at), true) = (integers(&indices), floats_only(&[&x, &weight, &token_weights])) else {
            return reference::gradients::<Self>(&x, &weight, indices, wanted, &legal, token_weights, layout);
        };
        let [tokens, width] = x.shape().dims();
        let token_weights = contiguous(token_weights);
        let layer = Layer::new(x, weight, &legal, layout);
        let Scored { losses, g, dx } = layer.scored(token_weights.storage(), true);
        let values = match wanted {
            OutputGradient::Nothing => Vec::new(),
            OutputGradient::Entries(_) => layer.at_entries(&layer.row_gradients(&g), &at),
            OutputGradient::All => layer.dense(&layer.row_gradients(&g)),
        };
        let entries = values.len();
        LossGradients {
            losses: floats(losses, [tokens]),
            x: floats(dx, [tokens, width]),
            values: floats(values, [entries]),
        }
    }

    fn legal_cross_entropy_squares(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        legal: LegalPieces,
        token_weights: FloatTensor<Self>,
        samples: Vec<SampleRows>,
        layout: OutputLayout,
    ) -> FloatTensor<Self> {
        if !floats_only(&[&x, &weight, &token_weights]) {
            return reference::squares::<Self>(&x, &weight, &legal, &token_weights, samples, layout);
        }
        let token_weights = contiguous(token_weights);
        let layer = Layer::new(x, weight, &legal, layout);
        let g = layer.scored(token_weights.storage(), false).g;
        floats(layer.squares(&g, samples), layer.shape())
    }
}

/// The rows of the output layer that some tokens ask for.
struct Layer<'a> {
    legal: &'a LegalPieces,
    x: FlexTensor,
    width: usize,
    vocabulary: usize,
    layout: OutputLayout,
    /// The pieces asked for, sorted.
    pieces: Vec<u32>,
    /// For each piece of the vocabulary its place in `pieces`.
    places: Vec<u32>,
    /// `[pieces, width]`, one after the other: they are read for many tokens, and in a linear layer they do not lie so.
    rows: Vec<f32>,
}

/// What the scores of some tokens come to.
#[derive(Default)]
struct Scored {
    /// Weighted, `[tokens]`.
    losses: Vec<f32>,
    /// Of the weighted losses by the score of each piece in `LegalPieces`, zero at places without a choice.
    g: Vec<f32>,
    /// `[tokens, width]`, or nothing.
    dx: Vec<f32>,
}

impl<'a> Layer<'a> {
    fn new(x: FlexTensor, weight: FlexTensor, legal: &'a LegalPieces, layout: OutputLayout) -> Self {
        let (x, weight) = (contiguous(x), contiguous(weight));
        let [first, second] = weight.shape().dims();
        let (vocabulary, width) = match layout {
            OutputLayout::Table => (first, second),
            OutputLayout::Linear => (second, first),
        };
        let pieces = legal.distinct();
        let mut places = vec![NO_ROW; vocabulary];
        let mut rows = Vec::with_capacity(pieces.len() * width);
        let weight: &[f32] = weight.storage();
        for (place, &piece) in (0..).zip(&pieces) {
            let piece = piece as usize;
            places[piece] = place;
            match layout {
                OutputLayout::Table => rows.extend_from_slice(&weight[piece * width..][..width]),
                OutputLayout::Linear => rows.extend(weight[piece..].iter().step_by(vocabulary)),
            }
        }
        Self { legal, x, width, vocabulary, layout, pieces, places, rows }
    }

    /// The shape of the weight.
    fn shape(&self) -> [usize; 2] {
        match self.layout {
            OutputLayout::Table => [self.vocabulary, self.width],
            OutputLayout::Linear => [self.width, self.vocabulary],
        }
    }

    fn row(&self, piece: u32) -> &[f32] {
        &self.rows[self.places[piece as usize] as usize * self.width..][..self.width]
    }

    fn scored(&self, token_weights: &[f32], with_dx: bool) -> Scored {
        let tokens = self.legal.len();
        let firsts: Vec<usize> = (0..tokens).step_by(TOKENS).collect();
        let part = |first: usize| self.scored_part(first..tokens.min(first + TOKENS), token_weights, with_dx);
        let parts: Vec<Scored> = firsts.into_par_iter().map(part).collect();
        let mut all = Scored::default();
        for Scored { losses, g, dx } in parts {
            all.losses.extend(losses);
            all.g.extend(g);
            all.dx.extend(dx);
        }
        all
    }

    fn scored_part(&self, tokens: Range<usize>, token_weights: &[f32], with_dx: bool) -> Scored {
        let x: &[f32] = self.x.storage();
        let mut part = Scored::default();
        vectorized(|| {
            for token in tokens {
                let (legal, weight) = (self.legal.at(token), token_weights[token]);
                let (start, width) = (part.g.len(), self.width);
                if with_dx {
                    part.dx.resize(part.dx.len() + width, 0.0);
                }
                if legal.len() < 2 {
                    // What is certain has no loss and moves nothing.
                    part.losses.push(0.0);
                    part.g.resize(start + legal.len(), 0.0);
                    continue;
                }
                let x = &x[token * width..][..width];
                part.g.extend(legal.iter().map(|&piece| dot(self.row(piece), x)));
                let scores = &mut part.g[start..];
                let target = self.legal.target(token);
                let own = scores[target];
                let largest = scores.iter().fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a });
                let mut sum = 0.0;
                for score in scores.iter_mut() {
                    *score = exp(*score - largest);
                    sum += *score;
                }
                part.losses.push(weight * (sum.ln() + largest - own));
                // c (p − onehot)
                for score in scores.iter_mut() {
                    *score *= weight / sum;
                }
                scores[target] -= weight;
                if with_dx {
                    let end = part.dx.len();
                    let dx = &mut part.dx[end - width..];
                    for (&piece, &g) in legal.iter().zip(&part.g[start..]) {
                        dx.iter_mut().zip(self.row(piece)).for_each(|(sum, w)| *sum += g * w);
                    }
                }
            }
        });
        part
    }

    /// `Σ_t g · x` for each row that is asked for, `[pieces, width]`.
    fn row_gradients(&self, g: &[f32]) -> Vec<f32> {
        let x: &[f32] = self.x.storage();
        let uses = self.uses(0..self.legal.len());
        let mut rows = vec![0.0f32; self.rows.len()];
        rows.par_chunks_mut(self.width.max(1)).zip(&uses).for_each(|(row, uses)| {
            vectorized(|| {
                for &(token, at) in uses {
                    let x = &x[token * self.width..][..self.width];
                    row.iter_mut().zip(x).for_each(|(sum, x)| *sum += g[at] * x);
                }
            });
        });
        rows
    }

    /// For each row the tokens in `tokens` that ask for it, in order, and where their gradients stand: sums then have a fixed order.
    fn uses(&self, tokens: Range<usize>) -> Vec<Vec<(usize, usize)>> {
        let mut uses = vec![Vec::new(); self.pieces.len()];
        for token in tokens.filter(|&token| self.legal.is_open(token)) {
            for (at, &piece) in self.legal.range(token).zip(self.legal.at(token)) {
                uses[self.places[piece as usize] as usize].push((token, at));
            }
        }
        uses
    }

    /// Of the gradient of the rows, that of the entries `at`.
    fn at_entries(&self, rows: &[f32], at: &[u32]) -> Vec<f32> {
        let (width, vocabulary) = (self.width, self.vocabulary);
        let entry = |&at: &u32| {
            let at = at as usize;
            let (piece, column) = match self.layout {
                OutputLayout::Table => (at / width, at % width),
                OutputLayout::Linear => (at % vocabulary, at / vocabulary),
            };
            match self.places[piece] {
                NO_ROW => 0.0,
                place => rows[place as usize * width + column],
            }
        };
        at.iter().map(entry).collect()
    }

    /// The gradient of the whole weight.
    fn dense(&self, rows: &[f32]) -> Vec<f32> {
        let mut dense = vec![0.0f32; self.vocabulary * self.width];
        for (&piece, row) in self.pieces.iter().zip(rows.chunks_exact(self.width.max(1))) {
            self.add_to_row(&mut dense, piece, row.iter().copied());
        }
        dense
    }

    /// `Σ_b (∂L_b/∂w + elsewhere_b)²`.
    fn squares(&self, g: &[f32], samples: Vec<SampleRows>) -> Vec<f32> {
        let x: &[f32] = self.x.storage();
        let mut sum = vec![0.0f32; self.vocabulary * self.width];
        let mut start = 0;
        for SampleRows { tokens, elsewhere: mut rows } in samples {
            let uses = self.uses(start..start + tokens);
            start += tokens;
            for (&piece, uses) in self.pieces.iter().zip(&uses).filter(|(_, uses)| !uses.is_empty()) {
                // To what the row has from elsewhere, before it is squared: (a + b)² is not a² + b².
                let row = rows.entry(piece).or_insert_with(|| vec![0.0; self.width]);
                vectorized(|| {
                    for &(token, at) in uses {
                        let x = &x[token * self.width..][..self.width];
                        row.iter_mut().zip(x).for_each(|(sum, x)| *sum += g[at] * x);
                    }
                });
            }
            for (&piece, row) in &rows {
                self.add_to_row(&mut sum, piece, row.iter().map(|g| g * g));
            }
        }
        sum
    }

    /// Adds to the row of `piece` in something of the shape of the weight.
    fn add_to_row(&self, weight: &mut [f32], piece: u32, row: impl Iterator<Item = f32>) {
        let piece = piece as usize;
        match self.layout {
            OutputLayout::Table => {
                let to = weight[piece * self.width..][..self.width].iter_mut();
                to.zip(row).for_each(|(sum, value)| *sum += value);
            }
            OutputLayout::Linear => {
                let to = weight[piece..].iter_mut().step_by(self.vocabulary);
                to.zip(row).for_each(|(sum, value)| *sum += value);
            }
        }
    }
}

fn floats_only(tensors: &[&FlexTensor]) -> bool {
    tensors.iter().all(|t| t.dtype() == DType::F32)
}

fn floats<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
