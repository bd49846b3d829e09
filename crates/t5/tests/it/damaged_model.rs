//! Model folders that are damaged, or made to do harm: every one is an error that names the file, and the tensor or key.

use std::fs;
use std::path::Path;

use burn::tensor::Device;
use fishdip_t5::{Precision, T5, TensorFiles};
use half::{bf16, f16};
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::{Value, json};

const TINY: &str = "../../fixtures/golden/t5-tiny";
const FILE: &str = "model.safetensors";

/// The bytes of values.
type Bytes<'a> = &'a dyn Fn(&[f32]) -> Vec<u8>;

/// A copy of the folder `from`.
fn copy(from: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    dir
}

fn error(folder: &Path) -> String {
    T5::load(folder, Precision::F32, &Device::flex()).err().map(|e| e.to_string()).unwrap_or_default()
}

/// What is said of the model whose `config.json` says `value` for `key`.
fn with(key: &str, value: &Value) -> String {
    let dir = copy(TINY);
    let path = dir.path().join("config.json");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    config[key] = value.clone();
    fs::write(path, config.to_string()).unwrap();
    error(dir.path())
}

#[test]
fn sizes_out_of_range_are_refused_before_anything_is_made_of_them() {
    let keys = [
        "vocab_size",
        "d_model",
        "d_kv",
        "d_ff",
        "num_heads",
        "num_layers",
        "num_decoder_layers",
        "relative_attention_num_buckets",
        "relative_attention_max_distance",
    ];
    for key in keys {
        for value in [0, 1 << 33, 1 << 40, (1 << 63) + 32, u64::MAX] {
            let message = with(key, &json!(value));
            assert!(
                message.contains("config.json") && message.contains(&format!("`{key}` is {value}")),
                "{message}"
            );
        }
        for value in [json!(-1), json!(1.5), json!("64"), json!([64])] {
            assert!(
                with(key, &value).contains("config.json is damaged"),
                "{key} {value}: {}",
                with(key, &value)
            );
        }
    }
    // Each within its range, and together too many entries.
    let message = with("vocab_size", &json!(i32::MAX));
    assert!(message.contains("`vocab_size`") && message.contains("2147483647 entries"), "{message}");
}

#[test]
fn sizes_that_the_file_does_not_have_are_refused() {
    // The largest that is read, of which the file has two: the other blocks are missing.
    let message = with("num_layers", &json!(1024));
    assert!(message.contains("lacks") && message.contains("encoder.block."), "{message}");
    for key in ["d_model", "d_kv", "d_ff", "num_heads", "vocab_size", "relative_attention_num_buckets"] {
        let message = with(key, &json!(52));
        assert!(message.contains("has shape"), "{key}: {message}");
    }
}

#[test]
fn other_numbers_have_ranges_as_well() {
    for (key, value) in [
        ("layer_norm_epsilon", json!(0.0)),
        ("layer_norm_epsilon", json!(-1e-6)),
        ("layer_norm_epsilon", json!(2)),
        ("dropout_rate", json!(1.0)),
        ("dropout_rate", json!(-0.1)),
        ("pad_token_id", json!(1 << 30)),
        ("eos_token_id", json!(100_000)),
        ("decoder_start_token_id", json!(100_000)),
    ] {
        let message = with(key, &value);
        assert!(
            message.contains("config.json") && message.contains(&format!("`{key}`")),
            "{key} {value}: {message}"
        );
    }
    assert_eq!(with("unknown_key", &json!(1)), "");
}

#[test]
fn a_config_that_is_no_config_is_refused() {
    let dir = copy(TINY);
    let path = dir.path().join("config.json");
    let whole = fs::read_to_string(&path).unwrap();
    let twice = whole.replacen('{', "{\"d_kv\": 8,", 1);
    let infinite = whole.replacen('{', "{\"layer_norm_epsilon_\": 1e999,", 1);
    let deep = whole.replacen('{', &format!("{{\"x\": {}{},", "[".repeat(200_000), "]".repeat(200_000)), 1);
    for (content, expected) in [
        (twice.as_str(), "duplicate"),
        (&infinite, "out of range"),
        (&deep, "recursion"),
        ("", "EOF"),
        ("[]", "invalid"),
    ] {
        fs::write(&path, content).unwrap();
        let message = error(dir.path());
        assert!(
            message.contains("config.json is damaged") && message.contains(expected),
            "{expected}: {message}"
        );
    }
}

/// The tensors of the small model, the one called `name` as `change` makes it.
fn changed(name: &str, dtype: Dtype, change: impl Fn(&[f32]) -> Vec<u8>) -> tempfile::TempDir {
    let dir = copy(TINY);
    let bytes = fs::read(dir.path().join(FILE)).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let view = file.tensor(name).unwrap();
    let values: Vec<f32> = view.data().as_chunks().0.iter().copied().map(f32::from_le_bytes).collect();
    let data = change(&values);
    let new = TensorView::new(dtype, view.shape().to_vec(), &data).unwrap();
    let tensors =
        file.iter().map(|(own, view)| (own.to_owned(), if own == name { new.clone() } else { view }));
    fs::write(dir.path().join(FILE), safetensors::serialize(tensors, None).unwrap()).unwrap();
    dir
}

