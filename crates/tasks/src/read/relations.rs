//! Sentences with relations between entities, or with one relation to classify: SpERT, TACRED, ADE.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::json::{self, layouts};
use super::mentions::{MentionRange, meant};
use super::{Lines, MentionRule, NoteKind, Notes};
use crate::counted::there_are;
use crate::{Entity, Error, Example, Origin, ReadError, Relation, Result, TokenSpan};

/// `SpERT`'s JSON:
/// `[{"tokens", "entities": [{"type", "start", "end"}], "relations": [{"type", "head", "tail"}]}]`, ends not
/// included.
pub(super) fn spert(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        tokens: Vec<String>,
        entities: Vec<Span>,
        #[serde(default)]
        relations: Vec<Link>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Span {
        #[serde(rename = "type")]
        label: String,
        start: usize,
        end: usize,
        #[serde(default, rename = "id")]
        _id: IgnoredAny,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Link {
        #[serde(rename = "type")]
        label: String,
        head: usize,
        tail: usize,
        #[serde(default, rename = "id")]
        _id: IgnoredAny,
    }
    json::each(reader, file, &layouts::SPERT, |item| {
        let line: Line = item.read()?;
        Ok(Example {
            id: item.id(),
            entities: line.entities.into_iter().map(|e| Entity::new(e.label, e.start, e.end)).collect(),
            relations: line.relations.into_iter().map(|r| Relation::new(r.label, r.head, r.tail)).collect(),
            origin: Some(item.at().clone()),
            ..Example::new(line.tokens)
        })
    })
}

/// TACRED: `[{"token", "subj_start", "subj_end", "obj_start", "obj_end", "relation"}]`, ends included.
pub(super) fn tacred(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        token: Vec<String>,
        subj_start: usize,
        subj_end: usize,
        obj_start: usize,
        obj_end: usize,
        relation: String,
    }
    json::each(reader, file, &layouts::TACRED, |item| {
        let line: Line = item.read()?;
        let count = line.token.len();
        let span = |name: &str, key: &str, start: usize, last: usize| {
            if start <= last && last < count {
                return Ok(TokenSpan::new(start, last + 1));
            }
            Err(item.problem(format!(
                "the {name} should be the tokens {start} to {last} ({key}_start and {key}_end, which is included), from 0, but {}; correct them",
                there_are(count)
            )))
        };
        Ok(Example {
            id: item.id(),
            head: Some(span("head", "subj", line.subj_start, line.subj_end)?),
            tail: Some(span("tail", "obj", line.obj_start, line.obj_end)?),
            relation: Some(line.relation),
            origin: Some(item.at().clone()),
            ..Example::new(line.token)
        })
    })
}

/// `DRUG-AE.rel` of the ADE corpus: a relation a line, `id|sentence|effect|start|end|drug|start|end`, whose
/// offsets count from the start of an abstract that is not there. Lines of the same sentence become one
/// example, and mentions are found by their text, as in `SpERT`'s version of the corpus: entities
/// `Adverse-Effect` and `Drug`, relations `Adverse-Effect` from effect to drug.
pub(super) fn ade(
    reader: impl BufRead,
    file: &Path,
    rule: MentionRule,
    notes: &Notes,
) -> Result<Vec<Result<Example>>> {
    struct Sentence {
        at: Origin,
        text: String,
        number: usize,
        pairs: Vec<(MentionRange, MentionRange)>,
    }
    let mut order: Vec<Result<Sentence>> = Vec::new();
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in Lines::new(reader, file) {
        let (at, line) = line?;
        if line.trim().is_empty() {
            continue;
        }
        match ade_line(&line, &at, rule, notes) {
            Ok((id, text, pairs)) => {
                let (next, number) = (order.len(), known.len());
                let index = *known.entry((id.to_owned(), text.to_owned())).or_insert(next);
                if index == next {
                    order.push(Ok(Sentence { at, text: text.to_owned(), number, pairs: Vec::new() }));
                }
                if let Some(Ok(sentence)) = order.get_mut(index) {
                    for pair in pairs {
                        if !sentence.pairs.contains(&pair) {
                            sentence.pairs.push(pair);
                        }
                    }
                }
            }
            Err(error) => order.push(Err(error)),
        }
    }
    let example = |sentence: Sentence| {
        let mut spans: Vec<super::CharSpan> = Vec::new();
        let mut find = |(start, end): (usize, usize), label: &str| {
            let span = super::CharSpan { start, end, label: label.to_owned() };
            spans.iter().position(|s| *s == span).unwrap_or_else(|| {
                spans.push(span);
                spans.len() - 1
            })
        };
        let relation = |(effect, drug): (MentionRange, MentionRange)| {
            let head = find(effect, "Adverse-Effect");
            Relation::new("Adverse-Effect", head, find(drug, "Drug"))
        };
        let relations: Vec<Relation> = sentence.pairs.into_iter().map(relation).collect();
        let example = super::from_spans(&sentence.text, &spans, &sentence.at)?;
        Ok(Example { id: sentence.number.to_string(), relations, text: None, ..example })
    };
    Ok(order.into_iter().map(|sentence| sentence.and_then(example)).collect())
}

/// An id, a sentence, and where effect and drug stand in it.
type AdeLine<'l> = (&'l str, &'l str, Vec<(MentionRange, MentionRange)>);

/// Reads a line. Effect and drug are both displaced by where the sentence starts in its abstract, which is
/// unknown: of the places where their texts stand those at the right distance of each other are meant.
fn ade_line<'l>(line: &'l str, at: &Origin, rule: MentionRule, notes: &Notes) -> Result<AdeLine<'l>> {
    let wrong = || {
        Error::Read(ReadError::Layout {
            at: at.clone(),
            expected: "id|sentence|effect|start|end|drug|start|end",
        })
    };
    let fields: Vec<&str> = line.split('|').collect();
    let [id, text, effect, effect_start, _, drug, drug_start, _] = fields[..] else { return Err(wrong()) };
    let number =
        |text: &str| text.trim().parse::<i64>().ok().filter(|n| (0..1 << 40).contains(n)).ok_or_else(wrong);
    let distance = number(effect_start)? - number(drug_start)?;
    let missing = |mention: &str| {
        let problem = format!("{mention:?} does not stand in the sentence; correct the line");
        Error::Read(ReadError::Item { at: at.clone(), problem })
    };
    let effects = places(text, effect).ok_or_else(|| missing(effect))?;
    let drugs = places(text, drug).ok_or_else(|| missing(drug))?;
    let at_distance =
        |x: &MentionRange| Some((*x, *drugs.iter().find(|y| x.0 as i64 - y.0 as i64 == distance)?));
    if let Some(pair) = effects.iter().find_map(at_distance) {
        return Ok((id, text, vec![pair]));
    }
    if effects.len() + drugs.len() > 2 {
        let detail = format!("{effect:?} or {drug:?} stands there more than once; taken: {}", rule.words());
        notes.add(NoteKind::AmbiguousMention, Some(at), detail);
    }
    Ok((id, text, meant(&effects, &drugs, rule)))
}

/// Where `mention` stands in `text`, in characters.
fn places(text: &str, mention: &str) -> Option<Vec<MentionRange>> {
    let length = mention.chars().count();
    let chars = |byte: usize| text[..byte].chars().count();
    let found = text.match_indices(mention).map(|(at, _)| chars(at)).map(|start| (start, start + length));
    Some(found.collect()).filter(|places: &Vec<MentionRange>| length > 0 && !places.is_empty())
}
