//! A weight of a model, and what of it is trained.

mod multiply;
mod tape;
mod trained;

use burn::tensor::{DType, Device, IndexingUpdateOp, Int, Tensor, TensorData};
use fishdip_kernels::{EntryCost, WeightGradient, overlay};

use crate::Positions;
use tape::Tape;
pub(crate) use tape::Usage;
pub use trained::Trained;

/// How the model's file lays out a weight, compared with the `[rows, columns]` here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileLayout {
    /// The same order of entries (embeddings; vectors, which are `[n]` in the file).
    AsIs,
    /// `[columns, rows]`, as PyTorch keeps linear layers.
    Transposed,
}

/// Where a weight comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The model's own.
    #[default]
    Base,
    /// Added by a method of fine-tuning: it counts as no entry of the model, and an adapter holds all of it.
    Added,
}

/// One named weight of a model: a dense matrix `[rows, columns]` (vectors are `[1, n]`) on a device without autodiff,
/// what of it is being trained, and what a graph watches of it.
#[derive(Debug)]
pub struct Weight {
    path: String,
    dense: Tensor<2>,
    layout: FileLayout,
    role: Role,
    rms: f32,
    // On the heap: with every backend's tensors in one type, a block that held these in place would be some hundred
    // kilobytes, which a thread's stack cannot pass around.
    state: Box<State>,
    tape: Box<Tape>,
}

/// What of a weight is trained, with what it takes.
#[derive(Debug)]
enum State {
    Nothing,
    /// The dense values are the trained ones.
    All,
    Entries(WeightEntries),
}

/// The trained entries of one weight. `weight[indices] == values` bit for bit.
#[derive(Clone, Debug)]
pub struct WeightEntries {
    /// Where they stand.
    pub positions: Positions,
    /// The positions on the device, `[k]`.
    pub indices: Tensor<1, Int>,
    /// The values of the entries, `[k]`.
    pub values: Tensor<1>,
    /// How a linear layer gets their gradient.
    pub gradient: WeightGradient,
}

impl Weight {
    /// A frozen weight of the model. `path` is its name in the model's file; `dense` is `[rows, columns]` without autodiff.
    ///
    /// # Panics
    /// If it has more than 2³¹ − 1 entries: positions are 32-bit integers.
    pub fn new(path: impl Into<String>, dense: Tensor<2>, layout: FileLayout) -> Self {
        let entries = dense.dims().iter().product::<usize>();
        assert!(i32::try_from(entries).is_ok(), "a weight of {entries} entries is too large");
        // In f32: in bf16, with its 8 bits, a sum of many squares soon stops growing.
        let rms = dense.clone().cast(DType::F32).square().mean().sqrt().into_scalar::<f32>();
        let (role, state, tape) = (Role::Base, Box::new(State::Nothing), Box::default());
        Self { path: path.into(), dense, layout, role, rms, state, tape }
    }

    /// A frozen weight that a method adds to a model.
    ///
    /// # Panics
    /// If it has more than 2³¹ − 1 entries: positions are 32-bit integers.
    pub fn added(path: impl Into<String>, dense: Tensor<2>, layout: FileLayout) -> Self {
        Self { role: Role::Added, ..Self::new(path, dense, layout) }
    }

    /// The same weight, which learning rates that follow the scale of a weight take to have this [RMS](Weight::rms).
    #[must_use]
    pub fn stepped_like(self, rms: f32) -> Self {
        Self { rms, ..self }
    }