#[test]
fn a_value_that_is_not_finite_is_found_with_its_tensor() {
    let name = "decoder.block.1.layer.2.DenseReluDense.wo.weight";
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let last = |values: &[f32]| [&values[1..], &[value]].concat();
        let stored: [(Dtype, Bytes<'_>); 3] = [
            (Dtype::F32, &|v| last(v).iter().flat_map(|v| v.to_le_bytes()).collect()),
            (Dtype::BF16, &|v| last(v).iter().flat_map(|&v| bf16::from_f32(v).to_le_bytes()).collect()),
            (Dtype::F16, &|v| last(v).iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect()),
        ];
        for (dtype, change) in stored {
            let message = error(changed(name, dtype, change).path());
            assert!(message.contains(FILE) && message.contains(name), "{dtype:?}: {message}");
            assert!(message.contains(&value.to_string()), "{dtype:?}: {message}");
        }
    }
}

#[test]
fn a_tensor_of_another_type_is_named() {
    let name = "shared.weight";
    let dir =
        changed(name, Dtype::I32, |values| values.iter().flat_map(|&v| (v as i32).to_le_bytes()).collect());
    let message = error(dir.path());
    assert!(message.contains(name) && message.contains("I32"), "{message}");
}

#[test]
fn an_index_that_names_a_tensor_twice_is_refused() {
    let sharded = "../../fixtures/golden/t5-tiny-sharded";
    let dir = copy(sharded);
    let index = dir.path().join("model.safetensors.index.json");
    let text = fs::read_to_string(&index).unwrap();
    let (first, second) = ("model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors");
    let twice = text.replacen(
        "\"weight_map\": {",
        &format!("\"weight_map\": {{\"shared.weight\": \"{first}\", \"shared.weight\": \"{second}\","),
        1,
    );
    fs::write(&index, twice).unwrap();
    let message = error(dir.path());
    assert!(message.contains("index.json") && message.contains("names `shared.weight` twice"), "{message}");

    // Two files that hold the same tensor.
    fs::write(&index, text.replace(second, "copy.safetensors").replace("00003-of-00003", "00001-of-00003"))
        .unwrap();
    fs::copy(dir.path().join(first), dir.path().join("copy.safetensors")).unwrap();
    let message = error(dir.path());
    assert!(message.contains("safetensors"), "{message}");
}

#[test]
fn two_files_that_hold_the_same_tensor_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy(Path::new(TINY).join("config.json"), dir.path().join("config.json")).unwrap();
    for file in ["a.safetensors", "b.safetensors"] {
        fs::copy(Path::new(TINY).join(FILE), dir.path().join(file)).unwrap();
    }
    let map = json!({"weight_map": {"shared.weight": "a.safetensors", "encoder.final_layer_norm.weight": "b.safetensors"}});
    fs::write(dir.path().join("model.safetensors.index.json"), map.to_string()).unwrap();
    let message = error(dir.path());
    assert!(
        message.contains("b.safetensors") && message.contains("a.safetensors holds as well"),
        "{message}"
    );
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    for name in ["config.json", FILE] {
        let dir = copy(TINY);
        let path = dir.path().join(name);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let message = error(dir.path());
        assert!(message.contains(name) && message.contains("a folder, not a file"), "{message}");
        #[cfg(unix)]
        {
            fs::remove_dir(&path).unwrap();
            std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
            let message = error(dir.path());
            assert!(message.contains(name) && message.contains("a device, not a file"), "{message}");
        }
    }
}

#[test]
fn truncations_and_changed_bytes_of_the_header_are_errors() {
    let dir = copy(TINY);
    let path = dir.path().join(FILE);
    let whole = fs::read(&path).unwrap();
    let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let cuts = (0..64).map(|i| i * whole.len() / 64);
    for length in cuts.chain([1, 7, 8, 9, header - 1, header, whole.len() - 1]) {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(error(dir.path()).contains(FILE), "cut at {length}: {}", error(dir.path()));
    }
    for at in (0..header).step_by(17) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        fs::write(&path, damaged).unwrap();
        // That none panics is asked; a letter of a key that nobody reads may change.
        error(dir.path());
    }
}

#[test]
fn a_wrong_byte_in_a_file_of_tensors_is_read_or_refused() {
    for (folder, file) in
        [(TINY, FILE), (TINY, "config.json"), ("../../fixtures/golden/t5-tiny-bin", "pytorch_model.bin")]
    {
        let dir = copy(folder);
        let path = dir.path().join(file);
        let mut bytes = fs::read(&path).unwrap();
        let mut numbers = SplitMix64::seed_from_u64(1);
        let mut below = |bound: usize| numbers.next_u64() as usize % bound;
        for _ in 0..400 {
            // Headers stand at the start of some formats and at the end of others.
            let near = bytes.len().min(4096);
            let at = match below(3) {
                0 => below(bytes.len()),
                1 => below(near),
                _ => bytes.len() - 1 - below(near),
            };
            let kept = core::mem::replace(&mut bytes[at], below(256) as u8);
            fs::write(&path, &bytes).unwrap();
            error(dir.path());
            bytes[at] = kept;
        }
    }
}

/// The same model by another file, and another model by the same file.
#[test]
fn the_identity_of_a_config_is_what_it_computes() {
    let read = |change: &dyn Fn(&mut Value)| {
        let dir = copy(TINY);
        let path = dir.path().join("config.json");
        let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut config);
        fs::write(&path, config.to_string()).unwrap();
        fishdip_t5::T5Config::read(&path).unwrap().identity()
    };
    let own = read(&|_| {});
    assert_eq!(read(&|config| config["transformers_version"] = "0".into()), own);
    assert_ne!(read(&|config| config["layer_norm_epsilon"] = 1e-5.into()), own);
    assert_ne!(read(&|config| config["relative_attention_max_distance"] = 129.into()), own);
    assert_ne!(read(&|config| config["decoder_start_token_id"] = 2.into()), own);
    let files = TensorFiles::read(Path::new(TINY)).unwrap();
    assert_eq!(files.contents().count(), 1);
}
