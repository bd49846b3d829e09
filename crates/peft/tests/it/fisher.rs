//! The Fisher information of a weight, however a model uses it, against gradients that are known.

use std::cell::Cell;

use burn::tensor::{Device, Tensor, TensorData};
use fishdip_peft::{
    Adaptable, Criterion, Dropout, Error, FileLayout, FishDip, FisherDiagonal, Growth, Linear, Mask,
    MaskMethod, Objective, Samples as Chosen, Scope, Spread, Weight,
};

/// Of each of three samples, what its loss multiplies the entries of a weight `[2, 3]` by when it is used as a whole.
const FACTORS: [[f32; 6]; 3] =
    [[1.0, -2.0, 0.5, 0.0, 0.0, 4.0], [-1.0, 2.0, 0.5, 0.0, 3.0, 0.0], [1.0, 0.0, 0.5, 0.0, -3.0, 0.0]];
/// Their inputs of a linear layer, first and second, and what its outputs are multiplied by.
const FIRST: [[f32; 2]; 3] = [[1.0, 2.0], [0.5, -1.0], [3.0, 0.0]];
const SECOND: [[f32; 2]; 3] = [[-1.0, 1.0], [2.0, 0.0], [-3.0, 0.0]];
const OUTPUT: [f32; 3] = [1.0, -2.0, 0.5];

/// How a model uses its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    /// As a tensor.
    Whole,
    /// In a layer that knows its samples.
    Layer,
    /// In the layer twice.
    Twice,
    /// In the layer, once for all samples together.
    Shared,
    /// In the layer and as a tensor.
    Both,
}

struct Model(Linear);

impl Model {
    fn new() -> Self {
        let values: Vec<f32> = (0..6u8).map(|i| f32::from(i) - 2.0).collect();
        let dense = Tensor::from_data(TensorData::new(values, [2, 3]), &Device::flex());
        Self(Linear::new(Weight::new("w", dense, FileLayout::AsIs)))
    }
}

impl Adaptable for Model {
    fn weights(&self) -> Vec<&Weight> {
        vec![&self.0.weight]
    }

    fn weights_mut(&mut self) -> Vec<&mut Weight> {
        vec![&mut self.0.weight]
    }
}

struct Samples {
    used: Use,
    /// Forward passes that were made.
    passes: Cell<usize>,
}

impl Samples {
    fn new(used: Use) -> Self {
        Self { used, passes: Cell::new(0) }
    }

    /// The sums over the samples of what the loss of each is.
    fn whole(model: &Model, samples: &[usize], device: &Device) -> Tensor<1> {
        let factors: Vec<f32> = (0..6).map(|i| samples.iter().map(|&s| FACTORS[s][i]).sum()).collect();
        let factors = Tensor::<2>::from_data(TensorData::new(factors, [2, 3]), device);
        (model.0.weight.on(device) * factors).sum()
    }

    fn layer(model: &Model, inputs: &[[f32; 2]], device: &Device) -> Tensor<3> {
        let x = TensorData::new(inputs.concat(), [inputs.len(), 1, 2]);
        let output = TensorData::new(OUTPUT.to_vec(), [1, 1, 3]);
        model.0.forward(Tensor::from_data(x, device), &Dropout::none()) * Tensor::from_data(output, device)
    }
}

impl Objective<Model> for Samples {
    type Error = Error;

    fn samples(&self) -> usize {
        3
    }

    fn losses(&self, _: &Model) -> Result<Vec<f32>, Error> {
        Ok(vec![1.0, 2.0, 3.0])
    }

    fn summed_loss(&self, model: &Model, samples: &[usize]) -> Result<Tensor<1>, Error> {
        self.passes.set(self.passes.get() + 1);
        let device = &Device::flex().autodiff();
        let of = |inputs: [[f32; 2]; 3]| samples.iter().map(|&s| inputs[s]).collect::<Vec<_>>();
        let first = || Self::layer(model, &of(FIRST), device).sum();
        Ok(match self.used {
            Use::Whole => Self::whole(model, samples, device),
            Use::Layer => first(),
            Use::Twice => first() + Self::layer(model, &of(SECOND), device).sum(),
            Use::Shared => {
                let times: f32 = samples.iter().map(|&s| FIRST[s][0]).sum();
                Self::layer(model, &[[1.0, 2.0]], device).sum() * times
            }
            Use::Both => first() + Self::whole(model, samples, device),
        })
    }

