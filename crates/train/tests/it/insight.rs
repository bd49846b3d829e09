//! What a run looks into beside its scores: forgetting, similarity and smoothness of layers, also after an interruption.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fishdip_train::{Error, Event, RunConfig, RunPath, TimedEvent, TrainReport, resume, train};
use serde_json::Value;

use crate::questions::{EXAMPLES, QUESTIONS, runtime};

/// What stands behind [`QUESTIONS`].
const CONFIG: &str = "\
[training]
steps = 12
batch_size = 8
dropout = 0.0
[evaluation]
before = false
[checkpoints]
every = 1
keep = 100
adapter_values = \"f32\"
[insight]
dynamics = true
cka = true
smoothness = true
";

fn config(folder: &Path, overrides: &[&str]) -> Result<RunConfig, Error> {
    let path = folder.join("run.toml");
    fs::write(&path, format!("{QUESTIONS}{CONFIG}")).unwrap();
    let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
    RunConfig::load(&path, &overrides)
}

fn run(folder: &Path, name: &str, overrides: &[&str]) -> Result<TrainReport, Error> {
    train(&config(folder, overrides)?, &RunPath::At(folder.join(name)), &runtime(), &mut ())
}

fn events(run: &Path) -> Vec<Event> {
    let text = fs::read_to_string(run.join("events.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str::<TimedEvent>(line).unwrap().event).collect()
}

fn json(path: PathBuf) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The steps after which all targets were followed, and the examples that were right.
fn followed(run: &Path) -> Vec<(usize, BTreeSet<usize>)> {
    let of = |event| match event {
        Event::Followed { step, right, probabilities, .. } => {
            assert_eq!(probabilities.len(), EXAMPLES);
            assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)), "{probabilities:?}");
            Some((step, right.into_iter().collect()))
        }
        _ => None,
    };
    events(run).into_iter().filter_map(of).collect()
}

