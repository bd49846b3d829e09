//! Prompts for language models: the data of a run, and back through `decode`.

use serde_json::Value;

use crate::project::{Outcome, Project};

fn lines(outcome: &Outcome) -> Vec<Value> {
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_config_makes_prompts_which_decode_scores() {
    let project = Project::new();
    let made = project.run(&["prompts", "--config", "run.toml", "--shots", "3", "--labels", "labels.toml"]);
    let mut prompts = lines(&made);
    assert_eq!(prompts.len(), 4, "one for each sentence that is scored");
    for prompt in &prompts {
        let messages = prompt["messages"].as_array().unwrap();
        let roles: Vec<&str> = messages.iter().map(|message| message["role"].as_str().unwrap()).collect();
        let shots = ["user", "assistant"].repeat(3);
        assert_eq!(roles, [&["system"][..], &shots, &["user"]].concat());
        assert_eq!(messages[7]["content"], prompt["source"]);
        let system = messages[0]["content"].as_str().unwrap();
        assert!(system.contains("- person (in the data: PER)"), "{system}");
    }
    // Whoever answers with the sentence alone has found nothing; the score is by the labels of the data.
    let encoded = project.run_with(
        &["encode", "--task", "ner", "--schema", "labels.toml"],
        &prompts.iter().map(|prompt| format!("{}\n", prompt["gold"])).collect::<String>(),
    );
    for (prompt, encoded) in prompts.iter_mut().zip(lines(&encoded)) {
        prompt["output"] = encoded["target"].clone();
    }
    let answered: String = prompts.iter().map(|prompt| format!("{prompt}\n")).collect();
    let decode = ["decode", "--task", "ner", "--schema", "labels.toml", "--score"];
    let found = lines(&project.run_with(&decode, &answered));
    assert_eq!(found[4]["score"]["f1"], 1.0, "{}", found[4]);

    // Outputs alone, with the prompts in a file of their own.
    project.write("prompts.jsonl", &made.stdout);
    let alone: String = prompts
        .iter()
        .map(|prompt| serde_json::json!({ "id": prompt["id"], "content": prompt["source"] }))
        .map(|line| format!("{line}\n"))
        .collect();
    let joined = [&decode[..], &["--prompts", "prompts.jsonl"]].concat();
    let found = lines(&project.run_with(&joined, &alone));
    assert_eq!(found[4]["score"]["recall"], 0.0, "{}", found[4]);
    let missing = project.run_with(&joined, "");
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("failed to answer 4 of the 4"), "{}", missing.stderr);
}

#[test]
fn options_name_data_without_a_config() {
    let project = Project::new();
    let data = ["prompts", "--task", "ner", "--data", "data", "--train", "train.txt", "--eval", "dev.txt"];
    let random = |seed: &str| {
        let more = ["--random", "--seed", seed, "--shots", "2"];
        project.run(&[&data[..], &more].concat())
    };
    let (one, again, other) = (random("1"), random("1"), random("2"));
    assert_eq!(lines(&one).len(), 4);
    assert_eq!(one.stdout, again.stdout);
    assert_ne!(one.stdout, other.stdout);
    assert!(one.stderr.contains("--labels"), "{}", one.stderr);
    // Every prompt has the same shots.
    let shots = |line: &Value| line["messages"].as_array().unwrap()[..5].to_vec();
    assert_eq!(shots(&lines(&one)[0]), shots(&lines(&one)[3]));
}

#[test]
fn a_sentence_is_no_shot_of_itself() {
    let project = Project::new();
    let train = std::fs::read_to_string(project.path("data/train.txt")).unwrap();
    let first = train.split("\n\n").next().unwrap().to_owned() + "\n";
    project.write("data/dev.txt", &first);
    let outcome = project.run(&["prompts", "--config", "run.toml", "--shots", "12"]);
    let prompts = lines(&outcome);
    assert_eq!(prompts[0]["messages"].as_array().unwrap().len(), 1 + 2 * 11 + 1);
    assert!(outcome.stderr.contains("1 example has the text of training examples"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("1 example has fewer shots"), "{}", outcome.stderr);
}

#[test]
fn wrong_use_is_told() {
    let project = Project::new();
    for (arguments, says) in [
        (&["prompts", "--config", "run.toml", "--shots", "13"][..], "there are 12 to train on"),
        (&["prompts"], "--config"),
        (&["prompts", "--config", "run.toml", "--task", "ner", "--data", "data"], "cannot be used with"),
        (&["prompts", "--config", "run.toml", "--scheme", "iob2"], "cannot be used with"),
        (&["prompts", "--task", "ner", "--data", "data"], "name the training file of data with --train"),
        (&["prompts", "--config", "run.toml", "--nearest", "--random"], "cannot be used with"),
        (&["prompts", "--config", "run.toml", "--seed", "1"], "--random"),
        (&["prompts", "--config", "none.toml"], "failed to read the config none.toml"),
    ] {
        let outcome = project.run(arguments);
        assert_eq!(outcome.code, Some(2), "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(says), "{says} is not in {}", outcome.stderr);
        assert!(outcome.stdout.is_empty(), "{}", outcome.stdout);
    }
}

#[test]
fn natural_names_without_a_schema_are_told_beside_the_score() {
    let project = Project::new();
    let line = r#"{"id": "a", "tokens": ["Eva", "came"], "entities": [{"type": "PER", "start": 0, "end": 1}], "output": "[ Eva | person ] came"}"#;
    let decode = ["decode", "--task", "ner", "--score"];
    let told = project.run_with(&decode, line);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert_eq!(told.json()["score"]["f1"], 0.0);
    assert!(
        told.stderr.contains("count as wrong: person") && told.stderr.contains("--schema"),
        "{}",
        told.stderr
    );
    project.write("labels.toml", "[entities]\nPER = \"person\"\n");
    let known = project.run_with(&[&decode[..], &["--schema", "labels.toml"]].concat(), line);
    assert_eq!((known.json()["score"]["f1"].as_f64(), known.stderr.as_str()), (Some(1.0), ""));
}
