//! Dialogues with what the user has asked for so far.

mod labels;
mod normalize;
mod trade;

use std::fmt;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::json::{self, InOrder, Item, layouts};
use super::{NoteKind, Notes};
use crate::{Belief, Example, Quirks, Result};

/// Slots whose names the original writes in two words.
const SPLIT_NAMES: [(&str, &str); 3] =
    [("leaveat", "leave at"), ("pricerange", "price range"), ("arriveby", "arrive by")];
/// Turns about these are left out, as in the original: hardly any slot of theirs is annotated.
pub(super) const LEFT_OUT: [&str; 2] = ["police", "hospital"];

/// A turn of the file that the original makes out of TRADE's:
/// `{"examples": [{"ID", "turn_id", "dialog_history", "turn_belief"}]}`, each belief `domain-slot-value`.
pub(super) fn prepared(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Turn {
        #[serde(rename = "turn_id")]
        number: Value,
        #[serde(rename = "dialog_history")]
        history: String,
        #[serde(rename = "turn_belief")]
        belief: Vec<String>,
    }
    let text = json::text(reader, file)?;
    let mut examples = Vec::new();
    for entry in Item::whole(&text, file).entries("the list", &layouts::MULTIWOZ_PREPARED)? {
        let (key, turns) = entry?;
        if key != "examples" {
            return Err(
                turns.problem("the key is not known; a file of prepared dialogues has \"examples\" alone")
            );
        }
        examples.extend(turns.items(&layouts::MULTIWOZ_PREPARED).map(|item| {
            let item = item?;
            let turn: Turn = item.read()?;
            let belief = |belief: &String| {
                let mut parts = belief.splitn(3, '-');
                let parts = (parts.next(), parts.next(), parts.next());
                let (Some(domain), Some(slot), Some(value)) = parts else {
                    return Err(
                        item.problem(format!("expected beliefs as \"domain-slot-value\", found {belief:?}"))
                    );
                };
                Ok(Belief::new(domain, slot, value))
            };
            Ok(Example {
                id: format!("{}:{}", item.id(), turn.number),
                history: Some(turn.history),
                belief: turn.belief.iter().map(belief).collect::<Result<_>>()?,
                origin: Some(item.at().of(&format!("turn {}", turn.number))),
                ..Example::default()
            })
        }));
    }
    Ok(examples)
}

/// A dialogue of MultiWOZ 2.1.
#[derive(Deserialize)]
struct Dialogue {
    log: Vec<Utterance>,
}

/// User and system take turns, the user first; the state after a user's turn stands with the system's answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Utterance {
    text: String,
    #[serde(default)]
    metadata: InOrder<Domain>,
    #[serde(default)]
    dialog_act: Acts,
    // Where the values stand, and what refers to what in version 2.3.
    #[serde(default, rename = "span_info")]
    _spans: IgnoredAny,
    #[serde(default, rename = "coreference")]
    _coreference: IgnoredAny,
    #[serde(default, rename = "turn_id")]
    _number: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Domain {
    #[serde(default)]
    semi: InOrder<Value>,
    #[serde(default)]
    book: InOrder<Value>,
}

/// The raw dialogues of MultiWOZ 2.1, one example for each turn of the user: the history up to the turn, and the
/// state after it. The domain of a turn is that of its first act, in the order of the file; or texts, values and
/// domains are as the original has them, prepared by [TRADE](trade).
pub(super) fn multiwoz(
    reader: impl Read,
    file: &Path,
    quirks: Quirks,
    notes: &Notes,
) -> Result<Vec<Result<Example>>> {
    let text = json::text(reader, file)?;
    let whole = Item::whole(&text, file);
    let turns = |item: &Item<'_>, name: &str| {
        let dialogue: Dialogue = item.read()?;
        if quirks.prepare_as_trade {
            return trade::turns(item, name, &dialogue, notes);
        }
        turns(item, name, &dialogue, notes)
    };
    if !whole.is_object() {
        // A list of dialogues is a later version, and the message of its first says so.
        return Ok(json::flat(whole.items(&layouts::MULTIWOZ).map(|item| turns(&item?, ""))).collect());
    }
    let dialogues = whole.entries("dialogue", &layouts::MULTIWOZ)?.map(|entry| {
        let (name, item) = entry?;
        turns(&item, &name)
    });
    Ok(json::flat(dialogues).collect())
}

fn turns(item: &Item<'_>, name: &str, dialogue: &Dialogue, notes: &Notes) -> Result<Vec<Example>> {
    let (mut history, mut domain) = (String::new(), String::new());
    let (mut examples, mut agent) = (Vec::new(), "");
    for (turn, pair) in dialogue.log.chunks(2).enumerate() {
        let at = item.at().of(&format!("turn {turn}"));
        let [user, system] = pair else {
            notes.add(
                NoteKind::LeftOut,
                Some(&at),
                "the state would stand with an answer of the system, and there is none",
            );
            break;
        };
        if !agent.is_empty() {
            history.extend(["[Agent]: ", agent, " ; "]);
        }
        history.extend(["[User]: ", user.text.trim(), " ; "]);
        agent = system.text.trim();
        if let Some(now) = domain_of(&user.dialog_act) {
            domain = now;
        }
        if LEFT_OUT.contains(&domain.as_str()) {
            notes.add(
                NoteKind::LeftOut,
                Some(&at),
                format!("it is about the {domain}, of which hardly anything is annotated"),
            );
            continue;
        }
        examples.push(Example {
            id: format!("{name}:{turn}"),
            history: Some(history.trim().to_owned()),
            belief: state(&system.metadata)
                .map_err(|problem| item.problem(format!("turn {turn}: {problem}")))?,
            origin: Some(at),
            ..Example::default()
        });
    }
    Ok(examples)
}

