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
    hold_out(&task, examples, share, seed, Path::new("data/train.txt")).unwrap()
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
    let refused = hold_out(&task, same, 0.2, 1, Path::new("data/train.txt")).err().unwrap().to_string();
    assert!(refused.contains("data/train.txt") && refused.contains("data.eval"), "{refused}");
}
