//! Examples read in windows: what the windows are like, and what is found again if every window is answered
//! right.

use fishdip_tasks::{Chunk, Decoded, Entity, Error, Example, Joined, Mode, Relation, Task, TaskKind};
use proptest::prelude::*;

use crate::support::examples::{self, schema};
use crate::support::facts;

const KINDS: [TaskKind; 4] = [TaskKind::Ner, TaskKind::JointEr, TaskKind::Slots, TaskKind::EventTriggers];

/// Up to forty tokens with spans of at most eight that do not cross, and relations between them.
fn example() -> impl Strategy<Value = Example> {
    let token = prop::sample::select(vec!["a", "b", "[", ".", "”"]);
    let label = prop::sample::select(vec!["LOC", "PER"]);
    let span = (label, 0_usize..40, 1_usize..9);
    let link = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    let parts = (prop::collection::vec(token, 1..40), prop::collection::vec(span, 0..12));
    (parts, prop::collection::vec(link, 0..8)).prop_map(|((tokens, spans), links)| {
        let mut example = Example::new(tokens);
        let count = example.tokens.len();
        for (label, start, length) in spans {
            let span = Entity::new(label, start % count, (start % count + length).min(count));
            let crosses = |a: &Entity, b: &Entity| a.start < b.start && b.start < a.end && a.end < b.end;
            if !example.entities.iter().any(|known| crosses(known, &span) || crosses(&span, known)) {
                example.entities.push(span);
            }
        }
        if !example.entities.is_empty() {
            let at = |index: prop::sample::Index| index.index(example.entities.len());
            let links = links.into_iter().map(|(head, tail)| Relation::new("Kill", at(head), at(tail)));
            example.relations = links.collect();
        }
        (example.slots, example.triggers) = (example.entities.clone(), example.entities.clone());
        example.intent = Some("LOC".to_owned());
        example
    })
}

fn windows(task: &Task, example: &Example, most: usize) -> Vec<Chunk> {
    task.windows(example, &mut |part| Ok::<_, Error>(part.tokens.len() <= most)).unwrap()
}

/// What is joined if a model writes the right target for every one of `parts`.
fn answered(task: &Task, windows: &[Chunk], parts: &[Example]) -> Joined {
    let found: Vec<Decoded> = windows
        .iter()
        .zip(parts)
        .map(|(window, part)| task.decode(&window.example, &task.encode(part).unwrap().target))
        .collect();
    let found: Vec<_> = found.iter().map(|decoded| (decoded, 0.5)).collect();
    task.join_windows(windows, &found)
}

/// The window with the gold of `example` that lies whole within it.
fn with_gold(example: &Example, window: &Chunk) -> Example {
    let (start, end) = (window.offset, window.offset + window.example.tokens.len());
    let mut part = Example::new(example.tokens[start..end].to_vec());
    let mut places = Vec::new();
    for entity in &example.entities {
        let within = start <= entity.start && entity.end <= end;
        places.push(within.then_some(part.entities.len()));
        if within {
            part.entities.push(Entity::new(&*entity.label, entity.start - start, entity.end - start));
        }
    }
    for relation in &example.relations {
        if let (Some(head), Some(tail)) = (places[relation.head], places[relation.tail]) {
            part.relations.push(Relation::new(&*relation.label, head, tail));
        }
    }
    (part.slots, part.triggers) = (part.entities.clone(), part.entities.clone());
    part.intent.clone_from(&example.intent);
    part
}

/// `example` with the entities for which `kept` holds, and the relations between two of them that `together`
/// accepts.
fn only(
    example: &Example,
    kept: impl Fn(&Entity) -> bool,
    together: impl Fn(&Entity, &Entity) -> bool,
) -> Example {
    let mut some = example.clone();
    let entities = &example.entities;
    let dropped = |i: usize| !kept(&entities[i]);
    some.relations
        .retain(|r| !dropped(r.head) && !dropped(r.tail) && together(&entities[r.head], &entities[r.tail]));
    let place: Vec<usize> =
        (0..entities.len()).map(|i| entities[..i].iter().filter(|e| kept(e)).count()).collect();
    for relation in &mut some.relations {
        (relation.head, relation.tail) = (place[relation.head], place[relation.tail]);
    }
    some.entities.retain(|entity| kept(entity));
    (some.slots, some.triggers) = (some.entities.clone(), some.entities.clone());
    some
}

fn holds(windows: &[Chunk], start: usize, end: usize) -> bool {
    windows.iter().any(|w| w.offset <= start && end <= w.offset + w.example.tokens.len())
}

