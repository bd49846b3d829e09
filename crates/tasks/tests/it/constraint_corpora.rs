//! The gold of real corpora is what the constraint allows, in the pieces of the real T5, where they are at
//! hand.

use std::path::Path;
use std::time::Instant;

use fishdip_tasks::constraint::State;
use fishdip_tasks::read::ConllReader;
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::{Entity, Example, Mode, Naming, OutputConstraint, Schema, Task};

use crate::support::corpora;
use crate::support::vocabularies::{Bytes, Sentencepiece, Whole};

fn conll2003(data: &Path, name: &str) -> Vec<Example> {
    let file = data.join("conll2003").join(name);
    ConllReader::open(&file, TagScheme::Auto).unwrap().map(Result::unwrap).collect()
}

fn conll04(data: &Path, name: &str) -> Vec<Example> {
    serde_json::from_slice(&std::fs::read(data.join("conll04").join(name)).unwrap()).unwrap()
}

/// Utterances, their tags and intents in files of their own, line by line.
fn utterances(folder: &Path) -> Vec<Example> {
    let read = |name| std::fs::read_to_string(folder.join(name)).unwrap();
    let (words, tags, intents) = (read("seq.in"), read("seq.out"), read("label"));
    let lines = words.lines().zip(tags.lines()).zip(intents.lines());
    lines.map(|((words, tags), intent)| utterance(words, tags, intent)).collect()
}

fn utterance(words: &str, tags: &str, intent: &str) -> Example {
    let mut example = Example::new(words.split_whitespace());
    example.intent = Some(intent.trim().to_owned());
    for (at, tag) in tags.split_whitespace().enumerate() {
        match (tag.split_once('-'), example.slots.last_mut()) {
            (Some(("I", _)), Some(last)) if last.end == at => last.end += 1,
            (Some((_, label)), _) => example.slots.push(Entity::new(label, at, at + 1)),
            (None, _) => {}
        }
    }
    example
}

/// How many ids there are, and in how many calls of a model they are written if it verifies up to 16 drafted
/// ones at once.
fn calls(start: &State, gold: &[u32]) -> usize {
    let (mut state, mut draft, mut calls, mut at) = (start.clone(), Vec::new(), 0, 0);
    while at < gold.len() {
        calls += 1;
        state.draft(16, &mut draft);
        let agreed = draft.iter().zip(&gold[at..]).take_while(|(a, b)| a == b).count();
        // The call gives the id behind the agreed ones as well.
        let end = (at + agreed + 1).min(gold.len());
        for &id in &gold[at..end] {
            assert!(state.advance(id));
        }
        at = end;
    }
    calls
}

fn check(name: &str, task: &Task, examples: &[Example], pieces: &impl Whole) {
    assert!(!examples.is_empty());
    let constraint = OutputConstraint::new(task, pieces).unwrap();
    let (mut ids, mut in_calls, mut legal, mut slowest) = (0, 0, Vec::new(), 0.0_f64);
    let (mut in_legal, mut in_advance, mut in_start) = (0.0, 0.0, 0.0);
    for example in examples {
        let encoded = task.encode(example).unwrap();
        let gold = pieces.text(&encoded.target);
        let now = Instant::now();
        let start = constraint.start_within(example, pieces, 512.max(2 * gold.len())).unwrap();
        in_start += now.elapsed().as_secs_f64();
        let mut state = start.clone();
        for (at, &id) in gold.iter().enumerate() {
            let now = Instant::now();
            state.legal(&mut legal);
            let seconds = now.elapsed().as_secs_f64();
            (in_legal, slowest) = (in_legal + seconds, slowest.max(seconds));
            assert!(legal.binary_search(&id).is_ok(), "{name}: {:?} at {at} of {gold:?}", encoded.target);
            let now = Instant::now();
            assert!(state.advance(id), "{name}: {:?}", encoded.target);
            in_advance += now.elapsed().as_secs_f64();
        }
        assert!(state.done(), "{name}: {:?}", encoded.target);
        assert_eq!(start.render(&gold).unwrap().text, encoded.target, "{name}");
        ids += gold.len();
        in_calls += calls(&start, &gold);
    }
    let micro = |seconds: f64, count: usize| 1e6 * seconds / count as f64;
    eprintln!(
        "{name}: {} examples, {ids} ids, {in_calls} calls; microseconds: start {:.0}, legal {:.2} (at most {:.0}), advance {:.2}",
        examples.len(),
        micro(in_start, examples.len()),
        micro(in_legal, ids),
        1e6 * slowest,
        micro(in_advance, ids),
    );
}

fn check_all(task: &Task, examples: &[Example], data: &Path) {
    check("T5", task, examples, &Sentencepiece::load(&data.join("t5-tokenizer")));
    check("nano", task, examples, &Sentencepiece::nano());
    check("bytes", task, examples, &Bytes);
}

#[test]
fn conll2003_is_allowed() {
    let Some(data) = corpora() else { return };
    let examples = conll2003(&data, "eng.testb");
    check_all(&Task::ner(Schema::conll03(), Mode::Fixed), &examples, &data);
}

#[test]
fn conll04_is_allowed() {
    let Some(data) = corpora() else { return };
    let task = Task::joint_er(Schema::conll04(), Mode::Fixed).with_prefix("conll04");
    let examples = ["train", "dev", "test"].map(|split| conll04(&data, &format!("conll04_{split}.json")));
    check_all(&task, &examples.concat(), &data);
}

#[test]
fn atis_and_snips_are_allowed() {
    let Some(data) = corpora() else { return };
    for (name, naming) in [("atis", Naming::Atis), ("snips", Naming::Snips)] {
        let train = utterances(&data.join(name).join("train"));
        let test = utterances(&data.join(name).join("test"));
        let schema = Schema::seen(train.iter().chain(&test), naming).unwrap();
        check_all(&Task::slots(schema, Mode::Fixed), &test, &data);
    }
}
