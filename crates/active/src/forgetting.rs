//! Which examples a training learns and forgets (Toneva et al. 2019).

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::matrix::check_length;

/// How a training dealt with an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Learning {
    /// It was right after some epoch, and from then on.
    Unforgettable,
    /// It was right, and later wrong: a forgetting event, at least once.
    Forgettable,
    /// It was right after no epoch.
    NeverLearnt,
}

/// Counts forgetting events: an example that was right after an epoch and is wrong after the next. All examples are
/// looked at after every epoch, not only when they are in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgetting {
    examples: Vec<Example>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Example {
    /// Was it ever right?
    learnt: bool,
    /// Was it right the last time?
    right: bool,
    events: u32,
}

impl Forgetting {
    /// Before the first epoch.
    pub fn new(examples: usize) -> Self {
        Self { examples: vec![Example::default(); examples] }
    }

    /// Takes in which examples are right after an epoch.
    pub fn epoch(&mut self, right: &[bool]) -> Result<()> {
        check_length("results of an epoch", right.len(), self.examples.len(), "example")?;
        for (example, &right) in self.examples.iter_mut().zip(right) {
            example.events += u32::from(example.right && !right);
            example.learnt |= right;
            example.right = right;
        }
        Ok(())
    }

    /// How often each example was forgotten; `None` if it was never learnt, which the paper's code writes as 1000.
    pub fn events(&self) -> impl Iterator<Item = Option<u32>> + '_ {
        self.examples.iter().map(|example| example.learnt.then_some(example.events))
    }

    /// How the training dealt with each example.
    pub fn learning(&self) -> impl Iterator<Item = Learning> + '_ {
        self.events().map(|events| match events {
            None => Learning::NeverLearnt,
            Some(0) => Learning::Unforgettable,
            Some(_) => Learning::Forgettable,
        })
    }
}
