//! Sentences with relations between entities, and with one relation to classify.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};
use std::path::Path;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::{Lines, json};
use crate::{Entity, Error, Example, Origin, Quirks, Relation, Result, TokenSpan};

/// `SpERT`'s JSON: a list of examples in the shape of [`Example`].
pub(super) fn spert(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    let examples: Vec<Example> = json::document(reader, file)?;
    Ok(placed(examples, file))
}

/// Gives examples without one an id and their file, and checks them.
fn placed(examples: Vec<Example>, file: &Path) -> Vec<Result<Example>> {
    let at = Origin::new(file, 1);
    let place = |(number, mut example): (usize, Example)| {
        if example.id.is_empty() {
            example.id = number.to_string();
        }
        // A document has no lines worth naming; the id says which example it is.
        example.check()?;
        example.origin = Some(at.clone());
        Ok(example)
    };
    examples.into_iter().enumerate().map(place).collect()
}

/// `DRUG-AE.rel` of the ADE corpus: a relation a line, `id|sentence|effect|start|end|drug|start|end`, whose offsets count from the start of
/// an abstract that is not there. Lines of the same sentence become one example, and mentions are found by their text, as in `SpERT`'s
/// version of the corpus: entities `Adverse-Effect` and `Drug`, relations `Adverse-Effect` from effect to drug.
pub(super) fn ade(reader: impl BufRead, file: &Path) -> Result<Vec<Result<Example>>> {
    struct Sentence {
        at: Origin,
        text: String,
        first: usize,
        pairs: Vec<[(usize, usize); 2]>,
    }
    let mut order: Vec<Sentence> = Vec::new();
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in Lines::new(reader, file) {
        let (at, line) = line?;
        if line.trim().is_empty() {
            continue;
        }
        let wrong =
            || Error::Layout { at: at.clone(), expected: "id|sentence|effect|start|end|drug|start|end" };
        let fields: Vec<&str> = line.split('|').collect();
        let [id, text, effect, effect_start, _, drug, drug_start, _] = fields[..] else {
            return Err(wrong());
        };
        let number = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
        let (effect_at, drug_at) = (number(effect_start)?, number(drug_start)?);
        // Both mentions are displaced by where the sentence starts, which is unknown: the places where both texts stand are
        // tried, and those at the right distance of each other taken.
        let Some([effect, drug]) = displaced(text, (effect, effect_at), (drug, drug_at)) else {
            return Err(Error::Layout { at, expected: "mentions that stand in the sentence" });
        };
        let key = (id.to_owned(), text.to_owned());
        let index = *known.entry(key).or_insert_with(|| {
            let first = order.len();
            order.push(Sentence { at: at.clone(), text: text.to_owned(), first, pairs: Vec::new() });
            first
        });
        order[index].pairs.push([effect, drug]);
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
        let relation = |[effect, drug]: [(usize, usize); 2]| {
            let head = find(effect, "Adverse-Effect");
            Relation::new("Adverse-Effect", head, find(drug, "Drug"))
        };
        let mut relations: Vec<Relation> = sentence.pairs.into_iter().map(relation).collect();
        relations.dedup();
        let example = super::from_spans(&sentence.text, &spans, &sentence.at)?;
        Ok(Example { id: sentence.first.to_string(), relations, text: None, ..example })
    };
    Ok(order.into_iter().map(example).collect())
}

/// Where `a` and `b` stand in `text`, in characters, so that their starts are as far apart as their offsets are; else where each stands
/// first.
fn displaced(text: &str, a: (&str, usize), b: (&str, usize)) -> Option<[(usize, usize); 2]> {
    let places = |mention: &str| -> Vec<(usize, usize)> {
        let length = mention.chars().count();
        let chars = |byte: usize| text[..byte].chars().count();
        text.match_indices(mention).map(|(at, _)| chars(at)).map(|start| (start, start + length)).collect()
    };
    let (of_a, of_b) = (places(a.0), places(b.0));
    let apart = |x: &(usize, usize), y: &(usize, usize)| x.0 as i64 - y.0 as i64 == a.1 as i64 - b.1 as i64;
    let pair = of_a.iter().find_map(|x| Some([*x, *of_b.iter().find(|y| apart(x, y))?]));
    pair.or_else(|| Some([*of_a.first()?, *of_b.first()?]))
}

