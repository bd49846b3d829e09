#![allow(clippy::unwrap_used)]

use super::super::super::part::part;
use super::*;
use crate::{Example, Mode, Schema};

/// The label and place of a span.
type Key = (String, usize, usize);

fn schema() -> Schema {
    let entities = [("A", "first"), ("B", "second")];
    let schema = Schema::new(entities, [("r", "likes")]).unwrap();
    schema.with_classes([("X", "ex"), ("Y", "why")]).unwrap()
}

/// The windows `ranges` of the tokens `a b c d e f g h i j`.
fn windows(ranges: &[(usize, usize)]) -> Vec<Chunk> {
    let example = Example::new("abcdefghij".chars().map(String::from));
    let window = |(number, &(start, end)): (usize, &(usize, usize))| Chunk {
        offset: start,
        example: part(&example, start..end, number),
    };
    ranges.iter().enumerate().map(window).collect()
}

/// What is joined if the model wrote `outputs` for `ranges`.
fn joined(task: &Task, ranges: &[(usize, usize)], outputs: &[(&str, f64)]) -> Joined {
    let windows = windows(ranges);
    let found: Vec<_> = windows
        .iter()
        .zip(outputs)
        .map(|(window, &(output, p))| (task.decode(&window.example, output), p))
        .collect();
    let found: Vec<_> = found.iter().map(|(decoded, p)| (decoded, *p)).collect();
    task.join_windows(&windows, &found)
}

fn entities(outputs: &[&str], ranges: &[(usize, usize)]) -> (Vec<Key>, Vec<(usize, usize)>) {
    let outputs: Vec<_> = outputs.iter().map(|&output| (output, 1.0)).collect();
    let Joined { decoded, origins } = joined(&Task::ner(schema(), Mode::Fixed), ranges, &outputs);
    (decoded.entities.into_iter().map(|e| (e.label, e.start, e.end)).collect(), origins)
}

fn span(label: &str, start: usize, end: usize) -> Key {
    (label.to_owned(), start, end)
}

#[test]
fn each_window_answers_for_its_core() {
    // e and f are shared; the border is between them. What the other window says of them does not count.
    let first = "a b c [ d | first ] e [ f | first ]";
    let second = "[ e | second ] [ f | second ] g h i [ j | first ]";
    let (found, origins) = entities(&[first, second], &[(0, 6), (4, 10)]);
    assert_eq!(found, [span("A", 3, 4), span("B", 5, 6), span("A", 9, 10)]);
    assert_eq!(origins, [(0, 0), (1, 1), (1, 2)]);
    // Three are shared: the second window has the larger half.
    let (found, _) =
        entities(&["[ a | first ] b c d [ e | first ]", "c [ d | second ] e f"], &[(0, 5), (2, 6)]);
    assert_eq!(found, [span("A", 0, 1), span("B", 3, 4)]);
}

#[test]
fn a_span_over_the_middle_moves_the_border() {
    let first = "a b c d [ e f | first ]";
    let second = "[ e | second ] [ f | second ] g [ h | second ] i j";
    let (found, origins) = entities(&[first, second], &[(0, 6), (4, 10)]);
    assert_eq!((found, origins), (vec![span("A", 4, 6), span("B", 7, 8)], vec![(0, 0), (1, 2)]));
    // If only the later window sees one there, it starts before the border and does not count.
    let (found, _) = entities(&["a b c d e f", "[ e f | second ] g h i j"], &[(0, 6), (4, 10)]);
    assert_eq!(found, []);
}

#[test]
fn nested_spans_stay_together() {
    // The border moves from 5 behind the inner span and from there behind the outer one.
    let first = "a b [ c d [ [ e f | first ] g | second ] | first ]";
    let second = "d [ e | first ] [ f | first ] [ g [ h | second ] | second ] i j";
    let (found, origins) = entities(&[first, second], &[(0, 7), (3, 10)]);
    let expected = [span("A", 2, 7), span("B", 4, 7), span("A", 4, 6), span("B", 7, 8)];
    assert_eq!(
        (found.as_slice(), origins.as_slice()),
        (&expected[..], &[(0, 0), (0, 1), (0, 2), (1, 3)][..])
    );
}

#[test]
fn an_early_border_is_not_undone() {
    // The first two windows share b to f, the last two c to g; the first moves its border behind f.
    let outputs =
        ["a b [ c d e f | first ]", "b c [ d | second ] e [ f | second ] g", "c d e [ f g | second ] h"];
    let (found, origins) = entities(&outputs, &[(0, 6), (1, 7), (2, 8)]);
    assert_eq!((found, origins), (vec![span("A", 2, 6)], vec![(0, 0)]));
}

