#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Argument, ExampleError, Mode, Relation, Schema};

/// Windows of at most `most` tokens.
fn windows(task: &Task, example: &Example, most: usize) -> Result<Vec<Chunk>> {
    task.windows(example, &mut |part| Ok::<_, Error>(part.tokens.len() <= most))
}

fn task(kind: TaskKind) -> Task {
    let schema = Schema::new([("A", "first")], [("r", "likes")]).unwrap();
    let schema = schema.with_classes([("X", "ex")]).unwrap().with_triggers([("T", "event")]).unwrap();
    Task::new(kind, schema, Mode::Fixed)
}

fn letters() -> Example {
    let mut example = Example::new("abcdefghijklmnop".chars().map(String::from));
    example.id = "letters".to_owned();
    example
}

fn places(windows: &[Chunk]) -> Vec<(usize, String)> {
    windows.iter().map(|window| (window.offset, window.example.tokens.concat())).collect()
}

#[test]
fn gold_spans_and_relations_go_to_the_windows_that_hold_them() {
    let mut example = letters();
    example.entities = vec![Entity::new("A", 1, 2), Entity::new("A", 6, 9), Entity::new("A", 9, 10)];
    example.relations = vec![Relation::new("r", 1, 2), Relation::new("r", 0, 2)];
    let task = task(TaskKind::JointEr);
    let found = windows(&task, &example, 8).unwrap();
    assert_eq!(
        places(&found),
        [(0, "abcdef".to_owned()), (5, "fghijklm".to_owned()), (11, "lmnop".to_owned())]
    );
    let counts = found.iter().map(|w| (w.example.entities.len(), w.example.relations.len()));
    assert_eq!(counts.collect::<Vec<_>>(), [(1, 0), (2, 1), (0, 0)]);
    assert_eq!(found[1].example.entities[0], Entity::new("A", 1, 4));
    assert!(!task.seen_whole(&example, &found), "the second relation is not");
    example.relations.pop();
    assert!(task.seen_whole(&example, &found));
    // Without a look at the gold.
    let found = windows(&task, &task.prediction_input(&example), 8).unwrap();
    assert_eq!(found.iter().map(|w| w.offset).collect::<Vec<_>>(), [0, 6, 12]);
    assert!(!task.seen_whole(&example, &found[1..]));
}

#[test]
fn a_span_that_fits_nowhere_is_cut() {
    let mut example = letters();
    example.triggers = vec![Entity::new("T", 2, 13), Entity::new("T", 7, 9)];
    let task = task(TaskKind::EventTriggers);
    let found = windows(&task, &example, 8).unwrap();
    assert_eq!(found.iter().map(|w| w.offset).collect::<Vec<_>>(), [0, 6, 12]);
    assert_eq!(places(&found)[0].1, "abcdefg", "the short one is not cut");
    assert_eq!(found[1].example.triggers, [Entity::new("T", 1, 3)]);
    assert!(!task.seen_whole(&example, &found));
}

#[test]
fn an_intent_is_learned_in_every_window() {
    let mut example = letters();
    (example.intent, example.slots) = (Some("X".to_owned()), vec![Entity::new("A", 15, 16)]);
    let found = windows(&task(TaskKind::Slots), &example, 8).unwrap();
    assert!(found.iter().all(|window| window.example.intent.as_deref() == Some("X")));
    assert_eq!(found.iter().map(|w| w.example.slots.len()).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!(found[1].example.place(), "example \"letters-1\"");
}

#[test]
fn what_is_asked_about_is_in_the_middle() {
    let mut example = letters();
    example.predicate = Some(TokenSpan::new(8, 9));
    example.roles = vec![Entity::new("A", 7, 8), Entity::new("A", 11, 12)];
    example.triggers = vec![Entity::new("T", 8, 9)];
    example.entities = example.roles.clone();
    example.arguments = vec![Argument::new("r", 0, 0), Argument::new("r", 1, 0)];
    (example.head, example.tail) = (Some(TokenSpan::new(9, 10)), Some(TokenSpan::new(7, 8)));
    for (kind, window) in [(TaskKind::Srl, "ghijk"), (TaskKind::EventArguments, "ghijk")] {
        let found = windows(&task(kind), &example, 5).unwrap();
        assert_eq!(places(&found), [(6, window.to_owned())]);
        let part = &found[0].example;
        assert_eq!((part.roles.as_slice(), part.arguments.len()), (&[Entity::new("A", 1, 2)][..], 1));
        assert_eq!(part.predicate, Some(TokenSpan::new(2, 3)));
        assert!(!task(kind).seen_whole(&example, &found));
    }
    let found = windows(&task(TaskKind::RelationClassification), &example, 5).unwrap();
    assert_eq!(places(&found), [(6, "ghijk".to_owned())]);
    assert_eq!(found[0].example.head, Some(TokenSpan::new(3, 4)));
    let error = windows(&task(TaskKind::RelationClassification), &example, 2).unwrap_err().to_string();
    assert_eq!(
        error,
        "failed to cut example \"letters\" into windows: what it asks about (the tokens 7 to 9) alone is too long; \
         shorten it, or let windows be longer"
    );
}

#[test]
fn a_text_is_cut_as_it_stands() {
    let mut example = Example::new(["other", "tokens"]);
    example.text = Some("  One  two, three. (Four)\nfive".to_owned());
    example.label = Some("X".to_owned());
    let classes = task(TaskKind::TextClassification);
    // The words: One two , three . ( Four ) five
    let found = windows(&classes, &example, 5).unwrap();
    let texts: Vec<_> = found.iter().map(|w| (w.offset, w.example.text.as_deref().unwrap())).collect();
    assert_eq!(texts, [(0, "One  two, three."), (4, ". (Four)\nfive")]);
    assert_eq!(found[1].example.label.as_deref(), Some("X"));
    example.text = None;
    assert_eq!(places(&windows(&classes, &example, 1).unwrap())[1], (1, "tokens".to_owned()));
}

#[test]
fn chunks_of_documents_are_halved() {
    let mut example = Example::new((0..300).map(|i| format!("t{i}")));
    example.clusters = vec![vec![TokenSpan::new(40, 41), TokenSpan::new(41, 42)]];
    let sizes = |most| {
        let found = windows(&task(TaskKind::Coref), &example, most).unwrap();
        (found[0].example.tokens.len(), found[1].offset)
    };
    assert_eq!([128, 127, 64, 40, 1].map(sizes), [(128, 64), (64, 32), (64, 32), (32, 16), (1, 1)]);
}

#[test]
fn a_token_that_does_not_fit_is_named() {
    let mut example = letters();
    example.tokens[5] = "x".repeat(99);
    example.text = Some(example.tokens.join(" "));
    let mut fits = |part: &Example| Ok::<_, Error>(part.tokens.concat().len() <= 50);
    for kind in [TaskKind::Ner, TaskKind::Coref, TaskKind::TextClassification] {
        let error = task(kind).windows(&example, &mut fits).unwrap_err().to_string();
        assert!(error.contains("example \"letters\"") && error.contains("token 5 (\"xxxx"), "{error}");
        assert!(error.len() < 200, "{error}");
    }
}

#[test]
fn the_caller_can_stop() {
    let asked = task(TaskKind::Ner).windows(&letters(), &mut |part| Err(part.example_error()));
    assert!(matches!(asked, Err(Error::Example(ExampleError::NoField { .. }))));
}

impl Example {
    fn example_error(&self) -> Error {
        Error::Example(ExampleError::NoField { example: self.place(), task: "ner", field: "nothing" })
    }
}
