//! Bad input: a clear error that names the place, exit code 2, nothing written.

use std::fs;

use crate::project::Project;

/// Trains, expects exit code 2, no run folder, and `parts` in the message.
fn refused(project: &Project, more: &[&str], parts: &[&str]) {
    let outcome = project.train("out", more);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
    for part in parts {
        assert!(outcome.stderr.contains(part), "{part:?} is not in {}", outcome.stderr);
    }
    assert_eq!(outcome.stdout, "");
    assert!(!project.path("out").exists(), "nothing is written");
}

#[test]
fn model_files() {
    let project = Project::new();
    refused(&project, &["--set", "model.path=./nowhere"], &["nowhere/config.json", "a model folder holds"]);
    refused(
        &project,
        &["--set", "model.path=google-t5/t5-nowhere"],
        &["no folder is called google-t5/t5-nowhere", "cargo xtask fetch google-t5/t5-nowhere"],
    );

    let file = project.path("model/model.safetensors");
    let bytes = fs::read(&file).unwrap();
    for length in [0, 7, 1000, bytes.len() - 1] {
        fs::write(&file, &bytes[..length]).unwrap();
        refused(&project, &[], &["model/model.safetensors is damaged"]);
    }
    fs::remove_file(&file).unwrap();
    refused(&project, &[], &["failed to read model/model.safetensors"]);
    fs::write(&file, bytes).unwrap();

    let config = fs::read_to_string(project.path("model/config.json")).unwrap();
    project.write("model/config.json", &config.replace("\"d_ff\": 512", "\"d_ff\": 256"));
    refused(
        &project,
        &[],
        &["DenseReluDense.wi.weight` has shape [512, 192], config.json asks for [256, 192]"],
    );
    project.write("model/config.json", &config.replace("\"num_layers\": 3", "\"num_layers\": 4"));
    refused(&project, &[], &["lacks 8 of the model's tensors", "`encoder.block.3.layer.0"]);
    project.write("model/config.json", &config.replace("\"num_layers\": 3", "\"num_layers\": 2"));
    refused(&project, &[], &["holds 8 tensors the model has no place for", "`encoder.block.2.layer.0"]);
    project.write("model/config.json", &config.replace("\"t5\"", "\"bert\""));
    refused(&project, &[], &["model/config.json: `model_type` is \"bert\""]);
}

#[test]
fn tokenizer_that_does_not_fit() {
    let project = Project::new();
    let text = fs::read_to_string(project.path("model/tokenizer.json")).unwrap();
    let mut tokenizer: serde_json::Value = serde_json::from_str(&text).unwrap();
    let pieces: Vec<serde_json::Value> =
        (0..40).map(|i| serde_json::json!([format!("zzmore{i}"), -20.0])).collect();
    tokenizer["model"]["vocab"].as_array_mut().unwrap().extend(pieces);
    project.write("model/tokenizer.json", &tokenizer.to_string());
    refused(&project, &[], &["model/tokenizer.json has", "the model's embedding 8128 rows"]);
    project.write("model/tokenizer.json", &text[..text.len() / 2]);
    refused(&project, &[], &["model/tokenizer.json is damaged"]);
}

#[test]
fn data_files() {
    let project = Project::new();
    refused(&project, &["--set", "data.train=nothing.txt"], &["data/nothing.txt"]);
    project.write("data/empty.txt", "\n-DOCSTART- O\n\n");
    refused(&project, &["--set", "data.eval=empty.txt"], &["data/empty.txt", "no sentence"]);
    project.write("data/inside.txt", "Oslo B-LOC\n\nin O\nOslo I-LOC\n");
    refused(&project, &["--set", "data.train=inside.txt"], &["data/inside.txt:4", "I-LOC", "none is open"]);
    project.write("data/label.txt", "Oslo B-PLACE\n");
    refused(&project, &["--set", "data.train=label.txt"], &["data/label.txt:1", "PLACE", "known: DATE"]);
    project.write("data/unlabelled.txt", "Oslo O\n");
    refused(
        &project,
        &["--set", "data.train=unlabelled.txt", "--set", "task.entities={}"],
        &["has no annotation for the task ner"],
    );
    fs::write(project.path("data/bytes.txt"), b"Os\xfflo B-LOC\n").unwrap();
    refused(&project, &["--set", "data.train=bytes.txt"], &["data/bytes.txt:1", "UTF-8"]);
    refused(&project, &["--set", "data.train_examples=99"], &["data.train_examples is 99", "12 examples"]);
}

