// Longer than 400 lines: the run folder that all tests look at is written by hand, once.
//! Reports of run folders that are written by hand.

#![allow(clippy::unwrap_used, clippy::float_cmp)]

use fishdip_report::{Run, State};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

use super::*;

const CONFIG: &str = "[model]\npath = \"model\"\n\n[task]\nname = \"ner\"\n\n[optimizer]\nlearning_rate = 0.03\n\n\
     [training]\nsteps = 4\nbatch_size = 2\naccumulate = 1\nbatch_pieces = 0\nseed = 1\n";

/// The scores of two examples, of whose three names one is found, and one with another label.
fn scores() -> Value {
    let label = |f1: f64, precision: f64, recall: f64, support: usize| json!({ "f1": f1, "precision": precision, "recall": recall, "support": support });
    json!({
        "f1": 0.4, "precision": 0.5, "recall": 1.0 / 3.0, "n": 3,
        "per_label": { "LOC": label(0.0, 0.0, 0.0, 1), "PER": label(2.0 / 3.0, 1.0, 0.5, 2), "ORG": label(0.0, 0.0, 0.0, 0) },
        "errors": { "wrong_reconstruction": 0.0, "format_error": 0.5, "label_error": 0.0, "entity_error": 0.0 },
        "examples": 2,
    })
}

fn events() -> Vec<Value> {
    let step = |step: usize, loss: f64| json!({ "at": step, "event": "step", "step": step, "loss": loss, "gradient_norm": 1.0, "learning_rate": 0.03, "seconds": 0.1 });
    let chosen = |step: usize, churn: f64, hard: [usize; 2], weights: Value| {
        json!({
            "at": step, "event": "mask-chosen", "step": step, "entries": 4, "churn": churn, "recorded_agreement": null,
            "hard": hard, "weights": weights, "gathered": [], "seconds": 0.5,
        })
    };
    let (q, wo) = (
        "encoder.block.0.layer.0.SelfAttention.q.weight",
        "decoder.block.1.layer.2.DenseReluDense.wo.weight",
    );
    vec![
        json!({
            "at": 0.0, "event": "started", "version": 1, "run": "a", "task": "ner", "backend": "flex", "config_hash": "c",
            "base_model_hash": "b", "train_examples": 5, "train_windows": 5, "eval_examples": 2, "entries_total": 400, "steps": 4,
        }),
        json!({ "at": 0.1, "event": "warning", "message": "one <b>word</b> is long" }),
        json!({ "at": 0.2, "event": "evaluated", "step": 0, "report": scores(), "seconds": 0.1 }),
        chosen(0, 1.0, [3, 1], json!([[q, 3], [wo, 1]])),
        step(1, 2.0),
        step(2, 1.5),
        chosen(2, 0.5, [3, 2], json!([[wo, 4]])),
        step(3, 1.0),
        step(4, 0.5),
    ]
}

fn predictions() -> [Value; 2] {
    [
        json!({
            "gold": { "id": "0", "tokens": ["Ada", "left", "Rome"], "entities": [{ "type": "PER", "start": 0, "end": 1 }, { "type": "LOC", "start": 2, "end": 3 }], "relations": [] },
            "predicted": { "entities": [{ "type": "PER", "start": 0, "end": 1 }, { "type": "ORG", "start": 2, "end": 3 }], "relations": [], "repairs": [] },
            "scores": [0.95, 0.25], "score": 0.2,
        }),
        json!({
            "gold": { "id": "1", "tokens": ["Babbage", "stayed"], "entities": [{ "type": "PER", "start": 0, "end": 1 }], "relations": [] },
            "predicted": { "entities": [], "relations": [], "repairs": [] },
            "scores": [], "score": 0.9,
        }),
    ]
}

fn lines(values: &[Value]) -> String {
    values.iter().flat_map(|value| [value.to_string(), "\n".to_owned()]).collect()
}

