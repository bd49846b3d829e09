//! What of a model a mask trains.

use burn::tensor::{Device, Tensor};
use fishdip_peft::{Adaptable, FileLayout, Mask, Positions, Trained, Weight};

use crate::toy::Toy;

fn some(positions: &[u32]) -> Trained {
    Trained::Entries(Positions::new(positions.to_vec()).unwrap())
}

#[test]
fn everything_is_trained_without_a_list() {
    let toy = Toy::new(0.0, &Device::flex());
    let all = Mask::all(&toy);
    assert_eq!(all.trained(), [Trained::All, Trained::All, Trained::All]);
    assert_eq!(all.entries(&toy), 12 + 4 + 5);
    assert_eq!(all.trained()[2].positions(5).collect::<Vec<u32>>(), [0, 1, 2, 3, 4]);
}

#[test]
fn what_a_method_adds_is_trained_and_is_no_entry_of_the_model() {
    let mut toy = Toy::new(0.0, &Device::flex());
    toy.0.push(Weight::added("d.weight", Tensor::zeros([2, 3], &Device::flex()), FileLayout::AsIs));
    assert_eq!(toy.entries(), 12 + 4 + 5);
    let added = Mask::added(&toy);
    assert_eq!(added.trained(), [Trained::Nothing, Trained::Nothing, Trained::Nothing, Trained::All]);
    assert_eq!(added.entries(&toy), 6);
}

#[test]
fn churn_is_the_share_of_entries_that_are_new() {
    let toy = Toy::new(0.0, &Device::flex());
    let mask = |first: Trained, second: Trained| Mask::new(vec![first, second, Trained::Nothing]);
    let (old, new) = (mask(some(&[0, 3, 5]), Trained::All), mask(some(&[3, 7]), some(&[0, 1])));
    // Of four entries, 7 is new.
    assert!((new.churn(&old, &toy) - 0.25).abs() < 1e-12);
    // Of seven, 0, 5 and two of the second weight are.
    assert!((old.churn(&new, &toy) - 4.0 / 7.0).abs() < 1e-12);
    assert!((new.churn(&Mask::default(), &toy) - 1.0).abs() < 1e-12);
    assert!(Mask::default().churn(&new, &toy).abs() < 1e-12);
}

#[test]
fn what_was_ever_trained_adds_up() {
    let mut touched = Mask::default();
    for (first, second) in
        [(some(&[4, 9]), Trained::Nothing), (some(&[1, 4]), some(&[2])), (Trained::Nothing, Trained::All)]
    {
        touched.extend(&Mask::new(vec![first, second]));
    }
    assert_eq!(touched.trained(), [some(&[1, 4, 9]), Trained::All]);
}

#[test]
fn positions_are_sorted_and_unique() {
    assert!(Positions::new(vec![1, 1]).is_none() && Positions::new(vec![2, 1]).is_none());
    assert_eq!(Positions::new(vec![]).unwrap().len(), 0);
}
