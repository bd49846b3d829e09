//! Dialogues with what the user has asked for so far.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::json;
use crate::{Belief, Example, Origin, Result};

/// Slots whose names the original writes in two words.
const SPLIT_NAMES: [(&str, &str); 3] =
    [("leaveat", "leave at"), ("pricerange", "price range"), ("arriveby", "arrive by")];
/// Turns about these are left out, as in the original: hardly any slot of theirs is annotated.
const LEFT_OUT: [&str; 2] = ["police", "hospital"];

/// A turn of the file that the original makes out of TRADE's: `{"examples": [{"ID", "turn_id", "dialog_history", "turn_belief"}]}`, each belief
/// `domain-slot-value`.
pub(super) fn prepared(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct File {
        examples: Vec<Turn>,
    }
    #[derive(Deserialize)]
    struct Turn {
        #[serde(rename = "ID")]
        id: String,
        #[serde(rename = "turn_id")]
        number: serde_json::Value,
        #[serde(rename = "dialog_history")]
        history: String,
        #[serde(rename = "turn_belief")]
        belief: Vec<String>,
    }
    let file_content: File = json::document(reader, file)?;
    let at = Origin::new(file, 1);
    let example = |turn: Turn| {
        let belief = turn.belief.iter().filter_map(|belief| {
            let mut parts = belief.splitn(3, '-');
            Some(Belief::new(parts.next()?, parts.next()?, parts.next()?))
        });
        Ok(Example {
            id: format!("{}:{}", turn.id, turn.number),
            history: Some(turn.history),
            belief: belief.collect(),
            origin: Some(at.clone()),
            ..Example::default()
        })
    };
    Ok(file_content.examples.into_iter().map(example).collect())
}

/// One dialogue of MultiWOZ 2.1's `data.json`.
#[derive(Deserialize)]
struct Dialogue {
    log: Vec<Utterance>,
}

/// User and system take turns, the user first; the state after a user's turn stands with the system's answer.
#[derive(Deserialize)]
struct Utterance {
    text: String,
    #[serde(default)]
    metadata: BTreeMap<String, Domain>,
    #[serde(default)]
    dialog_act: serde_json::Value,
}

#[derive(Deserialize)]
struct Domain {
    #[serde(default)]
    semi: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    book: BTreeMap<String, serde_json::Value>,
}

/// The raw dialogues of MultiWOZ 2.1, one example for each turn of the user, prepared as TRADE and then the original do: the history up to the
/// turn, and the state after it.
pub(super) fn multiwoz(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    let dialogues: serde_json::Map<String, serde_json::Value> = json::document(reader, file)?;
    let at = Origin::new(file, 1);
    let mut examples = Vec::new();
    for (name, dialogue) in dialogues {
        let dialogue: Dialogue = serde_json::from_value(dialogue).map_err(|source| crate::Error::Json {
            at: at.clone(),
            column: 0,
            reason: format!("dialogue {name:?}: {source}"),
        })?;
        let (mut history, mut domain) = (String::new(), String::new());
        let mut agent = "";
        for (turn, pair) in dialogue.log.chunks(2).enumerate() {
            let [user, system] = pair else { break };
            if !agent.is_empty() {
                history.extend(["[Agent]: ", agent, " ; "]);
            }
            history.extend(["[User]: ", user.text.trim(), " ; "]);
            agent = system.text.trim();
            if let Some(now) = domain_of(&user.dialog_act) {
                domain = now;
            }
            if LEFT_OUT.contains(&domain.as_str()) {
                continue;
            }
            examples.push(Ok(Example {
                id: format!("{name}:{turn}"),
                history: Some(history.trim().to_owned()),
                belief: state(&system.metadata),
                origin: Some(at.clone()),
                ..Example::default()
            }));
        }
    }
    Ok(examples)
}

/// What the user speaks of: the domain of the first act that has one.
fn domain_of(acts: &serde_json::Value) -> Option<String> {
    let names = acts.as_object()?.keys().filter_map(|act| act.split_once('-'));
    let mut domains = names.map(|(domain, _)| domain.to_lowercase());
    domains.find(|domain| domain != "general" && domain != "booking")
}

fn state(metadata: &BTreeMap<String, Domain>) -> Vec<Belief> {
    let mut beliefs = Vec::new();
    for (domain, slots) in metadata {
        let book = slots.book.iter().filter(|(slot, _)| *slot != "booked");
        let book = book.map(|(slot, value)| (format!("book {}", slot.to_lowercase()), value));
        let semi = slots.semi.iter().map(|(slot, value)| (slot.to_lowercase(), value));
        for (slot, value) in book.chain(semi) {
            let Some(value) = asked_for(value) else { continue };
            let split = SPLIT_NAMES.iter().find(|(name, _)| *name == slot);
            let slot = split.map_or(slot.as_str(), |(_, split)| split);
            if !LEFT_OUT.contains(&domain.as_str()) {
                beliefs.push(Belief::new(domain, slot, value));
            }
        }
    }
    beliefs.sort();
    beliefs
}

/// A value that says something. Of alternatives the first counts.
fn asked_for(value: &serde_json::Value) -> Option<String> {
    let text = match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Array(several) => several.first()?.as_str()?,
        _ => return None,
    };
    let text = text.split('|').next().unwrap_or_default().trim().to_lowercase();
    match text.as_str() {
        "" | "not mentioned" | "none" => None,
        "dontcare" | "dont care" | "don't care" | "do not care" | "do nt care" | "do n't care" => {
            Some("dontcare".to_owned())
        }
        _ => Some(text),
    }
}
