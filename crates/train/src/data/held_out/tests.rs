#![allow(clippy::unwrap_used)]
use std::path::Path;

use fishdip_tasks::{Entity, Mode, Schema, Task};

use super::*;

/// `count` sentences: every tenth has a B, every other one an A, the rest nothing.
fn sentences(count: usize) -> Vec<Example> {
    let sentence = |number: usize| {
        let mut example = Example::new([format!("word{number}"), "stands".into(), "here".into()]);
        match number % 10 {
            0 => example.entities = vec![Entity::new("B", 0, 1), Entity::new("A", 2, 3)],
            n if n % 2 == 0 => example.entities = vec![Entity::new("A", 0, 1)],
            _ => {}
        }
        example
    };
    (0..count).map(sentence).collect()
}

fn parts(examples: Vec<Example>, share: f64, seed: u64) -> Parts {
    let task = Task::ner(Schema::new([("A", "a"), ("B", "b")], [("r", "r")]).unwrap(), Mode::Fixed);
    hold_out(&task, examples, Part::Share(share), seed, Path::new("data/train.txt")).unwrap()
}

fn with(examples: &[Example], label: Option<&str>) -> usize {
    let has = |example: &&Example| match label {
        Some(label) => example.entities.iter().any(|entity| entity.label == label),
        None => example.entities.is_empty(),
    };
    examples.iter().filter(has).count()
}

#[test]
fn labels_are_as_frequent_in_both_parts() {
    for seed in 1..20 {
        let Parts { train, eval, held_out } = parts(sentences(200), 0.2, seed);
        assert_eq!((train.len(), eval.len()), (160, 40));
        assert_eq!((held_out.left, held_out.examples), (160, 40));
        assert_eq!([with(&eval, Some("B")), with(&eval, Some("A")), with(&eval, None)], [4, 20, 20]);
        let is_sorted =
            |part: &[Example]| part.is_sorted_by_key(|e| e.tokens[0][4..].parse::<usize>().unwrap());
        assert!(is_sorted(&train) && is_sorted(&eval), "each part keeps the order of the file");
    }
}

#[test]
fn the_seed_decides_and_the_file_is_known_again() {
    let of = |seed| parts(sentences(50), 0.2, seed);
    assert_eq!(of(3).eval, of(3).eval);
    assert_eq!(of(3).held_out, of(3).held_out);
    assert_ne!(of(3).eval, of(4).eval);
    let mut changed = sentences(50);
    changed[17].tokens[1] = "lies".to_owned();
    assert_ne!(parts(changed, 0.2, 3).held_out.hash, of(3).held_out.hash);
    let shorter = parts(sentences(49), 0.2, 3);
    assert_ne!(shorter.held_out, of(3).held_out);
}

#[test]
fn a_text_is_in_one_part() {
    let mut examples = sentences(40);
    examples.extend(sentences(40));
    examples.extend(sentences(40));
    let Parts { train, eval, .. } = parts(examples, 0.25, 1);
    assert!(eval.iter().all(|scored| train.iter().all(|trained| trained.tokens != scored.tokens)));
    assert!((24..=36).contains(&eval.len()), "{}", eval.len());
}

#[test]
fn few_examples_are_parted_as_well() {
    for count in 2..8 {
        let Parts { train, eval, .. } = parts(sentences(count), 0.2, 5);
        assert!(!train.is_empty() && !eval.is_empty(), "{count}");
    }
    let task = Task::ner(Schema::conll03(), Mode::Fixed);
    let same = vec![Example::new(["one"]), Example::new(["one"])];
    let refused =
        hold_out(&task, same, Part::Share(0.2), 1, Path::new("data/train.txt")).err().unwrap().to_string();
    assert!(refused.contains("data/train.txt") && refused.contains("data.eval"), "{refused}");
}

/// The examples that each of `folds` folds scores.
fn folds(examples: &[Example], folds: usize, seed: u64) -> Vec<Vec<Example>> {
    let task = Task::ner(Schema::new([("A", "a"), ("B", "b")], [("r", "r")]).unwrap(), Mode::Fixed);
    let part = |fold| {
        let part = Part::Fold(Fold { fold, folds });
        let parts = hold_out(&task, examples.to_vec(), part, seed, Path::new("data/train.txt")).unwrap();
        assert_eq!(parts.held_out.part(), part);
        assert_eq!(parts.train.len() + parts.eval.len(), examples.len());
        parts.eval
    };
    (1..=folds).map(part).collect()
}