/// A run folder that has come to its end.
fn done(parent: &TempDir, name: &str) -> PathBuf {
    let folder = parent.path().join(name);
    fs::create_dir_all(&folder).unwrap();
    let write = |file: &str, text: String| fs::write(folder.join(file), text).unwrap();
    write("config.toml", CONFIG.to_owned());
    write("events.jsonl", lines(&events()));
    write("predictions.jsonl", lines(&predictions()));
    let sample =
        |at: usize| json!({ "at": format!("train.txt:{at}"), "source": format!("text {at}"), "target": "t" });
    write("samples.jsonl", lines(&(0..5).map(sample).collect::<Vec<_>>()));
    let result = json!({
        "before": null, "after": scores(), "steps": 4, "best_step": 4, "entries_trained": 4, "entries_touched": 6,
        "seconds": 75.0, "seconds_per_step": 0.1, "seconds_per_refresh": 0.5, "peak_rss_mib": 100.0,
    });
    write("result.json", result.to_string());
    let counts =
        json!([{ "gold": 2, "predicted": 2, "correct": 1 }, { "gold": 1, "predicted": 0, "correct": 0 }]);
    write("outcomes.json", json!({ "examples": "h", "outcomes": { "counts": counts } }).to_string());
    folder
}

fn gathered(folder: &Path) -> Run {
    page(&[folder.to_owned()]).unwrap().runs.remove(0)
}

#[test]
fn a_run_is_gathered_from_its_folder() {
    let parent = tempfile::tempdir().unwrap();
    let folder = done(&parent, "a");
    let run = gathered(&folder);
    assert_eq!((run.state, run.remarks.len()), (State::Done, 0), "{:?}", run.remarks);
    assert_eq!(run.losses, [(1, 2.0), (2, 1.5), (3, 1.0), (4, 0.5)]);
    let headline = run.headline.unwrap();
    assert_eq!((headline.after, headline.step, headline.examples), (0.4, 4, 2));
    let [low, high] = headline.interval.unwrap();
    // Samples of two examples: the second twice has nothing right, the first twice one of two.
    assert_eq!((low, high), (0.0, 0.5));
    let fact = |name: &str| run.facts.iter().find(|fact| fact.0 == name).map(|fact| fact.1.raw().to_owned());
    assert_eq!(fact("trained at a time").unwrap(), "4 parameters (1.00 %)");
    assert_eq!(fact("time").unwrap(), "1 min 15 s; 0.100 s a step");
    assert_eq!(run.warnings[0].raw(), "one <b>word</b> is long");
    assert_eq!(run.samples.unwrap()[3].source.raw(), "text 3");
}

#[test]
fn masks_have_their_layers_and_kinds() {
    let parent = tempfile::tempdir().unwrap();
    let mask = gathered(&done(&parent, "a")).mask;
    let names = |names: &[Text]| names.iter().map(|name| name.raw().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        (names(&mask.layers), names(&mask.kinds)),
        (
            vec!["encoder 0".to_owned(), "decoder 1".to_owned()],
            vec!["self-attention q".to_owned(), "feed-forward wo".to_owned()],
        )
    );
    assert_eq!(mask.mean_cells(), [0.375, 0.0, 0.0, 0.625]);
    assert_eq!((mask.samples, mask.hard_samples()[0].sample), (5, 3));
    // Two of four are in both, six in either.
    assert_eq!(mask.overlap(1), Some(1.0 / 3.0));
}

#[test]
fn scores_confusions_and_calibration_come_from_the_predictions() {
    let parent = tempfile::tempdir().unwrap();
    let run = gathered(&done(&parent, "a"));
    let rows = &run.tables[0].rows;
    let names: Vec<&str> = rows.iter().map(|row| row.name.raw()).collect();
    assert_eq!(names, ["LOC", "ORG", "PER", "all"]);
    assert_eq!((rows[1].f1, rows[1].recall, rows[1].precision), (None, None, Some(0.0)), "no gold");
    // Both examples have a PER, of which the first is found.
    assert_eq!(rows[2].interval, Some([0.0, 1.0]));
    let confusion = fishdip_report::Confusion::of(run.scored.as_ref().unwrap(), 0, true);
    assert_eq!(
        (confusion.found, confusion.missed),
        (vec![vec![0, 1, 0], vec![0, 0, 0], vec![0, 0, 1]], vec![0, 0, 1])
    );
    let calibration = run.calibration.unwrap();
    assert_eq!((calibration.n, calibration.error), (2, 0.15), "0.05 and 0.25 of two");
    assert_eq!(run.faults[1], ("bad markup", 0.5));
    assert!(run.findings.is_empty(), "0.4 is not near zero");
}

