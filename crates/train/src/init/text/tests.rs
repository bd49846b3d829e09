#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;

use super::super::{LabelTable, Lengths};
use super::*;
use crate::{LossName, RunConfig, Setting};
use fishdip_tasks::read::LeftOut;

fn findings() -> Findings {
    let labels = [("LOC", "location", 3), ("PER-x", "person", 1), ("a b", "a \"b\"", 12)];
    Findings {
        data: DataSet {
            folder: "my data".into(),
            train: "train.txt".into(),
            dev: None,
            test: Some("test.txt".into()),
            format: Format::Conll,
            reason: Some("one of its columns holds tags".to_owned()),
            left_out: Vec::new(),
        },
        read: ReadOptions::new(TagScheme::Iob1, fishdip_tasks::Quirks::NONE),
        task: TaskKind::Ner,
        task_reason: "What train.txt is annotated for.".to_owned(),
        train_examples: 40,
        eval_examples: 10,
        labels: vec![LabelTable {
            name: "entities",
            labels: labels.map(|(label, name, count)| (label.to_owned(), name.to_owned(), count)).into(),
        }],
        model: BaseModel::Bundled("fixtures/models/t5-mini".into()),
        lengths: Some(Lengths { median_source: 21, longest_source: 300, longest_target: 400, windows: 40 }),
    }
}

fn parsed(findings: &Findings) -> RunConfig {
    RunConfig::parse_with("draft", &config_text(findings).unwrap(), &[]).unwrap()
}

#[test]
fn the_text_is_this() {
    assert_eq!(config_text(&findings()).unwrap(), include_str!("expected.toml"));
}

#[test]
fn it_reads_as_what_was_found() {
    let found = findings();
    let config = parsed(&found);
    assert_eq!(
        (config.data.dir, config.data.train, config.data.eval),
        ("my data".into(), "train.txt".into(), None)
    );
    assert_eq!((config.data.format, config.data.scheme), (Format::Conll, TagScheme::Iob1));
    assert_eq!((config.data.eval_share, config.data.max_source_pieces), (None, 0));
    let labels = [("LOC", "location"), ("PER-x", "person"), ("a b", "a \"b\"")];
    let labels: BTreeMap<String, String> = labels.map(|(l, n)| (l.to_owned(), n.to_owned())).into();
    assert_eq!((config.task.name, config.task.entities), (TaskKind::Ner, labels));
    assert_eq!(config.model.path, Path::new("fixtures/models/t5-mini"));
    let usual = crate::OptimizerConfig { learning_rate: Setting::Auto, ..Default::default() };
    assert_eq!(config.optimizer, usual);
    let method = crate::MethodConfig { keep: Setting::Auto, ..Default::default() };
    assert_eq!((config.method, config.training.steps()), (method, 400));
}

#[test]
fn every_value_stands_with_its_reason() {
    let dialogue = Findings { task: TaskKind::DialogueState, labels: Vec::new(), ..findings() };
    let slots = Findings { task: TaskKind::Slots, ..findings() };
    for found in [findings(), dialogue, slots] {
        let text = config_text(&found).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let is_key = |line: &str| !line.is_empty() && !line.starts_with(['#', '[']);
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| is_key(line)) {
            assert!(lines[at - 1].starts_with('#') || line.contains("  # "), "{line}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_scored_is_named_with_what_is_held_out() {
    let mut found = findings();
    let left_out =
        |file: &str, is_dev| LeftOut { file: file.into(), is_dev, reason: "it is no text".to_owned() };
    found.data.left_out = vec![left_out("dev.txt", true), left_out("test.txt", false)];
    let text = config_text(&found).unwrap();
    let comment = text.replace("\n# ", " ");
    assert!(comment.contains("cannot be read with the training file (dev.txt), so a share"), "{text}");
    assert_eq!(found.why_held_out(), "dev.txt cannot be");
    assert_eq!(findings().why_held_out(), "no file is named as dev");
}

#[test]
fn a_file_to_score_is_named_and_nothing_held_out() {
    let mut found = findings();
    found.data.dev = Some("dev.txt".into());
    let config = parsed(&found);
    assert_eq!((config.data.eval, config.data.eval_share), (Some("dev.txt".into()), None));
}

#[test]
fn long_texts_have_room_where_windows_are_not_joined() {
    let config = parsed(&Findings { task: TaskKind::Srl, ..findings() });
    // The multiples of 64 from 300 and 400 on.
    assert_eq!((config.data.max_source_pieces, config.data.max_target_pieces), (320, 448));
    assert_eq!(config.evaluation.max_output_pieces, 448);
    let longest = Lengths { median_source: 9, longest_source: 9, longest_target: 9000, windows: 40 };
    let config = parsed(&Findings { task: TaskKind::Srl, lengths: Some(longest), ..findings() });
    assert_eq!((config.data.max_source_pieces, config.data.max_target_pieces), (0, MOST_PIECES));
}

#[test]
fn windows_whose_classes_are_joined_need_no_more_room() {
    let long = Lengths { median_source: 21, longest_source: 900, longest_target: 3, windows: 90 };
    let found = Findings { task: TaskKind::TextClassification, lengths: Some(long), ..findings() };
    let text = config_text(&found).unwrap();
    assert_eq!(parsed(&found).data.max_source_pieces, 0);
    assert!(text.contains("Longer sources are read in windows"), "{text}");
    // 800 √(90 / 140), in tens.
    assert!(
        text.replace("\n# ", " ").contains("number of windows: 640, with which each of the 90 windows"),
        "{text}"
    );
}

/// Each option is on where it was measured to help: the loss over legal pieces for all tasks, other mentions for slots.
#[test]
fn options_are_on_where_they_help() {
    let [spans, slots] = [TaskKind::Ner, TaskKind::Slots]
        .map(|task| parsed(&Findings { task, labels: Vec::new(), ..findings() }));
    assert_eq!([spans.training.loss, slots.training.loss], [LossName::Legal; 2]);
    assert_eq!(format!("{} {}", spans.data.mention_swap, slots.data.mention_swap), "0 0.3");
}

#[test]
fn steps_are_left_to_the_rule_which_is_told() {
    let of = |train_examples| Findings { train_examples, lengths: None, ..findings() };
    let text = config_text(&of(140)).unwrap();
    assert!(text.contains("steps = \"auto\"") && text.contains("800, with which each"), "{text}");
    let config = parsed(&of(140));
    assert_eq!((config.training.steps, config.training.batch_size), (Setting::Auto, 4));
    let config = parsed(&of(3));
    assert_eq!((config.training.batch_size, config.method.hard_samples), (3, 3));
}

#[test]
fn names_of_any_kind_are_one_line() {
    let mut found = findings();
    let odd = "a\\\"b'\u{7f}\u{1f980}=#".to_owned();
    found.labels[0].labels = vec![(odd.clone(), "x".to_owned(), 1)];
    found.data.train = "tr#\"ain.txt".into();
    found.task_reason = "a\nb\u{7}".to_owned();
    let config = parsed(&found);
    assert_eq!(config.task.entities.keys().collect::<Vec<_>>(), [&odd]);
    assert_eq!(config.data.train, Path::new("tr#\"ain.txt"));
}
