//! The training format of spaCy 2: <https://v2.spacy.io/api/annotation#json-input>.

use serde_json::Value;

use super::super::NoteKind;
use super::super::json::fields::{Fields, Record};
use super::{LAYOUT, Read, Reading, one_category};
use crate::tags::{TagScheme, spans};
use crate::{Entity, Example, Result};

const PARAGRAPH_KEYS: [&str; 5] = ["raw", "sentences", "cats", "links", "entities"];
const TOKEN_KEYS: [&str; 11] =
    ["id", "orth", "tag", "pos", "morph", "lemma", "dep", "head", "ner", "space", "ws"];

/// The sentences of a document, an example each; they come in tokens, which are kept.
pub(super) fn read(value: &Value, record: &Record, id: &str, reading: &Reading) -> Result<Vec<Read>> {
    let unlabelled = reading.unlabelled();
    let document = record.fields(value, LAYOUT)?;
    document.only(&["id", "paragraphs"])?;
    let mut read = Vec::new();
    for paragraph in document.objects("paragraphs", "paragraph")? {
        paragraph.only(&PARAGRAPH_KEYS)?;
        let sentences = paragraph.objects("sentences", "sentence")?;
        let class = if unlabelled { None } else { class(&paragraph)? };
        if class.is_some() && sentences.len() > 1 {
            return Err(
                paragraph.wrong("has categories for several sentences at once; write it as one sentence")
            );
        }
        for fields in sentences {
            let id = format!("{id}.{}", read.len());
            read.push(sentence(&fields, unlabelled).map(|sentence| {
                let (tokens, entities) = sentence;
                if entities.is_none() && class.is_none() && !unlabelled {
                    let what = format!("{}: sentence {id} has no tags", record.name);
                    reading.notes.add(NoteKind::Unlabelled, Some(&record.at), what);
                    return None;
                }
                let named = || Record { name: format!("{}: sentence {id}", record.name), ..record.clone() };
                if entities.is_none() && class.is_some() && reading.leaves_out(&named()) {
                    return None;
                }
                let (entities, origin) = (entities.unwrap_or_default(), Some(record.at.clone()));
                Some(Example { id, tokens, entities, origin, label: class.clone(), ..Example::default() })
            }));
        }
    }
    Ok(read)
}

/// The tokens of a sentence, and its entities, if it is tagged.
fn sentence(fields: &Fields<'_>, unlabelled: bool) -> Result<(Vec<String>, Option<Vec<Entity>>)> {
    fields.only(&["tokens", "brackets", "id"])?;
    let (mut tokens, mut tags) = (Vec::new(), Vec::new());
    for token in fields.objects("tokens", "token")? {
        token.only(&TOKEN_KEYS)?;
        let Some(text) = token.text("orth")? else {
            return Err(token.wrong("has no \"orth\", its text; add it"));
        };
        // Line ends and spaces are tokens of spaCy's.
        if text.trim().is_empty() {
            if token.text("ner")?.is_some_and(|tag| !matches!(tag, "O" | "-" | "")) && !unlabelled {
                return Err(token.wrong("is white space within an entity; take it out"));
            }
            continue;
        }
        tokens.push(text.to_owned());
        tags.push(token.text("ner")?.unwrap_or("-"));
    }
    let is_tagged = !unlabelled && tags.iter().any(|tag| !matches!(*tag, "-" | ""));
    let entities = is_tagged.then(|| entities(fields, &tags)).transpose()?;
    Ok((tokens, entities))
}

/// The entities of BILUO tags, which are IOBES with U for S and L for E.
fn entities(fields: &Fields<'_>, tags: &[&str]) -> Result<Vec<Entity>> {
    if let Some(at) = tags.iter().position(|tag| matches!(*tag, "-" | "")) {
        return Err(
            fields.wrong(format!("has no tag at token {at}, beside tokens that have one; add O for none"))
        );
    }
    let iobes: Vec<String> = tags
        .iter()
        .map(|tag| match tag.split_once('-') {
            Some(("U", label)) => format!("S-{label}"),
            Some(("L", label)) => format!("E-{label}"),
            _ => (*tag).to_owned(),
        })
        .collect();
    spans(&iobes, TagScheme::Iobes).map_err(|(at, problem)| {
        fields.wrong(format!("has the tag {:?} at token {at}, which {problem}", tags[at]))
    })
}

/// The only category of a paragraph, which are written as `{"label", "value"}`.
fn class(paragraph: &Fields<'_>) -> Result<Option<String>> {
    let mut found = Vec::new();
    for category in paragraph.objects("cats", "category")? {
        category.only(&["label", "value"])?;
        let holds = match category.get("value") {
            Some(Value::Bool(holds)) => *holds,
            Some(Value::Number(score)) => score.as_f64().is_some_and(|score| score > 0.5),
            _ => return Err(category.wrong("has no \"value\" of 0 or 1")),
        };
        if let Some(label) = category.text("label")?.filter(|_| holds) {
            found.push(label);
        }
    }
    one_category(paragraph, &found)
}
