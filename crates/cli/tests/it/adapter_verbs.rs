//! `fishdip adapter`: what is in adapters, and what is made of them.

use serde_json::{Value, json};
use std::fs;

use crate::project::{Outcome, Project};

const VALUES: &str = "adapter_model.safetensors";

/// A project with the adapters `a` and `b`, which two seeds have led to.
fn two() -> Project {
    let project = Project::new();
    for (name, seed) in [("a", "training.seed=1"), ("b", "training.seed=2")] {
        let trained =
            project.train(&format!("run-{name}"), &["--set", seed, "--set", "evaluation.before=false"]);
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        fs::rename(project.path(&format!("run-{name}/adapter")), project.path(name)).unwrap();
    }
    project
}

fn done(project: &Project, arguments: &[&str]) -> Value {
    let outcome = project.run(&[arguments, &["--json"]].concat());
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {}", outcome.stderr);
    outcome.json()
}

fn count(of: &Value, key: &str) -> u64 {
    of[key].as_u64().unwrap_or_else(|| panic!("{key} is no number in {of}"))
}

/// Copies the adapter `a` to `name`, its config as `change` makes it.
fn edited(project: &Project, name: &str, change: impl FnOnce(&mut Value)) {
    fs::create_dir_all(project.path(name)).unwrap();
    fs::copy(project.path("a").join(VALUES), project.path(name).join(VALUES)).unwrap();
    let config = fs::read(project.path("a/adapter_config.json")).unwrap();
    let mut config: Value = serde_json::from_slice(&config).unwrap();
    config.as_object_mut().unwrap().remove("config_hash");
    change(&mut config);
    project.write(&format!("{name}/adapter_config.json"), &config.to_string());
}

/// Expects exit code 2, `part` in the message, and nothing where a result would be.
fn refused(project: &Project, arguments: &[&str], part: &str) {
    let Outcome { code, stdout, stderr } = project.run(arguments);
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}: {stderr}");
    assert!(stderr.contains("error: ") && stderr.contains(part), "{part:?} is not in {stderr}");
    let left = fs::read_dir(project.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with("new")).collect();
    assert!(left.is_empty(), "{arguments:?} left {left:?}");
}

