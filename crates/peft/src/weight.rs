//! A weight that can be frozen, trained in some entries, or differentiated as a whole.

use burn::tensor::{DType, Device, Gradients, IndexingUpdateOp, Int, Tensor, TensorData};
use fishdip_kernels::{EntryCost, WeightGradient, overlay};

use crate::squared::SquaredGradients;

/// How the model's file lays out a weight, compared with the `[rows, columns]` here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileLayout {
    /// The same order of entries (embeddings; vectors, which are `[n]` in the file).
    AsIs,
    /// `[columns, rows]`, as PyTorch keeps linear layers.
    Transposed,
}

/// One named weight of a model: a dense matrix `[rows, columns]` (vectors are `[1, n]`) on a device without autodiff,
/// and what of it is being trained.
#[derive(Debug)]
pub struct Weight {
    path: String,
    dense: Tensor<2>,
    layout: FileLayout,
    rms: f32,
    adaptation: Adaptation,
}

#[derive(Debug)]
enum Adaptation {
    /// A constant.
    Frozen,
    /// Differentiated as a whole, for the Fisher information; holds the leaf while a graph is alive.
    Dense(Option<Tensor<2>>),
    /// Trained at the masked entries; holds the leaf while a graph is alive.
    Masked(Masked, Option<Tensor<1>>),
    /// Collects the squared gradients of every sample of a batch.
    Squared(SquaredGradients),
}

