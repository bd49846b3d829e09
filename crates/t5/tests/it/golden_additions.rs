//! What methods add to a model, against Python PEFT, AdapterHub's `adapters` and formulas written in PyTorch, on tiny random weights.

use std::collections::BTreeMap;
use std::path::PathBuf;

use burn::tensor::{Device, Tensor};
use fishdip_peft::{
    Adaptable, AddedTensor, AddedWeights, Addition, BottleneckConfig, EntryCost, Ia3Config, LoraConfig, Mask,
    Placement, PrefixConfig, PromptConfig, PythonPeft, Role, UniPeltConfig, Weight, read_python_peft,
};
use fishdip_t5::{Batch, Dropout, Precision, T5};

use crate::golden_folder::{Golden, folder};

const VARIANTS: [&str; 2] = ["t5-tiny", "t5v1_1-tiny"];

/// The settings of `make_additions.py` and `make_unipelt.py`.
fn methods(variant: &str) -> Vec<(&'static str, Addition)> {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let every = match variant {
        "t5-tiny" => names(&["q", "k", "v", "o", "wi", "wo"]),
        _ => names(&["q", "k", "v", "o", "wi_0", "wi_1", "wo"]),
    };
    let lora = LoraConfig { rank: 2, alpha: 4.0, ..LoraConfig::default() };
    let bottleneck =
        |placement: Placement| Addition::Bottleneck(BottleneckConfig { reduction: 2, ..placement.usual() });
    let unipelt = UniPeltConfig {
        prefix_length: 3,
        prefix_bottleneck: 8,
        reduction: 2,
        rank: 2,
        targets: names(&["q", "v"]),
    };
    vec![
        ("peft-lora", Addition::Lora(lora.clone())),
        (
            "peft-lora-all",
            Addition::Lora(LoraConfig { targets: every, rank_stabilized: true, ..lora.clone() }),
        ),
        ("peft-dora", Addition::Lora(LoraConfig { dora: true, ..lora })),
        ("peft-ia3", Addition::Ia3(Ia3Config::default())),
        ("peft-prompt", Addition::Prompt(PromptConfig { length: 3 })),
        ("adapters-houlsby", bottleneck(Placement::Houlsby)),
        ("adapters-pfeiffer", bottleneck(Placement::Pfeiffer)),
        ("adapters-parallel", bottleneck(Placement::Parallel)),
        ("adapters-prefix", Addition::Prefix(PrefixConfig { length: 3, bottleneck: 8 })),
        ("unipelt", Addition::UniPelt(unipelt)),
    ]
}

fn golden_path(variant: &str, method: &str) -> PathBuf {
    folder("additions").join(variant).join(method)
}

/// What the library's name of an added tensor is here.
fn own_name(name: &str) -> Option<String> {
    let name = name.strip_prefix("base_model.model.").unwrap_or(name);
    let renamed = [
        ("prompt_embeddings", "encoder.prompt_embeddings"),
        ("adapters.default.adapter_down.0", "bottleneck.down"),
        ("adapters.default.adapter_up", "bottleneck.up"),
        ("prefix_tuning.prefix_tunings.default.encoder_prefix", "encoder.prefix"),
        ("prefix_tuning.prefix_tunings.default.self_prefix", "decoder.prefix"),
        ("prefix_tuning.prefix_tunings.default.cross_prefix", "decoder.cross_prefix"),
    ];
    // As they are here, or named so in `make_unipelt.py`.
    let ours = ["lora_", "ia3_l", ".bottleneck.", ".prefix_gate.", "coder.prefix.", "coder.cross_prefix."];
    if ours.iter().any(|part| name.contains(part)) {
        return Some(name.to_owned());
    }
    renamed.iter().find(|(theirs, _)| name.contains(theirs)).map(|(theirs, ours)| name.replace(theirs, ours))
}

/// The library's tensors (with `prefix`: `grad.`, their gradients) under our names.
fn added(golden: &Golden, prefix: &str) -> AddedWeights {
    let mut tensors = BTreeMap::new();
    for (name, shape) in golden.shapes() {
        let Some(theirs) = name.strip_prefix(prefix) else { continue };
        let Some(path) = own_name(theirs).filter(|_| prefix == "grad." || !theirs.starts_with("grad."))
        else {
            continue;
        };
        let (mut shape, mut values) = (shape, golden.floats(&name));
        if path.ends_with("prompt_embeddings") {
            // Python PEFT keeps a second half for the decoder, which it does not use.
            shape[0] /= 2;
            values.truncate(shape.iter().product());
        }
        if path.ends_with("ia3_l") {
            shape = vec![values.len()];
        }
        tensors.insert(path, AddedTensor { shape, values });
    }
    AddedWeights { tensors }
}