#[test]
fn every_example_is_in_one_fold_and_labels_are_as_frequent_in_each() {
    for seed in 1..10 {
        let parts = folds(&sentences(200), 5, seed);
        for part in &parts {
            assert_eq!(part.len(), 40);
            assert_eq!([with(part, Some("B")), with(part, Some("A")), with(part, None)], [4, 20, 20]);
        }
        let mut words: Vec<String> = parts.concat().iter().map(|example| example.tokens[0].clone()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 200);
    }
    assert_ne!(folds(&sentences(50), 5, 1), folds(&sentences(50), 5, 2));
}

#[test]
fn folds_of_few_examples_and_of_repeated_ones() {
    assert!(folds(&sentences(7), 7, 3).iter().all(|part| part.len() == 1));
    // Each text is there three times, and in one fold.
    let parts = folds(&[sentences(10), sentences(10), sentences(10)].concat(), 5, 1);
    assert!(parts.iter().all(|part| part.len() == 6), "{:?}", parts.iter().map(Vec::len).collect::<Vec<_>>());
    let task = Task::ner(Schema::conll03(), Mode::Fixed);
    let part = Part::Fold(Fold { fold: 1, folds: 4 });
    let refused = hold_out(&task, sentences(3), part, 1, Path::new("data/train.txt")).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "data/train.txt holds 3 different texts, of which 4 folds cannot be made; lower data.folds"
    );
}

/// Ten relations with twelve sentences each.
fn relations() -> Vec<Example> {
    let sentence = |relation: usize, number: usize| {
        let mut example = Example::new([format!("{relation}.{number}")]);
        example.relation = Some(format!("P{relation}"));
        example
    };
    (0..10).flat_map(|relation| (0..12).map(move |number| sentence(relation, number))).collect()
}

fn episode(examples: Vec<Example>, ways: usize, seed: u64) -> Result<Parts, Error> {
    let schema = Schema::new([] as [(&str, &str); 0], [("P0", "none")]).unwrap();
    let task = Task::new(fishdip_tasks::TaskKind::RelationClassification, schema, Mode::Fixed);
    let part = Part::Episode(Shots { ways, shots: 2, queries: 1 });
    hold_out(&task, examples, part, seed, Path::new("data/val.json"))
}

/// The draw of `a_draw_is_that_of_python` in the crate of tasks: `random.seed(3)`, a sample of the relations, one of each relation's sentences, and
/// `random.shuffle` of what is trained on: 5, 3, 0, 1, 4, 2.
#[test]
fn an_episode_is_that_of_python_in_its_order() {
    let Parts { train, eval, held_out } = episode(relations(), 3, 3).unwrap();
    let words = |part: &[Example]| part.iter().map(|e| e.tokens[0].clone()).collect::<Vec<_>>();
    assert_eq!(words(&train), ["2.0", "8.9", "3.5", "3.9", "2.9", "8.10"]);
    assert_eq!(words(&eval), ["3.7", "8.1", "2.7"]);
    assert_eq!((held_out.left, held_out.examples, held_out.seed), (6, 3, 3));
    // It is told from its size and its seed, and a file with another sentence is not the same.
    let again = |examples| {
        let part = held_out.part();
        assert_eq!(part, Part::Episode(Shots { ways: 3, shots: 2, queries: 1 }));
        episode(examples, 3, held_out.seed).unwrap().held_out
    };
    assert_eq!(again(relations()), held_out);
    let mut changed = relations();
    changed[3 * 12 + 7].tokens[0] = "other".to_owned();
    assert_ne!(again(changed).hash, held_out.hash);
    assert_ne!(episode(relations(), 3, 4).unwrap().held_out.hash, held_out.hash);
    let message = episode(relations(), 11, 3).map(drop).unwrap_err().to_string();
    assert!(message.contains("data/val.json") && message.contains("11 classes"), "{message}");
}
