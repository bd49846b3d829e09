//! Predictions for new text, as a stream of JSON lines.

use burn::train::Interrupter;
use fishdip_tasks::read::{Format, ReadOptions};
use fishdip_tasks::tags::TagScheme;
use fishdip_tasks::words::{char_span, words};
use fishdip_tasks::{Belief, Example, FoundEntity, Origin, Quirks, TokenSpan};
use serde::Serialize;
use std::io::{BufRead, Write};
use std::ops::Range;
use std::path::Path;

use crate::Error;
use crate::adapted::AdaptedModel;
use crate::data::Problems;
use crate::evaluate::{Prediction, Predictor};
use crate::event::Observer;

/// What the input looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputFormat {
    /// One text a line.
    Text,
    /// A layout of data, whose annotations are not looked at but for what the task is asked about (a predicate, a pair of mentions, a
    /// trigger). The text of an example without one is its tokens with single spaces.
    Data(Format),
}

/// One line of output; a task has its own fields.
#[derive(Clone, Debug, Default, Serialize)]
struct Line {
    text: String,
    /// The model's probability of the whole output.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// Entities, slots, semantic roles or triggers.
    spans: Vec<Span>,
    relations: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    belief: Vec<Belief>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clusters: Vec<Vec<Place>>,
}

/// A stretch of the text, in characters (Unicode scalar values).
#[derive(Clone, Debug, Serialize)]
struct Place {
    start: usize,
    end: usize,
    text: String,
}

/// A relation between spans, or the role of an entity in an event.
#[derive(Clone, Debug, Serialize)]
struct Link {
    label: String,
    head: Place,
    tail: Place,
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
    input: impl BufRead + 'static,
    output: &mut dyn Write,
    interrupter: &Interrupter,
    observer: &mut dyn Observer,
) -> Result<usize, Error> {
    let PredictOptions { format, name, threshold } = options;
    let mut waiting: Vec<Input> = Vec::new();
    let mut count = 0;
    let batch_size = adapted.info.evaluation.batch_size;
    adapted.tell(observer);
    let predictor = adapted.predictor(interrupter)?;
    let mut each = |input: Option<Input>, waiting: &mut Vec<Input>| {
        // What came before one that is refused is still answered.
        let checked = match &input {
            Some(input) if !input.is_empty() => predictor.check(&input.example),
            _ => Ok(()),
        };
        let last = input.is_none() || checked.is_err();
        waiting.extend(input.filter(|_| checked.is_ok()));
        if waiting.len() >= batch_size || last {
            count += waiting.len();
            flush(&predictor, core::mem::take(waiting), threshold, output, observer)?;
        }
        checked
    };
    match format {
        InputFormat::Text => {
            for (number, line) in input.lines().enumerate() {
                let text = line.map_err(|source| Error::Io { action: "read", path: name.into(), source })?;
                each(Some(from_text(text, Origin::new(name, number + 1))), &mut waiting)?;
            }
        }
        InputFormat::Data(format) => {
            for example in
                format.read_from(input, name, &ReadOptions::new(TagScheme::Unlabelled, Quirks::NONE))?
            {
                let example = match example {
                    Ok(example) => example,
                    // What came before it is still answered.
                    Err(error) => {
                        each(None, &mut waiting)?;
                        return Err(error.into());
                    }
                };
                for instance in adapted.task.instances(&example) {
                    let (text, chars) = instance.chars();
                    each(Some(Input { text, example: instance, chars }), &mut waiting)?;
                }
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
    // What tasks that do not look at words read.
    (example.text, example.history) = (Some(text.clone()), Some(text.clone()));
    Input { text, example, chars }
}

impl Input {
    /// A text without a word; the model is not asked.
    fn is_empty(&self) -> bool {
        let texts = [self.text.as_str(), self.example.history.as_deref().unwrap_or_default()];
        self.chars.is_empty() && texts.iter().all(|text| text.trim().is_empty())
    }

    /// The tokens `start..end` as a stretch of the text.
    fn place(&self, start: usize, end: usize) -> Place {
        let (start, end) = (self.chars[start].start, self.chars[end - 1].end);
        Place { start, end, text: self.text.chars().skip(start).take(end - start).collect() }
    }

    fn line(self, prediction: Prediction, threshold: f64) -> Line {
        let Prediction { decoded, scores, probability } = prediction;
        let span = |(found, &score): (&FoundEntity, &f64)| {
            let Place { start, end, text } = self.place(found.start, found.end);
            Span { start, end, label: found.label.clone(), text, score }
        };
        let kept = decoded.spans().zip(&scores).filter(|(_, score)| **score >= threshold);
        let end = |found: &FoundEntity| self.place(found.start, found.end);
        let relations = decoded.relations.iter().map(|r| (&r.label, &r.head, &r.tail));
        let arguments = decoded.arguments.iter().map(|a| (&a.label, &a.entity, &a.trigger));
        let mention = |span: &TokenSpan| self.place(span.start, span.end);
        Line {
            score: Some(probability),
            spans: kept.map(span).collect(),
            relations: relations
                .chain(arguments)
                .map(|(label, head, tail)| Link { label: label.clone(), head: end(head), tail: end(tail) })
                .collect(),
            clusters: decoded.clusters.iter().map(|cluster| cluster.iter().map(mention).collect()).collect(),
            intent: decoded.intent,
            relation: decoded.relation,
            label: decoded.label,
            belief: decoded.belief,
            text: self.text,
        }
    }
}

fn flush(
    predictor: &Predictor<'_>,
    inputs: Vec<Input>,
    threshold: f64,
    output: &mut dyn Write,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let examples: Vec<Example> = inputs.iter().filter(|i| !i.is_empty()).map(|i| i.example.clone()).collect();
    let mut problems = Problems::default();
    let mut predictions = predictor.predict(&examples, &mut problems, &mut |_, _| {})?.into_iter();
    problems.tell(observer);
    for input in inputs {
        let prediction = if input.is_empty() { None } else { predictions.next() };
        let line = match prediction {
            Some(prediction) => input.line(prediction, threshold),
            None => Line { text: input.text, ..Line::default() },
        };
        serde_json::to_writer(&mut *output, &line)
            .map_err(std::io::Error::from)
            .and_then(|()| output.write_all(b"\n"))
            .map_err(|source| Error::Io { action: "write", path: "the output".into(), source })?;
    }
    output.flush().map_err(|source| Error::Io { action: "write", path: "the output".into(), source })
}