#[test]
fn relations_lead_over_borders() {
    let task = Task::joint_er(schema(), Mode::Fixed);
    let relations = |outputs: &[&str]| {
        let outputs: Vec<_> = outputs.iter().map(|&output| (output, 1.0)).collect();
        let joined = joined(&task, &[(0, 6), (3, 10)], &outputs);
        let owned = |r: FoundRelation| (r.head.start, r.tail.start);
        joined.decoded.relations.into_iter().map(owned).collect::<Vec<_>>()
    };
    // d to f are shared, the border is 4. The first window finds d → f, the second has f; it finds the same,
    // and f → h.
    let first = "a b c [ d | first | likes = f ] e [ f | second ]";
    let second = "[ d | first | likes = f ] e [ f | second | likes = h ] g [ h | first ] i j";
    assert_eq!(relations(&[first, second]), [(3, 5), (5, 7)]);
    assert_eq!(relations(&[first, "d e [ f | second ] g h i j"]), [(3, 5)]);
    // f is another thing to the second window.
    assert_eq!(relations(&[first, "d e [ f | first ] g h i j"]), []);
    assert_eq!(relations(&[first, "d e f g h i j"]), []);
}

#[test]
fn classes_have_the_largest_sum() {
    let task = Task::slots(schema(), Mode::Fixed);
    let ranges = [(0, 4), (3, 7), (6, 10)];
    let intent = |p: [f64; 3], names: [&str; 3]| {
        let texts = ["a b c d", "d [ e | first ] f g", "g h i j"];
        let outputs: Vec<_> = (0..3).map(|i| (format!("(( {} )) {}", names[i], texts[i]), p[i])).collect();
        let outputs: Vec<_> = outputs.iter().map(|(output, p)| (output.as_str(), *p)).collect();
        let found = joined(&task, &ranges, &outputs);
        assert_eq!(found.decoded.slots[0].key(), ("A", 4, 5));
        assert_eq!(found.origins, [(1, 0)]);
        found.decoded.intent
    };
    assert_eq!(intent([0.4, 0.25, 0.25], ["ex", "why", "why"]).as_deref(), Some("Y"));
    assert_eq!(intent([0.6, 0.25, 0.25], ["ex", "why", "why"]).as_deref(), Some("X"));
    assert_eq!(intent([0.5, 0.25, 0.25], ["why", "ex", "ex"]).as_deref(), Some("Y"));
    // One that is unknown does not count.
    assert_eq!(intent([0.9, 0.1, 0.9], ["zed", "ex", "zed"]).as_deref(), Some("X"));
    assert_eq!(intent([0.9, 0.1, 0.9], ["zed", "zed", "zed"]), None);

    let task = Task::text_classification(schema(), Mode::Fixed);
    let found = joined(&task, &ranges, &[("ex", 0.5), ("why", 0.3), ("why", 0.3)]);
    assert_eq!(found.decoded.label.as_deref(), Some("Y"));
}

#[test]
fn faults_are_those_of_all_windows() {
    let task = Task::ner(schema(), Mode::Fixed);
    let outputs = [("a b c d [ e | zed ] f", 1.0), ("e f g h i j ]", 1.0)];
    let Decoded { repairs, label_error, format_error, wrong_reconstruction, .. } =
        joined(&task, &[(0, 6), (4, 10)], &outputs).decoded;
    assert_eq!(repairs.iter().map(|repair| repair.at).collect::<Vec<_>>(), [8, 12]);
    assert!(label_error && format_error && !wrong_reconstruction);
}

#[test]
fn arguments_are_shifted() {
    let schema = schema().with_triggers([("T", "event")]).unwrap();
    let task = Task::event_arguments(schema, Mode::Fixed);
    let mut example = Example::new("abcdefghij".chars().map(String::from));
    example.triggers.push(crate::Entity::new("T", 5, 6));
    let window = [Chunk { offset: 4, example: part(&example, 4..8, 0) }];
    let decoded = task.decode(&window[0].example, "e f [ g | first | likes = f ] h");
    let joined = task.join_windows(&window, &[(&decoded, 1.0)]);
    let FoundArgument { entity, trigger, .. } = &joined.decoded.arguments[0];
    assert_eq!((entity.key(), trigger.key()), (("A", 6, 7), ("T", 5, 6)));
    assert_eq!(joined.origins, [(0, 0)]);
}