/// How a layer uses a weight in one forward pass.
pub(crate) enum Usage<'a> {
    /// As it is.
    Constant(Tensor<2>),
    /// Differentiated as a whole.
    Dense(Tensor<2>),
    /// Differentiated in its masked values, the `leaf`.
    Masked { dense: Tensor<2>, masked: &'a Masked, leaf: Tensor<1> },
    /// Its squared gradients are collected.
    Squared { dense: Tensor<2>, squared: &'a SquaredGradients },
}

/// The trained entries of one weight. `weight[indices] == values` bit for bit.
#[derive(Debug)]
pub struct Masked {
    /// Sorted, unique, flat positions.
    pub positions: Vec<u32>,
    /// The positions on the device, `[k]`.
    pub indices: Tensor<1, Int>,
    /// The values of the entries, `[k]`.
    pub values: Tensor<1>,
    /// How a linear layer gets their gradient.
    pub gradient: WeightGradient,
}

impl Weight {
    /// A frozen weight. `path` is its name in the model's file; `dense` is `[rows, columns]` without autodiff.
    ///
    /// # Panics
    /// If it has more than 2³¹ − 1 entries: positions are 32-bit integers.
    pub fn new(path: impl Into<String>, dense: Tensor<2>, layout: FileLayout) -> Self {
        let entries = dense.dims().iter().product::<usize>();
        assert!(i32::try_from(entries).is_ok(), "a weight of {entries} entries is too large");
        let rms = dense.clone().cast(DType::F32).square().mean().sqrt().into_scalar::<f32>();
        Self { path: path.into(), dense, layout, rms, adaptation: Adaptation::Frozen }
    }

    /// The name of the weight in the model's file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        self.dense.dims()
    }

    /// How the model's file lays it out.
    pub fn layout(&self) -> FileLayout {
        self.layout
    }

    /// Where the entry at the flat `position` stands in the model's file.
    pub fn to_file(&self, position: u32) -> u32 {
        let [rows, columns] = self.shape().map(|d| d as u32);
        match self.layout {
            FileLayout::AsIs => position,
            FileLayout::Transposed => (position % columns) * rows + position / columns,
        }
    }

    /// The inverse of [`Weight::to_file`].
    pub fn from_file(&self, position: u32) -> u32 {
        let [rows, columns] = self.shape().map(|d| d as u32);
        match self.layout {
            FileLayout::AsIs => position,
            FileLayout::Transposed => (position % rows) * columns + position / rows,
        }
    }

    /// How many entries the weight has.
    pub fn entries(&self) -> usize {
        let [rows, columns] = self.shape();
        rows * columns
    }

    /// Root mean square of the weight as it was loaded. It is not updated while training: a sparse update hardly
    /// moves it, and a constant keeps learning rates the same after a resumed run.
    pub fn rms(&self) -> f32 {
        self.rms
    }

    /// The dense values, `[rows, columns]`. Drop the handle before the next update, or the update must copy.
    pub fn dense(&self) -> Tensor<2> {
        self.dense.clone()
    }

    /// Replaces the dense values and freezes the weight.
    ///
    /// # Panics
    /// If the shape changes.
    pub fn set_dense(&mut self, dense: Tensor<2>) {
        assert_eq!(dense.dims(), self.shape(), "the shape of {} must not change", self.path);
        self.dense = dense;
        self.adaptation = Adaptation::Frozen;
    }

    /// The weight as one tensor for a computation on `device`: a constant, or a function of what is watched. Layers have cheaper ways, also for
    /// the Fisher information: a model with a weight that is used in this way is differentiated sample by sample for it, which gives the same
    /// values and takes longer.
    pub fn on(&self, device: &Device) -> Tensor<2> {
        match self.usage(device) {
            Usage::Constant(weight) | Usage::Dense(weight) => weight,
            Usage::Masked { dense, masked, leaf } => overlay(dense, leaf, masked.indices.clone()),
            Usage::Squared { dense, squared } => {
                squared.whole();
                dense
            }
        }
    }

    /// The trained entries, if there are any.
    pub fn masked(&self) -> Option<&Masked> {
        match &self.adaptation {
            Adaptation::Masked(masked, _) => Some(masked),
            _ => None,
        }
    }

    /// Makes the weight a constant. Its values stay.
    pub fn freeze(&mut self) {
        self.adaptation = Adaptation::Frozen;
    }

    /// Trains the entries at `positions` (sorted, unique, below [`Weight::entries`]) and no others. `cost` decides how a linear layer
    /// gets their gradient.
    ///
    /// # Panics
    /// If the positions are not such.
    pub fn mask(&mut self, positions: Vec<u32>, cost: EntryCost) {
        self.check(&positions);
        if positions.is_empty() {
            return self.freeze();
        }
        let device = self.dense.device();
        let ints: Vec<i32> = positions.iter().map(|&p| p as i32).collect();
        let indices = Tensor::<1, Int>::from_data(TensorData::new(ints, [positions.len()]), &device);
        let values = self.dense.clone().reshape([self.entries()]).select(0, indices.clone());
        let gradient = WeightGradient::for_layer(self.shape(), positions.len(), cost);
        self.adaptation = Adaptation::Masked(Masked { positions, indices, values, gradient }, None);
    }

    /// Starts a step of sparse training: the next forward pass is differentiable in the masked values.
    pub fn watch(&mut self) {
        if let Adaptation::Masked(masked, leaf) = &mut self.adaptation {
            *leaf = Some(Tensor::from_inner(masked.values.clone()).require_grad());
        }
    }

    /// The gradient of the masked values `[k]` in f32 after a backward pass, zero where the loss does not reach them. Ends
    /// the step that [`Weight::watch`] began.
    pub fn take_gradient(&mut self, gradients: &mut Gradients) -> Option<Tensor<1>> {
        let Adaptation::Masked(masked, leaf) = &mut self.adaptation else { return None };
        let leaf = leaf.take()?;
        let gradient = leaf.grad_remove(gradients).unwrap_or_else(|| masked.values.zeros_like());
        Some(gradient.cast(DType::F32))
    }

    /// Makes the next forward pass collect the squared gradient of each of its `samples`. Any mask is dropped, the values stay.
    pub fn watch_squared(&mut self, samples: usize) {
        self.adaptation = Adaptation::Squared(SquaredGradients::new(samples));
    }

    /// Whether [`Weight::take_squared`] can give the squared gradients of each sample after the forward pass that was just made. If not, every
    /// sample has to be differentiated on its own.
    pub fn tells_samples_apart(&self) -> bool {
        match &self.adaptation {
            Adaptation::Squared(squared) => squared.apart(),
            _ => true,
        }
    }

    /// The squared gradients of the last backward pass, summed over its samples: `[rows · columns]`. `None` where the loss
    /// does not reach the weight. Ends what [`Weight::watch_squared`] began.
    pub fn take_squared(&mut self, gradients: &mut Gradients) -> Option<Tensor<1>> {
        match core::mem::replace(&mut self.adaptation, Adaptation::Frozen) {
            Adaptation::Squared(squared) => squared.finish(&self.dense, gradients),
            _ => None,
        }
    }

    /// How a layer on `device` uses the weight.
    pub(crate) fn usage(&self, device: &Device) -> Usage<'_> {
        if !device.is_autodiff() {
            return Usage::Constant(self.dense.clone());
        }
        let constant = || Tensor::from_inner(self.dense.clone());
        match &self.adaptation {
            Adaptation::Dense(Some(leaf)) => Usage::Dense(leaf.clone()),
            Adaptation::Masked(masked, Some(leaf)) => {
                Usage::Masked { dense: constant(), masked, leaf: leaf.clone() }
            }
            Adaptation::Squared(squared) => Usage::Squared { dense: constant(), squared },
            _ => Usage::Constant(constant()),
        }
    }

    /// Makes the next forward pass differentiable in every entry. Any mask is dropped, the values stay.
    pub fn watch_dense(&mut self) {
        self.adaptation = Adaptation::Dense(Some(Tensor::from_inner(self.dense.clone()).require_grad()));
    }

    /// The dense gradient after a backward pass, `None` where the loss does not reach the weight.
    pub fn take_dense_gradient(&mut self, gradients: &mut Gradients) -> Option<Tensor<2>> {
        let Adaptation::Dense(leaf) = &mut self.adaptation else { return None };
        leaf.take()?.grad_remove(gradients)
    }

    /// Writes `values` at the sorted, unique `positions` and freezes the weight.
    ///
    /// # Panics
    /// If the positions are not such, or not as many as the values.
    pub fn assign(&mut self, positions: &[u32], values: &[f32]) {
        self.check(positions);
        assert_eq!(positions.len(), values.len(), "{}: a value a position", self.path);
        let device = self.dense.device();
        let ints: Vec<i32> = positions.iter().map(|&p| p as i32).collect();
        let indices = Tensor::<1, Int>::from_data(TensorData::new(ints, [positions.len()]), &device);
        let values = TensorData::new(values.to_vec(), [positions.len()]);
        let values = Tensor::<1>::from_data(values, (&device, self.dense.dtype()));
        self.put_back(indices, values);
    }

    /// Writes `values` at `indices` (sorted, unique) and freezes the weight.
    pub(crate) fn put_back(&mut self, indices: Tensor<1, Int>, values: Tensor<1>) {
        let shape = self.shape();
        self.adaptation = Adaptation::Frozen;
        let dense = core::mem::replace(&mut self.dense, Tensor::empty([0, 0], &indices.device()));
        let flat = dense.reshape([shape[0] * shape[1]]);
        self.dense = flat.select_assign(0, indices, values, IndexingUpdateOp::Assign).reshape(shape);
    }

    /// What is written and read by position relies on it.
    fn check(&self, positions: &[u32]) {
        let sorted = positions.is_sorted_by(|a, b| a < b);
        let within = positions.last().is_none_or(|&last| (last as usize) < self.entries());
        assert!(sorted && within, "the positions of {} must be sorted and within it", self.path);
    }

    /// Hands the dense weight and the masked entries to `step` by value, so that it can write in place, and takes them
    /// back. Does nothing to a weight without a mask.
    pub(crate) fn update(&mut self, step: impl FnOnce(Tensor<2>, Masked) -> (Tensor<2>, Masked)) {
        let device = self.dense.device();
        if let Adaptation::Masked(masked, _) = core::mem::replace(&mut self.adaptation, Adaptation::Frozen) {
            let dense = core::mem::replace(&mut self.dense, Tensor::empty([0, 0], &device));
            let (dense, masked) = step(dense, masked);
            self.dense = dense;
            self.adaptation = Adaptation::Masked(masked, None);
        }
    }
}

/// A model made of [`Weight`]s.
pub trait Adaptable {
    /// Every weight once (a tied one too), sorted by path. Masks, Fisher diagonals and moments follow this order, and
    /// ties between scores break by it.
    fn weights(&self) -> Vec<&Weight>;

    /// The same weights in the same order.
    fn weights_mut(&mut self) -> Vec<&mut Weight>;

    /// How many entries the model has in all.
    fn entries(&self) -> usize {
        self.weights().iter().map(|w| w.entries()).sum()
    }
}
