//! The optimizer over compact values: moments follow the mask, damage is caught before anything is written.

use burn::tensor::{Device, Tensor};
use fishdip_peft::{
    Adaptable, EntryCost, Mask, MaskedOptimizer, MaskedOptimizerConfig, OptimizerState, Positions, Trained,
    TrainedGradients,
};

use crate::toy::Toy;

/// The loss Σ w · scale over all weights: its gradient is `scale` everywhere.
fn step(toy: &mut Toy, optimizer: &mut MaskedOptimizer, scale: f32) -> Result<f32, fishdip_peft::Error> {
    let device = Device::flex().autodiff();
    toy.weights_mut().into_iter().for_each(fishdip_peft::Weight::watch);
    let sums = toy.weights().into_iter().map(|w| w.on(&device).sum());
    let loss = sums.reduce(|a, b| a + b).unwrap() * scale;
    let gradients = TrainedGradients::take(toy, &mut loss.backward());
    optimizer.step(toy, gradients, 0.1)
}

fn entry(toy: &Toy, weight: usize, position: usize) -> f32 {
    toy.0[weight].dense().into_data().iter::<f32>().nth(position).unwrap()
}

fn plain() -> MaskedOptimizerConfig {
    MaskedOptimizerConfig { rms_scaled: false, max_grad_norm: None, ..MaskedOptimizerConfig::default() }
}

fn some(positions: &[u32]) -> Trained {
    Trained::Entries(Positions::new(positions.to_vec()).unwrap())
}

fn apply(positions: &[Vec<u32>; 3], toy: &mut Toy, optimizer: &mut MaskedOptimizer) {
    follow(&Mask::of_entries(positions.to_vec()), toy, optimizer);
}

fn follow(mask: &Mask, toy: &mut Toy, optimizer: &mut MaskedOptimizer) {
    mask.apply(toy, EntryCost::USUAL);
    optimizer.set_mask(mask, toy);
}

