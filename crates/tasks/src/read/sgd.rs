//! Schema-Guided Dialogue, and MultiWOZ 2.2, which has its layout.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::dialogues::{LEFT_OUT, said, split_name};
use super::json::{self, InOrder, Item, layouts};
use super::{NoteKind, Notes};
use crate::{Belief, Example, Result};

#[derive(Deserialize)]
struct Dialogue {
    turns: Vec<Turn>,
    #[serde(default, rename = "services")]
    _services: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    speaker: Speaker,
    utterance: String,
    frames: Vec<Frame>,
    #[serde(default, rename = "turn_id")]
    _number: IgnoredAny,
}

#[derive(PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Speaker {
    User,
    System,
}

/// What a turn says of a service; the system's say nothing of the state.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame {
    service: String,
    state: Option<State>,
    #[serde(default, rename = "actions")]
    _actions: IgnoredAny,
    #[serde(default, rename = "slots")]
    _slots: IgnoredAny,
    #[serde(default, rename = "service_call")]
    _call: IgnoredAny,
    #[serde(default, rename = "service_results")]
    _results: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    slot_values: InOrder<Vec<String>>,
    #[serde(default)]
    active_intent: String,
    #[serde(default, rename = "requested_slots")]
    _requested: IgnoredAny,
}

/// `[{"dialogue_id", "services", "turns": [{"speaker", "utterance", "frames": [{"service", "state": {"slot_values"}}]}]}]`,
/// one example for each turn of the user: the history up to the turn, and the state after it, of alternative
/// values the first. A service that a turn says nothing of keeps its state. Services and slots are called as
/// in the file; but those of MultiWOZ 2.2, whose slots begin with their service, as in its version 2.1.
pub(super) fn dialogues(reader: impl Read, file: &Path, notes: &Notes) -> Result<Vec<Result<Example>>> {
    Ok(json::flat(json::each(reader, file, &layouts::SGD, |item| turns(item, notes))?).collect())
}

fn turns(item: &Item<'_>, notes: &Notes) -> Result<Vec<Example>> {
    let Dialogue { turns, .. } = item.read()?;
    let mut history = String::new();
    let mut states: BTreeMap<String, State> = BTreeMap::new();
    let mut examples = Vec::new();
    for (number, turn) in turns.into_iter().enumerate() {
        let text = turn.utterance.trim();
        if turn.speaker == Speaker::System {
            history.extend(["[Agent]: ", text, " ; "]);
            continue;
        }
        history.extend(["[User]: ", text, " ; "]);
        for frame in turn.frames {
            if let Some(state) = frame.state {
                states.insert(frame.service, state);
            }
        }
        let at = item.at().of(&format!("turn {number}"));
        if only_left_out(&states) {
            notes.add(
                NoteKind::LeftOut,
                Some(&at),
                "it is about the police or the hospital, of which hardly anything is annotated",
            );
            continue;
        }
        examples.push(Example {
            id: format!("{}:{number}", item.id()),
            history: Some(history.trim().to_owned()),
            belief: beliefs(&states),
            origin: Some(at),
            ..Example::default()
        });
    }
    Ok(examples)
}

/// Whether a turn of MultiWOZ is about nothing else than what its readers leave out.
fn only_left_out(states: &BTreeMap<String, State>) -> bool {
    let mut active =
        states.iter().filter(|(_, state)| !matches!(state.active_intent.as_str(), "" | "NONE")).peekable();
    active.peek().is_some() && active.all(|(service, _)| LEFT_OUT.contains(&service.as_str()))
}

fn beliefs(states: &BTreeMap<String, State>) -> Vec<Belief> {
    let mut beliefs = Vec::new();
    for (service, state) in states {
        for (slot, values) in &state.slot_values.0 {
            let Some(value) = values.first() else { continue };
            // MultiWOZ 2.2 has "hotel-bookday" where 2.1 has "book day".
            let Some(slot) = slot.strip_prefix(service).and_then(|slot| slot.strip_prefix('-')) else {
                beliefs.push(Belief::new(service, slot, value));
                continue;
            };
            if LEFT_OUT.contains(&service.as_str()) {
                continue;
            }
            let slot = slot
                .strip_prefix("book")
                .map_or_else(|| split_name(slot).to_owned(), |slot| format!("book {slot}"));
            beliefs.extend(said(value).map(|value| Belief::new(service, slot, value)));
        }
    }
    beliefs.sort();
    beliefs
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Vec<Result<Example>> {
        dialogues(text.as_bytes(), Path::new("dialogues_001.json"), &Notes::default()).unwrap()
    }

    #[test]
    fn a_service_keeps_its_state_while_another_is_spoken_of() {
        let examples = read(
            r#"[{"dialogue_id": "1_00000", "services": ["Restaurants_1", "Weather_1"], "turns": [
              {"speaker": "USER", "utterance": "Find me food in Oslo", "frames": [{"service": "Restaurants_1", "actions": [], "slots": [],
                "state": {"active_intent": "FindRestaurants", "requested_slots": [], "slot_values": {"city": ["Oslo", "oslo"]}}}]},
              {"speaker": "SYSTEM", "utterance": "What kind?", "frames": [{"service": "Restaurants_1", "actions": [], "slots": [], "service_call": {}, "service_results": []}]},
              {"speaker": "USER", "utterance": "Will it rain?", "frames": [{"service": "Weather_1", "actions": [], "slots": [],
                "state": {"active_intent": "GetWeather", "requested_slots": [], "slot_values": {"city": ["Oslo"]}}}]}]}]"#,
        );
        let last = examples[1].as_ref().unwrap();
        assert_eq!(last.id, "1_00000:2");
        assert_eq!(
            last.history.as_deref(),
            Some("[User]: Find me food in Oslo ; [Agent]: What kind? ; [User]: Will it rain? ;")
        );
        assert_eq!(
            last.belief,
            [Belief::new("Restaurants_1", "city", "Oslo"), Belief::new("Weather_1", "city", "Oslo")]
        );
    }

    #[test]
    fn multiwoz_2_2_has_the_names_of_2_1() {
        let examples = read(
            r#"[{"dialogue_id": "A.json", "services": ["hotel"], "turns": [{"speaker": "USER", "turn_id": "0", "utterance": "hi", "frames": [{"actions": [], "service": "hotel", "slots": [],
              "state": {"active_intent": "find_hotel", "requested_slots": [], "slot_values": {"hotel-pricerange": ["Cheap"], "hotel-bookday": ["friday"], "hotel-area": ["do n't care"]}}}]}]}]"#,
        );
        let expected = [("area", "dontcare"), ("book day", "friday"), ("price range", "cheap")];
        assert_eq!(
            examples[0].as_ref().unwrap().belief,
            expected.map(|(slot, value)| Belief::new("hotel", slot, value))
        );
    }

    #[test]
    fn what_is_not_known_names_the_dialogue() {
        let text = r#"[{"dialogue_id": "B", "services": [], "turns": [{"speaker": "USR", "utterance": "hi", "frames": []}]},
            {"dialogue_id": "C", "services": [], "turns": [{"speaker": "USER", "utterance": "hi", "frames": [{"service": "s", "states": {}}]}]}]"#;
        let messages: Vec<String> = read(text).into_iter().map(|e| e.unwrap_err().to_string()).collect();
        assert!(
            messages[0].starts_with("failed to read dialogues_001.json:1, dialogue B: turns[0].speaker: "),
            "{messages:?}"
        );
        assert!(messages[1].contains("dialogues_001.json:2, dialogue C: turns[0].frames[0]: the key \"states\" is not known; did you mean \"state\"?"), "{messages:?}");
    }
}
