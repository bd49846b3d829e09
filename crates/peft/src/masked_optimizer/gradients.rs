//! The gradients of trained entries, apart from what an optimizer makes of them.

use burn::tensor::{Gradients, Tensor};

use crate::{Adaptable, Error};

/// For each weight of a model (in the order of [`Adaptable::weights`]), the gradient of what is trained of it in f32, flat; nothing for a
/// weight without any.
///
/// Batches whose gradients are added up make one step together, and so do those of several processes.
#[derive(Debug)]
pub struct TrainedGradients(Vec<Option<Tensor<1>>>);

impl TrainedGradients {
    /// Takes those of the trained entries out of `gradients`, which a backward pass gave. Ends the step that [`Weight::watch`] began for
    /// each weight.
    ///
    /// [`Weight::watch`]: crate::Weight::watch
    pub fn take(model: &mut impl Adaptable, gradients: &mut Gradients) -> Self {
        Self(model.weights_mut().into_iter().map(|weight| weight.take_gradient(gradients)).collect())
    }

    /// Adds the gradients of the same entries from another batch.
    pub fn add(&mut self, other: Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = match (mine.take(), theirs) {
                (Some(mine), Some(theirs)) => Some(mine + theirs),
                (mine, theirs) => mine.or(theirs),
            };
        }
    }

    /// Multiplies all of them, for the mean over batches that were added up.
    pub fn scale(&mut self, factor: f32) {
        for gradient in &mut self.0 {
            *gradient = gradient.take().map(|gradient| gradient * factor);
        }
    }

    /// The Euclidean norm of all of them together. A gradient of a weight of `model` that is not finite is an error that names the weight.
    pub fn norm(&self, model: &impl Adaptable) -> Result<f32, Error> {
        let (mut paths, mut squares) = (Vec::new(), Vec::new());
        for (weight, gradient) in model.weights().into_iter().zip(&self.0) {
            if let Some(gradient) = gradient {
                paths.push(weight.path());
                squares.push(gradient.clone().square().sum());
            }
        }
        if squares.is_empty() {
            return Ok(0.0);
        }
        // Read together, so that the device is waited for once.
        let squares: Vec<f32> = Tensor::cat(squares, 0).into_data().iter::<f32>().collect();
        if let Some(place) = squares.iter().position(|square| !square.is_finite()) {
            return Err(Error::NonFinite { what: "the gradient", tensor: paths[place].into() });
        }
        Ok(squares.into_iter().map(f64::from).sum::<f64>().sqrt() as f32)
    }

    /// The gradient of each weight.
    pub(super) fn into_each(self) -> Vec<Option<Tensor<1>>> {
        self.0
    }
}