    /// The name of the weight in the model's file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        self.dense.dims()
    }

    /// Where it comes from.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The device that it is on, without autodiff.
    pub fn device(&self) -> Device {
        self.dense.device()
    }

    /// How the model's file lays it out.
    pub fn layout(&self) -> FileLayout {
        self.layout
    }

    /// The shape that a file has for it: `[out, in]` of a linear layer, `[n]` of a vector.
    pub fn file_shape(&self) -> Vec<usize> {
        match (self.layout, self.shape()) {
            // A vector is one row here.
            (FileLayout::AsIs, [1, length]) => vec![length],
            (FileLayout::AsIs, shape) => shape.to_vec(),
            (FileLayout::Transposed, [rows, columns]) => vec![columns, rows],
        }
    }

    /// Where the entry at the flat `position` stands in the model's file.
    pub fn to_file(&self, position: u32) -> u32 {
        let [rows, columns] = self.shape().map(|d| d as u32);
        match self.layout {
            FileLayout::AsIs => position,
            // Entry (r, c) stands at r · columns + c here, and at c · rows + r in the file.
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
        self.freeze();
        self.dense = dense;
    }

    /// The weight as one tensor for a computation on `device`: a constant, or a function of what is watched. Layers have cheaper ways, also for
    /// the Fisher information: a model with a weight that is used in this way is differentiated sample by sample for it, which gives the same
    /// values and takes longer.
    pub fn on(&self, device: &Device) -> Tensor<2> {
        match self.usage(device) {
            Usage::Constant(weight) | Usage::Dense { leaf: weight, .. } => weight,
            Usage::Entries { dense, entries, leaf } => overlay(dense, leaf, entries.indices.clone()),
            Usage::Squared { dense, squared } => {
                squared.whole();
                dense
            }
        }
    }

    /// What of it is trained.
    pub fn trained(&self) -> Trained {
        match &*self.state {
            State::Nothing => Trained::Nothing,
            State::All => Trained::All,
            State::Entries(entries) => Trained::Entries(entries.positions.clone()),
        }
    }

    /// The trained entries, if some and not all are.
    pub fn trained_entries(&self) -> Option<&WeightEntries> {
        match &*self.state {
            State::Entries(entries) => Some(entries),
            State::Nothing | State::All => None,
        }
    }

    /// Makes the weight a constant. Its values stay.
    pub fn freeze(&mut self) {
        (*self.state, *self.tape) = (State::Nothing, Tape::Off);
    }

    /// Trains this of it from now on. `cost` decides how a linear layer gets the gradient of some entries.
    ///
    /// # Panics
    /// If positions are not below [`Weight::entries`].
    pub fn train(&mut self, trained: &Trained, cost: EntryCost) {
        self.freeze();
        *self.state = match trained {
            Trained::Nothing => State::Nothing,
            Trained::All => State::All,
            Trained::Entries(positions) if positions.is_empty() => State::Nothing,
            Trained::Entries(positions) => {
                self.check(positions);
                let indices = self.indices(positions);
                // Taken from the weight, so that both are equal at the start. From here on every update writes both: a
                // layer computes with the weight, and autodiff sees the values.
                let values = self.dense.clone().reshape([self.entries()]).select(0, indices.clone());
                let gradient = WeightGradient::for_layer(self.shape(), positions.len(), cost);
                State::Entries(WeightEntries { positions: positions.clone(), indices, values, gradient })
            }
        };
    }

    /// Writes `values` at the sorted, unique `positions` and freezes the weight.
    ///
    /// # Panics
    /// If the positions are not such, or not as many as the values.
    pub fn assign(&mut self, positions: &[u32], values: &[f32]) {
        self.check(positions);
        assert_eq!(positions.len(), values.len(), "{}: a value a position", self.path);
        let indices = self.indices(positions);
        let values = TensorData::new(values.to_vec(), [positions.len()]);
        let values = Tensor::<1>::from_data(values, (&self.device(), self.dense.dtype()));
        self.put_back(indices, values);
    }

    /// Replaces all values, `values` in order, and freezes the weight.
    ///
    /// # Panics
    /// If they are not as many as there are entries.
    pub fn assign_all(&mut self, values: &[f32]) {
        assert_eq!(values.len(), self.entries(), "{}: a value an entry", self.path);
        let values = TensorData::new(values.to_vec(), [values.len()]);
        self.put_back_all(Tensor::from_data(values, &self.device()));
    }

    /// The values at the sorted, unique `positions`, `[k]`.
    pub(crate) fn at(&self, positions: &[u32]) -> Tensor<1> {
        self.dense.clone().reshape([self.entries()]).select(0, self.indices(positions))
    }

    /// Writes `values` at the sorted, unique `positions` and freezes the weight.
    pub(crate) fn put_back_at(&mut self, positions: &[u32], values: Tensor<1>) {
        let indices = self.indices(positions);
        self.put_back(indices, values);
    }

    /// Writes `values` at `indices` (sorted, unique) and freezes the weight.
    pub(crate) fn put_back(&mut self, indices: Tensor<1, Int>, values: Tensor<1>) {
        self.freeze();
        let shape = self.shape();
        let flat = self.take_dense().reshape([shape[0] * shape[1]]);
        self.dense = flat.select_assign(0, indices, values, IndexingUpdateOp::Assign).reshape(shape);
    }

    /// Writes all of `values` (flat) and freezes the weight.
    pub(crate) fn put_back_all(&mut self, values: Tensor<1>) {
        self.set_dense(values.cast(self.dense.dtype()).reshape(self.shape()));
    }

    /// `positions` on the device.
    fn indices(&self, positions: &[u32]) -> Tensor<1, Int> {
        let ints: Vec<i32> = positions.iter().map(|&p| p as i32).collect();
        Tensor::from_data(TensorData::new(ints, [positions.len()]), &self.device())
    }

    /// The dense values with no other handle to them here, until others are set.
    fn take_dense(&mut self) -> Tensor<2> {
        // A tensor is copied when it is written through one of several handles. With this one left behind, every update
        // would copy.
        let nothing = Tensor::empty([0, 0], &self.device());
        core::mem::replace(&mut self.dense, nothing)
    }

    /// What is written and read by position relies on it.
    fn check(&self, positions: &[u32]) {
        let sorted = positions.is_sorted_by(|a, b| a < b);
        let within = positions.last().is_none_or(|&last| (last as usize) < self.entries());
        assert!(sorted && within, "the positions of {} must be sorted and within it", self.path);
    }

    /// Hands the dense values to `step` by value, so that it can write in place, and the trained entries with them if not all are. Takes
    /// both back.
    pub(crate) fn update<R>(
        &mut self,
        step: impl FnOnce(Tensor<2>, Option<WeightEntries>) -> (Tensor<2>, Option<WeightEntries>, R),
    ) -> R {
        // A leaf left on the tape may be another handle to the dense values, and the step would then copy them.
        self.unwatch();
        // By value like the weight: whether there is to be another handle to them is for `step` to decide.
        let (entries, otherwise) = match core::mem::replace(&mut *self.state, State::Nothing) {
            State::Entries(entries) => (Some(entries), State::Nothing),
            state => (None, state),
        };
        let (dense, entries, result) = step(self.take_dense(), entries);
        (self.dense, *self.state) = (dense, entries.map_or(otherwise, State::Entries));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::{Tensor, Weight};

    /// A block of a model holds some seventy, and is passed around on the stack while it is loaded.
    #[test]
    fn a_weight_takes_little_more_room_than_its_tensor() {
        assert!(size_of::<Weight>() <= size_of::<Tensor<2>>() + 64);
    }
}