#[test]
fn a_score_of_data_without_annotations_is_not_blamed_on_the_training() {
    let parent = tempfile::tempdir().unwrap();
    let folder = done(&parent, "a");
    let titles = || gathered(&folder).findings.iter().map(|finding| finding.title).collect::<Vec<_>>();
    let nothing = json!({ "f1": 0.0, "precision": 0.0, "recall": 0.0, "n": 0, "per_label": {}, "errors": scores()["errors"], "examples": 2 });
    let mut result: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("result.json")).unwrap()).unwrap();
    result["after"] = nothing;
    fs::write(folder.join("result.json"), result.to_string()).unwrap();
    assert!(!titles().contains(&"Nothing is annotated in the data that are scored"), "three are");
    let mut predictions = predictions();
    for line in &mut predictions {
        line["gold"]["entities"] = json!([]);
    }
    fs::write(folder.join("predictions.jsonl"), lines(&predictions)).unwrap();
    assert_eq!(titles(), ["Nothing is annotated in the data that are scored"]);
}

#[test]
fn a_run_that_was_ended_says_so_and_shows_what_there_is() {
    let parent = tempfile::tempdir().unwrap();
    let folder = done(&parent, "a");
    fs::remove_file(folder.join("result.json")).unwrap();
    let text = lines(&events()[..6]);
    fs::write(folder.join("events.jsonl"), &text[..text.len() - 9]).unwrap();
    let run = gathered(&folder);
    assert_eq!((run.state, run.losses.len()), (State::Ended, 1));
    assert!(
        run.remarks[0].raw().contains("has made 1 of 4 steps") && run.remarks[0].raw().contains("--resume")
    );
    // Those of the base model are all that was told; predictions of another time are not shown.
    assert_eq!(run.headline.map(|of| (of.after, of.step)), Some((0.4, 0)));
    assert!(run.scored.is_none() && run.findings.is_empty());

    let lock = fs::File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let run = gathered(&folder);
    assert_eq!(run.state, State::GoesOn);
    assert!(run.remarks[0].raw().contains("A process is training it now: 1 of 4 steps"));
}

#[test]
fn a_run_that_failed_says_why_and_not_to_go_on_with_it() {
    let parent = tempfile::tempdir().unwrap();
    let folder = done(&parent, "a");
    let reason = "training failed at step 3: the gradient of `q` is not finite; lower the learning rate or look for damaged input";
    let ruin = json!({ "step": 3, "reason": reason, "examples": ["train.txt:7"] });
    fs::write(folder.join("nan-report.json"), ruin.to_string()).unwrap();
    // One that has come to its end all the same.
    assert_eq!(gathered(&folder).state, State::Done);
    fs::remove_file(folder.join("result.json")).unwrap();
    fs::write(folder.join("events.jsonl"), lines(&events()[..8])).unwrap();
    let run = gathered(&folder);
    assert_eq!(run.state, State::Failed);
    let remark = run.remarks[0].raw();
    assert!(remark.contains("has made 3 of 4 steps") && remark.contains(reason), "{remark}");
    assert!(remark.contains("nan-report.json") && !remark.contains("--resume"), "{remark}");
    assert!(
        render(&page(std::slice::from_ref(&folder)).unwrap())
            .contains("<span class=\"state failed\">failed</span>")
    );
    // It was gone on with from an earlier step, and ended before it came there again.
    fs::write(folder.join("events.jsonl"), lines(&events()[..6])).unwrap();
    let run = gathered(&folder);
    assert_eq!(run.state, State::Ended);
    assert!(run.remarks[0].raw().contains("--resume"));
}

#[test]
fn two_runs_are_compared_and_seeds_go_together() {
    let parent = tempfile::tempdir().unwrap();
    let folders = ["a", "b"].map(|name| done(&parent, name));
    fs::write(folders[1].join("config.toml"), CONFIG.replace("seed = 1", "seed = 2")).unwrap();
    let page = page(&folders).unwrap();
    assert_eq!(page.runs[0].group, page.runs[1].group);
    let comparison = page.comparison.unwrap();
    assert_eq!(
        (comparison.difference, comparison.sentences, comparison.unpaired),
        (Some((0.0, [0.0, 0.0])), 2, 0)
    );
    assert_eq!(page.sentences.unwrap().all[0].found.len(), 2);
}