/// Text and triples of texts: `[{"text", "triple_list": [[subject, relation, object]]}]`. A mention is where its text first stands as
/// whole words, accents apart, which the corpus drops from its texts alone; without types every entity is an `entity`.
pub(super) fn triples(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        text: String,
        triple_list: Vec<[String; 3]>,
    }
    let lines: Vec<Line> = json::document(reader, file)?;
    let at = Origin::new(file, 1);
    let example = |(number, line): (usize, Line)| {
        let tokens: Vec<String> = line.text.split_whitespace().map(str::to_owned).collect();
        let mut example =
            Example { id: number.to_string(), origin: Some(at.clone()), ..Example::new(tokens) };
        for [subject, relation, object] in line.triple_list {
            let mut mention = |text: &str| {
                let words: Vec<&str> = text.split_whitespace().collect();
                let same = |(a, b): (&String, &&str)| a == b || plain(a) == plain(b);
                let mut places = example.tokens.windows(words.len().max(1));
                let found =
                    places.position(|window| !words.is_empty() && window.iter().zip(&words).all(same));
                let start = found.ok_or_else(|| Error::NoMention {
                    example: format!("example {number} of {}", file.display()),
                    mention: text.to_owned(),
                })?;
                let entity = Entity::new("entity", start, start + words.len());
                Ok::<_, Error>(example.entities.iter().position(|e| *e == entity).unwrap_or_else(|| {
                    example.entities.push(entity);
                    example.entities.len() - 1
                }))
            };
            let (head, tail) = (mention(&subject)?, mention(&object)?);
            example.relations.push(Relation::new(relation, head, tail));
        }
        Ok(example)
    };
    Ok(lines.into_iter().enumerate().map(example).collect())
}

/// A word without its accents.
fn plain(word: &str) -> String {
    word.nfd().filter(|c| !is_combining_mark(*c)).collect()
}

/// FewRel: `{relation: [{"tokens", "h": [name, id, [[token, …], …]], "t": …}]}`, in file order.
pub(super) fn fewrel(reader: impl Read, file: &Path, quirks: Quirks) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        tokens: Vec<String>,
        h: (String, String, Vec<Vec<usize>>),
        t: (String, String, Vec<Vec<usize>>),
    }
    let relations: serde_json::Map<String, serde_json::Value> = json::document(reader, file)?;
    let at = Origin::new(file, 1);
    let mut number = 0;
    let mut examples = Vec::new();
    for (relation, lines) in relations {
        let lines: Vec<Line> = serde_json::from_value(lines).map_err(|source| Error::Json {
            at: at.clone(),
            column: 0,
            reason: format!("relation {relation:?}: {source}"),
        })?;
        for line in lines {
            let span = |mention: &[Vec<usize>]| {
                let places = mention.first()?;
                // The original takes the second token of the mention for its last.
                let last = if quirks.cut_mentions { places.get(1).or(places.first()) } else { places.last() };
                Some(TokenSpan::new(*places.first()?, last? + 1))
            };
            let (head, tail) = (span(&line.h.2), span(&line.t.2));
            // Some tokens of the corpus are blank; an example has none of these.
            let (tokens, moved) = without_blanks(line.tokens);
            let shift = |span: TokenSpan| {
                let at = |token: usize| moved.get(token).copied();
                Some(TokenSpan::new(at(span.start)?, at(span.end)?))
            };
            let example = Example {
                id: number.to_string(),
                tokens,
                head: head.and_then(shift),
                tail: tail.and_then(shift),
                relation: Some(relation.clone()),
                ..Example::default()
            };
            examples.push(example.check().map(|()| Example { origin: Some(at.clone()), ..example }));
            number += 1;
        }
    }
    Ok(examples)
}

/// The tokens that are not blank, split where they hold white space, and where each old token (and the end) is now.
fn without_blanks(tokens: Vec<String>) -> (Vec<String>, Vec<usize>) {
    let (mut kept, mut moved) = (Vec::new(), Vec::with_capacity(tokens.len() + 1));
    for token in tokens {
        moved.push(kept.len());
        kept.extend(token.split(crate::codec::is_space).filter(|t| !t.is_empty()).map(str::to_owned));
    }
    moved.push(kept.len());
    (kept, moved)
}

/// TACRED: `[{"token", "subj_start", "subj_end", "obj_start", "obj_end", "relation"}]`, ends included.
pub(super) fn tacred(reader: impl Read, file: &Path) -> Result<Vec<Result<Example>>> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(default)]
        id: String,
        token: Vec<String>,
        subj_start: usize,
        subj_end: usize,
        obj_start: usize,
        obj_end: usize,
        relation: String,
    }
    let lines: Vec<Line> = json::document(reader, file)?;
    let example = |line: Line| Example {
        id: line.id,
        tokens: line.token,
        head: Some(TokenSpan::new(line.subj_start, line.subj_end + 1)),
        tail: Some(TokenSpan::new(line.obj_start, line.obj_end + 1)),
        relation: Some(line.relation),
        ..Example::default()
    };
    Ok(placed(lines.into_iter().map(example).collect(), file))
}
