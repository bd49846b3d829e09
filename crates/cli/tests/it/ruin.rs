//! Settings that ruin a model: what is kept is the state before.

use std::fs;

use crate::project::Project;

/// The replaced values of the adapter in `run`, as its file has them.
fn values(project: &Project, run: &str) -> Vec<f32> {
    let bytes = fs::read(project.path(run).join("adapter/adapter_model.safetensors")).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let tensors: serde_json::Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    let mut values = Vec::new();
    for (name, tensor) in tensors.as_object().unwrap().iter().filter(|(name, _)| name.ends_with(".values")) {
        let at = |end: usize| 8 + header + tensor["data_offsets"][end].as_u64().unwrap() as usize;
        // A value of BF16 is the upper half of an f32.
        assert_eq!(tensor["dtype"], "BF16", "{name}");
        let bytes = bytes[at(0)..at(1)].chunks_exact(2);
        values.extend(
            bytes.map(|b| f32::from_bits(u32::from(u16::from_le_bytes(b.try_into().unwrap())) << 16)),
        );
    }
    values
}

#[test]
fn the_state_before_the_ruin_is_kept() {
    let project = Project::new();
    let wild = [
        "name=\"sgd\"",
        "rms_scaled=false",
        "max_grad_norm=0",
        "learning_rate=10000",
        "schedule=\"constant\"",
    ];
    let wild = wild.map(|setting| format!("optimizer.{setting}"));
    let mut more = vec!["--set", "evaluation.before=false", "--set", "training.steps=200"];
    for setting in &wild {
        more.extend(["--set", setting.as_str()]);
    }
    let failed = project.train("out", &more);
    assert_eq!(failed.code, Some(4), "{}", failed.stderr);
    assert!(failed.stderr.contains("training failed at step "), "{}", failed.stderr);
    assert_eq!(failed.stderr.matches("training failed").count(), 1, "{}", failed.stderr);
    if failed.stderr.contains("what was trained so far is in out/adapter") {
        let kept = values(&project, "out");
        assert!(!kept.is_empty() && kept.iter().all(|value| value.is_finite()));
    }
    let report = fs::read_to_string(project.path("out/nan-report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let examples = report["examples"].as_array().unwrap();
    assert_eq!(examples.len(), 4, "a batch: {report}");
    assert!(
        examples.iter().all(|example| example.as_str().unwrap().starts_with("data/train.txt:")),
        "{report}"
    );
}