/// What the user speaks of: the domain of the first act that has one.
fn domain_of(acts: &Acts) -> Option<String> {
    let names = acts.0.iter().filter_map(|act| act.split_once('-'));
    let mut domains = names.map(|(domain, _)| domain.to_lowercase());
    domains.find(|domain| domain != "general" && domain != "booking")
}

fn state(metadata: &InOrder<Domain>) -> Result<Vec<Belief>, String> {
    let mut beliefs = Vec::new();
    for (domain, slots) in &metadata.0 {
        let book = slots.book.0.iter().filter(|(slot, _)| *slot != "booked");
        let book = book.map(|(slot, value)| (format!("book {}", slot.to_lowercase()), value));
        let semi = slots.semi.0.iter().map(|(slot, value)| (slot.to_lowercase(), value));
        for (slot, value) in book.chain(semi) {
            let value = asked_for(value)
                .map_err(|value| format!("the {slot} of the {domain} is {value}, which is no text"))?;
            let Some(value) = value else { continue };
            if !LEFT_OUT.contains(&domain.as_str()) {
                beliefs.push(Belief::new(domain, split_name(&slot), value));
            }
        }
    }
    beliefs.sort();
    Ok(beliefs)
}

/// The name of a slot in words.
pub(super) fn split_name(slot: &str) -> &str {
    SPLIT_NAMES.iter().find(|(name, _)| *name == slot).map_or(slot, |(_, split)| split)
}

/// A value that says something. What is no text is an error.
fn asked_for(value: &Value) -> Result<Option<String>, &Value> {
    Ok(text_of(value)?.and_then(said))
}

/// The text of a value. Of several the first counts. What is no text is an error.
fn text_of(value: &Value) -> Result<Option<&str>, &Value> {
    match value {
        Value::String(text) => Ok(Some(text)),
        Value::Array(several) => several.first().map_or(Ok(None), text_of),
        Value::Null => Ok(None),
        other => Err(other),
    }
}

/// A value that says something, in small letters; the first of alternatives with `|` between them.
pub(super) fn said(text: &str) -> Option<String> {
    let text = text.split('|').next().unwrap_or_default().trim().to_lowercase();
    match text.as_str() {
        "" | "not mentioned" | "none" => None,
        "dontcare" | "dont care" | "don't care" | "do not care" | "do nt care" | "do n't care" => {
            Some("dontcare".to_owned())
        }
        _ => Some(text),
    }
}

/// The names of the dialogue acts of a turn, in the order of the file; a text stands there where nobody
/// annotated any.
#[derive(Default)]
struct Acts(Vec<String>);

impl<'de> Deserialize<'de> for Acts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Names)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Acts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Acts, A::Error> {
        let mut names = Vec::new();
        while let Some((name, _)) = map.next_entry::<String, IgnoredAny>()? {
            names.push(name);
        }
        Ok(Acts(names))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Acts, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Acts::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Acts, E> {
        Ok(Acts::default())
    }

    fn visit_unit<E>(self) -> Result<Acts, E> {
        Ok(Acts::default())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> (Vec<Result<Example>>, Vec<NoteKind>) {
        let notes = Notes::default();
        let examples = multiwoz(text.as_bytes(), Path::new("data.json"), Quirks::NONE, &notes).unwrap();
        (examples, notes.take().iter().map(|note| note.kind).collect())
    }

    const TAXI: &str = r#"{"T1.json": {"goal": {}, "log": [
        {"text": "A taxi to the police station", "dialog_act": {"Taxi-Inform": [], "Police-Inform": []}, "metadata": {}},
        {"text": "Ok", "metadata": {"taxi": {"book": {"booked": []}, "semi": {"arriveBy": "16:45"}}}}]}}"#;

    #[test]
    fn the_domain_of_a_turn_is_that_of_its_first_act_in_the_file() {
        let (examples, notes) = read(TAXI);
        assert_eq!(examples[0].as_ref().unwrap().belief, [Belief::new("taxi", "arrive by", "16:45")]);
        assert!(notes.is_empty());
        let turned = TAXI.replace(
            r#""Taxi-Inform": [], "Police-Inform": []"#,
            r#""Police-Inform": [], "Taxi-Inform": []"#,
        );
        let (examples, notes) = read(&turned);
        assert_eq!((examples.len(), notes), (0, vec![NoteKind::LeftOut]));
    }

    #[test]
    fn what_cannot_be_read_names_the_dialogue() {
        let cases = [
            (
                TAXI.replace("\"16:45\"", "[1]"),
                "data.json:1, dialogue \"T1.json\": turn 0: the arriveby of the taxi is 1",
            ),
            (TAXI.replace("\"semi\"", "\"seme\""), "the key \"seme\" is not known; did you mean \"semi\"?"),
            (TAXI.replace("\"log\"", "\"turns\""), "dialogue \"T1.json\": the key \"turns\" is not known"),
        ];
        for (text, expected) in cases {
            let message = read(&text).0[0].as_ref().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn version_2_2_is_told_from_2_1() {
        let text = r#"[{"dialogue_id": "X1.json", "services": ["hotel"], "turns": [{"speaker": "USER", "turn_id": "0", "utterance": "hi", "frames": []}]}]"#;
        let message = read(text).0[0].as_ref().unwrap_err().to_string();
        assert!(message.contains("MultiWOZ 2.2") && message.contains("`sgd`"), "{message}");
    }
}
