//! Running averages of what is trained: of the last steps of a training, whose noise they take away.

use burn::tensor::{DType, Tensor, TensorData};
use std::collections::BTreeMap;

use crate::rounding::Exact;
use crate::{Adaptable, Mask, Trained, Weight};

/// The averages of the trained values of a model, in f32: as many numbers as are trained. There are none before the first values are added.
#[derive(Debug, Default)]
pub struct Average {
    /// Of each weight, in the order of [`Adaptable::weights`], `[k]`; nothing where nothing is trained.
    values: Vec<Option<Tensor<1>>>,
}

impl Average {
    /// Those of lists of numbers, one a weight of `model`, an empty one where there are none.
    pub fn new(values: &[Vec<f32>], model: &impl Adaptable) -> Self {
        if values.iter().all(Vec::is_empty) {
            return Self::default();
        }
        let of = |(weight, values): (&Weight, &Vec<f32>)| {
            (!values.is_empty()).then(|| Tensor::from_data(data(values.clone()), &weight.device()))
        };
        Self { values: model.weights().into_iter().zip(values).map(of).collect() }
    }

    /// The average of the weight with this index, `[k]`, if there is one.
    pub fn of(&self, weight: usize) -> Option<&Tensor<1>> {
        self.values.get(weight)?.as_ref()
    }

    /// Moves the averages towards the values that `model` has at the entries of `mask`: a ← a + `share` · (w − a). The first values are the
    /// averages themselves.
    pub fn add(&mut self, mask: &Mask, model: &impl Adaptable, share: f32) {
        let is_first = self.values.is_empty();
        self.values.resize_with(mask.trained().len(), || None);
        let weights = model.weights().into_iter().zip(mask.trained());
        for ((weight, trained), average) in weights.zip(&mut self.values) {
            let now = present(weight, trained);
            *average = match (average.take(), now) {
                (Some(average), Some(now)) if !is_first => {
                    Some(average.clone() + (now - average).mul_scalar(share))
                }
                (_, now) => now,
            };
        }
    }

    /// Follows a change from the mask `old` to `new`: entries that stay keep their averages; those that leave lose them and have the value that
    /// training left them with; new ones begin with the value that they have, and had for as long as they were in no mask.
    pub fn set_mask(&mut self, old: &Mask, new: &Mask, model: &impl Adaptable) {
        let weights = model.weights().into_iter().zip(old.trained()).zip(new.trained());
        for (((weight, old), new), average) in weights.zip(&mut self.values) {
            if old == new {
                continue;
            }
            let size = weight.entries();
            let before = average.take().map(numbers).unwrap_or_default();
            let known: BTreeMap<u32, f32> = old.positions(size).zip(before).collect();
            *average = present(weight, new).map(|now| {
                let each = new.positions(size).zip(numbers(now));
                let each = each.map(|(position, now)| known.get(&position).copied().unwrap_or(now));
                Tensor::from_data(data(each.collect()), &weight.device())
            });
        }
    }

    /// Gives `model` the averages at the entries of `mask` and freezes these weights; [`Exact::put_back`] with the same mask gives them their values
    /// again. Nothing is done where there are no averages.
    pub fn put_in(&self, model: &mut impl Adaptable, mask: &Mask) -> Option<Exact> {
        if self.values.is_empty() {
            return None;
        }
        let weights = model.weights_mut().into_iter().zip(mask.trained()).zip(&self.values);
        let exact = weights.map(|((weight, trained), average)| {
            let average = average.clone()?;
            let exact = match trained {
                Trained::Nothing => return None,
                Trained::Entries(positions) => {
                    let exact = weight.at(positions);
                    weight.put_back_at(positions, average.cast(exact.dtype()));
                    exact
                }
                Trained::All => {
                    let exact = flat(weight);
                    weight.put_back_all(average);
                    exact
                }
            };
            Some(exact)
        });
        Some(Exact::new(exact.collect()))
    }
}

/// The values of what is trained of a weight, in f32, `[k]`.
fn present(weight: &Weight, trained: &Trained) -> Option<Tensor<1>> {
    let values = match (trained, weight.trained_entries()) {
        (Trained::Nothing, _) => return None,
        (Trained::All, _) => flat(weight),
        // At hand on the device.
        (Trained::Entries(positions), Some(entries)) if entries.positions == *positions => {
            entries.values.clone()
        }
        (Trained::Entries(positions), _) => weight.at(positions),
    };
    Some(values.cast(DType::F32))
}

fn flat(weight: &Weight) -> Tensor<1> {
    weight.dense().reshape([weight.entries()])
}

fn numbers(values: Tensor<1>) -> Vec<f32> {
    values.into_data().iter::<f32>().collect()
}

fn data(values: Vec<f32>) -> TensorData {
    let length = values.len();
    TensorData::new(values, [length])
}
