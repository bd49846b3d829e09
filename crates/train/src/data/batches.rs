//! Which examples make a batch: a pure function of the config and the step, so that a run that goes on sees the same ones.

use crate::data::TrainingExamples;
use crate::schedule::{Purpose, permutation, seed};
use crate::{Error, TrainingConfig};

/// Examples of like length are put together among this many batches: few enough that every epoch mixes anew.
const BATCHES_SORTED_TOGETHER: usize = 50;

/// The examples of one forward and backward pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Which ones.
    pub(crate) examples: Vec<usize>,
    /// In which epoch they are seen, from 0.
    pub(crate) epoch: usize,
    /// Pieces of their targets.
    pub(crate) target_pieces: usize,
}

/// The batches of a training, epoch after epoch. Every epoch sees every example once, in an order of its own.
pub(crate) struct Batches<'a> {
    examples: &'a dyn TrainingExamples,
    training: TrainingConfig,
    epoch: Epoch,
}

/// How many examples a batch has on the mean: fewer than `batch_size` where `batch_pieces` keeps batches of long examples small.
pub(crate) fn mean_batch(examples: &dyn TrainingExamples, training: &TrainingConfig) -> Result<f64, Error> {
    let (count, size) = (examples.count(), training.batch_size);
    let batches = batches(examples, training, 0)?.len();
    // The last batch of an epoch is smaller without a limit as well, and counts as a whole one.
    Ok(if batches == count.div_ceil(size) { size as f64 } else { count as f64 / batches as f64 })
}

/// The batches of one epoch.
struct Epoch {
    number: usize,
    /// How many batches there are in the epochs before it.
    before: usize,
    batches: Vec<Vec<usize>>,
}

impl<'a> Batches<'a> {
    /// There is at least one example.
    pub(crate) fn new(examples: &'a dyn TrainingExamples, training: &TrainingConfig) -> Result<Self, Error> {
        let epoch = Epoch { number: 0, before: 0, batches: batches(examples, training, 0)? };
        Ok(Self { examples, training: training.clone(), epoch })
    }

    /// The batches that make the training step `step` (from 0) together: one, or as many as are accumulated.
    pub(crate) fn of_step(&mut self, step: usize) -> Result<Vec<Batch>, Error> {
        let many = self.training.accumulate;
        (step * many..(step + 1) * many).map(|number| self.batch(number)).collect()
    }

    /// The epoch in which `step` begins.
    pub(crate) fn epoch_of(&mut self, step: usize) -> Result<usize, Error> {
        Ok(self.batch(step * self.training.accumulate)?.epoch)
    }

    /// The batch `number`, counted from the start of the training.
    fn batch(&mut self, number: usize) -> Result<Batch, Error> {
        if number < self.epoch.before {
            self.enter(0, 0)?;
        }
        // Epochs may have different numbers of batches, so that the way to one leads through those before it.
        while number >= self.epoch.before + self.epoch.batches.len() {
            self.enter(self.epoch.number + 1, self.epoch.before + self.epoch.batches.len())?;
        }
        let epoch = self.epoch.number;
        let examples = self.epoch.batches[number - self.epoch.before].clone();
        let pieces = |&i: &usize| Ok::<_, Error>(self.examples.example(i, epoch)?.target.len());
        let target_pieces = examples.iter().map(pieces).sum::<Result<usize, Error>>()?;
        Ok(Batch { examples, epoch, target_pieces })
    }

    fn enter(&mut self, number: usize, before: usize) -> Result<(), Error> {
        self.epoch = Epoch { number, before, batches: batches(self.examples, &self.training, number)? };
        Ok(())
    }
}

