//! Spans of a text, in characters, as spans of its words.

use serde::{Deserialize, Serialize};

use crate::text::is_space;
use crate::words::words;
use crate::{CharRange, Entity, Error, Example, Origin, ReadError, Result};

/// A span of a text, in characters (Unicode scalar values).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CharSpan {
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// The label.
    pub label: String,
}

/// The [words](words()) of `text` as tokens and `spans` as entities of them, in their order.
///
/// The words come from the text alone, so the tokens are those of the text without spans. White space at the
/// ends of a span does not count. A span that begins or ends inside a word is an entity of all the words that
/// it touches, and keeps [its own characters](Entity::chars).
///
/// ```
/// use fishdip_tasks::read::{CharSpan, from_spans};
/// use fishdip_tasks::{CharRange, Origin};
///
/// let span = |start, end| CharSpan { start, end, label: "Chemical".to_owned() };
/// let example = from_spans("aspirin-induced ulcers", &[span(0, 7), span(3, 7)], &Origin::new("a.jsonl", 1))?;
/// assert_eq!(example.tokens, ["aspirin", "-", "induced", "ulcers"]);
/// assert_eq!((example.entities[0].start, example.entities[0].end, example.entities[0].chars), (0, 1, None));
/// assert_eq!((example.entities[1].start, example.entities[1].end), (0, 1));
/// assert_eq!(example.entities[1].chars, Some(CharRange { start: 3, end: 7 }));
/// # Ok::<(), fishdip_tasks::Error>(())
/// ```
pub fn from_spans(text: &str, spans: &[CharSpan], at: &Origin) -> Result<Example> {
    let chars: Vec<char> = text.chars().collect();
    let words = words(text);
    let entity = |CharSpan { start, end, label }: &CharSpan| {
        let (start, end, length) = (*start, *end, chars.len());
        let bad = || {
            Error::Read(ReadError::BadCharSpan { at: at.clone(), label: label.clone(), start, end, length })
        };
        let within = chars.get(start..end).ok_or_else(bad)?;
        // A span that holds more than white space touches a word.
        let first = start + within.iter().position(|&c| !is_space(c)).ok_or_else(bad)?;
        let last = end - within.iter().rev().take_while(|&&c| is_space(c)).count();
        let from = words.partition_point(|word| word.chars.end <= first);
        let to = words.partition_point(|word| word.chars.start < last);
        let is_whole = words[from].chars.start == first && words[to - 1].chars.end == last;
        let chars = (!is_whole).then_some(CharRange { start: first, end: last });
        Ok(Entity { chars, ..Entity::new(label, from, to) })
    };
    let entities: Vec<Entity> = spans.iter().map(entity).collect::<Result<_>>()?;
    let annotated = spans.iter().map(|span| CharRange { start: span.start, end: span.end });
    let has_space = |range: &CharRange| is_space(chars[range.start]) || is_space(chars[range.end - 1]);
    let trimmed = annotated.enumerate().filter(|(_, range)| has_space(range)).collect();
    Ok(Example {
        trimmed,
        tokens: words.iter().map(|word| word.text.to_owned()).collect(),
        entities,
        text: Some(text.to_owned()),
        origin: Some(at.clone()),
        ..Example::default()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, spans: &[(usize, usize)]) -> Result<Example> {
        let span = |&(start, end): &(usize, usize)| CharSpan { start, end, label: "A".to_owned() };
        from_spans(text, &spans.iter().map(span).collect::<Vec<_>>(), &Origin::new("f", 3))
    }

    /// First token, one past the last, and own characters.
    type Found = (usize, usize, Option<(usize, usize)>);

    fn entities(text: &str, spans: &[(usize, usize)]) -> Vec<Found> {
        let own = |entity: &Entity| entity.chars.map(|chars| (chars.start, chars.end));
        read(text, spans).unwrap().entities.iter().map(|e| (e.start, e.end, own(e))).collect()
    }

    #[test]
    fn spans_at_the_borders_of_words_are_whole() {
        assert_eq!(
            entities("10mg of a-b", &[(0, 2), (2, 4), (8, 9), (8, 11)]),
            [(0, 1, None), (1, 2, None), (3, 4, None), (3, 6, None)]
        );
    }

    #[test]
    fn spans_inside_words_keep_their_characters() {
        assert_eq!(
            entities("unhappily ever after", &[(2, 7), (2, 14), (0, 12)]),
            [(0, 1, Some((2, 7))), (0, 2, Some((2, 14))), (0, 2, Some((0, 12)))]
        );
    }

    #[test]
    fn white_space_at_the_ends_does_not_count() {
        assert_eq!(
            entities("a  bc d", &[(1, 6), (2, 4), (0, 2)]),
            [(1, 2, None), (1, 2, Some((3, 4))), (0, 1, None)]
        );
    }

    proptest! {
        /// What `evaluate` counts, and what one counts who compares the characters that `predict` answers with
        /// the annotated ones, without white space at their ends.
        #[test]
        fn what_is_scored_is_what_is_answered(
            text in r"[ab ]{1,20}|[a0.\- \u{a0}\n]{1,20}",
            ends in prop::array::uniform2(prop::collection::vec((0_usize..20, 1_usize..9, prop::sample::select(vec!["A", "B"])), 0..6)),
        ) {
            use crate::{Mode, Schema, Task};
            use std::collections::BTreeSet;
            let chars: Vec<char> = text.chars().collect();
            let spans = |list: &[(usize, usize, &'static str)]| -> Vec<CharSpan> {
                let within = list.iter().map(|&(start, size, label)| {
                    (start.min(chars.len()), (start + size).min(chars.len()), label)
                });
                let some = within.filter(|&(start, end, _)| !chars[start..end].iter().all(|&c| is_space(c)));
                some.map(|(start, end, label)| CharSpan { start, end, label: label.to_owned() }).collect()
            };
            let at = Origin::new("f", 1);
            let [gold, guessed] = ends.each_ref().map(|list| spans(list));
            let task = Task::ner(Schema::open(), Mode::Fixed);
            let output = task.encode(&from_spans(&text, &guessed, &at).unwrap()).unwrap().target;

            let blank = from_spans(&text, &[], &at).unwrap();
            let places = blank.chars().1;
            let decoded = task.decode(&blank, &output);
            let answers = decoded.entities.iter().map(|found| {
                (places[found.start].start, places[found.end - 1].end, found.label.clone())
            });
            let answers: BTreeSet<_> = answers.collect();
            prop_assert!(answers.iter().all(|(start, end, _)| !is_space(chars[*start]) && !is_space(chars[*end - 1])));
            let bare = |span: &CharSpan| {
                let (mut start, mut end) = (span.start, span.end);
                while is_space(chars[start]) { start += 1; }
                while is_space(chars[end - 1]) { end -= 1; }
                (start, end, span.label.clone())
            };
            let annotated: BTreeSet<_> = gold.iter().map(bare).collect();

            let example = from_spans(&text, &gold, &at).unwrap();
            let decoded = task.decode(&example, &output);
            let report = task.score([(&example, &decoded)]);
            let counts = report.spans().unwrap().counts;
            let expected = (annotated.len(), answers.len(), annotated.intersection(&answers).count());
            prop_assert_eq!((counts.gold, counts.predicted, counts.correct), expected);
        }
    }

    #[test]
    fn what_is_no_span_of_the_text_is_refused() {
        for span in [(0, 0), (2, 1), (0, 5), (9, 12), (2, 3)] {
            let error = read("ab c", &[span]).unwrap_err();
            assert!(
                matches!(&error, Error::Read(ReadError::BadCharSpan { start, end, .. }) if (*start, *end) == span),
                "{error}"
            );
        }
    }

    proptest! {
        /// What a model reads does not tell what is annotated.
        #[test]
        fn the_source_is_the_same_for_any_spans(
            text in r"\PC{1,30}|[a-c0-2.\-/_' \u{308}]{1,30}",
            ends in prop::array::uniform2(prop::collection::vec((0_usize..30, 1_usize..30), 0..6)),
        ) {
            use crate::{Mode, Schema, Task};
            let length = text.chars().count();
            let task = Task::ner(Schema::open(), Mode::Fixed);
            let spans = |ends: &[(usize, usize)]| -> Vec<_> {
                let chars: Vec<char> = text.chars().collect();
                let within = ends.iter().map(|&(start, size)| (start.min(length), (start + size).min(length)));
                within.filter(|&(start, end)| chars[start..end].iter().any(|&c| !is_space(c))).collect()
            };
            let sources = ends.each_ref().map(|ends| {
                let example = read(&text, &spans(ends)).unwrap();
                example.check().unwrap();
                (example.tokens.clone(), task.encode(&example).unwrap().source)
            });
            prop_assert_eq!(&sources[0], &sources[1]);
            prop_assert_eq!(&sources[0].1, &task.source(&read(&text, &[]).unwrap()).unwrap());
        }
    }
}