#[test]
fn configs() {
    let project = Project::new();
    refused(&project, &["--set", "model.dtype=f16"], &["T5 cannot compute in f16", "use f32, or bf16"]);
    refused(
        &project,
        &["--set", "method.keep=1e-9", "--set", "evaluation.before=true"],
        &["`method.keep` is too small: a share of 1e-9 of ", "less than one entry", "raise the share to "],
    );
    refused(&project, &["--set", "data.scheme=iob3"], &["unknown variant `iob3`", "did you mean `iob"]);
    refused(&project, &["--set", "training.stpes=9"], &["--set training.stpes=9", "did you mean `steps`?"]);
    let outcome = project.run(&["train", "--config", "none.toml"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("failed to read the config none.toml"), "{}", outcome.stderr);
    refused(&project, &["--backend", "abacus"], &["no backend `abacus`"]);
    let text = fs::read_to_string(project.path("run.toml")).unwrap();
    project.write("run.toml", &text.replace("every = 2", "evry = 2"));
    refused(&project, &[], &["run.toml:", "unknown field `evry`", "did you mean `every`?"]);
}

#[test]
fn a_folder_that_holds_a_run() {
    let project = Project::new();
    fs::create_dir(project.path("out")).unwrap();
    project.write("out/events.jsonl", "kept\n");
    let outcome = project.train("out", &[]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("out already holds a run"), "{}", outcome.stderr);
    assert_eq!(fs::read_to_string(project.path("out/events.jsonl")).unwrap(), "kept\n");
    assert_eq!(fs::read_dir(project.path("out")).unwrap().count(), 1);
}

/// The same cause has the same exit code in every command: where nothing could be written, 2.
#[test]
fn where_nothing_can_be_written() {
    let project = Project::new();
    assert_eq!(project.train("done", &["--set", "training.steps=1"]).code, Some(0));
    // A folder stands where the command's first file would be.
    fs::create_dir_all(project.path("held/.lock")).unwrap();
    fs::create_dir_all(project.path("done/report.html.tmp")).unwrap();
    fs::create_dir_all(project.path("new.conll.tmp")).unwrap();
    project.write("asked.conll", "# id = a\nAnn\nleft\n");
    project.write("answers.conll", "# id = a\nAnn B-PER\nleft O\n");
    for (command, says) in [
        (&["train", "--config", "run.toml", "--run", "held"][..], "failed to create held/.lock: "),
        (&["train", "--config", "run.toml", "--run", "run.toml/a"], "failed to create run.toml/a: "),
        (&["report", "done"], "failed to create done/report.html.tmp: "),
        (
            &["predict", "--adapter", "done/adapter", "--output-format", "brat", "--out", "run.toml/a"],
            "failed to create run.toml/a.tmp: ",
        ),
        (
            &["export", "--merged", "--adapter", "done/adapter", "--out", "run.toml/a"],
            "failed to create run.toml/a: ",
        ),
        (&["man", "--out", "run.toml/a"], "failed to create run.toml/a: "),
    ] {
        let refused = project.run(command);
        assert_eq!(refused.code, Some(2), "{command:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(says), "{command:?}: {}", refused.stderr);
    }
    let merge = ["label-merge", "--task", "ner", "--into", "new.conll", "--asked", "asked.conll"];
    let refused = project.run(&[&merge[..], &["--annotated", "answers.conll"]].concat());
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("failed to create new.conll.tmp: "), "{}", refused.stderr);
}

#[test]
fn adapters() {
    let project = Project::new();
    for verb in ["evaluate", "predict"] {
        let outcome = project.run(&[verb, "--adapter", "nowhere"]);
        assert_eq!(outcome.code, Some(2));
        assert!(outcome.stderr.contains("nowhere/adapter_config.json"), "{}", outcome.stderr);
    }
}

#[test]
fn what_the_tokenizer_cannot_represent_is_reported_and_kept() {
    let project = Project::new();
    let train = fs::read_to_string(project.path("data/train.txt")).unwrap();
    project.write("data/train.txt", &format!("⛰ O\nOslo B-LOC\n\n{train}"));
    let outcome = project.train("out", &["--set", "training.steps=1"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let warning =
        "warning: 1 example holds characters that the tokenizer cannot represent: data/train.txt:1 (\"⛰\")";
    assert!(outcome.stderr.contains(warning), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("13 examples to train on"), "{}", outcome.stderr);
}
