//! Models as lists of weights.

use crate::{Role, Weight};

/// A model made of [`Weight`]s.
pub trait Adaptable {
    /// Every weight once (a tied one too), sorted by path. Masks, Fisher diagonals and moments follow this order, and
    /// ties between scores break by it.
    fn weights(&self) -> Vec<&Weight>;

    /// The same weights in the same order.
    fn weights_mut(&mut self) -> Vec<&mut Weight>;

    /// How many entries the model has of its own, without what was added to it.
    fn entries(&self) -> usize {
        self.weights()
            .iter()
            .filter(|weight| weight.role() == Role::Base)
            .map(|weight| weight.entries())
            .sum()
    }

    /// How many entries the model has with those that were added to it, which shares of it are taken of.
    fn entries_with_added(&self) -> usize {
        self.weights().iter().map(|weight| weight.entries()).sum()
    }
}