#[test]
fn an_entry_that_enters_late_steps_like_one_that_enters_first() {
    // With bias correction of its own, the first step of any entry is the learning rate against the gradient's sign.
    let mut toy = Toy::new(0.0, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(plain());
    apply(&[vec![0], vec![], vec![]], &mut toy, &mut optimizer);
    for _ in 0..20 {
        step(&mut toy, &mut optimizer, 1.0).unwrap();
    }
    apply(&[vec![0, 7], vec![], vec![]], &mut toy, &mut optimizer);
    let before = [entry(&toy, 0, 0), entry(&toy, 0, 7)];
    step(&mut toy, &mut optimizer, 1.0).unwrap();
    for (before, position) in before.into_iter().zip([0, 7]) {
        assert!((before - entry(&toy, 0, position) - 0.1).abs() < 1e-4);
    }
}

#[test]
fn entries_that_stay_keep_their_moments_and_those_that_leave_lose_them() {
    for keep_moments in [false, true] {
        let mut toy = Toy::new(0.0, &Device::flex());
        let mut optimizer = MaskedOptimizer::new(MaskedOptimizerConfig { keep_moments, ..plain() });
        apply(&[vec![0, 1], vec![], vec![]], &mut toy, &mut optimizer);
        step(&mut toy, &mut optimizer, 1.0).unwrap();
        apply(&[vec![0], vec![], vec![]], &mut toy, &mut optimizer);
        apply(&[vec![0, 1], vec![], vec![]], &mut toy, &mut optimizer);
        let before = [entry(&toy, 0, 0), entry(&toy, 0, 1)];
        step(&mut toy, &mut optimizer, -1.0).unwrap();
        let moved = [entry(&toy, 0, 0) - before[0], entry(&toy, 0, 1) - before[1]];
        // m = (0.9·0.1 − 0.1)/(1 − 0.9²) against √(v/(1 − 0.999²)) = 1: a small step with the momentum, 0.1 without.
        let with = 0.1 * (0.1 - 0.09) / 0.19;
        assert!((moved[0] - with).abs() < 1e-5, "{moved:?}");
        let second = if keep_moments { with } else { 0.1 };
        assert!((moved[1] - second).abs() < 1e-5, "keep {keep_moments}: {moved:?}");
    }
}

#[test]
fn a_gradient_that_is_not_finite_names_its_weight_and_writes_nothing() {
    let mut toy = Toy::new(0.0, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(plain());
    apply(&[vec![0, 3], vec![1], vec![2]], &mut toy, &mut optimizer);
    let before = toy.bits();
    let error = step(&mut toy, &mut optimizer, f32::INFINITY).unwrap_err().to_string();
    assert!(error.contains("the gradient of `a.weight` is not finite"), "{error}");
    assert_eq!(toy.bits(), before);
}

#[test]
fn values_that_would_not_be_finite_are_not_written() {
    let mut toy = Toy::new(0.0, &Device::flex());
    let ruinous = MaskedOptimizerConfig { weight_decay: 1e30, ..plain() };
    let mut optimizer = MaskedOptimizer::new(ruinous);
    apply(&[vec![0, 3], vec![1], vec![2]], &mut toy, &mut optimizer);
    step(&mut toy, &mut optimizer, 1.0).unwrap();
    let before = toy.bits();
    // 1e29 times a value of about 1, and once more.
    let error = step(&mut toy, &mut optimizer, 1.0).unwrap_err().to_string();
    assert!(error.contains("the updated value of `a.weight` is not finite"), "{error}");
    assert_eq!(toy.bits(), before);
    assert_eq!(toy.weights().iter().filter(|weight| weight.trained() != Trained::Nothing).count(), 0);
}

#[test]
fn a_step_can_be_undone_once_also_after_the_mask_has_moved() {
    let mut toy = Toy::new(0.0, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(plain());
    apply(&[vec![0, 3], vec![], vec![2]], &mut toy, &mut optimizer);
    step(&mut toy, &mut optimizer, 1.0).unwrap();
    let before = toy.bits();
    step(&mut toy, &mut optimizer, 1.0).unwrap();
    let after = toy.bits();
    assert_ne!(after, before);
    apply(&[vec![1], vec![1], vec![]], &mut toy, &mut optimizer);
    optimizer.undo(&mut toy);
    assert_eq!(toy.bits(), before);
    optimizer.undo(&mut toy);
    assert_eq!(toy.bits(), before);
}

#[test]
fn the_gradient_of_all_weights_together_is_clipped() {
    let mut toy = Toy::new(0.0, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(MaskedOptimizerConfig { max_grad_norm: Some(1.0), ..plain() });
    apply(&[vec![0, 3], vec![1], vec![2]], &mut toy, &mut optimizer);
    // Four entries with gradient 3: the norm is 6.
    let norm = step(&mut toy, &mut optimizer, 3.0).unwrap();
    assert!((norm - 6.0).abs() < 1e-5);
}

#[test]
fn a_weight_that_the_loss_does_not_reach_stays() {
    let mut toy = Toy::new(0.0, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(plain());
    apply(&[vec![0], vec![1], vec![]], &mut toy, &mut optimizer);
    let before = toy.bits();
    toy.weights_mut().into_iter().for_each(fishdip_peft::Weight::watch);
    let loss: Tensor<1> = toy.0[0].on(&Device::flex().autodiff()).sum();
    let gradients = TrainedGradients::take(&mut toy, &mut loss.backward());
    optimizer.step(&mut toy, gradients, 0.1).unwrap();
    assert_eq!(toy.bits()[1], before[1]);
    assert_ne!(toy.bits()[0], before[0]);
}

#[test]
fn a_restored_state_goes_on_with_the_same_bits() {
    let config = || MaskedOptimizerConfig { keep_moments: true, ..plain() };
    let run = |interrupted: bool| {
        let mut toy = Toy::new(0.5, &Device::flex());
        let mut optimizer = MaskedOptimizer::new(config());
        apply(&[vec![0, 1, 5], vec![2], vec![]], &mut toy, &mut optimizer);
        for scale in [1.0, -0.3, 0.7] {
            step(&mut toy, &mut optimizer, scale).unwrap();
        }
        // Two entries leave, one comes.
        apply(&[vec![0, 3], vec![2], vec![]], &mut toy, &mut optimizer);
        step(&mut toy, &mut optimizer, 0.2).unwrap();
        if interrupted {
            let state = optimizer.state();
            assert_eq!((&state.trained[0].trained, &state.left[0].trained), (&some(&[0, 3]), &some(&[1, 5])));
            optimizer = MaskedOptimizer::restore(config(), &state, &toy).unwrap();
            assert_eq!(optimizer.state(), state);
        }
        step(&mut toy, &mut optimizer, -0.9).unwrap();
        apply(&[vec![0, 1, 5], vec![2], vec![]], &mut toy, &mut optimizer);
        step(&mut toy, &mut optimizer, 0.4).unwrap();
        toy.bits()
    };
    assert_eq!(run(false), run(true));
}

#[test]
fn a_state_that_does_not_hold_together_is_refused() {
    let mut toy = Toy::new(0.0, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(plain());
    apply(&[vec![0, 1], vec![], vec![]], &mut toy, &mut optimizer);
    let state = optimizer.state();
    let damages: [fn(&mut OptimizerState); 5] = [
        |state| state.trained[0].first.truncate(1),
        |state| state.trained[0].trained = some(&[0, 12]),
        |state| state.trained[0].trained = Trained::All,
        |state| state.left[1].age.push(1.0),
        |state| _ = state.left.pop(),
    ];
    for damage in damages {
        let mut state = state.clone();
        damage(&mut state);
        assert!(MaskedOptimizer::restore(plain(), &state, &toy).is_err(), "{state:?}");
    }
}

#[test]
fn gradients_of_two_batches_make_one_step() {
    let watch = |toy: &mut Toy, scale: f32| {
        let device = Device::flex().autodiff();
        toy.weights_mut().into_iter().for_each(fishdip_peft::Weight::watch);
        let sums = toy.weights().into_iter().map(|w| w.on(&device).sum());
        let loss = sums.reduce(|a, b| a + b).unwrap() * scale;
        TrainedGradients::take(toy, &mut loss.backward())
    };
    let mut toy = Toy::new(0.0, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(plain());
    apply(&[vec![0, 1], vec![3], vec![]], &mut toy, &mut optimizer);
    let mut gradients = watch(&mut toy, 1.0);
    gradients.add(watch(&mut toy, 4.0));
    gradients.scale(0.5);
    // Three entries of (1 + 4) / 2 each.
    assert!((gradients.norm(&toy).unwrap() - 2.5 * 3.0f32.sqrt()).abs() < 1e-6);
    optimizer.step(&mut toy, gradients, 0.1).unwrap();
}

#[test]
fn a_weight_trained_as_a_whole_moves_as_all_of_its_entries_do() {
    let run = |first: Trained| {
        let mut toy = Toy::new(0.3, &Device::flex());
        let mut optimizer = MaskedOptimizer::new(MaskedOptimizerConfig { weight_decay: 0.1, ..plain() });
        follow(&Mask::new(vec![first, Trained::Nothing, some(&[1, 4])]), &mut toy, &mut optimizer);
        for scale in [1.0, -0.3, 0.7] {
            step(&mut toy, &mut optimizer, scale).unwrap();
        }
        toy.0
            .into_iter()
            .flat_map(|w| w.dense().into_data().iter::<f32>().collect::<Vec<_>>())
            .collect::<Vec<f32>>()
    };
    let (whole, entries) = (run(Trained::All), run(some(&(0..12).collect::<Vec<u32>>())));
    for (whole, entries) in whole.iter().zip(&entries) {
        assert!((whole - entries).abs() < 1e-6, "{whole} {entries}");
    }
    assert_ne!(whole, run(Trained::Nothing));
}

#[test]
fn a_step_of_a_whole_weight_can_be_undone_and_its_ruin_is_not_kept() {
    let mut toy = Toy::new(0.0, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(MaskedOptimizerConfig { weight_decay: 1e30, ..plain() });
    let mask = Mask::new(vec![Trained::All, Trained::Nothing, Trained::Nothing]);
    follow(&mask, &mut toy, &mut optimizer);
    let base = toy.bits();
    step(&mut toy, &mut optimizer, 1.0).unwrap();
    assert!(optimizer.remembers_whole_weights());
    let before = toy.bits();
    assert_ne!(before, base);
    let error = step(&mut toy, &mut optimizer, 1.0).unwrap_err().to_string();
    assert!(error.contains("the updated value of `a.weight` is not finite"), "{error}");
    assert_eq!(toy.bits(), before);
    assert_eq!(toy.0[0].trained(), Trained::Nothing);

    let mut optimizer = MaskedOptimizer::new(plain());
    follow(&mask, &mut toy, &mut optimizer);
    step(&mut toy, &mut optimizer, 1.0).unwrap();
    optimizer.undo(&mut toy);
    assert_eq!(toy.bits(), before);
    follow(&mask, &mut toy, &mut optimizer);
    step(&mut toy, &mut optimizer, 1.0).unwrap();
    let after = toy.bits();
    optimizer.forget_previous();
    assert!(!optimizer.remembers_whole_weights());
    optimizer.undo(&mut toy);
    assert_eq!(toy.bits(), after, "what is forgotten is not undone");
}

#[test]
fn a_restored_state_of_whole_weights_goes_on_with_the_same_bits() {
    let run = |interrupted: bool| {
        let mut toy = Toy::new(0.5, &Device::flex());
        let mut optimizer = MaskedOptimizer::new(plain());
        follow(&Mask::new(vec![Trained::All, some(&[2]), Trained::All]), &mut toy, &mut optimizer);
        for scale in [1.0, -0.3] {
            step(&mut toy, &mut optimizer, scale).unwrap();
        }
        if interrupted {
            let state = optimizer.state();
            assert_eq!(state.trained[0].age, [2.0]);
            optimizer = MaskedOptimizer::restore(plain(), &state, &toy).unwrap();
            assert_eq!(optimizer.state(), state);
        }
        step(&mut toy, &mut optimizer, -0.9).unwrap();
        toy.bits()
    };
    assert_eq!(run(false), run(true));
}

#[test]
fn entries_that_stay_of_a_whole_weight_keep_their_moments() {
    let mut toy = Toy::new(0.0, &Device::flex());
    let mut optimizer = MaskedOptimizer::new(plain());
    follow(&Mask::new(vec![Trained::All, Trained::Nothing, Trained::Nothing]), &mut toy, &mut optimizer);
    step(&mut toy, &mut optimizer, 1.0).unwrap();
    apply(&[vec![3], vec![], vec![]], &mut toy, &mut optimizer);
    let before = entry(&toy, 0, 3);
    step(&mut toy, &mut optimizer, -1.0).unwrap();
    // m = (0.9·0.1 − 0.1)/(1 − 0.9²) against √(v/(1 − 0.999²)) = 1.
    assert!((entry(&toy, 0, 3) - before - 0.1 * (0.1 - 0.09) / 0.19).abs() < 1e-5);
}

#[test]
fn what_is_frozen_keeps_its_bits_and_what_leaves_the_mask_those_that_it_had() {
    for keep_moments in [false, true] {
        let mut toy = Toy::new(0.3, &Device::flex());
        let config = MaskedOptimizerConfig { weight_decay: 0.1, keep_moments, ..plain() };
        let mut optimizer = MaskedOptimizer::new(config);
        let masks = [
            Mask::new(vec![some(&[0, 5]), some(&[1]), Trained::Nothing]),
            Mask::new(vec![some(&[5, 6]), Trained::Nothing, Trained::All]),
            Mask::new(vec![Trained::Nothing, some(&[0, 1]), some(&[2])]),
            Mask::new(vec![some(&[0]), some(&[1]), Trained::Nothing]),
        ];
        let mut expected = toy.bits();
        for number in 0..50 {
            let mask = &masks[(number / 13) % masks.len()];
            if number % 13 == 0 {
                follow(mask, &mut toy, &mut optimizer);
            }
            step(&mut toy, &mut optimizer, if number % 3 == 0 { -0.5 } else { 1.0 }).unwrap();
            let found = toy.bits();
            for ((trained, found), expected) in mask.trained().iter().zip(&found).zip(&mut expected) {
                let moved: Vec<u32> = trained.positions(found.len()).collect();
                for (position, (found, expected)) in found.iter().zip(expected.iter()).enumerate() {
                    let is_trained = moved.contains(&(position as u32));
                    assert!(is_trained == (found != expected), "step {number}, entry {position}");
                }
                expected.clone_from(found);
            }
        }
    }
}
