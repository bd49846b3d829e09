//! Squared gradients of every sample of a batch, from one backward pass.
//!
//! The Fisher diagonal needs `Σ_b (∂L_b/∂w)²`: squares of the samples' own gradients, which an ordinary backward pass adds up before
//! anyone can square them. A linear layer's own part is got inside the backward pass ([`squared_linear`]). A weight whose gradient
//! has several sources (a tied embedding, a position bias that all layers share) keeps each sample's parts apart until the end. Where the
//! samples cannot be told apart, each has to be differentiated on its own; see [`SquaredGradients::separable`].

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use burn::tensor::{DType, Gradients, Int, Tensor, TensorData};
use fishdip_kernels::{
    LegalPieces, OutputLayout, SampleRows, cross_entropy_squares, legal_cross_entropy_squares, squared_linear,
};

/// What one weight collects in a forward and backward pass over some samples.
#[derive(Debug)]
pub(crate) struct SquaredGradients {
    samples: usize,
    // A forward pass has the model by shared reference, and yet each use has to be noted.
    uses: Mutex<Vec<Use>>,
}

/// One use of the weight in the forward pass, where gradient arrives.
#[derive(Debug)]
enum Use {
    /// Its "gradient" already is the sum of squares, `[rows, columns]`.
    Squares(Tensor<2>),
    /// The weight repeated for each sample, `[samples, columns]`.
    Repeated(Tensor<2>),
    /// The rows `ids` (`[samples or 1, length]`) of the weight, `[samples, length, columns]`.
    Rows { ids: Tensor<2, Int>, rows: Tensor<3> },
    /// The output layer.
    Output(OutputGradient),
    /// The weight in a computation of which nothing is known: its samples are not told apart.
    Whole,
}

/// The output layer's input and losses, from which its gradient can be computed anew.
#[derive(Debug)]
pub(crate) struct OutputGradient {
    /// `[tokens, width]`, all samples after one another.
    pub(crate) x: Tensor<2>,
    pub(crate) softmax: Softmax,
    /// `[tokens]`.
    pub(crate) token_weights: Tensor<1>,
    /// How many tokens each sample has.
    pub(crate) tokens: Vec<usize>,
    pub(crate) layout: OutputLayout,
}

/// What a probability of the output layer is one among.
#[derive(Debug)]
pub(crate) enum Softmax {
    /// All pieces.
    All {
        /// `[tokens]`.
        targets: Tensor<1, Int>,
        /// The weighted losses, `[tokens]`.
        losses: Tensor<1>,
    },
    /// The pieces that are legal at each token's place.
    Legal(LegalPieces),
}

impl SquaredGradients {
    pub(crate) fn new(samples: usize) -> Self {
        Self { samples, uses: Mutex::default() }
    }

    /// How many samples there are.
    pub(crate) fn samples(&self) -> usize {
        self.samples
    }

    /// Whether the squares of each sample can be had from the uses so far. They cannot where the weight was used as a whole, or in two ways
    /// whose gradients have to be added up before they are squared.
    pub(crate) fn separable(&self) -> bool {
        let uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |kind: fn(&Use) -> bool| uses.iter().filter(|used| kind(used)).count();
        // A sample's gradient has to be whole before it is squared: (a + b)² is not a² + b². Layers and repeated
        // vectors are squared by themselves, so such a use must be the only one.
        let layers = count(|used| matches!(used, Use::Squares(_) | Use::Repeated(_)));
        let outputs = count(|used| matches!(used, Use::Output(_)));
        // Rows that are read any number of times and one output layer are added up sample by sample.
        let table = outputs > 0 || count(|used| matches!(used, Use::Rows { .. })) > 0;
        count(|used| matches!(used, Use::Whole)) == 0 && outputs <= 1 && layers + usize::from(table) <= 1
    }

    /// Remembers a use of the weight whose samples are not told apart.
    pub(crate) fn whole(&self) {
        self.remember(Use::Whole);
    }