#[test]
fn a_study_shows_its_table_and_cells() {
    let parent = tempfile::tempdir().unwrap();
    done(&parent, "keep=0.01,seed=1");
    let row = json!({ "name": "keep=0.01", "group": {}, "seeds": 1, "score": 0.4, "interval": [0.0, 0.5], "difference": null,
        "entries_trained": 4, "seconds_per_step": 0.1, "seconds_per_refresh": 0.5, "peak_rss_mib": null, "bytes": 9, "error": null });
    let table = json!({ "rows": [row], "metric": "F1", "baseline": null });
    fs::write(parent.path().join("table.json"), table.to_string()).unwrap();
    let page = page(&[parent.path().to_owned()]).unwrap();
    assert_eq!((page.runs.len(), page.runs[0].name.raw()), (1, "keep=0.01,seed=1"));
    let study = page.study.unwrap();
    assert_eq!((study.head[2].as_str(), study.rows[0][2].raw()), ("F1 (95 %)", "0.4000 (0.0000 to 0.5000)"));
}

#[test]
fn folds_have_their_table_and_no_differences() {
    let parent = tempfile::tempdir().unwrap();
    // Of three folds the second has nothing right, and the last is not there yet.
    for fold in [1, 2] {
        let folder = done(&parent, &format!("fold-{fold}"));
        fs::create_dir(folder.join("adapter")).unwrap();
        let config = format!("[data]\nfolds = 3\nfold = {fold}\n\n{CONFIG}");
        fs::write(folder.join("config.toml"), config).unwrap();
        let mut result: Value =
            serde_json::from_str(&fs::read_to_string(folder.join("result.json")).unwrap()).unwrap();
        result["held_out"] = json!({ "share": 0.5, "seed": 1, "examples": 2, "left": 4, "hash": "h" });
        fs::write(folder.join("result.json"), result.to_string()).unwrap();
    }
    let none =
        json!([{ "gold": 2, "predicted": 0, "correct": 0 }, { "gold": 1, "predicted": 1, "correct": 0 }]);
    let second = json!({ "examples": "other", "outcomes": { "counts": none } });
    fs::write(parent.path().join("fold-2/outcomes.json"), second.to_string()).unwrap();
    let whole = parent.path().to_owned();
    let told = |folder: &Path| {
        let page = page(&[folder.to_owned()]).unwrap();
        assert!(page.comparison.is_none() && page.sentences.is_none());
        let table = page.folds.unwrap();
        let rows: Vec<Vec<String>> =
            table.rows.iter().map(|row| row.iter().map(|cell| cell.raw().to_owned()).collect()).collect();
        let remarks: Vec<String> = table.remarks.iter().map(|of| of.raw().to_owned()).collect();
        (table.head, rows, remarks)
    };
    let (head, rows, remarks) = told(&whole);
    assert_eq!(head, ["fold", "trained on", "scored", "F1"]);
    let row = ["fold-1", "4", "2", "0.4000"];
    assert_eq!(rows, [row, ["fold-2", "4", "2", "0.4000"], ["fold-3", "-", "-", "not done"]]);
    assert!(remarks.iter().any(|remark| remark.starts_with("fold-3: ")), "{remarks:?}");
    assert!(!remarks.iter().any(|remark| remark.starts_with("mean")), "not of a part: {remarks:?}");
    // As if two were asked for: one of six annotated was found, and three were found in all.
    for fold in [1, 2] {
        let config = whole.join(format!("fold-{fold}/config.toml"));
        let text = fs::read_to_string(&config).unwrap().replace("folds = 3", "folds = 2");
        fs::write(config, text).unwrap();
    }
    let (_, rows, remarks) = told(&whole);
    assert_eq!(rows.len(), 2);
    assert_eq!(remarks[0], "mean F1 0.4000, standard deviation 0.0000 over the folds");
    assert!(remarks[1].starts_with("F1 of all examples together 0.2222, "), "{remarks:?}");
    // A fold alone is a run.
    assert!(page(&[whole.join("fold-1")]).unwrap().folds.is_none());
}

