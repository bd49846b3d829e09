//! Studies: cells that are run, gone on with, left alone and compared.

use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant, SystemTime};

use crate::project::{Outcome, Project};

/// Two groups of two seeds, of two steps each.
const STUDY: &str = "base = \"run.toml\"\nbaseline = \"keep=0.01\"\nseeds = [1, 2]\n\n\
     [set]\ntraining.steps = 2\nevaluation.before = false\nevaluation.max_output_pieces = 24\n\n\
     [[axis]]\nkey = \"method.keep\"\nvalues = [0.01, 0.05]\n";

const CELLS: [&str; 4] = ["keep=0.01,seed=1", "keep=0.01,seed=2", "keep=0.05,seed=1", "keep=0.05,seed=2"];

fn project(study: &str) -> Project {
    let project = Project::new();
    project.write("study.toml", study);
    project
}

fn study(project: &Project, more: &[&str]) -> Outcome {
    let mut arguments = vec!["study", "--config", "study.toml", "--json"];
    arguments.extend(more);
    project.run(&arguments)
}

/// The cells and their states, as `--list` shows them.
fn states(project: &Project) -> Vec<(String, String)> {
    let listed = study(project, &["--list"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let cells = listed.json()["cells"].as_array().unwrap().clone();
    cells.iter().map(|cell| (text(&cell["name"]), text(&cell["state"]))).collect()
}

/// When the events of a cell were written last.
fn written(project: &Project, cell: &str) -> SystemTime {
    let events = project.path(&format!("runs/study/{cell}/events.jsonl"));
    fs::metadata(events).unwrap().modified().unwrap()
}

#[test]
fn a_study_is_run_cell_by_cell_and_told_from_its_folders() {
    let project = project(STUDY);
    let all = |state: &str| CELLS.map(|cell| (cell.to_owned(), state.to_owned())).to_vec();
    assert_eq!(states(&project), all("absent"));
    assert!(!project.path("runs").exists(), "a list writes nothing");

    // One cell alone makes no table.
    let alone = study(&project, &["--cell", CELLS[2]]);
    assert_eq!(alone.code, Some(0), "{}", alone.stderr);
    assert_eq!(alone.json()["cells"][0]["state"], "done");
    assert!(!project.path("runs/study/table.md").exists());
    let mut expected = all("absent");
    expected[2].1 = "done".to_owned();
    assert_eq!(states(&project), expected);
    let first = written(&project, CELLS[2]);

    let outcome = study(&project, &[]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout.lines().count(), 1, "stdout is the JSON alone");
    assert_eq!(states(&project), all("done"));
    assert_eq!(written(&project, CELLS[2]), first, "what is done is not run again");

    let rows = outcome.json()["rows"].as_array().unwrap().clone();
    let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["keep=0.01", "keep=0.05"]);
    for (row, keep) in rows.iter().zip([0.01, 0.05]) {
        assert_eq!(row["group"], json!({ "keep": keep }));
        assert_eq!((row["seeds"].as_u64(), &row["error"]), (Some(2), &Value::Null));
        for field in ["score", "entries_trained", "seconds_per_step", "bytes"] {
            assert!(row[field].is_number(), "{field} is missing in {row}");
        }
        let [low, high] = [0, 1].map(|end| row["interval"][end].as_f64().unwrap());
        let score = row["score"].as_f64().unwrap();
        assert!(low <= score && score <= high, "{row}");
    }
    assert_eq!(rows[0]["entries_trained"], 40709, "1 % of 4,070,976");
    assert!(rows[0]["difference"].is_null(), "the baseline is compared with nothing");
    assert!(!outcome.stderr.contains("nothing is left to do"), "{}", outcome.stderr);
    let again = study(&project, &[]);
    assert_eq!((again.code, &again.json()["rows"]), (Some(0), &outcome.json()["rows"]), "{}", again.stderr);
    assert!(
        again.stderr.contains("note: everything is done already, and nothing is left to do"),
        "{}",
        again.stderr
    );
    let difference = rows[1]["score"].as_f64().unwrap() - rows[0]["score"].as_f64().unwrap();
    assert!((rows[1]["difference"]["value"].as_f64().unwrap() - difference).abs() < 1e-5);

    let table = fs::read_to_string(project.path("runs/study/table.md")).unwrap();
    assert!(
        table.contains("| keep=0.05 |     2 |") && table.contains("Differences are to keep=0.01"),
        "{table}"
    );
    let csv = fs::read_to_string(project.path("runs/study/table.csv")).unwrap();
    assert_eq!(csv.lines().count(), 3, "{csv}");
    let curves = fs::read_to_string(project.path("runs/study/curves.svg")).unwrap();
    assert_eq!(curves.matches("<polyline").count(), 2, "{curves}");
    assert!(curves.contains(">training loss<"), "{curves}");

    // The same from the same folders.
    let again = study(&project, &[]);
    assert_eq!((again.code, again.json()), (Some(0), outcome.json()));
    assert!(CELLS.iter().all(|cell| !again.stderr.contains(cell)), "{}", again.stderr);

    // A cell that is done is what its config said.
    project.write("study.toml", &STUDY.replace("steps = 2", "steps = 3"));
    let changed = study(&project, &[]);
    assert_eq!(changed.code, Some(2), "{}", changed.stderr);
    let says = "the cell keep=0.01,seed=1 of the study has changed: it was run with `training.steps` = 2, and now has 3;";
    assert!(changed.stderr.contains(says), "{}", changed.stderr);
    assert!(
        changed.stderr.contains("remove runs/study/keep=0.01,seed=1 to run the cell anew"),
        "{}",
        changed.stderr
    );
}

/// What a cell has in its folder is what `train` with the same config has.
#[test]
fn a_killed_cell_is_gone_on_with() {
    let project = project(&STUDY.replace("steps = 2", "steps = 8\ncheckpoints.every = 1"));
    let whole = study(&project, &["--out", "whole", "--cell", CELLS[0]]);
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("fishdip"))
        .current_dir(project.path("."))
        .args(["study", "--config", "study.toml", "--cell", CELLS[0]])
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let (folder, start) = (project.path("runs/study").join(CELLS[0]), Instant::now());
    while !folder.join("checkpoints/step-000002").exists() && start.elapsed() < Duration::from_mins(2) {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let state = states(&project)[0].1.clone();
    assert!(state == "begun" || state == "done", "{state}");
    let gone_on = study(&project, &["--cell", CELLS[0]]);
    assert_eq!(gone_on.code, Some(0), "{}", gone_on.stderr);
    let adapter = |folder: &str| {
        fs::read(project.path(folder).join(CELLS[0]).join("adapter/adapter_model.safetensors")).unwrap()
    };
    assert!(adapter("runs/study") == adapter("whole"), "other values");
}

#[test]
fn a_cell_that_fails_is_a_row_and_the_others_go_on() {
    let study_of = |folders: &str| {
        STUDY
            .replace("key = \"method.keep\"", "key = \"data.dir\"")
            .replace("0.01, 0.05", folders)
            .replace("baseline = \"keep=0.01\"\nseeds = [1, 2]\n", "baseline = \"data\"\n")
    };
    let project = project(&study_of("\"nowhere\", \"data\""));
    let outcome = study(&project, &[]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("failed to finish 1 of the 2 cells of the study"), "{}", outcome.stderr);
    let rows = outcome.json()["rows"].as_array().unwrap().clone();
    assert_eq!((&rows[0]["name"], &rows[1]["name"]), (&json!("nowhere"), &json!("data")));
    assert!(rows[0]["error"].as_str().unwrap().contains("nowhere/train.txt"), "{}", rows[0]);
    assert!(rows[0]["score"].is_null() && rows[1]["score"].is_number());
    let table = fs::read_to_string(project.path("runs/study/table.md")).unwrap();
    assert!(table.contains("- nowhere: ") && table.contains("over examples alone"), "{table}");
    assert_eq!(states(&project)[0].1, "failed");

    // What it failed for can be mended.
    fs::create_dir_all(project.path("nowhere")).unwrap();
    for file in ["train.txt", "dev.txt"] {
        fs::copy(project.path("data").join(file), project.path("nowhere").join(file)).unwrap();
    }
    let mended = study(&project, &[]);
    assert_eq!(mended.code, Some(0), "{}", mended.stderr);
    assert_eq!(states(&project)[0].1, "done");
}

#[test]
fn what_every_cell_lacks_is_told_once_and_nothing_is_written() {
    let project = project(STUDY);
    for (key, file) in [
        ("data.dir=gone", "gone/train.txt"),
        ("model.path=gone/model", "no folder is called gone/model"),
        ("model.adapter=gone/adapter", "gone/adapter"),
    ] {
        let outcome = study(&project, &["--set", key]);
        assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
        assert_eq!(outcome.stderr.matches("error: ").count(), 1, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(file), "{}", outcome.stderr);
        assert!(!project.path("runs").exists(), "something was written");
    }
}

#[test]
fn a_file_of_labels_that_has_changed_since_is_no_figure_beside_others() {
    let project = project(&STUDY.replace("[set]\n", "[set]\ntask.schema = \"labels.toml\"\n"));
    let labels = "[entities]\nPER = \"person\"\nLOC = \"place\"\nORG = \"body\"\nMISC = \"other\"\n";
    project.write("labels.toml", labels);
    assert_eq!(study(&project, &["--cell", CELLS[0]]).code, Some(0));
    project.write("labels.toml", &labels.replace("body", "organization"));
    let changed = study(&project, &[]);
    assert_eq!(changed.code, Some(2), "{}", changed.stderr);
    let says = "the cell keep=0.01,seed=1 of the study was run with another labels.toml";
    assert!(changed.stderr.contains(says), "{}", changed.stderr);
}

/// A process that has the folder of a cell keeps it for itself; the study does the rest and waits for that one.
#[test]
fn a_cell_that_another_process_runs_is_waited_for() {
    let project = project(STUDY);
    let folder = project.path("runs/study").join(CELLS[0]);
    fs::create_dir_all(&folder).unwrap();
    let lock = fs::File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let alone = study(&project, &["--cell", CELLS[0]]);
    assert_eq!(alone.code, Some(2), "{}", alone.stderr);
    assert!(alone.stderr.contains("has runs/study/keep=0.01,seed=1; wait for it"), "{}", alone.stderr);
    assert_eq!(states(&project)[0].1, "absent", "that is no failure");

    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("fishdip"))
        .current_dir(project.path("."))
        .args(["study", "--config", "study.toml"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let told: Vec<String> = stderr
        .by_ref()
        .map_while(Result::ok)
        .filter(|line| line.starts_with("cell "))
        .take_while(|line| !line.contains("waiting"))
        .collect();
    let cells: Vec<String> =
        (1..4).map(|index| format!("cell {} of 4: {}", index + 1, CELLS[index])).collect();
    assert_eq!(told, cells, "the others come first");
    drop(lock);
    let rest: Vec<String> = stderr.map_while(Result::ok).collect();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest:?}");
    assert!(states(&project).iter().all(|(_, state)| state == "done"));
}

/// Commands that begin in the same instant share the cells: none fails, and every cell is run once.
#[test]
fn studies_at_once_share_their_cells() {
    let project = project(STUDY);
    let start = |_| {
        std::process::Command::new(assert_cmd::cargo::cargo_bin("fishdip"))
            .current_dir(project.path("."))
            .args(["study", "--config", "study.toml", "--json"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let started: Vec<_> = (0..4).map(start).collect();
    let outcomes: Vec<Outcome> =
        started.into_iter().map(|child| child.wait_with_output().unwrap().into()).collect();
    for outcome in outcomes {
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        assert!(outcome.json()["rows"].as_array().unwrap().iter().all(|row| row["score"].is_number()));
    }
    for cell in CELLS {
        let events = fs::read_to_string(project.path(&format!("runs/study/{cell}/events.jsonl"))).unwrap();
        assert_eq!(events.matches("\"event\":\"started\"").count(), 1, "{cell}");
    }
    let failures = project.path("runs/study/failures");
    assert!(!failures.exists() || fs::read_dir(failures).unwrap().next().is_none());
}

#[test]
fn the_table_of_another_study_is_left_alone() {
    let project = project(&STUDY.replace("[1, 2]", "[1]"));
    assert_eq!(study(&project, &[]).code, Some(0));
    let table = || fs::read_to_string(project.path("runs/study/table.md")).unwrap();
    let first = table();
    project.write("other.toml", &STUDY.replace("0.01, 0.05", "0.02").replace("keep=0.01", "keep=0.02"));
    let other = ["study", "--config", "other.toml", "--out", "runs/study"];
    let refused = project.run(&other);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    let says = "runs/study has runs of something else, such as keep=0.01,seed=1, and none of this study";
    assert!(refused.stderr.contains(says), "{}", refused.stderr);
    assert_eq!(table(), first);
    // A study that has grown has some of its own.
    project.write("study.toml", STUDY);
    let grown = study(&project, &[]);
    assert_eq!(grown.code, Some(0), "{}", grown.stderr);
    assert_eq!(grown.json()["rows"][0]["seeds"], 2);
}

#[test]
fn what_is_wrong_with_a_study_is_told_before_anything_is_run() {
    for (from, to, says) in [
        ("method.keep", "method.keeps", "error: study.toml:11: unknown field `keeps`"),
        ("method.keep", "method.keeps", "did you mean `keep`?"),
        ("0.01, 0.05", "", "study.toml:10: the axis has no value"),
        ("0.01, 0.05", "0.05, 0.05", "study.toml:12: the axis \"keep\" has the value 0.05 twice"),
        ("0.01, 0.05", "0.01, 5", "study.toml:12: `method.keep` must be"),
        ("\"keep=0.01\"", "\"keep=0.1\"", "study.toml:2: the baseline `keep=0.1` is no group of the study"),
        ("[1, 2]", "[1, 1]", "study.toml:3: `seeds` has 1 twice"),
        ("run.toml", "gone.toml", "failed to read the config gone.toml"),
    ] {
        let project = project(&STUDY.replace(from, to));
        let outcome = study(&project, &[]);
        assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(says), "{says} is not in {}", outcome.stderr);
        assert!(!project.path("runs").exists(), "{to}");
    }
    let project = project(STUDY);
    let outcome = study(&project, &["--cell", "keep=0.01,seed=7"]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.stderr.contains("the study has no cell keep=0.01,seed=7; did you mean"),
        "{}",
        outcome.stderr
    );
    assert_eq!(study(&project, &["--backend", "none"]).code, Some(2));
}

/// A signal stops the cell that is under way, which is kept, and the study with it.
#[cfg(unix)]
#[test]
fn a_signal_stops_a_study_which_goes_on_later() {
    let project = project(&STUDY.replace("steps = 2", "steps = 100000"));
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("fishdip"))
        .current_dir(project.path("."))
        .args(["study", "--config", "study.toml"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let line = stderr.by_ref().map_while(Result::ok).find(|line| line.starts_with("step "));
    assert!(line.is_some(), "the cell shows its progress");
    let kill = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let rest: Vec<String> = stderr.map_while(Result::ok).collect();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{rest:?}");
    let says = "stopped in the cell keep=0.01,seed=1 of the study";
    assert!(rest.iter().any(|line| line.contains(says)), "{rest:?}");
    let found: Vec<String> = states(&project).into_iter().map(|(_, state)| state).collect();
    assert_eq!(found, ["begun", "absent", "absent", "absent"]);
}
