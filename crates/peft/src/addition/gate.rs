//! Gates: learned numbers between 0 and 1, one a position, that what was added is multiplied by.

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;

use super::Initial;
use super::affine::Affine;
use crate::Weight;

/// `g(x) = sigmoid(x w + b)`: how much of what was added a position gets. It follows from that position alone, so that no later position and no
/// padding has a part in it.
#[derive(Debug)]
// On the heap: every linear layer has room for one.
pub struct Gate(Box<Affine>);

impl Gate {
    /// One that reads `width` features and begins near a half; its weights are called `path.weight` and `path.bias`.
    pub fn new(path: &str, width: usize, initial: &Initial) -> Self {
        Self(Box::new(Affine::normal(path, [width, 1], initial)))
    }

    /// `[batch, length, width]` to `[batch, length, 1]`.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        sigmoid(self.0.forward(x))
    }

    /// Its weights.
    pub fn weights<'a>(&'a self, all: &mut Vec<&'a Weight>) {
        self.0.weights(all);
    }

    /// The same.
    pub fn weights_mut<'a>(&'a mut self, all: &mut Vec<&'a mut Weight>) {
        self.0.weights_mut(all);
    }
}