#[test]
fn rounds_of_active_learning_are_a_curve() {
    let parent = tempfile::tempdir().unwrap();
    for name in ["rounds/00", "rounds/01"] {
        done(&parent, name);
    }
    // Before a round is scored, its runs are what there is.
    assert!(page(&[parent.path().to_owned()]).unwrap().learning.is_none());
    let round = |round: u32, labels: u32, score: f64| json!({ "round": round, "labels": labels, "score": score, "macro_f1": null, "query_seconds": null, "train_seconds": 1.5, "ledger": "" });
    let curve = json!({ "metric": "F1", "rounds": [round(0, 10, 0.2), round(1, 20, 0.4)] });
    fs::write(parent.path().join("curve.json"), curve.to_string()).unwrap();
    let found = page(&[parent.path().to_owned()]).unwrap();
    let learning = found.learning.unwrap();
    assert_eq!((found.runs.len(), learning.points), (2, vec![(10, 0.2), (20, 0.4)]));
    let remarks: Vec<&str> = learning.table.remarks.iter().map(fishdip_report::Text::raw).collect();
    assert!(remarks[0].ends_with(": 0.3000.") && remarks[1].contains("not stopped"), "{remarks:?}");
    let entry =
        json!({ "stopped": { "round": 1, "criterion": "x", "why": "the score rests" }, "chain": "0" });
    fs::write(parent.path().join("ledger.jsonl"), format!("{entry}\n")).unwrap();
    let learning = page(&[parent.path().to_owned()]).unwrap().learning.unwrap();
    assert!(learning.table.remarks[1].raw().contains("the score rests"));
    fs::write(parent.path().join("curve.json"), "{").unwrap();
    assert!(page(&[parent.path().to_owned()]).unwrap_err().to_string().contains("curve.json"));
}

#[test]
fn what_is_no_run_is_refused_with_its_name() {
    let parent = tempfile::tempdir().unwrap();
    for (folder, words) in
        [(parent.path().to_owned(), "no run and of no study"), (parent.path().join("no"), "does not exist")]
    {
        let error = write_report(std::slice::from_ref(&folder), None).unwrap_err();
        assert!(error.to_string().contains(words) && error.kind() == crate::FailureKind::BadInput, "{error}");
    }
    let folder = done(&parent, "a");
    fs::write(folder.join("events.jsonl"), lines(&events()[..3])).unwrap();
    assert!(mask_report(&folder).unwrap_err().to_string().contains("no mask yet"));
    assert!(write_report(std::slice::from_ref(&folder), None).unwrap().ends_with("report.html"));
    assert!(folder.join("report.html").is_file());
}

#[test]
fn what_is_told_of_a_run_is_not_written_over_it() {
    let parent = tempfile::tempdir().unwrap();
    let folder = done(&parent, "a");
    let runs = std::slice::from_ref(&folder);
    let out = |name: &str| OutFile::new(&folder.join(name), true).unwrap();
    for name in ["config.toml", "events.jsonl"] {
        let before = fs::read(folder.join(name)).unwrap();
        let page = write_report(runs, Some(&out(name))).unwrap_err();
        let picture = mask_report(&folder).unwrap().write_svg(&out(name)).unwrap_err();
        for refused in [page, picture] {
            assert_eq!(refused.kind(), crate::FailureKind::BadInput, "{refused}");
            assert!(refused.to_string().contains(name), "{refused}");
        }
        assert_eq!(fs::read(folder.join(name)).unwrap(), before);
    }
    // What an earlier call has made is written anew, and so is a file elsewhere.
    fs::write(parent.path().join("mine"), "text").unwrap();
    for name in ["page.html", "page.html", "../mine"] {
        write_report(runs, Some(&out(name))).unwrap();
        assert!(fs::read_to_string(folder.join(name)).unwrap().starts_with("<!DOCTYPE html>"));
    }
    for _ in 0..2 {
        mask_report(&folder).unwrap().write_svg(&out("mask.svg")).unwrap();
    }
    assert!(fs::read_to_string(folder.join("mask.svg")).unwrap().starts_with("<svg "));
}

#[test]
fn a_run_without_data_to_score_has_a_page() {
    let parent = tempfile::tempdir().unwrap();
    let folder = done(&parent, "a");
    for file in ["result.json", "outcomes.json", "predictions.jsonl", "samples.jsonl"] {
        fs::remove_file(folder.join(file)).unwrap();
    }
    let unscored: Vec<Value> = events().into_iter().filter(|event| event["event"] != "evaluated").collect();
    fs::write(folder.join("events.jsonl"), lines(&unscored)).unwrap();
    let run = gathered(&folder);
    assert!(run.headline.is_none() && run.tables.is_empty() && run.samples.is_none());
    assert!(render(&page(&[folder]).unwrap()).contains("no score"));
}