    fn remember(&self, used: Use) {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).push(used);
    }

    /// `x` `[samples · length, in]` through `weight` `[in, out]`.
    pub(crate) fn linear(&self, x: Tensor<2>, weight: Tensor<2>) -> Tensor<2> {
        // A leaf of the right shape that takes no memory of its own: its values are never read.
        let squares = weight.clone().require_grad();
        self.remember(Use::Squares(squares.clone()));
        squared_linear(x, weight, squares, self.samples)
    }

    /// A vector `[1, columns]` for each sample: `[samples, columns]`.
    pub(crate) fn repeated(&self, weight: Tensor<2>) -> Tensor<2> {
        let [_, columns] = weight.dims();
        let each = weight.expand([self.samples, columns]).require_grad();
        self.remember(Use::Repeated(each.clone()));
        each
    }

    /// The rows `ids` (`[samples or 1, length]`) of `table`, `[samples, length, columns]`.
    pub(crate) fn rows(&self, table: Tensor<2>, ids: Tensor<2, Int>) -> Tensor<3> {
        let [batch, length] = ids.dims();
        let [_, columns] = table.dims();
        let rows = table.select(0, ids.clone().reshape([batch * length])).reshape([batch, length, columns]);
        // What was read is the leaf, not the table: its gradient still tells samples and places apart. Rows that all
        // samples share are a view, of which each sample has a gradient of its own.
        let rows = rows.expand([self.samples, length, columns]).require_grad();
        self.remember(Use::Rows { ids, rows: rows.clone() });
        rows
    }

    /// Remembers that the weight was the output layer.
    pub(crate) fn output(&self, output: OutputGradient) {
        self.remember(Use::Output(output));
    }

    /// `Σ_b (∂L_b/∂w)²`, `[rows · columns]`, where `dense` is the weight and the samples are [`separable`](Self::separable).
    pub(crate) fn finish(self, dense: &Tensor<2>, gradients: &mut Gradients) -> Option<Tensor<1>> {
        let mut rows_read = RowGradients::default();
        let mut output = None;
        let mut sum: Option<Tensor<1>> = None;
        let entries = dense.dims().iter().product::<usize>();
        for used in self.uses.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let squares = match used {
                Use::Squares(leaf) => leaf.grad_remove(gradients).map(|s| s.reshape([entries])),
                Use::Repeated(leaf) => {
                    let square = |g: Tensor<2>| g.cast(DType::F32).square().sum_dim(0).reshape([entries]);
                    leaf.grad_remove(gradients).map(square)
                }
                Use::Rows { ids, rows } => {
                    if let Some(gradient) = rows.grad_remove(gradients) {
                        rows_read.add(self.samples, &ids, gradient);
                    }
                    None
                }
                Use::Output(layer) => {
                    output = Some(layer);
                    None
                }
                Use::Whole => None,
            };
            sum = match (sum, squares) {
                (Some(a), Some(b)) => Some(a + b),
                (a, b) => a.or(b),
            };
        }
        match output {
            // Only now are all rows known that each sample read, which are added to its output gradient before
            // squaring.
            Some(output) => Some(output.squares(dense, rows_read).reshape([entries])),
            None if rows_read.samples.is_empty() => sum,
            None => Some(rows_read.squares(dense)),
        }
    }
}

/// For each sample, the gradient of every row that it read.
#[derive(Debug, Default)]
struct RowGradients {
    samples: Vec<BTreeMap<u32, Vec<f32>>>,
}

impl RowGradients {
    /// `gradient` is `[samples, length, columns]`.
    fn add(&mut self, samples: usize, ids: &Tensor<2, Int>, gradient: Tensor<3>) {
        let [_, length, columns] = gradient.dims();
        let ids: Vec<u32> = ids.clone().into_data().iter::<i32>().map(|id| id as u32).collect();
        let gradient: Vec<f32> = gradient.into_data().iter::<f32>().collect();
        self.samples.resize_with(samples, BTreeMap::new);
        for (place, gradient) in gradient.chunks_exact(columns).enumerate() {
            // Where all samples share one row of ids, each sample begins it anew.
            let id = ids[place % ids.len()];
            let row = self.samples[place / length].entry(id).or_insert_with(|| vec![0.0; columns]);
            row.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g);
        }
    }

    fn squares(&self, dense: &Tensor<2>) -> Tensor<1> {
        let [rows, columns] = dense.dims();
        let mut sum = vec![0.0f32; rows * columns];
        for (&id, gradient) in self.samples.iter().flatten() {
            let row = &mut sum[id as usize * columns..][..columns];
            row.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g * g);
        }
        Tensor::from_data(TensorData::new(sum, [rows * columns]), &dense.device())
    }
}

impl OutputGradient {
    /// The squares of the layer's gradients, to which the rows that each sample read contribute as well; in the shape of `dense`.
    fn squares(self, dense: &Tensor<2>, rows_read: RowGradients) -> Tensor<2> {
        // An output layer that is not an embedding as well gets nothing from elsewhere: as many empty maps as it takes.
        let each = rows_read.samples.into_iter().chain(std::iter::repeat_with(BTreeMap::new));
        let samples =
            self.tokens.into_iter().zip(each).map(|(tokens, elsewhere)| SampleRows { tokens, elsewhere });
        let (samples, dense) = (samples.collect(), dense.clone());
        match self.softmax {
            Softmax::All { targets, losses } => {
                let of_tokens = (targets, self.token_weights, losses);
                cross_entropy_squares(self.x, dense, of_tokens, samples, self.layout)
            }
            Softmax::Legal(legal) => {
                legal_cross_entropy_squares(self.x, dense, legal, self.token_weights, samples, self.layout)
            }
        }
    }
}
