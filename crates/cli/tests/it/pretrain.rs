//! `pretrain`: texts without labels, an adapter to go on from, and ends at any time; the same in a simulation.

use serde_json::Value;
use std::fs;
use std::path::Path;

use crate::project::{Outcome, Project};

/// The bundled questions without their labels, and two that are too short or repeated.
fn project() -> Project {
    let project = Project::new();
    let text = fs::read_to_string(Path::new("../../fixtures/data/questions/train.txt")).unwrap();
    let texts: Vec<&str> =
        text.lines().take(30).filter_map(|line| line.split_once(' ')).map(|two| two.1).collect();
    project.write("pool.txt", &format!("{}\nNo\n{}\n", texts.join("\n"), texts[0]));
    project
}

fn pretrain(project: &Project, run: &str, more: &[&str]) -> Outcome {
    let mut arguments =
        vec!["pretrain", "--config", "run.toml", "--text", "pool.txt", "--run", run, "--json"];
    arguments.extend(more);
    project.run(&arguments)
}

/// The bytes of the tensors of an adapter.
fn tensors(project: &Project, run: &str) -> Vec<u8> {
    fs::read(project.path(run).join("adapter/adapter_model.safetensors")).unwrap()
}

#[test]
fn texts_are_learned_and_a_training_goes_on_from_them() {
    let project = project();
    for (name, method) in
        [("sparse", "method.name=fish-dip"), ("lora", "method.name=lora"), ("full", "method.name=full")]
    {
        // Two of the methods have no mask that is chosen anew.
        let run = fs::read_to_string(project.path("run.toml")).unwrap();
        project.write("run.toml", &run.replace("every = 2\nhard_samples = 2\n", ""));
        let set = [
            "--set",
            method,
            "--set",
            "training.steps=12",
            "--set",
            "training.dropout=0.0",
            "--set",
            "optimizer.learning_rate=0.01",
        ];
        let outcome = pretrain(&project, name, &set);
        assert_eq!(outcome.code, Some(0), "{name}: {}", outcome.stderr);
        let report = outcome.json();
        assert_eq!((report["texts"].as_u64(), report["held_out"].as_u64()), (Some(27), Some(3)), "{report}");
        assert_eq!(
            (report["steps"].as_u64(), report["model"].as_str()),
            (Some(12), Some("model")),
            "{report}"
        );
        let (before, after) = (report["loss_before"].as_f64().unwrap(), report["loss"].as_f64().unwrap());
        assert!(after < before, "{name}: {before} {after}");
        assert!(
            outcome.stderr.contains("1 of the texts of pool.txt repeat another one"),
            "{}",
            outcome.stderr
        );
        assert!(outcome.stderr.contains("is shorter than a span"), "{}", outcome.stderr);
        // A training goes on from it, whatever its labels are.
        let from = format!("{name}/adapter");
        let next = format!("{name}-next");
        let trained = project.train(&next, &["--from", &from, "--set", method]);
        assert_eq!(trained.code, Some(0), "{name}: {}", trained.stderr);
        assert!(!trained.stderr.contains("the labels are not those"), "{}", trained.stderr);
    }
    let result: Value =
        serde_json::from_str(&fs::read_to_string(project.path("sparse/result.json")).unwrap()).unwrap();
    let report = project.run(&["report", "sparse"]);
    assert_eq!(report.code, Some(0), "{}", report.stderr);
    let page = fs::read_to_string(project.path("sparse/report.html")).unwrap();
    let loss = format!("{:.4}", result["loss"].as_f64().unwrap());
    assert!(page.contains(&loss) && page.contains("held-out loss") && !page.contains("no score"), "{loss}");
}

#[test]
fn who_asks_a_pretrained_adapter_is_told_to_train_one() {
    let project = project();
    assert_eq!(pretrain(&project, "pre", &["--set", "training.steps=1"]).code, Some(0));
    let query = ["query", "--adapter", "pre/adapter", "--pool", "pool.txt", "--out", "q.jsonl"];
    let query = [&query[..], &["--count", "2", "--strategy", "random"]].concat();
    for command in [
        &["predict", "--adapter", "pre/adapter"][..],
        &["evaluate", "--adapter", "pre/adapter"],
        &["calibrate", "--adapter", "pre/adapter"],
        &query,
    ] {
        let refused = project.run(command);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{command:?}: {}", refused.stderr);
        for part in ["is the adapter of a pretraining", "train --config FILE --from pre/adapter"] {
            assert!(refused.stderr.contains(part), "{command:?}: {}", refused.stderr);
        }
    }
    let readme = fs::read_to_string(project.path("pre/adapter/README.md")).unwrap();
    assert!(readme.contains("--from THIS_FOLDER") && !readme.contains("predict"), "{readme}");
    let info = project.run(&["adapter", "info", "pre/adapter", "--json"]);
    assert_eq!(info.json()["pretrained"], true);
    // What begins with it has learned labels.
    assert_eq!(project.train("next", &["--from", "pre/adapter"]).code, Some(0));
    assert_eq!(project.run(&["predict", "--adapter", "next/adapter"]).code, Some(0));
}