#[test]
fn what_was_looked_into_is_shown() {
    let parent = tempfile::tempdir().unwrap();
    let folder = done(&parent, "a");
    fs::create_dir_all(folder.join("insight")).unwrap();
    let example = |learning: &str, events: Value| {
        json!({
            "at": "train.txt:7", "key": "k", "learning": learning, "events": events, "confidence": 0.25, "variability": 0.125,
            "correctness": 2, "threshold_closeness": 0.1875,
        })
    };
    let dynamics = json!({
        "steps": [2, 4], "counts": { "unforgettable": 0, "forgettable": 1, "moderately_forgettable": 0, "never_learnt": 1 },
        "examples": [example("forgettable", json!(3)), example("never-learnt", Value::Null)],
    });
    fs::write(folder.join("insight/dynamics.json"), dynamics.to_string()).unwrap();
    let third = json!({ "linear": 0.9375, "rbf": null });
    let thirds = json!({ "early": third, "middle": third, "late": third });
    let cka = json!({
        "examples": 12, "layers": [{ "stack": "encoder", "block": 0, "linear": 0.9375, "rbf": null }], "encoder": thirds, "decoder": thirds,
    });
    fs::write(folder.join("insight/cka.json"), cka.to_string()).unwrap();
    let run = gathered(&folder);
    let shown = run.dynamics.unwrap();
    assert_eq!((shown.passes, shown.examples[0].events, shown.examples[1].events), (2, 3, 0));
    assert_eq!(run.similarity.unwrap().layers[0].values, [Some(0.9375), None]);
    assert!(run.smoothness.is_none());
    // A file that was damaged is told with its name.
    fs::write(folder.join("insight/cka.json"), "{").unwrap();
    let message = super::run::gather("a", &folder).unwrap_err().to_string();
    assert!(message.contains("cka.json"), "{message}");
}

#[test]
fn rounds_that_teach_themselves_tell_what_they_accepted() {
    let parent = tempfile::tempdir().unwrap();
    let rounds = parent.path().join("rounds");
    fs::create_dir(&rounds).unwrap();
    for (round, gold, accepted, labels) in [(0, 10, 0, json!({})), (1, 12, 7, json!({ "LOC": 2, "PER": 9 }))]
    {
        fs::rename(done(&parent, "a"), rounds.join(format!("0{round}"))).unwrap();
        let record = json!({
            "round": round, "gold": gold, "texts": 30, "accepted": accepted, "labels": labels, "calibrated_on": 14 * round, "score": null,
        });
        fs::write(rounds.join(format!("0{round}.json")), record.to_string()).unwrap();
    }
    let page = page(&[parent.path().to_owned()]).unwrap();
    let table = page.self_training.unwrap();
    let rows: Vec<Vec<&str>> = table.rows.iter().map(|row| row.iter().map(Text::raw).collect()).collect();
    assert_eq!(
        rows,
        [["00", "10", "0 of 30", "", "0", "0.4000"], ["01", "12", "7 of 30", "LOC 2, PER 9", "14", "0.4000"]]
    );
    assert!(page.learning.is_none() && page.runs.len() == 2);
}

#[test]
fn runs_that_lie_in_one_folder_are_no_study() {
    let parent = tempfile::tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| done(&parent, name));
    let whole = [parent.path().to_owned()];
    let folder = parent.path().file_name().unwrap().to_str().unwrap();
    let found = page(&whole).unwrap();
    assert_eq!((found.title.raw(), found.runs.len()), (format!("2 runs in {folder}").as_str(), 2));
    assert!(found.study.is_none());
    // What a study has come to, whatever it compares.
    fs::write(parent.path().join("table.md"), "").unwrap();
    assert_eq!(page(&whole).unwrap().title.raw(), folder);
    // However it is written, it is the same run.
    let again = parent.path().join("b/../a");
    for folders in [[a.clone(), a.clone()], [a.clone(), again]] {
        let message = page(&folders).unwrap_err().to_string();
        assert!(message.contains("it is named twice; name each run once"), "{message}");
    }
    assert_eq!(page(&[a, b]).unwrap().title.raw(), "2 runs");
}