    fn batch_size(&self) -> usize {
        2
    }
}

/// The gradient of a sample's loss, by hand.
fn gradient(used: Use, sample: usize) -> [f32; 6] {
    let layer = |x: [f32; 2]| core::array::from_fn::<f32, 6, _>(|i| x[i / 3] * OUTPUT[i % 3]);
    let sum = |a: [f32; 6], b: [f32; 6]| core::array::from_fn(|i| a[i] + b[i]);
    match used {
        Use::Whole => FACTORS[sample],
        Use::Layer => layer(FIRST[sample]),
        Use::Twice => sum(layer(FIRST[sample]), layer(SECOND[sample])),
        Use::Shared => layer([1.0, 2.0]).map(|g| g * FIRST[sample][0]),
        Use::Both => sum(layer(FIRST[sample]), FACTORS[sample]),
    }
}

#[test]
fn squares_are_those_of_each_sample_in_every_use() {
    for used in [Use::Whole, Use::Layer, Use::Twice, Use::Shared, Use::Both] {
        let gradients = [0, 1, 2].map(|sample| gradient(used, sample));
        let expected: Vec<f32> = (0..6).map(|i| gradients.iter().map(|g| g[i] * g[i]).sum()).collect();
        let samples = Samples::new(used);
        let mut model = Model::new();
        let found =
            FisherDiagonal::accumulate(&mut model, &samples, &[0, 1, 2], Criterion::Fisher, Scope::Base)
                .unwrap();
        for (found, expected) in found.scores()[0].iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-4, "{used:?}: {found} {expected}");
        }
        // Where the samples can be told apart, a batch of two and one of one; else one that is not used, and each sample.
        let passes = if used == Use::Layer { 2 } else { 4 };
        assert_eq!(samples.passes.get(), passes, "{used:?}");
    }
}

#[test]
fn the_gradient_of_the_sum_is_not_one_of_squares() {
    let sums: Vec<f32> = (0..6).map(|i| FACTORS.iter().map(|g| g[i]).sum::<f32>().powi(2)).collect();
    let samples = Samples::new(Use::Whole);
    let found =
        FisherDiagonal::accumulate(&mut Model::new(), &samples, &[0, 1, 2], Criterion::Gradient, Scope::Base)
            .unwrap();
    assert_eq!(found.scores()[0], sums);
}

#[test]
fn entries_of_a_weight_that_is_used_as_a_whole_are_chosen() {
    let choice = FishDip {
        method: MaskMethod::AllSamples,
        keep: 0.5,
        hard_samples: 3,
        samples: Chosen::Hardest,
        criterion: Criterion::Fisher,
        scope: Scope::Base,
        spread: Spread::Global,
        seed: 1,
    };
    let selection = choice.select(&mut Model::new(), &Samples::new(Use::Whole), None).unwrap();
    // Squares: 3, 8, 0.75, 0, 18, 16.
    assert_eq!(selection.mask, Mask::of_entries(vec![vec![1, 4, 5]]));
}

/// The entries of the weight `[2, 3]`, which holds -2, -1, 0, 1, 2, 3, that `choice` takes of it.
fn chosen(choice: &FishDip, growth: Option<Growth<'_>>) -> Mask {
    choice.select(&mut Model::new(), &Samples::new(Use::Whole), growth).unwrap().mask
}

fn choice(criterion: Criterion, spread: Spread, keep: f64) -> FishDip {
    let (method, scope) = (MaskMethod::AllSamples, Scope::Base);
    FishDip { method, keep, hard_samples: 3, samples: Chosen::Hardest, criterion, scope, spread, seed: 1 }
}

