//! The entries of an adapter that change its base model most.

use burn::tensor::Device;
use fishdip_peft::{Adaptable, Error, SparseDelta, SparseTensor};
use std::collections::BTreeMap;

use crate::toy::Toy;

/// Replaces entries, by path and position in the file, with the value of `base` and something added to it.
fn delta(base: &Toy, entries: &[(&str, u32, f32)]) -> SparseDelta {
    let mut tensors: BTreeMap<String, SparseTensor> = BTreeMap::new();
    for &(path, position, added) in entries {
        let weight = base.weights().into_iter().find(|weight| weight.path() == path).unwrap();
        let dense: Vec<f32> = weight.dense().into_data().iter::<f32>().collect();
        let tensor = tensors.entry(path.to_owned()).or_default();
        tensor.positions.push(position);
        tensor.values.push(dense[weight.from_file(position) as usize] + added);
    }
    SparseDelta { tensors }
}

/// Paths and positions.
fn places(delta: &SparseDelta) -> Vec<(&str, u32)> {
    let tensors = delta.tensors.iter();
    tensors
        .flat_map(|(path, of)| of.positions.iter().map(move |&position| (path.as_str(), position)))
        .collect()
}

#[test]
fn the_largest_changes_are_kept_and_ties_break_by_path_and_position() {
    let base = Toy::new(0.0, &Device::flex());
    let (a, c) = ("a.weight", "c.weight");
    let whole = delta(&base, &[(a, 0, 0.5), (a, 3, 0.0), (a, 7, -2.0), (c, 0, 0.0), (c, 4, 1.0)]);
    let pruned = |share| whole.pruned(&base, share).unwrap();
    for (share, kept) in [
        (0.39, vec![(a, 7)]),
        (0.41, vec![(a, 7), (c, 4)]),
        (0.61, vec![(a, 0), (a, 7), (c, 4)]),
        (0.81, vec![(a, 0), (a, 3), (a, 7), (c, 4)]),
    ] {
        assert_eq!(places(&pruned(share).delta), kept, "{share}");
    }
    let most = pruned(0.81);
    assert_eq!((most.dropped, most.largest_dropped), ([(c.to_owned(), 1)].into(), Some(0.0)));
    let two = pruned(0.41);
    assert_eq!(two.dropped, [(a.to_owned(), 2), (c.to_owned(), 1)].into());
    assert!((two.largest_dropped.unwrap() - 0.5).abs() < 1e-6);
    assert_eq!(two.delta.tensors[c].values[0].to_bits(), whole.tensors[c].values[1].to_bits());
    let all = pruned(1.0);
    assert_eq!((&all.delta, all.dropped.len(), all.largest_dropped), (&whole, 0, None));
}

#[test]
fn an_adapter_without_entries_stays_so() {
    let base = Toy::new(0.0, &Device::flex());
    let pruned = SparseDelta::default().pruned(&base, 0.5).unwrap();
    assert_eq!((pruned.delta.entries(), pruned.largest_dropped), (0, None));
}

#[test]
fn what_cannot_be_pruned_is_refused() {
    let base = Toy::new(0.0, &Device::flex());
    let whole = delta(&base, &[("a.weight", 0, 0.5)]);
    for share in [0.0, -0.5, 1.5, f64::NAN] {
        assert!(matches!(whole.pruned(&base, share), Err(Error::Keep { .. })), "{share}");
    }
    assert!(matches!(whole.pruned(&base, 0.99), Err(Error::KeepsNone { entries: 1, .. })));
    let mut other = whole.clone();
    other.tensors.insert("z.weight".into(), whole.tensors["a.weight"].clone());
    let message = other.pruned(&base, 0.5).unwrap_err().to_string();
    assert!(message.contains("`z.weight`"), "{message}");
    let mut beyond = whole;
    beyond.tensors.insert("c.weight".into(), SparseTensor { positions: vec![5], values: vec![0.0] });
    assert!(beyond.pruned(&base, 0.5).unwrap_err().to_string().contains("5 entries"));
}
