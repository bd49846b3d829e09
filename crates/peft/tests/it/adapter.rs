//! Adapter folders: exact, whole or not at all, damage refused.

use burn::tensor::Device;
use fishdip_peft::{Adaptable, Adapter, AdapterConfig, AddedWeights, Error, Mask, SparseDelta, SparseTensor};
use std::path::{Path, PathBuf};

use crate::toy::Toy;

fn adapter(toy: &Toy) -> Adapter {
    let touched = Mask::of_entries(vec![vec![1, 5, 9], vec![], vec![0, 3]]);
    let delta = SparseDelta::extract(toy, &touched);
    let config = AdapterConfig {
        peft_type: "FISH_DIP".into(),
        base_model_name_or_path: "base".into(),
        base_model_hash: "0".into(),
        base_config_hash: Some("1".into()),
        base_tokenizer_hash: Some("2".into()),
        entries_total: toy.entries(),
        entries_replaced: delta.entries(),
        addition: None,
        sites: Vec::new(),
        entries_added: 0,
        tensors_hash: None,
        config_hash: None,
        run: serde_json::json!({ "task": "toy" }),
    };
    Adapter { config, delta, added: AddedWeights::default() }
}

#[test]
fn saved_loaded_and_applied_is_exact() {
    let device = Device::flex();
    let (trained, mut base) = (Toy::new(1.0, &device), Toy::new(0.0, &device));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter");
    adapter(&trained).save(&path, "# card\n").unwrap();
    let loaded = Adapter::load(&path).unwrap();
    assert_eq!(loaded.delta, adapter(&trained).delta);
    let AdapterConfig { tensors_hash, config_hash, .. } = &loaded.config;
    assert!(tensors_hash.is_some() && config_hash.is_some() && loaded.config.note().is_none());
    let without = AdapterConfig { tensors_hash: None, config_hash: None, ..loaded.config.clone() };
    assert_eq!(without, adapter(&trained).config);
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

/// The folder of a saved adapter, and what `load` says of it.
fn saved() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter");
    adapter(&Toy::new(1.0, &Device::flex())).save(&path, "").unwrap();
    (folder, path)
}

fn refused(path: &Path) -> String {
    match Adapter::load(path) {
        Err(error @ Error::Damaged { .. }) => error.to_string(),
        Err(error) => panic!("{error}"),
        Ok(_) => String::new(),
    }
}

#[test]
fn every_truncation_and_every_flipped_bit_of_the_tensors_is_refused() {
    let (_folder, path) = saved();
    let file = path.join("adapter_model.safetensors");
    let bytes = std::fs::read(&file).unwrap();
    for length in 0..bytes.len() {
        std::fs::write(&file, &bytes[..length]).unwrap();
        assert!(refused(&path).contains("adapter_model.safetensors"), "cut at {length}");
    }
    for bit in 0..8 * bytes.len() {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&file, damaged).unwrap();
        assert!(refused(&path).contains("adapter_model.safetensors"), "bit {bit}");
    }
}

#[test]
fn a_flipped_bit_of_the_config_is_refused_or_changes_nothing() {
    let (_folder, path) = saved();
    let file = path.join("adapter_config.json");
    let (bytes, whole) = (std::fs::read(&file).unwrap(), Adapter::load(&path).unwrap());
    let mut read = 0;
    for bit in 0..8 * bytes.len() {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&file, damaged).unwrap();
        match Adapter::load(&path) {
            // One kind of white space for another.
            Ok(loaded) => {
                assert_eq!(loaded, whole, "bit {bit}");
                read += 1;
            }
            Err(error) => assert!(matches!(error, Error::Damaged { .. }), "bit {bit}: {error}"),
        }
    }
    assert!(read < bytes.len(), "{read} of {} bits", 8 * bytes.len());
}

#[test]
fn an_edit_is_told_from_damage_by_whoever_means_it() {
    let (_folder, path) = saved();
    let file = path.join("adapter_config.json");
    let text = std::fs::read_to_string(&file).unwrap().replace("\"base\"", "\"elsewhere\"");
    std::fs::write(&file, &text).unwrap();
    let message = refused(&path);
    assert!(
        message.contains("adapter_config.json") && message.contains("take `config_hash` out"),
        "{message}"
    );
    let without: Vec<&str> =
        text.lines().filter(|line| !line.contains("config_hash\":") || line.contains("base_")).collect();
    std::fs::write(&file, without.join("\n")).unwrap();
    let loaded = Adapter::load(&path).unwrap();
    assert_eq!(loaded.config.base_model_name_or_path, "elsewhere");
    assert!(loaded.config.note().unwrap().contains("no hash of its config,"), "{:?}", loaded.config.note());
}

