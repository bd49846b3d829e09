//! Labels and spans in objects of JSON records.

use super::CharSpan;
use super::json::fields::Fields;
use crate::Result;
use crate::text::is_space;

/// A span whose ends stand in `start` and `end`.
pub(super) fn char_span(span: &Fields<'_>, start: &str, end: &str) -> Result<CharSpan> {
    let (Some(first), Some(last)) = (span.count(start)?, span.count(end)?) else {
        return Err(span.wrong(format!("lacks {start:?} or {end:?}, its place in characters; add them")));
    };
    Ok(CharSpan { start: first, end: last, label: needed_label(span)? })
}

/// The label of a span or relation.
pub(super) fn needed_label(fields: &Fields<'_>) -> Result<String> {
    match fields.text("label")? {
        Some(label) if !label.is_empty() => Ok(label.to_owned()),
        _ => Err(fields.wrong("has no label; give it one")),
    }
}

/// Refuses a span whose own `text` is not what it covers.
pub(super) fn covers(span: &Fields<'_>, text: &str, at: &CharSpan) -> Result<()> {
    let Some(own) = span.text("text")? else { return Ok(()) };
    let covered: String = text.chars().skip(at.start).take(at.end.saturating_sub(at.start)).collect();
    if same_words(&covered, own) {
        return Ok(());
    }
    let CharSpan { start, end, .. } = at;
    Err(span.wrong(format!(
        "{start}..{end} says {own:?}, but there the text has {covered:?}; correct its offsets, which count characters (code points), \
         or its text"
    )))
}

/// Whether two texts are the same but for white space, written as such or as `\n`, `\r` and `\t`.
pub(super) fn same_words(one: &str, other: &str) -> bool {
    let bare = |text: &str| -> String {
        let text = text.replace("\\n", "").replace("\\r", "").replace("\\t", "");
        text.chars().filter(|c| !is_space(*c)).collect()
    };
    one == other || bare(one) == bare(other)
}
