//! Predictions for new text, as a stream of JSON lines.

use burn::train::Interrupter;
use fishdip_tasks::read::ConllReader;
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::words::{char_span, words};
use fishdip_tasks::{Example, Origin};
use serde::Serialize;
use std::io::{BufRead, Write};
use std::ops::Range;
use std::path::Path;

use crate::Error;
use crate::adapted::AdaptedModel;
use crate::data::Problems;
use crate::event::Observer;

/// What the input looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputFormat {
    /// One text a line.
    Text,
    /// CoNLL columns; tags are not read. The text of a sentence is its tokens with single spaces.
    Conll,
}

/// One line of output.
#[derive(Clone, Debug, Serialize)]
struct Line {
    text: String,
    spans: Vec<Span>,
    relations: Vec<Span>,
}

/// A span of the text, in characters (Unicode scalar values).
#[derive(Clone, Debug, Serialize)]
struct Span {
    start: usize,
    end: usize,
    label: String,
    text: String,
    /// The model's probability of the span's markup.
    score: f64,
}

/// A text, the words the model sees, and where each stands.
struct Input {
    text: String,
    example: Example,
    chars: Vec<Range<usize>>,
}

/// What to read and what to write.
#[derive(Clone, Copy, Debug)]
pub struct PredictOptions<'a> {
    /// What the input looks like.
    pub format: InputFormat,
    /// What the input is called in messages.
    pub name: &'a Path,
    /// Spans less probable than this are left out.
    pub threshold: f64,
}

/// Reads `input`, writes one JSON line for each text or sentence to `output`, a batch at a time, and returns how many.
pub fn predict(
    adapted: &AdaptedModel,
    options: PredictOptions,
    input: impl BufRead,
    output: &mut dyn Write,
    interrupter: &Interrupter,
    observer: &mut dyn Observer,
) -> Result<usize, Error> {
    let PredictOptions { format, name, threshold } = options;
    let mut waiting: Vec<Input> = Vec::new();
    let mut count = 0;
    let batch_size = adapted.info.evaluation.batch_size;
    let mut each = |input: Option<Input>, waiting: &mut Vec<Input>| {
        let last = input.is_none();
        waiting.extend(input);
        if waiting.len() >= batch_size || last {
            count += waiting.len();
            flush(adapted, core::mem::take(waiting), threshold, output, interrupter, observer)?;
        }
        Ok::<(), Error>(())
    };
    match format {
        InputFormat::Text => {
            for (number, line) in input.lines().enumerate() {
                let text = line.map_err(|source| Error::Io { action: "read", path: name.into(), source })?;
                each(Some(from_text(text, Origin::new(name, number + 1))), &mut waiting)?;
            }
        }
        InputFormat::Conll => {
            for example in ConllReader::new(input, name, TagScheme::Unlabelled) {
                each(Some(from_tokens(example?)), &mut waiting)?;
            }
        }
    }
    each(None, &mut waiting)?;
    Ok(count)
}

fn from_text(text: String, origin: Origin) -> Input {
    let found = words(&text);
    let mut example = Example::new(found.iter().map(|w| w.text));
    example.origin = Some(origin);
    let chars = (0..found.len()).filter_map(|i| char_span(&found, i..i + 1)).collect();
    Input { text, example, chars }
}

fn from_tokens(example: Example) -> Input {
    let mut chars = Vec::with_capacity(example.tokens.len());
    let mut at = 0;
    for token in &example.tokens {
        let length = token.chars().count();
        chars.push(at..at + length);
        at += length + 1;
    }
    Input { text: example.tokens.join(" "), example, chars }
}

fn flush(
    adapted: &AdaptedModel,
    inputs: Vec<Input>,
    threshold: f64,
    output: &mut dyn Write,
    interrupter: &Interrupter,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    // A text without a word has no span; the model is not asked.
    let examples: Vec<Example> =
        inputs.iter().filter(|i| !i.chars.is_empty()).map(|i| i.example.clone()).collect();
    let mut problems = Problems::default();
    let mut predictions =
        adapted.predictor(interrupter).predict(&examples, &mut problems, &mut |_| {})?.into_iter();
    problems.tell(observer);
    for input in inputs {
        let prediction = if input.chars.is_empty() { None } else { predictions.next() };
        let spans = prediction.map_or_else(Vec::new, |p| {
            let scored = p.decoded.entities.into_iter().zip(p.scores);
            let kept = scored.filter(|(_, score)| *score >= threshold);
            kept.map(|(entity, score)| {
                let chars = input.chars[entity.start].start..input.chars[entity.end - 1].end;
                let text = input.text.chars().skip(chars.start).take(chars.len()).collect();
                Span { start: chars.start, end: chars.end, label: entity.label, text, score }
            })
            .collect()
        });
        let line = Line { text: input.text, spans, relations: Vec::new() };
        serde_json::to_writer(&mut *output, &line)
            .map_err(std::io::Error::from)
            .and_then(|()| output.write_all(b"\n"))
            .map_err(|source| Error::Io { action: "write", path: "the output".into(), source })?;
    }
    output.flush().map_err(|source| Error::Io { action: "write", path: "the output".into(), source })
}