#[test]
fn a_config_can_be_replaced() {
    let (_folder, path) = saved();
    let mut config = AdapterConfig::load(&path).unwrap();
    config.run = serde_json::json!({ "task": "toy", "temperature": 1.5 });
    config.replace(&path).unwrap();
    let loaded = Adapter::load(&path).unwrap();
    assert_eq!(loaded.config.run["temperature"], 1.5);
    assert!(loaded.config.note().is_none());
}

#[test]
fn an_adapter_without_hashes_is_read_with_a_note() {
    let (_folder, path) = saved();
    let file = path.join("adapter_config.json");
    let mut config: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    for key in ["tensors_hash", "config_hash", "base_config_hash", "base_tokenizer_hash"] {
        config.as_object_mut().unwrap().remove(key).unwrap();
    }
    std::fs::write(&file, config.to_string()).unwrap();
    let note = Adapter::load(&path).unwrap().config.note().unwrap();
    assert!(note.contains("its values") && note.contains("tokenizer"), "{note}");
}

#[test]
fn values_that_are_not_finite_are_refused_with_their_tensor() {
    let device = Device::flex();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter");
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut adapter = adapter(&Toy::new(1.0, &device));
        adapter.delta.tensors.get_mut("c.weight").unwrap().values[1] = value;
        let error = adapter.save(&path, "").unwrap_err().to_string();
        assert!(error.contains("`c.weight`") && error.contains("not finite"), "{error}");
        assert!(!path.exists());
    }
    // In a file from elsewhere, without hashes.
    let (_folder, path) = saved();
    let file = path.join("adapter_model.safetensors");
    let mut bytes = std::fs::read(&file).unwrap();
    let last = adapter(&Toy::new(1.0, &device)).delta.tensors["c.weight"].values[1].to_le_bytes();
    let at = bytes.windows(4).rposition(|window| window == last).unwrap();
    bytes[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&file, bytes).unwrap();
    let file = path.join("adapter_config.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let without: Vec<&str> =
        text.lines().filter(|line| !line.contains("s_hash\"") && !line.contains("\"config_hash")).collect();
    std::fs::write(&file, without.join("\n")).unwrap();
    let message = refused(&path);
    assert!(message.contains("`c.weight`") && message.contains("NaN or infinite"), "{message}");
}

#[test]
fn what_is_no_adapter_file_is_named() {
    let (_folder, path) = saved();
    let config = path.join("adapter_config.json");
    let text = std::fs::read_to_string(&config).unwrap();
    let deep = format!("{{\"run\": {}", "[".repeat(200_000));
    let unknown = text.replacen('{', "{\"peft_typo\": 1,", 1);
    for (content, expected) in
        [(deep.as_str(), "recursion"), (unknown.as_str(), "does not fit"), ("{}", "peft_type"), ("", "EOF")]
    {
        std::fs::write(&config, content).unwrap();
        assert!(refused(&path).contains(expected), "{expected}: {}", refused(&path));
    }
    std::fs::remove_file(&config).unwrap();
    std::fs::create_dir(&config).unwrap();
    let message = Adapter::load(&path).unwrap_err().to_string();
    assert!(message.contains("adapter_config.json") && message.contains("a folder, not a file"), "{message}");
}

#[test]
fn a_delta_that_does_not_hold_together_is_refused_and_the_model_stays() {
    let device = Device::flex();
    let mut toy = Toy::new(0.0, &device);
    let mut refused = |change: fn(&mut SparseTensor)| {
        let mut delta = adapter(&Toy::new(1.0, &device)).delta;
        change(delta.tensors.get_mut("c.weight").unwrap());
        let message = delta.apply(&mut toy).unwrap_err().to_string();
        assert_eq!(toy.bits(), Toy::new(0.0, &device).bits());
        message
    };
    assert!(refused(|tensor| tensor.positions = vec![3, 0]).contains("not sorted"));
    assert!(refused(|tensor| tensor.positions = vec![0, 5]).contains("5 entries"));
    assert!(refused(|tensor| tensor.values.truncate(1)).contains("1 values"));
}
