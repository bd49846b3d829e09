//! Simulations of active learning: rounds, ends at any time, studies over them.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::project::{Outcome, Project};

/// Two rounds of a few steps, of four and seven labels.
const ACTIVE: &str = "\n[active]\nstrategy = \"log-probability\"\nstart = 4\nquery = 3\nbudget = 7\n";

fn project() -> Project {
    let project = Project::new();
    let run = fs::read_to_string(project.path("run.toml")).unwrap();
    project.write("active.toml", &(run + ACTIVE));
    project
}

fn active(project: &Project, more: &[&str]) -> Outcome {
    let mut arguments = vec!["active", "--config", "active.toml", "--json"];
    arguments.extend(more);
    project.run(&arguments)
}

/// The ids that were asked for, in order, and how many labels there are.
fn ledger(project: &Project, run: &str) -> (Vec<u64>, usize) {
    let text = fs::read_to_string(project.path(run).join("ledger.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let asked = lines.iter().filter_map(|line| line["asked"]["ids"].as_array());
    let asked = asked.flatten().map(|id| id.as_u64().unwrap()).collect();
    (asked, lines.iter().filter(|line| line.get("labelled").is_some()).count())
}

/// The rounds of a report without what time and the folder are in.
fn rounds(report: &Value) -> Vec<(u64, f64)> {
    let rounds = report["rounds"].as_array().unwrap();
    rounds.iter().map(|round| (round["labels"].as_u64().unwrap(), round["score"].as_f64().unwrap())).collect()
}

#[test]
fn labels_are_spent_in_rounds_and_every_round_is_a_run() {
    let project = project();
    let outcome = active(&project, &["--run", "out"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let report = outcome.json();
    assert_eq!(rounds(&report).iter().map(|round| round.0).collect::<Vec<_>>(), [4, 7]);
    assert_eq!((report["labels"].as_u64(), report["pool"].as_u64()), (Some(7), Some(12)));
    assert!(report["auc"].is_number() && report["seconds"].is_number(), "{report}");
    let (asked, labelled) = ledger(&project, "out");
    assert_eq!((asked.iter().collect::<BTreeSet<_>>().len(), asked.len(), labelled), (7, 7, 7));
    // Each round trained on what was labelled by then, and is an ordinary run.
    for (round, labels) in [("00", 4), ("01", 7)] {
        let train = fs::read_to_string(project.path(&format!("out/rounds/{round}.jsonl"))).unwrap();
        assert_eq!(train.lines().count(), labels);
        assert!(project.path(&format!("out/rounds/{round}/adapter/adapter_config.json")).is_file());
    }
    let evaluated = project.run(&["evaluate", "--adapter", report["adapter"].as_str().unwrap(), "--json"]);
    assert_eq!(evaluated.code, Some(0), "{}", evaluated.stderr);
    assert_eq!(evaluated.json()["results"][0]["score"]["f1"], report["rounds"][1]["score"]);
    let curve: Value =
        serde_json::from_str(&fs::read_to_string(project.path("out/curve.json")).unwrap()).unwrap();
    assert_eq!(curve["rounds"].as_array().unwrap().len(), 2);

    let told = project.run(&["report", "out"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let page = fs::read_to_string(project.path("out/report.html")).unwrap();
    assert!(page.contains("id=\"learning\"") && page.contains("over the range of labels"), "no rounds");

    // It has come to its end; asking again changes nothing.
    let again = project.run(&["active", "--resume", "out", "--json"]);
    assert_eq!((again.code, rounds(&again.json())), (Some(0), rounds(&report)), "{}", again.stderr);
    assert!(
        again.stderr.contains("nothing is left to do") && !outcome.stderr.contains("nothing is left"),
        "{}",
        again.stderr
    );
    // Neither command takes the other's folder for its own.
    let train = project.run(&["train", "--resume", "out"]);
    assert!(train.code == Some(2) && train.stderr.contains("`fishdip active --resume`"), "{}", train.stderr);
    let train = project.run(&["train", "--config", "active.toml"]);
    assert!(train.code == Some(2) && train.stderr.contains("`fishdip active` runs"), "{}", train.stderr);
    let round = project.run(&["active", "--resume", "out/rounds/00"]);
    assert!(round.code == Some(2) && round.stderr.contains("it is one training"), "{}", round.stderr);
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_written() {
    let project = project();
    for (set, says) in [
        ("active.strategy=entropy", "the task ner chooses none; these can: random, "),
        ("active.strategy=entropie", "unknown variant `entropie`"),
        ("active.budget=99", "active.budget is 99, but the pool has 12 examples"),
        ("active.budget=3", "`active.budget` is less than `active.start`"),
        ("active.strategy=bald", "`training.dropout`"),
        ("active.strat=random", "unknown field `strat`"),
    ] {
        let refused = active(&project, &["--run", "out", "--set", set, "--set", "training.dropout=0.0"]);
        assert_eq!(refused.code, Some(2), "{set}: {}", refused.stderr);
        assert!(refused.stderr.contains(says), "{set}: {}", refused.stderr);
        assert!(!project.path("out").exists(), "{set}");
    }
    let none = project.run(&["active", "--config", "run.toml", "--run", "out"]);
    assert!(none.code == Some(2) && none.stderr.contains("no table [active]"), "{}", none.stderr);
}

#[test]
fn what_is_picked_is_counted_by_what_a_training_learns_of_it() {
    let project = project();
    let all = project.train("all", &["--set", "insight.dynamics=true"]);
    assert_eq!(all.code, Some(0), "{}", all.stderr);
    // How many each round has picked, of any class and of none.
    let picked = |outcome: &Outcome| -> Vec<(u64, u64)> {
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let report = outcome.json();
        let count = |picked: &Value, class: &str| picked[class].as_u64().unwrap_or(0);
        let of = |round: &Value| {
            let picked = &round["picked"];
            let known = ["unforgettable", "forgettable", "never_learnt"].map(|class| count(picked, class));
            (known.iter().sum(), count(picked, "unknown"))
        };
        report["rounds"].as_array().unwrap().iter().map(of).collect()
    };
    assert_eq!(
        picked(&active(&project, &["--run", "by-all", "--set", "active.dynamics=all"])),
        [(4, 0), (3, 0)]
    );
    assert_eq!(
        picked(&active(&project, &["--run", "own", "--set", "insight.dynamics=true"])),
        [(4, 0), (3, 0)]
    );
    for run in ["by-all", "own"] {
        let svg = fs::read_to_string(project.path(run).join("picked.svg")).unwrap();
        assert!(svg.contains(">never learnt<") && svg.contains(">round 1<"), "{svg}");
    }
    assert!(project.path("own/rounds/00/insight/dynamics.svg").is_file());
    let none = active(&project, &["--run", "none"]);
    assert!(none.json()["rounds"][0].get("picked").is_none() && !project.path("none/picked.svg").exists());
    let refused = active(&project, &["--run", "x", "--set", "active.dynamics=none/rounds/00"]);
    assert!(
        refused.code == Some(2) && refused.stderr.contains("insight.dynamics = true"),
        "{}",
        refused.stderr
    );
    assert!(!project.path("x").exists());
}

#[test]
fn an_edited_ledger_is_told_with_its_line() {
    let project = project();
    assert_eq!(active(&project, &["--run", "out"]).code, Some(0));
    let path = project.path("out/ledger.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let edited = lines[1].replacen("\"ids\":[", "\"ids\":[11,", 1);
    fs::write(&path, text.replacen(lines[1], &edited, 1)).unwrap();
    let refused = project.run(&["active", "--resume", "out"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("ledger.jsonl, line 2: "), "{}", refused.stderr);
    // A ledger that lost its end is told by what was trained on it.
    fs::write(&path, lines[..4].join("\n") + "\n").unwrap();
    let refused = project.run(&["active", "--resume", "out"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("it has 4 lines"), "{}", refused.stderr);
}

#[cfg(unix)]
#[test]
fn kills_at_any_time_lose_no_label_and_ask_for_none_twice() {
    let project = project();
    let whole = active(&project, &["--run", "whole"]);
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    let begin = ["active", "--config", "active.toml", "--run", "out"];
    let again = ["active", "--resume", "out"];
    // Times that fall on loading, on trainings, on scores and on a choice.
    for milliseconds in [700, 900, 1300, 600, 1700, 800, 1100, 2300, 1000, 1500] {
        let arguments = if project.path("out/config.toml").exists() { &again[..] } else { &begin };
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("fishdip"))
            .current_dir(project.path("."))
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
        }
        if child.wait().unwrap().code() == Some(0) {
            break;
        }
    }
    let resumed = project.run(&["active", "--resume", "out", "--json"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    assert_eq!(rounds(&resumed.json()), rounds(&whole.json()));
    assert_eq!(ledger(&project, "out"), ledger(&project, "whole"));
}

#[test]
fn a_study_compares_areas() {
    let project = project();
    project.write(
        "study.toml",
        "base = \"active.toml\"\nbaseline = \"random\"\n\n[[axis]]\nkey = \"active.strategy\"\nvalues = [\"random\", \"core-set\"]\n",
    );
    let outcome = project.run(&["study", "--config", "study.toml", "--json"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let rows = outcome.json()["rows"].as_array().unwrap().clone();
    let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["random", "core-set"]);
    assert!(rows.iter().all(|row| row["score"].is_number() && row["labels"] == 7), "{rows:?}");
    assert!(rows[1]["difference"]["value"].is_number(), "{rows:?}");
    let table = fs::read_to_string(project.path("runs/study/table.md")).unwrap();
    assert!(table.contains("| core-set |     1 |") && table.contains("Differences are to random"), "{table}");
    let curves = fs::read_to_string(project.path("runs/study/curves.svg")).unwrap();
    assert!(curves.matches("<polyline").count() == 2 && curves.contains(">labels<"), "{curves}");
}
