// Longer than 400 lines: every way to interrupt a run is tried on the same project.
//! A run that was ended goes on as if it had not been.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::project::{Outcome, Project};

/// Steps of the runs here: masks are chosen anew at 5, 10 and 15, an epoch has three batches, and there are scores at 6, 12 and 18.
const STEPS: usize = 20;

/// The settings of such a run, with a checkpoint at every step, all of which stay.
pub(crate) const SETTINGS: [&str; 8] = [
    "training.steps=20",
    "method.every=5",
    "evaluation.before=false",
    "evaluation.every=6",
    "evaluation.max_output_pieces=24",
    "checkpoints.every=1",
    "checkpoints.keep=100",
    "data.eval_examples=2",
];

/// The arguments that set `settings`.
pub(crate) fn set<'a>(settings: &[&'a str]) -> Vec<&'a str> {
    settings.iter().flat_map(|setting| ["--set", setting]).collect()
}

/// What a run came to: the bytes of its adapter and its events, without times.
pub(crate) fn result(project: &Project, run: &str) -> (Vec<u8>, Vec<Value>) {
    let adapter = fs::read(project.path(run).join("adapter/adapter_model.safetensors")).unwrap();
    let events = fs::read_to_string(project.path(run).join("events.jsonl")).unwrap();
    let timeless = |line: &str| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        let fields = event.as_object_mut().unwrap();
        for key in ["at", "seconds", "run", "adapter"] {
            fields.remove(key);
        }
        event
    };
    (adapter, events.lines().map(timeless).collect())
}

/// Copies the run folder `from` to `to`, with the checkpoints up to `step`.
fn copy(project: &Project, from: &str, to: &str, step: usize) {
    fn all(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let target = to.join(path.file_name().unwrap());
            if path.is_dir() {
                all(&path, &target);
            } else {
                fs::copy(&path, &target).unwrap();
            }
        }
    }
    all(&project.path(from), &project.path(to));
    for later in step + 1..=STEPS {
        let _ = fs::remove_dir_all(checkpoint(project, to, later));
    }
    // As after a kill: there is no end yet.
    fs::remove_dir_all(project.path(to).join("adapter")).unwrap();
}

fn checkpoint(project: &Project, run: &str, step: usize) -> PathBuf {
    project.path(run).join(format!("checkpoints/step-{step:06}"))
}

pub(crate) fn resume(project: &Project, run: &str) -> Outcome {
    project.run(&["train", "--resume", run, "--json"])
}

#[test]
fn resuming_at_any_step_is_the_same_as_no_interruption() {
    let project = Project::new();
    let whole = project.train("whole", &set(&SETTINGS));
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    let expected = result(&project, "whole");
    let report = whole.json();
    for step in 1..=STEPS {
        let run = format!("from-{step}");
        copy(&project, "whole", &run, step);
        let resumed = resume(&project, &run);
        assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
        let (adapter, events) = result(&project, &run);
        assert_eq!(events, expected.1, "step {step}");
        assert!(adapter == expected.0, "step {step}: other values");
        for key in ["after", "best_step", "steps", "entries_touched"] {
            assert_eq!(resumed.json()[key], report[key], "step {step}: {key}");
        }
        fs::remove_dir_all(project.path(&run)).unwrap();
    }
}

