//! Several adapters at once: one table, with mean and spread.

use crate::project::Project;

#[test]
fn several_adapters_are_one_table() {
    let project = Project::new();
    for seed in ["1", "2"] {
        let set = format!("training.seed={seed}");
        let trained = project.train(seed, &["--set", &set, "--set", "evaluation.before=false"]);
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    }
    let both = ["evaluate", "--adapter", "1/adapter", "--adapter", "2/adapter"];
    let found = project.run(&[&both[..], &["--json"]].concat());
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    let found = found.json();
    let results = found["results"].as_array().unwrap();
    let scores: Vec<f64> = results.iter().map(|result| result["score"]["f1"].as_f64().unwrap()).collect();
    for (result, score) in results.iter().zip(&scores) {
        let [low, high] = [0, 1].map(|end| result["interval"][end].as_f64().unwrap());
        assert!(low <= *score && *score <= high, "{result}");
    }
    let summary = &found["summary"][0];
    assert_eq!((&summary["task"], &summary["adapters"]), (&"ner".into(), &2.into()));
    let close = |field: &str, expected: f64| {
        let found = summary[field].as_f64().unwrap();
        assert!((found - expected).abs() < 1e-5, "{field}: {found} for {expected}");
    };
    close("mean", f64::midpoint(scores[0], scores[1]));
    // Of two numbers, the standard deviation is their distance over the root of two.
    close("spread", (scores[0] - scores[1]).abs() / 2_f64.sqrt());

    let table = project.run(&both).stdout;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("adapter") && lines[0].contains("95 % confidence"), "{table}");
    assert!(lines[1].starts_with("1/adapter") && lines[2].starts_with("2/adapter"), "{table}");
    assert!(table.contains("\nner: mean F1 of 2 adapters "), "{table}");

    // The same interval each time; one adapter has no spread.
    let alone = project.run(&["evaluate", "--adapter", "1/adapter", "--json"]).json();
    assert_eq!(alone["results"][0]["interval"], results[0]["interval"]);
    assert_eq!(alone["summary"].as_array().map(Vec::len), Some(0));
    assert!(project.run(&both[..3]).stdout.contains("with 95 % confidence"));
}
