//! What a check of a data folder reports.

#![allow(clippy::unnecessary_wraps)]

use fishdip_tasks::check::{Check, Measured, PieceLimits, ProblemKind};
use std::path::Path;

use fishdip_tasks::read::{ConllReader, Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Entity, Example, Mode, Schema, Task, TokenSpan};

/// A tokenizer that makes a piece of every word and has no piece with a q.
fn measure(text: &str) -> Option<Measured> {
    let lost = text.chars().filter(|&c| c == 'q').collect();
    Some(Measured { pieces: text.split_whitespace().count() + 1, lost })
}

const LIMITS: PieceLimits = PieceLimits { source: 6, target: 10 };

const TRAIN: &str = "Ann B-PER\nate O\n\nAnn B-PER\nate O\n\nAnn B-LOC\nate O\n\n\
    one O\ntwo O\nthree O\nfour O\nfive O\nsix O\n\nBo B-PER\nq O\n\n\
    Ann B-DOG\n\n\
    Ann B-PER\nLee I-PER\nin O\nOslo B-LOC\n";

#[test]
fn every_problem_is_placed() {
    let task = Task::ner(Schema::conll03(), Mode::Fixed);
    let mut check = Check::default();
    let train = ConllReader::new(TRAIN.as_bytes(), "train", TagScheme::Iob2);
    check.add(&task, "train", train, &measure, LIMITS);
    let dev = ConllReader::new("Bo B-PER\nq O\n\nZoe I-PER\n".as_bytes(), "dev", TagScheme::Iob2);
    check.add(&task, "dev", dev, &measure, LIMITS);

    let found: Vec<_> = check.problems.iter().map(|p| (p.kind, p.split.as_str(), p.place.as_str())).collect();
    assert_eq!(
        found,
        [
            (ProblemKind::Duplicate, "train", "train:4"),
            (ProblemKind::Conflict, "train", "train:7"),
            (ProblemKind::SourceTooLong, "train", "train:10"),
            (ProblemKind::LostCharacters, "train", "train:17"),
            (ProblemKind::NotEncodable, "train", "train:20"),
            (ProblemKind::TargetTooLong, "train", "train:22"),
            (ProblemKind::LostCharacters, "dev", "dev:1"),
            (ProblemKind::InOtherSplit, "dev", "dev:1"),
            (ProblemKind::Unreadable, "dev", "dev:4"),
        ]
    );
    assert_eq!(check.problems[2].detail, "7 pieces, the limit is 6");
    assert_eq!(check.labels["PER"]["train"], 4);
    assert_eq!((check.labels["LOC"]["train"], check.labels["PER"]["dev"]), (2, 1));
    assert_eq!((check.splits["train"].examples, check.splits["dev"].examples), (7, 1));
    assert_eq!(check.splits["train"].source_pieces.quantile(1.0), 7);
}

#[test]
fn crossing_spans_are_reported() {
    let mut example = Example::new(["a", "b", "c"]);
    example.entities = vec![Entity::new("PER", 0, 2), Entity::new("PER", 1, 3)];
    let mut check = Check::default();
    let task = Task::ner(Schema::conll03(), Mode::Fixed);
    check.add(&task, "train", [Ok(example)], &|_| None, LIMITS);
    assert_eq!(check.problems[0].kind, ProblemKind::HiddenSpans);
    assert!(check.splits["train"].source_pieces.is_empty());
}

#[test]
fn a_mention_in_two_clusters_is_named() {
    let mention = |start| TokenSpan::new(start, start + 1);
    let mut example = Example::new(["Ann", "Bea", "they", "she"]);
    // A cluster of one mention is shown nowhere, so it takes nothing away.
    example.clusters = vec![vec![mention(3)], vec![mention(0), mention(3)], vec![mention(0), mention(2)]];
    let mut check = Check::default();
    check.add(&Task::coref(Mode::Fixed), "train", [Ok(example)], &|_| None, LIMITS);
    let problems: Vec<_> = check.problems.iter().map(|p| (p.kind, p.detail.as_str())).collect();
    let told = "the mention \"Ann\" (tokens 0 to 0) is in the clusters 1 and 2; the target shows it in the first, and cluster 2 is lost by that";
    assert_eq!(problems, [(ProblemKind::TwoClusters, told)]);
}

#[test]
fn a_mention_in_two_clusters_of_a_file_is_a_problem() {
    // The mention `a` is in both, and of the cluster 1 only `b` is left.
    let text = "#begin document (d);\nt 0 0 a (0)|(1)\nt 0 1 b (1)\nt 0 2 c (0)\n#end document\n";
    let mut examples =
        Format::Coref.read_from(text.as_bytes(), Path::new("f"), &ReadOptions::default()).unwrap();
    let read: Vec<_> = examples.by_ref().collect();
    let mut check = Check::default();
    check.add(&Task::coref(Mode::Fixed), "train", read, &|_| None, LIMITS);
    check.add_notes("train", examples.notes().take());
    assert!(check.notes.is_empty(), "{:?}", check.notes);
    let [problem] = &check.problems[..] else { panic!("{:?}", check.problems) };
    assert_eq!((problem.kind, problem.split.as_str()), (ProblemKind::TwoClusters, "train"));
    assert!(problem.place.starts_with("f:2") && problem.detail.contains("cluster 1 is lost"), "{problem:?}");
}

#[test]
fn texts_with_spans_in_characters_contradict_each_other() {
    let lines = concat!(
        r#"{"text": "unhappily old", "spans": [{"start": 2, "end": 7, "label": "PER"}]}"#,
        "\n",
        r#"{"text": "unhappily  old", "spans": [{"start": 4, "end": 9, "label": "LOC"}]}"#,
        "\n",
        r#"{"text": "unhappily old", "spans": [{"start": 4, "end": 9, "label": "PER"}, {"start": 4, "end": 9, "label": "PER"}]}"#,
    );
    let examples =
        Format::JsonSpans.read_from(lines.as_bytes(), Path::new("f"), &ReadOptions::default()).unwrap();
    let mut check = Check::default();
    check.add(&Task::ner(Schema::conll03(), Mode::Fixed), "train", examples, &|_| None, LIMITS);
    let found: Vec<_> =
        check.problems.iter().map(|p| (p.kind, p.place.as_str(), p.detail.as_str())).collect();
    let expected = [
        (ProblemKind::Conflict, "f:2, example 1", "as f:1, example 0"),
        (ProblemKind::Duplicate, "f:3, example 2", "as f:1, example 0"),
    ];
    assert_eq!(found, expected);
    assert_eq!(check.labels["PER"]["train"], 2, "a repeated span counts once");
}

#[test]
fn a_label_that_cannot_be_a_name_is_called_so() {
    let mut example = Example::new(["Ann"]);
    example.entities = vec![Entity::new("PER|NAME", 0, 1)];
    let mut check = Check::default();
    check.add(&Task::ner(Schema::open(), Mode::Fixed), "train", [Ok(example)], &|_| None, LIMITS);
    assert!(
        check.problems[0].detail.contains("\"PER|NAME\" cannot stand for itself"),
        "{:?}",
        check.problems
    );
    assert!(check.problems[0].detail.contains("without [ ] | ="));
}