#[test]
fn every_method_goes_on_to_the_same_bits() {
    let project = Project::new();
    let methods: [&[&str]; 7] = [
        &["method.name=full"],
        &["method.name=full", "training.average=last", "training.average_share=0.5"],
        &["training.average=exponential", "checkpoints.adapter_values=f32"],
        &["method.name=random", "optimizer.name=sgd", "optimizer.momentum=0.9"],
        &[
            "method.name=fixed",
            "training.gradient=measured",
            "optimizer.schedule=cosine",
            "optimizer.warmup=4",
        ],
        &[
            "method.losses=recorded",
            "optimizer.keep_moments=true",
            "training.accumulate=2",
            "training.batch_size=2",
        ],
        &[
            "optimizer.name=adafactor",
            "model.dtype=bf16",
            "training.group_by_length=true",
            "training.batch_pieces=200",
        ],
    ];
    for (number, method) in methods.iter().chain(&crate::methods::RESUMED).enumerate() {
        let whole = format!("whole-{number}");
        // Two masks, two epochs, and scores on both sides of the interruption.
        let short = ["training.steps=8", "method.every=4", "evaluation.every=3", "checkpoints.every=5"];
        let mut settings = [&SETTINGS[..], &short, method].concat();
        // What is trained as a whole, or chosen once, is never chosen again.
        let is_chosen_once = ["full", "random", "fixed", "lora", "prefix", "unipelt", "houlsby"]
            .map(|name| format!("method.name={name}"));
        if method.iter().any(|setting| is_chosen_once.iter().any(|once| once == setting)) {
            settings.retain(|setting| !setting.starts_with("method.every="));
        }
        let trained = project.train(&whole, &set(&settings));
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        let expected = result(&project, &whole);
        let run = format!("resumed-{number}");
        copy(&project, &whole, &run, 5);
        let resumed = resume(&project, &run);
        assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
        let found = result(&project, &run);
        assert_eq!(found.1, expected.1, "{method:?}");
        assert!(found.0 == expected.0, "{method:?}");
        fs::remove_dir_all(project.path(&run)).unwrap();
        fs::remove_dir_all(project.path(&whole)).unwrap();
    }
}

/// The negative control: a run that goes on from another step than its events say would show.
#[test]
fn another_course_has_other_bits() {
    let project = Project::new();
    let settings = [&SETTINGS[..], &["training.dropout=0.2"]].concat();
    assert_eq!(project.train("one", &set(&SETTINGS)).code, Some(0));
    assert_eq!(project.train("two", &set(&settings)).code, Some(0));
    let (one, two) = (result(&project, "one"), result(&project, "two"));
    assert!(one.0 != two.0 && one.1 != two.1);
}

/// Starts a training, gives it so long, and then a signal. Its exit code, if it was not killed.
fn ended_after(project: &Project, arguments: &[&str], milliseconds: u64, signal: &str) -> Option<i32> {
    let mut child: Child = Command::new(assert_cmd::cargo::cargo_bin("fishdip"))
        .current_dir(project.path("."))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(milliseconds));
    if child.try_wait().unwrap().is_none() {
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    }
    child.wait().unwrap().code()
}

#[cfg(unix)]
#[test]
fn kills_at_any_time_lose_nothing() {
    signals_lose_nothing("-KILL", None);
}

/// In each of loading, ranking, Fisher information, training and scoring, what was trained is kept at once.
#[cfg(unix)]
#[test]
fn stops_at_any_time_lose_nothing() {
    signals_lose_nothing("-TERM", Some(3));
}

