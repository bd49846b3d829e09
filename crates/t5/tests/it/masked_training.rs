//! Sparse training end to end: against PyTorch, and what it must leave alone.

use burn::tensor::{Device, Tensor};
use fishdip_peft::{
    Adaptable, Criterion, EntryCost, Error, FishDip, FisherDiagonal, Mask, MaskMethod, MaskedOptimizer,
    MaskedOptimizerConfig, Objective, Scope, Spread, TrainedGradients, block_information,
};
use fishdip_t5::{Batch, Dropout, Precision, T5};
use safetensors::SafeTensors;

use crate::golden_folder::{Golden, folder};

/// The three golden examples.
struct Examples {
    sources: Vec<Vec<u32>>,
    targets: Vec<Vec<u32>>,
    device: Device,
}

impl Examples {
    fn read() -> Self {
        let golden = Golden::read("t5-tiny");
        Self {
            sources: golden.rows("input_ids", 0),
            targets: golden.rows("labels", 0),
            device: Device::flex(),
        }
    }

    fn batch(&self, device: &Device) -> Batch {
        let sources: Vec<&[u32]> = self.sources.iter().map(Vec::as_slice).collect();
        let targets: Vec<&[u32]> = self.targets.iter().map(Vec::as_slice).collect();
        Batch::new(&sources, &targets, 0, device)
    }
}

impl Objective<T5> for Examples {
    type Error = Error;

    fn samples(&self) -> usize {
        self.sources.len()
    }

    fn losses(&self, model: &T5) -> Result<Vec<f32>, Error> {
        Ok(model.loss(&self.batch(&self.device), &Dropout::none()).per_sample())
    }

    fn summed_loss(&self, model: &T5, samples: &[usize]) -> Result<Tensor<1>, Error> {
        let rows = |rows: &[Vec<u32>]| samples.iter().map(|&i| rows[i].clone()).collect::<Vec<_>>();
        let chosen =
            Self { sources: rows(&self.sources), targets: rows(&self.targets), device: self.device.clone() };
        Ok(model.summed_loss(&chosen.batch(&self.device.clone().autodiff()), &Dropout::none()))
    }

    fn batch_size(&self) -> usize {
        2
    }
}

fn model() -> T5 {
    T5::load(&folder("t5-tiny"), Precision::F32, &Device::flex()).unwrap()
}

fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

fn select(method: MaskMethod, keep: f64, hard_samples: usize) -> FishDip {
    let (scope, spread) = (Scope::Base, Spread::Global);
    let samples = fishdip_peft::Samples::Hardest;
    FishDip { method, keep, hard_samples, samples, criterion: Criterion::Fisher, scope, spread, seed: 3 }
}

/// One step on the golden batch; returns the loss before it.
fn step(model: &mut T5, examples: &Examples, optimizer: &mut MaskedOptimizer, dropout: f64) -> f32 {
    let batch = examples.batch(&examples.device.clone().autodiff());
    model.weights_mut().into_iter().for_each(fishdip_peft::Weight::watch);
    let loss = model.loss(&batch, &Dropout::new(dropout, 7)).mean();
    let mut gradients = loss.backward();
    let gradients = TrainedGradients::take(model, &mut gradients);
    optimizer.step(model, gradients, 1e-2).unwrap();
    loss.into_scalar::<f32>()
}

#[test]
fn batched_fisher_equals_one_backward_pass_a_sample() {
    for variant in ["t5-tiny", "t5v1_1-tiny", "mt5-tiny", "byt5-tiny"] {
        let (mut model, examples) =
            (T5::load(&folder(variant), Precision::F32, &Device::flex()).unwrap(), Examples::read());
        let samples = [2, 0, 1];
        let each =
            FisherDiagonal::accumulate_each(&mut model, &examples, &samples, Criterion::Fisher, Scope::Base)
                .unwrap();
        model.weights_mut().into_iter().for_each(|weight| weight.watch_squared(2));
        examples.summed_loss(&model, &samples[..2]).unwrap();
        // No layer of the model makes the batched way fall back to the other.
        for weight in model.weights() {
            assert!(weight.separates_samples(), "{variant} {}", weight.path());
        }
        let batched =
            FisherDiagonal::accumulate(&mut model, &examples, &samples, Criterion::Fisher, Scope::Base)
                .unwrap();
        let (mut squares, mut differences) = (0.0f64, 0.0f64);
        for ((weight, each), batched) in model.weights().into_iter().zip(each.scores()).zip(batched.scores())
        {
            let sum = |v: &mut dyn Iterator<Item = f32>| v.map(|v| f64::from(v).powi(2)).sum::<f64>();
            let all = sum(&mut each.iter().copied());
            let apart = sum(&mut each.iter().zip(batched).map(|(a, b)| a - b));
            // A weight's own gradient may be a small difference of large terms.
            let relative = (apart / all).sqrt();
            assert!(all > 0.0 && relative <= 5e-5, "{variant} {}: {relative}", weight.path());
            (squares, differences) = (squares + all, differences + apart);
        }
        let relative = (differences / squares).sqrt();
        assert!(relative <= 1e-5, "{variant}: {relative}");
    }
}

