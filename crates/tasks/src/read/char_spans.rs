//! Spans of a text in characters to entities of its words.

use serde::Deserialize;

use crate::words::words;
use crate::{Entity, Error, Example, Origin, Result};

/// A span of a text, in characters (Unicode scalar values).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
pub struct CharSpan {
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// The label.
    pub label: String,
}

/// The words of `text` as tokens and `spans` as entities of them, in their order.
pub fn from_spans(text: &str, spans: &[CharSpan], at: &Origin) -> Result<Example> {
    let length = text.chars().count();
    let mut borders: Vec<usize> = Vec::with_capacity(2 * spans.len());
    for span in spans {
        if span.start >= span.end || span.end > length {
            let (start, end) = (span.start, span.end);
            return Err(Error::BadCharSpan { at: at.clone(), label: span.label.clone(), start, end, length });
        }
        borders.extend([span.start, span.end]);
    }
    borders.sort_unstable();
    borders.dedup();
    let (mut tokens, mut places) = (Vec::new(), Vec::new());
    for word in words(text) {
        let cuts = borders.iter().copied().filter(|b| word.chars.start < *b && *b < word.chars.end);
        let mut start = word.chars.start;
        for end in cuts.chain([word.chars.end]) {
            let part = word.text.chars().skip(start - word.chars.start).take(end - start);
            tokens.push(part.collect::<String>());
            places.push(start..end);
            start = end;
        }
    }
    let entity = |span: &CharSpan| {
        let start = places.partition_point(|place| place.end <= span.start);
        let end = places.partition_point(|place| place.start < span.end);
        if start < end {
            return Ok(Entity::new(&span.label, start, end));
        }
        let (start, end) = (span.start, span.end);
        Err(Error::BadCharSpan { at: at.clone(), label: span.label.clone(), start, end, length })
    };
    let entities = spans.iter().map(entity).collect::<Result<_>>()?;
    Ok(Example {
        tokens,
        entities,
        text: Some(text.to_owned()),
        origin: Some(at.clone()),
        ..Example::default()
    })
}