fn batch(golden: &Golden, device: &Device) -> Batch {
    let [sources, targets] = ["input_ids", "labels"].map(|name| golden.rows(name, 0));
    let [sources, targets] =
        [&sources, &targets].map(|rows| rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
    Batch::new(&sources, &targets, 0, device)
}

/// The model with the golden's values in what was added.
fn model(variant: &str, method: &str, addition: &Addition, golden: &Golden) -> T5 {
    let mut model = T5::load(&folder(variant), Precision::F32, &Device::flex()).unwrap();
    if method == "adapters-prefix" {
        // As in the script.
        for weight in model.weights_mut().into_iter().filter(|w| w.path().contains("relative_attention_bias"))
        {
            weight.assign_all(&vec![0.0; weight.entries()]);
        }
    }
    model.add(addition, 1).unwrap();
    added(golden, "").apply(&mut model).unwrap();
    model
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Whether values are the same but for roundings, relative to the largest.
fn close(what: &str, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let scale = theirs.iter().fold(1e-3_f32, |most, value| most.max(value.abs()));
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= tolerance * scale, "{what}[{i}]: {a}, Python has {b}");
    }
}

#[test]
fn outputs_and_gradients_are_those_of_the_libraries() {
    for variant in VARIANTS {
        for (method, addition) in methods(variant) {
            let golden = Golden::file(&golden_path(variant, &format!("{method}.safetensors")));
            let what = |of: &str| format!("{variant} {method} {of}");
            let mut model = model(variant, method, &addition, &golden);
            let plain = batch(&golden, &Device::flex());
            // The output of prompts themselves is no part of ours.
            if method != "peft-prompt" {
                let hidden = values(model.encoder_output(&plain));
                close(&what("encoder"), &hidden, &golden.floats("encoder_hidden"), 2e-5);
            }
            close(&what("logits"), &values(model.logits(&plain)), &golden.floats("logits"), 2e-5);

            let mask = Mask::added(&model);
            mask.apply(&mut model, EntryCost::USUAL);
            model.weights_mut().into_iter().for_each(Weight::watch);
            let loss = model.loss(&batch(&golden, &Device::flex().autodiff()), &Dropout::none()).mean();
            close(&what("loss"), &values(loss.clone()), &golden.floats("loss_ignore_pad"), 1e-5);
            let mut gradients = loss.backward();
            let theirs = added(&golden, "grad.");
            let mut seen = 0;
            for weight in model.weights_mut().into_iter().filter(|weight| weight.role() == Role::Added) {
                let gradient = values(weight.take_gradient(&mut gradients).unwrap());
                let in_file: Vec<f32> =
                    (0..gradient.len() as u32).map(|at| gradient[weight.from_file(at) as usize]).collect();
                let path = weight.path();
                close(&what(path), &in_file, &theirs.tensors[path].values, 5e-4);
                seen += 1;
            }
            assert_eq!(seen, theirs.tensors.len(), "{}", what("gradients"));
        }
    }
}

#[test]
fn folders_that_python_peft_saved_are_read() {
    for variant in VARIANTS {
        for method in ["peft-lora", "peft-ia3"] {
            let golden = Golden::file(&golden_path(variant, &format!("{method}.safetensors")));
            let PythonPeft { addition, added: weights, .. } =
                read_python_peft(&golden_path(variant, method)).unwrap();
            let expected = methods(variant).into_iter().find(|(name, _)| *name == method).unwrap().1;
            assert_eq!(addition, expected, "{variant} {method}");
            let mut model = T5::load(&folder(variant), Precision::F32, &Device::flex()).unwrap();
            model.add(&addition, 1).unwrap();
            weights.apply(&mut model).unwrap();
            let logits = values(model.logits(&batch(&golden, &Device::flex())));
            close(&format!("{variant} {method}"), &logits, &golden.floats("logits"), 2e-5);
        }
    }
}