fn signals_lose_nothing(signal: &str, code: Option<i32>) {
    let project = Project::new();
    let settings = [&SETTINGS[..6], &["checkpoints.every=2"]].concat();
    let mut begin = vec!["train", "--config", "run.toml", "--run", "out"];
    begin.extend(set(&settings));
    let mut whole = begin.clone();
    whole[4] = "whole";
    assert_eq!(project.run(&whole).code, Some(0));
    assert_eq!(ended_after(&project, &begin, 900, signal), code);
    // Odd times, so that they fall on every part of a step and of a checkpoint.
    for milliseconds in [610, 730, 1170, 530, 870, 1330, 690, 1010, 570, 1490] {
        let is_run = project.path("out/config.toml").exists();
        let again = ["train", "--resume", "out"];
        let arguments = if is_run { &again[..] } else { &begin };
        let ended = ended_after(&project, arguments, milliseconds, signal);
        if ended == Some(0) {
            break;
        }
        assert_eq!(ended, code);
    }
    let resumed = resume(&project, "out");
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    let (found, expected) = (result(&project, "out"), result(&project, "whole"));
    assert_eq!(found.1, expected.1);
    assert!(found.0 == expected.0);
    let left: Vec<_> = fs::read_dir(project.path("out/checkpoints")).unwrap().collect();
    assert!(left.len() <= 2, "the last and the best stay: {left:?}");
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_a_checkpoint_of_its_step() {
    use std::io::{BufRead, BufReader};
    let project = Project::new();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("fishdip"))
        .current_dir(project.path("."))
        .args(["train", "--config", "run.toml", "--run", "out"])
        .args(["--set", "training.steps=60", "--set", "evaluation.before=false"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    // Between the loading and the last step.
    let started = stderr.by_ref().map_while(Result::ok).find(|line| line.contains("run folder"));
    assert!(started.is_some());
    std::thread::sleep(Duration::from_millis(1500));
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    let rest: Vec<String> = stderr.map_while(Result::ok).collect();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{rest:?}");
    let told = rest.iter().find(|line| line.contains("stopped at step")).unwrap();
    let step: usize =
        told.split("stopped at step ").nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
    assert!(told.contains(&format!("`train --resume out` goes on from step {step}")), "{told}");
    let resumed = resume(&project, "out");
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    assert!(resumed.stderr.contains(&format!("goes on from step {step} of 60")), "{}", resumed.stderr);
    assert_eq!(project.train("whole", &set(&["training.steps=60", "evaluation.before=false"])).code, Some(0));
    let (found, expected) = (result(&project, "out"), result(&project, "whole"));
    assert_eq!(found.1, expected.1);
    assert!(found.0 == expected.0);
}

#[test]
fn damage_is_told_and_the_checkpoint_before_it_taken() {
    let project = Project::new();
    let settings = [&SETTINGS[1..], &["training.steps=4"]].concat();
    assert_eq!(project.train("out", &set(&settings)).code, Some(0));
    let expected = result(&project, "out");
    let newest = checkpoint(&project, "out", 4);
    let explicit = "out/checkpoints/step-000004";
    for name in ["MANIFEST.json", "state.safetensors"] {
        let file = newest.join(name);
        let whole = fs::read(&file).unwrap();
        let mut damages: Vec<Option<Vec<u8>>> =
            vec![None, Some(Vec::new()), Some(whole[..whole.len() - 1].to_vec())];
        for part in 1..4 {
            damages.push(Some(whole[..whole.len() * part / 4].to_vec()));
            let mut flipped = whole.clone();
            flipped[whole.len() * part / 4] ^= 4;
            damages.push(Some(flipped));
        }
        for damage in damages {
            match &damage {
                Some(bytes) => fs::write(&file, bytes).unwrap(),
                None => fs::remove_file(&file).unwrap(),
            }
            let refused = project.run(&["train", "--resume", explicit]);
            assert_eq!(refused.code, Some(2), "{name}: {}", refused.stderr);
            let says =
                refused.stderr.contains("failed to go on from the checkpoint out/checkpoints/step-000004: ")
                    && refused.stderr.contains(name);
            assert!(says, "{}", refused.stderr);
        }
        let resumed = resume(&project, "out");
        assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
        assert!(resumed.stderr.contains("an earlier one is looked for"), "{}", resumed.stderr);
        assert!(resumed.stderr.contains("goes on from step 3 of 4"), "{}", resumed.stderr);
        let found = result(&project, "out");
        assert_eq!(found.1, expected.1);
        assert!(found.0 == expected.0);
    }
}

#[test]
fn what_cannot_go_on_is_refused_and_says_why() {
    let project = Project::new();
    let settings = [&SETTINGS[1..], &["training.steps=2"]].concat();
    assert_eq!(project.train("out", &set(&settings)).code, Some(0));
    let refused = |says: &str| {
        let refused = resume(&project, "out");
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(says), "{says:?} is not in {}", refused.stderr);
    };
    let gone = project.run(&["train", "--resume", "nowhere"]);
    assert_eq!(gone.code, Some(2));
    assert!(gone.stderr.contains("nowhere: it does not exist"), "{}", gone.stderr);
    let none = project.run(&["train", "--resume", "data"]);
    assert_eq!(none.code, Some(2));
    assert!(
        none.stderr.contains("data: it is no run folder, as there is no config.toml in it"),
        "{}",
        none.stderr
    );
    let both = project.run(&["train", "--resume", "out", "--set", "training.steps=3"]);
    assert_eq!(both.code, Some(2));

    let change = |file: &str, from: &str, to: &str, says: &str| {
        let before = fs::read_to_string(project.path(file)).unwrap();
        assert!(before.contains(from), "{file}");
        fs::write(project.path(file), before.replacen(from, to, 1)).unwrap();
        refused(says);
        fs::write(project.path(file), before).unwrap();
    };
    change(
        "out/config.toml",
        "steps = 2",
        "steps = 3",
        "config.toml in the run folder is not what the run began with",
    );
    for file in ["data/train.txt", "data/dev.txt"] {
        // Whichever sentences are scored, they are others in capitals.
        let before = fs::read_to_string(project.path(file)).unwrap();
        fs::write(project.path(file), before.to_uppercase()).unwrap();
        refused(&format!(": {file} is not what the run began with"));
        fs::write(project.path(file), before).unwrap();
    }
    let version = r#""version": 1"#;
    change("out/checkpoints/step-000002/MANIFEST.json", version, r#""version": 2"#, "it has version 2");
    let events = fs::read(project.path("out/events.jsonl")).unwrap();
    fs::write(project.path("out/events.jsonl"), &events[..10]).unwrap();
    refused("it was cut or removed");
    fs::write(project.path("out/events.jsonl"), events).unwrap();
    assert_eq!(resume(&project, "out").code, Some(0));
}

#[test]
fn paths_with_spaces_and_other_letters_go_on_too() {
    let project = Project::new();
    project.write("мои данные/train.txt", &fs::read_to_string(project.path("data/train.txt")).unwrap());
    project.write("мои данные/dev.txt", &fs::read_to_string(project.path("data/dev.txt")).unwrap());
    let run = "Läufe 2/最初の \"run\"";
    let settings = ["training.steps=2", "evaluation.before=false", "data.dir='мои данные'"];
    let trained = project.train(run, &set(&settings));
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let expected = result(&project, run);
    let resumed = resume(&project, run);
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    assert!(result(&project, run) == expected);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_told_before_anything_is_trained() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::new();
    project.write("closed/note", "");
    let closed = project.path("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(closed.join("probe"), "").is_ok() {
        println!("skipped: this user may write into every folder");
        return;
    }
    let refused = project.train("closed/run", &set(&["training.steps=2"]));
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("closed/run") && !refused.stderr.contains("step 1"),
        "{}",
        refused.stderr
    );
}

/// Back to an earlier step by choice, or past a damaged checkpoint: what was written of later steps does not come back.
#[test]
fn going_back_leaves_what_came_later() {
    let project = Project::new();
    let settings =
        [&SETTINGS[1..6], &["training.steps=9", "checkpoints.every=3", "checkpoints.keep=3"]].concat();
    assert_eq!(project.train("out", &set(&settings)).code, Some(0));
    let expected = result(&project, "out");
    // A removal that was broken off, and a folder that is none of ours.
    fs::remove_file(checkpoint(&project, "out", 6).join("MANIFEST.json")).unwrap();
    fs::create_dir(checkpoint(&project, "out", 999)).unwrap();
    let back = ["train", "--resume", "out/checkpoints/step-000003"];
    let ended = ended_after(&project, &back, 1200, "-TERM");
    assert!(ended.is_none_or(|code| code == 3 || code == 0), "{ended:?}");
    assert!(
        !checkpoint(&project, "out", 999).exists() && !checkpoint(&project, "out", 6).join("state").exists()
    );
    let resumed = resume(&project, "out");
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    let found = result(&project, "out");
    assert_eq!(found.1, expected.1);
    assert!(found.0 == expected.0);

    for step in 0..=9 {
        let _ = fs::write(checkpoint(&project, "out", step).join("MANIFEST.json"), "{}");
    }
    let refused = resume(&project, "out");
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("no checkpoint of the run is whole"), "{}", refused.stderr);
}