#[test]
fn info_needs_no_base_model() {
    let project = two();
    fs::remove_dir_all(project.path("model")).unwrap();
    let found = done(&project, &["adapter", "info", "a"]);
    assert_eq!(
        (&found["task"], &found["method"], &found["steps"]),
        (&json!("ner"), &json!("fish-dip"), &json!(3))
    );
    assert_eq!(found["labels"]["entities"]["PER"], "person");
    assert_eq!(found["entries_total"], 4_070_976);
    let entries = count(&found, "entries");
    assert!(entries >= 40_709, "{entries}");
    assert_eq!(found["bytes"], fs::metadata(project.path("a").join(VALUES)).unwrap().len());
    let weights = found["weights"].as_object().unwrap();
    assert_eq!(weights.values().map(|n| n.as_u64().unwrap()).sum::<u64>(), entries);
    for table in ["kinds", "blocks"] {
        let rows = found[table].as_array().unwrap();
        assert_eq!(rows.iter().map(|row| count(row, "entries")).sum::<u64>(), entries, "{table}");
    }

    let shown = project.run(&["adapter", "info", "a"]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    for part in
        ["task        ner\n", "PER = person", "method      fish-dip\n", "\nembedding  ", "\ndecoder 2  "]
    {
        assert!(shown.stdout.contains(part), "{part:?} is not in {}", shown.stdout);
    }
}

#[test]
fn diff_counts_entries_and_compares_values() {
    let project = two();
    let same = done(&project, &["adapter", "diff", "a", "a"]);
    assert_eq!((&same["overlap"], &same["largest_difference"]), (&json!(1.0), &json!(0.0)));
    assert_eq!(same["same_value"], same["both"]);

    let found = done(&project, &["adapter", "diff", "a", "b"]);
    let entries = |name| count(&done(&project, &["adapter", "info", name]), "entries");
    let [both, first, second] = ["both", "only_first", "only_second"].map(|key| count(&found, key));
    assert_eq!((both + first, both + second), (entries("a"), entries("b")));
    let overlap = found["overlap"].as_f64().unwrap();
    assert!((overlap - both as f64 / (both + first + second) as f64).abs() < 1e-5, "{overlap}");
    let kinds = found["kinds"].as_array().unwrap();
    assert_eq!(kinds.iter().map(|kind| count(kind, "both")).sum::<u64>(), both);
    assert!(project.run(&["adapter", "diff", "a", "b"]).stdout.contains("\nall  "));

    edited(&project, "other", |config| config["base_model_hash"] = json!("00"));
    refused(&project, &["adapter", "diff", "a", "other"], "different base models");
    refused(&project, &["adapter", "diff", "a", "nowhere"], "nowhere/adapter_config.json");
}

#[test]
fn a_merged_adapter_has_the_entries_and_labels_of_all() {
    let project = two();
    let merged = done(&project, &["adapter", "merge", "a", "b", "--out", "mean"]);
    let found = done(&project, &["adapter", "diff", "a", "b"]);
    let union = ["both", "only_first", "only_second"].map(|key| count(&found, key)).iter().sum::<u64>();
    assert_eq!(count(&merged, "entries"), union);
    let info = done(&project, &["adapter", "info", "mean"]);
    assert_eq!((&info["method"], &info["steps"]), (&json!("fish-dip"), &Value::Null));
    done(&project, &["evaluate", "--adapter", "mean"]);
    let card = fs::read_to_string(project.path("mean/README.md")).unwrap();
    assert!(card.contains("- `a`\n- `b`\n"), "{card}");

    done(&project, &["adapter", "merge", "a", "b", "--how", "last", "--out", "last/"]);
    let with_last = done(&project, &["adapter", "diff", "last", "b"]);
    assert_eq!((&with_last["only_second"], &with_last["same_value"]), (&json!(0), &with_last["both"]));
    // The mean of two values is as far from both.
    let [to_a, to_b] = ["a", "b"].map(|name| done(&project, &["adapter", "diff", name, "mean"]));
    assert_eq!((count(&to_a, "only_first"), count(&to_b, "only_first")), (0, 0));

    done(&project, &["adapter", "merge", "a", "a", "--out", "same"]);
    let values = |name: &str| fs::read(project.path(name).join(VALUES)).unwrap();
    assert!(values("same") == values("a"));

    edited(&project, "more", |config| config["run"]["task"]["entities"] = json!({ "GENE": "gene" }));
    done(&project, &["adapter", "merge", "a", "more", "--out", "united"]);
    let labels = &done(&project, &["adapter", "info", "united"])["labels"]["entities"];
    assert_eq!((&labels["GENE"], &labels["PER"]), (&json!("gene"), &json!("person")));
}

#[test]
fn adapters_that_cannot_be_one_are_refused() {
    let project = two();
    let merge = |others: &[&str], part: &str| {
        refused(&project, &[&["adapter", "merge", "a"], others, &["--out", "new"]].concat(), part);
    };
    merge(&[], "it is one adapter");
    merge(&["model"], "model/adapter_config.json");
    edited(&project, "base", |config| config["base_tokenizer_hash"] = json!("00"));
    merge(&["base"], "other tokenizer");
    edited(&project, "task", |config| config["run"]["task"]["name"] = json!("slots"));
    merge(&["b", "task"], "one is for the task ner, the other for slots");
    edited(&project, "mode", |config| config["run"]["task"]["mode"] = json!("reference"));
    merge(&["mode"], "in different ways (`task.mode` or `data.mode`)");
    edited(&project, "name", |config| config["run"]["task"]["entities"]["PER"] = json!("human"));
    merge(&["name"], "the label \"PER\" is called \"person\" in one and \"human\" in the other");
    edited(&project, "twice", |config| config["run"]["task"]["entities"]["HUMAN"] = json!("person"));
    merge(&["twice"], "both have the name \"person\"");
    edited(&project, "damaged", |_| ());
    let mut bytes = fs::read(project.path("a").join(VALUES)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(project.path("damaged").join(VALUES), bytes).unwrap();
    merge(&["damaged"], "damaged/adapter_model.safetensors");
    refused(&project, &["adapter", "merge", "a", "b", "--out", "b"], "b already exists");
}

#[test]
fn a_pruned_adapter_has_the_largest_changes() {
    let project = two();
    let entries = count(&done(&project, &["adapter", "info", "a"]), "entries");
    let pruned = done(&project, &["adapter", "prune", "a", "--keep", "0.25", "--out", "quarter"]);
    assert_eq!(count(&pruned, "entries"), entries / 4);
    assert_eq!(count(&pruned, "dropped"), entries - entries / 4);
    let dropped = pruned["dropped_kinds"].as_array().unwrap();
    assert_eq!(dropped.iter().map(|row| count(row, "entries")).sum::<u64>(), entries - entries / 4);
    let found = done(&project, &["adapter", "diff", "quarter", "a"]);
    assert_eq!((&found["only_first"], &found["same_value"]), (&json!(0), &found["both"]));
    done(&project, &["evaluate", "--adapter", "quarter"]);

    fs::rename(project.path("model"), project.path("moved")).unwrap();
    let keep = |share| ["adapter", "prune", "a", "--keep", share, "--out", "new"];
    refused(&project, &keep("0.5"), "model/config.json");
    let all = done(&project, &["adapter", "prune", "a", "--keep", "1", "--out", "all", "--model", "moved"]);
    assert_eq!((&all["dropped"], &all["largest_dropped_difference"]), (&json!(0), &Value::Null));
    let values = |name: &str| fs::read(project.path(name).join(VALUES)).unwrap();
    assert!(values("all") == values("a"));
    for share in ["0", "1.01", "NaN"] {
        refused(&project, &keep(share), "above 0 and at most 1");
    }
    let less = ["adapter", "prune", "a", "--keep", "1e-9", "--out", "new", "--model", "moved"];
    refused(&project, &less, "is less than one entry");
    assert!(!project.path("new").exists());
    refused(&project, &["adapter", "prune", "a", "--keep", "0.5", "--out", "b"], "b already exists");
}
