//! `fishdip export`: a model that other programs read, and the page about the format, whose program does the same.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::project::Project;
use crate::python::python;

/// Asks `transformers` for its complaints about the folder, and for its logits of it and of the base model's folder with other tensors.
const COMPARED: &str = r#"
import json, sys, torch
from transformers import AutoModelForSeq2SeqLM
exported, told = AutoModelForSeq2SeqLM.from_pretrained(sys.argv[1], output_loading_info=True)
applied = AutoModelForSeq2SeqLM.from_pretrained(sys.argv[2])
pieces = torch.arange(2, 42).reshape(2, 20)
with torch.no_grad():
    one, other = [m(input_ids=pieces, decoder_input_ids=pieces[:, :7]).logits for m in (exported, applied)]
keys = ("missing_keys", "unexpected_keys", "mismatched_keys")
print(json.dumps({"told": sum(len(told[key]) for key in keys), "dtype": str(exported.dtype), "same": torch.equal(one, other)}))
"#;

struct Tensor {
    dtype: String,
    shape: Value,
    bytes: Vec<u8>,
}

impl Tensor {
    /// The bits of each value as f32.
    fn bits(&self) -> Vec<u32> {
        match self.dtype.as_str() {
            "F32" => self.bytes.chunks_exact(4).map(|b| u32::from_le_bytes(b.try_into().unwrap())).collect(),
            "BF16" => self.bytes.chunks_exact(2).map(|b| u32::from_le_bytes([0, 0, b[0], b[1]])).collect(),
            other => panic!("{other}"),
        }
    }
}

/// The tensors of a safetensors file by name, and its metadata.
fn read(path: &Path) -> (BTreeMap<String, Tensor>, Value) {
    let file = fs::read(path).unwrap();
    let start = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let mut header: BTreeMap<String, Value> = serde_json::from_slice(&file[8..start]).unwrap();
    let metadata = header.remove("__metadata__").unwrap_or_default();
    let tensor = |of: &Value| {
        let [begin, end] = [0, 1].map(|i| start + of["data_offsets"][i].as_u64().unwrap() as usize);
        let dtype = of["dtype"].as_str().unwrap().to_owned();
        Tensor { dtype, shape: of["shape"].clone(), bytes: file[begin..end].to_vec() }
    };
    (header.iter().map(|(name, of)| (name.clone(), tensor(of))).collect(), metadata)
}

/// A project with the adapter `out/adapter`, and what its training told.
fn trained() -> (Project, Value) {
    let project = Project::new();
    for name in ["generation_config.json", "spiece.model"] {
        let bundled = Path::new("../../fixtures/models/t5-nano").join(name);
        fs::copy(bundled, project.path("model").join(name)).unwrap();
    }
    let trained = project.train("out", &["--set", "evaluation.before=false"]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let report = trained.json();
    (project, report)
}

fn export(project: &Project) {
    let exported = project.run(&["export", "--adapter", "out/adapter", "--merged", "--out", "merged"]);
    assert_eq!((exported.code, exported.stdout.as_str()), (Some(0), "merged\n"), "{}", exported.stderr);
}

#[test]
fn an_exported_model_is_the_base_model_but_for_the_entries_of_the_adapter() {
    let (project, report) = trained();
    export(&project);
    let mut files: Vec<String> = fs::read_dir(project.path("merged"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let expected =
        ["config.json", "generation_config.json", "model.safetensors", "spiece.model", "tokenizer.json"];
    assert_eq!(files, expected);
    for name in [expected[1], expected[3], expected[4]] {
        let [kept, base] =
            ["merged", "model"].map(|folder| fs::read(project.path(folder).join(name)).unwrap());
        assert!(kept == base, "{name}");
    }

    let info = project.run(&["adapter", "info", "out/adapter", "--json"]).json();
    let (base, _) = read(&project.path("model/model.safetensors"));
    let (merged, metadata) = read(&project.path("merged/model.safetensors"));
    assert_eq!(metadata["format"], "pt");
    assert!(base.keys().eq(merged.keys()));
    let mut changed = 0;
    for (name, tensor) in &merged {
        assert_eq!((tensor.dtype.as_str(), &tensor.shape), ("F32", &base[name].shape), "{name}");
        let other = tensor.bits().iter().zip(base[name].bits()).filter(|(a, b)| **a != *b).count() as u64;
        let replaced = info["weights"][name].as_u64().unwrap_or(0);
        assert!(other <= replaced, "{name}: {other} entries differ, {replaced} are replaced");
        changed += other;
    }
    assert!(changed > 0);

    // As a base model, with an adapter that changes nothing, it has the scores of the adapter.
    let plain = project.train("plain", &["--set", "model.path=merged", "--set", "training.steps=0"]);
    assert_eq!(plain.code, Some(0), "{}", plain.stderr);
    let plain = plain.json();
    assert_eq!((&plain["before"], &plain["after"]), (&report["after"], &report["after"]));
    assert_eq!(plain["entries_touched"], 0);
}

#[test]
fn what_cannot_be_exported_is_refused_and_nothing_is_written() {
    let (project, _) = trained();
    let refused = |arguments: &[&str], part: &str| {
        let arguments = [&["export", "--adapter", "out/adapter", "--out", "merged"][..], arguments].concat();
        let outcome = project.run(&arguments);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(part), "{part:?} is not in {}", outcome.stderr);
        assert!(!project.path("merged/config.json").exists() && !project.path("merged.tmp").exists());
    };
    refused(&[], "--merged");
    refused(&["--merged", "--model", "./nowhere"], "nowhere/config.json");
    fs::create_dir(project.path("merged")).unwrap();
    refused(&["--merged"], "merged already exists");
    fs::remove_dir(project.path("merged")).unwrap();
    fs::rename(project.path("model/tokenizer.json"), project.path("elsewhere")).unwrap();
    refused(&["--merged"], "other tokenizer (spiece.model)");
}

/// The program on the page, with the tensors of the base model as the adapter changes them.
#[test]
fn the_program_of_the_format_page_does_what_export_does() {
    let page = fs::read_to_string("../../docs/adapter-format.md").unwrap();
    let (_, code) = page.split_once("```python\n").unwrap();
    let (code, _) = code.split_once("```").unwrap();
    let (project, _) = trained();
    export(&project);
    let Some(run) = python("numpy") else { return };
    fs::create_dir(project.path("applied")).unwrap();
    let paths =
        ["out/adapter/adapter_model.safetensors", "model/model.safetensors", "applied/model.safetensors"]
            .map(|name| project.path(name).to_str().unwrap().to_owned());
    let output = run(&["-c", code, &paths[0], &paths[1], &paths[2]]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let [(ours, _), (theirs, _)] =
        ["merged", "applied"].map(|folder| read(&project.path(folder).join("model.safetensors")));
    assert!(ours.keys().eq(theirs.keys()));
    for (name, tensor) in &ours {
        assert!(tensor.bits() == theirs[name].bits() && tensor.shape == theirs[name].shape, "{name}");
    }

    let Some(run) = python("torch, transformers") else { return };
    // Which says that the values are f32.
    fs::copy(project.path("merged/config.json"), project.path("applied/config.json")).unwrap();
    let [merged, applied] = ["merged", "applied"].map(|name| project.path(name).to_str().unwrap().to_owned());
    let output = run(&["-c", COMPARED, &merged, &applied]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found, serde_json::json!({ "told": 0, "dtype": "torch.float32", "same": true }));
}