#[test]
fn fisher_diagonal_equals_pytorch() {
    let golden = Golden::read("t5-tiny");
    let mut model = model();
    let fisher = FisherDiagonal::accumulate_each(
        &mut model,
        &Examples::read(),
        &[0, 1, 2],
        Criterion::Fisher,
        Scope::Base,
    )
    .unwrap();
    for (weight, ours) in model.weights().into_iter().zip(fisher.scores()) {
        let theirs = golden.floats(&format!("fisher.{}", weight.path()));
        let scale = theirs.iter().fold(0.0f32, |m, f| m.max(*f));
        for (i, ours) in ours.iter().enumerate() {
            let theirs = theirs[weight.to_file(i as u32) as usize];
            assert!((ours - theirs).abs() <= 1e-4 * scale, "{}[{i}]: {ours} {theirs}", weight.path());
        }
    }
}

#[test]
fn the_information_of_a_block_is_the_sum_of_pytorch_s() {
    let golden = Golden::read("t5-tiny");
    let mut model = model();
    let blocks = model.blocks();
    assert_eq!(blocks, ["encoder.block.0", "encoder.block.1", "decoder.block.0", "decoder.block.1"]);
    let ours = block_information(&mut model, &Examples::read(), &[0, 1, 2], &blocks).unwrap();
    let mut all = 0.0;
    for (block, ours) in blocks.iter().zip(ours) {
        let own =
            model.weights().into_iter().filter(|weight| weight.path().starts_with(&format!("{block}.")));
        let sums = own.map(|weight| {
            let fisher = golden.floats(&format!("fisher.{}", weight.path()));
            fisher.into_iter().map(f64::from).sum::<f64>()
        });
        let theirs: f64 = sums.sum();
        assert!((ours - theirs).abs() <= 1e-4 * theirs, "{block}: {ours}, PyTorch has {theirs}");
        all += theirs;
    }
    assert!(all > 0.0);
    // What was added has no part in it.
    model.add(&fishdip_peft::Addition::Lora(fishdip_peft::LoraConfig::default()), 1).unwrap();
    let beside = block_information(&mut model, &Examples::read(), &[0, 1, 2], &blocks[..1]).unwrap();
    let alone = block_information(&mut self::model(), &Examples::read(), &[0, 1, 2], &blocks[..1]).unwrap();
    assert!((beside[0] - alone[0]).abs() <= 1e-4 * alone[0], "{beside:?} {alone:?}");
}

#[test]
fn mask_and_trajectory_equal_pytorch() {
    let bytes = std::fs::read(folder("masked_adamw.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let golden_floats = |name: &str| -> Vec<f32> {
        let data = file.tensor(name).unwrap().data().to_vec();
        data.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
    };
    let golden_mask = |name: &str| -> Vec<u32> {
        let Ok(tensor) = file.tensor(&format!("mask.{name}")) else { return Vec::new() };
        tensor.data().chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()) as u32).collect()
    };
    let (mut model, examples) = (model(), Examples::read());
    let mask = select(MaskMethod::AllSamples, 0.05, 3).select(&mut model, &examples, None).unwrap().mask;
    for (weight, trained) in model.weights().into_iter().zip(mask.trained()) {
        let mut ours: Vec<u32> = trained.positions(weight.entries()).map(|p| weight.to_file(p)).collect();
        ours.sort_unstable();
        assert_eq!(ours, golden_mask(weight.path()), "{}", weight.path());
    }

    mask.apply(&mut model, EntryCost::USUAL);
    let mut optimizer = MaskedOptimizer::new(MaskedOptimizerConfig::default());
    optimizer.set_mask(&mask, &model);
    for (i, theirs) in golden_floats("losses").into_iter().enumerate() {
        let ours = step(&mut model, &examples, &mut optimizer, 0.0);
        assert!((ours - theirs).abs() < 2e-5, "step {i}: {ours}, PyTorch has {theirs}");
    }
    for weight in model.weights() {
        let Some(masked) = weight.trained_entries() else { continue };
        let mut ours: Vec<(u32, f32)> =
            masked.positions.iter().map(|&p| weight.to_file(p)).zip(floats(masked.values.clone())).collect();
        ours.sort_unstable_by_key(|&(p, _)| p);
        for ((_, ours), theirs) in ours.iter().zip(golden_floats(&format!("values.{}", weight.path()))) {
            assert!((ours - theirs).abs() < 1e-4, "{}: {ours}, PyTorch has {theirs}", weight.path());
        }
    }
}

