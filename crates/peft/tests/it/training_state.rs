//! The file that a training goes on from.

use burn::tensor::Device;
use fishdip_peft::{
    Adaptable, Average, EntryCost, Mask, MaskedOptimizer, MaskedOptimizerConfig, Positions, Trained,
    TrainedGradients, TrainingState,
};
use std::path::Path;

use crate::toy::Toy;

fn some(positions: &[u32]) -> Trained {
    Trained::Entries(Positions::new(positions.to_vec()).unwrap())
}

/// The loss Σ w · scale over all weights: its gradient is `scale` everywhere.
fn step(toy: &mut Toy, optimizer: &mut MaskedOptimizer, scale: f32) {
    let device = Device::flex().autodiff();
    toy.weights_mut().into_iter().for_each(fishdip_peft::Weight::watch);
    let sums = toy.weights().into_iter().map(|w| w.on(&device).sum());
    let loss = sums.reduce(|a, b| a + b).unwrap() * scale;
    let gradients = TrainedGradients::take(toy, &mut loss.backward());
    optimizer.step(toy, gradients, 0.1).unwrap();
}

fn follow(mask: &Mask, toy: &mut Toy, optimizer: &mut MaskedOptimizer) {
    mask.apply(toy, EntryCost::USUAL);
    optimizer.set_mask(mask, toy);
}

fn config() -> MaskedOptimizerConfig {
    MaskedOptimizerConfig { weight_decay: 0.1, keep_moments: true, ..Default::default() }
}

/// A training whose mask has changed once, and what it has touched.
fn begun() -> (Toy, MaskedOptimizer, Mask, Mask) {
    let mut toy = Toy::new(0.3, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(config());
    let first = Mask::new(vec![some(&[0, 7]), Trained::Nothing, Trained::All]);
    let second = Mask::new(vec![some(&[7, 9]), some(&[1]), Trained::All]);
    let mut touched = first.clone();
    follow(&first, &mut toy, &mut optimizer);
    step(&mut toy, &mut optimizer, 1.0);
    follow(&second, &mut toy, &mut optimizer);
    step(&mut toy, &mut optimizer, -0.4);
    touched.extend(&second);
    (toy, optimizer, second, touched)
}

#[test]
fn a_training_goes_on_from_the_file_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let (mut toy, mut optimizer, mask, touched) = begun();
    let losses = [0.5, f32::NAN, -1.0];
    TrainingState::write(&path, &toy, [&mask, &touched], &optimizer, &Average::default(), &losses).unwrap();

    let mut other = Toy::new(0.3, &Device::flex());
    let read = TrainingState::read(&std::fs::read(&path).unwrap(), &path, &other).unwrap();
    assert_eq!((&read.mask, &read.touched), (&mask, &touched));
    assert_eq!(read.numbers.map_bits(), losses.to_vec().map_bits());
    let mut again = read.apply(&mut other, config()).unwrap();
    assert_eq!(other.bits(), toy.bits());
    mask.apply(&mut other, EntryCost::USUAL);
    // With entry 0 back in the mask, whose moments were put aside.
    let third = Mask::new(vec![some(&[0, 9]), Trained::Nothing, Trained::All]);
    for (toy, optimizer) in [(&mut toy, &mut optimizer), (&mut other, &mut again)] {
        step(toy, optimizer, 0.7);
        follow(&third, toy, optimizer);
        step(toy, optimizer, 0.2);
    }
    assert_eq!(other.bits(), toy.bits());
}

trait Bits {
    fn map_bits(&self) -> Vec<u32>;
}

impl Bits for Vec<f32> {
    fn map_bits(&self) -> Vec<u32> {
        self.iter().map(|x| x.to_bits()).collect()
    }
}

#[test]
fn a_file_of_another_model_or_a_damaged_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let (toy, optimizer, mask, touched) = begun();
    TrainingState::write(&path, &toy, [&mask, &touched], &optimizer, &Average::default(), &[]).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    for length in (0..bytes.len()).step_by(7) {
        assert!(TrainingState::read(&bytes[..length], &path, &toy).is_err(), "{length} bytes");
    }
    // A flipped bit is another value or an error, never a panic; hashes beside the file tell.
    for place in (0..bytes.len()).step_by(3) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x10;
        if let Ok(read) = TrainingState::read(&damaged, &path, &toy) {
            let _ = read.apply(&mut Toy::new(0.3, &Device::flex()), config());
        }
    }
    let mut smaller = Toy::new(0.3, &Device::flex());
    smaller.0.pop();
    let refused = TrainingState::read(&bytes, Path::new("x"), &smaller).unwrap_err().to_string();
    assert!(
        refused.contains("x is not a valid adapter file: it holds tensors of weights that the model has not"),
        "{refused}"
    );
}
