//! `predict` on data files, and options that have nothing to say about one.

use serde_json::{Value, json};

use crate::project::Project;

fn project() -> Project {
    let project = Project::new();
    let trained = project.train("out", &["--set", "evaluation.before=false"]);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    project
}

/// The exit code, the lines of the output and what stands on standard error.
fn predict(project: &Project, more: &[&str], input: &str) -> (Option<i32>, Vec<Value>, String) {
    let arguments = [&["predict", "--adapter", "out/adapter"][..], more].concat();
    let outcome = project.run_with(&arguments, input);
    let lines = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (outcome.code, lines, outcome.stderr)
}

#[test]
fn columns_are_chosen_as_for_training() {
    let project = project();
    let sentences = |line: fn(usize, &str, &str) -> String| -> String {
        let words = [[("No", "O"), ("one", "O")], [("Maria", "B-PER"), ("left", "O")]];
        let block = |block: &[(&str, &str); 2]| {
            let lines = block.iter().enumerate().map(|(i, (word, tag))| line(i + 1, word, tag) + "\n");
            lines.collect::<Vec<_>>().concat()
        };
        words.iter().map(block).collect::<Vec<_>>().join("\n")
    };
    let files: [(&str, String, &[&str]); 6] = [
        ("words first", sentences(|_, word, tag| format!("{word} NN {tag}")), &[]),
        ("tags first", sentences(|_, word, tag| format!("{tag}\t{word}")), &[]),
        ("numbers first", sentences(|i, word, tag| format!("{i}\t{word}\t{tag}\t_")), &[]),
        ("a header", format!("tag\ttoken\n{}", sentences(|_, word, tag| format!("{tag}\t{word}"))), &[]),
        ("words named", sentences(|_, word, tag| format!("{tag} x {word} y")), &["--word-column", "3"]),
        (
            "documents",
            format!(
                "#begin document (a)\n{}#end document\n",
                sentences(|i, word, _| format!("a\t0\t{i}\t{word}\t(3"))
                    .replace("\n\n", "\n#end document\n#begin document (b)\n")
            ),
            &["--format", "coref"],
        ),
    ];
    for (name, file, more) in files {
        let more = if more.contains(&"--format") {
            more.to_vec()
        } else {
            [&["--format", "conll"][..], more].concat()
        };
        let (code, lines, stderr) = predict(&project, &more, &file);
        let texts: Vec<&Value> = lines.iter().map(|line| &line["text"]).collect();
        assert_eq!(
            (code, texts),
            (Some(0), vec![&json!("No one"), &json!("Maria left")]),
            "{name}: {stderr}"
        );
    }
    // What the advice of a refusal names is there.
    let (code, lines, _) = predict(&project, &["--format", "conll"], "B-PER x Maria y\nO x left y\n");
    assert!(code == Some(2) && lines[0]["error"].as_str().unwrap().contains("--word-column"), "{lines:?}");
    let auto = sentences(|_, word, tag| format!("{word}\t{tag}"));
    let (code, lines, stderr) = predict(&project, &["--format", "auto"], &auto);
    assert_eq!((code, lines.len()), (Some(0), 2));
    assert!(stderr.contains("read as conll"), "{stderr}");
}

#[test]
fn fields_of_the_input_are_none_of_the_outputs() {
    let project = project();
    let line = r#"{"id": 7, "text": "Maria left .", "score": "mine", "spans": [{"start": 0}], "error": "old", "line": 9, "meta": {"a": 1}}"#;
    let (code, lines, stderr) = predict(&project, &["--format", "json-spans"], &format!("{line}\n{line}\n"));
    assert_eq!(code, Some(0), "{stderr}");
    for line in &lines {
        assert_eq!((&line["id"], &line["meta"]), (&json!(7), &json!({ "a": 1 })));
        assert!(
            line.get("error").is_none() && line.get("line").is_none() && line["score"].is_number(),
            "{line}"
        );
    }
    assert_eq!(stderr.matches("the input has fields").count(), 1, "{stderr}");
    assert!(stderr.contains("(score, spans, error, line)"), "{stderr}");
    let plain = r#"{"id": 7, "text": "Maria left ."}"#;
    assert_eq!(predict(&project, &["--format", "json-spans"], plain).2, "");
}

