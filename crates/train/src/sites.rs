//! The blocks that get what a method adds, where a config leaves the choice to the model and its data.

use fishdip_peft::block_information;
use fishdip_t5::T5;
use std::cell::{Cell, RefCell};

use crate::data::TrainingExamples;
use crate::event::Sink;
use crate::objective::{Passes, TrainingSet};
use crate::{Error, RunConfig, Runtime};

/// The choice is made from so many of the first training examples: sums over whole blocks need few.
const EXAMPLES: usize = 64;

/// The `count` blocks of `model`, to which nothing is added yet, with the most Fisher information, in the order of the model.
pub(crate) fn most_fisher(
    model: &mut T5,
    examples: &dyn TrainingExamples,
    (config, runtime): (&RunConfig, &Runtime),
    count: usize,
    sink: &mut dyn Sink,
) -> Result<Vec<String>, Error> {
    let blocks = model.blocks();
    if count > blocks.len() {
        let message = format!(
            "`method.most_fisher` asks for {count} blocks, but the model has {} in encoder and decoder; lower it",
            blocks.len()
        );
        return Err(Error::Config { place: "the config".to_owned(), message, hint: None });
    }
    let samples: Vec<usize> = (0..examples.count().min(EXAMPLES)).collect();
    let set = TrainingSet {
        examples,
        epoch: 0,
        device: &runtime.device,
        batch_size: config.training.batch_size,
        interrupter: &runtime.interrupter,
        recorded: &[],
        step: 0,
        hard_samples: samples.len(),
        sink: RefCell::new(sink),
        done: Cell::new(0),
        dropout: Passes::new(None, config.training.seed, 0),
    };
    let information = block_information(model, &set, &samples, &blocks)?;
    Ok(most(&information, count).into_iter().map(|index| blocks[index].clone()).collect())
}

/// The indices of the `count` largest numbers, in order; of equal ones the first.
fn most(numbers: &[f64], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|&a, &b| numbers[b].total_cmp(&numbers[a]));
    order.truncate(count);
    order.sort_unstable();
    order
}

#[cfg(test)]
mod tests {
    use super::most;

    #[test]
    fn the_largest_are_chosen_and_of_equal_ones_the_first() {
        assert_eq!(most(&[0.5, 3.0, 0.25, 2.0], 2), [1, 3]);
        assert_eq!(most(&[1.0, 2.0, 1.0, 1.0], 3), [0, 1, 2]);
        assert_eq!(most(&[1.0, 2.0], 2), [0, 1]);
    }
}
