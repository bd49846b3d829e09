//! The tensor files of a model folder.

use std::fs;
use std::path::Path;

use burn::tensor::Device;
use fishdip_peft::Adaptable;
use fishdip_t5::{Precision, T5};

use crate::golden_folder::folder;

fn weights(model: &T5) -> Vec<(String, Vec<f32>)> {
    let values = |w: &fishdip_peft::Weight| w.dense().into_data().iter::<f32>().collect();
    model.weights().into_iter().map(|w| (w.path().to_owned(), values(w))).collect()
}

/// A copy that a test may damage.
fn copy(to: &Path) {
    for entry in fs::read_dir(folder("t5-tiny-sharded")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn error(folder: &Path) -> String {
    T5::load(folder, Precision::F32, &Device::flex()).unwrap_err().to_string()
}

#[test]
fn parts_and_their_index_are_the_same_model() {
    let whole = T5::load(&folder("t5-tiny"), Precision::F32, &Device::flex()).unwrap();
    let parts = T5::load(&folder("t5-tiny-sharded"), Precision::F32, &Device::flex()).unwrap();
    assert!(weights(&whole) == weights(&parts));
}

#[test]
fn a_file_of_pytorch_is_the_same_model() {
    let whole = T5::load(&folder("t5-tiny"), Precision::F32, &Device::flex()).unwrap();
    let pickled = T5::load(&folder("t5-tiny-bin"), Precision::F32, &Device::flex()).unwrap();
    assert!(weights(&whole) == weights(&pickled));
    let dir = tempfile::tempdir().unwrap();
    fs::copy(folder("t5-tiny-bin").join("config.json"), dir.path().join("config.json")).unwrap();
    let file = dir.path().join("pytorch_model.bin");
    let bytes = fs::read(folder("t5-tiny-bin").join("pytorch_model.bin")).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    assert!(error(dir.path()).contains("pytorch_model.bin is damaged"), "{}", error(dir.path()));
}

#[test]
fn what_is_wrong_with_parts_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let index = dir.path().join("model.safetensors.index.json");
    copy(dir.path());
    let text = fs::read_to_string(&index).unwrap();
    let (first, second) = ("model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors");

    fs::write(&index, text.replacen(second, first, 1)).unwrap();
    let message = error(dir.path());
    assert!(message.contains(first) && message.contains("says that it holds `decoder.block.0"), "{message}");

    fs::write(&index, text.replace(first, "../secret.safetensors")).unwrap();
    assert!(error(dir.path()).contains("is no file name"), "{}", error(dir.path()));

    fs::write(&index, "{}").unwrap();
    assert!(error(dir.path()).contains("weight_map"), "{}", error(dir.path()));

    fs::write(&index, text).unwrap();
    fs::remove_file(dir.path().join(second)).unwrap();
    assert!(error(dir.path()).contains(second), "{}", error(dir.path()));
}

#[test]
fn a_folder_without_tensors_says_what_belongs_there() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(folder("t5-tiny").join("config.json"), dir.path().join("config.json")).unwrap();
    let message = error(dir.path());
    assert!(
        message.contains("model.safetensors") && message.contains("model.safetensors.index.json"),
        "{message}"
    );
}

/// What a file that `transformers` wrote and one of ours hold, name by name.
fn tensors(file: &Path) -> Vec<(String, Vec<usize>, Vec<u8>)> {
    let bytes = fs::read(file).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut all: Vec<_> = file
        .iter()
        .map(|(name, view)| (name.to_owned(), view.shape().to_vec(), view.data().to_vec()))
        .collect();
    all.sort();
    all
}

#[test]
fn a_saved_model_is_what_transformers_wrote() {
    for variant in ["t5-tiny", "t5v1_1-tiny", "mt5-tiny", "byt5-tiny"] {
        let model = T5::load(&folder(variant), Precision::F32, &Device::flex()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let saved = dir.path().join("saved");
        model.save(&saved).unwrap();
        let file = "model.safetensors";
        assert!(tensors(&saved.join(file)) == tensors(&folder(variant).join(file)), "{variant}");
        let config = |folder: &Path| -> serde_json::Value {
            serde_json::from_slice(&fs::read(folder.join("config.json")).unwrap()).unwrap()
        };
        assert_eq!(config(&saved), config(&folder(variant)));
        let mode = |file: &str| fs::metadata(saved.join(file)).unwrap().permissions();
        assert_eq!(mode("model.safetensors"), mode("config.json"));
        let message = model.save(&saved).unwrap_err().to_string();
        assert!(message.contains("saved") && message.contains("exists"), "{message}");
    }
}