#[test]
fn a_training_is_looked_into_and_an_interruption_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    run(folder.path(), "whole", &[]).unwrap();

    let followed = followed(&whole);
    assert_eq!(followed.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [3, 6, 9, 12]);
    let dynamics = json(whole.join("insight/dynamics.json"));
    let (mut counts, examples) = ([0_u64; 3], dynamics["examples"].as_array().unwrap());
    assert_eq!(examples.len(), EXAMPLES);
    for (example, found) in examples.iter().enumerate() {
        let right: Vec<bool> = followed.iter().map(|(_, right)| right.contains(&example)).collect();
        let forgotten = right.windows(2).filter(|pair| pair[0] && !pair[1]).count();
        let class = match (right.contains(&true), forgotten) {
            (false, _) => 2,
            (true, 0) => 0,
            (true, _) => 1,
        };
        counts[class] += 1;
        assert_eq!(found["learning"], ["unforgettable", "forgettable", "never-learnt"][class]);
        assert_eq!(found["correctness"], right.iter().filter(|right| **right).count());
    }
    for (class, count) in ["unforgettable", "forgettable", "never_learnt"].into_iter().zip(counts) {
        assert_eq!(dynamics["counts"][class], count, "{class}");
    }

    let cka = json(whole.join("insight/cka.json"));
    assert_eq!((cka["examples"].as_u64(), cka["layers"].as_array().unwrap().len()), (Some(12), 6));
    for layer in cka["layers"].as_array().unwrap() {
        for figure in ["linear", "rbf"] {
            assert!(layer[figure].as_f64().is_some_and(|cka| (0.0..1.000_001).contains(&cka)), "{layer}");
        }
    }
    // Three blocks, one a third.
    assert_eq!(cka["encoder"]["late"]["linear"], cka["layers"][2]["linear"]);
    let smoothness = json(whole.join("insight/smoothness.json"));
    assert_eq!(
        (smoothness["examples"].as_u64(), smoothness["layers"].as_array().unwrap().len()),
        (Some(24), 6)
    );

    // As after a kill behind step 7: what came later is gone.
    let cut = folder.path().join("cut");
    copy(&whole, &cut);
    for later in 8..=12 {
        fs::remove_dir_all(cut.join(format!("checkpoints/step-{later:06}"))).unwrap();
    }
    for end in ["adapter", "insight"] {
        fs::remove_dir_all(cut.join(end)).unwrap();
    }
    fs::remove_file(cut.join("result.json")).unwrap();
    resume(&cut, &runtime(), &mut ()).unwrap();
    assert_eq!(self::followed(&cut), followed);
    for name in ["dynamics", "cka", "smoothness"] {
        for kind in ["json", "svg"] {
            let file = format!("insight/{name}.{kind}");
            assert_eq!(fs::read(cut.join(&file)).unwrap(), fs::read(whole.join(&file)).unwrap(), "{file}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// What greedy decoding would write is what it writes: as many examples are right as the decoder gets right.
#[test]
fn examples_that_are_right_are_those_that_decoding_gets_right() {
    let folder = tempfile::tempdir().unwrap();
    let of_training =
        ["data.eval=train.txt", "data.train_examples=0", "data.eval_examples=0", "data.allow_overlap=true"];
    let others = ["training.steps=8", "insight.cka=false", "insight.smoothness=false", "checkpoints.every=0"];
    let report = run(folder.path(), "out", &[&of_training[..], &others].concat()).unwrap();
    let last = events(&report.run).into_iter().rev().find_map(|event| match event {
        Event::Followed { right, probabilities, .. } => Some((right.len(), probabilities.len())),
        _ => None,
    });
    let (right, all) = last.unwrap();
    assert_eq!(all, report.after.examples);
    assert!(
        (report.after.headline() - right as f64 / all as f64).abs() < 1e-9,
        "{right} of {all}, {:?}",
        report.after
    );
    assert!(right > 0 && right < all, "{right} of {all}: both are to be seen");
    assert!(!report.run.join("insight/cka.json").exists());
}

#[test]
fn the_smoothest_step_is_kept_beside_the_best_and_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        ["training.watch=smoothness", "evaluation.every=4", "insight.dynamics=false", "insight.cka=false"];
    let report = run(folder.path(), "out", &settings).unwrap();
    let told = events(&report.run);
    let mut measured: Vec<(usize, f64)> = Vec::new();
    for event in &told {
        if let Event::Smoothness { step, index, best, .. } = event {
            let index = index.unwrap();
            assert_eq!(*best, measured.iter().all(|(_, other)| index > *other), "step {step}");
            measured.push((*step, index));
        }
    }
    assert_eq!(measured.iter().map(|(step, _)| *step).collect::<Vec<_>>(), [4, 8, 12]);
    let score = |asked: usize| {
        told.iter().find_map(|event| match event {
            Event::Evaluated { step, report, .. } if *step == asked => Some(report.headline()),
            _ => None,
        })
    };
    let most = measured.iter().map(|(_, index)| *index).fold(f64::NEG_INFINITY, f64::max);
    let smoothest = measured.iter().find(|(_, index)| *index >= most).unwrap().0;
    let stops = report.stops.unwrap();
    assert_eq!(stops.smoothest.map(|stop| (stop.step, stop.score)), Some((smoothest, score(smoothest))));
    assert_eq!((stops.last.step, stops.last.score), (12, score(12)));
    let best = stops.best.unwrap();
    assert!([4, 8, 12].into_iter().all(|step| score(step) <= best.score), "{best:?}");
    assert_eq!(report.best_step, smoothest);
    assert!((report.after.headline() - score(smoothest).unwrap()).abs() < 1e-6);
    let steps = json(report.run.join("insight/smoothness.json"))["steps"].as_array().unwrap().len();
    assert_eq!(steps, 3);
}

#[test]
fn what_cannot_be_looked_into_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for (settings, says) in [
        (&["data.eval_examples=1"][..], "insight.cka compares layers by"),
        (&["data.train_examples=1"], "insight.smoothness looks at how the classes"),
        (
            &["data.train_examples=1", "insight.smoothness=false", "training.watch=smoothness"],
            "training.watch = \"smoothness\" looks at",
        ),
        (&["training.steps=0"], "`insight.dynamics`"),
    ] {
        let message = run(folder.path(), "out", settings).unwrap_err().to_string();
        assert!(message.contains(says), "{settings:?}: {message}");
        assert!(!folder.path().join("out").exists(), "{settings:?}");
    }
    let path = folder.path().join("run.toml");
    for value in ["0", "1", "5000"] {
        let message = RunConfig::load(&path, &[format!("insight.samples={value}")]).unwrap_err().to_string();
        assert!(message.contains("`insight.samples` must be a whole number from 2 to 4096"), "{message}");
    }
}