fn origins_are_right(joined: &Joined, windows: &[Chunk]) -> Result<(), TestCaseError> {
    prop_assert_eq!(joined.decoded.spans().count(), joined.origins.len());
    for (span, &(window, _)) in joined.decoded.spans().zip(&joined.origins) {
        prop_assert!(holds(&windows[window..=window], span.start, span.end));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn windows_fit_cover_and_overlap(
        lengths in prop::collection::vec(prop_oneof![3 => 1_usize..4, 1 => 1_usize..20], 1..60),
        stops in prop::collection::vec(any::<bool>(), 60),
        more in 0_usize..30,
    ) {
        let token = |(&length, &stop): (&usize, &bool)| if stop { ".".repeat(length) } else { "x".repeat(length) };
        let example = Example::new(lengths.iter().zip(&stops).map(token));
        let most = lengths.iter().max().unwrap() + more;
        let length = |tokens: &[String]| tokens.iter().map(String::len).sum::<usize>();
        let task = Task::ner(schema(), Mode::Fixed);
        let found = task.windows(&example, &mut |part| Ok::<_, Error>(length(&part.tokens) <= most)).unwrap();
        let (mut start, mut end) = (0, 0);
        for (i, window) in found.iter().enumerate() {
            let next = window.offset + window.example.tokens.len();
            prop_assert_eq!(&window.example.tokens[..], &example.tokens[window.offset..next]);
            prop_assert!(length(&window.example.tokens) <= most);
            prop_assert!(next > end && (i == 0 || window.offset > start));
            // Nothing is shared only where not even two tokens fit together.
            prop_assert!(window.offset < end || i == 0 || length(&example.tokens[end - 1..=end]) > most);
            prop_assert!(window.offset <= end);
            (start, end) = (window.offset, next);
        }
        prop_assert_eq!(end, example.tokens.len());
    }

    #[test]
    fn one_window_says_what_it_says(example in examples::example(examples::token())) {
        for kind in TaskKind::ALL {
            let task = Task::new(kind, schema(), Mode::Fixed);
            for example in task.instances(&example) {
                let windows = task.windows(&example, &mut |_| Ok::<_, Error>(true)).unwrap();
                let decoded = task.decode(&example, &task.encode(&example).unwrap().target);
                let joined = task.join_windows(&windows, &[(&decoded, 0.5)]);
                prop_assert_eq!(facts::found(kind, &joined.decoded), facts::found(kind, &decoded));
                let places: Vec<_> = (0..decoded.spans().count()).map(|place| (0, place)).collect();
                prop_assert_eq!(joined.origins, places);
            }
        }
    }

    /// Where the windows do not know the gold, what is found is gold, and all of it that has no more tokens
    /// than half of what neighbours share, rounded up, and one.
    #[test]
    fn short_spans_are_found_again(example in example(), most in 1_usize..20) {
        for kind in KINDS {
            let task = Task::new(kind, schema(), Mode::Fixed);
            let windows = windows(&task, &task.prediction_input(&example), most);
            let parts: Vec<_> = windows.iter().map(|window| with_gold(&example, window)).collect();
            let joined = answered(&task, &windows, &parts);
            origins_are_right(&joined, &windows)?;
            let found = facts::found(kind, &joined.decoded);
            let gold = facts::gold(kind, &example, &[]);
            prop_assert!(found.iter().all(|fact| gold.contains(fact)), "{found:?} of {gold:?}");
            let shared = windows.windows(2).map(|w| w[0].offset + w[0].example.tokens.len() - w[1].offset).min();
            let short = shared.map_or(usize::MAX, |shared| shared.div_ceil(2) + 1);
            let short = only(
                &example,
                |span| span.end - span.start <= short,
                |head, tail| holds(&windows, head.start.min(tail.start), head.end.max(tail.end)),
            );
            let short = facts::gold(kind, &short, &[]);
            prop_assert!(short.iter().all(|fact| found.contains(fact)), "{short:?} in {found:?}");
        }
    }

    /// Where they do, as in training, all spans that fit in a window are whole in one, no border cuts one,
    /// and the targets of the windows say exactly these spans, and the relations between any two of them in
    /// one window.
    #[test]
    fn lessons_hold_all_that_fits(example in example(), most in 1_usize..20) {
        for kind in KINDS {
            let task = Task::new(kind, schema(), Mode::Fixed);
            let windows = windows(&task, &example, most);
            let fits = |span: &Entity| span.end - span.start <= most;
            for span in example.entities.iter().filter(|span| fits(span)) {
                let cuts = |border: usize| span.start < border && border < span.end;
                prop_assert!(holds(&windows, span.start, span.end));
                prop_assert!(!windows.iter().any(|w| cuts(w.offset) || cuts(w.offset + w.example.tokens.len())));
            }
            let parts: Vec<_> = windows.iter().map(|window| window.example.clone()).collect();
            prop_assert!(parts.iter().all(|part| part.tokens.len() <= most));
            let joined = answered(&task, &windows, &parts);
            origins_are_right(&joined, &windows)?;
            let seen = only(
                &example,
                fits,
                |head, tail| holds(&windows, head.start.min(tail.start), head.end.max(tail.end)),
            );
            prop_assert_eq!(facts::found(kind, &joined.decoded), facts::gold(kind, &seen, &[]));
            let everything = facts::gold(kind, &example, &[]) == facts::gold(kind, &seen, &[]);
            prop_assert_eq!(task.seen_whole(&example, &windows), everything);
            prop_assert!(joined.decoded.repairs.is_empty());
        }
    }
}
