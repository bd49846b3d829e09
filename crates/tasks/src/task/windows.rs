//! Examples that are too long for a model, window by window.
//!
//! | the task | the windows |
//! |---|---|
//! | marks spans (entities, relations, slots, triggers) | overlap, rather between sentences, and never part a gold span |
//! | asks about one place (a predicate, a trigger, two mentions) | are one, around it |
//! | classifies a text | overlap likewise, over the words of the text |
//! | finds coreference | are smaller [chunks](Chunking) than usual |
//! | follows a dialogue | are one, the whole: what is too long loses its beginning |

mod around;
mod cut;
mod join;

pub use join::Joined;

use std::ops::Range;

use super::part::part;
use super::{Chunk, Chunking, Task, TaskKind};
use crate::words::{char_span, words};
use crate::{Entity, Error, Example, ExampleError, Result, TokenSpan};

use cut::Stop;

/// How much of a token messages show.
const SHOWN: usize = 40;

/// Whether the model can read an example as a whole, given what is asked; where one fits, so does every part
/// of it.
type Fits<'a, E> = dyn FnMut(&Example) -> Result<bool, E> + 'a;

impl Task {
    /// `example` without the annotations that the task predicts.
    pub fn prediction_input(&self, example: &Example) -> Example {
        let mut triggers = Vec::new();
        if self.kind == TaskKind::EventArguments {
            triggers.extend(example.triggers.first().cloned());
        }
        Example {
            id: example.id.clone(),
            tokens: example.tokens.clone(),
            predicate: example.predicate,
            head: example.head,
            tail: example.tail,
            history: example.history.clone(),
            triggers,
            text: example.text.clone(),
            origin: example.origin.clone(),
            ..Example::default()
        }
    }

    /// What the model reads of `example`, one of its [instances](Task::instances), if nothing is too long: a
    /// document in chunks, otherwise the example itself.
    pub fn chunks(&self, example: &Example) -> Vec<Chunk> {
        match self.kind {
            TaskKind::Coref => Chunking::default().chunks(example),
            _ => vec![Chunk { offset: 0, example: example.clone() }],
        }
    }

    /// What the model reads of `example`, one of its [instances](Task::instances), if some of it may be too
    /// long: windows for which `fits` holds. [`Task::join_windows`] makes one of what is found in them.
    ///
    /// Windows do not part annotated spans that fit in one. To cut what is to be predicted without a look at
    /// its annotations, cut its [question](Task::question).
    pub fn windows<E: From<Error>>(
        &self,
        example: &Example,
        fits: &mut Fits<'_, E>,
    ) -> Result<Vec<Chunk>, E> {
        example.check()?;
        match self.kind {
            TaskKind::Ner | TaskKind::JointEr | TaskKind::Slots | TaskKind::EventTriggers => {
                self.sentences(example, fits)
            }
            TaskKind::Srl | TaskKind::RelationClassification | TaskKind::EventArguments => {
                self.around(example, fits)
            }
            TaskKind::TextClassification => text(example, fits),
            TaskKind::Coref => smaller_chunks(example, fits),
            TaskKind::DialogueState => Ok(self.chunks(example)),
        }
    }

    /// Whether everything that the task predicts of `example` lies whole in one of `windows`. Clusters of
    /// documents may be parted.
    pub fn seen_whole(&self, example: &Example, windows: &[Chunk]) -> bool {
        let within = |window: &Chunk, span: &Entity| {
            window.offset <= span.start && span.end <= window.offset + window.example.tokens.len()
        };
        let spans = self.predicted(example).into_iter();
        let relations: &[_] = if self.kind == TaskKind::JointEr { &example.relations } else { &[] };
        let entity = |index| example.entities.get(index);
        let ends = relations.iter().filter_map(|r| Some([entity(r.head)?, entity(r.tail)?]));
        let mut together = spans.map(|span| [span, span]).chain(ends);
        let seen = |ends: [&Entity; 2]| windows.iter().any(|w| ends.iter().all(|span| within(w, span)));
        together.all(seen)
    }

