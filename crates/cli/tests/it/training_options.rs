//! What is trained on, and which loss.

use serde_json::Value;
use std::fs;

use crate::project::Project;

/// The losses of a run of three steps.
fn losses(project: &Project, run: &str, settings: &[&str]) -> Vec<f64> {
    let mut more = vec!["--set", "evaluation.before=false"];
    more.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    let trained = project.train(run, &more);
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let events = fs::read_to_string(project.path(run).join("events.jsonl")).unwrap();
    let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let steps = events.filter(|event| event["event"] == "step");
    steps.map(|event| event["loss"].as_f64().unwrap()).collect()
}

#[test]
fn a_softmax_over_legal_pieces_loses_less() {
    let project = Project::new();
    for method in ["method.name=fish-dip", "method.name=full"] {
        let name = method.trim_start_matches("method.name=");
        let all = losses(&project, &format!("{name}-all"), &[method]);
        let legal = losses(&project, &format!("{name}-legal"), &[method, "training.loss=legal"]);
        // Of the same model and batch, before the first update: fewer pieces, so a larger probability of each.
        assert!(legal[0] > 0.0 && legal[0] < all[0], "{method}: {legal:?} {all:?}");
        assert_eq!(legal.len(), 3);
        let again = losses(&project, &format!("{name}-again"), &[method, "training.loss=legal"]);
        assert_eq!(legal, again, "{method}");
    }
}

#[test]
fn the_legal_loss_is_of_constrained_decoding() {
    let project = Project::new();
    let refused = project.train("free", &["--set", "training.loss=legal", "--set", "evaluation.decode=free"]);
    assert_ne!(refused.code, Some(0));
    assert!(refused.stderr.contains("evaluation.decode"), "{}", refused.stderr);
    assert!(!project.path("free").exists());
}

#[test]
fn exchanged_mentions_follow_from_the_seed() {
    let project = Project::new();
    let plain = losses(&project, "plain", &[]);
    let swapped = losses(&project, "swapped", &["data.mention_swap=1"]);
    assert_ne!(plain, swapped);
    assert_eq!(losses(&project, "again", &["data.mention_swap=1"]), swapped);
    assert_eq!(losses(&project, "none", &["data.mention_swap=0"]), plain);
    // With both, other targets are asked for other pieces.
    let both = losses(&project, "both", &["data.mention_swap=1", "training.loss=legal"]);
    assert!(both[0] > 0.0 && both[0] < swapped[0], "{both:?} {swapped:?}");
}
