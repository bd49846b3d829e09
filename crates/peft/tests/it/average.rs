//! Averages of trained values, beside what is worked out by hand.

use burn::tensor::Device;
use fishdip_peft::{
    Adaptable, Average, EntryCost, Mask, MaskedOptimizer, MaskedOptimizerConfig, Positions, Trained,
    TrainingState,
};

use crate::toy::Toy;

fn some(positions: &[u32]) -> Trained {
    Trained::Entries(Positions::new(positions.to_vec()).unwrap())
}

fn values(average: &Average, weight: usize) -> Vec<f32> {
    average.of(weight).unwrap().to_data().iter::<f32>().collect()
}

fn dense(toy: &Toy, weight: usize) -> Vec<f32> {
    toy.weights()[weight].dense().into_data().iter::<f32>().collect()
}

/// Gives the entries 0 and 3 of `b` and all of `c` values, as a step would.
fn set(toy: &mut Toy, mask: &Mask, b: [f32; 2], c: f32) {
    let mut weights = toy.weights_mut();
    weights[1].assign(&[0, 3], &b);
    weights[2].assign_all(&[c; 5]);
    mask.apply(toy, EntryCost::USUAL);
}

#[test]
fn the_mean_of_the_last_steps_is_what_it_is_by_hand() {
    let mut toy = Toy::new(0.3, &Device::flex());
    let mask = Mask::new(vec![Trained::Nothing, some(&[0, 3]), Trained::All]);
    let mut average = Average::default();
    assert!(average.put_in(&mut toy, &mask).is_none(), "there is no average yet");
    // 1, 2, 6 have the mean 3, and -8, 0, 2 the mean -2.
    for (n, (b, c)) in [([1.0, -8.0], 4.0), ([2.0, 0.0], 8.0), ([6.0, 2.0], 12.0)].into_iter().enumerate() {
        set(&mut toy, &mask, b, c);
        average.add(&mask, &toy, 1.0 / (n + 1) as f32);
    }
    assert!(average.of(0).is_none());
    let near = |found: &[f32], wanted: &[f32]| found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(near(&values(&average, 1), &[3.0, -2.0]) && near(&values(&average, 2), &[8.0; 5]), "{average:?}");

    // Half of the way each time: 0 to 8 to 4 is ((0 + 8) / 2 + 4) / 2.
    let mut exponential = Average::default();
    for c in [0.0, 8.0, 4.0] {
        set(&mut toy, &mask, [c, c], c);
        exponential.add(&mask, &toy, 0.5);
    }
    assert_eq!(values(&exponential, 2), [4.0; 5]);
}

#[test]
fn a_model_has_the_averages_and_then_its_values_again() {
    let mut toy = Toy::new(0.3, &Device::flex());
    let mask = Mask::new(vec![Trained::Nothing, some(&[0, 3]), Trained::All]);
    let mut average = Average::default();
    set(&mut toy, &mask, [1.0, 1.0], 1.0);
    average.add(&mask, &toy, 1.0);
    set(&mut toy, &mask, [3.0, 5.0], 7.0);
    average.add(&mask, &toy, 0.5);
    let before = toy.bits();
    let exact = average.put_in(&mut toy, &mask).unwrap();
    assert_eq!((dense(&toy, 1)[0], dense(&toy, 1)[3]), (2.0, 3.0));
    assert_eq!(dense(&toy, 2), [4.0; 5]);
    assert!(toy.weights().iter().all(|weight| weight.trained() == Trained::Nothing));
    exact.put_back(&mut toy, &mask);
    assert_eq!(toy.bits(), before);
    // What averaged a weight as a whole does not follow its later values.
    set(&mut toy, &mask, [0.0, 0.0], 0.0);
    assert_eq!(values(&average, 2), [4.0; 5]);
}

#[test]
fn entries_that_leave_keep_their_value_and_new_ones_begin_with_theirs() {
    let mut toy = Toy::new(0.3, &Device::flex());
    let old = Mask::new(vec![Trained::Nothing, some(&[0, 3]), Trained::All]);
    let new = Mask::new(vec![some(&[5]), some(&[1, 3]), Trained::All]);
    let mut average = Average::default();
    set(&mut toy, &old, [1.0, 1.0], 1.0);
    average.add(&old, &toy, 1.0);
    set(&mut toy, &old, [3.0, 5.0], 7.0);
    average.add(&old, &toy, 0.5);
    let (a, b) = (dense(&toy, 0)[5], dense(&toy, 1)[1]);
    average.set_mask(&old, &new, &toy);
    new.apply(&mut toy, EntryCost::USUAL);
    assert_eq!((values(&average, 0), values(&average, 1)), (vec![a], vec![b, 3.0]));
    average.put_in(&mut toy, &new).unwrap();
    assert_eq!(dense(&toy, 1)[0].to_bits(), 3.0_f32.to_bits(), "the value that training left it with");
}

#[test]
fn averages_go_on_from_a_file_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let mut toy = Toy::new(0.3, &Device::flex());
    let mask = Mask::new(vec![Trained::Nothing, some(&[0, 3]), Trained::All]);
    let mut average = Average::default();
    let optimizer = MaskedOptimizer::new(MaskedOptimizerConfig::default());
    for c in [0.1, 0.7, 0.3] {
        set(&mut toy, &mask, [c, -c], c);
        average.add(&mask, &toy, 1.0 / 3.0);
    }
    TrainingState::write(&path, &toy, [&mask, &mask], &optimizer, &average, &[]).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let read = TrainingState::read(&bytes, &path, &toy).unwrap();
    let mut again = Average::new(&read.average, &toy);
    set(&mut toy, &mask, [0.9, 0.2], 0.4);
    for average in [&mut average, &mut again] {
        average.add(&mask, &toy, 1.0 / 3.0);
    }
    let bits =
        |average: &Average, weight| values(average, weight).iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert!(again.of(0).is_none());
    assert_eq!((bits(&average, 1), bits(&average, 2)), (bits(&again, 1), bits(&again, 2)));

    // An average a weight, of as many numbers as are trained.
    let other = Mask::new(vec![Trained::Nothing, some(&[0]), Trained::All]);
    TrainingState::write(&path, &toy, [&other, &mask], &optimizer, &average, &[]).unwrap();
    let error = TrainingState::read(&std::fs::read(&path).unwrap(), &path, &toy).unwrap_err().to_string();
    assert!(error.contains("`b.weight` has 2 averages of 1 trained entries"), "{error}");
}