/// The batches of `epoch`.
fn batches(
    examples: &dyn TrainingExamples,
    training: &TrainingConfig,
    epoch: usize,
) -> Result<Vec<Vec<usize>>, Error> {
    let TrainingConfig { batch_size, batch_pieces, seed: run, group_by_length, .. } = *training;
    let mut order = permutation(examples.count(), seed(run, Purpose::Order, epoch as u64));
    if batch_pieces == 0 && !group_by_length {
        return Ok(order.chunks(batch_size).map(<[usize]>::to_vec).collect());
    }
    let lengths = |i: usize| {
        let example = examples.example(i, epoch)?;
        Ok([example.source.len(), example.target.len()])
    };
    let lengths = (0..examples.count()).map(lengths).collect::<Result<Vec<[usize; 2]>, Error>>()?;
    if group_by_length {
        for together in order.chunks_mut(BATCHES_SORTED_TOGETHER * batch_size) {
            together.sort_by_key(|&i| lengths[i]);
        }
    }
    let mut batches: Vec<Vec<usize>> = vec![Vec::new()];
    let mut longest = [0; 2];
    for i in order {
        let [source, target] = lengths[i];
        let wider = [longest[0].max(source), longest[1].max(target)];
        let last = batches.len() - 1;
        let rows = batches[last].len() + 1;
        let is_full = rows > batch_size || (batch_pieces > 0 && rows * (wider[0] + wider[1]) > batch_pieces);
        // An example that alone is above the limit makes a batch of its own.
        if is_full && rows > 1 {
            batches.push(vec![i]);
            longest = [source, target];
        } else {
            batches[last].push(i);
            longest = wider;
        }
    }
    if group_by_length {
        // Otherwise every epoch would end with its longest examples.
        let shuffled = permutation(batches.len(), seed(run, Purpose::BatchOrder, epoch as u64));
        batches = shuffled.into_iter().map(|i| core::mem::take(&mut batches[i])).collect();
    }
    Ok(batches)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Batch, Batches, mean_batch};
    use crate::{TokenizedExample, TrainingConfig};

    /// Examples with sources of these lengths and targets of one piece.
    fn examples(lengths: &[usize]) -> Vec<TokenizedExample> {
        lengths
            .iter()
            .map(|&n| TokenizedExample {
                source: vec![5; n],
                target: vec![1],
                labels: Vec::new(),
                legal: None,
            })
            .collect()
    }

    fn drawn(examples: &Vec<TokenizedExample>, config: &TrainingConfig, steps: usize) -> Vec<Vec<Batch>> {
        let mut batches = Batches::new(examples, config).unwrap();
        (0..steps).map(|step| batches.of_step(step).unwrap()).collect()
    }

    #[test]
    fn an_epoch_sees_every_example_once() {
        let (examples, config) =
            (examples(&[3; 10]), TrainingConfig { batch_size: 4, seed: 7, ..Default::default() });
        let steps = drawn(&examples, &config, 4);
        let mut seen: Vec<usize> =
            steps[..3].iter().flatten().flat_map(|batch| batch.examples.clone()).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..10).collect::<Vec<_>>());
        assert_eq!(steps[2][0].examples.len(), 2, "the last batch of an epoch may be smaller");
        assert_eq!([steps[2][0].epoch, steps[3][0].epoch], [0, 1]);
        assert_ne!(steps[0][0].examples, steps[3][0].examples, "epochs differ");
        let other = TrainingConfig { seed: 8, ..config.clone() };
        assert_ne!(steps[0], drawn(&examples, &other, 1)[0], "seeds differ");
        // A run that goes on asks for a step without those before it.
        assert_eq!(Batches::new(&examples, &config).unwrap().of_step(3).unwrap(), steps[3]);
        let mut back = Batches::new(&examples, &config).unwrap();
        let [third, first] = [3, 0].map(|step| back.of_step(step).unwrap());
        assert_eq!((third, first), (steps[3].clone(), steps[0].clone()));
    }

    #[test]
    fn batches_that_are_accumulated_go_on_where_the_last_step_ended() {
        let examples = examples(&[3; 12]);
        let one = TrainingConfig { batch_size: 4, ..Default::default() };
        let two = TrainingConfig { batch_size: 2, accumulate: 2, ..Default::default() };
        for (one, two) in drawn(&examples, &one, 5).iter().zip(drawn(&examples, &two, 5)) {
            let two: Vec<usize> = two.into_iter().flat_map(|batch| batch.examples).collect();
            assert_eq!(one[0].examples, two);
        }
    }

    #[test]
    fn a_batch_keeps_to_its_pieces_and_to_like_lengths() {
        let lengths: Vec<usize> = (0..40).map(|i| 1 + (i * 7) % 30).collect();
        let examples = examples(&lengths);
        let config =
            TrainingConfig { batch_size: 8, batch_pieces: 64, group_by_length: true, ..Default::default() };
        let mut batches = Batches::new(&examples, &config).unwrap();
        let mut seen = Vec::new();
        for step in 0.. {
            let batch = batches.of_step(step).unwrap().remove(0);
            if batch.epoch == 1 {
                break;
            }
            let own: Vec<usize> = batch.examples.iter().map(|&i| lengths[i]).collect();
            let (least, most) = (own.iter().min().unwrap_or(&0), own.iter().max().unwrap_or(&0));
            assert!(own.len() <= 8 && own.len() * (most + 1) <= 64, "{own:?}");
            assert!(most - least <= 8, "{own:?}");
            seen.extend(batch.examples);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..40).collect::<Vec<_>>());
    }

    #[test]
    fn a_limit_on_pieces_makes_batches_smaller_on_the_mean() {
        let config =
            |batch_size, batch_pieces| TrainingConfig { batch_size, batch_pieces, ..Default::default() };
        let mean = |lengths: &[usize], config| mean_batch(&examples(lengths), &config).unwrap();
        // Ten sources of nine pieces and targets of one: 20 pieces hold two, 1,000 all.
        assert_eq!(mean(&[9; 10], config(4, 20)).to_string(), "2");
        assert_eq!(mean(&[9; 10], config(64, 10)).to_string(), "1");
        assert_eq!([0, 1000].map(|pieces| mean(&[9; 10], config(4, pieces)).to_string()), ["4", "4"]);
    }

    #[test]
    fn an_example_above_the_limit_is_alone() {
        let examples = examples(&[50, 2, 2]);
        let config = TrainingConfig { batch_size: 8, batch_pieces: 10, ..Default::default() };
        let all: Vec<Batch> =
            drawn(&examples, &config, 3).into_iter().flatten().filter(|b| b.epoch == 0).collect();
        assert!(all.iter().any(|batch| batch.examples == [0]), "{all:?}");
    }
}