#[test]
fn a_pretraining_goes_on_to_the_same_bits() {
    let project = project();
    let set = ["--set", "training.steps=6", "--set", "checkpoints.every=2", "--set", "checkpoints.keep=9"];
    let whole = pretrain(&project, "whole", &set);
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    let expected = tensors(&project, "whole");
    fs::remove_dir_all(project.path("whole/adapter")).unwrap();
    let again = project.run(&["pretrain", "--resume", "whole/checkpoints/step-000002", "--json"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(tensors(&project, "whole") == expected);
    assert_eq!(
        (&again.json()["loss"], &again.json()["loss_before"]),
        (&whole.json()["loss"], &whole.json()["loss_before"])
    );
    let events = fs::read_to_string(project.path("whole/events.jsonl")).unwrap();
    assert_eq!(events.matches("\"held-out-loss\"").count(), 2);
    // Neither command takes the other's folder for its own.
    let train = project.run(&["train", "--resume", "whole"]);
    assert!(
        train.code == Some(2) && train.stderr.contains("`fishdip pretrain --resume`"),
        "{}",
        train.stderr
    );
    assert_eq!(project.train("out", &[]).code, Some(0));
    let other = project.run(&["pretrain", "--resume", "out"]);
    assert!(other.code == Some(2) && other.stderr.contains("it is no pretraining"), "{}", other.stderr);
}

#[test]
fn what_cannot_be_learned_is_refused_before_anything_is_written() {
    let project = project();
    let dev = fs::read_to_string(project.path("data/dev.txt")).unwrap();
    let words = |sentence: &str| {
        sentence.lines().filter_map(|line| line.split_whitespace().next()).collect::<Vec<_>>().join(" ")
    };
    let scored: Vec<String> = dev.split("\n\n").map(words).filter(|text| !text.is_empty()).collect();
    project.write("scored.txt", &(scored.join("\n") + "\n"));
    project.write("empty.txt", "\n \n");
    project.write("short.txt", "Yes\nNo\n");
    for (more, says) in [
        (&["--text", "empty.txt"][..], "empty.txt holds no text"),
        (&["--text", "short.txt"], "has fewer than 4 pieces"),
        (&["--text", "scored.txt"], "holds no text beside those that models are scored on"),
        (&["--set", "training.steps=0"], "`training.steps` is 0"),
        (&["--set", "pretrain.rate=1.5"], "`pretrain.rate` must be a number from 0.01 to 0.9"),
        (&["--set", "data.max_source_pieces=3"], "leaves no room for a span"),
        (&["--set", "data.max_source_pieces=4000"], "sentinels of model are too few"),
    ] {
        let mut arguments = vec!["pretrain", "--config", "run.toml", "--run", "out"];
        if !more.contains(&"--text") {
            arguments.extend(["--text", "pool.txt"]);
        }
        arguments.extend(more);
        let refused = project.run(&arguments);
        assert_eq!(refused.code, Some(2), "{more:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(says), "{more:?}: {}", refused.stderr);
        assert!(!project.path("out").exists(), "{more:?}");
    }
    let none = project.run(&["pretrain", "--config", "run.toml", "--run", "out"]);
    assert!(
        none.code == Some(2) && none.stderr.contains("there is no text to pretrain on"),
        "{}",
        none.stderr
    );
}

#[test]
fn a_simulation_begins_with_what_its_pool_says() {
    let project = Project::new();
    let run = fs::read_to_string(project.path("run.toml")).unwrap();
    project.write(
        "active.toml",
        &(run + "\n[active]\nstrategy = \"random\"\nstart = 4\nquery = 3\nbudget = 7\npretrain_steps = 2\n"),
    );
    let outcome = project.run(&["active", "--config", "active.toml", "--run", "out", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let result: Value =
        serde_json::from_str(&fs::read_to_string(project.path("out/pretrain/result.json")).unwrap()).unwrap();
    assert_eq!(result["steps"], 2);
    for round in ["00", "01"] {
        let config = fs::read_to_string(project.path(&format!("out/rounds/{round}/config.toml"))).unwrap();
        assert!(config.contains("pretrain/adapter") && !config.contains("[pretrain]"), "{config}");
    }
    let again = project.run(&["active", "--resume", "out", "--json"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!(again.json()["rounds"], outcome.json()["rounds"]);
}
