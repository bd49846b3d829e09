//! `transformers` loads what we save: all of it, and with the logits that it had of the same weights.

use burn::tensor::Device;
use fishdip_t5::{Precision, T5};
use std::process::Command;

use crate::golden_folder::folder;

/// For pairs of a folder and golden tensors: how many tensors `transformers` missed or had no place for, and how far logits are from the golden ones.
const LOADED: &str = r#"
import json, sys, torch
from safetensors.torch import load_file
from transformers import AutoModelForSeq2SeqLM
found = []
for folder, golden in zip(sys.argv[1::2], sys.argv[2::2]):
    model, told = AutoModelForSeq2SeqLM.from_pretrained(folder, output_loading_info=True)
    golden = load_file(golden)
    inputs = {name: golden[name] for name in ("input_ids", "attention_mask", "labels")}
    inputs["decoder_input_ids"] = model._shift_right(inputs.pop("labels"))
    with torch.no_grad():
        logits = model(**inputs).logits
    wrong = sum(len(told[key]) for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    found.append([wrong, (logits - golden["logits"]).abs().max().item()])
print(json.dumps(found))
"#;

#[test]
fn a_saved_model_has_the_same_logits_there() {
    // Tied and untied, gated and not.
    const VARIANTS: [&str; 4] = ["t5-tiny", "t5v1_1-tiny", "mt5-tiny", "byt5-tiny"];
    let python = std::env::var("FISHDIP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let can = Command::new(&python).args(["-c", "import torch, transformers, safetensors"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "skipped: the Python in FISHDIP_PYTHON, else python3, cannot import torch and transformers"
        );
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(&python);
    command.args(["-c", LOADED]);
    for variant in VARIANTS {
        let saved = dir.path().join(variant);
        T5::load(&folder(variant), Precision::F32, &Device::flex()).unwrap().save(&saved).unwrap();
        command.arg(saved).arg(folder(variant).join("golden.safetensors"));
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Vec<(usize, f64)> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found.len(), VARIANTS.len());
    for (variant, (wrong, difference)) in VARIANTS.into_iter().zip(found) {
        // Another version of PyTorch may sum in another order.
        assert!(wrong == 0 && difference < 1e-4, "{variant}: {wrong} tensors, logits off by {difference}");
    }
}