#[test]
fn each_criterion_ranks_by_what_it_says() {
    // The summed gradients are 1, 0, 1.5, 0, 0, 4; the weights -2, -1, 0, 1, 2, 3.
    let of = |criterion| chosen(&choice(criterion, Spread::Global, 0.34), None);
    assert_eq!(of(Criterion::Gradient), Mask::of_entries(vec![vec![2, 5]]));
    assert_eq!(of(Criterion::Magnitude), Mask::of_entries(vec![vec![0, 5]]));
    // numpy.linalg.svd: the first singular value and its vectors make -0.58, -0.79, -1.00; 1.54, 2.08, 2.62.
    assert_eq!(of(Criterion::LowRankMagnitude), Mask::of_entries(vec![vec![4, 5]]));
    // 2, 0, 0, 0, 0, 12
    assert_eq!(of(Criterion::GradientTimesWeight), Mask::of_entries(vec![vec![0, 5]]));
    // 0.5, 0, 1.5 over nearly nothing, 0, 0, 1.3
    assert_eq!(of(Criterion::GradientOverWeight), Mask::of_entries(vec![vec![2, 5]]));
}

#[test]
fn a_spread_over_rows_gives_each_its_share() {
    // Fisher information 3, 8, 0.75, 0, 18, 16 in rows of three: half of each row is one and a half entries, the half goes to the later row.
    let global = chosen(&choice(Criterion::Fisher, Spread::Global, 0.5), None);
    assert_eq!(global, Mask::of_entries(vec![vec![1, 4, 5]]));
    let rows = chosen(&choice(Criterion::Fisher, Spread::Row, 0.5), None);
    assert_eq!(rows, Mask::of_entries(vec![vec![1, 4, 5]]));
    let rows = chosen(&choice(Criterion::Fisher, Spread::Row, 0.34), None);
    assert_eq!(rows, Mask::of_entries(vec![vec![1, 4]]));
    let global = chosen(&choice(Criterion::Fisher, Spread::Global, 0.34), None);
    assert_eq!(global, Mask::of_entries(vec![vec![4, 5]]));
}

#[test]
fn a_mask_that_grows_keeps_what_it_has() {
    // Entry 3 has no Fisher information at all.
    let kept = Mask::of_entries(vec![vec![3]]);
    let choice = choice(Criterion::Fisher, Spread::Global, 0.67);
    let half = chosen(&choice, Some(Growth { kept: &kept, share: 0.5 }));
    assert_eq!(half, Mask::of_entries(vec![vec![3, 4]]));
    let whole = chosen(&choice, Some(Growth { kept: &half, share: 1.0 }));
    assert_eq!(whole, Mask::of_entries(vec![vec![1, 3, 4, 5]]));
}

#[test]
fn nothing_can_be_chosen_of_what_was_not_added() {
    let choice = FishDip { scope: Scope::Added, ..choice(Criterion::Fisher, Spread::Global, 0.5) };
    let refused = choice.select(&mut Model::new(), &Samples::new(Use::Whole), None).unwrap_err();
    assert!(matches!(refused, Error::EmptyScope { scope: Scope::Added }), "{refused}");
}

/// The model has six entries.
#[test]
fn a_share_of_less_than_one_entry_is_refused() {
    let of = |method, keep| FishDip { method, ..choice(Criterion::Fisher, Spread::Global, keep) };
    let model = Model::new();
    assert_eq!(of(MaskMethod::FishDip, 0.17).budget(&model).unwrap(), 1);
    let refused = of(MaskMethod::FishDip, 0.16).budget(&model).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a share of 0.16 of 6 entries is less than one entry; raise the share to 0.167 or more"
    );
    let selected = of(MaskMethod::Random, 0.16).select(&mut Model::new(), &Samples::new(Use::Whole), None);
    assert!(matches!(selected.unwrap_err(), Error::KeepsNone { entries: 6, .. }));
    assert_eq!(of(MaskMethod::Full, 0.01).budget(&model).unwrap(), 6);
}

#[test]
fn samples_that_tell_no_labels_or_vectors_are_not_spread() {
    for samples in [Chosen::ByLabel, Chosen::FarApart] {
        let choice = FishDip {
            method: MaskMethod::FishDip,
            samples,
            ..choice(Criterion::Fisher, Spread::Global, 0.5)
        };
        let refused = choice.select(&mut Model::new(), &Samples::new(Use::Whole), None);
        assert!(refused.unwrap_err().to_string().contains("to be chosen by"));
    }
}
