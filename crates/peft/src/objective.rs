//! What a choice of entries is made from.

use burn::tensor::Tensor;

use crate::Error;

/// The training samples as a mask sees them. Implemented by whoever knows the model and the task.
pub trait Objective<M> {
    /// Errors of the implementation; those of this crate convert into it.
    type Error: From<Error>;

    /// How many samples there are.
    fn samples(&self) -> usize;

    /// The mean loss of every sample over its own target, forward only.
    fn losses(&self, model: &M) -> Result<Vec<f32>, Self::Error>;

    /// The mean loss of one sample, `[1]`, differentiable in what the model's weights watch.
    fn loss(&self, model: &M, sample: usize) -> Result<Tensor<1>, Self::Error> {
        self.summed_loss(model, &[sample])
    }

    /// The mean losses of `samples`, summed, `[1]`, of one forward pass.
    fn summed_loss(&self, model: &M, samples: &[usize]) -> Result<Tensor<1>, Self::Error>;

    /// The labels of every sample, for [`Samples::ByLabel`](crate::Samples::ByLabel).
    fn labels(&self) -> Result<Vec<Vec<String>>, Self::Error> {
        Err(Error::NotTold { what: "labels" }.into())
    }

    /// A vector for each of `samples`, near to one another where they are alike, for [`Samples::FarApart`](crate::Samples::FarApart).
    fn vectors(&self, _model: &M, _samples: &[usize]) -> Result<Vec<Vec<f32>>, Self::Error> {
        Err(Error::NotTold { what: "vectors" }.into())
    }

    /// How many samples go into one forward pass.
    fn batch_size(&self) -> usize;
}
