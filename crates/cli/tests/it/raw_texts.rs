//! What is scored is what a user gets: on raw text `evaluate` says what scoring the answers of `predict` to the blank texts says.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

use crate::project::Project;

/// A span of a text: start, end, label.
type Span = (usize, usize, String);

/// Texts with spans beside hyphens, slashes and units, inside words, with white space at their ends, and twice.
fn examples() -> Vec<(String, Vec<Span>)> {
    let drugs = ["aspirin", "codeine", "heparin", "insulin"];
    let effects = ["ulcers", "nausea", "bleeding"];
    let mut examples = Vec::new();
    for (i, drug) in drugs.iter().enumerate() {
        for (j, effect) in effects.iter().enumerate() {
            let text = match (i + j) % 3 {
                0 => format!("{drug}-induced {effect} in rats"),
                1 => format!("10mg {drug}/day led to {effect}."),
                _ => format!("No {effect} after anti{drug} pills (Zoë)"),
            };
            let place = |word: &str| {
                let start = text[..text.find(word).unwrap()].chars().count();
                (start, start + word.chars().count())
            };
            let ((a, b), (c, d)) = (place(drug), place(effect));
            let spaced =
                (c - 1, text.chars().nth(d).map_or(d, |c| d + usize::from(c == ' ')), "EFFECT".to_owned());
            examples.push((text, vec![(a, b, "DRUG".to_owned()), spaced, (c, d, "EFFECT".to_owned())]));
        }
    }
    examples
}

fn spans(list: &[Span], names: [&str; 3]) -> Vec<Value> {
    let [start, end, label] = names;
    list.iter().map(|(a, b, l)| json!({ start: a, end: b, label: l })).collect()
}

/// Writes the examples in a layout, and says what its file or folder is called.
fn write(project: &Project, format: &str, examples: &[(String, Vec<Span>)]) -> String {
    let name = format!("eval.{format}");
    let lines = |line: &dyn Fn(&str, &[Span]) -> Value| {
        let lines = examples.iter().map(|(text, list)| line(text, list).to_string() + "\n");
        lines.collect::<String>()
    };
    let triples = |list: &[Span]| list.iter().map(|(a, b, l)| json!([a, b, l])).collect::<Vec<_>>();
    let names = ["start", "end", "label"];
    let text = match format {
        "json-spans" => lines(&|text, list| json!({ "text": text, "spans": spans(list, names) })),
        "doccano" => lines(&|text, list| json!({ "text": text, "label": triples(list) })),
        "prodigy" => {
            lines(&|text, list| json!({ "text": text, "spans": spans(list, names), "answer": "accept" }))
        }
        "spacy" => lines(&|text, list| json!([text, { "entities": triples(list) }])),
        "label-studio" => {
            let task = |(number, (text, list)): (usize, &(String, Vec<Span>))| {
                let region = |(i, (a, b, label)): (usize, &Span)| {
                    json!({ "id": format!("r{i}"), "type": "labels", "from_name": "label", "to_name": "text",
                        "value": { "start": a, "end": b, "labels": [label] } })
                };
                let result: Vec<_> = list.iter().enumerate().map(region).collect();
                json!({ "id": number, "data": { "text": text }, "annotations": [{ "result": result }] })
            };
            Value::Array(examples.iter().enumerate().map(task).collect()).to_string()
        }
        "brat" => {
            for (number, (text, list)) in examples.iter().enumerate() {
                let entity = |(i, (a, b, label)): (usize, &Span)| {
                    let own: String = text.chars().skip(*a).take(b - a).collect();
                    format!("T{}\t{label} {a} {b}\t{own}\n", i + 1)
                };
                let annotations: String = list.iter().enumerate().map(entity).collect();
                project.write(&format!("data/{name}/{number:02}.txt"), text);
                project.write(&format!("data/{name}/{number:02}.ann"), &annotations);
            }
            return name;
        }
        other => panic!("no file of {other}"),
    };
    project.write(&format!("data/{name}"), &text);
    name
}

#[test]
fn evaluate_scores_what_predict_answers() {
    let project = Project::new();
    let examples = examples();
    let train = write(&project, "json-spans", &examples);
    let config = fs::read_to_string(project.path("run.toml")).unwrap();
    let entities = config.find("[task.entities]").unwrap()..config.find("[method]").unwrap();
    let own = "[task.entities]\nDRUG = \"drug\"\nEFFECT = \"effect\"\n\n";
    let config = config[..entities.start].to_owned() + own + &config[entities.end..];
    project.write("run.toml", &config.replace("train.txt", &train).replace("dev.txt", &train));
    let more = ["data.allow_overlap=true", "evaluation.before=false", "training.steps=60", "method.every=20"];
    let more: Vec<&str> = more.iter().flat_map(|pair| ["--set", pair]).collect();
    let trained = project.train("out", &more);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);

    // What the model finds in the blank texts, scored by hand: sets of spans in characters.
    let blank: String = examples.iter().map(|(text, _)| text.clone() + "\n").collect();
    let answers = project.run_with(&["predict", "--adapter", "out/adapter"], &blank);
    assert_eq!(answers.code, Some(0), "{}", answers.stderr);
    let (mut right, mut found, mut gold) = (0, 0, 0);
    for (line, (text, list)) in answers.stdout.lines().zip(&examples) {
        let line: Value = serde_json::from_str(line).unwrap();
        let span = |span: &Value| -> Span {
            let number = |key: &str| span[key].as_u64().unwrap() as usize;
            (number("start"), number("end"), span["label"].as_str().unwrap().to_owned())
        };
        let predicted: BTreeSet<Span> = line["spans"].as_array().unwrap().iter().map(span).collect();
        let chars: Vec<char> = text.chars().collect();
        let bare = |(start, end, label): &Span| {
            let (start, end) =
                (start + usize::from(chars[*start] == ' '), end - usize::from(chars[end - 1] == ' '));
            (start, end, label.clone())
        };
        let annotated: BTreeSet<Span> = list.iter().map(bare).collect();
        right += predicted.intersection(&annotated).count();
        found += predicted.len();
        gold += annotated.len();
    }
    assert!(right > 0 && right < gold, "{right} of {gold} right: the test tells nothing");
    let f1 = 2.0 * right as f64 / (found + gold) as f64;

    let path = project.path("out/adapter/adapter_config.json");
    let whole: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for format in ["json-spans", "doccano", "prodigy", "spacy", "label-studio", "brat"] {
        let name = write(&project, format, &examples);
        let mut config = whole.clone();
        // An edit that is meant.
        config.as_object_mut().unwrap().remove("config_hash").unwrap();
        config["run"]["data"]["format"] = format.into();
        fs::write(&path, config.to_string()).unwrap();
        let scored = project.run(&[
            "evaluate",
            "--adapter",
            "out/adapter",
            "--data",
            "data",
            "--split",
            &name,
            "--json",
        ]);
        assert_eq!(scored.code, Some(0), "{format}: {}", scored.stderr);
        let score = &scored.json()["results"][0]["score"];
        let own = score["f1"].as_f64().unwrap();
        assert!((own - f1).abs() < 1e-5, "{format}: evaluate says {own}, predict {f1}");
        assert_eq!(score["n"], gold, "{format}");
        assert!(
            scored.stderr.contains("12 spans begin or end in white space"),
            "{format}: {}",
            scored.stderr
        );
    }
}