    /// The spans that the task predicts, or what takes part in the event that is asked about.
    pub(super) fn predicted<'a>(&self, example: &'a Example) -> Vec<&'a Entity> {
        let spans: &[_] = match self.kind {
            TaskKind::Ner | TaskKind::JointEr => &example.entities,
            TaskKind::Slots => &example.slots,
            TaskKind::Srl => &example.roles,
            TaskKind::EventTriggers => &example.triggers,
            TaskKind::EventArguments => {
                let arguments = example.arguments.iter().filter(|argument| argument.trigger == 0);
                return arguments.filter_map(|argument| example.entities.get(argument.entity)).collect();
            }
            _ => &[],
        };
        spans.iter().collect()
    }

    fn sentences<E: From<Error>>(&self, example: &Example, fits: &mut Fits<'_, E>) -> Result<Vec<Chunk>, E> {
        let mut fits = |tokens: Range<usize>| fits(&part(example, tokens, 0));
        let mut whole: Vec<TokenSpan> = Vec::new();
        let spans = self.predicted(example).into_iter();
        let mut spans: Vec<_> = spans.map(|span| TokenSpan::new(span.start, span.end)).collect();
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        for span in spans {
            // One that crosses an earlier one cannot be shown with it; one that does not fit is in no window.
            let crosses = |other: &TokenSpan| other.end > span.start && other.end < span.end;
            if !whole.iter().any(crosses) && fits(span.start..span.end)? {
                whole.push(span);
            }
        }
        let found = cut::windows(&example.tokens, &whole, &mut fits);
        let ranges = found.map_err(|stop| refusal(stop, example, &example.tokens))?;
        let chunk = |(number, range): (usize, Range<usize>)| {
            let offset = range.start;
            Chunk { offset, example: part(example, range, number) }
        };
        Ok(ranges.into_iter().enumerate().map(chunk).collect())
    }

    fn around<E: From<Error>>(&self, example: &Example, fits: &mut Fits<'_, E>) -> Result<Vec<Chunk>, E> {
        let mut fits = |tokens: Range<usize>| fits(&part(example, tokens, 0));
        let trigger = example.triggers.first().map(|trigger| TokenSpan::new(trigger.start, trigger.end));
        let asked = match self.kind {
            TaskKind::Srl => [example.predicate, None],
            TaskKind::RelationClassification => [example.head, example.tail],
            _ => [trigger, None],
        };
        let asked = asked.into_iter().flatten();
        let asked = asked.reduce(|a, b| TokenSpan::new(a.start.min(b.start), a.end.max(b.end)));
        // Without anything to ask about, the example is refused when it is read.
        let Some(asked) = asked else { return Ok(self.chunks(example)) };
        if !fits(asked.start..asked.end)? {
            let place = format!("what it asks about (the tokens {} to {})", asked.start, asked.end - 1);
            return Err(
                Error::Example(ExampleError::NoWindow { example: example.place(), part: place }).into()
            );
        }
        let window = around::around(asked.start..asked.end, example.tokens.len(), &mut fits)?;
        Ok(vec![Chunk { offset: window.start, example: part(example, window, 0) }])
    }
}

/// Windows over the words of a text, each a stretch of it as it stands; over the tokens where there is no
/// text.
fn text<E: From<Error>>(example: &Example, fits: &mut Fits<'_, E>) -> Result<Vec<Chunk>, E> {
    let found = example.text.as_deref().map(words);
    let tokens = found.as_ref().map(|found| found.iter().map(|word| word.text.to_owned()).collect());
    let of_words = Example { tokens: tokens.unwrap_or_else(|| example.tokens.clone()), ..example.clone() };
    let stretch = |range: Range<usize>, number| {
        let mut stretch = part(&of_words, range.clone(), number);
        if let (Some(text), Some(found)) = (&example.text, &found) {
            let chars = char_span(found, range).unwrap_or_default();
            stretch.text = Some(text.chars().skip(chars.start).take(chars.len()).collect());
        }
        stretch
    };
    let windows = cut::windows(&of_words.tokens, &[], &mut |range| fits(&stretch(range, 0)));
    let ranges = windows.map_err(|stop| refusal(stop, example, &of_words.tokens))?;
    let chunk = |(number, range): (usize, Range<usize>)| Chunk {
        offset: range.start,
        example: stretch(range, number),
    };
    Ok(ranges.into_iter().enumerate().map(chunk).collect())
}

/// The largest chunks of a document that fit, of the usual size or halves of it.
fn smaller_chunks<E: From<Error>>(example: &Example, fits: &mut Fits<'_, E>) -> Result<Vec<Chunk>, E> {
    let mut chunking = Chunking::default();
    loop {
        let chunks = chunking.chunks(example);
        let mut too_long = None;
        for chunk in &chunks {
            if !fits(&chunk.example)? {
                too_long = Some(chunk.offset);
                break;
            }
        }
        match too_long {
            None => return Ok(chunks),
            Some(token) if chunking.size == 1 => {
                return Err(refusal(Stop::Token(token), example, &example.tokens));
            }
            Some(_) => chunking = Chunking { size: chunking.size / 2, overlap: chunking.overlap / 2 },
        }
    }
}

fn refusal<E: From<Error>>(stop: Stop<E>, example: &Example, tokens: &[String]) -> E {
    match stop {
        Stop::Caller(error) => error,
        Stop::Token(at) => {
            let shown: String = tokens[at].chars().take(SHOWN).collect();
            let more = if shown.len() < tokens[at].len() { "…" } else { "" };
            Error::Example(ExampleError::NoWindow {
                example: example.place(),
                part: format!("token {at} ({shown:?}{more})"),
            })
            .into()
        }
    }
}

#[cfg(test)]
mod tests;
