//! What is scored: a file, a sample of it, or a part of the training file.

use serde_json::Value;
use std::fs;

use crate::project::Project;

const QUICK: &[&str] = &["--set", "training.steps=1", "--set", "evaluation.before=false"];

fn with(more: &[&'static str]) -> Vec<&'static str> {
    QUICK.iter().chain(more).copied().collect()
}

#[test]
fn without_a_file_to_score_a_part_is_held_out_and_found_again() {
    let project = Project::new();
    let text = fs::read_to_string(project.path("run.toml")).unwrap();
    project.write("run.toml", &text.replace("eval = \"dev.txt\"\n", ""));
    let trained = project.train("out", &with(&["--set", "data.eval_share=0.25"]));
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let told = "no data.eval: 3 examples of data/train.txt are held out to be scored (25 %, drawn with seed 1); 9 are left";
    assert!(trained.stderr.contains(told), "{}", trained.stderr);
    assert!(trained.stderr.contains("9 examples to train on, 3 to score"), "{}", trained.stderr);
    let both = project.train("both", &["--set", "data.eval=dev.txt", "--set", "data.eval_share=0.25"]);
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    assert!(both.stderr.contains("take out `data.eval_share` or `data.eval`"), "{}", both.stderr);
    assert_eq!(trained.json()["held_out"]["examples"], 3);
    let events = fs::read_to_string(project.path("out/events.jsonl")).unwrap();
    let event = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(event.filter(|event| event["event"] == "held-out").count(), 1);

    let evaluate = |more: &[&str]| {
        let mut arguments = vec!["evaluate", "--adapter", "out/adapter", "--json"];
        arguments.extend(more);
        project.run(&arguments)
    };
    let again = evaluate(&[]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!(again.json()["results"][0]["score"], trained.json()["after"]);
    assert_eq!(evaluate(&["--split", "dev.txt"]).code, Some(0));
    assert_eq!(evaluate(&["--split", "train"]).code, Some(0));
    project.write(
        "data/more.jsonl",
        r#"{"tokens": ["Oslo"], "entities": [{"type": "LOC", "start": 0, "end": 1}]}"#,
    );
    assert_eq!(evaluate(&["--split", "more.jsonl"]).code, Some(2));
    let other = evaluate(&["--split", "more.jsonl", "--format", "jsonl"]);
    assert_eq!(other.code, Some(0), "{}", other.stderr);

    let file = fs::read_to_string(project.path("data/train.txt")).unwrap();
    project.write("data/train.txt", &format!("Oslo B-LOC\n\n{file}"));
    let changed = evaluate(&[]);
    assert_eq!(changed.code, Some(2));
    for part in ["data/train.txt is not what it was", "--split"] {
        assert!(changed.stderr.contains(part), "{}", changed.stderr);
    }

    project.write("data/train.txt", &file);
    let table =
        project.run(&["train", "--config", "run.toml", "--run", "other", "--set", "training.steps=0"]);
    assert_eq!(table.code, Some(0), "{}", table.stderr);
    let line = "scored on 2 of 12 examples, held out of the training file with seed 1\n";
    assert!(table.stdout.contains(line), "{}", table.stdout);
    let set = ["--set", "training.steps=0", "--set", "data.eval_examples=1"];
    let drawn = project.run(&[&["train", "--config", "run.toml", "--run", "drawn"][..], &set].concat());
    let line = "scored on 1 of 12 examples, drawn from the 2 held out of the training file with seed 1\n";
    assert!(drawn.stdout.contains(line), "{} {}", drawn.stdout, drawn.stderr);
}

#[test]
fn what_comes_to_nothing_is_told() {
    let project = Project::new();
    project.write("data/none.txt", "It O\nrained O\n\nIt O\nsnowed O\n");
    project.write("data/one.txt", "Ann B-PER\nslept O\n\nIt O\nrained O\n\nAnn B-PER\nran O\n");
    let set = |eval: &str, train: &str| {
        let set =
            [format!("data.eval={eval}"), format!("data.train={train}"), "data.mention_swap=0.5".to_owned()];
        let set: Vec<&str> = set.iter().flat_map(|set| ["--set", set.as_str()]).collect();
        let run = format!("of-{train}");
        let train = ["train", "--config", "run.toml", "--set", "training.steps=0", "--run", &run];
        project.run(&[&train[..], &set].concat())
    };
    let told =
        ["nothing is labelled in what is scored (2 examples)", "data.mention_swap exchanges nothing here"];
    let nothing = set("none.txt", "one.txt");
    assert_eq!(nothing.code, Some(0), "{}", nothing.stderr);
    assert!(told.iter().all(|text| nothing.stderr.contains(text)), "{}", nothing.stderr);
    let usual = set("dev.txt", "train.txt");
    assert_eq!(usual.code, Some(0), "{}", usual.stderr);
    assert!(!told.iter().any(|text| usual.stderr.contains(text)), "{}", usual.stderr);
}

#[test]
fn the_training_file_is_scored_only_if_that_is_meant() {
    let project = Project::new();
    fs::hard_link(project.path("data/train.txt"), project.path("data/link.txt")).unwrap();
    for name in ["train.txt", "./train.txt", "../data/train.txt", "link.txt"] {
        let set = format!("data.eval={name}");
        let refused = project.train("out", &["--set", &set]);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        for part in [name, "is the training file", "data.allow_overlap = true"] {
            assert!(refused.stderr.contains(part), "{}", refused.stderr);
        }
        assert!(!project.path("out").exists());
    }
    let meant = with(&["--set", "data.eval=link.txt", "--set", "data.allow_overlap=true"]);
    let meant = project.train("out", &meant);
    assert_eq!(meant.code, Some(0), "{}", meant.stderr);
    assert!(
        meant.stderr.contains("warning: 12 examples to score are trained on as well"),
        "{}",
        meant.stderr
    );
}

#[test]
fn what_is_trained_on_and_scored_is_told_with_its_places() {
    let project = Project::new();
    let train = fs::read_to_string(project.path("data/train.txt")).unwrap();
    let dev = fs::read_to_string(project.path("data/dev.txt")).unwrap();
    let first = train.split("\n\n").next().unwrap();
    // The same words without annotations.
    let bare: String = first.lines().map(|line| format!("{} O\n", line.split(' ').next().unwrap())).collect();
    project.write("data/dev.txt", &format!("{bare}\n{dev}"));
    let trained = project.train("out", &with(&[]));
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let told = "warning: 1 example to score is trained on as well, so that scores are too high: \
                data/dev.txt:1 (as data/train.txt:1)";
    assert!(trained.stderr.contains(told), "{}", trained.stderr);
}

#[test]
fn a_sample_is_scored_and_not_the_first() {
    let project = Project::new();
    let text = |label: &str| format!("Oslo {label}\nis O\nnorth O\n");
    let with_label: Vec<String> = (0..30).map(|n| format!("Town{n} B-LOC\nis O\nnorth O\n")).collect();
    // The first thirty have nothing to find.
    let without: Vec<String> = (0..30).map(|n| format!("Word{n} O\n{}", text("O"))).collect();
    project.write("data/dev.txt", &(without.join("\n") + "\n" + &with_label.join("\n")));
    let gold = |seed: &str| {
        let run = format!("run-{seed}");
        let set = format!("training.seed={seed}");
        let trained = project.train(
            &run,
            &with(&["--set", "data.eval_examples=30"]).into_iter().chain(["--set", &set]).collect::<Vec<_>>(),
        );
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        assert!(trained.stderr.contains(", 30 to score"), "{}", trained.stderr);
        trained.json()["after"]["n"].as_u64().unwrap()
    };
    let found = gold("1");
    assert!((5..=25).contains(&found), "{found}");
    // `evaluate` scores all, and says so; of a file that has a name it says nothing.
    let evaluate = |more: &[&str]| {
        let evaluated = project.run(&[&["evaluate", "--adapter", "run-1/adapter"][..], more].concat());
        assert_eq!(evaluated.code, Some(0), "{}", evaluated.stderr);
        evaluated.stderr
    };
    let told = evaluate(&[]);
    assert!(told.contains("a sample of 30 (data.eval_examples) of these 60 examples"), "{told}");
    assert!(!evaluate(&["--split", "dev.txt"]).contains("a sample of 30"));
}

#[test]
fn the_layout_that_the_files_show_is_kept() {
    let project = Project::new();
    let dev = "{\"tokens\": [\"Oslo\", \"is\", \"north\"], \"entities\": [{\"type\": \"LOC\", \"start\": 0, \"end\": 1}]}\n";
    project.write("data/dev.jsonl", dev);
    for (run, eval, kept) in [("same", "dev.txt", "conll"), ("other", "dev.jsonl", "auto")] {
        let set = format!("data.eval={eval}");
        let more: Vec<&str> = QUICK.iter().copied().chain(["--set", &set]).collect();
        let trained = project.train(run, &more);
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        let config = fs::read_to_string(project.path(run).join("config.toml")).unwrap();
        assert!(config.contains(&format!("\nformat = \"{kept}\"\n")), "{config}");
        let adapter = format!("{run}/adapter");
        let again = project.run(&["evaluate", "--adapter", &adapter, "--json"]);
        assert_eq!(again.code, Some(0), "{}", again.stderr);
        assert_eq!(again.json()["results"][0]["score"], trained.json()["after"]);
    }
}

#[test]
fn a_training_that_made_the_model_worse_says_so() {
    let project = Project::new();
    // It knows persons and places before it has seen any.
    let model = fs::canonicalize("../../fixtures/models/t5-mini").unwrap();
    let model = format!("model.path={}", model.display());
    let told = "the model was better before it was trained, F1 ";
    let ruined = ["--set", &model, "--set", "training.steps=4", "--set", "optimizer.learning_rate=1"];
    let ruined = project.train("ruined", &ruined);
    assert_eq!(ruined.code, Some(0), "{}", ruined.stderr);
    assert!(ruined.stderr.contains(told), "{}", ruined.stderr);
    assert!(
        ruined.stderr.contains("and unlearnt more than the examples taught it; train on"),
        "{}",
        ruined.stderr
    );
    let untrained = project.train("untrained", &["--set", &model, "--set", "training.steps=0"]);
    assert_eq!(untrained.code, Some(0), "{}", untrained.stderr);
    assert!(!untrained.stderr.contains(told), "{}", untrained.stderr);
    assert_eq!(untrained.stderr.matches("before training").count(), 1, "{}", untrained.stderr);
    assert_eq!(untrained.json()["before"], untrained.json()["after"]);
}

#[test]
fn a_label_of_which_nothing_is_trained_on_is_told() {
    let project = Project::new();
    let scored = fs::read_to_string(project.path("data/dev.txt")).unwrap();
    project.write("data/dev.txt", &format!("{scored}\nMars B-PLANET\n"));
    let told = "the data to score have labels that no example to train on has, of which the model knows the names alone: \"PLANET\" (1)";
    let known = project.train("known", &with(&["--set", "task.entities.PLANET=planet"]));
    assert!(known.stderr.contains(told), "{}", known.stderr);
    let unknown = project.train("unknown", &with(&[]));
    assert!(!unknown.stderr.contains("the names alone"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("\"PLANET\" (1)"), "{}", unknown.stderr);
}

#[test]
fn what_scores_of_other_files_say_is_told() {
    let project = Project::new();
    let trained = project.train("out", QUICK);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    // The training file under another name, with a sentence that is new.
    let train = fs::read_to_string(project.path("data/train.txt")).unwrap();
    let count = train.trim().split("\n\n").count();
    project.write("data/copy.txt", &(train.trim_end().to_owned() + "\n\nNobody O\nelse O\n"));
    project.write("data/unlabelled.txt", "All O\nwas O\nquiet O\n");
    let told = |file: &str| {
        let scored = project.run(&["evaluate", "--adapter", "out/adapter", "--split", file]);
        assert_eq!(scored.code, Some(0), "{}", scored.stderr);
        scored.stderr
    };
    let copy = told("copy.txt");
    assert!(copy.contains(&format!("{count} examples to score are trained on as well")), "{copy}");
    assert!(!copy.contains("has no annotation"), "{copy}");
    let unlabelled = told("unlabelled.txt");
    assert!(
        unlabelled.contains("unlabelled.txt has no annotation for the task ner, so that"),
        "{unlabelled}"
    );
    assert!(!unlabelled.contains("trained on as well"), "{unlabelled}");
    let dev = told("dev.txt");
    assert!(!dev.contains("trained on as well") && !dev.contains("has no annotation"), "{dev}");
}

#[test]
fn one_class_is_nothing_to_learn() {
    let project = Project::new();
    let row = |number: usize, class: &str| format!("\"text number {number}\",{class}\n");
    let table = |last: &str| {
        let rows = (0..8).map(|number| row(number, if number == 7 { last } else { "good" }));
        "text,label\n".to_owned() + &rows.collect::<String>()
    };
    let told = "all examples to train on have the class \"good\", so that there is nothing to tell apart";
    project.write("one.csv", &table("good"));
    project.write("two.csv", &table("bad"));
    for (file, is_told) in [("one.csv", true), ("two.csv", false)] {
        let drafted = project.run(&["init", file, "--model", "model", "--out", &format!("{file}.toml")]);
        assert_eq!(drafted.code, Some(0), "{}", drafted.stderr);
        // Of two one may be held out.
        assert!(drafted.stderr.contains(told) || !is_told, "{}", drafted.stderr);
    }
}