/// Weight decay and momentum on, dropout on, three different masks: whatever is outside the present mask must not move
/// by a bit, and whatever is inside must be equal in the dense weight and the compact values.
#[test]
fn frozen_means_frozen() {
    let moved = frozen(Precision::F32);
    assert!(moved > 0.5, "training moved {moved} of the entries");
    // Many steps are smaller than the distance of a bf16 number to the next.
    let moved = frozen(Precision::Bf16);
    assert!(moved > 0.1, "training moved {moved} of the entries in bf16");
}

/// The share of the entries in any mask that moved.
fn frozen(precision: Precision) -> f64 {
    let mut model = T5::load(&folder("t5-tiny"), precision, &Device::flex()).unwrap();
    let examples = Examples::read();
    let config =
        MaskedOptimizerConfig { weight_decay: 0.1, keep_moments: true, ..MaskedOptimizerConfig::default() };
    let mut optimizer = MaskedOptimizer::new(config);
    let bits = |model: &T5| -> Vec<Vec<u32>> {
        model.weights().iter().map(|w| floats(w.dense()).iter().map(|v| v.to_bits()).collect()).collect()
    };
    let mut touched = Mask::default();
    let base = bits(&model);
    for round in 0..3 {
        // Dense, sparse, random: entries leave, come back, and are new.
        let method = if round == 2 { MaskMethod::Random } else { MaskMethod::FishDip };
        let selection = select(method, 0.03, 1 + round).select(&mut model, &examples, None).unwrap();
        let mask = selection.mask;
        assert_eq!(mask.entries(&model), (0.03 * model.entries() as f64) as usize);
        mask.apply(&mut model, EntryCost::USUAL);
        optimizer.set_mask(&mask, &model);
        touched.extend(&mask);
        let before = bits(&model);
        for _ in 0..5 {
            step(&mut model, &examples, &mut optimizer, 0.1);
        }
        let after = bits(&model);
        for (w, weight) in model.weights().into_iter().enumerate() {
            let mut inside = vec![false; weight.entries()];
            mask.trained()[w].positions(inside.len()).for_each(|p| inside[p as usize] = true);
            for i in 0..inside.len() {
                assert!(inside[i] || before[w][i] == after[w][i], "{}[{i}] moved", weight.path());
            }
            if let Some(masked) = weight.trained_entries() {
                let values: Vec<u32> = floats(masked.values.clone()).iter().map(|v| v.to_bits()).collect();
                let dense: Vec<u32> = masked.positions.iter().map(|&p| after[w][p as usize]).collect();
                assert_eq!(values, dense, "{}", weight.path());
            }
        }
    }
    let end = bits(&model);
    let mut moved = 0;
    for (w, trained) in touched.trained().iter().enumerate() {
        let positions: Vec<u32> = trained.positions(base[w].len()).collect();
        for (i, (a, b)) in base[w].iter().zip(&end[w]).enumerate() {
            if a != b {
                moved += 1;
                assert!(positions.binary_search(&(i as u32)).is_ok(), "an entry outside every mask moved");
            }
        }
    }
    f64::from(moved) / touched.entries(&model) as f64
}

#[test]
fn the_same_run_gives_the_same_bits() {
    let run = || {
        let (mut model, examples) = (model(), Examples::read());
        let mask = select(MaskMethod::FishDip, 0.02, 2).select(&mut model, &examples, None).unwrap().mask;
        mask.apply(&mut model, EntryCost::USUAL);
        let mut optimizer = MaskedOptimizer::new(MaskedOptimizerConfig::default());
        optimizer.set_mask(&mask, &model);
        let losses: Vec<u32> =
            (0..5).map(|_| step(&mut model, &examples, &mut optimizer, 0.0).to_bits()).collect();
        let weights: Vec<Vec<f32>> = model.weights().iter().map(|w| floats(w.dense())).collect();
        (losses, weights)
    };
    assert_eq!(run(), run());
}
