//! Dialogues prepared as TRADE (Wu et al. 2019) and then the original program do, slips included: texts and values
//! are [normalized](normalize), dialogues that TRADE takes for wrong are left out, and a turn is about the first
//! domain, in the order of the file, whose state it changes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::json::{InOrder, Item};
use super::super::{NoteKind, Notes};
use super::labels::mended;
use super::normalize::normalize;
use super::{Dialogue, Domain, LEFT_OUT, split_name, text_of};
use crate::{Belief, Example, Result};

/// More words make a dialogue wrong.
const LONGEST: usize = 50;

/// The domains that are looked at, in the order in which the first active one is looked for.
const DOMAINS: [&str; 7] = ["taxi", "restaurant", "hospital", "hotel", "attraction", "train", "police"];

/// What the goal of a dialogue has beside domains.
const NO_DOMAINS: [&str; 4] = ["eod", "topic", "messageLen", "message"];

/// The turns of the dialogue `item`, called `name`.
pub(super) fn turns(item: &Item<'_>, name: &str, dialogue: &Dialogue, notes: &Notes) -> Result<Vec<Example>> {
    let texts: Vec<String> = dialogue.log.iter().map(|utterance| normalize(&utterance.text)).collect();
    if let Some(reason) = why_left_out(&texts) {
        notes.add(NoteKind::LeftOut, Some(item.at()), reason);
        return Ok(Vec::new());
    }
    let (mut history, mut domain) = (String::new(), String::new());
    let mut examples = Vec::new();
    for (turn, pair) in dialogue.log.chunks_exact(2).enumerate() {
        let [_, system] = pair else { break };
        let before = turn.checked_sub(1).map(|before| 2 * before + 1);
        let agent = before.map_or("", |before| texts[before].as_str());
        if !agent.is_empty() {
            history.extend(["[Agent]: ", agent, " ; "]);
        }
        let user = &texts[2 * turn];
        history.extend(["[User]:", if user.is_empty() { "" } else { " " }, user, " ; "]);
        let states = (before.map(|before| &dialogue.log[before].metadata), &system.metadata);
        match states {
            (None, state) => domain = first_domain(item, state)?,
            (Some(last), state) => domain = changed(last, state).map_or(domain, str::to_owned),
        }
        let at = item.at().of(&format!("turn {turn}"));
        if LEFT_OUT.iter().any(|left_out| domain.contains(left_out)) {
            let reason = format!("it is about the {domain}, of which hardly anything is annotated");
            notes.add(NoteKind::LeftOut, Some(&at), reason);
            continue;
        }
        let belief = state(&system.metadata);
        examples.push(Example {
            id: format!("{name}:{turn}"),
            history: Some(history.trim().to_owned()),
            belief: belief.map_err(|problem| item.problem(format!("turn {turn}: {problem}")))?,
            origin: Some(at),
            ..Example::default()
        });
    }
    Ok(examples)
}

/// Why TRADE takes a dialogue for wrong.
fn why_left_out(texts: &[String]) -> Option<&'static str> {
    if texts.len() % 2 == 1 {
        return Some("its last utterance has no answer of the system");
    }
    if texts.iter().any(|text| text.split(' ').count() > LONGEST) {
        return Some("it has an utterance of more than 50 words");
    }
    texts.iter().any(|text| !text.is_ascii()).then_some("it has characters that are none of ASCII")
}

/// The domain of the first turn: one of whose slots something is said, else the first of the goal.
fn first_domain(item: &Item<'_>, state: &InOrder<Domain>) -> Result<String> {
    #[derive(Deserialize)]
    struct WithGoal {
        #[serde(default)]
        goal: InOrder<Value>,
    }
    // A slot that has a value does not count: only what is open, or does not matter, does.
    let is_open = |value: &Value| {
        let open = ["not mentioned", "dont care", "dontcare", "don't care", "do not care"];
        value.as_str().is_some_and(|value| open.contains(&value))
    };
    let is_active = |domain: &&str| {
        let found = state.0.iter().find(|(name, _)| name == domain);
        found.is_some_and(|(_, slots)| slots.semi.0.iter().any(|(_, value)| is_open(value)))
    };
    if let Some(domain) = DOMAINS.into_iter().find(is_active) {
        return Ok(domain.to_owned());
    }
    let is_empty = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    };
    let goal = item.value::<WithGoal>()?.goal.0;
    let asked =
        goal.into_iter().find(|(name, value)| !is_empty(value) && !NO_DOMAINS.contains(&name.as_str()));
    Ok(asked.map(|(name, _)| name).unwrap_or_default())
}

/// The first domain, in the order of the file, of which the state is another one than before.
fn changed<'a>(last: &InOrder<Domain>, now: &'a InOrder<Domain>) -> Option<&'a str> {
    if last.0.is_empty() {
        return None;
    }
    let same = |one: &InOrder<Value>, other: &InOrder<Value>| {
        let map = |entries: &'_ InOrder<Value>| {
            entries.0.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<BTreeMap<_, _>>()
        };
        map(one) == map(other)
    };
    let is_changed = |(name, state): &&(String, Domain)| {
        let before = last.0.iter().find(|(other, _)| other == name);
        before.is_none_or(|(_, before)| !same(&before.semi, &state.semi) || !same(&before.book, &state.book))
    };
    now.0.iter().find(is_changed).map(|(name, _)| name.as_str())
}

/// Everything that the state says, mended.
fn state(metadata: &InOrder<Domain>) -> Result<Vec<Belief>, String> {
    let mut beliefs = Vec::new();
    for (domain, slots) in metadata.0.iter().filter(|(domain, _)| DOMAINS.contains(&domain.as_str())) {
        let book = slots.book.0.iter().filter(|(slot, value)| slot != "booked" && value.as_str() != Some(""));
        let book = book.map(|(slot, value)| (format!("book {}", slot.trim().to_lowercase()), value));
        let is_said = |value: &Value| !matches!(value.as_str(), Some("" | "not mentioned"));
        let semi = slots.semi.0.iter().filter(|(_, value)| is_said(value));
        for (slot, value) in book.chain(semi.map(|(slot, value)| (slot.trim().to_lowercase(), value))) {
            let value = text_of(value)
                .map_err(|value| format!("the {slot} of the {domain} is {value}, which is no text"))?;
            let Some(value) = value else { continue };
            let value = match value {
                "dont care" | "dontcare" | "don't care" | "do not care" if !slot.starts_with("book ") => {
                    "dontcare".to_owned()
                }
                value => normalize(value),
            };
            beliefs.push(Belief::new(domain, split_name(&slot), mended(domain, &slot, &value)));
        }
    }
    beliefs.sort();
    Ok(beliefs)
}
