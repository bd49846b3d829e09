//! Adafactor on dense gradients with zeros outside the mask: what it writes, and that a training goes on from a file.

use burn::tensor::Device;
use fishdip_peft::{
    Adaptable, Average, EntryCost, Mask, MaskedOptimizer, MaskedOptimizerConfig, Positions, Trained,
    TrainedGradients, TrainingState, UpdateRule, Weight,
};

use crate::toy::Toy;

const RATE: f32 = 0.1;

fn config() -> MaskedOptimizerConfig {
    MaskedOptimizerConfig { rule: UpdateRule::DenseAdafactor, max_grad_norm: None, ..Default::default() }
}

fn some(positions: &[u32]) -> Trained {
    Trained::Entries(Positions::new(positions.to_vec()).unwrap())
}

fn follow(mask: &Mask, toy: &mut Toy, optimizer: &mut MaskedOptimizer) {
    mask.apply(toy, EntryCost::USUAL);
    optimizer.set_mask(mask, toy);
}

/// The gradient of every trained entry is `gradient`.
fn step(toy: &mut Toy, optimizer: &mut MaskedOptimizer, gradient: f32) {
    let device = Device::flex().autodiff();
    toy.weights_mut().into_iter().for_each(Weight::watch);
    let sums = toy.weights().into_iter().map(|w| w.on(&device).sum());
    let loss = sums.reduce(|a, b| a + b).unwrap() * gradient;
    let gradients = TrainedGradients::take(toy, &mut loss.backward());
    optimizer.step(toy, gradients, RATE).unwrap();
}

fn values(toy: &Toy, weight: usize) -> Vec<f32> {
    toy.0[weight].dense().into_data().iter::<f32>().collect()
}

/// One entry of a matrix of two rows and columns at a time, so that its row and its column hold its squares alone. With R and C the moments of both
/// after a step, the mean of R is half of it, and the direction is g √(R/2 / (R C)) = g / √(2 C).
#[test]
fn steps_are_those_of_the_formula() {
    let mut toy = Toy::new(0.3, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(config());
    let mut expected = values(&toy, 1);
    let others = [values(&toy, 0), values(&toy, 2)];
    let mut moved = |entry: usize, direction: f32| {
        // Of the weight as it is before the step.
        let rms = (expected.iter().map(|w| w * w).sum::<f32>() / 4.0).sqrt();
        expected[entry] -= RATE * rms * direction;
        expected.clone()
    };
    let close = |found: &[f32], expected: &[f32]| {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?} {expected:?}");
    };
    follow(&Mask::new(vec![Trained::Nothing, some(&[1]), Trained::Nothing]), &mut toy, &mut optimizer);
    // 2 C = 1.
    step(&mut toy, &mut optimizer, 1.0);
    close(&values(&toy, 1), &moved(1, 1.0));
    // 2 C = (1 − 2^-0.8) 1 + 2^-0.8 / 4 = 0.569238, and −0.5 / √0.569238 = −0.662709.
    step(&mut toy, &mut optimizer, -0.5);
    close(&values(&toy, 1), &moved(1, -0.662_709));
    // The moments of the other row are those of no gradient yet, so that the step is large; an RMS of 1 over four entries, of which three are zero,
    // leaves 2.
    follow(&Mask::new(vec![Trained::Nothing, some(&[2]), Trained::Nothing]), &mut toy, &mut optimizer);
    step(&mut toy, &mut optimizer, 0.25);
    close(&values(&toy, 1), &moved(2, 2.0));
    assert_eq!([values(&toy, 0), values(&toy, 2)], others);
}

#[test]
fn a_training_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let mut toy = Toy::new(0.3, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(config());
    let first = Mask::new(vec![some(&[0, 7]), Trained::Nothing, Trained::All]);
    let second = Mask::new(vec![Trained::Nothing, some(&[1]), some(&[2])]);
    let mut touched = first.clone();
    touched.extend(&second);
    for (mask, gradient) in [(&first, 1.0), (&second, -0.4)] {
        follow(mask, &mut toy, &mut optimizer);
        step(&mut toy, &mut optimizer, gradient);
    }
    TrainingState::write(&path, &toy, [&second, &touched], &optimizer, &Average::default(), &[]).unwrap();

    let mut other = Toy::new(0.3, &Device::flex());
    let read = TrainingState::read(&std::fs::read(&path).unwrap(), &path, &other).unwrap();
    let mut again = read.apply(&mut other, config()).unwrap();
    second.apply(&mut other, EntryCost::USUAL);
    for (toy, optimizer) in [(&mut toy, &mut optimizer), (&mut other, &mut again)] {
        step(toy, optimizer, 0.7);
        follow(&first, toy, optimizer);
        step(toy, optimizer, 0.2);
    }
    assert_eq!(other.bits(), toy.bits());
    // Moments of entries are none of whole weights.
    assert!(read.apply(&mut Toy::new(0.3, &Device::flex()), MaskedOptimizerConfig::default()).is_err());
}
