//! Adapter folders: exact, whole or not at all, damage refused.

#![allow(clippy::unwrap_used)]

mod toy;

use burn::tensor::Device;
use fishdip_peft::{Adaptable, Adapter, AdapterConfig, Error, SparseDelta, SparseMask};
use std::path::Path;
use toy::Toy;

fn adapter(toy: &Toy) -> Adapter {
    let touched = SparseMask::new(vec![vec![1, 5, 9], vec![], vec![0, 3]]);
    let delta = SparseDelta::extract(toy, &touched);
    let config = AdapterConfig {
        peft_type: "FISH_DIP".into(),
        base_model_name_or_path: "base".into(),
        base_model_hash: "0".into(),
        entries_total: toy.entries(),
        entries_replaced: delta.entries(),
        run: serde_json::json!({ "task": "toy" }),
    };
    Adapter { config, delta }
}

#[test]
fn saved_loaded_and_applied_is_exact() {
    let device = Device::flex();
    let (trained, mut base) = (Toy::new(1.0, &device), Toy::new(0.0, &device));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter");
    adapter(&trained).save(&path, "# card\n").unwrap();
    let loaded = Adapter::load(&path).unwrap();
    assert_eq!(loaded, adapter(&trained));
    loaded.delta.apply(&mut base).unwrap();
    let (trained, base, untouched) = (trained.bits(), base.bits(), Toy::new(0.0, &device).bits());
    for w in 0..3 {
        for i in 0..base[w].len() {
            let touched = [&[1, 5, 9][..], &[], &[0, 3]][w].contains(&i);
            assert_eq!(
                base[w][i],
                if touched { trained[w][i] } else { untouched[w][i] },
                "weight {w} entry {i}"
            );
        }
    }
}

#[test]
fn indices_are_those_of_the_file_layout() {
    // The first toy weight is [3, 4] here and [4, 3] in the file: entry (r, c) stands at c·3 + r.
    let delta = adapter(&Toy::new(1.0, &Device::flex())).delta;
    // 1 = (0, 1) → 3; 5 = (1, 1) → 4; 9 = (2, 1) → 5
    assert_eq!(delta.tensors["a.weight"].positions, [3, 4, 5]);
    assert_eq!(delta.tensors["c.weight"].positions, [0, 3]);
}

#[test]
fn a_model_without_the_tensor_is_refused_and_stays() {
    let device = Device::flex();
    let mut delta = adapter(&Toy::new(1.0, &device)).delta;
    let tensor = delta.tensors["a.weight"].clone();
    delta.tensors.insert("z.weight".into(), tensor);
    let mut toy = Toy::new(0.0, &device);
    let message = delta.apply(&mut toy).unwrap_err().to_string();
    assert!(message.contains("`z.weight`"), "{message}");
    assert_eq!(toy.bits(), Toy::new(0.0, &device).bits());
}

#[test]
fn every_truncation_and_a_flip_in_every_header_byte_is_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter");
    adapter(&Toy::new(1.0, &Device::flex())).save(&path, "").unwrap();
    let file = path.join("adapter_model.safetensors");
    let bytes = std::fs::read(&file).unwrap();
    let refused = |bytes: &[u8], path: &Path| {
        std::fs::write(&file, bytes).unwrap();
        matches!(Adapter::load(path), Err(Error::Damaged { .. }))
    };
    for length in 0..bytes.len() {
        assert!(refused(&bytes[..length], &path), "cut at {length}");
    }
    for i in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[i] ^= 0x80;
        // A flipped bit in a value is a value: only that it never panics is asked of it.
        refused(&damaged, &path);
    }
}
