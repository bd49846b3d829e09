//! The spans of a task and the relations between them.

use super::super::CharSpan;
use super::super::json::fields::Fields;
use super::super::raw_text::RawText;
use super::super::span_fields::{char_span, covers, needed_label};
use crate::{Relation, Result};

const SPAN_KEYS: [&str; 16] = [
    "start",
    "end",
    "label",
    "text",
    "token_start",
    "token_end",
    "id",
    "source",
    "input_hash",
    "score",
    "rank",
    "pattern",
    "color",
    "answer",
    "type",
    "kb_id",
];
const RELATION_KEYS: [&str; 8] =
    ["head", "child", "head_span", "child_span", "label", "color", "score", "id"];

/// The first and the last token of a span, where both stand there.
fn tokens_of(span: &Fields<'_>) -> Result<Option<(usize, usize)>> {
    Ok(span.count("token_start")?.zip(span.count("token_end")?))
}

/// Adds the spans of a task to `raw`.
pub(super) fn spans(fields: &Fields<'_>, raw: &mut RawText) -> Result<()> {
    let tokens = fields.objects("tokens", "token")?;
    for span in fields.objects("spans", "span")? {
        span.only(&SPAN_KEYS)?;
        if let Some(answer) = span.text("answer")?.filter(|answer| *answer != "accept") {
            return Err(span.wrong(format!("is answered {answer:?} on its own; take it out")));
        }
        let read = char_span(&span, "start", "end")?;
        covers(&span, &raw.text, &read)?;
        if !tokens.is_empty() {
            fits_tokens(&span, &read, &tokens)?;
        }
        raw.spans.push(read);
    }
    Ok(())
}

/// Refuses a span whose tokens are at another place than its characters.
fn fits_tokens(span: &Fields<'_>, read: &CharSpan, tokens: &[Fields<'_>]) -> Result<()> {
    let Some((first, last)) = tokens_of(span)? else { return Ok(()) };
    let (Some(first_token), Some(last_token)) = (tokens.get(first), tokens.get(last)) else {
        return Err(span.wrong(format!(
            "is said to go from token {first} to token {last}, but there are {}; correct its tokens",
            tokens.len()
        )));
    };
    let Some((start, end)) = first_token.count("start")?.zip(last_token.count("end")?) else {
        return Ok(());
    };
    if (start, end) == (read.start, read.end) {
        return Ok(());
    }
    Err(span.wrong(format!(
        "is said to be at {}..{}, but its tokens, {first} to {last}, are at {start}..{end}; correct one of the two",
        read.start, read.end
    )))
}

/// Adds the relations of a task to `raw`, which has its spans.
pub(super) fn relations(fields: &Fields<'_>, raw: &mut RawText) -> Result<()> {
    let spans = fields.objects("spans", "span")?;
    for relation in fields.objects("relations", "relation")? {
        relation.only(&RELATION_KEYS)?;
        let end = |key: &str, token: &str| {
            let at = relation.count(token)?;
            let found = match relation.object(key, key)? {
                Some(place) => named(&place, at, raw)?,
                None => around(at, &spans)?,
            };
            match found[..] {
                [index] => Ok(index),
                [] => Err(relation.wrong(format!(
                    "has a {token} that is none of the spans; mark it as a span, or remove the relation"
                ))),
                _ => Err(relation.wrong(format!(
                    "has a {token} that is in several spans, so that it is open which is meant; leave one of them"
                ))),
            }
        };
        let ends = (end("head_span", "head")?, end("child_span", "child")?);
        raw.relations.push(Relation::new(needed_label(&relation)?, ends.0, ends.1));
    }
    Ok(())
}

/// The spans at `place`, which must hold the token `at`. Of those that are alike the first is meant.
fn named(place: &Fields<'_>, at: Option<usize>, raw: &RawText) -> Result<Vec<usize>> {
    if let (Some((first, last)), Some(at)) = (tokens_of(place)?, at)
        && !(first..=last).contains(&at)
    {
        return Err(place.wrong(format!(
            "goes from token {first} to token {last}, but the relation is with token {at}; correct one of the two"
        )));
    }
    let (start, end, label) = (place.count("start")?, place.count("end")?, place.text("label")?);
    let is = |span: &CharSpan| {
        (Some(span.start), Some(span.end)) == (start, end) && label.is_none_or(|label| label == span.label)
    };
    let mut found: Vec<usize> = (0..raw.spans.len()).filter(|&index| is(&raw.spans[index])).collect();
    found.dedup_by(|next, first| raw.spans[*next] == raw.spans[*first]);
    Ok(found)
}

/// The spans that hold the token `at`.
fn around(at: Option<usize>, spans: &[Fields<'_>]) -> Result<Vec<usize>> {
    let mut found = Vec::new();
    for (index, span) in spans.iter().enumerate() {
        if let (Some(at), Some((first, last))) = (at, tokens_of(span)?)
            && (first..=last).contains(&at)
        {
            found.push(index);
        }
    }
    Ok(found)
}