#[test]
fn annotations_cost_no_answer() {
    let project = project();
    let genia = "Maria left\nN N\n0,9 X|what\n\na b\nN N\n\n\nc\nN\n\nd\n";
    let (code, lines, stderr) = predict(&project, &["--format", "genia"], genia);
    assert_eq!((code, &lines[0]["text"], &lines[1]["text"]), (Some(2), &json!("Maria left"), &json!("a b")));
    // No blank line behind the entities, so that it is not clear where the texts are.
    assert_eq!((lines.len(), &lines[2]["line"]), (3, &json!(12)), "{stderr}");
    let spert = r#"[{"tokens": ["Maria", "left"], "entities": [{"type": "PER", "start": 0, "end": 5}]}]"#;
    let (code, lines, stderr) = predict(&project, &["--format", "spert"], spert);
    assert_eq!((code, &lines[0]["text"]), (Some(0), &json!("Maria left")), "{stderr}");
    let blank = "[{\"tokens\": [\"a\"]},\n{\"tokens\": [\" \"]}]";
    let (code, lines, _) = predict(&project, &["--format", "spert"], blank);
    assert_eq!((code, lines.len(), &lines[1]["line"]), (Some(2), 2, &json!(2)));
}

#[test]
fn options_that_say_nothing_are_refused_or_told() {
    let project = project();
    project.write(
        "spans.jsonl",
        "{\"text\": \"Ann left\", \"spans\": [{\"start\": 0, \"end\": 3, \"label\": \"PER\"}]}\n",
    );
    let check = ["data", "check", "--task", "ner", "--data", "spans.jsonl"];
    let refused: [&[&str]; 11] = [
        &[&check[..], &["--format", "json-spans", "--scheme", "iob2"]].concat(),
        &[&check[..], &["--format", "json-spans", "--word-column", "1"]].concat(),
        &[&check[..], &["--format", "label-studio", "--mentions", "every"]].concat(),
        &["data", "check", "--task", "ner", "--data", "data", "--format", "conll", "--text-key", "text"],
        &["data", "check", "--task", "ner", "--data", "data", "--max-source-pieces", "9"],
        &["train", "--config", "run.toml", "--set", "data.format=json-spans"],
        &["predict", "--adapter", "out/adapter", "--text-key", "text"],
        &["predict", "--adapter", "out/adapter", "--format", "intents", "--input", "data"],
        &["predict", "--adapter", "out/adapter", "--format", "brat", "--input", "data"],
        &["predict", "--adapter", "out/adapter", "--format", "conll", "--text-key", "text"],
        &["predict", "--adapter", "out/adapter", "--format", "label-studio", "--word-column", "1"],
    ];
    for arguments in refused {
        let outcome = project.run(arguments);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}: {}",
            outcome.stderr
        );
        let named = [
            "--scheme",
            "--word-column",
            "--mentions",
            "--text-key",
            "--model",
            "--format text",
            "--format words --input FOLDER/seq.in",
        ];
        assert!(named.iter().any(|name| outcome.stderr.contains(name)), "{arguments:?}: {}", outcome.stderr);
    }
    // The layout is found from the file.
    let outcome = project.run(&[&check[..], &["--scheme", "iob2"]].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("--scheme (data.scheme) says nothing about it"), "{}", outcome.stdout);
}

#[test]
fn bad_lines_of_encode_and_decode_cost_themselves_alone() {
    let project = Project::new();
    let lines = "{\"tokens\": [\"a\"], \"output\": \"a\"}\n{\"tokens\": 3}\n{\"text\": \"10mg\", \"output\": \"10 mg\"}\n";
    for (command, field) in [("encode", "source"), ("decode", "repairs")] {
        let outcome = project.run_with(&[command, "--task", "ner"], lines);
        assert_eq!(outcome.code, Some(2));
        let found: Vec<Value> =
            outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(
            found.len() == 3 && found[0].get(field).is_some() && found[2].get(field).is_some(),
            "{found:?}"
        );
        assert_eq!(found[1]["line"], 2);
        assert!(outcome.stderr.contains("1 of the 3 lines"), "{}", outcome.stderr);
    }
}

#[test]
fn a_schema_that_is_no_file_and_no_data_set_is_told_so() {
    let outcome =
        Project::new().run(&["data", "check", "--task", "ner", "--data", "data", "--schema", "conll04x"]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.stderr.contains("the schema conll04x: it is no file, and no data set"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stderr.contains("conll03, conll04"), "{}", outcome.stderr);
}
